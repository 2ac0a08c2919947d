//! The program under test, and what it is given.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::report::Report;

/// How often a migration with chance in it is played through.
pub const TRIALS: u64 = 20_000;
/// One with nothing uncertain needs no more.
pub const FEW: u64 = 16;

/// Two platforms, a migration from the first to the second, and a pattern of one step `a`.
/// `migration` adds to what the migration says.
pub fn plan(migration: &str, rest: &str) -> String {
    format!(
        "platform old {{ }}
platform new {{ }}
migration m {{
  from = old; to = new
  {migration}
}}
pattern one() for service {{ step a {{ takes = 1d; cutover = true }} }}
{rest}
"
    )
}

/// `plan` from midnight on 2027-01-11, UTC.
pub fn from_january(rest: &str) -> String {
    plan("start = 2027-01-11", rest)
}

/// A service called `name` with one step that says `step`, in a batch of its own that starts once
/// the batches `after` are settled.
pub fn task(name: &str, step: &str, after: &str) -> String {
    format!(
        "service {name} {{ move = one(); step a {{ {step} }} }}
batch {name} {{ members = [{name}]; after = [{after}] }}
"
    )
}

/// What `whimbrel simulate` says of a plan, with the seed of all these tests.
pub fn simulate(plan: &str, trials: u64) -> Report {
    simulate_with_seed(plan, trials, 1)
}

/// The same with other random numbers.
pub fn simulate_with_seed(plan: &str, trials: u64, seed: u64) -> Report {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plan.mig"), plan).unwrap();
    let output = Command::new(program())
        .args(["simulate", "--format", "json", "--today", "2026-11-21"])
        .args(["--trials", &trials.to_string()])
        .args(["--seed", &seed.to_string()])
        .current_dir(folder.path())
        .output()
        .unwrap();
    // 1: an error stands that does not keep it from being simulated, such as a deadline nobody can meet.
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{plan}\n{}\n{}",
        String::from_utf8_lossy(&output.stderr),
        findings(folder.path()),
    );
    Report::new(&output.stdout, trials)
}

/// What `whimbrel check` says of a plan, each finding in a line.
pub fn check(plan: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("plan.mig"), plan).unwrap();
    findings(folder.path())
}

fn findings(folder: &Path) -> String {
    let mut check = Command::new(program());
    check.args(["check", "--format", "plain"]);
    let output = check.current_dir(folder).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// `whimbrel`, beside the folder of this test, built if it is missing or older than a source.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let test = std::env::current_exe().unwrap();
        let profile = test.ancestors().nth(2).unwrap();
        let program = profile.join(format!("whimbrel{}", std::env::consts::EXE_SUFFIX));
        if is_stale(&program) {
            build(profile);
        }
        program
    })
}

/// Cargo writes beside a program what it was made from. A run of the whole workspace has just
/// built it; asking Cargo again would build it a second time, with the features it has alone.
fn is_stale(program: &Path) -> bool {
    let modified = |path: &Path| fs::metadata(path).and_then(|data| data.modified()).ok();
    let (Some(built), Ok(sources)) = (
        modified(program),
        fs::read_to_string(program.with_extension("d")),
    ) else {
        return true;
    };
    let mut sources = sources.split_whitespace().skip(1);
    // A source that is gone left another that named it, and was changed.
    sources.any(|source| modified(Path::new(source)).is_some_and(|changed| changed > built))
}

fn build(profile: &Path) {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command.args(["build", "--quiet", "--package", "whimbrel", "--target-dir"]);
    command.arg(profile.parent().unwrap());
    if profile.file_name() == Some(OsStr::new("release")) {
        command.arg("--release");
    }
    let status = command.current_dir(env!("CARGO_MANIFEST_DIR")).status();
    assert!(status.unwrap().success(), "`whimbrel` does not build");
}
