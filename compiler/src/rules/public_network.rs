//! Data that moves over the public internet.

use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{
    Act, BridgeOver, BridgeTechnique, LinkId, Mover, Node, Plan, PlatformId, Resource, Step,
};

use super::context::{steps_of, verb};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1104",
        name: "public-network",
    },
    level: Level::Warning,
    summary: "data moves over a link that is not private",
    page: include_str!("../../rules/public-network.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let links = public(context);
    if links.is_empty() {
        return;
    }
    let moved = plan.movers.iter().filter_map(|mover| match mover.node {
        Node::Resource(id) if carries(plan, mover) => Some((id, None)),
        _ => None,
    });
    let bridged = plan
        .bridges
        .values()
        .filter_map(|bridge| match bridge.over {
            BridgeOver::Resource(id) if copies(bridge.by) => Some((id, Some(bridge.name.as_str()))),
            _ => None,
        });
    for (id, bridge) in moved.chain(bridged) {
        let resource = &context.inventory.resources[id];
        let Some(link) = ends(resource).and_then(|ends| links.get(&ends)) else {
            continue;
        };
        let by = bridge.map_or(String::new(), |bridge| format!(" by bridge `{bridge}`"));
        report(context, *link, resource, &by, findings);
    }
}

fn report(
    context: &Context<'_>,
    id: LinkId,
    resource: &Resource,
    by: &str,
    findings: &mut Findings,
) {
    let (link, platforms) = (&context.inventory.links[id], &context.inventory.platforms);
    let (from, to) = (&platforms[link.from].name, &platforms[link.to].name);
    let entity = Entity::Link(id);
    let said = match context.origins.has_attribute(entity, "private") {
        true => "which is said to be public",
        false => "which nothing says is private",
    };
    let regimes = match resource.regimes.as_slice() {
        [] => String::new(),
        regimes => format!(", under {},", regimes.join(", ")),
    };
    let name = resource.name.as_str();
    let finding = RULE
        .finding(
            context.origins.attribute(entity, "private"),
            format!("the data of `{name}`{regimes} goes{by} over link `{from} -> {to}`, {said}"),
        )
        .help("bring up a private connection before data moves, and say so: `private = true`");
    findings.report([name, from, to], finding);
}

/// The links that are not private, by the platforms they join, either way round.
fn public(context: &Context<'_>) -> FxHashMap<(PlatformId, PlatformId), LinkId> {
    let mut public = FxHashMap::default();
    let mut links: Vec<_> = context.inventory.links.iter().collect();
    // One private path is enough.
    links.sort_by_key(|(_, link)| link.private);
    for (id, link) in links {
        for ends in [(link.from, link.to), (link.to, link.from)] {
            if link.private {
                public.remove(&ends);
            } else {
                public.insert(ends, id);
            }
        }
    }
    public
}

fn ends(resource: &Resource) -> Option<(PlatformId, PlatformId)> {
    Some((resource.on?, resource.to?))
}

/// Whether its steps send what it holds to the other side.
fn carries(plan: &Plan, mover: &Mover) -> bool {
    steps_of(plan, mover).any(|(_, step)| sends(step))
}

fn sends(step: &Step) -> bool {
    matches!(step.act, Act::Transfer(_))
        || matches!(
            verb(step),
            "data.bootstrap"
                | "data.backfill"
                | "data.dual_write"
                | "data.cdc_start"
                | "data.back_sync"
                | "cache.warm"
                | "session.centralise"
        )
}

fn copies(technique: BridgeTechnique) -> bool {
    !matches!(technique, BridgeTechnique::Adapter | BridgeTechnique::Proxy)
}
