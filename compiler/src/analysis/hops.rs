//! Hops between services, told from the edges between nodes.
//!
//! A hop `a → b` is either
//! - one edge between the two services, with that edge's kind, hidden and binding flags and
//!   evidence; or
//! - two edges `a → resource → b` with a ≠ b. Its kind is that of the first edge (a *reads* what b
//!   writes; both *write* one table), its evidence that of the first and then of the second; it
//!   binds when both edges do, and is hidden unless a declares a call to b.
//!
//! An edge to an external, an `after` of a resource, and what was merely seen at a resource lead to
//! no service. Among binding hops a consumer is led on to the publishers only when it requires
//! order: the move of the topic itself may bind it too, but to the topic alone.
//!
//! Hops are made one service at a time. All of them together are quadratic in the users of a
//! resource, so searches walk [`Hops::steps`], which visits each edge once.

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use rustc_hash::FxHashSet;
use whimbrel_plan::{CycleHop, Edge, EdgeKind, Inventory, Node, ServiceId};

use super::nodes::{self, ByNode};

/// Which edges count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// All of them.
    All,
    /// Those that bind.
    Binding,
}

/// The edges by node, as far as they lead from service to service.
#[derive(Debug)]
pub struct Hops<'a> {
    leaving: ByNode<Vec<&'a Edge>>,
    arriving: ByNode<Vec<&'a Edge>>,
    declared: FxHashSet<(Node, Node)>,
}

/// Hops between the services of a graph with these edges, of one reading.
#[must_use]
pub fn service_hops<'a>(edges: &'a [Edge], inventory: &Inventory, reading: Reading) -> Hops<'a> {
    let mut leaving = ByNode::new(inventory, |_| Vec::new());
    let mut arriving = leaving.clone();
    let mut declared = FxHashSet::default();
    for edge in edges {
        if leads_on(edge, reading) {
            leaving[edge.from].push(edge);
            arriving[edge.to].push(edge);
        }
        if edge.kind == EdgeKind::Call {
            declared.insert((edge.from, edge.to));
        }
    }
    Hops {
        leaving,
        arriving,
        declared,
    }
}

fn leads_on(edge: &Edge, reading: Reading) -> bool {
    let couples = match (edge.from, edge.to, edge.kind) {
        (Node::Service(_), Node::Service(_), _) => true,
        (_, _, EdgeKind::Read | EdgeKind::Write) => true,
        (Node::Service(_), _, EdgeKind::Message) => reading == Reading::All || edge.ordered,
        (_, _, EdgeKind::Message) => true,
        _ => false,
    };
    couples && (reading == Reading::All || edge.binding)
}

impl<'a> Hops<'a> {
    /// The edges leaving `node` that lead to a service, at once or through a resource.
    #[must_use]
    pub fn steps(&self, node: Node) -> &[&'a Edge] {
        &self.leaving[node]
    }

    /// The edges arriving at `node` of those that lead to a service.
    #[must_use]
    pub fn steps_to(&self, node: Node) -> &[&'a Edge] {
        &self.arriving[node]
    }

    /// The hops that start at `from`, ordered by edge.
    pub fn from(&self, from: ServiceId) -> impl Iterator<Item = CycleHop> {
        let first = self.steps(Node::Service(from)).iter();
        first.flat_map(move |&edge| {
            let direct = self.hop(edge, None);
            let onward = self.steps(edge.to).iter();
            let through = onward.filter_map(move |&next| match edge.to {
                Node::Resource(_) => self.hop(edge, Some(next)),
                Node::Service(_) => None,
            });
            direct.into_iter().chain(through)
        })
    }

    /// The hop over `first`, and `second` where `first` ends at a resource; none when that is not
    /// a hop between two services.
    #[must_use]
    pub fn hop(&self, first: &Edge, second: Option<&Edge>) -> Option<CycleHop> {
        let last = second.unwrap_or(first);
        let (Node::Service(from), Node::Service(to)) = (first.from, last.to) else {
            return None;
        };
        let via = match first.to {
            Node::Resource(id) => Some(id),
            Node::Service(_) => None,
        };
        let mut evidence = first.evidence.clone();
        if let Some(second) = second {
            evidence.extend(&second.evidence);
        }
        (from != to).then(|| CycleHop {
            from,
            to,
            via,
            kind: first.kind,
            hidden: self.is_hidden(first.from, last),
            binding: first.binding && last.binding,
            evidence,
        })
    }

    /// Whether nobody declared the hop from `from` that ends with the edge `last`.
    #[must_use]
    pub fn is_hidden(&self, from: Node, last: &Edge) -> bool {
        last.hidden && !self.declared.contains(&(from, last.to))
    }
}

/// The strongly connected sets of nodes over the hops of one reading, each ascending; singletons
/// included.
#[must_use]
pub fn strong_sets(hops: &Hops<'_>, inventory: &Inventory) -> Vec<Vec<Node>> {
    let mut graph = DiGraph::<Node, ()>::new();
    let index = ByNode::new(inventory, |node| graph.add_node(node));
    for node in nodes::all(inventory) {
        for edge in hops.steps(node) {
            graph.add_edge(index[edge.from], index[edge.to], ());
        }
    }
    strong(&graph)
}

/// The strongly connected sets of a graph of nodes. Kosaraju's search keeps its own stack, so a
/// chain of thousands is safe.
pub(crate) fn strong<N: Copy + Ord>(graph: &DiGraph<N, ()>) -> Vec<Vec<N>> {
    kosaraju_scc(graph)
        .into_iter()
        .map(|set| {
            let mut set: Vec<N> = set.into_iter().map(|id: NodeIndex| graph[id]).collect();
            set.sort_unstable();
            set
        })
        .collect()
}
