//! A good cut of a large piece.
//!
//! Eades, Lin and Smyth: take what nothing is left to need to the front and what needs nothing left
//! to the back, and when neither exists what gives most more than it takes. Resources stand in the
//! order beside services. Near-linear in edges; giving back what is needless is bounded.

use std::collections::BTreeSet;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use rustc_hash::FxHashMap;
use whimbrel_plan::ServiceId;

use super::{Item, pieces};

/// Work on giving back: items tried times services and items there are.
const TRIES: usize = 200_000;

/// Stands for what cannot be bridged, well above any real cost and still summable.
const NEVER: f64 = 1e9;

/// The items of a good cut.
pub(super) fn cut(piece: &BTreeSet<ServiceId>, items: &[Item]) -> Vec<Item> {
    let place = order(piece, items);
    let cut: Vec<bool> = items.iter().map(|item| is_against(item, &place)).collect();
    give_back(piece, items, cut)
}

/// Whether a user of `item` goes before an owner other than itself. The first user decides, and
/// the last owner beside it.
fn is_against(item: &Item, place: &FxHashMap<ServiceId, usize>) -> bool {
    let at = |id: &&ServiceId| place.get(*id).copied().unwrap_or(0);
    let Some(first) = item.users.iter().min_by_key(at) else {
        return false;
    };
    let owners = item.owners.iter().filter(|owner| *owner != first);
    owners.map(|owner| at(&owner)).max() > Some(at(&first))
}

/// Cuts dear items only where it must: each, dearest first, is given back if that makes no circle.
fn give_back(piece: &BTreeSet<ServiceId>, items: &[Item], mut cut: Vec<bool>) -> Vec<Item> {
    let mut dearest: Vec<(usize, &Item)> = items.iter().enumerate().collect();
    dearest.retain(|(index, _)| cut.get(*index).copied().unwrap_or(false));
    dearest.sort_by(|(_, one), (_, other)| other.cost.total_cmp(&one.cost));
    let tries = TRIES / (piece.len() + items.len()).max(1);
    for (index, _) in dearest.into_iter().take(tries) {
        set(&mut cut, index, false);
        if !pieces(piece, chosen(items, &cut, false)).is_empty() {
            set(&mut cut, index, true);
        }
    }
    chosen(items, &cut, true).cloned().collect()
}

fn set(cut: &mut [bool], index: usize, value: bool) {
    if let Some(cut) = cut.get_mut(index) {
        *cut = value;
    }
}

fn chosen<'a>(items: &'a [Item], cut: &[bool], wanted: bool) -> impl Iterator<Item = &'a Item> {
    let marked = items.iter().zip(cut);
    marked
        .filter(move |(_, cut)| **cut == wanted)
        .map(|(item, _)| item)
}

/// A place for each service, needs first.
fn order(piece: &BTreeSet<ServiceId>, items: &[Item]) -> FxHashMap<ServiceId, usize> {
    let mut graph = DiGraph::<Option<ServiceId>, f64>::new();
    let index: FxHashMap<ServiceId, NodeIndex> = piece
        .iter()
        .map(|&id| (id, graph.add_node(Some(id))))
        .collect();
    for item in items {
        let cost = item.cost.min(NEVER);
        let ends = |ids: &BTreeSet<ServiceId>| -> Vec<NodeIndex> {
            ids.iter().filter_map(|id| index.get(id).copied()).collect()
        };
        let (users, owners) = (ends(&item.users), ends(&item.owners));
        if let ([user], [owner]) = (users.as_slice(), owners.as_slice()) {
            graph.add_edge(*user, *owner, cost);
            continue;
        }
        let middle = graph.add_node(None);
        for user in users {
            graph.add_edge(user, middle, cost);
        }
        for owner in owners {
            graph.add_edge(middle, owner, cost);
        }
    }
    // The sequence puts who needs before whom it needs; what goes first stands last in it.
    let sequence = Sequence::new(&graph).run();
    let services = sequence.into_iter().rev().filter_map(|node| graph[node]);
    services
        .enumerate()
        .map(|(place, id)| (id, place))
        .collect()
}

/// What a node gives and takes among those left.
#[derive(Clone, Copy, Default)]
struct Flow {
    gives: usize,
    takes: usize,
    /// Cost of what it gives less that of what it takes, in millionths, so that sums are exact.
    balance: i64,
}

struct Sequence<'a> {
    graph: &'a DiGraph<Option<ServiceId>, f64>,
    flow: FxHashMap<NodeIndex, Flow>,
    sinks: BTreeSet<NodeIndex>,
    sources: BTreeSet<NodeIndex>,
    by_balance: BTreeSet<(i64, NodeIndex)>,
}

impl<'a> Sequence<'a> {
    fn new(graph: &'a DiGraph<Option<ServiceId>, f64>) -> Self {
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
            let cost = millionths(*edge.weight());
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
                    Direction::Outgoing => (edge.target(), millionths(*edge.weight())),
                    Direction::Incoming => (edge.source(), -millionths(*edge.weight())),
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

#[expect(
    clippy::cast_possible_truncation,
    reason = "costs are far below nine trillion"
)]
fn millionths(cost: f64) -> i64 {
    (cost * 1e6) as i64
}
