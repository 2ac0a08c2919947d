//! The whole plan, its JSON and its hash.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    Act, Amount, Announcement, Arena, Batch, BatchId, Bridge, BridgeId, Calendar, CalendarId,
    Checklist, Driver, DriverId, Environment, Executor, Freeze, FreezeId, Gate, Graph, Inventory,
    Lint, MeasureId, Migration, Mover, Node, OwnMeasure, Rehearsal, Retrospective, Reversal, Risk,
    Role, RoleId, SeamState, Step, StepId, Trigger, Waiver, Window, WindowId,
};

/// Version of the plan's JSON; raised when a field changes its meaning.
pub const PLAN_VERSION: u32 = 1;

/// A compiled migration plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// [`PLAN_VERSION`].
    pub version: u32,
    /// The scenario it is compiled under; none is the plan as it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The migration.
    pub migration: Migration,
    /// What exists.
    pub inventory: Inventory,
    /// How it hangs together.
    pub graph: Graph,
    /// Working calendars.
    pub calendars: Arena<CalendarId, Calendar>,
    /// Windows.
    pub windows: Arena<WindowId, Window>,
    /// Freezes.
    pub freezes: Arena<FreezeId, Freeze>,
    /// Roles.
    pub roles: Arena<RoleId, Role>,
    /// Batches, in the order they are written or made.
    pub batches: Arena<BatchId, Batch>,
    /// What moves, by batch, unit and member.
    pub movers: Vec<Mover>,
    /// Steps; predecessors may stand anywhere, and there is no cycle among them.
    pub steps: Arena<StepId, Step>,
    /// Bridges.
    pub bridges: Arena<BridgeId, Bridge>,
    /// Drivers.
    pub drivers: Arena<DriverId, Driver>,
    /// Measures of the plan's own, by name.
    #[serde(default, skip_serializing_if = "Arena::is_empty")]
    pub measures: Arena<MeasureId, OwnMeasure>,
    /// Rollback triggers.
    pub triggers: Vec<Trigger>,
    /// Risks.
    pub risks: Vec<Risk>,
    /// Announcements.
    pub announcements: Vec<Announcement>,
    /// The retrospective, where the plan says who holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retrospective: Option<Retrospective>,
    /// Environments.
    pub environments: Vec<Environment>,
    /// Rehearsals.
    pub rehearsals: Vec<Rehearsal>,
    /// Waivers.
    pub waivers: Vec<Waiver>,
    /// Rules that are louder or quieter than usual.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lints: Vec<Lint>,
    /// Executors in use.
    pub executors: Vec<Executor>,
    /// One-off cost of building the automation, paid up front.
    pub automation_cost: Option<Amount>,
    /// The decision checklist.
    pub checklist: Checklist,
    /// The checklist answered for each batch, by its id: a hybrid plan is several decisions.
    pub batch_checklists: Vec<Checklist>,
    /// What crosses the seam, batch by batch.
    pub seam: Vec<SeamState>,
    /// What can be taken back and until when, batch by batch; empty when steps wait for one another.
    pub reversals: Vec<Reversal>,
    /// Critical path at mean durations, first step first.
    pub critical_path: Vec<StepId>,
    /// Length of the critical path, seconds.
    pub critical_path_duration: f64,
    /// Mean person-hours of all steps.
    pub effort_hours: f64,
    /// What is not known; totals that rest on it are *at least*.
    pub unknown: Vec<Unknown>,
}

/// Something that a plan does not say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unknown {
    /// What, in a sentence.
    pub what: String,
    /// What is a lower bound without it.
    pub bounds: Bounded,
}

/// What is *at least* so much where something is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bounded {
    /// Time or money, and so what the migration costs.
    Cost,
    /// Requests that are lost.
    Requests,
}

impl Unknown {
    /// Something without which the cost is a lower bound.
    #[must_use]
    pub fn of_cost(what: String) -> Self {
        let bounds = Bounded::Cost;
        Self { what, bounds }
    }

    /// All of them, one sentence each.
    #[must_use]
    pub fn sentences(all: &[Self]) -> Vec<String> {
        all.iter().map(|unknown| unknown.what.clone()).collect()
    }
}

impl Plan {
    /// The canonical JSON: this plan without source positions.
    ///
    /// # Errors
    /// Never for a plan the compiler made; a number that is not finite cannot be written.
    pub fn canonical_json(&self) -> Result<String, serde_json::Error> {
        let mut canonical = String::new();
        without_locations(&serde_json::to_string(self)?, |kept| {
            canonical.push_str(kept);
        })?;
        Ok(canonical)
    }

    /// SHA-256 of the canonical JSON, in lower-case hexadecimal.
    ///
    /// # Errors
    /// As [`Plan::canonical_json`].
    pub fn hash(&self) -> Result<String, serde_json::Error> {
        let mut digest = Sha256::new();
        without_locations(&serde_json::to_string(self)?, |kept| digest.update(kept))?;
        Ok(digest
            .finalize()
            .iter()
            .fold(String::with_capacity(64), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            }))
    }

    /// The migration's name, and the scenario if there is one, as a heading says it.
    #[must_use]
    pub fn title(&self) -> String {
        let name = &self.migration.name;
        match &self.scenario {
            Some(scenario) => format!("{name}, scenario {scenario}"),
            None => name.clone(),
        }
    }

    /// The calendar in which the time to answer at a gate counts: that of the approver's team; none is
    /// always open.
    #[must_use]
    pub fn approvers_calendar(&self, gate: &Gate) -> Option<CalendarId> {
        let team = self.roles[gate.approve?].team?;
        self.inventory.teams[team].calendar
    }

    /// Hours of a working day in the calendar that a step's time, or the time to answer at its gate,
    /// counts in; none where it counts day and night.
    #[must_use]
    pub fn hours_per_day(&self, step: &Step) -> Option<f64> {
        let calendar = match (&step.gate, &step.act) {
            (Some(gate), _) => self.approvers_calendar(gate),
            (None, Act::Working(_)) => step.calendars.first().copied(),
            _ => None,
        };
        Some(self.calendars[calendar?].hours_per_day())
    }

    /// The name of a node.
    #[must_use]
    pub fn name(&self, node: Node) -> &str {
        match node {
            Node::Service(id) => &self.inventory.services[id].name,
            Node::Resource(id) => &self.inventory.resources[id].name,
        }
    }
}

/// Calls `keep` with the pieces of JSON without blanks that are not its members `location`, none of
/// which comes first in its object.
///
/// A string cannot hold what such a member begins with: its quote would have a backslash before it.
fn without_locations(json: &str, mut keep: impl FnMut(&str)) -> Result<(), serde_json::Error> {
    const MEMBER: &str = ",\"location\":";
    let mut rest = json;
    while let Some((before, after)) = rest.split_once(MEMBER) {
        keep(before);
        let mut values = serde_json::Deserializer::from_str(after).into_iter::<IgnoredAny>();
        values.next().transpose()?;
        rest = after.get(values.byte_offset()..).unwrap_or_default();
    }
    keep(rest);
    Ok(())
}
