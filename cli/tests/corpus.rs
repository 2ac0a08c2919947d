//! Wrong plans, one fault each, and what is said of them: `tests/corpus/err/GROUP/NAME.mig`, and
//! beside it `NAME.txt`, the whole message as a terminal shows it.
//!
//! `SNAPSHOTS=overwrite cargo test -p whimbrel --test corpus` writes the messages anew.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start the program, read the repository's files, and fail by panicking"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use snapbox::Assert;
use snapbox::data::{Data, DataFormat};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/err")
}

/// The plans of all groups, in the order of their names. What a group keeps in folders is for its
/// plans to import.
fn plans() -> Vec<PathBuf> {
    let entries = |folder: &Path| {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let groups = entries(&folder()).into_iter().filter(|path| path.is_dir());
    let all = groups.flat_map(|group| entries(&group));
    all.filter(|path| path.extension().is_some_and(|extension| extension == "mig"))
        .collect()
}

/// What `whimbrel check` shows of a plan.
fn message(plan: &Path) -> String {
    let run = Command::new(env!("CARGO_BIN_EXE_whimbrel"))
        .args(["check", "--today", "2026-11-21"])
        .arg(plan.file_name().unwrap())
        .current_dir(plan.parent().unwrap())
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    let text = String::from_utf8(run.stderr).unwrap() + &String::from_utf8(run.stdout).unwrap();
    format!("{text}exit code {}\n", run.status.code().unwrap())
}

/// Runs all plans, on as many threads as there are processors.
fn messages(plans: &[PathBuf]) -> Vec<String> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let share = plans.len().div_ceil(threads);
    std::thread::scope(|scope| {
        let runs: Vec<_> = plans
            .chunks(share)
            .map(|plans| scope.spawn(|| plans.iter().map(|plan| message(plan)).collect()))
            .collect();
        let parts = runs
            .into_iter()
            .map(|run| run.join().unwrap())
            .collect::<Vec<Vec<String>>>();
        parts.concat()
    })
}

/// How many errors a plan says that it has: `# expect 2: why`, one if it does not.
fn expected(plan: &Path) -> usize {
    let text = std::fs::read(plan).unwrap();
    let first = String::from_utf8_lossy(&text);
    let first = first.lines().next().unwrap_or_default();
    let Some(expected) = first.strip_prefix("# expect ") else {
        return 1;
    };
    let (count, why) = expected.split_once(": ").unwrap();
    assert!(!why.trim().is_empty(), "{}", plan.display());
    count.parse().unwrap()
}

#[test]
fn every_wrong_plan_gets_its_message_and_one_fault_is_one_error() {
    let plans = plans();
    assert!(plans.len() > 300, "{} plans", plans.len());
    let overwrite = std::env::var("SNAPSHOTS").is_ok_and(|action| action == "overwrite");
    let compare = Assert::new();
    let mut wrong = Vec::new();
    for (plan, message) in plans.iter().zip(messages(&plans)) {
        let headline = |line: &&str| line.starts_with("error ");
        let errors = message.lines().filter(headline).count();
        let name = plan.strip_prefix(folder()).unwrap().display().to_string();
        if errors != expected(plan) {
            wrong.push(format!("{name}: {errors} errors\n{message}"));
        }
        let beside = plan.with_extension("txt");
        if overwrite {
            std::fs::write(&beside, &message).unwrap();
        }
        let snapshot = Data::read_from(&beside, Some(DataFormat::Text)).raw();
        if let Err(difference) = compare.try_eq(Some(&name), message.into(), snapshot) {
            wrong.push(difference.to_string());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_message_has_its_plan() {
    let groups = std::fs::read_dir(folder()).unwrap();
    let files = groups.flat_map(|group| std::fs::read_dir(group.unwrap().path()).unwrap());
    for file in files {
        let path = file.unwrap().path();
        let message = path.extension().is_some_and(|extension| extension == "txt");
        assert!(
            !message || path.with_extension("mig").is_file(),
            "{}",
            path.display()
        );
    }
}
