//! One trial, told: plans whose story can be written down beforehand.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use common::{
    DAY, HOUR, certain, constant, doubled, elapsed, exponential, gate, member, needs, night,
    office, plan, step, team,
};
use whimbrel_plan::{Act, Distribution, Gate, NoAnswer, Plan, Role};
use whimbrel_simulator::{Settings, WhichTrial, Why, simulate, why};

const MINUTE: f64 = 60.0;

fn tell(plan: &Plan, which: WhichTrial, trials: u64, threads: usize) -> Why {
    let settings = Settings {
        trials,
        seed: 3,
        threads: Some(threads),
    };
    why(plan, &settings, which, None).unwrap()
}

/// The chain of trial 0: kind, step, seconds, what is waited for, and who held it.
fn chain(plan: &Plan) -> Vec<(String, String, f64, String, String)> {
    let told = tell(plan, WhichTrial::Trial(0), 1, 1);
    let pieces = told.chain.into_iter();
    pieces
        .map(|it| {
            let seconds = it.to.duration_since(it.from).as_secs_f64();
            let or_none = |text: Option<String>| text.unwrap_or_default();
            (
                it.kind,
                it.step,
                seconds,
                or_none(it.waits_for),
                or_none(it.held_by),
            )
        })
        .collect()
}

fn piece(
    kind: &str,
    step: &str,
    seconds: f64,
    what: &str,
    by: &str,
) -> (String, String, f64, String, String) {
    let own = str::to_owned;
    (own(kind), own(step), seconds, own(what), own(by))
}

/// One engineer, two steps of equal priority: the first by id goes first.
#[test]
fn who_waits_for_people_is_told_with_who_held_them() {
    let mut plan = plan();
    let one = team(&mut plan, 1, None);
    for name in ["a", "b"] {
        let id = step(&mut plan, name, certain(3.0 * HOUR), &[]);
        needs(&mut plan, id, one, 1);
    }
    assert_eq!(
        chain(&plan),
        [
            piece("people", "b", 3.0 * HOUR, "team0", "a"),
            piece("work", "b", 3.0 * HOUR, "", ""),
        ]
    );
}

/// Monday at midnight the office is closed until nine; ten working hours end on Tuesday at ten.
#[test]
fn closed_hours_are_told_before_the_work() {
    let mut plan = plan();
    let calendar = office(&mut plan, "UTC");
    let crew = team(&mut plan, 1, Some(calendar));
    let act = Act::Working(Distribution::constant(10.0 * HOUR));
    let id = step(&mut plan, "a", act, &[]);
    needs(&mut plan, id, crew, 1);
    let hours = plan.calendars.values().next().unwrap().hours;
    let (open, close) = (f64::from(hours.from) * MINUTE, f64::from(hours.to) * MINUTE);
    let night = DAY - (close - open);
    assert_eq!(
        chain(&plan),
        [
            piece("hours", "a", open, "team0", ""),
            piece("work", "a", 10.0 * HOUR + night, "", ""),
        ]
    );
    // The night inside the work is closed hours, too.
    let told = tell(&plan, WhichTrial::Trial(0), 1, 1);
    assert_eq!(told.chain[1].closed_days, night / DAY);
    let shares: Vec<_> = told.shares.iter().map(|it| (&*it.kind, it.days)).collect();
    assert_eq!(
        shares,
        [("work", 10.0 * HOUR / DAY), ("hours", (open + night) / DAY)]
    );
}

/// The last but one of a hundred trials drew long, so that the draw is told: with the eight hours of
/// the office where it counts in them, and with none where it counts day and night.
#[test]
fn a_draw_is_told_with_the_working_day_it_counts_in() {
    let law = || Distribution::uniform(HOUR, 30.0 * HOUR).unwrap();
    let hours = |act: Act, answers: Option<Distribution>| {
        let mut plan = plan();
        let calendar = office(&mut plan, "UTC");
        let crew = team(&mut plan, 1, Some(calendar));
        let id = step(&mut plan, "a", act, &[]);
        needs(&mut plan, id, crew, 1);
        if answers.is_some() {
            let approve = plan.roles.push(Role {
                name: "lead".to_owned(),
                doc: None,
                who: None,
                backup: None,
                team: Some(crew),
            });
            plan.steps[id].gate = Some(Gate {
                approve: Some(approve),
                not_by: None,
                when: vec![],
                takes: answers,
                within: 40.0 * HOUR,
                otherwise: NoAnswer::Stop,
                max_hold: None,
            });
        }
        let told = tell(&plan, WhichTrial::Percentile(99), 100, 1);
        let drawn = told.drawn.iter().map(|it| it.hours_per_day);
        drawn.collect::<Vec<_>>()
    };
    assert_eq!(hours(Act::Working(law()), None), [Some(8.0)]);
    assert_eq!(hours(Act::Instant, Some(law())), [Some(8.0)]);
    assert_eq!(hours(elapsed(law()), None), [None]);
}

/// It fails once for certain, and never again.
#[test]
fn a_failure_is_told_from_its_onset_to_the_next_attempt() {
    let mut plan = plan();
    let id = step(&mut plan, "shift", certain(2.0 * HOUR), &[]);
    let constant = Distribution::constant;
    let failing = &mut plan.steps[id];
    failing.failure.chance = 1.0.into();
    failing.failure.learning = 0.0.into();
    failing.failure.detect = constant(10.0 * MINUTE);
    failing.failure.undo_takes = constant(20.0 * MINUTE);
    failing.failure.fix = constant(HOUR);
    let stages = [
        ("work", 2.0 * HOUR),
        ("detection", 10.0 * MINUTE),
        ("undo", 20.0 * MINUTE),
        ("fix", HOUR),
        ("work", 2.0 * HOUR),
    ];
    let expected = stages.map(|(kind, seconds)| piece(kind, "shift", seconds, "", ""));
    assert_eq!(chain(&plan), expected);
    let told = tell(&plan, WhichTrial::Trial(0), 1, 1);
    let kinds: Vec<&str> = told
        .events
        .iter()
        .map(|event| event.kind.as_str())
        .collect();
    assert_eq!(kinds, ["failed", "fixed"]);
    let attempts: Vec<u32> = told.chain.iter().map(|piece| piece.attempt).collect();
    assert_eq!(attempts, [1, 1, 1, 1, 2]);
}

/// A chance of one that nothing is learnt from: the trial is given up after twenty failures.
#[test]
fn a_trial_that_never_ends_says_what_holds_it_up() {
    let mut plan = plan();
    let id = step(&mut plan, "shift", certain(HOUR), &[]);
    plan.steps[id].failure.chance = 1.0.into();
    let told = tell(&plan, WhichTrial::Percentile(50), 10, 1);
    let given_up = told.unfinished.unwrap();
    assert_eq!(
        (given_up.step.as_str(), given_up.reason.as_str()),
        ("shift", "it failed twenty times")
    );
    assert_eq!((told.duration_days, told.cost), (None, None));
    // Twenty attempts of an hour.
    assert_eq!(
        told.end.duration_since(told.start).as_secs_f64(),
        20.0 * HOUR
    );
}

/// What went wrong in trial 0: what, of which step and attempt, why, which window closed, and from
/// where it is done again.
fn causes(plan: &Plan) -> Vec<(String, String, u32, String, String, String)> {
    let told = tell(plan, WhichTrial::Trial(0), 1, 1);
    let or_none = |text: Option<String>| text.unwrap_or_default();
    let events = told.events.into_iter();
    let events = events.map(|it| {
        let (cause, window, again) = (it.cause, it.window, it.again_from);
        (
            it.kind,
            it.step,
            it.attempt,
            or_none(cause),
            or_none(window),
            or_none(again),
        )
    });
    events.collect()
}

/// Doubled, two hours of work do not fit into a window of three: it is cut off every night.
#[test]
fn what_a_window_closes_on_is_told_with_the_window() {
    let mut plan = plan();
    let id = step(&mut plan, "turn", certain(2.0 * HOUR), &[]);
    plan.steps[id].window = Some(night(&mut plan));
    doubled(&mut plan, id, 1.0);
    let told = causes(&plan);
    let own = str::to_owned;
    let cut = |attempt, again| {
        let (step, cause) = (own("turn"), own("window"));
        (
            own("failed"),
            step,
            attempt,
            cause,
            own("night"),
            own(again),
        )
    };
    let failed: Vec<_> = told.iter().filter(|it| it.0 == "failed").collect();
    assert_eq!(failed.len(), 20);
    assert_eq!(*failed[0], cut(1, "turn"));
    // After the twentieth it is given up.
    assert_eq!(*failed[19], cut(20, ""));
}

/// A shift, then a gate that is answered too late once: first for want of an answer, then since
/// traffic may be held for an hour only. Either way the traffic has to be shifted again.
#[test]
fn a_refused_gate_is_told_with_why_and_what_is_done_again() {
    let law = Distribution::discrete(vec![(HOUR / 2.0, 0.3), (3.0 * HOUR, 0.7)]).unwrap();
    for (max_hold, otherwise, why) in [
        (None, NoAnswer::Undo, "unanswered"),
        (Some(HOUR), NoAnswer::Stop, "held"),
    ] {
        for (retry, from) in [("gate", "a/shift"), ("deploy", "a/deploy")] {
            let mut plan = plan();
            let [deploy, shift] = member(&mut plan, "a", 1.0);
            let go = step(&mut plan, "a/go", Act::Instant, &[shift]);
            plan.steps[go].gate = Some(Gate {
                max_hold,
                ..gate(law.clone(), otherwise)
            });
            plan.steps[go].retry_from = if retry == "gate" { go } else { deploy };
            plan.movers[0].steps.push(go);
            plan.movers[0].cutover = go;
            let told = causes(&plan);
            let own = str::to_owned;
            let step = (own("failed"), own("a/go"), 1, own(why), own(""), own(from));
            assert_eq!(told.first(), Some(&step), "{why} {retry}");
        }
    }
}

/// What is drawn of a few values is unusual only where all of that value is, whatever the uniform
/// number behind it; what is certain never is, a driver that always acts included.
#[test]
fn a_draw_of_few_values_is_unusual_only_where_all_of_the_value_is() {
    let drawn = |law: Distribution, chance: f64| {
        let mut plan = plan();
        let id = step(&mut plan, "a", elapsed(law), &[]);
        doubled(&mut plan, id, chance);
        let told = tell(&plan, WhichTrial::Percentile(99), 100, 1);
        let drawn = told.drawn.into_iter().map(|it| (it.name, it.lump));
        drawn.collect::<Vec<_>>()
    };
    let of = |chance: f64| {
        let values = vec![(HOUR, 1.0 - chance), (2.0 * HOUR, chance)];
        Distribution::discrete(values).unwrap()
    };
    assert_eq!(drawn(of(0.5), 1.0), []);
    assert_eq!(drawn(constant(1.0), 1.0), []);
    let a = "a".to_owned();
    assert_eq!(drawn(of(0.0625), 1.0), [(a, Some([0.9375, 1.0]))]);
    // The last but one of a hundred trials is one in which it acts.
    let driver = "slow_tools".to_owned();
    assert_eq!(drawn(constant(1.0), 0.5), [(driver, Some([0.0, 1.0]))]);
}

fn random() -> Plan {
    let mut plan = plan();
    let one = team(&mut plan, 1, None);
    for name in ["a", "b", "c"] {
        let id = step(&mut plan, name, elapsed(exponential(5.0 * HOUR)), &[]);
        needs(&mut plan, id, one, 1);
    }
    plan
}

#[test]
fn a_percentile_is_the_trial_with_that_finish() {
    let plan = random();
    let settings = Settings {
        trials: 500,
        seed: 3,
        threads: Some(2),
    };
    let days = simulate(&plan, &settings, None).unwrap().duration_days;
    for (percent, expected) in [(5, days.p5), (50, days.p50), (80, days.p80), (95, days.p95)] {
        let told = tell(&plan, WhichTrial::Percentile(percent), 500, 1);
        assert_eq!(told.duration_days, expected);
        assert!((told.no_later - f64::from(percent) / 100.0).abs() < 1e-9);
        // Told by its number it is the same but for how it was asked for.
        let by_number = tell(&plan, WhichTrial::Trial(told.trial), 500, 1);
        assert_eq!(
            Why {
                percentile: None,
                ..told
            },
            by_number
        );
    }
}

#[test]
fn threads_change_no_story() {
    let plan = random();
    let one = tell(&plan, WhichTrial::Percentile(95), 600, 1);
    for threads in [2, 8] {
        assert_eq!(one, tell(&plan, WhichTrial::Percentile(95), 600, threads));
    }
}

/// Shares add up to the two durations, so their differences say why one is later.
#[test]
fn the_shares_explain_the_whole_difference() {
    let told = tell(&random(), WhichTrial::Percentile(95), 500, 2);
    let sum =
        |of: fn(&whimbrel_simulator::Share) -> f64| -> f64 { told.shares.iter().map(of).sum() };
    assert!((sum(|it| it.days) - told.duration_days.unwrap()).abs() < 1e-9);
    let median = told.median.duration_days.unwrap();
    assert!((sum(|it| it.median_days) - median).abs() < 1e-9);
    assert!(told.duration_days.unwrap() > median);
}
