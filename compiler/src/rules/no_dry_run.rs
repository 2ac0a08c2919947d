//! Executors of the project that cannot be tried.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_lang::{Code, Level};
use whimbrel_plan::Plan;

use super::context::listed;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1103",
        name: "no-dry-run",
    },
    level: Level::Note,
    summary: "an executor of the project does not show what an act would meet",
    page: include_str!("../../rules/no-dry-run.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let mut untried: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    let steps = plan.steps.values();
    let actions = steps.flat_map(|step| [&step.action, &step.undo]);
    for action in actions.flatten() {
        let Some(index) = action.executor.filter(|_| changes(&action.verb)) else {
            continue;
        };
        let Some(executor) = plan.executors.get(index).filter(|one| one.local) else {
            continue;
        };
        let templates = executor.verbs.get(action.verb.as_str());
        if templates.is_some_and(|templates| templates.dry_run.is_none()) {
            untried.entry(index).or_default().insert(&action.verb);
        }
    }
    for (index, verbs) in untried {
        let Some(executor) = plan.executors.get(index) else {
            continue;
        };
        let verbs: Vec<&str> = verbs.into_iter().collect();
        let finding = RULE
            .finding(
                context.origins.of(Entity::Executor(index)),
                format!(
                    "`{}` does not show before the day what {} would meet",
                    executor.folder,
                    listed(&verbs)
                ),
            )
            .help("give the verb a template that only reads: `dry_run = \"show.sh.tera\"`");
        findings.report([executor.name.as_str()], finding);
    }
}

/// Whether a verb changes anything; what only looks is its own dry run.
fn changes(verb: &str) -> bool {
    let looks = ["validate.", "compare.", "health"];
    !looks.iter().any(|look| verb.starts_with(look))
}
