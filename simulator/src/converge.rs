//! Trials until the figures that are promised to others are known to one percent.
//!
//! Those are the P80 of the duration, from start to finish (a date has no percents), and the P80
//! of the cost where the plan has a currency. Each is known when both ends of its 95 % interval are
//! within one percent of it. Tested at 1,024 · 2^k trials, so that few tests are made, and each
//! on twice as many trials as the one before: to stop at the first narrow interval favours those
//! that are narrow by chance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use whimbrel_plan::NO_CURRENCY;

use crate::SimulationError;
use crate::outcomes::Figures;
use crate::results::Results;
use crate::run::Runner;
use crate::statistics::{interval_ranks, quantile};

/// How far the ends of an interval may be from its estimate, as a share of it.
const TOLERANCE: f64 = 0.01;
/// Trials before the first test.
const FIRST: usize = 1024;

/// Whether a run that was to go on until it converged did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Convergence {
    /// Whether every figure is known closely enough.
    pub converged: bool,
    /// How far the ends of a 95 % interval may be from the figure, as a share of it.
    pub tolerance: f64,
    /// The figures tested.
    pub figures: Vec<ConvergenceFigure>,
}

/// One figure that is to be known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ConvergenceFigure {
    /// Its dotted path among the estimates.
    pub name: String,
    /// How far the farther end of its 95 % interval is from it, as a share of it; `None` where it
    /// or its interval is not defined.
    pub error: Option<f64>,
}

impl ConvergenceFigure {
    fn converged(&self) -> bool {
        self.error.is_some_and(|error| error <= TOLERANCE)
    }
}

/// How a run until convergence ended.
pub(crate) struct Run {
    pub(crate) convergence: Convergence,
    /// Whether it was not stopped from outside.
    pub(crate) whole: bool,
}

/// Runs until the figures are known, they turn out to be infinite, or `limit` trials are done.
pub(crate) fn run(
    runner: &mut Runner<'_>,
    limit: usize,
    results: &mut Results,
) -> Result<Run, SimulationError> {
    let priced = runner.plan.migration.currency != NO_CURRENCY;
    let (mut done, mut goal) = (0, FIRST.min(limit));
    loop {
        let whole = runner.run(done..goal, results)?;
        let tests = tests(results, priced);
        let converged = tests.iter().all(|test| test.figure.converged());
        let hopeless = tests.iter().any(|test| test.infinite);
        if !whole || converged || hopeless || goal >= limit {
            let convergence = Convergence {
                converged,
                tolerance: TOLERANCE,
                figures: tests.into_iter().map(|test| test.figure).collect(),
            };
            return Ok(Run { convergence, whole });
        }
        (done, goal) = (goal, goal.saturating_mul(2).min(limit));
    }
}

struct Test {
    figure: ConvergenceFigure,
    /// Whether even the lower end of the interval is infinite, so that more trials tell no more.
    infinite: bool,
}

fn tests(results: &Results, priced: bool) -> Vec<Test> {
    let of = |name, figures: &Figures| test(name, figures.floats().collect());
    let mut tests = vec![of("duration_days.p80", results.outcomes.finish())];
    if priced {
        tests.push(of("cost.p80", &results.outcomes.total()));
    }
    tests
}

fn test(name: &str, mut values: Vec<f64>) -> Test {
    values.sort_unstable_by(f64::total_cmp);
    let interval = interval_ranks(values.len(), 0.8);
    let ends = interval.map(|(low, high)| [low, high].map(|rank| values.get(rank - 1).copied()));
    let error = quantile(&values, 80).zip(ends).and_then(|(p80, ends)| {
        let [low, high] = ends;
        let apart = (p80 - low?).max(high? - p80);
        let share = if apart > 0.0 { apart / p80.abs() } else { 0.0 };
        share.is_finite().then_some(share)
    });
    Test {
        figure: ConvergenceFigure {
            name: name.to_owned(),
            error,
        },
        infinite: ends.is_some_and(|[low, _]| low.is_some_and(f64::is_infinite)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the values 1 to n, the P80 is 0.8 n and the ranks of its interval about 1.96 √(0.16 n)
    /// to either side: 0.98 / √n of it.
    #[test]
    fn the_error_of_even_values_is_that_of_their_ranks() {
        let of = |n: u32| test("", (1..=n).rev().map(f64::from).collect());
        for (n, expected) in [(1_024, 0.98 / 32.0), (16_384, 0.98 / 128.0)] {
            let test = of(n);
            let error = test.figure.error.unwrap();
            assert!((error - expected).abs() < 0.002, "{n}: {error}");
            assert_eq!(test.figure.converged(), n > 10_000);
        }
    }

    #[test]
    fn what_never_varies_is_known_at_once_and_what_never_ends_is_given_up() {
        let still = test("", vec![0.0; 100]);
        assert_eq!(still.figure.error, Some(0.0));
        let never = test("", vec![f64::INFINITY; 100]);
        assert!(never.infinite && never.figure.error.is_none());
        // Too few for an interval: more trials may tell.
        let few = test("", vec![f64::INFINITY; 3]);
        assert!(!few.infinite && !few.figure.converged());
    }
}
