//! A cache whose new side finds entries that it cannot read, or none.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Node, Plan, ResourceKind};

use super::context::does;
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0410",
        name: "cache-format-change-unhandled",
    },
    level: Level::Warning,
    summary: "a cache moves, and nothing empties it, fills it or gives it keys of its own",
    page: include_str!("../../rules/cache-format-change-unhandled.md"),
    check: Check::Plan(check),
};

/// What a cache can have done to it.
const HANDLED: &[&str] = &["cache.flush", "cache.version", "cache.warm"];

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let Node::Resource(id) = mover.node else {
            continue;
        };
        let cache = &context.inventory.resources[id];
        if cache.kind != ResourceKind::Cache || cache.holds_sessions || does(plan, mover, HANDLED) {
            continue;
        }
        let becomes = match &cache.becomes {
            Some(becomes) => format!(" and becomes `{becomes}`"),
            None => String::new(),
        };
        let finding = RULE
            .finding(
                context.move_span(mover.node),
                format!(
                    "`{}` moves by `{}`{becomes}, which neither empties it, nor fills it, nor gives the new side keys of its own",
                    cache.name, mover.pattern
                ),
            )
            .help("begin empty (`cache_flush`), fill it first (`cache_warm`), or keep the entries of both sides apart (`cache_version`)");
        findings.report_together(&mover.pattern, [&cache.name], finding);
    }
}
