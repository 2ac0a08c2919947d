//! Dense tables over the nodes of the graph, and what a resource stands in.

use std::ops::{Index, IndexMut};

use rustc_hash::FxHashSet;
use whimbrel_plan::{Arena, Inventory, Node, RelationKind, ResourceId, ServiceId, Target};

/// One value for every service and resource of an inventory.
#[derive(Clone, Debug)]
pub struct ByNode<T> {
    services: Arena<ServiceId, T>,
    resources: Arena<ResourceId, T>,
}

impl<T> ByNode<T> {
    /// Fills the table of `inventory`'s nodes.
    pub fn new(inventory: &Inventory, mut value: impl FnMut(Node) -> T) -> Self {
        Self {
            services: inventory
                .services
                .ids()
                .map(|id| value(Node::Service(id)))
                .collect(),
            resources: inventory
                .resources
                .ids()
                .map(|id| value(Node::Resource(id)))
                .collect(),
        }
    }
}

impl<T> Index<Node> for ByNode<T> {
    type Output = T;
    fn index(&self, node: Node) -> &T {
        match node {
            Node::Service(id) => &self.services[id],
            Node::Resource(id) => &self.resources[id],
        }
    }
}

impl<T> IndexMut<Node> for ByNode<T> {
    fn index_mut(&mut self, node: Node) -> &mut T {
        match node {
            Node::Service(id) => &mut self.services[id],
            Node::Resource(id) => &mut self.resources[id],
        }
    }
}

/// All nodes, services first.
pub fn all(inventory: &Inventory) -> impl Iterator<Item = Node> {
    let services = inventory.services.ids().map(Node::Service);
    services.chain(inventory.resources.ids().map(Node::Resource))
}

/// The name of a node.
#[must_use]
pub fn name(inventory: &Inventory, node: Node) -> &str {
    match node {
        Node::Service(id) => &inventory.services[id].name,
        Node::Resource(id) => &inventory.resources[id].name,
    }
}

/// A resource and what it stands in, innermost first.
pub fn enclosing(inventory: &Inventory, resource: ResourceId) -> impl Iterator<Item = ResourceId> {
    // A parent stands before its children, so the walk ends even on an inventory that breaks it.
    std::iter::successors(Some(resource), move |&id| {
        inventory.resources[id]
            .parent
            .filter(|parent| parent.index() < id.index())
    })
}

/// What somebody writes, with what that stands in, and what changes by what the plan says.
#[must_use]
pub fn written(inventory: &Inventory) -> FxHashSet<ResourceId> {
    let facts = inventory.relations.values();
    let targets = facts.filter_map(|fact| match (fact.kind, &fact.to) {
        (RelationKind::Writes, Target::Resource(id)) => Some(*id),
        _ => None,
    });
    let mut written: FxHashSet<ResourceId> = FxHashSet::default();
    for id in targets {
        written.extend(enclosing(inventory, id));
    }
    let changing = inventory.resources.iter().filter(|(_, resource)| {
        let rate = resource.change_rate.as_ref();
        rate.is_some_and(|rate| rate.mean() > 0.0)
    });
    written.extend(changing.map(|(id, _)| id));
    written
}

/// Whether a node has a `move`, or stands in something that has.
#[must_use]
pub fn moves(inventory: &Inventory, node: Node) -> bool {
    match node {
        Node::Service(id) => inventory.services[id].moves,
        Node::Resource(id) => enclosing(inventory, id).any(|id| inventory.resources[id].moves),
    }
}

#[cfg(test)]
mod tests;
