//! Acts that no executor carries out, so that people must.

use std::collections::BTreeMap;

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Action, Node, Plan, PlatformId, Step};

use super::context::{counted, listed};
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

/// Steps whose verb nobody carries out, by the platform and the attribute that would name one.
type Missing<'a> = BTreeMap<(Option<PlatformId>, &'static str), Vec<(&'a Step, &'a Action)>>;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let missing = missing(context, plan);
    if plan.executors.is_empty() {
        none_at_all(context, plan, &missing, findings);
        return;
    }
    for ((platform, attribute), steps) in &missing {
        let (span, place) = match platform {
            Some(id) => (
                context.origins.of(Entity::Platform(*id)),
                format!("platform `{}`", context.inventory.platforms[*id].name),
            ),
            None => (context.migration_span(), "the plan".to_owned()),
        };
        let mut verbs: Vec<&str> = steps
            .iter()
            .map(|(_, action)| action.verb.as_str())
            .collect();
        verbs.sort_unstable();
        verbs.dedup();
        let first = steps.first().map_or("", |(step, _)| step.name.as_str());
        let finding = RULE
            .finding(
                span,
                format!(
                    "{place} names no executor that carries out {}, so people must, in {} from `{first}` on",
                    listed(&verbs),
                    counted(steps.len(), "place")
                ),
            )
            .help(format!("name one: `{attribute} = …`; a step for people says `manual(\"…\")`"));
        let name = platform.map_or("", |id| context.inventory.platforms[id].name.as_str());
        findings.report(std::iter::once(name).chain(verbs), finding);
    }
}

fn none_at_all(context: &Context<'_>, plan: &Plan, missing: &Missing<'_>, findings: &mut Findings) {
    let places: usize = missing.values().map(Vec::len).sum();
    if places == 0 {
        return;
    }
    let mut attributes: Vec<&str> = missing.keys().map(|(_, attribute)| *attribute).collect();
    attributes.sort_unstable();
    attributes.dedup();
    let name = plan.migration.name.as_str();
    let finding = RULE
        .finding(
            context.migration_span(),
            format!(
                "no platform names an executor, so people carry out all {}",
                counted(places, "act")
            ),
        )
        .help(format!(
            "name executors on the platform entered, for {}",
            listed(&attributes)
        ));
    findings.report([name], finding);
}

fn missing<'a>(context: &Context<'_>, plan: &'a Plan) -> Missing<'a> {
    let mut missing: Missing<'_> = BTreeMap::new();
    for step in plan.steps.values().filter(|step| !step.added) {
        let actions = [&step.action, &step.verify, &step.undo];
        for action in actions.into_iter().flatten() {
            let family = verb(&action.verb).and_then(|verb| verb.family.attribute());
            if let (None, Some(attribute)) = (action.executor, family) {
                let platform = action.on.and_then(|node| platform(context, node, action));
                missing
                    .entry((platform, attribute))
                    .or_default()
                    .push((step, action));
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
