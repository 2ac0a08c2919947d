//! A high risk that nothing is done about.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Plan, RiskTier};

use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1004",
        name: "high-risk-without-mitigation",
    },
    level: Level::Warning,
    summary: "a high risk has no written mitigation",
    page: include_str!("../../rules/high-risk-without-mitigation.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for (index, risk) in plan.risks.iter().enumerate() {
        let written = risk.mitigation.as_deref().unwrap_or_default();
        if risk.tier == RiskTier::High && written.trim().is_empty() {
            let finding = RULE
                .finding(
                    context.origins.of(Entity::Risk(index)),
                    format!("risk `{}` is high and has no mitigation", risk.name),
                )
                .help("write down what is done about it before the start: `mitigation = \"…\"`");
            findings.report([&risk.name], finding);
        }
    }
}
