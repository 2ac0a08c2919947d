//! Shares of traffic that do not rise from one shift to the next.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Mover, Plan, Step, StepId, StepKind};

use super::context::{percent, steps_of};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0906",
        name: "weights-not-increasing",
    },
    level: Level::Warning,
    summary: "shares of traffic do not rise from one shift to the next",
    page: include_str!("../../rules/weights-not-increasing.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        for verb in SHIFTS {
            let weights = weights(plan, mover, verb);
            let pairs = weights.iter().zip(weights.iter().skip(1));
            if let Some((before, after)) = { pairs }.find(|(before, after)| after.1 <= before.1) {
                let name = context.name(mover.node);
                let finding = RULE
                    .finding(
                        context.origins.of(Entity::Step(after.0)),
                        format!(
                            "`{name}` shifts to {} and then to {}",
                            percent(before.1),
                            percent(after.1)
                        ),
                    )
                    .help("let every shift take a larger share than the one before it; going back is what `undo` is for");
                findings.report([name, plan.steps[after.0].name.as_str()], finding);
            }
        }
    }
}

/// Verbs that move a share of traffic.
pub(super) const SHIFTS: [&str; 2] = ["traffic.shift", "flag.set"];

/// The shares that steps with this verb give to the new side, in pattern order.
pub(super) fn weights(plan: &Plan, mover: &Mover, verb: &str) -> Vec<(StepId, f64)> {
    let shifts = |step: &Step| {
        let acts = step
            .action
            .as_ref()
            .is_some_and(|action| action.verb == verb);
        acts && matches!(step.kind, StepKind::Shift | StepKind::Cutover)
    };
    steps_of(plan, mover)
        .filter(|(_, step)| shifts(step))
        .filter_map(|(id, step)| Some((id, step.weight?)))
        .collect()
}
