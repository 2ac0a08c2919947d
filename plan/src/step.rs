//! Steps: what is done, by whom, how long it takes, how it fails and how it is undone.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Amount, BatchId, CalendarId, Condition, Distribution, LinkId, Node, ResourceId, RoleId,
    ServiceId, StepId, TeamId, WindowId,
};

/// What sort of act a step is: the vocabulary of freezes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Preparation: assessment, lead times, automation, training.
    Prepare,
    /// Something is installed.
    Deploy,
    /// A bulk copy.
    Bootstrap,
    /// Changes are carried over.
    Replicate,
    /// Old and new are compared.
    Validate,
    /// Traffic moves.
    Shift,
    /// The new side takes over.
    Cutover,
    /// The old side is kept.
    Keep,
    /// The old side is removed.
    Decommission,
    /// Flags, shims and dual writes are removed.
    Tidy,
    /// People are told.
    Notify,
    /// A decision is awaited.
    Gate,
}

/// What a step is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A service.
    Service(ServiceId),
    /// A resource.
    Resource(ResourceId),
    /// A named part of the migration: a phase, a bridge, an announcement.
    Migration(String),
}

impl Subject {
    /// The service or resource; none for a part of the migration.
    #[must_use]
    pub fn node(&self) -> Option<Node> {
        match self {
            Self::Service(id) => Some(Node::Service(*id)),
            Self::Resource(id) => Some(Node::Resource(*id)),
            Self::Migration(_) => None,
        }
    }
}

/// A number of people of a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PeopleNeed {
    /// The team.
    pub team: TeamId,
    /// How many.
    pub count: u32,
}

/// How long an act takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// No time.
    Instant,
    /// Seconds around the clock.
    Elapsed(Distribution),
    /// Seconds of working time, advancing while all of [`Work::calendars`] are open.
    Working(Distribution),
    /// A data move.
    Transfer(Transfer),
}

/// A data move: size ÷ (bandwidth − change rate), catch-up included. The bandwidth is the lesser
/// of the link's share and the engine's throughput; the compiler refuses one that never catches up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Transfer {
    /// What it goes over; none is limited by the engine alone.
    pub link: Option<LinkId>,
    /// Bytes to copy.
    pub size: Amount,
    /// Bytes changed per second meanwhile.
    pub change_rate: Amount,
    /// Bytes per second the engine can copy.
    pub throughput: Option<Amount>,
}

/// An argument of a verb, as data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Argument {
    /// A plain number.
    Number(f64),
    /// 0 to 1.
    Ratio(f64),
    /// Seconds.
    Duration(f64),
    /// Bytes.
    Size(f64),
    /// Per second.
    Rate(f64),
    /// Text.
    Text(String),
    /// A truth value.
    Boolean(bool),
    /// Several.
    List(Vec<Argument>),
}

/// A call and what it acts on. Reads as its [`Call`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Action {
    /// What it acts on.
    pub on: Option<Node>,
    /// What is done; many actions share it.
    #[serde(flatten)]
    pub call: Arc<Call>,
}

/// A verb with its arguments and the executor that carries it out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Call {
    /// `traffic.shift`.
    pub verb: String,
    /// Arguments by name, in the verb's order.
    pub arguments: IndexMap<String, Argument>,
    /// Index into [`crate::Plan::executors`]; none is carried out by a person.
    pub executor: Option<usize>,
}

impl Action {
    /// A call that so far nothing shares.
    #[must_use]
    pub fn new(on: Option<Node>, call: Call) -> Self {
        Self {
            on,
            call: Arc::new(call),
        }
    }
}

impl Deref for Action {
    type Target = Call;

    fn deref(&self) -> &Call {
        &self.call
    }
}

impl DerefMut for Action {
    /// The call, no longer shared.
    fn deref_mut(&mut self) -> &mut Call {
        Arc::make_mut(&mut self.call)
    }
}

/// An executor as the plan uses it: a folder of templates with its settings filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Executor {
    /// Unique in the plan: the folder's name, with `-2`, `-3` … for further uses of the same
    /// folder with other settings.
    pub name: String,
    /// Name of its folder.
    pub folder: String,
    /// Whether the project's own folder defines it, rather than the standard library.
    pub local: bool,
    /// How files it writes are verified: `run`, `validated` or `schema-checked`.
    pub verified: String,
    /// Platforms and instances that name it, ascending.
    pub used_by: Vec<String>,
    /// Engines it serves; empty is any.
    pub engines: Vec<String>,
    /// Names of what its `health` measures; empty is anything.
    pub measures: Vec<String>,
    /// Whether its `health` asks the queries of the plan's own measures.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub queries: bool,
    /// Settings by name, defaults filled in.
    pub settings: IndexMap<String, Argument>,
    /// Verbs it carries out and the templates that do it.
    pub verbs: IndexMap<String, VerbTemplates, FxBuildHasher>,
    /// Files it writes once for the whole plan.
    pub files: Vec<ExecutorFile>,
}

/// Names of template files in the executor's folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VerbTemplates {
    /// Does it.
    pub act: String,
    /// Exits 0 when it is done.
    pub check: Option<String>,
    /// Takes it back.
    pub undo: Option<String>,
    /// Shows what it would meet, for `--dry-run`; it only reads.
    pub dry_run: Option<String>,
    /// Attributes of what it acts on that the templates cannot do without.
    pub requires: Vec<String>,
}

/// A file an executor writes for the whole plan, under `executors/<name>/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExecutorFile {
    /// Where it goes.
    pub path: String,
    /// The template.
    pub template: String,
}

/// What happens when nobody answers within the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoAnswer {
    /// Hold, escalate, ask again.
    Stop,
    /// Roll back.
    Undo,
}

/// A decision that must be made before going on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gate {
    /// Who approves.
    pub approve: Option<RoleId>,
    /// The name of the role that must not be the one approving, usually `executor`.
    pub not_by: Option<String>,
    /// What must hold.
    pub when: Vec<Condition>,
    /// Delay until the answer, in the approver's calendar; none is triangular(0, within/4, within).
    pub takes: Option<Distribution>,
    /// Seconds after which `otherwise` happens.
    pub within: f64,
    /// What happens then.
    pub otherwise: NoAnswer,
    /// How long traffic may be held without an answer before it is undone, seconds.
    pub max_hold: Option<f64>,
}

/// How a step fails and what follows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// Chance per attempt; zero when `hazard` is given.
    pub chance: Amount,
    /// Failures per second of soak.
    pub hazard: Option<Amount>,
    /// Share of requests on the new side that a failure hurts.
    pub severity: Amount,
    /// Seconds from onset until it is noticed.
    pub detect: Distribution,
    /// Seconds the undo takes.
    pub undo_takes: Distribution,
    /// Working seconds to fix it.
    pub fix: Distribution,
    /// Factor on the chance of the next attempt.
    pub learning: Amount,
    /// Attempts before it is escalated.
    pub attempts: u32,
    /// Seconds until the owner decides.
    pub escalate: Distribution,
}

impl Failure {
    /// Of a step that cannot fail.
    #[must_use]
    pub fn never() -> Self {
        let zero = || Distribution::constant(0.0);
        Self {
            chance: 0.0.into(),
            hazard: None,
            severity: 1.0.into(),
            detect: zero(),
            undo_takes: zero(),
            fix: zero(),
            learning: 1.0.into(),
            attempts: 3,
            escalate: zero(),
        }
    }
}

/// One step of the plan. Reads as its [`Work`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Stable name, `orders/shift_25`.
    pub name: String,
    /// What it is about.
    pub subject: Subject,
    /// The batch it belongs to.
    pub batch: Option<BatchId>,
    /// What is done.
    pub action: Option<Action>,
    /// What is checked after the act and during the soak.
    pub verify: Option<Action>,
    /// How it is undone; none is not.
    pub undo: Option<Action>,
    /// The step it goes on from after a failure.
    pub retry_from: StepId,
    /// Steps finished (act, soak and verification) before it starts, ascending.
    pub predecessors: Vec<StepId>,
    /// How it is done: alike for all that move alike, which share it.
    #[serde(flatten)]
    pub work: Arc<Work>,
}

impl Step {
    /// A step in no batch that waits for none, does nothing and goes again from `retry_from`.
    #[must_use]
    pub fn new(name: impl Into<String>, subject: Subject, work: Work, retry_from: StepId) -> Self {
        Self {
            name: name.into(),
            subject,
            batch: None,
            action: None,
            verify: None,
            undo: None,
            retry_from,
            predecessors: Vec::new(),
            work: Arc::new(work),
        }
    }
}

impl Deref for Step {
    type Target = Work;

    fn deref(&self) -> &Work {
        &self.work
    }
}

impl DerefMut for Step {
    /// The work, no longer shared.
    fn deref_mut(&mut self) -> &mut Work {
        Arc::make_mut(&mut self.work)
    }
}

/// How a step is done, whatever it is about: how long it takes and whom, how it fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Work {
    /// Doc comment.
    pub doc: Option<String>,
    /// What sort of act.
    pub kind: StepKind,
    /// Whether the compiler added it; such steps take neither time nor money.
    pub added: bool,
    /// How long it takes.
    pub act: Act,
    /// Who is needed, all at once; empty is nobody, or unlimited people when `act` is working.
    pub needs: Vec<PeopleNeed>,
    /// Whether the teams of `needs` relieve one another by shifts, instead of working together.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub relay: bool,
    /// The team that fixes it, and its calendar.
    pub team: Option<TeamId>,
    /// Calendars that must all be open for working time to advance, any of them in a relay; empty
    /// is always.
    pub calendars: Vec<CalendarId>,
    /// Seconds watched after the act.
    pub soak: Amount,
    /// Seconds between checks during the soak.
    pub every: Option<f64>,
    /// How it fails.
    pub failure: Failure,
    /// Seconds of planned unavailability while the act runs.
    pub downtime: Amount,
    /// The window the act must fit in.
    pub window: Option<WindowId>,
    /// What a load test puts on the new side, as a share of the traffic of today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<f64>,
    /// Seconds for which callers keep the address of a name once it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_ttl: Option<f64>,
    /// Whether there is no way back after it.
    pub irreversible: bool,
    /// Who is responsible.
    pub owner: Option<RoleId>,
    /// Share of traffic on the new side when the act is done, for shifts and cutovers.
    pub weight: Option<f64>,
    /// The decision, for gates.
    pub gate: Option<Gate>,
}

impl Work {
    /// What takes no time and nobody, and cannot fail.
    #[must_use]
    pub fn instant(kind: StepKind) -> Self {
        Self {
            doc: None,
            kind,
            added: false,
            act: Act::Instant,
            needs: Vec::new(),
            relay: false,
            team: None,
            calendars: Vec::new(),
            soak: 0.0.into(),
            every: None,
            failure: Failure::never(),
            downtime: 0.0.into(),
            window: None,
            load: None,
            dns_ttl: None,
            irreversible: false,
            owner: None,
            weight: None,
            gate: None,
        }
    }
}

/// The steps of one moving service or resource that money and exposure hang on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mover {
    /// What moves.
    pub node: Node,
    /// Its batch and the unit in it.
    pub batch: BatchId,
    /// Index into [`crate::Batch::units`].
    pub unit: usize,
    /// Name of its pattern.
    pub pattern: String,
    /// All its steps in pattern order.
    pub steps: Vec<StepId>,
    /// The first step that deploys or copies: the new side costs from its act on.
    pub first_deploy: Option<StepId>,
    /// The first step after which the new side takes traffic or writes.
    pub first_shift: Option<StepId>,
    /// The step that, done, makes it *settled*.
    pub cutover: StepId,
    /// The step that removes the old side.
    pub decommission: Option<StepId>,
    /// What its own steps keep a second copy with, of what is known how far it is behind.
    pub copies: Vec<StandingCopy>,
}

/// A second copy of what moves that is kept up to date: by replication, back-sync or dual writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StandingCopy {
    /// How far it is behind, seconds.
    pub lag: f64,
    /// It stands from the end of this step,
    pub from: StepId,
    /// until the end of this one; none where no step ends it.
    pub until: Option<StepId>,
}
