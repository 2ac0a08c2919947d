//! Limits that the old side itself does not keep.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Baseline, Comparison, Condition, Measure, Node, Plan};

use super::context::{duration, percent, steps_of};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0909",
        name: "limit-against-baseline",
    },
    level: Level::Warning,
    summary: "a limit does not fit what the old side does today",
    page: include_str!("../../rules/limit-against-baseline.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let Node::Service(id) = mover.node else {
            continue;
        };
        let service = &context.inventory.services[id];
        let Some(baseline) = &service.baseline else {
            continue;
        };
        if mover.first_shift.is_some() {
            triggers(context, plan, (&service.name, baseline), findings);
        }
        for (step, content) in steps_of(plan, mover) {
            let conditions = content.gate.iter().flat_map(|gate| &gate.when);
            for condition in conditions {
                let Some(today) =
                    today(baseline, condition).filter(|today| !holds(condition, *today))
                else {
                    continue;
                };
                let finding = RULE
                    .finding(
                        context.origins.of(Entity::Step(step)),
                        format!(
                            "gate `{}` asks for {}, and `{}` has {} today",
                            content.name,
                            told(plan, condition),
                            service.name,
                            value(condition.measure, today)
                        ),
                    )
                    .help("ask for what a sound new side can reach, or say why it will be better and approve it by hand");
                let targets = [service.name.as_str(), content.name.as_str()];
                findings.report(targets, finding);
            }
        }
    }
}

/// A trigger that holds of the old side would take a sound new side back.
fn triggers(
    context: &Context<'_>,
    plan: &Plan,
    (name, baseline): (&str, &Baseline),
    findings: &mut Findings,
) {
    for (index, trigger) in plan.triggers.iter().enumerate() {
        let condition = &trigger.when;
        let Some(today) = today(baseline, condition).filter(|today| holds(condition, *today))
        else {
            continue;
        };
        let finding = RULE
            .finding(
                context.origins.attribute(Entity::Trigger(index), "when"),
                format!(
                    "trigger `{}` fires at {}, and `{name}` has {} today",
                    trigger.name,
                    told(plan, condition),
                    value(condition.measure, today)
                ),
            )
            .help("set the limit where something is wrong, above what is usual");
        findings.report([name, trigger.name.as_str()], finding);
    }
}

fn today(baseline: &Baseline, condition: &Condition) -> Option<f64> {
    baseline.of(condition.measure)
}

fn holds(condition: &Condition, value: f64) -> bool {
    match condition.comparison {
        Comparison::Less => value < condition.limit,
        Comparison::LessOrEqual => value <= condition.limit,
        Comparison::Greater => value > condition.limit,
        Comparison::GreaterOrEqual => value >= condition.limit,
        #[expect(clippy::float_cmp, reason = "the plan asks for equality")]
        Comparison::Equal => value == condition.limit,
    }
}

/// `p99 > 300ms`
fn told(plan: &Plan, condition: &Condition) -> String {
    let sign = match condition.comparison {
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::Equal => "==",
    };
    let limit = value(condition.measure, condition.limit);
    format!("`{} {sign} {limit}`", plan.measure_name(condition.measure))
}

fn value(measure: Measure, value: f64) -> String {
    match measure {
        Measure::ErrorRate => percent(value),
        _ => duration(value),
    }
}
