//! The course of one mover: its rollbacks and its ends, in the order of its steps.

use std::rc::Rc;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use whimbrel_plan::{
    Action, Arena, Loss, Mover, NoReturn, NoWayBack, Step, StepId, StepKind, WayBack,
};

use super::super::schedule::Schedule;
use super::data::{Carried, Data, Lost, puts_on_new_side};
use super::laws::{Law, Laws};

/// A rollback; steps by their place in the mover.
#[derive(Debug, PartialEq)]
pub(super) struct Way {
    after: usize,
    undo: Vec<usize>,
    /// The law of the detection, then those of the undos.
    row: Vec<Law>,
    mean: f64,
    pub p90: f64,
    serves: bool,
    lost: Option<Lost>,
}

impl Way {
    /// Until it is noticed.
    pub fn detect_row(&self) -> &[Law] {
        self.row.get(..1).unwrap_or_default()
    }

    /// Until it is undone, once it is noticed.
    pub fn undo_row(&self) -> &[Law] {
        self.row.get(1..).unwrap_or_default()
    }

    /// As a rollback of this mover.
    pub fn back(&self, mover: &Mover) -> WayBack {
        WayBack {
            after: id(mover, self.after),
            undo: self.undo.iter().map(|place| id(mover, *place)).collect(),
            mean: self.mean,
            p90: self.p90,
            serves: self.serves,
            loss: self.lost.map(|lost| match lost {
                Lost::Nothing => Loss::Nothing,
                Lost::Lag(lag) => Loss::Lag(lag),
                Lost::Since(place) => Loss::Since(id(mover, place)),
            }),
        }
    }

    /// Whether it says nothing that `before` does not.
    fn is_as(&self, before: &Self) -> bool {
        (&self.row, self.serves, self.lost) == (&before.row, before.serves, before.lost)
            && self.undo.len() == before.undo.len()
    }
}

/// What all movers share whose steps are alike.
#[derive(Debug, Default)]
pub(super) struct Course {
    ways: Vec<Way>,
    ends: Vec<(usize, NoWayBack)>,
    /// Of those that serve, by place: the slowest, and the slowest to notice and to undo with their
    /// 90th percentiles.
    slowest: Option<usize>,
    last_noticed: Option<(f64, usize)>,
    slowest_undo: Option<(f64, usize)>,
}

impl Course {
    /// The slowest rollback while the new side serves.
    pub fn slowest(&self) -> Option<&Way> {
        self.ways.get(self.slowest?)
    }

    /// Seconds at P90 until the failure that is noticed last is, and that one's rollback.
    pub fn last_noticed(&self) -> Option<(f64, &Way)> {
        let (p90, place) = self.last_noticed?;
        Some((p90, self.ways.get(place)?))
    }

    /// Seconds at P90 of the slowest undo, detection aside, and its rollback.
    pub fn slowest_undo(&self) -> Option<(f64, &Way)> {
        let (p90, place) = self.slowest_undo?;
        Some((p90, self.ways.get(place)?))
    }

    /// The rollbacks of a mover of this course.
    pub fn ways_back(&self, mover: &Mover) -> Vec<WayBack> {
        self.ways.iter().map(|way| way.back(mover)).collect()
    }

    /// What in its own steps ends the way back of a mover of this course.
    pub fn ends(&self, mover: &Mover, schedule: &Schedule) -> Vec<NoReturn> {
        let ends = self.ends.iter();
        ends.map(|&(place, why)| {
            let from = id(mover, place);
            NoReturn {
                of: mover.node,
                from,
                at: schedule.start(from),
                why,
            }
        })
        .collect()
    }
}

/// The step at a place: those of a mover follow one another.
fn id(mover: &Mover, place: usize) -> StepId {
    mover.steps.get(place).copied().unwrap_or(mover.cutover)
}

/// What decides a course, step by step: how it is done, what undoes it, and where it is tried again.
type Likeness = Vec<(usize, usize, usize)>;

/// The courses of a plan: few, since its movers share their patterns.
pub(super) struct Courses<'a> {
    steps: &'a Arena<StepId, Step>,
    pub laws: Laws<'a>,
    known: FxHashMap<Likeness, Rc<Course>>,
}

impl<'a> Courses<'a> {
    pub fn new(steps: &'a Arena<StepId, Step>) -> Self {
        Self {
            steps,
            laws: Laws::default(),
            known: FxHashMap::default(),
        }
    }

    /// The course of a mover.
    pub fn of(&mut self, mover: &Mover, data: Data<'_>) -> Rc<Course> {
        let all = self.steps;
        let steps: Vec<(&'a Step, usize)> = mover
            .steps
            .iter()
            .map(|step| &all[*step])
            .map(|step| (step, retried(mover, step)))
            .collect();
        if !matches!(data, Data::Nothing) {
            return Rc::new(self.course(&steps, data));
        }
        let likeness = steps.iter().map(|(step, retry)| {
            let undo = step.undo.as_ref().map_or(0, |undo| address(&undo.call));
            (address(&step.work), undo, *retry)
        });
        let likeness: Likeness = likeness.collect();
        if let Some(known) = self.known.get(&likeness) {
            return Rc::clone(known);
        }
        let course = Rc::new(self.course(&steps, data));
        self.known.insert(likeness, Rc::clone(&course));
        course
    }

    fn course(&mut self, steps: &[(&'a Step, usize)], data: Data<'_>) -> Course {
        let mut course = Course::default();
        let mut carried = Carried::default();
        let bridged = matches!(data, Data::Written(Some(_)));
        let (mut serves, mut open, mut since) = (false, true, None);
        for (at, (step, _)) in steps.iter().enumerate() {
            serves |= puts_on_new_side(step);
            if let Some(why) = ends_it(step) {
                course.ends.push((at, why));
                open = false;
            }
            if open {
                carried.done(at, step, bridged);
                since = carried.since();
            }
            if open && puts_on_new_side(step) && !is_undone(steps, at) {
                course.ends.push((at, NoWayBack::NoUndo));
                open = false;
            }
            if open && step.undo.is_some() {
                let way = self.way(steps, at, serves, carried.lost(data));
                if course.ways.last().is_none_or(|before| !way.is_as(before)) {
                    course.ways.push(way);
                }
            }
        }
        if let (Data::Written(_), Some(since)) = (data, since) {
            course.ends.push((since, NoWayBack::NotCarriedBack));
        }
        self.worst(&mut course);
        course
    }

    /// The rollback after the step at a place.
    fn way(
        &mut self,
        steps: &[(&'a Step, usize)],
        at: usize,
        serves: bool,
        lost: Option<Lost>,
    ) -> Way {
        let retry = steps.get(at).map_or(at, |(_, retry)| *retry);
        let done = || steps.iter().enumerate().take(at + 1).rev();
        let traffic = done().filter(|(_, (step, _))| step.weight.is_some());
        let rest = done().filter(|(place, (step, _))| step.weight.is_none() && *place >= retry);
        let mut undo: Vec<usize> = Vec::new();
        let mut actions: Vec<&Action> = Vec::new();
        let mut row: Vec<Law> = Vec::new();
        if let Some((failing, _)) = steps.get(at) {
            row.push(self.laws.number(&failing.work.failure.detect));
        }
        for (place, (step, _)) in traffic.chain(rest) {
            let Some(action) = step.undo.as_ref() else {
                continue;
            };
            if actions.iter().any(|other| is_same(other, action)) {
                continue;
            }
            actions.push(action);
            undo.push(place);
            row.push(self.laws.number(&step.work.failure.undo_takes));
        }
        Way {
            after: at,
            undo,
            mean: self.laws.mean(&row),
            p90: self.laws.slowest(&row, 1).p90(),
            row,
            serves,
            lost,
        }
    }

    /// Finds the slowest rollbacks of a course; of equals the first.
    fn worst(&mut self, course: &mut Course) {
        let mut slowest: Option<(f64, usize)> = None;
        for (place, way) in course.ways.iter().enumerate().filter(|(_, way)| way.serves) {
            let noticed = self.laws.slowest(way.detect_row(), 1).p90();
            let undone = self.laws.slowest(way.undo_row(), 1).p90();
            keep_larger(&mut slowest, way.p90, place);
            keep_larger(&mut course.last_noticed, noticed, place);
            keep_larger(&mut course.slowest_undo, undone, place);
        }
        course.slowest = slowest.map(|(_, place)| place);
    }
}

fn keep_larger(kept: &mut Option<(f64, usize)>, value: f64, place: usize) {
    if kept.is_none_or(|(before, _)| value > before) {
        *kept = Some((value, place));
    }
}

/// Where a step lies; of what is shared, the same for all that share it.
fn address<T>(shared: &Arc<T>) -> usize {
    Arc::as_ptr(shared).addr()
}

/// The place in its mover that a step is tried again from.
fn retried(mover: &Mover, step: &Step) -> usize {
    let first = mover.steps.first().map_or(0, |first| first.index());
    step.retry_from.index().saturating_sub(first)
}

/// Why there is no way back once the step has started.
fn ends_it(step: &Step) -> Option<NoWayBack> {
    let contracts = step
        .action
        .as_ref()
        .is_some_and(|action| action.verb == "schema.contract");
    if step.kind == StepKind::Decommission && !contracts {
        Some(NoWayBack::OldSideGone)
    } else if step.irreversible {
        Some(NoWayBack::Irreversible)
    } else {
        None
    }
}

/// Whether the step at a place can be taken back: by its own undo, or, being a shift of traffic, by
/// that of a shift before it.
fn is_undone(steps: &[(&Step, usize)], at: usize) -> bool {
    let Some((step, _)) = steps.get(at) else {
        return true;
    };
    let before = || steps.iter().take(at);
    let shifted_back = |(step, _): &(&Step, usize)| step.weight.is_some() && step.undo.is_some();
    step.undo.is_some() || step.weight.is_some() && before().any(shifted_back)
}

fn is_same(one: &Action, other: &Action) -> bool {
    one.on == other.on && (Arc::ptr_eq(&one.call, &other.call) || one.call == other.call)
}
