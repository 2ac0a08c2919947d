//! An old side that stays for ever.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Amount, Mover, Node, Plan};

use super::context::does;
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1401",
        name: "no-decommission",
    },
    level: Level::Warning,
    summary: "nothing removes the old side of what moves",
    page: include_str!("../../rules/no-decommission.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        if leaves_old_side(context, plan, mover) && !pays_twice(context, mover) {
            let name = context.name(mover.node);
            let finding = RULE
                .finding(
                    context.move_span(mover.node),
                    format!("nothing removes the old side of `{name}` after `{}`", mover.pattern),
                )
                .help("end it with a step that does, such as `step decommission { kind = decommission; does = deploy.remove(…); irreversible = true }`");
            findings.report([name], finding);
        }
    }
}

/// Whether something is left on the old side: the thing changes its place or its engine, and no
/// step decommissions it or contracts its schema.
pub(super) fn leaves_old_side(context: &Context<'_>, plan: &Plan, mover: &Mover) -> bool {
    let changes = match mover.node {
        Node::Service(id) => {
            let service = &context.inventory.services[id];
            service.on != service.to
        }
        Node::Resource(id) => {
            let resource = &context.inventory.resources[id];
            resource.on != resource.to || resource.becomes.is_some()
        }
    };
    changes && mover.decommission.is_none() && !does(plan, mover, &["schema.contract"])
}

/// Whether both of its sides are known to cost something.
pub(super) fn pays_twice(context: &Context<'_>, mover: &Mover) -> bool {
    let cost = match mover.node {
        Node::Service(id) => &context.inventory.services[id].cost,
        Node::Resource(id) => &context.inventory.resources[id].cost,
    };
    let is_paid = |side: &Option<Amount>| side.as_ref().is_some_and(|cost| cost.mean() > 0.0);
    is_paid(&cost.old_per_day) && is_paid(&cost.new_per_day)
}
