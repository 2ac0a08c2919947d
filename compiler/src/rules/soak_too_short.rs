//! Shares that are watched for too short a time to show anything.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Amount, Measure, Mover, Node, Plan, StepId};

use super::context::{duration, p90, percent, rounded, steps_of};
use super::shift_without_health::{ends_watch, moves};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0908",
        name: "soak-too-short",
    },
    level: Level::Warning,
    summary: "a share is watched too briefly to show anything",
    page: include_str!("../../rules/soak-too-short.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let slowest = slowest(plan);
    let strictest = strictest(plan);
    for mover in &plan.movers {
        let Node::Service(id) = mover.node else {
            continue;
        };
        let traffic = context.inventory.services[id].traffic.as_ref();
        let traffic = traffic.map(Amount::mean);
        if traffic == Some(0.0) {
            continue;
        }
        for (step, watched) in watches(context, plan, mover) {
            let brief = brief(plan, step, watched, slowest.as_ref());
            let few = || few(plan, step, watched, traffic, strictest.as_ref());
            let Some((kind, reason)) = brief
                .map(|told| ("brief", told))
                .or_else(|| few().map(|told| ("few", told)))
            else {
                continue;
            };
            let content = &plan.steps[step];
            let finding = RULE
                .finding(
                    context.origins.of(Entity::Step(step)),
                    format!("`{}` is watched for {}, {reason}", content.name, duration(watched)),
                )
                .help("watch it for longer: `soak = 4h`; a share of a seldom used service must be larger or watched for days");
            let name = context.name(mover.node);
            let alike = format!("{kind} {}", mover.pattern);
            findings.report_together(alike, [name, content.name.as_str()], finding);
            break;
        }
    }
}

/// Each step that moves something, with the seconds for which it is watched: to the next share, or
/// to the time in which the old side is kept. A soak that cannot be read is long enough.
fn watches(context: &Context<'_>, plan: &Plan, mover: &Mover) -> Vec<(StepId, f64)> {
    let mut watches: Vec<(StepId, f64)> = Vec::new();
    let mut open = false;
    for (id, step) in steps_of(plan, mover) {
        if ends_watch(step) {
            open = moves(step);
            if open {
                watches.push((id, 0.0));
            }
        }
        if let (true, Some(last)) = (open, watches.last_mut()) {
            last.1 += if context.origins.is_broken(id) {
                f64::INFINITY
            } else {
                step.soak.mean()
            };
        }
    }
    watches
}

/// The trigger on requests that must hold for the longest, and how long.
fn slowest(plan: &Plan) -> Option<(String, f64)> {
    let triggers = plan.triggers.iter();
    triggers
        .filter(|trigger| trigger.when.measure.is_of_requests())
        .map(|trigger| (trigger.name.clone(), trigger.hold))
        .max_by(|one, other| one.1.total_cmp(&other.1))
}

/// The trigger with the lowest limit on errors, and the limit.
fn strictest(plan: &Plan) -> Option<(String, f64)> {
    let triggers = plan.triggers.iter();
    triggers
        .filter(|trigger| trigger.when.measure == Measure::ErrorRate && trigger.when.limit > 0.0)
        .map(|trigger| (trigger.name.clone(), trigger.when.limit))
        .min_by(|one, other| one.1.total_cmp(&other.1))
}

/// It is over before a failure would be noticed.
fn brief(
    plan: &Plan,
    step: StepId,
    watched: f64,
    slowest: Option<&(String, f64)>,
) -> Option<String> {
    if watched <= 0.0 {
        return Some("and what nobody watches cannot be judged".to_owned());
    }
    if let Some((trigger, hold)) = slowest.filter(|(_, hold)| *hold > watched) {
        return Some(format!(
            "and `{trigger}` must hold for {} before it fires",
            duration(*hold)
        ));
    }
    let detect = &plan.steps[step].failure.detect;
    // Most watches outlast all of the law, and to invert one is dear.
    let detect = Some(detect)
        .filter(|law| law.support().1 > watched)
        .map(p90)?;
    (detect > watched).then(|| {
        format!(
            "and in one of ten cases a failure is noticed only after {}",
            duration(detect)
        )
    })
}

/// It sees so few requests that at the limit not one of them would fail.
fn few(
    plan: &Plan,
    step: StepId,
    watched: f64,
    traffic: Option<f64>,
    strictest: Option<&(String, f64)>,
) -> Option<String> {
    let weight = plan.steps[step].weight?;
    let (trigger, limit) = strictest?;
    let requests = traffic? * weight * watched;
    (requests * limit < 1.0).then(|| {
        format!(
            "in which the new side answers about {} requests, and `{trigger}` asks whether {} of them fail",
            rounded(requests.round()),
            percent(*limit)
        )
    })
}
