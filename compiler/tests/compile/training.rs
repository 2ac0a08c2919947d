//! Training: a step that comes before a batch.

use crate::support::{HOP, MOVE, compiled, finding, plan, plan_of, precedes, step, under};

const SERVICES: &str = "
team ops { engineers = 4 }
service a { move = hop() }
service b { move = hop() }
batch first { members = [a] }
batch second { members = [b] }
phase discovery { takes = 5d }
";

fn text(rest: &str) -> String {
    format!("{MOVE}{HOP}{SERVICES}{rest}\n")
}

#[test]
fn a_training_precedes_its_batch_and_no_other() {
    let plan = plan(&text(
        "training operators { before = second; takes = 3d; needs = [2 of ops] }",
    ));
    assert!(precedes(&plan, "training/operators", "b/prepare"));
    assert!(!precedes(&plan, "training/operators", "a/prepare"));
    assert!(precedes(&plan, "phase/discovery", "training/operators"));
    assert_eq!(step(&plan, "training/operators").needs[0].count, 2);
}

#[test]
fn a_training_that_names_no_batch_precedes_the_first() {
    let plan = plan(&text("training operators { takes = 3d }"));
    assert!(precedes(&plan, "training/operators", "a/prepare"));
}

#[test]
fn a_training_of_a_batch_that_is_not_there_is_told() {
    let compilation = compiled(&text("training operators { before = secnd }"));
    assert_eq!(
        finding(&compilation, "unknown-name").help.as_deref(),
        Some("did you mean `second`?")
    );
}

/// Its batch is the compiler's now: the training comes before all of them.
#[test]
fn a_training_of_a_dropped_batch_precedes_the_first() {
    let text = text(
        "training operators { before = second; takes = 3d }\nscenario other { migration { strategy = parallel } }",
    );
    let plan = plan_of(under("other", &text));
    assert!(precedes(&plan, "training/operators", "a/prepare"));
    assert!(precedes(&plan, "training/operators", "b/prepare"));
}
