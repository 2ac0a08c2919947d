//! Two changes of one schema that are under way at once.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{
    Mover, Node, Plan, RelationKind, ResourceId, ResourceKind, ServiceId, StepId, Target,
};

use super::context::{steps_of, verb};
use super::{Check, Context, Findings, Rule};
use crate::analysis::nodes::enclosing;
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0406",
        name: "overlapping-expand",
    },
    level: Level::Warning,
    summary: "a schema is expanded again before its last change is contracted",
    page: include_str!("../../rules/overlapping-expand.md"),
    check: Check::Plan(check),
};

const HELP: &str =
    "finish one change before the next begins: contract the first, or order the two with `after`";

/// A change of a schema: from its expansion to its contraction, or until its mover is settled.
#[derive(Clone, Copy)]
struct Change {
    expand: StepId,
    from: f64,
    to: f64,
    mover: usize,
}

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(schedule) = context.schedule else {
        return;
    };
    let mut changes: BTreeMap<ResourceId, Vec<Change>> = BTreeMap::new();
    let mut written: Option<FxHashMap<ServiceId, FxHashSet<ResourceId>>> = None;
    for (index, mover) in plan.movers.iter().enumerate() {
        let spans = spans(plan, mover);
        if spans.is_empty() {
            continue;
        }
        let schemas: Vec<ResourceId> = match mover.node {
            Node::Resource(id) => vec![id],
            Node::Service(id) => {
                let written = written.get_or_insert_with(|| schemas_written(context));
                written.get(&id).into_iter().flatten().copied().collect()
            }
        };
        for (expand, end) in spans {
            let change = Change {
                expand,
                from: schedule.start(expand),
                to: schedule.finish(end),
                mover: index,
            };
            for schema in &schemas {
                changes.entry(*schema).or_default().push(change);
            }
        }
    }
    for (schema, changes) in &mut changes {
        changes.sort_by(|one, next| {
            one.from
                .total_cmp(&next.from)
                .then(one.expand.cmp(&next.expand))
        });
        report(context, plan, *schema, changes, findings);
    }
}

/// Every expansion with the step that ends it.
fn spans(plan: &Plan, mover: &Mover) -> Vec<(StepId, StepId)> {
    let mut spans: Vec<(StepId, StepId)> = Vec::new();
    let mut open = 0;
    for (id, step) in steps_of(plan, mover) {
        match verb(step) {
            "schema.expand" => spans.push((id, mover.cutover)),
            "schema.contract" => {
                for span in spans.iter_mut().skip(open) {
                    span.1 = id;
                }
                open = spans.len();
            }
            _ => {}
        }
    }
    spans
}

/// The datastores that each service writes.
fn schemas_written(context: &Context<'_>) -> FxHashMap<ServiceId, FxHashSet<ResourceId>> {
    let inventory = context.inventory;
    let mut written: FxHashMap<ServiceId, FxHashSet<ResourceId>> = FxHashMap::default();
    for relation in inventory.relations.values() {
        if let (RelationKind::Writes, Target::Resource(id)) = (relation.kind, &relation.to) {
            let is_store =
                |id: &ResourceId| inventory.resources[*id].kind == ResourceKind::Datastore;
            let stores = enclosing(inventory, *id).filter(is_store);
            written.entry(relation.from).or_default().extend(stores);
        }
    }
    written
}

/// Each change that begins before an earlier one has ended, with the one that ends last.
fn report(
    context: &Context<'_>,
    plan: &Plan,
    schema: ResourceId,
    changes: &[Change],
    findings: &mut Findings,
) {
    let mut last: Option<Change> = None;
    for change in changes {
        if let Some(before) = last.filter(|last| change.from < last.to) {
            let (name, earlier) = (
                &plan.steps[change.expand].name,
                &plan.steps[before.expand].name,
            );
            let finding = RULE
                .finding(
                    context.origins.of(Entity::Step(change.expand)),
                    format!(
                        "`{name}` expands the schema of `{}` while the change that `{earlier}` began is under way",
                        context.resource(schema)
                    ),
                )
                .label(context.origins.of(Entity::Step(before.expand)), "under way")
                .help(HELP);
            let mover = plan.movers.get(change.mover);
            let of = mover.map_or(context.resource(schema), |mover| context.name(mover.node));
            findings.report([of, name.as_str()], finding);
        }
        if last.is_none_or(|last| change.to > last.to) {
            last = Some(*change);
        }
    }
}
