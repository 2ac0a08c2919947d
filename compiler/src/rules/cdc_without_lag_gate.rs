//! A copy that is switched to without asking how far it is behind.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Measure, Mover, Node, Plan, ResourceKind, Step, StepId};

use super::context::{steps_of, verb};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0409",
        name: "cdc-without-lag-gate",
    },
    level: Level::Warning,
    summary: "readers move to a copy, and nothing asks how far it is behind",
    page: include_str!("../../rules/cdc-without-lag-gate.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let Node::Resource(id) = mover.node else {
            continue;
        };
        // Only what holds records has a lag; a volume is copied a last time while nobody writes.
        if context.inventory.resources[id].kind != ResourceKind::Datastore {
            continue;
        }
        let Some(starts) = ungated(plan, mover) else {
            continue;
        };
        let name = context.name(mover.node);
        let finding = RULE
            .finding(
                context.origins.of(Entity::Step(starts)),
                format!(
                    "`{}` carries changes over, and no gate before `{}` asks how far the copy is behind",
                    plan.steps[starts].name, plan.steps[mover.cutover].name
                ),
            )
            .help("ask before the switch: `gate go { approve = migration_lead; when = [lag <= 1s]; within = 4h }`");
        findings.report_together(
            &mover.pattern,
            [name, plan.steps[starts].name.as_str()],
            finding,
        );
    }
}

/// The step that starts to carry changes over, where the cutover comes after it without asking.
fn ungated(plan: &Plan, mover: &Mover) -> Option<StepId> {
    let mut before = steps_of(plan, mover).take_while(|(id, _)| *id != mover.cutover);
    let (starts, _) = before.find(|(_, step)| verb(step) == "data.cdc_start")?;
    let asked = before.any(|(_, step)| asks_lag(step));
    (!asked && starts < mover.cutover).then_some(starts)
}

fn asks_lag(step: &Step) -> bool {
    let mut conditions = step.gate.iter().flat_map(|gate| &gate.when);
    conditions.any(|condition| condition.measure == Measure::Lag)
}
