//! The story of a trial: the contract of `simulate --why --format json`. Fields are added, never
//! renamed.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A trial, told. Times are instants, lengths days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Why {
    /// Version of this contract.
    pub version: u32,
    /// The plan's hash.
    pub plan_hash: String,
    /// The scenario that is laid over the plan.
    pub scenario: Option<String>,
    /// The seed.
    pub seed: u64,
    /// How many trials were run.
    pub trials: u64,
    /// The number of the trial.
    pub trial: u32,
    /// The percentile that was asked for.
    pub percentile: Option<u8>,
    /// The start of the migration.
    pub start: Timestamp,
    /// Its end, or when the trial was given up.
    pub end: Timestamp,
    /// Days from the start to the finish; none where the trial never finishes.
    pub duration_days: Option<f64>,
    /// The share of the run's trials that end no later.
    pub no_later: f64,
    /// Why it never finishes.
    pub unfinished: Option<GivenUp>,
    /// What it costs; none where it never finishes.
    pub cost: Option<f64>,
    /// Failures that could hurt.
    pub incidents: u32,
    /// Attempts and gates that were undone.
    pub rollbacks: u32,
    /// The trial that is the median of the finish.
    pub median: Median,
    /// What was drawn unusually.
    pub drawn: Vec<Drawn>,
    /// What went wrong, in order of time.
    pub events: Vec<Event>,
    /// How much of the critical chain is of which kind, here and in the median trial. The sums are the
    /// two durations.
    pub shares: Vec<Share>,
    /// Steps on the chain that took longer than in the median trial, the most first.
    pub longer: Vec<Longer>,
    /// The critical chain: pieces without gaps from the start to the end.
    pub chain: Vec<Link>,
}

/// Why a trial was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GivenUp {
    /// The step.
    pub step: String,
    /// In words, of the step: `it failed twenty times`.
    pub reason: String,
}

/// The median trial.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Median {
    /// Its number.
    pub trial: u32,
    /// Days; none where it never finishes.
    pub duration_days: Option<f64>,
}

/// A draw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Drawn {
    /// `driver` that acted (one that always does only where its factor is far from the median), `input` of the whole trial, or `step` on the critical chain.
    pub kind: String,
    /// The name of the driver, input or step.
    pub name: String,
    /// The driver's factor, the input in its base unit, or the days of 24 hours a step takes.
    pub value: f64,
    /// The median of that.
    pub median: f64,
    /// Where it lies in its law, 0 to 1.
    pub percentile: f64,
    /// The percentiles that all have this value, from and to, where it is one of few: of a `discrete`
    /// law, or a constant.
    pub lump: Option<[f64; 2]>,
    /// Which attempt of the step.
    pub attempt: Option<u32>,
    /// Hours of a working day, where a step's `value` counts in a calendar: · 24 / this is in such days.
    pub hours_per_day: Option<f64>,
}

/// Something that went wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// `failed`, `undone` (for another's failure), `fixed`, `escalated`, `unanswered`.
    pub kind: String,
    /// The step.
    pub step: String,
    /// Which attempt of it, from 1.
    pub attempt: u32,
    /// What it `failed` of: `fault` of its own; `window`, which closed on it; `unanswered`, as a gate
    /// that nobody approves in time; `held`, as traffic may be held no longer without an approval.
    pub cause: Option<String>,
    /// The window that closed on it.
    pub window: Option<String>,
    /// The first step that is done again for it; none where the trial is given up before.
    pub again_from: Option<String>,
    /// When it was noticed.
    pub at: Timestamp,
    /// Since when it was wrong.
    pub since: Option<Timestamp>,
    /// Until when it is undone or waits.
    pub until: Option<Timestamp>,
}

/// Part of the chain by kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// As in a piece of `chain`; `hours` has the closed ones inside pieces of other kinds, too.
    pub kind: String,
    /// Days.
    pub days: f64,
    /// Days in the median trial.
    pub median_days: f64,
}

/// How long a step's acts took, all attempts together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Longer {
    /// The step.
    pub step: String,
    /// Days.
    pub days: f64,
    /// Days in the median trial.
    pub median_days: f64,
}

/// A piece of the critical chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Link {
    /// `work`, `transfer`, `gate`, `soak`, `detection` (from a failure until it is noticed), `undo`,
    /// `fix`, `escalation`; or what the step waits for: `people`, `link`, `place` (in its batch), `hours`,
    /// `window`, `freeze`, `rollback` (of the rest of its batch), `fix_people`.
    pub kind: String,
    /// The step.
    pub step: String,
    /// Which attempt of it, from 1.
    pub attempt: u32,
    /// From when.
    pub from: Timestamp,
    /// Until when.
    pub to: Timestamp,
    /// How long.
    pub days: f64,
    /// Days of that in which calendars were closed, inside work, a fix or a gate that counts in open
    /// hours.
    pub closed_days: f64,
    /// The team, link, batch, window or freeze that is waited for.
    pub waits_for: Option<String>,
    /// The step that held it last.
    pub held_by: Option<String>,
}
