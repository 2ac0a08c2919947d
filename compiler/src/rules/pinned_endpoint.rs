//! An address that is written down and that moves away, or that belongs to nobody.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{EdgeKind, Node, RelationId, RelationKind, ServiceId, Target};

use super::context::listed;
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0304",
        name: "pinned-endpoint",
    },
    level: Level::Warning,
    summary: "an address is written down that moves away or belongs to nobody",
    page: include_str!("../../rules/pinned-endpoint.md"),
    check: Check::Inventory(check),
};

/// Those who have one address written down, and where.
type Pins = Vec<(ServiceId, RelationId)>;

/// One finding for each address: it is given up in one act, wherever it is written.
fn check(context: &Context<'_>, findings: &mut Findings) {
    let owners: FxHashMap<&str, ServiceId> = context
        .inventory
        .services
        .iter()
        .filter_map(|(id, service)| Some((service.endpoint.as_deref()?, id)))
        .collect();
    let carried = carried(context);
    let mut by_address: BTreeMap<&str, Pins> = BTreeMap::new();
    for (id, fact) in context.inventory.relations.iter() {
        if let (RelationKind::Pins, Target::Address(address)) = (fact.kind, &fact.to) {
            let owner = owners.get(address.as_str());
            let carried = owner.is_some_and(|owner| carried.contains(&(fact.from, *owner)));
            if !carried && owner != Some(&fact.from) {
                by_address.entry(address).or_default().push((fact.from, id));
            }
        }
    }
    for (address, pins) in &by_address {
        match owners.get(address) {
            Some(&owner) => moves_away(context, address, owner, pins, findings),
            None => of_nobody(context, address, pins, findings),
        }
    }
}

/// The pins that a bridge carries.
fn carried(context: &Context<'_>) -> FxHashSet<(ServiceId, ServiceId)> {
    let edges = context.graph.edges.iter();
    let pins = edges.filter(|edge| edge.kind == EdgeKind::Pin && edge.bridge.is_some());
    pins.filter_map(|edge| match (edge.from, edge.to) {
        (Node::Service(from), Node::Service(to)) => Some((from, to)),
        _ => None,
    })
    .collect()
}

/// Its owner leaves the address behind.
fn moves_away(
    context: &Context<'_>,
    address: &str,
    owner: ServiceId,
    pins: &Pins,
    findings: &mut Findings,
) {
    if !context.moves(Node::Service(owner)) {
        return;
    }
    let (name, by) = (context.service(owner), names(context, pins));
    let message = format!(
        "`{address}` is written down in {}, and `{name}` moves away from it",
        listed(&by)
    );
    let bridge = format!(
        "`bridge {name}_address {{ over = {} -> {name}; by = proxy }}`",
        by.first().unwrap_or(&name)
    );
    let help = format!(
        "let them find `{name}` by a name that follows it before it moves, and write `calls {name}` instead of `pins`; or keep the address answering: {bridge}"
    );
    if let Some(finding) = told(context, pins, message) {
        let moving = context
            .origins
            .attribute(Entity::Service(owner), "endpoint");
        let finding = finding.label(moving, "answers there today").help(help);
        findings.report(by.into_iter().chain([name]), finding);
    }
}

/// With a migration it matters wherever it is written: whoever answers there may be what moves.
fn of_nobody(context: &Context<'_>, address: &str, pins: &Pins, findings: &mut Findings) {
    let by = names(context, pins);
    let message = format!(
        "`{address}` is written down in {}, and nothing in the plan answers there",
        listed(&by)
    );
    let help = format!(
        "find out whose it is: write `endpoint = \"{address}\"` in its service, or `external` and `calls` if it is another's"
    );
    if let Some(finding) = told(context, pins, message) {
        findings.report(by, finding.help(help));
    }
}

fn names<'a>(context: &'a Context<'_>, pins: &Pins) -> Vec<&'a str> {
    let mut names: Vec<&str> = pins.iter().map(|(id, _)| context.service(*id)).collect();
    names.dedup();
    names
}

/// A finding at the first pin that points at some of the others.
fn told(context: &Context<'_>, pins: &Pins, message: String) -> Option<Diagnostic> {
    let (&(_, first), rest) = pins.split_first()?;
    let known = context.inventory.relations[first].evidence.kind.mark();
    let finding = RULE
        .finding(context.relation_span(first), message)
        .here(known.unwrap_or_default());
    Some(rest.iter().take(3).fold(finding, |finding, &(_, pin)| {
        finding.label(context.relation_span(pin), "here too")
    }))
}
