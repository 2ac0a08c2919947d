//! A medium risk that nobody would notice in time.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Plan, Risk, RiskTier};

use super::context::duration;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0903",
        name: "medium-risk-without-alert",
    },
    level: Level::Warning,
    summary: "a medium risk has no alert that fires within minutes",
    page: include_str!("../../rules/medium-risk-without-alert.md"),
    check: Check::Plan(check),
};

/// The longest that a condition may hold before it fires: a quarter of an hour, in seconds.
const WITHIN_MINUTES: f64 = 15.0 * 60.0;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for (index, risk) in plan.risks.iter().enumerate() {
        if risk.tier != RiskTier::Medium {
            continue;
        }
        let entity = Entity::Risk(index);
        let finding = match fires_after(plan, risk) {
            None => RULE
                .finding(
                    context.origins.of(entity),
                    format!("risk `{}` is medium and no alert tells of it", risk.name),
                )
                .help("name the trigger that fires when it comes true: `alert = …`"),
            Some((trigger, hold)) if hold > WITHIN_MINUTES => RULE
                .finding(
                    context.origins.attribute(entity, "alert"),
                    format!(
                        "risk `{}` is medium, and `{}` tells of it only after {}",
                        risk.name,
                        risk.alert.as_deref().unwrap_or_default(),
                        duration(hold)
                    ),
                )
                .label(
                    context.origins.attribute(Entity::Trigger(trigger), "for"),
                    "it holds for that long before it fires",
                )
                .help("name a trigger that fires within minutes: `for = 5min`"),
            Some(_) => continue,
        };
        findings.report([&risk.name], finding);
    }
}

/// The trigger that tells of a risk, and the seconds its condition holds before it fires.
fn fires_after(plan: &Plan, risk: &Risk) -> Option<(usize, f64)> {
    let alert = risk.alert.as_ref()?;
    let mut triggers = plan.triggers.iter().enumerate();
    let (index, trigger) = triggers.find(|(_, trigger)| trigger.name == *alert)?;
    Some((index, trigger.hold))
}
