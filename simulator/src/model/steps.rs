//! Steps with their acts, failures and places in movers and units.

use whimbrel_plan::{Act, Mover, Plan, Step, StepId, StepKind};

use super::figure::Inputs;
use super::order::answer;
use super::people::{crew, index, is_relay, needs, start_calendars};
use super::time::Clocks;
use super::transfer::{self, Length};
use super::{ActModel, FailureModel, GateLimits, GateModel, StepModel, TeamModel, microseconds};
use crate::SimulationError;
use crate::column::{Column, Lists};
use crate::philox::{Entity, Purpose};
use crate::sampler::Sampler;

/// Where a step stands among the movers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    pub(super) mover: Option<u32>,
    pub(super) unit: Option<u32>,
    pub(super) cutover: bool,
    pub(super) shifted: bool,
}

/// Makes the steps of one plan.
pub(super) struct Builder<'a, 'p, 's> {
    pub(super) plan: &'p Plan,
    pub(super) clocks: &'a mut Clocks<'p>,
    pub(super) inputs: &'a mut Inputs<'s>,
    pub(super) teams: &'a Column<TeamModel>,
    pub(super) transfers: &'a Column<Length>,
    pub(super) places: &'a Column<Place>,
    pub(super) duration_drivers: &'a Lists,
}

impl Builder<'_, '_, '_> {
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
                Sampler::Constant(0.0)
            } else {
                self.inputs.sampler(&step.soak)
            },
            crew: crew(step, &needs),
            relay: is_relay(step),
            needs,
            link: match &step.act {
                Act::Transfer(transfer) => transfer.link.map(|link| index(link.index())),
                _ => None,
            },
            fails: fails(step),
            failure: Box::new(self.failure(step)),
            mover: place.mover,
            unit: place.unit,
            weight: step.weight,
            shifts: step.weight.is_some()
                || matches!(step.kind, StepKind::Shift | StepKind::Cutover)
                || place.cutover,
            cutover: place.cutover || step.kind == StepKind::Cutover,
            shifted: place.shifted,
            irreversible: step.irreversible,
            downtime: self.inputs.sampler(&step.downtime),
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
                delay: self.inputs.samplers.make(&delay),
                limits: GateLimits {
                    within: microseconds(gate.within),
                    max_hold: gate.max_hold.map(microseconds),
                    undo: gate.otherwise == whimbrel_plan::NoAnswer::Undo,
                },
            };
            return Ok((
                ActModel::Gate(Box::new(gate)),
                microseconds(delay.quantile(0.9)),
            ));
        }
        let (seconds, p90, working) = match &step.act {
            Act::Instant => return Ok((ActModel::Instant, 0)),
            Act::Elapsed(takes) => (self.inputs.samplers.make(takes), takes.quantile(0.9), false),
            Act::Working(takes) => (self.inputs.samplers.make(takes), takes.quantile(0.9), true),
            Act::Transfer(transfer) => {
                let length = self.transfers[id.index()];
                let p90 = microseconds(length.p90);
                return Ok(
                    match transfer::model(self.plan, step, transfer, self.inputs) {
                        Some(model) if length.mean.is_some() => {
                            (ActModel::Transfer(Box::new(model)), p90)
                        }
                        _ => {
                            let seconds = Sampler::Constant(length.mean.unwrap_or(0.0));
                            let working = false;
                            (ActModel::Timed { seconds, working }, p90)
                        }
                    },
                );
            }
        };
        Ok((ActModel::Timed { seconds, working }, microseconds(p90)))
    }

    fn clock(&mut self, step: &Step, act: &ActModel) -> Result<Option<u32>, SimulationError> {
        let calendars = match (act, &step.gate) {
            (ActModel::Gate(_), Some(gate)) => {
                self.plan.approvers_calendar(gate).into_iter().collect()
            }
            (ActModel::Timed { working: true, .. }, _) => step.calendars.clone(),
            // What takes no time still needs its people there.
            (
                ActModel::Timed { working: false, .. } | ActModel::Transfer(_) | ActModel::Instant,
                _,
            ) if !step.needs.is_empty() && !step.added => start_calendars(self.plan, step),
            _ => Vec::new(),
        };
        if is_relay(step) {
            self.clocks.any_of(calendars, &step.name)
        } else {
            self.clocks.calendars(calendars, &step.name)
        }
    }

    fn failure(&mut self, step: &Step) -> FailureModel {
        let (failure, inputs) = (&step.failure, &mut *self.inputs);
        let hazard = failure.hazard.as_ref();
        FailureModel {
            chance: inputs.figure(&failure.chance, &step.name, Purpose::Chance),
            hazard: inputs.some(hazard, &step.name, Purpose::HazardRate),
            severity: inputs.sampler(&failure.severity),
            detect: inputs.samplers.make(&failure.detect),
            undo: inputs.samplers.make(&failure.undo_takes),
            fix: inputs.samplers.make(&failure.fix),
            learning: inputs.figure(&failure.learning, &step.name, Purpose::Learning),
            attempts: failure.attempts.max(1),
            escalate: match escalates(step) {
                true => inputs.samplers.make(&failure.escalate),
                false => Sampler::Constant(0.0),
            },
        }
    }
}

fn fails(step: &Step) -> bool {
    !step.added && (step.failure.chance.mean() > 0.0 || step.failure.hazard.is_some())
}

/// Whether it can wait for what its owner decides: after failures, which a window that closes is,
/// or where nobody answers.
pub(super) fn escalates(step: &Step) -> bool {
    fails(step) || step.window.is_some() || step.gate.is_some()
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
    let from = plan.steps[failed].retry_from;
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
