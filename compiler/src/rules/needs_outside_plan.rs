//! What moves needs something of which the plan does not say what becomes of it.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Edge, EdgeKind, Need, Node, Plan, PlatformId, ResourceKind};

use super::context::{entity, listed};
use super::{Check, Context, Findings, Rule};
use crate::analysis::nodes::enclosing;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0307",
        name: "needs-outside-plan",
    },
    level: Level::Warning,
    summary: "what moves needs something that the plan does not place",
    page: include_str!("../../rules/needs-outside-plan.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let mut needed: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
    for edge in &context.graph.edges {
        if context.moves(edge.from) && is_need(edge) {
            let needs = needed.entry(whole(context, edge.to)).or_default();
            needs.insert(edge.from);
        }
    }
    for (node, by) in &needed {
        let by: Vec<&str> = by.iter().map(|node| context.name(*node)).collect();
        match *node {
            Node::Resource(id)
                if context.inventory.resources[id].kind == ResourceKind::External =>
            {
                stranger(context, *node, &by, findings);
            }
            _ => {
                if let Some(platform) = left_behind(context, plan, *node) {
                    undecided(context, (*node, platform), &by, findings);
                }
            }
        }
    }
}

/// A table goes with its datastore.
fn whole(context: &Context<'_>, node: Node) -> Node {
    let Node::Resource(id) = node else {
        return node;
    };
    let resource = &context.inventory.resources[id];
    let parent = resource
        .parent
        .filter(|_| resource.kind == ResourceKind::Table);
    Node::Resource(parent.unwrap_or(id))
}

/// Whether `from` fails without: what is bridged has been thought of.
fn is_need(edge: &Edge) -> bool {
    let from_service = matches!(edge.from, Node::Service(_));
    let hard = match edge.kind {
        EdgeKind::Call | EdgeKind::Read | EdgeKind::Write | EdgeKind::Message => {
            edge.need == Need::Hard
        }
        EdgeKind::External => true,
        EdgeKind::Pin | EdgeKind::Seen | EdgeKind::Order => false,
    };
    from_service && hard && edge.bridge.is_none()
}

/// The platform that the migration leaves and the node is on, where nothing says whether it moves
/// or stays.
fn left_behind(context: &Context<'_>, plan: &Plan, node: Node) -> Option<PlatformId> {
    let inventory = context.inventory;
    let (on, decided) = match node {
        Node::Service(id) => (
            inventory.services[id].on,
            context.origins.has_attribute(entity(node), "to"),
        ),
        Node::Resource(id) => (
            inventory.resources[id].on,
            enclosing(inventory, id)
                .any(|id| context.origins.has_attribute(Entity::Resource(id), "to")),
        ),
    };
    let on = on.filter(|on| plan.migration.from.contains(on))?;
    (!decided && !context.moves(node)).then_some(on)
}

/// All of them at one place, the migration: whether its scope is right is one question.
fn undecided(
    context: &Context<'_>,
    (node, platform): (Node, PlatformId),
    by: &[&str],
    findings: &mut Findings,
) {
    let name = context.name(node);
    let platform = &context.inventory.platforms[platform].name;
    let need = if by.len() == 1 { "needs" } else { "need" };
    let finding = RULE
        .finding(
            context.origins.attribute(Entity::Migration, "from"),
            format!(
                "{} {need} `{name}`, which neither moves nor is said to stay on `{platform}`",
                listed(by)
            ),
        )
        .label(context.origins.of(entity(node)), "what becomes of it?")
        .help(format!(
            "give it a `move`, or write `to = stay` in it if it is to be reached from the new side for good; `{platform}` cannot be switched off while it stays"
        ));
    findings.report([name], finding);
}

/// A third party of which nothing is known that a move has to know.
fn stranger(context: &Context<'_>, node: Node, by: &[&str], findings: &mut Findings) {
    let Node::Resource(id) = node else { return };
    let external = &context.inventory.resources[id];
    if external.contact.is_some() || external.lead_time.is_some() {
        return;
    }
    let move_ = if by.len() == 1 { "moves" } else { "move" };
    let name = context.name(node);
    let finding = RULE
        .finding(
            context.origins.of(entity(node)),
            format!(
                "{} {move_} and call `{name}`, and nothing says whom to ask there or how long they take",
                listed(by)
            ),
        )
        .help("ask whether they let in calls from new addresses, and write the answer: `contact = \"…\"; change_lead_time = 30d`");
    findings.report([name].into_iter().chain(by.iter().copied()), finding);
}
