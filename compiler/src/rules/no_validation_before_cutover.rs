//! Traffic or data that cuts over without having been compared or checked.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Amount, Mover, Node, Plan, ResourceKind, ServiceKind, Step, StepKind};

use super::context::{per_second, rounded, steps_of};
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0901",
        name: "no-validation-before-cutover",
    },
    level: Level::Warning,
    summary: "traffic or data cuts over without a check before it",
    page: include_str!("../../rules/no-validation-before-cutover.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let Some(stake) = at_stake(context, mover.node) else {
            continue;
        };
        if is_checked(plan, mover) {
            continue;
        }
        let name = context.name(mover.node);
        let finding = RULE
            .finding(
                context.move_span(mover.node),
                format!(
                    "`{name}` has {stake}, and nothing is checked before `{}` cuts it over",
                    plan.steps[mover.cutover].name
                ),
            )
            .help("put a step before it that does: `kind = validate`, or `verify = …` on a step with little traffic");
        findings.report([name], finding);
    }
}

/// Whether a step before the cutover validates or verifies.
fn is_checked(plan: &Plan, mover: &Mover) -> bool {
    steps_of(plan, mover)
        .take_while(|(id, _)| *id != mover.cutover)
        .any(|(_, step)| checks(step))
}

/// Whether a step validates or verifies.
pub(super) fn checks(step: &Step) -> bool {
    let compares = |verb: &str| {
        verb == "health" || verb.starts_with("validate.") || verb.starts_with("compare.")
    };
    step.kind == StepKind::Validate
        || step.verify.is_some()
        || step
            .action
            .as_ref()
            .is_some_and(|action| compares(&action.verb))
}

/// What is lost when the new side is wrong. A queue that is drained has been checked by that.
fn at_stake(context: &Context<'_>, node: Node) -> Option<String> {
    match node {
        Node::Service(id) => {
            let service = &context.inventory.services[id];
            let some = |value: &Option<Amount>| {
                let mean = value.as_ref().map(Amount::mean);
                mean.filter(|value| *value > 0.0)
            };
            if let Some(rate) = some(&service.traffic) {
                return Some(format!("{} of traffic", per_second(rate)));
            }
            if let Some(users) = some(&service.users) {
                return Some(format!("{} users", rounded(users)));
            }
            (service.kind == ServiceKind::Stateful).then(|| "state of its own".to_owned())
        }
        Node::Resource(id) => matches!(
            context.inventory.resources[id].kind,
            ResourceKind::Datastore | ResourceKind::Volume
        )
        .then(|| "data".to_owned()),
    }
}
