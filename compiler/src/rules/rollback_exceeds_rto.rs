//! A rollback that takes longer than the migration promises.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{BatchId, Plan, WayBack};

use super::context::{duration, p90};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0602",
        name: "rollback-exceeds-rto",
    },
    level: Level::Warning,
    summary: "a rollback takes longer than the RTO",
    page: include_str!("../../rules/rollback-exceeds-rto.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(rto) = plan.migration.objectives.rto else {
        return;
    };
    for reversal in &plan.reversals {
        let slowest = reversal.slowest.as_ref();
        if let Some(slowest) = slowest.filter(|slowest| slowest.p90 > rto) {
            report(context, plan, (reversal.batch, slowest), rto, findings);
        }
    }
    for (index, rehearsal) in plan.rehearsals.iter().enumerate() {
        if rehearsal.passed && rehearsal.took > rto {
            let span = context.origins.attribute(Entity::Rehearsal(index), "took");
            let message = format!(
                "the rehearsed rollback of `{}` took {}, over the RTO of {}",
                plan.batches[rehearsal.of].name,
                duration(rehearsal.took),
                duration(rto)
            );
            let finding = RULE.finding(span, message).help(HELP);
            findings.report([&rehearsal.name], finding);
        }
    }
}

const HELP: &str = "notice sooner or take back faster, with automatic triggers or smaller batches; or state the RTO the plan can keep";

fn report(
    context: &Context<'_>,
    plan: &Plan,
    (batch, slowest): (BatchId, &WayBack),
    rto: f64,
    findings: &mut Findings,
) {
    let batch = plan.batches[batch].name.as_str();
    let failing = &plan.steps[slowest.after];
    let first = slowest.undo.first().copied().unwrap_or(slowest.after);
    let undone: Vec<String> = slowest
        .undo
        .iter()
        .map(|step| &plan.steps[*step])
        .map(|step| {
            let takes = duration(p90(&step.failure.undo_takes));
            format!(", {takes} until `{}` is undone", step.name)
        })
        .collect();
    let finding = RULE
        .finding(
            context.origins.of(Entity::Step(first)),
            format!(
                "rolling back batch `{batch}` takes {} in nine of ten cases, over the RTO of {}",
                duration(slowest.p90),
                duration(rto)
            ),
        )
        .note(format!(
            "at P90: {} until a failure of `{}` is noticed{}",
            duration(p90(&failing.failure.detect)),
            failing.name,
            undone.concat()
        ))
        .help(HELP);
    findings.report([batch, plan.steps[first].name.as_str()], finding);
}
