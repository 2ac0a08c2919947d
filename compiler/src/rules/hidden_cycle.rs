//! Services that need one another through something nobody declared.

use std::collections::{BTreeSet, HashMap};

use whimbrel_lang::{Code, Diagnostic, Level, Span};
use whimbrel_plan::{
    BatchId, CutEdge, CycleHop, Edge, EdgeKind, Node, Plan, ResourceKind, ServiceId,
};

use super::context::{batches, listed};
use super::{Check, Context, Findings, Rule};
use crate::analysis::cycles::{self, Found, binding_cycle};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0301",
        name: "hidden-cycle",
    },
    level: Level::Warning,
    summary: "services need one another through something nobody declared",
    page: include_str!("../../rules/hidden-cycle.md"),
    check: Check::Inventory(check),
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    let split = context
        .plan
        .map_or_else(Vec::new, |plan| split(context, plan));
    let mut told_already = BTreeSet::new();
    for part in &split {
        let note = format!("the batches {} split them", listed(&part.batches));
        let finding = told(context, Level::Error, &part.hops, part.component).note(note);
        findings.report(names(context, part.component), finding);
        told_already.extend(part.component.iter().copied());
    }
    for cycle in open_cycles(context) {
        let services = &cycle.component;
        let told_split = services.iter().any(|id| told_already.contains(id));
        if !told_split && has_hidden(&cycle.hops) && !writers_of_one_thing(&cycle.hops, services) {
            let finding = told(context, RULE.level, &cycle.hops, services);
            findings.report(names(context, services), finding);
        }
    }
}

/// A component and the cycle that shows it.
pub(super) struct OpenCycle {
    pub(super) component: Vec<ServiceId>,
    pub(super) hops: Vec<CycleHop>,
}

/// The cycles that nothing in the plan answers: no bridge lies across them, more than one of their
/// services moves, and no hand-written batch keeps those together.
pub(super) fn open_cycles(context: &Context<'_>) -> Vec<OpenCycle> {
    let graph = context.graph;
    let found = if graph.edges.iter().any(|edge| edge.bridge.is_some()) {
        let open = graph.edges.iter().filter(|edge| edge.bridge.is_none());
        let open: Vec<Edge> = open.cloned().collect();
        cycles::find(&open, context.inventory)
    } else {
        Found {
            components: graph.components.clone(),
            binding_components: Vec::new(),
            cycles: graph.cycles.clone(),
        }
    };
    let batch_of = context.plan.map(batches);
    let components = found.components;
    found
        .cycles
        .into_iter()
        .filter_map(|cycle| {
            let component = components.get(cycle.component)?.clone();
            let hops = cycle.hops;
            let open = match (context.plan, &batch_of) {
                (Some(plan), Some(batch_of)) => !is_answered(plan, batch_of, &component),
                _ => true,
            };
            open.then_some(OpenCycle { component, hops })
        })
        .collect()
}

fn is_answered(plan: &Plan, batch_of: &HashMap<Node, BatchId>, component: &[ServiceId]) -> bool {
    let moving: Vec<BatchId> = component
        .iter()
        .filter_map(|&id| batch_of.get(&Node::Service(id)).copied())
        .collect();
    let Some((first, rest)) = moving.split_first() else {
        return true;
    };
    let together = rest.iter().all(|batch| batch == first);
    rest.is_empty() || together && plan.batches[*first].handwritten
}

/// A binding component with a hidden hop that hand-written batches split.
pub(super) struct Split<'a> {
    /// Its services.
    pub(super) component: &'a [ServiceId],
    hops: Vec<CycleHop>,
    batches: Vec<&'a str>,
}

/// The binding components with a hidden hop that hand-written batches split.
pub(super) fn split<'a>(context: &'a Context<'_>, plan: &'a Plan) -> Vec<Split<'a>> {
    let batch_of = batches(plan);
    let components = context.graph.binding_components.iter();
    components
        .filter_map(|component| {
            let mut ids: Vec<BatchId> = component
                .iter()
                .filter_map(|&id| batch_of.get(&Node::Service(id)).copied())
                .filter(|&batch| plan.batches[batch].handwritten)
                .collect();
            ids.sort_unstable();
            ids.dedup();
            if ids.len() < 2 {
                return None;
            }
            let hops = binding_cycle(context.graph, context.inventory, component);
            has_hidden(&hops).then(|| Split {
                component,
                hops,
                batches: ids
                    .iter()
                    .map(|&id| plan.batches[id].name.as_str())
                    .collect(),
            })
        })
        .collect()
}

fn has_hidden(hops: &[CycleHop]) -> bool {
    hops.iter().any(|hop| hop.hidden)
}

/// Two writers of one table and nobody else: several-writers says all there is to say.
fn writers_of_one_thing(hops: &[CycleHop], services: &[ServiceId]) -> bool {
    let Some(first) = hops.first() else {
        return true;
    };
    services.len() == hops.len()
        && first.via.is_some()
        && hops
            .iter()
            .all(|hop| hop.via == first.via && hop.kind == EdgeKind::Write)
}

fn told(
    context: &Context<'_>,
    level: Level,
    hops: &[CycleHop],
    component: &[ServiceId],
) -> Diagnostic {
    let message = format!(
        "a hidden dependency makes {} a cycle",
        listed(&around(context, hops))
    );
    let hidden = hops.iter().find(|hop| hop.hidden);
    let primary = hidden
        .or(hops.first())
        .map_or_else(|| context.migration_span(), |hop| place(context, hop));
    let finding = Diagnostic::new(RULE.code, level, primary, message)
        .here("a need that nobody declared")
        .help(advice(context, level, component, hops));
    story(context, finding, hops, component)
}

/// The cycle hop by hop: a note with one line each, and labels where the facts are written.
pub(super) fn story(
    context: &Context<'_>,
    mut finding: Diagnostic,
    hops: &[CycleHop],
    component: &[ServiceId],
) -> Diagnostic {
    let lines: Vec<String> = hops.iter().map(|hop| context.told(hop)).collect();
    finding = finding.note(lines.join("\n"));
    let mut seen = vec![finding.primary.span];
    for hop in hops {
        for &fact in &hop.evidence {
            let span = context.relation_span(fact);
            if !seen.contains(&span) {
                seen.push(span);
                let from = context.service(context.inventory.relations[fact].from);
                let to = context.service(hop.to);
                let what = if from == to {
                    "the other side of it"
                } else {
                    "needs it"
                };
                finding = finding.label(span, format!("`{from}`: {what}"));
            }
        }
    }
    if component.len() > hops.len() {
        finding = finding.note(format!(
            "this is the shortest cycle of a component of {} services: {}",
            component.len(),
            listed(&names(context, component))
        ));
    }
    finding
}

/// Where a hop's first fact is written.
pub(super) fn place(context: &Context<'_>, hop: &CycleHop) -> Span {
    hop.evidence.first().map_or_else(
        || context.origins.of(Entity::Service(hop.from)),
        |&fact| context.relation_span(fact),
    )
}

/// The services of a cycle, in the order they are told.
pub(super) fn around<'a>(context: &'a Context<'_>, hops: &[CycleHop]) -> Vec<&'a str> {
    hops.iter().map(|hop| context.service(hop.from)).collect()
}

/// Names of services.
pub(super) fn names(context: &Context<'_>, services: &[ServiceId]) -> Vec<String> {
    services
        .iter()
        .map(|&id| context.service(id).to_owned())
        .collect()
}

/// What to do about a cycle: one batch, or the cheapest bridges as text to paste.
pub(super) fn advice(
    context: &Context<'_>,
    level: Level,
    component: &[ServiceId],
    hops: &[CycleHop],
) -> String {
    let inside: BTreeSet<ServiceId> = component.iter().copied().collect();
    let cut = context.graph.cuts.iter().find(|cut| {
        let bound = context.graph.binding_components.get(cut.component);
        bound.is_some_and(|bound| bound.iter().all(|id| inside.contains(id)))
    });
    let edges = match cut {
        Some(cut) => cut.edges.clone(),
        None => weakest(hops),
    };
    let bridges: Vec<String> = edges.iter().map(|edge| bridge(context, edge)).collect();
    let bridges = bridges.join("; ");
    match (cut, level) {
        (Some(_), Level::Error) => format!(
            "move them in one batch with `cutover = together`, or take the cheapest cut: `{bridges}`"
        ),
        (Some(_), _) => {
            format!("they move as one unit; to move them apart, take the cheapest cut: `{bridges}`")
        }
        (None, _) => format!(
            "no order follows from it, because not every hop binds; keep them in one batch, or bridge it: `{bridges}`"
        ),
    }
}

/// The hop to bridge where nothing binds: a hidden one before a declared one.
fn weakest(hops: &[CycleHop]) -> Vec<CutEdge> {
    let hop = hops.iter().find(|hop| hop.hidden).or(hops.last());
    hop.map(|hop| CutEdge {
        from: hop.from,
        to: hop.to,
        via: hop.via,
    })
    .into_iter()
    .collect()
}

/// A bridge over a cut edge, as plan text.
fn bridge(context: &Context<'_>, edge: &CutEdge) -> String {
    let (over, by) = match edge.via {
        Some(id) => {
            let resource = &context.inventory.resources[id];
            (resource.name.clone(), technique(resource.kind))
        }
        None => {
            let (from, to) = (context.service(edge.from), context.service(edge.to));
            (format!("{from} -> {to}"), "proxy")
        }
    };
    let name = over.replace(" -> ", "_").replace('.', "_");
    format!("bridge {name}_bridge {{ over = {over}; by = {by} }}")
}

/// What usually carries a resource of this kind.
pub(super) fn technique(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Topic | ResourceKind::Queue => "mirror",
        ResourceKind::Cache => "dual_write",
        ResourceKind::External => "proxy",
        _ => "cdc",
    }
}
