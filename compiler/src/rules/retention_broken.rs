//! Data that must be kept, and whose last copy goes.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Act, Mover, Node, Plan, Step, StepKind};

use super::context::{duration, steps_of, verb};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1303",
        name: "retention-broken",
    },
    level: Level::Warning,
    summary: "what must be kept is not kept for long enough",
    page: include_str!("../../rules/retention-broken.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let mut longest: Option<(f64, &str)> = None;
    for mover in &plan.movers {
        let Node::Resource(id) = mover.node else {
            continue;
        };
        let resource = &context.inventory.resources[id];
        let Some(retention) = resource.retention else {
            continue;
        };
        let name = resource.name.as_str();
        if !resource.regimes.is_empty() && longest.is_none_or(|(known, _)| known < retention) {
            longest = Some((retention, name));
        }
        if let Some(removed) = mover.decommission.filter(|_| !is_copied(plan, mover)) {
            let finding = RULE
                .finding(
                    context.origins.attribute(Entity::Resource(id), "retention"),
                    format!(
                        "`{name}` must be kept for {}, and `{}` removes it, though no step has copied it",
                        duration(retention),
                        plan.steps[removed].name
                    ),
                )
                .help("copy and compare it before it goes (`data.bootstrap`, `validate.counts`), or keep an archive: a step of kind `bootstrap`");
            findings.report([name], finding);
        }
    }
    let keep = plan.migration.audit.as_ref().and_then(|audit| audit.keep);
    if let (Some(keep), Some((retention, name))) = (keep, longest)
        && keep < retention
    {
        let finding = RULE
            .finding(
                context.origins.attribute(Entity::Audit, "keep"),
                format!(
                    "the record of the move is kept for {}, and `{name}` must be kept for {}",
                    duration(keep),
                    duration(retention)
                ),
            )
            .help("keep it for as long as the data that it tells of");
        findings.report([plan.migration.name.as_str(), name], finding);
    }
}

/// Whether anything carries the data over, or shows that it is there.
fn is_copied(plan: &Plan, mover: &Mover) -> bool {
    steps_of(plan, mover).any(|(_, step)| copies(step))
}

fn copies(step: &Step) -> bool {
    let verb = verb(step);
    matches!(step.act, Act::Transfer(_))
        || matches!(step.kind, StepKind::Bootstrap | StepKind::Replicate)
        || verb.starts_with("data.") && verb != "data.switch_reads"
        || verb.starts_with("validate.")
}
