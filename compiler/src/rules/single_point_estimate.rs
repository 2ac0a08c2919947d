//! Work that is said to take exactly so long.

use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Level, Span};
use whimbrel_plan::{Act, Distribution, Plan, Step, StepId, Subject};

use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1403",
        name: "single-point-estimate",
    },
    level: Level::Note,
    summary: "an estimate is one number",
    page: include_str!("../../rules/single-point-estimate.md"),
    check: Check::Plan(check),
};

/// An hour, in seconds: what takes less is no estimate that anything rests on.
const LEAST: f64 = 3_600.0;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for estimate in estimates(context, plan) {
        if !estimate.law.is_certain() || estimate.law.mean() < LEAST {
            continue;
        }
        let said = context.sources.slice(estimate.span);
        // Whoever writes either has thought of it.
        if said.contains("constant(") || said.contains(" because ") {
            continue;
        }
        let finding = RULE
            .finding(
                estimate.span,
                format!(
                    "the estimate of `{}` is one number, as if it were certain",
                    estimate.name()
                ),
            )
            .help("say the least, the most likely and the greatest, such as `pert(4wd, 5wd, 8wd)`; `constant(5wd)` where it is certain");
        findings.report_together("", estimate.targets, finding);
    }
}

/// How long work takes, at one place of the plan's own text.
pub(super) struct Estimate<'a> {
    /// What it is told by first, then all that it can be waived on.
    pub(super) targets: Vec<&'a str>,
    pub(super) law: &'a Distribution,
    /// Whether only working time counts.
    pub(super) working: bool,
    pub(super) span: Span,
}

impl Estimate<'_> {
    pub(super) fn name(&self) -> &str {
        self.targets.first().copied().unwrap_or_default()
    }
}

/// Every estimate that the plan's authors wrote, each place once. A training and a retrospective
/// have a length that is set, and what the standard library estimates is not the plan's.
pub(super) fn estimates<'a>(context: &Context<'_>, plan: &'a Plan) -> Vec<Estimate<'a>> {
    let mut estimates: Vec<Estimate<'a>> = Vec::new();
    let mut places: FxHashMap<Span, usize> = FxHashMap::default();
    for (id, step) in plan.steps.iter() {
        let (Act::Elapsed(law) | Act::Working(law)) = &step.act else {
            continue;
        };
        let Some(span) = written(context, id, step) else {
            continue;
        };
        let next = estimates.len();
        let at = *places.entry(span).or_insert(next);
        let targets = targets(plan, step);
        match estimates.get_mut(at) {
            Some(known) => known.targets.extend(targets),
            None => estimates.push(Estimate {
                targets: targets.collect(),
                law,
                working: matches!(step.act, Act::Working(_)),
                span,
            }),
        }
    }
    estimates
}

fn written(context: &Context<'_>, id: StepId, step: &Step) -> Option<Span> {
    let meetings = ["training/", "migration/"];
    if meetings
        .iter()
        .any(|meeting| step.name.starts_with(meeting))
    {
        return None;
    }
    let origins = context.origins;
    let of = |entity: Entity, name: &'static str| {
        let is_written = origins.has_attribute(entity, name);
        is_written.then(|| origins.attribute(entity, name))
    };
    let span = of(Entity::StepDefinition(id), "takes")
        .or_else(|| of(Entity::Step(id), "takes"))
        .or_else(|| of(Entity::Step(id), "effort"))
        .or_else(|| match step.subject {
            Subject::Resource(resource) => of(Entity::Resource(resource), "change_lead_time"),
            _ => None,
        })?;
    let path = context.sources.get(span.source).path();
    (!path.starts_with("std/")).then_some(span)
}

/// The name of a part of the migration, or the step and what it moves.
fn targets<'a>(plan: &'a Plan, step: &'a Step) -> impl Iterator<Item = &'a str> {
    let name = step.name.as_str();
    let (first, second) = match &step.subject {
        Subject::Migration(part) => (part.as_str(), name),
        Subject::Service(id) => (name, plan.inventory.services[*id].name.as_str()),
        Subject::Resource(id) if step.batch.is_none() => {
            (plan.inventory.resources[*id].name.as_str(), name)
        }
        Subject::Resource(id) => (name, plan.inventory.resources[*id].name.as_str()),
    };
    [first, second].into_iter()
}
