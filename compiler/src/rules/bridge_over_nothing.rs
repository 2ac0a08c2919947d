//! A bridge that carries no need of anybody.

use rustc_hash::FxHashSet;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{BridgeId, BridgeOver, Edge, Node, Plan, ResourceId, ServiceId};

use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0311",
        name: "bridge-over-nothing",
    },
    level: Level::Warning,
    summary: "a bridge carries nothing that anybody needs",
    page: include_str!("../../rules/bridge-over-nothing.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    if plan.bridges.is_empty() {
        return;
    }
    let edges = || context.graph.edges.iter();
    let carrying: FxHashSet<BridgeId> = edges().filter_map(|edge| edge.bridge).collect();
    let used: FxHashSet<ResourceId> = edges().flat_map(|edge| leads_to(context, edge)).collect();
    for (id, bridge) in plan.bridges.iter().filter(|(id, _)| !carrying.contains(id)) {
        let told = match bridge.over {
            // A need that another bridge carries: that they are two is told where they are read.
            BridgeOver::Edge { from, to }
                if edges().any(|edge| {
                    (edge.from, edge.to) == (Node::Service(from), Node::Service(to))
                }) =>
            {
                None
            }
            BridgeOver::Edge { from, to } => Some(of_services(context, from, to)),
            // Of two bridges that cover one thing, there and back, the first counts as its carrier.
            BridgeOver::Resource(id) if used.contains(&id) => None,
            BridgeOver::Resource(id) => Some(of_nobody(context, id)),
        };
        let Some((message, help)) = told else {
            continue;
        };
        let span = context.origins.attribute(Entity::Bridge(id), "over");
        findings.report([&bridge.name], RULE.finding(span, message).help(help));
    }
}

/// The resource an edge leads to, and what that stands in.
fn leads_to(context: &Context<'_>, edge: &Edge) -> impl Iterator<Item = ResourceId> {
    let to = match edge.to {
        Node::Resource(id) => Some(id),
        Node::Service(_) => None,
    };
    let parent = to.and_then(|id| context.inventory.resources[id].parent);
    to.into_iter().chain(parent)
}

fn of_nobody(context: &Context<'_>, id: ResourceId) -> (String, String) {
    let name = context.resource(id);
    (
        format!("nothing uses `{name}`, so the bridge carries nothing"),
        format!(
            "say who uses it: `reads {name}`, `writes {name}` in a service; or take the bridge out"
        ),
    )
}

fn of_services(context: &Context<'_>, from: ServiceId, to: ServiceId) -> (String, String) {
    let (one, other) = (context.service(from), context.service(to));
    let message = format!("`{one}` does not need `{other}`, so the bridge carries nothing");
    let (from, to) = (Node::Service(from), Node::Service(to));
    let edges = || context.graph.edges.iter();
    if let Some(via) = shared(context, from, to) {
        return (
            format!(
                "`{one}` needs `{other}` by way of `{via}` alone, which others use as well, so the bridge carries nothing"
            ),
            format!("bridge what they share: `over = {via}`"),
        );
    }
    if edges().any(|edge| edge.from == to && edge.to == from) {
        return (
            format!("{message}: `{other}` needs `{one}`"),
            format!("turn it round: `over = {other} -> {one}`"),
        );
    }
    let help =
        format!("declare the need (`calls {other}` in `service {one}`), or take the bridge out");
    (message, help)
}

/// A resource that leads from one service to the other.
fn shared<'a>(context: &'a Context<'_>, from: Node, to: Node) -> Option<&'a str> {
    let edges = || context.graph.edges.iter();
    let used = edges().filter(|edge| edge.from == from).map(|edge| edge.to);
    let used: FxHashSet<Node> = used
        .filter(|node| matches!(node, Node::Resource(_)))
        .collect();
    let mut onward = edges().filter(|edge| edge.to == to && used.contains(&edge.from));
    onward.next().map(|edge| context.name(edge.from))
}
