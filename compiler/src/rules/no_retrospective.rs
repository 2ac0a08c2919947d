//! A migration that ends without looking back, or looks back when all is forgotten.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::Plan;

use super::context::duration;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1007",
        name: "no-retrospective",
    },
    level: Level::Note,
    summary: "nobody looks back within a week",
    page: include_str!("../../rules/no-retrospective.md"),
    check: Check::Plan(check),
};

/// A week, in seconds.
const WEEK: f64 = 7.0 * 86_400.0;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let name = plan.migration.name.as_str();
    match &plan.retrospective {
        Some(held) if held.within > WEEK => {
            let finding = RULE
                .finding(
                    context.origins.attribute(Entity::Retrospective, "within"),
                    format!(
                        "the retrospective is held up to {} after the last step",
                        duration(held.within)
                    ),
                )
                .help("hold it while it is remembered: `within = 7d`");
            findings.report([name], finding);
        }
        Some(_) => {}
        None if is_somebodys(context, plan) => {
            let finding = RULE
                .finding(
                    context.migration_span(),
                    "nobody looks back when the migration is done",
                )
                .help("say who calls it and who comes: `retrospective { owner = …; takes = 2wh; needs = [… of …] }`");
            findings.report([name], finding);
        }
        None => {}
    }
}

/// Whether something moves and the plan knows anybody who could come.
fn is_somebodys(context: &Context<'_>, plan: &Plan) -> bool {
    !plan.movers.is_empty() && !context.inventory.teams.is_empty()
}
