//! The standard library: every pattern and every reference class, from its text through every stage.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "tests read the repository's own files and fail by panicking"
)]

mod classes;
mod load_test;
mod patterns;
mod support;
mod violations;
