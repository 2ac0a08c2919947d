//! The longest chain of steps at mean durations: what a shorter migration must shorten.

use thiserror::Error;
use whimbrel_plan::{Arena, Step, StepId};

/// Steps that wait for one another, each for the next and the last for the first.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{} steps wait for one another", .steps.len())]
pub struct CircularSteps {
    /// The circle, starting at its least step.
    pub steps: Vec<StepId>,
}

/// The critical path, first step first, and its length in the unit of `mean_duration`. Among equal
/// paths it is the one through the least ids, from the end backwards.
///
/// # Errors
/// When steps wait for one another.
pub fn critical_path(
    steps: &Arena<StepId, Step>,
    mean_duration: impl Fn(StepId) -> f64,
) -> Result<(Vec<StepId>, f64), CircularSteps> {
    let mut finish: Arena<StepId, f64> = steps.ids().map(|_| 0.0).collect();
    let mut before: Arena<StepId, Option<StepId>> = steps.ids().map(|_| None).collect();
    for step in in_order(steps)? {
        let last = latest(steps[step].predecessors.iter().copied(), &finish);
        before[step] = last;
        finish[step] = last.map_or(0.0, |last| finish[last]) + mean_duration(step);
    }
    let mut path: Vec<StepId> =
        std::iter::successors(latest(steps.ids(), &finish), |&step| before[step]).collect();
    let length = path.first().map_or(0.0, |&last| finish[last]);
    path.reverse();
    Ok((path, length))
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
fn in_order(steps: &Arena<StepId, Step>) -> Result<Vec<StepId>, CircularSteps> {
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
