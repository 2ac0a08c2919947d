//! A waiver whose last day has passed.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::Plan;

use super::context::counted;
use super::{Check, Context, Coverage, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1406",
        name: "expired-waiver",
    },
    level: Level::Warning,
    summary: "a waiver's last day has passed",
    page: include_str!("../../rules/expired-waiver.md"),
    check: Check::Waivers(check),
};

fn check(context: &Context<'_>, plan: &Plan, used: &[Coverage], findings: &mut Findings) {
    for (index, (waiver, used)) in plan.waivers.iter().zip(used).enumerate() {
        if waiver.until >= context.today {
            continue;
        }
        let still = match used.waivable + used.errors {
            0 => "there is nothing left to waive: remove it".to_owned(),
            count => format!(
                "{} is told again: mend it, or decide anew and date it",
                counted(count, "finding")
            ),
        };
        let finding = RULE
            .finding(
                context.origins.of(Entity::Waiver(index)),
                format!(
                    "the waiver of `{}` on `{}` ended on {}",
                    waiver.code, waiver.on, waiver.until
                ),
            )
            .help(still);
        findings.report([&waiver.on], finding);
    }
}
