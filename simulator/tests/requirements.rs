//! Requirements are met, unmet or undecided by the interval of the estimate.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod common;

use common::*;
use whimbrel_plan::{Act, Distribution};
use whimbrel_simulator::{Estimates, Outcome, Requirement, SimulationError};

/// One step, uniform over 0 to 10 days, deadline after 5: a chance of one half.
fn estimates() -> Estimates {
    let mut plan = plan();
    let law = Distribution::uniform(0.0, 10.0 * DAY).unwrap();
    step(&mut plan, "s", elapsed(law), &[]);
    plan.migration.deadline = Some("2027-01-16T00:00:00Z".parse().unwrap());
    run(&plan, 1000)
}

fn judge(text: &str) -> Outcome {
    let requirement = Requirement::parse(text).unwrap();
    let judgement = requirement.judge(&estimates()).unwrap();
    assert!(judgement.sentence.contains(text), "{}", judgement.sentence);
    judgement.outcome
}

/// With n = 1000 the interval of a half is about 0.47 to 0.53; of the P80 (8 days) about 7.75 to
/// 8.25; of the mean (5 days) about 4.82 to 5.18. Limits are set well off these.
#[test]
fn answers_follow_the_interval() {
    use Outcome::{Met, Undecided, Unmet};
    for (text, outcome) in [
        ("deadline_probability >= 0.3", Met),
        ("deadline_probability >= 0.7", Unmet),
        ("deadline_probability >= 50%", Undecided),
        ("duration_days.p80 <= 9", Met),
        ("duration_days.p80 < 7", Unmet),
        ("duration_days.p80 < 8", Undecided),
        ("duration_days.mean > 4.5", Met),
        ("duration_days.mean > 5.0", Undecided),
        ("rollbacks.mean <= 0", Met),
        // On the critical path in all 1,000 trials: above 0.025^(1/1000) = 0.9963.
        ("steps.s.criticality >= 0.99", Met),
        ("steps.s.criticality >= 1", Undecided),
        // Of the P90 (9 days) it is about 8.8 to 9.2, of the P25 (2.5) about 2.2 to 2.8, of the P99
        // (9.9) about 9.8 to 10.
        ("duration_days.p90 <= 9.9", Met),
        ("duration_days.p90 <= 7", Unmet),
        ("duration_days.p90 <= 9", Undecided),
        ("duration_days.p25 <= 6", Met),
        ("duration_days.p25 >= 6", Unmet),
        ("duration_days.p25 >= 1", Met),
        ("duration_days.p25 >= 2.5", Undecided),
        ("duration_days.p99 >= 9", Met),
        ("duration_days.p99 <= 9", Unmet),
        ("duration_days.p99 <= 11", Met),
        ("duration_days.p99 <= 9.9", Undecided),
        // Nothing says how far these may be off; nor does their closeness to the limit matter.
        ("duration_days.sd <= 1000", Undecided),
        ("steps.s.float_days <= 1000", Undecided),
        ("steps.s.duration_p80 <= 1000", Undecided),
        // No estimate, but a setting; and a quantity that is the same in every trial.
        ("trials >= 1000", Met),
        ("rollbacks.sd <= 0", Met),
        ("rollbacks.p10 >= 0", Met),
        ("rollbacks.p99 > 0", Unmet),
        ("blast_radius.services.p95 <= 0", Met),
        ("incident_probability < 1%", Met),
        // No budget, no SLA: nothing to hold it against.
        ("budget_probability >= 0.8", Undecided),
        ("rto.breach_probability <= 0.1", Undecided),
    ] {
        assert_eq!(judge(text), outcome, "{text}");
    }
}

#[test]
fn unknown_estimates_are_told() {
    for field in ["cost.p81", "nothing", "finish.p80", "steps.t.criticality"] {
        let requirement = Requirement::parse(&format!("{field} < 1")).unwrap();
        let error = requirement.judge(&estimates()).unwrap_err();
        assert_eq!(error, SimulationError::UnknownEstimate(field.to_owned()));
        assert_eq!(error.code(), "MG1613");
    }
}

/// The P95 of n trials has an interval from the first n with 0.95ⁿ ≤ 2.5 %: n ≥ 72; the P80 with
/// 0.8ⁿ ≤ 2.5 %: n ≥ 17; the P90 with 0.9ⁿ ≤ 2.5 %: n ≥ 36; the P99 with 0.99ⁿ ≤ 2.5 %: n ≥ 368.
#[test]
fn too_few_trials_decide_nothing() {
    let mut plan = plan();
    let law = Distribution::uniform(0.0, 10.0 * DAY).unwrap();
    step(&mut plan, "s", elapsed(law), &[]);
    for (trials, text, decided) in [
        (1, "duration_days.mean <= 1000", false),
        (2, "duration_days.p50 <= 1000", false),
        (10, "duration_days.p80 <= 1000", false),
        (20, "duration_days.p80 <= 1000", true),
        (10, "duration_days.p95 <= 1000", false),
        (58, "duration_days.p95 <= 1000", false),
        (30, "duration_days.p90 <= 1000", false),
        (58, "duration_days.p90 <= 1000", true),
        (58, "duration_days.p95 >= 1000", false),
        (100, "duration_days.p95 <= 1000", true),
        // All trials agree that nothing is rolled back, but ten would not tell of one in twenty.
        (10, "rollbacks.p95 <= 0", false),
        (10, "rollbacks.p99 <= 0", false),
        (400, "rollbacks.p99 <= 0", true),
    ] {
        let judgement = Requirement::parse(text).unwrap().judge(&run(&plan, trials));
        let judgement = judgement.unwrap();
        let expected = if decided {
            Outcome::Met
        } else {
            Outcome::Undecided
        };
        assert_eq!(judgement.outcome, expected, "{trials} trials: {text}");
        let told = judgement.sentence.contains("without a 95 % interval");
        assert_eq!(told, !decided, "{}", judgement.sentence);
    }
}

/// Trials never show that something never happens: none of 1,000 unfinished leaves up to
/// 1 − 0.025^(1/1000) = 0.37 %. What is not defined says what would define it.
#[test]
fn what_no_trials_can_decide_is_told() {
    for (text, told) in [
        (
            "unfinished <= 0",
            "`unfinished` is 0.0000, 95 % interval 0.0000 to 0.0037; trials never show a chance of \
             exactly 0: leave room for error, as in `unfinished <= 0.0037`",
        ),
        (
            "steps.s.criticality >= 100%",
            "`steps.s.criticality` is 1.0000, 95 % interval 0.9963 to 1.0000; trials never show a \
             chance of exactly 1: leave room for error, as in `steps.s.criticality >= 0.9963`",
        ),
        (
            "budget_probability >= 0.8",
            "not defined for this plan: give the migration a `budget`",
        ),
        (
            "rto.breach_probability <= 0.1",
            "not defined for this plan: give the migration an `objective { rto = … }`",
        ),
    ] {
        let judgement = Requirement::parse(text).unwrap().judge(&estimates());
        let sentence = judgement.unwrap().sentence;
        assert!(sentence.ends_with(told), "{sentence}");
    }
}

#[test]
fn a_cost_that_nothing_is_known_of_decides_nothing() {
    let mut plan = plan();
    step(&mut plan, "s", certain(DAY), &[]);
    let judge = |plan: &whimbrel_plan::Plan, text: &str| {
        let requirement = Requirement::parse(text).unwrap();
        requirement.judge(&run(plan, 1000)).unwrap().outcome
    };
    assert_eq!(judge(&plan, "cost.p80 <= 1"), Outcome::Met);
    plan.migration.currency = whimbrel_plan::NO_CURRENCY.to_owned();
    for text in ["cost.p80 <= 1", "cost.kinds.network.mean <= 1"] {
        assert_eq!(judge(&plan, text), Outcome::Undecided, "{text}");
    }
    let cost = run(&plan, 1000).cost;
    assert_eq!((cost.total.p80, cost.kinds.network.mean), (None, None));
    assert_eq!(judge(&plan, "duration_days.p80 <= 2"), Outcome::Met);
}

/// A day of work for one at ten an hour, and something of which nobody knows the price: it costs 240 or
/// more, and whether it costs no more than 300 nobody knows.
#[test]
fn what_is_unknown_may_cost_more() {
    use Outcome::{Met, Undecided, Unmet};
    let mut plan = plan();
    let work = step(&mut plan, "work", certain(DAY), &[]);
    let people = team(&mut plan, 1, None);
    plan.inventory.teams[people].rate_per_hour = Some(10.0.into());
    needs(&mut plan, work, people, 1);
    plan.migration.budget = Some(300.0);
    let judge = |plan: &whimbrel_plan::Plan, text: &str| {
        let judgement = Requirement::parse(text).unwrap().judge(&run(plan, 1000));
        judgement.unwrap()
    };
    let cases = [
        ("cost.p80 <= 300", Met, Undecided),
        ("cost.p80 >= 200", Met, Met),
        ("cost.p80 <= 200", Unmet, Unmet),
        ("cost.mean < 300", Met, Undecided),
        ("budget_probability >= 0.9", Met, Undecided),
        ("budget_probability < 0.9", Unmet, Undecided),
        ("effort_hours.p80 <= 24", Met, Met),
    ];
    for (text, outcome, _) in cases {
        assert_eq!(judge(&plan, text).outcome, outcome, "{text}");
    }
    plan.unknown.push(whimbrel_plan::Unknown::of_cost(
        "what a licence costs".to_owned(),
    ));
    for (text, _, outcome) in cases {
        let judgement = judge(&plan, text);
        assert_eq!(judgement.outcome, outcome, "{text}");
        let of_cost = !text.starts_with("effort");
        assert_eq!(judgement.sentence.contains("not every cost"), of_cost);
        assert!(!judgement.sentence.contains("more trials"));
    }
}

/// Where somebody's traffic is unknown, more requests may be lost; it costs no more.
#[test]
fn what_traffic_is_unknown_costs_nothing() {
    use Outcome::{Met, Undecided};
    let mut plan = plan();
    step(&mut plan, "work", certain(DAY), &[]);
    plan.unknown.push(whimbrel_plan::Unknown {
        what: "whose traffic".to_owned(),
        bounds: whimbrel_plan::Bounded::Requests,
    });
    let estimates = run(&plan, 1000);
    assert!(!estimates.cost.at_least);
    assert_eq!(estimates.unknown, ["whose traffic"]);
    for (text, outcome, told) in [
        ("cost.p80 <= 0", Met, false),
        ("blast_radius.requests_lost.p95 <= 0", Undecided, true),
        ("blast_radius.requests_lost.p95 >= 0", Met, true),
        ("blast_radius.services.p95 <= 0", Met, false),
    ] {
        let judgement = Requirement::parse(text).unwrap().judge(&estimates).unwrap();
        assert_eq!(judgement.outcome, outcome, "{text}");
        assert_eq!(judgement.sentence.contains("not all traffic"), told);
    }
}

/// Of two days' work, one is somebody's: 24 hours of one person, or more. Days that pass by themselves
/// are nobody's work and leave the hours as they are.
#[test]
fn what_is_nobodys_work_is_no_effort_and_is_told() {
    use Outcome::{Met, Undecided, Unmet};
    let mut plan = plan();
    let work = step(
        &mut plan,
        "work",
        Act::Working(Distribution::constant(DAY)),
        &[],
    );
    let people = team(&mut plan, 1, None);
    needs(&mut plan, work, people, 1);
    step(&mut plan, "wait", certain(DAY), &[]);
    let judge = |plan: &whimbrel_plan::Plan, text: &str| {
        let judgement = Requirement::parse(text).unwrap().judge(&run(plan, 1000));
        judgement.unwrap()
    };
    let cases = [
        ("effort_hours.mean <= 30", Met, Undecided),
        ("effort_hours.p80 >= 20", Met, Met),
        ("effort_hours.p80 <= 20", Unmet, Unmet),
        ("duration_days.p80 <= 9", Met, Met),
    ];
    for (text, outcome, _) in cases {
        let judgement = judge(&plan, text);
        assert_eq!(judgement.outcome, outcome, "{text}");
        assert!(!judgement.sentence.contains("not counted"), "{text}");
    }
    step(
        &mut plan,
        "nobodys",
        Act::Working(Distribution::constant(DAY)),
        &[],
    );
    for (text, _, outcome) in cases {
        let judgement = judge(&plan, text);
        assert_eq!(judgement.outcome, outcome, "{text}");
        let told = "; the work of `nobodys` is not counted: give it a `team`";
        let of_effort = text.starts_with("effort");
        let sentence = judgement.sentence;
        assert_eq!(sentence.ends_with(told), of_effort, "{sentence}");
        assert!(!sentence.contains("more trials"), "{sentence}");
    }
    step(
        &mut plan,
        "nobodys_either",
        Act::Working(Distribution::constant(DAY)),
        &[],
    );
    let told = "; the work of `nobodys` and of 1 more step is not counted: give it a `team`";
    let sentence = judge(&plan, cases[0].0).sentence;
    assert!(sentence.ends_with(told), "{sentence}");
}

/// A third of the trials or so never finish: 0.95²⁰ = 0.358, at 1,000 trials 0.33 to 0.39. So the mean
/// and the P80 are beyond every limit. The P50 is 14 attempts of a day: 0.95¹³ > ½ > 0.95¹⁴.
#[test]
fn what_never_finishes_counts() {
    use Outcome::{Met, Undecided, Unmet};
    let mut plan = plan();
    let id = step(&mut plan, "s", certain(DAY), &[]);
    plan.steps[id].failure.chance = 0.95.into();
    let estimates = run(&plan, 1000);
    for (text, outcome, why) in [
        (
            "duration_days.mean <= 1000",
            Unmet,
            "of the trials never finish",
        ),
        (
            "duration_days.mean >= 1000",
            Met,
            "of the trials never finish",
        ),
        ("cost.mean <= 1000", Unmet, "over those that do"),
        ("duration_days.p80 <= 1000", Unmet, "is among those"),
        ("effort_hours.p95 <= 1000", Unmet, "is among those"),
        ("duration_days.p50 <= 17", Met, "is met"),
        ("rollbacks.mean <= 30", Met, "is met"),
    ] {
        let judgement = Requirement::parse(text).unwrap().judge(&estimates).unwrap();
        assert_eq!(judgement.outcome, outcome, "{text}: {}", judgement.sentence);
        assert!(judgement.sentence.contains(why), "{}", judgement.sentence);
    }
    // Of ten trials, 36 % may be 12 % or 70 %: too few to say that the P80 is among them.
    let few = run(&plan, 10);
    let judgement = Requirement::parse("duration_days.p80 <= 1000")
        .unwrap()
        .judge(&few);
    assert_eq!(judgement.unwrap().outcome, Undecided);
}
