//! An old shape of a schema that goes before its last reader.

use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{Mover, Plan, StepId};

use super::context::{after, steps_of, verb};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0405",
        name: "contract-before-last-reader",
    },
    level: Level::Error,
    summary: "the old shape of a schema goes while somebody may still read it",
    page: include_str!("../../rules/contract-before-last-reader.md"),
    check: Check::Plan(check),
};

/// How long the old shape stays at the least once nobody is to read it: what runs once a week has
/// then run.
const A_WEEK: f64 = 7.0 * 86_400.0;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let mut steps = steps_of(plan, mover);
        let contract = steps.find(|(_, step)| verb(step) == "schema.contract");
        let Some((contract, _)) = contract.filter(|(id, _)| *id != mover.cutover) else {
            continue;
        };
        if let Some(finding) = problem(context, plan, mover, contract) {
            let targets = [context.name(mover.node), plan.steps[contract].name.as_str()];
            findings.report_together(&mover.pattern, targets, finding);
        }
    }
}

fn problem(
    context: &Context<'_>,
    plan: &Plan,
    mover: &Mover,
    contract: StepId,
) -> Option<Diagnostic> {
    let span = context.origins.of(Entity::Step(contract));
    let (removes, reads) = (&plan.steps[contract].name, &plan.steps[mover.cutover].name);
    if contract < mover.cutover {
        let message = format!(
            "`{removes}` removes the old shape before `{reads}` has brought anybody to the new one"
        );
        return Some(RULE.finding(span, message).help(
            "expand, migrate, switch the readers, and contract weeks later: move the step behind the switch",
        ));
    }
    let schedule = context.schedule?;
    let left = schedule.start(contract) - schedule.finish(mover.cutover);
    (left < A_WEEK).then(|| {
        let after = after(left);
        let message = format!(
            "`{removes}` removes the old shape {after} `{reads}`, and what runs once a week may still read it"
        );
        let mut finding = RULE.finding(span, message).help(
            "keep the old shape for weeks: a step of kind `keep` with `soak = 4w` between the two",
        );
        finding.level = Level::Warning;
        finding
    })
}
