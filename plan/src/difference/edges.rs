//! Who needs whom.
//!
//! An edge's rate and evidence are those of the relations behind it and told there; here is what
//! follows from them: whether it is hidden, whether it binds, and what bridges it.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::Names;
use super::pairs::Compared;
use super::{Attribute, Sides};
use crate::{CallMode, Edge, EdgeKind, Need, Node};

/// The ends of an edge, by name, and why it is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EdgeName {
    /// Who needs.
    pub from: String,
    /// Whom.
    pub to: String,
    /// Why.
    pub kind: EdgeKind,
    /// Whether nobody declared it.
    pub hidden: bool,
    /// Whether it decides who goes first.
    pub binding: bool,
}

/// An edge that is otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EdgeChange {
    /// The edge as it is.
    #[serde(flatten)]
    pub edge: EdgeName,
    /// What is otherwise.
    pub attributes: Vec<Attribute>,
}

/// Edges that are new, no more, or otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EdgeChanges {
    /// New ones.
    pub gained: Vec<EdgeName>,
    /// Those that are no more.
    pub lost: Vec<EdgeName>,
    /// Those that are otherwise.
    pub changed: Vec<EdgeChange>,
}

/// What is compared of an edge.
#[derive(PartialEq, Serialize)]
struct Compare<'n> {
    need: Need,
    mode: CallMode,
    ordered: bool,
    hidden: bool,
    binding: bool,
    bridge: Option<Cow<'n, str>>,
}

/// Which edge it is, in the ids of the side that is.
type Key = (Node, Node, EdgeKind);

pub(super) fn compare(sides: &Sides<'_>) -> EdgeChanges {
    let (old, new) = sides.graphs;
    let translation = Translation::new(sides);
    let mut known: FxHashMap<Key, &Edge> = FxHashMap::default();
    let mut changes = EdgeChanges::default();
    for edge in &old.edges {
        match translation.key(edge) {
            Some(key) => drop(known.insert(key, edge)),
            None => changes.lost.push(named(&sides.before, edge)),
        }
    }
    let mut kept: FxHashSet<Key> = FxHashSet::default();
    let mut buffers = Default::default();
    let compared = Compared {
        sides,
        without: &[],
    };
    for edge in &new.edges {
        let key = (edge.from, edge.to, edge.kind);
        let Some(was) = known.get(&key) else {
            changes.gained.push(named(&sides.after, edge));
            continue;
        };
        kept.insert(key);
        let (was, is) = (looked_at(&sides.before, was), looked_at(&sides.after, edge));
        if was == is {
            continue;
        }
        let attributes = compared.attributes((&was, &is), None, &mut buffers);
        if !attributes.is_empty() {
            let edge = named(&sides.after, edge);
            changes.changed.push(EdgeChange { edge, attributes });
        }
    }
    let lost = old.edges.iter().filter(|edge| {
        let key = translation.key(edge);
        key.is_some_and(|key| !kept.contains(&key))
    });
    changes
        .lost
        .extend(lost.map(|edge| named(&sides.before, edge)));
    changes
}

fn looked_at<'n>(names: &'n Names<'_>, edge: &Edge) -> Compare<'n> {
    Compare {
        need: edge.need,
        mode: edge.mode,
        ordered: edge.ordered,
        hidden: edge.hidden,
        binding: edge.binding,
        bridge: edge.bridge.map(|id| names.name("BridgeId", id.index())),
    }
}

fn named(names: &Names<'_>, edge: &Edge) -> EdgeName {
    EdgeName {
        from: names.node(edge.from).into_owned(),
        to: names.node(edge.to).into_owned(),
        kind: edge.kind,
        hidden: edge.hidden,
        binding: edge.binding,
    }
}

/// From the nodes of the side that was to those of the side that is.
struct Translation {
    services: Vec<Option<Node>>,
    resources: Vec<Option<Node>>,
}

impl Translation {
    fn new(sides: &Sides<'_>) -> Self {
        let (old, new) = (sides.before.of.inventory, sides.after.of.inventory);
        let services: FxHashMap<&str, Node> = new
            .services
            .iter()
            .map(|(id, service)| (service.name.as_str(), Node::Service(id)))
            .collect();
        let resources: FxHashMap<&str, Node> = new
            .resources
            .iter()
            .map(|(id, resource)| (resource.name.as_str(), Node::Resource(id)))
            .collect();
        let now = |node: Node, known: &FxHashMap<&str, Node>| {
            known.get(&*sides.before.node(node)).copied()
        };
        Self {
            services: old
                .services
                .ids()
                .map(|id| now(Node::Service(id), &services))
                .collect(),
            resources: old
                .resources
                .ids()
                .map(|id| now(Node::Resource(id), &resources))
                .collect(),
        }
    }

    fn node(&self, node: Node) -> Option<Node> {
        let known = match node {
            Node::Service(id) => self.services.get(id.index()),
            Node::Resource(id) => self.resources.get(id.index()),
        };
        known.copied().flatten()
    }

    fn key(&self, edge: &Edge) -> Option<Key> {
        Some((self.node(edge.from)?, self.node(edge.to)?, edge.kind))
    }
}
