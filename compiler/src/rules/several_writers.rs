//! A table that two services write.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{
    Node, RelationId, RelationKind, ResourceId, ResourceKind, ServiceId, ServiceKind, Target,
};

use super::context::{counted, listed};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0401",
        name: "several-writers",
    },
    level: Level::Warning,
    summary: "several services write one table",
    page: include_str!("../../rules/several-writers.md"),
    check: Check::Inventory(check),
};

/// Tables that the same services write, by what they stand in and by those services.
type Shared = BTreeMap<(Option<ResourceId>, BTreeSet<ServiceId>), Vec<(ResourceId, Writers)>>;

/// Who writes a table, and the relation that says so.
type Writers = BTreeMap<ServiceId, RelationId>;

fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut by_writers = Shared::new();
    for (table, writers) in written(context) {
        if writers.len() > 1 && concerns(context, table, &writers) {
            let parent = context.inventory.resources[table].parent;
            let key = (parent, writers.keys().copied().collect());
            by_writers.entry(key).or_default().push((table, writers));
        }
    }
    for tables in by_writers.values() {
        report(context, tables, findings);
    }
}

/// The writers of each table, and of each datastore without tables. A relation to a datastore that
/// has tables says nothing about which of them is written, so it counts for none.
fn written(context: &Context<'_>) -> BTreeMap<ResourceId, Writers> {
    let inventory = context.inventory;
    let with_tables: BTreeSet<ResourceId> = inventory
        .resources
        .values()
        .filter(|resource| resource.kind == ResourceKind::Table)
        .filter_map(|resource| resource.parent)
        .collect();
    let mut written: BTreeMap<ResourceId, Writers> = BTreeMap::new();
    for (id, relation) in inventory.relations.iter() {
        let Target::Resource(to) = relation.to else {
            continue;
        };
        let kind = inventory.resources[to].kind;
        let grain = kind == ResourceKind::Table
            || kind == ResourceKind::Datastore && !with_tables.contains(&to);
        let telemetry = inventory.services[relation.from].kind == ServiceKind::Telemetry;
        if relation.kind == RelationKind::Writes && grain && !telemetry {
            written
                .entry(to)
                .or_default()
                .entry(relation.from)
                .or_insert(id);
        }
    }
    written
}

/// With a migration, whether the table or one of its writers moves.
fn concerns(context: &Context<'_>, table: ResourceId, writers: &Writers) -> bool {
    let inventory = context.inventory;
    let resource = &inventory.resources[table];
    let store_moves = resource
        .parent
        .is_some_and(|id| inventory.resources[id].moves);
    context.plan.is_none()
        || resource.moves
        || store_moves
        || writers.keys().any(|&id| inventory.services[id].moves)
}

fn report(context: &Context<'_>, tables: &[(ResourceId, Writers)], findings: &mut Findings) {
    let Some((first, writers)) = tables.first() else {
        return;
    };
    let names: Vec<&str> = writers.keys().map(|&id| context.service(id)).collect();
    let table_names: Vec<&str> = tables.iter().map(|(id, _)| context.resource(*id)).collect();
    let whole = context.inventory.resources[*first].kind == ResourceKind::Datastore;
    let help = if whole {
        "if they write different tables, declare the tables; else give the data one owner, or move \
         the writers together"
    } else {
        "give the table one owner that the others call, or move the writers together, or bridge it \
         with `by = dual_write` and a conflict rule"
    };
    let is = if table_names.len() == 1 { "is" } else { "are" };
    let mut finding = RULE
        .finding(
            context.origins.of(Entity::Resource(*first)),
            format!(
                "{} {is} written by {}",
                listed(&table_names),
                listed(&names)
            ),
        )
        .here(counted(names.len(), "writer"))
        .help(help);
    for (&service, &fact) in writers.iter().take(4) {
        let name = context.service(service);
        finding = finding.label(context.relation_span(fact), format!("`{name}` writes it"));
    }
    let node = context.name(Node::Resource(*first)).to_owned();
    let targets = std::iter::once(node.as_str())
        .chain(table_names)
        .chain(names);
    findings.report(targets, finding);
}
