//! Parts of the migration that nobody plays.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Node, Plan, ResourceKind, RoleId};

use super::context::{counted, listed};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1001",
        name: "role-missing",
    },
    level: Level::Warning,
    summary: "nobody plays a role that the migration needs",
    page: include_str!("../../rules/role-missing.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let relied_on = relied_on(plan);
    let mut told = BTreeSet::new();
    for (&id, duties) in &relied_on {
        let role = &plan.roles[id];
        if role.who.is_none() {
            told.insert(role.name.as_str());
            let finding = RULE
                .finding(
                    context.origins.of(Entity::Role(id)),
                    format!("nobody is `{}`, who {}", role.name, duties.told()),
                )
                .help(format!(
                    "name who plays it: `role {} {{ who = \"…\"; backup = \"…\" }}`",
                    role.name
                ));
            findings.report([&role.name], finding);
        }
    }
    the_four(context, plan, &told, findings);
}

/// What a role is relied on for.
#[derive(Default)]
struct Duties {
    gates: usize,
    steps: usize,
    risks: usize,
}

impl Duties {
    fn told(&self) -> String {
        let told: Vec<String> = [
            (self.gates, "decides at", "gate"),
            (self.steps, "is responsible for", "step"),
            (self.risks, "watches", "risk"),
        ]
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, verb, noun)| format!("{verb} {}", counted(count, noun)))
        .collect();
        told.join(", ")
    }
}

fn relied_on(plan: &Plan) -> BTreeMap<RoleId, Duties> {
    let mut duties: BTreeMap<RoleId, Duties> = BTreeMap::new();
    for step in plan.steps.values() {
        if let Some(id) = step.gate.as_ref().and_then(|gate| gate.approve) {
            duties.entry(id).or_default().gates += 1;
        }
        if let Some(id) = step.owner {
            duties.entry(id).or_default().steps += 1;
        }
    }
    for id in plan.risks.iter().filter_map(|risk| risk.owner) {
        duties.entry(id).or_default().risks += 1;
    }
    duties
}

/// The four roles every migration needs, but the database engineer where no data moves.
fn the_four(context: &Context<'_>, plan: &Plan, told: &BTreeSet<&str>, findings: &mut Findings) {
    let four = [
        ("migration_lead", "go or no-go", true),
        (
            "database_engineer",
            "validates the data",
            moves_data(context, plan),
        ),
        ("infrastructure_engineer", "moves the traffic", true),
        (
            "communications_owner",
            "keeps those concerned informed",
            true,
        ),
    ];
    let missing: Vec<(&str, &str)> = four
        .into_iter()
        .filter(|(name, _, needed)| *needed && !told.contains(name))
        .filter(|(name, _, _)| {
            let played = |role: &whimbrel_plan::Role| role.name == *name && role.who.is_some();
            !plan.roles.values().any(played)
        })
        .map(|(name, duty, _)| (name, duty))
        .collect();
    if missing.is_empty() || plan.movers.is_empty() {
        return;
    }
    let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
    let duties: Vec<String> = missing
        .iter()
        .map(|(name, duty)| format!("`{name}`: {duty}"))
        .collect();
    let finding = RULE
        .finding(
            context.migration_span(),
            format!("nobody is {}", listed(&names)),
        )
        .note(duties.join("\n"))
        .help(format!(
            "name who plays it, for example `role {} {{ who = \"…\"; backup = \"…\" }}`",
            names.first().copied().unwrap_or_default()
        ));
    let targets = std::iter::once(plan.migration.name.as_str()).chain(names);
    findings.report(targets, finding);
}

fn moves_data(context: &Context<'_>, plan: &Plan) -> bool {
    plan.movers.iter().any(|mover| match mover.node {
        Node::Service(_) => {
            super::stateful_in_parallel_without_dual_write::is_stateful(context, mover.node)
        }
        Node::Resource(id) => !matches!(
            context.inventory.resources[id].kind,
            ResourceKind::External | ResourceKind::Instance
        ),
    })
}
