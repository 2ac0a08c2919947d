//! Several plans side by side.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use common::{HOUR, certain, elapsed, exponential, needs, plan, step, team};
use whimbrel_plan::Plan;
use whimbrel_simulator::{Comparison, Settings, SimulationError, compare, paired, simulate};

fn settings(threads: usize) -> Settings {
    Settings {
        trials: 1_000,
        seed: 7,
        threads: Some(threads),
    }
}

/// One step of ten hours in the mean.
fn one(name: &str) -> Plan {
    let mut plan = plan();
    step(&mut plan, name, elapsed(exponential(10.0 * HOUR)), &[]);
    plan
}

/// The step `work` and two hours more.
fn longer() -> Plan {
    let mut plan = one("work");
    let before = plan.steps.ids().next().unwrap();
    step(&mut plan, "more", certain(2.0 * HOUR), &[before]);
    plan
}

/// More people than there are.
fn impossible() -> Plan {
    let mut plan = one("work");
    let few = team(&mut plan, 2, None);
    let work = plan.steps.ids().next().unwrap();
    needs(&mut plan, work, few, 3);
    plan
}

fn compared(threads: usize) -> Comparison {
    let plans = [one("work"), impossible(), longer(), one("other")];
    let plans: Vec<&Plan> = plans.iter().collect();
    compare(&plans, &settings(threads), None).unwrap()
}

#[test]
fn each_is_what_it_is_alone_and_each_pair_what_it_is_in_two() {
    let comparison = compared(2);
    let alone = simulate(&longer(), &settings(1), None).unwrap();
    assert_eq!(comparison.variants[2].as_ref().unwrap(), &alone);
    let pairs: Vec<(usize, usize)> = comparison.pairs.iter().map(|it| (it.a, it.b)).collect();
    assert_eq!(pairs, [(0, 2), (0, 3), (2, 3)]);
    let two = paired(&one("work"), &one("other"), &settings(1), None).unwrap();
    assert_eq!(comparison.pairs[1].paired, two);
}

#[test]
fn one_that_cannot_be_carried_out_stops_no_other() {
    let comparison = compared(1);
    let failed = comparison.variants[1].as_ref().unwrap_err();
    assert!(
        matches!(failed, SimulationError::TeamTooSmall { .. }),
        "{failed}"
    );
    assert!([0, 2, 3].iter().all(|at| comparison.variants[*at].is_ok()));
}

#[test]
fn threads_change_nothing() {
    let one = compared(1);
    for threads in [2, 8] {
        let other = compared(threads);
        assert_eq!(one.pairs, other.pairs);
        for (one, other) in one.variants.iter().zip(&other.variants) {
            assert_eq!(one.as_ref().ok(), other.as_ref().ok());
        }
    }
}

#[test]
fn the_same_luck_leaves_the_difference_of_the_plans() {
    let comparison = compared(1);
    let pair = &comparison.pairs[0];
    // Two hours in every trial.
    let [low, high] = pair.duration.interval.unwrap();
    for days in [low, pair.duration.difference.unwrap(), high] {
        assert!((days * 24.0 - 2.0).abs() < 1e-6, "{days}");
    }
    let turned = pair.figure("finish.mean").unwrap().turned();
    assert!(turned.is_real() && turned.difference.unwrap() < 0.0);
}

/// `work` and `other` have the same law and other draws; the longer one is two hours behind either,
/// which is more than four standard errors of √2 · 10 h / √1000.
#[test]
fn the_best_is_told_with_those_it_cannot_be_told_from() {
    let comparison = compared(1);
    let first = comparison.best("finish.mean", true).unwrap();
    let mut leaders = vec![first.variant];
    leaders.extend(first.rivals);
    leaders.sort_unstable();
    assert_eq!(leaders, [0, 3]);
    let last = comparison.best("finish.mean", false).unwrap();
    assert_eq!((last.variant, last.rivals), (2, vec![]));
    assert_eq!(comparison.best("budget_probability", false), None);
}

/// At 95 % three together take 98.33 % each. t(19): 2.093 and 2.625 (tables).
#[test]
fn several_intervals_together_are_wider() {
    let comparison = compared(1);
    let figure = comparison.pairs[1].figure("finish.p80").unwrap();
    assert_eq!(figure.freedom, 19);
    let half = |ends: Option<[f64; 2]>| ends.map(|[low, high]| (high - low) / 2.0).unwrap();
    let wider = half(figure.interval_among(3)) / half(figure.interval);
    assert!((wider - 2.625 / 2.093).abs() < 2e-3, "{wider}");
}
