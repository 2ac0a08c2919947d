//! Things that lack what their executor cannot do without.

use std::collections::BTreeSet;

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Action, Executor, Inventory, Node, Plan, ResourceKind};

use super::context::{entity, listed};
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1106",
        name: "lacks-for-executor",
    },
    level: Level::Error,
    summary: "something lacks an attribute that its executor cannot do without",
    page: include_str!("../../rules/lacks-for-executor.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let mut lacking = lacking(plan);
    lacking.sort_by_key(|one| (one.node, one.index));
    for same in lacking.chunk_by(|one, next| (one.node, one.index) == (next.node, next.index)) {
        let Some(executor) = same.first().and_then(|one| plan.executors.get(one.index)) else {
            continue;
        };
        let mut attributes: Vec<&str> = Vec::new();
        for one in same {
            if !attributes.contains(&one.attribute) {
                attributes.push(one.attribute);
            }
        }
        attributes.sort_unstable();
        lacks(context, executor, (same, &attributes), findings);
    }
}

/// An act, and an attribute that its executor cannot do without and that is not there.
struct Lacking<'a> {
    node: Node,
    /// Of the executor.
    index: usize,
    attribute: &'a str,
    verb: &'a str,
}

fn lacking(plan: &Plan) -> Vec<Lacking<'_>> {
    let mut lacking = Vec::new();
    let tables = Tables::of(&plan.inventory);
    let steps = plan.steps.values();
    let actions = steps.flat_map(|step| [&step.action, &step.verify, &step.undo]);
    for action in actions.flatten() {
        let (Some(node), Some(index)) = (action.on, action.executor) else {
            continue;
        };
        let required = required(plan, index, action).iter().map(String::as_str);
        let missing = required.filter(|name| !tables.has(&plan.inventory, node, name));
        lacking.extend(missing.map(|attribute| Lacking {
            node,
            index,
            attribute,
            verb: &action.verb,
        }));
    }
    lacking
}

/// Reports what one thing lacks for one executor.
fn lacks(
    context: &Context<'_>,
    executor: &Executor,
    (lacking, attributes): (&[Lacking<'_>], &[&str]),
    findings: &mut Findings,
) {
    let Some(Lacking { node, index, .. }) = lacking.first() else {
        return;
    };
    let name = context.name(*node);
    // Forty services without an address are one thing to mend.
    let alike = format!("{index} {}", attributes.join(" "));
    findings.report_first(&RULE, alike, [name, executor.name.as_str()], || {
        let verbs: BTreeSet<&str> = lacking.iter().map(|one| one.verb).collect();
        RULE.finding(
            context.origins.of(entity(*node)),
            format!(
                "`{name}` has no {}, without which `{}` does not carry out {}",
                listed(attributes),
                executor.folder,
                listed(&Vec::from_iter(verbs))
            ),
        )
        .help(advice(attributes))
    });
}

fn required<'a>(plan: &'a Plan, index: usize, action: &Action) -> &'a [String] {
    let executor = plan.executors.get(index);
    let verb = executor.and_then(|executor| executor.verbs.get(&action.verb));
    verb.map_or(&[], |verb| &verb.requires)
}

fn advice(attributes: &[&str]) -> String {
    let told: Vec<&str> = attributes
        .iter()
        .map(|name| match *name {
            "endpoint" => "`endpoint = \"10.1.4.20:8080\"`, where it answers now",
            "new_endpoint" => "`new_endpoint = \"10.2.4.20:8080\"`, where its new side will",
            "engine" => "`engine = …`",
            _ => "the tables it holds, `table orders`",
        })
        .collect();
    format!("write {}", told.join(", and "))
}

/// The resources that hold tables.
struct Tables(BTreeSet<whimbrel_plan::ResourceId>);

impl Tables {
    fn of(inventory: &Inventory) -> Self {
        let tables = inventory.resources.iter();
        let tables = tables.filter(|(_, resource)| resource.kind == ResourceKind::Table);
        Self(
            tables
                .flat_map(|(id, table)| [Some(id), table.parent])
                .flatten()
                .collect(),
        )
    }

    fn has(&self, inventory: &Inventory, node: Node, attribute: &str) -> bool {
        match (node, attribute) {
            (Node::Service(id), "endpoint") => inventory.services[id].endpoint.is_some(),
            (Node::Service(id), "new_endpoint") => inventory.services[id].new_endpoint.is_some(),
            (Node::Resource(id), "engine") => inventory.resources[id].engine.is_some(),
            (Node::Resource(id), "tables") => self.0.contains(&id),
            // A resource has no address, and a service no tables: nothing could be written.
            _ => true,
        }
    }
}
