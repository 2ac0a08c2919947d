//! How trials are run: on threads, in stages, until somebody ends them.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test")]

mod common;

use common::*;
use whimbrel_plan::*;
use whimbrel_simulator::{
    ChanceErrors, Estimates, Merger, Settings, Shard, ShardHeader, StepError, Watch, simulate,
    simulate_shard, simulate_until_converged,
};

fn settings(trials: u64, threads: usize) -> Settings {
    Settings {
        trials,
        seed: 7,
        threads: Some(threads),
    }
}

fn json(estimates: &Estimates) -> String {
    serde_json::to_string(estimates).unwrap()
}

/// How many trials are seen to be done before a run is ended.
const SEEN: u64 = 20_000;

/// Ends a run of more trials than there is patience for once some blocks are done.
fn stopped(plan: &Plan, threads: usize) -> Estimates {
    let watch = Watch::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while watch.done() < SEEN {
                std::thread::yield_now();
            }
            watch.stop();
        });
        simulate(plan, &settings(10_000_000, threads), Some(&watch)).unwrap()
    })
}

/// One day of work, due after two, and four ways to make it uncertain.
#[test]
fn a_plan_is_certain_only_when_nothing_in_it_is_drawn() {
    let mut sure = plan();
    let work = step(&mut sure, "work", certain(DAY), &[]);
    let people = team(&mut sure, 2, None);
    needs(&mut sure, work, people, 1);
    sure.migration.deadline = Some("2027-01-13T00:00:00Z".parse().unwrap());
    let estimates = run(&sure, 3);
    assert!(estimates.certain);
    // Three trials would bound it by 29 % only.
    assert_eq!(estimates.error.deadline_probability, Some([1.0, 1.0]));
    assert_eq!(estimates.error.incident_probability, Some([0.0, 0.0]));
    assert_eq!(estimates.steps[0].error.criticality, Some([1.0, 1.0]));

    let law = || Distribution::uniform(1.0, 2.0).unwrap();
    let changes: [fn(&mut Plan, StepId, Distribution); 4] = [
        |plan, work, law| plan.steps[work].act = elapsed(law),
        |plan, work, law| plan.steps[work].soak = law.into(),
        |plan, work, _| plan.steps[work].failure.chance = 0.001.into(),
        |plan, _, law| {
            let team = plan.inventory.teams.ids().next().unwrap();
            plan.inventory.teams[team].rate_per_hour = Some(law.into());
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut plan = sure.clone();
        change(&mut plan, work, law());
        let estimates = run(&plan, 3);
        assert!(!estimates.certain, "{number}");
        // 0.025^(1/3): so often would three of three be seen by chance.
        let [low, high] = estimates.error.deadline_probability.unwrap();
        assert!(
            (low - 0.025_f64.cbrt()).abs() < 1e-9 && high == 1.0,
            "{number}: {low}"
        );
    }
}

/// Two side by side, a day and three, with calendars and people; a driver that never acts makes the same
/// plan one that might be uncertain, of which every trial is played.
#[test]
fn trials_that_are_all_the_same_need_not_be_played_to_count() {
    let mut sure = plan();
    let office = office(&mut sure, "UTC");
    let people = team(&mut sure, 1, Some(office));
    for (name, hours) in [("a", 8.0), ("b", 24.0)] {
        let work = step(&mut sure, name, Act::Working(constant(hours)), &[]);
        sure.steps[work].calendars = vec![office];
        needs(&mut sure, work, people, 1);
    }
    step(&mut sure, "c", certain(DAY), &[]);
    let mut played = sure.clone();
    played.drivers.push(Driver {
        name: "never".to_owned(),
        doc: None,
        chance: 0.0.into(),
        factor: constant(2.0),
        steps: vec![],
        affects: DriverEffect::Duration,
    });
    // Of more than 4,096 trials the steps of some are kept one by one, and of the rest they are not.
    for trials in [1, 255, 256, 5_000] {
        let told = |plan: &Plan| {
            let mut estimates = run(plan, trials);
            assert_eq!(estimates.certain, plan.drivers.is_empty());
            estimates.certain = false;
            estimates.error = ChanceErrors::default();
            estimates.plan_hash.clear();
            estimates.drivers.clear();
            estimates
                .steps
                .iter_mut()
                .for_each(|step| step.error = StepError::default());
            json(&estimates)
        };
        assert_eq!(told(&sure), told(&played), "{trials}");
    }
    // A shard holds as many trials of a step as are kept, or it is refused.
    let all = settings(5_000, 1);
    let shard = simulate_shard(&sure, &all, Shard::new(1, 1).unwrap(), 0, None).unwrap();
    let mut merger = Merger::new(&[ShardHeader::read(&shard).unwrap()]).unwrap();
    merger.add(&shard).unwrap();
    let merged = merger.finish(Some(1)).unwrap().estimates;
    assert_eq!(merged, simulate(&sure, &all, None).unwrap());
}

#[test]
fn threads_never_change_a_result() {
    let with = |threads| json(&simulate(&busy(), &settings(1500, threads), None).unwrap());
    let one = with(1);
    assert_eq!(one, with(2));
    assert_eq!(one, with(8));
}

/// Five stretches of work of a third to two thirds of a year each, a quarter of the time: six to
/// thirteen years, as often below ten as above.
#[test]
fn longer_calendars_change_neither_results_nor_what_is_counted() {
    let mut plan = plan();
    let calendar = office(&mut plan, "Europe/Berlin");
    let team = team(&mut plan, 1, Some(calendar));
    let mut before = vec![];
    for name in ["a", "b", "c", "d", "e"] {
        let law = Distribution::uniform(120.0 * DAY, 240.0 * DAY).unwrap();
        let work = step(&mut plan, name, Act::Working(law), &before);
        needs(&mut plan, work, team, 1);
        before = vec![work];
    }
    let with = |threads| {
        let watch = Watch::default();
        let estimates = simulate(&plan, &settings(1500, threads), Some(&watch)).unwrap();
        assert_eq!((watch.done(), watch.goal()), (1500, 1500));
        estimates
    };
    let one = with(1);
    assert!(one.duration_days.p5.unwrap() < 3_652.0, "{one:?}");
    assert!(one.duration_days.p95.unwrap() > 3_653.0, "{one:?}");
    assert_eq!(json(&one), json(&with(2)));
    assert_eq!(json(&one), json(&with(8)));
}

#[test]
fn a_stopped_run_comes_to_its_first_whole_blocks() {
    for threads in [1, 2, 8] {
        let stopped = stopped(&busy(), threads);
        assert!(stopped.interrupted);
        assert_eq!(stopped.trials % 256, 0);
        // No thread loses more than one block, not even where one of them is slow.
        assert!(stopped.trials + 256 * threads as u64 >= SEEN, "{stopped:?}");
        let mut whole = simulate(&busy(), &settings(stopped.trials, 2), None).unwrap();
        assert!(!whole.interrupted);
        (whole.interrupted, whole.trials_asked) = (true, 10_000_000);
        assert_eq!(json(&stopped), json(&whole));
    }
}

#[test]
fn a_run_stopped_before_its_first_block_has_no_estimates() {
    let watch = Watch::default();
    watch.stop();
    let run = simulate(&busy(), &settings(1500, 2), Some(&watch));
    let error = run.unwrap_err();
    assert_eq!(error.code(), "MG1614");
    assert!(error.to_string().contains("first 256 trials"), "{error}");
    assert_eq!(watch.done(), 0);
}

/// The ends of the interval of a P80 of n trials are about 1.96 √(0.16 / n) / f from it, f being
/// the density there. Uniform on [1, 2] days: P80 1.8, f = 1, so n ≥ (0.784 / 0.018)² = 1,897.
#[test]
fn a_run_that_converges_stops_there() {
    let mut plan = plan();
    let law = Distribution::uniform(DAY, 2.0 * DAY).unwrap();
    step(&mut plan, "step", elapsed(law), &[]);
    let run = simulate_until_converged(&plan, &settings(1_000_000, 2), None).unwrap();
    let convergence = run.convergence.clone().unwrap();
    assert!(convergence.converged);
    assert!([2_048, 4_096].contains(&run.trials), "{}", run.trials);
    let names: Vec<&str> = convergence
        .figures
        .iter()
        .map(|f| f.name.as_str())
        .collect();
    assert_eq!(names, ["duration_days.p80", "cost.p80"]);
    // What was run before is not run again, nor otherwise.
    let mut same = simulate(&plan, &settings(run.trials, 1), None).unwrap();
    assert_eq!(same.convergence, None);
    same.convergence = Some(convergence);
    same.trials_asked = 1_000_000;
    assert_eq!(json(&run), json(&same));
}

#[test]
fn a_run_that_does_not_converge_stops_at_its_limit() {
    let mut plan = plan();
    step(&mut plan, "step", elapsed(exponential(DAY)), &[]);
    let run = simulate_until_converged(&plan, &settings(3_000, 2), None).unwrap();
    let convergence = run.convergence.unwrap();
    assert!(!convergence.converged && !run.interrupted);
    assert_eq!((run.trials, run.trials_asked), (3_000, 3_000));
    // 1.96 √(0.16 / 3000) / 0.2 against ln 5.
    let error = convergence.figures.first().unwrap().error.unwrap();
    assert!((error - 0.0445).abs() < 0.01, "{error}");
}

#[test]
fn a_plan_that_mostly_never_ends_does_not_run_to_the_limit() {
    let mut plan = plan();
    let step = step(&mut plan, "step", certain(DAY), &[]);
    // Twenty failures in a row: 0.98²⁰ = 0.67.
    plan.steps[step].failure.chance = 0.98.into();
    let run = simulate_until_converged(&plan, &settings(1_000_000, 2), None).unwrap();
    assert_eq!(run.trials, 1_024);
    assert!(!run.convergence.unwrap().converged);
}
