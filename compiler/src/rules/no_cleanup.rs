//! What only the move needed, and what stays for ever.

use std::collections::BTreeSet;

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Argument, Mover, Plan, Step, StepKind};

use super::context::steps_of;
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1402",
        name: "no-cleanup",
    },
    level: Level::Warning,
    summary: "nothing removes what only the move needed",
    page: include_str!("../../rules/no-cleanup.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let left = left(plan, mover);
        let told: Vec<&str> = left.iter().copied().collect();
        let (Some((last, rest)), name) = (told.split_last(), context.name(mover.node)) else {
            continue;
        };
        let what = match rest {
            [] => (*last).to_owned(),
            rest => format!("{} and {last}", rest.join(", ")),
        };
        let finding = RULE
            .finding(
                context.move_span(mover.node),
                format!("`{}` leaves {what} of `{name}` behind", mover.pattern),
            )
            .help("end it with a step that clears up: `step tidy { kind = tidy; does = manual(\"remove the flags, shims and dual writes\") }`");
        findings.report_together(&mover.pattern, [name], finding);
    }
}

/// What the steps set up and none of them takes away again.
fn left(plan: &Plan, mover: &Mover) -> BTreeSet<&'static str> {
    let mut left = BTreeSet::new();
    for (_, step) in steps_of(plan, mover) {
        if step.kind == StepKind::Tidy {
            left.clear();
        }
        let (set_up, taken_away) = leaves(step);
        if let Some(what) = set_up {
            left.insert(what);
        }
        if let Some(what) = taken_away {
            left.remove(what);
        }
    }
    left
}

const DUAL_WRITES: &str = "the dual writes";
const REPLICATION: &str = "the replication";
const FLAG: &str = "the feature flag";
const MIRROR: &str = "the mirror";

/// What a step sets up, and what it takes away.
fn leaves(step: &Step) -> (Option<&'static str>, Option<&'static str>) {
    let Some(action) = &step.action else {
        return (None, None);
    };
    let argument = |name: &str| action.arguments.get(name);
    match action.verb.as_str() {
        "data.dual_write" if argument("enabled") == Some(&Argument::Boolean(false)) => {
            (None, Some(DUAL_WRITES))
        }
        "data.dual_write" => (Some(DUAL_WRITES), None),
        "data.cdc_start" | "data.back_sync" => (Some(REPLICATION), None),
        "data.cdc_stop" => (None, Some(REPLICATION)),
        "flag.set" => (Some(FLAG), None),
        "traffic.mirror" if argument("share") == Some(&Argument::Ratio(0.0)) => {
            (None, Some(MIRROR))
        }
        "traffic.mirror" => (Some(MIRROR), None),
        _ => (None, None),
    }
}
