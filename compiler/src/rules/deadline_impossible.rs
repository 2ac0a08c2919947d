//! A deadline before which the plan's own figures leave too little time.

use rustc_hash::FxHashMap;
use std::sync::Arc;

use whimbrel_lang::{Code, Level};
use whimbrel_plan::Plan;

use super::context::duration;
use super::{Check, Context, Findings, Rule};
use crate::analysis::durations::Durations;
use crate::analysis::schedule::Schedule;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0705",
        name: "deadline-impossible",
    },
    level: Level::Warning,
    summary: "the work takes longer than there is time",
    page: include_str!("../../rules/deadline-impossible.md"),
    check: Check::Plan(check),
};

/// How quick every step has to be for the plan to be quick: as in one of twenty cases.
const QUICK: f64 = 0.05;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let (Some(deadline), Some(_)) = (plan.migration.deadline, context.schedule) else {
        return;
    };
    let available = deadline.duration_since(plan.migration.start).as_secs_f64();
    let mean = plan.critical_path_duration;
    // A deadline before the start is refused by itself.
    if mean <= available || available <= 0.0 {
        return;
    }
    let quick = quickest(plan);
    let (level, takes) = match quick {
        Some(quick) if quick > available => (
            Level::Error,
            format!(
                "{} even if every step were as quick as in one of twenty cases",
                duration(quick)
            ),
        ),
        _ => (
            Level::Warning,
            format!("{} at mean durations", duration(mean)),
        ),
    };
    let ends: Vec<String> = [plan.critical_path.first(), plan.critical_path.last()]
        .into_iter()
        .flatten()
        .map(|step| format!("`{}`", plan.steps[*step].name))
        .collect();
    let name = plan.migration.name.as_str();
    let mut finding = RULE
        .finding(
            context.origins.attribute(Entity::Migration, "deadline"),
            format!(
                "`{name}` has {} from its start to its deadline, and its longest chain of steps takes {takes}",
                duration(available)
            ),
        )
        .note(format!(
            "from {}, before anybody waits for people, windows or freezes, and before anything fails",
            ends.join(" to ")
        ))
        .help("start earlier, move more side by side, or agree on a later deadline; `whimbrel plan` lists the chain");
    finding.level = level;
    findings.report([name], finding);
}

/// Seconds of the longest chain when all steps are quick. Steps share how they are done, so that few
/// laws are asked.
fn quickest(plan: &Plan) -> Option<f64> {
    let durations = Durations::of(plan);
    let mut known: FxHashMap<usize, f64> = FxHashMap::default();
    let quick: Vec<f64> = plan
        .steps
        .values()
        .map(|step| {
            let work = Arc::as_ptr(&step.work).addr();
            *known
                .entry(work)
                .or_insert_with(|| durations.quantile(step, QUICK))
        })
        .collect();
    let schedule = Schedule::new(&plan.steps, |id| {
        quick.get(id.index()).copied().unwrap_or(0.0)
    });
    Some(schedule.ok()?.critical_path().1)
}
