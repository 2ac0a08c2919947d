//! Several plans side by side on common random numbers: the estimates of each, the differences of
//! each pair, and which is best.

use rayon::prelude::*;
use whimbrel_plan::Plan;

use crate::outcomes::Outcomes;
use crate::paired::{self, Paired, PairedFigure, Side};
use crate::{Estimates, Settings, SimulationError, Watch, checked, folded};

/// What several plans come to.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The estimates of each plan, in their order, or why it cannot be carried out.
    pub variants: Vec<Result<Estimates, SimulationError>>,
    /// Every pair of plans that can, by the first and then by the second.
    pub pairs: Vec<Pair>,
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

/// Runs the trials of all plans and pairs them.
///
/// # Errors
/// When the settings are out of range, or the run is stopped. What is wrong with one plan is told in
/// its place.
pub fn compare(
    plans: &[&Plan],
    settings: &Settings,
    watch: Option<&Watch>,
) -> Result<Comparison, SimulationError> {
    let (trials, pool) = checked(settings)?;
    let unwatched = Watch::default();
    let watch = watch.unwrap_or(&unwatched);
    pool.install(|| {
        let mut variants = Vec::new();
        let mut outcomes = Vec::new();
        for plan in plans {
            let folded = folded(
                plan,
                (settings, trials),
                watch,
                |runner, trials, results| Ok((runner.run(0..trials, results)?, None)),
            );
            if watch.is_stopped() {
                return Err(SimulationError::Interrupted {
                    done: watch.done(),
                    asked: settings.trials.saturating_mul(plans.len() as u64),
                });
            }
            let (estimates, kept) = match folded {
                // The rest of the results is in the estimates, and large.
                Ok((estimates, results)) => (Ok(estimates), Some(results.outcomes)),
                Err(error) => (Err(error), None),
            };
            variants.push(estimates);
            outcomes.push(kept);
        }
        let pairs = pairs(plans, &variants, &outcomes);
        Ok(Comparison { variants, pairs })
    })
}

fn pairs(
    plans: &[&Plan],
    variants: &[Result<Estimates, SimulationError>],
    outcomes: &[Option<Outcomes>],
) -> Vec<Pair> {
    let rows = plans.iter().zip(variants).zip(outcomes).enumerate();
    let sides: Vec<(usize, Side<'_>)> = rows
        .filter_map(|(at, ((plan, estimates), outcomes))| {
            let certain = estimates.as_ref().is_ok_and(|estimates| estimates.certain);
            let side = Side {
                plan,
                outcomes: outcomes.as_ref()?,
                certain,
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
