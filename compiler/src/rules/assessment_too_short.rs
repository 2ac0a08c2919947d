//! A migration that begins before anybody has looked.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Plan, Subject};

use super::context::{counted, duration, percent};
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1408",
        name: "assessment-too-short",
    },
    level: Level::Note,
    summary: "little of the time goes into finding out what is there",
    page: include_str!("../../rules/assessment-too-short.md"),
    check: Check::Plan(check),
};

/// The practice spends 20 to 30 % of the time; half of that is clearly too little.
const LEAST: f64 = 0.1;
/// From how many moves on nobody has all of it in the head.
const MANY: usize = 20;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(schedule) = context.schedule else {
        return;
    };
    if plan.movers.len() < MANY {
        return;
    }
    let phases = plan.steps.iter().filter(|(_, step)| {
        matches!(step.subject, Subject::Migration(_)) && step.name.starts_with("phase/")
    });
    let end = phases.map(|(id, _)| schedule.finish(id)).reduce(f64::max);
    let whole = plan.critical_path_duration;
    let name = plan.migration.name.as_str();
    let message = match end {
        Some(end) if end < whole * LEAST => format!(
            "the phases of `{name}` take {}, {} of the {} that its longest chain of steps takes",
            duration(end),
            percent(end / whole),
            duration(whole)
        ),
        None => format!(
            "{} begin with no phase before them in which anybody looks at what is there",
            counted(plan.movers.len(), "move")
        ),
        _ => return,
    };
    let finding = RULE
        .finding(context.migration_span(), message)
        .help("20 to 30 % of the time is the practice: `phase discovery { move = assess(); takes = …; needs = [2 of TEAM] }`");
    findings.report([name], finding);
}
