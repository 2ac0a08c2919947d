//! Limits that nobody can judge, because nobody knows what the old side does.

use std::collections::BTreeMap;

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Amount, Measure, Mover, Node, Plan, Service};

use super::context::{listed, steps_of};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0902",
        name: "no-baseline",
    },
    level: Level::Warning,
    summary: "nobody knows what the old side does, and limits are set for the new one",
    page: include_str!("../../rules/no-baseline.md"),
    check: Check::Plan(check),
};

/// Measures, and what asks for each first.
type Asked<'a> = BTreeMap<Measure, (&'static str, &'a str)>;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let Node::Service(id) = mover.node else {
            continue;
        };
        let service = &context.inventory.services[id];
        if !is_used(service) {
            continue;
        }
        let mut asked = asked(plan, mover);
        asked.retain(|measure, _| !is_known(service, *measure));
        let Some((first, (kind, by))) = asked.first_key_value() else {
            continue;
        };
        let names: Vec<&str> = asked
            .keys()
            .map(|measure| plan.measure_name(*measure))
            .collect();
        let alike = names.join(" ");
        findings.report_first(&RULE, alike, [&service.name], || {
            RULE.finding(
                context.origins.of(Entity::Service(id)),
                format!(
                    "nobody knows {} of `{}` today, and {kind} `{by}` sets a limit for `{}`",
                    listed(&names),
                    service.name,
                    plan.measure_name(*first)
                ),
            )
            .help(format!(
                "measure the old side for a week and write it down: `baseline {{ {} }}`",
                written(&names)
            ))
        });
    }
}

/// Whether anybody would notice that it got worse, as far as is known.
pub(super) fn is_used(service: &Service) -> bool {
    let is_some = |count: &Option<Amount>| count.as_ref().is_some_and(|count| count.mean() > 0.0);
    is_some(&service.traffic) || is_some(&service.users)
}

/// The measures of requests that limits are set for, for this mover: by its gates and, where its
/// traffic moves, by the triggers.
fn asked<'a>(plan: &'a Plan, mover: &'a Mover) -> Asked<'a> {
    let mut asked = Asked::new();
    if mover.first_shift.is_some() {
        for trigger in &plan.triggers {
            let by = ("trigger", trigger.name.as_str());
            asked.entry(trigger.when.measure).or_insert(by);
        }
    }
    for (_, step) in steps_of(plan, mover) {
        for condition in step.gate.iter().flat_map(|gate| &gate.when) {
            let by = ("gate", step.name.as_str());
            asked.entry(condition.measure).or_insert(by);
        }
    }
    // What of `throughput` is usual is the service's traffic; of a plan's own measures it cannot say.
    asked.retain(|measure, _| {
        matches!(
            measure,
            Measure::ErrorRate | Measure::P50 | Measure::P95 | Measure::P99
        )
    });
    asked
}

fn is_known(service: &Service, measure: Measure) -> bool {
    let baseline = service.baseline.as_ref();
    baseline.is_some_and(|baseline| baseline.of(measure).is_some())
}

/// `error_rate = …; p99 = …`
fn written(names: &[&str]) -> String {
    let names = names.iter().map(|name| format!("{name} = …"));
    names.collect::<Vec<_>>().join("; ")
}
