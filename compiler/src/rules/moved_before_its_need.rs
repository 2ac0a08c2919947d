//! Something that a hand-written batch moves before what it needs.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{BatchId, Edge, EdgeKind, Node, Plan, ServiceId};

use super::bridging::bridge;
use super::context::{batches, entity};
use super::hidden_cycle::split;
use super::{Check, Context, Findings, Rule};
use crate::analysis::batching::conditions::{Violation, ViolationKind, conditions};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0502",
        name: "moved-before-its-need",
    },
    level: Level::Error,
    summary: "a batch moves something before what it needs",
    page: include_str!("../../rules/moved-before-its-need.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let batches = batches(plan);
    let split: Vec<BTreeSet<ServiceId>> = split(context, plan)
        .iter()
        .map(|part| part.component.iter().copied().collect())
        .collect();
    let mut told = BTreeSet::new();
    for broken in conditions(context.inventory, context.graph, &plan.batches) {
        let Some(edge) = context.graph.edges.get(broken.edge) else {
            continue;
        };
        let elsewhere = is_told_elsewhere(context, &broken, edge, &split);
        let here = broken.kind == ViolationKind::MovedBeforeNeed
            && plan.batches[broken.batch].handwritten
            && !elsewhere;
        if here && told.insert((broken.from, broken.to)) {
            let finding = told_of(context, plan, &broken, edge, &batches);
            findings.report(
                [context.name(broken.from), context.name(broken.to)],
                finding,
            );
        }
    }
}

/// A split cycle, an ordered consumer and a call without a link have rules of their own.
fn is_told_elsewhere(
    context: &Context<'_>,
    broken: &Violation,
    edge: &Edge,
    split: &[BTreeSet<ServiceId>],
) -> bool {
    let in_split = match (broken.from, broken.to) {
        (Node::Service(from), Node::Service(to)) => split
            .iter()
            .any(|part| part.contains(&from) && part.contains(&to)),
        _ => false,
    };
    let ordered = edge.kind == EdgeKind::Message && edge.ordered;
    let unlinked = edge.kind == EdgeKind::Call && !context.inventory.links.is_empty();
    in_split || ordered || unlinked
}

fn told_of(
    context: &Context<'_>,
    plan: &Plan,
    broken: &Violation,
    edge: &Edge,
    batches: &FxHashMap<Node, BatchId>,
) -> Diagnostic {
    let (from, to) = (context.name(broken.from), context.name(broken.to));
    let later = batches.get(&broken.to).copied();
    let place = &plan.batches[broken.batch].name;
    let when = match later {
        Some(later) if later != broken.batch => format!(
            "`{from}` moves in batch `{place}`, before `{to}` in batch `{}`",
            plan.batches[later].name
        ),
        _ => format!("`{from}` moves before `{to}` in batch `{place}`"),
    };
    let span = context
        .origins
        .attribute(Entity::Batch(broken.batch), "members");
    let mut finding = RULE
        .finding(span, format!("{when}, and {}", need(context, broken, edge)))
        .help(format!(
            "move `{to}` first, or bridge what lies between: `{}`",
            bridge(context, edge)
        ));
    if let Some(&fact) = edge.evidence.first() {
        finding = finding.label(context.relation_span(fact), "the need");
    }
    if let Some(later) = later.filter(|later| *later != broken.batch) {
        finding = finding.label(
            context.origins.of(Entity::Batch(later)),
            format!("`{to}` moves here"),
        );
    } else {
        finding = finding.label(context.origins.of(entity(broken.to)), format!("`{to}`"));
    }
    finding
}

/// What the needing side does with what it needs.
pub(super) fn need(context: &Context<'_>, broken: &Violation, edge: &Edge) -> String {
    let (to, over) = (context.name(broken.to), context.name(edge.to));
    let through = if edge.to == broken.to {
        String::new()
    } else if edge.kind == EdgeKind::Message {
        format!(", to which `{to}` publishes")
    } else {
        format!(", which `{to}` writes")
    };
    let verb = match edge.kind {
        EdgeKind::Call => "calls",
        EdgeKind::Read | EdgeKind::Write if context.is_use(edge.evidence.first()) => "uses",
        EdgeKind::Read => "reads",
        EdgeKind::Write => "writes",
        EdgeKind::Message => "consumes",
        EdgeKind::Pin => "uses the written-down address of",
        EdgeKind::Seen => "was seen calling",
        EdgeKind::External => "uses",
        EdgeKind::Order => "goes after",
    };
    format!("{verb} `{over}`{through}")
}
