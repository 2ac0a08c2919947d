//! A migration without availability, data-loss and rollback objectives.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::Plan;

use super::context::listed;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0701",
        name: "no-objectives",
    },
    level: Level::Warning,
    summary: "the migration states no SLA, RPO or RTO",
    page: include_str!("../../rules/no-objectives.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let objectives = &plan.migration.objectives;
    let missing: Vec<(&str, &str)> = [
        (objectives.sla, "sla", "sla = 99.9%"),
        (objectives.rpo, "rpo", "rpo = 1min"),
        (objectives.rto, "rto", "rto = 15min"),
    ]
    .into_iter()
    .filter(|(value, _, _)| value.is_none())
    .map(|(_, name, example)| (name, example))
    .collect();
    if missing.is_empty() {
        return;
    }
    let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
    let examples: Vec<&str> = missing.iter().map(|(_, example)| *example).collect();
    let name = plan.migration.name.as_str();
    let finding = RULE
        .finding(
            context.origins.of(Entity::Objective),
            format!("migration `{name}` states no {}", listed(&names)),
        )
        .help(format!(
            "state what must hold while it runs, for example `objective {{ {} }}`",
            examples.join("; ")
        ));
    findings.report([name], finding);
}
