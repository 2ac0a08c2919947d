//! Requirements are met, unmet or undecided by the interval of the estimate.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod common;

use common::*;
use whimbrel_simulator::{Estimates, Outcome, Requirement, SimulationError};

/// One step, uniform over 0 to 10 days, deadline after 5: a chance of one half.
fn estimates() -> Estimates {
    let mut plan = plan();
    let law = whimbrel_plan::Distribution::uniform(0.0, 10.0 * DAY).unwrap();
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
        ("steps.s.criticality >= 1", Met),
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
