//! Two sides that are compared for less time than their traffic asks for.

use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{
    Amount, Argument, Mover, Node, Plan, RelationKind, ResourceId, ResourceKind, Step, StepId,
    Target,
};

use super::context::{duration, steps_of, verb};
use super::{Check, Context, Findings, Rule};
use crate::analysis::nodes::enclosing;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0706",
        name: "parallel-run-too-short",
    },
    level: Level::Warning,
    summary: "both sides run for too short a time for what they carry",
    page: include_str!("../../rules/parallel-run-too-short.md"),
    check: Check::Plan(check),
};

const DAY: f64 = 86_400.0;
/// Transactions a day above which both sides run for weeks.
const MANY: f64 = 1e6;
/// For how long they do, in seconds.
const FOUR_WEEKS: f64 = 28.0 * DAY;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(schedule) = context.schedule else {
        return;
    };
    let synced: Vec<(&Mover, ResourceId, StepId)> = plan
        .movers
        .iter()
        .filter_map(|mover| match mover.node {
            Node::Resource(id)
                if context.inventory.resources[id].kind == ResourceKind::Datastore =>
            {
                Some((mover, id, synced(plan, mover)?))
            }
            _ => None,
        })
        .collect();
    if synced.is_empty() {
        return;
    }
    let rates = rates(context);
    for (mover, id, step) in synced {
        let a_day = rates.get(&id).copied().unwrap_or(0.0) * DAY;
        let run = schedule.start(mover.cutover) - schedule.finish(step);
        // Half a day less is a rounding of calendars and no shorter run.
        if a_day <= MANY || run >= FOUR_WEEKS - DAY / 2.0 {
            continue;
        }
        let name = context.resource(id);
        let finding = RULE
            .finding(
                context.move_span(mover.node),
                format!(
                    "`{name}` takes about {:.1} million transactions a day, and its two sides run in parallel for {} before `{}`",
                    a_day / MANY,
                    duration(run.max(0.0)),
                    plan.steps[mover.cutover].name
                ),
            )
            .help("run and compare both for four weeks above a million a day: `parallel_run: 4w`");
        findings.report([name], finding);
    }
}

/// The step from which on both sides get every change.
fn synced(plan: &Plan, mover: &Mover) -> Option<StepId> {
    let mut before = steps_of(plan, mover).take_while(|(id, _)| *id != mover.cutover);
    before.find(|(_, step)| keeps_both(step)).map(|(id, _)| id)
}

fn keeps_both(step: &Step) -> bool {
    match verb(step) {
        "data.cdc_start" => true,
        "data.dual_write" => step.action.as_ref().is_some_and(|action| {
            action.arguments.get("enabled") != Some(&Argument::Boolean(false))
        }),
        _ => false,
    }
}

/// Writes per second of everything that is written, and of what it stands in: as its writers say, or
/// as many as they have requests.
fn rates(context: &Context<'_>) -> FxHashMap<ResourceId, f64> {
    let inventory = context.inventory;
    let mut rates: FxHashMap<ResourceId, f64> = FxHashMap::default();
    for relation in inventory.relations.values() {
        let (RelationKind::Writes, Target::Resource(target)) = (relation.kind, &relation.to) else {
            continue;
        };
        let said = relation.rate.as_ref();
        let requests = inventory.services[relation.from].traffic.as_ref();
        let rate = said.or(requests).map_or(0.0, Amount::mean);
        for outer in enclosing(inventory, *target) {
            *rates.entry(outer).or_insert(0.0) += rate;
        }
    }
    rates
}
