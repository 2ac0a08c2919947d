//! Every kind of cost against its sum by hand.

use crate::program::{FEW, TRIALS, from_january, plan, simulate, task};
use crate::report::Report;

const KINDS: [&str; 7] = [
    "dual_running",
    "engineering",
    "automation",
    "bridges",
    "network",
    "licences",
    "lost_revenue",
];

/// What one kind of cost is in every trial, when it is all there is to pay.
fn is_all(report: &Report, kind: &str, exact: f64) {
    for other in KINDS {
        let cost = if other == kind { exact } else { 0.0 };
        report.summary(&format!("cost.kinds.{other}")).is(cost);
    }
    report.summary("cost").is(exact);
}

/// Two people at $100/h for ten working hours, which fail once: undone in one hour, fixed in three.
/// 2 · (10 + 1 + 3 + 10) h; the nights between are not billed.
#[test]
fn engineering_bills_busy_hours() {
    let step = "takes = 10wh; needs = [2 of ops]; fails = 100%; learning = 0
                undo = manual(\"back\"); undo_takes = 1h; fix = 3wh";
    let text = format!(
        "calendar office {{ hours = 09:00..17:00 }}
         team ops {{ engineers = 2; rate = $100/h; calendar = office }}
         {}",
        task("a", step, "").replace("move = one()", "team = ops; move = one()")
    );
    let report = simulate(&from_january(&text), FEW);
    report.summary("effort_hours").is(48.0);
    is_all(&report, "engineering", 4_800.0);
}

/// An uncertain effort: the cost is $100/h · Exp(20 h), so mean and sd are $2,000 and its
/// distribution function is that of the hours. Budget and deadline rise with the same draw, so
/// the chance of both is the lesser: 1 − e^{−1.5} for 30 h of money, 1 − e^{−1.2} for a day.
#[test]
fn money_and_time_of_one_draw() {
    let step = "takes = exponential(mean: 20wh); needs = [1 of ops]";
    let text = plan(
        "start = 2027-01-11; budget = $3_000; deadline = 2027-01-11",
        &format!(
            "team ops {{ engineers = 1; rate = $100/h }}\n{}",
            task("a", step, "")
        ),
    );
    let report = simulate(&text, TRIALS);
    report
        .summary("cost.kinds.engineering")
        .has_mean(2_000.0, 2_000.0)
        .has_sd(2_000.0, 9.0)
        .has_quantiles(|cost| 1.0 - (-cost / 2_000.0).exp());
    report.has_chance("budget_probability", 1.0 - (-1.5_f64).exp());
    report.has_chance("deadline_probability", 1.0 - (-1.2_f64).exp());
    report.has_chance("joint_probability", 1.0 - (-1.2_f64).exp());
}

/// A move in four parts: 1 d deploying, 2 d to the cutover, 3 d kept, 1 d removing.
const MOVE: &str = "pattern whole() for service {
   step install { kind = deploy; takes = 1d; undo = manual(\"remove\") }
   step switch { takes = 2d; undo = manual(\"back\"); cutover = true }
   step keep_old { kind = keep; soak = 3d }
   step remove { kind = decommission; takes = 1d; irreversible = true }
 }\n";

/// The new side for 1 + 2 days, the old one for 3 + 1, the new platform for all seven.
#[test]
fn dual_running_is_the_side_that_does_not_serve() {
    let service = "service a { cost { old = $2/h; new = $1/h }; move = whole() }";
    let report = simulate(&from_january(&format!("{MOVE}{service}")), FEW);
    is_all(&report, "dual_running", 3.0 * 24.0 + 4.0 * 48.0);
    report.summary("dual_running_days").is(7.0);

    let platform = from_january(&format!("{MOVE}{service}"))
        .replace("platform new { }", "platform new { cost = $5/h }");
    is_all(
        &simulate(&platform, FEW),
        "dual_running",
        3.0 * 24.0 + 4.0 * 48.0 + 7.0 * 120.0,
    );
}

/// The automation is built before the first act of an executor: $80,000 and two days of two people
/// at $50/h, and the move starts behind it.
#[test]
fn automation_is_paid_up_front() {
    let rest = "team ops { engineers = 2; rate = $50/h }
         automation { cost = $80_000; takes = 48wh; needs = [2 of ops] }
         pattern scripted() for service {
           step a { takes = 1d; does = run(\"move.sh\"); undo = manual(\"back\"); cutover = true }
         }
         service s { move = scripted() }";
    let report = simulate(&from_january(rest), FEW);
    report.summary("cost.kinds.automation").is(80_000.0);
    report.summary("cost.kinds.engineering").is(4_800.0);
    report.summary("cost").is(84_800.0);
    report.duration().is(3.0);
}

/// A caller and what it calls, which moves first; 2 d and then 3 d.
fn caller_and_callee(call: &str, rest: &str) -> String {
    format!(
        "service back {{ move = one(); step a {{ takes = 2d }} }}
         service front {{ calls back {{ {call} }}; move = one(); step a {{ takes = 3d }} }}
         batch first {{ members = [back] }}
         batch second {{ members = [front] }}
         {rest}"
    )
}

/// It is built in half a day before either end takes traffic on the new side, and stands until the
/// batch that ends it is settled: the 2 + 3 days of both batches at $24, or the 2 of the first.
#[test]
fn a_bridge_costs_while_it_stands() {
    let bridge =
        "bridge b { over = front -> back; by = proxy; cost = $1/h; effort = 12h; until = second }";
    let text = caller_and_callee("need = hard", bridge);
    let report = simulate(&from_january(&text), FEW);
    is_all(&report, "bridges", 120.0);
    report.duration().is(5.5);
    let shorter = text.replace("until = second", "until = first");
    is_all(&simulate(&from_january(&shorter), FEW), "bridges", 48.0);
}

/// The ends are apart for the three days between the cutovers: 10/s · 1 MB · 259,200 s are
/// 2,592 GB at $0.02.
#[test]
fn egress_is_paid_while_the_ends_are_apart() {
    let text = caller_and_callee(
        "rate = 10rps; bytes = 1MB; need = hard",
        "link old -> new { bandwidth = 1Gbps; egress = $0.02/GB }",
    );
    is_all(&simulate(&from_january(&text), FEW), "network", 51.84);
}

/// The old side goes on day 7, at midnight before 2027-01-18. A licence that ends the day before
/// it is in time; one that ends earlier renews for a year, 12 % dearer. Removal that takes Exp(2 d)
/// instead of a day is late for a licence until day 7 with e^{−1/2}.
#[test]
fn a_licence_renews_when_it_ends_before_removal() {
    let text = |until: &str, takes: &str| {
        from_january(&format!(
            "{MOVE}service a {{ move = whole(); step remove {{ takes = {takes} }} }}
             licence l {{ of = [a]; cost = $10_000/y; grows = 12%/y; until = {until} }}"
        ))
    };
    is_all(&simulate(&text("2027-01-17", "1d"), FEW), "licences", 0.0);
    is_all(
        &simulate(&text("2027-01-16", "1d"), FEW),
        "licences",
        11_200.0,
    );
    // By chance: a removal of Exp(2 d) begins on day 6 and the licence ends on day 7.
    let late = (-0.5_f64).exp();
    simulate(&text("2027-01-17", "exponential(mean: 2d)"), TRIALS)
        .summary("cost.kinds.licences")
        .has_mean(11_200.0 * late, 11_200.0 * (late * (1.0 - late)).sqrt());
}

/// A failed cutover is down from its onset: 4 min to notice and 6 to undo are 600 s, in each of
/// which ten requests and $1 are lost. What fails at half severity loses half.
#[test]
fn revenue_is_lost_while_a_service_is_down() {
    let step = "takes = 1h; fails = 100%; learning = 0; detect = 4min
                undo = manual(\"back\"); undo_takes = 6min; SEVERITY";
    let service = "traffic = 10rps; revenue = $3_600/h; move = one()";
    for (severity, share) in [("", 1.0), ("severity = 50%", 0.5)] {
        let text = task("a", &step.replace("SEVERITY", severity), "");
        let text = from_january(&text.replace("move = one()", service));
        let report = simulate(&text, FEW);
        is_all(&report, "lost_revenue", 600.0 * share);
        report
            .summary("blast_radius.requests_lost")
            .is(6_000.0 * share);
        report.summary("blast_radius.request_share").is(share);
        report.summary("blast_radius.services").is(1.0);
    }
}

/// Elapsed work with people bills through the night: 24 h of two people at $100/h.
#[test]
fn elapsed_work_with_people_is_billed_throughout() {
    let text = format!(
        "calendar office {{ hours = 09:00..17:00 }}
         team ops {{ engineers = 2; rate = $100/h; calendar = office }}
         {}",
        task("a", "takes = 24h; needs = [2 of ops]", "")
    );
    let report = simulate(&from_january(&text), FEW);
    is_all(&report, "engineering", 4_800.0);
    // From Monday at nine.
    report.duration().is(1.0 + 9.0 / 24.0);
}

/// Two databases of one instance run twice with it once: it is deployed with the first, served from
/// the new side with the last, and gone with the last. `a` takes days 0 to 7, `b` days 3 to 10,
/// for it follows the cutover of `a`: 6 days of the new side and 4 of the old.
#[test]
fn a_shared_instance_runs_twice_once() {
    let whole = MOVE.replace("for service", "for datastore");
    let report = simulate(
        &from_january(&format!(
            "{whole}
             instance db {{
               engine = postgresql
               cost {{ old = $2/h; new = $1/h }}
               datastore a {{ move = whole() }}
               datastore b {{ move = whole() }}
             }}
             batch all {{ members = [a, b] }}"
        )),
        FEW,
    );
    is_all(&report, "dual_running", 6.0 * 24.0 + 4.0 * 48.0);
    report.summary("dual_running_days").is(10.0);
}

/// Ends that move to different platforms stay apart: three days over the first link, then five
/// more over the second until the migration ends on day 10, at 864 GB a day.
#[test]
fn egress_goes_on_when_the_ends_stay_apart() {
    let text = caller_and_callee(
        "rate = 10rps; bytes = 1MB; need = hard",
        "platform far { }
         link old -> new { bandwidth = 1Gbps }
         link old -> far { bandwidth = 1Gbps; egress = $0.02/GB }
         link new -> far { bandwidth = 1Gbps; egress = $0.05/GB }",
    )
    .replace("service back {", "service back { to = far;");
    let last = "\n".to_owned() + &task("last", "takes = 10d", "");
    let report = simulate(&from_january(&(text + &last)), FEW);
    is_all(&report, "network", 3.0 * 864.0 * 0.02 + 5.0 * 864.0 * 0.05);
}
