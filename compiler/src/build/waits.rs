//! `after` between services and resources: an order without a dependency, and the circles it can
//! make with itself and with what binds.

use std::collections::VecDeque;

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_lang::{Diagnostic, Span};
use whimbrel_plan::{Graph, Inventory, Node};

use super::inventory::Built;
use crate::analysis::batching::units::Units;
use crate::codes;

/// One name in an `after`.
#[derive(Clone, Copy)]
pub(crate) struct Wait {
    /// Who waits.
    pub from: Node,
    /// For whom.
    pub to: Node,
    span: Span,
}

/// All waits, by who waits.
pub(crate) fn waits(built: &Built<'_>) -> Vec<Wait> {
    let services = built.inventory.services.ids().map(Node::Service);
    let resources = built.inventory.resources.ids().map(Node::Resource);
    let mut out = Vec::new();
    for from in services.chain(resources) {
        let Some(object) = built.object(from) else {
            continue;
        };
        let before = object.references("after").iter();
        out.extend(before.filter_map(|name| {
            let to = built.ids.node(name)?;
            let span = name.span;
            Some(Wait { from, to, span })
        }));
    }
    out
}

/// Takes out the waits that can never end, and tells of each circle once. What binds needs the
/// same, so a wait whose ends are one unit in `graph` is in a circle.
pub(crate) fn take_out_circles(
    waits: &mut Vec<Wait>,
    inventory: &Inventory,
    graph: &Graph,
    found: &mut Vec<Diagnostic>,
) {
    let movers: Vec<Node> = crate::analysis::nodes::all(inventory)
        .filter(|node| crate::analysis::nodes::moves(inventory, *node))
        .collect();
    let units = Units::new(inventory, graph, &movers);
    let mut told = FxHashSet::default();
    waits.retain(|wait| {
        let unit = units.unit_of(wait.from);
        let circle = wait.from == wait.to || unit.is_some() && unit == units.unit_of(wait.to);
        let new = unit.is_none_or(|unit| told.insert(unit));
        if circle && new {
            found.push(impossible(wait, inventory, graph));
        }
        !circle
    });
}

fn impossible(wait: &Wait, inventory: &Inventory, graph: &Graph) -> Diagnostic {
    let name = |node: Node| match node {
        Node::Service(id) => inventory.services[id].name.as_str(),
        Node::Resource(id) => inventory.resources[id].name.as_str(),
    };
    let (from, to) = (name(wait.from), name(wait.to));
    if wait.from == wait.to {
        let message = format!("`{from}` comes after itself");
        return Diagnostic::error(codes::IMPOSSIBLE_ORDER, wait.span, message)
            .help(format!("take `{from}` out of its own `after`"));
    }
    let mut circle = vec![from];
    circle.extend(way(wait.to, wait.from, graph).into_iter().map(name));
    Diagnostic::error(
        codes::IMPOSSIBLE_ORDER,
        wait.span,
        format!("`{from}` comes after `{to}`, and `{to}` waits for `{from}`"),
    )
    .note(circle.join(" → "))
    .help("take one `after` out of the circle, or bridge one of the needs")
}

/// A shortest way along what binds.
fn way(from: Node, to: Node, graph: &Graph) -> Vec<Node> {
    let mut next: FxHashMap<Node, Vec<Node>> = FxHashMap::default();
    for edge in graph.edges.iter().filter(|edge| edge.binding) {
        next.entry(edge.from).or_default().push(edge.to);
    }
    let mut before: FxHashMap<Node, Node> = FxHashMap::from_iter([(from, from)]);
    let mut open = VecDeque::from([from]);
    while let Some(at) = open.pop_front() {
        for &node in next.get(&at).map_or(&[][..], Vec::as_slice) {
            before.entry(node).or_insert_with(|| {
                open.push_back(node);
                at
            });
        }
    }
    let mut out = vec![to];
    let mut at = to;
    while let Some(&node) = before.get(&at).filter(|node| **node != at) {
        out.push(node);
        at = node;
    }
    out.reverse();
    out
}
