//! The order of steps between movers: batches, units, needs, `after`, decommissioning.

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_plan::{
    Arena, Batch, BatchId, BatchMode, BridgeOver, CutoverMode, Edge, EdgeKind, Graph, Mover, Node,
    ResourceId, ServiceId, Step, StepId, StepKind,
};

use super::inventory::Built;

/// A set of batches, a bit for each: a plan of ten thousand batches has as many of these sets.
#[derive(Clone, Default)]
struct Set(Vec<u64>);

impl Set {
    fn insert(&mut self, id: BatchId) {
        let (word, bit) = (id.index() / 64, id.index() % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << bit;
        }
    }

    fn contains(&self, id: BatchId) -> bool {
        let (word, bit) = (id.index() / 64, id.index() % 64);
        self.0.get(word).is_some_and(|word| word >> bit & 1 == 1)
    }

    fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0
            .iter_mut()
            .zip(&other.0)
            .for_each(|(own, other)| *own |= other);
    }

    fn meets(&self, other: &Self) -> bool {
        self.0
            .iter()
            .zip(&other.0)
            .any(|(own, other)| own & other != 0)
    }
}

/// Ranks of batches, and what follows from them.
pub(crate) struct Order<'a> {
    built: &'a Built<'a>,
    graph: &'a Graph,
    batches: &'a Arena<BatchId, Batch>,
    /// All batches before a batch.
    before: Vec<Set>,
    rank: Vec<usize>,
    /// The cutovers of each batch.
    cutovers: Vec<Vec<StepId>>,
    place: FxHashMap<Node, usize>,
}

impl<'a> Order<'a> {
    /// The order of these batches.
    pub fn new(
        built: &'a Built<'a>,
        graph: &'a Graph,
        batches: &'a Arena<BatchId, Batch>,
        movers: &[Mover],
    ) -> Self {
        let mut order = Self {
            built,
            graph,
            batches,
            before: vec![Set::default(); batches.len()],
            rank: vec![usize::MAX; batches.len()],
            cutovers: vec![Vec::new(); batches.len()],
            place: movers
                .iter()
                .enumerate()
                .map(|(at, mover)| (mover.node, at))
                .collect(),
        };
        for mover in movers {
            if let Some(cutovers) = order.cutovers.get_mut(mover.batch.index()) {
                cutovers.push(mover.cutover);
            }
        }
        let mut left: Vec<BatchId> = batches.ids().collect();
        // Batches come after batches without a circle: the reader has taken circles out.
        while !left.is_empty() {
            let count = left.len();
            left.retain(|id| !order.settle(*id));
            if left.len() == count {
                break;
            }
        }
        order
    }

    fn settle(&mut self, id: BatchId) -> bool {
        let after = &self.batches[id].after;
        let known = |other: &BatchId| {
            self.rank
                .get(other.index())
                .is_some_and(|r| *r != usize::MAX)
        };
        if !after.iter().all(known) {
            return false;
        }
        let mut before = Set::default();
        for other in after {
            before.insert(*other);
            if let Some(more) = self.before.get(other.index()) {
                before.extend(more);
            }
        }
        let rank = after
            .iter()
            .map(|other| self.rank(*other) + 1)
            .max()
            .unwrap_or(0);
        if let (Some(slot), Some(place)) = (
            self.before.get_mut(id.index()),
            self.rank.get_mut(id.index()),
        ) {
            *slot = before;
            *place = rank;
        }
        true
    }

    /// How many batches must be settled before, at the longest.
    pub fn rank(&self, id: BatchId) -> usize {
        self.rank.get(id.index()).copied().unwrap_or(usize::MAX)
    }

    /// Whether one batch is settled before another starts.
    pub fn precedes(&self, first: BatchId, second: BatchId) -> bool {
        self.before
            .get(second.index())
            .is_some_and(|before| before.contains(first))
    }

    /// The cutovers that a batch waits for.
    pub fn cutovers_before(&self, id: BatchId) -> Vec<StepId> {
        let after = self.batches[id].after.iter();
        after
            .filter_map(|other| self.cutovers.get(other.index()))
            .flatten()
            .copied()
            .collect()
    }

    /// Those of some batches that come after none of the others.
    pub fn firsts_of(&self, batches: &FxHashSet<BatchId>) -> FxHashSet<BatchId> {
        let mut all = Set::default();
        batches.iter().for_each(|batch| all.insert(*batch));
        let first = |batch: &&BatchId| {
            let before = self.before.get(batch.index());
            before.is_none_or(|before| !before.meets(&all))
        };
        batches.iter().filter(first).copied().collect()
    }

    /// The steps of a mover that nothing of it precedes.
    pub fn firsts(&self, mover: &Mover, steps: &Arena<StepId, Step>) -> Vec<StepId> {
        // The steps of a mover are made in one go, so their ids follow one another.
        let (first, last) = (mover.steps.first(), mover.steps.last());
        let own = |id: &StepId| first.is_some_and(|first| first <= id) && last >= Some(id);
        mover
            .steps
            .iter()
            .copied()
            .filter(|id| !steps[*id].predecessors.iter().any(own))
            .collect()
    }

    /// The nodes a bridge touches.
    pub fn ends(&self, over: &BridgeOver) -> FxHashSet<Node> {
        match over {
            BridgeOver::Edge { from, to } => {
                FxHashSet::from_iter([Node::Service(*from), Node::Service(*to)])
            }
            BridgeOver::Resource(id) => {
                let family = self.family(*id);
                let users = self
                    .graph
                    .edges
                    .iter()
                    .filter(|edge| family.contains(&edge.from) || family.contains(&edge.to))
                    .flat_map(|edge| [edge.from, edge.to]);
                users.chain(family.iter().copied()).collect()
            }
        }
    }

    /// A resource with what it stands in and what stands in it.
    fn family(&self, id: ResourceId) -> FxHashSet<Node> {
        let resources = &self.built.inventory.resources;
        let mut out = FxHashSet::from_iter([Node::Resource(id)]);
        out.extend(resources[id].parent.map(Node::Resource));
        let children = resources
            .iter()
            .filter(|(_, child)| child.parent == Some(id));
        out.extend(children.map(|(child, _)| Node::Resource(child)));
        out
    }

    /// Ties movers together.
    pub fn tie(&self, steps: &mut Arena<StepId, Step>, movers: &[Mover], heads: &[StepId]) {
        let mut tie = Tie {
            order: self,
            steps,
            movers,
            by_unit: FxHashMap::default(),
        };
        for (at, mover) in movers.iter().enumerate() {
            tie.by_unit
                .entry((mover.batch, mover.unit))
                .or_default()
                .push(at);
        }
        tie.batches(heads);
        tie.needs();
        tie.decommissions();
    }

    /// Members that cut over together wait for each other: each cutover follows what precedes the
    /// cutovers of all. Comes after every other tie, so that *all* are ready.
    pub fn cut_over_together(&self, steps: &mut Arena<StepId, Step>, movers: &[Mover]) {
        let mut groups: FxHashMap<(BatchId, Option<usize>), Vec<StepId>> = FxHashMap::default();
        for mover in movers {
            let together = self.batches[mover.batch].cutover == CutoverMode::Together;
            let key = (mover.batch, (!together).then_some(mover.unit));
            groups.entry(key).or_default().push(mover.cutover);
        }
        for cutovers in groups.values().filter(|cutovers| cutovers.len() > 1) {
            let mut ready: Vec<StepId> = cutovers
                .iter()
                .flat_map(|id| steps[*id].predecessors.clone())
                .collect();
            ready.sort_unstable();
            ready.dedup();
            for id in cutovers {
                steps[*id].predecessors.clone_from(&ready);
            }
        }
    }

    /// Whether `first` may be waited for by `second` without a circle.
    fn comes_before(&self, first: &Mover, second: &Mover) -> bool {
        if first.batch != second.batch {
            return self.precedes(first.batch, second.batch);
        }
        let sequential = self.batches[first.batch].mode == BatchMode::Sequential;
        sequential && first.unit < second.unit
    }
}

struct Tie<'a, 'b> {
    order: &'a Order<'a>,
    steps: &'b mut Arena<StepId, Step>,
    movers: &'a [Mover],
    by_unit: FxHashMap<(BatchId, usize), Vec<usize>>,
}

impl Tie<'_, '_> {
    fn unit(&self, batch: BatchId, unit: usize) -> Vec<&Mover> {
        let places = self
            .by_unit
            .get(&(batch, unit))
            .map_or(&[][..], Vec::as_slice);
        places
            .iter()
            .filter_map(|at| self.movers.get(*at))
            .collect()
    }

    /// A batch starts when those before it are settled; a unit of a sequential batch when the unit
    /// before it is.
    fn batches(&mut self, heads: &[StepId]) {
        for mover in self.movers {
            let batch = &self.order.batches[mover.batch];
            let mut before: Vec<StepId> = heads.to_vec();
            if mover.unit > 0 && batch.mode == BatchMode::Sequential {
                let previous = self.unit(mover.batch, mover.unit - 1);
                before.extend(previous.iter().map(|other| other.cutover));
            } else {
                before.extend(self.order.cutovers_before(mover.batch));
            }
            for first in self.order.firsts(mover, self.steps) {
                self.steps[first].predecessors.extend_from_slice(&before);
            }
        }
    }

    /// A cutover follows the cutovers of what it needs, where the batches allow it.
    fn needs(&mut self) {
        for edge in &self.order.graph.edges {
            let Some((needing, needed)) = self.pair(edge) else {
                continue;
            };
            let waiting = if edge.kind == EdgeKind::Order {
                self.order.firsts(needing, self.steps)
            } else {
                vec![needing.cutover]
            };
            let cutover = needed.cutover;
            for step in waiting {
                self.steps[step].predecessors.push(cutover);
            }
        }
    }

    fn pair(&self, edge: &Edge) -> Option<(&Mover, &Mover)> {
        if !edge.binding {
            return None;
        }
        let mover = |node: Node| self.movers.get(*self.order.place.get(&node)?);
        let (needing, needed) = (mover(edge.from)?, mover(edge.to)?);
        self.order
            .comes_before(needed, needing)
            .then_some((needing, needed))
    }

    /// A resource goes after its last user has moved and been kept; the old shape of a schema after
    /// its last reader has moved.
    fn decommissions(&mut self) {
        let users = self.users();
        for mover in self.movers {
            let Node::Resource(id) = mover.node else {
                continue;
            };
            let Some(users) = users.get(&id) else {
                continue;
            };
            let last: Vec<(StepId, StepId)> = users
                .iter()
                .filter_map(|service| {
                    let place = self.order.place.get(&Node::Service(*service))?;
                    let user = self.movers.get(*place)?;
                    let keep = user.steps.iter().rev().copied();
                    let keep = keep
                        .clone()
                        .find(|id| self.steps[*id].kind == StepKind::Keep);
                    Some((user.cutover, keep.unwrap_or(user.cutover)))
                })
                .collect();
            for step in mover.steps.clone() {
                let contracts = self.steps[step]
                    .action
                    .as_ref()
                    .is_some_and(|action| action.verb == "schema.contract");
                if self.steps[step].kind == StepKind::Decommission {
                    self.steps[step]
                        .predecessors
                        .extend(last.iter().map(|(_, kept)| *kept));
                } else if contracts {
                    self.steps[step]
                        .predecessors
                        .extend(last.iter().map(|(settled, _)| *settled));
                }
            }
        }
    }

    /// The services that read, write or use each resource or something in it.
    fn users(&self) -> FxHashMap<ResourceId, FxHashSet<ServiceId>> {
        let inventory = &self.order.built.inventory;
        let mut out: FxHashMap<ResourceId, FxHashSet<ServiceId>> = FxHashMap::default();
        for relation in inventory.relations.values() {
            let whimbrel_plan::Target::Resource(target) = relation.to else {
                continue;
            };
            let mut at = Some(target);
            while let Some(id) = at {
                out.entry(id).or_default().insert(relation.from);
                at = inventory.resources[id].parent;
            }
        }
        out
    }
}
