//! The plan as the event loop wants it: integers and positions, no names.
//!
//! Times are microseconds since the start of the migration. Choices where the design leaves a
//! detail open:
//! - A step starts in open time of its calendars (elapsed work with people, and what takes no time
//!   but needs people: of its teams').
//! - Gates wait in the calendar of the approver's team; `within` is counted in it too. A gate is
//!   asked as an act is started: its delay, at its P90, fits its window and touches no freeze.
//! - A transfer whose link and engine both say nothing about speed takes no time and is listed
//!   under `unknown`.
//! - Fix and undo take the people the step itself needs, or one of its team.

mod brief;
mod build;
mod exposure;
mod figure;
mod money;
mod order;
mod people;
mod steps;
mod time;
mod transfer;

use std::hint::select_unpredictable;

use jiff::Timestamp;
use whimbrel_plan::{Plan, Unknown};

use crate::SimulationError;
use crate::clock::Clock;
use crate::column::{Column, Lists};
use crate::philox::{Draws, Entity, Purpose};
use crate::sampler::{Sampler, Samplers};

pub(crate) use brief::{ActKind, Brief, Briefs};
pub(crate) use exposure::{ExposureModel, Flow};
pub(crate) use figure::{Figure, InputModel, attribute};
pub(crate) use money::{BridgeModel, CrossingModel, DualModel, LicenceModel, MoneyModel};
pub(crate) use order::StepOrder;
pub(crate) use transfer::TransferModel;

/// A second in microseconds.
pub(crate) const SECOND: f64 = 1e6;
/// A day in microseconds.
pub(crate) const DAY: f64 = 86_400.0 * SECOND;
/// How long a step may wait for a window: five years of 365.25 days.
pub(crate) const FIVE_YEARS: i64 = 5 * 31_557_600 * 1_000_000;

/// 2^52: doubles from here on are whole.
pub(crate) const ROUNDING: f64 = 4_503_599_627_370_496.0;

/// More microseconds than any calendar can hold.
const LONGEST: f64 = 1e18;

/// Whole microseconds of a number of seconds, half to even; what no calendar can hold is cut.
#[expect(
    clippy::cast_possible_truncation,
    reason = "cut to the range of instants first"
)]
pub(crate) fn microseconds(seconds: f64) -> i64 {
    whole_microseconds(seconds) as i64
}

/// The same as a double.
#[inline(always)]
pub(crate) fn whole_microseconds(seconds: f64) -> f64 {
    let exact = seconds * SECOND;
    // Selected, not branched on: lanes have no branches.
    let exact = if exact > 0.0 { exact } else { 0.0 };
    let exact = if exact < LONGEST { exact } else { LONGEST };
    // Adding and taking away 2^52 leaves the nearest whole number, half to even.
    let rounded = (exact + ROUNDING) - ROUNDING;
    select_unpredictable(exact < ROUNDING, rounded, exact)
}

/// How long an act takes.
#[derive(Clone, Debug)]
pub(crate) enum ActModel {
    /// No time at all.
    Instant,
    /// The sampler's seconds, around the clock or in the step's clock.
    Timed { seconds: Sampler, working: bool },
    /// As long as the inputs of the trial say.
    Transfer(Box<TransferModel>),
    /// Until somebody answers.
    Gate(Box<GateModel>),
}

/// A decision.
#[derive(Clone, Debug)]
pub(crate) struct GateModel {
    pub(crate) entity: Entity,
    pub(crate) delay: Sampler,
    pub(crate) limits: GateLimits,
}

/// What becomes of a question that waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GateLimits {
    pub(crate) within: i64,
    pub(crate) max_hold: Option<i64>,
    pub(crate) undo: bool,
}

/// How a step fails.
#[derive(Clone, Debug)]
pub(crate) struct FailureModel {
    pub(crate) chance: Figure,
    pub(crate) hazard: Option<Figure>,
    pub(crate) severity: Sampler,
    pub(crate) detect: Sampler,
    pub(crate) undo: Sampler,
    pub(crate) fix: Sampler,
    pub(crate) learning: Figure,
    pub(crate) attempts: u32,
    pub(crate) escalate: Sampler,
}

/// One step.
#[derive(Clone, Debug)]
pub(crate) struct StepModel {
    pub(crate) entity: Entity,
    pub(crate) act: ActModel,
    /// Clock the act starts in, and advances in when it is work.
    pub(crate) clock: Option<u32>,
    /// Clock of the fix.
    pub(crate) fix_clock: Option<u32>,
    pub(crate) window: Option<u32>,
    pub(crate) freezes: Option<u32>,
    /// 90th percentile of the act without drivers.
    pub(crate) p90: i64,
    pub(crate) soak: Sampler,
    /// (team, people) held during the act.
    pub(crate) needs: Vec<(u32, u32)>,
    /// Whether the teams of `needs` relieve one another, each working in its own hours.
    pub(crate) relay: bool,
    /// (team, people) of undo and fix.
    pub(crate) crew: Vec<(u32, u32)>,
    pub(crate) link: Option<u32>,
    /// Whether it can fail of itself.
    pub(crate) fails: bool,
    /// Apart, since most attempts never look at it.
    pub(crate) failure: Box<FailureModel>,
    pub(crate) mover: Option<u32>,
    /// Its unit while the step comes before the cutover.
    pub(crate) unit: Option<u32>,
    pub(crate) weight: Option<f64>,
    /// Whether it moves traffic, so that undoing it takes traffic back.
    pub(crate) shifts: bool,
    pub(crate) cutover: bool,
    /// Whether it is its mover's first shift or comes after it.
    pub(crate) shifted: bool,
    pub(crate) irreversible: bool,
    pub(crate) downtime: Sampler,
    pub(crate) driven: bool,
}

impl StepModel {
    /// Whether every trial draws the same for it.
    fn is_certain(&self) -> bool {
        let act = match &self.act {
            ActModel::Timed { seconds, .. } => is_constant(seconds),
            ActModel::Gate(gate) => is_constant(&gate.delay),
            ActModel::Instant | ActModel::Transfer(_) => true,
        };
        act && !self.fails && is_constant(&self.soak) && is_constant(&self.downtime)
    }

    /// Whether its act advances in open time only.
    pub(crate) fn advances(&self) -> bool {
        match &self.act {
            ActModel::Timed { working, .. } => *working,
            ActModel::Gate(_) => true,
            ActModel::Instant | ActModel::Transfer(_) => false,
        }
    }
}

/// Whether a sampler gives one value only.
fn is_constant(sampler: &Sampler) -> bool {
    match sampler {
        Sampler::Constant(_) => true,
        Sampler::Affine { of, .. } | Sampler::Truncated { of, .. } => is_constant(of),
        Sampler::Triangular(_) | Sampler::Law(_) | Sampler::Table { .. } => false,
    }
}

/// A team.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TeamModel {
    pub(crate) engineers: Option<u32>,
    pub(crate) rate_per_hour: Figure,
    pub(crate) clock: Option<u32>,
}

/// A moving service or resource.
#[derive(Clone, Debug)]
pub(crate) struct MoverModel {
    pub(crate) batch: u32,
    /// The steps from the first shift on.
    pub(crate) after_shift: Vec<u32>,
    pub(crate) cutover: u32,
    /// Position among services, then resources, of the exposure graph.
    pub(crate) node: u32,
    /// Whether a rollback can lose data written to it.
    pub(crate) holds_data: bool,
    pub(crate) copies: Vec<CopyModel>,
    pub(crate) backup_every: Option<f64>,
}

/// A second copy of what moves.
#[derive(Clone, Debug)]
pub(crate) struct CopyModel {
    /// How far it is behind, seconds.
    pub(crate) lag: Figure,
    /// It stands once this step is done,
    pub(crate) from: u32,
    /// until all of these are; to the end where there is none.
    pub(crate) until: Vec<u32>,
}

/// A batch.
#[derive(Clone, Debug)]
pub(crate) struct BatchModel {
    pub(crate) entity: Entity,
    /// Whether one failure rolls back all.
    pub(crate) collective: bool,
    pub(crate) at_once: Option<u32>,
    pub(crate) movers: Vec<u32>,
}

/// A unit of a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnitModel {
    pub(crate) batch: u32,
    /// How many steps come before it is ready for cutover.
    pub(crate) steps: u32,
}

/// A driver.
#[derive(Clone, Debug)]
pub(crate) struct DriverModel {
    pub(crate) entity: Entity,
    pub(crate) chance: Figure,
    pub(crate) factor: Sampler,
}

impl DriverModel {
    /// By how much it multiplies what it is on, where its chance is `chance`.
    pub(crate) fn draw(&self, draws: Draws, chance: f64) -> f64 {
        if draws.uniform(self.entity, Purpose::DriverChance, 1) < chance {
            let u = draws.uniform(self.entity, Purpose::DriverFactor, 1);
            self.factor.sample(u)
        } else {
            1.0
        }
    }
}

/// Limits that may be broken, in microseconds where they are times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ObjectivesModel {
    pub(crate) sla: Option<f64>,
    pub(crate) sla_period: i64,
    pub(crate) rto: Option<i64>,
    pub(crate) rpo: Option<f64>,
    pub(crate) deadline: Option<i64>,
}

/// A plan made ready for trials.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    pub(crate) start: Timestamp,
    /// How far clocks reach.
    pub(crate) horizon: i64,
    /// By rank, as all that is said of steps.
    pub(crate) steps: Column<StepModel>,
    /// The same in brief.
    pub(crate) briefs: Briefs,
    pub(crate) predecessors: Lists,
    pub(crate) successors: Lists,
    pub(crate) order: StepOrder,
    /// The steps a failure of each sets back.
    pub(crate) retry: Lists,
    /// Drivers of durations, by step.
    pub(crate) duration_drivers: Lists,
    /// Drivers of chances, by step.
    pub(crate) failure_drivers: Lists,
    pub(crate) teams: Column<TeamModel>,
    pub(crate) links: Column<u32>,
    pub(crate) clocks: Column<Clock>,
    pub(crate) movers: Column<MoverModel>,
    pub(crate) batches: Column<BatchModel>,
    pub(crate) units: Column<UnitModel>,
    pub(crate) drivers: Column<DriverModel>,
    /// What is drawn once a trial.
    pub(crate) inputs: Column<InputModel>,
    pub(crate) objectives: ObjectivesModel,
    pub(crate) exposure: ExposureModel,
    pub(crate) money: MoneyModel,
    /// What the simulation does not know beyond the plan's own list.
    pub(crate) unknown: Vec<Unknown>,
}

impl Model {
    /// All that is not known, of `plan` and to the simulation.
    pub(crate) fn unknown_with(&self, plan: &Plan) -> Vec<Unknown> {
        plan.unknown.iter().chain(&self.unknown).cloned().collect()
    }

    /// Whether every trial is the same: nothing is drawn, and nothing fails. A driver that might act
    /// counts as drawn.
    pub(crate) fn is_certain(&self) -> bool {
        self.inputs.is_empty()
            && self.drivers.is_empty()
            && self.steps.iter().all(StepModel::is_certain)
    }

    /// The steps in the order of the plan.
    pub(crate) fn in_plan(&self) -> impl Iterator<Item = &StepModel> {
        let ranks = self.order.rank.iter();
        ranks.map(|&rank| &self.steps[rank as usize])
    }

    /// The value of a figure in a trial.
    pub(crate) fn input(&self, figure: Figure, draws: Draws) -> f64 {
        match figure {
            Figure::Known(value) => value,
            Figure::Drawn(input) => self.inputs[input as usize].draw(draws),
        }
    }

    /// Draws what is drawn once a trial: the inputs, then the factors of the drivers.
    pub(crate) fn draw_once(
        &self,
        draws: Draws,
        inputs: &mut Column<f64>,
        factors: &mut Column<f64>,
    ) {
        for (value, input) in inputs.iter_mut().zip(self.inputs.iter()) {
            *value = input.draw(draws);
        }
        for (factor, driver) in factors.iter_mut().zip(self.drivers.iter()) {
            *factor = driver.draw(draws, driver.chance.value(inputs));
        }
    }

    /// Makes `plan` ready, with calendars for `years` years.
    pub(crate) fn new(plan: &Plan, years: i32) -> Result<Self, SimulationError> {
        build::build(plan, years, &mut Samplers::default())
    }
}

#[cfg(test)]
mod tests {
    use super::microseconds;

    /// Halves are exact in binary: 0.5, 1.5 and 2.5 µs go to the even neighbour.
    #[test]
    fn durations_are_rounded_half_to_even() {
        for (seconds, expected) in [
            (0.0, 0),
            (0.5e-6, 0),
            (1.5e-6, 2),
            (2.5e-6, 2),
            (2.6e-6, 3),
            (1.0, 1_000_000),
            (-1.0, 0),
            (1e9, 1_000_000_000_000_000),
            (f64::INFINITY, 1_000_000_000_000_000_000),
        ] {
            assert_eq!(microseconds(seconds), expected, "{seconds}");
        }
    }
}
