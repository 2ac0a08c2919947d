//! Data whose executor serves another engine.

use std::collections::BTreeSet;

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Node, Plan};

use super::context::{entity, listed};
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1107",
        name: "engine-not-served",
    },
    level: Level::Error,
    summary: "an executor acts on an engine that it does not serve",
    page: include_str!("../../rules/engine-not-served.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let mut told = BTreeSet::new();
    let steps = plan.steps.values();
    let actions = steps.flat_map(|step| [&step.action, &step.verify, &step.undo]);
    for action in actions.flatten() {
        let (Some(node @ Node::Resource(id)), Some(index)) = (action.on, action.executor) else {
            continue;
        };
        let (Some(executor), Some(engine)) = (
            plan.executors.get(index),
            &plan.inventory.resources[id].engine,
        ) else {
            continue;
        };
        let serves = executor.engines.is_empty() || executor.engines.contains(engine);
        if serves || !told.insert((node, index)) {
            continue;
        }
        let name = context.name(node);
        let finding = RULE
            .finding(
                context.origins.attribute(entity(node), "engine"),
                format!(
                    "`{name}` is `{engine}`, and `{}`, which carries out `{}`, serves {}",
                    executor.folder,
                    action.verb,
                    listed(&executor.engines)
                ),
            )
            .label(
                context.origins.of(crate::origins::Entity::Executor(index)),
                "the executor is named here",
            )
            .help("name another executor on the instance, or correct its `engine`");
        findings.report([name, executor.name.as_str()], finding);
    }
}
