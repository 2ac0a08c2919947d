//! `compare`: which variants there are, the contract of its JSON, and what cannot be simulated.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use common::{Run, folder, whimbrel};
use serde_json::Value;

/// Four services in batches by hand; a scenario that only says what `parallel` is, one that helps,
/// and one that asks for more people than there are.
const PLAN: &str = r#"use std.patterns.strangler_fig
platform old { }
platform new { cost = $300/mo }
team shop { engineers = 2; rate = $90/h }
defaults service { team = shop; traffic = 5rps; move = strangler_fig(); cost { old = $90/mo; new = $60/mo } }
service cart { calls stock }
service stock { }
service search { }
service mailer { }
migration shop { from = old; to = new; start = 2027-01-11; deadline = 2027-02-28; strategy = hybrid }
batch first { members = [mailer] }
batch rest { members = remaining; mode = sequential }
scenario side_by_side { migration { strategy = parallel } }
scenario big_team { team shop { engineers = 6 } }
"#;

fn compare(plan: &str, arguments: &[&str]) -> Run {
    let folder = folder(&[("plan.mig", plan.as_bytes())]);
    let fixed = ["compare", "--today", "2026-11-21", "--trials", "300"];
    whimbrel(folder.path(), &[&fixed, arguments].concat())
}

fn document(plan: &str, arguments: &[&str]) -> Value {
    let run = compare(plan, &[&["--format", "json"], arguments].concat());
    serde_json::from_str(&run.out).unwrap()
}

fn names<'a>(rows: &'a Value, field: &str) -> Vec<&'a str> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row[field].as_str().unwrap_or("")).collect()
}

#[test]
fn each_strategy_and_scenario_is_there_with_its_estimates_and_each_pair_once() {
    let found = document(PLAN, &[]);
    let variants = &found["variants"];
    let all = [
        "as-written",
        "sequential",
        "parallel",
        "hybrid",
        "side_by_side",
        "big_team",
    ];
    assert_eq!(names(variants, "name"), all);
    assert_eq!(names(variants, "same_as"), ["", "", "", "", "parallel", ""]);
    assert_eq!(names(variants, "scenario")[4], "side_by_side");
    // The object of `simulate`, of the same plan and the same luck.
    let alone = folder(&[("plan.mig", PLAN.as_bytes())]);
    let arguments = [
        "simulate",
        "--trials",
        "300",
        "--scenario",
        "big_team",
        "--format",
        "json",
    ];
    let alone: Value = serde_json::from_str(&whimbrel(alone.path(), &arguments).out).unwrap();
    for (field, value) in alone.as_object().unwrap() {
        assert_eq!(&variants[5][field], value, "{field}");
    }
    // Five plans that differ are ten pairs.
    let pairs = found["paired"].as_array().unwrap();
    assert_eq!(pairs.len(), 10);
    for pair in pairs {
        for of in ["duration_days", "cost"] {
            let at = |end: &str| pair[of][end].as_f64().unwrap();
            assert!(
                at("low") <= at("mean") && at("mean") <= at("high"),
                "{pair}"
            );
        }
        let of = |name: &Value| {
            let mut rows = variants.as_array().unwrap().iter();
            let row = rows.find(|row| row["name"] == *name).unwrap();
            row["duration_days"]["mean"].as_f64().unwrap()
        };
        let apart = of(&pair["b"]) - of(&pair["a"]);
        assert!((apart - pair["duration_days"]["mean"].as_f64().unwrap()).abs() < 1e-6);
    }
}

#[test]
fn threads_change_no_byte() {
    let one = compare(PLAN, &["--threads", "1", "--format", "json"]);
    let many = compare(PLAN, &["--threads", "3", "--format", "json"]);
    assert_eq!(one.out, many.out);
}

#[test]
fn what_is_asked_for_is_held_against_the_baseline() {
    let run = compare(
        PLAN,
        &["--scenario", "big_team", "--baseline", "sequential"],
    );
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(
        run.out.contains("\nAgainst sequential\n  variant "),
        "{}",
        run.out
    );
    assert!(!run.out.contains("as-written"), "{}", run.out);
    let found = document(PLAN, &["--strategy", "hybrid", "--strategy", "hybrid"]);
    assert_eq!(names(&found["variants"], "name"), ["as-written", "hybrid"]);
    assert_eq!(found["baseline"], "as-written");
    // What is the baseline's plan under another name may stand for it.
    let run = compare(PLAN, &["--baseline", "side_by_side"]);
    assert!(run.out.contains("\nAgainst parallel\n"), "{}", run.out);
}

#[test]
fn a_name_that_is_none_is_told() {
    for (arguments, told) in [
        (["--baseline", "paralel"], "did you mean `parallel`?"),
        (
            ["--baseline", "best"],
            "name one of as-written, sequential, ",
        ),
        (["--scenario", "bigteam"], "did you mean `big_team`?"),
    ] {
        let run = compare(PLAN, &arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}");
        assert!(run.err.contains(told), "{}", run.err);
    }
}

#[test]
fn what_cannot_be_simulated_is_told_and_the_rest_goes_on() {
    // One has an error, the other needs two people where there is one.
    let plan = format!(
        "{PLAN}phase talk {{ takes = 1d; needs = [2 of shop] }}\nscenario one_left {{ team shop {{ engineers = 1 }} }}\nscenario slip {{ service carts {{ traffic = 9rps }} }}\n"
    );
    let run = compare(&plan, &[]);
    assert_eq!(run.code, Some(1), "{}", run.err);
    let (rest, failed) = run.out.split_once("\nNot simulated\n").unwrap();
    assert!(rest.contains("\n  big_team "), "{}", run.out);
    assert!(failed.contains("one_left: MG1606 "), "{}", run.out);
    assert!(failed.contains("slip: MG0"), "{}", run.out);
    let found = document(&plan, &[]);
    assert_eq!(names(&found["failed"], "name"), ["one_left", "slip"]);
    let run = compare(&plan, &["--baseline", "one_left"]);
    assert_eq!(run.code, Some(1));
    assert!(
        run.err.contains("nothing can be held against `one_left`"),
        "{}",
        run.err
    );
}

#[test]
fn a_plan_without_a_migration_is_told_as_elsewhere() {
    let run = compare("platform old { }\n", &[]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    assert!(run.err.contains("MG1512"), "{}", run.err);
}

/// Two services by hand in one parallel batch, and no money.
const PENNILESS: &str = "platform old { }\nplatform new { }\nteam t { engineers = 2 }\n\
    pattern p() for service { step go { kind = cutover; takes = pert(30h, 40h, 50h) } }\n\
    service s { team = t; move = p() }\nservice u { team = t; move = p() }\n\
    batch both { mode = parallel; members = [s, u] }\n\
    migration m { from = old; to = new; start = 2027-01-11; deadline = 2027-01-14 }\n\
    scenario same { }\n\
    scenario rushed { migration { deadline = 2027-01-11 } }\n";

fn compared(arguments: &[&str]) -> String {
    let folder = folder(&[("plan.mig", PENNILESS.as_bytes())]);
    let fixed = ["compare", "--today=2026-11-21"];
    let run = whimbrel(folder.path(), &[&fixed, arguments].concat());
    assert_eq!(run.code, Some(0), "{}", run.err);
    run.out
}

/// All of a thousand trials meet the one deadline and none the other: each chance is above 99.6 % or
/// below 0.4 %, as 0.0125^(1/1000) is 99.56 %, and their difference is known to within 0.9 points.
#[test]
fn a_verdict_about_a_chance_stands_beside_its_interval() {
    let out = compared(&["--trials=1000", "--scenario=rushed"]);
    let row = "chance to meet the deadline  -100.0 points  -100.0 to -99.1 points  real: worse";
    assert!(out.contains(row), "{out}");
}

#[test]
fn a_plan_without_money_has_unknown_costs_and_none_is_cheapest() {
    for trials in ["--trials=1", "--trials=1000"] {
        let out = compared(&[trials]);
        assert!(out.contains("  unknown  "), "{out}");
        for word in ["XXX", "P80 cost", "costs less", "costs least"] {
            assert!(!out.contains(word), "{word}: {out}");
        }
    }
    assert!(compared(&["--trials=1"]).contains(", 1 trial of each on"));
}

/// In parallel by hand or by the strategy, the two go at once in every trial; as written they are in no
/// sequence.
#[test]
fn what_is_the_same_in_every_trial_is_called_so() {
    let out = compared(&["--trials=1000"]).replace("\n  ", " ");
    let best =
        "as-written finishes first at P80, the same in every trial as parallel, hybrid, rushed";
    assert!(out.contains(best), "{out}");
    let hand = "; as-written has batches written by hand";
    assert!(out.contains(hand), "{out}");
}
