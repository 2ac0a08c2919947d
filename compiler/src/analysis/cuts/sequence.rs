//! A good order to start from: that of Eades, Lin and Smyth (1993), weighted.
//!
//! What nothing is left to need is taken to the front and what needs nothing left to the back, and
//! when neither exists what gives most more than it takes. Near-linear in the ends of couplings.

use std::collections::BTreeSet;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use rustc_hash::FxHashMap;
use whimbrel_plan::Arena;

use super::network::{CutMask, Network, Vertex};

/// Stands for what cannot be bridged, well above any real cost and still summable.
pub(super) const NEVER: f64 = 1e9;

/// A cost in millionths, so that sums are exact.
#[expect(
    clippy::cast_possible_truncation,
    reason = "costs are far below nine trillion"
)]
pub(super) fn millionths(cost: f64) -> i64 {
    (cost.min(NEVER) * 1e6) as i64
}

/// The services, needs first, as far as what is not cut allows it.
pub(super) fn sequence(network: &Network, cut: &CutMask) -> Vec<Vertex> {
    let mut graph = DiGraph::<Option<Vertex>, i64>::new();
    let index: Arena<Vertex, NodeIndex> = network
        .uses
        .ids()
        .map(|vertex| graph.add_node(Some(vertex)))
        .collect();
    for half in network.halves.values().filter(|half| !cut[half.coupling]) {
        let cost = millionths(network.couplings[half.coupling].cost);
        if let ([user], [owner]) = (half.users.as_slice(), half.owners.as_slice()) {
            graph.add_edge(index[*user], index[*owner], cost);
            continue;
        }
        let middle = graph.add_node(None);
        for &user in &half.users {
            graph.add_edge(index[user], middle, cost);
        }
        for &owner in &half.owners {
            graph.add_edge(middle, index[owner], cost);
        }
    }
    // The sequence puts who needs before whom it needs; what goes first stands last in it.
    let sequence = Sequence::new(&graph).run();
    let services = sequence.into_iter().rev();
    services.filter_map(|node| graph[node]).collect()
}

/// What a node gives and takes among those left.
#[derive(Clone, Copy, Default)]
struct Flow {
    gives: usize,
    takes: usize,
    /// Cost of what it gives less that of what it takes, in millionths.
    balance: i64,
}

struct Sequence<'a> {
    graph: &'a DiGraph<Option<Vertex>, i64>,
    flow: FxHashMap<NodeIndex, Flow>,
    sinks: BTreeSet<NodeIndex>,
    sources: BTreeSet<NodeIndex>,
    by_balance: BTreeSet<(i64, NodeIndex)>,
}

impl<'a> Sequence<'a> {
    fn new(graph: &'a DiGraph<Option<Vertex>, i64>) -> Self {
        let mut sequence = Self {
            graph,
            flow: graph
                .node_indices()
                .map(|node| (node, Flow::default()))
                .collect(),
            sinks: BTreeSet::new(),
            sources: BTreeSet::new(),
            by_balance: BTreeSet::new(),
        };
        for edge in graph.edge_references() {
            let cost = *edge.weight();
            if let Some(flow) = sequence.flow.get_mut(&edge.source()) {
                flow.gives += 1;
                flow.balance += cost;
            }
            if let Some(flow) = sequence.flow.get_mut(&edge.target()) {
                flow.takes += 1;
                flow.balance -= cost;
            }
        }
        for node in graph.node_indices() {
            sequence.enter(node);
        }
        sequence
    }

    fn enter(&mut self, node: NodeIndex) {
        let Some(flow) = self.flow.get(&node) else {
            return;
        };
        self.by_balance.insert((flow.balance, node));
        if flow.gives == 0 {
            self.sinks.insert(node);
        }
        if flow.takes == 0 {
            self.sources.insert(node);
        }
    }

    fn leave(&mut self, node: NodeIndex) {
        if let Some(flow) = self.flow.get(&node) {
            self.by_balance.remove(&(flow.balance, node));
        }
        self.sinks.remove(&node);
        self.sources.remove(&node);
    }

    fn run(mut self) -> Vec<NodeIndex> {
        let (mut front, mut back) = (Vec::new(), Vec::new());
        loop {
            if let Some(&node) = self.sinks.first() {
                self.take(node);
                back.push(node);
            } else if let Some(&node) = self.sources.first() {
                self.take(node);
                front.push(node);
            } else if let Some(&(_, node)) = self.by_balance.last() {
                self.take(node);
                front.push(node);
            } else {
                break;
            }
        }
        front.extend(back.into_iter().rev());
        front
    }

    /// Takes `node` out and tells its neighbours.
    fn take(&mut self, node: NodeIndex) {
        self.leave(node);
        self.flow.remove(&node);
        let graph = self.graph;
        for direction in [Direction::Outgoing, Direction::Incoming] {
            for edge in graph.edges_directed(node, direction) {
                let (other, cost) = match direction {
                    Direction::Outgoing => (edge.target(), *edge.weight()),
                    Direction::Incoming => (edge.source(), -*edge.weight()),
                };
                self.leave(other);
                if let Some(flow) = self.flow.get_mut(&other) {
                    flow.balance += cost;
                    match direction {
                        Direction::Outgoing => flow.takes -= 1,
                        Direction::Incoming => flow.gives -= 1,
                    }
                    self.enter(other);
                }
            }
        }
    }
}
