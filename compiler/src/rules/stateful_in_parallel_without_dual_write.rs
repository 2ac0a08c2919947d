//! Something with state moves side by side with others and keeps no second copy of its data.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{
    BatchMode, BridgeOver, BridgeTechnique, Mover, Node, Plan, ResourceKind, ServiceKind,
};

use super::context::{counted, does};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0404",
        name: "stateful-in-parallel-without-dual-write",
    },
    level: Level::Warning,
    summary: "something with state moves in a parallel batch without dual writes or change capture",
    page: include_str!("../../rules/stateful-in-parallel-without-dual-write.md"),
    check: Check::Plan(check),
};

/// What keeps the old and the new copy in step.
const SYNCED: &[&str] = &["data.dual_write", "data.cdc_start", "data.back_sync"];

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let batch = &plan.batches[mover.batch];
        let alone = batch.units.len() < 2 || batch.at_once == Some(1);
        if batch.mode != BatchMode::Parallel
            || alone
            || !is_stateful(context, mover.node)
            || does(plan, mover, SYNCED)
            || is_bridged(plan, mover)
        {
            continue;
        }
        let name = context.name(mover.node);
        let finding = RULE
            .finding(
                context.move_span(mover.node),
                format!(
                    "`{name}` keeps state and moves by `{}` side by side with {} of batch `{}`, without dual writes or change capture",
                    mover.pattern,
                    counted(batch.units.len() - 1, "other unit"),
                    batch.name
                ),
            )
            .label(context.origins.of(Entity::Batch(mover.batch)), "a parallel batch")
            .help("move it in a sequential batch of its own, or by a pattern that writes to both sides or captures changes, such as `dual_write` or `cdc_replication`");
        findings.report([name, batch.name.as_str()], finding);
    }
}

/// Whether losing its copy loses data.
pub(super) fn is_stateful(context: &Context<'_>, node: Node) -> bool {
    match node {
        Node::Service(id) => context.inventory.services[id].kind == ServiceKind::Stateful,
        Node::Resource(id) => matches!(
            context.inventory.resources[id].kind,
            ResourceKind::Datastore
                | ResourceKind::Volume
                | ResourceKind::Queue
                | ResourceKind::Topic
        ),
    }
}

fn is_bridged(plan: &Plan, mover: &Mover) -> bool {
    let Node::Resource(id) = mover.node else {
        return false;
    };
    plan.bridges.values().any(|bridge| {
        bridge.over == BridgeOver::Resource(id)
            && matches!(
                bridge.by,
                BridgeTechnique::Cdc | BridgeTechnique::DualWrite | BridgeTechnique::Mirror
            )
    })
}
