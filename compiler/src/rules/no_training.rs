//! Something new that nobody has learnt to run.

use std::collections::BTreeSet;

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Node, Plan, PlatformId, Resource, Subject};

use super::context::listed;
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1008",
        name: "no-training",
    },
    level: Level::Warning,
    summary: "nobody learns to run what is new",
    page: include_str!("../../rules/no-training.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    if context.inventory.teams.is_empty() || trains(plan) {
        return;
    }
    let new = new(context, plan);
    let message = match new.as_slice() {
        [] => return,
        [one] => format!("`{one}` is new, and nobody learns to run it"),
        _ => format!("{} are new, and nobody learns to run them", listed(&new)),
    };
    let finding = RULE.finding(context.migration_span(), message).help(
        "say who learns it before anything depends on it: `training operators { takes = 1wd; needs = [… of …] }`",
    );
    let targets = std::iter::once(plan.migration.name.as_str());
    findings.report(targets.chain(new.iter().copied()), finding);
}

/// Whether the plan teaches anybody anything.
fn trains(plan: &Plan) -> bool {
    let of_the_plan = |subject: &Subject| matches!(subject, Subject::Migration(_));
    let mut steps = plan.steps.values();
    steps.any(|step| of_the_plan(&step.subject) && step.name.starts_with("training/"))
}

/// Platforms on which nothing runs today, and engines that are none of today's, by name.
fn new<'a>(context: &Context<'a>, plan: &Plan) -> Vec<&'a str> {
    let inventory = context.inventory;
    let services = inventory.services.values().map(|service| service.on);
    let resources = inventory.resources.values().map(|resource| resource.on);
    let today: BTreeSet<PlatformId> = services.chain(resources).flatten().collect();
    let engines: BTreeSet<&str> = inventory
        .resources
        .values()
        .filter_map(|resource| resource.engine.as_deref())
        .collect();
    let mut new = BTreeSet::new();
    for mover in &plan.movers {
        let to = match mover.node {
            Node::Service(id) => inventory.services[id].to,
            Node::Resource(id) => {
                let resource = &inventory.resources[id];
                new.extend(new_engine(resource, &engines));
                resource.to
            }
        };
        let platform = to.filter(|to| !today.contains(to));
        new.extend(platform.map(|id| inventory.platforms[id].name.as_str()));
    }
    new.into_iter().collect()
}

/// What a resource becomes, unless it is another version of an engine that runs today.
fn new_engine<'a>(resource: &'a Resource, engines: &BTreeSet<&str>) -> Option<&'a str> {
    let becomes = resource.becomes.as_deref()?;
    resource.engine.as_ref()?;
    let engine = becomes.split_whitespace().next()?;
    let known = engines
        .iter()
        .any(|known| known.eq_ignore_ascii_case(engine));
    (!known).then_some(engine)
}
