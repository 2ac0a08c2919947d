//! What can be bridged in a component, and what that costs.

use std::collections::BTreeMap;

use whimbrel_plan::{Arena, BridgeTechnique, Edge, Inventory, Node, ResourceId, ServiceId};

use super::cut::CutEdge;
use super::network::{Coupling, CouplingId, Network, Vertex};
use super::weights::{Over, Weights};
use crate::analysis::hops::Hops;

/// Something one bridge covers: whoever of its users needs whoever else of its owners.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub via: Option<ResourceId>,
    pub by: BridgeTechnique,
    pub cost: f64,
    users: Vec<ServiceId>,
    owners: Vec<ServiceId>,
}

impl Item {
    /// Its first user with the first owner that this one needs.
    pub fn edge(&self) -> Option<CutEdge> {
        let pair = |from: &ServiceId| {
            let mut owners = self.owners.iter().filter(|owner| *owner != from);
            owners.next().map(|to| (*from, *to))
        };
        let (from, to) = self.users.iter().find_map(pair)?;
        Some(CutEdge {
            from,
            to,
            via: self.via,
            by: self.by,
            cost: self.cost,
        })
    }
}

/// What can be bridged in a component of `services`, edges between services first.
pub(super) fn items(
    services: &[ServiceId],
    hops: &Hops<'_>,
    inventory: &Inventory,
    weights: &Weights,
) -> Vec<Item> {
    let mut inside = services.to_vec();
    inside.sort_unstable();
    let mut direct: BTreeMap<(ServiceId, ServiceId), Vec<&Edge>> = BTreeMap::new();
    let mut shared: BTreeMap<ResourceId, Vec<ServiceId>> = BTreeMap::new();
    for &from in &inside {
        for &edge in open(hops.steps(Node::Service(from))) {
            match edge.to {
                Node::Service(to) if inside.binary_search(&to).is_ok() => {
                    direct.entry((from, to)).or_default().push(edge);
                }
                Node::Service(_) => {}
                Node::Resource(id) => shared.entry(id).or_default().push(from),
            }
        }
    }
    let direct = direct.into_iter().map(|((from, to), edges)| {
        let cost = |edge: &&Edge| weights.cost(Over::edge(edge), edge.rate.unwrap_or(0.0));
        let dearest = edges.iter().filter_map(|edge| Over::edge(edge)).max();
        Item {
            via: None,
            by: dearest.map_or(BridgeTechnique::Proxy, |over| over.technique(None)),
            cost: edges.iter().map(cost).sum(),
            users: vec![from],
            owners: vec![to],
        }
    });
    let shared = shared.into_iter().map(|(id, mut users)| {
        users.dedup();
        let kind = inventory.resources[id].kind;
        let (mut owners, mut rate) = (Vec::new(), 0.0);
        for edge in open(hops.steps(Node::Resource(id))) {
            if let Node::Service(owner) = edge.to
                && inside.binary_search(&owner).is_ok()
            {
                owners.push(owner);
                rate += edge.rate.unwrap_or(0.0);
            }
        }
        owners.sort_unstable();
        owners.dedup();
        let over = Over::resource(kind, owners.len());
        Item {
            via: Some(id),
            by: over.technique(Some(kind)),
            cost: weights.cost(Some(over), rate),
            users,
            owners,
        }
    });
    let items = direct.chain(shared);
    items.filter(|item| item.edge().is_some()).collect()
}

/// The edges that no bridge covers.
fn open<'e, 'a>(edges: &'e [&'a Edge]) -> impl Iterator<Item = &'e &'a Edge> {
    edges.iter().filter(|edge| edge.bridge.is_none())
}

/// The component as a network, and the item of each of its couplings.
pub(super) fn network(
    services: &[ServiceId],
    items: Vec<Item>,
) -> (Network, Arena<CouplingId, Item>) {
    let mut sorted = services.to_vec();
    sorted.sort_unstable();
    let vertices = |ids: &[ServiceId]| -> Vec<Vertex> {
        let places = ids.iter().filter_map(|id| sorted.binary_search(id).ok());
        places.map(whimbrel_plan::Id::new).collect()
    };
    let couplings = items.iter().map(|item| Coupling {
        users: vertices(&item.users),
        owners: vertices(&item.owners),
        cost: item.cost,
    });
    let network = Network::new(services.len(), couplings.collect());
    (network, items.into_iter().collect())
}
