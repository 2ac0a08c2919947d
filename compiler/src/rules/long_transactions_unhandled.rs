//! Long transactions that a move breaks off.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Act, Mover, Node, Plan, Service, ServiceKind, Step, StepId, StepKind};

use super::context::{after, duration, steps_of};
use super::old_side_gone_before_rollback_horizon::kept;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0413",
        name: "long-transactions-unhandled",
    },
    level: Level::Warning,
    summary: "a stop breaks off what takes longer than anybody waits",
    page: include_str!("../../rules/long-transactions-unhandled.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let Node::Service(id) = mover.node else {
            continue;
        };
        let service = &context.inventory.services[id];
        let Some((step, message, help)) = problem(context, plan, mover, service) else {
            continue;
        };
        let finding = RULE
            .finding(context.origins.of(Entity::Step(step)), message)
            .help(help);
        let targets = [service.name.as_str(), plan.steps[step].name.as_str()];
        findings.report(targets, finding);
    }
}

/// The step that breaks something off, with what is wrong and what to do.
fn problem(
    context: &Context<'_>,
    plan: &Plan,
    mover: &Mover,
    service: &Service,
) -> Option<(StepId, String, String)> {
    let name = service.name.as_str();
    let stop = stop(plan, mover);
    let Some(longest) = service.longest_transaction else {
        let (step, _) = stop.filter(|_| service.kind == ServiceKind::Workflow)?;
        return Some((
            step,
            format!(
                "`{}` stops `{name}`, which runs workflows, and nothing says how long one takes",
                plan.steps[step].name
            ),
            format!("say so in `service {name}`: `longest_transaction = 2h`"),
        ));
    };
    match stop {
        Some((step, drained)) => (drained < longest).then(|| {
            (
                step,
                format!(
                    "`{}` stops `{name}` while transactions of up to {} are under way, and {}",
                    plan.steps[step].name,
                    duration(longest),
                    match drained > 0.0 {
                        true => format!("only {} are left to end them", duration(drained)),
                        false => "nothing before lets them end".to_owned(),
                    }
                ),
                format!(
                    "hold new ones back and let those end that run (`drain_transactions(longest: {})`), or stop in a window that has none: `within = …`",
                    duration(longest)
                ),
            )
        }),
        None => outlived(context, plan, mover, service, longest),
    }
}

/// The first step that takes the service away, but for one with a window of its own; and the seconds
/// that transactions have to end from when new ones are held back.
fn stop(plan: &Plan, mover: &Mover) -> Option<(StepId, f64)> {
    let mut drained = 0.0;
    let mut held = false;
    for (id, step) in steps_of(plan, mover) {
        if step.downtime.mean() > 0.0 {
            return step.window.is_none().then_some((id, drained));
        }
        if held {
            drained += longest_of(step);
        }
        held |= step.kind == StepKind::Cutover && step.weight.is_none();
    }
    None
}

/// Seconds that a step lasts at the most.
fn longest_of(step: &Step) -> f64 {
    let act = match &step.act {
        Act::Elapsed(law) | Act::Working(law) => law.quantile(1.0),
        Act::Instant | Act::Transfer(_) => 0.0,
    };
    let act = if act.is_finite() { act } else { 0.0 };
    act + step.soak.mean()
}

/// Without a stop what runs ends on the old side, as long as that is there.
fn outlived(
    context: &Context<'_>,
    plan: &Plan,
    mover: &Mover,
    service: &Service,
    longest: f64,
) -> Option<(StepId, String, String)> {
    let gone = mover.decommission?;
    let left = kept(context, plan, mover, gone)?;
    (left < longest).then(|| {
        (
            gone,
            format!(
                "`{}` removes the old side of `{}` {} its last request, and its transactions take up to {}",
                plan.steps[gone].name,
                service.name,
                after(left),
                duration(longest)
            ),
            format!("keep the old side for longer: `step keep_old {{ kind = keep; soak = {} }}`", duration(longest)),
        )
    })
}
