//! A rollback that a trigger starts after the schema it needs is gone.

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{
    Mover, Node, Plan, ResourceId, ServiceId, Step, StepId, Target, is_automatic_shift,
};

use super::context::{listed, steps_of, verb};
use super::{Check, Context, Findings, Rule};
use crate::analysis::nodes::enclosing;
use crate::analysis::schedule::Schedule;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0607",
        name: "auto-rollback-past-schema-contract",
    },
    level: Level::Warning,
    summary: "an automatic rollback leads to a version whose schema is gone",
    page: include_str!("../../rules/auto-rollback-past-schema-contract.md"),
    check: Check::Plan(check),
};

/// What brings readers back to the old shape.
const BACK: &[&str] = &["data.switch_reads", "traffic.shift", "flag.set"];

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let contracts: Vec<(&Mover, StepId)> = plan
        .movers
        .iter()
        .filter_map(|mover| {
            let mut steps = steps_of(plan, mover);
            let contract = steps.find(|(_, step)| verb(step) == "schema.contract");
            Some((mover, contract?.0))
        })
        .collect();
    // One that comes before the cutover is another rule's.
    let behind = contracts
        .iter()
        .filter(|(mover, contract)| *contract > mover.cutover);
    for (mover, contract) in behind {
        within(context, plan, (mover, *contract), findings);
    }
    let Some(schedule) = context.schedule else {
        return;
    };
    if contracts.is_empty() || plan.triggers.is_empty() {
        return;
    }
    let users = users(context);
    let returning = returning(plan);
    for (mover, contract) in contracts {
        let Node::Resource(id) = mover.node else {
            continue;
        };
        let at = schedule.start(contract);
        let users = users.get(&id).into_iter().flatten();
        let mut late: Vec<&str> = users
            .filter_map(|user| returning.get(user))
            .filter(|user| is_open(schedule, user, at))
            .map(|user| context.name(user.node))
            .collect();
        late.sort_unstable();
        report(context, plan, (mover, contract), &late, findings);
    }
}

/// A step behind the contraction whose undo needs the old shape.
fn within(
    context: &Context<'_>,
    plan: &Plan,
    (mover, contract): (&Mover, StepId),
    findings: &mut Findings,
) {
    let mut after = steps_of(plan, mover).filter(|(id, _)| *id > contract);
    let Some((id, step)) = after.find(|(_, step)| leads_back(step)) else {
        return;
    };
    let finding = RULE
        .finding(
            context.origins.of(Entity::Step(id)),
            format!(
                "undoing `{}` leads back to what `{}` has removed before",
                step.name, plan.steps[contract].name
            ),
        )
        .help("contract after everything that can be undone, or take its `undo` out and say that it is `irreversible`");
    findings.report_together(
        &mover.pattern,
        [context.name(mover.node), step.name.as_str()],
        finding,
    );
}

fn leads_back(step: &Step) -> bool {
    let undo = step.undo.as_ref();
    undo.is_some_and(|undo| BACK.contains(&undo.verb.as_str()))
}

fn report(
    context: &Context<'_>,
    plan: &Plan,
    (mover, contract): (&Mover, StepId),
    late: &[&str],
    findings: &mut Findings,
) {
    if late.is_empty() {
        return;
    }
    let step = &plan.steps[contract].name;
    let triggers: Vec<&str> = plan.triggers.iter().map(|one| one.name.as_str()).collect();
    let finding = RULE
        .finding(
            context.origins.of(Entity::Step(contract)),
            format!(
                "`{step}` removes the old shape while {} can still take {} back to what reads it",
                listed(&triggers),
                listed(late)
            ),
        )
        .help("contract when the old side of all of them is gone: keep the old shape for longer, for example `contract_after: 4w`");
    let name = context.name(mover.node);
    findings.report(
        [name, step.as_str()]
            .into_iter()
            .chain(late.iter().copied()),
        finding,
    );
}

/// The services that use each resource, or something in it.
fn users(context: &Context<'_>) -> FxHashMap<ResourceId, FxHashSet<ServiceId>> {
    let mut users: FxHashMap<ResourceId, FxHashSet<ServiceId>> = FxHashMap::default();
    for relation in context.inventory.relations.values() {
        if let Target::Resource(target) = relation.to {
            for outer in enclosing(context.inventory, target) {
                users.entry(outer).or_default().insert(relation.from);
            }
        }
    }
    users
}

/// The movers whose traffic an executor takes back by itself.
fn returning(plan: &Plan) -> FxHashMap<ServiceId, &Mover> {
    let movers = plan.movers.iter().filter_map(|mover| match mover.node {
        Node::Service(id) => Some((id, mover)),
        Node::Resource(_) => None,
    });
    let by_itself = |mover: &Mover| steps_of(plan, mover).any(|(_, step)| is_automatic_shift(step));
    movers.filter(|(_, mover)| by_itself(mover)).collect()
}

/// Whether it has traffic on the new side then, and its old side is still there.
fn is_open(schedule: &Schedule, mover: &Mover, at: f64) -> bool {
    let (Some(shift), Some(gone)) = (mover.first_shift, mover.decommission) else {
        return false;
    };
    schedule.start(shift) <= at && at < schedule.start(gone)
}
