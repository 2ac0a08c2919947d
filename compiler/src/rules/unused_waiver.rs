//! A waiver that waives nothing.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::Plan;

use super::{Check, Context, Coverage, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1405",
        name: "unused-waiver",
    },
    level: Level::Warning,
    summary: "a waiver waives nothing",
    page: include_str!("../../rules/unused-waiver.md"),
    check: Check::Waivers(check),
};

fn check(context: &Context<'_>, plan: &Plan, used: &[Coverage], findings: &mut Findings) {
    for (index, (waiver, used)) in plan.waivers.iter().zip(used).enumerate() {
        if used.waivable > 0 || waiver.until < context.today {
            continue;
        }
        let (code, on) = (&waiver.code, &waiver.on);
        let (message, help) = match super::find(code) {
            None => (
                format!("there is no rule `{code}` to waive"),
                "`whimbrel rules` lists them".to_owned(),
            ),
            Some(_) if used.errors > 0 => (
                format!("`{code}` on `{on}` cannot be waived, because it is an error"),
                "mend the plan, and remove the waiver".to_owned(),
            ),
            Some(_) => (
                format!("`{code}` finds nothing on `{on}` that could be waived"),
                "remove the waiver; it would hide the next finding".to_owned(),
            ),
        };
        let finding = RULE
            .finding(context.origins.of(Entity::Waiver(index)), message)
            .help(help);
        findings.report([on], finding);
    }
}
