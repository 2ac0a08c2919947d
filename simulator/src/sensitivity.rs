//! Which inputs move the finish and the cost: over the first trials, whose draws are drawn again
//! rather than kept.

use rayon::prelude::*;
use whimbrel_plan::Plan;

use crate::Settings;
use crate::estimates::DriverEstimates;
use crate::model::{ActModel, DAY, DriverModel, Model, attribute, microseconds};
use crate::philox::{Draws, Entity, Purpose};
use crate::run::{Results, SAMPLED};
use crate::sampler::Sampler;
use crate::statistics::{moments, number, rank};

/// An uncertain input: its name and its value in a trial.
struct Input<'a> {
    name: String,
    value: Box<dyn Fn(u32) -> f64 + Sync + Send + 'a>,
}

/// Drivers and all uncertain inputs, largest swing of the finish first.
pub(crate) fn drivers(
    plan: &Plan,
    model: &Model,
    results: &Results,
    seed: u64,
) -> Vec<DriverEstimates> {
    let finish: Vec<f64> = results.outcomes.finish().floats().take(SAMPLED).collect();
    let cost: Vec<f64> = results.outcomes.total().floats().take(SAMPLED).collect();
    let [finish_ranks, cost_ranks] = [&finish, &cost].map(|values| Ranked::new(values));
    let mut estimates: Vec<DriverEstimates> = inputs(plan, model, seed)
        .into_par_iter()
        .map(|input| {
            let values: Vec<f64> = (0_u32..)
                .zip(&finish)
                .map(|(t, _)| (input.value)(t))
                .collect();
            let own = Ranked::new(&values);
            DriverEstimates {
                name: input.name,
                rank_correlation_finish: own.correlation(&finish_ranks),
                rank_correlation_cost: own.correlation(&cost_ranks),
                swing_days: own.swing(&values, &finish).map(|swing| swing / DAY),
                swing_cost: own.swing(&values, &cost),
            }
        })
        .collect();
    let size = |estimate: &DriverEstimates| estimate.swing_days.map_or(0.0, f64::abs);
    estimates.sort_by(|a, b| {
        size(b)
            .total_cmp(&size(a))
            .then_with(|| a.name.cmp(&b.name))
    });
    estimates
}

fn inputs<'a>(plan: &Plan, model: &'a Model, seed: u64) -> Vec<Input<'a>> {
    let drivers = plan.drivers.values().zip(model.drivers.iter());
    let drivers = drivers.map(|(driver, of)| Input {
        name: format!("driver/{}", driver.name),
        value: Box::new(move |trial| driver_value(model, of, Draws::new(seed, trial))),
    });
    let steps = plan.steps.values().zip(model.steps.iter());
    let steps = steps.filter_map(|(step, of)| {
        let (sampler, entity, purpose): (&Sampler, Entity, Purpose) = match &of.act {
            ActModel::Timed { seconds, .. } => (seconds, of.entity, Purpose::Duration),
            ActModel::Gate(gate) => (&gate.delay, gate.entity, Purpose::Gate),
            ActModel::Instant | ActModel::Transfer(_) => return None,
        };
        if matches!(sampler, Sampler::Constant(_)) {
            return None;
        }
        Some(Input {
            name: step.name.clone(),
            value: Box::new(move |trial| {
                sampler.sample(Draws::new(seed, trial).uniform(entity, purpose, 1))
            }),
        })
    });
    let world = model.inputs.iter().map(|input| Input {
        name: input.name.clone(),
        value: Box::new(move |trial| input.draw(Draws::new(seed, trial))),
    });
    drivers
        .chain(steps)
        .chain(attempts(plan, model, seed))
        .chain(world)
        .collect()
}

/// What is drawn in each attempt, in the first one.
fn attempts<'a>(
    plan: &Plan,
    model: &'a Model,
    seed: u64,
) -> impl Iterator<Item = Input<'a>> + use<'a> {
    let names: Vec<String> = plan.steps.values().map(|step| step.name.clone()).collect();
    let steps = names.into_iter().zip(model.steps.iter());
    steps.flat_map(move |(name, of)| {
        let laws = [
            (&of.soak, Purpose::Soak),
            (&of.downtime, Purpose::Downtime),
            (&of.failure.severity, Purpose::Severity),
        ];
        let uncertain = laws
            .into_iter()
            .filter(|(sampler, _)| !matches!(sampler, Sampler::Constant(_)));
        uncertain
            .map(|(sampler, purpose)| Input {
                name: format!("{name}/{}", attribute(purpose)),
                value: Box::new(move |trial| {
                    sampler.sample(Draws::new(seed, trial).uniform(of.entity, purpose, 1))
                }),
            })
            .collect::<Vec<_>>()
    })
}

fn driver_value(model: &Model, driver: &DriverModel, draws: Draws) -> f64 {
    driver.draw(draws, model.input(driver.chance, draws))
}

/// Values by rank.
struct Ranked {
    /// Ranks from 1, ties sharing their mean rank.
    ranks: Vec<f64>,
    /// From each rank to the mean one, squared and summed up.
    squares: f64,
    /// The values at P10 and P90; none where they are infinite.
    ends: [Option<f64>; 2],
}

impl Ranked {
    fn new(values: &[f64]) -> Self {
        let mut order: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
        order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut ranks = vec![0.0; values.len()];
        let mut before = 0;
        for ties in order.chunk_by(|a, b| a.0 == b.0) {
            let shared = number(before) + 0.5 * (number(ties.len()) + 1.0);
            for (_, position) in ties {
                if let Some(rank) = ranks.get_mut(*position) {
                    *rank = shared;
                }
            }
            before += ties.len();
        }
        let mean = mean_rank(values.len());
        let squares = ranks.iter().map(|rank| (rank - mean) * (rank - mean)).sum();
        let at = |percent| {
            let (value, _) = order.get(rank(order.len(), percent).checked_sub(1)?)?;
            Some(*value).filter(|value| value.is_finite())
        };
        Self {
            squares,
            ends: [at(10), at(90)],
            ranks,
        }
    }

    /// Pearson's correlation of the ranks; none where one side does not vary.
    fn correlation(&self, other: &Self) -> Option<f64> {
        let mean = mean_rank(self.ranks.len());
        let pairs = self.ranks.iter().zip(&other.ranks);
        let both: f64 = pairs.map(|(x, y)| (x - mean) * (y - mean)).sum();
        let spread = (self.squares * other.squares).sqrt();
        (spread > 0.0).then(|| both / spread)
    }

    /// Mean outcome at or above the P90 of `values`, which these are the ranks of, minus at or
    /// below their P10.
    fn swing(&self, values: &[f64], outcome: &[f64]) -> Option<f64> {
        let [low, high] = self.ends;
        let (low, high) = (low?, high?);
        let mean = |keep: &dyn Fn(f64) -> bool| {
            let kept = values
                .iter()
                .zip(outcome)
                .filter(|(value, _)| keep(**value));
            let kept: Vec<f64> = kept.map(|(_, outcome)| *outcome).collect();
            moments(&kept).1
        };
        Some(mean(&|value| value >= high)? - mean(&|value| value <= low)?)
    }
}

/// Ties or none, ranks from 1 to `n` have this mean.
fn mean_rank(n: usize) -> f64 {
    0.5 * (number(n) + 1.0)
}

/// The 80th percentile of detection and undo of a first attempt, days.
pub(crate) fn undo_p80(
    plan: &Plan,
    model: &Model,
    position: usize,
    settings: &Settings,
) -> Option<f64> {
    let of = &model.steps[position];
    if !of.fails || plan.steps.values().nth(position)?.undo.is_none() {
        return None;
    }
    let drivers = model.duration_drivers.of(position);
    let count = usize::try_from(settings.trials)
        .unwrap_or(SAMPLED)
        .min(SAMPLED);
    let lengths = (0_u32..).take(count).map(|trial| {
        let draws = Draws::new(settings.seed, trial);
        let value = |&driver: &u32| driver_value(model, &model.drivers[driver as usize], draws);
        let factor: f64 = drivers.iter().map(value).product();
        let detect = of
            .failure
            .detect
            .sample(draws.uniform(of.entity, Purpose::Detect, 1));
        let undo = of
            .failure
            .undo
            .sample(draws.uniform(of.entity, Purpose::Undo, 1));
        microseconds(detect).saturating_add(microseconds(undo * factor))
    });
    let mut lengths: Vec<i64> = lengths.collect();
    lengths.sort_unstable();
    let at = rank(lengths.len(), 80).checked_sub(1)?;
    days(*lengths.get(at)?)
}

#[expect(clippy::cast_precision_loss, reason = "microseconds, below 2^53")]
fn days(microseconds: i64) -> Option<f64> {
    Some(microseconds as f64 / DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_their_mean_rank() {
        let ranked = Ranked::new(&[5.0, 1.0, 5.0, 9.0]);
        assert_eq!(ranked.ranks, [2.5, 1.0, 2.5, 4.0]);
    }

    #[test]
    fn a_monotone_relation_correlates_fully() {
        let x = [1.0, 2.0, 5.0, 3.0];
        let y = x.map(|x: f64| -x * x * x);
        let rho = Ranked::new(&x).correlation(&Ranked::new(&y)).unwrap();
        assert!((rho + 1.0).abs() < 1e-12);
        assert_eq!(Ranked::new(&x).correlation(&Ranked::new(&[2.0; 4])), None);
    }
}
