//! Which bridges make a component fall apart: the cheapest cut after which no two services need
//! one another, and the cheapest after which no more than half of them do, rounded up.
//!
//! What can be bridged is an edge between two services, or a resource with all its edges at once;
//! an `after` cannot. What a bridge costs is its weight in person-days times 1 + log₁₀(1 + rate),
//! the rate per second that of its edges within the component, unknown taken as zero:
//!
//! | what is bridged | weight | by |
//! |---|---|---|
//! | a soft call | 1 | proxy |
//! | an asynchronous call | 2 | proxy |
//! | a topic or queue | 2 | mirror |
//! | a resource with one writer, which change capture can carry | 3 | cdc (a cache: dual write) |
//! | a pinned address | 4 | proxy |
//! | a resource with several writers | 5 | dual write |
//! | a hard synchronous call | 8 | adapter |
//!
//! Where the plan declares what one of its bridges takes, that stands in place of the weight of its
//! row ([`Weights`]).
//!
//! A resource two or more of the component write is in every full cut, so it is taken first and
//! what is left is cut piece by piece. Pieces and components of up to [`EXACT_UP_TO`] services are
//! cut exactly, unless a plan has so many that it would take long ([`EXACT_WORK`]); larger ones
//! well, as the modules say, in work that grows with their size.

mod blocks;
mod cut;
mod exact;
mod flow;
mod halving;
mod items;
mod large;
mod network;
mod order;
mod sequence;
mod weights;

use whimbrel_plan::{Arena, BridgeTechnique, Edge, Graph, Inventory, Node, ServiceId};

use self::items::Item;
use self::large::TOLERANCE;
use self::network::{CouplingId, CutMask, Network};
use self::order::Budget;
use self::weights::Over;
use super::graph::leaving;
use super::hops::{Hops, Reading, service_hops};

pub use self::cut::{Cut, CutEdge, CutKind};
pub use self::weights::Weights;

/// The most services of a piece that is cut exactly.
pub const EXACT_UP_TO: usize = 12;

/// How many pairs of sets all exact cuts of a plan may look at, for either kind of cut.
pub const EXACT_WORK: u64 = 1_000_000;

/// Work on a large component for each of its services and ends of edges.
const WORK_FOR_EACH: f64 = 10_000.0;

/// Work on all large components of a plan, however many there are, for either kind of cut.
const WORK: f64 = 2_000_000.0;

/// The cuts of a graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Cuts {
    /// Those of its components over all edges.
    pub all: Vec<Cut>,
    /// Those of its binding components: what lets their services move apart.
    pub binding: Vec<Cut>,
}

impl Cuts {
    /// Cuts the components of both readings.
    #[must_use]
    pub fn of(graph: &Graph, inventory: &Inventory, weights: &Weights) -> Self {
        let rank =
            |components, reading| rank(&graph.edges, inventory, components, reading, weights);
        Self {
            all: rank(&graph.components, Reading::All),
            binding: rank(&graph.binding_components, Reading::Binding),
        }
    }
}

/// The cuts of each component of a reading, as far as no bridge has cut it: that which halves it
/// before the full one. The former is left out where it is no cheaper, and the latter where there
/// is none: a circle of `after`.
#[must_use]
pub fn rank(
    edges: &[Edge],
    inventory: &Inventory,
    components: &[Vec<ServiceId>],
    reading: Reading,
    weights: &Weights,
) -> Vec<Cut> {
    if components.is_empty() {
        return Vec::new();
    }
    let hops = service_hops(edges, inventory, reading);
    let tangles = components
        .iter()
        .map(|services| Tangle::new(services, &hops, inventory, weights));
    let tangles: Vec<Tangle> = tangles.collect();
    let limits = Limits::new(&tangles);
    let tangles = tangles.iter().enumerate();
    tangles
        .flat_map(|(component, tangle)| tangle.cuts(component, limits))
        .collect()
}

/// How an edge is usually bridged, one of `edges`: with all of its resource, where it has one.
#[must_use]
pub fn usual_bridge(edges: &[Edge], inventory: &Inventory, edge: &Edge) -> BridgeTechnique {
    let ((Node::Resource(id), _) | (_, Node::Resource(id))) = (edge.to, edge.from) else {
        return Over::edge(edge).unwrap_or(Over::SoftCall).technique(None);
    };
    let kind = inventory.resources[id].kind;
    let writers = leaving(edges, Node::Resource(id)).len();
    Over::resource(kind, writers).technique(Some(kind))
}

/// How far the work on the components of one plan may go.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// The most services of what is cut exactly.
    full: usize,
    halving: usize,
    /// Work on what is larger, for each service and end.
    work: f64,
}

impl Limits {
    fn new(tangles: &[Tangle]) -> Self {
        let limit = |work: &dyn Fn(usize) -> u64| {
            let mut sizes = [0_u64; EXACT_UP_TO + 1];
            for tangle in tangles {
                if let Some(count) = sizes.get_mut(tangle.network.len()) {
                    *count += 1;
                }
            }
            let mut left = EXACT_WORK;
            let sizes = sizes.into_iter().enumerate();
            let fits = sizes.take_while(|(size, count)| {
                let work = work(*size).saturating_mul(*count);
                left.checked_sub(work).map(|rest| left = rest).is_some()
            });
            fits.last().map_or(0, |(size, _)| size)
        };
        let halving = limit(&|size| exact::work(size, size.div_ceil(2)));
        let large = tangles.iter().map(|tangle| &tangle.network);
        let large = large.filter(|network| network.len() > halving);
        let size: usize = large.map(Network::size).sum();
        Self {
            full: limit(&|size| exact::work(size, 1)),
            halving,
            work: (WORK / size.max(1) as f64).min(WORK_FOR_EACH),
        }
    }

    fn budget(self, network: &Network) -> Budget {
        Budget::new(self.work * network.size() as f64)
    }
}

/// A component and what can be bridged in it.
struct Tangle {
    network: Network,
    items: Arena<CouplingId, Item>,
}

impl Tangle {
    fn new(
        services: &[ServiceId],
        hops: &Hops<'_>,
        inventory: &Inventory,
        weights: &Weights,
    ) -> Self {
        let items = items::items(services, hops, inventory, weights);
        let (network, items) = items::network(services, items);
        Self { network, items }
    }

    fn cuts(&self, component: usize, limits: Limits) -> impl Iterator<Item = Cut> {
        let full = full(&self.network, limits);
        let halving = halving(&self.network, &full, limits);
        let cost = |cut: &CutMask| self.network.cost(cut);
        let cheaper = cost(&halving) + TOLERANCE < cost(&full);
        let ways = [
            (CutKind::Halving, halving, cheaper),
            (CutKind::Full, full, true),
        ];
        ways.into_iter()
            .filter(move |(_, cut, wanted)| *wanted && self.network.is_cut(cut))
            .map(move |(kind, cut, _)| self.cut(component, kind, &cut))
    }

    fn cut(&self, component: usize, kind: CutKind, mask: &CutMask) -> Cut {
        let items = self.items.iter().filter(|(id, _)| mask[*id]);
        let mut edges: Vec<_> = items.filter_map(|(_, item)| item.edge()).collect();
        edges.sort_unstable_by_key(|edge| (edge.from, edge.to, edge.via));
        Cut {
            component,
            kind,
            cost: edges.iter().map(|edge| edge.cost).sum(),
            largest: self.network.largest(mask),
            edges,
        }
    }
}

/// A cut after which no two services need one another, of infinite cost where there is none.
fn full(network: &Network, limits: Limits) -> CutMask {
    let couplings = network.couplings.values();
    let mut cut: CutMask = couplings.map(network::Coupling::is_circle).collect();
    for services in network.components(&cut) {
        if services.len() < 2 {
            continue;
        }
        let piece = network.piece(&services, &cut);
        let found = if services.len() <= limits.full {
            exact::cut(&piece.network, 1)
        } else {
            large::cut(&piece.network, limits.budget(&piece.network))
        };
        for (id, &within) in piece.within.iter() {
            cut[within] |= found[id];
        }
    }
    cut
}

/// A cut after which no more than half of the services need one another.
fn halving(network: &Network, full: &CutMask, limits: Limits) -> CutMask {
    let half = network.len().div_ceil(2);
    if half == 1 {
        full.clone()
    } else if network.len() <= limits.halving {
        exact::cut(network, half)
    } else {
        halving::cut(network, full, half, limits.budget(network))
    }
}

#[cfg(test)]
mod tests;
