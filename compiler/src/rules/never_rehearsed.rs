//! A rollback that nobody has tried.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Span as Length;
use jiff::civil::Date;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{BatchId, Node, Plan, Rehearsal, ResourceKind, Tier};

use super::context::listed;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0608",
        name: "never-rehearsed",
    },
    level: Level::Warning,
    summary: "no rehearsal shows that the rollback works",
    page: include_str!("../../rules/never-rehearsed.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    once(context, plan, findings);
    let mut told = false;
    for (index, rehearsal) in plan.rehearsals.iter().enumerate() {
        if rehearsal.date > context.today {
            told = true;
            let finding = RULE
                .finding(
                    context.origins.of(Entity::Rehearsal(index)),
                    format!(
                        "rehearsal `{}` is dated {}, which is still to come, so it shows nothing yet",
                        rehearsal.name, rehearsal.date
                    ),
                )
                .help("write it down when it has been held, with what it took");
            findings.report([&rehearsal.name], finding);
        }
    }
    let shown = plan.rehearsals.iter().any(|one| counts(one, context.today));
    let batches = at_stake(context, plan);
    if shown || told || batches.is_empty() {
        return;
    }
    let finding = RULE
        .finding(
            context.migration_span(),
            format!(
                "no rehearsal of the last year shows that {} can be rolled back",
                listed(&batches)
            ),
        )
        .help("try the rollback where it does no harm, and write it down: `rehearsal NAME { of = BATCH; on = ENVIRONMENT; date = …; took = …; passed = true }`");
    findings.report([&plan.migration.name], finding);
}

/// The first rehearsal of a database's cutover finds what is wrong, the second shows that it is mended.
fn once(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let mut held: BTreeMap<BatchId, Vec<usize>> = BTreeMap::new();
    for (index, rehearsal) in plan.rehearsals.iter().enumerate() {
        if is_recent(rehearsal, context.today) {
            held.entry(rehearsal.of).or_default().push(index);
        }
    }
    let stores = plan
        .movers
        .iter()
        .filter(|mover| is_datastore(context, mover.node));
    let stores: BTreeSet<BatchId> = stores.map(|mover| mover.batch).collect();
    for (batch, held) in held {
        let ([index], true) = (held.as_slice(), stores.contains(&batch)) else {
            continue;
        };
        let Some(rehearsal) = plan.rehearsals.get(*index).filter(|one| one.passed) else {
            continue;
        };
        let name = plan.batches[batch].name.as_str();
        let finding = RULE
            .finding(
                context.origins.of(Entity::Rehearsal(*index)),
                format!("a datastore moves in batch `{name}`, which was rehearsed only once"),
            )
            .help("rehearse the cutover of a database at least twice, and write down the second one, too");
        findings.report([rehearsal.name.as_str(), name], finding);
    }
}

/// Held, not longer than a year ago, and it worked.
fn counts(rehearsal: &Rehearsal, today: Date) -> bool {
    rehearsal.passed && is_recent(rehearsal, today)
}

fn is_recent(rehearsal: &Rehearsal, today: Date) -> bool {
    let year_ago = today.saturating_sub(Length::new().years(1));
    (year_ago..=today).contains(&rehearsal.date)
}

/// The hand-written batches in which something critical or a datastore moves; only what has a name
/// in the plan can be rehearsed under it.
fn at_stake<'a>(context: &Context<'_>, plan: &'a Plan) -> Vec<&'a str> {
    let batches = plan.batches.iter();
    batches
        .filter(|(_, batch)| batch.handwritten)
        .filter(|(id, _)| {
            let mut movers = plan.movers.iter().filter(|mover| mover.batch == *id);
            movers.any(|mover| is_at_stake(context, mover.node))
        })
        .map(|(_, batch)| batch.name.as_str())
        .collect()
}

fn is_at_stake(context: &Context<'_>, node: Node) -> bool {
    match node {
        Node::Service(id) => context.inventory.services[id].tier == Tier::Critical,
        Node::Resource(_) => is_datastore(context, node),
    }
}

fn is_datastore(context: &Context<'_>, node: Node) -> bool {
    matches!(node, Node::Resource(id) if context.inventory.resources[id].kind == ResourceKind::Datastore)
}
