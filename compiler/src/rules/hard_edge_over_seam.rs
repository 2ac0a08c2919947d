//! A call that must cross between two platforms that no link joins.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{CallMode, Edge, EdgeKind, Need, Node, Plan};

use super::context::counted;
use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0503",
        name: "hard-edge-over-seam",
    },
    level: Level::Error,
    summary: "a hard call crosses between platforms that no link joins",
    page: include_str!("../../rules/hard-edge-over-seam.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let calls: BTreeMap<(Node, Node), &Edge> = context
        .graph
        .edges
        .iter()
        .filter(|edge| edge.kind == EdgeKind::Call && edge.bridge.is_none())
        .filter(|edge| edge.need == Need::Hard && edge.mode == CallMode::Sync)
        .map(|edge| ((edge.from, edge.to), edge))
        .collect();
    let mut told = BTreeSet::new();
    for state in &plan.seam {
        for crossing in state.crossing.iter().filter(|one| one.carried_by.is_none()) {
            let ends = (crossing.from, crossing.to);
            let Some(edge) = calls.get(&ends) else {
                continue;
            };
            if told.insert(ends) && !context.inventory.links.is_empty() {
                let after = &plan.batches[state.batch].name;
                let finding = told_of(context, edge, after);
                findings.report([context.name(ends.0), context.name(ends.1)], finding);
            }
        }
    }
    if context.inventory.links.is_empty() && !told.is_empty() {
        unknown_path(context, plan, told.len(), findings);
    }
}

fn told_of(context: &Context<'_>, edge: &Edge, after: &str) -> Diagnostic {
    let (from, to) = (context.name(edge.from), context.name(edge.to));
    let span = edge.evidence.first().map_or_else(
        || context.migration_span(),
        |&fact| context.relation_span(fact),
    );
    RULE.finding(
        span,
        format!("after batch `{after}` the calls of `{from}` to `{to}` cross between platforms that no link joins"),
    )
    .help(format!(
        "declare the link between them, move `{from}` and `{to}` in one unit, or bridge the call: `bridge {to}_bridge {{ over = {from} -> {to}; by = proxy }}`"
    ))
}

/// Without any link nothing is known about the paths, which is told once.
fn unknown_path(context: &Context<'_>, plan: &Plan, calls: usize, findings: &mut Findings) {
    let message = format!(
        "{} {} between the platforms while they are apart, and no link says whether {} can",
        counted(calls, "hard call"),
        if calls == 1 { "crosses" } else { "cross" },
        if calls == 1 { "it" } else { "they" }
    );
    let finding = Diagnostic::warning(RULE.code, context.migration_span(), message)
        .help("declare the network between them, for example `link old -> new { bandwidth = 10Gbps; latency = 2ms; private = true }`");
    findings.report([&plan.migration.name], finding);
}
