//! The rules: one file and one page each.
//!
//! A rule looks at a finished plan (or, without a migration, at the inventory and its graph) and
//! reports findings. Its page `compiler/rules/NAME.md` is its documentation and its test.

use jiff::civil::Date;
use whimbrel_lang::{Code, Diagnostic, Level, Sources};
use whimbrel_plan::{Graph, Inventory, Plan};

use crate::origins::Origins;

/// What a rule may look at.
pub struct Context<'a> {
    /// What exists.
    pub inventory: &'a Inventory,
    /// How it hangs together.
    pub graph: &'a Graph,
    /// The whole plan; `None` when the text has no migration.
    pub plan: Option<&'a Plan>,
    /// Where everything is written.
    pub origins: &'a Origins,
    /// The texts.
    pub sources: &'a Sources,
    /// The day that ages are counted to.
    pub today: Date,
}

/// What a rule runs on.
#[derive(Clone, Copy)]
pub enum Check {
    /// Reported while parsing or compiling; the page only documents it.
    Compiler,
    /// The inventory and its graph, with or without a migration.
    Inventory(fn(&Context<'_>, &mut Vec<Diagnostic>)),
    /// A plan.
    Plan(fn(&Context<'_>, &Plan, &mut Vec<Diagnostic>)),
}

/// A rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its code and short name.
    pub code: Code,
    /// How bad a finding usually is.
    pub level: Level,
    /// One sentence.
    pub summary: &'static str,
    /// Its page, Markdown.
    pub page: &'static str,
    /// What it does.
    pub check: Check,
}
