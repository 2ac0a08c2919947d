//! Acts that no executor carries out, so that people must.

use std::collections::BTreeMap;

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Action, Node, Plan, PlatformId, Step};

use super::context::counted;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;
use crate::schema::{Family, verb};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1101",
        name: "verb-without-executor",
    },
    level: Level::Warning,
    summary: "no executor carries a verb out, so people must",
    page: include_str!("../../rules/verb-without-executor.md"),
    check: Check::Plan(check),
};

/// Steps whose verb nobody carries out, by the platform that would name an executor.
type Missing<'a> = BTreeMap<Option<PlatformId>, Vec<Lacking<'a>>>;

/// A step, what it asks for, and the attribute that would name who carries it out.
struct Lacking<'a> {
    step: &'a Step,
    action: &'a Action,
    attribute: &'static str,
}

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let missing = missing(context, plan);
    // The executor of `run` is there without being named.
    if plan.executors.iter().all(|one| one.used_by.is_empty()) {
        none_at_all(context, plan, &missing, findings);
        return;
    }
    for (platform, lacking) in &missing {
        let (span, place) = match platform {
            Some(id) => (
                context.origins.of(Entity::Platform(*id)),
                format!("platform `{}`", context.inventory.platforms[*id].name),
            ),
            None => (context.migration_span(), "the plan".to_owned()),
        };
        let verbs = counts(lacking.iter().map(|one| one.action.verb.as_str()));
        let told: Vec<String> = verbs
            .iter()
            .map(|(verb, count)| format!("`{verb}` in {}", counted(*count, "place")))
            .collect();
        let first = lacking.first().map_or("", |one| one.step.name.as_str());
        let finding = RULE
            .finding(
                span,
                format!(
                    "{place} names no executor for {}, so people must, from `{first}` on",
                    told.join(", ")
                ),
            )
            .help(format!(
                "name one for each family: `{}`; a step for people says `manual(\"…\")`",
                attributes(lacking)
            ));
        let name = platform.map_or(plan.migration.name.as_str(), |id| {
            context.inventory.platforms[id].name.as_str()
        });
        findings.report(std::iter::once(name).chain(verbs.into_keys()), finding);
    }
}

fn none_at_all(context: &Context<'_>, plan: &Plan, missing: &Missing<'_>, findings: &mut Findings) {
    let places: usize = missing.values().map(Vec::len).sum();
    if places == 0 {
        return;
    }
    let name = plan.migration.name.as_str();
    let finding = RULE
        .finding(
            context.migration_span(),
            format!(
                "no platform names an executor, so people carry out all {}",
                counted(places, "act")
            ),
        )
        .help(format!("name executors {}", platforms(context, missing)));
    findings.report([name], finding);
}

/// Where to name which: `in platform `old`: `data = …`; in …`.
fn platforms(context: &Context<'_>, missing: &Missing<'_>) -> String {
    let told: Vec<String> = missing
        .iter()
        .map(|(platform, lacking)| {
            let place = platform.map_or("on what it is about".to_owned(), |id| {
                format!("in platform `{}`", context.inventory.platforms[id].name)
            });
            format!("{place}: `{}`", attributes(lacking))
        })
        .collect();
    told.join("; ")
}

/// `data = …; traffic = …`, each attribute once.
fn attributes(lacking: &[Lacking<'_>]) -> String {
    let names: Vec<String> = counts(lacking.iter().map(|one| one.attribute))
        .into_keys()
        .map(|name| format!("{name} = …"))
        .collect();
    names.join("; ")
}

fn counts<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    counts
}

fn missing<'a>(context: &Context<'_>, plan: &'a Plan) -> Missing<'a> {
    let mut missing: Missing<'_> = BTreeMap::new();
    for step in plan.steps.values().filter(|step| !step.added) {
        let actions = [&step.action, &step.verify, &step.undo];
        for action in actions.into_iter().flatten() {
            let family = verb(&action.verb).and_then(|verb| verb.family.attribute());
            if let (None, Some(attribute)) = (action.executor, family) {
                let platform = action.on.and_then(|node| platform(context, node, action));
                missing.entry(platform).or_default().push(Lacking {
                    step,
                    action,
                    attribute,
                });
            }
        }
    }
    missing
}

/// The platform that should name the executor: traffic and data are carried by the side they come
/// from, software is removed from the platform named, everything else happens where the thing goes.
fn platform(context: &Context<'_>, node: Node, action: &Action) -> Option<PlatformId> {
    let (on, to) = match node {
        Node::Service(id) => {
            let service = &context.inventory.services[id];
            (service.on, service.to)
        }
        Node::Resource(id) => {
            let resource = &context.inventory.resources[id];
            (resource.on, resource.to)
        }
    };
    let family = verb(&action.verb).map(|verb| verb.family);
    let from_old = match family {
        Some(Family::Traffic | Family::Data) => true,
        Some(Family::Deploy) => action.arguments.contains_key("from"),
        _ => false,
    };
    if from_old { on.or(to) } else { to.or(on) }
}
