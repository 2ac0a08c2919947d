//! Estimates against numbers known in closed form. Durations of the models are in days.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod common;

use common::*;
use whimbrel_plan::{Act, Distribution, Plan, StepId};

const TRIALS: u64 = 30_000;

fn days(law: Distribution) -> Act {
    elapsed(law.scaled(DAY).unwrap())
}

fn exponential_day() -> Act {
    elapsed(exponential(DAY))
}

/// `count` steps side by side.
fn side_by_side(act: &Act, count: usize) -> Plan {
    let mut plan = plan();
    for i in 0..count {
        step(&mut plan, &format!("s{i}"), act.clone(), &[]);
    }
    plan
}

/// Maximum of ten Exp(1): mean H₁₀, variance Σ 1/k², P95 −ln(1 − 0.95^0.1).
#[test]
fn the_maximum_of_exponentials() {
    let estimates = run(&side_by_side(&exponential_day(), 10), TRIALS);
    assert_mean(&estimates.duration_days, TRIALS, 2.928_968_254);
    let [low, high] = estimates.duration_days.error.p95.unwrap();
    let margin = high - low;
    assert!((low - margin..high + margin).contains(&5.275_343_911));
    // The standard error of a standard deviation is about sd √((κ − 1) / 4n), κ = 6 here.
    let sd = estimates.duration_days.sd.unwrap();
    let error = 1.25 * (5.0 / (4.0 * TRIALS as f64)).sqrt();
    assert!(
        (sd - 1.549_767_731_f64.sqrt()).abs() < 4.0 * error,
        "{sd} {error}"
    );
}

/// Arcs 1-2, 1-3, 2-3, 2-4, 3-4 with Exp(1): mean 83/24, variance 1663/576.
#[test]
fn the_bridge_network() {
    let mut plan = plan();
    let arc = |plan: &mut Plan, name: &str, before: &[StepId]| {
        step(plan, name, exponential_day(), before)
    };
    let a12 = arc(&mut plan, "1-2", &[]);
    let a13 = arc(&mut plan, "1-3", &[]);
    let a23 = arc(&mut plan, "2-3", &[a12]);
    arc(&mut plan, "2-4", &[a12]);
    arc(&mut plan, "3-4", &[a13, a23]);
    let estimates = run(&plan, TRIALS);
    assert_mean(&estimates.duration_days, TRIALS, 83.0 / 24.0);
    let sd = estimates.duration_days.sd.unwrap();
    assert!(
        (sd - (1663.0_f64 / 576.0).sqrt()).abs() < 4.0 * 1.7 * (5.0 / (4.0 * TRIALS as f64)).sqrt()
    );
}

/// Maximum of n triangular(80, 100, 120): the medians and means of the table.
#[test]
fn merge_bias() {
    let act = days(Distribution::triangular(80.0, 100.0, 120.0).unwrap());
    for (n, median, mean) in [
        (2, 104.692_662_705, Some(104.0 + 2.0 / 3.0)),
        (4, 108.718_029_082, Some(108.484_126_984)),
        (10, 112.680_600_655, None),
    ] {
        let duration = run(&side_by_side(&act, n), TRIALS).duration_days;
        if let Some(mean) = mean {
            assert_mean(&duration, TRIALS, mean);
        }
        // Twice the width of the 95 % interval on either side is 4 standard errors and more.
        let [low, high] = duration.error.p50.unwrap();
        let width = high - low;
        assert!(
            (low - width..high + width).contains(&median),
            "{n}: {low} {high}"
        );
    }
}

/// Five lognormals, median 10, σ 0.5: mean 5 · 10 · exp(0.125).
#[test]
fn a_sum_of_lognormals() {
    let mut plan = plan();
    let mut before = vec![];
    for i in 0..5 {
        let law = Distribution::lognormal(10.0_f64.ln(), 0.5).unwrap();
        before = vec![step(&mut plan, &format!("s{i}"), days(law), &before)];
    }
    let duration = run(&plan, TRIALS).duration_days;
    assert_mean(&duration, TRIALS, 56.657_422_653);
    // Excess kurtosis of one is 5.9, of the sum a fifth: κ about 4.2.
    let sd = duration.sd.unwrap();
    assert!((sd - 13.503_626_439).abs() < 4.0 * 13.5 * (3.2 / (4.0 * TRIALS as f64)).sqrt());
}

/// Success 0.8, attempts Exp(3), undo Exp(2), no fix: mean 4.25, variance 20.0625.
#[test]
fn geometric_retries() {
    let mut plan = plan();
    let id = step(&mut plan, "s", elapsed(exponential(3.0 * DAY)), &[]);
    let failure = &mut plan.steps[id].failure;
    failure.chance = 0.2.into();
    failure.undo_takes = exponential(2.0 * DAY);
    let estimates = run(&plan, TRIALS);
    assert_mean(&estimates.duration_days, TRIALS, 4.25);
    // κ of a geometric sum of exponentials is near 9.
    let sd = estimates.duration_days.sd.unwrap();
    assert!((sd - 20.0625_f64.sqrt()).abs() < 4.0 * 4.48 * (8.0 / (4.0 * TRIALS as f64)).sqrt());
    // Rollbacks are geometric too: 0.2 / 0.8.
    assert_mean(&estimates.rollbacks, TRIALS, 0.25);
    assert_share(estimates.incident_probability, TRIALS, 0.2);
}

/// n Exp(1) on c people: (n − c)/c + H_c.
#[test]
fn exponentials_on_a_team() {
    for (n, people, trials, expected) in [(10, 2, TRIALS, 5.5), (200, 10, 1_500, 21.928_968_254)] {
        let mut plan = side_by_side(&exponential_day(), n);
        let team = team(&mut plan, people, None);
        for id in plan.steps.ids() {
            needs(&mut plan, id, team, 1);
        }
        assert_mean(&run(&plan, trials).duration_days, trials, expected);
    }
}

/// Detection Exp(5 min) and undo Exp(10 min) against an RTO of 30 min:
/// (10 e^{-3} − 5 e^{-6}) / 5 = 0.097095385.
#[test]
fn the_chance_to_break_the_rto() {
    let mut plan = plan();
    plan.migration.objectives.rto = Some(1800.0);
    let id = step(&mut plan, "s", certain(60.0), &[]);
    let failure = &mut plan.steps[id].failure;
    failure.chance = 1.0.into();
    // One failure a trial: the second attempt cannot fail.
    failure.learning = 0.0.into();
    failure.detect = exponential(300.0);
    failure.undo_takes = exponential(600.0);
    let estimates = run(&plan, TRIALS);
    let breach = estimates.rto.breach_probability.unwrap();
    assert_share(breach, TRIALS, 0.097_095_385);
    assert_eq!(estimates.rollbacks.p99, Some(1.0));
}

/// Twenty steps failing 10 % each, down Exp(10 min) against 43.2 min (99.9 % of 30 days).
#[test]
fn the_chance_to_break_the_sla() {
    let mut plan = plan();
    plan.migration.objectives.sla = Some(0.999);
    let service = service(&mut plan, "a", Some(10.0));
    let mut steps: Vec<StepId> = vec![];
    for i in 0..20 {
        let before: Vec<StepId> = steps.last().copied().into_iter().collect();
        let id = step(&mut plan, &format!("s{i:02}"), certain(60.0), &before);
        let of = &mut plan.steps[id];
        of.weight = Some(1.0);
        of.failure.chance = 0.1.into();
        of.failure.learning = 0.0.into();
        of.failure.detect = exponential(600.0);
        steps.push(id);
    }
    let batch = whimbrel_plan::BatchId::new(0);
    let node = whimbrel_plan::Node::Service(service);
    mover(&mut plan, node, batch, &steps, steps[0]);
    let estimates = run(&plan, TRIALS);
    assert_share(
        estimates.sla.breach_probability.unwrap(),
        TRIALS,
        0.121_012_394,
    );
}

/// Rollout 1/5/25/50/100 %, soak 1/2/4/8/24 h, hazard 0.01/h: P(fail) and E[share · failed].
#[test]
fn a_rollout_with_a_hazard() {
    let mut plan = plan();
    let service = service(&mut plan, "a", Some(10.0));
    let mut steps: Vec<StepId> = vec![];
    let weights = [0.01, 0.05, 0.25, 0.50, 1.0];
    for (weight, soak) in weights.into_iter().zip([1.0, 2.0, 4.0, 8.0, 24.0]) {
        let before: Vec<StepId> = steps.last().copied().into_iter().collect();
        let id = step(&mut plan, &format!("shift_{weight}"), Act::Instant, &before);
        let of = &mut plan.steps[id];
        of.weight = Some(weight);
        of.soak = (soak * HOUR).into();
        of.failure.hazard = Some((0.01 / HOUR).into());
        // The trial ends with its first failure: nobody can fix it.
        of.failure.undo_takes = Distribution::constant(1.0);
        of.failure.escalate = Distribution::constant(1e12);
        of.failure.attempts = 1;
        steps.push(id);
    }
    let batch = whimbrel_plan::BatchId::new(0);
    let node = whimbrel_plan::Node::Service(service);
    mover(&mut plan, node, batch, &steps, steps[0]);
    let estimates = run(&plan, TRIALS);
    assert_share(estimates.unfinished, TRIALS, 0.322_943_126);
    assert_share(estimates.incident_probability, TRIALS, 0.322_943_126);
    // The largest share of requests hurt at once is the weight at the failure.
    assert_mean(
        estimates.blast_radius.request_share.as_ref().unwrap(),
        TRIALS,
        0.230_086_669,
    );
    let given = estimates.blast_radius.request_share_given_incident.unwrap();
    assert_mean(&given, (0.3229 * TRIALS as f64) as u64, 0.712_468);
}
