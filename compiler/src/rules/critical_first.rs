//! Something critical that is the first to take the new way.

use rustc_hash::FxHashSet;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Mover, Node, Plan, ServiceId, Tier};

use super::context::listed;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0504",
        name: "critical-first",
    },
    level: Level::Warning,
    summary: "what is missed at once goes first",
    page: include_str!("../../rules/critical-first.md"),
    check: Check::Plan(check),
};

/// From how many services on a plan has something to try first, as batching has it.
pub(super) const ENOUGH: usize = 5;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(first) = first_service(context, plan) else {
        return;
    };
    let batch = first.batch;
    let in_it = |mover: &&Mover| mover.batch == batch && is_critical(context, mover.node);
    let critical: Vec<&str> = plan
        .movers
        .iter()
        .filter(in_it)
        .map(|mover| context.name(mover.node))
        .collect();
    if critical.is_empty() || !plan.batches[batch].handwritten {
        return;
    }
    let bound = bound(context);
    let services = plan.movers.iter().filter_map(service);
    let mut free = services.filter(|(mover, id)| {
        mover.batch != batch && !is_critical(context, mover.node) && !bound.contains(id)
    });
    let Some((free, _)) = free.next() else {
        return;
    };
    let name = plan.batches[batch].name.as_str();
    let finding = RULE
        .finding(
            context.origins.of(Entity::Batch(batch)),
            format!(
                "batch `{name}` is the first to move services, and {} of it {} critical",
                listed(&critical),
                if critical.len() == 1 { "is" } else { "are" }
            ),
        )
        .help(format!(
            "try the way with something that nobody misses for an hour: `{}` needs nothing that has not moved",
            context.name(free.node)
        ));
    findings.report([name].into_iter().chain(critical.iter().copied()), finding);
}

fn is_critical(context: &Context<'_>, node: Node) -> bool {
    matches!(node, Node::Service(id) if context.inventory.services[id].tier == Tier::Critical)
}

fn service(mover: &Mover) -> Option<(&Mover, ServiceId)> {
    match mover.node {
        Node::Service(id) => Some((mover, id)),
        Node::Resource(_) => None,
    }
}

/// The service that takes its first traffic on the new side before all others, at mean durations; none
/// in a plan of a few.
pub(super) fn first_service<'a>(context: &Context<'_>, plan: &'a Plan) -> Option<&'a Mover> {
    let schedule = context.schedule?;
    let services: Vec<&Mover> = plan
        .movers
        .iter()
        .filter_map(service)
        .map(|(mover, _)| mover)
        .collect();
    if services.len() < ENOUGH {
        return None;
    }
    let shifts = services
        .into_iter()
        .filter_map(|mover| Some((schedule.start(mover.first_shift?), mover)));
    shifts
        .min_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, mover)| mover)
}

/// The services that go after something that moves.
pub(super) fn bound(context: &Context<'_>) -> FxHashSet<ServiceId> {
    let edges = context.graph.edges.iter();
    let binding = edges.filter(|edge| edge.binding && context.moves(edge.to));
    binding
        .filter_map(|edge| match edge.from {
            Node::Service(id) => Some(id),
            Node::Resource(_) => None,
        })
        .collect()
}
