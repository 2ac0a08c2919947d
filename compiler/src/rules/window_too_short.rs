//! A step that takes longer than its window is open.

use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Act, Distribution, Plan, Step, StepId, WindowId};

use super::context::{duration, two_years};
use super::{Check, Context, Findings, Rule};
use crate::analysis::durations::Durations;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0803",
        name: "window-too-short",
    },
    level: Level::Error,
    summary: "a step does not fit into its window",
    page: include_str!("../../rules/window-too-short.md"),
    check: Check::Plan(check),
};

/// What a step must fit with into its window to start in it: what it takes at the most in nine of ten
/// cases.
const MOST: f64 = 0.9;
const MICROSECOND: f64 = 1e6;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let windows = longest(plan);
    for (id, step) in plan.steps.iter() {
        let Some((window, open)) = step.window.and_then(|id| Some((id, *windows.get(&id)?))) else {
            continue;
        };
        let Some(takes) = of_act(step, |law| law.quantile(MOST)).filter(|takes| *takes > open)
        else {
            continue;
        };
        report(context, plan, (id, step, takes), (window, open), findings);
    }
}

fn report(
    context: &Context<'_>,
    plan: &Plan,
    (id, step, takes): (StepId, &Step, f64),
    (window, open): (WindowId, f64),
    findings: &mut Findings,
) {
    let window_name = plan.windows[window].name.as_str();
    let finding = RULE
        .finding(
            context.origins.of(Entity::Step(id)),
            format!(
                "`{}` takes up to {} in nine of ten cases, and window `{window_name}` is open for {}",
                step.name,
                duration(takes),
                duration(open)
            ),
        )
        .label(context.origins.of(Entity::Window(window)), "the window")
        .help(
            "split the step, prepare more of it before the window, or open the window for longer",
        );
    findings.report_together(
        alike(step, window_name),
        [step.name.as_str(), window_name],
        finding,
    );
}

/// Steps of one name in one window are one finding.
pub(super) fn alike(step: &Step, window: &str) -> String {
    let own = step.name.rsplit('/').next().unwrap_or(&step.name);
    format!("{own} {window}")
}

/// Seconds of the act itself: in a window people work, whatever their calendar says. Data moves are
/// another rule's.
fn of_act(step: &Step, value: impl Fn(&Distribution) -> f64) -> Option<f64> {
    match &step.act {
        Act::Elapsed(law) | Act::Working(law) => Some(value(law)),
        Act::Instant | Act::Transfer(_) => None,
    }
}

/// Seconds of the longest time that each window is open at once.
pub(super) fn longest(plan: &Plan) -> FxHashMap<WindowId, f64> {
    let (from, to) = two_years(plan);
    let lengths = plan.windows.iter().filter_map(|(id, window)| {
        let open = window.intervals(from, to).ok()?;
        let lengths = open.as_slice().iter().map(|(opens, closes)| closes - opens);
        #[expect(
            clippy::cast_precision_loss,
            reason = "microseconds of years fit in 53 bits"
        )]
        let longest = lengths.max()? as f64 / MICROSECOND;
        Some((id, longest))
    });
    lengths.collect()
}

/// Mean seconds of a data move in a window; nothing of what else a step does.
pub(super) fn of_transfer(durations: &Durations<'_>, step: &Step) -> Option<f64> {
    match &step.act {
        Act::Transfer(transfer) => Some(durations.transfer(transfer)),
        _ => None,
    }
}
