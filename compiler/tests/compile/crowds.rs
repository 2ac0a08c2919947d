//! Bad input by the thousand: every fault is told, and none costs more for the others.

use std::fmt::Write as _;

use super::support::project;

/// How many findings have a code, and how many of these a word in their help.
fn counted(text: &str, code: &str, word: &str) -> (usize, usize) {
    let compilation = project(&[("plan.mig", text)]);
    let found = compilation.diagnostics.iter();
    let found: Vec<_> = found.filter(|found| found.code.name == code).collect();
    let with = |help: &&str| help.contains(word);
    let helps = found.iter().filter_map(|found| found.help.as_deref());
    (found.len(), helps.filter(with).count())
}

/// Two million names are compared at most: a thousand unknown ones with two thousand.
#[test]
fn unknown_names_are_all_told_and_not_all_compared() {
    let mut text = String::new();
    for index in 0..2_000 {
        writeln!(text, "service service_{index} {{ calls x{index} }}").unwrap();
    }
    let found = counted(&text, "unknown-name", "check the spelling");
    assert_eq!(found, (2_000, 1_000));
}

/// A name is looked for once, however often it stands there.
#[test]
fn one_unknown_name_is_looked_for_once() {
    let mut text = String::new();
    for index in 0..2_000 {
        writeln!(text, "service service_{index} {{ calls sarvice_7 }}").unwrap();
    }
    let found = counted(&text, "unknown-name", "did you mean `service_7`?");
    assert_eq!(found, (2_000, 2_000));
}

/// A role may be left undefined, so one that nobody looked for is no fault.
#[test]
fn roles_are_compared_no_longer_than_it_pays() {
    let mut text = String::from("role lead_engineer { who = \"ada\" }\n");
    for index in 1..2_000 {
        writeln!(text, "role r{index} {{ who = \"ada\" }}").unwrap();
    }
    for index in 0..1_500 {
        let risk = "tier = low; mitigation = \"none\"; owner = laed_engineer";
        writeln!(text, "risk risk_{index} {{ {risk} }}").unwrap();
    }
    let found = counted(&text, "unknown-name", "did you mean `lead_engineer`?");
    assert_eq!(found, (1_000, 1_000));
}

/// A table that every database has is not listed with all of them each time.
#[test]
fn a_table_that_many_databases_have_is_told_with_some() {
    let mut text = String::new();
    for index in 0..500 {
        writeln!(text, "datastore db_{index} {{ table outbox }}").unwrap();
        writeln!(text, "service s_{index} {{ reads outbox }}").unwrap();
    }
    let found = counted(&text, "unknown-name", "`db_4.outbox` and 495 more");
    assert_eq!(found, (500, 500));
}

/// Ten thousand observations of one call are one call.
#[test]
fn a_call_seen_often_is_told_once() {
    let mut text = String::from("service a { }\nservice b { }\n");
    for _ in 0..10_000 {
        text.push_str("seen a -> b { rate = 1rps; at = 2026-11-20 }\n");
    }
    assert_eq!(counted(&text, "undeclared-observed", "").0, 1);
}

/// Self-calls couple nobody, however many there are.
#[test]
fn self_calls_are_told_and_make_no_edge() {
    let text = format!("service a {{\n{}}}\n", "  calls a\n".repeat(2_000));
    let compilation = project(&[("plan.mig", &text)]);
    assert_eq!(compilation.diagnostics.len(), 2_000);
    assert!(compilation.graph().unwrap().edges.is_empty());
}
