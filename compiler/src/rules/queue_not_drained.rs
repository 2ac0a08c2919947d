//! Messages that nobody takes off the old side.

use rustc_hash::FxHashSet;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{BridgeOver, Node, Plan, ResourceId, ResourceKind};

use super::context::does;
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0412",
        name: "queue-not-drained",
    },
    level: Level::Warning,
    summary: "messages are left on the old side of a queue or topic",
    page: include_str!("../../rules/queue-not-drained.md"),
    check: Check::Plan(check),
};

/// What empties the old side, or brings its messages to the new one.
const DRAINED: &[&str] = &[
    "queue.drain",
    "data.dual_write",
    "data.bootstrap",
    "data.cdc_start",
];

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let bridged = plan
        .bridges
        .values()
        .filter_map(|bridge| match bridge.over {
            BridgeOver::Resource(id) => Some(id),
            BridgeOver::Edge { .. } => None,
        });
    let bridged: FxHashSet<ResourceId> = bridged.collect();
    for mover in &plan.movers {
        let Node::Resource(id) = mover.node else {
            continue;
        };
        let resource = &context.inventory.resources[id];
        let kind = match resource.kind {
            ResourceKind::Queue => "queue",
            ResourceKind::Topic => "topic",
            _ => continue,
        };
        if bridged.contains(&id) || does(plan, mover, DRAINED) {
            continue;
        }
        let finding = RULE
            .finding(
                context.move_span(mover.node),
                format!(
                    "`{}` moves by `{}`, which neither drains the old {kind} nor carries over what is in it",
                    resource.name, mover.pattern
                ),
            )
            .help(format!(
                "pause the old consumers, drain to zero and start the new ones (`{kind}_drain`), or feed both sides and take what comes twice once (`dual_publish`)"
            ));
        findings.report_together(&mover.pattern, [&resource.name], finding);
    }
}
