//! The command line as its users have it.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a helper of tests that run the real binary, which panics when a test fails"
)]

use std::path::PathBuf;
use std::process::Command;

/// The binary of this workspace, built as the sources are now.
#[must_use]
pub fn whimbrel() -> PathBuf {
    built("dev", "debug")
}

/// The same as it is released, for what takes long or is timed.
#[must_use]
pub fn released() -> PathBuf {
    built("release", "release")
}

fn built(profile: &str, folder: &str) -> PathBuf {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "--profile", profile])
        .args(["--package", "whimbrel", "--bin", "whimbrel"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success());
    let test = std::env::current_exe().unwrap();
    let target = test.ancestors().nth(3).unwrap();
    target.join(folder).join("whimbrel")
}
