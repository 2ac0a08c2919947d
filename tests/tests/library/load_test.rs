//! The load test of a pattern: a person's as it comes, a project's script where the move says so.

use whimbrel_compiler::Compilation;
use whimbrel_handoff::LocalTemplates;
use whimbrel_lang::ast::{Pattern, StatementKind, Word};
use whimbrel_plan::{Argument, Plan};
use whimbrel_simulator::{Settings, simulate};

use crate::support::{compiled, findings, folder, inside, pattern};
use crate::violations::subject;

const SCRIPT: &str = "load_test: run(script: \"ops/load.sh\")";

/// Whether a pattern has a step that loads the new side.
fn loads(pattern: &Pattern) -> bool {
    let mut statements = Vec::new();
    inside(&pattern.body.statements, &mut statements);
    statements.into_iter().any(|statement| {
        let StatementKind::Plain(plain) = &statement.kind else {
            return false;
        };
        let called = plain.words.iter().any(|word| match word {
            Word::Path(path) => path.segments.iter().any(|part| part.name == "load_test"),
            _ => false,
        });
        plain.keyword.value == "step" && called
    })
}

/// Two things that move by the same pattern, of which only the first has a script.
fn plan_of(pattern: &Pattern, argument: &str) -> Compilation {
    let name = &pattern.name.value;
    let keyword = &pattern.subject.value;
    let own = subject(name);
    compiled(&format!(
        "use std.patterns.{name}\n\
         platform vm {{ }}\n\
         platform kubernetes {{ }}\n\
         migration shop {{ from = vm; to = kubernetes; start = 2027-01-11 }}\n\
         {keyword} one {{ {own}\nmove = {name}({argument}) }}\n\
         {keyword} two {{ {own}\nmove = {name}() }}\n"
    ))
}

/// The verb and the only argument of a thing's load test.
fn action<'p>(plan: &'p Plan, thing: &str) -> (&'p str, &'p str) {
    let name = format!("{thing}/load_test");
    let step = plan.steps.values().find(|step| step.name == name).unwrap();
    let action = step.action.as_ref().unwrap();
    let Some(Argument::Text(text)) = action.arguments.values().next() else {
        panic!("{action:?}");
    };
    (&action.verb, text)
}

#[test]
fn every_load_test_can_be_a_script_of_the_project() {
    let mut count = 0;
    for (name, text) in folder("patterns") {
        let pattern = pattern(&name, &text);
        let declared = pattern.parameters.iter();
        let declared = declared.filter(|one| one.name.value == "load_test");
        let types: Vec<&str> = declared.map(|one| one.ty.name.value.as_str()).collect();
        if !loads(&pattern) {
            assert!(types.is_empty(), "{name}");
            continue;
        }
        count += 1;
        assert_eq!(types, ["verb"], "{name}");
        let compilation = plan_of(&pattern, SCRIPT);
        assert_eq!(compilation.errors(), 0, "{:?}", findings(&compilation));
        let plan = compilation.plan.unwrap();
        assert_eq!(action(&plan, "one"), ("run", "ops/load.sh"), "{name}");
        let (verb, text) = action(&plan, "two");
        assert_eq!(verb, "manual", "{name}");
        assert!(
            text.contains("load") && text.contains("two"),
            "{name}: {text}"
        );
    }
    assert_eq!(count, 11);
}

/// The script is what the walker calls, and how long it takes is what the plan says of it.
#[test]
fn the_script_is_handed_off() {
    let (name, text) = folder("patterns")
        .into_iter()
        .find(|(name, _)| name == "strangler_fig")
        .unwrap();
    let plan = plan_of(&pattern(&name, &text), SCRIPT).plan.unwrap();
    let settings = Settings {
        trials: 128,
        seed: 1,
        threads: Some(1),
    };
    let estimates = simulate(&plan, &settings, None).unwrap();
    assert!(estimates.duration_days.p50.is_some_and(|days| days > 0.0));
    let built = whimbrel_handoff::generate(&plan, &estimates, &LocalTemplates::default());
    let built = built.unwrap();
    let calls = |thing: &str| {
        let mut acts = built.iter().filter(|(path, _)| {
            let step = format!("{thing}-load_test");
            path.ends_with("/act") && path.contains(&step)
        });
        acts.any(|(_, file)| String::from_utf8_lossy(&file.bytes).contains("ops/load.sh"))
    };
    assert!(calls("one") && !calls("two"));
}

#[test]
fn what_is_no_verb_is_told_at_the_move() {
    let (name, text) = folder("patterns").swap_remove(0);
    let pattern = pattern(&name, &text);
    assert!(loads(&pattern), "{name}");
    for (argument, told) in [
        ("load_test: 3", "type-mismatch expected a verb"),
        (
            "load_test: runs(script: \"a\")",
            "unknown-name there is no verb called `runs`",
        ),
        ("load_test: run()", "missing-attribute `run` needs `script`"),
    ] {
        let compilation = plan_of(&pattern, argument);
        let found = findings(&compilation);
        let errors: Vec<&String> = found.iter().filter(|line| line.contains(told)).collect();
        assert_eq!(
            (compilation.errors(), errors.len()),
            (1, 1),
            "{argument}: {found:?}"
        );
        assert!(
            errors[0].starts_with("plan.mig:6 "),
            "{argument}: {errors:?}"
        );
    }
}
