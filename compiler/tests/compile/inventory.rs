//! An inventory without a migration.

use whimbrel_plan::EdgeKind;

use crate::support::{compiled, errors, finding, told};

const INVENTORY: &str = "
platform old { }
datastore db { table rows }
topic events { }
service a { calls b { rate = 120/s }; writes db.rows; publishes events }
service b { reads db.rows; writes db.rows; consumes events }
service c { calls a }
";

/// The graph is there, the plan is not.
#[test]
fn an_inventory_has_a_graph_and_no_plan() {
    let compilation = compiled(INVENTORY);
    assert!(compilation.plan.is_none());
    assert!(!compilation.is_runnable());
    assert!(errors(&compilation).is_empty());
    let graph = compilation.graph.unwrap();
    let calls = graph
        .edges
        .iter()
        .filter(|edge| edge.kind == EdgeKind::Call)
        .count();
    assert_eq!(calls, 2);
    // `a` and `b` need each other, through the call and through the table.
    assert!(
        graph
            .components
            .iter()
            .any(|component| component.len() == 2)
    );
    assert_eq!(compilation.inventory.unwrap().services.len(), 3);
}

/// Only what can be judged without a migration is: MG00 to MG04.
#[test]
fn only_the_first_families_judge_an_inventory() {
    let compilation = compiled(INVENTORY);
    let beyond = told(&compilation, |found| found.code.number >= "MG05");
    assert!(beyond.is_empty(), "{beyond:?}");
    // Two services write one table, and the cycle has a hidden hop.
    finding(&compilation, "several-writers");
    finding(&compilation, "hidden-cycle");
}

/// A newcomer's three services with nothing said of people, cost, links or time compile, and what
/// is unknown is named.
#[test]
fn a_newcomers_plan_compiles() {
    let compilation = compiled(
        "use std.patterns.strangler_fig\nplatform vms { }\nplatform kubernetes { }
migration first { from = vms; to = kubernetes; start = 2027-01-11 }
defaults service { move = strangler_fig() }
service website { calls orders }\nservice orders { calls accounts }\nservice accounts { }\n",
    );
    assert!(compilation.is_runnable(), "{:?}", errors(&compilation));
    let plan = compilation.plan.unwrap();
    assert_eq!(plan.movers.len(), 3);
    assert_eq!(plan.checklist.scores.len(), 6);
    let unknown = plan.unknown.join("\n").to_lowercase();
    for word in ["cost", "team", "link"] {
        assert!(unknown.contains(word), "{word}: {unknown}");
    }
}

/// An empty file says nothing and breaks nothing.
#[test]
fn nothing_is_an_inventory_too() {
    for text in ["", "\n\n", "# only a comment\n", "\u{feff}"] {
        let compilation = compiled(text);
        assert!(compilation.plan.is_none(), "{text:?}");
        assert!(
            errors(&compilation).is_empty(),
            "{text:?}: {:?}",
            errors(&compilation)
        );
    }
}
