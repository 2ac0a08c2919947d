//! What a simulation says: the contract of `simulate --format json`.
//!
//! Durations in days, money in the plan's currency, ratios and chances from 0 to 1; what is not
//! defined (no deadline, no budget, infinite) is `None`. Fields are added, never renamed.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::converge::Convergence;
use crate::missed::Missed;

/// Mean, spread and quantiles of a quantity over the trials.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Mean.
    pub mean: Option<f64>,
    /// Standard deviation (n − 1).
    pub sd: Option<f64>,
    /// Order statistic ⌈0.05 n⌉, and so on.
    pub p5: Option<f64>,
    /// 10th percentile.
    pub p10: Option<f64>,
    /// 25th percentile.
    pub p25: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// 75th percentile.
    pub p75: Option<f64>,
    /// 80th percentile.
    pub p80: Option<f64>,
    /// 90th percentile.
    pub p90: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// Monte Carlo error.
    pub error: SummaryError,
    /// Counts over 24 equal bins from the least to the greatest finite value.
    pub histogram: Histogram,
}

/// Counts over equal bins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Histogram {
    /// Lower end of the first bin.
    pub low: f64,
    /// Upper end of the last bin.
    pub high: f64,
    /// How many values in each.
    pub counts: Vec<u64>,
}

/// 95 % intervals; those of percentiles run between order statistics, by the exact binomial law.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "as in Summary")]
pub struct SummaryError {
    pub mean: Option<[f64; 2]>,
    pub p5: Option<[f64; 2]>,
    pub p10: Option<[f64; 2]>,
    pub p25: Option<[f64; 2]>,
    pub p50: Option<[f64; 2]>,
    pub p75: Option<[f64; 2]>,
    pub p80: Option<[f64; 2]>,
    pub p90: Option<[f64; 2]>,
    pub p95: Option<[f64; 2]>,
    pub p99: Option<[f64; 2]>,
}

/// [`Summary`] of an instant; `sd` in days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "as in Summary")]
pub struct FinishSummary {
    pub mean: Option<Timestamp>,
    pub sd: Option<f64>,
    pub p5: Option<Timestamp>,
    pub p10: Option<Timestamp>,
    pub p25: Option<Timestamp>,
    pub p50: Option<Timestamp>,
    pub p75: Option<Timestamp>,
    pub p80: Option<Timestamp>,
    pub p90: Option<Timestamp>,
    pub p95: Option<Timestamp>,
    pub p99: Option<Timestamp>,
    pub error: FinishError,
}

/// 95 % intervals of instants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "as in SummaryError")]
pub struct FinishError {
    pub mean: Option<[Timestamp; 2]>,
    pub p5: Option<[Timestamp; 2]>,
    pub p10: Option<[Timestamp; 2]>,
    pub p25: Option<[Timestamp; 2]>,
    pub p50: Option<[Timestamp; 2]>,
    pub p75: Option<[Timestamp; 2]>,
    pub p80: Option<[Timestamp; 2]>,
    pub p90: Option<[Timestamp; 2]>,
    pub p95: Option<[Timestamp; 2]>,
    pub p99: Option<[Timestamp; 2]>,
}

/// Cost, whole and by kind; the kinds sum to the whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CostEstimates {
    /// The whole.
    #[serde(flatten)]
    pub total: Summary,
    /// By kind.
    pub kinds: CostKinds,
    /// Whether something is unknown, so that all figures are lower bounds.
    pub at_least: bool,
}

/// Person-hours of the work that teams do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EffortEstimates {
    /// The hours.
    #[serde(flatten)]
    pub total: Summary,
    /// Whether some work is nobody's, so that all figures are lower bounds.
    #[serde(default)]
    pub at_least: bool,
    /// The steps whose work names no team, and is not counted; left out of the JSON where there is
    /// none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without_team: Vec<String>,
}

/// Cost by kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CostKinds {
    /// The side that does not serve, and the new platform's fixed cost.
    pub dual_running: Summary,
    /// People's time.
    pub engineering: Summary,
    /// Built up front.
    pub automation: Summary,
    /// Bridges while they stand.
    pub bridges: Summary,
    /// Egress while ends are apart.
    pub network: Summary,
    /// Renewals.
    pub licences: Summary,
    /// Revenue of lost requests.
    pub lost_revenue: Summary,
}

/// How much breaks at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BlastRadius {
    /// Largest number of services hurt at once.
    pub services: Summary,
    /// Largest share of requests hurt at once; `None` when nothing has traffic.
    pub request_share: Option<Summary>,
    /// Requests lost.
    pub requests_lost: Summary,
    /// Whether the traffic of a service that may be hurt is unknown, so that more may be lost.
    #[serde(default)]
    pub requests_lost_at_least: bool,
    /// The same given that there is an incident; `None` when there is none in any trial.
    pub services_given_incident: Option<Summary>,
    /// As above, share of requests.
    pub request_share_given_incident: Option<Summary>,
}

/// The SLA.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SlaEstimates {
    /// Chance that some service breaks it; `None` without an SLA.
    pub breach_probability: Option<f64>,
    /// How far it may be off.
    #[serde(default)]
    pub error: BreachError,
    /// Largest share of the budget that a service spends.
    pub budget_spent: Option<Summary>,
}

/// The chance of breaking an objective.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Breach {
    /// `None` without the objective.
    pub breach_probability: Option<f64>,
    /// How far it may be off.
    #[serde(default)]
    pub error: BreachError,
}

/// 95 % interval of the chance of breaking an objective, as in [`ChanceErrors`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "named as what it is of")]
pub struct BreachError {
    pub breach_probability: Option<[f64; 2]>,
}

/// 95 % intervals of chances: exact by the binomial law (Clopper and Pearson, *The use of confidence or
/// fiducial limits illustrated in the case of the binomial*, 1934), so that also what was seen in no
/// trial, or in all, has one. A plan in which nothing is uncertain has intervals without width.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "each is named as what it is of")]
pub struct ChanceErrors {
    pub deadline_probability: Option<[f64; 2]>,
    pub budget_probability: Option<[f64; 2]>,
    pub joint_probability: Option<[f64; 2]>,
    pub unfinished: Option<[f64; 2]>,
    pub incident_probability: Option<[f64; 2]>,
    pub critical_path_percentile: Option<[f64; 2]>,
}

/// One step. Percentiles are of the first 4,096 trials; of more than 2,048 steps, of fewer, and of
/// 512 at least.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StepEstimates {
    /// The step's name.
    pub id: String,
    /// Share of the trials that finish in which it is on the critical path.
    pub criticality: f64,
    /// Median start of its first attempt.
    pub start_p50: Option<Timestamp>,
    /// Median finish.
    pub finish_p50: Option<Timestamp>,
    /// 80th percentile of the finish.
    pub finish_p80: Option<Timestamp>,
    /// Median duration of an attempt that succeeds, soak included, days.
    pub duration_p50: Option<f64>,
    /// 80th percentile of it.
    pub duration_p80: Option<f64>,
    /// Mean float, days.
    pub float_days: Option<f64>,
    /// 80th percentile of detection and undo together, days; `None` when it never fails or has
    /// nothing to undo.
    pub undo_p80: Option<f64>,
    /// How far the criticality may be off.
    #[serde(default)]
    pub error: StepError,
}

/// 95 % interval of a criticality, as in [`ChanceErrors`]; `None` where no trial finishes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "named as what it is of")]
pub struct StepError {
    pub criticality: Option<[f64; 2]>,
}

/// One batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BatchEstimates {
    /// The batch's name.
    pub name: String,
    /// How many trials, from the first on, its finish is estimated from: fewer than all where a
    /// great many batches meet a great many trials.
    pub trials: u64,
    /// When its last member is settled.
    pub finish: FinishSummary,
}

/// One driver or uncertain input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriverEstimates {
    /// `driver/NAME`, the step's name for how long it takes, else `team/NAME/rate` and the like.
    pub name: String,
    /// Spearman's rank correlation with the finish.
    pub rank_correlation_finish: Option<f64>,
    /// Spearman's rank correlation with the cost.
    pub rank_correlation_cost: Option<f64>,
    /// Mean finish above the input's P90 minus below its P10, days.
    pub swing_days: Option<f64>,
    /// Mean cost above the input's P90 minus below its P10.
    pub swing_cost: Option<f64>,
}

/// All estimates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimates {
    /// Version of this contract.
    pub version: u32,
    /// Hash of the plan simulated.
    pub plan_hash: String,
    /// The scenario it is under; none is the plan as it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The seed.
    pub seed: u64,
    /// How many trials.
    pub trials: u64,
    /// How many were asked for; a run that converged, or was stopped, has fewer.
    #[serde(default)]
    pub trials_asked: u64,
    /// Whether the run was stopped before it had all the trials it was asked for.
    #[serde(default)]
    pub interrupted: bool,
    /// Whether the run converged; `None` where it was not to go on until it does.
    #[serde(default)]
    pub convergence: Option<Convergence>,
    /// Whether nothing in the plan is uncertain, so that every trial is the same and all figures are
    /// exact.
    #[serde(default)]
    pub certain: bool,
    /// The plan's currency.
    pub currency: String,
    /// End of the last step.
    pub finish: FinishSummary,
    /// From start to finish, days.
    pub duration_days: Summary,
    /// Cost relative to not migrating.
    pub cost: CostEstimates,
    /// Days in which anything runs twice.
    pub dual_running_days: Summary,
    /// Person-hours billed.
    pub effort_hours: EffortEstimates,
    /// Of these, hours of acts that had to be done again: they failed, were aborted, or were undone.
    pub wasted_hours: Summary,
    /// How much breaks at once.
    pub blast_radius: BlastRadius,
    /// The SLA.
    pub sla: SlaEstimates,
    /// The RTO.
    pub rto: Breach,
    /// The RPO.
    pub rpo: Breach,
    /// Rollbacks per trial.
    pub rollbacks: Summary,
    /// Chance to finish by the deadline.
    pub deadline_probability: Option<f64>,
    /// Chance to stay within the budget.
    pub budget_probability: Option<f64>,
    /// Chance of both.
    pub joint_probability: Option<f64>,
    /// Share of trials that never finish.
    pub unfinished: f64,
    /// Steps for which trials are unfinished since they wait in vain, the most frequent first; left
    /// out of the JSON where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missed: Vec<Missed>,
    /// Chance of at least one incident.
    pub incident_probability: f64,
    /// Share of trials no longer than the critical path at mean durations.
    pub critical_path_percentile: f64,
    /// How far these chances and shares may be off.
    #[serde(default)]
    pub error: ChanceErrors,
    /// By step, in the plan's order.
    pub steps: Vec<StepEstimates>,
    /// What is not known.
    pub unknown: Vec<String>,
    /// By batch, in the plan's order.
    pub batches: Vec<BatchEstimates>,
    /// By driver and uncertain input, largest swing first.
    pub drivers: Vec<DriverEstimates>,
}
