//! From checked objects to the plan: inventory, migration, patterns, steps.

pub(crate) mod alone;
pub(crate) mod batches;
pub(crate) mod bridges;
pub(crate) mod contradictions;
mod copies;
pub(crate) mod drivers;
pub(crate) mod inventory;
pub(crate) mod lower;
pub(crate) mod migration;
pub(crate) mod movers;
pub(crate) mod order;
pub(crate) mod patterns;
pub(crate) mod relations;
pub(crate) mod statics;
pub(crate) mod steps;
pub(crate) mod templates;
mod training;
pub(crate) mod values;
pub(crate) mod waits;
