//! What is said of a cut.

use serde::Serialize;
use whimbrel_plan::{BridgeOver, BridgeTechnique, ResourceId, ServiceId};

/// An edge to bridge.
#[derive(Clone, Debug, PartialEq)]
pub struct CutEdge {
    /// Who needs.
    pub from: ServiceId,
    /// Whom.
    pub to: ServiceId,
    /// The resource they share; a bridge over it cuts all its edges.
    pub via: Option<ResourceId>,
    /// How it is usually bridged.
    pub by: BridgeTechnique,
    /// Relative cost, in rough person-days (see the book: what a cut costs).
    pub cost: f64,
}

impl CutEdge {
    /// What the bridge is over.
    #[must_use]
    pub fn over(&self) -> BridgeOver {
        let (from, to) = (self.from, self.to);
        self.via
            .map_or(BridgeOver::Edge { from, to }, BridgeOver::Resource)
    }
}

/// How far a cut goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CutKind {
    /// No more than half of the component's services, rounded up, still need one another.
    Halving,
    /// No two services still need one another.
    Full,
}

/// Edges that, bridged, make a component fall apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Cut {
    /// Index into the components it is of.
    pub component: usize,
    /// How far it goes.
    pub kind: CutKind,
    /// What to bridge.
    pub edges: Vec<CutEdge>,
    /// Relative cost: the sum of its edges.
    pub cost: f64,
    /// How many services the largest component left has; 1 after a full cut.
    pub largest: usize,
}
