//! Data that does not get across while the window is open.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::Plan;

use super::context::duration;
use super::window_too_short::{alike, longest, of_transfer};
use super::{Check, Context, Findings, Rule};
use crate::analysis::durations::Durations;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0805",
        name: "transfer-exceeds-window",
    },
    level: Level::Error,
    summary: "a data move does not fit into its window",
    page: include_str!("../../rules/transfer-exceeds-window.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let windows = longest(plan);
    let durations = Durations::of(plan);
    for (id, step) in plan.steps.iter() {
        let Some((window, open)) = step.window.and_then(|id| Some((id, *windows.get(&id)?))) else {
            continue;
        };
        let Some(takes) = of_transfer(&durations, step).filter(|takes| *takes > open) else {
            continue;
        };
        let name = plan.windows[window].name.as_str();
        let finding = RULE
            .finding(
                context.origins.of(Entity::Step(id)),
                format!(
                    "`{}` takes {} at mean size and bandwidth, and window `{name}` is open for {}",
                    step.name,
                    duration(takes),
                    duration(open)
                ),
            )
            .label(context.origins.of(Entity::Window(window)), "the window")
            .help("copy the bulk before the window and only the changes in it (`bootstrap_delta`, `cdc_replication`), ship it on media, or open the window for longer");
        findings.report_together(alike(step, name), [step.name.as_str(), name], finding);
    }
}
