//! Services that need one another through something nobody declared.

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_lang::{Code, Diagnostic, Level, Span};
use whimbrel_plan::{BatchId, CycleHop, Edge, EdgeKind, Node, Plan, ServiceId};

use super::bridging::Advice;
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
    let in_split = split.iter().flat_map(|part| part.component);
    let in_split: FxHashSet<ServiceId> = in_split.copied().collect();
    let mut open = open_cycles(context);
    open.retain(|cycle| {
        let services = &cycle.component;
        !services.iter().any(|id| in_split.contains(id))
            && has_hidden(&cycle.hops)
            && !writers_of_one_thing(&cycle.hops, services)
    });
    let apart = split.iter().map(|part| part.component.to_vec());
    let open_too = open.iter().map(|cycle| cycle.component.clone());
    let advice = Advice::about(context, apart.chain(open_too).collect());
    for (at, part) in split.iter().enumerate() {
        let note = format!("the batches {} split them", listed(&part.batches));
        let help = advice.help(at, Level::Error, &part.hops);
        let finding = told(context, Level::Error, &part.hops, part.component).help(help);
        findings.report(names(context, part.component), finding.note(note));
    }
    for (at, cycle) in open.iter().enumerate() {
        let help = advice.help(split.len() + at, RULE.level, &cycle.hops);
        let finding = told(context, RULE.level, &cycle.hops, &cycle.component).help(help);
        findings.report(names(context, &cycle.component), finding);
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
    let finding =
        Diagnostic::new(RULE.code, level, primary, message).here("a need that nobody declared");
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
