//! Rows that are filled in as fast as the database gives them.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Action, Argument, Plan};

use super::context::{rounded, steps_of};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0408",
        name: "backfill-without-throttle",
    },
    level: Level::Warning,
    summary: "rows are filled in without pauses, or too many at once",
    page: include_str!("../../rules/backfill-without-throttle.md"),
    check: Check::Plan(check),
};

/// Rows of one batch at the most: more hold their locks for too long.
const MOST_ROWS: f64 = 5_000.0;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        for (id, step) in steps_of(plan, mover) {
            let action = step.action.as_ref();
            let Some(action) = action.filter(|action| action.verb == "data.backfill") else {
                continue;
            };
            let Some(problem) = problem(plan, action) else {
                continue;
            };
            let name = context.name(mover.node);
            let finding = RULE
                .finding(
                    context.origins.of(Entity::Step(id)),
                    format!("`{}` fills in rows {problem}", step.name),
                )
                .help("let others have their turn: `data.backfill(datastore, rows: 500, pause: 200ms)`");
            findings.report_together(&mover.pattern, [name, step.name.as_str()], finding);
        }
    }
}

/// What is wrong with how it goes; what the step does not say its executor may.
fn problem(plan: &Plan, action: &Action) -> Option<String> {
    let executor = action.executor.and_then(|index| plan.executors.get(index));
    let said = |name: &str| {
        let argument = action.arguments.get(name);
        let setting = || executor.and_then(|executor| executor.settings.get(name));
        match argument.or_else(setting)? {
            Argument::Number(value) | Argument::Duration(value) => Some(*value),
            _ => None,
        }
    };
    let rows = said("rows").filter(|rows| *rows > MOST_ROWS);
    match (said("pause"), rows) {
        (_, Some(rows)) => Some(format!(
            "{} at a time, which hold their locks for too long",
            rounded(rows)
        )),
        (None, _) => Some("and says no pause between batches".to_owned()),
        (Some(pause), _) if pause <= 0.0 => Some("without a pause between batches".to_owned()),
        _ => None,
    }
}
