//! A way that many services take at once before one has tried it.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{BatchMode, Node, Plan, Tier};

use super::context::counted;
use super::critical_first::first_service;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0505",
        name: "no-pilot",
    },
    level: Level::Warning,
    summary: "many services move at once before one has",
    page: include_str!("../../rules/no-pilot.md"),
    check: Check::Plan(check),
};

/// How many units side by side are more than a try.
const MANY: usize = 3;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(first) = first_service(context, plan) else {
        return;
    };
    let batch = &plan.batches[first.batch];
    let at_once = batch.at_once.and_then(|most| usize::try_from(most).ok());
    let units = batch.units.len().min(at_once.unwrap_or(usize::MAX));
    if !batch.handwritten || batch.mode != BatchMode::Parallel || units < MANY {
        return;
    }
    // What is critical and goes first is another rule's.
    let members = batch.units.iter().flat_map(|unit| &unit.members);
    let critical = members.map(|member| member.node).any(|node| {
        matches!(node, Node::Service(id) if context.inventory.services[id].tier == Tier::Critical)
    });
    if critical {
        return;
    }
    let finding = RULE
        .finding(
            context.origins.of(Entity::Batch(first.batch)),
            format!(
                "batch `{}` is the first to move services, and {} of it go side by side",
                batch.name,
                counted(units, "unit")
            ),
        )
        .help(format!(
            "let one that is supporting and stateless go before them: `batch pilot {{ members = [{}] }}`",
            context.name(first.node)
        ));
    findings.report([batch.name.as_str()], finding);
}
