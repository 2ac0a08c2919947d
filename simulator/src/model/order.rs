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
use crate::precedence::{latest_finishes, topological};

/// Both orders.
///
/// The model numbers steps by rank: what is under way at the same time lies close together then, and
/// of thousands of steps most of what a trial looks at is in the cache already.
#[derive(Clone, Debug, Default)]
pub(crate) struct StepOrder {
    /// Every step after its predecessors.
    pub(crate) topological: Vec<u32>,
    /// The number in the plan of each rank.
    pub(crate) in_plan: Column<u32>,
    /// The rank of each number in the plan.
    pub(crate) rank: Column<u32>,
}

impl StepOrder {
    /// From what is numbered as in the plan; `topological` is so, too.
    pub(super) fn new(
        plan: &Plan,
        predecessors: &Lists,
        successors: &Lists,
        transfers: &Column<Length>,
    ) -> Result<Self, SimulationError> {
        let topological =
            topological(predecessors, successors).map_err(|stuck| cyclic(plan, &stuck))?;
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
            in_plan: by_rank.into_iter().collect(),
            rank,
        })
    }

    /// The rank of a number in the plan.
    pub(crate) fn of(&self, step: u32) -> u32 {
        self.rank[step as usize]
    }

    /// With the ranks of numbers in the plan.
    pub(super) fn in_ranks(self) -> Self {
        let topological = self.topological.iter().map(|&step| self.of(step));
        Self {
            topological: topological.collect(),
            ..self
        }
    }

    /// Lists of anything, by rank.
    pub(super) fn by_rank(&self, lists: &Lists) -> Lists {
        let rows = self.in_plan.iter().map(|&step| lists.of(step as usize));
        rows.map(|row| row.iter().copied()).collect()
    }

    /// Lists of steps, by rank and with ranks.
    pub(super) fn ranks(&self, lists: &Lists) -> Lists {
        let rows = self.in_plan.iter().map(|&step| lists.of(step as usize));
        rows.map(|row| row.iter().map(|&step| self.of(step)))
            .collect()
    }
}

fn cyclic(plan: &Plan, stuck: &[u32]) -> SimulationError {
    let steps = stuck.iter().take(5);
    let steps = steps.filter_map(|&step| plan.steps.values().nth(step as usize));
    let names: Vec<String> = steps.map(|step| format!("`{}`", step.name)).collect();
    SimulationError::CyclicSteps {
        steps: names.join(", "),
    }
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
    let calendar = plan.approvers_calendar(gate).map(|id| &plan.calendars[id]);
    let weekly = calendar.map_or(168.0, Calendar::hours_per_week);
    answer(gate).mean() * 168.0 / weekly
}

/// The law of the delay until the answer.
pub(super) fn answer(gate: &Gate) -> Distribution {
    match &gate.takes {
        Some(takes) => takes.clone(),
        None => Distribution::triangular(0.0, gate.within / 4.0, gate.within)
            .unwrap_or(Distribution::constant(0.0)),
    }
}
