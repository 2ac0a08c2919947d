//! Batches, and who is in which.
//!
//! Batches that somebody wrote are matched by name. Those that the compiler makes are called by
//! their place, so they are first matched by the members they share; what is left, by name.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::Names;
use super::pairs::Compared;
use super::{Changed, Sides};
use crate::{Batch, BatchId, BatchMember, Node, Plan};

/// What is otherwise about batches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BatchChanges {
    /// New ones.
    pub gained: Vec<String>,
    /// Those that are no more.
    pub lost: Vec<String>,
    /// The same members under another name.
    pub renamed: Vec<BatchRenamed>,
    /// What is otherwise about a batch but its members.
    pub changed: Vec<Changed>,
    /// Members of other batches than before.
    pub moved: Vec<Moved>,
    /// Whether the batches that stay stand in another order.
    pub reordered: bool,
}

/// A batch of another name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BatchRenamed {
    /// Its name before.
    pub before: String,
    /// Its name now.
    pub after: String,
}

/// What is in another batch than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moved {
    /// The service or resource.
    pub name: String,
    /// The batch it was in, by the name it has now; none when it did not move before.
    pub before: Option<String>,
    /// The batch it is in; none when it moves no more.
    pub after: Option<String>,
    /// Why it is there.
    pub reason: Option<String>,
}

/// Compares them. From here on the batches of the side that was are called as they are now.
pub(super) fn compare(sides: &mut Sides<'_>, (old, new): (&Plan, &Plan)) -> BatchChanges {
    let members = (members(&sides.before, old), members(&sides.after, new));
    let pairs = paired((old, new), &members);
    let mut changes = BatchChanges::default();
    for &(was, is) in &pairs {
        let (before, after) = (&old.batches[was].name, &new.batches[is].name);
        if before != after {
            changes.renamed.push(BatchRenamed {
                before: before.clone(),
                after: after.clone(),
            });
        }
        sides.before.rename("BatchId", was.index(), after);
    }
    let kept: FxHashMap<BatchId, BatchId> = pairs.iter().copied().collect();
    let stays: FxHashSet<BatchId> = kept.values().copied().collect();
    let lost = old.batches.iter().filter(|(id, _)| !kept.contains_key(id));
    changes.lost = lost.map(|(_, batch)| batch.name.clone()).collect();
    let gained = new.batches.iter().filter(|(id, _)| !stays.contains(id));
    changes.gained = gained.map(|(_, batch)| batch.name.clone()).collect();
    changes.reordered = !pairs.is_sorted_by_key(|(was, _)| *was);
    let both: Vec<(Cow<'_, str>, &Batch, &Batch)> = pairs
        .iter()
        .map(|&(was, is)| {
            (
                new.batches[is].name.as_str().into(),
                &old.batches[was],
                &new.batches[is],
            )
        })
        .collect();
    let compared = Compared {
        sides,
        without: &["name", "units"],
    };
    changes.changed = compared.changed(&both, |_| "batch");
    changes.changed.extend(units(sides, &both));
    changes.moved = moved((old, new), &members, &kept);
    changes
}

/// The batch and the reason of everything that moves, by the name it has now.
type Members<'p> = Vec<(String, BatchId, &'p BatchMember)>;

fn members<'p>(names: &Names<'_>, plan: &'p Plan) -> Members<'p> {
    let batches = plan.batches.iter();
    batches
        .flat_map(|(id, batch)| {
            let units = batch.units.iter().flat_map(|unit| &unit.members);
            units.map(move |member| (key(names, member.node), id, member))
        })
        .collect()
}

/// A service and a resource may have one name.
fn key(names: &Names<'_>, node: Node) -> String {
    match node {
        Node::Service(_) => names.node(node).into_owned(),
        Node::Resource(_) => format!("{}\u{0}", names.node(node)),
    }
}

fn name(key: &str) -> String {
    key.trim_end_matches('\u{0}').to_owned()
}

/// The batches that are the same one, in the order of the plan that is.
fn paired(
    (old, new): (&Plan, &Plan),
    (was, is): &(Members<'_>, Members<'_>),
) -> Vec<(BatchId, BatchId)> {
    let mut pairs = Pairs::default();
    let by_name: FxHashMap<&str, BatchId> = old
        .batches
        .iter()
        .map(|(id, batch)| (batch.name.as_str(), id))
        .collect();
    let same_name = |batch: &Batch| by_name.get(batch.name.as_str()).copied();
    for (id, batch) in new.batches.iter().filter(|(_, batch)| batch.handwritten) {
        if let Some(known) = same_name(batch).filter(|id| old.batches[*id].handwritten) {
            pairs.add(known, id);
        }
    }
    for (known, id) in by_members(was, is) {
        pairs.add(known, id);
    }
    for (id, batch) in new.batches.iter() {
        if let Some(known) = same_name(batch) {
            pairs.add(known, id);
        }
    }
    let mut found: Vec<(BatchId, BatchId)> = pairs
        .of_new
        .into_iter()
        .map(|(new, old)| (old, new))
        .collect();
    found.sort_by_key(|(_, new)| *new);
    found
}

/// Pairs in which neither side is paired twice.
#[derive(Default)]
struct Pairs {
    of_old: FxHashMap<BatchId, BatchId>,
    of_new: FxHashMap<BatchId, BatchId>,
}

impl Pairs {
    fn add(&mut self, old: BatchId, new: BatchId) {
        if !self.of_old.contains_key(&old) && !self.of_new.contains_key(&new) {
            self.of_old.insert(old, new);
            self.of_new.insert(new, old);
        }
    }
}

/// Pairs that share members, those that share most first.
fn by_members(was: &Members<'_>, is: &Members<'_>) -> Vec<(BatchId, BatchId)> {
    let before: FxHashMap<&str, BatchId> =
        was.iter().map(|(key, id, _)| (key.as_str(), *id)).collect();
    let mut shared: FxHashMap<(BatchId, BatchId), usize> = FxHashMap::default();
    for (key, new, _) in is {
        if let Some(old) = before.get(key.as_str()) {
            *shared.entry((*old, *new)).or_default() += 1;
        }
    }
    let mut shared: Vec<((BatchId, BatchId), usize)> = shared.into_iter().collect();
    shared.sort_by_key(|(pair, many)| (std::cmp::Reverse(*many), *pair));
    shared.into_iter().map(|(pair, _)| pair).collect()
}

fn moved(
    (old, new): (&Plan, &Plan),
    (was, is): &(Members<'_>, Members<'_>),
    kept: &FxHashMap<BatchId, BatchId>,
) -> Vec<Moved> {
    let before: FxHashMap<&str, BatchId> =
        was.iter().map(|(key, id, _)| (key.as_str(), *id)).collect();
    let called = |id: BatchId| match kept.get(&id) {
        Some(now) => new.batches[*now].name.clone(),
        None => old.batches[id].name.clone(),
    };
    let mut found = Vec::new();
    for (key, id, member) in is {
        let old = before.get(key.as_str()).copied();
        if old.and_then(|old| kept.get(&old)) != Some(id) {
            found.push(Moved {
                name: name(key),
                before: old.map(called),
                after: Some(new.batches[*id].name.clone()),
                reason: Some(member.reason.clone()),
            });
        }
    }
    let after: FxHashSet<&str> = is.iter().map(|(key, ..)| key.as_str()).collect();
    for (key, id, _) in was.iter().filter(|(key, ..)| !after.contains(key.as_str())) {
        found.push(Moved {
            name: name(key),
            before: Some(called(*id)),
            after: None,
            reason: None,
        });
    }
    found
}

/// The units of the batches whose members are the same and go together or in order otherwise.
fn units(sides: &Sides<'_>, pairs: &[(Cow<'_, str>, &Batch, &Batch)]) -> Vec<Changed> {
    let units = |names: &Names<'_>, batch: &Batch| -> Vec<Vec<String>> {
        let of = |unit: &crate::Unit| unit.members.iter().map(|it| key(names, it.node)).collect();
        batch.units.iter().map(of).collect()
    };
    let mut changed = Vec::new();
    for (called, old, new) in pairs {
        let (was, is) = (units(&sides.before, old), units(&sides.after, new));
        let all = |units: &[Vec<String>]| {
            let mut all = units.concat();
            all.sort_unstable();
            all
        };
        if was == is || all(&was) != all(&is) {
            continue;
        }
        let said = |units: &[Vec<String>]| {
            let units = units.iter().map(|unit| {
                let members: Vec<String> = unit.iter().map(|key| name(key)).collect();
                members.join(" + ")
            });
            Some(format!("[{}]", units.collect::<Vec<_>>().join(", ")))
        };
        changed.push(Changed {
            kind: "batch".to_owned(),
            names: vec![called.clone().into_owned()],
            attributes: vec![super::Attribute {
                name: "units".to_owned(),
                before: said(&was),
                after: said(&is),
            }],
        });
    }
    changed
}
