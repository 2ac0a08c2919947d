//! Generated scripts against shellcheck, shfmt and bash.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test runs real tools on real files, and panics when it fails"
)]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::{everything, write};

/// Every shell file of a hand-off.
fn shell_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if is_shell(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn is_shell(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.starts_with("#!/usr/bin/env bash") || path.extension().is_some_and(|end| end == "sh")
}

fn passes(tool: &str, arguments: &[&str], files: &[PathBuf]) {
    let output = Command::new(tool)
        .args(arguments)
        .args(files)
        .output()
        .expect(tool);
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{tool}: {said}{errors}");
}

#[test]
fn scripts_are_clean_and_stable() {
    let folder = tempfile::tempdir().unwrap();
    write(&everything("orders").generate(), folder.path());
    let files = shell_files(folder.path());
    assert!(files.len() > 100);
    passes("shellcheck", &["--external-sources"], &files);
    passes("shfmt", &["-i", "2", "-ci", "-bn", "-d"], &files);
}
