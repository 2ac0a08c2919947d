//! Every pattern: documented, runnable, complete.

use whimbrel_handoff::LocalTemplates;
use whimbrel_lang::ast::{Body, StatementKind};
use whimbrel_plan::StepKind;
use whimbrel_simulator::{Settings, simulate};

use crate::support::{compiled, doc, example, findings, folder, inside, pattern, told};

/// The patterns that the language promises.
const PROMISED: [&str; 22] = [
    "adapter",
    "assess",
    "backfill",
    "blue_green",
    "bootstrap_delta",
    "bridge_layer",
    "cache_flush",
    "cache_version",
    "cache_warm",
    "canary",
    "cdc_replication",
    "drain_transactions",
    "dual_write",
    "expand_contract",
    "feature_flag",
    "lift_and_shift",
    "queue_drain",
    "session_centralise",
    "session_reset",
    "strangler_fig",
    "weighted_routing",
    "workflow_reconcile",
];

/// What an example of ten lines cannot avoid: it moves one thing, and leaves out who promises what,
/// who does it and with which tools, so that the pattern is what a reader sees.
const UNAVOIDABLE: [&str; 8] = [
    // It names no trigger,
    "no-trigger",
    // no availability that is promised,
    "no-objectives",
    // nothing of what is usual,
    "no-baseline",
    // nobody who holds the roles,
    "role-missing",
    "no-communications-owner",
    // learns, or looks back,
    "no-training",
    "no-retrospective",
    // and no executor on its platforms.
    "verb-without-executor",
];

#[test]
fn every_promised_pattern_is_there() {
    let names: Vec<String> = folder("patterns")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let missing: Vec<&str> = PROMISED
        .into_iter()
        .filter(|name| !names.iter().any(|known| known == name))
        .collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_pattern_says_when_and_when_not_and_what_each_parameter_is() {
    for (name, text) in folder("patterns") {
        let head: Vec<&str> = text
            .lines()
            .take_while(|line| *line != "## ```mig")
            .collect();
        let head = head.join(" ");
        assert!(
            head.contains(" Not ") || head.contains(" not for "),
            "{name} does not say when not to use it: {head}"
        );
        let pattern = pattern(&name, &text);
        for parameter in &pattern.parameters {
            let told = told(&pattern, parameter);
            assert!(!doc(&parameter.doc).is_empty(), "{told} is not documented");
            assert!(parameter.default.is_some(), "{told} has no default");
        }
    }
}

/// Steps become runbooks: each says what to do, and whose it is. Who runs a step does not approve it.
#[test]
fn every_step_is_documented_and_owned_and_every_gate_is_somebody_elses() {
    for (name, text) in folder("patterns") {
        let pattern = pattern(&name, &text);
        let mut statements = Vec::new();
        inside(&pattern.body.statements, &mut statements);
        for statement in statements {
            let StatementKind::Plain(plain) = &statement.kind else {
                continue;
            };
            let at = format!("{name}: {}", plain.keyword.value);
            assert!(!doc(statement.doc()).is_empty(), "{at} is not documented");
            let Body::Block(body) = &plain.body else {
                panic!("{at} has no body");
            };
            let says = |wanted: &str| {
                body.statements.iter().any(|inner| {
                    matches!(&inner.kind, StatementKind::Plain(plain) if plain.keyword.value == wanted)
                })
            };
            if plain.keyword.value == "gate" {
                assert!(says("approve") && says("not_by") && says("within"), "{at}");
            } else {
                assert!(says("owner") && says("kind"), "{at}");
            }
        }
    }
}

#[test]
fn the_example_of_each_pattern_compiles_simulates_and_is_handed_off() {
    for (name, text) in folder("patterns") {
        let compilation = compiled(&example(&name, &text));
        let avoidable: Vec<String> = compilation
            .diagnostics
            .iter()
            .zip(findings(&compilation))
            .filter(|(found, _)| !UNAVOIDABLE.contains(&found.code.name))
            .map(|(_, told)| told)
            .collect();
        assert_eq!(avoidable, Vec::<String>::new(), "{name}");
        let plan = compilation.plan.unwrap();
        assert_eq!(plan.movers.len(), 1, "{name}");
        let settings = Settings {
            trials: 128,
            seed: 1,
            threads: Some(1),
        };
        let estimates = simulate(&plan, &settings, None).unwrap();
        let finish = estimates.duration_days.p50;
        assert!(finish.is_some_and(|days| days > 0.0), "{name}: {finish:?}");
        let built = whimbrel_handoff::generate(&plan, &estimates, &LocalTemplates::default());
        assert!(built.is_ok(), "{name}: {:?}", built.err());
    }
}

/// What moves ends on one side: the old one is kept for a while, given up by a decision, removed and
/// tidied away. A change of schema gives up a shape and not a side, and says so by its own verb.
#[test]
fn every_move_ends_with_the_old_side_gone() {
    for (name, text) in folder("patterns") {
        let compilation = compiled(&example(&name, &text));
        let plan = compilation.plan.unwrap();
        let mover = &plan.movers[0];
        if name == "assess" {
            assert!(
                plan.steps
                    .values()
                    .any(|step| step.name == "phase/discovery/understood")
            );
            continue;
        }
        assert_eq!(mover.pattern, name);
        let at = |kind: StepKind| {
            let steps = mover.steps.iter().enumerate();
            let found = { steps }.find(|(_, id)| plan.steps[**id].kind == kind);
            found.map_or_else(|| panic!("{name} has no {kind:?}"), |(place, _)| place)
        };
        let last = mover.steps.last().copied().unwrap();
        let gone = mover.decommission.unwrap();
        let place = mover.steps.iter().position(|id| *id == gone).unwrap();
        assert!(at(StepKind::Keep) < place, "{name} keeps the old side");
        assert!(
            plan.steps[gone].irreversible,
            "{name} says what cannot be undone"
        );
        let retire = mover
            .steps
            .iter()
            .position(|id| plan.steps[*id].name.ends_with("/retire"));
        assert!(
            retire.is_some_and(|retire| at(StepKind::Keep) < retire && retire < place),
            "{name} lets the old side go by a decision"
        );
        let tidied = matches!(
            plan.steps[last].kind,
            StepKind::Tidy | StepKind::Decommission
        );
        assert!(tidied, "{name} ends with {}", plan.steps[last].name);
        let switching = plan.steps[mover.cutover].undo.is_some();
        assert!(switching, "{name} can take its cutover back");
    }
}
