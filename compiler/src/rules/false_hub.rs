//! A node that nearly everything needs and that makes one component of what is none.

use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{EdgeKind, Node, ResourceId, ResourceKind};

use super::context::{entity, listed};
use super::{Check, Context, Findings, Rule};
use crate::analysis::hubs::{Hub, hubs};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0308",
        name: "false-hub",
    },
    level: Level::Warning,
    summary: "one node that nearly everything needs glues a component together",
    page: include_str!("../../rules/false-hub.md"),
    check: Check::Inventory(check),
};

fn check(context: &Context<'_>, findings: &mut Findings) {
    for hub in hubs(&context.graph.edges, context.inventory) {
        // With a migration what stays holds nobody together: it goes neither first nor last.
        if context.plan.is_none() || concerns(context, &hub) {
            findings.report([context.name(hub.node)], told(context, &hub));
        }
    }
}

/// A shared thing couples those who write it wherever it is.
fn concerns(context: &Context<'_>, hub: &Hub<'_>) -> bool {
    match hub.node {
        Node::Service(_) => context.moves(hub.node),
        Node::Resource(_) => hub.back.iter().any(|edge| context.moves(edge.to)),
    }
}

fn told(context: &Context<'_>, hub: &Hub<'_>) -> Diagnostic {
    let name = context.name(hub.node);
    let back: Vec<&str> = hub.back.iter().map(|edge| context.name(edge.to)).collect();
    let left = match hub.left {
        0 | 1 => "they are no component at all".to_owned(),
        left => format!("the largest component has {left}"),
    };
    let back = match hub.node {
        Node::Service(_) => format!("it needs {} itself", listed(&back)),
        Node::Resource(_) => format!("{} of them write it", back.len()),
    };
    let finding = RULE
        .finding(
            context.origins.of(entity(hub.node)),
            format!(
                "`{name}` makes one component of {} services: {} of them need it and {back}; without it {left}",
                hub.services, hub.needing
            ),
        )
        .help(help(context, hub, name));
    let facts = hub.back.iter().filter_map(|edge| edge.evidence.first());
    facts.take(3).fold(finding, |finding, fact| {
        finding.label(context.relation_span(*fact), "this closes the circle")
    })
}

fn help(context: &Context<'_>, hub: &Hub<'_>, name: &str) -> String {
    match hub.node {
        Node::Resource(id) => help_with_shared(context, id, name),
        Node::Service(_) if hub.back.iter().all(|edge| edge.kind == EdgeKind::Call) => format!(
            "if `{name}` only observes, write `kind = telemetry`; if it does without what it calls for a while, `need = soft` there; else leave it where both sides reach it: `to = stay`"
        ),
        Node::Service(_) => format!(
            "if `{name}` only observes, write `kind = telemetry`; else leave it where both sides reach it (`to = stay`), or bridge what it shares"
        ),
    }
}

fn help_with_shared(context: &Context<'_>, id: ResourceId, name: &str) -> String {
    match context.inventory.resources[id].kind {
        ResourceKind::Datastore => format!(
            "declare the tables of `{name}` and who reads and writes which: sharing a server couples nobody"
        ),
        ResourceKind::Topic | ResourceKind::Queue => format!(
            "declare one topic for each kind of message in `{name}`, and who publishes and consumes which"
        ),
        _ => format!(
            "write `reads {name}` where a service only reads it, and declare the parts of it that services do not share"
        ),
    }
}
