//! What consecutive trials came to: of each what is asked of the whole, of the first ones what is asked
//! of batches and steps.

use std::ops::Range;

use crate::bill::Money;
use crate::missed::Misses;
use crate::model::{Model, StepOrder};
use crate::outcomes::{Figures, Outcome, Outcomes};
use crate::statistics::BLOCK;
use crate::trial::{Floats, State, Trial};

/// From how many trials, from the first on, most is estimated that is not of the whole.
pub(crate) const SAMPLED: usize = 4096;
/// The samples of steps that are kept at most: of many steps there are fewer.
const STEP_SAMPLES: usize = 1 << 23;
/// And from how many trials steps are estimated at least.
const LEAST_SAMPLED: usize = 512;

/// Steps whose samples are put into columns together: those of one trial fill whole lines of the
/// cache.
const TILE: usize = 8;

/// One step in one trial: first start, finish, and length of the attempt that succeeded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepSample {
    pub(crate) start: f64,
    pub(crate) finish: f64,
    pub(crate) duration: f64,
}

/// The values of batches that are kept at most: estimates of many batches rest on fewer trials.
const BATCH_VALUES: usize = 1 << 22;

/// From how many trials, from the first on, the finishes of so many batches are estimated: all that
/// anybody asks for where there are few, and whole blocks in any case.
pub(crate) fn batch_trials(batches: usize) -> usize {
    let fit = BATCH_VALUES / batches.max(1);
    fit.max(SAMPLED) / BLOCK * BLOCK
}

/// From how many trials, from the first on, so many steps are estimated: whole blocks.
pub(crate) fn step_trials(steps: usize) -> usize {
    let fit = STEP_SAMPLES / steps.max(1);
    fit.clamp(LEAST_SAMPLED, SAMPLED) / BLOCK * BLOCK
}

/// Consecutive trials.
#[derive(Clone, Debug, Default)]
pub(crate) struct Results {
    pub(crate) outcomes: Outcomes,
    /// Finish of each batch, in those of the first [`batch_trials`].
    pub(crate) batches: Vec<Figures>,
    /// How often each step was critical.
    pub(crate) critical: Vec<u64>,
    /// Sum of each step's float, microseconds.
    pub(crate) floats: Vec<i128>,
    /// Each step in those of the first [`step_trials`].
    pub(crate) samples: Vec<StepSamples>,
    /// What trials were given up for.
    pub(crate) missed: Misses,
    /// How many trials are to be kept, as far as is known.
    pub(crate) room: usize,
}

/// [`StepSample`] over the trials.
#[derive(Clone, Debug, Default)]
pub(crate) struct StepSamples {
    pub(crate) start: Figures,
    pub(crate) finish: Figures,
    pub(crate) duration: Figures,
}

impl StepSamples {
    pub(crate) fn push(&mut self, sample: &StepSample, room: usize) {
        self.start.push(sample.start.to_bits(), room);
        self.finish.push(sample.finish.to_bits(), room);
        self.duration.push(sample.duration.to_bits(), room);
    }

    fn append(&mut self, later: &Self, room: usize) {
        self.start.append(&later.start, room);
        self.finish.append(&later.finish, room);
        self.duration.append(&later.duration, room);
    }
}

impl Results {
    /// Of the trials of a block, none of which is there yet.
    pub(crate) fn of_block(model: &Model, trials: Range<usize>) -> Self {
        let steps = model.steps.len();
        let kept = |things: usize, first: usize| if trials.start < first { things } else { 0 };
        let batches = model.batches.len();
        Self {
            outcomes: Outcomes::default(),
            batches: vec![Figures::default(); kept(batches, batch_trials(batches))],
            critical: vec![0; steps],
            floats: vec![0; steps],
            samples: vec![StepSamples::default(); kept(steps, step_trials(steps))],
            missed: Misses::default(),
            room: trials.len(),
        }
    }

    /// Puts what was counted by rank into the order of the plan, once all trials are there.
    pub(crate) fn number_as_in_plan(&mut self, order: &StepOrder) {
        let ranks = || order.rank.iter().map(|&rank| rank as usize);
        let (critical, floats) = (&self.critical, &self.floats);
        let critical = ranks().map(|rank| critical.get(rank).copied().unwrap_or(0));
        let floats = ranks().map(|rank| floats.get(rank).copied().unwrap_or(0));
        (self.critical, self.floats) = (critical.collect(), floats.collect());
    }

    /// Whether both keep batches and steps one by one, or neither does.
    pub(crate) fn keeps_as(&self, other: &Self) -> bool {
        let kept = |block: &Self| (block.batches.len(), block.samples.len());
        kept(self) == kept(other)
    }

    /// Adds the trial that was just run. `seen` tells for each step in which trial it was last
    /// critical, `floats` gathers floats.
    pub(crate) fn add(
        &mut self,
        trial: &mut Trial<'_>,
        number: usize,
        (seen, floats): (&mut [usize], &mut Floats<'_>),
    ) {
        trial.assess_harm();
        if trial.finish().is_some() {
            let critical = &mut self.critical;
            trial.critical(|step| {
                if let (Some(count), Some(seen)) = (critical.get_mut(step), seen.get_mut(step))
                    && *seen != number
                {
                    *seen = number;
                    *count += 1;
                }
            });
            floats.gather(trial, &mut self.floats);
        }
        let room = self.room;
        self.outcomes.push(&outcome(trial), room);
        let batches = self.batches.iter_mut().zip(batch_finishes(trial));
        batches.for_each(|(batch, finish)| batch.push(finish.to_bits(), room));
        if let Some(miss) = trial.missed() {
            self.missed.add(miss);
        }
    }

    /// Adds what trial by trial stands in `samples`, and empties it. A few steps at a time: those of
    /// a trial lie beside each other, those of a step do not.
    pub(crate) fn add_samples(&mut self, samples: &mut Vec<StepSample>) {
        let steps = self.samples.len().max(1);
        for (tile, columns) in self.samples.chunks_mut(TILE).enumerate() {
            for trial in samples.chunks_exact(steps) {
                let row = columns.iter_mut().zip(trial.iter().skip(tile * TILE));
                row.for_each(|(column, sample)| column.push(sample, self.room));
            }
        }
        samples.clear();
    }

    /// Adds the results of later trials.
    pub(crate) fn append(&mut self, later: &Self) {
        if later.outcomes.len() == 0 {
            return;
        }
        let room = self.room;
        self.outcomes.append(&later.outcomes, room);
        if !later.batches.is_empty() {
            self.batches
                .resize_with(later.batches.len(), Figures::default);
        }
        let batches = self.batches.iter_mut().zip(&later.batches);
        let batch_room = room.min(batch_trials(later.batches.len()));
        batches.for_each(|(batch, later)| batch.append(later, batch_room));
        if !later.samples.is_empty() {
            self.samples
                .resize_with(later.samples.len(), StepSamples::default);
        }
        let samples = self.samples.iter_mut().zip(&later.samples);
        let step_room = room.min(step_trials(later.samples.len()));
        samples.for_each(|(samples, later)| samples.append(later, step_room));
        self.missed.append(&later.missed);
        self.critical.resize(later.critical.len(), 0);
        self.floats.resize(later.floats.len(), 0);
        let critical = self.critical.iter_mut().zip(&later.critical);
        critical.for_each(|(sum, count)| *sum += count);
        let floats = self.floats.iter_mut().zip(&later.floats);
        floats.for_each(|(sum, float)| *sum += float);
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

fn batch_finishes(trial: &Trial<'_>) -> impl Iterator<Item = f64> {
    let model = trial.model;
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

/// Its steps, in the order of the plan.
pub(crate) fn samples(trial: &Trial<'_>) -> impl Iterator<Item = StepSample> {
    let ranks = trial.model.order.rank.iter().map(|&rank| rank as usize);
    let steps = ranks.map(|rank| (&trial.steps[rank], trial.first_start[rank]));
    steps.map(|(step, first_start)| {
        if step.state == State::Done {
            StepSample {
                start: float(first_start),
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

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds, below 2^53 for two centuries"
)]
fn float(microseconds: i64) -> f64 {
    microseconds as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2²³ samples are 4,096 of 2,048 steps and 1,024 of 8,192; where they are fewer than 512 a step,
    /// 512 are kept.
    #[test]
    fn steps_are_estimated_from_whole_blocks() {
        for (steps, trials) in [
            (0, 4_096),
            (1, 4_096),
            (2_048, 4_096),
            (2_049, 3_840),
            (8_192, 1_024),
            (16_384, 512),
            (1_000_000, 512),
        ] {
            assert_eq!(step_trials(steps), trials, "{steps}");
        }
    }
}
