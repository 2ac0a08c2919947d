//! A point of no return that nobody decides to pass.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Mover, Plan, Step, StepId, StepKind};

use super::context::steps_of;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0606",
        name: "irreversible-without-gate",
    },
    level: Level::Warning,
    summary: "what cannot be taken back is done without anybody deciding it",
    page: include_str!("../../rules/irreversible-without-gate.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let Some(id) = ungated(plan, mover) else {
            continue;
        };
        let step = &plan.steps[id].name;
        let finding = RULE
            .finding(
                context.origins.of(Entity::Step(id)),
                format!("there is no way back after `{step}`, and no gate stands between it and what has moved"),
            )
            .help("let somebody decide it, just before: `gate retire { approve = migration_lead; not_by = executor; within = 3d; else = stop }`");
        findings.report_together(
            &mover.pattern,
            [context.name(mover.node), step.as_str()],
            finding,
        );
    }
}

/// The first step without a way back, where no gate stands between it and the last traffic moved.
fn ungated(plan: &Plan, mover: &Mover) -> Option<StepId> {
    let mut gated = false;
    for (id, step) in steps_of(plan, mover) {
        if step.irreversible || step.kind == StepKind::Decommission && step.undo.is_none() {
            return (!gated).then_some(id);
        }
        gated = (gated || step.gate.is_some()) && !moves(step);
    }
    None
}

/// Whether it puts users or writers on the new side.
fn moves(step: &Step) -> bool {
    let shifts = step.weight.is_some_and(|weight| weight > 0.0);
    shifts || matches!(step.kind, StepKind::Shift | StepKind::Cutover)
}
