//! Something that is paid for twice and never ends.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Amount, Node, Plan};

use super::context::rounded;
use super::no_decommission::{leaves_old_side, pays_twice};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1202",
        name: "dual-running-without-end",
    },
    level: Level::Warning,
    summary: "both sides are paid for and nothing ends it",
    page: include_str!("../../rules/dual-running-without-end.md"),
    check: Check::Plan(check),
};

const DAYS_A_MONTH: f64 = 365.25 / 12.0;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        if leaves_old_side(context, plan, mover) && pays_twice(context, mover) {
            let name = context.name(mover.node);
            let old = old_per_day(context, mover.node) * DAYS_A_MONTH;
            let finding = RULE
                .finding(
                    context.move_span(mover.node),
                    format!(
                        "both sides of `{name}` are paid for and nothing removes the old one, {} {} a month",
                        rounded(old),
                        plan.migration.currency
                    ),
                )
                .help("end it with a step that removes the old side: `step decommission { kind = decommission; does = deploy.remove(…); irreversible = true }`");
            findings.report([name], finding);
        }
    }
    for (id, bridge) in plan.bridges.iter() {
        if bridge.until.is_empty() {
            let finding = RULE
                .finding(
                    context.origins.of(Entity::Bridge(id)),
                    format!("nothing takes bridge `{}` down", bridge.name),
                )
                .help("name the batch that ends it: `until = …`");
            findings.report([&bridge.name], finding);
        }
    }
}

fn old_per_day(context: &Context<'_>, node: Node) -> f64 {
    let cost = match node {
        Node::Service(id) => &context.inventory.services[id].cost,
        Node::Resource(id) => &context.inventory.resources[id].cost,
    };
    cost.old_per_day.as_ref().map_or(0.0, Amount::mean)
}
