//! The conditions batches must meet, however they came about: generated ones meet them all, hand-
//! written ones are checked by them.
//!
//! - *moved before its need*: a thing is bound to another that is settled neither in an earlier
//!   batch (by `after`, over any number of batches) nor by an earlier unit of the same sequential
//!   batch.
//! - *cross dependency*: two units that go side by side have a binding edge, or a hard one without
//!   a bridge, between them. [`whimbrel_plan::Edge::binding`] of the violation's edge tells which.
//!
//! A need through a shared resource is told once for each use of it, with one of the writers it
//! fails on.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use whimbrel_plan::{
    Arena, Batch, BatchId, BatchMode, Edge, EdgeKind, Graph, Inventory, Need, Node,
};

use super::super::nodes::{self, ByNode};
use super::is_dependency;

/// Which condition is not met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ViolationKind {
    /// Side by side with what it depends on.
    CrossDependency,
    /// Before what it is bound to.
    MovedBeforeNeed,
}

/// A condition that is not met.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Which.
    pub kind: ViolationKind,
    /// Who needs.
    pub from: Node,
    /// Whom.
    pub to: Node,
    /// The batch of `from`.
    pub batch: BatchId,
    /// Index into [`Graph::edges`]: the edge, or the first of the two through a resource.
    pub edge: usize,
}

/// Where a mover stands.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    batch: BatchId,
    unit: usize,
}

/// Checks `batches`. What is in none of them, or does not move, breaks no condition here; of
/// something in several the first counts.
#[must_use]
pub fn conditions(
    inventory: &Inventory,
    graph: &Graph,
    batches: &Arena<BatchId, Batch>,
) -> Vec<Violation> {
    let check = Check {
        places: places(inventory, batches),
        batches,
        before: Before::new(batches),
    };
    let mut violations = check.direct(graph);
    violations.extend(check.shared(graph));
    violations.sort_unstable();
    violations
}

fn places(inventory: &Inventory, batches: &Arena<BatchId, Batch>) -> ByNode<Option<Place>> {
    let mut named: FxHashMap<Node, Place> = FxHashMap::default();
    for (batch, content) in batches.iter() {
        for (unit, members) in content.units.iter().enumerate() {
            for member in &members.members {
                let place = Place { batch, unit };
                named.entry(member.node).or_insert(place);
            }
        }
    }
    ByNode::new(inventory, |node| match node {
        Node::Service(_) => named.get(&node).copied(),
        Node::Resource(id) => {
            nodes::enclosing(inventory, id).find_map(|id| named.get(&Node::Resource(id)).copied())
        }
    })
}

struct Check<'a> {
    places: ByNode<Option<Place>>,
    batches: &'a Arena<BatchId, Batch>,
    before: Before,
}

impl Check<'_> {
    /// Edges between two movers.
    fn direct(&self, graph: &Graph) -> Vec<Violation> {
        let mut violations = Vec::new();
        for (index, edge) in graph.edges.iter().enumerate() {
            let back = matches!((edge.from, edge.to), (Node::Resource(_), Node::Service(_)));
            if back && is_dependency(edge.kind) {
                continue;
            }
            let places = (self.places[edge.from], self.places[edge.to]);
            if let (Some(from), Some(to)) = places
                && let Some(kind) = self.broken(edge, from, to)
            {
                violations.push(Violation {
                    kind,
                    from: edge.from,
                    to: edge.to,
                    batch: from.batch,
                    edge: index,
                });
            }
        }
        violations
    }

    fn broken(&self, edge: &Edge, from: Place, to: Place) -> Option<ViolationKind> {
        if from == to {
            return None;
        }
        if from.batch == to.batch && self.side_by_side(from.batch) {
            let hard = edge.need == Need::Hard && edge.bridge.is_none();
            return (edge.binding || hard).then_some(ViolationKind::CrossDependency);
        }
        let late = edge.binding && !self.settled_before(to, from);
        late.then_some(ViolationKind::MovedBeforeNeed)
    }

    fn side_by_side(&self, batch: BatchId) -> bool {
        let batch = &self.batches[batch];
        batch.mode == BatchMode::Parallel && batch.at_once != Some(1)
    }

    /// Whether what stands at `first` is settled when `second` starts.
    fn settled_before(&self, first: Place, second: Place) -> bool {
        if first.batch == second.batch {
            first.unit < second.unit
        } else {
            self.before.holds(first.batch, second.batch)
        }
    }

    /// Needs through shared resources.
    fn shared(&self, graph: &Graph) -> Vec<Violation> {
        let mut writers: FxHashMap<Node, Writers> = FxHashMap::default();
        let binding = graph.edges.iter().filter(|edge| edge.binding);
        for edge in binding.filter(|edge| is_dependency(edge.kind)) {
            if let (Node::Resource(_), Some(place)) = (edge.from, self.places[edge.to]) {
                let batches = writers.entry(edge.from).or_default();
                let units = batches.entry(place.batch).or_default();
                units.entry(place.unit).or_insert(edge.to);
            }
        }
        let uses = graph.edges.iter().enumerate().filter(|(_, edge)| {
            edge.binding
                && match edge.kind {
                    EdgeKind::Read | EdgeKind::Write => true,
                    EdgeKind::Message => edge.ordered,
                    _ => false,
                }
        });
        uses.filter_map(|(index, edge)| {
            let from = self.places[edge.from]?;
            let (kind, to) = self.broken_by(from, writers.get(&edge.to)?)?;
            Some(Violation {
                kind,
                from: edge.from,
                to,
                batch: from.batch,
                edge: index,
            })
        })
        .collect()
    }

    fn broken_by(&self, from: Place, writers: &Writers) -> Option<(ViolationKind, Node)> {
        writers.iter().find_map(|(&batch, units)| {
            let first = units.iter().find(|(unit, _)| from.unit != **unit);
            let last = units.iter().next_back();
            if batch != from.batch {
                let (_, &to) = last?;
                let late = !self.before.holds(batch, from.batch);
                late.then_some((ViolationKind::MovedBeforeNeed, to))
            } else if self.side_by_side(batch) {
                first.map(|(_, &to)| (ViolationKind::CrossDependency, to))
            } else {
                let (&unit, &to) = last?;
                (unit > from.unit).then_some((ViolationKind::MovedBeforeNeed, to))
            }
        })
    }
}

/// The writers of a resource by batch and unit, one of each.
type Writers = BTreeMap<BatchId, BTreeMap<usize, Node>>;

/// Which batches are settled before which starts: one bit for each pair.
struct Before {
    earlier: Arena<BatchId, Vec<u64>>,
}

impl Before {
    fn new(batches: &Arena<BatchId, Batch>) -> Self {
        let words = batches.len().div_ceil(64);
        let mut before = Self {
            earlier: batches.ids().map(|_| vec![0; words]).collect(),
        };
        for batch in in_order(batches) {
            for &after in &batches[batch].after {
                let mut bits = std::mem::take(&mut before.earlier[batch]);
                let inherited = &before.earlier[after];
                for (word, more) in bits.iter_mut().zip(inherited) {
                    *word |= more;
                }
                if let Some(word) = bits.get_mut(after.index() / 64) {
                    *word |= 1 << (after.index() % 64);
                }
                before.earlier[batch] = bits;
            }
        }
        before
    }

    fn holds(&self, first: BatchId, second: BatchId) -> bool {
        let word = self.earlier[second].get(first.index() / 64);
        word.is_some_and(|word| word >> (first.index() % 64) & 1 == 1)
    }
}

/// Batches, each after those it follows; those on a circle of `after` are left out, and so settled
/// before nothing.
fn in_order(batches: &Arena<BatchId, Batch>) -> Vec<BatchId> {
    let mut waiting: Arena<BatchId, usize> =
        batches.values().map(|batch| batch.after.len()).collect();
    let mut followers: Arena<BatchId, Vec<BatchId>> = batches.ids().map(|_| Vec::new()).collect();
    for (id, batch) in batches.iter() {
        for &after in &batch.after {
            followers[after].push(id);
        }
    }
    let mut order: Vec<BatchId> = waiting
        .iter()
        .filter(|(_, count)| **count == 0)
        .map(|(id, _)| id)
        .collect();
    let mut next = 0;
    while let Some(&batch) = order.get(next) {
        next += 1;
        for &follower in &followers[batch] {
            waiting[follower] -= 1;
            if waiting[follower] == 0 {
                order.push(follower);
            }
        }
    }
    order
}
