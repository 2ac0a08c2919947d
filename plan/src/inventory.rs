//! What exists: platforms, links, teams, services, resources, and the relations between them.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Amount, Arena, CalendarId, Distribution, LinkId, Measure, PlatformId, RelationId, ResourceId,
    ServiceId, StepId, TeamId,
};

/// Everything that exists, in name order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Inventory {
    /// Platforms.
    pub platforms: Arena<PlatformId, Platform>,
    /// Links between platforms.
    pub links: Arena<LinkId, Link>,
    /// Teams.
    pub teams: Arena<TeamId, Team>,
    /// Services.
    pub services: Arena<ServiceId, Service>,
    /// Resources; a parent (instance, datastore) stands before its children.
    pub resources: Arena<ResourceId, Resource>,
    /// Who calls, reads, writes, publishes, consumes or pins what.
    pub relations: Arena<RelationId, Relation>,
    /// Licences with an end date.
    pub licences: Vec<Licence>,
}

/// Where services and resources run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Platform {
    /// Name.
    pub name: String,
    /// Doc comment.
    pub doc: Option<String>,
    /// Region, as the provider calls it.
    pub region: Option<String>,
    /// Jurisdiction its data is under.
    pub jurisdiction: Option<String>,
    /// Fixed cost per day while the platform is up, beside what runs on it.
    pub cost_per_day: Option<Amount>,
}

/// A network path between two platforms; it carries both directions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// One end.
    pub from: PlatformId,
    /// The other end.
    pub to: PlatformId,
    /// Bytes per second.
    pub bandwidth: Option<Amount>,
    /// One-way latency in seconds.
    pub latency: Option<Amount>,
    /// Whether it stays off the public internet.
    pub private: bool,
    /// Price of a byte across it.
    pub egress_per_byte: Option<Amount>,
    /// How many transfers share it at once, each getting an equal part of the bandwidth.
    pub at_once: u32,
}

/// People who do the work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Team {
    /// Name.
    pub name: String,
    /// Doc comment.
    pub doc: Option<String>,
    /// How many people; none is unlimited.
    pub engineers: Option<u32>,
    /// Cost of a person's working hour.
    pub rate_per_hour: Option<Amount>,
    /// When they work; none is always.
    pub calendar: Option<CalendarId>,
    /// Where they are paged.
    pub oncall: Option<String>,
}

/// How much its failure matters.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Others can wait for it.
    Supporting,
    /// Missed within hours.
    Important,
    /// Missed at once.
    Critical,
}

/// What sort of workload a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    /// Keeps nothing.
    Stateless,
    /// Keeps state of its own.
    Stateful,
    /// Runs by schedule.
    Batch,
    /// Long-running processes.
    Workflow,
    /// What users see.
    Frontend,
    /// Observes others; forms no dependency.
    Telemetry,
}

/// What a service does today, measured on the old side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// Share of failed requests.
    pub error_rate: Option<f64>,
    /// Median latency, seconds.
    pub p50: Option<f64>,
    /// 95th percentile of latency, seconds.
    pub p95: Option<f64>,
    /// 99th percentile of latency, seconds.
    pub p99: Option<f64>,
    /// The day it was measured.
    pub at: Option<jiff::civil::Date>,
}

impl Baseline {
    /// What was measured, in the measure's unit; none of measures that are not of requests answered, nor
    /// of the plan's own.
    #[must_use]
    pub fn of(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::ErrorRate => self.error_rate,
            Measure::P50 => self.p50,
            Measure::P95 => self.p95,
            Measure::P99 => self.p99,
            _ => None,
        }
    }
}

/// Something that runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Service {
    /// Name.
    pub name: String,
    /// Doc comment.
    pub doc: Option<String>,
    /// Who owns it.
    pub team: Option<TeamId>,
    /// How much its failure matters.
    pub tier: Tier,
    /// Sort of workload.
    pub kind: ServiceKind,
    /// Requests per second, all callers together.
    pub traffic: Option<Amount>,
    /// Users.
    pub users: Option<Amount>,
    /// Revenue per second while it serves.
    pub revenue: Option<Amount>,
    /// The version that runs today.
    pub version: Option<String>,
    /// Where it runs.
    pub on: Option<PlatformId>,
    /// Where it is to run; the same as `on` when it stays.
    pub to: Option<PlatformId>,
    /// Whether it has a `move`.
    pub moves: bool,
    /// Its address today.
    pub endpoint: Option<String>,
    /// Its address on the new platform.
    pub new_endpoint: Option<String>,
    /// Seconds for which callers keep the address that its name stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns_ttl: Option<f64>,
    /// Seconds that the longest thing takes which it must not break off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_transaction: Option<f64>,
    /// What it does today.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// What either side costs to run.
    pub cost: RunningCost,
}

/// What a thing costs per day on either side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunningCost {
    /// Per day on the old side.
    pub old_per_day: Option<Amount>,
    /// Per day on the new side.
    pub new_per_day: Option<Amount>,
}

/// What sort of resource.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    /// A server process that holds others.
    Instance,
    /// A database.
    Datastore,
    /// A table of a datastore.
    Table,
    /// A topic with any number of consumers.
    Topic,
    /// A queue.
    Queue,
    /// A cache or session store.
    Cache,
    /// A file volume.
    Volume,
    /// A third party.
    External,
}

impl ResourceKind {
    /// Its keyword.
    #[must_use]
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Datastore => "datastore",
            Self::Table => "table",
            Self::Topic => "topic",
            Self::Queue => "queue",
            Self::Cache => "cache",
            Self::Volume => "volume",
            Self::External => "external",
        }
    }
}

/// Something services share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Resource {
    /// Full name: `orders_db`, `orders_db.orders`.
    pub name: String,
    /// Doc comment.
    pub doc: Option<String>,
    /// What it is.
    pub kind: ResourceKind,
    /// What it stands in: a table in its datastore, a datastore in its instance.
    pub parent: Option<ResourceId>,
    /// Its engine: `postgresql`, `kafka`, `redis`.
    pub engine: Option<String>,
    /// The version that runs today.
    pub version: Option<String>,
    /// What the engine becomes.
    pub becomes: Option<String>,
    /// Who owns it.
    pub team: Option<TeamId>,
    /// How much its failure matters.
    pub tier: Tier,
    /// Where it is.
    pub on: Option<PlatformId>,
    /// Where it is to be.
    pub to: Option<PlatformId>,
    /// Whether it has a `move`.
    pub moves: bool,
    /// Bytes.
    pub size: Option<Amount>,
    /// Bytes changed per second.
    pub change_rate: Option<Amount>,
    /// Bytes per second the engine can copy.
    pub throughput: Option<Amount>,
    /// Age in seconds of the last good backup at any time (the interval between backups).
    pub backup_every: Option<f64>,
    /// Rules its data is under: `gdpr`, `sox`.
    pub regimes: Vec<String>,
    /// Jurisdictions its data may be in.
    pub residency: Vec<String>,
    /// How long its data must be kept, seconds.
    pub retention: Option<f64>,
    /// Whether a topic keeps the order of messages.
    pub ordered: bool,
    /// Whether a cache holds sessions.
    pub holds_sessions: bool,
    /// Change lead time of an external, seconds.
    pub lead_time: Option<Distribution>,
    /// Whom to call at an external.
    pub contact: Option<String>,
    /// What either side costs to run.
    pub cost: RunningCost,
}

/// Whether the caller works without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// It fails without.
    Hard,
    /// It copes.
    Soft,
}

/// Whether the caller waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallMode {
    /// Waits for the answer.
    Sync,
    /// Does not wait.
    Async,
}

/// What a relation says.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// Calls a service or an external.
    Calls,
    /// Reads a resource.
    Reads,
    /// Writes a resource.
    Writes,
    /// Publishes to a topic or queue.
    Publishes,
    /// Consumes from a topic or queue.
    Consumes,
    /// Uses an address that is written down somewhere.
    Pins,
    /// Was seen talking to a service.
    Seen,
}

/// What a relation points at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// A service.
    Service(ServiceId),
    /// A resource.
    Resource(ResourceId),
    /// An address nobody's `endpoint` owns.
    Address(String),
}

/// How a fact is known.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// Somebody wrote it down.
    Declared,
    /// Read from a configuration file.
    Configured,
    /// Seen in traces.
    Observed,
    /// Assumed.
    Guessed,
}

impl EvidenceKind {
    /// The word for it; nothing for what is declared, which is the rule.
    #[must_use]
    pub fn mark(self) -> Option<&'static str> {
        match self {
            Self::Declared => None,
            Self::Configured => Some("configured"),
            Self::Observed => Some("observed"),
            Self::Guessed => Some("guessed"),
        }
    }
}

/// A place in the plan text. Left out of [`crate::Plan::hash`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// Path as the compiler was given it.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
}

/// Why a fact is believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// How it is known.
    pub kind: EvidenceKind,
    /// What saw it, for observed facts.
    pub source: Option<String>,
    /// The day it was seen.
    pub at: Option<jiff::civil::Date>,
    /// Where the plan says so.
    pub location: Location,
}

/// What answers when a need is down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fallback {
    /// In words.
    pub text: String,
    /// Share of the calls it answers.
    pub covers: Amount,
}

/// One declared or observed fact about a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Relation {
    /// Who.
    pub from: ServiceId,
    /// Does what. `uses` is a read and a write.
    pub kind: RelationKind,
    /// To what.
    pub to: Target,
    /// Per second.
    pub rate: Option<Amount>,
    /// Bytes per call.
    pub bytes: Option<Amount>,
    /// Whether it works without.
    pub need: Need,
    /// Whether `need` was left out and is taken to be hard.
    pub need_guessed: bool,
    /// Whether it waits.
    pub mode: CallMode,
    /// What answers instead.
    pub fallback: Option<Box<Fallback>>,
    /// Whether a consumer depends on the order of messages.
    pub ordering_required: bool,
    /// Why it is believed.
    pub evidence: Evidence,
}

/// A licence that is paid until its end date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Licence {
    /// Name.
    pub name: String,
    /// What it covers: the steps that remove the last of it (empty: it is never removed).
    pub removed_by: Vec<StepId>,
    /// Names of what it covers.
    pub of: Vec<String>,
    /// Cost per day.
    pub cost_per_day: Amount,
    /// Rise per year, as a ratio.
    pub grows_per_year: Amount,
    /// The instant after its last day.
    pub until: jiff::Timestamp,
    /// How long before the end it must be cancelled, seconds.
    pub notice: Option<f64>,
}
