//! A way back that loses what has been written since.

use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Mover, NoWayBack, Node, Plan, ResourceKind, StepId, StepKind};

use super::context::steps_of;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0609",
        name: "back-sync-missing",
    },
    level: Level::Warning,
    summary: "going back loses what was written on the new side",
    page: include_str!("../../rules/back-sync-missing.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let movers: FxHashMap<Node, &Mover> = plan
        .movers
        .iter()
        .map(|mover| (mover.node, mover))
        .collect();
    let members = plan.reversals.iter().flat_map(|reversal| &reversal.members);
    for member in members {
        // What a service keeps itself no verb carries back, and files are copied back by hand.
        let (Node::Resource(id), Some(mover)) = (member.node, movers.get(&member.node)) else {
            continue;
        };
        if context.inventory.resources[id].kind != ResourceKind::Datastore {
            continue;
        }
        let mut ends = member.ends.iter();
        let Some(end) = ends.find(|end| end.why == NoWayBack::NotCarriedBack) else {
            continue;
        };
        if !is_kept_after(plan, mover, end.from) {
            continue;
        }
        let (name, step) = (context.name(member.node), &plan.steps[end.from].name);
        let finding = RULE
            .finding(
                context.origins.of(Entity::Step(end.from)),
                format!(
                    "from `{step}` on nothing carries back what is written on the new side of `{name}`: going back loses it"
                ),
            )
            .help(format!(
                "carry it back for as long as the old side is kept: a step after the switch, `step back_sync {{ does = data.back_sync(datastore, lag: 1s) }}`, or `bridge {name}_back {{ over = {name}; by = back_sync; lag = 1s }}`"
            ));
        findings.report_together(&mover.pattern, [name, step.as_str()], finding);
    }
}

/// Whether the old side is there to go back to: the step itself moves to the new one, or a time in which
/// the old one is kept comes after it.
fn is_kept_after(plan: &Plan, mover: &Mover, from: StepId) -> bool {
    let mut rest = steps_of(plan, mover).filter(|(id, _)| *id >= from);
    rest.any(|(id, step)| {
        let kept = step.kind == StepKind::Keep && id > from;
        kept || matches!(step.kind, StepKind::Shift | StepKind::Cutover)
    })
}
