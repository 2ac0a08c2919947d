//! The pages of the codes that no rule stands behind: there is one for each, and its example raises
//! it.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Codes that no command line raises for certain: the system must fail, or a program must call the
/// crates with what the command line never passes on.
const NOT_SHOWN: &[&str] = &[
    "output-failed",
    "no-trials",
    "too-many-trials",
    "transfer-diverges",
    "cyclic-steps",
    "impossible-calendar",
    "no-threads",
    "not-canonical",
    "plan-not-written",
    "missing-template",
    "outside-output",
    "written-twice",
    "other-plan",
    "missing-executor",
    "circular-steps",
    "unmeasured",
];

/// All pages, in order of their names.
pub fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("codes");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// (code, name) of every code, in order of the names.
fn codes() -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_whimbrel"))
        .args(["rules", "--format", "json"])
        .output()
        .unwrap();
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |row: &Value, key: &str| row.get(key).and_then(Value::as_str).unwrap().to_owned();
    let rows = json.get("other_codes").and_then(Value::as_array);
    let rows = rows.into_iter().flatten();
    let mut codes: Vec<_> = rows
        .map(|row| (text(row, "code"), text(row, "name")))
        .collect();
    codes.sort_by(|one, next| one.1.cmp(&next.1));
    codes
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let stem = |path: &PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let pages: Vec<String> = pages().iter().map(stem).collect();
    let names: Vec<String> = codes().into_iter().map(|(_, name)| name).collect();
    assert_eq!(pages, names);
}

#[test]
fn every_page_says_what_it_means_shows_it_and_says_what_to_do() {
    for ((code, name), path) in codes().iter().zip(pages()) {
        let page = std::fs::read_to_string(path).unwrap();
        assert!(
            page.starts_with(&format!("# {code} {name}\n\n## What\n")),
            "{name} has another title"
        );
        let headings = page.lines().filter_map(|line| line.strip_prefix("## "));
        let headings: Vec<&str> = headings.collect();
        if NOT_SHOWN.contains(&name.as_str()) {
            assert_eq!(headings, ["What", "What to do"], "{name}");
            continue;
        }
        assert_eq!(headings, ["What", "Example", "What to do"], "{name}");
        // What is printed has the code: where it is found in a plan, behind the place.
        let console = page.split("\n```console\n").skip(1);
        let printed = console.flat_map(|block| block.lines().take_while(|line| *line != "```"));
        let told = |line: &str| !line.starts_with("$ ") && line.contains(code.as_str());
        assert!(printed.into_iter().any(told), "{name} does not show {code}");
    }
}
