//! Which inputs move the finish and the cost: over the first trials, whose draws are drawn again
//! rather than kept.

use pulp::NullaryFnOnce;
use rayon::prelude::*;
use whimbrel_plan::Plan;

use crate::Settings;
use crate::engine::Engine;
use crate::estimates::DriverEstimates;
use crate::model::{ActModel, DAY, DriverModel, Model, StepModel, attribute, microseconds};
use crate::philox::{Draws, Entity, Purpose, key};
use crate::results::{Results, SAMPLED};
use crate::sampler::Sampler;
use crate::statistics::{moments, number, rank};
use crate::wide::{EntityHalf, Halfway, LANES, Row, TrialHalf, sample, uniforms};

/// An uncertain input.
struct Input<'a> {
    name: String,
    value: Value<'a>,
}

/// What its value in a trial is.
enum Value<'a> {
    /// A factor.
    Driver(&'a DriverModel),
    Drawn {
        sampler: &'a Sampler,
        entity: Entity,
        purpose: Purpose,
        attempt: u32,
    },
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
    let mut estimates: Vec<DriverEstimates> = inputs(plan, model)
        .into_par_iter()
        .map(|input| {
            let values = input.value.of_first(finish.len(), model, seed);
            let own = Ranked::new(&values);
            let swing = Swing::new(&own, &values);
            let swing = |outcome| swing.as_ref()?.of(outcome);
            DriverEstimates {
                name: input.name,
                rank_correlation_finish: own.correlation(&finish_ranks),
                rank_correlation_cost: own.correlation(&cost_ranks),
                swing_days: swing(&finish).map(|swing| swing / DAY),
                swing_cost: swing(&cost),
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

fn inputs<'a>(plan: &Plan, model: &'a Model) -> Vec<Input<'a>> {
    let drivers = plan.drivers.values().zip(model.drivers.iter());
    let drivers = drivers.map(|(driver, of)| Input {
        name: format!("driver/{}", driver.name),
        value: Value::Driver(of),
    });
    let steps = plan.steps.values().zip(model.in_plan());
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
            value: Value::Drawn {
                sampler,
                entity,
                purpose,
                attempt: 1,
            },
        })
    });
    let world = model.inputs.iter().map(|input| Input {
        name: input.name.clone(),
        value: Value::Drawn {
            sampler: &input.sampler,
            entity: input.entity,
            purpose: input.purpose,
            attempt: 0,
        },
    });
    let attempts = plan.steps.values().zip(model.in_plan());
    let attempts = attempts.flat_map(|(step, of)| attempts_of(&step.name, of));
    drivers.chain(steps).chain(attempts).chain(world).collect()
}

/// What is drawn in each attempt of a step, in the first one.
fn attempts_of<'a>(name: &str, of: &'a StepModel) -> Vec<Input<'a>> {
    let laws = [
        (&of.soak, Purpose::Soak),
        (&of.downtime, Purpose::Downtime),
        (&of.failure.severity, Purpose::Severity),
    ];
    let uncertain = laws
        .into_iter()
        .filter(|(sampler, _)| !matches!(sampler, Sampler::Constant(_)));
    let inputs = uncertain.map(|(sampler, purpose)| Input {
        name: format!("{name}/{}", attribute(purpose)),
        value: Value::Drawn {
            sampler,
            entity: of.entity,
            purpose,
            attempt: 1,
        },
    });
    inputs.collect()
}

impl Value<'_> {
    /// The values in the first so many trials.
    fn of_first(&self, trials: usize, model: &Model, seed: u64) -> Vec<f64> {
        let numbers = (0_u32..).take(trials);
        match *self {
            Self::Drawn {
                sampler: Sampler::Constant(value),
                ..
            } => vec![*value; trials],
            Self::Driver(driver) => numbers
                .map(|trial| driver_value(model, driver, Draws::new(seed, trial)))
                .collect(),
            Self::Drawn {
                sampler,
                entity,
                purpose,
                attempt,
            } => {
                let mut values = Vec::with_capacity(trials.next_multiple_of(LANES));
                let key = key(seed);
                let mut row = Row::default();
                for first in numbers.step_by(LANES) {
                    let trials = TrialHalf::new(key, first, purpose, attempt);
                    Engine::default().vectorize(Draw {
                        key,
                        trials: &trials,
                        entity: EntityHalf::new(key, entity),
                        sampler,
                        row: &mut row,
                    });
                    values.extend_from_slice(&*row);
                }
                values.truncate(trials);
                values
            }
        }
    }
}

/// Draws one input in the trials of a row.
struct Draw<'a> {
    key: [u32; 2],
    trials: &'a TrialHalf,
    entity: EntityHalf,
    sampler: &'a Sampler,
    row: &'a mut Row,
}

impl NullaryFnOnce for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let mut halfway = Halfway::new();
        uniforms(self.key, self.trials, self.entity, &mut halfway, self.row);
        sample(self.sampler, self.row);
    }
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
        let order = in_order(values);
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
}

/// The trials in which an input is at its ends.
struct Swing {
    /// At or below its P10, and at or above its P90.
    low: Vec<usize>,
    high: Vec<usize>,
}

impl Swing {
    /// None where an end is infinite.
    fn new(ranked: &Ranked, values: &[f64]) -> Option<Self> {
        let [low, high] = ranked.ends;
        let (low, high) = (low?, high?);
        let of = |keep: &dyn Fn(f64) -> bool| {
            let positions = values.iter().enumerate();
            let kept = positions.filter(|(_, value)| keep(**value));
            kept.map(|(position, _)| position).collect()
        };
        Some(Self {
            low: of(&|value| value <= low),
            high: of(&|value| value >= high),
        })
    }

    /// Mean outcome where the input is high minus where it is low.
    fn of(&self, outcome: &[f64]) -> Option<f64> {
        let mean = |positions: &[usize]| {
            let kept = positions.iter().filter_map(|&at| outcome.get(at).copied());
            moments(&kept.collect::<Vec<_>>()).1
        };
        Some(mean(&self.high)? - mean(&self.low)?)
    }
}

/// The values with their positions, from the lowest on, equal ones by position.
///
/// Whole numbers are sorted in place of pairs, each a value but for its last bits with its position in
/// place of these; where those bits decide, few values are sorted again.
fn in_order(values: &[f64]) -> Vec<(f64, usize)> {
    let last_bits = values.len().next_power_of_two() as u64 - 1;
    let key = |(at, value): (usize, &f64)| ascending(*value) & !last_bits | at as u64;
    let mut keys: Vec<u64> = values.iter().enumerate().map(key).collect();
    keys.sort_unstable();
    let pair = |key: &u64| {
        let at = (key & last_bits) as usize;
        (values.get(at).copied().unwrap_or_default(), at)
    };
    let mut order: Vec<(f64, usize)> = keys.iter().map(pair).collect();
    let alike =
        |a: &(f64, usize), b: &(f64, usize)| (ascending(a.0) ^ ascending(b.0)) & !last_bits == 0;
    for alike in order.chunk_by_mut(alike).filter(|alike| alike.len() > 1) {
        alike.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    }
    order
}

/// A whole number that is greater for a greater value.
fn ascending(value: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    let bits = value.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
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
    let step = model.order.rank[position] as usize;
    let of = &model.steps[step];
    if !of.fails || plan.steps.values().nth(position)?.undo.is_none() {
        return None;
    }
    let count = usize::try_from(settings.trials)
        .unwrap_or(SAMPLED)
        .min(SAMPLED);
    let of_first = |value: Value<'_>| value.of_first(count, model, settings.seed);
    let drawn = |sampler, purpose| {
        of_first(Value::Drawn {
            sampler,
            entity: of.entity,
            purpose,
            attempt: 1,
        })
    };
    let mut factors = vec![1.0; count];
    for &driver in model.duration_drivers.of(step) {
        let values = of_first(Value::Driver(&model.drivers[driver as usize]));
        let both = factors.iter_mut().zip(values);
        both.for_each(|(factor, value)| *factor *= value);
    }
    let detect = drawn(&of.failure.detect, Purpose::Detect);
    let undo = drawn(&of.failure.undo, Purpose::Undo);
    let lengths = detect.iter().zip(&undo).zip(&factors);
    let lengths = lengths.map(|((detect, undo), factor)| {
        microseconds(*detect).saturating_add(microseconds(undo * factor))
    });
    let mut lengths: Vec<i64> = lengths.collect();
    let at = rank(lengths.len(), 80).checked_sub(1)?;
    if at >= lengths.len() {
        return None;
    }
    let (_, p80, _) = lengths.select_nth_unstable(at);
    days(*p80)
}

#[expect(clippy::cast_precision_loss, reason = "microseconds, below 2^53")]
fn days(microseconds: i64) -> Option<f64> {
    Some(microseconds as f64 / DAY)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ties_share_their_mean_rank() {
        let ranked = Ranked::new(&[5.0, 1.0, 5.0, 9.0]);
        assert_eq!(ranked.ranks, [2.5, 1.0, 2.5, 4.0]);
    }

    proptest! {
        /// Against a sort of the values themselves. Of many values that differ in their last bits only
        /// positions stand in place of all that tells them apart.
        #[test]
        fn values_are_put_in_order(
            parts in prop::collection::vec((0_u8..4, 0_u64..9, any::<bool>()), 0..300),
        ) {
            let value = |&(whole, last, negative): &(u8, u64, bool)| {
                let size = f64::from_bits(f64::from(whole).to_bits() | last);
                if negative { -size } else { size }
            };
            let values: Vec<f64> = parts.iter().map(value).collect();
            let mut known: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
            known.sort_by(|a, b| a.0.total_cmp(&b.0));
            let bits = |order: Vec<(f64, usize)>| -> Vec<(u64, usize)> {
                order.into_iter().map(|(value, at)| (value.to_bits(), at)).collect()
            };
            prop_assert_eq!(bits(in_order(&values)), bits(known));
        }
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
