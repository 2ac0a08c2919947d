//! A budget that the plan's own figures exceed.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Act, Amount, Mover, Node, Plan, Step, money};

use super::context::steps_of;
use super::{Check, Context, Findings, Rule};
use crate::analysis::durations::Durations;
use crate::analysis::schedule::Schedule;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1203",
        name: "budget-below-mean",
    },
    level: Level::Warning,
    summary: "what is known of the cost exceeds the budget",
    page: include_str!("../../rules/budget-below-mean.md"),
    check: Check::Plan(check),
};

const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let (Some(budget), Some(schedule)) = (plan.migration.budget, context.schedule) else {
        return;
    };
    let parts = [
        ("work", people(plan)),
        (
            "building the automation",
            plan.automation_cost.as_ref().map_or(0.0, Amount::mean),
        ),
        ("running both sides", dual_running(context, plan, schedule)),
        ("bridges", bridges(plan, schedule)),
        ("the new platforms", platforms(context, plan, schedule)),
    ];
    let total: f64 = parts.iter().map(|(_, cost)| cost).sum();
    if total <= budget {
        return;
    }
    let currency = plan.migration.currency.as_str();
    let known = parts.iter().filter(|(_, cost)| *cost > 0.0);
    let known: Vec<String> = known
        .map(|(what, cost)| format!("{what} {}", money(*cost, currency)))
        .collect();
    let name = plan.migration.name.as_str();
    let finding = RULE
        .finding(
            context.origins.attribute(Entity::Migration, "budget"),
            format!(
                "`{name}` costs at least {} at mean durations, and its budget is {}",
                money(total, currency),
                money(budget, currency)
            ),
        )
        .note(format!("{}; before anything fails or anybody waits", known.join(", ")))
        .help("ask for a budget that `whimbrel simulate` shows to be enough in nine of ten cases, or move less");
    findings.report([name], finding);
}

/// What the people of all steps cost at the rates of their teams.
fn people(plan: &Plan) -> f64 {
    let durations = Durations::of(plan);
    plan.steps
        .values()
        .map(|step| of_step(plan, &durations, step))
        .sum()
}

fn of_step(plan: &Plan, durations: &Durations<'_>, step: &Step) -> f64 {
    let seconds = match &step.act {
        Act::Working(law) | Act::Elapsed(law) => law.mean(),
        Act::Transfer(transfer) => durations.transfer(transfer),
        Act::Instant => return 0.0,
    };
    let rates = step.needs.iter().map(|need| {
        let rate = plan.inventory.teams[need.team].rate_per_hour.as_ref();
        rate.map_or(0.0, Amount::mean) * f64::from(need.count)
    });
    let rate: f64 = rates.sum();
    // In a relay one team works at a time.
    #[expect(clippy::cast_precision_loss, reason = "a few teams")]
    let shifts = if step.relay {
        step.needs.len().max(1) as f64
    } else {
        1.0
    };
    seconds / HOUR * rate / shifts
}

/// The new side from its first deployment to the cutover, and the old one from then until it goes.
fn dual_running(context: &Context<'_>, plan: &Plan, schedule: &Schedule) -> f64 {
    let of = |mover: &Mover| {
        let cost = match mover.node {
            Node::Service(id) => &context.inventory.services[id].cost,
            Node::Resource(id) => &context.inventory.resources[id].cost,
        };
        let per_day = |amount: &Option<Amount>| amount.as_ref().map_or(0.0, Amount::mean);
        let settled = schedule.finish(mover.cutover);
        let first = mover
            .first_deploy
            .or_else(|| steps_of(plan, mover).next().map(|(id, _)| id));
        let before = first.map_or(0.0, |first| settled - schedule.start(first));
        let after = mover
            .decommission
            .map_or(0.0, |gone| schedule.start(gone) - settled);
        let new = before.max(0.0) / DAY * per_day(&cost.new_per_day);
        new + after.max(0.0) / DAY * per_day(&cost.old_per_day)
    };
    plan.movers.iter().map(of).sum()
}

fn bridges(plan: &Plan, schedule: &Schedule) -> f64 {
    let of = |bridge: &whimbrel_plan::Bridge| {
        let cost = bridge.cost_per_day.as_ref().map_or(0.0, Amount::mean);
        let until = bridge.until.iter().map(|step| schedule.finish(*step));
        let until = until.fold(0.0_f64, f64::max);
        (until - schedule.finish(bridge.built_by)).max(0.0) / DAY * cost
    };
    plan.bridges.values().map(of).sum()
}

/// What the platforms that are entered cost by themselves, from the first deployment to the end.
fn platforms(context: &Context<'_>, plan: &Plan, schedule: &Schedule) -> f64 {
    let deploys = plan.movers.iter().filter_map(|mover| mover.first_deploy);
    let first = deploys.map(|step| schedule.start(step)).reduce(f64::min);
    let days = (plan.critical_path_duration - first.unwrap_or(0.0)).max(0.0) / DAY;
    let entered = plan.migration.to.iter();
    let fixed = entered.filter_map(|id| context.inventory.platforms[*id].cost_per_day.as_ref());
    fixed.map(Amount::mean).sum::<f64>() * days
}
