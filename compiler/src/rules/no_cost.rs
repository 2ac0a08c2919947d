//! A budget for what nobody has priced.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Act, Node, Plan, ResourceId, RunningCost, Step, TeamId};

use super::context::entity;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1201",
        name: "no-cost",
    },
    level: Level::Warning,
    summary: "a budget is set, and the cost of something that counts is unknown",
    page: include_str!("../../rules/no-cost.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    if plan.migration.budget.is_none() {
        return;
    }
    for mover in &plan.movers {
        let Some(side) = unknown_side(context, mover.node) else {
            continue;
        };
        let name = context.name(mover.node);
        let finding = RULE
            .finding(
                context.origins.of(entity(mover.node)),
                format!("nothing says what `{name}` costs on {side}, and the plan has a budget"),
            )
            .help("say it, so that dual running is more than *at least*: `cost { old = $300/mo; new = $200/mo }`");
        findings.report_together(side, [name], finding);
    }
    for id in working_teams(plan) {
        let team = &context.inventory.teams[id];
        if team.rate_per_hour.is_some() {
            continue;
        }
        let finding = RULE
            .finding(
                context.origins.of(Entity::Team(id)),
                format!(
                    "nothing says what an hour of `{}` costs, and the plan has a budget",
                    team.name
                ),
            )
            .help("say it, so that engineering is more than *at least*: `rate = $95/h`");
        findings.report_together("team", [&team.name], finding);
    }
}

/// The sides whose cost is not known, of what changes its place; what stands in something that is
/// paid as a whole is paid there.
fn unknown_side(context: &Context<'_>, node: Node) -> Option<&'static str> {
    let inventory = context.inventory;
    let (cost, on, to) = match node {
        Node::Service(id) => {
            let service = &inventory.services[id];
            (&service.cost, service.on, service.to)
        }
        Node::Resource(id) => {
            let resource = &inventory.resources[id];
            (&resource.cost, resource.on, resource.to)
        }
    };
    let paid_above = || match node {
        Node::Resource(id) => is_paid_above(context, id),
        Node::Service(_) => false,
    };
    if on == to || paid_above() {
        return None;
    }
    match (&cost.old_per_day, &cost.new_per_day) {
        (None, None) => Some("either side"),
        (None, Some(_)) => Some("the old side"),
        (Some(_), None) => Some("the new side"),
        (Some(_), Some(_)) => None,
    }
}

fn is_paid_above(context: &Context<'_>, id: ResourceId) -> bool {
    let parent = |id: ResourceId| context.inventory.resources[id].parent;
    let is_paid = |cost: &RunningCost| cost.old_per_day.is_some() || cost.new_per_day.is_some();
    let mut above = std::iter::successors(parent(id), |id| parent(*id));
    above.any(|id| is_paid(&context.inventory.resources[id].cost))
}

/// Teams whose people the steps take, each once.
fn working_teams(plan: &Plan) -> impl Iterator<Item = TeamId> {
    let takes = |step: &&Step| matches!(step.act, Act::Working(_) | Act::Elapsed(_));
    let steps = plan.steps.values().filter(takes);
    let teams = steps.flat_map(|step| step.needs.iter().map(|need| need.team));
    teams.collect::<std::collections::BTreeSet<_>>().into_iter()
}
