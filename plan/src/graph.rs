//! The dependency graph: who needs whom, why, and which needs nobody declared.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{BridgeId, CallMode, EvidenceKind, Inventory, Need, RelationId, ResourceId, ServiceId};

/// A node of the dependency graph.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// A service.
    Service(ServiceId),
    /// A resource.
    Resource(ResourceId),
}

/// Why one node needs another.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EdgeKind {
    /// Caller → callee.
    Call,
    /// Reader → resource, or resource → writer: a reader needs the writers.
    Read,
    /// Writer → resource: a writer needs the resource, and the other writers through it.
    Write,
    /// Consumer → topic, or topic → publisher.
    Message,
    /// A pinned address → the service that owns it.
    Pin,
    /// Seen, and declared by nobody.
    Seen,
    /// Service → external system.
    External,
    /// `after`.
    Order,
}

/// `from` needs `to`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Edge {
    /// Who needs.
    pub from: Node,
    /// Whom.
    pub to: Node,
    /// Why.
    pub kind: EdgeKind,
    /// Whether `from` fails without.
    pub need: Need,
    /// Whether `from` waits.
    pub mode: CallMode,
    /// Per second.
    pub rate: Option<f64>,
    /// Whether the order of messages matters.
    pub ordered: bool,
    /// Whether no `call` or other direct declaration says so.
    pub hidden: bool,
    /// Whether it decides who goes first (see the book: binding and loose edges).
    pub binding: bool,
    /// The bridge that covers it, which makes it loose.
    pub bridge: Option<BridgeId>,
    /// All the facts that say so; never empty but for `Order`.
    pub evidence: Vec<RelationId>,
}

/// One hop of a cycle, between services (through a resource where `via` says so).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CycleHop {
    /// Who needs.
    pub from: ServiceId,
    /// Whom.
    pub to: ServiceId,
    /// The resource they share.
    pub via: Option<ResourceId>,
    /// Why.
    pub kind: EdgeKind,
    /// Whether nobody declared it.
    pub hidden: bool,
    /// Whether it binds the order.
    pub binding: bool,
    /// The facts behind it: the needing side's, then the other side's.
    pub evidence: Vec<RelationId>,
}

impl CycleHop {
    /// How well the hop is known: as well as the worse known of its two sides, and a side as well
    /// as the best of its facts.
    #[must_use]
    pub fn known(&self, inventory: &Inventory) -> EvidenceKind {
        let facts = || self.evidence.iter().map(|id| &inventory.relations[*id]);
        let side = |own: bool| {
            let of_side = facts().filter(|fact| (fact.from == self.from) == own);
            of_side.map(|fact| fact.evidence.kind).min()
        };
        side(true)
            .max(side(false))
            .unwrap_or(EvidenceKind::Declared)
    }
}

/// The shortest cycle through a component: through a hidden hop where there is one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cycle {
    /// The hops, the last returning to the first.
    pub hops: Vec<CycleHop>,
    /// Index into [`Graph::components`].
    pub component: usize,
}

/// The dependency graph with what was found in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Graph {
    /// Edges, ordered by (from, to, kind).
    pub edges: Vec<Edge>,
    /// Strongly connected components of two services or more over all edges; names sorted.
    pub components: Vec<Vec<ServiceId>>,
    /// The same over binding edges.
    pub binding_components: Vec<Vec<ServiceId>>,
    /// One cycle for each component of `components`.
    pub cycles: Vec<Cycle>,
}
