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

use crate::clock::BeyondHorizon;
use crate::engine::Engine;
use crate::lanes::Lanes;
use crate::missed::Lack;
use crate::model::Model;
use crate::results::{Results, StepSample, samples};
use crate::statistics::BLOCK;
use crate::trial::{Ahead, Floats, Trial};
use crate::wide::LANES;
use crate::{SimulationError, Watch};

/// How far calendars reach, in years, one after another. Time beyond the last is never.
const HORIZONS: [i32; 3] = [10, 40, 200];

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
