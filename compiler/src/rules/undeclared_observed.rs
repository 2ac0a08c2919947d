//! A call that was observed and that nothing declares.

use std::collections::BTreeMap;

use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{Edge, EdgeKind, EvidenceKind, Node, RelationId, ServiceId};

use super::context::{listed, per_second, rounded};
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0303",
        name: "undeclared-observed",
    },
    level: Level::Warning,
    summary: "a call was observed that nothing declares",
    page: include_str!("../../rules/undeclared-observed.md"),
    check: Check::Inventory(check),
};

/// Of how many calls of one service each is told by itself.
const EACH: usize = 4;

/// How many findings anybody goes through; an inventory that lacks more was not made from what was
/// seen.
const MOST: usize = 200;

/// A call that nothing declares.
#[derive(Clone, Copy)]
struct Call<'a> {
    from: ServiceId,
    to: ServiceId,
    edge: &'a Edge,
    fact: RelationId,
}

fn check(context: &Context<'_>, findings: &mut Findings) {
    let calls: Vec<Call<'_>> = context.graph.edges.iter().filter_map(call).collect();
    // Edges are ordered by who needs.
    let callers: Vec<&[Call<'_>]> = calls.chunk_by(|one, next| one.from == next.from).collect();
    let told: usize = callers
        .iter()
        .map(|calls| if calls.len() > EACH { 1 } else { calls.len() })
        .sum();
    if told > MOST {
        by_source(context, &calls, callers.len(), findings);
        return;
    }
    for calls in callers {
        match calls {
            [first, rest @ ..] if rest.len() >= EACH => {
                let finding = of_a_caller(context, first, calls);
                findings.report([context.service(first.from)], finding);
            }
            _ => {
                for call in calls {
                    let names = [call.from, call.to].map(|id| context.service(id));
                    findings.report(names, of_a_call(context, call));
                }
            }
        }
    }
}

fn call(edge: &Edge) -> Option<Call<'_>> {
    match (edge.kind, edge.from, edge.to) {
        (EdgeKind::Seen, Node::Service(from), Node::Service(to)) => Some(Call {
            from,
            to,
            edge,
            fact: *edge.evidence.first()?,
        }),
        _ => None,
    }
}

fn of_a_call(context: &Context<'_>, call: &Call<'_>) -> Diagnostic {
    let (from, to) = (context.service(call.from), context.service(call.to));
    let rate = call.edge.rate.map_or(String::new(), |rate| {
        format!(" {{ rate = {}rps }}", rounded(rate))
    });
    RULE.finding(
        context.relation_span(call.fact),
        format!(
            "`{from}` was seen calling `{to}`{}, and nothing declares it",
            circumstances(context, call.fact)
        ),
    )
    .help(format!(
        "declare it: `calls {to}{rate}` in `service {from}`; or remove the call, and the observation with it"
    ))
}

/// A service that calls many: a gateway of which nobody wrote down what is behind it.
fn of_a_caller(context: &Context<'_>, first: &Call<'_>, calls: &[Call<'_>]) -> Diagnostic {
    let from = context.service(first.from);
    RULE.finding(
        context.relation_span(first.fact),
        format!(
            "`{from}` was seen calling {} services that it does not declare: {}",
            calls.len(),
            listed(&heaviest(calls, |call| context.service(call.to)))
        ),
    )
    .help(format!(
        "declare them in `service {from}`, each with its rate; or remove the calls, and the observations with them"
    ))
}

/// One finding for each source, at its first observation.
fn by_source(context: &Context<'_>, calls: &[Call<'_>], callers: usize, findings: &mut Findings) {
    let mut sources: BTreeMap<Option<&str>, Vec<Call<'_>>> = BTreeMap::new();
    for call in calls {
        let evidence = &context.inventory.relations[call.fact].evidence;
        sources
            .entry(evidence.source.as_deref())
            .or_default()
            .push(*call);
    }
    for (source, calls) in &sources {
        let Some(first) = calls.first() else { continue };
        let by = source.map_or(String::new(), |source| format!(" by {source}"));
        let heaviest = heaviest(calls, |call| {
            format!(
                "{} -> {}",
                context.service(call.from),
                context.service(call.to)
            )
        });
        let finding = RULE
            .finding(
                context.relation_span(first.fact),
                format!(
                    "{} calls were seen{by} that nothing declares, in {callers} services all told",
                    calls.len()
                ),
            )
            .note(format!("the heaviest: {}", listed(&heaviest)))
            .help("the inventory was not made from what was seen: declare the calls of what moves first, in its services");
        let migration = context.plan.map(|plan| plan.migration.name.as_str());
        findings.report(source.iter().copied().chain(migration), finding);
    }
}

/// The names of calls, those with the highest rate first.
fn heaviest<T>(calls: &[Call<'_>], name: impl Fn(&Call<'_>) -> T) -> Vec<T> {
    let mut calls: Vec<&Call<'_>> = calls.iter().collect();
    let rate = |call: &Call<'_>| call.edge.rate.unwrap_or(0.0);
    calls.sort_by(|one, other| rate(other).total_cmp(&rate(one)));
    calls.into_iter().map(name).collect()
}

/// ` (12/s, traces, 2027-01-03)`, as far as it is known.
fn circumstances(context: &Context<'_>, fact: RelationId) -> String {
    let relation = &context.inventory.relations[fact];
    let seen = &relation.evidence;
    let parts: Vec<String> = [
        relation.rate.as_ref().map(|rate| per_second(rate.mean())),
        seen.source.clone(),
        seen.at.map(|day| day.to_string()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() || seen.kind != EvidenceKind::Observed {
        return String::new();
    }
    format!(" ({})", parts.join(", "))
}
