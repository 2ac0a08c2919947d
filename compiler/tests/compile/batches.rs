//! Batches the compiler makes, and the strategy it makes them by.

use whimbrel_plan::{BatchMode, Plan, Strategy};

use crate::support::{COPY, HOP, batches, compiled, finding, mover, plan, shown};

fn made(strategy: &str, rest: &str) -> Plan {
    plan(&format!(
        "platform old {{ }}\nplatform new {{ }}\nmigration all {{ from = old; to = new; start = 2027-01-11; {strategy} }}\n{HOP}{COPY}
defaults service {{ move = hop() }}\n{rest}\n"
    ))
}

fn modes(plan: &Plan) -> Vec<BatchMode> {
    plan.batches.values().map(|batch| batch.mode).collect()
}

/// Sequential: one unit a batch; without needs in the order of names. Four services have no pilot.
#[test]
fn sequential_is_one_unit_a_batch() {
    let plan = made(
        "strategy = sequential",
        "service c { }\nservice a { }\nservice d { }\nservice b { }",
    );
    assert_eq!(
        batches(&plan),
        ["a", "b", "c", "d"].map(|name| (
            match name {
                "a" => "batch-1",
                "b" => "batch-2",
                "c" => "batch-3",
                _ => "batch-4",
            },
            vec![vec![name]]
        ))
    );
    assert!(plan.batches.values().all(|batch| !batch.handwritten));
}

/// Parallel: what needs nothing unmoved goes side by side.
#[test]
fn parallel_puts_independent_units_side_by_side() {
    let plan = made(
        "strategy = parallel",
        "service c { }\nservice a { }\nservice b { }",
    );
    assert_eq!(
        batches(&plan),
        [("batch-1", vec![vec!["a"], vec!["b"], vec!["c"]])]
    );
    assert_eq!(modes(&plan), [BatchMode::Parallel]);
}

/// No unbridged hard edge lies inside a parallel batch, and leaves go first: `a` calls `b` calls
/// `c`. Nothing lies between `a` and `c`, so they go side by side; `b` goes apart from both.
#[test]
fn parallel_keeps_hard_edges_out_of_a_batch() {
    let plan = made(
        "strategy = parallel",
        "service a { calls b { need = hard } }\nservice b { calls c { need = hard } }\nservice c { }",
    );
    assert_eq!(
        batches(&plan),
        [
            ("batch-1", vec![vec!["c"], vec!["a"]]),
            ("batch-2", vec![vec!["b"]])
        ]
    );
    let soft = made(
        "strategy = parallel",
        "service a { calls b { need = soft } }\nservice b { }",
    );
    assert_eq!(soft.batches.len(), 1);
}

/// A reader goes after the database that moves, and two that write it are one unit.
#[test]
fn a_binding_need_goes_first_and_a_component_together() {
    let plan = made(
        "strategy = sequential",
        "datastore db { move = copy() }\nservice a { writes db }\nservice b { writes db }\nservice c { reads db }",
    );
    let all = batches(&plan);
    let order: Vec<Vec<Vec<&str>>> = all.into_iter().map(|(_, units)| units).collect();
    assert_eq!(
        order,
        [vec![vec!["db"]], vec![vec!["a", "b"]], vec![vec!["c"]]]
    );
}

/// From five services up a supporting, stateless one with nothing before it goes first: the least
/// connected, then by name. `z` has no edge at all.
#[test]
fn five_services_have_a_pilot() {
    for strategy in ["sequential", "parallel", "hybrid"] {
        let plan = made(
            &format!("strategy = {strategy}"),
            "service a { calls b }\nservice b { calls c }\nservice c { calls d }\nservice d { }\nservice z { }",
        );
        assert_eq!(batches(&plan)[0], ("pilot", vec![vec!["z"]]), "{strategy}");
    }
}

/// None is fit to be a pilot: all are critical.
#[test]
fn critical_services_are_no_pilot() {
    let plan = made(
        "strategy = sequential",
        "defaults team { }\nservice a { tier = critical }\nservice b { tier = critical }\nservice c { tier = critical }\nservice d { tier = critical }\nservice e { tier = critical }",
    );
    assert_ne!(batches(&plan)[0].0, "pilot");
}

/// Hybrid: the stateful and the critical go alone, the rest side by side.
#[test]
fn hybrid_moves_the_risky_alone() {
    let plan = made(
        "strategy = hybrid",
        "service a { }\nservice b { }\nservice heavy { kind = stateful }\nservice vital { tier = critical }",
    );
    let alone = |name: &str| {
        let batch = &plan.batches[mover(&plan, name).batch];
        batch.units.len() == 1 && batch.mode == BatchMode::Sequential
    };
    assert!(alone("heavy") && alone("vital"), "{:?}", batches(&plan));
    assert_eq!(mover(&plan, "a").batch, mover(&plan, "b").batch);
    assert_eq!(
        plan.batches[mover(&plan, "a").batch].mode,
        BatchMode::Parallel
    );
}

/// Every member has its batch and a reason, once.
#[test]
fn everything_that_moves_is_in_one_batch_with_a_reason() {
    for strategy in ["sequential", "parallel", "hybrid"] {
        let plan = made(
            &format!("strategy = {strategy}"),
            "datastore db { move = copy() }\nservice a { reads db; calls b }\nservice b { writes db }\nservice c { calls a { need = soft } }\nservice d { tier = critical }\nservice e { }",
        );
        let mut names: Vec<&str> = batches(&plan)
            .into_iter()
            .flat_map(|(_, units)| units)
            .flatten()
            .collect();
        names.sort_unstable();
        assert_eq!(names, ["a", "b", "c", "d", "db", "e"], "{strategy}");
        for batch in plan.batches.values() {
            for member in batch.units.iter().flat_map(|unit| &unit.members) {
                assert!(!member.reason.is_empty(), "{strategy} {}", batch.name);
            }
        }
    }
}

fn declared(score: u8) -> String {
    [
        "coupling",
        "team_size",
        "automation",
        "risk_tolerance",
        "timeline",
        "dual_running",
    ]
    .iter()
    .map(|name| format!("  {name} = {score} because \"measured\"\n"))
    .collect()
}

/// Without a `strategy` the checklist decides: six ones are 6 (sequential), six twos 12 (still
/// sequential), six threes 18 (hybrid), six fives 30 (parallel).
#[test]
fn the_checklist_decides_when_nobody_does() {
    for (score, verdict, mode) in [
        (1, Strategy::Sequential, BatchMode::Sequential),
        (2, Strategy::Sequential, BatchMode::Sequential),
        (3, Strategy::Hybrid, BatchMode::Parallel),
        (5, Strategy::Parallel, BatchMode::Parallel),
    ] {
        let plan = made(
            "",
            &format!(
                "checklist {{\n{}}}\nservice a {{ }}\nservice b {{ }}",
                declared(score)
            ),
        );
        assert_eq!(plan.checklist.total, 6 * score);
        assert_eq!(plan.checklist.verdict, verdict);
        assert_eq!(
            (plan.migration.strategy, plan.migration.strategy_declared),
            (verdict, false)
        );
        assert_eq!(modes(&plan)[0], mode, "{score}");
    }
}

/// A risk tolerance or coupling of 1 caps the verdict at hybrid, whatever the sum: 1 + 5 × 5 = 26.
#[test]
fn a_one_in_risk_or_coupling_caps_the_verdict() {
    for name in ["coupling", "risk_tolerance"] {
        let scores = declared(5).replace(&format!("{name} = 5"), &format!("{name} = 1"));
        let plan = made("", &format!("checklist {{\n{scores}}}\nservice a {{ }}"));
        assert_eq!(
            (plan.checklist.total, plan.checklist.verdict),
            (26, Strategy::Hybrid),
            "{name}"
        );
        assert!(!plan.checklist.notes.is_empty());
    }
}

/// A declared strategy stands, though the checklist says otherwise, and that is told.
#[test]
fn a_declared_strategy_stands() {
    let text = format!(
        "platform old {{ }}\nplatform new {{ }}\nmigration all {{ from = old; to = new; start = 2027-01-11; strategy = parallel }}\n{HOP}checklist {{\n{}}}\nservice a {{ move = hop() }}\nservice b {{ move = hop() }}\n",
        declared(1)
    );
    let compilation = compiled(&text);
    let found = finding(&compilation, "strategy-against-checklist");
    assert_eq!(found.level, whimbrel_lang::Level::Warning);
    let plan = compilation.plan.unwrap();
    assert_eq!(
        (plan.migration.strategy, plan.checklist.verdict),
        (Strategy::Parallel, Strategy::Sequential)
    );
    assert_eq!(modes(&plan), [BatchMode::Parallel]);
}

/// A declared score needs its reason.
#[test]
fn a_declared_score_needs_a_because() {
    let text = format!(
        "platform old {{ }}\nplatform new {{ }}\nmigration all {{ from = old; to = new; start = 2027-01-11 }}\n{HOP}checklist {{ coupling = 4 }}\n"
    );
    let compilation = compiled(&text);
    let found = finding(&compilation, "missing-attribute");
    assert!(found.message.contains("`coupling`"), "{}", found.message);
}

/// Nobody wrote an order for what remains: one after another it goes by its needs, leaves first.
#[test]
fn what_remains_goes_by_its_needs() {
    let plan = made(
        "",
        "service a { calls b { need = hard } }\nservice b { calls c { need = hard } }\nservice c { }\nservice d { }\nbatch one { members = [d] }\nbatch rest { members = remaining }",
    );
    assert_eq!(
        batches(&plan),
        [
            ("one", vec![vec!["d"]]),
            ("rest", vec![vec!["c"], vec!["b"], vec!["a"]])
        ]
    );
}

/// `remaining` is what has a `move` and no other batch; one batch may say so.
#[test]
fn remaining_is_what_no_other_batch_names() {
    let plan = made(
        "",
        "service a { }\nservice b { }\nservice c { }\ndatastore stays { }\nbatch rest { members = remaining; mode = parallel; after = [] }\nbatch one { members = [b] }",
    );
    assert_eq!(
        batches(&plan),
        [
            ("rest", vec![vec!["a"], vec!["c"]]),
            ("one", vec![vec!["b"]])
        ]
    );
}

#[test]
fn two_batches_cannot_take_what_remains() {
    let compilation = compiled(&format!(
        "platform old {{ }}\nplatform new {{ }}\nmigration all {{ from = old; to = new; start = 2027-01-11 }}\n{HOP}service a {{ move = hop() }}\nbatch one {{ members = remaining }}\nbatch two {{ members = remaining }}\n"
    ));
    let found = finding(&compilation, "duplicate-name");
    assert_eq!(
        shown(&compilation, found.primary.span),
        "members = remaining"
    );
}

/// A batch of something that stays would do nothing.
#[test]
fn a_member_must_move() {
    let compilation = compiled(&format!(
        "platform old {{ }}\nplatform new {{ }}\nmigration all {{ from = old; to = new; start = 2027-01-11 }}\n{HOP}service a {{ move = hop() }}\nservice b {{ }}\nbatch one {{ members = [a, b] }}\n"
    ));
    assert_eq!(
        shown(
            &compilation,
            finding(&compilation, "missing-attribute").primary.span
        ),
        "b"
    );
}

/// Adding a service moves no unrelated one into another batch.
#[test]
fn adding_a_service_moves_no_other() {
    let base =
        "service a { calls b }\nservice b { }\nservice c { calls d }\nservice d { }\nservice e { }";
    for strategy in ["sequential", "parallel", "hybrid"] {
        let strategy = format!("strategy = {strategy}");
        let small = made(&strategy, base);
        let large = made(&strategy, &format!("{base}\nservice z {{ calls d }}"));
        let order = |plan: &Plan| -> Vec<String> {
            let names = batches(plan)
                .into_iter()
                .flat_map(|(_, units)| units)
                .flatten();
            names
                .filter(|name| *name != "z")
                .map(str::to_owned)
                .collect()
        };
        assert_eq!(order(&small), order(&large), "{strategy}");
    }
}
