//! Data of real systems and published instances. They are no part of the repository:
//! `WHIMBREL_REAL` names the folder that holds them.
#![expect(
    clippy::disallowed_methods,
    reason = "what is read stands outside the repository"
)]

use std::path::{Path, PathBuf};

/// The folder of all of it.
#[must_use]
pub fn folder() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/real");
    std::env::var_os("WHIMBREL_REAL").map_or_else(beside, PathBuf::from)
}

/// What a file says.
///
/// # Panics
/// When it is not there.
#[must_use]
#[expect(clippy::panic, reason = "for tests, which fail without the data")]
pub fn read(path: impl AsRef<Path>) -> String {
    let path = folder().join(path);
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; set WHIMBREL_REAL", path.display()))
}
