//! A migration that does not say when to roll back.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::Plan;

use super::context::counted;
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0603",
        name: "no-trigger",
    },
    level: Level::Warning,
    summary: "nothing says when to roll back",
    page: include_str!("../../rules/no-trigger.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let shifting = plan
        .movers
        .iter()
        .filter(|mover| mover.first_shift.is_some())
        .count();
    if !plan.triggers.is_empty() || shifting == 0 {
        return;
    }
    let name = plan.migration.name.as_str();
    let finding = RULE
        .finding(
            context.migration_span(),
            format!(
                "traffic or writes shift in {}, and nothing says when to roll back",
                counted(shifting, "move")
            ),
        )
        .help("say when, for example `trigger errors { when = error_rate > 1%; for = 5min }`");
    findings.report([name], finding);
}
