//! Why a plan cannot be simulated. Codes belong to the family MG16.

use thiserror::Error;

use crate::missed::{self, Frozen};
use crate::statistics::BLOCK;

/// Why there are no estimates.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum SimulationError {
    /// Nothing to average.
    #[error("at least one trial is needed")]
    NoTrials,
    /// More than can be kept and selected from exactly.
    #[error("{0} trials are more than the {limit} that are kept", limit = crate::MAX_TRIALS)]
    TooManyTrials(u64),
    /// Changes arrive as fast as they are copied.
    #[error(
        "the transfer `{step}` copies {copied:.0} B/s while {changed:.0} B/s change: it never catches up"
    )]
    TransferDiverges {
        /// The step.
        step: String,
        /// Bytes per second copied.
        copied: f64,
        /// Bytes per second changed.
        changed: f64,
    },
    /// No trial finishes: window, calendar and freezes leave no room.
    #[error(
        "{}, within five years of {after}, when `{step}` is ready, it fits into no opening of `{window}`{}",
        in_vain(*.missed, *.trials),
        missed::overlapped(.freezes)
    )]
    NoFit {
        /// The step that misses its window in most trials.
        step: String,
        /// The window.
        window: String,
        /// The freezes that overlap all of its openings, if they do.
        freezes: Vec<Frozen>,
        /// When it was ready in the first of them.
        after: jiff::Timestamp,
        /// In how many trials it does.
        missed: u64,
        /// How many trials there are.
        trials: u64,
    },
    /// No trial finishes: frozen throughout.
    #[error(
        "{} {} `{step}` no room within five years of {after}, when it is ready",
        in_vain(*.missed, *.trials),
        missed::leave(.freezes)
    )]
    FrozenForEver {
        /// The freezes that leave it no room, in order of time.
        freezes: Vec<Frozen>,
        /// The step that is frozen in most trials.
        step: String,
        /// When it was ready in the first of them.
        after: jiff::Timestamp,
        /// In how many trials it is.
        missed: u64,
        /// How many trials there are.
        trials: u64,
    },
    /// More people than there are.
    #[error("`{step}` needs {needed} of `{team}`, which has {engineers}")]
    TeamTooSmall {
        /// The step.
        step: String,
        /// The team.
        team: String,
        /// How many it needs.
        needed: u32,
        /// How many there are.
        engineers: u32,
    },
    /// No step of these can be the first.
    #[error("the steps {steps} wait for one another")]
    CyclicSteps {
        /// Some of them, in backticks.
        steps: String,
    },
    /// A zone or date that is not one.
    #[error("{0}")]
    Calendar(String),
    /// No open hour at all.
    #[error("no working hour is common to the calendars of `{step}`")]
    NeverOpen {
        /// The step.
        step: String,
    },
    /// No trial finishes: the calendars have too few open hours.
    #[error(
        "{} `{step}` takes more open hours than its calendars have in two hundred years",
        in_vain(*.missed, *.trials)
    )]
    TooFewHours {
        /// The step that takes too long in most trials.
        step: String,
        /// In how many trials it does.
        missed: u64,
        /// How many trials there are.
        trials: u64,
    },
    /// No trial finishes, for other reasons than hours.
    #[error("{} `{step}` holds it up: {why}", in_vain(*.missed, *.trials))]
    NeverFinishes {
        /// The step that holds up most trials.
        step: String,
        /// Why, as a clause about it.
        why: &'static str,
        /// In how many trials it does.
        missed: u64,
        /// How many trials there are.
        trials: u64,
    },
    /// No trial finishes: a window closes on a step, whenever it begins.
    #[error(
        "{} `{window}` closed before `{step}` was done, again and again",
        in_vain(*.missed, *.trials)
    )]
    WindowCloses {
        /// The step that is not done in most trials.
        step: String,
        /// The window.
        window: String,
        /// In how many trials it is not.
        missed: u64,
        /// How many trials there are.
        trials: u64,
    },
    /// The operating system gives no threads.
    #[error("the threads cannot be started: {0}")]
    Threads(String),
    /// A number in the plan is not finite.
    #[error("the plan has no canonical form: {0}")]
    NotCanonical(String),
    /// A requirement that is not `FIELD COMPARISON NUMBER`.
    #[error("`{0}` is not a requirement")]
    RequirementSyntax(String),
    /// A requirement on a field that is not there.
    #[error("there is no estimate called `{0}`")]
    UnknownEstimate(String),
    /// Stopped from outside.
    #[error("{}", stopped(*.done, *.asked, *.plans))]
    Interrupted {
        /// Trials of each plan done, in whole blocks from the first one on.
        done: u64,
        /// Trials of each asked for.
        asked: u64,
        /// How many plans are compared; one is simulated.
        plans: usize,
    },
}

/// Code, short name and help of each kind of error: the one table of them.
const TABLE: [(&str, &str, &str); 17] = [
    ("MG1601", "no-trials", "ask for 1,000 trials or more"),
    (
        "MG1602",
        "too-many-trials",
        "10,000 trials already give percentiles to about one percent",
    ),
    (
        "MG1603",
        "transfer-diverges",
        "raise the bandwidth or the throughput, or copy while fewer changes arrive",
    ),
    (
        "MG1604",
        "no-fit",
        "give the window an opening after the step is ready, free of freezes and longer than the \
         step's 90th percentile",
    ),
    (
        "MG1605",
        "frozen-for-ever",
        "end it earlier, or list in its `blocks` only kinds other than the step's (without `blocks` a \
         freeze stops all)",
    ),
    (
        "MG1606",
        "team-too-small",
        "ask for fewer people, or give the team more engineers",
    ),
    (
        "MG1607",
        "cyclic-steps",
        "take one of the orders between them away",
    ),
    (
        "MG1608",
        "impossible-calendar",
        "use a name of the IANA time zone database and dates before the year 9000",
    ),
    (
        "MG1609",
        "never-open",
        "give the teams a common working hour, or let them work in relay",
    ),
    ("MG1610", "no-threads", "ask for fewer threads"),
    (
        "MG1611",
        "not-canonical",
        "look for a division by zero among the plan's numbers",
    ),
    (
        "MG1612",
        "requirement-syntax",
        "write it as `deadline_probability >= 0.8`",
    ),
    (
        "MG1613",
        "unknown-estimate",
        "name a field of `simulate --format json` by its dotted path, such as `cost.p80`",
    ),
    (
        "MG1614",
        "interrupted",
        "let it end, or ask for fewer trials",
    ),
    (
        "MG1615",
        "too-few-hours",
        "look for a unit that is too large, or give its people more open hours",
    ),
    (
        "MG1616",
        "never-finishes",
        "`--why 0` tells such a trial; let the step fail less often or its batch be smaller \
         (`isolate = flags`), its gate be answered, or its transfer meet fewer changes",
    ),
    (
        "MG1617",
        "window-closes",
        "`--why 0` tells such a trial; give the window longer openings, or the step less to do in one: \
         it begins where its 90th percentile has room, which counts no drivers",
    ),
];

/// In which of the trials of a run, none of which finishes.
fn in_vain(missed: u64, trials: u64) -> String {
    let which = if missed == trials {
        "all"
    } else {
        &missed.to_string()
    };
    format!("none of {trials} trials finishes; in {which} of them")
}

fn stopped(done: u64, asked: u64, plans: usize) -> String {
    match (done, plans) {
        (0, 0 | 1) => format!(
            "the simulation was interrupted before its first {BLOCK} trials were done, so there \
             are no estimates"
        ),
        (0, _) => format!(
            "the comparison was interrupted before the first trials of each of {plans} plans were \
             done, so there is nothing to compare"
        ),
        (_, 0 | 1) => {
            format!("the simulation was interrupted after {done} of {asked} trials")
        }
        _ => format!(
            "the comparison was interrupted after {done} of {asked} trials of each of {plans} plans"
        ),
    }
}

impl SimulationError {
    fn row(&self) -> (&'static str, &'static str, &'static str) {
        let row = match self {
            Self::NoTrials => 0,
            Self::TooManyTrials(_) => 1,
            Self::TransferDiverges { .. } => 2,
            Self::NoFit { .. } => 3,
            Self::FrozenForEver { .. } => 4,
            Self::TeamTooSmall { .. } => 5,
            Self::CyclicSteps { .. } => 6,
            Self::Calendar(_) => 7,
            Self::NeverOpen { .. } => 8,
            Self::Threads(_) => 9,
            Self::NotCanonical(_) => 10,
            Self::RequirementSyntax(_) => 11,
            Self::UnknownEstimate(_) => 12,
            Self::Interrupted { .. } => 13,
            Self::TooFewHours { .. } => 14,
            Self::NeverFinishes { .. } => 15,
            Self::WindowCloses { .. } => 16,
        };
        TABLE.get(row).copied().unwrap_or(("MG1600", "", ""))
    }

    /// Its stable code, `MG1601`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.row().0
    }

    /// Its short name, `no-trials`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.row().1
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        self.row().2
    }

    /// Code, short name and help of every error, in order of code.
    #[must_use]
    pub fn table() -> &'static [(&'static str, &'static str, &'static str)] {
        &TABLE
    }
}
