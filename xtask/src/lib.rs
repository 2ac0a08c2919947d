//! Chores of the repository: proofs of its shape (`tidy`) and generated files (`gen`,
//! `verification`).
//!
//! A library beside the binary, so that both also run as tests.

pub mod files;
pub mod generate;
pub mod grammar;
pub mod highlight;
pub mod links;
pub mod tidy;
pub mod verification;
