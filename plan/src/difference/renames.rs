//! What has another name and is the same in all else.
//!
//! A service or resource is renamed when one that is no more and one that is new, and no others,
//! have the same attributes and the same relations; the other ends of those may be renamed, too. Of
//! the rest of a plan one of a kind is renamed when it is the only one of its kind that went, and
//! the only one that came has the same attributes. Whatever refers to it is compared under the new
//! name, so that a rename that is none would show there.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Serialize;

use super::named::{Manner, compact};
use super::names::{Names, RESOURCE, SERVICE};
use super::{Renamed, Sides};
use crate::arena::Id;
use crate::{Arena, Node, Relation, RelationId, ResourceId, ServiceId, Target};

/// Finds what is renamed and calls it by its new name on the side that was.
pub(super) fn find(sides: &mut Sides<'_>) -> Vec<Renamed> {
    let mut found = Vec::new();
    let (old, new) = (sides.before.of, sides.after.of);
    let (was, is) = (old.inventory, new.inventory);
    only(
        sides,
        "platform",
        "PlatformId",
        (&was.platforms, &is.platforms),
        &mut found,
    );
    only(sides, "team", "TeamId", (&was.teams, &is.teams), &mut found);
    if let Some((was, is)) = old.plan.zip(new.plan) {
        only(
            sides,
            "calendar",
            "CalendarId",
            (&was.calendars, &is.calendars),
            &mut found,
        );
        only(
            sides,
            "window",
            "WindowId",
            (&was.windows, &is.windows),
            &mut found,
        );
        only(
            sides,
            "freeze",
            "FreezeId",
            (&was.freezes, &is.freezes),
            &mut found,
        );
        only(sides, "role", "RoleId", (&was.roles, &is.roles), &mut found);
        only(
            sides,
            "measure",
            "MeasureId",
            (&was.measures, &is.measures),
            &mut found,
        );
    }
    nodes(sides, &mut found);
    if let Some((was, is)) = old.plan.zip(new.plan) {
        only(
            sides,
            "bridge",
            "BridgeId",
            (&was.bridges, &is.bridges),
            &mut found,
        );
    }
    found
}

/// The one of a kind that went, if the one that came is the same.
fn only<I: Id, T: Serialize>(
    sides: &mut Sides<'_>,
    kind: &str,
    id: &'static str,
    (old, new): (&Arena<I, T>, &Arena<I, T>),
    found: &mut Vec<Renamed>,
) {
    let names = |names: &Names<'_>, arena: &Arena<I, T>| -> Vec<String> {
        let all = 0..arena.len();
        all.map(|at| names.name(id, at).into_owned()).collect()
    };
    let (was, is) = (names(&sides.before, old), names(&sides.after, new));
    let apart = |one: &[String], other: &[String]| {
        let other: FxHashSet<&String> = other.iter().collect();
        let mut apart = (0..).zip(one).filter(|(_, name)| !other.contains(name));
        apart
            .next()
            .filter(|_| apart.next().is_none())
            .map(|(at, _)| at)
    };
    let Some((went, came)) = apart(&was, &is).zip(apart(&is, &was)) else {
        return;
    };
    let bytes = |names: &Names<'_>, one: &T| {
        let mut out = Vec::new();
        compact(one, Manner::new(names, &["name"]), &mut out);
        out
    };
    let (old, new) = (&old[I::new(went)], &new[I::new(came)]);
    if bytes(&sides.before, old) != bytes(&sides.after, new) {
        return;
    }
    let (Some(before), Some(after)) = (was.get(went), is.get(came)) else {
        return;
    };
    sides.before.rename(id, went, after);
    found.push(Renamed {
        kind: kind.to_owned(),
        before: before.clone(),
        after: after.clone(),
    });
}

/// Renames of services and resources, until no more are found: what is renamed lets others be
/// recognised.
fn nodes(sides: &mut Sides<'_>, found: &mut Vec<Renamed>) {
    loop {
        let (went, came) = (
            apart(&sides.before, &sides.after),
            apart(&sides.after, &sides.before),
        );
        if went.is_empty() || came.is_empty() {
            return;
        }
        let old = Signatures::new(&sides.before, &went).unique(&went);
        let new = Signatures::new(&sides.after, &came).unique(&came);
        let mut pairs: Vec<(Node, Node)> = old
            .iter()
            .filter_map(|(signature, &old)| Some((old, *new.get(signature)?)))
            .collect();
        if pairs.is_empty() {
            return;
        }
        pairs.sort();
        for (old, new) in pairs {
            let (before, after) = (
                sides.before.node(old).into_owned(),
                sides.after.node(new).into_owned(),
            );
            let (id, at) = key(old);
            sides.before.rename(id, at, &after);
            found.push(Renamed {
                kind: match new {
                    Node::Service(_) => "service",
                    Node::Resource(id) => sides.after.of.inventory.resources[id].kind.keyword(),
                }
                .to_owned(),
                before,
                after,
            });
        }
    }
}

fn key(node: Node) -> (&'static str, usize) {
    match node {
        Node::Service(id) => (SERVICE, id.index()),
        Node::Resource(id) => (RESOURCE, id.index()),
    }
}

/// What one side has and the other has not, services and resources apart.
fn apart(one: &Names<'_>, other: &Names<'_>) -> FxHashSet<Node> {
    let known: FxHashSet<(bool, Cow<'_, str>)> = nodes_of(other)
        .map(|node| (matches!(node, Node::Service(_)), other.node(node)))
        .collect();
    nodes_of(one)
        .filter(|node| !known.contains(&(matches!(node, Node::Service(_)), one.node(*node))))
        .collect()
}

fn nodes_of(names: &Names<'_>) -> impl Iterator<Item = Node> {
    let inventory = names.of.inventory;
    let services = (0..inventory.services.len()).map(|at| Node::Service(ServiceId::new(at)));
    let resources = (0..inventory.resources.len()).map(|at| Node::Resource(ResourceId::new(at)));
    services.chain(resources)
}

/// What a thing is but for its name.
struct Signatures<'s, 'a> {
    names: &'s Names<'a>,
    /// What is apart: its name does not count.
    apart: &'s FxHashSet<Node>,
    relations: FxHashMap<Node, Vec<RelationId>>,
    children: FxHashMap<ResourceId, Vec<&'a str>>,
}

impl<'s, 'a> Signatures<'s, 'a> {
    fn new(names: &'s Names<'a>, apart: &'s FxHashSet<Node>) -> Self {
        let inventory = names.of.inventory;
        let mut relations: FxHashMap<Node, Vec<RelationId>> = FxHashMap::default();
        for (id, relation) in inventory.relations.iter() {
            let ends = [Some(Node::Service(relation.from)), target(relation)];
            for end in ends.into_iter().flatten().filter(|end| apart.contains(end)) {
                relations.entry(end).or_default().push(id);
            }
        }
        let mut children: FxHashMap<ResourceId, Vec<&'a str>> = FxHashMap::default();
        for resource in inventory.resources.values() {
            if let Some(parent) = resource.parent {
                let siblings = children.entry(parent).or_default();
                siblings.push(local(&resource.name));
            }
        }
        Self {
            names,
            apart,
            relations,
            children,
        }
    }

    /// The things of which no other has the same signature.
    fn unique(&self, of: &FxHashSet<Node>) -> FxHashMap<Vec<u8>, Node> {
        let mut found: FxHashMap<Vec<u8>, Option<Node>> = FxHashMap::default();
        for &node in of {
            if let Some(signature) = self.signature(node) {
                let other = found.entry(signature);
                other
                    .and_modify(|known| *known = None)
                    .or_insert(Some(node));
            }
        }
        let only = found.into_iter();
        only.filter_map(|(signature, node)| Some((signature, node?)))
            .collect()
    }

    /// None of what nothing tells from others.
    fn signature(&self, node: Node) -> Option<Vec<u8>> {
        let inventory = self.names.of.inventory;
        let mut out = Vec::new();
        let manner = Manner::new(self.names, &["name"]);
        let mut known = false;
        match node {
            Node::Service(id) => compact(&inventory.services[id], manner, &mut out),
            Node::Resource(id) => {
                let resource = &inventory.resources[id];
                compact(resource, manner, &mut out);
                if let Some(parent) = resource.parent {
                    // Which of its siblings a table is, only its own name says.
                    out.extend(local(&resource.name).as_bytes());
                    known = !self.apart.contains(&Node::Resource(parent));
                }
                let mut children = self.children.get(&id).cloned().unwrap_or_default();
                children.sort_unstable();
                known |= !children.is_empty();
                for child in children {
                    out.extend(child.as_bytes());
                    out.push(0);
                }
            }
        }
        let relations = self.relations.get(&node).map_or(&[][..], Vec::as_slice);
        let mut relations: Vec<Vec<u8>> = relations
            .iter()
            .map(|id| self.relation(&inventory.relations[*id], node))
            .collect();
        known |= !relations.is_empty();
        relations.sort_unstable();
        out.extend(relations.concat());
        known.then_some(out)
    }

    fn relation(&self, relation: &Relation, of: Node) -> Vec<u8> {
        let from = Node::Service(relation.from);
        let mut out = Vec::new();
        let end = |node: Node| match node {
            node if node == of => Cow::Borrowed("…"),
            node if self.apart.contains(&node) => Cow::Borrowed("?"),
            node => self.names.node(node),
        };
        out.extend(end(from).as_bytes());
        out.extend(format!(" {:?} ", relation.kind).as_bytes());
        match &relation.to {
            Target::Address(address) => out.extend(address.as_bytes()),
            _ => out.extend(target(relation).map_or(Cow::Borrowed("?"), end).as_bytes()),
        }
        let manner = Manner::new(self.names, &["from", "kind", "to"]);
        compact(relation, manner, &mut out);
        out
    }
}

fn target(relation: &Relation) -> Option<Node> {
    match relation.to {
        Target::Service(id) => Some(Node::Service(id)),
        Target::Resource(id) => Some(Node::Resource(id)),
        Target::Address(_) => None,
    }
}

/// The name of a table within its datastore.
fn local(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}
