//! A batch that is parallel on paper, and goes one after another for want of people.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Act, Batch, BatchId, BatchMode, Mover, Plan, TeamId};

use super::context::{counted, duration, rounded, steps_of};
use super::{Check, Context, Findings, Rule};
use crate::analysis::schedule::Schedule;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0804",
        name: "batch-exceeds-team",
    },
    level: Level::Warning,
    summary: "a parallel batch has more work than its people have time",
    page: include_str!("../../rules/batch-exceeds-team.md"),
    check: Check::Plan(check),
};

const HOUR: f64 = 3_600.0;
const HOURS_PER_WEEK: f64 = 168.0;

/// What a batch asks of its people until it is ready to cut over.
#[derive(Default)]
struct Asked {
    /// Seconds that the slowest of its members takes.
    slowest: f64,
    /// Working seconds of each team, all members together.
    work: BTreeMap<TeamId, f64>,
}

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(schedule) = context.schedule else {
        return;
    };
    let mut asked: FxHashMap<BatchId, Asked> = FxHashMap::default();
    for mover in &plan.movers {
        if is_side_by_side(&plan.batches[mover.batch]) {
            ask(plan, schedule, mover, asked.entry(mover.batch).or_default());
        }
    }
    for (id, batch) in plan.batches.iter() {
        let Some(asked) = asked.get(&id) else {
            continue;
        };
        for (team, work) in &asked.work {
            report(
                context,
                (id, batch),
                (*team, *work),
                asked.slowest,
                findings,
            );
        }
    }
}

fn is_side_by_side(batch: &Batch) -> bool {
    batch.mode == BatchMode::Parallel && batch.units.len() > 1 && batch.at_once != Some(1)
}

/// The work of a member, but for what comes behind its cutover.
fn ask(plan: &Plan, schedule: &Schedule, mover: &Mover, asked: &mut Asked) {
    let mut first = f64::INFINITY;
    for (id, step) in steps_of(plan, mover).take_while(|(id, _)| *id <= mover.cutover) {
        first = first.min(schedule.start(id));
        if let Act::Working(law) = &step.act
            && !step.relay
        {
            for need in &step.needs {
                *asked.work.entry(need.team).or_insert(0.0) += law.mean() * f64::from(need.count);
            }
        }
    }
    asked.slowest = asked.slowest.max(schedule.finish(mover.cutover) - first);
}

fn report(
    context: &Context<'_>,
    (id, batch): (BatchId, &Batch),
    (team, work): (TeamId, f64),
    slowest: f64,
    findings: &mut Findings,
) {
    let people = &context.inventory.teams[team];
    let Some(engineers) = people.engineers else {
        return;
    };
    #[expect(clippy::cast_precision_loss, reason = "units of a batch")]
    let units = batch.units.len() as f64;
    // With fewer at once there are as many rounds, and as much time for the work of all.
    let rounds = batch
        .at_once
        .map_or(1.0, |most| (units / f64::from(most.max(1))).max(1.0));
    let open = people.calendar.and_then(|calendar| {
        Some(context.plan?.calendars[calendar].hours_per_week() / HOURS_PER_WEEK)
    });
    let time = slowest * rounds * open.unwrap_or(1.0) * f64::from(engineers);
    if work <= time {
        return;
    }
    let finding = RULE
        .finding(
            context.origins.of(Entity::Batch(id)),
            format!(
                "batch `{}` asks for {} working hours of `{}`, and its {} have {} in the {} that moving side by side takes",
                batch.name,
                rounded((work / HOUR).round()),
                people.name,
                counted(engineers as usize, "engineer"),
                rounded((time / HOUR).round()),
                duration(slowest * rounds)
            ),
        )
        .help("the people decide how long it takes: move fewer at once (`at_once = …`), split the batch, or bring in another team");
    findings.report([batch.name.as_str(), people.name.as_str()], finding);
}
