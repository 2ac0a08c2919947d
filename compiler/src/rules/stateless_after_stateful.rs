//! State that comes to a platform before anything stateless has tried it.

use std::collections::BTreeMap;

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Mover, Node, Plan, PlatformId, ResourceKind, ServiceKind};

use super::critical_first::bound;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0510",
        name: "stateless-after-stateful",
    },
    level: Level::Warning,
    summary: "what keeps state is the first on a new platform",
    page: include_str!("../../rules/stateless-after-stateful.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let first = first_on_each(context, plan);
    if !first
        .values()
        .any(|(_, mover)| keeps_state(context, mover.node))
    {
        return;
    }
    let bound = bound(context);
    for (platform, (_, mover)) in first {
        let batch = &plan.batches[mover.batch];
        if !batch.handwritten || !keeps_state(context, mover.node) {
            continue;
        }
        let mut later = plan
            .movers
            .iter()
            .filter(|other| other.batch != mover.batch);
        let free = later.find(|other| {
            is_stateless(context, other.node)
                && goes_to(context, other.node) == Some(platform)
                && matches!(other.node, Node::Service(id) if !bound.contains(&id))
        });
        let Some(free) = free else {
            continue;
        };
        let name = context.name(mover.node);
        let finding = RULE
            .finding(
                context.origins.of(Entity::Batch(mover.batch)),
                format!(
                    "`{name}` keeps state and is the first to go to `{}`, before anything stateless has tried it",
                    context.inventory.platforms[platform].name
                ),
            )
            .help(format!(
                "stateless services go first and volumes last: `{}` needs nothing that has not moved",
                context.name(free.node)
            ));
        findings.report([name, batch.name.as_str()], finding);
    }
}

/// What is the first on each platform that is entered, and when, at mean durations.
fn first_on_each<'a>(
    context: &Context<'_>,
    plan: &'a Plan,
) -> BTreeMap<PlatformId, (f64, &'a Mover)> {
    let mut first: BTreeMap<PlatformId, (f64, &Mover)> = BTreeMap::new();
    let Some(schedule) = context.schedule else {
        return first;
    };
    for mover in &plan.movers {
        let Some(platform) = goes_to(context, mover.node) else {
            continue;
        };
        let at = schedule.start(mover.first_shift.unwrap_or(mover.cutover));
        let before = first.entry(platform).or_insert((at, mover));
        if at < before.0 {
            *before = (at, mover);
        }
    }
    first
}

fn goes_to(context: &Context<'_>, node: Node) -> Option<PlatformId> {
    match node {
        Node::Service(id) => context.inventory.services[id].to,
        Node::Resource(id) => context.inventory.resources[id].to,
    }
}

/// Services with state of their own, and volumes. A database goes before what reads it.
fn keeps_state(context: &Context<'_>, node: Node) -> bool {
    match node {
        Node::Service(id) => context.inventory.services[id].kind == ServiceKind::Stateful,
        Node::Resource(id) => context.inventory.resources[id].kind == ResourceKind::Volume,
    }
}

fn is_stateless(context: &Context<'_>, node: Node) -> bool {
    matches!(node, Node::Service(id) if context.inventory.services[id].kind == ServiceKind::Stateless)
}
