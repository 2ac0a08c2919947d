//! Groups of services that need each other in a circle.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Sides;
use super::names::Names;
use crate::{CycleHop, EdgeKind, Graph, ServiceId};

/// What became of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// New.
    Gained,
    /// No more.
    Lost,
    /// The same or a former one with more, fewer or other members.
    Changed,
}

/// A hop of a circle, between services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hop {
    /// Who needs.
    pub from: String,
    /// Whom.
    pub to: String,
    /// The resource they share.
    pub via: Option<String>,
    /// Why.
    pub kind: EdgeKind,
    /// Whether nobody declared it.
    pub hidden: bool,
    /// Whether it binds the order.
    pub binding: bool,
}

/// A group that is otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComponentChange {
    /// What became of it.
    pub outcome: Outcome,
    /// Its members, or those it had when it is no more.
    pub members: Vec<String>,
    /// Those that are new in it.
    pub joined: Vec<String>,
    /// Those that are in it no more.
    pub left: Vec<String>,
    /// Whether a hop of its shortest circle was one that nobody declared.
    pub was_hidden: bool,
    /// Whether one is.
    pub is_hidden: bool,
    /// Whether all its members were bound to go together by edges that bind.
    pub was_binding: bool,
    /// Whether they are.
    pub is_binding: bool,
    /// The shortest circle, hop by hop; of a group that is no more the one it had.
    pub cycle: Vec<Hop>,
}

/// A group on one side.
struct Group {
    members: BTreeSet<String>,
    cycle: Vec<Hop>,
    binding: bool,
}

impl Group {
    fn is_hidden(&self) -> bool {
        self.cycle.iter().any(|hop| hop.hidden)
    }
}

pub(super) fn compare(sides: &Sides<'_>) -> Vec<ComponentChange> {
    let (old, new) = sides.graphs;
    let (old, new) = (groups(&sides.before, old), groups(&sides.after, new));
    let pairs = paired(&old, &new);
    let mut changes = Vec::new();
    let mut kept = vec![false; old.len()];
    for (group, former) in new.iter().zip(pairs) {
        if let Some(kept) = former.and_then(|at| kept.get_mut(at)) {
            *kept = true;
        }
        let former = former.and_then(|at| old.get(at));
        changes.extend(change(former, group));
    }
    let lost = old.iter().zip(kept).filter(|(_, kept)| !kept);
    changes.extend(lost.map(|(group, _)| ComponentChange {
        outcome: Outcome::Lost,
        members: group.members.iter().cloned().collect(),
        joined: Vec::new(),
        left: Vec::new(),
        was_hidden: group.is_hidden(),
        is_hidden: false,
        was_binding: group.binding,
        is_binding: false,
        cycle: group.cycle.clone(),
    }));
    changes
}

fn change(former: Option<&Group>, group: &Group) -> Option<ComponentChange> {
    let none = BTreeSet::new();
    let before = former.map_or(&none, |former| &former.members);
    let apart = |one: &BTreeSet<String>, other: &BTreeSet<String>| -> Vec<String> {
        one.difference(other).cloned().collect()
    };
    let found = ComponentChange {
        outcome: former.map_or(Outcome::Gained, |_| Outcome::Changed),
        members: group.members.iter().cloned().collect(),
        joined: former.map_or_else(Vec::new, |_| apart(&group.members, before)),
        left: apart(before, &group.members),
        was_hidden: former.is_some_and(Group::is_hidden),
        is_hidden: group.is_hidden(),
        was_binding: former.is_some_and(|former| former.binding),
        is_binding: group.binding,
        cycle: group.cycle.clone(),
    };
    let same = former.is_some()
        && found.joined.is_empty()
        && found.left.is_empty()
        && found.was_hidden == found.is_hidden
        && found.was_binding == found.is_binding;
    (!same).then_some(found)
}

/// For each group that is, the former one it shares most members with; each former one goes to the
/// one that shares most with it.
fn paired(old: &[Group], new: &[Group]) -> Vec<Option<usize>> {
    let mut of: FxHashMap<&str, usize> = FxHashMap::default();
    for (at, group) in old.iter().enumerate() {
        of.extend(group.members.iter().map(|member| (member.as_str(), at)));
    }
    let mut shared: FxHashMap<(usize, usize), usize> = FxHashMap::default();
    for (now, group) in new.iter().enumerate() {
        for was in group
            .members
            .iter()
            .filter_map(|member| of.get(member.as_str()))
        {
            *shared.entry((*was, now)).or_default() += 1;
        }
    }
    let mut shared: Vec<((usize, usize), usize)> = shared.into_iter().collect();
    shared.sort_by_key(|(pair, many)| (std::cmp::Reverse(*many), *pair));
    let (mut pairs, mut taken) = (vec![None; new.len()], vec![false; old.len()]);
    for ((was, now), _) in shared {
        if let (Some(pair @ None), Some(taken @ false)) = (pairs.get_mut(now), taken.get_mut(was)) {
            (*pair, *taken) = (Some(was), true);
        }
    }
    pairs
}

fn groups(names: &Names<'_>, graph: &Graph) -> Vec<Group> {
    let called = |id: &ServiceId| names.name(super::names::SERVICE, id.index()).into_owned();
    let mut bound: FxHashMap<ServiceId, usize> = FxHashMap::default();
    for (at, members) in graph.binding_components.iter().enumerate() {
        bound.extend(members.iter().map(|member| (*member, at)));
    }
    let together = |members: &[ServiceId]| {
        let first = members.first().and_then(|member| bound.get(member));
        first.is_some() && members.iter().all(|member| bound.get(member) == first)
    };
    let mut groups: Vec<Group> = graph
        .components
        .iter()
        .map(|members| Group {
            members: members.iter().map(called).collect(),
            cycle: Vec::new(),
            binding: together(members),
        })
        .collect();
    for cycle in &graph.cycles {
        if let Some(group) = groups.get_mut(cycle.component) {
            group.cycle = cycle.hops.iter().map(|it| hop(names, it)).collect();
        }
    }
    groups
}

fn hop(names: &Names<'_>, hop: &CycleHop) -> Hop {
    let called = |id: ServiceId| names.name(super::names::SERVICE, id.index()).into_owned();
    let via = |id: crate::ResourceId| names.name(super::names::RESOURCE, id.index()).into_owned();
    Hop {
        from: called(hop.from),
        to: called(hop.to),
        via: hop.via.map(via),
        kind: hop.kind,
        hidden: hop.hidden,
        binding: hop.binding,
    }
}
