//! An act on the running system that cannot be taken back and does not say so.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Plan, Step, StepKind};

use super::context::steps_of;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0601",
        name: "no-undo",
    },
    level: Level::Warning,
    summary: "a step has no undo and is not said to be irreversible",
    page: include_str!("../../rules/no-undo.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        for (id, step) in steps_of(plan, mover).filter(|(_, step)| needs_undo(step)) {
            let name = context.name(mover.node);
            let finding = RULE
                .finding(
                    context.origins.of(Entity::StepDefinition(id)),
                    format!("step `{}` {} and has no undo", step.name, acts(step.kind)),
                )
                .help("say how it is taken back (`undo = …; undo_takes = …`), or that there is no way back: `irreversible = true`");
            findings.report([step.name.as_str(), name], finding);
        }
    }
}

fn needs_undo(step: &Step) -> bool {
    let acts = matches!(
        step.kind,
        StepKind::Deploy | StepKind::Shift | StepKind::Cutover
    );
    acts && step.action.is_some() && step.undo.is_none() && !step.irreversible && !step.added
}

fn acts(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Shift => "moves traffic",
        StepKind::Cutover => "cuts over",
        _ => "deploys",
    }
}
