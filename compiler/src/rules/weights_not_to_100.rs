//! A rollout that ends before all traffic is on the new side.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::Plan;

use super::context::percent;
use super::weights_not_increasing::{SHIFTS, weights};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0907",
        name: "weights-not-to-100",
    },
    level: Level::Warning,
    summary: "the last shift leaves traffic on the old side",
    page: include_str!("../../rules/weights-not-to-100.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let lasts = SHIFTS.map(|verb| {
            weights(plan, mover, verb)
                .into_iter()
                .max_by(|one, other| one.1.total_cmp(&other.1))
        });
        let most = lasts
            .into_iter()
            .flatten()
            .max_by(|one, other| one.1.total_cmp(&other.1));
        if let Some((step, weight)) = most.filter(|(_, weight)| *weight < 1.0) {
            let name = context.name(mover.node);
            let finding = RULE
                .finding(
                    context.origins.of(Entity::Step(step)),
                    format!(
                        "the shifts of `{name}` end at {}, and {} of its traffic stays behind",
                        percent(weight),
                        percent(1.0 - weight)
                    ),
                )
                .help("end with a shift to 100 %");
            findings.report([name, plan.steps[step].name.as_str()], finding);
        }
    }
}
