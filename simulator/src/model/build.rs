//! Puts a model together.

use whimbrel_plan::{
    Act, BatchMode, BridgeOver, BridgeTechnique, Distribution, DriverEffect, Mover, Node, Plan,
    ServiceKind, StepId, Unknown,
};

use super::exposure::with_parents;
use super::figure::{Figure, Inputs};
use super::money::Network;
use super::people::{index, teams};
use super::steps::{Builder, escalates, first_shift, places, retry_set};
use super::time::Clocks;
use super::transfer::{self, Length};
use super::{
    BatchModel, Briefs, CopyModel, DriverModel, ExposureModel, Model, MoneyModel, MoverModel,
    ObjectivesModel, StepModel, StepOrder, UnitModel, microseconds,
};
use crate::SimulationError;
use crate::column::{Column, Lists};
use crate::philox::{Entity, Purpose};
use crate::sampler::Samplers;

pub(super) fn build(
    plan: &Plan,
    years: i32,
    samplers: &mut Samplers,
) -> Result<Model, SimulationError> {
    let (predecessors, successors) = edges(plan);
    let mut unknown = Vec::new();
    let transfers = transfers(plan, &mut unknown)?;
    samplers.prepare(laws(plan));
    let mut inputs = Inputs::new(samplers);
    let order = StepOrder::new(plan, &predecessors, &successors, &transfers)?;
    let (units, unit_of_mover) = units(plan);
    let (places, ahead) = places(plan, &unit_of_mover);
    let duration_drivers = driven_by(plan, DriverEffect::Duration);
    let mut clocks = Clocks::new(plan, years)?;
    let teams = teams(plan, &mut clocks, &mut inputs)?;
    let mut builder = Builder {
        plan,
        clocks: &mut clocks,
        inputs: &mut inputs,
        teams: &teams,
        transfers: &transfers,
        places: &places,
        duration_drivers: &duration_drivers,
    };
    let steps: Result<Column<StepModel>, SimulationError> = plan
        .steps
        .iter()
        .map(|(id, step)| builder.step(id, step))
        .collect();
    let retry: Lists = plan
        .steps
        .ids()
        .map(|id| retry_set(plan, id, &places, &predecessors, &successors))
        .collect();
    let steps = steps?;
    let by_rank = order.in_plan.iter();
    let steps: Column<StepModel> = by_rank.map(|&step| steps[step as usize].clone()).collect();
    let failure_drivers = order.by_rank(&driven_by(plan, DriverEffect::Failure));
    let mut money = MoneyModel::new(plan, &Network::new(&order, &predecessors), &mut inputs);
    money.number(|step| order.of(step));
    Ok(Model {
        start: plan.migration.start,
        horizon: clocks.horizon(),
        briefs: Briefs::new(&steps, &failure_drivers),
        steps,
        retry: order.ranks(&retry),
        money,
        predecessors: order.ranks(&predecessors),
        successors: order.ranks(&successors),
        duration_drivers: order.by_rank(&duration_drivers),
        failure_drivers,
        teams,
        links: links(plan),
        clocks: clocks.clocks,
        movers: movers(plan, &order, &mut inputs),
        batches: batches(plan),
        units: with_steps(units, &ahead),
        drivers: drivers(plan, &mut inputs),
        objectives: objectives(plan),
        exposure: ExposureModel::new(plan, &mut inputs),
        inputs: inputs.drawn,
        order: order.in_ranks(),
        unknown,
    })
}

/// The laws of acts and of what follows their failures.
fn laws(plan: &Plan) -> impl Iterator<Item = &Distribution> {
    plan.steps.values().flat_map(|step| {
        let takes = match (&step.act, &step.gate) {
            (_, Some(gate)) => gate.takes.as_ref(),
            (Act::Elapsed(takes) | Act::Working(takes), None) => Some(takes),
            (Act::Instant | Act::Transfer(_), None) => None,
        };
        let failure = &step.failure;
        let after = [&failure.detect, &failure.undo_takes, &failure.fix];
        let escalate = escalates(step).then_some(&failure.escalate);
        let acts = takes.into_iter().chain(step.soak.law());
        acts.chain(after).chain(escalate)
    })
}

/// How many transfers each link takes at once.
fn links(plan: &Plan) -> Column<u32> {
    let links = plan.inventory.links.values();
    links.map(|link| link.at_once.max(1)).collect()
}

fn edges(plan: &Plan) -> (Lists, Lists) {
    let mut successors = vec![Vec::new(); plan.steps.len()];
    let mut predecessors = Lists::default();
    for (id, step) in plan.steps.iter() {
        let mut before: Vec<u32> = step.predecessors.iter().map(|p| index(p.index())).collect();
        before.sort_unstable();
        before.dedup();
        for predecessor in &before {
            if let Some(successors) = successors.get_mut(*predecessor as usize) {
                successors.push(index(id.index()));
            }
        }
        predecessors.push(before);
    }
    (predecessors, successors.into_iter().collect())
}

fn transfers(plan: &Plan, unknown: &mut Vec<Unknown>) -> Result<Column<Length>, SimulationError> {
    plan.steps
        .values()
        .map(|step| {
            let Act::Transfer(transfer) = &step.act else {
                return Ok(Length::default());
            };
            let length = transfer::length(plan, step, transfer)?;
            if length.mean.is_none() {
                unknown.push(Unknown::of_cost(format!(
                    "how long the transfer `{}` takes: neither its link nor its engine says how fast it copies",
                    step.name
                )));
            }
            Ok(length)
        })
        .collect()
}

/// The units of parallel batches with a limit, and the unit of each mover in them.
fn units(plan: &Plan) -> (Vec<UnitModel>, Column<Option<u32>>) {
    let mut units = Vec::new();
    let mut first = Vec::new();
    for (id, batch) in plan.batches.iter() {
        let counted = batch.mode == BatchMode::Parallel && batch.at_once.is_some();
        first.push(counted.then_some(units.len()));
        if counted {
            units.extend(batch.units.iter().map(|_| UnitModel {
                batch: index(id.index()),
                steps: 0,
            }));
        }
    }
    let of = |mover: &Mover| {
        let first = first.get(mover.batch.index()).copied().flatten()?;
        Some(index(first + mover.unit))
    };
    (units, plan.movers.iter().map(of).collect())
}

fn with_steps(mut units: Vec<UnitModel>, ahead: &[(u32, u32)]) -> Column<UnitModel> {
    for (unit, steps) in ahead {
        if let Some(unit) = units.get_mut(*unit as usize) {
            unit.steps += steps;
        }
    }
    units.into_iter().collect()
}

fn driven_by(plan: &Plan, effect: DriverEffect) -> Lists {
    let mut by_step = vec![Vec::new(); plan.steps.len()];
    for (id, driver) in plan.drivers.iter().filter(|(_, d)| d.affects == effect) {
        let mut steps = driver.steps.clone();
        steps.sort_unstable();
        steps.dedup();
        for step in steps {
            if let Some(drivers) = by_step.get_mut(step.index()) {
                drivers.push(index(id.index()));
            }
        }
    }
    by_step.into_iter().collect()
}

fn movers(plan: &Plan, order: &StepOrder, inputs: &mut Inputs<'_>) -> Column<MoverModel> {
    plan.movers
        .iter()
        .map(|mover| {
            let shift = first_shift(mover);
            let from = mover.steps.iter().position(|step| *step == shift);
            let (holds_data, backup_every) = match mover.node {
                Node::Service(id) => (
                    plan.inventory.services[id].kind == ServiceKind::Stateful,
                    None,
                ),
                Node::Resource(id) => (true, plan.inventory.resources[id].backup_every),
            };
            MoverModel {
                batch: index(mover.batch.index()),
                after_shift: mover
                    .steps
                    .iter()
                    .skip(from.unwrap_or(mover.steps.len()))
                    .map(|step| order.rank[step.index()])
                    .collect(),
                cutover: order.rank[mover.cutover.index()],
                node: ExposureModel::position(plan, mover.node),
                holds_data,
                copies: copies(plan, mover, order, inputs),
                backup_every,
            }
        })
        .collect()
}

/// What is known of the copies of a mover: its own, and those that bridges over it or over a part of
/// it keep.
fn copies(
    plan: &Plan,
    mover: &Mover,
    order: &StepOrder,
    inputs: &mut Inputs<'_>,
) -> Vec<CopyModel> {
    if plan.migration.objectives.rpo.is_none() {
        return Vec::new();
    }
    let rank = |step: StepId| order.rank[step.index()];
    let own = mover.copies.iter().map(|copy| CopyModel {
        lag: Figure::Known(copy.lag),
        from: rank(copy.from),
        until: copy.until.into_iter().map(rank).collect(),
    });
    let over_it = plan.bridges.values().filter(|bridge| match bridge.over {
        BridgeOver::Resource(over) => {
            with_parents(plan, over).any(|outer| mover.node == Node::Resource(outer))
        }
        BridgeOver::Edge { .. } => false,
    });
    let bridges = over_it.filter_map(|bridge| {
        let entity = format!("bridge/{}", bridge.name);
        let lag = bridge.lag.as_ref();
        let lag = match bridge.by {
            BridgeTechnique::DualWrite => inputs.or_zero(lag, &entity, Purpose::Lag),
            BridgeTechnique::BackSync | BridgeTechnique::Cdc => {
                inputs.some(lag, &entity, Purpose::Lag)?
            }
            _ => return None,
        };
        Some(CopyModel {
            lag,
            from: rank(bridge.built_by),
            until: bridge.until.iter().copied().map(rank).collect(),
        })
    });
    own.chain(bridges).collect()
}

fn batches(plan: &Plan) -> Column<BatchModel> {
    let batches = plan.batches.values().map(|batch| BatchModel {
        entity: Entity::new(&format!("batch/{}", batch.name)),
        collective: batch.rolls_back_whole(),
        at_once: batch.at_once,
        movers: Vec::new(),
    });
    let mut batches: Column<BatchModel> = batches.collect();
    for (position, mover) in (0_u32..).zip(&plan.movers) {
        batches[mover.batch.index()].movers.push(position);
    }
    batches
}

fn drivers(plan: &Plan, inputs: &mut Inputs<'_>) -> Column<DriverModel> {
    plan.drivers
        .values()
        .map(|driver| {
            let entity = format!("driver/{}", driver.name);
            DriverModel {
                entity: Entity::new(&entity),
                chance: inputs.figure(&driver.chance, &entity, Purpose::DriverChance),
                factor: inputs.samplers.make(&driver.factor),
            }
        })
        .collect()
}

fn objectives(plan: &Plan) -> ObjectivesModel {
    let migration = &plan.migration;
    let start = migration.start.as_microsecond();
    ObjectivesModel {
        sla: migration.objectives.sla,
        sla_period: microseconds(migration.objectives.sla_period),
        rto: migration.objectives.rto.map(microseconds),
        rpo: migration.objectives.rpo,
        deadline: migration
            .deadline
            .map(|deadline| deadline.as_microsecond() - start),
    }
}
