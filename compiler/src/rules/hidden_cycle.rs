//! Services that need one another through something nobody declared.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_lang::{Code, Diagnostic, Level, Span};
use whimbrel_plan::{
    BatchId, CutEdge, CycleHop, Edge, EdgeKind, Node, Plan, ResourceId, ResourceKind, ServiceId,
};

use super::context::{batches, listed};
use super::{Check, Context, Findings, Rule};
use crate::analysis::cuts::{self, EXACT_UP_TO};
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

fn is_answered(plan: &Plan, batch_of: &FxHashMap<Node, BatchId>, component: &[ServiceId]) -> bool {
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
    let bound = hops.iter().all(|hop| hop.binding);
    let together = match (bound, level) {
        (true, Level::Error) => "move them in one batch with `cutover = together`",
        (true, _) => "they move as one unit",
        (false, _) => {
            "no order follows from it, because not every hop binds: keep them in one batch"
        }
    };
    let cut = cut(context, component, hops);
    if cut.is_empty() {
        return together.to_owned();
    }
    let bridges: Vec<String> = cut.iter().map(|edge| bridge(context, edge)).collect();
    format!(
        "{together}, or take the cheapest cut: `{}`",
        bridges.join("; ")
    )
}

/// The cheapest bridges that leave no cycle among the component's services; of a component too
/// large for a list anyone would paste, those that break the cycle told.
fn cut(context: &Context<'_>, component: &[ServiceId], hops: &[CycleHop]) -> Vec<CutEdge> {
    if component.len() <= EXACT_UP_TO {
        return cheapest(context, context.graph.edges.iter(), component);
    }
    let on_cycle: FxHashSet<(Node, Node)> = hops.iter().flat_map(edges_of).collect();
    let edges = context.graph.edges.iter();
    let around: Vec<ServiceId> = hops.iter().map(|hop| hop.from).collect();
    cheapest(
        context,
        edges.filter(|edge| on_cycle.contains(&(edge.from, edge.to))),
        &around,
    )
}

/// The ends of a hop's edges: one, or two that meet at a resource.
fn edges_of(hop: &CycleHop) -> Vec<(Node, Node)> {
    let (from, to) = (Node::Service(hop.from), Node::Service(hop.to));
    match hop.via.map(Node::Resource) {
        Some(via) => vec![(from, via), (via, to)],
        None => vec![(from, to)],
    }
}

/// The cheapest cut of the cycles that `edges` make among `services`, loose edges weighed like
/// binding ones: a cycle is told over both.
fn cheapest<'a>(
    context: &Context<'_>,
    edges: impl Iterator<Item = &'a Edge>,
    services: &[ServiceId],
) -> Vec<CutEdge> {
    let inside: FxHashSet<ServiceId> = services.iter().copied().collect();
    let stays_inside = |node: Node| match node {
        Node::Service(id) => inside.contains(&id),
        Node::Resource(_) => true,
    };
    let edges: Vec<Edge> = edges
        .filter(|edge| edge.bridge.is_none() && stays_inside(edge.from) && stays_inside(edge.to))
        .map(|edge| Edge {
            binding: true,
            ordered: true,
            ..edge.clone()
        })
        .collect();
    let cuts = cuts::rank(&edges, context.inventory, &[services.to_vec()]);
    cuts.into_iter().flat_map(|cut| cut.edges).collect()
}

/// A bridge over a cut edge, as plan text.
fn bridge(context: &Context<'_>, edge: &CutEdge) -> String {
    let (over, by) = match edge.via {
        Some(id) => (context.resource(id).to_owned(), carrier(context, id)),
        None => {
            let (from, to) = (context.service(edge.from), context.service(edge.to));
            (format!("{} -> {}", written(from), written(to)), "proxy")
        }
    };
    let name = over.replace(" -> ", "_").replace('"', "").replace('.', "_");
    format!("bridge {name}_bridge {{ over = {over}; by = {by} }}")
}

/// A service's name where it is referred to: a dot would lead inside.
fn written(name: &str) -> String {
    let plain = name
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "_-".contains(letter));
    if plain {
        name.to_owned()
    } else {
        format!("\"{name}\"")
    }
}

/// What carries a resource: dual writes where it has two writers, since change capture goes one way.
pub(super) fn carrier(context: &Context<'_>, id: ResourceId) -> &'static str {
    let is_write = |edge: &&Edge| edge.kind == EdgeKind::Write && edge.to == Node::Resource(id);
    let writers: FxHashSet<Node> = context
        .graph
        .edges
        .iter()
        .filter(is_write)
        .map(|edge| edge.from)
        .collect();
    match technique(context.inventory.resources[id].kind) {
        "cdc" if writers.len() > 1 => "dual_write",
        technique => technique,
    }
}

/// What usually carries a resource of this kind.
fn technique(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::Topic | ResourceKind::Queue => "mirror",
        ResourceKind::Cache => "dual_write",
        ResourceKind::External => "proxy",
        _ => "cdc",
    }
}
