//! Trials that are given up for a step: it waits in vain for its window, for the end of freezes, for
//! open hours, or never succeeds.
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
use whimbrel_simulator::{
    Estimates, Frozen, Lack, MergeError, Merger, Missed, MissedError, Settings, Shard, ShardHeader,
    SimulationError, Watch, WhichTrial, compare, paired, simulate, simulate_shard,
    simulate_until_converged, why,
};

const TRIALS: u64 = 20_000;

fn settings(trials: u64) -> Settings {
    Settings {
        trials,
        seed: 3,
        threads: Some(2),
    }
}

fn refused(plan: &Plan, trials: u64) -> SimulationError {
    simulate(plan, &settings(trials), None).unwrap_err()
}

/// Work of so many days in the mean, exponential, then a cutover of an hour.
fn two_steps(days: f64) -> (Plan, StepId) {
    let mut plan = plan();
    let law = exponential(days * DAY);
    let work = step(&mut plan, "work", elapsed(law), &[]);
    let cutover = step(&mut plan, "cutover", certain(HOUR), &[work]);
    plan.steps[cutover].kind = StepKind::Cutover;
    (plan, cutover)
}

/// The cutover must begin within two days of the start.
fn with_window(days: f64) -> Plan {
    let (mut plan, cutover) = two_steps(days);
    let window = plan.windows.push(Window {
        name: "new_year".to_owned(),
        zone: "UTC".to_owned(),
        span: WindowSpan::Once {
            from: date(2027, 1, 10).at(0, 0, 0, 0),
            to: date(2027, 1, 13).at(1, 0, 0, 0),
        },
    });
    plan.steps[cutover].window = Some(window);
    plan
}

/// All trials that are unfinished are so for the same.
fn missed(lack: Lack, window: Option<&str>, estimates: &Estimates) -> Missed {
    Missed {
        step: "cutover".to_owned(),
        lack,
        window: window.map(str::to_owned),
        freezes: Vec::new(),
        share: estimates.unfinished,
        error: MissedError {
            share: estimates.error.unfinished,
        },
    }
}

/// Work with a mean of one day takes more than two with chance e⁻².
#[test]
fn some_trials_come_too_late_for_a_window() {
    let estimates = run(&with_window(1.0), TRIALS);
    assert_share(estimates.unfinished, TRIALS, (-2.0_f64).exp());
    let expected = missed(Lack::Window, Some("new_year"), &estimates);
    assert_eq!(estimates.missed, [expected]);
    // The others end within the window; the mean is theirs, the quantiles are of all.
    let days = estimates.duration_days;
    assert!(days.mean.unwrap() < 1.0 && days.p80.unwrap() <= 2.0 + 1.0 / 24.0);
    assert_eq!((days.p90, estimates.finish.p90), (None, None));
    assert_eq!(estimates.cost.total.p90, None);
}

/// The cutover must end, an hour after it began, when the freeze begins in two days.
#[test]
fn some_trials_run_into_a_freeze_that_does_not_end() {
    let (mut plan, _) = two_steps(1.0);
    freeze(&mut plan, "merger", [(2027, 1, 13), (2040, 1, 1)]);
    let estimates = run(&plan, TRIALS);
    assert_share(estimates.unfinished, TRIALS, (-47.0_f64 / 24.0).exp());
    let mut expected = missed(Lack::Freeze, None, &estimates);
    expected.freezes = vec![frozen("merger", [(2027, 1, 13), (2040, 1, 1)])];
    assert_eq!(estimates.missed, [expected]);
    let reason = "freeze `merger` (2027-01-13 to 2040-01-01) leaves it no room within five years of \
                  being ready";
    assert_eq!(estimates.missed[0].reason(), reason);
    let told = why(&plan, &settings(1_000), WhichTrial::Percentile(99), None).unwrap();
    assert_eq!(told.unfinished.unwrap().reason, reason);
}

type Day = (i16, i8, i8);

fn days(days: [Day; 2]) -> [jiff::civil::Date; 2] {
    days.map(|(year, month, day)| date(year, month, day))
}

fn freeze(plan: &mut Plan, name: &str, span: [Day; 2]) {
    let [from, to] = days(span);
    plan.freezes.push(Freeze {
        name: name.to_owned(),
        zone: "UTC".to_owned(),
        from,
        to,
        blocks: vec![StepKind::Cutover],
    });
}

fn frozen(name: &str, span: [Day; 2]) -> Frozen {
    let [from, to] = days(span);
    let freeze = name.to_owned();
    Frozen { freeze, from, to }
}

/// Ready on 12 January 2027, a cutover of an hour meets freezes that follow upon one another.
#[test]
fn freezes_that_leave_no_room_are_named() {
    let (mut plan, _) = two_steps(1.0);
    plan.steps[StepId::new(0)].act = certain(DAY);
    let (past, first) = (
        [(2026, 12, 1), (2027, 1, 11)],
        [(2027, 1, 12), (2028, 3, 31)],
    );
    let (second, third) = ([(2028, 4, 1), (2030, 6, 30)], [(2030, 7, 1), (2040, 1, 1)]);
    let late = [(2032, 1, 13), (2033, 1, 1)];
    for (name, span) in [
        ("third", third),
        ("late", late),
        ("past", past),
        ("first", first),
    ] {
        freeze(&mut plan, name, span);
    }
    freeze(&mut plan, "second", second);
    freeze(&mut plan, "other", first);
    plan.freezes[FreezeId::new(5)].blocks = vec![StepKind::Prepare];
    // One is over when the step is ready, one stops steps of another kind, one begins in five years
    // and a day.
    let text = |plan: &Plan| refused(plan, 300).to_string();
    assert_eq!(
        text(&plan),
        "none of 300 trials finishes; in all of them freezes `first` (2027-01-12 to 2028-03-31), \
         `second` (2028-04-01 to 2030-06-30) and `third` (2030-07-01 to 2040-01-01) leave `cutover` \
         no room within five years of 2027-01-12T00:00:00Z, when it is ready"
    );
    freeze(&mut plan, "whole", [(2027, 1, 12), (2030, 1, 1)]);
    assert!(text(&plan).contains(
        "`whole` (2027-01-12 to 2030-01-01), `second` (2028-04-01 to 2030-06-30) and 1 more leave"
    ));
    // With an hour of room on the first of July 2030 it ends then.
    plan.freezes[FreezeId::new(0)].from = date(2030, 7, 2);
    assert_eq!(run(&plan, 300).unfinished, 0.0);
}

/// An act of six years begins before a freeze that is more than five years off, and may not.
#[test]
fn a_freeze_after_the_five_years_is_named_where_it_alone_leaves_no_room() {
    let (mut plan, cutover) = two_steps(1.0);
    plan.steps[StepId::new(0)].act = certain(DAY);
    plan.steps[cutover].act = certain(6.0 * 365.25 * DAY);
    freeze(&mut plan, "merger", [(2032, 2, 1), (2040, 1, 1)]);
    let text = refused(&plan, 10).to_string();
    assert!(
        text.contains("freeze `merger` (2032-02-01 to 2040-01-01) leaves"),
        "{text}"
    );
}

/// Of a window that opens once, a freeze takes the last hour: there is none in which the step fits.
#[test]
fn freezes_over_all_openings_of_a_window_are_named() {
    let mut plan = with_window(1.0);
    plan.steps[StepId::new(0)].act = certain(47.5 * HOUR);
    let twelfth = [(2027, 1, 13), (2027, 1, 13)];
    freeze(&mut plan, "audit", twelfth);
    let error = refused(&plan, 300);
    assert_eq!(error.code(), "MG1604");
    let text = "none of 300 trials finishes; in all of them, within five years of \
                2027-01-12T23:30:00Z, when `cutover` is ready, it fits into no opening of `new_year`; \
                freeze `audit` (2027-01-13 to 2027-01-13) overlaps every one";
    assert_eq!(error.to_string(), text);
    // Of a window that opens every Wednesday for half an hour, the others are too short as well.
    plan.windows[WindowId::new(0)].span = WindowSpan::Weekly {
        days: vec![Weekday::Wed],
        hours: HoursRange { from: 0, to: 30 },
    };
    let text = refused(&plan, 300).to_string();
    assert!(
        text.ends_with("it fits into no opening of `new_year`"),
        "{text}"
    );
}

/// Forty hours of a week of 168 are forty-seven open years in two hundred. Every tenth time the
/// work takes sixty.
#[test]
fn some_trials_have_too_few_hours() {
    let (mut plan, cutover) = two_steps(1.0);
    let calendar = office(&mut plan, "UTC");
    let years = |years: f64| years * 365.25 * DAY;
    let work = |chance: f64| {
        let law = Distribution::discrete(vec![(HOUR, 1.0 - chance), (years(60.0), chance)]);
        Act::Working(law.unwrap())
    };
    plan.steps[cutover].calendars = vec![calendar];
    // Its P90 is the hour, then the sixty years, which is nothing to a step without a window.
    for chance in [0.05, 0.5] {
        plan.steps[cutover].act = work(chance);
        let estimates = run(&plan, 2_000);
        assert_share(estimates.unfinished, 2_000, chance);
        let expected = missed(Lack::Calendar, None, &estimates);
        assert_eq!(estimates.missed, [expected]);
    }
    // Twelve open years are fifty in the calendar.
    plan.steps[cutover].act = Act::Working(constant(years(12.0) / HOUR));
    let days = run(&plan, 10).duration_days.p50.unwrap();
    assert!((days / 365.25 - 12.0 * 168.0 / 40.0).abs() < 0.2, "{days}");
    plan.steps[cutover].act = work(1.0);
    let error = refused(&plan, 10);
    assert_eq!(error.code(), "MG1615");
    assert_eq!(
        error.to_string(),
        "none of 10 trials finishes; in all of them `cutover` takes more open hours than its \
         calendars have in two hundred years"
    );
}

/// A step that fails with p and learns nothing is given up with p²⁰; where that is certain, the plan
/// cannot be carried out.
#[test]
fn some_trials_fail_too_often() {
    let mut plan = plan();
    let id = step(&mut plan, "cutover", certain(HOUR), &[]);
    plan.steps[id].failure.chance = 0.95.into();
    let estimates = run(&plan, TRIALS);
    assert_share(estimates.unfinished, TRIALS, 0.95_f64.powi(20));
    let expected = missed(Lack::Success, None, &estimates);
    assert_eq!(estimates.missed, [expected]);
    plan.steps[id].failure.chance = 1.0.into();
    let error = refused(&plan, 100);
    assert_eq!(error.code(), "MG1616");
    let text =
        "none of 100 trials finishes; in all of them `cutover` holds it up: it failed twenty times";
    assert_eq!(error.to_string(), text);
}

/// Two hours of work fit into a window of three; a driver that acts in half of the trials makes them
/// four, so that the window closes on every attempt.
#[test]
fn some_trials_outrun_their_window() {
    let mut plan = plan();
    let id = step(&mut plan, "cutover", certain(2.0 * HOUR), &[]);
    plan.steps[id].window = Some(night(&mut plan));
    let driver = doubled(&mut plan, id, 0.5);
    let estimates = run(&plan, TRIALS);
    assert_share(estimates.unfinished, TRIALS, 0.5);
    let expected = missed(Lack::LongerWindow, Some("night"), &estimates);
    assert_eq!(estimates.missed, [expected]);
    plan.drivers[driver].chance = 1.0.into();
    let error = refused(&plan, 100);
    assert_eq!(error.code(), "MG1617");
    assert_eq!(
        error.to_string(),
        "none of 100 trials finishes; in all of them `night` closed before `cutover` was done, again \
         and again"
    );
    // Where more than half of the failures are its own, the window is not to blame.
    plan.drivers[driver].chance = 0.0.into();
    plan.steps[id].failure.chance = 1.0.into();
    assert_eq!(refused(&plan, 100).code(), "MG1616");
}

/// Two services of a parallel batch whose shifts share its twenty failures: the window is to blame where
/// it closes on both, and not where one of them fails by itself.
#[test]
fn the_window_is_to_blame_for_a_batch_where_it_closes_on_most() {
    let code = |doubles: usize| {
        let mut plan = plan();
        plan.batches[BatchId::new(0)].mode = BatchMode::Parallel;
        let shifts = ["a", "b"].map(|name| member(&mut plan, name, 1.0)[1]);
        let window = night(&mut plan);
        for shift in shifts {
            plan.steps[shift].window = Some(window);
            plan.steps[shift].act = certain(2.0 * HOUR);
        }
        for shift in shifts.into_iter().take(doubles) {
            doubled(&mut plan, shift, 1.0);
        }
        plan.steps[shifts[1]].failure.chance = 1.0.into();
        refused(&plan, 10)
    };
    let error = code(2);
    assert_eq!(error.code(), "MG1617", "{error}");
    let error = code(0);
    assert_eq!(error.code(), "MG1616", "{error}");
    assert!(error.to_string().contains("`b/shift`"), "{error}");
}

/// A gate that nobody answers in time and that undoes then is given up for want of an answer, not for
/// failing too often.
#[test]
fn some_trials_are_undone_for_want_of_an_answer() {
    let mut plan = plan();
    let id = step(&mut plan, "cutover", Act::Instant, &[]);
    plan.steps[id].gate = Some(gate(constant(3.0), NoAnswer::Undo));
    let error = refused(&plan, 100);
    let text = "none of 100 trials finishes; in all of them `cutover` holds it up: nobody answered, \
                twenty times";
    assert_eq!(error.to_string(), text);
}

/// Changes of 20 to 120 MB/s over a link of 100 MB/s: it never catches up with chance one fifth.
#[test]
fn some_transfers_never_catch_up() {
    let mut plan = plan();
    let link = link(&mut plan, 1e8);
    let changes = Distribution::uniform(2e7, 1.2e8).unwrap();
    let transfer = Transfer {
        link: Some(link),
        size: 1e12.into(),
        change_rate: Amount::Uncertain(changes),
        throughput: None,
    };
    step(&mut plan, "cutover", Act::Transfer(transfer), &[]);
    let estimates = run(&plan, TRIALS);
    assert_share(estimates.unfinished, TRIALS, 0.2);
    let expected = missed(Lack::Transfer, None, &estimates);
    assert_eq!(estimates.missed, [expected]);
}

/// A window that closes before the work can end.
fn never() -> Plan {
    let mut plan = with_window(1.0);
    plan.windows[WindowId::new(0)].span = WindowSpan::Once {
        from: date(2027, 1, 1).at(0, 0, 0, 0),
        to: date(2027, 1, 2).at(0, 0, 0, 0),
    };
    plan.steps[StepId::new(0)].act = certain(DAY);
    plan
}

#[test]
fn where_no_trial_finishes_the_plan_cannot_be_carried_out() {
    let error = refused(&never(), 300);
    assert_eq!(error.code(), "MG1604");
    assert_eq!(
        error.to_string(),
        "none of 300 trials finishes; in all of them, within five years of 2027-01-12T00:00:00Z, \
         when `cutover` is ready, it fits into no opening of `new_year`"
    );
    // Two steps, of which now the one is ready first and now the other: neither in all trials.
    let mut plan = never();
    plan.steps[StepId::new(0)].act = elapsed(exponential(DAY));
    let other = step(&mut plan, "other", elapsed(exponential(2.0 * DAY)), &[]);
    let late = step(&mut plan, "late", certain(HOUR), &[other]);
    plan.steps[late].window = Some(WindowId::new(0));
    let text = refused(&plan, 300).to_string();
    // Min of the two is the first with chance 2/3.
    let count = text.split_once("; in ").unwrap().1;
    let count: u32 = count.split_once(' ').unwrap().0.parse().unwrap();
    assert!(
        (160..240).contains(&count) && text.contains("`cutover`"),
        "{text}"
    );
}

#[test]
fn a_run_until_it_converges_sees_that_it_never_does() {
    let error = simulate_until_converged(&never(), &settings(1_000_000), None).unwrap_err();
    assert_eq!(error.code(), "MG1604");
    assert!(error.to_string().contains("none of 1024 trials"), "{error}");
    let run = simulate_until_converged(&with_window(1.0), &settings(1_000_000), None).unwrap();
    assert!(run.convergence.unwrap().converged && run.missed.len() == 1);
}

/// What was not run might have finished.
#[test]
fn a_stopped_run_is_no_error() {
    let watch = Watch::default();
    let estimates = std::thread::scope(|scope| {
        scope.spawn(|| {
            while watch.done() < 2_000 {
                std::thread::yield_now();
            }
            watch.stop();
        });
        simulate(&never(), &settings(10_000_000), Some(&watch)).unwrap()
    });
    assert!(estimates.interrupted);
    let expected = missed(Lack::Window, Some("new_year"), &estimates);
    assert_eq!(
        (estimates.unfinished, estimates.missed),
        (1.0, vec![expected])
    );
}

fn merged(plan: &Plan, trials: u64, of: u32) -> Result<Estimates, MergeError> {
    let shard = |number| {
        let shard = Shard::new(number, of).unwrap();
        simulate_shard(plan, &settings(trials), shard, 0, None).unwrap()
    };
    let files: Vec<Vec<u8>> = (1..=of).map(shard).collect();
    let headers = files.iter().map(|bytes| ShardHeader::read(bytes).unwrap());
    let mut merger = Merger::new(&headers.collect::<Vec<_>>())?;
    while let Some(file) = merger.next() {
        merger.add(&files[file])?;
    }
    Ok(merger.finish(Some(2))?.estimates)
}

/// Of shards of one block each, some have no trial that finishes.
#[test]
fn joined_shards_are_one_run() {
    for (days, of) in [(1.0, 4), (2_000.0, 16)] {
        let (plan, trials) = (with_window(days), 256 * u64::from(of));
        let joined = merged(&plan, trials, of).unwrap();
        let whole = simulate(&plan, &settings(trials), None).unwrap();
        assert!(whole.unfinished < 1.0 && !whole.missed.is_empty());
        let json = |estimates: &Estimates| serde_json::to_string(estimates).unwrap();
        assert_eq!(json(&joined), json(&whole));
        // Fewer trials finish than there are shards.
        let finished = (1.0 - whole.unfinished) * trials as f64;
        assert_eq!(finished < f64::from(of), days > 1.0, "{finished}");
    }
    let Err(MergeError::Simulation(error)) = merged(&never(), 1_024, 4) else {
        panic!("no trial finishes");
    };
    assert_eq!(error, refused(&never(), 1_024));
}

#[test]
fn variants_are_compared_where_trials_finish() {
    let (plans, settings) = ([with_window(1.0), never()], settings(1_000));
    let comparison = compare(&[&plans[0], &plans[1]], &settings, None).unwrap();
    let [some, none] = &comparison.variants[..] else {
        panic!("there are two");
    };
    assert_eq!(some.as_ref().unwrap().missed.len(), 1);
    assert_eq!(none.as_ref().unwrap_err().code(), "MG1604");
    assert!(comparison.pairs.is_empty());
    let earlier = with_window(0.5);
    let both = paired(&plans[0], &earlier, &settings, None).unwrap();
    let [was, is] = both.unfinished;
    assert!(was > 0.1 && is < 0.05 && is > 0.0, "{was} {is}");
    let (_, error) = paired(&plans[0], &never(), &settings, None).unwrap_err();
    assert_eq!(error.code(), "MG1604");
}

#[test]
fn a_trial_that_misses_its_window_says_so() {
    for plan in [never(), with_window(1.0)] {
        let told = why(&plan, &settings(1_000), WhichTrial::Percentile(99), None).unwrap();
        let given_up = told.unfinished.unwrap();
        assert_eq!(
            (given_up.step.as_str(), given_up.reason.as_str()),
            (
                "cutover",
                "it fits into no opening of its window `new_year` within five years of being ready"
            )
        );
        // It was given up when the work was done.
        let work: Vec<_> = told.chain.iter().map(|it| (&*it.kind, &*it.step)).collect();
        assert_eq!(work, [("work", "work")]);
        assert_eq!((told.end, told.duration_days), (told.chain[0].to, None));
    }
}

#[test]
fn estimates_without_such_trials_do_not_mention_them() {
    let json = serde_json::to_string(&run(&busy(), 300)).unwrap();
    assert!(
        json.contains("\"unfinished\"") && !json.contains("missed"),
        "{json}"
    );
    let read: Estimates = serde_json::from_str(&json).unwrap();
    assert!(read.missed.is_empty());
}
