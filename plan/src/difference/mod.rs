//! What is otherwise in one plan than in another: what exists, how it hangs together, how it is to
//! move, and what follows from that.
//!
//! Things are matched by kind and name. What has another name and is the same in all else is
//! *renamed*, and everything that refers to it is compared under its new name. What a part is made
//! of is read from its own serialisation, so that a new field of the plan is compared and shown
//! without a line here; positions in the text are no part of it.

mod batches;
mod components;
mod edges;
mod items;
mod named;
mod names;
mod outcome;
mod pairs;
mod renames;
mod seam;
mod steps;
mod unit;
mod value;
mod ways_back;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use batches::{BatchChanges, BatchRenamed, Moved};
pub use components::{ComponentChange, Hop, Outcome};
pub use edges::{EdgeChange, EdgeChanges, EdgeName};
pub use outcome::{BatchChecklistChange, ChecklistChange, PathChange, ScoreChange};
pub use seam::{Carrier, CrossingChange};
pub use steps::{StepChanges, StepOf, Wait};
pub use value::Attribute;
pub use ways_back::{Return, WayBackChange};

use names::{Names, Texts};
use value::{Locale, Locales};

use crate::{Graph, Inventory, Migration, NO_CURRENCY, Plan};

/// One side of a comparison: a plan, or what exists where the text has no migration.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// What exists.
    pub inventory: &'a Inventory,
    /// How it hangs together.
    pub graph: &'a Graph,
    /// The plan that both are of.
    pub plan: Option<&'a Plan>,
}

impl<'a> From<&'a Plan> for Side<'a> {
    fn from(plan: &'a Plan) -> Self {
        Self {
            inventory: &plan.inventory,
            graph: &plan.graph,
            plan: Some(plan),
        }
    }
}

/// Something of a plan, by its keyword and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Thing {
    /// The keyword: `service`, `table`, `calls`.
    pub kind: String,
    /// Its name; of a relation all its words: `orders calls billing`.
    pub name: String,
}

/// Something that has another name and is the same in all else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Renamed {
    /// The keyword.
    pub kind: String,
    /// Its name before.
    pub before: String,
    /// Its name now.
    pub after: String,
}

/// The same change of several things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// The keyword.
    pub kind: String,
    /// Their names.
    pub names: Vec<String>,
    /// What is otherwise.
    pub attributes: Vec<Attribute>,
}

/// What exists or is to happen, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ThingChanges {
    /// What is new.
    pub gained: Vec<Thing>,
    /// What is no more.
    pub lost: Vec<Thing>,
    /// What has another name.
    pub renamed: Vec<Renamed>,
    /// What is otherwise.
    pub changed: Vec<Changed>,
}

/// Sentences that are new, and that are no more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sentences {
    /// New ones.
    pub gained: Vec<String>,
    /// Those that are no more.
    pub lost: Vec<String>,
}

/// What is otherwise in one plan than in another; empty when both mean the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// What exists and what is to happen, as it is written.
    pub things: ThingChanges,
    /// Who needs whom.
    pub edges: EdgeChanges,
    /// Groups of services that need each other in a circle, and the shortest circle of each.
    pub components: Vec<ComponentChange>,
    /// Batches, and who is in which.
    pub batches: BatchChanges,
    /// What crosses the seam.
    pub seam: Vec<CrossingChange>,
    /// What can be taken back, how quickly and until when.
    pub ways_back: Vec<WayBackChange>,
    /// The decision checklist; none when it is answered alike.
    pub checklist: Option<ChecklistChange>,
    /// The checklists of batches that are answered otherwise.
    pub batch_checklists: Vec<BatchChecklistChange>,
    /// The critical path at mean durations; none when it is the same.
    pub critical_path: Option<PathChange>,
    /// Steps, and what they wait for.
    pub steps: StepChanges,
    /// What is not known.
    pub unknown: Sentences,
}

impl Difference {
    /// What `after` has otherwise than `before`. Where one of the two has no migration, what exists
    /// is compared and the rest is gained or lost as a whole.
    #[must_use]
    pub fn between(before: &Side<'_>, after: &Side<'_>) -> Self {
        let mut sides = Sides::new(before, after);
        let mut things = ThingChanges {
            renamed: renames::find(&mut sides),
            ..ThingChanges::default()
        };
        let plans = before.plan.zip(after.plan);
        let batches = plans.map(|plans| batches::compare(&mut sides, plans));
        items::compare(&sides, &mut things);
        let mut difference = Self {
            things,
            edges: edges::compare(&sides),
            components: components::compare(&sides),
            batches: batches.unwrap_or_default(),
            ..Self::default()
        };
        if let Some((old, new)) = plans {
            difference.seam = seam::compare(&sides, (old, new));
            difference.ways_back = ways_back::compare(&sides, (old, new));
            difference.checklist = outcome::checklist(&old.checklist, &new.checklist);
            difference.batch_checklists = outcome::batch_checklists(&sides, (old, new));
            difference.critical_path = outcome::critical_path(&sides, (old, new));
            difference.steps = steps::compare(&sides, (old, new));
            difference.unknown = outcome::unknown(&sides, (old, new));
        }
        difference
    }

    /// Whether both mean the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Both sides with the names by which they are matched: those of the side that is.
struct Sides<'a> {
    before: Names<'a>,
    after: Names<'a>,
    graphs: (&'a Graph, &'a Graph),
    locales: Locales<'a>,
}

impl<'a> Sides<'a> {
    fn new(before: &Side<'a>, after: &Side<'a>) -> Self {
        let names = |side: &Side<'a>| {
            Names::new(Texts {
                inventory: side.inventory,
                plan: side.plan,
            })
        };
        let locale = |side: &Side<'a>| {
            let migration = side.plan.map(|plan| &plan.migration);
            Locale {
                currency: migration.map_or(NO_CURRENCY, |it| it.currency.as_str()),
                zone: migration.map_or(TimeZone::UTC, Migration::time_zone),
            }
        };
        Self {
            before: names(before),
            after: names(after),
            graphs: (before.graph, after.graph),
            locales: Locales {
                before: locale(before),
                after: locale(after),
            },
        }
    }
}
