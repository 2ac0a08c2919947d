//! What can still be taken back, until when, and how long it takes.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{BatchId, Node, Plan, StepId};

/// What of a batch can be taken back, and until when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reversal {
    /// The batch.
    pub batch: BatchId,
    /// The slowest rollback while the new side serves, the one held against the RTO: of one member,
    /// or of all side by side in a batch that rolls back whole. None when nothing that serves can
    /// be taken back.
    pub slowest: Option<WayBack>,
    /// From where on not all of the batch can be taken back without another batch, at mean
    /// durations the first of its members'; none when all always can.
    pub no_return: Option<NoReturn>,
    /// Its members, in the order of [`crate::Plan::movers`].
    pub members: Vec<MemberReversal>,
}

/// What of one member can be taken back, and until when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemberReversal {
    /// What moves.
    pub node: Node,
    /// Its rollbacks in the order of its steps: each holds after its step and up to that of the
    /// next. Before the first there is nothing to take back.
    pub ways_back: Vec<WayBack>,
    /// What ends that, by time.
    pub ends: Vec<NoReturn>,
}

/// A rollback: noticing, and then undoing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WayBack {
    /// The step that fails, or the last one done when somebody asks.
    pub after: StepId,
    /// Whose undo runs, in this order: traffic first, then the rest from the last step to the first.
    /// Of steps that one and the same undo takes back the last one stands for all.
    pub undo: Vec<StepId>,
    /// Mean seconds, detection included.
    pub mean: f64,
    /// Seconds that nine of ten stay below.
    pub p90: f64,
    /// Whether users or writers are on the new side, so that the RTO counts.
    pub serves: bool,
    /// What it loses; none when that is not known, as of messages and of what a cache holds.
    pub loss: Option<Loss>,
}

/// What a rollback loses of what was written on the new side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// Nothing: both sides have all of it.
    Nothing,
    /// What the copy on the old side is behind, seconds; none when the plan does not say.
    Lag(Option<f64>),
    /// Everything written since that step.
    Since(StepId),
}

/// From where on something cannot be taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NoReturn {
    /// What cannot.
    pub of: Node,
    /// The step with whose start it ends.
    pub from: StepId,
    /// When that is, at mean durations: seconds from the migration's start.
    pub at: f64,
    /// Why.
    pub why: NoWayBack,
}

/// Why there is no way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoWayBack {
    /// The step is said to be irreversible.
    Irreversible,
    /// The step removes the old side.
    OldSideGone,
    /// The step moves traffic or data, and nothing says how it is taken back.
    NoUndo,
    /// From here on nothing carries back what is written on the new side.
    NotCarriedBack,
    /// Something that has moved since depends on it, and has to go back first.
    Needed {
        /// What depends on it.
        by: Node,
        /// The batch of that.
        batch: BatchId,
    },
}

impl Plan {
    /// Why something cannot be taken back any more, in words.
    #[must_use]
    pub fn why_no_return(&self, end: &NoReturn) -> String {
        let of = self.name(end.of);
        let step = &self.steps[end.from].name;
        match end.why {
            NoWayBack::Irreversible => format!("`{step}` is irreversible"),
            NoWayBack::OldSideGone => format!("the old side of `{of}` is removed"),
            NoWayBack::NoUndo => format!("nothing says how `{step}` is taken back"),
            NoWayBack::NotCarriedBack => {
                format!("nothing carries back what is written on the new side of `{of}`")
            }
            NoWayBack::Needed { by, batch } => format!(
                "`{}` of batch `{}` depends on `{of}` and has to go back first",
                self.name(by),
                self.batches[batch].name
            ),
        }
    }

    /// The instant so many seconds after the migration's start.
    #[must_use]
    pub fn instant(&self, seconds: f64) -> Timestamp {
        let after = SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::MAX);
        let start = self.migration.start;
        start.checked_add(after).unwrap_or(Timestamp::MAX)
    }
}
