//! What follows without simulating: the checklist, the critical path, what is not known.

use rustc_hash::{FxHashMap, FxHashSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::names::Names;
use super::{Sentences, Sides};
use crate::{Checklist, ChecklistScore, Criterion, Plan};

/// A question answered otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreChange {
    /// The question.
    pub criterion: Criterion,
    /// The answer before.
    pub before: ChecklistScore,
    /// The answer now.
    pub after: ChecklistScore,
}

/// The checklist, answered otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChecklistChange {
    /// Questions with another score, source or reason.
    pub scores: Vec<ScoreChange>,
    /// Where it came out.
    pub before: Checklist,
    /// Where it comes out.
    pub after: Checklist,
}

/// The checklist of a batch, answered otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BatchChecklistChange {
    /// The batch as it is called now.
    pub batch: String,
    /// What is otherwise.
    #[serde(flatten)]
    pub checklist: ChecklistChange,
}

/// The critical path, length and effort at mean durations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PathChange {
    /// Seconds it took.
    pub duration_before: f64,
    /// Seconds it takes.
    pub duration_after: f64,
    /// Person-hours it took.
    pub effort_before: f64,
    /// Person-hours it takes.
    pub effort_after: f64,
    /// Steps that are on it now.
    pub joined: Vec<String>,
    /// Steps that are on it no more.
    pub left: Vec<String>,
}

/// Of the batches that both plans have.
pub(super) fn batch_checklists(
    sides: &Sides<'_>,
    (old, new): (&Plan, &Plan),
) -> Vec<BatchChecklistChange> {
    let called = |names: &Names<'_>, at| names.name("BatchId", at).into_owned();
    let was: FxHashMap<String, &Checklist> = (0..)
        .zip(&old.batch_checklists)
        .map(|(at, checklist)| (called(&sides.before, at), checklist))
        .collect();
    let is = (0..).zip(&new.batch_checklists);
    let changes = is.filter_map(|(at, checklist)| {
        let batch = called(&sides.after, at);
        let checklist = self::checklist(was.get(&batch)?, checklist)?;
        Some(BatchChecklistChange { batch, checklist })
    });
    changes.collect()
}

pub(super) fn checklist(old: &Checklist, new: &Checklist) -> Option<ChecklistChange> {
    let pairs = old.scores.iter().zip(&new.scores);
    let scores = pairs.filter(|(before, after)| before != after);
    let change = ChecklistChange {
        scores: scores
            .map(|(before, after)| ScoreChange {
                criterion: after.criterion,
                before: before.clone(),
                after: after.clone(),
            })
            .collect(),
        before: old.clone(),
        after: new.clone(),
    };
    (old != new).then_some(change)
}

pub(super) fn critical_path(sides: &Sides<'_>, (old, new): (&Plan, &Plan)) -> Option<PathChange> {
    let steps = |names: &Names<'_>, plan: &Plan| -> Vec<String> {
        let path = plan.critical_path.iter();
        path.map(|id| names.step(&plan.steps[*id]).into_owned())
            .collect()
    };
    let (was, is) = (steps(&sides.before, old), steps(&sides.after, new));
    let change = PathChange {
        duration_before: old.critical_path_duration,
        duration_after: new.critical_path_duration,
        effort_before: old.effort_hours,
        effort_after: new.effort_hours,
        joined: apart(&is, &was),
        left: apart(&was, &is),
    };
    let near = |one: f64, other: f64| (one - other).abs() <= 1e-9 * one.abs().max(other.abs());
    let same = change.joined.is_empty()
        && change.left.is_empty()
        && near(change.duration_before, change.duration_after)
        && near(change.effort_before, change.effort_after);
    (!same).then_some(change)
}

pub(super) fn unknown(sides: &Sides<'_>, (old, new): (&Plan, &Plan)) -> Sentences {
    let told = |names: &Names<'_>, plan: &Plan| -> Vec<String> {
        let unknown = plan.unknown.iter();
        unknown.map(|it| names.sentence(it.what.clone())).collect()
    };
    let (was, is) = (told(&sides.before, old), told(&sides.after, new));
    Sentences {
        gained: apart(&is, &was),
        lost: apart(&was, &is),
    }
}

/// What the one has and the other has not.
fn apart(one: &[String], other: &[String]) -> Vec<String> {
    let other: FxHashSet<&String> = other.iter().collect();
    let apart = one.iter().filter(|text| !other.contains(text));
    apart.cloned().collect()
}
