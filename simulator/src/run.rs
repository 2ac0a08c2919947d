//! Trials in blocks, on any number of threads.
//!
//! Every block stands for itself and blocks are folded in their order, so threads never change a
//! result. Calendars reach ten years at first; when a trial runs past them they are made longer
//! and all trials run again, which changes no history that had ended before.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;
use whimbrel_plan::Plan;

use crate::SimulationError;
use crate::model::Model;
use crate::statistics::BLOCK;
use crate::trial::{Halt, Harm, Money, State, Trial};

/// How far calendars reach, in years, one after another. Time beyond the last is never.
const HORIZONS: [i32; 3] = [10, 40, 200];
/// Trials whose steps are kept one by one.
pub(crate) const SAMPLED: usize = 4096;

/// What one trial came to; times in microseconds, infinite when it never finishes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) finish: f64,
    pub(crate) money: Money,
    pub(crate) harm: Harm,
}

/// One step in one trial: first start, finish, and length of the attempt that succeeded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepSample {
    pub(crate) start: f64,
    pub(crate) finish: f64,
    pub(crate) duration: f64,
}

/// All trials.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) outcomes: Vec<Outcome>,
    /// Finish of each batch, trial by trial.
    pub(crate) batches: Vec<f64>,
    /// How often each step was critical.
    pub(crate) critical: Vec<u64>,
    /// Sum of each step's float, microseconds.
    pub(crate) floats: Vec<i128>,
    /// Steps of the first [`SAMPLED`] trials, trial by trial.
    pub(crate) samples: Vec<StepSample>,
}

/// Reports how many trials are done.
pub(crate) type Progress<'a> = Option<&'a (dyn Fn(u64) + Sync)>;

/// Runs all trials on the current thread pool.
pub(crate) fn run(
    plan: &Plan,
    seed: u64,
    trials: usize,
    progress: Progress<'_>,
) -> Result<(Model, Results), SimulationError> {
    for (attempt, years) in HORIZONS.into_iter().enumerate() {
        let model = Model::new(plan, years)?;
        let last = attempt + 1 == HORIZONS.len();
        let blocks = run_blocks(&model, seed, trials, last, progress);
        if blocks
            .iter()
            .any(|block| matches!(block, Err(Halt::Horizon)))
        {
            continue;
        }
        let mut results = Results::default();
        for block in blocks {
            results.add(block.map_err(|halt| explain(plan, halt))?);
        }
        return Ok((model, results));
    }
    // The last horizon turns whatever lies beyond it into unfinished trials.
    Err(explain(plan, Halt::Horizon))
}

fn run_blocks(
    model: &Model,
    seed: u64,
    trials: usize,
    last: bool,
    progress: Progress<'_>,
) -> Vec<Result<Results, Halt>> {
    let done = AtomicU64::new(0);
    (0..trials.div_ceil(BLOCK))
        .into_par_iter()
        .map_init(
            || Trial::new(model),
            |trial, block| {
                let range = block * BLOCK..((block + 1) * BLOCK).min(trials);
                let count = range.len() as u64;
                let results = run_block(trial, model, seed, range, last);
                let done = done.fetch_add(count, Ordering::Relaxed) + count;
                if let Some(progress) = progress {
                    progress(done);
                }
                results
            },
        )
        .collect()
}

fn run_block(
    trial: &mut Trial<'_>,
    model: &Model,
    seed: u64,
    range: std::ops::Range<usize>,
    last: bool,
) -> Result<Results, Halt> {
    let steps = model.steps.len();
    let mut results = Results {
        critical: vec![0; steps],
        ..Results::default()
    };
    let mut floats = vec![0; steps];
    let mut seen = vec![usize::MAX; steps];
    for number in range {
        match trial.run(seed, u32::try_from(number).unwrap_or(u32::MAX)) {
            Err(Halt::Horizon) if last => trial.give_up(),
            other => other?,
        }
        trial.assess_harm();
        if trial.finish().is_some() {
            trial.critical(|step| {
                if let (Some(count), Some(seen)) =
                    (results.critical.get_mut(step), seen.get_mut(step))
                    && *seen != number
                {
                    *seen = number;
                    *count += 1;
                }
            });
            trial.add_floats(&mut floats);
        }
        results.outcomes.push(outcome(trial));
        results.batches.extend(batch_finishes(trial, model));
        if number < SAMPLED {
            results.samples.extend(samples(trial));
        }
    }
    results.floats = floats.into_iter().map(i128::from).collect();
    Ok(results)
}

impl Results {
    fn add(&mut self, block: Self) {
        self.outcomes.extend(block.outcomes);
        self.batches.extend(block.batches);
        self.samples.extend(block.samples);
        self.critical.resize(block.critical.len(), 0);
        self.floats.resize(block.floats.len(), 0);
        self.critical
            .iter_mut()
            .zip(block.critical)
            .for_each(|(sum, count)| *sum += count);
        self.floats
            .iter_mut()
            .zip(block.floats)
            .for_each(|(sum, float)| *sum += float);
    }
}

fn outcome(trial: &mut Trial<'_>) -> Outcome {
    let harm = trial.harm;
    match trial.finish() {
        Some(finish) => Outcome {
            finish: float(finish),
            money: trial.bill_all(),
            harm,
        },
        None => Outcome {
            finish: f64::INFINITY,
            money: Money::infinite(),
            harm,
        },
    }
}

fn batch_finishes(trial: &Trial<'_>, model: &Model) -> impl Iterator<Item = f64> {
    model.batches.iter().map(|batch| {
        let cutovers = batch.movers.iter().map(|&mover| {
            let step = &trial.steps[model.movers[mover as usize].cutover as usize];
            if step.state == State::Done {
                float(step.finish)
            } else {
                f64::INFINITY
            }
        });
        cutovers.reduce(f64::max).unwrap_or(f64::INFINITY)
    })
}

fn samples(trial: &Trial<'_>) -> impl Iterator<Item = StepSample> {
    trial.steps.iter().map(|step| {
        if step.state == State::Done {
            StepSample {
                start: float(step.first_start),
                finish: float(step.finish),
                duration: float(step.finish - step.start),
            }
        } else {
            StepSample {
                start: f64::INFINITY,
                finish: f64::INFINITY,
                duration: f64::INFINITY,
            }
        }
    })
}

fn explain(plan: &Plan, halt: Halt) -> SimulationError {
    let name = |step: u32| {
        let step = plan.steps.values().nth(step as usize);
        step.map_or_else(String::new, |step| step.name.clone())
    };
    let instant = |at: i64| {
        let start = plan.migration.start.as_microsecond();
        jiff::Timestamp::from_microsecond(start.saturating_add(at)).unwrap_or(jiff::Timestamp::MAX)
    };
    match halt {
        Halt::NoFit { step, after } => SimulationError::NoFit {
            step: name(step),
            after: instant(after),
        },
        Halt::Frozen { step, after } => SimulationError::FrozenForEver {
            step: name(step),
            after: instant(after),
        },
        Halt::Horizon => SimulationError::Calendar("the migration takes centuries".to_owned()),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds, below 2^53 for two centuries"
)]
fn float(microseconds: i64) -> f64 {
    microseconds as f64
}
