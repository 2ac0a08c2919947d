//! The seam: what is apart after each batch, and what carries it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_plan::{
    Amount, Arena, Batch, BatchId, BridgeId, Crossing, Edge, EdgeKind, Graph, Inventory, LinkId,
    Node, PlatformId, RelationKind, SeamState,
};

use super::nodes::{self, ByNode};

/// Crossings listed in all. A system of ten thousand services moved one by one has tens of
/// thousands of edges apart after each of ten thousand batches; the states that would pass this
/// number are left out, and [`states`] gives fewer than there are batches.
pub const CROSSINGS_LISTED: usize = 100_000;

/// What the seam is told from.
#[derive(Clone, Copy, Debug)]
pub struct SeamInput<'a> {
    /// What exists.
    pub inventory: &'a Inventory,
    /// How it hangs together.
    pub graph: &'a Graph,
    /// The bridges.
    pub bridges: &'a [SeamBridge],
    /// Batches in the order they are settled.
    pub batches: &'a Arena<BatchId, Batch>,
}

/// A bridge as the seam sees it.
#[derive(Clone, Debug)]
pub struct SeamBridge {
    /// Which.
    pub id: BridgeId,
    /// Its name.
    pub name: Arc<str>,
    /// Its last batch: it carries up to the moment that one is settled. None carries to the end.
    pub until: Option<BatchId>,
}

/// The batches that come after `batch`, over any number of batches between.
#[must_use]
pub fn batches_after(batches: &Arena<BatchId, Batch>, batch: BatchId) -> FxHashSet<BatchId> {
    let mut next: FxHashMap<BatchId, Vec<BatchId>> = FxHashMap::default();
    for (id, content) in batches.iter() {
        for &before in &content.after {
            next.entry(before).or_default().push(id);
        }
    }
    let mut after = FxHashSet::default();
    let mut open = vec![batch];
    while let Some(id) = open.pop() {
        for &follower in next.get(&id).into_iter().flatten() {
            if after.insert(follower) {
                open.push(follower);
            }
        }
    }
    after
}

/// The crossing edges after each batch is settled.
///
/// An edge crosses when its two ends run on different platforms, both known. The way from a table
/// back to its writers is left out, since the writers' own edges say the same; orders and externals
/// are on no seam. The latency is that of the quickest link joining the two platforms, bridge or
/// not. A bridge carries while it stands: in no batch after its last one. The traffic is rate × bytes where the plan gives both.
#[must_use]
pub fn states(input: &SeamInput<'_>) -> Vec<SeamState> {
    let mut seam = Seam::new(input);
    let mut listed = 0;
    let mut states = Vec::new();
    for (batch, content) in input.batches.iter() {
        for member in content.units.iter().flat_map(|unit| &unit.members) {
            seam.settle(member.node);
        }
        listed += seam.apart.len();
        if listed > CROSSINGS_LISTED {
            break;
        }
        states.push(SeamState {
            batch,
            crossing: seam.crossings(batch),
        });
    }
    states
}

struct Seam<'a> {
    input: &'a SeamInput<'a>,
    bridges: FxHashMap<BridgeId, &'a SeamBridge>,
    /// The batches after which a bridge's last one lies behind.
    after: FxHashMap<BatchId, FxHashSet<BatchId>>,
    /// The names of links, as `old -> new`.
    links: Arena<LinkId, Arc<str>>,
    /// The edges at a node, or at what stands in it.
    touching: ByNode<Vec<usize>>,
    settled: ByNode<bool>,
    /// The edges that cross, by index, each as it crosses where no bridge carries it: a state lists
    /// them all, and from one batch to the next few of them change.
    apart: BTreeMap<usize, Crossing>,
}

impl<'a> Seam<'a> {
    fn new(input: &'a SeamInput<'a>) -> Self {
        let bridges = input.bridges.iter().map(|bridge| (bridge.id, bridge));
        let last: BTreeSet<BatchId> = input.bridges.iter().filter_map(|one| one.until).collect();
        let after = last
            .into_iter()
            .map(|until| (until, batches_after(input.batches, until)));
        let mut seam = Self {
            input,
            bridges: bridges.collect(),
            after: after.collect(),
            links: link_names(input.inventory),
            touching: ByNode::new(input.inventory, |_| Vec::new()),
            settled: ByNode::new(input.inventory, |_| false),
            apart: BTreeMap::new(),
        };
        for (index, edge) in input.graph.edges.iter().enumerate() {
            if !may_cross(edge) {
                continue;
            }
            for end in [edge.from, edge.to] {
                for node in places(input.inventory, end) {
                    seam.touching[node].push(index);
                }
            }
            if let Some(crossing) = seam.crossing(edge) {
                seam.apart.insert(index, crossing);
            }
        }
        seam
    }

    fn settle(&mut self, node: Node) {
        self.settled[node] = true;
        for index in &self.touching[node] {
            let edge = self.input.graph.edges.get(*index);
            match edge.and_then(|edge| self.crossing(edge)) {
                Some(crossing) => self.apart.insert(*index, crossing),
                None => self.apart.remove(index),
            };
        }
    }

    /// The platforms of an edge's ends, where they are known and differ.
    fn ends(&self, edge: &Edge) -> Option<(PlatformId, PlatformId)> {
        let ends = (self.platform(edge.from)?, self.platform(edge.to)?);
        (ends.0 != ends.1).then_some(ends)
    }

    fn platform(&self, node: Node) -> Option<PlatformId> {
        let inventory = self.input.inventory;
        let sides = |node: Node| match node {
            Node::Service(id) => (inventory.services[id].on, inventory.services[id].to),
            Node::Resource(id) => (inventory.resources[id].on, inventory.resources[id].to),
        };
        let moved = places(inventory, node).find(|node| self.settled[*node]);
        match moved.and_then(|node| sides(node).1) {
            Some(new) => Some(new),
            None => places(inventory, node).find_map(|node| sides(node).0),
        }
    }

    /// One crossing for each pair: who reads and writes a table crosses to it once, with the
    /// traffic of both.
    fn crossings(&self, batch: BatchId) -> Vec<Crossing> {
        let mut out: Vec<Crossing> = Vec::with_capacity(self.apart.len());
        for (index, crossing) in &self.apart {
            let edge = self.input.graph.edges.get(*index);
            let bridge = edge.and_then(|edge| self.standing(edge.bridge?, batch));
            match out
                .last_mut()
                .filter(|last| (last.from, last.to) == (crossing.from, crossing.to))
            {
                Some(last) => {
                    last.traffic = match (last.traffic, crossing.traffic) {
                        (Some(one), Some(other)) => Some(one + other),
                        (one, other) => one.or(other),
                    };
                }
                None => out.push(match bridge {
                    Some(bridge) => Crossing {
                        carried_by: Some(Arc::clone(&bridge.name)),
                        ..crossing.clone()
                    },
                    None => crossing.clone(),
                }),
            }
        }
        out
    }

    /// How an edge crosses now, bridges aside; none when its ends are together.
    fn crossing(&self, edge: &Edge) -> Option<Crossing> {
        let (from, to) = self.ends(edge)?;
        let link = self.link(from, to);
        Some(Crossing {
            from: edge.from,
            to: edge.to,
            carried_by: link.map(|id| Arc::clone(&self.links[id])),
            latency: link
                .and_then(|id| self.input.inventory.links[id].latency.as_ref())
                .map(Amount::mean),
            traffic: self.traffic(edge),
        })
    }

    /// The bridge, unless its last batch lies behind when `batch` is settled.
    fn standing(&self, id: BridgeId, batch: BatchId) -> Option<&'a SeamBridge> {
        let bridge = self.bridges.get(&id).copied()?;
        let behind = bridge.until.and_then(|until| self.after.get(&until));
        let gone = behind.is_some_and(|after| after.contains(&batch));
        (!gone).then_some(bridge)
    }

    /// The quickest link that joins two platforms; the first of equals, unknown latency last.
    fn link(&self, from: PlatformId, to: PlatformId) -> Option<LinkId> {
        let links = &self.input.inventory.links;
        let latency = |id: LinkId| {
            let latency = links[id].latency.as_ref();
            latency.map_or(f64::INFINITY, Amount::mean)
        };
        links
            .iter()
            .filter(|(_, link)| [(from, to), (to, from)].contains(&(link.from, link.to)))
            .map(|(id, _)| id)
            .min_by(|one, other| latency(*one).total_cmp(&latency(*other)))
    }

    /// Bytes per second: what the declared facts give; else the edge's rate, observed perhaps, with
    /// the first size anyone states.
    fn traffic(&self, edge: &Edge) -> Option<f64> {
        let facts = || {
            let ids = edge.evidence.iter();
            ids.map(|&id| &self.input.inventory.relations[id])
        };
        let declared = facts().filter(|fact| fact.kind != RelationKind::Seen);
        let known = declared
            .filter_map(|fact| Some(fact.rate.as_ref()?.mean() * fact.bytes.as_ref()?.mean()));
        known.reduce(|one, other| one + other).or_else(|| {
            let bytes = facts().find_map(|fact| fact.bytes.as_ref())?;
            Some(edge.rate? * bytes.mean())
        })
    }
}

fn may_cross(edge: &Edge) -> bool {
    let back = matches!(edge.from, Node::Resource(_)) && edge.kind == EdgeKind::Read;
    !back && !matches!(edge.kind, EdgeKind::Order | EdgeKind::External)
}

fn link_names(inventory: &Inventory) -> Arena<LinkId, Arc<str>> {
    let name = |platform| inventory.platforms[platform].name.as_str();
    let links = inventory.links.values();
    links
        .map(|link| format!("{} -> {}", name(link.from), name(link.to)).into())
        .collect()
}

/// A node and what it stands in.
fn places(inventory: &Inventory, node: Node) -> impl Iterator<Item = Node> {
    std::iter::successors(Some(node), |&node| match node {
        Node::Service(_) => None,
        Node::Resource(id) => {
            let mut enclosing = nodes::enclosing(inventory, id).map(Node::Resource);
            enclosing.nth(1)
        }
    })
}

#[cfg(test)]
mod tests;
