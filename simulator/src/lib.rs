//! Plan to estimates.
//!
//! Takes the compiled plan only: it never sees syntax and never draws a picture. The same plan,
//! seed and number of trials give the same estimates for any number of threads.
//!
//! What the trials of a simulation keep is in days and money in [`Estimates`]. A trial that never
//! finishes has an infinite finish and cost: quantiles count it, means and standard deviations
//! leave it out. Its failures, rollbacks and breaches count as far as they were seen.
//!
//! Details that the design leaves open are decided where they are carried out, at the head of the
//! modules: `philox` (addresses of draws), `model` (clocks, transfers, crews), `model::money`,
//! `trial` (failures, gates, places in a batch) and `trial::exposure`.

mod bill;
mod bits;
mod clock;
mod column;
mod compare;
mod converge;
mod engine;
mod error;
mod estimates;
mod lanes;
mod missed;
mod model;
mod outcomes;
mod paired;
mod philox;
mod precedence;
mod report;
mod requirement;
mod results;
mod run;
mod sampler;
pub mod scheduling;
pub mod schema;
mod sensitivity;
mod shard;
mod statistics;
mod table;
mod trial;
mod watch;
mod why;
mod wide;
pub mod wording;

use whimbrel_plan::Plan;

pub use compare::{Best, Comparison, Pair, compare};
pub use converge::{Convergence, ConvergenceFigure};
pub use engine::Engine;
pub use error::SimulationError;
pub use estimates::{
    BatchEstimates, BlastRadius, Breach, BreachError, ChanceErrors, CostEstimates, CostKinds,
    DriverEstimates, EffortEstimates, Estimates, FinishError, FinishSummary, Histogram,
    SlaEstimates, StepError, StepEstimates, Summary, SummaryError,
};
pub use missed::{Frozen, Lack, Missed, MissedError};
pub use paired::{Counts, Measured, Paired, PairedFigure, Which, paired};
pub use requirement::{Judgement, Outcome, Requirement};
pub use shard::{MergeError, Merged, Merger, Shard, ShardError, ShardHeader, simulate_shard};
pub use watch::Watch;
pub use why::{Drawn, Event, GivenUp, Link, Longer, Median, Share, WhichTrial, Why, why};

use results::Results;
use run::Runner;

/// The most trials of which every value is kept, so that percentiles are selected exactly.
pub const MAX_TRIALS: u64 = 10_000_000;

/// What to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many trials, 1 to [`MAX_TRIALS`].
    pub trials: u64,
    /// The seed: the same gives the same estimates.
    pub seed: u64,
    /// How many threads; none is one for each core. Never changes a result.
    pub threads: Option<usize>,
}

/// Runs the trials and sums them up. The same plan, seed and number of trials give the same
/// estimates. A run that is stopped comes to those of the trials that were done.
///
/// # Errors
/// When the settings are out of range, the plan cannot be carried out at all (no trial finishes,
/// since steps wait in vain), or the run is stopped before its first block of trials is done.
pub fn simulate(
    plan: &Plan,
    settings: &Settings,
    watch: Option<&Watch>,
) -> Result<Estimates, SimulationError> {
    simulate_by(Engine::default(), plan, settings, watch)
}

/// As [`simulate`], by an engine of choice: it never changes a result, tests and benchmarks compare
/// them.
///
/// # Errors
/// As [`simulate`].
pub fn simulate_by(
    engine: Engine,
    plan: &Plan,
    settings: &Settings,
    watch: Option<&Watch>,
) -> Result<Estimates, SimulationError> {
    estimated(plan, settings, watch, |runner, trials, results| {
        runner.engine = engine;
        let whole = runner.run(0..trials, results)?;
        Ok((whole, None))
    })
}

/// As [`simulate`], but runs no more trials than it takes to know the P80 of the duration, and of
/// the cost where the plan has a currency, to one percent: [`Convergence`]. `settings.trials` is the
/// most that it may take.
///
/// # Errors
/// As [`simulate`].
pub fn simulate_until_converged(
    plan: &Plan,
    settings: &Settings,
    watch: Option<&Watch>,
) -> Result<Estimates, SimulationError> {
    estimated(plan, settings, watch, |runner, trials, results| {
        let run = converge::run(runner, trials, results)?;
        Ok((run.whole, Some(run.convergence)))
    })
}

/// What running comes to: whether it was not stopped, and how it converged.
type Ran = Result<(bool, Option<Convergence>), SimulationError>;

/// The estimates of what `run` folds.
fn estimated(
    plan: &Plan,
    settings: &Settings,
    watch: Option<&Watch>,
    run: impl FnOnce(&mut Runner<'_>, usize, &mut Results) -> Ran + Send,
) -> Result<Estimates, SimulationError> {
    let (trials, pool) = checked(settings)?;
    let unwatched = Watch::default();
    let watch = watch.unwrap_or(&unwatched);
    let estimated = pool.install(|| folded(plan, (settings, trials), watch, run));
    estimated.map(|(estimates, _)| estimates)
}

/// The estimates of what `run` folds on the current threads, and what was folded.
fn folded(
    plan: &Plan,
    (settings, trials): (&Settings, usize),
    watch: &Watch,
    run: impl FnOnce(&mut Runner<'_>, usize, &mut Results) -> Ran,
) -> Result<(Estimates, Results), SimulationError> {
    let plan_hash = hash(plan)?;
    let mut runner = Runner::new(plan, settings.seed, watch)?;
    let mut results = Results::default();
    let (whole, convergence) = run(&mut runner, trials, &mut results)?;
    let estimates = told(&runner, plan_hash, &results, settings, whole)?;
    let estimates = Estimates {
        convergence,
        ..estimates
    };
    Ok((estimates, results))
}

/// The estimates of results that are `whole` unless the run was stopped.
fn told(
    runner: &Runner<'_>,
    plan_hash: String,
    results: &Results,
    settings: &Settings,
    whole: bool,
) -> Result<Estimates, SimulationError> {
    let done = results.outcomes.len() as u64;
    if done == 0 {
        return Err(SimulationError::Interrupted {
            done,
            asked: settings.trials,
            plans: 1,
        });
    }
    if whole {
        missed::carried_out(runner.plan, results)?;
    }
    let report = report::Report {
        plan: runner.plan,
        model: &runner.model,
        results,
        settings: &Settings {
            trials: done,
            ..*settings
        },
    };
    Ok(Estimates {
        trials_asked: settings.trials,
        interrupted: !whole,
        ..report.estimates(plan_hash)
    })
}

fn hash(plan: &Plan) -> Result<String, SimulationError> {
    plan.hash()
        .map_err(|error| SimulationError::NotCanonical(error.to_string()))
}

/// Whether many trials of `plan` run side by side, because nothing but precedence and people orders its
/// steps.
///
/// # Errors
/// When the plan cannot be carried out at all.
pub fn runs_side_by_side(plan: &Plan) -> Result<bool, SimulationError> {
    Ok(lanes::can_run(&run::first_model(plan)?))
}

/// How many trials, and the threads to run them.
fn checked(settings: &Settings) -> Result<(usize, rayon::ThreadPool), SimulationError> {
    if settings.trials == 0 {
        return Err(SimulationError::NoTrials);
    }
    let too_many = SimulationError::TooManyTrials(settings.trials);
    if settings.trials > MAX_TRIALS {
        return Err(too_many);
    }
    let trials = usize::try_from(settings.trials).map_err(|_| too_many)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(settings.threads.unwrap_or(0))
        .build()
        .map_err(|error| SimulationError::Threads(error.to_string()))?;
    Ok((trials, pool))
}
