//! What a bridge costs, by what it is over.

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_plan::{
    BridgeId, BridgeTechnique, CallMode, Edge, EdgeKind, Inventory, Need, Node, ResourceId,
    ResourceKind,
};

/// What a bridge is over, cheapest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Over {
    SoftCall,
    AsynchronousCall,
    /// A topic or queue.
    Messages,
    /// A resource that one service writes.
    Read,
    Pin,
    /// A resource that several services write.
    Writes,
    SynchronousCall,
}

/// The weights, and how each is bridged.
const TABLE: [(Over, f64, BridgeTechnique); 7] = [
    (Over::SoftCall, 1.0, BridgeTechnique::Proxy),
    (Over::AsynchronousCall, 2.0, BridgeTechnique::Proxy),
    (Over::Messages, 2.0, BridgeTechnique::Mirror),
    (Over::Read, 3.0, BridgeTechnique::Cdc),
    (Over::Pin, 4.0, BridgeTechnique::Proxy),
    (Over::Writes, 5.0, BridgeTechnique::DualWrite),
    (Over::SynchronousCall, 8.0, BridgeTechnique::Adapter),
];

impl Over {
    /// What an edge between two services is; none where nothing can be bridged.
    pub fn edge(edge: &Edge) -> Option<Self> {
        Some(match edge.kind {
            EdgeKind::Order => return None,
            EdgeKind::Pin => Self::Pin,
            _ if edge.need == Need::Soft => Self::SoftCall,
            _ if edge.mode == CallMode::Async => Self::AsynchronousCall,
            _ => Self::SynchronousCall,
        })
    }

    /// What a resource is, by how many write it.
    pub fn resource(kind: ResourceKind, writers: usize) -> Self {
        match kind {
            ResourceKind::Topic | ResourceKind::Queue => Self::Messages,
            _ if writers > 1 => Self::Writes,
            _ => Self::Read,
        }
    }

    /// How it is bridged. What is cached is written twice: a log of changes, which change capture
    /// reads, is what a cache has not.
    pub fn technique(self, kind: Option<ResourceKind>) -> BridgeTechnique {
        match kind {
            Some(ResourceKind::Cache) => return BridgeTechnique::DualWrite,
            Some(ResourceKind::External) => return BridgeTechnique::Proxy,
            _ => {}
        }
        let row = TABLE.iter().find(|(over, ..)| *over == self);
        row.map_or(BridgeTechnique::Proxy, |(.., technique)| *technique)
    }
}

/// What bridging costs in person-days: the table of [`super`], with what the plan declares about
/// its own bridges in place of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    declared: FxHashMap<Over, f64>,
}

impl Weights {
    /// The weights of a plan whose bridges take so many person-days. What one bridge takes stands
    /// for all of its kind, at their rates; several are averaged.
    #[must_use]
    pub fn new(edges: &[Edge], inventory: &Inventory, person_days: &[(BridgeId, f64)]) -> Self {
        let mut covered: FxHashMap<BridgeId, Vec<&Edge>> = FxHashMap::default();
        if !person_days.is_empty() {
            for edge in edges {
                if let Some(bridge) = edge.bridge {
                    covered.entry(bridge).or_default().push(edge);
                }
            }
        }
        let mut declared: FxHashMap<Over, (f64, u32)> = FxHashMap::default();
        for (bridge, days) in person_days {
            let edges = covered.get(bridge).map_or(&[][..], Vec::as_slice);
            if let Some((over, rate)) = carried(edges, inventory) {
                let (sum, count) = declared.entry(over).or_default();
                *sum += days / by_rate(rate);
                *count += 1;
            }
        }
        let mean = |(over, (sum, count)): (Over, (f64, u32))| (over, sum / f64::from(count));
        Self {
            declared: declared.into_iter().map(mean).collect(),
        }
    }

    /// What it costs to bridge this at that rate; infinite where nothing can be bridged.
    pub(super) fn cost(&self, over: Option<Over>, rate: f64) -> f64 {
        let Some(over) = over else {
            return f64::INFINITY;
        };
        let usual = TABLE.iter().find(|(row, ..)| *row == over);
        let usual = usual.map_or(f64::INFINITY, |(_, weight, _)| *weight);
        self.declared.get(&over).unwrap_or(&usual) * by_rate(rate)
    }
}

/// How much more a bridge costs for what it carries, per second.
fn by_rate(rate: f64) -> f64 {
    1.0 + (1.0 + rate.max(0.0)).log10()
}

/// What a bridge is over, the dearest of it, and the rate at which it carries.
fn carried(edges: &[&Edge], inventory: &Inventory) -> Option<(Over, f64)> {
    let mut writers: FxHashMap<ResourceId, FxHashSet<Node>> = FxHashMap::default();
    let (mut rate, mut over) = (0.0, None);
    for edge in edges {
        match (edge.from, edge.to) {
            (Node::Service(_), Node::Service(_)) => over = over.max(Over::edge(edge)),
            (Node::Service(_), Node::Resource(id)) => {
                let writers = writers.entry(id).or_default();
                if edge.kind == EdgeKind::Write {
                    writers.insert(edge.from);
                }
                continue;
            }
            (Node::Resource(id), owner) => {
                writers.entry(id).or_default().insert(owner);
            }
        }
        rate += edge.rate.unwrap_or(0.0);
    }
    let shared = writers
        .into_iter()
        .map(|(id, writers)| Over::resource(inventory.resources[id].kind, writers.len()));
    over.max(shared.max()).map(|over| (over, rate))
}
