//! Data whose only second copy is a backup that is too old.

use rustc_hash::FxHashSet;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{BridgeOver, BridgeTechnique, Mover, Node, Plan, ResourceId};

use super::context::{does, duration};
use super::{Check, Context, Findings, Rule};
use crate::analysis::nodes::{enclosing, written};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0703",
        name: "backup-older-than-rpo",
    },
    level: Level::Warning,
    summary: "the last backup is older than the data that may be lost",
    page: include_str!("../../rules/backup-older-than-rpo.md"),
    check: Check::Plan(check),
};

/// What keeps a second copy beside the one that is written.
const COPIES: &[&str] = &["data.dual_write", "data.cdc_start", "data.back_sync"];

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(rpo) = plan.migration.objectives.rpo else {
        return;
    };
    let (bridged, written) = (bridged(context, plan), written(context.inventory));
    for mover in &plan.movers {
        let Node::Resource(id) = mover.node else {
            continue;
        };
        let resource = &context.inventory.resources[id];
        let Some(age) = resource.backup_every.filter(|age| *age > rpo) else {
            continue;
        };
        if is_copied(plan, mover) || bridged.contains(&id) || !written.contains(&id) {
            continue;
        }
        let finding = RULE
            .finding(
                context.origins.attribute(Entity::Resource(id), "backup_every"),
                format!(
                    "the last backup of `{}` is up to {} old, the RPO is {}, and `{}` keeps no other copy",
                    resource.name,
                    duration(age),
                    duration(rpo),
                    mover.pattern
                ),
            )
            .help("keep a copy up to date while it moves, by change capture or dual writes; back up more often; or state the RPO the plan can keep");
        findings.report([&resource.name], finding);
    }
}

fn is_copied(plan: &Plan, mover: &Mover) -> bool {
    !mover.copies.is_empty() || does(plan, mover, COPIES)
}

/// What a bridge keeps a copy of, and what that stands in.
fn bridged(context: &Context<'_>, plan: &Plan) -> FxHashSet<ResourceId> {
    let copies = plan
        .bridges
        .values()
        .filter_map(|bridge| match bridge.over {
            BridgeOver::Resource(id)
                if !matches!(bridge.by, BridgeTechnique::Adapter | BridgeTechnique::Proxy) =>
            {
                Some(id)
            }
            _ => None,
        });
    copies
        .flat_map(|id| enclosing(context.inventory, id))
        .collect()
}
