//! The cheapest set of bridges that lets a binding component fall apart.
//!
//! What can be bridged is an edge between two services, or a resource with all its edges at once;
//! an `after` cannot. Bridging one costs its weight times 1 + log₁₀(1 + rate), the rate that of its
//! edges within the component, unknown taken as zero:
//!
//! | what is bridged | weight |
//! |---|---|
//! | a soft call | 1 |
//! | an asynchronous call, a topic or queue | 2 |
//! | a resource with one writer, which change capture can carry | 3 |
//! | a pinned address, by a proxy in its place | 4 |
//! | a resource with several writers, which takes dual writes | 5 |
//! | a hard synchronous call, by an adapter | 8 |
//!
//! A resource two or more of the component write is in every cut, so it is taken first and what is
//! left is cut piece by piece. A piece of up to [`EXACT_UP_TO`] services is cut exactly, by dynamic
//! programming over the sets of services that can go first; a larger one along the order of Eades,
//! Lin and Smyth (1993), weighted, after which what proves needless is given back, dearest first.

mod exact;
mod large;

use std::collections::{BTreeMap, BTreeSet};

use petgraph::graph::DiGraph;
use rustc_hash::FxHashMap;
use whimbrel_plan::{
    CallMode, Cut, CutEdge, Edge, EdgeKind, Inventory, Need, Node, ResourceId, ServiceId,
};

use super::hops::{Reading, service_hops, strong};

/// The most services of a piece that is cut exactly.
pub const EXACT_UP_TO: usize = 12;

const SOFT: f64 = 1.0;
const ASYNCHRONOUS: f64 = 2.0;
const CAPTURED: f64 = 3.0;
const PINNED: f64 = 4.0;
const DUAL_WRITTEN: f64 = 5.0;
const SYNCHRONOUS: f64 = 8.0;

/// The cheapest cut of each component that has one; a circle of `after` has none.
#[must_use]
pub fn rank(edges: &[Edge], inventory: &Inventory, components: &[Vec<ServiceId>]) -> Vec<Cut> {
    let hops = service_hops(edges, inventory, Reading::Binding);
    let mut cuts = Vec::new();
    for (component, services) in components.iter().enumerate() {
        let items = items(services, &hops);
        let services: BTreeSet<ServiceId> = services.iter().copied().collect();
        let Some(mut cut) = cut(&services, items) else {
            continue;
        };
        cut.sort_unstable_by_key(Item::place);
        cuts.push(Cut {
            component,
            cost: cut.iter().map(|item| item.cost).sum(),
            edges: cut.iter().filter_map(Item::edge).collect(),
        });
    }
    cuts
}

/// Something one bridge covers: whoever of `users` needs whoever else of `owners`.
#[derive(Clone, Debug, PartialEq)]
struct Item {
    via: Option<ResourceId>,
    users: BTreeSet<ServiceId>,
    owners: BTreeSet<ServiceId>,
    /// Infinite where nothing can be bridged.
    cost: f64,
}

impl Item {
    fn edge(&self) -> Option<CutEdge> {
        let pair = |from: &ServiceId| {
            let mut owners = self.owners.iter().filter(|owner| *owner != from);
            owners.next().map(|to| (*from, *to))
        };
        let (from, to) = self.users.iter().find_map(pair)?;
        Some(CutEdge {
            from,
            to,
            via: self.via,
        })
    }

    /// What cuts are ordered by: names, since ids follow them.
    fn place(&self) -> (Option<(ServiceId, ServiceId)>, Option<ResourceId>) {
        (self.edge().map(|edge| (edge.from, edge.to)), self.via)
    }

    /// Whether it makes a circle all by itself: two that both use and own it.
    fn is_circle(&self) -> bool {
        self.users.intersection(&self.owners).count() > 1
    }
}

fn cost(weight: f64, rate: f64) -> f64 {
    weight * (1.0 + (1.0 + rate.max(0.0)).log10())
}

/// What can be bridged in a component, edges between services first.
fn items(services: &[ServiceId], hops: &super::hops::Hops<'_>) -> Vec<Item> {
    let inside: BTreeSet<Node> = services.iter().map(|&id| Node::Service(id)).collect();
    let mut direct: BTreeMap<(ServiceId, ServiceId), f64> = BTreeMap::new();
    let mut shared: BTreeMap<ResourceId, Shared> = BTreeMap::new();
    for &from in &inside {
        for &edge in hops.steps(from) {
            match (edge.from, edge.to) {
                (Node::Service(from), Node::Service(to)) if inside.contains(&edge.to) => {
                    *direct.entry((from, to)).or_default() += call_cost(edge);
                }
                (Node::Service(from), Node::Resource(id)) => {
                    let shared = shared.entry(id).or_insert_with(|| Shared::new(edge));
                    shared.users.insert(from);
                }
                _ => {}
            }
        }
    }
    for (id, shared) in &mut shared {
        for edge in hops.steps(Node::Resource(*id)) {
            if let Node::Service(owner) = edge.to
                && inside.contains(&edge.to)
            {
                shared.owners.insert(owner);
                shared.rate += edge.rate.unwrap_or(0.0);
            }
        }
    }
    let direct = direct.into_iter().map(|((from, to), cost)| Item {
        via: None,
        users: BTreeSet::from([from]),
        owners: BTreeSet::from([to]),
        cost,
    });
    let shared = shared.into_iter().map(|(id, shared)| shared.item(id));
    let items = direct.chain(shared);
    items.filter(|item| item.edge().is_some()).collect()
}

/// What it costs to bridge an edge between two services.
fn call_cost(edge: &Edge) -> f64 {
    let weight = match edge.kind {
        EdgeKind::Order => return f64::INFINITY,
        EdgeKind::Pin => PINNED,
        _ if edge.need == Need::Soft => SOFT,
        _ if edge.mode == CallMode::Async => ASYNCHRONOUS,
        _ => SYNCHRONOUS,
    };
    cost(weight, edge.rate.unwrap_or(0.0))
}

struct Shared {
    messages: bool,
    users: BTreeSet<ServiceId>,
    owners: BTreeSet<ServiceId>,
    rate: f64,
}

impl Shared {
    fn new(edge: &Edge) -> Self {
        Self {
            messages: edge.kind == EdgeKind::Message,
            users: BTreeSet::new(),
            owners: BTreeSet::new(),
            rate: 0.0,
        }
    }

    fn item(self, id: ResourceId) -> Item {
        let weight = match self.owners.len() {
            _ if self.messages => ASYNCHRONOUS,
            0 | 1 => CAPTURED,
            _ => DUAL_WRITTEN,
        };
        Item {
            via: Some(id),
            users: self.users,
            owners: self.owners,
            cost: cost(weight, self.rate),
        }
    }
}

/// The items to bridge; none where a circle cannot be bridged at all.
fn cut(services: &BTreeSet<ServiceId>, items: Vec<Item>) -> Option<Vec<Item>> {
    let (mut cut, rest): (Vec<Item>, Vec<Item>) = items.into_iter().partition(Item::is_circle);
    let pieces = pieces(services, &rest);
    for (piece, within) in pieces.iter().zip(split(&pieces, &rest)) {
        let found = if piece.len() <= EXACT_UP_TO {
            exact::cut(piece, &within)
        } else {
            large::cut(piece, &within)
        };
        cut.extend(found);
    }
    cut.iter().all(|item| item.cost.is_finite()).then_some(cut)
}

/// What of `items` two services of each piece need one another by.
fn split(pieces: &[BTreeSet<ServiceId>], items: &[Item]) -> Vec<Vec<Item>> {
    let of: FxHashMap<ServiceId, usize> = pieces
        .iter()
        .enumerate()
        .flat_map(|(place, piece)| piece.iter().map(move |&id| (id, place)))
        .collect();
    let mut split: Vec<Vec<Item>> = pieces.iter().map(|_| Vec::new()).collect();
    for item in items {
        let mut parts: BTreeMap<usize, Item> = BTreeMap::new();
        let empty = || Item {
            users: BTreeSet::new(),
            owners: BTreeSet::new(),
            ..*item
        };
        for id in &item.users {
            if let Some(&piece) = of.get(id) {
                parts.entry(piece).or_insert_with(empty).users.insert(*id);
            }
        }
        for id in &item.owners {
            if let Some(&piece) = of.get(id) {
                parts.entry(piece).or_insert_with(empty).owners.insert(*id);
            }
        }
        for (piece, part) in parts {
            if let Some(items) = split.get_mut(piece).filter(|_| part.edge().is_some()) {
                items.push(part);
            }
        }
    }
    split
}

/// The strongly connected sets of two services or more that `items` make.
fn pieces<'a>(
    services: &BTreeSet<ServiceId>,
    items: impl IntoIterator<Item = &'a Item>,
) -> Vec<BTreeSet<ServiceId>> {
    let mut graph = DiGraph::<Option<ServiceId>, ()>::new();
    let index: BTreeMap<ServiceId, _> = services
        .iter()
        .map(|&id| (id, graph.add_node(Some(id))))
        .collect();
    for item in items {
        let middle = graph.add_node(None);
        for user in item.users.iter().filter_map(|id| index.get(id)) {
            graph.add_edge(*user, middle, ());
        }
        for owner in item.owners.iter().filter_map(|id| index.get(id)) {
            graph.add_edge(middle, *owner, ());
        }
    }
    let sets = strong(&graph).into_iter();
    let mut pieces: Vec<BTreeSet<ServiceId>> = sets
        .map(|set| set.into_iter().flatten().collect())
        .filter(|piece: &BTreeSet<ServiceId>| piece.len() > 1)
        .collect();
    pieces.sort_unstable();
    pieces
}

#[cfg(test)]
mod tests;
