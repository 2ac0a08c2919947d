//! Parts of the migration that nobody plays.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Node, Plan, ResourceKind, Role, RoleId};

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
    let mut missing = Missing::new();
    let mut told = BTreeSet::new();
    for (&id, duties) in &relied_on(plan) {
        let role = &plan.roles[id];
        if role.who.is_some() {
            continue;
        }
        told.insert(role.name.as_str());
        if !is_declared(context, id) {
            missing.push((role.name.as_str(), duties.told()));
            continue;
        }
        let finding = RULE
            .finding(
                context.origins.of(Entity::Role(id)),
                format!("nobody is `{}`, who {}", role.name, duties.told()),
            )
            .help("say who plays it: `who = \"…\"; backup = \"…\"`");
        findings.report([&role.name], finding);
    }
    missing.extend(the_four(context, plan).filter(|(name, _)| !told.contains(name)));
    report(context, plan, &missing, findings);
}

/// Roles that are defined nowhere, and what each is needed for.
type Missing<'a> = Vec<(&'a str, String)>;

/// A role that only patterns, gates or risks name has the place of that name.
fn is_declared(context: &Context<'_>, id: RoleId) -> bool {
    let span = context.origins.of(Entity::Role(id));
    context.sources.slice(span).starts_with("role ")
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
        told.join(" and ")
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

/// Those of the four roles of every migration that nobody plays, without the database engineer
/// where no data moves.
fn the_four<'a>(context: &Context<'_>, plan: &'a Plan) -> impl Iterator<Item = (&'a str, String)> {
    let data = moves_data(context, plan);
    [
        ("migration_lead", "says go or no-go", true),
        ("database_engineer", "validates the data", data),
        ("infrastructure_engineer", "moves the traffic", true),
        (
            "communications_owner",
            "keeps those concerned informed",
            true,
        ),
    ]
    .into_iter()
    .filter(|(_, _, needed)| *needed && !plan.movers.is_empty())
    .filter(|(name, _, _)| {
        let played = |role: &Role| role.name == *name && role.who.is_some();
        !plan.roles.values().any(played)
    })
    .map(|(name, duty, _)| (name, duty.to_owned()))
}

fn report(context: &Context<'_>, plan: &Plan, missing: &Missing<'_>, findings: &mut Findings) {
    let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
    let Some(first) = names.first() else {
        return;
    };
    let duties: Vec<String> = missing
        .iter()
        .map(|(name, duty)| format!("`{name}` {duty}"))
        .collect();
    let finding = RULE
        .finding(
            context.migration_span(),
            format!("nobody is {}", listed(&names)),
        )
        .note(duties.join("\n"))
        .help(format!(
            "say who plays each, for example `role {first} {{ who = \"…\"; backup = \"…\" }}`"
        ));
    let targets = std::iter::once(plan.migration.name.as_str()).chain(names.iter().copied());
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
