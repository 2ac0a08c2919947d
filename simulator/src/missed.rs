//! Steps for which a trial is given up: they wait in vain, for an opening of their window, say, or
//! never succeed.
//!
//! Such a trial is unfinished. Where it is every trial of a whole run, the plan cannot be carried
//! out: an error. Part of a run, a shard or one that was stopped, tells nothing about the rest.

mod frozen;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use whimbrel_plan::{Plan, Step};

pub use frozen::Frozen;

use crate::results::Results;
use crate::statistics::{Chances, number};
use crate::{SimulationError, wording};

/// How many steps that hold trials up are told.
const MOST_TOLD: usize = 5;

/// What a step lacks to get done.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// Within five years of when it could start it fits into no opening of its window.
    Window,
    /// Freezes leave it no room within five years of when it could start.
    Freeze,
    /// Its calendars have too few open hours in two hundred years.
    Calendar,
    /// It failed twenty times.
    Success,
    /// Its batch was rolled back twenty times.
    BatchSuccess,
    /// Nobody answered, twenty times.
    Answer,
    /// The transfer never catches up with what changes meanwhile.
    Transfer,
    /// Others' failures had it begin again too often.
    Start,
    /// People, a link or a place that is not to be had within two hundred years.
    Needs,
    /// It is not over within two hundred years.
    Time,
    /// Its window closed on it in most of twenty attempts.
    LongerWindow,
}

impl Lack {
    /// Why the step never gets done, as a clause about it; neither window nor freezes are named.
    fn clause(self) -> &'static str {
        match self {
            Self::Window => {
                "it fits into no opening of its window within five years of being ready"
            }
            Self::Freeze => "freezes leave it no room within five years of being ready",
            Self::Calendar => "its calendars have too few open hours within two hundred years",
            Self::Success => "it failed twenty times",
            Self::BatchSuccess => "its batch was rolled back twenty times",
            Self::Answer => "nobody answered, twenty times",
            Self::Transfer => "it never catches up with what changes meanwhile",
            Self::Start => "it began too often",
            Self::Needs => "what it needs is not to be had within two hundred years",
            Self::Time => "it is not over within two hundred years",
            Self::LongerWindow => "its window closed before it was done, again and again",
        }
    }
}

/// A step that some trials are given up for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Missed {
    /// The step's name.
    pub step: String,
    /// What it lacks.
    pub lack: Lack,
    /// The window, where it waits for one.
    pub window: Option<String>,
    /// The freezes that keep it, in order of time, in the first such trial: of a step that waits for a
    /// window only where they overlap all of its openings. Left out of the JSON where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub freezes: Vec<Frozen>,
    /// The share of trials that are unfinished for it.
    pub share: f64,
    /// How far it may be off.
    #[serde(default)]
    pub error: MissedError,
}

/// 95 % interval of a share of trials, as in [`ChanceErrors`](crate::ChanceErrors).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "named as what it is of")]
pub struct MissedError {
    pub share: Option<[f64; 2]>,
}

impl Missed {
    /// Which step holds up how many trials, and why.
    #[must_use]
    pub fn sentence(&self) -> String {
        let share = wording::chance(self.share, self.error.share);
        let reason = self.reason();
        format!("`{}` holds up {share} of the trials: {reason}", self.step)
    }

    /// A sentence for each of the first few, and how many more there are.
    #[must_use]
    pub fn sentences(missed: &[Self]) -> Vec<String> {
        let mut sentences: Vec<String> =
            missed.iter().take(MOST_TOLD).map(Self::sentence).collect();
        let steps = match missed.len().saturating_sub(MOST_TOLD) {
            0 => return sentences,
            1 => "1 further step".to_owned(),
            more => format!("{more} further steps"),
        };
        sentences.push(format!(
            "{steps} in fewer trials; `simulate --format json` has all"
        ));
        sentences
    }

    /// Why the step never gets done, as a clause about it.
    #[must_use]
    pub fn reason(&self) -> String {
        reason(self.lack, self.window.as_deref(), &self.freezes)
    }
}

/// What one trial was given up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Miss {
    pub(crate) step: u32,
    pub(crate) lack: Lack,
    /// When, in microseconds.
    pub(crate) at: i64,
}

/// What consecutive trials were given up for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Misses(BTreeMap<(u32, Lack), Count>);

/// In how many trials, and [`Miss::at`] in the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count {
    trials: u64,
    first: i64,
}

/// [`Misses`] as a shard has them: step, what it lacks, in how many trials, when in the first.
pub(crate) type Row = (u32, Lack, u64, i64);

impl Misses {
    /// Adds the next trial.
    pub(crate) fn add(&mut self, miss: Miss) {
        self.count(miss.step, miss.lack, 1, miss.at);
    }

    /// Adds those of later trials.
    pub(crate) fn append(&mut self, later: &Self) {
        for (step, lack, trials, first) in later.rows() {
            self.count(step, lack, trials, first);
        }
    }

    fn count(&mut self, step: u32, lack: Lack, trials: u64, first: i64) {
        let count = Count { trials: 0, first };
        self.0.entry((step, lack)).or_insert(count).trials += trials;
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = Row> {
        let rows = self.0.iter();
        rows.map(|((step, lack), count)| (*step, *lack, count.trials, count.first))
    }

    /// Those of rows in their order, when they are of no other than so many steps and come to no
    /// more than so many trials.
    pub(crate) fn from_rows(rows: Vec<Row>, steps: usize, trials: u64) -> Option<Self> {
        let key = |(step, lack, ..): &Row| (*step, *lack);
        let ascending = rows.is_sorted_by(|one, next| key(one) < key(next));
        let all = rows
            .iter()
            .try_fold(0_u64, |sum, row| sum.checked_add(row.2))?;
        let right =
            |&(step, _, count, first): &Row| (step as usize) < steps && count > 0 && first >= 0;
        (ascending && all <= trials && rows.iter().all(right)).then(|| {
            let counts = rows
                .into_iter()
                .map(|(step, lack, trials, first)| ((step, lack), Count { trials, first }));
            Self(counts.collect())
        })
    }

    fn trials(&self) -> u64 {
        self.0.values().map(|count| count.trials).sum()
    }

    /// The most frequent first, of equal ones that of the earlier step.
    pub(crate) fn by_share(&self, plan: &Plan, chances: Chances) -> Vec<Missed> {
        let mut rows: Vec<Row> = self.rows().collect();
        rows.sort_by_key(|(.., trials, _)| std::cmp::Reverse(*trials));
        let missed = rows.into_iter().map(|(step, lack, missed, first)| {
            let missed = number(usize::try_from(missed).unwrap_or(usize::MAX));
            let share = missed / number(chances.trials);
            Missed {
                step: name(plan, step),
                lack,
                window: window(plan, step, lack),
                freezes: freezes(plan, step, lack, first),
                share,
                error: MissedError {
                    share: chances.interval(share),
                },
            }
        });
        missed.collect()
    }
}

/// Why a whole run has no estimates: none of its trials finishes.
///
/// # Errors
/// Then.
pub(crate) fn carried_out(plan: &Plan, results: &Results) -> Result<(), SimulationError> {
    let trials = results.outcomes.len() as u64;
    let misses = &results.missed;
    let most = misses
        .rows()
        .reduce(|most, row| if row.2 > most.2 { row } else { most });
    let Some((step, lack, missed, first)) = most.filter(|_| misses.trials() == trials) else {
        return Ok(());
    };
    let freezes = freezes(plan, step, lack, first);
    let start = plan.migration.start.as_microsecond();
    // Whole seconds are exact enough to read.
    let first = jiff::Timestamp::from_second(start.saturating_add(first) / 1_000_000);
    let window = window(plan, step, lack);
    let (step, after) = (name(plan, step), first.unwrap_or(jiff::Timestamp::MAX));
    Err(match lack {
        Lack::Window => SimulationError::NoFit {
            step,
            window: window.unwrap_or_default(),
            freezes,
            after,
            missed,
            trials,
        },
        Lack::Freeze => SimulationError::FrozenForEver {
            step,
            freezes,
            after,
            missed,
            trials,
        },
        Lack::Calendar => SimulationError::TooFewHours {
            step,
            missed,
            trials,
        },
        Lack::LongerWindow => SimulationError::WindowCloses {
            step,
            window: window.unwrap_or_default(),
            missed,
            trials,
        },
        lack => SimulationError::NeverFinishes {
            step,
            why: lack.clause(),
            missed,
            trials,
        },
    })
}

/// Why a trial was given up: the step, and in words.
pub(crate) fn told(plan: &Plan, miss: Miss) -> (String, String) {
    let window = window(plan, miss.step, miss.lack);
    let freezes = freezes(plan, miss.step, miss.lack, miss.at);
    let reason = reason(miss.lack, window.as_deref(), &freezes);
    (name(plan, miss.step), reason)
}

fn reason(lack: Lack, window: Option<&str>, freezes: &[Frozen]) -> String {
    let clause = lack.clause();
    match (lack, window) {
        (Lack::Freeze, _) if !freezes.is_empty() => {
            clause.replace("freezes leave", &leave(freezes))
        }
        (_, Some(window)) => {
            let clause = clause.replace("its window", &format!("its window `{window}`"));
            clause + &overlapped(freezes)
        }
        _ => clause.to_owned(),
    }
}

/// The freezes with their days, and the verb.
pub(crate) fn leave(freezes: &[Frozen]) -> String {
    frozen::told(freezes, "leaves", "leave")
}

/// What is added about a window whose openings are all frozen.
pub(crate) fn overlapped(freezes: &[Frozen]) -> String {
    if freezes.is_empty() {
        return String::new();
    }
    let freezes = frozen::told(freezes, "overlaps", "overlap");
    format!("; {freezes} every one")
}

fn of(plan: &Plan, step: u32) -> Option<&Step> {
    plan.steps.values().nth(step as usize)
}

fn name(plan: &Plan, step: u32) -> String {
    of(plan, step).map_or_else(String::new, |step| step.name.clone())
}

fn window(plan: &Plan, step: u32, lack: Lack) -> Option<String> {
    let window = of(plan, step)?
        .window
        .filter(|_| matches!(lack, Lack::Window | Lack::LongerWindow))?;
    Some(plan.windows[window].name.clone())
}

fn freezes(plan: &Plan, step: u32, lack: Lack, at: i64) -> Vec<Frozen> {
    let step = of(plan, step);
    step.map_or_else(Vec::new, |step| frozen::in_the_way(plan, step, lack, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misses(of: &[(u32, Lack, i64)]) -> Misses {
        let mut misses = Misses::default();
        for &(step, lack, at) in of {
            misses.add(Miss { step, lack, at });
        }
        misses
    }

    fn held_up(step: &str, lack: Lack, window: Option<&str>) -> Missed {
        Missed {
            step: step.to_owned(),
            lack,
            window: window.map(str::to_owned),
            freezes: Vec::new(),
            share: 0.03,
            error: MissedError {
                share: Some([0.027, 0.034]),
            },
        }
    }

    #[test]
    fn which_step_why_and_how_often_is_said() {
        for (lack, window, why) in [
            (
                Lack::Window,
                Some("night"),
                "it fits into no opening of its window `night` within five years of being ready",
            ),
            (
                Lack::Transfer,
                None,
                "it never catches up with what changes meanwhile",
            ),
        ] {
            let expected = format!("`a/b` holds up 3.0 % ± 0.4 % of the trials: {why}");
            assert_eq!(held_up("a/b", lack, window).sentence(), expected);
        }
    }

    #[test]
    fn five_steps_are_told_and_the_rest_is_counted() {
        let steps = ["a", "b", "c", "d", "e", "f", "g"];
        let missed = steps.map(|step| held_up(step, Lack::Transfer, None));
        let rest = |of: &[Missed]| Missed::sentences(of).split_off(of.len().min(5));
        assert_eq!(rest(&missed[..5]), [""; 0]);
        for (count, told) in [(6, "1 further step"), (7, "2 further steps")] {
            let told = format!("{told} in fewer trials; `simulate --format json` has all");
            assert_eq!(rest(&missed[..count]), [told]);
        }
        assert!(Missed::sentences(&missed)[4].starts_with("`e` holds up"));
    }

    #[test]
    fn appending_is_adding() {
        let first = [(2, Lack::Window, 50), (1, Lack::Freeze, 7)];
        let later = [(2, Lack::Window, 40), (2, Lack::Freeze, 9)];
        let mut joined = misses(&first);
        joined.append(&misses(&later));
        assert_eq!(joined, misses(&[first, later].concat()));
        let rows: Vec<Row> = joined.rows().collect();
        let expected = [
            (1, Lack::Freeze, 1, 7),
            (2, Lack::Window, 2, 50),
            (2, Lack::Freeze, 1, 9),
        ];
        assert_eq!(rows, expected);
        assert_eq!(Misses::from_rows(rows, 3, 4), Some(joined));
    }

    #[test]
    fn rows_that_cannot_be_are_none() {
        let row = (1, Lack::Window, 2, 0);
        assert!(Misses::from_rows(vec![row], 2, 2).is_some());
        for (rows, steps, trials) in [
            (vec![row], 1, 2),
            (vec![row], 2, 1),
            (vec![row, row], 2, 9),
            (vec![(1, Lack::Window, 0, 0)], 2, 9),
            (vec![(1, Lack::Window, 1, -1)], 2, 9),
            (vec![(0, Lack::Window, u64::MAX, 0), row], 2, u64::MAX),
        ] {
            assert_eq!(Misses::from_rows(rows, steps, trials), None);
        }
    }
}
