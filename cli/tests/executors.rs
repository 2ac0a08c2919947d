//! The project's own executors, as `check` tells of them: each file in `executors/err` is a folder
//! with one fault and what is said of it; those in `executors/ok` are silent.
//!
//! `TRYCMD=overwrite` writes down what is said now; read the difference.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start the program, read the cases and panic when they fail"
)]

mod common;

use std::path::{Path, PathBuf};

use common::{folder, whimbrel};

/// What a case without a plan of its own is about.
const PLAN: &str = "\
platform old { traffic = mine() }
platform new { }
migration all { from = old; to = new; start = 2027-01-11 }
pattern once() for service { step all { does = traffic.shift(service, to: 100%) } }
service shop { move = once() }
";

/// Findings that are about executors, of all that the plain plan is told.
const ABOUT: [&str; 6] = [" MG00", " MG01", " MG02", " MG1106", " MG0604", " MG17"];

fn cases(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/executors")
        .join(kind);
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
}

/// Parts of a case: the name after `--- ` and the lines below it.
fn parts(text: &str) -> Vec<(String, String)> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for line in text.split_inclusive('\n') {
        match line.strip_prefix("--- ") {
            Some(name) => parts.push((name.trim().to_owned(), String::new())),
            None => parts.last_mut().unwrap().1.push_str(line),
        }
    }
    parts
}

/// What `check` says of the executors of these files.
fn told(files: &[(&str, &[u8])]) -> String {
    let mut all = vec![("plan.mig", PLAN.as_bytes())];
    all.retain(|(name, _)| files.iter().all(|(given, _)| given != name));
    all.extend(files);
    let folder = folder(&all);
    let run = whimbrel(folder.path(), &["check", "--format", "plain"]);
    assert!(!run.err.contains("panicked"), "{}", run.err);
    let about = |line: &&str| ABOUT.iter().any(|code| line.contains(code));
    run.out.split_inclusive('\n').filter(about).collect()
}

/// What is wrong with a case of its own: what was to be said is not.
fn fault(path: &Path) -> Option<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut parts = parts(&text);
    let (last, wanted) = parts.pop().unwrap();
    assert_eq!(last, "told", "{}", path.display());
    let files: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_bytes()))
        .collect();
    let told = told(&files);
    if told == wanted {
        return None;
    }
    if std::env::var("TRYCMD").as_deref() == Ok("overwrite") {
        let kept = text.strip_suffix(wanted.as_str()).unwrap();
        std::fs::write(path, format!("{kept}{told}")).unwrap();
    }
    Some(format!("{}\nwanted\n{wanted}told\n{told}", path.display()))
}

#[test]
fn every_fault_is_told_where_it_is() {
    let cases = cases("err");
    assert!(cases.len() >= 40, "{}", cases.len());
    let faults: Vec<String> = cases.iter().filter_map(|path| fault(path)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for path in cases {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(
            !text.ends_with("--- told\n"),
            "{} says nothing",
            path.display()
        );
    }
}

#[test]
fn what_is_right_is_silent() {
    let faults: Vec<String> = cases("ok").iter().filter_map(|path| fault(path)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

const MINE: &[u8] =
    b"executor mine {\n  verified = run\n  verb traffic.shift { act = \"shift.sh.tera\" }\n}\n";

#[test]
fn what_is_no_text_is_told() {
    let template = "executors/mine/shift.sh.tera";
    let file = "executors/mine/executor.mig";
    let binary = [0xff, 0xfe, 0x00];
    assert!(
        told(&[(file, MINE), (template, &binary)])
            .starts_with(&format!("{template}:1:1: error MG0006"))
    );
    assert!(told(&[(file, &binary)]).starts_with(&format!("{file}:1:1: error MG0006")));
    let large = vec![b'#'; 9 << 20];
    assert!(
        told(&[(file, MINE), (template, &large)])
            .starts_with(&format!("{template}:1:1: error MG0005"))
    );
}

#[test]
fn a_link_out_of_the_project_is_not_followed() {
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("shift.sh.tera"), "true\n").unwrap();
    let folder = folder(&[
        ("plan.mig", PLAN.as_bytes()),
        ("executors/mine/executor.mig", MINE),
    ]);
    std::os::unix::fs::symlink(
        elsewhere.path().join("shift.sh.tera"),
        folder.path().join("executors/mine/shift.sh.tera"),
    )
    .unwrap();
    let run = whimbrel(folder.path(), &["check", "--format", "plain"]);
    assert!(
        run.out
            .contains("executors/mine/executor.mig:3:24: error MG0106"),
        "{}",
        run.out
    );
}

/// What `check` finds, `build` refuses, and leaves nothing behind.
#[test]
fn a_broken_template_is_not_built() {
    let folder = folder(&[
        ("plan.mig", PLAN.as_bytes()),
        ("executors/mine/executor.mig", MINE),
        ("executors/mine/shift.sh.tera", b"{{ settings.port }}\n"),
    ]);
    let run = whimbrel(folder.path(), &["build", "--out", "dist"]);
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(run.err.contains("MG1712"), "{}", run.err);
    assert!(!folder.path().join("dist").exists());
}
