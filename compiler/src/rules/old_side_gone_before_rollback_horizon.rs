//! An old side that goes before a fault of the new one has had time to show.

use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{Mover, Plan, StepId};

use super::context::{after, steps_of};

use super::{Check, Context, Findings, Rule};
use crate::analysis::durations::Durations;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0605",
        name: "old-side-gone-before-rollback-horizon",
    },
    level: Level::Warning,
    summary: "the old side goes before anybody could want it back",
    page: include_str!("../../rules/old-side-gone-before-rollback-horizon.md"),
    check: Check::Plan(check),
};

/// How long the old side stays at the least once the new one has all of the traffic, in seconds.
const HORIZON: f64 = 24.0 * 3_600.0;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let Some(gone) = mover.decommission.filter(|gone| *gone != mover.cutover) else {
            continue;
        };
        let kept = kept(context, plan, mover, gone);
        let Some(kept) = kept.filter(|kept| *kept < HORIZON) else {
            continue;
        };
        let name = context.name(mover.node);
        let (alike, finding) = told(context, plan, mover, gone, kept);
        findings.report_together(alike, [name, plan.steps[gone].name.as_str()], finding);
    }
}

/// Seconds from the cutover, its watch counted, to the step that removes the old side, if every gate
/// between is answered at once.
pub(super) fn kept(context: &Context<'_>, plan: &Plan, mover: &Mover, gone: StepId) -> Option<f64> {
    let schedule = context.schedule?;
    let watched = plan.steps[mover.cutover].soak.mean();
    let over = schedule.finish(mover.cutover) - watched;
    // Who approves may do so at once.
    let behind = steps_of(plan, mover).filter(|(id, _)| *id > mover.cutover && *id < gone);
    let answers: f64 = behind.map(|(_, step)| Durations::answer(step)).sum();
    Some((schedule.start(gone) - over - answers).max(0.0))
}

/// With what makes findings one: the migration's `keep_old`, where that is too short, or the pattern.
fn told<'a>(
    context: &Context<'_>,
    plan: &Plan,
    mover: &'a Mover,
    gone: StepId,
    kept: f64,
) -> (&'a str, Diagnostic) {
    let (gone_step, over) = (&plan.steps[gone].name, &plan.steps[mover.cutover].name);
    let message = format!(
        "`{gone_step}` removes the old side {} `{over}`, and what runs once a day has not shown by then whether the new side is right",
        after(kept)
    );
    let said = context.origins.has_attribute(Entity::Migration, "keep_old");
    let short = said && plan.migration.keep_old.mean() < HORIZON;
    let (alike, span) = if short {
        ("", context.origins.attribute(Entity::Migration, "keep_old"))
    } else {
        (
            mover.pattern.as_str(),
            context.origins.of(Entity::Step(gone)),
        )
    };
    let help = match short {
        true => "keep it for 24 to 72 hours: `keep_old = 72h`",
        false => {
            "keep it for 24 to 72 hours before it goes: `step keep_old { kind = keep; soak = 72h }`"
        }
    };
    (alike, RULE.finding(span, message).help(help))
}
