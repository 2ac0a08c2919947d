//! When steps start and end if each starts as soon as it may, without failures and without waiting
//! for people, windows or freezes; and the longest chain of them: what a shorter migration must
//! shorten.

use thiserror::Error;
use whimbrel_plan::{Arena, Step, StepId};

/// Steps that wait for one another, each for the next and the last for the first.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{} steps wait for one another", .steps.len())]
pub struct CircularSteps {
    /// The circle, starting at its least step.
    pub steps: Vec<StepId>,
}

/// Where steps stand in time, in the unit of their durations and from the start of the first.
#[derive(Clone, Debug)]
pub struct Schedule {
    finish: Arena<StepId, f64>,
    /// The predecessor each step waits for to the last.
    before: Arena<StepId, Option<StepId>>,
}

impl Schedule {
    /// Every step as soon as its predecessors are done.
    ///
    /// # Errors
    /// When steps wait for one another.
    pub fn new(
        steps: &Arena<StepId, Step>,
        duration: impl Fn(StepId) -> f64,
    ) -> Result<Self, CircularSteps> {
        let mut finish: Arena<StepId, f64> = steps.ids().map(|_| 0.0).collect();
        let mut before: Arena<StepId, Option<StepId>> = steps.ids().map(|_| None).collect();
        for step in in_order(steps)? {
            let last = latest(steps[step].predecessors.iter().copied(), &finish);
            before[step] = last;
            finish[step] = last.map_or(0.0, |last| finish[last]) + duration(step);
        }
        Ok(Self { finish, before })
    }

    /// When a step starts.
    #[must_use]
    pub fn start(&self, step: StepId) -> f64 {
        self.before[step].map_or(0.0, |last| self.finish[last])
    }

    /// When a step ends, its soak included.
    #[must_use]
    pub fn finish(&self, step: StepId) -> f64 {
        self.finish[step]
    }

    /// The critical path, first step first, and its length. Among equal paths it is the one through
    /// the least ids, from the end backwards.
    #[must_use]
    pub fn critical_path(&self) -> (Vec<StepId>, f64) {
        let last = latest(self.finish.ids(), &self.finish);
        let mut path: Vec<StepId> =
            std::iter::successors(last, |&step| self.before[step]).collect();
        path.reverse();
        (path, last.map_or(0.0, |last| self.finish[last]))
    }
}

/// The step that finishes last; of equals the least.
fn latest(steps: impl Iterator<Item = StepId>, finish: &Arena<StepId, f64>) -> Option<StepId> {
    steps.reduce(|best, step| match finish[step].total_cmp(&finish[best]) {
        std::cmp::Ordering::Greater => step,
        std::cmp::Ordering::Equal => best.min(step),
        std::cmp::Ordering::Less => best,
    })
}

/// The steps, each after its predecessors.
///
/// # Errors
/// When steps wait for one another.
pub fn in_order(steps: &Arena<StepId, Step>) -> Result<Vec<StepId>, CircularSteps> {
    let mut waiting: Arena<StepId, usize> =
        steps.values().map(|step| step.predecessors.len()).collect();
    let mut followers: Arena<StepId, Vec<StepId>> = steps.ids().map(|_| Vec::new()).collect();
    for (id, step) in steps.iter() {
        for &predecessor in &step.predecessors {
            followers[predecessor].push(id);
        }
    }
    let free = steps.ids().filter(|&id| waiting[id] == 0);
    let mut order: Vec<StepId> = free.collect();
    let mut next = 0;
    while let Some(&step) = order.get(next) {
        next += 1;
        for &follower in &followers[step] {
            waiting[follower] -= 1;
            if waiting[follower] == 0 {
                order.push(follower);
            }
        }
    }
    match steps.ids().find(|&id| waiting[id] > 0) {
        None => Ok(order),
        Some(stuck) => Err(circle(steps, &waiting, stuck)),
    }
}

/// A circle among the steps still waiting, found by going back from one of them: each has a
/// predecessor that waits too.
fn circle(
    steps: &Arena<StepId, Step>,
    waiting: &Arena<StepId, usize>,
    stuck: StepId,
) -> CircularSteps {
    let mut seen: Arena<StepId, bool> = steps.ids().map(|_| false).collect();
    let back = |step: StepId| {
        let mut predecessors = steps[step].predecessors.iter().copied();
        predecessors.find(|&id| waiting[id] > 0)
    };
    let mut step = stuck;
    while !std::mem::replace(&mut seen[step], true) {
        step = back(step).unwrap_or(step);
    }
    let start = step;
    let next = |&step: &StepId| back(step).filter(|&step| step != start);
    let mut steps: Vec<StepId> = std::iter::successors(Some(start), next).collect();
    let least = steps.iter().min().copied();
    let turn = steps.iter().position(|step| Some(*step) == least);
    steps.rotate_left(turn.unwrap_or(0));
    CircularSteps { steps }
}

#[cfg(test)]
mod tests;
