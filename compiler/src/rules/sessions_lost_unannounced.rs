//! Sessions that end without anybody having said so.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Mover, Node, Plan, ResourceKind, StepKind};

use super::context::{does, steps_of};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0411",
        name: "sessions-lost-unannounced",
    },
    level: Level::Warning,
    summary: "users are logged out, and nobody tells them",
    page: include_str!("../../rules/sessions-lost-unannounced.md"),
    check: Check::Plan(check),
};

/// What keeps sessions alive across the move.
const KEPT: &[&str] = &[
    "session.centralise",
    "cache.warm",
    "data.bootstrap",
    "data.cdc_start",
    "data.dual_write",
];

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    if !plan.announcements.is_empty() {
        return;
    }
    for mover in &plan.movers {
        let Node::Resource(id) = mover.node else {
            continue;
        };
        let store = &context.inventory.resources[id];
        if store.kind != ResourceKind::Cache
            || !store.holds_sessions
            || does(plan, mover, KEPT)
            || is_told(plan, mover)
        {
            continue;
        }
        let cutover = &plan.steps[mover.cutover].name;
        let finding = RULE
            .finding(
                context.origins.of(Entity::Step(mover.cutover)),
                format!("`{cutover}` ends the sessions of `{}`, and nobody is told before", store.name),
            )
            .help("keep them (`session_centralise`), or announce it two weeks ahead: `announce users { before = 14d; channel = \"…\"; noticed = \"you will be asked to log in again\" }`");
        findings.report([&store.name, cutover], finding);
    }
}

/// Whether a step before the cutover tells those concerned.
fn is_told(plan: &Plan, mover: &Mover) -> bool {
    let mut before = steps_of(plan, mover).take_while(|(id, _)| *id != mover.cutover);
    before.any(|(_, step)| step.kind == StepKind::Notify)
}
