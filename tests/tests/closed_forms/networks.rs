//! Precedence and people: sums, maxima, networks, teams, links, drivers.

use crate::program::{FEW, TRIALS, from_january, plan, simulate, task};

const EXPONENTIAL: &str = "takes = exponential(mean: 1d)";

/// H_n and its like for squares: Σ 1/kᵖ.
fn harmonic(n: i32, power: i32) -> f64 {
    (1..=n).map(|k| f64::from(k).powi(-power)).sum()
}

/// Five Exp(1) one after another are gamma(5): mean 5, variance 5, kurtosis 3 + 6/5, and the tail
/// is that of a Poisson count: P(T > t) = e⁻ᵗ Σ_{k<5} tᵏ/k!.
#[test]
fn a_chain_of_exponentials() {
    let report = simulate(
        &from_january(
            "pattern chain() for service {
               for i in [1, 2, 3, 4, 5] { step \"s${i}\" { takes = exponential(mean: 1d) } }
             }
             service a { move = chain() }",
        ),
        TRIALS,
    );
    let gamma = |t: f64| {
        let mut term = 1.0;
        let mut sum = 1.0;
        for k in 1..5 {
            term *= t / f64::from(k);
            sum += term;
        }
        1.0 - (-t).exp() * sum
    };
    report
        .duration()
        .has_mean(5.0, 5.0_f64.sqrt())
        .has_sd(5.0_f64.sqrt(), 4.2)
        .has_quantiles(gamma);
}

/// Maximum of ten Exp(1): mean H₁₀ = 2.928968254, variance Σ 1/k² = 1.549767731, F = (1 − e⁻ᵗ)¹⁰,
/// so P95 = −ln(1 − 0.95^0.1) = 5.275343911. Its fourth cumulant is 6 Σ 1/k⁴. Once as ten steps
/// of a pattern side by side, once as ten batches.
#[test]
fn the_maximum_of_ten_exponentials() {
    let together = "pattern fan() for service {
           together {
             for i in [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] {
               step \"s${i}\" { takes = exponential(mean: 1d) }
             }
           }
           step join { cutover = true }
         }
         service a { move = fan() }";
    let apart: String = (1..=10)
        .map(|i| task(&format!("s{i}"), EXPONENTIAL, ""))
        .collect();
    let variance = harmonic(10, 2);
    let kurtosis = 3.0 + 6.0 * harmonic(10, 4) / variance.powi(2);
    for rest in [together, &apart] {
        let report = simulate(&from_january(rest), TRIALS);
        report
            .duration()
            .has_mean(harmonic(10, 1), variance.sqrt())
            .has_sd(variance.sqrt(), kurtosis)
            .has_quantiles(|t| (1.0 - (-t).exp()).powi(10));
        let p95 = report.duration().number("p95");
        // f(P95) = 10 · 0.95^0.9 · e^{−P95} = 0.0489, so the standard error is 0.0315.
        assert!((p95 - 5.275_343_911).abs() < 4.0 * 0.0315, "{p95}");
    }
}

/// Arcs 1-2, 1-3, 2-3, 2-4, 3-4, each a batch that comes after those that end where it begins.
fn bridge_network(step: &str, migration: &str) -> String {
    let arcs = [
        ("a12", "", ""),
        ("a13", "", ""),
        ("a23", "a12", "after = [a12]"),
        ("a24", "a12", "after = [a12]"),
        ("a34", "a13, a23", "after = [a13, a23]"),
    ];
    let arcs: String = arcs
        .iter()
        .map(|(name, before, order)| {
            task(name, step, before).replace("move = one()", &format!("move = one(); {order}"))
        })
        .collect();
    plan(&format!("start = 2027-01-11\n  {migration}"), &arcs)
}

/// With Exp(1): mean 83/24, variance 1663/576.
#[test]
fn the_bridge_network_of_exponentials() {
    let report = simulate(&bridge_network(EXPONENTIAL, ""), TRIALS);
    let sd = (1663.0_f64 / 576.0).sqrt();
    // A sum of about three exponentials has a kurtosis near 3 + 6/3; 6 is ample.
    report.duration().has_mean(83.0 / 24.0, sd).has_sd(sd, 6.0);
}

/// With U(0, 1): mean 1.575, variance 0.1900099206, F(1) = 11/120, F(2) = 5/6. The chance of
/// meeting a deadline is F at the end of its day.
#[test]
fn the_bridge_network_of_uniforms() {
    let takes = "takes = uniform(0d, 1d)";
    for (deadline, chance) in [("2027-01-11", 11.0 / 120.0), ("2027-01-12", 5.0 / 6.0)] {
        let text = bridge_network(takes, &format!("deadline = {deadline}"));
        let report = simulate(&text, TRIALS);
        report.has_chance("deadline_probability", chance);
        let sd = 0.190_009_920_6_f64.sqrt();
        report.duration().has_mean(1.575, sd).has_sd(sd, 3.0);
    }
}

/// Maximum of n triangular(80, 100, 120): F = Tⁿ; means 104.6667 (n = 2), 108.484126984 (4);
/// medians 104.692662705, 108.718029082, and 112.680600655 (10).
#[test]
fn merge_bias() {
    let triangular = |x: f64| {
        if x < 100.0 {
            (x - 80.0).powi(2) / 800.0
        } else {
            1.0 - (120.0 - x).powi(2) / 800.0
        }
    };
    for (n, median, mean) in [
        (2, 104.692_662_705, Some(104.0 + 2.0 / 3.0)),
        (4, 108.718_029_082, Some(108.484_126_984)),
        (10, 112.680_600_655, None),
    ] {
        assert!((triangular(median).powi(n) - 0.5).abs() < 1e-9);
        let tasks: String = (0..n)
            .map(|i| task(&format!("s{i}"), "takes = triangular(80d, 100d, 120d)", ""))
            .collect();
        let report = simulate(&from_january(&tasks), TRIALS);
        let duration = report.duration();
        duration.has_quantiles(|x| triangular(x).powi(n));
        if let Some(mean) = mean {
            // A maximum spreads no wider than one of them: 20 ÷ √6.
            duration.has_mean(mean, 20.0 / 6.0_f64.sqrt());
        }
    }
}

/// Five lognormals, median 10, σ 0.5, in a row: mean 50 e^{1/8} = 56.657422653, sd 13.503626439.
/// P90 of one = 10 e^{0.5 z₀.₉} = 18.980216.
#[test]
fn a_sum_of_lognormals() {
    let mut before = String::new();
    let mut tasks = String::new();
    for i in 0..5 {
        let name = format!("s{i}");
        tasks += &task(
            &name,
            "takes = lognormal(p50: 10d, p90: 18.980216d)",
            &before,
        );
        before = name;
    }
    let report = simulate(&from_january(&tasks), TRIALS);
    // Excess kurtosis of one is 5.9, of the sum a fifth of that.
    report
        .duration()
        .has_mean(56.657_422_653, 13.503_626_439)
        .has_sd(13.503_626_439, 4.2);
}

/// Two people, three equal tasks of a working day: two side by side, the third on the morrow.
#[test]
fn two_people_do_three_equal_tasks_in_two_rounds() {
    let tasks: String = ["a", "b", "c"]
        .iter()
        .map(|name| {
            task(name, "takes = 8wh", "").replace("move = one()", "team = ops; move = one()")
        })
        .collect();
    let team = "calendar office { hours = 09:00..17:00 }
         team ops { engineers = 2; calendar = office; rate = $100/h }\n";
    let report = simulate(&from_january(&format!("{team}{tasks}")), FEW);
    // Monday 2027-01-11 and Tuesday, each from nine to five.
    report.duration().is(1.0 + 17.0 / 24.0);
    report.summary("effort_hours").is(24.0);
    report.summary("cost.kinds.engineering").is(2_400.0);
}

/// n Exp(1) on c people, whoever is free taking the next: the first n − c ends are the gaps of a
/// Poisson process of rate c, the rest a maximum of c. Mean (n − c)/c + H_c, variance
/// (n − c)/c² + Σ 1/k². Which task comes next does not matter.
#[test]
fn exponentials_on_a_team() {
    for (n, people, trials) in [(10, 2, TRIALS), (200, 10, 1_000)] {
        let step = format!("{EXPONENTIAL}; needs = [1 of ops]");
        let tasks: String = (0..n).map(|i| task(&format!("s{i}"), &step, "")).collect();
        let text = format!("team ops {{ engineers = {people} }}\n{tasks}");
        let waiting = f64::from(n - people);
        let c = f64::from(people);
        let variance = waiting / (c * c) + harmonic(people, 2);
        simulate(&from_january(&text), trials)
            .duration()
            .has_mean(waiting / c + harmonic(people, 1), variance.sqrt())
            .has_sd(variance.sqrt(), 5.0);
    }
}

fn copies(link: &str, instance: &str, names: &[&str]) -> String {
    let stores: String = names
        .iter()
        .map(|name| {
            format!(
                "datastore {name} {{ size = 1TB; change_rate = 25MB/s; {instance}; move = copy() }}
                 batch {name} {{ members = [{name}]; after = [] }}\n"
            )
        })
        .collect();
    from_january(&format!(
        "link old -> new {{ bandwidth = 1Gbps; {link} }}
         pattern copy() for datastore {{
           step copy {{ does = data.bootstrap(datastore); cutover = true }}
         }}
         {stores}"
    ))
}

/// Size ÷ (b − c): 1 Gbps is 125 MB/s and 25 MB/s change, so 10¹² bytes take 10,000 s. One at a
/// time on a link; with `at_once = 2` each has half of it. A slow engine is the limit instead.
#[test]
fn transfers_catch_up_and_share_their_link() {
    let day = 86_400.0;
    let one = simulate(&copies("", "tier = supporting", &["a"]), FEW);
    one.duration().is(10_000.0 / day);

    let engine = simulate(&copies("", "throughput = 75MB/s", &["a"]), FEW);
    engine.duration().is(20_000.0 / day);

    let turns = simulate(&copies("", "tier = supporting", &["a", "b"]), FEW);
    let mut ends = [
        turns.batch("a").number("p50"),
        turns.batch("b").number("p50"),
    ];
    ends.sort_by(f64::total_cmp);
    assert!((ends[0] - 10_000.0 / day).abs() < 1e-10, "{ends:?}");
    turns.duration().is(20_000.0 / day);

    // 10¹² ÷ (62.5 − 25) MB/s = 26,666.67 s, rounded to a microsecond.
    let halves = simulate(
        &copies("at_once = 2", "tier = supporting", &["a", "b"]),
        FEW,
    );
    for name in ["a", "b"] {
        halves.batch(name).is(80_000.0 / 3.0 / day);
    }
}

/// F = pert(1, 1.2, 1.8): mean (1 + 4.8 + 1.8)/6, variance (mean − 1)(1.8 − mean)/7.
const FACTOR: [f64; 2] = [7.6 / 6.0, (7.6 / 6.0 - 1.0) * (1.8 - 7.6 / 6.0) / 7.0];

/// A driver that acts in 30 % of the trials multiplies by M: E M = 0.7 + 0.3 E F and
/// E M² = 0.7 + 0.3 E F².
fn driver_moments() -> (f64, f64) {
    let [mean, variance] = FACTOR;
    (0.7 + 0.3 * mean, 0.7 + 0.3 * (variance + mean * mean))
}

const DRIVER: &str = "driver late { chance = 30%; factor = pert(1.0, 1.2, 1.8); on = [ON] }\n";

/// One uncertain step, X = U(1, 3), under the driver: the mean is the product of the means, the
/// mean square that of the mean squares. A soak is never multiplied.
#[test]
fn a_driver_widens_an_uncertain_step() {
    let text =
        DRIVER.replace("ON", "service.a") + &task("a", "takes = uniform(1d, 3d); soak = 2d", "");
    let (mean, square) = driver_moments();
    // E X = 2, E X² = 13/3.
    let sd = (square * 13.0 / 3.0 - (2.0 * mean).powi(2)).sqrt();
    // A product of a uniform and a factor near one: lighter tails than a normal's.
    simulate(&from_january(&text), TRIALS)
        .duration()
        .has_mean(2.0 + 2.0 * mean, sd)
        .has_sd(sd, 3.5);
}

/// Five certain days under one driver are five times M, not five draws of it; a step that two of
/// the driver's targets match takes it once.
#[test]
fn a_driver_is_shared() {
    let mut before = String::new();
    let mut text = DRIVER.replace("ON", "team.ops, service.s0, batch.s3") + "team ops { }\n";
    for i in 0..5 {
        let name = format!("s{i}");
        text +=
            &task(&name, "takes = 1d", &before).replace("move = one()", "team = ops; move = one()");
        before = name;
    }
    let (mean, square) = driver_moments();
    let sd = 5.0 * (square - mean * mean).sqrt();
    // M − 1 is zero in 70 % of trials: μ₄ ÷ σ⁴ is about 9.
    simulate(&from_january(&text), TRIALS)
        .duration()
        .has_mean(5.0 * mean, sd)
        .has_sd(sd, 9.0);
}

/// Three services side by side, each Exp(1) to get ready and Exp(1) to cut over. Together, the
/// cutovers wait until all are ready: twice the maximum of three, mean 2 H₃, variance 2 Σ 1/k².
/// Each for itself, the maximum of three gamma(2): F = (1 − e⁻ᵗ (1 + t))³.
#[test]
fn cutting_over_together_waits_for_all() {
    let text = |cutover: &str| {
        from_january(&format!(
            "pattern two() for service {{
               step prepare {{ takes = exponential(mean: 1d) }}
               step switch {{ takes = exponential(mean: 1d); cutover = true }}
             }}
             service a {{ move = two() }}
             service b {{ move = two() }}
             service c {{ move = two() }}
             batch all {{ members = [a, b, c]; mode = parallel; {cutover} }}"
        ))
    };
    let variance = 2.0 * harmonic(3, 2);
    simulate(&text(""), TRIALS)
        .duration()
        .has_mean(2.0 * harmonic(3, 1), variance.sqrt())
        .has_sd(
            variance.sqrt(),
            3.0 + 6.0 * harmonic(3, 4) / (2.0 * harmonic(3, 2).powi(2)),
        );
    let gamma = |t: f64| 1.0 - (-t).exp() * (1.0 + t);
    simulate(&text("cutover = each"), TRIALS)
        .duration()
        .has_quantiles(|t| gamma(t).powi(3));
}

/// A place in a batch is held until ready for cutover, a day here, and the five days of cutting
/// over go on without it: three take turns for the one place and end on day 3 + 5. Of three with
/// equal latest finishes the ids decide who goes first: with two places a long `a` starts at once,
/// a long `c` after a day.
#[test]
fn places_in_a_batch_are_held_until_ready_for_cutover() {
    let text = |at_once: u8, cutover: &str, long: &str| {
        let services: String = ["a", "b", "c"]
            .iter()
            .map(|name| {
                let takes = if *name == long { "3d" } else { "1d" };
                format!("service {name} {{ move = two(); step prepare {{ takes = {takes} }} }}\n")
            })
            .collect();
        from_january(&format!(
            "pattern two() for service {{
               step prepare {{ takes = 1d }}
               step switch {{ takes = 5d; cutover = true }}
             }}
             {services}
             batch all {{
               members = [a, b, c]; mode = parallel; at_once = {at_once}; cutover = {cutover}
             }}"
        ))
    };
    for cutover in ["together", "each"] {
        for (at_once, long, days) in [(1, "", 8.0), (2, "a", 8.0), (2, "c", 9.0), (3, "c", 8.0)] {
            let report = simulate(&text(at_once, cutover, long), FEW);
            report.duration().is(days);
        }
    }
}

/// A transfer of 10,000 s under a driver of 1.5 takes 15,000 s, whether it acts on the data or on
/// the link.
#[test]
fn a_driver_slows_a_transfer() {
    for on in ["datastore.a", "link.\"old -> new\""] {
        let driver = format!("driver slow {{ factor = 1.5; on = [{on}] }}\n");
        let text = copies("", "tier = supporting", &["a"]) + &driver;
        simulate(&text, FEW).duration().is(15_000.0 / 86_400.0);
    }
}
