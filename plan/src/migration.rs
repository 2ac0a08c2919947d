//! How it is to move: the migration itself, batches, bridges, people's roles, risks, decisions.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Amount, BatchId, Condition, Distribution, Node, PlatformId, ResourceId, RoleId, ServiceId,
    StepId, TeamId,
};

/// Sequential, parallel or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// One unit after another.
    Sequential,
    /// Independent units side by side.
    Parallel,
    /// Core and stateful ones in sequence, the rest in parallel.
    Hybrid,
}

/// What the migration promises.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Objectives {
    /// Availability, as a ratio of `sla_period`.
    pub sla: Option<f64>,
    /// Seconds over which `sla` is counted.
    pub sla_period: f64,
    /// Seconds of data that may be lost.
    pub rpo: Option<f64>,
    /// Seconds a rollback may take, detection included.
    pub rto: Option<f64>,
}

/// Where the record of what was done is kept, so that nobody can change it afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Audit {
    /// Where, in words.
    pub place: String,
    /// For how long, seconds.
    pub keep: Option<f64>,
}

/// The migration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Migration {
    /// Name.
    pub name: String,
    /// Doc comment.
    pub doc: Option<String>,
    /// Platforms left, pairing with `to`.
    pub from: Vec<PlatformId>,
    /// Platforms entered.
    pub to: Vec<PlatformId>,
    /// IANA time zone of its civil times.
    pub zone: String,
    /// The first instant.
    pub start: Timestamp,
    /// The instant after the last day.
    pub deadline: Option<Timestamp>,
    /// In `currency`.
    pub budget: Option<f64>,
    /// ISO 4217 code of all money.
    pub currency: String,
    /// SLA, RPO, RTO.
    pub objectives: Objectives,
    /// What the batches follow.
    pub strategy: Strategy,
    /// Whether the plan says so, rather than the checklist.
    pub strategy_declared: bool,
    /// Teams that do the work.
    pub teams: Vec<TeamId>,
    /// Seconds the old side is kept after a cutover.
    pub keep_old: Amount,
    /// The most units of a parallel batch that the compiler makes.
    pub batch_size: u32,
    /// Where the record of what was done is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audit: Option<Audit>,
}

impl Migration {
    /// The zone of its civil times; UTC where the name of its zone is none.
    #[must_use]
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)
    }
}

/// How the units of a batch go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchMode {
    /// One unit after another is settled.
    Sequential,
    /// Side by side.
    Parallel,
}

/// When the members of a batch cut over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CutoverMode {
    /// When all are ready.
    Together,
    /// Each when it is ready.
    Each,
}

/// A member of a batch and why it is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BatchMember {
    /// The service or resource.
    pub node: Node,
    /// In words, with the numbers that decided.
    pub reason: String,
}

/// What moves as one: a service, a resource, or a component that must cut over together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unit {
    /// Its members, in the order they go.
    pub members: Vec<BatchMember>,
}

/// A set of units that move as one decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Batch {
    /// Name.
    pub name: String,
    /// Doc comment.
    pub doc: Option<String>,
    /// How its units go.
    pub mode: BatchMode,
    /// How many units at once, from the first act until ready for cutover; none is all.
    pub at_once: Option<u32>,
    /// Whether a flag can switch one member off without rolling back the batch.
    pub isolate: bool,
    /// When members cut over.
    pub cutover: CutoverMode,
    /// Batches settled before.
    pub after: Vec<BatchId>,
    /// What moves, in order.
    pub units: Vec<Unit>,
    /// Whether the plan's author wrote it.
    pub handwritten: bool,
}

impl Batch {
    /// Whether one member that fails takes all others with traffic back with it.
    #[must_use]
    pub fn rolls_back_whole(&self) -> bool {
        self.mode == BatchMode::Parallel && !self.isolate
    }
}

/// What a bridge covers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BridgeOver {
    /// One edge between two services.
    Edge {
        /// Who needs.
        from: ServiceId,
        /// Whom.
        to: ServiceId,
    },
    /// All edges of a resource.
    Resource(ResourceId),
}

/// How a bridge carries what crosses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BridgeTechnique {
    /// Change data capture.
    Cdc,
    /// The application writes to both.
    DualWrite,
    /// New to old.
    BackSync,
    /// Messages mirrored.
    Mirror,
    /// A thin layer that translates.
    Adapter,
    /// A proxy.
    Proxy,
}

/// What carries an edge while its ends are apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bridge {
    /// Name.
    pub name: String,
    /// Doc comment.
    pub doc: Option<String>,
    /// What it covers.
    pub over: BridgeOver,
    /// How.
    pub by: BridgeTechnique,
    /// How far the far side is behind, seconds.
    pub lag: Option<Amount>,
    /// Whether the new side is right where the two differ.
    pub source_is_new: bool,
    /// Whether what arrives twice is taken once.
    pub deduplicates: bool,
    /// What happens when it breaks, and what is done then.
    pub breaks: Option<String>,
    /// Cost per day while it stands.
    pub cost_per_day: Option<Amount>,
    /// The step that builds it; it stands from that step's end.
    pub built_by: StepId,
    /// It is taken down when these are done (the cutovers of its last batch).
    pub until: Vec<StepId>,
}

/// A factor many steps share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Driver {
    /// Name.
    pub name: String,
    /// Doc comment.
    pub doc: Option<String>,
    /// Chance that it acts in a trial.
    pub chance: Amount,
    /// The factor when it acts.
    pub factor: Distribution,
    /// The steps it multiplies, each once, ascending.
    pub steps: Vec<StepId>,
    /// What it multiplies.
    pub affects: DriverEffect,
}

/// What a driver multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DriverEffect {
    /// Work, transfers, fix, undo and lead times.
    Duration,
    /// Chances of failure.
    Failure,
}

/// A condition that rolls back when it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trigger {
    /// Name.
    pub name: String,
    /// Doc comment.
    pub doc: Option<String>,
    /// What must hold.
    pub when: Condition,
    /// For how long, seconds.
    pub hold: f64,
}

/// How bad a risk is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RiskTier {
    /// Tracked.
    Low,
    /// Needs an alert.
    Medium,
    /// Needs a written mitigation.
    High,
}

/// What may go wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Risk {
    /// Name.
    pub name: String,
    /// Doc comment.
    pub doc: Option<String>,
    /// How bad.
    pub tier: RiskTier,
    /// What is done about it.
    pub mitigation: Option<String>,
    /// Name of the trigger that fires when it comes true.
    pub alert: Option<String>,
    /// Who watches it.
    pub owner: Option<RoleId>,
}

/// A part someone plays in the migration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Role {
    /// Name.
    pub name: String,
    /// Doc comment.
    pub doc: Option<String>,
    /// Who plays it.
    pub who: Option<String>,
    /// Who stands in.
    pub backup: Option<String>,
    /// The team they belong to; its calendar says when they answer.
    pub team: Option<TeamId>,
}

/// Who is told, and how long ahead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Announcement {
    /// To whom.
    pub name: String,
    /// Doc comment: what is said.
    pub doc: Option<String>,
    /// Seconds before the first cutover.
    pub before: f64,
    /// Where.
    pub channel: String,
    /// What it says.
    pub wording: Wording,
    /// The step that does it.
    pub step: StepId,
}

/// What an announcement says; the dates are the estimates'.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Wording {
    /// What changes.
    pub what: Option<String>,
    /// Why.
    pub why: Option<String>,
    /// What may go wrong for those told.
    pub risk: Option<String>,
    /// What they will notice.
    pub noticed: Option<String>,
    /// Whom they call.
    pub contact: Option<String>,
}

/// Looking back without blame when all is done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Retrospective {
    /// Seconds after the last step by which it is held.
    pub within: f64,
    /// The step in which it is held.
    pub step: StepId,
}

/// A place to rehearse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Environment {
    /// Name.
    pub name: String,
    /// Doc comment.
    pub doc: Option<String>,
}

/// Evidence that a rollback was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rehearsal {
    /// Name.
    pub name: String,
    /// The batch rehearsed.
    pub of: BatchId,
    /// Name of the environment.
    pub on: String,
    /// The day.
    pub date: Date,
    /// How long the rollback took, seconds.
    pub took: f64,
    /// Whether it worked.
    pub passed: bool,
}

/// A finding someone decided to live with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Waiver {
    /// Code of the rule.
    pub code: String,
    /// Name of what it is waived on.
    pub on: String,
    /// Its last day.
    pub until: Date,
    /// Why.
    pub because: String,
}

/// A question of the decision checklist.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Service coupling.
    Coupling,
    /// Team size.
    TeamSize,
    /// Automation maturity.
    Automation,
    /// Risk tolerance.
    RiskTolerance,
    /// Timeline pressure.
    Timeline,
    /// Dual-running cost.
    DualRunning,
}

/// Where a score comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreSource {
    /// Written in the plan.
    Declared,
    /// Computed from the plan.
    Derived,
    /// Nothing to compute it from.
    Unknown,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChecklistScore {
    /// The question.
    pub criterion: Criterion,
    /// 1 (sequential) to 5 (parallel).
    pub score: u8,
    /// Where it comes from.
    pub source: ScoreSource,
    /// Why, with numbers.
    pub reason: String,
}

/// The decision checklist, answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Checklist {
    /// The six answers, in the order of [`Criterion`].
    pub scores: Vec<ChecklistScore>,
    /// Their sum.
    pub total: u8,
    /// 6–12 sequential, 13–18 hybrid, 19–30 parallel, capped as the notes say.
    pub verdict: Strategy,
    /// Points to the nearest other verdict.
    pub margin: u8,
    /// The single change that would flip the verdict.
    pub flip: Option<String>,
    /// Caps that applied, and the like.
    pub notes: Vec<String>,
}

/// An edge whose ends are apart after a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Crossing {
    /// Who needs.
    pub from: Node,
    /// Whom.
    pub to: Node,
    /// What carries it: a bridge, a link, or nothing.
    pub carried_by: Option<Arc<str>>,
    /// One-way latency it adds, seconds.
    pub latency: Option<f64>,
    /// Bytes per second across.
    pub traffic: Option<f64>,
}

/// The seam when a batch is settled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SeamState {
    /// The batch.
    pub batch: BatchId,
    /// The edges across.
    pub crossing: Vec<Crossing>,
}

/// How loud a plan makes the warnings and notes of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LintLevel {
    /// They are errors.
    Deny,
    /// They are not told.
    Allow,
}

/// A rule that is louder or quieter than usual.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lint {
    /// The rule's code.
    pub code: String,
    /// How loud.
    pub level: LintLevel,
}
