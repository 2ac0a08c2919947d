//! The order of steps: topological for backward passes, by priority for dispatch.
//!
//! Priority is the latest finish of a backward pass on mean act and soak (working hours × 168 ÷
//! weekly hours, no failures, no limits on people), in whole microseconds, then the step's name.

use whimbrel_plan::{Act, Calendar, Distribution, Gate, Plan, Step, hours_of_any};

use super::microseconds;
use super::people::is_relay;
use super::transfer::Length;
use crate::SimulationError;
use crate::column::{Column, Lists};

/// Both orders.
#[derive(Clone, Debug, Default)]
pub(crate) struct StepOrder {
    /// Every step after its predecessors.
    pub(crate) topological: Vec<u32>,
    /// The steps by priority.
    pub(crate) by_rank: Column<u32>,
    /// The rank of each step.
    pub(crate) rank: Column<u32>,
}

impl StepOrder {
    pub(super) fn new(
        plan: &Plan,
        predecessors: &Lists,
        successors: &Lists,
        transfers: &Column<Length>,
    ) -> Result<Self, SimulationError> {
        let topological = topological(plan, predecessors, successors)?;
        let means: Column<i64> = plan
            .steps
            .iter()
            .map(|(id, step)| mean_length(plan, step, transfers[id.index()].mean.unwrap_or(0.0)))
            .collect();
        let latest = latest_finishes(&topological, predecessors, successors, &means);
        let mut by_rank: Vec<u32> = topological.clone();
        let names: Column<&str> = plan.steps.values().map(|step| step.name.as_str()).collect();
        by_rank.sort_by_key(|&step| (latest[step as usize], names[step as usize]));
        let mut rank = Column::filled(0, by_rank.len());
        for (position, &step) in (0_u32..).zip(&by_rank) {
            rank[step as usize] = position;
        }
        Ok(Self {
            topological,
            by_rank: by_rank.into_iter().collect(),
            rank,
        })
    }
}

fn topological(
    plan: &Plan,
    predecessors: &Lists,
    successors: &Lists,
) -> Result<Vec<u32>, SimulationError> {
    let count = plan.steps.len();
    let mut waiting: Column<usize> = (0..count).map(|step| predecessors.of(step).len()).collect();
    let mut order: Vec<u32> = (0_u32..)
        .zip(waiting.iter())
        .filter(|(_, count)| **count == 0)
        .map(|(step, _)| step)
        .collect();
    let mut next = 0;
    while let Some(&step) = order.get(next) {
        next += 1;
        for &successor in successors.of(step as usize) {
            waiting[successor as usize] -= 1;
            if waiting[successor as usize] == 0 {
                order.push(successor);
            }
        }
    }
    if order.len() == count {
        return Ok(order);
    }
    let stuck: Vec<String> = plan
        .steps
        .iter()
        .filter(|(id, _)| waiting[id.index()] > 0)
        .take(5)
        .map(|(_, step)| format!("`{}`", step.name))
        .collect();
    Err(SimulationError::CyclicSteps {
        steps: stuck.join(", "),
    })
}

fn latest_finishes(
    topological: &[u32],
    predecessors: &Lists,
    successors: &Lists,
    lengths: &Column<i64>,
) -> Column<i64> {
    let mut earliest = Column::filled(0_i64, lengths.len());
    let mut end = 0;
    for step in topological.iter().map(|&step| step as usize) {
        let ready = predecessors.of(step).iter();
        let ready = ready.map(|&p| earliest[p as usize]).max().unwrap_or(0);
        earliest[step] = ready.saturating_add(lengths[step]);
        end = end.max(earliest[step]);
    }
    let mut latest = Column::filled(end, lengths.len());
    for step in topological.iter().rev().map(|&step| step as usize) {
        let after = successors.of(step).iter();
        latest[step] = after
            .map(|&s| latest[s as usize].saturating_sub(lengths[s as usize]))
            .min()
            .unwrap_or(end);
    }
    latest
}

/// Mean act and soak, in microseconds of elapsed time.
fn mean_length(plan: &Plan, step: &Step, transfer: f64) -> i64 {
    if step.added {
        return 0;
    }
    if let Some(gate) = &step.gate {
        return microseconds(mean_answer(plan, gate))
            .saturating_add(microseconds(step.soak.mean()));
    }
    let act = match &step.act {
        Act::Instant => 0.0,
        Act::Elapsed(takes) => takes.mean(),
        Act::Working(takes) => takes.mean() * 168.0 / weekly_hours(plan, step),
        Act::Transfer(_) => transfer,
    };
    microseconds(act).saturating_add(microseconds(step.soak.mean()))
}

/// Hours of a week in which the work of a step advances.
fn weekly_hours(plan: &Plan, step: &Step) -> f64 {
    let calendars = step.calendars.iter().map(|&id| &plan.calendars[id]);
    if is_relay(step) {
        let calendars: Vec<&Calendar> = calendars.collect();
        return hours_of_any(&calendars, plan.migration.start).unwrap_or(168.0);
    }
    calendars
        .map(Calendar::hours_per_week)
        .fold(168.0, f64::min)
}

fn mean_answer(plan: &Plan, gate: &Gate) -> f64 {
    let calendar = approvers_calendar(plan, gate).map(|id| &plan.calendars[id]);
    let weekly = calendar.map_or(168.0, Calendar::hours_per_week);
    answer(gate).mean() * 168.0 / weekly
}

/// The calendar in which the approver answers.
pub(super) fn approvers_calendar(plan: &Plan, gate: &Gate) -> Option<whimbrel_plan::CalendarId> {
    let team = plan.roles[gate.approve?].team?;
    plan.inventory.teams[team].calendar
}

/// The law of the delay until the answer.
pub(super) fn answer(gate: &Gate) -> Distribution {
    match &gate.takes {
        Some(takes) => takes.clone(),
        None => Distribution::triangular(0.0, gate.within / 4.0, gate.within)
            .unwrap_or(Distribution::constant(0.0)),
    }
}
