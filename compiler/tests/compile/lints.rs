//! `lint`: how loud findings are.

use whimbrel_compiler::Compilation;
use whimbrel_lang::Level;

use crate::support::{HOP, MOVE, compiled, errors, finding, told, under};

fn text(rest: &str) -> String {
    format!("{MOVE}{HOP}service a {{ move = hop() }}\n{rest}\n")
}

fn level(rest: &str, rule: &str) -> Option<Level> {
    let compilation = compiled(&text(rest));
    let mut found = compilation
        .diagnostics
        .iter()
        .filter(|found| found.code.name == rule);
    found.next().map(|found| found.level)
}

/// By name or by code; a rule that is not named stays as it is.
#[test]
fn warnings_are_raised_and_silenced() {
    assert_eq!(level("", "no-trigger"), Some(Level::Warning));
    let code = finding(&compiled(&text("")), "no-trigger").code.number;
    for name in ["no-trigger", code] {
        assert_eq!(
            level(&format!("lint {{ deny = [{name}] }}"), "no-trigger"),
            Some(Level::Error)
        );
        assert_eq!(
            level(&format!("lint {{ allow = [{name}] }}"), "no-trigger"),
            None
        );
    }
    assert_eq!(
        level("lint { deny = [never-rehearsed] }", "no-trigger"),
        Some(Level::Warning)
    );
}

/// A denied warning is no error of the language: numbers can still be made.
#[test]
fn a_plan_with_denied_warnings_is_still_a_plan() {
    assert!(compiled(&text("lint { deny = [no-trigger] }")).is_runnable());
}

/// A waiver is for one thing and a time, so it is stronger than what holds for the whole plan.
#[test]
fn a_waiver_takes_off_what_is_denied() {
    let waived =
        "lint { deny = [no-trigger] }\nwaive no-trigger on all until 2027-03-01 because \"ADR 1\"";
    assert_eq!(level(waived, "no-trigger"), None);
}

#[test]
fn errors_cannot_be_allowed() {
    for rule in ["service-in-two-batches", "unknown-name", "MG0508"] {
        let compilation = compiled(&text(&format!("lint {{ allow = [{rule}] }}")));
        let found = finding(&compilation, "type-mismatch");
        assert!(
            found.message.starts_with(&format!("`{rule}` finds errors")),
            "{}",
            found.message
        );
    }
}

#[test]
fn names_of_no_rule_and_contradictions_are_told() {
    let misspelt = compiled(&text("lint { deny = [no-triger] }"));
    assert_eq!(
        finding(&misspelt, "unknown-name").help.as_deref(),
        Some("did you mean `no-trigger`?")
    );
    let both = compiled(&text("lint { deny = [no-trigger]; allow = [no-trigger] }"));
    assert_eq!(
        errors(&both),
        ["duplicate-name plan.mig:13"],
        "{:?}",
        told(&both, |_| true)
    );
    let twice = compiled(&text(
        "lint { allow = [no-trigger] }\nlint { allow = [never-rehearsed] }",
    ));
    assert_eq!(errors(&twice), ["duplicate-name plan.mig:14"]);
}

/// A scenario says it anew; what it says is checked also when nobody chooses it.
#[test]
fn a_scenario_may_be_louder() {
    let loud = text(
        "lint { allow = [no-trigger] }\nscenario loud { lint { deny = [no-trigger]; allow = [] } }",
    );
    let found = |compilation: &Compilation| {
        let mut found = compilation.diagnostics.iter();
        found
            .find(|found| found.code.name == "no-trigger")
            .map(|found| found.level)
    };
    assert_eq!(found(&compiled(&loud)), None);
    assert_eq!(found(&under("loud", &loud)), Some(Level::Error));
    let misspelt = compiled(&text("scenario loud { lint { deny = [no-triger] } }"));
    assert_eq!(
        finding(&misspelt, "unknown-name").help.as_deref(),
        Some("did you mean `no-trigger`?")
    );
}
