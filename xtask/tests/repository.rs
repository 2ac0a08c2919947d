//! The repository keeps its shape, and its generated files are fresh.

use xtask::{files, generate, tidy};

#[test]
fn the_repository_is_tidy() {
    let faults = tidy::faults(&files::root());
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn generated_files_are_fresh() {
    let stale = generate::stale(&files::root());
    assert!(stale.is_empty(), "{stale:#?}");
}
