//! The compiler's pipeline as a reader of the language's specification sees it: plan text in, plan
//! and findings out. What is expected is derived from the specification, beside each case.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod batch_checklists;
mod batches;
mod bridges;
mod contradictions;
mod crowds;
mod executors;
mod fixes;
mod groups;
mod hash;
mod inventory;
mod lints;
mod measures;
mod modules;
mod names;
mod order;
mod patterns;
mod people;
mod reversal;
mod robustness;
mod scenarios;
mod steps;
mod support;
mod timeline;
mod training;
mod units;
