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

mod clock;
mod column;
mod error;
mod estimates;
mod model;
mod paired;
mod philox;
mod precedence;
mod report;
mod requirement;
mod run;
mod sampler;
pub mod scheduling;
mod sensitivity;
mod statistics;
mod table;
mod trial;

use whimbrel_plan::Plan;

pub use error::SimulationError;
pub use estimates::{
    BatchEstimates, BlastRadius, Breach, CostEstimates, CostKinds, DriverEstimates, Estimates,
    FinishError, FinishSummary, Histogram, SlaEstimates, StepEstimates, Summary, SummaryError,
};
pub use paired::{Measured, Paired, PairedFigure, Which, paired};
pub use requirement::{Judgement, Outcome, Requirement};

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

/// Runs the trials and sums them up. `progress` is told how many trials are done, from any thread
/// and not always in order.
///
/// # Errors
/// When the settings are out of range or the plan cannot be carried out at all.
pub fn simulate(
    plan: &Plan,
    settings: &Settings,
    progress: Option<&(dyn Fn(u64) + Sync)>,
) -> Result<Estimates, SimulationError> {
    let (trials, pool) = checked(settings)?;
    let hash = plan
        .hash()
        .map_err(|error| SimulationError::NotCanonical(error.to_string()))?;
    pool.install(|| {
        let (model, results) = run::run(plan, settings.seed, trials, progress)?;
        let report = report::Report {
            plan,
            model: &model,
            results: &results,
            settings,
        };
        Ok(report.estimates(hash))
    })
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
