//! Nodes that nearly everything needs and that make one component of what would fall apart without
//! them: a name service, an identity provider, a bus with one topic.
//!
//! Whoever is needed by all and needs nobody is in no component. Such a node glues one together
//! only by what it needs itself, and often that could wait or is not so.

use petgraph::graph::DiGraph;
use rustc_hash::FxHashMap;
use whimbrel_plan::{Edge, EdgeKind, Inventory, Need, Node, ResourceKind};

use super::hops::strong;
use super::nodes::{ByNode, name};

/// The fewest services of a component that anybody would call a heap.
pub const LEAST: usize = 5;

/// How many nodes of a component are tried, those that most services need first.
const TRIED: usize = 8;

/// A node without which its component falls apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Hub<'a> {
    /// The node.
    pub node: Node,
    /// How many services the component has.
    pub services: usize,
    /// How many of them need the node.
    pub needing: usize,
    /// How many are left in the largest component without it; 1 is none.
    pub left: usize,
    /// What it needs in the component itself: of a service its own needs, of a resource the way on
    /// to those who write it.
    pub back: Vec<&'a Edge>,
}

/// A component: its nodes, and the edges among them.
#[derive(Default)]
struct Component<'a> {
    nodes: Vec<Node>,
    edges: Vec<&'a Edge>,
}

/// At most one for each component, in the order of their nodes. The components are those of hard
/// needs that no bridge carries, over services and what they share.
#[must_use]
pub fn hubs<'a>(edges: &'a [Edge], inventory: &Inventory) -> Vec<Hub<'a>> {
    let hard: Vec<&Edge> = edges.iter().filter(|edge| couples(edge)).collect();
    let mut place = ByNode::new(inventory, |_| None);
    let mut components: Vec<Component<'a>> = Vec::new();
    for nodes in sets(&hard, inventory) {
        if services(&nodes) >= LEAST {
            nodes
                .iter()
                .for_each(|&node| place[node] = Some(components.len()));
            let edges = Vec::new();
            components.push(Component { nodes, edges });
        }
    }
    // How many services need a node of their own component.
    let mut users = ByNode::new(inventory, |_| 0_usize);
    let mut before = None;
    for edge in hard {
        let Some(at) = place[edge.from].filter(|_| place[edge.from] == place[edge.to]) else {
            continue;
        };
        // Edges are ordered, so those of one pair follow one another.
        let again = before.replace((edge.from, edge.to)) == Some((edge.from, edge.to));
        users[edge.to] += usize::from(!again && matches!(edge.from, Node::Service(_)));
        if let Some(component) = components.get_mut(at) {
            component.edges.push(edge);
        }
    }
    let found = components.iter();
    let found = found.filter_map(|component| hub(component, &users, inventory));
    let mut hubs: Vec<Hub<'a>> = found.collect();
    hubs.sort_by_key(|hub| hub.node);
    hubs
}

/// Whether an edge couples what it joins so that a soft need would not have sufficed.
fn couples(edge: &Edge) -> bool {
    let hard = edge.need == Need::Hard || matches!(edge.from, Node::Resource(_));
    let leads = !matches!(edge.kind, EdgeKind::External | EdgeKind::Order);
    let seen_at_resource = edge.kind == EdgeKind::Seen && matches!(edge.to, Node::Resource(_));
    // Consumers wait for messages, however they are needed.
    (hard || edge.kind == EdgeKind::Message) && leads && !seen_at_resource && edge.bridge.is_none()
}

fn services(nodes: &[Node]) -> usize {
    let services = nodes.iter().filter(|node| matches!(node, Node::Service(_)));
    services.count()
}

/// The strongly connected sets of nodes.
fn sets(edges: &[&Edge], inventory: &Inventory) -> Vec<Vec<Node>> {
    let mut graph = DiGraph::<Node, ()>::new();
    let index = ByNode::new(inventory, |node| graph.add_node(node));
    for edge in edges {
        graph.add_edge(index[edge.from], index[edge.to], ());
    }
    strong(&graph)
}

/// The node that breaks up the component most; the one most needed, then the first, of equals.
fn hub<'a>(
    component: &Component<'a>,
    users: &ByNode<usize>,
    inventory: &Inventory,
) -> Option<Hub<'a>> {
    let count = services(&component.nodes);
    let nodes = component.nodes.iter().copied();
    let mut needed: Vec<(usize, Node)> = nodes
        .filter(|&node| {
            let others = count - usize::from(matches!(node, Node::Service(_)));
            users[node] * 2 >= others && may_be_false(inventory, node)
        })
        .map(|node| (users[node], node))
        .collect();
    needed.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    let tried = needed.into_iter().take(TRIED);
    let hubs = tried.filter_map(|(needing, node)| {
        let back = component.edges.iter().filter(|edge| edge.from == node);
        let back: Vec<&Edge> = back.copied().collect();
        // A service that needs nearly as many as need it is a centre, and no mistake.
        if matches!(node, Node::Service(_)) && back.len() * 2 > needing {
            return None;
        }
        let left = largest_without(node, component);
        (left * 2 <= count).then_some(Hub {
            node,
            services: count,
            needing,
            left,
            back,
        })
    });
    hubs.min_by(|one, other| {
        let key = |hub: &Hub<'_>| (hub.left, usize::MAX - hub.needing);
        let names = || name(inventory, one.node).cmp(name(inventory, other.node));
        key(one).cmp(&key(other)).then_with(names)
    })
}

/// What is shared on purpose is no mistake: rows of one table.
fn may_be_false(inventory: &Inventory, node: Node) -> bool {
    match node {
        Node::Service(_) => true,
        Node::Resource(id) => inventory.resources[id].kind != ResourceKind::Table,
    }
}

/// How many services the largest component has without `hub`.
fn largest_without(hub: Node, component: &Component<'_>) -> usize {
    let mut graph = DiGraph::<Node, ()>::new();
    let nodes = component.nodes.iter().filter(|node| **node != hub);
    let index: FxHashMap<Node, _> = nodes.map(|&node| (node, graph.add_node(node))).collect();
    for edge in &component.edges {
        if let (Some(from), Some(to)) = (index.get(&edge.from), index.get(&edge.to)) {
            graph.add_edge(*from, *to, ());
        }
    }
    let sets = strong(&graph);
    let sizes = sets.iter().map(|set| services(set));
    sizes.max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
