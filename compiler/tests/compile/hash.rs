//! The plan hash: what a plan means, however it is written.

use serde_json::Value;

use crate::support::{COPY, HOP, MOVE, plan, plan_of, project};

const BODY: &str = "
team ops { engineers = 3; rate = $95/h }
link old -> new { bandwidth = 10Gbps; latency = 2ms }
datastore db { size = 1TB; move = copy(); table rows; table items }
service a { team = ops; traffic = 10rps; calls b { rate = 5rps; need = hard }; writes db.rows; move = hop() }
service b { reads db.rows; reads db.items; move = hop() }
phase survey { takes = 5d }
risk loss { tier = high; mitigation = \"copies\" }
announce all { before = 7d; channel = \"mail\" }
batch one { members = [db] }
batch two { members = [a, b] }
";

fn hash(text: &str) -> String {
    plan(text).hash().unwrap()
}

fn base() -> String {
    format!("{MOVE}{HOP}{COPY}{BODY}")
}

/// Order does not matter for names: all top-level statements the other way round (batches keep
/// their order, which speaks).
#[test]
fn reordered_statements_are_the_same_plan() {
    let (head, batches) = BODY.split_once("batch one").unwrap();
    let mut lines: Vec<&str> = head.lines().collect();
    lines.reverse();
    let turned = format!("batch one{batches}{}\n{COPY}{HOP}{MOVE}", lines.join("\n"));
    assert_eq!(hash(&base()), hash(&turned));
}

/// The order of relations, attributes and tables inside a block says nothing.
#[test]
fn reordered_attributes_are_the_same_plan() {
    let turned = base()
        .replace(
            "team = ops; traffic = 10rps;",
            "traffic = 10rps; team = ops;",
        )
        .replace(
            "reads db.rows; reads db.items",
            "reads db.items; reads db.rows",
        )
        .replace("table rows; table items", "table items; table rows")
        .replace("from = old; to = new;", "to = new; from = old;");
    assert_ne!(turned, base());
    assert_eq!(hash(&base()), hash(&turned));
}

/// Blank lines, comments, layout, another spelling of one value, a `let`, another file: the same.
#[test]
fn layout_and_comments_are_not_part_of_the_plan() {
    let plain = hash(&base());
    let spaced = base()
        .replace("; ", "\n  ")
        .replace(" { ", " {\n  # a comment\n\n  ")
        .replace(" }\n", "\n}\n\n");
    assert_eq!(plain, hash(&spaced));
    let respelt = base()
        .replace("10Gbps", "10_000Mbps")
        .replace("7d", "1w")
        .replace("1TB", "1_000GB")
        .replace("$95/h", "USD 95/h");
    assert_eq!(plain, hash(&respelt));
    let named = format!(
        "let lead = 3d + 4d\n{}",
        base().replace("before = 7d", "before = lead")
    );
    assert_eq!(plain, hash(&named));
    let entry = format!("import \"body.mig\"\n{MOVE}{HOP}{COPY}");
    let split = plan_of(project(&[("plan.mig", &entry), ("body.mig", BODY)]));
    assert_eq!(plain, split.hash().unwrap());
}

/// Any change of meaning is another plan.
#[test]
fn every_change_of_meaning_is_another_plan() {
    let plain = hash(&base());
    for (from, to) in [
        ("engineers = 3", "engineers = 4"),
        ("$95/h", "€95/h"),
        ("latency = 2ms", "latency = 3ms"),
        ("traffic = 10rps", "traffic = 11rps"),
        ("need = hard", "need = soft"),
        ("reads db.items;", ""),
        ("takes = 5d", "takes = 6d"),
        ("\"copies\"", "\"prayer\""),
        ("before = 7d", "before = 8d"),
        (
            "batch two { members = [a, b] }",
            "batch two { members = [a, b]; mode = parallel }",
        ),
        ("batch two {", "batch second {"),
        ("start = 2027-01-11", "start = 2027-01-12"),
        ("soak = 1h", "soak = 2h"),
        ("step keep {", "step hold {"),
        ("migration all", "migration other"),
        (
            "service a { team = ops;",
            "## Takes the money.\nservice a { team = ops;",
        ),
    ] {
        let changed = base().replace(from, to);
        assert_ne!(changed, base(), "{from}");
        assert_ne!(plain, hash(&changed), "{from} → {to}");
    }
}

/// The hash is that of the canonical JSON, and reading the JSON back gives the plan.
#[test]
fn the_plan_survives_its_json() {
    let plan = plan(&base());
    let json = serde_json::to_string(&plan).unwrap();
    let back: whimbrel_plan::Plan = serde_json::from_str(&json).unwrap();
    assert_eq!(plan, back);
    assert_eq!(plan.hash().unwrap(), back.hash().unwrap());
    assert_eq!(plan.hash().unwrap().len(), 64);
}

/// The canonical JSON is the plan's own JSON without the member `location` of any object, also where a
/// text holds what such a member looks like.
#[test]
fn the_canonical_json_has_no_locations() {
    fn remove(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.shift_remove("location");
                members.values_mut().for_each(remove);
            }
            Value::Array(items) => items.iter_mut().for_each(remove),
            _ => {}
        }
    }
    let tricky = r#"mitigation = "copies,\"location\":{}, \\\"location\\\":[" }"#;
    let text = base().replace(r#"mitigation = "copies" }"#, tricky);
    assert_ne!(text, base());
    let plan = plan(&text);
    let mut value = serde_json::to_value(&plan).unwrap();
    let with = value.to_string();
    remove(&mut value);
    assert_ne!(value.to_string(), with);
    assert_eq!(plan.canonical_json().unwrap(), value.to_string());
}
