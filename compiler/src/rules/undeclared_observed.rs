//! A call that was observed and that nothing declares.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{EdgeKind, EvidenceKind, Node, RelationId};

use super::context::per_second;
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

fn check(context: &Context<'_>, findings: &mut Findings) {
    for edge in &context.graph.edges {
        let (EdgeKind::Seen, Node::Service(_), Node::Service(_)) = (edge.kind, edge.from, edge.to)
        else {
            continue;
        };
        let Some(&fact) = edge.evidence.first() else {
            continue;
        };
        let (from, to) = (context.name(edge.from), context.name(edge.to));
        let rate = edge.rate.map_or(String::new(), |rate| {
            format!(" {{ rate = {}rps }}", super::context::rounded(rate))
        });
        let finding = RULE
            .finding(
                context.relation_span(fact),
                format!(
                    "`{from}` was seen calling `{to}`{}, and nothing declares it",
                    circumstances(context, fact)
                ),
            )
            .help(format!(
                "declare it: `calls {to}{rate}` in `service {from}`; or remove the call, and the observation with it"
            ));
        findings.report([from, to], finding);
    }
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
