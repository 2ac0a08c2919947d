//! Certain plans with answers worked out by hand: calendars, windows, teams, links, gates.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod common;

use common::*;
use jiff::civil::date;
use whimbrel_plan::*;
use whimbrel_simulator::{Settings, SimulationError, simulate};

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

/// Work of so many hours by one person of an office in `zone`, from `start`.
fn work(zone: &str, start: &str, hours: f64) -> jiff::Timestamp {
    let mut plan = plan();
    plan.migration.start = at(start);
    let calendar = office(&mut plan, zone);
    let team = team(&mut plan, 1, Some(calendar));
    let id = step(&mut plan, "s", Act::Working(constant(hours)), &[]);
    needs(&mut plan, id, team, 1);
    let estimates = run(&plan, 2);
    assert_eq!(estimates.effort_hours.total.mean, Some(hours));
    assert_eq!(estimates.cost.kinds.engineering.mean, Some(100.0 * hours));
    finish(&plan)
}

/// Forty hours fill Monday to Friday, four more the next Monday morning.
#[test]
fn work_rests_over_the_weekend() {
    assert_eq!(
        work("UTC", "2027-01-11T00:00:00Z", 44.0),
        at("2027-01-18T13:00:00Z")
    );
}

/// Twelve hours from Friday 9:00: eight that day, four on Monday from 9:00 local time, which is
/// 13:00 UTC after the change in March and 14:00 after the one in November.
#[test]
fn work_crosses_the_changes_of_the_clocks() {
    let zone = "America/New_York";
    assert_eq!(
        work(zone, "2027-03-12T14:00:00Z", 12.0),
        at("2027-03-15T17:00:00Z")
    );
    assert_eq!(
        work(zone, "2027-11-05T13:00:00Z", 12.0),
        at("2027-11-08T18:00:00Z")
    );
}

/// Ready on Saturday, people come on Monday at 9:00; then it runs and bills through the nights.
#[test]
fn elapsed_work_with_people_starts_in_open_time() {
    let mut plan = plan();
    plan.migration.start = at("2027-01-16T00:00:00Z");
    let calendar = office(&mut plan, "UTC");
    let team = team(&mut plan, 1, Some(calendar));
    let id = step(&mut plan, "s", certain(2.0 * DAY), &[]);
    needs(&mut plan, id, team, 1);
    assert_eq!(finish(&plan), at("2027-01-20T09:00:00Z"));
    assert_eq!(run(&plan, 1).effort_hours.total.mean, Some(48.0));
}

fn weekend_night(plan: &mut Plan) -> WindowId {
    plan.windows.push(Window {
        name: "w".to_owned(),
        zone: "UTC".to_owned(),
        span: WindowSpan::Weekly {
            days: vec![Weekday::Sat, Weekday::Sun],
            hours: HoursRange { from: 60, to: 300 },
        },
    })
}

fn freeze(plan: &mut Plan, from: jiff::civil::Date, to: jiff::civil::Date) {
    plan.freezes.push(Freeze {
        name: "f".to_owned(),
        zone: "UTC".to_owned(),
        from,
        to,
        blocks: vec![StepKind::Cutover],
    });
}

#[test]
fn acts_wait_for_windows_and_freezes() {
    let mut plan = plan();
    let id = step(&mut plan, "s", certain(3.0 * HOUR), &[]);
    plan.steps[id].window = Some(weekend_night(&mut plan));
    assert_eq!(finish(&plan), at("2027-01-16T04:00:00Z"));
    // Another kind is not frozen.
    freeze(&mut plan, date(2027, 1, 16), date(2027, 1, 16));
    assert_eq!(finish(&plan), at("2027-01-16T04:00:00Z"));
    plan.steps[id].kind = StepKind::Cutover;
    assert_eq!(finish(&plan), at("2027-01-17T04:00:00Z"));
}

/// One draw in twenty takes ten hours, though the P90 of one hour fits the four of the window: it
/// fails at the close.
#[test]
fn a_draw_that_overruns_its_window_is_a_failed_attempt() {
    let mut plan = plan();
    let law = Distribution::discrete(vec![(HOUR, 0.95), (10.0 * HOUR, 0.05)]).unwrap();
    let id = step(&mut plan, "s", elapsed(law), &[]);
    plan.steps[id].window = Some(weekend_night(&mut plan));
    let estimates = run(&plan, 10_000);
    assert_share(estimates.incident_probability, 10_000, 0.05);
    // The next night is 24 hours later, or six days: never within the same window.
    assert_eq!(estimates.finish.p50, Some(at("2027-01-16T02:00:00Z")));
    assert_eq!(estimates.finish.p99, Some(at("2027-01-17T02:00:00Z")));
}

#[test]
fn two_people_do_three_equal_tasks_in_two_rounds() {
    let mut plan = plan();
    let team = team(&mut plan, 2, None);
    for name in ["a", "b", "c"] {
        let id = step(&mut plan, name, certain(DAY), &[]);
        needs(&mut plan, id, team, 1);
    }
    let estimates = run(&plan, 2);
    assert_eq!(estimates.duration_days.mean, Some(2.0));
    // By name, c is the one that waits, for a and b both: all three are critical.
    assert_eq!(
        estimates.steps[2].start_p50,
        Some(at("2027-01-12T00:00:00Z"))
    );
    assert!(estimates.steps.iter().all(|step| step.criticality == 1.0));
}

/// 10¹² bytes at 10⁸ − 2·10⁷ B/s take 12,500 s. Two share a link one after the other, or at
/// 5·10⁷ − 2·10⁷ B/s side by side: 33,333.33 s.
#[test]
fn transfers_catch_up_and_share_their_link() {
    let mut plan = plan();
    let link = link(&mut plan, 1e8);
    let act = Act::Transfer(Transfer {
        link: Some(link),
        size: 1e12.into(),
        change_rate: 2e7.into(),
        throughput: None,
    });
    step(&mut plan, "a", act.clone(), &[]);
    let seconds = |plan: &Plan| run(plan, 1).duration_days.mean.unwrap() * DAY;
    assert!((seconds(&plan) - 12_500.0).abs() < 1e-5);
    step(&mut plan, "b", act, &[]);
    assert!((seconds(&plan) - 25_000.0).abs() < 1e-5);
    plan.inventory.links[link].at_once = 2;
    assert!((seconds(&plan) - 1e12 / 3e7).abs() < 1e-5);
    plan.inventory.links[link].bandwidth = Some(2e7.into());
    assert_eq!(code(&plan), "MG1603");
}

/// 100 or 300 bytes at 2 a byte, copied twice since the first attempt fails: 400 or 1,200, in the mean
/// 800; over a link without a price nothing.
#[test]
fn every_attempt_pays_for_what_it_copies() {
    let mut plan = plan();
    let link = link(&mut plan, 10.0);
    let size = Distribution::discrete(vec![(100.0, 0.5), (300.0, 0.5)]).unwrap();
    let act = Act::Transfer(Transfer {
        link: Some(link),
        size: size.into(),
        change_rate: 0.0.into(),
        throughput: None,
    });
    let copy = step(&mut plan, "copy", act, &[]);
    fails_once(&mut plan, copy, 0.0, 0.0, 0.0);
    assert_eq!(run(&plan, 1).cost.kinds.network.mean, Some(0.0));
    plan.inventory.links[link].egress_per_byte = Some(2.0.into());
    let estimates = run(&plan, 20_000);
    assert_mean(&estimates.cost.kinds.network, 20_000, 800.0);
    let seen = estimates.cost.kinds.network;
    assert_eq!((seen.p5, seen.p95), (Some(400.0), Some(1200.0)));
}

fn one_or_three_hours() -> Distribution {
    Distribution::discrete(vec![(HOUR, 0.5), (3.0 * HOUR, 0.5)]).unwrap()
}

/// Answered after one hour, or after two of silence and one of escalation asked again: the mean
/// is 1 + 1 · 3 hours.
#[test]
fn a_gate_without_an_answer_is_escalated() {
    let mut plan = plan();
    let id = step(&mut plan, "g", Act::Instant, &[]);
    plan.steps[id].gate = Some(gate(one_or_three_hours(), NoAnswer::Stop));
    plan.steps[id].failure.escalate = constant(1.0);
    assert_mean(&run(&plan, 20_000).duration_days, 20_000, 4.0 / 24.0);
    // Nobody ever answers: after twenty times the trial is given up.
    plan.steps[id].gate = Some(gate(constant(3.0), NoAnswer::Stop));
    let settings = Settings {
        trials: 10,
        seed: 1,
        threads: Some(1),
    };
    let refused = simulate(&plan, &settings, None).unwrap_err();
    assert_eq!(
        refused,
        SimulationError::NeverFinishes {
            step: "g".to_owned(),
            why: "nobody answered, twenty times",
            missed: 10,
            trials: 10
        }
    );
}

/// A shift of one hour, then silence undoes it with chance one half: rollbacks are geometric with
/// mean 1, and nobody is hurt.
#[test]
fn a_gate_without_an_answer_may_undo() {
    let mut plan = plan();
    let service = service(&mut plan, "a", None);
    let shift = step(&mut plan, "shift", certain(HOUR), &[]);
    plan.steps[shift].weight = Some(0.5);
    let go = step(&mut plan, "g", Act::Instant, &[shift]);
    plan.steps[go].gate = Some(gate(one_or_three_hours(), NoAnswer::Undo));
    let cutover = step(&mut plan, "z", Act::Instant, &[go]);
    let batch = BatchId::new(0);
    mover(
        &mut plan,
        Node::Service(service),
        batch,
        &[shift, go, cutover],
        shift,
    );
    let estimates = run(&plan, 20_000);
    assert_mean(&estimates.rollbacks, 20_000, 1.0);
    assert_eq!(estimates.incident_probability, 0.0);
    // 1 + 1 for the way that succeeds, 1 + 2 for each that does not.
    assert_mean(&estimates.duration_days, 20_000, 5.0 / 24.0);
}

/// Traffic may be held for one hour and a half: every third answer comes too late for that.
#[test]
fn traffic_is_not_held_longer_than_allowed() {
    let mut plan = plan();
    let service = service(&mut plan, "a", None);
    let shift = step(&mut plan, "shift", Act::Instant, &[]);
    plan.steps[shift].weight = Some(0.5);
    let go = step(&mut plan, "g", Act::Instant, &[shift]);
    let mut held = gate(
        Distribution::uniform(0.0, 2.0 * HOUR).unwrap(),
        NoAnswer::Stop,
    );
    held.max_hold = Some(1.5 * HOUR);
    plan.steps[go].gate = Some(held);
    let batch = BatchId::new(0);
    mover(
        &mut plan,
        Node::Service(service),
        batch,
        &[shift, go],
        shift,
    );
    // Undone with chance 1/4: the mean number is (1/4) / (3/4).
    assert_mean(&run(&plan, 20_000).rollbacks, 20_000, 1.0 / 3.0);
}

/// A driver doubles the day of work and leaves the day of soak alone; on failures it turns 10 %
/// into 1 − 0.9².
#[test]
fn drivers_multiply_what_they_affect() {
    let mut plan = plan();
    let id = step(&mut plan, "s", certain(DAY), &[]);
    plan.steps[id].soak = DAY.into();
    let driver = plan.drivers.push(Driver {
        name: "d".to_owned(),
        doc: None,
        chance: 1.0.into(),
        factor: Distribution::constant(2.0),
        steps: vec![id],
        affects: DriverEffect::Duration,
    });
    assert_eq!(run(&plan, 2).duration_days.mean, Some(3.0));
    plan.drivers[driver].affects = DriverEffect::Failure;
    assert_eq!(run(&plan, 2).duration_days.mean, Some(2.0));
    plan.steps[id].failure.chance = 0.1.into();
    let estimates = run(&plan, 20_000);
    assert_share(estimates.incident_probability, 20_000, 0.19);
}

/// A driver that acts in half the trials and doubles one day of two explains all of the spread:
/// rank correlation 1, swing one day.
#[test]
fn the_only_driver_explains_the_spread() {
    let mut plan = plan();
    let one = step(&mut plan, "one", certain(DAY), &[]);
    step(&mut plan, "two", certain(DAY), &[one]);
    plan.drivers.push(Driver {
        name: "d".to_owned(),
        doc: None,
        chance: 0.5.into(),
        factor: Distribution::constant(2.0),
        steps: vec![one],
        affects: DriverEffect::Duration,
    });
    let driver = &run(&plan, 1000).drivers[0];
    assert_eq!(driver.name, "driver/d");
    assert!((driver.rank_correlation_finish.unwrap() - 1.0).abs() < 1e-9);
    assert!((driver.swing_days.unwrap() - 1.0).abs() < 1e-9);
    assert_eq!(driver.rank_correlation_cost, None);
}

/// Chains of one and two days that join: the short one has a day to spare.
#[test]
fn the_longest_chain_is_critical() {
    let mut plan = plan();
    let short = step(&mut plan, "short", certain(DAY), &[]);
    let long = step(&mut plan, "long", certain(2.0 * DAY), &[]);
    step(&mut plan, "end", certain(DAY), &[short, long]);
    plan.critical_path_duration = 3.0 * DAY;
    let estimates = run(&plan, 10);
    let criticality: Vec<f64> = estimates.steps.iter().map(|s| s.criticality).collect();
    assert_eq!(criticality, [0.0, 1.0, 1.0]);
    let floats: Vec<f64> = estimates
        .steps
        .iter()
        .map(|s| s.float_days.unwrap())
        .collect();
    assert_eq!(floats, [1.0, 0.0, 0.0]);
    assert_eq!(estimates.critical_path_percentile, 1.0);
}

fn code(plan: &Plan) -> &'static str {
    let settings = Settings {
        trials: 10,
        seed: 1,
        threads: Some(1),
    };
    simulate(plan, &settings, None).unwrap_err().code()
}

#[test]
fn what_cannot_be_simulated_is_a_coded_error() {
    let base = || {
        let mut plan = plan();
        let id = step(&mut plan, "s", certain(5.0 * HOUR), &[]);
        (plan, id)
    };
    let (mut plan, id) = base();
    plan.steps[id].window = Some(weekend_night(&mut plan));
    assert_eq!(code(&plan), "MG1604");
    let (mut plan, id) = base();
    plan.steps[id].kind = StepKind::Cutover;
    freeze(&mut plan, date(2027, 1, 1), date(2040, 1, 1));
    assert_eq!(code(&plan), "MG1605");
    let (mut plan, id) = base();
    let small = team(&mut plan, 1, None);
    needs(&mut plan, id, small, 2);
    assert_eq!(code(&plan), "MG1606");
    let (mut plan, id) = base();
    let other = step(&mut plan, "t", Act::Instant, &[id]);
    plan.steps[id].predecessors = vec![other];
    assert_eq!(code(&plan), "MG1607");
    let (mut plan, id) = base();
    let calendar = office(&mut plan, "Mars/Olympus");
    plan.steps[id].act = Act::Working(constant(1.0));
    plan.steps[id].calendars = vec![calendar];
    assert_eq!(code(&plan), "MG1608");
    plan.calendars[calendar].zone = "UTC".to_owned();
    plan.calendars[calendar].days.clear();
    assert_eq!(code(&plan), "MG1609");
    let (plan, _) = base();
    for (trials, code) in [(0, "MG1601"), (20_000_000, "MG1602")] {
        let settings = Settings {
            trials,
            seed: 1,
            threads: None,
        };
        assert_eq!(simulate(&plan, &settings, None).unwrap_err().code(), code);
    }
}

#[test]
fn codes_are_unique_and_every_error_has_help() {
    let table = SimulationError::table();
    assert!(table.is_sorted_by(|a, b| a.0 < b.0));
    assert!(
        table
            .iter()
            .all(|(_, name, help)| !name.is_empty() && !help.is_empty())
    );
}
