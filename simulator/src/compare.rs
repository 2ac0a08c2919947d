//! Several plans side by side on common random numbers: the estimates of each, the differences of
//! each pair, and which is best.

use std::borrow::Cow;
use std::ops::Range;

use rayon::prelude::*;
use whimbrel_plan::Plan;

use crate::outcomes::Outcomes;
use crate::paired::{self, Paired, PairedFigure, Side};
use crate::results::{Results, step_trials};
use crate::run::Runner;
use crate::statistics::BLOCK;
use crate::{Estimates, Settings, SimulationError, Watch, checked, hash, told};

/// What several plans come to.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The estimates of each plan, in their order, or why it cannot be carried out.
    pub variants: Vec<Result<Estimates, SimulationError>>,
    /// Every pair of plans that can, by the first and then by the second.
    pub pairs: Vec<Pair>,
    /// How many trials of each were run: fewer than were asked for where somebody ended the run.
    pub trials: u64,
}

/// Two plans of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Position of the one that comes first.
    pub a: usize,
    /// Position of the other. Differences say by how much it is more.
    pub b: usize,
    /// By how much it takes longer, each from its own start.
    pub duration: PairedFigure,
    /// All else. Finishes are told in days from the start of `a`.
    pub paired: Paired,
}

/// Which plan is best by one figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Best {
    /// Its position.
    pub variant: usize,
    /// The others that cannot be told apart from it by this figure, all pairs being judged together:
    /// at 95 % none of all that is told apart is told so by chance (Bonferroni).
    pub rivals: Vec<usize>,
}

/// The samples of steps that are kept for all plans together at most, in trials times steps. Where
/// there would be more, the plans are run one after another, and a run that is stopped has nothing.
const MOST_SAMPLES: usize = 1 << 25;
/// How many blocks of a plan a thread runs at most before it is the next plan's turn.
const MOST_BLOCKS: usize = 16;

/// Runs the trials of all plans and pairs them. The plans take turns, so that a run that is stopped
/// has as many trials of each, and comes to what a run of so many does.
///
/// # Errors
/// When the settings are out of range, or the run is stopped before there are trials of each plan.
/// What is wrong with one plan is told in its place.
pub fn compare(
    plans: &[&Plan],
    settings: &Settings,
    watch: Option<&Watch>,
) -> Result<Comparison, SimulationError> {
    let (trials, pool) = checked(settings)?;
    let unwatched = Watch::default();
    let watch = watch.unwrap_or(&unwatched);
    pool.install(|| {
        let variants = plans.iter();
        let mut variants: Vec<Ran<'_>> = variants
            .map(|plan| Variant::new(plan, settings, watch, trials))
            .collect();
        watch.plan(trials * variants.iter().flatten().count());
        let turns = turns(trials, &variants);
        let run = |turn: &&Range<usize>| match turns.as_slice() {
            [only] => each(&mut variants, |it| it.run_alone(only.clone(), settings)),
            _ => run_turn(&mut variants, turn),
        };
        let done = turns.iter().take_while(run).last();
        let done = done.map_or(0, |turn| turn.end);
        if done == 0 {
            return Err(SimulationError::Interrupted {
                done: 0,
                asked: settings.trials,
                plans: plans.len(),
            });
        }
        let told = variants.into_iter();
        let told = told.map(|variant| variant?.finish(settings, done == trials));
        let (variants, outcomes): (Vec<_>, Vec<_>) = told
            .map(|told| match told {
                Ok((estimates, outcomes)) => (Ok(estimates), Some(outcomes)),
                Err(error) => (Err(error), None),
            })
            .unzip();
        let pairs = pairs(plans, &variants, &outcomes);
        Ok(Comparison {
            variants,
            pairs,
            trials: done as u64,
        })
    })
}

/// The trials in turns: at first one block for each thread, then as many again as there are, and no
/// more than a stop may lose.
fn turns(trials: usize, variants: &[Ran<'_>]) -> Vec<Range<usize>> {
    let steps = |variant: &Variant<'_>| variant.runner.model.steps.len();
    let steps = variants.iter().flatten().map(steps);
    let samples: usize = steps.map(|steps| steps * step_trials(steps)).sum();
    let least = if samples > MOST_SAMPLES {
        trials
    } else {
        rayon::current_num_threads() * BLOCK
    };
    let mut turns = Vec::new();
    let mut from = 0;
    while from < trials {
        let to = from + from.clamp(least, least.saturating_mul(MOST_BLOCKS));
        turns.push(from..to.min(trials));
        from = to;
    }
    turns
}

/// A plan that is run, or why it cannot be.
type Ran<'a> = Result<Variant<'a>, SimulationError>;

/// A plan while it is run.
struct Variant<'a> {
    hash: String,
    runner: Runner<'a>,
    results: Results,
    /// Those of the turn under way.
    turn: Results,
    estimates: Option<Estimates>,
}

impl<'a> Variant<'a> {
    fn new(
        plan: &'a Plan,
        settings: &Settings,
        watch: &'a Watch,
        trials: usize,
    ) -> Result<Self, SimulationError> {
        Ok(Self {
            hash: hash(plan)?,
            runner: Runner::new(plan, settings.seed, watch)?,
            results: Results {
                room: trials,
                ..Results::default()
            },
            turn: Results::default(),
            estimates: None,
        })
    }

    /// Its estimates, unless they are there.
    fn estimate(&mut self, settings: &Settings, whole: bool) -> Result<Estimates, SimulationError> {
        match self.estimates.take() {
            Some(estimates) => Ok(estimates),
            None => {
                let hash = std::mem::take(&mut self.hash);
                told(&self.runner, hash, &self.results, settings, whole)
            }
        }
    }

    /// Runs all trials there are, and keeps the estimates and outcomes: the rest of the results is
    /// large.
    fn run_alone(
        &mut self,
        trials: Range<usize>,
        settings: &Settings,
    ) -> Result<bool, SimulationError> {
        let whole = self.runner.run_planned(trials, &mut self.results)?;
        if whole {
            self.estimates = Some(self.estimate(settings, true)?);
            self.results = Results {
                outcomes: std::mem::take(&mut self.results.outcomes),
                ..Results::default()
            };
        }
        Ok(whole)
    }

    fn finish(
        mut self,
        settings: &Settings,
        whole: bool,
    ) -> Result<(Estimates, Outcomes), SimulationError> {
        let estimates = self.estimate(settings, whole)?;
        Ok((estimates, self.results.outcomes))
    }
}

/// Whether `run` ran all trials of each plan. One that fails is left out from then on.
fn each(
    variants: &mut [Ran<'_>],
    mut run: impl FnMut(&mut Variant<'_>) -> Result<bool, SimulationError>,
) -> bool {
    for variant in variants {
        match variant.as_mut().map(&mut run) {
            Ok(Ok(true)) | Err(_) => {}
            Ok(Ok(false)) => return false,
            Ok(Err(error)) => *variant = Err(error),
        }
    }
    true
}

/// Runs one of several turns; whether all of it was run. If not, none of it counts.
fn run_turn(variants: &mut [Ran<'_>], trials: &Range<usize>) -> bool {
    let whole = each(variants, |variant| {
        variant.turn = Results::default();
        variant
            .runner
            .run_planned(trials.clone(), &mut variant.turn)
    });
    for variant in variants.iter_mut().flatten() {
        let turn = std::mem::take(&mut variant.turn);
        if whole {
            variant.results.append(&turn);
        }
    }
    whole
}

fn pairs(
    plans: &[&Plan],
    variants: &[Result<Estimates, SimulationError>],
    outcomes: &[Option<Outcomes>],
) -> Vec<Pair> {
    let rows = plans.iter().zip(variants).zip(outcomes).enumerate();
    let sides: Vec<(usize, Side<'_>)> = rows
        .filter_map(|(at, ((plan, estimates), outcomes))| {
            let estimates = estimates.as_ref().ok()?;
            let side = Side {
                plan,
                outcomes: Cow::Borrowed(outcomes.as_ref()?),
                certain: estimates.certain,
                unknown: estimates.unknown.clone(),
            };
            Some((at, side))
        })
        .collect();
    let mut both = Vec::new();
    for (at, one) in sides.iter().enumerate() {
        both.extend(sides.iter().skip(at + 1).map(|other| (one, other)));
    }
    both.into_par_iter()
        .map(|((a, one), (b, other))| Pair {
            a: *a,
            b: *b,
            duration: paired::duration(one, other),
            paired: paired::compare(one, other),
        })
        .collect()
}

impl Pair {
    /// The figure of that name; see [`Paired`].
    #[must_use]
    pub fn figure(&self, name: &str) -> Option<&PairedFigure> {
        self.paired.figures.iter().find(|it| it.name == name)
    }
}

impl Comparison {
    /// The figure of two plans, and whether `b` comes first in the pair.
    fn between(&self, a: usize, b: usize, name: &str) -> Option<(&PairedFigure, bool)> {
        let is = |pair: &&Pair| (pair.a, pair.b) == (a.min(b), a.max(b));
        let pair = self.pairs.iter().find(is)?;
        Some((pair.figure(name)?, b < a))
    }

    /// The plan with the least of a figure, or with the most; none where fewer than two have it.
    #[must_use]
    pub fn best(&self, name: &str, least: bool) -> Option<Best> {
        let defined = |at: &usize| {
            let mut others = (0..self.variants.len()).filter(|other| other != at);
            others.any(|other| {
                let between = self.between(*at, other, name);
                between.is_some_and(|(figure, _)| figure.difference.is_some())
            })
        };
        let having: Vec<usize> = (0..self.variants.len()).filter(defined).collect();
        let better = |best: usize, other: usize| {
            let Some((figure, turned)) = self.between(best, other, name) else {
                return best;
            };
            let more = figure.difference.unwrap_or(0.0);
            let more = if turned { -more } else { more };
            if (more < 0.0) == least && more != 0.0 {
                other
            } else {
                best
            }
        };
        let best = having.iter().copied().reduce(better)?;
        let apart = |other: &usize| {
            let between = self.between(best, *other, name);
            let interval = between.and_then(|(figure, _)| figure.interval_among(self.pairs.len()));
            interval.is_some_and(|[low, high]| low > 0.0 || high < 0.0)
        };
        let others = having.iter().copied().filter(|other| *other != best);
        Some(Best {
            variant: best,
            rivals: others.filter(|other| !apart(other)).collect(),
        })
    }
}
