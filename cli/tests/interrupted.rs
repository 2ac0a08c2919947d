//! What a signal does to a run: the real program, and real signals.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start the program, write its files, and fail by panicking"
)]

mod common;

use std::io::Read as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use common::{files, folder, starter, whimbrel};
use serde_json::Value;
use tempfile::TempDir;

/// More trials than anybody waits for.
const ENDLESS: &str = "--trials=10000000";

fn start(folder: &Path, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_whimbrel"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, signal: &str) {
    let kill = Command::new("kill")
        .args([format!("-{signal}"), child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

/// Lets the program run for a while, sends it a signal, and waits for its end. The while is made
/// longer until `enough`: how long anything takes here is nobody's promise.
fn interrupted(
    folder: &Path,
    arguments: &[&str],
    name: &str,
    enough: impl Fn(&Output) -> bool,
) -> Output {
    let mut patience = Duration::from_millis(100);
    loop {
        let child = start(folder, arguments);
        std::thread::sleep(patience);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        if enough(&output) {
            return output;
        }
        patience = patience * 3 / 2;
        assert!(patience < Duration::from_secs(120), "{output:?}");
    }
}

/// The example of forty services.
fn forty_services() -> TempDir {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/forty-services");
    let found = files(&example);
    let found: Vec<(&str, &[u8])> = found
        .iter()
        .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
        .collect();
    folder(&found)
}

fn error(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn has_estimates(output: &Output) -> bool {
    !output.stdout.is_empty()
}

#[test]
fn an_interrupted_run_tells_what_is_done() {
    for name in ["INT", "TERM"] {
        let folder = starter();
        let arguments = ["simulate", ENDLESS, "--format=json"];
        let output = interrupted(folder.path(), &arguments, name, has_estimates);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let mut said: Value = serde_json::from_slice(&output.stdout).unwrap();
        let trials = said["trials"].as_u64().unwrap();
        assert_eq!(trials % 256, 0);
        assert_eq!(said["interrupted"], true);
        assert_eq!(said["trials_asked"], 10_000_000);
        let told = format!("interrupted after {trials} of 10000000 trials");
        assert!(error(&output).contains("MG1614"), "{output:?}");
        assert!(error(&output).contains(&told), "{output:?}");
        // They are the estimates of a run of so many trials.
        let again = format!("--trials={trials}");
        let again = whimbrel(folder.path(), &["simulate", &again, "--format=json"]);
        let mut whole: Value = serde_json::from_str(&again.out).unwrap();
        for document in [&mut said, &mut whole] {
            let fields = document.as_object_mut().unwrap();
            fields.remove("interrupted");
            fields.remove("trials_asked");
        }
        assert!(said == whole);
    }
}

#[test]
fn an_interrupted_comparison_tells_what_is_done_of_each() {
    let folder = starter();
    let arguments = ["compare", ENDLESS, "--format=json"];
    let output = interrupted(folder.path(), &arguments, "INT", has_estimates);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let trials = said["trials"].as_u64().unwrap();
    assert_eq!(said["interrupted"], true);
    assert_eq!(said["trials_asked"], 10_000_000);
    for variant in said["variants"].as_array().unwrap() {
        assert_eq!(variant["trials"], trials, "{variant}");
    }
    let told = format!("interrupted after {trials} of 10000000 trials of each of ");
    assert!(error(&output).contains("MG1614"), "{output:?}");
    assert!(error(&output).contains(&told), "{output:?}");
    let page = interrupted(folder.path(), &["compare", ENDLESS], "INT", has_estimates);
    let page = String::from_utf8(page.stdout).unwrap();
    let second = page.lines().nth(1).unwrap();
    assert!(second.starts_with("interrupted after "), "{page}");
    assert!(second.contains(" of 10,000,000 trials of each: "), "{page}");
}

#[test]
fn people_are_told_first_that_it_was_interrupted() {
    let folder = starter();
    let output = interrupted(folder.path(), &["simulate", ENDLESS], "INT", has_estimates);
    let page = String::from_utf8(output.stdout).unwrap();
    let second = page.lines().nth(1).unwrap();
    assert!(second.starts_with("interrupted after "), "{page}");
    assert_eq!(output.status.code(), Some(2));
}

/// Of forty services a block takes a while, even here.
#[test]
fn without_a_whole_block_there_are_no_estimates() {
    let folder = forty_services();
    let arguments = ["simulate", ENDLESS, "--threads=1"];
    let told = |output: &Output| error(output).contains("before its first 256 trials were done");
    let output = interrupted(folder.path(), &arguments, "INT", told);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(!has_estimates(&output), "{output:?}");
}

/// Nobody reads what it prints, and it is more than a pipe holds: interrupted, the program waits in
/// the middle of its estimates. There the next signal finds it.
#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = forty_services();
    let mut patience = Duration::from_millis(500);
    loop {
        let mut child = start(folder.path(), &["simulate", ENDLESS, "--format=json"]);
        std::thread::sleep(patience);
        signal(&child, "INT");
        let mut first = [0];
        let began = child.stdout.as_mut().unwrap().read(&mut first).unwrap();
        if began == 1 {
            // Well after what would still be the first.
            std::thread::sleep(Duration::from_secs(2));
            signal(&child, "INT");
            let status = child.wait().unwrap();
            assert_eq!(status.signal(), Some(2), "{status:?}");
            return;
        }
        child.wait().unwrap();
        patience *= 2;
        assert!(patience < Duration::from_secs(120));
    }
}

/// As `timeout` does: to the process, and to the group it is in.
#[test]
fn the_same_signal_twice_is_one() {
    let folder = starter();
    let arguments = ["simulate", ENDLESS, "--format=json"];
    let mut patience = Duration::from_millis(500);
    let output = loop {
        let child = start(folder.path(), &arguments);
        std::thread::sleep(patience);
        let twice = "kill -TERM $0; kill -TERM $0";
        let id = child.id().to_string();
        Command::new("sh")
            .args(["-c", twice, &id])
            .status()
            .unwrap();
        let output = child.wait_with_output().unwrap();
        if has_estimates(&output) {
            break output;
        }
        patience *= 2;
        assert!(patience < Duration::from_secs(60), "{output:?}");
    };
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(error(&output).contains("MG1614"), "{output:?}");
}

/// Part of a shard, or a runbook with the times of some trials, is of no use to anyone.
#[test]
fn an_interrupted_command_writes_no_files() {
    let folder = starter();
    let before = files(folder.path());
    let shard = ["simulate", ENDLESS, "--shard=1/2", "--out=1.shard"];
    let build = ["build", ENDLESS, "--out=dist"];
    for arguments in [&shard[..], &build] {
        let coded = |output: &Output| error(output).contains("MG1614");
        let output = interrupted(folder.path(), arguments, "INT", coded);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty(), "{output:?}");
        assert_eq!(files(folder.path()), before);
    }
}
