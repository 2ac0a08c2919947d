//! Syntax tree to plan: modules, names, types, patterns, dependencies, rules, checklist, batches,
//! steps. Always returns what it could compile *and* what it found.

pub mod analysis;
pub mod origins;
pub mod rules;
pub mod schema;
