//! A batch in which nothing moves.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::Plan;

use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0507",
        name: "empty-batch",
    },
    level: Level::Warning,
    summary: "nothing moves in a batch",
    page: include_str!("../../rules/empty-batch.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for (id, batch) in plan.batches.iter() {
        if batch.units.iter().all(|unit| unit.members.is_empty()) {
            let finding = RULE
                .finding(
                    context.origins.of(Entity::Batch(id)),
                    format!("nothing moves in batch `{}`", batch.name),
                )
                .help("remove it, or give its members a `move`");
            findings.report([&batch.name], finding);
        }
    }
}
