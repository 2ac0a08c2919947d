//! One trial told as a story: what was drawn, what went wrong, and its critical chain beside that of
//! the median trial.
//!
//! Draws are addressed by the number of their trial, so that any trial can be played again, also one
//! that was not among those of the run. The share of trials that end no later, the percentiles and the
//! median trial are those of the run.

mod told;

use std::str::FromStr;

use jiff::Timestamp;
use whimbrel_plan::Plan;

pub use told::{Drawn, Event, GivenUp, Link, Longer, Median, Share, Why};

use crate::model::{ActModel, DAY, Model};
use crate::philox::{Draws, Purpose};
use crate::results::Results;
use crate::run::Runner;
use crate::statistics::{number, rank};
use crate::trial::{Fault, Kind, Mark, Piece, Trial};
use crate::{Settings, SimulationError, Watch, checked, hash, missed};

/// Version of the contract of [`Why`].
pub(crate) const VERSION: u32 = 1;
/// From where on an input was drawn far from its median.
const FAR: f64 = 0.1;
/// The least share of a law that is one value.
const LUMP: f64 = 1e-6;
/// How many draws of a kind are told, the most unusual first.
const MOST_DRAWS: usize = 8;
/// How many steps are told that took longer than in the median trial.
const MOST_STEPS: usize = 8;

/// Which trial is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichTrial {
    /// The one whose finish is this percentile, 1 to 99: the order statistic ⌈np⌉, and of those
    /// that end at the same instant the one with that place by number.
    Percentile(u8),
    /// The one with this number, whether it is among those of the run or not.
    Trial(u32),
}

impl FromStr for WhichTrial {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let percentile = || {
            let digits = text.strip_prefix(['p', 'P'])?;
            let percent = digits.parse().ok()?;
            (1..=99)
                .contains(&percent)
                .then_some(Self::Percentile(percent))
        };
        let trial = || text.parse().ok().map(Self::Trial);
        percentile().or_else(trial).ok_or_else(|| {
            format!(
                "name a percentile of the finish, `p1` to `p99`, or the number of a trial, 0 to {}",
                u32::MAX
            )
        })
    }
}

/// Runs the trials, and tells one.
///
/// # Errors
/// As [`crate::simulate`]; also when the run is stopped.
pub fn why(
    plan: &Plan,
    settings: &Settings,
    which: WhichTrial,
    watch: Option<&Watch>,
) -> Result<Why, SimulationError> {
    let (trials, pool) = checked(settings)?;
    let plan_hash = hash(plan)?;
    let unwatched = Watch::default();
    let watch = watch.unwrap_or(&unwatched);
    pool.install(|| {
        let mut runner = Runner::new(plan, settings.seed, watch)?;
        let mut results = Results::default();
        if !runner.run(0..trials, &mut results)? {
            return Err(SimulationError::Interrupted {
                done: watch.done(),
                asked: settings.trials,
                plans: 1,
            });
        }
        let order = Order::of(&results);
        let told = match which {
            WhichTrial::Percentile(percent) => order.at(usize::from(percent)),
            WhichTrial::Trial(number) => number,
        };
        let percentile = match which {
            WhichTrial::Percentile(percent) => Some(percent),
            WhichTrial::Trial(_) => None,
        };
        let tell = tell(&mut runner, &order, told)?;
        Ok(Why {
            plan_hash,
            seed: settings.seed,
            trials: settings.trials,
            percentile,
            ..tell
        })
    })
}

/// Tells a trial; of which run it is one, and who asked for it, is left open.
fn tell(runner: &mut Runner<'_>, order: &Order, number: u32) -> Result<Why, SimulationError> {
    let plan = runner.plan;
    let seed = runner.seed();
    let median_number = order.at(50);
    let median = Told::of(&runner.told(median_number)?);
    let mut trial = runner.told(number)?;
    let cost = trial.finish().map(|_| trial.bill_all().total());
    let here = Told::of(&trial);
    let story = Story {
        plan,
        trial: &trial,
        names: plan.steps.values().map(|step| step.name.as_str()).collect(),
        draws: Draws::new(seed, number),
    };
    let days = |told: &Told| told.finish.map(in_days);
    Ok(Why {
        version: VERSION,
        plan_hash: String::new(),
        scenario: plan.scenario.clone(),
        seed,
        trials: 0,
        trial: number,
        percentile: None,
        start: plan.migration.start,
        end: story.instant(trial.end()),
        duration_days: days(&here),
        no_later: order.no_later(trial.finish().map_or(f64::INFINITY, as_float)),
        unfinished: story.given_up(),
        cost,
        incidents: trial.harm.incidents,
        rollbacks: trial.harm.rollbacks,
        median: Median {
            trial: median_number,
            duration_days: days(&median),
        },
        drawn: story.drawn(&here.chain),
        events: story.events(),
        shares: shares(&here, &median),
        longer: story.longer(&here, &median),
        chain: here.chain.iter().map(|piece| story.link(piece)).collect(),
    })
}

/// The trials by their finish.
struct Order {
    finishes: Vec<(f64, u32)>,
}

impl Order {
    fn of(results: &Results) -> Self {
        let finishes = results.outcomes.finish().floats();
        let mut finishes: Vec<(f64, u32)> = finishes.zip(0..).collect();
        finishes.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        Self { finishes }
    }

    fn at(&self, percent: usize) -> u32 {
        let place = rank(self.finishes.len(), percent).saturating_sub(1);
        self.finishes.get(place).map_or(0, |(_, trial)| *trial)
    }

    fn no_later(&self, finish: f64) -> f64 {
        let before = self.finishes.partition_point(|(at, _)| *at <= finish);
        number(before) / number(self.finishes.len().max(1))
    }
}

/// What is compared of two trials.
struct Told {
    finish: Option<i64>,
    chain: Vec<Piece>,
    /// Of each step, microseconds of all its acts.
    acts: Vec<i64>,
}

impl Told {
    fn of(trial: &Trial<'_>) -> Self {
        Self {
            finish: trial.finish(),
            chain: trial.chain(trial.missed().map(|miss| miss.step as usize)),
            acts: trial.acts(),
        }
    }

    fn sum(&self, kind: Kind) -> i64 {
        let of = |piece: &Piece| {
            let all = piece.to - piece.from;
            match (piece.kind == kind, kind == Kind::Hours) {
                (true, _) => all - piece.closed,
                (false, true) => piece.closed,
                (false, false) => 0,
            }
        };
        self.chain.iter().map(of).sum()
    }
}

fn shares(here: &Told, median: &Told) -> Vec<Share> {
    let mut kinds: Vec<Kind> = here
        .chain
        .iter()
        .chain(&median.chain)
        .flat_map(|it| [Some(it.kind), (it.closed > 0).then_some(Kind::Hours)])
        .flatten()
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let share = |kind: Kind| Share {
        kind: word(kind).to_owned(),
        days: in_days(here.sum(kind)),
        median_days: in_days(median.sum(kind)),
    };
    kinds.into_iter().map(share).collect()
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Work => "work",
        Kind::Transfer => "transfer",
        Kind::Gate => "gate",
        Kind::Soak => "soak",
        Kind::Detection => "detection",
        Kind::Undo => "undo",
        Kind::FixWait => "fix_people",
        Kind::Fix => "fix",
        Kind::Escalation => "escalation",
        Kind::Rollback => "rollback",
        Kind::People => "people",
        Kind::Link => "link",
        Kind::Place => "place",
        Kind::Hours => "hours",
        Kind::Window => "window",
        Kind::Freeze => "freeze",
        Kind::Unexplained => "stuck",
    }
}

fn cause(fault: Fault) -> &'static str {
    match fault {
        Fault::Drawn => "fault",
        Fault::Window => "window",
        Fault::Unanswered => "unanswered",
        Fault::Held => "held",
    }
}

/// A trial and what its numbers are called.
struct Story<'a> {
    plan: &'a Plan,
    trial: &'a Trial<'a>,
    names: Vec<&'a str>,
    draws: Draws,
}

impl Story<'_> {
    fn model(&self) -> &Model {
        self.trial.model()
    }

    fn name(&self, step: usize) -> String {
        self.names.get(step).copied().unwrap_or_default().to_owned()
    }

    fn hours_per_day(&self, step: usize) -> Option<f64> {
        let step = self.plan.steps.values().nth(step)?;
        self.plan.hours_per_day(step)
    }

    fn given_up(&self) -> Option<GivenUp> {
        let (step, reason) = missed::told(self.plan, self.trial.missed()?);
        Some(GivenUp { step, reason })
    }

    fn instant(&self, at: i64) -> Timestamp {
        let start = self.plan.migration.start.as_microsecond();
        Timestamp::from_microsecond(start.saturating_add(at)).unwrap_or(Timestamp::MAX)
    }

    fn link(&self, piece: &Piece) -> Link {
        Link {
            kind: word(piece.kind).to_owned(),
            step: self.name(piece.step as usize),
            attempt: piece.attempt,
            from: self.instant(piece.from),
            to: self.instant(piece.to),
            days: in_days(piece.to - piece.from),
            closed_days: in_days(piece.closed),
            waits_for: self.waits_for(piece),
            held_by: piece.held_by.map(|step| self.name(step as usize)),
        }
    }

    fn waits_for(&self, piece: &Piece) -> Option<String> {
        let plan = self.plan;
        let step = plan.steps.values().nth(piece.step as usize)?;
        let what = piece.what.map(|what| what as usize);
        let teams = || -> Option<String> {
            let teams = step
                .needs
                .iter()
                .map(|need| &plan.inventory.teams[need.team].name);
            let teams: Vec<&str> = teams.map(String::as_str).collect();
            (!teams.is_empty()).then(|| teams.join(" and "))
        };
        match piece.kind {
            Kind::People => what
                .and_then(|team| plan.inventory.teams.values().nth(team))
                .map(|team| team.name.clone())
                .or_else(teams),
            Kind::Hours | Kind::FixWait => teams(),
            Kind::Link => what
                .and_then(|link| plan.inventory.links.values().nth(link))
                .map(|link| {
                    let of = |id| &plan.inventory.platforms[id].name;
                    format!("{} -> {}", of(link.from), of(link.to))
                }),
            Kind::Place | Kind::Rollback => what
                .and_then(|batch| plan.batches.values().nth(batch))
                .or_else(|| step.batch.map(|id| &plan.batches[id]))
                .map(|batch| batch.name.clone()),
            Kind::Window => self.window(piece.step as usize),
            Kind::Freeze => self.freeze(step, self.instant(piece.to)),
            _ => None,
        }
    }

    fn window(&self, step: usize) -> Option<String> {
        let step = self.plan.steps.values().nth(step)?;
        step.window.map(|id| self.plan.windows[id].name.clone())
    }

    /// The freeze that ends then and blocks the step.
    fn freeze(&self, step: &whimbrel_plan::Step, end: Timestamp) -> Option<String> {
        let start = self.plan.migration.start;
        let to = end.checked_add(jiff::SignedDuration::from_hours(24)).ok()?;
        let since = end.as_microsecond() - start.as_microsecond();
        let mut freezes = self.plan.freezes.values();
        let found = freezes.find(|freeze| {
            let blocks = freeze.blocks.is_empty() || freeze.blocks.contains(&step.kind);
            let intervals = freeze.intervals(start, to);
            blocks && intervals.is_ok_and(|all| all.as_slice().iter().any(|(_, at)| *at == since))
        });
        found.map(|freeze| freeze.name.clone())
    }

    fn drawn(&self, chain: &[Piece]) -> Vec<Drawn> {
        let mut all = self.drivers();
        all.extend(self.inputs());
        all.extend(self.steps(chain));
        all
    }

    /// The drivers that acted.
    fn drivers(&self) -> Vec<Drawn> {
        let drivers = self.plan.drivers.values().zip(self.model().drivers.iter());
        let acted = drivers
            .zip(self.trial.factors())
            .filter_map(|((driver, of), factor)| {
                let chance = self.model().input(of.chance, self.draws);
                let acts = self.draws.uniform(of.entity, Purpose::DriverChance, 1) < chance;
                let percentile = self.draws.uniform(of.entity, Purpose::DriverFactor, 1);
                let drawn = Drawn {
                    kind: "driver".to_owned(),
                    name: driver.name.clone(),
                    value: factor,
                    median: of.factor.sample(0.5),
                    percentile,
                    lump: lump(percentile, |u| of.factor.sample(u)),
                    attempt: None,
                    hours_per_day: None,
                };
                // That it acts says nothing where it always does, or changes nothing.
                let unusual = chance < 1.0 || is_far(&drawn);
                (acts && factor != 1.0 && unusual).then_some(drawn)
            });
        acted.collect()
    }

    /// What belongs to the whole trial and was drawn far from its median.
    fn inputs(&self) -> Vec<Drawn> {
        let inputs = self.model().inputs.iter().map(|input| {
            let percentile = input.uniform(self.draws);
            Drawn {
                kind: "input".to_owned(),
                name: input.name.clone(),
                value: input.draw(self.draws),
                median: input.at(0.5),
                percentile,
                lump: lump(percentile, |u| input.at(u)),
                attempt: None,
                hours_per_day: None,
            }
        });
        let mut far: Vec<Drawn> = inputs.filter(is_far).collect();
        far.sort_by(|a, b| {
            (b.percentile - 0.5)
                .abs()
                .total_cmp(&(a.percentile - 0.5).abs())
        });
        far.truncate(MOST_DRAWS);
        far
    }

    /// The acts and gates on the chain that were drawn far above their median.
    fn steps(&self, chain: &[Piece]) -> Vec<Drawn> {
        let mut attempts: Vec<(u32, u32)> = chain
            .iter()
            .filter(|piece| matches!(piece.kind, Kind::Work | Kind::Gate))
            .map(|piece| (piece.step, piece.attempt))
            .collect();
        attempts.sort_unstable();
        attempts.dedup();
        let drawn = attempts.into_iter().filter_map(|(step, attempt)| {
            let rank = self.model().order.of(step) as usize;
            let of = &self.model().steps[rank];
            let (sampler, entity, purpose, factor) = match &of.act {
                ActModel::Timed { seconds, .. } => {
                    let factor = self.trial.duration_factor(rank);
                    (seconds, of.entity, Purpose::Duration, factor)
                }
                ActModel::Gate(gate) => (&gate.delay, gate.entity, Purpose::Gate, 1.0),
                ActModel::Instant | ActModel::Transfer(_) => return None,
            };
            let percentile = self.draws.uniform(entity, purpose, attempt);
            Some(Drawn {
                kind: "step".to_owned(),
                name: self.name(step as usize),
                value: sampler.sample(percentile) * factor / 86_400.0,
                median: sampler.sample(0.5) / 86_400.0,
                percentile,
                lump: lump(percentile, |u| sampler.sample(u)),
                attempt: Some(attempt),
                hours_per_day: self.hours_per_day(step as usize),
            })
        });
        let far = |it: &Drawn| it.percentile > 0.5 && is_far(it);
        let mut far: Vec<Drawn> = drawn.filter(far).collect();
        far.sort_by(|a, b| (b.value - b.median).total_cmp(&(a.value - a.median)));
        far.truncate(MOST_DRAWS);
        far
    }

    fn events(&self) -> Vec<Event> {
        let marks = self.trial.marks().iter();
        let told = marks.filter_map(|(at, mark)| {
            let (kind, run, since, until) = match *mark {
                Mark::Failed {
                    run, onset, undone, ..
                } => ("failed", run, Some(onset), Some(undone)),
                Mark::Undone { run, until } => ("undone", run, None, Some(until)),
                Mark::FixEnded { run } => ("fixed", run, None, None),
                Mark::Escalated { run, until } => ("escalated", run, None, Some(until)),
                Mark::Unanswered { run, until } => ("unanswered", run, None, Some(until)),
                Mark::FixStarted { .. } | Mark::SetBack { .. } => return None,
            };
            let fault = match *mark {
                Mark::Failed { fault, .. } => Some(fault),
                _ => None,
            };
            let step = self.trial.step_in_plan(run) as usize;
            let again = fault.and_then(|_| self.trial.again_from(run));
            Some(Event {
                kind: kind.to_owned(),
                step: self.name(step),
                attempt: self.trial.attempts(run),
                cause: fault.map(|fault| cause(fault).to_owned()),
                window: (fault == Some(Fault::Window))
                    .then(|| self.window(step))
                    .flatten(),
                again_from: again.map(|step| self.name(step as usize)),
                at: self.instant(*at),
                since: since.map(|at| self.instant(at)),
                until: until.map(|at| self.instant(at)),
            })
        });
        told.collect()
    }

    fn longer(&self, here: &Told, median: &Told) -> Vec<Longer> {
        let mut steps: Vec<u32> = here.chain.iter().map(|piece| piece.step).collect();
        steps.sort_unstable();
        steps.dedup();
        let longer = steps.into_iter().filter_map(|step| {
            let of = |told: &Told| told.acts.get(step as usize).copied();
            let (is, was) = (of(here)?, of(median)?);
            (is > was).then(|| Longer {
                step: self.name(step as usize),
                days: in_days(is),
                median_days: in_days(was),
            })
        });
        let mut longer: Vec<Longer> = longer.collect();
        let by = |it: &Longer| it.days - it.median_days;
        longer.sort_by(|a, b| by(b).total_cmp(&by(a)).then_with(|| a.step.cmp(&b.step)));
        longer.truncate(MOST_STEPS);
        longer
    }
}

/// The percentiles around `at` that have its value, where they are more than that one; `value` never
/// falls.
fn lump(at: f64, value: impl Fn(f64) -> f64) -> Option<[f64; 2]> {
    let here = value(at);
    // Halves what lies between one that differs, if only beyond the law, and one that does not.
    let bound = |mut differs: f64| {
        let mut same = at;
        for _ in 0..50 {
            let middle = f64::midpoint(differs, same);
            if value(middle) == here {
                same = middle;
            } else {
                differs = middle;
            }
        }
        (differs * 1e9).round_ties_even() / 1e9
    };
    let (from, to) = (bound(0.0), bound(1.0));
    (to - from > LUMP).then_some([from, to])
}

/// Whether all that has its value lies far from the median.
fn is_far(drawn: &Drawn) -> bool {
    let [from, to] = drawn.lump.unwrap_or([drawn.percentile; 2]);
    to <= FAR || from >= 1.0 - FAR
}

fn in_days(microseconds: i64) -> f64 {
    as_float(microseconds) / DAY
}

#[expect(clippy::cast_precision_loss, reason = "microseconds, below 2^53")]
fn as_float(microseconds: i64) -> f64 {
    microseconds as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_is_named_by_its_percentile_or_its_number() {
        for (text, which) in [
            ("p95", Some(WhichTrial::Percentile(95))),
            ("P5", Some(WhichTrial::Percentile(5))),
            ("0", Some(WhichTrial::Trial(0))),
            ("4294967295", Some(WhichTrial::Trial(u32::MAX))),
            ("p0", None),
            ("p100", None),
            ("4294967296", None),
            ("-1", None),
            ("worst", None),
        ] {
            assert_eq!(text.parse().ok(), which, "{text}");
        }
    }
}
