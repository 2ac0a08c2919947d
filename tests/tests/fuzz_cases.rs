//! What the fuzzer found once stays found: the cases of `tests/corpus/fuzz/TARGET`, and every
//! other plan of the corpora, through the targets themselves.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read the repository's own files and fail by panicking"
)]

#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::path::{Path, PathBuf};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_the_fuzzer_found_stays_right() {
    let cases = files(&corpus().join("fuzz"));
    assert!(!cases.is_empty());
    for case in cases {
        let bytes = std::fs::read(&case).unwrap();
        println!("{}", case.display());
        targets::parse(&bytes);
        targets::format(&bytes);
        targets::compile(&bytes);
    }
}

#[test]
fn wrong_plans_pass_the_targets_too() {
    let plans = files(&corpus().join("err"));
    let plans = plans
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "mig"));
    for plan in plans {
        let bytes = std::fs::read(plan).unwrap();
        println!("{}", plan.display());
        targets::parse(&bytes);
        targets::format(&bytes);
        targets::compile(&bytes);
    }
}
