//! A waiver that waives nothing.

use rustc_hash::FxHashSet;
use whimbrel_lang::{Code, Edit, Level, Span};
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
    let place = |index| context.origins.of(Entity::Waiver(index));
    // One statement gives several waivers in a loop, and goes when none of them is of use.
    let is_kept = |coverage: &Coverage| *coverage != Coverage::default();
    let kept: FxHashSet<Span> = (0..)
        .zip(used)
        .filter(|(_, coverage)| is_kept(coverage))
        .map(|(index, _)| place(index))
        .collect();
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
        let span = place(index);
        let mut finding = RULE.finding(span, message).help(help);
        if context.own_file == Some(span.source) && !kept.contains(&span) {
            let text = String::new();
            finding = finding.fix("remove the waiver", vec![Edit { span, text }]);
        }
        findings.report([on], finding);
    }
}
