//! Parts of the migration that nobody plays.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Act, Node, Plan, ResourceKind, Role, RoleId, ServiceKind, Step};

use super::context::{counted, listed, steps_of};
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
    missing.extend(needed(context, plan).filter(|(name, _)| !told.contains(name)));
    report(context, plan, &missing, findings);
}

/// Roles that are defined nowhere, and what each is needed for.
type Missing<'a> = Vec<(&'a str, String)>;

/// A role that only patterns, gates or risks name has the place of that name.
fn is_declared(context: &Context<'_>, id: RoleId) -> bool {
    let span = context.origins.of(Entity::Role(id));
    context.sources.slice(span).starts_with("role ")
}

/// The four roles of a migration, and what each does.
pub(super) const THE_FOUR: [(&str, &str); 4] = [
    ("migration_lead", "says go or no-go"),
    ("database_engineer", "validates the data"),
    ("infrastructure_engineer", "moves the traffic"),
    ("communications_owner", "keeps those concerned informed"),
];

/// What a role is relied on for.
#[derive(Default)]
pub(super) struct Duties {
    gates: usize,
    steps: usize,
    risks: usize,
}

impl Duties {
    pub(super) fn told(&self) -> String {
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

/// The roles that gates, steps and risks name, and for what.
pub(super) fn relied_on(plan: &Plan) -> BTreeMap<RoleId, Duties> {
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

/// Those of the four roles that have something to do here and that nobody plays; who keeps people
/// informed is a rule of its own.
fn needed<'a>(context: &Context<'_>, plan: &'a Plan) -> impl Iterator<Item = (&'a str, String)> {
    let [lead, database, infrastructure, _] = THE_FOUR;
    [
        (lead, !plan.movers.is_empty()),
        (database, moves_data(context, plan)),
        (infrastructure, moves_traffic(context, plan)),
    ]
    .into_iter()
    .filter(|(_, needed)| *needed)
    .map(|((name, duty), _)| (name, duty.to_owned()))
    .filter(|(name, _)| {
        let played = |role: &Role| role.name == *name && role.who.is_some();
        !plan.roles.values().any(played)
    })
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

/// Whether something that keeps data moves; messages and what is merely configured do not count.
fn moves_data(context: &Context<'_>, plan: &Plan) -> bool {
    plan.movers.iter().any(|mover| match mover.node {
        Node::Service(id) => {
            context.inventory.services[id].kind == ServiceKind::Stateful
                || steps_of(plan, mover).any(|(_, step)| copies(step))
        }
        Node::Resource(id) => matches!(
            context.inventory.resources[id].kind,
            ResourceKind::Datastore
                | ResourceKind::Table
                | ResourceKind::Cache
                | ResourceKind::Volume
        ),
    })
}

fn copies(step: &Step) -> bool {
    let verb = step.action.as_ref().map_or("", |action| &action.verb);
    matches!(step.act, Act::Transfer(_)) || verb.starts_with("data.")
}

/// Whether requests are sent to another side.
fn moves_traffic(context: &Context<'_>, plan: &Plan) -> bool {
    let shifted = |step: &Step| {
        let verb = step.action.as_ref().map_or("", |action| &action.verb);
        verb.starts_with("traffic.")
    };
    let has_traffic = |node: Node| match node {
        Node::Service(id) => context.inventory.services[id]
            .traffic
            .as_ref()
            .is_some_and(|rate| rate.mean() > 0.0),
        Node::Resource(_) => false,
    };
    plan.movers.iter().any(|mover| {
        has_traffic(mover.node) || steps_of(plan, mover).any(|(_, step)| shifted(step))
    })
}
