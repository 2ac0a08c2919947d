//! Decisions that are made by the one who carries them out.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Gate, Plan, RoleId, Step, StepId, StepKind};

use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1003",
        name: "approver-is-executor",
    },
    level: Level::Warning,
    summary: "whoever carries a step out approves it, too",
    page: include_str!("../../rules/approver-is-executor.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        for pair in mover.steps.windows(2) {
            if let [gate, next] = pair {
                decision(context, plan, *gate, *next, findings);
            }
        }
    }
}

/// A gate and the step it lets go.
fn decision(context: &Context<'_>, plan: &Plan, at: StepId, next: StepId, findings: &mut Findings) {
    let (step, next) = (&plan.steps[at], &plan.steps[next]);
    let Some(gate) = &step.gate else {
        return;
    };
    let Some(approver) = gate.approve else {
        return;
    };
    let name = plan.roles[approver].name.as_str();
    if gate.not_by.as_deref() == Some(name) {
        let finding = RULE
            .finding(
                context.origins.attribute(Entity::StepDefinition(at), "not_by"),
                format!("gate `{}` asks `{name}` and forbids `{name}` to answer", step.name),
            )
            .help("name another role in `approve`; `not_by = executor` keeps out whoever walks the batch");
        findings.report([name, step.name.as_str()], finding);
        return;
    }
    let Some(owner) = next.owner.filter(|_| acts(next)) else {
        return;
    };
    if owner == approver {
        same_role(context, plan, (at, step, gate), next, findings);
    } else {
        same_person(context, plan, (approver, owner), (step, next), findings);
    }
}

/// Whether it changes what runs; whoever decides may well tidy up, check or tell.
fn acts(step: &Step) -> bool {
    matches!(
        step.kind,
        StepKind::Deploy
            | StepKind::Bootstrap
            | StepKind::Replicate
            | StepKind::Shift
            | StepKind::Cutover
            | StepKind::Decommission
    )
}

fn same_role(
    context: &Context<'_>,
    plan: &Plan,
    (at, step, gate): (StepId, &Step, &Gate),
    next: &Step,
    findings: &mut Findings,
) {
    let Some(role) = gate.approve.map(|id| plan.roles[id].name.as_str()) else {
        return;
    };
    let finding = RULE
        .finding(
            context.origins.of(Entity::Step(at)),
            format!(
                "`{role}` decides at gate `{}` on step `{}`, which `{role}` carries out",
                step.name, next.name
            ),
        )
        .label(
            context
                .origins
                .attribute(Entity::StepDefinition(at), "approve"),
            "the gate",
        )
        .help("have another role decide: `approve = …` at the gate, or `owner = …` at the step");
    findings.report_together(role, [role, step.name.as_str()], finding);
}

/// Two roles that one person plays are one pair of eyes.
fn same_person(
    context: &Context<'_>,
    plan: &Plan,
    (approver, owner): (RoleId, RoleId),
    (step, next): (&Step, &Step),
    findings: &mut Findings,
) {
    let (one, other) = (&plan.roles[approver], &plan.roles[owner]);
    let (Some(who), Some(doer)) = (&one.who, &other.who) else {
        return;
    };
    if !who.trim().eq_ignore_ascii_case(doer.trim()) {
        return;
    }
    let finding = RULE
        .finding(
            context.origins.attribute(Entity::Role(approver), "who"),
            format!(
                "`{who}` decides as `{}` at gate `{}`, and carries out step `{}` as `{}`",
                one.name, step.name, next.name, other.name
            ),
        )
        .label(
            context.origins.attribute(Entity::Role(owner), "who"),
            "the same person",
        )
        .help("have somebody else play one of the two");
    findings.report(
        [one.name.as_str(), other.name.as_str(), step.name.as_str()],
        finding,
    );
}
