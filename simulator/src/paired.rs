//! Two plans side by side on common random numbers.
//!
//! Every draw is addressed by what it is for, so under one seed the same step has the same luck in
//! both plans, and what is left between the two trials of a pair is the difference of the plans.
//! Differences of means and of chances are means of paired differences, with Student's interval; that of
//! a chance is exact where few pairs differ from the rest, which tell nothing of how others vary.
//! The difference of two quantiles has no pairs: its interval is by *sectioning* (Asmussen and Glynn,
//! *Stochastic Simulation*, 2007, III.5): the same difference within each section of consecutive
//! trials varies around that of all trials, and by how much gives the error. Intervals are 95 %.

mod counts;

use std::borrow::Cow;

use whimbrel_plan::{Bounded, Distribution, Plan, Unknown};

pub use counts::Counts;

use crate::model::{DAY, SECOND};
use crate::outcomes::{Figures, Outcomes};
use crate::report::without_team;
use crate::results::Results;
use crate::run::Runner;
use crate::statistics::{
    Chances, at_rank, interval_ranks, mean_interval, moments, number, quantile,
};
use crate::{Settings, SimulationError, Watch, checked, missed};

/// Sections of trials for the error of a quantile.
const SECTIONS: usize = 20;
/// Fewer sections give no interval, and a section has no fewer trials.
const FEWEST_SECTIONS: usize = 5;
const SMALLEST_SECTION: usize = 50;
/// The chance that an interval does not hold the truth.
const CHANCE: f64 = 0.05;

/// What a figure is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// Days since the start of the plan that was.
    Finish,
    /// Money in the plan's currency.
    Money,
    /// A number of services.
    Services,
    /// A share, from 0 to 1.
    Share,
    /// A share of the trials, from 0 to 1.
    Chance,
    /// Person-hours.
    Hours,
}

/// One figure of both plans.
#[derive(Clone, Debug, PartialEq)]
pub struct PairedFigure {
    /// Its name, as in the estimates: `finish.p80`, `cost.mean`.
    pub name: &'static str,
    /// What it is of.
    pub of: Measured,
    /// In the plan that was; none where it is not defined, as when trials do not finish.
    pub before: Option<f64>,
    /// In the plan that is.
    pub after: Option<f64>,
    /// Between which values each of the two lies, with 95 %, as in the estimates of the plan alone.
    pub sides: [Option<[f64; 2]>; 2],
    /// By how much it is more.
    pub difference: Option<f64>,
    /// Between which values the difference lies, with 95 %; none where the trials are too few.
    pub interval: Option<[f64; 2]>,
    /// Degrees of freedom of the interval.
    pub freedom: usize,
    /// Whether every pair of trials differs by the same.
    pub constant: bool,
    /// Of a chance, what its exact interval is made of.
    pub counts: Option<Counts>,
    /// Whether the same is known of both plans. Where one says a price that the other leaves out, the
    /// difference of their costs is not one of the migrations.
    pub comparable: bool,
}

impl PairedFigure {
    /// Whether the difference is one of the plans rather than of chance, or of what is known of them:
    /// its interval leaves out zero.
    #[must_use]
    pub fn is_real(&self) -> bool {
        let apart = self
            .interval
            .is_some_and(|[low, high]| low > 0.0 || high < 0.0);
        apart && self.comparable
    }

    /// The same with the plans in the other order. Finishes still count from the start of the one
    /// that was.
    #[must_use]
    pub fn turned(&self) -> Self {
        Self {
            before: self.after,
            after: self.before,
            sides: [self.sides[1], self.sides[0]],
            difference: self.difference.map(|it| 0.0 - it),
            interval: self.interval.map(|[low, high]| [0.0 - high, 0.0 - low]),
            counts: self.counts.map(Counts::turned),
            ..*self
        }
    }

    /// The interval that is wide enough for so many of its kind to hold all together with 95 %
    /// (Bonferroni: each with 1 − 0.05 / `many`).
    #[must_use]
    pub fn interval_among(&self, many: usize) -> Option<[f64; 2]> {
        let [low, high] = self.interval.filter(|_| self.comparable)?;
        let chance = CHANCE / number(many.max(1));
        if let Some(counts) = self.counts {
            return Some(counts.interval(chance));
        }
        let wider = student(self.freedom, chance) / student(self.freedom, CHANCE);
        Some(around(((low + high) / 2.0, (high - low) / 2.0 * wider)))
    }

    /// Whether no trial of the one differs from that of the other.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.difference == Some(0.0) && self.interval == Some([0.0, 0.0])
    }
}

/// What two plans come to, side by side.
#[derive(Clone, Debug, PartialEq)]
pub struct Paired {
    /// The figures, in the order they are told.
    pub figures: Vec<PairedFigure>,
    /// The share of trials of the plan that was that never finish, and of the plan that is. Means
    /// leave such pairs out.
    pub unfinished: [f64; 2],
    /// Between which values each of these shares lies, with 95 %.
    pub unfinished_interval: [Option<[f64; 2]>; 2],
    /// Whether not all is known of what each costs, so that its cost is at least what is said.
    pub at_least: [bool; 2],
    /// Whether some work of each is nobody's, so that its effort is at least what is said.
    pub effort_at_least: [bool; 2],
}

/// Runs the trials of both plans and pairs them.
///
/// # Errors
/// When the settings are out of range, the run is stopped, or one of the plans cannot be carried
/// out: then which.
pub fn paired(
    before: &Plan,
    after: &Plan,
    settings: &Settings,
    watch: Option<&Watch>,
) -> Result<Paired, (Option<Which>, SimulationError)> {
    let (trials, pool) = checked(settings).map_err(|error| (None, error))?;
    let unwatched = Watch::default();
    let watch = watch.unwrap_or(&unwatched);
    let of = |plan, which| {
        let mut results = Results::default();
        let run = Runner::new(plan, settings.seed, watch).and_then(|mut runner| {
            let whole = runner.run(0..trials, &mut results)?;
            let unknown = Unknown::sentences(&runner.model.unknown_with(plan));
            Ok((whole, runner.model.is_certain(), unknown))
        });
        match run {
            Ok((true, certain, unknown)) => missed::carried_out(plan, &results)
                .map(|()| Side {
                    plan,
                    outcomes: Cow::Owned(results.outcomes),
                    certain,
                    unknown,
                })
                .map_err(|error| (Some(which), error)),
            Ok((false, ..)) => Err((
                None,
                SimulationError::Interrupted {
                    // The plans run one after the other: what the second has, both have.
                    done: watch.done().saturating_sub(settings.trials),
                    asked: settings.trials,
                    plans: 2,
                },
            )),
            Err(error) => Err((Some(which), error)),
        }
    };
    pool.install(|| {
        let old = of(before, Which::Before)?;
        let new = of(after, Which::After)?;
        Ok(compare(&old, &new))
    })
}

/// One of the two plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The plan that was.
    Before,
    /// The plan that is.
    After,
}

/// A plan and what its trials came to.
pub(crate) struct Side<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) outcomes: Cow<'a, Outcomes>,
    /// Whether every trial is the same.
    pub(crate) certain: bool,
    /// What is not known of it.
    pub(crate) unknown: Vec<String>,
}

impl Side<'_> {
    /// What its costs are lower bounds without.
    fn unknown_costs(&self) -> Vec<&String> {
        let is_of_requests = |what: &&String| {
            let of_requests = |it: &Unknown| it.bounds == Bounded::Requests && it.what == **what;
            self.plan.unknown.iter().any(of_requests)
        };
        let all = self.unknown.iter();
        all.filter(|what| !is_of_requests(what)).collect()
    }

    fn chances(&self) -> Chances {
        Chances {
            trials: self.outcomes.len(),
            certain: self.certain,
        }
    }
}

/// By how much the one takes longer than the other, in days, each from its own start.
pub(crate) fn duration(before: &Side<'_>, after: &Side<'_>) -> PairedFigure {
    let days = |side: &Side<'_>| -> Vec<f64> {
        let finishes = side.outcomes.finish().floats();
        finishes.map(|finish| finish / DAY).collect()
    };
    mean(
        "duration_days.mean",
        Measured::Finish,
        &[days(before), days(after)],
    )
}

/// Pairs the trials of two plans.
pub(crate) fn compare(before: &Side<'_>, after: &Side<'_>) -> Paired {
    let (old, new) = (before.plan, after.plan);
    let both = [&*before.outcomes, &*after.outcomes];
    let chances = [before, after].map(Side::chances);
    let values = |figures: &Figures| -> Vec<f64> { figures.floats().collect() };
    let columns = |of: fn(&Outcomes) -> &Figures| both.map(|outcomes| values(of(outcomes)));
    // Both count from the start of the plan that was.
    let later = new.migration.start.duration_since(old.migration.start);
    let later = later.as_secs_f64() * SECOND;
    let ends = columns(Outcomes::finish);
    let [was, is] = &ends;
    let finish = [
        was.iter().map(|at| at / DAY).collect(),
        is.iter().map(|at| (at + later) / DAY).collect(),
    ];
    let cost = both.map(|outcomes| values(&outcomes.total()));
    let mut figures = vec![
        p80("finish.p80", Measured::Finish, &finish),
        mean("finish.mean", Measured::Finish, &finish),
        p80("cost.p80", Measured::Money, &cost),
        mean("cost.mean", Measured::Money, &cost),
        mean(
            "effort_hours.mean",
            Measured::Hours,
            &columns(Outcomes::effort_hours),
        ),
        mean(
            "blast_radius.services.mean",
            Measured::Services,
            &columns(Outcomes::services),
        ),
        mean(
            "blast_radius.request_share.mean",
            Measured::Share,
            &columns(Outcomes::request_share),
        ),
        chance(
            "incident_probability",
            chances,
            &both.map(|outcomes| {
                let incidents = outcomes.incidents();
                let any = incidents.floats().map(|count| count.min(1.0));
                any.collect()
            }),
        ),
    ];
    let budgets = [old, new].map(|plan| plan.migration.budget);
    let due = [old, new].map(due);
    figures.extend(kept("deadline_probability", chances, &ends, due));
    figures.extend(kept("budget_probability", chances, &cost, budgets));
    compare_what_is_known(before, after, &mut figures);
    let never = ends.each_ref().map(|finish| endless(finish));
    let [was, is] = [before, after].map(Side::chances);
    let [was_never, is_never] = never;
    Paired {
        figures,
        unfinished: never,
        unfinished_interval: [was.interval(was_never), is.interval(is_never)],
        at_least: [before, after].map(|side| !side.unknown_costs().is_empty()),
        effort_at_least: [old, new].map(|plan| !without_team(plan).is_empty()),
    }
}

/// The share of trials that never finish.
fn endless(finish: &[f64]) -> f64 {
    let infinite = finish.iter().filter(|at| at.is_infinite()).count();
    number(infinite) / number(finish.len().max(1))
}

/// Marks what cannot be compared, since not the same is known of both.
fn compare_what_is_known(before: &Side<'_>, after: &Side<'_>, figures: &mut [PairedFigure]) {
    let same = before.unknown_costs() == after.unknown_costs();
    let all_work = without_team(before.plan) == without_team(after.plan);
    for figure in figures {
        let priced = figure.of == Measured::Money || figure.name == "budget_probability";
        figure.comparable = match figure.of {
            Measured::Hours => all_work,
            _ => same || !priced,
        };
    }
}

/// The chance to stay within a limit that both plans have.
fn kept(
    name: &'static str,
    chances: [Chances; 2],
    values: &[Vec<f64>; 2],
    limits: [Option<f64>; 2],
) -> Option<PairedFigure> {
    let [was, is] = values;
    let [Some(was_limit), Some(is_limit)] = limits else {
        return None;
    };
    let within = |values: &[f64], limit: f64| -> Vec<f64> {
        let values = values.iter();
        let kept = values.map(|value| f64::from(u8::from(*value <= limit)));
        kept.collect()
    };
    let kept = [within(was, was_limit), within(is, is_limit)];
    Some(chance(name, chances, &kept))
}

/// Microseconds from the start to the deadline.
fn due(plan: &Plan) -> Option<f64> {
    let deadline = plan.migration.deadline?;
    let after = deadline.duration_since(plan.migration.start);
    Some(after.as_secs_f64() * SECOND)
}

/// Of what did happen in a trial, 1, or did not, 0.
fn chance(name: &'static str, chances: [Chances; 2], both: &[Vec<f64>; 2]) -> PairedFigure {
    let figure = counts::exact(mean(name, Measured::Chance, both), chances, both);
    let [was, is] = chances;
    let sides = [
        figure.before.and_then(|share| was.interval(share)),
        figure.after.and_then(|share| is.interval(share)),
    ];
    PairedFigure { sides, ..figure }
}

/// Of the pairs in which both are finite.
fn mean(name: &'static str, of: Measured, [was, is]: &[Vec<f64>; 2]) -> PairedFigure {
    let pairs = was.iter().zip(is);
    let both = pairs.filter(|(was, is)| was.is_finite() && is.is_finite());
    let (was, is): (Vec<f64>, Vec<f64>) = both.unzip();
    let apart: Vec<f64> = was.iter().zip(&is).map(|(was, is)| is - was).collect();
    let (count, difference, sd) = moments(&apart);
    let half = sd.map(|sd| student(count.saturating_sub(1), CHANCE) * sd / number(count).sqrt());
    PairedFigure {
        name,
        of,
        before: moments(&was).1,
        after: moments(&is).1,
        sides: [mean_interval(&was), mean_interval(&is)],
        difference,
        interval: difference.zip(half).map(around),
        freedom: count.saturating_sub(1),
        constant: sd == Some(0.0),
        counts: None,
        comparable: true,
    }
}

fn p80(name: &'static str, of: Measured, [was, is]: &[Vec<f64>; 2]) -> PairedFigure {
    let sorted = |values: &[f64]| {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    };
    let at = |values: &[f64]| quantile(&sorted(values), 80);
    let apart = |was: &[f64], is: &[f64]| Some(at(is)? - at(was)?);
    let interval = |sorted: &[f64]| {
        let (low, high) = interval_ranks(sorted.len(), 0.8)?;
        Some([at_rank(sorted, low)?, at_rank(sorted, high)?])
    };
    let [all_was, all_is] = [was, is].map(|values| sorted(values));
    let (before, after) = (quantile(&all_was, 80), quantile(&all_is, 80));
    let difference = after.zip(before).map(|(after, before)| after - before);
    PairedFigure {
        name,
        of,
        before,
        after,
        sides: [interval(&all_was), interval(&all_is)],
        difference,
        interval: difference.and_then(|whole| {
            let half = sectioned(was, is, whole, apart)?;
            Some(around((whole, half)))
        }),
        freedom: sections(was.len()).saturating_sub(1),
        constant: false,
        counts: None,
        comparable: true,
    }
}

fn around((middle, half): (f64, f64)) -> [f64; 2] {
    [middle - half, middle + half]
}

/// Into how many sections so many trials are cut.
fn sections(trials: usize) -> usize {
    (trials / SMALLEST_SECTION).min(SECTIONS)
}

/// Half the interval of a figure of all trials, by how the sections' figures vary around it.
fn sectioned(
    was: &[f64],
    is: &[f64],
    whole: f64,
    figure: impl Fn(&[f64], &[f64]) -> Option<f64>,
) -> Option<f64> {
    let sections = sections(was.len());
    if sections < FEWEST_SECTIONS {
        return None;
    }
    let size = was.len() / sections;
    let parts = was.chunks_exact(size).zip(is.chunks_exact(size));
    let squares = parts.take(sections).map(|(was, is)| {
        let apart = figure(was, is)? - whole;
        Some(apart * apart)
    });
    let sum: Option<f64> = squares.sum();
    let variance = sum? / number(sections - 1);
    Some(student(sections - 1, CHANCE) * (variance / number(sections)).sqrt())
}

/// What Student's law exceeds on either side with this chance: t² / (t² + ν) has the law
/// Beta(1/2, ν/2).
fn student(freedom: usize, chance: f64) -> f64 {
    if freedom == 0 {
        return f64::INFINITY;
    }
    let freedom = number(freedom);
    let law = Distribution::Beta {
        alpha: 0.5,
        beta: freedom / 2.0,
        low: 0.0,
        high: 1.0,
    };
    let share = law.quantile(1.0 - chance);
    (freedom * share / (1.0 - share)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::philox::{Draws, Entity, Purpose};

    /// Tables of Student's law: t(0.975) of 1, 4, 19 and 10,000 degrees of freedom.
    #[test]
    fn students_quantiles_are_those_of_the_tables() {
        for (freedom, table) in [(1, 12.706), (4, 2.776), (19, 2.093), (10_000, 1.960)] {
            let found = student(freedom, 0.05);
            assert!((found - table).abs() < 1e-3, "{freedom}: {found}");
        }
        // Those of t(0.995).
        for (freedom, table) in [(4, 4.604), (19, 2.861)] {
            let found = student(freedom, 0.01);
            assert!((found - table).abs() < 1e-3, "{freedom}: {found}");
        }
    }

    /// Exponential times by their inverse distribution function: X, and 1.3 X of the same draw or of
    /// another one. Then the P80 of either is ln 5 times its mean.
    fn columns(seed: u64, common: bool) -> [Vec<f64>; 2] {
        let entities = [
            Entity::new("a"),
            Entity::new(if common { "a" } else { "b" }),
        ];
        [(entities[0], 1.0), (entities[1], 1.3)].map(|(entity, mean)| {
            let trials = 0..1_000;
            let uniform = |trial| Draws::new(seed, trial).uniform(entity, Purpose::Duration, 1);
            trials
                .map(|trial| -mean * libm::log(uniform(trial)))
                .collect()
        })
    }

    /// Of 400 intervals of 95 %, 380 ± 9 hold the truth.
    #[test]
    fn intervals_hold_the_truth_as_often_as_they_say() {
        for common in [true, false] {
            let mut held = [0; 2];
            for seed in 0..400 {
                let columns = columns(seed, common);
                let figures = [
                    p80("", Measured::Finish, &columns),
                    mean("", Measured::Finish, &columns),
                ];
                let truth = [0.3 * libm::log(5.0), 0.3];
                for ((held, figure), truth) in held.iter_mut().zip(&figures).zip(truth) {
                    let [low, high] = figure.interval.unwrap();
                    *held += i32::from(low <= truth && truth <= high);
                }
            }
            for held in held {
                assert!((355..=397).contains(&held), "{common}: {held} of 400");
            }
        }
    }

    #[test]
    fn common_draws_tell_what_others_cannot() {
        let width = |common: bool| {
            let figure = mean("", Measured::Finish, &columns(1, common));
            let [low, high] = figure.interval.unwrap();
            (figure.is_real(), high - low)
        };
        let ((real, narrow), (_, wide)) = (width(true), width(false));
        assert!(real);
        // sd 0.3 against √(1 + 1.69) = 1.64.
        assert!(narrow * 4.0 < wide, "{narrow} {wide}");
    }

    #[test]
    fn the_same_is_no_difference_and_few_trials_have_no_interval() {
        let [was, _] = columns(1, true);
        let same = p80("", Measured::Finish, &[was.clone(), was.clone()]);
        assert!(same.is_nothing() && !same.is_real());
        let few = was[..200].to_vec();
        let few = p80("", Measured::Finish, &[few.clone(), few]);
        assert_eq!((few.difference, few.interval), (Some(0.0), None));
        let never = vec![f64::INFINITY; 300];
        let never = mean("", Measured::Finish, &[never.clone(), never]);
        assert_eq!((never.before, never.difference), (None, None));
    }
}
