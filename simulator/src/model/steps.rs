//! Steps with their acts, failures and places in movers and units.

use whimbrel_plan::{Act, Failure, Mover, Plan, Step, StepId, StepKind, Transfer};

use super::order::{answer, approvers_calendar};
use super::people::{crew, index, needs, start_calendars};
use super::time::Clocks;
use super::{ActModel, FailureModel, GateModel, StepModel, TeamModel, microseconds};
use crate::SimulationError;
use crate::column::{Column, Lists};
use crate::philox::Entity;
use crate::sampler::{Sampler, Samplers};

/// Where a step stands among the movers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) mover: Option<u32>,
    pub(super) unit: Option<u32>,
    pub(super) cutover: bool,
    pub(super) shifted: bool,
}

/// The seconds a transfer takes; none when nothing says how fast it is.
pub(super) fn transfer_seconds(
    plan: &Plan,
    step: &Step,
    transfer: &Transfer,
) -> Result<Option<f64>, SimulationError> {
    let link = transfer.link.map(|id| &plan.inventory.links[id]);
    let share = link.and_then(|link| Some(link.bandwidth? / f64::from(link.at_once.max(1))));
    let copied = match (share, transfer.throughput) {
        (Some(share), Some(throughput)) => share.min(throughput),
        (Some(speed), None) | (None, Some(speed)) => speed,
        (None, None) => return Ok(None),
    };
    if copied <= transfer.change_rate {
        return Err(SimulationError::TransferDiverges {
            step: step.name.clone(),
            copied,
            changed: transfer.change_rate,
        });
    }
    Ok(Some(transfer.size / (copied - transfer.change_rate)))
}

/// Makes the steps of one plan.
pub(super) struct Builder<'a, 'p> {
    pub(super) plan: &'p Plan,
    pub(super) clocks: &'a mut Clocks<'p>,
    pub(super) samplers: &'a mut Samplers,
    pub(super) teams: &'a Column<TeamModel>,
    pub(super) transfers: &'a Column<f64>,
    pub(super) places: &'a Column<Place>,
    pub(super) rank: &'a Column<u32>,
    pub(super) duration_drivers: &'a Lists,
}

impl Builder<'_, '_> {
    pub(super) fn step(&mut self, id: StepId, step: &Step) -> Result<StepModel, SimulationError> {
        let place = self.places[id.index()];
        let needs = if step.added {
            Vec::new()
        } else {
            needs(self.plan, step)?
        };
        let (act, p90) = self.act(id, step)?;
        let fix_clock = step.team.and_then(|team| self.teams[team.index()].clock);
        Ok(StepModel {
            entity: Entity::new(&step.name),
            clock: self.clock(step, &act)?,
            fix_clock,
            window: self.clocks.window(step.window)?,
            freezes: self.clocks.freezes(step)?,
            p90,
            soak: if step.added {
                0
            } else {
                microseconds(step.soak)
            },
            crew: crew(step, &needs),
            needs,
            link: match &step.act {
                Act::Transfer(transfer) => transfer.link.map(|link| index(link.index())),
                _ => None,
            },
            fails: !step.added && (step.failure.chance > 0.0 || step.failure.hazard.is_some()),
            failure: Box::new(self.failure(&step.failure)),
            rank: self.rank[id.index()],
            mover: place.mover,
            unit: place.unit,
            weight: step.weight,
            shifts: step.weight.is_some()
                || matches!(step.kind, StepKind::Shift | StepKind::Cutover)
                || place.cutover,
            cutover: place.cutover || step.kind == StepKind::Cutover,
            shifted: place.shifted,
            irreversible: step.irreversible,
            downtime: microseconds(step.downtime),
            driven: !self.duration_drivers.of(id.index()).is_empty(),
            act,
        })
    }

    /// The act and its 90th percentile in microseconds.
    fn act(&mut self, id: StepId, step: &Step) -> Result<(ActModel, i64), SimulationError> {
        if step.added {
            return Ok((ActModel::Instant, 0));
        }
        if let Some(gate) = &step.gate {
            let delay = answer(gate);
            let gate = GateModel {
                entity: Entity::new(&format!("gate/{}", step.name)),
                within: microseconds(gate.within),
                undo: gate.otherwise == whimbrel_plan::NoAnswer::Undo,
                max_hold: gate.max_hold.map(microseconds),
                delay: self.samplers.make(&delay),
            };
            return Ok((
                ActModel::Gate(Box::new(gate)),
                microseconds(delay.quantile(0.9)),
            ));
        }
        let (seconds, p90, working) = match &step.act {
            Act::Instant => return Ok((ActModel::Instant, 0)),
            Act::Elapsed(takes) => (self.samplers.make(takes), takes.quantile(0.9), false),
            Act::Working(takes) => (self.samplers.make(takes), takes.quantile(0.9), true),
            Act::Transfer(_) => {
                let seconds = self.transfers[id.index()];
                (Sampler::Constant(seconds), seconds, false)
            }
        };
        Ok((ActModel::Timed { seconds, working }, microseconds(p90)))
    }

    fn clock(&mut self, step: &Step, act: &ActModel) -> Result<Option<u32>, SimulationError> {
        let calendars = match (act, &step.gate) {
            (ActModel::Gate(_), Some(gate)) => {
                approvers_calendar(self.plan, gate).into_iter().collect()
            }
            (ActModel::Timed { working: true, .. }, _) => step.calendars.clone(),
            // What takes no time still needs its people there.
            (ActModel::Timed { working: false, .. } | ActModel::Instant, _)
                if !step.needs.is_empty() && !step.added =>
            {
                start_calendars(self.plan, step)
            }
            _ => Vec::new(),
        };
        self.clocks.calendars(calendars, &step.name)
    }

    fn failure(&mut self, failure: &Failure) -> FailureModel {
        FailureModel {
            chance: failure.chance,
            hazard: failure.hazard,
            severity: failure.severity,
            detect: self.samplers.make(&failure.detect),
            undo: self.samplers.make(&failure.undo_takes),
            fix: self.samplers.make(&failure.fix),
            learning: failure.learning,
            attempts: failure.attempts.max(1),
            escalate: self.samplers.make(&failure.escalate),
        }
    }
}

/// The steps a failure of `failed` sets back: those between `retry_from` and it, within the same
/// mover where it has one.
pub(super) fn retry_set(
    plan: &Plan,
    failed: StepId,
    places: &Column<Place>,
    predecessors: &Lists,
    successors: &Lists,
) -> Vec<u32> {
    let from = plan.steps[failed].failure.retry_from;
    let (failed, from) = (index(failed.index()), index(from.index()));
    if failed == from {
        return vec![failed];
    }
    let mover = places[failed as usize].mover;
    let inside = |step: u32| places[step as usize].mover == mover;
    let after = reach(from, successors, inside);
    let before = reach(failed, predecessors, |step| after.contains(&step));
    if before.contains(&from) {
        before.into_iter().collect()
    } else {
        vec![failed]
    }
}

fn reach(
    from: u32,
    edges: &Lists,
    allowed: impl Fn(u32) -> bool,
) -> std::collections::BTreeSet<u32> {
    let mut reached = std::collections::BTreeSet::from([from]);
    let mut todo = vec![from];
    while let Some(step) = todo.pop() {
        for &next in edges.of(step as usize) {
            if allowed(next) && reached.insert(next) {
                todo.push(next);
            }
        }
    }
    reached
}

/// The place of every step, and how many steps each unit has before it is ready for cutover.
pub(super) fn places(plan: &Plan, units: &Column<Option<u32>>) -> (Column<Place>, Vec<(u32, u32)>) {
    let mut places = Column::filled(Place::default(), plan.steps.len());
    let mut ahead = Vec::new();
    for ((position, mover), unit) in (0_u32..).zip(&plan.movers).zip(units.iter()) {
        let before = mover.steps.iter().position(|step| *step == mover.cutover);
        let before = before.unwrap_or(mover.steps.len());
        let shift = mover
            .steps
            .iter()
            .position(|step| *step == first_shift(mover));
        for (order, step) in mover.steps.iter().enumerate() {
            places[step.index()] = Place {
                mover: Some(position),
                unit: unit.filter(|_| order < before),
                cutover: *step == mover.cutover,
                shifted: shift.is_some_and(|shift| order >= shift),
            };
        }
        if let Some(unit) = *unit {
            ahead.push((unit, index(before)));
        }
    }
    (places, ahead)
}

/// The step from which the new side takes traffic.
pub(super) fn first_shift(mover: &Mover) -> StepId {
    mover.first_shift.unwrap_or(mover.cutover)
}
