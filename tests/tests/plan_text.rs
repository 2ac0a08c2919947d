//! The plan text as data, against its JSON schema: what people write fits, what is wrong does not.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests read the repository's files"
)]

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value, json};
use walkdir::WalkDir;
use whimbrel_compiler::plan_text::{document, schema};
use whimbrel_lang::Sources;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).unwrap()
}

fn data(path: &str, text: &str) -> Value {
    let mut sources = Sources::default();
    sources.add(path, text);
    document(&sources)
}

/// What the schema has against a text.
fn faults(validator: &Validator, path: &str, text: &str) -> Vec<String> {
    let data = data(path, text);
    let errors = validator.iter_errors(&data);
    errors
        .map(|error| format!("{path}{}: {error}", error.instance_path()))
        .collect()
}

fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let found = WalkDir::new(root().join(folder)).sort_by_file_name();
    found
        .into_iter()
        .map(Result::unwrap)
        .filter(|entry| entry.path().extension().is_some_and(|end| end == extension))
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            (entry.path().display().to_string(), text)
        })
        .collect()
}

#[test]
fn every_example_and_the_standard_library_fit() {
    let validator = validator();
    let mut all = files("stdlib", "mig");
    all.extend(files("examples", "mig"));
    assert!(all.len() > 15, "{}", all.len());
    let mut found = Vec::new();
    for (path, text) in &all {
        // Its faults are planted, and some are of syntax and names.
        if !path.contains("broken") {
            found.extend(faults(&validator, path, text));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The blocks of a page whose fence begins with `fence`.
fn blocks<'a>(page: &'a str, fence: &str) -> Vec<&'a str> {
    let parts: Vec<&str> = page.split("```").collect();
    let code = parts.iter().skip(1).step_by(2);
    code.filter_map(|block| block.strip_prefix(fence))
        .filter_map(|block| block.split_once('\n'))
        .map(|(_, text)| text)
        .collect()
}

#[test]
fn every_good_block_of_a_page_fits() {
    let validator = validator();
    let mut found = Vec::new();
    let mut seen = 0;
    for (path, page) in files("compiler/rules", "md") {
        for block in blocks(&page, "mig good") {
            seen += 1;
            found.extend(faults(&validator, &path, block));
        }
    }
    assert!(seen > 30, "{seen} blocks");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Pairs that differ in one thing: the first is wrong in it, the second right.
const PAIRS: &[(&str, &str)] = &[
    ("servise a { }", "service a { }"),
    ("service { }", "service a { }"),
    ("service a b { }", "service \"a b\" { }"),
    ("service = \"a\" { }", "service \"a\" { }"),
    (
        "service a { traffik = 3rps }",
        "service a { traffic = 3rps }",
    ),
    ("service a { traffic = 3h }", "service a { traffic = 3/h }"),
    ("service a { traffic }", "service a { traffic = 3rps }"),
    (
        "service a { tier = critcal }",
        "service a { tier = critical }",
    ),
    (
        "service a { tier = critical; tier = critical }",
        "service a { tier = critical }",
    ),
    (
        "service a { endpoint = \"nowhere\" }",
        "service a { endpoint = \"nowhere:80\" }",
    ),
    (
        "service a { calls b { need = harder } }",
        "service a { calls b { need = hard } }",
    ),
    ("service a { calls b, c }", "service a { calls b; calls c }"),
    ("service a { writes }", "service a { writes b }"),
    (
        "service a { cost { old = $3 } }",
        "service a { cost { old = $3/mo } }",
    ),
    (
        "service a { cost = $3/mo }",
        "service a { cost { old = $3/mo } }",
    ),
    (
        "service a { service b { } }",
        "service a { }\nservice b { }",
    ),
    ("service a { tier = ", "service a { tier = critical }"),
    (
        "service a {\n  tier = critical\n",
        "service a {\n  tier = critical\n}\n",
    ),
    ("table t", "datastore d { table t }"),
    ("datastore d { size = 3GBB }", "datastore d { size = 3GB }"),
    ("datastore d { size = 3h }", "datastore d { size = 3GB }"),
    ("link a b { }", "link a -> b { }"),
    (
        "link a -> b { private = yes }",
        "link a -> b { private = true }",
    ),
    ("team t { engineers = 2.5 }", "team t { engineers = 2 }"),
    ("team t { engineers = 0 }", "team t { engineers = 1 }"),
    ("team t { rate = $95 }", "team t { rate = $95/h }"),
    (
        "calendar c { days = [mon, tuesday] }",
        "calendar c { days = [mon, tue] }",
    ),
    (
        "calendar c { hours = 9..17 }",
        "calendar c { hours = 09:00..17:00 }",
    ),
    (
        "freeze f { from = 2027-12-15 }",
        "freeze f { from = 2027-12-15; to = 2028-01-05 }",
    ),
    (
        "freeze f { from = 2027-12-15; to = 2028-01-05; blocks = [moving] }",
        "freeze f { from = 2027-12-15; to = 2028-01-05; blocks = [shift] }",
    ),
    ("driver d { on = [a] }", "driver d { on = [a]; factor = 2 }"),
    (
        "driver d { on = [a]; factor = 2; chance = 130% }",
        "driver d { on = [a]; factor = 2; chance = 30% }",
    ),
    (
        "checklist { team_size = 7 because \"x\" }",
        "checklist { team_size = 5 because \"x\" }",
    ),
    (
        "trigger t { when = 1% }",
        "trigger t { when = error_rate > 1% }",
    ),
    (
        "bridge b { over = a -> c; by = magic }",
        "bridge b { over = a -> c; by = mirror }",
    ),
    ("phase p { needs = 2 }", "phase p { needs = 2 of ops }"),
    ("phase p { takes = $3 }", "phase p { takes = 3wd }"),
    (
        "defaults servce { tier = critical }",
        "defaults service { tier = critical }",
    ),
    (
        "defaults service { engine = kafka }",
        "defaults topic { engine = kafka }",
    ),
    (
        "waive no-pilot on all until 2027-03-01",
        "waive no-pilot on all until 2027-03-01 because \"x\"",
    ),
    (
        "step s { takes = 1h }",
        "pattern p for service { step s { takes = 1h } }",
    ),
    (
        "pattern p for service { takes = 1h }",
        "pattern p for service { step s { takes = 1h } }",
    ),
    (
        "pattern p(a: durration) for service { }",
        "pattern p(a: duration) for service { }",
    ),
    (
        "pattern p for service { step s { does = traffic.shif(service, to: 5%) } }",
        "pattern p for service { step s { does = traffic.shift(service, to: 5%) } }",
    ),
    (
        "pattern p for service { step s { does = traffic.shift(service, too: 5%) } }",
        "pattern p for service { step s { does = traffic.shift(service, to: 5%) } }",
    ),
    (
        "pattern p for service { gate g { within = 4h } }",
        "pattern p for service { gate g { within = 4h; approve = lead } }",
    ),
    (
        "executor e { verified = surely }",
        "executor e { verified = run }",
    ),
];

#[test]
fn what_is_wrong_does_not_fit() {
    let validator = validator();
    for (wrong, right) in PAIRS {
        let found = faults(&validator, "plan.mig", right);
        assert!(found.is_empty(), "{right}\n{}", found.join("\n"));
        let found = faults(&validator, "plan.mig", wrong);
        assert!(!found.is_empty(), "accepted: {wrong}");
    }
}

/// What is known only when the plan is compiled is not refused.
#[test]
fn what_stands_for_a_value_fits() {
    let validator = validator();
    for text in [
        "let busy = 3rps\nservice a { traffic = busy }",
        "let busy = 3rps because \"measured\"\nservice a { traffic = 2 * busy }",
        "let level = critical\nservice a { tier = level }",
        "for s in [a, b] { service \"x_${s}\" { calls \"y_${s}\" { rate = 3rps } } }",
        "for n in 1..3 { freeze \"f${n}\" { from = 2027-12-15; to = 2028-01-05 } }",
        "defaults risk { tier = high }\nrisk r { }",
        "service a { for s in [b, c] { calls s } }",
        "pattern p(w: list<ratio> = [5%]) for service {\n  require w.last == 100%, \"no\"\n  \
         for x in w { step \"s_${x}\" { soak = migration.keep_old; does = traffic.shift(service, to: x) } }\n}",
    ] {
        let found = faults(&validator, "plan.mig", text);
        assert!(found.is_empty(), "{text}\n{}", found.join("\n"));
    }
}

#[test]
fn a_block_is_data() {
    let text = "## Takes the money.\nservice orders {\n  team = payments because \"since May\"\n  \
                calls mailer { rate = 12_500/h }\n}\n";
    let at = |line: u32, column: u32, end_line: u32, end_column: u32| json!({ "line": line, "column": column, "end_line": end_line, "end_column": end_column });
    let rate = json!({ "type": "rate", "value": 12_500.0 / 3_600.0, "text": "12_500/h" });
    let expected = json!({
        "keyword": "service",
        "name": "orders",
        "attributes": { "team": {
            "value": { "type": "name", "path": ["payments"] },
            "because": { "type": "text", "value": "since May" },
            // `team` is the third character of its line; the statement is 35 characters long.
            "at": at(3, 3, 3, 38),
        } },
        "statements": [{
            "keyword": "calls",
            "target": ["mailer"],
            "attributes": { "rate": { "value": rate, "at": at(4, 18, 4, 33) } },
            "statements": [],
            "at": at(4, 3, 4, 35),
        }],
        "doc": "Takes the money.",
        "at": at(2, 1, 5, 2),
    });
    let data = data("plan.mig", text);
    assert_eq!(data["version"], 1);
    assert_eq!(data["files"][0]["complete"], true);
    assert_eq!(data["files"][0]["statements"][0], expected);
}

/// Every literal with the base unit that its type says.
#[test]
fn literals_are_in_base_units() {
    for (text, kind, value) in [
        ("90s", "duration", 90.0),
        ("15min", "duration", 900.0),
        ("1d", "duration", 86_400.0),
        ("4GiB", "size", 4_294_967_296.0),
        ("10Gbps", "bandwidth", 1.25e9),
        ("400rps", "rate", 400.0),
        ("5%", "ratio", 0.05),
        ("2.8M", "number", 2.8e6),
        ("$1_200", "money", 1_200.0),
        ("$36/h", "money_per_time", 0.01),
        ("€20/kB", "money_per_size", 0.02),
    ] {
        let data = data("plan.mig", &format!("let it = {text}\n"));
        let found = &data["files"][0]["statements"][0]["value"];
        assert_eq!(found["type"], kind, "{text}");
        assert_eq!(found["text"], text);
        let amount = found["value"].as_f64().unwrap();
        assert!((amount - value).abs() <= 1e-12 * value, "{text}: {amount}");
    }
    let data = data("plan.mig", "let it = 3wd\nlet other = USD 95\n");
    let statements = &data["files"][0]["statements"];
    let working = json!({ "type": "working_duration", "hours": 0.0, "days": 3.0, "text": "3wd" });
    assert_eq!(statements[0]["value"], working);
    assert_eq!(statements[1]["value"]["currency"], "USD");
}
