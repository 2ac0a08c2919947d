//! Uncertainty of what is no duration, against its mean and distribution by hand.

use crate::program::{TRIALS, check, from_january, plan, simulate, task};

/// A move in four parts: 1 d deploying, 2 d to the cutover, 3 d kept, 1 d removing.
const MOVE: &str = "pattern whole() for service {
   step install { kind = deploy; takes = 1d; undo = manual(\"remove\") }
   step switch { takes = 2d; undo = manual(\"back\"); cutover = true }
   step keep_old { kind = keep; soak = 3d }
   step remove { kind = decommission; takes = 1d; irreversible = true }
 }\n";

/// U(a, b) has mean (a + b) ÷ 2 and standard deviation (b − a) ÷ √12.
fn sd_of_uniform(width: f64) -> f64 {
    width / 12.0_f64.sqrt()
}

/// Three days of the new side at U($10, $30) a day, four of the old at $100 a day: one price in each
/// history, so the cost is U(430, 490).
#[test]
fn dual_running_at_an_uncertain_price() {
    let text = "service a { cost { old = $100/d; new = uniform($10/d, $30/d) }; move = whole() }";
    let report = simulate(&from_january(&format!("{MOVE}{text}")), TRIALS);
    report
        .summary("cost.kinds.dual_running")
        .has_mean(460.0, sd_of_uniform(60.0))
        .has_quantiles(|cost| (cost - 430.0) / 60.0);
    // Ten tenths of the spread are this price's: from its P10 to its P90 the means of the tails
    // are $57 and $3 above the least.
    let input = |field: &str| report.driver("service/a/cost.new", field);
    assert!((input("rank_correlation_cost") - 1.0).abs() < 1e-9);
    assert!(
        (input("swing_cost") - 54.0).abs() < 0.5,
        "{}",
        input("swing_cost")
    );
    assert_eq!(input("swing_days"), 0.0);
}

/// Ten hours of one person at U($50, $150) an hour and an automation of U($2_000, $4_000): the
/// draws are apart, so the variances add.
#[test]
fn wages_and_a_price_are_drawn_apart() {
    let text = "team ops { engineers = 1; rate = uniform($50/h, $150/h) }
         automation { cost = uniform($2_000, $4_000) }
         pattern scripted() for service {
           step a { takes = 10wh; does = run(\"move.sh\"); undo = manual(\"back\"); cutover = true }
         }
         service s { team = ops; move = scripted() }";
    let report = simulate(&from_january(text), TRIALS);
    let (wages, price) = (sd_of_uniform(1_000.0), sd_of_uniform(2_000.0));
    report
        .summary("cost.kinds.engineering")
        .has_mean(1_000.0, wages);
    report
        .summary("cost.kinds.automation")
        .has_mean(3_000.0, price);
    report.summary("cost").has_mean(4_000.0, wages.hypot(price));
}

/// 1 TB over a link of U(10, 20) MB/s takes 50 to 100 thousand seconds; the mean of 1 ÷ U(a, b) is
/// ln(b ÷ a) ÷ (b − a), and T ≤ t where the bandwidth is at least 10¹² ÷ t.
#[test]
fn a_copy_over_an_uncertain_link() {
    let text = "link old -> new { bandwidth = uniform(10MB/s, 20MB/s) }
         pattern copied() for datastore {
           step copy { does = data.bootstrap(datastore); cutover = true }
         }
         datastore db { size = 1TB; move = copied() }";
    let report = simulate(&from_january(text), TRIALS);
    let days = |seconds: f64| seconds / 86_400.0;
    let mean = 1e12 * 2.0_f64.ln() / 1e7;
    // E[1 ÷ U²] = 1 ÷ (a b).
    let sd = (1e24 / 2e14 - mean * mean).sqrt();
    report
        .duration()
        .has_mean(days(mean), days(sd))
        .has_quantiles(|t| (20.0 - 1e6 / (t * 86_400.0)) / 10.0);
}

/// 1 TB over 10 MB/s while U(0, 18) MB/s change: in 8 of 18 histories it never ends, as the warning
/// says.
#[test]
fn a_copy_that_may_never_catch_up() {
    let text = "link old -> new { bandwidth = 10MB/s }
         pattern copied() for datastore {
           step copy { does = data.bootstrap(datastore); cutover = true }
         }
         datastore db { size = 1TB; change_rate = uniform(0MB/s, 18MB/s); move = copied() }";
    let plan = from_january(text);
    let told = check(&plan);
    let warning = "`db/copy` never catches up in 44.44 % of the draws";
    assert!(told.contains(warning), "{told}");
    simulate(&plan, TRIALS).has_chance("unfinished", 8.0 / 18.0);
}

/// A chance nobody knows: p is Beta(2, 8) in each history, so one step fails with its mean 1/5, and
/// two steps that share nothing with 1 − (4/5)². Were p drawn anew for each attempt of one step, it
/// would fail twice in a row with 1/25; with one p it is E[p²] = 2 · 3 ÷ (10 · 11).
#[test]
fn a_chance_that_is_not_known() {
    let step = "fails = beta(2, 8); undo = manual(\"back\")";
    let one = simulate(&from_january(&task("a", step, "")), TRIALS);
    one.has_chance("incident_probability", 0.2);
    let both = task("a", step, "") + &task("b", step, "");
    simulate(&from_january(&both), TRIALS).has_chance("incident_probability", 0.36);

    // Each failed attempt costs a day more; of 1 + k days with k failures, k ≥ 2 with E[p²].
    let days = "takes = 1d; fails = beta(2, 8); attempts = 20; undo = manual(\"back\")";
    let late = plan(
        "start = 2027-01-11; deadline = 2027-01-12",
        &task("a", days, ""),
    );
    let twice = 6.0 / 110.0;
    simulate(&late, TRIALS).has_chance("deadline_probability", 1.0 - twice);
}

/// A soak is another one in each attempt: 1 + U(1, 3) + U(2, 6) days with one of 2 d and one of
/// 4 d in the mean.
#[test]
fn soaks_are_drawn_apart() {
    let text = task("a", "takes = 1d; soak = uniform(1d, 3d)", "")
        + &task("b", "soak = uniform(2d, 6d)", "a");
    let report = simulate(&from_january(&text), TRIALS);
    let sd = sd_of_uniform(2.0).hypot(sd_of_uniform(4.0));
    report.duration().has_mean(8.0, sd);
}

/// Half an hour of planned downtime, U(100, 300) requests a second: U(180, 540) thousand lost; the
/// revenue of U($1, $3) a second is drawn apart from it.
#[test]
fn losses_of_uncertain_traffic() {
    let text = "pattern down() for service { step a { takes = 1h; downtime = 30min; cutover = true } }
         service a { traffic = uniform(100rps, 300rps); revenue = uniform($1/s, $3/s); move = down() }";
    let report = simulate(&from_january(text), TRIALS);
    report
        .summary("blast_radius.requests_lost")
        .has_mean(360_000.0, sd_of_uniform(360_000.0));
    report
        .summary("cost.kinds.lost_revenue")
        .has_mean(3_600.0, sd_of_uniform(3_600.0));
}
