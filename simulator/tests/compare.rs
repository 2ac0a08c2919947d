//! Several plans side by side.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use common::{HOUR, certain, elapsed, exponential, needs, plan, step, team};
use whimbrel_plan::{Act, Distribution, Plan};
use whimbrel_simulator::{
    Comparison, Estimates, Settings, SimulationError, Watch, compare, paired, simulate,
};

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

/// Somebody ends the run once there are trials of both plans: what is left is a run of so many.
#[test]
fn a_run_that_is_stopped_compares_as_many_trials_of_each() {
    let plans = [one("work"), longer()];
    let plans: Vec<&Plan> = plans.iter().collect();
    let asked = Settings {
        trials: 10_000_000,
        ..settings(2)
    };
    let watch = Watch::default();
    let stopped = std::thread::scope(|scope| {
        scope.spawn(|| {
            // Each has had its first turn then: two blocks of 256, one for each thread.
            while watch.done() < 1_025 {
                std::thread::yield_now();
            }
            watch.stop();
        });
        compare(&plans, &asked, Some(&watch)).unwrap()
    });
    let done = stopped.trials;
    assert!((512..asked.trials).contains(&done), "{done}");
    let less = Settings {
        trials: done,
        ..settings(2)
    };
    let whole = compare(&plans, &less, None).unwrap();
    assert_eq!(whole.trials, done);
    assert_eq!(stopped.pairs, whole.pairs);
    for (stopped, whole) in stopped.variants.into_iter().zip(whole.variants) {
        let expected = Estimates {
            interrupted: true,
            trials_asked: asked.trials,
            ..whole.unwrap()
        };
        assert_eq!(stopped.unwrap(), expected);
    }
    // All that was to be done was known from the start.
    assert_eq!(watch.goal(), 2 * asked.trials);
}

#[test]
fn a_run_that_is_stopped_at_once_has_nothing_to_compare() {
    let plans = [one("work"), longer()];
    let watch = Watch::default();
    watch.stop();
    let found = compare(&[&plans[0], &plans[1]], &settings(1), Some(&watch)).unwrap_err();
    assert_eq!(found.code(), "MG1614");
    let said =
        "the comparison was interrupted before the first trials of each of 2 plans were done";
    assert!(found.to_string().starts_with(said), "{found}");
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

/// Work of ten hours in the mean for one at ten an hour, with the price of something left out of the
/// second: both cost the same of what is known, and nobody knows which is cheaper.
#[test]
fn costs_are_compared_only_where_the_same_is_known() {
    let mut known = one("work");
    let work = known.steps.ids().next().unwrap();
    let people = team(&mut known, 1, None);
    known.inventory.teams[people].rate_per_hour = Some(10.0.into());
    needs(&mut known, work, people, 1);
    known.migration.budget = Some(100.0);
    let mut dearer = known.clone();
    dearer.inventory.teams[people].rate_per_hour = Some(11.0.into());
    let mut partly = dearer.clone();
    partly.unknown.push(whimbrel_plan::Unknown::of_cost(
        "what a licence costs".to_owned(),
    ));
    let pair = |after: &Plan| paired(&known, after, &settings(1), None).unwrap();
    let of = |paired: &whimbrel_simulator::Paired, name: &str| {
        let mut figures = paired.figures.iter();
        figures.find(|it| it.name == name).unwrap().clone()
    };
    let (both, one) = (pair(&dearer), pair(&partly));
    assert_eq!((both.at_least, one.at_least), ([false; 2], [false, true]));
    for name in ["cost.mean", "cost.p80", "budget_probability"] {
        let (told, untold) = (of(&both, name), of(&one, name));
        assert_eq!(told.difference, untold.difference, "{name}");
        assert!(told.is_real() && !untold.is_real(), "{name}");
        assert!(untold.interval_among(1).is_none(), "{name}");
    }
    assert!(of(&one, "finish.p80").comparable);
    let mut alone = known.clone();
    let nobodys = step(&mut alone, "nobodys", certain(HOUR), &[]);
    alone.steps[nobodys].act = Act::Working(Distribution::constant(3600.0));
    let (both, one) = (pair(&dearer), pair(&alone));
    assert_eq!(one.effort_at_least, [false, true]);
    assert_eq!(both.effort_at_least, [false; 2]);
    assert!(of(&both, "effort_hours.mean").comparable);
    assert!(!of(&one, "effort_hours.mean").comparable);
}

/// Two hours later in every trial. A P80 whose sections all agree says less: trials may still differ.
#[test]
fn only_what_every_pair_of_trials_shows_is_constant() {
    let pair = paired(&one("work"), &longer(), &settings(1), None).unwrap();
    let constant = |name: &str| {
        let mut figures = pair.figures.iter();
        figures.find(|it| it.name == name).unwrap().constant
    };
    assert!(constant("cost.mean") && !constant("finish.p80"));
}
