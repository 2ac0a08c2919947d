//! Every reference class: its figure and origin said, its example sound, its law the one that the
//! figure gives.

use whimbrel_lang::ast::StatementKind;
use whimbrel_plan::{Act, Distribution, Plan};

use crate::support::{compiled, doc, example, findings, folder, only};

#[test]
fn every_class_says_its_figure_where_it_is_from_and_how_the_law_follows() {
    let classes = folder("classes");
    assert!(classes.len() >= 20, "{}", classes.len());
    for (name, text) in classes {
        let statement = only(&name, &text);
        let StatementKind::Let { name: named, .. } = &statement.kind else {
            panic!("{name} is no `let`");
        };
        assert_eq!(named.value, name, "a file is called as its class");
        let said = doc(statement.doc()).join(" ");
        for part in ["Figure: ", "(field notes, ", "Law: "] {
            assert!(said.contains(part), "{name} lacks `{part}`: {said}");
        }
    }
}

/// The example takes the class and uses it, where its type goes.
#[test]
fn the_example_of_each_class_is_sound() {
    for (name, text) in folder("classes") {
        let example = example(&name, &text);
        assert!(
            example.matches(&name).count() >= 2,
            "{name} is not used: {example}"
        );
        let moved = "platform from_here { }\nplatform to_there { }\n\
             migration all { from = from_here; to = to_there; start = 2027-01-11 }\n";
        let used = if example.contains("pattern one_step()") {
            "service it { move = one_step() }\n"
        } else {
            ""
        };
        let compilation = compiled(&format!("{example}\n{moved}{used}"));
        let errors: Vec<String> = compilation
            .diagnostics
            .iter()
            .zip(findings(&compilation))
            .filter(|(found, _)| found.level == whimbrel_lang::Level::Error)
            .map(|(_, told)| told)
            .collect();
        assert_eq!(errors, Vec::<String>::new(), "{name}");
    }
}

fn plan(name: &str, uses: &str) -> Plan {
    let text = format!(
        "use std.classes.{name}\n\
         platform vm {{ }}\nplatform kubernetes {{ }}\nteam a {{ }}\n\
         migration all {{ from = vm; to = kubernetes; start = 2027-01-11 }}\n{uses}\n"
    );
    let compilation = compiled(&text);
    assert!(
        compilation.is_runnable(),
        "{name}: {:?}",
        findings(&compilation)
    );
    compilation.plan.unwrap()
}

/// The law of a class that is a time, in seconds. Without a calendar a working day has 24 hours.
fn time(name: &str) -> Distribution {
    let plan = plan(name, &format!("phase p {{ takes = {name} }}"));
    let step = plan.steps.values().next().unwrap();
    match &step.act {
        Act::Elapsed(law) | Act::Working(law) => law.clone(),
        other => panic!("{name}: {other:?}"),
    }
}

/// The law of a class that is a share.
fn share(name: &str) -> Distribution {
    let plan = plan(
        name,
        &format!("driver d {{ factor = {name}; on = [team.a] }}"),
    );
    plan.drivers.values().next().unwrap().factor.clone()
}

fn near(name: &str, found: f64, expected: f64) {
    assert!(
        (found / expected - 1.0).abs() < 2e-3,
        "{name}: {found}, and not {expected}"
    );
}

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;

/// (least + 4 × likely + greatest) / 6 for `pert`, the middle for `uniform`, a third of the sum for
/// `triangular`.
#[test]
fn times_have_the_means_of_their_figures() {
    for (name, mean) in [
        ("service_cycle", (3.0 + 4.0 * 5.0 + 7.0) / 6.0 * DAY),
        ("service_effort", (50.0 + 80.0) / 2.0 * HOUR),
        ("automation_build", (5.0 + 4.0 * 10.0 + 15.0) / 6.0 * DAY),
        ("hidden_dependency", (2.0 + 4.0 * 10.0 + 20.0) / 6.0 * DAY),
        ("watch_after_cutover", (24.0 + 48.0) / 2.0 * HOUR),
        ("old_side_kept", (24.0 + 72.0) / 2.0 * HOUR),
        (
            "detected_by_people",
            (2.0 + 4.0 * 10.0 + 30.0) / 6.0 * MINUTE,
        ),
        ("detected_by_trigger", (5.0 + 4.0 * 20.0 + 60.0) / 6.0),
        ("route_change", (1.0 + 4.0 * 5.0 + 30.0) / 6.0),
        ("large_rollback", (5.0 + 4.0 * 15.0 + 30.0) / 6.0 * MINUTE),
        ("intercontinental_latency", (0.150 + 0.150 + 0.300) / 3.0),
    ] {
        near(name, time(name).mean(), mean);
    }
}

#[test]
fn shares_have_the_bounds_of_their_figures() {
    for (name, low, high) in [
        ("critical_incident", 0.60, 0.70),
        ("dual_running", 0.50, 1.00),
        ("assessment_share", 0.20, 0.30),
    ] {
        let (least, greatest) = share(name).support();
        near(name, least, low);
        near(name, greatest, high);
    }
    near(
        "adapter_overhead",
        share("adapter_overhead").mean(),
        (0.0 + 4.0 * 0.15 + 0.30) / 6.0,
    );
    near(
        "first_mismatch",
        share("first_mismatch").mean(),
        1.0 - 0.9997,
    );
    near(
        "hand_checked",
        share("hand_checked").mean(),
        261.0 / 2_300_000.0,
    );
}

/// Forty services with five shifts each: 200 shifts. Without an incident are 40 % to 30 %.
#[test]
fn two_hundred_shifts_have_the_published_chance_of_an_incident() {
    let (low, high) = share("shift_failure").support();
    near("low", (1.0 - low).powi(200), 0.40);
    near("high", (1.0 - high).powi(200), 0.30);
}

#[test]
fn the_latency_has_the_published_mean_and_percentile() {
    let law = time("end_to_end_latency");
    near("mean", law.mean(), 0.042);
    near("p99", law.quantile(0.99), 0.087);
}

#[test]
fn rates_are_those_of_the_published_move() {
    let link = "link vm -> kubernetes { bandwidth = bulk_bandwidth }";
    let link = &plan("bulk_bandwidth", link).inventory.links;
    let bytes = link.values().next().unwrap().bandwidth.as_ref();
    let bits = bytes.unwrap().mean() * 8.0;
    near("bulk_bandwidth", bits, 10e9);
    let store = "datastore it { throughput = large_database_rate }";
    let stores = &plan("large_database_rate", store).inventory.resources;
    let rate = stores.values().next().unwrap().throughput.as_ref();
    near(
        "large_database_rate",
        rate.unwrap().mean(),
        50e12 / (67.0 * HOUR),
    );
    let licence = "datastore it { }\nlicence l { of = [it]; cost = $1/y; grows = licence_growth; until = 2028-01-01 }";
    let licences = plan("licence_growth", licence).inventory.licences;
    near("licence_growth", licences[0].grows_per_year.mean(), 0.12);
}
