//! What can still be taken back after each step, how long it takes, and what ends it.
//!
//! A rollback is what the walker does: it notices (`detect` of the step that fails), withdraws the
//! traffic, and undoes the rest from the failed step back to where its pattern tries again. In a
//! batch that rolls back whole, all members with traffic go back side by side. A batch has no way
//! back of its own any more once a step is irreversible, the old side is gone, nothing carries back
//! what is written on the new side, or something that moves later has come to depend on it: that
//! has to go back first.

mod data;
mod laws;
mod member;
mod needed;

use std::rc::Rc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use whimbrel_plan::{
    Arena, Batch, BatchId, Bridge, BridgeId, Graph, Inventory, MemberReversal, Mover, NoReturn,
    NoWayBack, Reversal, Step, StepId, WayBack,
};

use self::laws::Law;
use self::member::{Course, Courses, Way};
use super::schedule::Schedule;

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub struct ReversalInput<'a> {
    /// What exists.
    pub inventory: &'a Inventory,
    /// How it hangs together.
    pub graph: &'a Graph,
    /// In what it moves.
    pub batches: &'a Arena<BatchId, Batch>,
    /// What moves, by batch.
    pub movers: &'a [Mover],
    /// How.
    pub steps: &'a Arena<StepId, Step>,
    /// What carries data between the sides.
    pub bridges: &'a Arena<BridgeId, Bridge>,
    /// Where the steps stand at mean durations.
    pub schedule: &'a Schedule,
}

/// What can be taken back, batch by batch.
#[must_use]
pub fn reversals(input: &ReversalInput<'_>) -> Vec<Reversal> {
    let written = super::nodes::written(input.inventory);
    let mut courses = Courses::new(input.steps);
    let needed = needed::needed(input);
    let mut members: Arena<BatchId, Vec<(&Mover, Rc<Course>)>> =
        input.batches.ids().map(|_| Vec::new()).collect();
    let mut ends: Arena<BatchId, Vec<Vec<NoReturn>>> =
        input.batches.ids().map(|_| Vec::new()).collect();
    for (mover, needed) in input.movers.iter().zip(needed) {
        let data = data::of(input, mover, &written);
        let course = courses.of(mover, data);
        let mut all = course.ends(mover, input.schedule);
        all.extend(needed);
        all.sort_by(|one, other| (one.at.total_cmp(&other.at)).then(one.from.cmp(&other.from)));
        members[mover.batch].push((mover, course));
        ends[mover.batch].push(all);
    }
    let batches = input.batches.iter().zip(members.values());
    batches
        .map(|((id, batch), members)| {
            let ends = std::mem::take(&mut ends[id]);
            Reversal {
                batch: id,
                slowest: if batch.rolls_back_whole() {
                    whole(members, &mut courses)
                } else {
                    single(members)
                },
                no_return: no_return(id, &ends),
                members: members
                    .iter()
                    .zip(ends)
                    .map(|((mover, course), ends)| MemberReversal {
                        node: mover.node,
                        ways_back: course.ways_back(mover),
                        ends,
                    })
                    .collect(),
            }
        })
        .collect()
}

/// The first end of any member; a member that another of the same batch depends on goes back with
/// it.
fn no_return(batch: BatchId, ends: &[Vec<NoReturn>]) -> Option<NoReturn> {
    let within =
        |end: &NoReturn| matches!(end.why, NoWayBack::Needed { batch: of, .. } if of == batch);
    let ends = ends.iter().flatten().filter(|end| !within(end));
    let first = ends.reduce(|first, end| match end.at.total_cmp(&first.at) {
        std::cmp::Ordering::Less => end,
        std::cmp::Ordering::Equal if end.from < first.from => end,
        _ => first,
    });
    first.cloned()
}

/// One member is undone.
fn single(members: &[(&Mover, Rc<Course>)]) -> Option<WayBack> {
    let ways = members
        .iter()
        .filter_map(|(mover, course)| Some((*mover, course.slowest()?)));
    let slowest = ways.reduce(|slowest, way| {
        if way.1.p90 > slowest.1.p90 {
            way
        } else {
            slowest
        }
    });
    slowest.map(|(mover, way)| way.back(mover))
}

/// All members are undone, each at its slowest, once the failure that is noticed last is noticed.
fn whole(members: &[(&Mover, Rc<Course>)], courses: &mut Courses<'_>) -> Option<WayBack> {
    let mut noticed: Option<(f64, &Mover, &Way)> = None;
    let mut undone: Option<(f64, &Mover, &Way)> = None;
    let mut rows: IndexMap<&[Law], u32, FxBuildHasher> = IndexMap::default();
    for (mover, course) in members {
        let Some(((detect, failing), (undo, way))) =
            course.last_noticed().zip(course.slowest_undo())
        else {
            continue;
        };
        if noticed.is_none_or(|(before, ..)| detect > before) {
            noticed = Some((detect, mover, failing));
        }
        if undone.is_none_or(|(before, ..)| undo > before) {
            undone = Some((undo, mover, way));
        }
        *rows.entry(way.undo_row()).or_insert(0) += 1;
    }
    let ((_, failed, failing), (_, mover, way)) = noticed.zip(undone)?;
    let laws = &mut courses.laws;
    let detect = laws.slowest(failing.detect_row(), 1);
    let all = rows
        .into_iter()
        .map(|(row, count)| laws.slowest(row, count))
        .reduce(|one, other| Rc::new(one.slower(&other)))?;
    Some(WayBack {
        undo: way.back(mover).undo,
        mean: laws.mean(failing.detect_row()) + all.mean(),
        p90: detect.p90_then(&all),
        ..failing.back(failed)
    })
}
