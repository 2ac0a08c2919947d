//! `fmt`, as editors and CI run it.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start the program and fail by panicking"
)]

mod common;

use std::io::Write as _;
use std::process::{Command, Stdio};

use common::{folder, whimbrel};

const LOOSE: &str = "team   shop {engineers=3} # us\n";
const LAID_OUT: &str = "team shop { engineers = 3 }  # us\n";

/// Runs `whimbrel` with `input` on its standard input.
fn with_input(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut run = Command::new(env!("CARGO_BIN_EXE_whimbrel"))
        .args(arguments)
        .env("NO_COLOR", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = run.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = run.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn standard_input_is_laid_out_to_standard_output() {
    for text in [LOOSE, LAID_OUT] {
        let (code, out, err) = with_input(&["fmt", "-"], text);
        assert_eq!((code, out.as_str(), err.as_str()), (Some(0), LAID_OUT, ""));
    }
}

#[test]
fn broken_input_writes_nothing_back() {
    let (code, out, err) = with_input(&["fmt", "-"], "team = = 1\n");
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(
        err.contains("MG0001") && err.contains("<stdin>:1:8"),
        "{err}"
    );
}

#[test]
fn checked_input_shows_what_would_change() {
    let (code, out, _) = with_input(&["fmt", "--check", "-"], LOOSE);
    assert_eq!(code, Some(1));
    let expected = format!("--- a/<stdin>\n+++ b/<stdin>\n@@ -1 +1 @@\n-{LOOSE}+{LAID_OUT}");
    assert_eq!(out, expected);
    let (code, out, _) = with_input(&["fmt", "--check", "-"], LAID_OUT);
    assert_eq!((code, out.as_str()), (Some(0), ""));
}

#[test]
fn the_difference_names_each_file_and_has_colour_where_it_is_wanted() {
    let loose = LOOSE.as_bytes();
    let folder = folder(&[
        ("a.mig", loose),
        ("in/b.mig", loose),
        ("c.mig", LAID_OUT.as_bytes()),
    ]);
    let run = whimbrel(folder.path(), &["fmt", "--check"]);
    assert_eq!(run.code, Some(1));
    let heads: Vec<&str> = run
        .out
        .lines()
        .filter(|line| line.starts_with("+++"))
        .collect();
    assert_eq!(heads, ["+++ b/a.mig", "+++ b/in/b.mig"]);
    assert!(!run.out.contains('\u{1b}'), "{}", run.out);
    let run = whimbrel(
        folder.path(),
        &["--color", "always", "fmt", "--check", "a.mig"],
    );
    assert!(run.out.contains("\u{1b}[32m+team shop"), "{}", run.out);
    let kept = std::fs::read(folder.path().join("a.mig")).unwrap();
    assert_eq!(kept, loose);
}
