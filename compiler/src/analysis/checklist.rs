//! The decision checklist: six answers from 1 (sequential) to 5 (parallel), declared or derived,
//! and what they add up to.
//!
//! What is not known never helps: it scores 1, and the timeline 2. Every breakpoint stands in
//! [`BREAKPOINTS`] or [`REGIMES`], which [`explain`] prints.

mod derive;
mod facts;
mod tables;

use jiff::Timestamp;
use whimbrel_plan::{
    Arena, Batch, BatchId, Checklist, ChecklistScore, Criterion, Graph, Inventory, ScoreSource,
    Strategy, TeamId,
};

use self::facts::Facts;

pub use self::tables::{BREAKPOINTS, Breakpoints, REGIMES, Regimes, explain};

/// The least total for which hybrid is the verdict; below it is sequential.
pub const HYBRID_FROM: u8 = 13;
/// The least total for which parallel is the verdict.
pub const PARALLEL_FROM: u8 = 19;
/// The best derived automation before a rehearsal has passed.
pub const UNREHEARSED_AUTOMATION: u8 = 3;

/// The criteria in the order they are told.
pub const CRITERIA: [Criterion; 6] = [
    Criterion::Coupling,
    Criterion::TeamSize,
    Criterion::Automation,
    Criterion::RiskTolerance,
    Criterion::Timeline,
    Criterion::DualRunning,
];

/// What the checklist is answered from.
#[derive(Clone, Copy, Debug)]
pub struct ChecklistInput<'a> {
    /// What the plan answers itself, each with its reason.
    pub declared: &'a [(Criterion, u8, String)],
    /// What exists.
    pub inventory: &'a Inventory,
    /// How it hangs together.
    pub graph: &'a Graph,
    /// Teams that do the work.
    pub teams: &'a [TeamId],
    /// The first instant.
    pub start: Timestamp,
    /// The instant after the last day.
    pub deadline: Option<Timestamp>,
    /// In the plan's currency.
    pub budget: Option<f64>,
    /// Code of the currency of all money.
    pub currency: &'a str,
    /// Share of steps whose act, check and undo an executor carries out.
    pub automation_share: Option<f64>,
    /// Whether a rehearsal passed.
    pub rehearsal_passed: bool,
    /// Days a sequential migration takes at mean values: the phases, then one thing after another, each
    /// from its first step to its cutover. Automation is not in it: a sequential migration can do
    /// without. None when nothing moves.
    pub sequential_duration_days: Option<f64>,
    /// How many of them are phases.
    pub phase_days: f64,
    /// What dual running costs in it.
    pub sequential_dual_running_cost: Option<f64>,
    /// What everything that moves costs to run for a year.
    pub year_running_cost: Option<f64>,
}

/// What the checklist is answered from for one batch, beside what it shares with the plan.
#[derive(Clone, Debug, Default)]
pub struct BatchFigures {
    /// Teams that work on it.
    pub teams: Vec<TeamId>,
    /// Share of its steps whose act, check and undo an executor carries out.
    pub automation_share: Option<f64>,
    /// Whether a rehearsal of it passed.
    pub rehearsal_passed: bool,
    /// Days it takes at mean values when one thing moves after another.
    pub sequential_days: f64,
    /// Days it takes as planned.
    pub planned_days: f64,
    /// Days between the end of the whole plan and the deadline, below zero when it is late; none
    /// without a deadline.
    pub spare_days: Option<f64>,
    /// What dual running costs when one thing moves after another.
    pub dual_running_cost: Option<f64>,
    /// What its members cost to run for a year.
    pub year_running_cost: Option<f64>,
}

/// Answers the checklist.
#[must_use]
pub fn score(input: &ChecklistInput<'_>) -> Checklist {
    answered(input.declared, &facts::of_plan(input))
}

/// Answers the checklist for each batch, since a hybrid plan is several decisions. What the plan
/// answers itself holds for all of them.
#[must_use]
pub fn score_batches(
    input: &ChecklistInput<'_>,
    batches: &Arena<BatchId, Batch>,
    figures: &Arena<BatchId, BatchFigures>,
) -> Vec<Checklist> {
    let facts = facts::of_batches(input, batches, figures);
    let answered = |facts| answered(input.declared, facts);
    facts.iter().map(answered).collect()
}

fn answered(declared: &[Declared], facts: &Facts<'_>) -> Checklist {
    let scores: Vec<ChecklistScore> = CRITERIA
        .into_iter()
        .map(|criterion| answer(declared, facts, criterion))
        .collect();
    let total = total(&scores);
    let capped = is_capped(&scores);
    let verdict = verdict(total, capped);
    let mut notes = Vec::new();
    if capped && verdict != self::verdict(total, false) {
        notes.push(cap_note(&scores, total));
    }
    Checklist {
        total,
        verdict,
        margin: margin(total, capped),
        flip: flip(facts, &scores),
        scores,
        notes,
    }
}

/// An answer the plan gives itself, with its reason.
type Declared = (Criterion, u8, String);

fn answer(declared: &[Declared], facts: &Facts<'_>, criterion: Criterion) -> ChecklistScore {
    let declared = declared.iter().find(|(named, _, _)| *named == criterion);
    let (score, source, reason) = match declared {
        Some((_, score, because)) => ((*score).clamp(1, 5), ScoreSource::Declared, because.clone()),
        None => match derive::derive(facts, criterion) {
            Ok((score, reason)) => (score, ScoreSource::Derived, reason),
            Err(reason) => {
                let score = if criterion == Criterion::Timeline {
                    2
                } else {
                    1
                };
                (score, ScoreSource::Unknown, reason)
            }
        },
    };
    ChecklistScore {
        criterion,
        score,
        source,
        reason,
    }
}

fn total(scores: &[ChecklistScore]) -> u8 {
    scores.iter().map(|score| score.score).sum()
}

/// What a total says: 6–12 sequential, 13–18 hybrid, 19–30 parallel; `capped` at hybrid.
#[must_use]
pub fn verdict(total: u8, capped: bool) -> Strategy {
    match total {
        ..HYBRID_FROM => Strategy::Sequential,
        PARALLEL_FROM.. if !capped => Strategy::Parallel,
        _ => Strategy::Hybrid,
    }
}

/// Tightly coupled systems and those that may not fail do not move in parallel, whatever the sum.
fn caps(criterion: Criterion, score: u8) -> bool {
    let decides = matches!(criterion, Criterion::Coupling | Criterion::RiskTolerance);
    decides && score == 1
}

fn is_capped(scores: &[ChecklistScore]) -> bool {
    let mut scores = scores.iter();
    scores.any(|score| caps(score.criterion, score.score))
}

fn cap_note(scores: &[ChecklistScore], total: u8) -> String {
    let capping = scores
        .iter()
        .filter(|score| caps(score.criterion, score.score));
    let names: Vec<&str> = capping.map(|score| name(score.criterion)).collect();
    format!(
        "a total of {total} would allow parallel; a score of 1 for {} caps it at hybrid",
        names.join(" and ")
    )
}

/// Points from `total` to the nearest total with another verdict.
fn margin(total: u8, capped: bool) -> u8 {
    let here = verdict(total, capped);
    (6..=30)
        .filter(|&other| verdict(other, capped) != here)
        .map(|other: u8| other.abs_diff(total))
        .min()
        .unwrap_or(0)
}

/// The smallest change of one score that gives another verdict, caps included; of equals the first
/// criterion, then the lower score.
fn flip(facts: &Facts<'_>, scores: &[ChecklistScore]) -> Option<String> {
    let sum = total(scores);
    let here = verdict(sum, is_capped(scores));
    let mut smallest: Option<(u8, usize, u8, Strategy)> = None;
    for (index, score) in scores.iter().enumerate() {
        let mut others = scores.iter().enumerate().filter(|(at, _)| *at != index);
        let capped = others.any(|(_, other)| caps(other.criterion, other.score));
        for to in 1..=5_u8 {
            let size = to.abs_diff(score.score);
            let there = verdict(sum - score.score + to, capped || caps(score.criterion, to));
            if there != here && smallest.is_none_or(|(least, ..)| size < least) {
                smallest = Some((size, index, to, there));
            }
        }
    }
    let (_, index, to, there) = smallest?;
    let score = scores.get(index)?;
    let rehearse = score.criterion == Criterion::Automation
        && score.source != ScoreSource::Declared
        && to > UNREHEARSED_AUTOMATION
        && !facts.rehearsal_passed;
    Some(format!(
        "{} from {} to {to}{} would make it {}",
        name(score.criterion),
        score.score,
        if rehearse {
            ", which takes a passed rehearsal,"
        } else {
            ""
        },
        match there {
            Strategy::Sequential => "sequential",
            Strategy::Parallel => "parallel",
            Strategy::Hybrid => "hybrid",
        },
    ))
}

/// What a criterion is called.
#[must_use]
pub fn name(criterion: Criterion) -> &'static str {
    match criterion {
        Criterion::Coupling => "service coupling",
        Criterion::TeamSize => "team size",
        Criterion::Automation => "automation maturity",
        Criterion::RiskTolerance => "risk tolerance",
        Criterion::Timeline => "timeline pressure",
        Criterion::DualRunning => "dual-running cost",
    }
}

#[cfg(test)]
mod tests;
