//! The lines of units free to go, kept in order while others move: one of those that go alone, one
//! of those that may go beside others, so that neither is searched for the other.

use std::collections::BTreeSet;

use petgraph::Direction;
use petgraph::graph::NodeIndex;
use petgraph::visit::EdgeRef;
use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_plan::Tier;

use super::units::{Tie, Units};

/// Hard needs still to move, tier, dependants, and the unit, whose index follows its name.
type Place = (usize, Tier, usize, NodeIndex);

pub(super) struct Line<'a> {
    units: &'a Units,
    /// Needs still to move: binding, hard.
    left: FxHashMap<NodeIndex, (usize, usize)>,
    goes_alone: FxHashSet<NodeIndex>,
    alone: BTreeSet<Place>,
    beside: BTreeSet<Place>,
}

impl<'a> Line<'a> {
    pub(super) fn new(units: &'a Units, goes_alone: FxHashSet<NodeIndex>) -> Self {
        let mut line = Self {
            units,
            left: FxHashMap::default(),
            goes_alone,
            alone: BTreeSet::new(),
            beside: BTreeSet::new(),
        };
        for unit in units.graph.node_indices() {
            let binding = units.binding_needs(unit);
            let hard = units.graph.edges(unit).count() - binding;
            line.left.insert(unit, (binding, hard));
        }
        let free: Vec<NodeIndex> = units
            .graph
            .node_indices()
            .filter(|unit| units.binding_needs(*unit) == 0)
            .collect();
        line.release(free);
        line
    }

    /// The next of the units that go alone.
    pub(super) fn first_alone(&self) -> Option<NodeIndex> {
        self.alone.first().map(|&(_, _, _, unit)| unit)
    }

    /// The units free to go beside others, in order.
    pub(super) fn beside(&self) -> impl Iterator<Item = NodeIndex> {
        self.beside.iter().map(|&(_, _, _, unit)| unit)
    }

    /// Hard loose needs of `unit` still to move.
    pub(super) fn hard_needs(&self, unit: NodeIndex) -> usize {
        self.left.get(&unit).map_or(0, |&(_, hard)| hard)
    }

    /// Moves `units`, which sets others free.
    pub(super) fn take(&mut self, units: impl Iterator<Item = NodeIndex>) {
        let mut freed = Vec::new();
        for unit in units {
            self.remove(unit);
            freed.extend(self.settle(unit));
        }
        self.release(freed);
    }

    /// Puts units with no binding need left in line. A shared resource on the way has nothing to
    /// move: it lets those behind it through.
    fn release(&mut self, mut freed: Vec<NodeIndex>) {
        while let Some(unit) = freed.pop() {
            if self.units.members(unit).is_empty() {
                freed.extend(self.settle(unit));
            } else {
                self.insert(unit);
            }
        }
    }

    /// Counts `unit` as moved and returns those that have no binding need left by it.
    fn settle(&mut self, unit: NodeIndex) -> Vec<NodeIndex> {
        let mut freed = Vec::new();
        let units = self.units;
        for tie in units.graph.edges_directed(unit, Direction::Incoming) {
            let waiting = tie.source();
            let stood = self.remove(waiting);
            if let Some((binding, hard)) = self.left.get_mut(&waiting) {
                match tie.weight() {
                    Tie::Binding => {
                        *binding -= 1;
                        if *binding == 0 {
                            freed.push(waiting);
                        }
                    }
                    Tie::Hard { .. } => *hard -= 1,
                }
            }
            if stood {
                self.insert(waiting);
            }
        }
        freed
    }

    fn insert(&mut self, unit: NodeIndex) {
        let place = self.place(unit);
        self.line_of(unit).insert(place);
    }

    fn remove(&mut self, unit: NodeIndex) -> bool {
        let place = self.place(unit);
        self.line_of(unit).remove(&place)
    }

    fn line_of(&mut self, unit: NodeIndex) -> &mut BTreeSet<Place> {
        if self.goes_alone.contains(&unit) {
            &mut self.alone
        } else {
            &mut self.beside
        }
    }

    fn place(&self, unit: NodeIndex) -> Place {
        let (tier, dependants) = (self.units.tier(unit), self.units.dependants(unit));
        (self.hard_needs(unit), tier, dependants, unit)
    }
}
