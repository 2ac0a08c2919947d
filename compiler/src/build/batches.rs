//! Hand-written batches.

use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_lang::Diagnostic;
use whimbrel_plan::{Arena, Batch, BatchId, BatchMode, CutoverMode, Graph, Node, Unit};

use super::inventory::Built;
use super::movers::MoverDraft;
use crate::analysis::batching::units::Units;
use crate::analysis::batching::{in_order, order_units_in_batch};
use crate::analysis::hops::strong;
use crate::check::object::Object;
use crate::check::typed::Typed;
use crate::codes;
use crate::origins::{Entity, Origins};
use crate::top::Top;

/// The batches the plan writes, in its order; what no batch names stands in a last one of its own
/// that is not hand-written, for the rules to find.
pub(crate) fn handwritten<'a>(
    top: &'a Top,
    built: &Built<'_>,
    graph: &Graph,
    movers: &[MoverDraft],
    origins: &mut Origins<'a>,
    found: &mut Vec<Diagnostic>,
) -> Arena<BatchId, Batch> {
    let objects: Vec<&'a Object> = top.of("batch").collect();
    let movers: Vec<Node> = movers.iter().map(|mover| mover.node).collect();
    let moving: FxHashSet<Node> = movers.iter().copied().collect();
    let named: FxHashSet<Node> = objects
        .iter()
        .flat_map(|object| object.references("members"))
        .filter_map(|reference| built.ids.node(reference))
        .collect();
    let units = Units::new(&built.inventory, graph, &movers);
    let unnamed = movers.iter().filter(|node| !named.contains(node));
    let rest: Vec<Node> = unnamed.copied().collect();
    let mut batches = Arena::default();
    let mut remaining: Option<&Object> = None;
    for object in &objects {
        let nodes = if matches!(object.get("members"), Some(Typed::Remaining)) {
            if let Some(first) = remaining {
                found.push(
                    Diagnostic::error(
                        codes::DUPLICATE_NAME,
                        object.place("members"),
                        "only one batch can take what remains",
                    )
                    .label(first.place("members"), "this one does already")
                    .help("name the members of one of them"),
                );
                continue;
            }
            remaining = Some(object);
            // Nobody wrote an order, and only what goes one after another has one.
            if object.choice("mode") == Some("parallel") {
                rest.clone()
            } else {
                in_order(&rest, &built.inventory, graph)
            }
        } else {
            members(object, built, &moving, found)
        };
        let units = order_units_in_batch(&nodes, &built.inventory, &units);
        let mut batch = batch(object, units);
        cannot_wait(object, &mut batch, found);
        let id = batches.push(batch);
        origins.remember(Entity::Batch(id), object);
    }
    after(&objects, &mut batches, found);
    if remaining.is_none() && !rest.is_empty() {
        let last = batches.ids().next_back();
        let rest = in_order(&rest, &built.inventory, graph);
        let units = order_units_in_batch(&rest, &built.inventory, &units);
        batches.push(Batch {
            name: "unassigned".to_owned(),
            doc: None,
            mode: BatchMode::Sequential,
            at_once: None,
            isolate: false,
            cutover: CutoverMode::Each,
            after: last.into_iter().collect(),
            units,
            handwritten: false,
        });
    }
    batches
}

fn members(
    object: &Object,
    built: &Built<'_>,
    moving: &FxHashSet<Node>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Node> {
    let mut out = Vec::new();
    for reference in object.references("members") {
        let Some(node) = built.ids.node(reference) else {
            continue;
        };
        if moving.contains(&node) {
            out.push(node);
        } else if built
            .object(node)
            .is_some_and(|object| object.get("move").is_none())
        {
            found.push(
                Diagnostic::error(
                    codes::MISSING_ATTRIBUTE,
                    reference.span,
                    format!("`{}` is in a batch, but has no `move`", reference.name),
                )
                .help(format!(
                    "give `{}` a `move`, such as `move = strangler_fig()`, or take it out",
                    reference.name
                )),
            );
        }
    }
    out
}

fn batch(object: &Object, units: Vec<Unit>) -> Batch {
    let parallel = object.choice("mode") == Some("parallel");
    Batch {
        name: object.name().to_owned(),
        doc: object.doc.clone(),
        mode: if parallel {
            BatchMode::Parallel
        } else {
            BatchMode::Sequential
        },
        at_once: object.whole("at_once"),
        isolate: object.choice("isolate") == Some("flags"),
        cutover: match object.choice("cutover") {
            Some("together") => CutoverMode::Together,
            Some("each") => CutoverMode::Each,
            _ if parallel => CutoverMode::Together,
            _ => CutoverMode::Each,
        },
        after: Vec::new(),
        units,
        handwritten: true,
    }
}

/// Units that go one after another cannot wait for each other before they cut over.
fn cannot_wait(object: &Object, batch: &mut Batch, found: &mut Vec<Diagnostic>) {
    let sequential = batch.mode == BatchMode::Sequential && batch.units.len() > 1;
    if sequential && batch.cutover == CutoverMode::Together {
        found.push(
            Diagnostic::error(
                codes::IMPOSSIBLE_ORDER,
                object.place("cutover"),
                "units that go one after another cannot cut over together",
            )
            .help("write `mode = parallel`, or `cutover = each`"),
        );
        batch.cutover = CutoverMode::Each;
    }
}

/// A batch without `after` follows the one written before it.
fn after(objects: &[&Object], batches: &mut Arena<BatchId, Batch>, found: &mut Vec<Diagnostic>) {
    let mut ids: FxHashMap<String, BatchId> = FxHashMap::default();
    for (id, batch) in batches.iter() {
        ids.entry(batch.name.clone()).or_insert(id);
    }
    let id_of = |name: &str| ids.get(name).copied();
    let mut before = None;
    for object in objects {
        let Some(id) = id_of(object.name()) else {
            continue;
        };
        let given = match object.get("after") {
            Some(Typed::References(references)) => references
                .iter()
                .filter_map(|reference| id_of(&reference.name))
                .collect(),
            _ => Vec::from_iter(before),
        };
        batches[id].after = given;
        before = Some(id);
    }
    while let Some(circle) = circle(batches) {
        let span = objects
            .iter()
            .find(|object| object.name() == batches[circle].name)
            .map(|object| object.place("after"));
        if let Some(span) = span {
            found.push(
                Diagnostic::error(
                    codes::IMPOSSIBLE_ORDER,
                    span,
                    format!("the batch `{}` comes after itself", batches[circle].name),
                )
                .help("take one `after` out of the circle"),
            );
        }
        // The plan goes on without the order that cannot be.
        batches[circle].after.clear();
    }
}

/// The first batch that comes after itself.
fn circle(batches: &Arena<BatchId, Batch>) -> Option<BatchId> {
    let mut graph = DiGraph::new();
    let nodes: Arena<BatchId, NodeIndex> = batches.ids().map(|id| graph.add_node(id)).collect();
    for (id, batch) in batches.iter() {
        for &before in &batch.after {
            graph.add_edge(nodes[id], nodes[before], ());
        }
    }
    let sets = strong(&graph).into_iter();
    let circles = sets.filter(|set| match set.as_slice() {
        [one] => batches[*one].after.contains(one),
        _ => true,
    });
    circles.flatten().min()
}
