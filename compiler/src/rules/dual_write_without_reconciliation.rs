//! Data that is written to both sides, and that nothing compares.

use rustc_hash::FxHashSet;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{
    Argument, BridgeOver, BridgeTechnique, Mover, Node, Plan, ResourceId, Step, StepId,
};

use super::context::{steps_of, verb};
use super::{Check, Context, Findings, Rule};
use crate::analysis::nodes::enclosing;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0407",
        name: "dual-write-without-reconciliation",
    },
    level: Level::Warning,
    summary: "both sides are written, and nothing compares them",
    page: include_str!("../../rules/dual-write-without-reconciliation.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    for mover in &plan.movers {
        let Some(writes) = unreconciled(plan, mover) else {
            continue;
        };
        let name = context.name(mover.node);
        let step = &plan.steps[writes].name;
        let finding = RULE
            .finding(
                context.origins.of(Entity::Step(writes)),
                format!(
                    "`{step}` writes to both sides, and no step compares them before `{}`",
                    plan.steps[mover.cutover].name
                ),
            )
            .help("compare for as long as both are written: `step compare { does = validate.checksums(datastore); verify = validate.checksums(datastore); every = 15min; soak = 4w }`");
        findings.report_together(&mover.pattern, [name, step.as_str()], finding);
    }
    bridges(context, plan, findings);
}

/// The step that begins to write to both sides, where nothing compares them before the cutover.
fn unreconciled(plan: &Plan, mover: &Mover) -> Option<StepId> {
    let mut before = steps_of(plan, mover).take_while(|(id, _)| *id != mover.cutover);
    let (writes, _) = before.find(|(_, step)| writes_both(step))?;
    let compared = before.any(|(_, step)| compares(step));
    (!compared && !compares(&plan.steps[writes])).then_some(writes)
}

fn writes_both(step: &Step) -> bool {
    let action = step.action.as_ref();
    action.is_some_and(|action| {
        action.verb == "data.dual_write"
            && action.arguments.get("enabled") != Some(&Argument::Boolean(false))
    })
}

/// Whether it compares the two sides, by what it does or by how it is verified.
fn compares(step: &Step) -> bool {
    let verified = step
        .verify
        .as_ref()
        .map_or("", |action| action.verb.as_str());
    let compares = |verb: &str| verb.starts_with("validate.") || verb.starts_with("compare.");
    compares(verb(step)) || compares(verified)
}

/// A bridge has no steps to compare with: what it is over has, or somebody has to.
fn bridges(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let compared = plan.movers.iter().filter_map(|mover| match mover.node {
        Node::Resource(id) => steps_of(plan, mover)
            .any(|(_, step)| compares(step))
            .then_some(id),
        Node::Service(_) => None,
    });
    let compared: FxHashSet<ResourceId> = compared.collect();
    for (id, bridge) in plan.bridges.iter() {
        let BridgeOver::Resource(over) = bridge.over else {
            continue;
        };
        if bridge.by != BridgeTechnique::DualWrite
            || bridge.breaks.is_some()
            || enclosing(context.inventory, over).any(|outer| compared.contains(&outer))
        {
            continue;
        }
        let finding = RULE
            .finding(
                context.origins.of(Entity::Bridge(id)),
                format!(
                    "bridge `{}` writes `{}` to both sides, and nothing compares them",
                    bridge.name,
                    context.resource(over)
                ),
            )
            .help("say how the two are compared and brought together again: `breaks = \"…\"`; or move the data by a pattern that compares");
        findings.report([&bridge.name], finding);
    }
}
