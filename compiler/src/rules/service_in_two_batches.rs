//! Something that two batches are to move.

use std::collections::BTreeMap;

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{BatchId, Node, Plan};

use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0508",
        name: "service-in-two-batches",
    },
    level: Level::Error,
    summary: "two batches are to move one thing",
    page: include_str!("../../rules/service-in-two-batches.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let mut first: BTreeMap<Node, BatchId> = BTreeMap::new();
    for (id, batch) in plan.batches.iter() {
        for member in batch.units.iter().flat_map(|unit| &unit.members) {
            let before = *first.entry(member.node).or_insert(id);
            if before == id {
                continue;
            }
            let name = context.name(member.node);
            let finding = RULE
                .finding(
                    context.origins.attribute(Entity::Batch(id), "members"),
                    format!(
                        "`{name}` is a member of batch `{}` and of batch `{}`",
                        plan.batches[before].name, batch.name
                    ),
                )
                .label(
                    context.origins.attribute(Entity::Batch(before), "members"),
                    "it moves here already",
                )
                .help("take it out of one of them: everything moves once");
            findings.report([name], finding);
        }
    }
}
