//! Steps, the same change of many things told once, and what they wait for.

use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named::{Manner, Own, compact};
use super::names::Names;
use super::pairs::{Compared, Named, grouped, matched};
use super::{Attribute, Changed, Sides};
use crate::{Action, Call, Node, Plan, Step, StepId, Subject, Work};

/// A step that several things have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepOf {
    /// Its name within each of them.
    pub step: String,
    /// The services, resources or parts of the migration.
    pub of: Vec<String>,
}

/// That a step waits for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Wait {
    /// The step.
    pub step: String,
    /// What it waits for.
    pub waits_for: String,
}

/// What is otherwise about steps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepChanges {
    /// New ones.
    pub gained: Vec<StepOf>,
    /// Those that are no more.
    pub lost: Vec<StepOf>,
    /// Those that are otherwise: `kind` is the step's name within what `names` name.
    pub changed: Vec<Changed>,
    /// Waits between steps that were there before, and are new.
    pub waits_gained: Vec<Wait>,
    /// Waits between steps that are still there, and are no more.
    pub waits_lost: Vec<Wait>,
}

/// What is compared of a step beside its work. Its batch is told with the batches.
#[derive(Serialize)]
struct Parts<'a> {
    subject: &'a Subject,
    action: &'a Option<Action>,
    verify: &'a Option<Action>,
    undo: &'a Option<Action>,
    retry_from: &'a StepId,
}

/// All of a step but what is compared elsewhere; each field is named, so that a new one has to find
/// its place.
fn parts(step: &Step) -> (Parts<'_>, &Arc<Work>) {
    let Step {
        name: _,
        subject,
        batch: _,
        action,
        verify,
        undo,
        retry_from,
        predecessors: _,
        work,
    } = step;
    let own = Parts {
        subject,
        action,
        verify,
        undo,
        retry_from,
    };
    (own, work)
}

/// What differs between two works, by where they are: many steps share one.
type Works = FxHashMap<(usize, usize), Vec<Attribute>>;

pub(super) fn compare(sides: &Sides<'_>, (old, new): (&Plan, &Plan)) -> StepChanges {
    let found = matched(named(&sides.before, old), named(&sides.after, new));
    let (works, calls) = (works(sides, &found.both), calls(sides, &found.both));
    let compared = Compared {
        sides,
        without: &[],
    };
    let attributes: Vec<Vec<Attribute>> = found
        .both
        .par_iter()
        .map_init(Default::default, |buffers, (name, was, is)| {
            let (called, _) = split(name, is);
            let own = |told| Own { told, called };
            let own = (own(split(&was.name, was).0), own(split(&is.name, is).0));
            let ((was, work_was), (is, work_is)) = (parts(was), parts(is));
            let alike = own.0.told == own.1.told && are_alike(sides, (&was, &is), &calls);
            let mut found = match alike {
                true => Vec::new(),
                false => compared.attributes((&was, &is), Some(own), buffers),
            };
            let of_work = works.get(&places(work_was, work_is));
            found.extend(of_work.into_iter().flatten().cloned());
            found
        })
        .collect();
    let pairs = found.both.iter().zip(attributes);
    let differing = pairs.filter(|(_, attributes)| !attributes.is_empty());
    let changed = grouped(differing.map(|((name, _, is), attributes)| {
        let (thing, step) = split(name, is);
        (step, thing, attributes)
    }));
    let (waits_gained, waits_lost) = waits(sides, (old, new), &found.both);
    StepChanges {
        gained: by_step(&found.gained),
        lost: by_step(&found.lost),
        changed,
        waits_gained,
        waits_lost,
    }
}

fn named<'n>(names: &'n Names<'_>, plan: &'n Plan) -> impl Iterator<Item = Named<'n, Step>> {
    plan.steps.values().map(|step| (names.step(step), step))
}

/// What a step is of, and its name within that; a step of the migration is of itself.
fn split<'n>(name: &'n str, step: &Step) -> (&'n str, &'n str) {
    match step.subject {
        Subject::Migration(_) => (name, name),
        _ => name.split_once('/').unwrap_or((name, name)),
    }
}

fn places<T>(was: &Arc<T>, is: &Arc<T>) -> (usize, usize) {
    (Arc::as_ptr(was).addr(), Arc::as_ptr(is).addr())
}

fn actions(step: &Step) -> [&Option<Action>; 3] {
    [&step.action, &step.verify, &step.undo]
}

/// Pairs of calls that say the same, by where they are: many steps share one.
type Calls = FxHashSet<(usize, usize)>;

fn calls(sides: &Sides<'_>, pairs: &[(Cow<'_, str>, &Step, &Step)]) -> Calls {
    let mut known: FxHashSet<(usize, usize)> = FxHashSet::default();
    let mut different: Vec<(&Arc<Call>, &Arc<Call>)> = Vec::new();
    for (_, was, is) in pairs {
        let both = actions(was).into_iter().zip(actions(is));
        for (was, is) in both.filter_map(|(was, is)| was.as_ref().zip(is.as_ref())) {
            if known.insert(places(&was.call, &is.call)) {
                different.push((&was.call, &is.call));
            }
        }
    }
    let said = |call: &Arc<Call>, names, out: &mut Vec<u8>| {
        out.clear();
        compact(call.as_ref(), Manner::new(names, &[]), out);
    };
    let same =
        different
            .par_iter()
            .map_init(<(Vec<u8>, Vec<u8>)>::default, |buffers, (was, is)| {
                said(was, &sides.before, &mut buffers.0);
                said(is, &sides.after, &mut buffers.1);
                (buffers.0 == buffers.1).then(|| places(was, is))
            });
    same.flatten().collect()
}

/// Whether two steps of one name are the same but for their work, as can be seen without writing
/// them down: most are.
fn are_alike(sides: &Sides<'_>, (was, is): (&Parts<'_>, &Parts<'_>), calls: &Calls) -> bool {
    let Parts {
        subject,
        action,
        verify,
        undo,
        retry_from,
    } = was;
    let same_node = |was: Option<Node>, is: Option<Node>| match (was, is) {
        (Some(Node::Service(_)), Some(Node::Service(_)))
        | (Some(Node::Resource(_)), Some(Node::Resource(_))) => {
            was.map(|was| sides.before.node(was)) == is.map(|is| sides.after.node(is))
        }
        (was, is) => was.is_none() && is.is_none(),
    };
    let same_action = |was: &Option<Action>, is: &Option<Action>| match (was, is) {
        (None, None) => true,
        (Some(Action { on, call }), Some(is)) => {
            same_node(*on, is.on) && calls.contains(&places(call, &is.call))
        }
        _ => false,
    };
    let same_subject = match (subject, is.subject) {
        (Subject::Migration(was), Subject::Migration(is)) => was == is,
        (was, is) => was.node().is_some() && same_node(was.node(), is.node()),
    };
    let retried = sides.before.name("StepId", retry_from.index());
    same_subject
        && same_action(action, is.action)
        && same_action(verify, is.verify)
        && same_action(undo, is.undo)
        && retried == sides.after.name("StepId", is.retry_from.index())
}

fn works(sides: &Sides<'_>, pairs: &[(Cow<'_, str>, &Step, &Step)]) -> Works {
    let mut known: FxHashSet<(usize, usize)> = FxHashSet::default();
    let mut different: Vec<(&Arc<Work>, &Arc<Work>)> = Vec::new();
    for (_, was, is) in pairs {
        if known.insert(places(&was.work, &is.work)) {
            different.push((&was.work, &is.work));
        }
    }
    let compared = Compared {
        sides,
        without: &[],
    };
    different
        .par_iter()
        .map_init(Default::default, |buffers, (was, is)| {
            let attributes = compared.attributes((was.as_ref(), is.as_ref()), None, buffers);
            (places(was, is), attributes)
        })
        .filter(|(_, attributes)| !attributes.is_empty())
        .collect()
}

fn by_step(steps: &[Named<'_, Step>]) -> Vec<StepOf> {
    let mut places: FxHashMap<&str, usize> = FxHashMap::default();
    let mut found: Vec<StepOf> = Vec::new();
    for (name, step) in steps {
        let (thing, step) = split(name, step);
        let next = found.len();
        let at = *places.entry(step).or_insert(next);
        match found.get_mut(at) {
            Some(known) => known.of.push(thing.to_owned()),
            None => found.push(StepOf {
                step: step.to_owned(),
                of: vec![thing.to_owned()],
            }),
        }
    }
    found
}

/// Waits that came and that went, among the steps that both plans have.
fn waits(
    sides: &Sides<'_>,
    (old, new): (&Plan, &Plan),
    pairs: &[(Cow<'_, str>, &Step, &Step)],
) -> (Vec<Wait>, Vec<Wait>) {
    // Every step both have is called by its place in `pairs`.
    let places: FxHashMap<&str, usize> = (0..)
        .zip(pairs)
        .map(|(at, (name, ..))| (name.as_ref(), at))
        .collect();
    let placed = |names: &Names<'_>, plan: &Plan| -> Vec<Option<usize>> {
        let steps = plan.steps.values();
        steps
            .map(|step| places.get(&*names.step(step)).copied())
            .collect()
    };
    let (was, is) = (placed(&sides.before, old), placed(&sides.after, new));
    let of = |step: &Step, known: &[Option<usize>]| -> Vec<usize> {
        let before = step.predecessors.iter();
        let mut found: Vec<usize> = before
            .filter_map(|id| known.get(id.index()).copied().flatten())
            .collect();
        found.sort_unstable();
        found
    };
    let (mut gained, mut lost) = (Vec::new(), Vec::new());
    for (name, old, new) in pairs {
        let (before, after) = (of(old, &was), of(new, &is));
        if before == after {
            continue;
        }
        let told = |waits_for: &usize| {
            let (known, ..) = pairs.get(*waits_for)?;
            Some(Wait {
                step: name.clone().into_owned(),
                waits_for: known.clone().into_owned(),
            })
        };
        let apart = |one: &[usize], other: &[usize]| -> Vec<Wait> {
            let apart = one.iter().filter(|at| other.binary_search(at).is_err());
            apart.filter_map(told).collect()
        };
        gained.extend(apart(&after, &before));
        lost.extend(apart(&before, &after));
    }
    (gained, lost)
}
