//! Traffic or reads that move without anybody looking whether the new side bears it.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Mover, Plan, Step, StepId, StepKind};

use super::context::{percent, steps_of};
use super::no_validation_before_cutover::checks;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0904",
        name: "shift-without-health",
    },
    level: Level::Warning,
    summary: "nothing checks the new side after a shift",
    page: include_str!("../../rules/shift-without-health.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let Some(id) = unchecked(plan, mover) else {
            continue;
        };
        let (step, name) = (&plan.steps[id], context.name(mover.node));
        let given = match step.weight {
            Some(weight) if weight < 1.0 => format!("{} of the requests", percent(weight)),
            _ => "everything".to_owned(),
        };
        let finding = RULE
            .finding(
                context.origins.of(Entity::StepDefinition(id)),
                format!(
                    "step `{}` gives the new side {given}, and nothing checks it before the next step",
                    step.name
                ),
            )
            .help("say what shows that it serves: `verify = health(service)`, or a step behind it that does");
        findings.report([name, step.name.as_str()], finding);
    }
}

/// The first step that moves something, with no check on it or behind it.
fn unchecked(plan: &Plan, mover: &Mover) -> Option<StepId> {
    let mut open = None;
    for (id, step) in steps_of(plan, mover) {
        if ends_watch(step) && open.is_some() {
            return open;
        }
        if moves(step) {
            open = Some(id);
        }
        if checks(step) || asks(step) {
            open = None;
        }
    }
    open
}

/// Whether it gives the new side traffic, users or readers.
pub(super) fn moves(step: &Step) -> bool {
    let verb = step.action.as_ref().map_or("", |action| &action.verb);
    let given = step.weight.is_some_and(|weight| weight > 0.0);
    given && matches!(verb, "traffic.shift" | "flag.set" | "data.switch_reads")
}

/// Whether what the step before has moved is on its own from here on.
pub(super) fn ends_watch(step: &Step) -> bool {
    moves(step) || matches!(step.kind, StepKind::Keep | StepKind::Decommission)
}

/// Whether somebody is asked who looks at figures.
fn asks(step: &Step) -> bool {
    step.gate.as_ref().is_some_and(|gate| !gate.when.is_empty())
}
