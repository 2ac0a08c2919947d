//! Trials in blocks, on any number of threads.
//!
//! Every block stands for itself and blocks are folded in their order, so neither threads nor
//! stages nor shards ever change a result. Threads take blocks in order, so that a run that is
//! stopped has nearly all of its work in whole blocks from its first one on. Calendars reach ten
//! years at first; when a trial runs past them they are made longer, and what is not folded yet is
//! run with them: that changes no history that had ended before.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use whimbrel_plan::Plan;

use crate::bill::Money;
use crate::clock::BeyondHorizon;
use crate::engine::Engine;
use crate::lanes::Lanes;
use crate::missed::{Lack, Misses};
use crate::model::{Model, StepOrder};
use crate::outcomes::{Figures, Outcome, Outcomes};
use crate::statistics::BLOCK;
use crate::trial::{Ahead, Floats, State, Trial};
use crate::wide::LANES;
use crate::{SimulationError, Watch};

/// How far calendars reach, in years, one after another. Time beyond the last is never.
const HORIZONS: [i32; 3] = [10, 40, 200];
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

/// Why a block has no results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NoBlock {
    Short,
    Stopped,
}

impl From<BeyondHorizon> for NoBlock {
    fn from(_: BeyondHorizon) -> Self {
        Self::Short
    }
}

/// The model as it is tried first.
pub(crate) fn first_model(plan: &Plan) -> Result<Model, SimulationError> {
    let [years, ..] = HORIZONS;
    Model::new(plan, years)
}

/// What a thread runs trials with.
struct Worker<'m> {
    /// None when the model needs the event loop.
    lanes: Option<Lanes<'m>>,
    trial: Trial<'m>,
    ahead: Ahead<'m>,
    floats: Floats<'m>,
    /// By step: in which trial it was last critical.
    seen: Vec<usize>,
    /// Steps of trials that are kept one by one, trial by trial, until there are a few of them.
    samples: Vec<StepSample>,
    /// The last whole block, where every trial is the same.
    same: Option<Results>,
}

impl<'m> Worker<'m> {
    fn new(runner: &'m Runner<'_>) -> Self {
        let model = &runner.model;
        Self {
            lanes: Lanes::new(model, runner.engine, runner.seed),
            trial: Trial::new(model),
            ahead: Ahead::new(model, runner.engine, runner.seed),
            floats: Floats::new(model, runner.engine),
            seen: vec![usize::MAX; model.steps.len()],
            samples: Vec::new(),
            same: None,
        }
    }
}

/// The number that the draws of a trial are addressed by.
fn address(trial: usize) -> u32 {
    u32::try_from(trial).unwrap_or(u32::MAX)
}

/// Runs trials of one plan under one seed. It can be continued: what is run is folded onto what
/// was run before.
pub(crate) struct Runner<'a> {
    pub(crate) plan: &'a Plan,
    seed: u64,
    pub(crate) engine: Engine,
    watch: &'a Watch,
    /// Which of [`HORIZONS`] the model reaches to.
    horizon: usize,
    pub(crate) model: Model,
    /// Whether every trial is the same, so that one block stands for all.
    certain: bool,
}

impl<'a> Runner<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        seed: u64,
        watch: &'a Watch,
    ) -> Result<Self, SimulationError> {
        let model = first_model(plan)?;
        Ok(Self {
            plan,
            seed,
            engine: Engine::default(),
            watch,
            horizon: 0,
            certain: model.is_certain(),
            model,
        })
    }

    /// Runs these trials on the current thread pool and folds them onto `results`; the first of
    /// them begins a block. Whether all were run: when the watch stops them, whole blocks from the
    /// first one on are folded.
    pub(crate) fn run(
        &mut self,
        trials: Range<usize>,
        results: &mut Results,
    ) -> Result<bool, SimulationError> {
        self.watch.plan(trials.len());
        self.run_planned(trials, results)
    }

    /// As [`Self::run`], for trials that the watch knows of.
    pub(crate) fn run_planned(
        &mut self,
        trials: Range<usize>,
        results: &mut Results,
    ) -> Result<bool, SimulationError> {
        results.room = results.outcomes.len() + trials.len();
        let end = trials.end.div_ceil(BLOCK);
        let mut fold = Fold {
            next: trials.start / BLOCK,
            waiting: BTreeMap::new(),
            results,
        };
        loop {
            self.run_blocks(&mut fold, end, trials.end);
            if fold.next >= end {
                return Ok(true);
            }
            match fold.waiting.remove(&fold.next) {
                Some(Err(BeyondHorizon)) => self.lengthen()?,
                // Folding takes what is there, so it is one that was stopped.
                Some(Ok(_)) | None => return Ok(false),
            }
        }
    }

    /// Runs the blocks that are neither folded nor waiting, until one halts or the watch stops. Of
    /// those under way then, one that later ones wait for is run to its end: giving it up would lose
    /// them, too.
    fn run_blocks(&self, fold: &mut Fold<'_>, end: usize, trials: usize) {
        fold.waiting.retain(|_, block| block.is_ok());
        let next = AtomicUsize::new(fold.next);
        let halted = AtomicBool::new(false);
        let fold = Mutex::new(fold);
        let locked = || {
            fold.lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
        };
        rayon::broadcast(|_| {
            let mut worker = None;
            while !halted.load(Ordering::Relaxed) && !self.watch.is_stopped() {
                let block = next.fetch_add(1, Ordering::Relaxed);
                if block >= end {
                    break;
                }
                if locked().has(block) {
                    continue;
                }
                let worker = worker.get_or_insert_with(|| Worker::new(self));
                let range = block * BLOCK..((block + 1) * BLOCK).min(trials);
                let awaited = || locked().reaches_beyond(block);
                let stopped = || self.watch.is_stopped() && !awaited();
                match self.run_block(worker, range, &stopped) {
                    Ok(done) => locked().add(block, Ok(done)),
                    Err(NoBlock::Short) => {
                        halted.store(true, Ordering::Relaxed);
                        locked().add(block, Err(BeyondHorizon));
                    }
                    Err(NoBlock::Stopped) => {}
                }
            }
        });
    }

    /// The trials `range`, told to the watch one by one; none is told where the block fails.
    fn run_block(
        &self,
        worker: &mut Worker<'_>,
        range: Range<usize>,
        stopped: &dyn Fn() -> bool,
    ) -> Result<Results, NoBlock> {
        let mut counted = 0;
        let block = self.trials(worker, range, stopped, &mut counted);
        if block.is_err() {
            self.watch.discount(counted);
        }
        block
    }

    fn trials(
        &self,
        worker: &mut Worker<'_>,
        range: Range<usize>,
        stopped: &dyn Fn() -> bool,
        counted: &mut usize,
    ) -> Result<Results, NoBlock> {
        let mut block = Results::of_block(&self.model, range.clone());
        let repeats = self.certain && range.len() == BLOCK;
        let same = worker
            .same
            .as_ref()
            .filter(|same| repeats && same.keeps_as(&block));
        if let Some(same) = same {
            self.watch.count(BLOCK);
            *counted += BLOCK;
            return Ok(same.clone());
        }
        for from in range.clone().step_by(LANES) {
            if stopped() {
                return Err(NoBlock::Stopped);
            }
            let chunk = from..range.end.min(from + LANES);
            let lanes = worker.lanes.as_mut().filter(|_| chunk.len() == LANES);
            if lanes.is_some_and(|lanes| lanes.run(address(from), &mut block)) {
                self.watch.count(LANES);
                *counted += LANES;
            } else {
                self.one_by_one(worker, chunk, stopped, &mut block, counted)?;
            }
        }
        block.number_as_in_plan(&self.model.order);
        if repeats {
            worker.same = Some(block.clone());
        }
        Ok(block)
    }

    /// Runs trials through the event loop and adds them to `block`.
    fn one_by_one(
        &self,
        worker: &mut Worker<'_>,
        chunk: Range<usize>,
        stopped: &dyn Fn() -> bool,
        block: &mut Results,
        counted: &mut usize,
    ) -> Result<(), NoBlock> {
        let last = self.horizon + 1 == HORIZONS.len();
        let trial = &mut worker.trial;
        worker.samples.clear();
        worker.floats.clear();
        worker.ahead.draw(address(chunk.start));
        for (lane, number) in chunk.enumerate() {
            if stopped() {
                return Err(NoBlock::Stopped);
            }
            match trial.run(self.seed, address(number), Some(worker.ahead.of(lane))) {
                Err(BeyondHorizon) if last => trial.give_up(Lack::Calendar),
                other => other?,
            }
            block.add(trial, number, (&mut worker.seen, &mut worker.floats));
            if !block.samples.is_empty() {
                worker.samples.extend(samples(trial));
            }
            self.watch.count(1);
            *counted += 1;
        }
        block.add_samples(&mut worker.samples);
        worker.floats.add_to(&mut block.floats);
        Ok(())
    }

    pub(crate) fn seed(&self) -> u64 {
        self.seed
    }

    /// Runs one trial, whether it is among those that were run or not, and keeps what it is told from.
    pub(crate) fn told(&mut self, number: u32) -> Result<Trial<'_>, SimulationError> {
        while self.falls_short(number) {
            self.lengthen()?;
        }
        let mut trial = Trial::told(&self.model);
        if trial.run(self.seed, number, None).is_err() {
            trial.give_up(Lack::Calendar);
        }
        trial.assess_harm();
        Ok(trial)
    }

    /// Whether calendars must be longer for a trial.
    fn falls_short(&self, number: u32) -> bool {
        let run = Trial::new(&self.model).run(self.seed, number, None);
        run.is_err() && self.horizon + 1 < HORIZONS.len()
    }

    fn lengthen(&mut self) -> Result<(), SimulationError> {
        self.horizon += 1;
        // The last horizon turns whatever lies beyond it into unfinished trials.
        let years = HORIZONS.get(self.horizon).copied();
        let years = years
            .ok_or_else(|| SimulationError::Calendar("the migration takes centuries".to_owned()))?;
        self.model = Model::new(self.plan, years)?;
        Ok(())
    }
}

/// Blocks that come in any order, folded in theirs.
struct Fold<'r> {
    /// The first block that is not folded.
    next: usize,
    /// Later ones, and what halted.
    waiting: BTreeMap<usize, Result<Results, BeyondHorizon>>,
    results: &'r mut Results,
}

impl Fold<'_> {
    /// Whether a block need not be run: it waits, or was folded when one before it was done.
    fn has(&self, block: usize) -> bool {
        block < self.next || self.waiting.contains_key(&block)
    }

    /// Whether a later block than this is done.
    fn reaches_beyond(&self, block: usize) -> bool {
        let last = self.waiting.last_key_value();
        last.is_some_and(|(last, _)| *last > block)
    }

    fn add(&mut self, number: usize, block: Result<Results, BeyondHorizon>) {
        self.waiting.insert(number, block);
        while let Some(entry) = self.waiting.first_entry()
            && *entry.key() == self.next
            && entry.get().is_ok()
        {
            if let Ok(block) = entry.remove() {
                self.results.append(&block);
                self.next += 1;
            }
        }
    }
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
    fn of_block(model: &Model, trials: Range<usize>) -> Self {
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
    fn number_as_in_plan(&mut self, order: &StepOrder) {
        let ranks = || order.rank.iter().map(|&rank| rank as usize);
        let (critical, floats) = (&self.critical, &self.floats);
        let critical = ranks().map(|rank| critical.get(rank).copied().unwrap_or(0));
        let floats = ranks().map(|rank| floats.get(rank).copied().unwrap_or(0));
        (self.critical, self.floats) = (critical.collect(), floats.collect());
    }

    /// Whether both keep batches and steps one by one, or neither does.
    fn keeps_as(&self, other: &Self) -> bool {
        let kept = |block: &Self| (block.batches.len(), block.samples.len());
        kept(self) == kept(other)
    }

    /// Adds the trial that was just run. `seen` tells for each step in which trial it was last
    /// critical, `floats` gathers floats.
    fn add(
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
    fn add_samples(&mut self, samples: &mut Vec<StepSample>) {
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

fn samples(trial: &Trial<'_>) -> impl Iterator<Item = StepSample> {
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
