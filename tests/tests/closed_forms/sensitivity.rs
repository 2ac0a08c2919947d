//! What matters most, and how far to trust it: criticality, float, correlations, swings, intervals.

use whimbrel_tests::checked::{certain, near};

use crate::program::{TRIALS, from_january, simulate, simulate_with_seed, task};

/// Quantiles of steps, correlations and swings are taken over the first trials only.
const SAMPLED: f64 = 4_096.0;

/// `a` is Exp(1), `b` is Exp(2), and `c` follows both. `a` is the longer with 1/(1 + 2), and then
/// by an Exp(1), for it has no memory: so the float of `b` has mean 1/3 and mean square 2/3. `b`
/// is by an Exp(2) the longer in the other 2/3: the float of `a` has mean 4/3 and mean square 16/3.
#[test]
fn criticality_and_float_of_a_race() {
    let text = task("a", "takes = exponential(mean: 1d)", "")
        + &task("b", "takes = exponential(mean: 2d)", "")
        + &task("c", "takes = 1d", "a, b");
    let report = simulate(&from_january(&text), TRIALS);
    let n = (TRIALS as f64).sqrt();
    for (id, critical, float, square) in [
        ("a/a", 1.0 / 3.0, 4.0 / 3.0, 16.0 / 3.0),
        ("b/a", 2.0 / 3.0, 1.0 / 3.0, 2.0 / 3.0),
        ("c/a", 1.0, 0.0, 0.0),
    ] {
        let found = |field: &str| report.step(id, field);
        let error = f64::sqrt(critical * (1.0 - critical)) / n;
        near(id, found("criticality"), critical, error);
        let error = f64::sqrt(square - float * float) / n;
        near(id, found("float_days"), float, error + 1e-12);
    }
    // Quantiles of a step: ln 2 and ln 5 means, their errors √(p (1 − p) ÷ n) ÷ f with f = (1 − p)/μ.
    for (id, mean) in [("a/a", 1.0), ("b/a", 2.0)] {
        for (field, p) in [("duration_p50", 0.5_f64), ("duration_p80", 0.8)] {
            let error = mean * (p / (1.0 - p) / SAMPLED).sqrt();
            near(field, report.step(id, field), -mean * (1.0 - p).ln(), error);
        }
    }
}

/// The share of trials no longer than the critical path at mean durations: for one Exp(1) that is
/// 1 − 1/e, for two in a row (path 2) 1 − 3 e⁻², for two side by side (path 1) (1 − 1/e)².
#[test]
fn where_the_critical_path_lies() {
    let exponential = "takes = exponential(mean: 1d)";
    let one = task("a", exponential, "");
    let row = one.clone() + &task("b", exponential, "a");
    let side = one.clone() + &task("b", exponential, "");
    let below = 1.0 - (-1.0_f64).exp();
    for (text, share) in [
        (one, below),
        (row, 1.0 - 3.0 * (-2.0_f64).exp()),
        (side, below * below),
    ] {
        simulate(&from_january(&text), TRIALS).has_chance("critical_path_percentile", share);
    }
}

/// X and Y are U(0, 10) in a row, and X alone is paid for. With one of them in its upper tenth, of
/// mean 9.5, rather than its lower, of mean 0.5, the whole is 9 days longer. The rank correlation
/// of X with S = X + Y is 12 E[X F(S)] − 3 = 6 E[S F(S)] − 3 = 3 E[max(S, S′)] − 3 in units of ten
/// days, and that maximum of two triangular(0, 1, 2) has mean 37/30: 0.7.
#[test]
fn correlations_and_swings_of_a_sum() {
    let text = "team ops { rate = $100/h }\n".to_owned()
        + &task("x", "takes = uniform(0wh, 240wh); needs = [1 of ops]", "")
        + &task("y", "takes = uniform(0d, 10d)", "x");
    let report = simulate(&from_january(&text), TRIALS);
    // The mean of a sample's upper tenth, of 410 values: variance (1/12 + 0.9 · 0.5²) ÷ 410, and
    // the other's mean beside it: (100/12) ÷ 410; two such tenths.
    let error = (2.0 * (1.0 / 12.0 + 0.225 + 100.0 / 12.0) / (0.1 * SAMPLED)).sqrt();
    // Of a rank correlation about (1 − ρ²) √((1 + ρ²/2) ÷ n).
    let rank_error = |rho: f64| (1.0 - rho * rho) * ((1.0 + rho * rho / 2.0) / SAMPLED).sqrt();
    for (id, cost, cost_error) in [("x/a", 1.0, 1e-12), ("y/a", 0.0, rank_error(0.0))] {
        let found = |field: &str| report.driver(id, field);
        near(id, found("swing_days"), 9.0, error);
        near(id, found("rank_correlation_finish"), 0.7, rank_error(0.7));
        near(id, found("rank_correlation_cost"), cost, cost_error);
    }
}

/// What claims to hold in 95 of 100 cases does: 40 independent Exp(1) under 25 seeds are 1,000
/// intervals of each kind, and the true value is in 93.5 to 96.5 % of them.
#[test]
fn intervals_hold_the_true_value_as_often_as_they_say() {
    let names: Vec<String> = (0..40).map(|i| format!("s{i}")).collect();
    let text: String = names
        .iter()
        .map(|name| task(name, "takes = exponential(mean: 1d)", ""))
        .collect();
    let text = from_january(&text);
    let exact = [
        ("mean", 1.0),
        ("p50", 2.0_f64.ln()),
        ("p80", 5.0_f64.ln()),
        ("p95", 20.0_f64.ln()),
    ];
    let mut inside = [0_u32; 4];
    for seed in 1..=25 {
        let report = simulate_with_seed(&text, 1_000, seed);
        for name in &names {
            let finish = report.batch(name);
            for (count, (field, exact)) in inside.iter_mut().zip(exact) {
                let [low, high] = finish.interval(field);
                *count += u32::from((low..=high).contains(&exact));
            }
        }
    }
    for (count, (field, _)) in inside.into_iter().zip(exact) {
        let what = format!("share of 95 % intervals of {field} that hold the true value");
        certain(&what, f64::from(count) / 1_000.0, 0.95, 0.015);
    }
}
