//! Syntax tree to plan: modules, names, types, patterns, dependencies, rules, checklist, batches,
//! steps. Always returns what it could compile *and* what it found.

pub mod analysis;
mod bridge_text;
mod build;
mod check;
mod codes;
mod compile;
pub mod difference;
mod executors;
pub mod explain;
mod fixes;
mod follow_ups;
mod groups;
mod lint;
mod measures;
mod modules;
pub mod origins;
mod pipeline;
pub mod plan_text;
pub mod rules;
mod scenario;
pub mod schema;
mod top;
mod uses;
mod walk;

pub use bridge_text::bridge_texts;
pub use compile::{Compilation, Options, compile, compile_without_rules};
pub use executors::{OwnExecutor, OwnTemplate};
pub use modules::{Provider, ReadError};

/// The JSON schema of the compiled plan.
#[must_use]
pub fn plan_schema() -> serde_json::Value {
    schemars::schema_for!(whimbrel_plan::Plan).to_value()
}
