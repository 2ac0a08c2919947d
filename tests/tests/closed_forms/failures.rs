//! Failures: retries, escalation, learning, soaks, and the objectives they break.

use crate::program::{FEW, TRIALS, from_january, plan, simulate, task};

/// Success 0.8, attempts Exp(3), undo Exp(2): N failures, geometric, mean 1/4 and variance 5/16.
/// Mean 3 · 1.25 + 2 · 0.25 = 4.25; variance 9 · 1.25 + 4 · 0.25 + 5² · 5/16 = 20.0625.
#[test]
fn geometric_retries() {
    let step = "takes = exponential(mean: 3d); fails = 20%; undo_takes = exponential(mean: 2d)
                undo = manual(\"back\"); attempts = 20";
    let report = simulate(&from_january(&task("a", step, "")), TRIALS);
    let sd = 20.0625_f64.sqrt();
    // A geometric number of exponentials is nearly an exponential: kurtosis near 9.
    report.duration().has_mean(4.25, sd).has_sd(sd, 9.0);
    report
        .summary("rollbacks")
        .has_mean(0.25, (5.0_f64 / 16.0).sqrt());
    report.has_chance("incident_probability", 0.2);
}

/// One day, then two that fail with 1/4 and go back to the first; 6 h undo and 18 h fix: every
/// failure adds 2 + ¼ + ¾ + 1 = 4 days to the three. Mean 3 + 4 · 1/3, sd 4 · 2/3.
#[test]
fn a_retry_goes_back_to_an_earlier_step() {
    let report = simulate(
        &from_january(
            "pattern two() for service {
               step first { takes = 1d }
               step second {
                 takes = 2d; fails = 25%; undo = manual(\"back\"); undo_takes = 6h; fix = 18h
                 retry_from = first; attempts = 20; cutover = true
               }
             }
             service a { move = two() }",
        ),
        TRIALS,
    );
    let duration = report.duration();
    duration.has_mean(3.0 + 4.0 / 3.0, 8.0 / 3.0);
    // P(no failure) = 3/4, P(at most one) = 15/16, P(at most two) = 63/64.
    for (field, exact) in [("p50", 3.0), ("p80", 7.0), ("p95", 11.0), ("p99", 15.0)] {
        let found = duration.number(field);
        assert!((found - exact).abs() < 1e-10, "{field}: {found}");
    }
}

/// Attempts of a day that fail with ½; after two failures in a row the owner takes five days.
/// F failures are 2 E + R with E escalations, P(E ≥ j) = 4⁻ʲ, and R one with chance 1/3, so the
/// whole is 1 + 7 E + R: mean 11/3, variance 49 · 4/9 + 2/9 = 22.
#[test]
fn the_owner_decides_after_too_many_attempts() {
    let step = "takes = 1d; fails = 50%; attempts = 2; escalate = 5d; undo = manual(\"back\")";
    let report = simulate(&from_january(&task("a", step, "")), TRIALS);
    report.duration().has_mean(11.0 / 3.0, 22.0_f64.sqrt());
    // P(E ≤ e) = 1 − 4⁻⁽ᵉ⁺¹⁾, and within one E two of three have R = 0: the jumps are at 1/2, 3/4,
    // 7/8, 15/16 and 31/32.
    for (field, exact) in [("p25", 1.0), ("p80", 8.0), ("p90", 9.0), ("p95", 15.0)] {
        let found = report.duration().number(field);
        assert!((found - exact).abs() < 1e-10, "{field}: {found}");
    }
}

/// Without a word on it, an owner takes pert(1 d, 3 d, 10 d): mean (1 + 12 + 10)/6, variance
/// (mean − 1)(10 − mean)/7. Here the first attempt always fails and the second never.
#[test]
fn the_default_delay_of_an_owner() {
    let step = "takes = 1d; fails = 100%; learning = 0; attempts = 1; undo = manual(\"back\")";
    let report = simulate(&from_january(&task("a", step, "")), TRIALS);
    let mean = 23.0 / 6.0;
    let variance: f64 = (mean - 1.0) * (10.0 - mean) / 7.0;
    report.duration().has_mean(2.0 + mean, variance.sqrt());
}

/// Attempt k fails with 0.4 · 0.5^(k − 1): F failures with P(F ≥ k) = Π, mean Σ P(F ≥ k) and mean
/// square Σ (2 k − 1) P(F ≥ k).
#[test]
fn a_pattern_learns_from_its_failures() {
    let step = "takes = 1h; fails = 40%; learning = 0.5; escalate = 1h; undo = manual(\"back\")";
    let report = simulate(&from_january(&task("a", step, "")), TRIALS);
    let (mut reach, mut mean, mut square) = (1.0_f64, 0.0, 0.0);
    for k in 1..10 {
        reach *= 0.4 * 0.5_f64.powi(k - 1);
        mean += reach;
        square += (2.0 * f64::from(k) - 1.0) * reach;
    }
    report
        .summary("rollbacks")
        .has_mean(mean, (square - mean * mean).sqrt());
}

/// A failure comes at a moment uniform in the soak: ten hours of soak after one that was broken
/// off is uniform on 10..20 h.
#[test]
fn a_failure_comes_any_time_in_a_soak() {
    let step = "takes = 0h; soak = 10h; fails = 100%; learning = 0; undo = manual(\"back\")";
    simulate(&from_january(&task("a", step, "")), TRIALS)
        .duration()
        .has_mean(15.0 / 24.0, 10.0 / 24.0 / 12.0_f64.sqrt())
        .has_quantiles(|days| (days * 24.0 - 10.0) / 10.0);
}

/// A driver of chances acts with ½ and makes p = 0.1 to 1 − 0.9³ = 0.271.
#[test]
fn a_driver_of_failure() {
    let step = "takes = 1h; fails = 10%; learning = 0; undo = manual(\"back\")";
    let driver =
        "driver new_to_it { chance = 50%; factor = 3; on = [service.a]; affects = failure }\n";
    simulate(
        &from_january(&(driver.to_owned() + &task("a", step, ""))),
        TRIALS,
    )
    .has_chance("incident_probability", 0.5 * 0.1 + 0.5 * 0.271);
}

/// Detection Exp(5 min) and undo Exp(10 min), both of them, against 30 min:
/// (10 e⁻³ − 5 e⁻⁶) ÷ 5 = 0.097095385.
#[test]
fn the_chance_to_break_the_rto() {
    let step = "takes = 1min; fails = 100%; learning = 0; detect = exponential(mean: 5min)
                undo = manual(\"back\"); undo_takes = exponential(mean: 10min)";
    let text = plan(
        "start = 2027-01-11; objective { rto = 30min }",
        &task("a", step, ""),
    );
    let report = simulate(&text, TRIALS);
    report.has_chance("rto.breach_probability", 0.097_095_385);
    report.summary("rollbacks").is(1.0);
    // Two minutes of acts and the sum of both: mean 17 min, variance 25 + 100 min².
    let minutes = 1_440.0;
    report
        .duration()
        .has_mean(17.0 / minutes, 125.0_f64.sqrt() / minutes);
}

const SHIFT: &str = "undo = traffic.shift(service, to: 0%); learning = 0";

/// Twenty steps fail with 10 % each and are down Exp(10 min): against 43.2 min, which is 0.1 % of
/// 30 days, the sum of a binomial number of exponentials exceeds it with 0.121012394.
#[test]
fn the_chance_to_break_the_sla() {
    let steps: String = (1..=20)
        .map(|i| {
            format!(
                "step s{i} {{
                   takes = 1min; does = traffic.shift(service, to: 100%); fails = 10%
                   detect = exponential(mean: 10min); {SHIFT}
                 }}\n"
            )
        })
        .collect();
    let text = plan(
        "start = 2027-01-11; objective { sla = 99.9% }",
        &format!(
            "pattern many() for service {{ {steps} }}
             service a {{ traffic = 10rps; move = many() }}"
        ),
    );
    simulate(&text, TRIALS).has_chance("sla.breach_probability", 0.121_012_394);
}

/// Rollout 1/5/25/50/100 % with soaks of 1/2/4/8/24 h at 0.01 failures an hour, each step failing
/// once at most: p = 1 − e^{−0.01 soak}. An incident with 1 − e^{−0.39} = 0.322943126; failures
/// Σ p; the largest share hurt is that of the last step that fails, Σ w p Π_{later} (1 − p).
#[test]
fn a_rollout_with_a_hazard() {
    let rollout = [
        (1.0, 1.0),
        (5.0, 2.0),
        (25.0, 4.0),
        (50.0, 8.0),
        (100.0, 24.0),
    ];
    let (mut steps, mut none, mut count, mut spread) = (String::new(), 1.0, 0.0, 0.0);
    let (mut share, mut square) = (0.0, 0.0);
    for (i, (weight, soak)) in rollout.into_iter().enumerate() {
        steps += &format!(
            "step s{i} {{
               does = traffic.shift(service, to: {weight}%); soak = {soak}h
               hazard = 0.01/h; undo_takes = 1s; {SHIFT}
             }}\n"
        );
        let stays = (-0.01_f64 * soak).exp();
        let fails = 1.0 - stays;
        let weight: f64 = weight / 100.0;
        (none, count, spread) = (none * stays, count + fails, spread + fails * stays);
        share = share * stays + weight * fails;
        square = square * stays + weight * weight * fails;
    }
    let report = simulate(
        &from_january(&format!(
            "pattern rollout() for service {{ {steps} }}
             service a {{ traffic = 10rps; move = rollout() }}"
        )),
        TRIALS,
    );
    assert!((1.0_f64 - none - 0.322_943_126).abs() < 1e-9);
    report.has_chance("incident_probability", 1.0 - none);
    report
        .summary("rollbacks")
        .has_mean(count, f64::sqrt(spread));
    report
        .summary("blast_radius.request_share")
        .has_mean(share, (square - share * share).sqrt());
}

/// Attempts of an hour that fail with 0.9: after twenty the trial is unfinished, 0.9²⁰ of them.
/// The mean is over those that finish: F failures with 0.9^F · 0.1, F < 20, each an hour, and ten
/// minutes of the owner after every third.
#[test]
fn twenty_attempts_are_the_end() {
    let step = "takes = 1h; fails = 90%; escalate = 10min; undo = manual(\"back\")";
    let report = simulate(&from_january(&task("a", step, "")), TRIALS);
    let (mut finished, mut mean, mut square) = (0.0, 0.0, 0.0);
    for failures in 0..20_i32 {
        let chance = 0.9_f64.powi(failures) * 0.1;
        let hours = f64::from(failures + 1) + f64::from(failures / 3) / 6.0;
        finished += chance;
        mean += chance * hours / 24.0;
        square += chance * (hours / 24.0).powi(2);
    }
    let (mean, square) = (mean / finished, square / finished);
    report.has_chance("unfinished", 1.0 - finished);
    // Fewer trials, larger error.
    let sd = ((square - mean * mean) / finished).sqrt();
    report.duration().has_mean(mean, sd);
}

/// The new side takes writes at the shift and fails at a moment uniform in the ten minutes after:
/// without a copy back, more than four minutes of data are lost in six of ten.
#[test]
fn the_chance_to_break_the_rpo() {
    let text = plan(
        "start = 2027-01-11; objective { rpo = 4min }",
        &format!(
            "pattern watched() for service {{
               step shift {{ does = traffic.shift(service, to: 100%); fails = 0%; {SHIFT} }}
               step watch {{ soak = 10min; fails = 100%; {SHIFT} }}
             }}
             service a {{ kind = stateful; move = watched() }}"
        ),
    );
    simulate(&text, TRIALS).has_chance("rpo.breach_probability", 0.6);
    let stateless = text.replace("kind = stateful", "kind = stateless");
    simulate(&stateless, TRIALS).has_chance("rpo.breach_probability", 0.0);
}

/// `back` is down for 600 s. Of its 8 requests a second 5 come from `front`, which takes 10: so 3
/// enter at `back` and are lost, and of those at `front` the share 5/10, less what a fallback
/// covers. Altogether 13 enter.
#[test]
fn callers_are_hurt_by_the_share_of_their_calls() {
    let step = "step a { takes = 1h; fails = 100%; learning = 0; detect = 4min
                undo = manual(\"back\"); undo_takes = 6min }";
    for (call, lost) in [
        ("need = hard", 3.0 + 5.0),
        (
            "need = hard; fallback = \"cached\"; covers = 80%",
            3.0 + 1.0,
        ),
        ("need = hard; fallback = \"cached\"", 3.0),
        ("need = soft", 3.0),
        ("need = hard; mode = async", 3.0),
    ] {
        let report = simulate(
            &from_january(&format!(
                "service back {{ traffic = 8rps; move = one(); {step} }}
                 service front {{ traffic = 10rps; calls back {{ rate = 5rps; {call} }} }}"
            )),
            FEW,
        );
        let radius = |field: &str| report.summary(&format!("blast_radius.{field}"));
        radius("requests_lost").is(600.0 * lost);
        radius("request_share").is(lost / 13.0);
        radius("services").is(if lost > 3.0 { 2.0 } else { 1.0 });
    }
}

/// `b` fails after two hours, is undone in half an hour and not mended. In a parallel batch `a`,
/// which took traffic after one hour, is undone too, in 45 min; both go again at 2 h 45, and `a`
/// needs an hour and ten of soak: 13 h 45. With `isolate = flags` `a` goes on and ends after 11 h,
/// `b` after 4 h 30.
#[test]
fn a_parallel_batch_rolls_back_whole_unless_isolated() {
    let text = |isolate: &str| {
        from_january(&format!(
            "pattern shift() for service {{
               step a {{ does = traffic.shift(service, to: 100%); {SHIFT} }}
             }}
             service a {{ move = shift(); step a {{ takes = 1h; soak = 10h; fails = 0%; undo_takes = 45min }} }}
             service b {{ move = shift(); step a {{ takes = 2h; fails = 100%; undo_takes = 30min }} }}
             batch all {{ members = [a, b]; mode = parallel; isolate = {isolate} }}"
        ))
    };
    let whole = simulate(&text("none"), FEW);
    whole.duration().is(13.75 / 24.0);
    whole.summary("rollbacks").is(1.0);
    let isolated = simulate(&text("flags"), FEW);
    isolated.duration().is(11.0 / 24.0);
    isolated.summary("rollbacks").is(1.0);
}

/// Ten minutes down of the 43.2 that 99.9 % of 30 days allow, and half of it at half severity.
#[test]
fn the_sla_budget_that_an_incident_spends() {
    for (severity, minutes) in [("100%", 10.0), ("50%", 5.0)] {
        let step = format!(
            "takes = 1h; fails = 100%; learning = 0; severity = {severity}; detect = 10min
             undo = manual(\"back\")"
        );
        let text = plan(
            "start = 2027-01-11; objective { sla = 99.9% }",
            &task("a", &step, ""),
        );
        let report = simulate(&text, FEW);
        report.summary("sla.budget_spent").is(minutes / 43.2);
        report.has_chance("sla.breach_probability", 0.0);
    }
}

/// A planned downtime of 20 min loses every request in it, without an incident.
#[test]
fn planned_downtime_is_paid_from_the_same_budget() {
    let step = "takes = 1h; downtime = 20min; undo = manual(\"back\")";
    let text = plan(
        "start = 2027-01-11; objective { sla = 99.9% }",
        &task("a", step, "").replace("move = one()", "traffic = 10rps; move = one()"),
    );
    let report = simulate(&text, FEW);
    report.summary("blast_radius.requests_lost").is(12_000.0);
    report.summary("sla.budget_spent").is(20.0 / 43.2);
    report.has_chance("incident_probability", 0.0);
}

/// A driver of 2 doubles work, undo and fix, and neither detection nor soaks nor answers: 2 h of
/// work, half an hour to notice, 40 min to undo, 2 h to mend and 2 h again; an hour for the answer
/// and three of soak.
#[test]
fn a_driver_leaves_waiting_alone() {
    let text = from_january(
        "driver slow { factor = 2; on = [service.a] }
         role lead { who = \"a\"; backup = \"b\" }
         pattern gated() for service {
           gate go { approve = lead; takes = 1h; within = 4h; else = stop }
           step work {
             takes = 1h; fails = 100%; learning = 0; detect = 30min
             undo = manual(\"back\"); undo_takes = 20min; fix = 1h
           }
           step watch { soak = 3h; cutover = true }
         }
         service a { move = gated() }",
    );
    let hours = 2.0 + 0.5 + 2.0 / 3.0 + 2.0 + 2.0 + 1.0 + 3.0;
    simulate(&text, FEW).duration().is(hours / 24.0);
}
