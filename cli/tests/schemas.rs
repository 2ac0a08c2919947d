//! What `simulate`, `merge` and `compare` write as JSON keeps the published schemas, and has no field
//! that they do not describe.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod common;

use common::{STARTER, folder, whimbrel};
use serde_json::Value;

const ESTIMATES: &str = include_str!("../../docs/reference/simulate.schema.json");
const STORY: &str = include_str!("../../docs/reference/why.schema.json");
const COMPARISON: &str = include_str!("../../docs/reference/compare.schema.json");

/// A schema that takes no field but those it describes.
fn strict(text: &str) -> Value {
    fn close(schema: &mut Value) {
        match schema {
            Value::Object(fields) => {
                fields.values_mut().for_each(close);
                if fields.get("properties").is_some_and(Value::is_object) {
                    fields.insert("additionalProperties".to_owned(), false.into());
                }
            }
            Value::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
    let mut schema = serde_json::from_str(text).unwrap();
    close(&mut schema);
    schema
}

fn faults(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors = validator.iter_errors(document);
    let told = errors.map(|error| format!("{}: {error}", error.instance_path()));
    told.collect()
}

/// What a command writes about a plan, which must keep the schema.
fn written(schema: &str, plan: &str, arguments: &[&str]) -> Value {
    let folder = folder(&[("plan.mig", plan.as_bytes())]);
    let run = whimbrel(folder.path(), &[arguments, &["--format", "json"]].concat());
    let document: Value = serde_json::from_str(&run.out).unwrap_or_else(|_| {
        assert_eq!(run.err, "", "{arguments:?}");
        Value::Null
    });
    let faults = faults(&strict(schema), &document);
    assert!(faults.is_empty(), "{arguments:?} {faults:#?}");
    document
}

/// A plan of which some trials never finish, for the end of a freeze or of a window.
fn late() -> String {
    let steps = "\
pattern turn() for service {
  step rehearse { kind = prepare; does = manual(\"Turn it.\"); takes = lognormal(20d, 60d) }
  step turn { kind = cutover; does = manual(\"Turn it.\"); takes = 1h; undo = manual(\"Turn it back.\") }
}
service reports { team = shop; move = turn() }
service accounts { team = shop; move = turn(); step turn { within = once } }
window once { from = 2027-02-01T00:00; to = 2027-04-01T00:00 }
freeze merger { from = 2027-04-01; to = 2039-12-31; blocks = [cutover] }
";
    format!("{STARTER}{steps}")
}

#[test]
fn estimates_keep_their_schema() {
    let simulate = ["simulate", "--trials", "400"];
    let full = written(ESTIMATES, STARTER, &simulate);
    assert!(full["convergence"].is_null() && full["missed"].is_null());
    // A plan that says nothing but what moves: no objective, no budget, no people.
    let least = include_str!("../../examples/minimal/plan.mig");
    let least = written(ESTIMATES, least, &simulate);
    assert!(least["deadline_probability"].is_null());
    let options = ["simulate", "--until-converged", "--trials", "3000"];
    let converging = written(ESTIMATES, STARTER, &options);
    assert!(converging["convergence"]["figures"].is_array());
    let scenario = format!("{STARTER}scenario more {{ team shop {{ engineers = 9 }} }}\n");
    let options = [&simulate[..], &["--scenario", "more"]].concat();
    assert_eq!(written(ESTIMATES, &scenario, &options)["scenario"], "more");
}

#[test]
fn estimates_with_trials_that_never_finish_keep_their_schema() {
    let late = written(ESTIMATES, &late(), &["simulate", "--trials", "2000"]);
    let missed = late["missed"].as_array().unwrap();
    let of = |lack: &str| missed.iter().find(|it| it["lack"] == lack);
    let freezes = &of("freeze").unwrap()["freezes"];
    let wanted = serde_json::json!([
        { "freeze": "merger", "from": "2027-04-01", "to": "2039-12-31" }
    ]);
    assert_eq!(freezes, &wanted);
    let window = of("window").unwrap();
    assert_eq!(window["window"], "once");
}

/// Of a step that fails three times in four a late trial has failures; in the other plan the last trial
/// by its finish is one that never ends.
#[test]
fn stories_keep_their_schema() {
    let of = |plan: &str, which: &str| {
        let fixed = ["simulate", "--trials", "400", "--why", which];
        written(STORY, plan, &fixed)
    };
    let failing = "\
pattern turn() for service {
  step turn {
    kind = cutover; does = manual(\"Turn it.\"); takes = 1h; fails = 75%
    undo = manual(\"Turn it back.\"); undo_takes = 1h; fix = 1d
  }
}
service reports { team = shop; move = turn() }
";
    let told = of(&format!("{STARTER}{failing}"), "p95");
    assert_eq!(told["percentile"], 95);
    for field in ["drawn", "events", "shares", "longer", "chain"] {
        let rows = told[field].as_array().unwrap();
        assert!(!rows.is_empty(), "{field} is not looked at");
    }
    assert!(told["unfinished"].is_null());
    let endless = of(&late(), "p99");
    assert!(endless["unfinished"]["step"].is_string(), "{endless}");
    assert!(endless["duration_days"].is_null() && endless["cost"].is_null());
}

/// What two shards come to is an object of `simulate`, of all their trials.
#[test]
fn merged_estimates_keep_their_schema() {
    let folder = folder(&[("plan.mig", STARTER.as_bytes())]);
    for (shard, out) in [("1/2", "1.shard"), ("2/2", "2.shard")] {
        let arguments = [
            "simulate", "--trials", "600", "--shard", shard, "--out", out,
        ];
        let run = whimbrel(folder.path(), &arguments);
        assert_eq!(run.code, Some(0), "{}", run.err);
    }
    let arguments = ["merge", "2.shard", "1.shard", "--format", "json"];
    let run = whimbrel(folder.path(), &arguments);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(faults(&strict(ESTIMATES), &document), [""; 0]);
    assert_eq!(
        (&document["trials"], &document["seed"]),
        (&600.into(), &1.into())
    );
}

#[test]
fn comparisons_keep_their_schema() {
    let scenarios = "\
scenario more { team shop { engineers = 9 } }
scenario nobody { service mailer { step deploy { needs = [9 of shop] } } }
";
    let plan = format!("{STARTER}{scenarios}");
    let found = written(COMPARISON, &plan, &["compare", "--trials", "300"]);
    for field in ["variants", "failed", "paired", "best"] {
        let rows = found[field].as_array().unwrap();
        assert!(!rows.is_empty(), "{field} is not looked at");
    }
    written(COMPARISON, &late(), &["compare", "--trials", "1000"]);
}

/// The check itself: a field too many, one too few and one of another type are all told.
#[test]
fn what_breaks_a_schema_is_told() {
    let schema = strict(ESTIMATES);
    let sound = written(ESTIMATES, STARTER, &["simulate", "--trials", "300"]);
    let told = |change: &dyn Fn(&mut Value)| {
        let mut document = sound.clone();
        change(&mut document);
        faults(&schema, &document).join("\n")
    };
    assert_eq!(told(&|_| ()), "");
    let extra = told(&|it| it["cost"]["tax"] = 1.into());
    assert!(extra.contains("/cost") && extra.contains("tax"), "{extra}");
    let lost = told(&|it| {
        it["finish"].as_object_mut().unwrap().shift_remove("p80");
    });
    assert!(lost.contains("/finish") && lost.contains("p80"), "{lost}");
    let other = told(&|it| it["trials"] = "many".into());
    assert!(other.contains("/trials"), "{other}");
}
