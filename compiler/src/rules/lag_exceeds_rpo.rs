//! A copy that is further behind than the data that may be lost.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Amount, BridgeTechnique, Plan};

use super::context::duration;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0702",
        name: "lag-exceeds-rpo",
    },
    level: Level::Warning,
    summary: "a copy is further behind than the data that may be lost",
    page: include_str!("../../rules/lag-exceeds-rpo.md"),
    check: Check::Plan(check),
};

const HELP: &str =
    "replicate faster, write to both sides in one transaction, or state the RPO the plan can keep";

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(rpo) = plan.migration.objectives.rpo else {
        return;
    };
    for (id, bridge) in plan.bridges.iter() {
        // An adapter or a proxy holds no copy that could be behind.
        let copies = !matches!(bridge.by, BridgeTechnique::Adapter | BridgeTechnique::Proxy);
        if let (true, Some(lag)) = (
            copies,
            bridge.lag.as_ref().map(worst).filter(|lag| *lag > rpo),
        ) {
            let span = context.origins.attribute(Entity::Bridge(id), "lag");
            let message = format!("bridge `{}` is {}", bridge.name, behind(lag, rpo));
            findings.report([&bridge.name], RULE.finding(span, message).help(HELP));
        }
    }
    for mover in &plan.movers {
        let lags = mover.copies.iter().map(|copy| copy.lag);
        if let Some(lag) = lags.filter(|lag| *lag > rpo).reduce(f64::max) {
            let name = context.name(mover.node);
            let message = format!(
                "the copy of `{name}` that `{}` keeps is {}",
                mover.pattern,
                behind(lag, rpo)
            );
            let span = context.move_span(mover.node);
            findings.report([name], RULE.finding(span, message).help(HELP));
        }
    }
}

/// What is not exceeded nine times in ten: a promise has to hold on most days.
fn worst(lag: &Amount) -> f64 {
    lag.quantile(0.9)
}

fn behind(lag: f64, rpo: f64) -> String {
    format!(
        "up to {} behind, and the RPO is {}: a rollback would lose that much",
        duration(lag),
        duration(rpo)
    )
}
