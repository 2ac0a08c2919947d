//! `--scenario`: chosen by name, named in what comes out, and told with its list when it is not
//! there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{folder, whimbrel};
use serde_json::Value;

const PLAN: &str = "use std.patterns.{strangler_fig}
platform old { traffic = haproxy; deploy = bash(script: \"deploy.sh\") }
platform new { traffic = haproxy; deploy = bash(script: \"deploy.sh\") }
migration shop { from = old; to = new; start = 2027-01-11 }
team ops { engineers = 3 }
service cart { team = ops; move = strangler_fig() }
service ads { team = ops; move = strangler_fig() }
scenario without_ads { without service ads }
scenario bigger { team ops { engineers = 9 } }
";

fn run(arguments: &[&str]) -> common::Run {
    let folder = folder(&[("plan.mig", PLAN.as_bytes())]);
    whimbrel(folder.path(), arguments)
}

fn json(arguments: &[&str]) -> Value {
    let run = run(arguments);
    serde_json::from_str(&run.out).unwrap()
}

#[test]
fn the_plan_under_a_scenario_says_so() {
    let stands = json(&["plan", "--format", "json"]);
    let lean = json(&["plan", "--format", "json", "--scenario", "without_ads"]);
    assert_eq!(stands["scenario"], Value::Null);
    assert_eq!(lean["scenario"], "without_ads");
    assert_ne!(stands["plan_hash"], lean["plan_hash"]);
    assert_eq!(
        lean["graph"]["edges"], stands["graph"]["edges"],
        "nobody calls anybody"
    );
    let human = run(&["plan", "--scenario", "without_ads"]);
    let title = human.out.lines().next().unwrap();
    assert!(title.starts_with("shop, scenario without_ads: "), "{title}");
    assert!(title.contains("1 to move"), "{title}");
}

#[test]
fn the_estimates_say_which_scenario_they_are_of() {
    let few = ["simulate", "--trials", "20", "--format", "json"];
    assert_eq!(json(&few).get("scenario"), None);
    let bigger = json(&[&few[..], &["--scenario", "bigger"]].concat());
    assert_eq!(bigger["scenario"], "bigger");
    let compiled = json(&["compile", "--scenario", "bigger"]);
    assert_eq!(compiled["scenario"], "bigger");
}

/// Every command that takes the option answers alike: the arguments are at fault.
#[test]
fn an_unknown_scenario_is_told_with_those_there_are() {
    for command in ["check", "plan", "simulate", "build", "compile"] {
        let out: &[&str] = if command == "build" {
            &["--out", "dist"]
        } else {
            &[]
        };
        let near = run(&[&[command, "--scenario", "biger"], out].concat());
        assert_eq!(near.code, Some(2), "{command}: {}", near.err);
        assert!(near.err.starts_with("MG1516"), "{command}: {}", near.err);
        assert!(
            near.err.contains("did you mean `bigger`?"),
            "{command}: {}",
            near.err
        );
    }
    let far = run(&["plan", "--scenario", "nothing_alike"]);
    assert!(
        far.err.contains("its scenarios are without_ads, bigger"),
        "{}",
        far.err
    );
}

#[test]
fn a_fault_in_a_scenario_nobody_chose_fails_the_check() {
    let plan = format!("{PLAN}scenario wrong {{ service cart {{ trafic = 1rps }} }}\n");
    let folder = folder(&[("plan.mig", plan.as_bytes())]);
    let run = whimbrel(folder.path(), &["check", "--format", "plain"]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("plan.mig:10:"), "{}", run.out);
    assert!(run.out.contains("did you mean `traffic`?"), "{}", run.out);
}
