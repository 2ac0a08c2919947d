//! Something that moves and stands in no hand-written batch.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::Plan;

use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0509",
        name: "service-in-none",
    },
    level: Level::Error,
    summary: "no batch moves something that has a move",
    page: include_str!("../../rules/service-in-none.md"),
    check: Check::Plan(check),
};

/// Where the plan writes its batches, what they leave over stands in one the compiler added.
fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    if !plan.batches.values().any(|batch| batch.handwritten) {
        return;
    }
    let left = plan.batches.values().filter(|batch| !batch.handwritten);
    for member in left
        .flat_map(|batch| &batch.units)
        .flat_map(|unit| &unit.members)
    {
        let name = context.name(member.node);
        let finding = RULE
            .finding(
                context.move_span(member.node),
                format!("`{name}` moves, and no batch names it"),
            )
            .help(format!(
                "add `{name}` to the `members` of a batch, or write a last one: \
                 `batch rest {{ members = remaining }}`"
            ));
        findings.report([name], finding);
    }
}
