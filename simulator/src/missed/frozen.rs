//! Which freezes stand in the way of a step, and from when to when.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use whimbrel_plan::{Freeze, Intervals, Plan, Step};

use super::Lack;
use crate::clock::intersect;
use crate::model::FIVE_YEARS;

/// How many freezes a sentence names.
const SHOWN: usize = 3;

/// A freeze that stands in a step's way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Frozen {
    /// The freeze's name.
    pub freeze: String,
    /// Its first day.
    pub from: Date,
    /// Its last day, included.
    pub to: Date,
}

/// The freezes that keep a step from `at` (microseconds from the start) on, in order of time: of one
/// that waits for a window those that overlap its openings, where they leave none alone in five years.
pub(super) fn in_the_way(plan: &Plan, step: &Step, lack: Lack, at: i64) -> Vec<Frozen> {
    let after = |from: Timestamp, microseconds| {
        let end = from.checked_add(SignedDuration::from_micros(microseconds));
        end.unwrap_or(Timestamp::MAX)
    };
    let ready = after(plan.migration.start, at);
    let horizon = after(ready, FIVE_YEARS);
    let holds = |freeze: &Freeze, until| freeze.intervals(ready, until).unwrap_or_default();
    let blocks = |freeze: &&Freeze| {
        let kind = freeze.blocks.is_empty() || freeze.blocks.contains(&step.kind);
        kind && !holds(freeze, Timestamp::MAX).as_slice().is_empty()
    };
    let mut freezes: Vec<&Freeze> = plan.freezes.values().filter(blocks).collect();
    freezes.sort_by_key(|freeze| (freeze.from, freeze.to));
    match (lack, step.window) {
        (Lack::Window, Some(window)) => {
            let open = plan.windows[window].intervals(ready, horizon);
            let open = open.unwrap_or_default();
            let overlaps = |freeze: &Freeze, open: &(i64, i64)| {
                let open = Intervals::new(vec![*open]);
                !intersect(&open, &holds(freeze, horizon))
                    .as_slice()
                    .is_empty()
            };
            let open = open.as_slice();
            freezes.retain(|freeze| open.iter().any(|it| overlaps(freeze, it)));
            if !open
                .iter()
                .all(|it| freezes.iter().any(|freeze| overlaps(freeze, it)))
            {
                freezes.clear();
            }
        }
        (Lack::Freeze, _) => {
            let soon = |freeze: &&&Freeze| !holds(freeze, horizon).as_slice().is_empty();
            // A long act that could begin in the five years may run into a freeze after them.
            let count = freezes.iter().filter(soon).count().max(1);
            freezes.truncate(count);
        }
        _ => freezes.clear(),
    }
    let frozen = freezes.into_iter().map(|freeze| Frozen {
        freeze: freeze.name.clone(),
        from: freeze.from,
        to: freeze.to,
    });
    frozen.collect()
}

/// `` freezes `a` (2027-01-01 to 2027-03-01) and `b` (…) ``, and the verb that agrees: the first or the
/// second as they are one or several.
pub(super) fn told(frozen: &[Frozen], one: &str, several: &str) -> String {
    let name = |it: &Frozen| format!("`{}` ({} to {})", it.freeze, it.from, it.to);
    let mut names: Vec<String> = frozen.iter().take(SHOWN).map(name).collect();
    let more = frozen.len().saturating_sub(SHOWN);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    let last = names.pop().unwrap_or_default();
    if names.is_empty() {
        format!("freeze {last} {one}")
    } else {
        format!("freezes {} and {last} {several}", names.join(", "))
    }
}
