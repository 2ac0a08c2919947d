//! The dependency graph: relations become edges, edges are told hidden or declared, binding or
//! loose.
//!
//! An edge `A → B` says *A needs B*. Sharing goes through the resource's node, never in pairs, so
//! n writers of a table are 2n edges:
//!
//! | shared | edges |
//! |---|---|
//! | table, datastore without tables, cache, volume | reader → resource, writer → resource, resource → writer |
//! | topic, queue | consumer → resource, resource → publisher |
//! | instance | user → instance, and nothing back: co-location is no data dependency |
//! | external | user → external |
//!
//! The edge back to a writer is left out where nobody else uses the resource. Such an edge is
//! hidden; whether a *pair* of services is, see [`super::hops`]. It is soft and asynchronous: a
//! reader whose writer is down is late, not down.
//!
//! An edge binds when no bridge covers it, its moving ends move, and it is
//! - a hard synchronous call from a platform to which no link leads, where links are declared;
//! - a use of a resource that has a `move` (or stands in something that has), or the way on from
//!   such a resource to its writers;
//! - both ways between a table and its writers when two or more writers move, wherever the table
//!   stays: split, they write it from two platforms at once;
//! - consumer → topic → publisher when the consumer requires order. The topic need not move, and
//!   only the *ordered* consumer is led on to the publishers;
//! - a pin;
//! - an `after`: it is an order and nothing else.
//!
//! A bridge over a resource covers all edges of it and of what stands in it. A bridge over an edge
//! `a -> b` covers the direct edges, and through a resource they share the edge that no other pair
//! uses: resource → b when a is the only other user, else a → resource when b is the only other
//! writer. Where neither holds, only a bridge over the resource helps.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use whimbrel_plan::{
    Amount, Arena, BridgeId, BridgeOver, CallMode, Edge, EdgeKind, Graph, Inventory, Need, Node,
    PlatformId, Relation, RelationId, RelationKind, ResourceId, ResourceKind, ServiceId,
    ServiceKind, Target,
};

use super::{cycles, nodes};

/// What the graph is built from.
#[derive(Clone, Copy, Debug)]
pub struct GraphInput<'a> {
    /// What exists.
    pub inventory: &'a Inventory,
    /// What bridges cover.
    pub bridges: &'a [(BridgeId, BridgeOver)],
    /// `after`: the first goes after the second.
    pub orders: &'a [(Node, Node)],
}

/// Builds the graph and finds its components and cycles; [`cuts`](super::cuts) cuts them.
#[must_use]
pub fn build(input: &GraphInput<'_>) -> Graph {
    let mut graph = Graph {
        edges: edges(input),
        ..Graph::default()
    };
    let found = cycles::find(&graph.edges, input.inventory);
    graph.components = found.components;
    graph.binding_components = found.binding_components;
    graph.cycles = found.cycles;
    graph
}

/// The edges alone, ordered by (from, to, kind).
#[must_use]
pub fn edges(input: &GraphInput<'_>) -> Vec<Edge> {
    let mut builder = Builder::new(input.inventory);
    builder.relations();
    builder.back_to_writers();
    builder.orders(input.orders);
    builder.declared_pins();
    let mut edges: Vec<Edge> = builder.edges.into_values().collect();
    in_order(&mut edges);
    for edge in &mut edges {
        edge.evidence.sort_unstable();
        edge.evidence.dedup();
    }
    cover(&mut edges, input, &builder.shared);
    bind(&mut edges, input.inventory, &builder.shared);
    edges
}

/// Orders edges by (from, to, kind). They come node by node, most in the order of the nodes: so
/// each node's are few to sort, and all of them a few runs to merge.
fn in_order(edges: &mut [Edge]) {
    for leaving in edges.chunk_by_mut(|one, next| one.from == next.from) {
        leaving.sort_unstable_by_key(|edge| (edge.to, edge.kind));
    }
    edges.sort_by_key(|edge| (edge.from, edge.to, edge.kind));
}

/// The edges that leave `node`, of all in their order.
#[must_use]
pub fn leaving(edges: &[Edge], node: Node) -> &[Edge] {
    let start = edges.partition_point(|edge| edge.from < node);
    let (_, rest) = edges.split_at(start);
    let (leaving, _) = rest.split_at(rest.partition_point(|edge| edge.from == node));
    leaving
}

/// Whether `edge` rests on a guess alone: its service named a datastore that has tables, which is
/// taken to mean every table.
#[must_use]
pub fn is_guess(edge: &Edge, inventory: &Inventory) -> bool {
    let Node::Resource(resource) = edge.to else {
        return false;
    };
    !edge.evidence.is_empty()
        && edge.evidence.iter().all(|&id| {
            matches!(inventory.relations[id].to, Target::Resource(named) if named != resource)
        })
}

/// Who uses a resource.
#[derive(Clone, Debug, Default)]
struct Shared {
    /// Services with an edge to it that couples, ascending after [`Builder::back_to_writers`].
    users: Vec<ServiceId>,
    /// Services that write it, or publish to it, with the relation that says so.
    writers: BTreeMap<ServiceId, Vec<RelationId>>,
}

impl Shared {
    /// Whether a service but `one` uses it.
    fn used_beside(&self, one: ServiceId) -> bool {
        self.users.iter().any(|&user| user != one)
    }
}

/// What a resource of this kind does to those who share it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sharing {
    State,
    Stream,
    Place,
    Outside,
}

fn sharing(kind: ResourceKind) -> Sharing {
    match kind {
        ResourceKind::Datastore
        | ResourceKind::Table
        | ResourceKind::Cache
        | ResourceKind::Volume => Sharing::State,
        ResourceKind::Topic | ResourceKind::Queue => Sharing::Stream,
        ResourceKind::Instance => Sharing::Place,
        ResourceKind::External => Sharing::Outside,
    }
}

struct Builder<'a> {
    inventory: &'a Inventory,
    edges: IndexMap<(Node, Node, EdgeKind), Edge, FxBuildHasher>,
    shared: Arena<ResourceId, Shared>,
    tables: Arena<ResourceId, Vec<ResourceId>>,
    owners: FxHashMap<&'a str, ServiceId>,
}

impl<'a> Builder<'a> {
    fn new(inventory: &'a Inventory) -> Self {
        let mut tables: Arena<ResourceId, Vec<ResourceId>> =
            inventory.resources.ids().map(|_| Vec::new()).collect();
        for (id, resource) in inventory.resources.iter() {
            if let (ResourceKind::Table, Some(parent)) = (resource.kind, resource.parent) {
                tables[parent].push(id);
            }
        }
        let mut owners = FxHashMap::default();
        for (id, service) in inventory.services.iter() {
            if let Some(endpoint) = service.endpoint.as_deref() {
                owners.entry(endpoint).or_insert(id);
            }
        }
        let many = inventory.relations.len() + inventory.resources.len();
        Self {
            inventory,
            edges: IndexMap::with_capacity_and_hasher(many, FxBuildHasher),
            shared: tables.values().map(|_| Shared::default()).collect(),
            tables,
            owners,
        }
    }

    /// Observations come last, so that each finds the declared call it confirms.
    fn relations(&mut self) {
        let (seen, said): (Vec<_>, Vec<_>) = self
            .inventory
            .relations
            .iter()
            .filter(|(_, relation)| !self.is_telemetry(relation.from))
            .partition(|(_, relation)| relation.kind == RelationKind::Seen);
        for (id, relation) in said.into_iter().chain(seen) {
            match &relation.to {
                Target::Service(to) => self.service_relation(id, relation, *to),
                Target::Address(address) => {
                    if let Some(&owner) = self.owners.get(address.as_str()) {
                        self.service_relation(id, relation, owner);
                    }
                }
                Target::Resource(to) => self.resource_relation(id, relation, *to),
            }
        }
    }

    fn is_telemetry(&self, service: ServiceId) -> bool {
        self.inventory.services[service].kind == ServiceKind::Telemetry
    }

    fn service_relation(&mut self, id: RelationId, relation: &Relation, to: ServiceId) {
        if relation.from == to || self.is_telemetry(to) {
            return;
        }
        let (from, to) = (Node::Service(relation.from), Node::Service(to));
        let kind = match relation.kind {
            RelationKind::Pins => EdgeKind::Pin,
            RelationKind::Seen => match self.edges.get_mut(&(from, to, EdgeKind::Call)) {
                Some(call) => {
                    call.evidence.push(id);
                    call.rate = call.rate.or(mean(&relation.rate));
                    return;
                }
                None => EdgeKind::Seen,
            },
            _ => EdgeKind::Call,
        };
        self.add(from, to, kind, (id, relation));
    }

    fn resource_relation(&mut self, id: RelationId, relation: &Relation, to: ResourceId) {
        let from = Node::Service(relation.from);
        let sharing = sharing(self.inventory.resources[to].kind);
        if sharing == Sharing::Outside {
            self.add(from, Node::Resource(to), EdgeKind::External, (id, relation));
            return;
        }
        if relation.kind == RelationKind::Seen {
            self.seen_resource(id, relation, to);
            return;
        }
        let writes = matches!(
            relation.kind,
            RelationKind::Writes | RelationKind::Publishes
        );
        if sharing == Sharing::Stream {
            self.stream(id, relation, to, writes);
            return;
        }
        let kind = if writes {
            EdgeKind::Write
        } else {
            EdgeKind::Read
        };
        for part in self.meant_by(to) {
            self.add(from, Node::Resource(part), kind, (id, relation));
            if part != to {
                // The rate is that of the whole datastore; how it spreads is unknown.
                self.forget_rate(from, Node::Resource(part), kind, id);
            }
            if sharing == Sharing::State {
                let shared = &mut self.shared[part];
                shared.users.push(relation.from);
                if writes {
                    shared.writers.entry(relation.from).or_default().push(id);
                }
            }
        }
    }

    /// Naming a datastore that has tables means all of them.
    fn meant_by(&self, resource: ResourceId) -> Vec<ResourceId> {
        if self.tables[resource].is_empty() {
            vec![resource]
        } else {
            self.tables[resource].clone()
        }
    }

    fn stream(&mut self, id: RelationId, relation: &Relation, to: ResourceId, publishes: bool) {
        if publishes {
            let writers = &mut self.shared[to].writers;
            writers.entry(relation.from).or_default().push(id);
            return;
        }
        let (from, node) = (Node::Service(relation.from), Node::Resource(to));
        self.add(from, node, EdgeKind::Message, (id, relation));
        self.shared[to].users.push(relation.from);
    }

    /// An observed use of a resource confirms a declared one; alone it is hidden and leads to
    /// nobody, since it does not say whether it read or wrote.
    fn seen_resource(&mut self, id: RelationId, relation: &Relation, to: ResourceId) {
        let (from, node) = (Node::Service(relation.from), Node::Resource(to));
        let kinds = [EdgeKind::Read, EdgeKind::Write, EdgeKind::Message];
        let mut known = false;
        for kind in kinds {
            if let Some(edge) = self.edges.get_mut(&(from, node, kind)) {
                edge.evidence.push(id);
                known = true;
            }
        }
        let publishes = self.shared[to].writers.contains_key(&relation.from);
        if !known && !publishes {
            self.add(from, node, EdgeKind::Seen, (id, relation));
        }
    }

    fn add(&mut self, from: Node, to: Node, kind: EdgeKind, (id, fact): (RelationId, &Relation)) {
        let edge = self.edges.entry((from, to, kind)).or_insert_with(|| Edge {
            hidden: matches!(kind, EdgeKind::Pin | EdgeKind::Seen),
            ..bare(from, to, kind)
        });
        edge.evidence.push(id);
        edge.ordered |= fact.ordering_required;
        edge.rate = match (edge.rate, mean(&fact.rate)) {
            (Some(one), Some(other)) => Some(one + other),
            (one, other) => one.or(other),
        };
        if fact.need == Need::Hard {
            edge.need = Need::Hard;
        }
        if kind != EdgeKind::Message && fact.mode == CallMode::Sync {
            edge.mode = CallMode::Sync;
        }
    }

    fn forget_rate(&mut self, from: Node, to: Node, kind: EdgeKind, id: RelationId) {
        if let Some(edge) = self.edges.get_mut(&(from, to, kind))
            && edge.evidence == [id]
        {
            edge.rate = None;
        }
    }

    /// Leads whoever uses a resource on to those who write it.
    fn back_to_writers(&mut self) {
        for (id, resource) in self.inventory.resources.iter() {
            let shared = &mut self.shared[id];
            shared.users.sort_unstable();
            shared.users.dedup();
            let kind = match sharing(resource.kind) {
                Sharing::Stream => EdgeKind::Message,
                _ => EdgeKind::Read,
            };
            for (&writer, facts) in &shared.writers {
                if !shared.used_beside(writer) {
                    continue;
                }
                let (from, to) = (Node::Resource(id), Node::Service(writer));
                let rates = facts
                    .iter()
                    .filter_map(|&id| mean(&self.inventory.relations[id].rate));
                let guessed = facts.iter().all(
                    |&fact| matches!(self.inventory.relations[fact].to, Target::Resource(named) if named != id),
                );
                let edge = Edge {
                    rate: rates.reduce(|one, other| one + other).filter(|_| !guessed),
                    hidden: true,
                    evidence: facts.clone(),
                    ..bare(from, to, kind)
                };
                self.edges.insert((from, to, kind), edge);
            }
        }
    }

    fn orders(&mut self, orders: &[(Node, Node)]) {
        for &(from, to) in orders.iter().filter(|(from, to)| from != to) {
            let edge = bare(from, to, EdgeKind::Order);
            self.edges.insert((from, to, EdgeKind::Order), edge);
        }
    }

    /// A pin beside a declared call tells nothing new about who needs whom.
    fn declared_pins(&mut self) {
        let is_called = |from, to| self.edges.contains_key(&(from, to, EdgeKind::Call));
        let pins = self.edges.keys().copied();
        let pins = pins.filter(|&(from, to, kind)| kind == EdgeKind::Pin && is_called(from, to));
        for pin in pins.collect::<Vec<_>>() {
            if let Some(edge) = self.edges.get_mut(&pin) {
                edge.hidden = false;
            }
        }
    }
}

/// Who goes first does not hang on a draw: an uncertain rate counts at its mean.
fn mean(rate: &Option<Amount>) -> Option<f64> {
    rate.as_ref().map(Amount::mean)
}

fn bare(from: Node, to: Node, kind: EdgeKind) -> Edge {
    Edge {
        from,
        to,
        kind,
        need: Need::Soft,
        mode: CallMode::Async,
        rate: None,
        ordered: false,
        hidden: false,
        binding: false,
        bridge: None,
        evidence: Vec::new(),
    }
}

/// Marks the edges that bridges cover; the first bridge wins.
fn cover(edges: &mut [Edge], input: &GraphInput<'_>, shared: &Arena<ResourceId, Shared>) {
    let mut resources: FxHashMap<ResourceId, BridgeId> = FxHashMap::default();
    let mut pairs: FxHashMap<(Node, Node), BridgeId> = FxHashMap::default();
    for (bridge, over) in input.bridges {
        match *over {
            BridgeOver::Resource(id) => {
                resources.entry(id).or_insert(*bridge);
            }
            BridgeOver::Edge { from, to } => {
                let ends = (Node::Service(from), Node::Service(to));
                pairs.entry(ends).or_insert(*bridge);
                for (id, users) in shared.iter() {
                    if let Some(ends) = own_edge(id, users, from, to) {
                        pairs.entry(ends).or_insert(*bridge);
                    }
                }
            }
        }
    }
    for edge in edges.iter_mut().filter(|edge| edge.kind != EdgeKind::Order) {
        let within = [edge.from, edge.to].into_iter().find_map(|end| match end {
            Node::Resource(id) => {
                nodes::enclosing(input.inventory, id).find_map(|id| resources.get(&id))
            }
            Node::Service(_) => None,
        });
        edge.bridge = pairs.get(&(edge.from, edge.to)).or(within).copied();
    }
}

/// The edge beside `id` that carries `from → to` and no other pair.
fn own_edge(
    id: ResourceId,
    shared: &Shared,
    from: ServiceId,
    to: ServiceId,
) -> Option<(Node, Node)> {
    let meet = shared.users.binary_search(&from).is_ok() && shared.writers.contains_key(&to);
    if !meet {
        return None;
    }
    let others = shared.users.iter().filter(|&&user| user != to);
    if others.count() == 1 {
        return Some((Node::Resource(id), Node::Service(to)));
    }
    let writers = shared.writers.keys().filter(|&&writer| writer != from);
    (writers.count() == 1).then_some((Node::Service(from), Node::Resource(id)))
}

/// Decides which edges bind, as the module's table says.
fn bind(edges: &mut [Edge], inventory: &Inventory, shared: &Arena<ResourceId, Shared>) {
    let moving = nodes::ByNode::new(inventory, |node| nodes::moves(inventory, node));
    let paths = Paths::new(inventory);
    let writers: Arena<ResourceId, usize> = shared
        .values()
        .map(|shared| {
            let all = shared.writers.keys();
            all.filter(|&&id| moving[Node::Service(id)]).count()
        })
        .collect();
    let ordered: FxHashSet<Node> = edges
        .iter()
        .filter(|edge| edge.ordered && edge.bridge.is_none() && moving[edge.from])
        .map(|edge| edge.to)
        .collect();
    for edge in edges.iter_mut().filter(|edge| edge.bridge.is_none()) {
        edge.binding = match (edge.from, edge.to) {
            (from, to) if edge.kind == EdgeKind::Order => moving[from] && moving[to],
            (Node::Service(from), Node::Service(to)) => {
                let apart = match edge.kind {
                    EdgeKind::Pin => true,
                    EdgeKind::Call => {
                        edge.need == Need::Hard
                            && edge.mode == CallMode::Sync
                            && paths.missing(inventory, from, to)
                    }
                    _ => false,
                };
                apart && moving[edge.from] && moving[edge.to]
            }
            (Node::Service(_), Node::Resource(id)) => {
                moving[edge.from] && use_binds(edge, inventory, moving[edge.to], writers[id])
            }
            (Node::Resource(id), Node::Service(_)) => {
                let table = is_table(inventory, id) && writers[id] > 1;
                let binds = match edge.kind {
                    EdgeKind::Message => ordered.contains(&edge.from),
                    _ => table || moving[edge.from],
                };
                binds && moving[edge.to]
            }
            (Node::Resource(_), Node::Resource(_)) => false,
        };
    }
    for edge in edges
        .iter_mut()
        .filter(|edge| edge.kind == EdgeKind::Message)
    {
        edge.ordered |= ordered.contains(&edge.from);
    }
}

fn use_binds(edge: &Edge, inventory: &Inventory, resource_moves: bool, writers: usize) -> bool {
    let Node::Resource(id) = edge.to else {
        return false;
    };
    match edge.kind {
        EdgeKind::Read => resource_moves,
        EdgeKind::Write => resource_moves || (writers > 1 && is_table(inventory, id)),
        EdgeKind::Message => resource_moves || edge.ordered,
        _ => false,
    }
}

fn is_table(inventory: &Inventory, id: ResourceId) -> bool {
    matches!(
        inventory.resources[id].kind,
        ResourceKind::Table | ResourceKind::Datastore
    )
}

/// Which platforms a link joins; it carries both directions.
struct Paths {
    joined: FxHashSet<(PlatformId, PlatformId)>,
}

impl Paths {
    fn new(inventory: &Inventory) -> Self {
        let links = inventory.links.values();
        Self {
            joined: links
                .flat_map(|link| [(link.from, link.to), (link.to, link.from)])
                .collect(),
        }
    }

    /// Whether `from`, moved first, could not reach `to` where it still is. With no link declared,
    /// or a platform unknown, the path is unknown and nothing is missing.
    fn missing(&self, inventory: &Inventory, from: ServiceId, to: ServiceId) -> bool {
        let ends = (inventory.services[from].to, inventory.services[to].on);
        match ends {
            (Some(new), Some(old)) => {
                !self.joined.is_empty() && new != old && !self.joined.contains(&(new, old))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
