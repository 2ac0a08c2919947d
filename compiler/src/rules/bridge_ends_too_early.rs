//! A bridge that is taken down while what it carries is still apart.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_lang::{Code, Diagnostic, Level};
use whimbrel_plan::{BatchId, Bridge, BridgeId, BridgeOver, Edge, EdgeKind, Node, Plan, SeamState};

use super::context::listed;
use super::{Check, Context, Findings, Rule};
use crate::analysis::seam::{self, SeamInput, batches_after};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0511",
        name: "bridge-ends-too-early",
    },
    level: Level::Error,
    summary: "a bridge is taken down while what it carries is still apart",
    page: include_str!("../../rules/bridge-ends-too-early.md"),
    check: Check::Plan(check),
};

/// Only a bridge with an `until` of its own can end too early.
fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let ending: Vec<(BridgeId, &Bridge, BatchId)> = plan
        .bridges
        .iter()
        .filter(|(id, _)| context.origins.has_attribute(Entity::Bridge(*id), "until"))
        .filter_map(|(id, bridge)| {
            let last = bridge.until.first()?;
            Some((id, bridge, plan.steps[*last].batch?))
        })
        .collect();
    if ending.is_empty() {
        return;
    }
    // What would cross, and over which link, if no bridge stood at all.
    let bare = seam::states(&SeamInput {
        inventory: context.inventory,
        graph: context.graph,
        bridges: &[],
        batches: &plan.batches,
    });
    for (id, bridge, until) in ending {
        let mut late = batches_after(&plan.batches, until);
        late.insert(until);
        let apart = apart(context, id, &bare, &late);
        if let Some((pairs, last)) = apart {
            let finding = told_of(context, plan, (id, bridge, until), &pairs, last);
            findings.report([bridge.name.as_str()], finding);
        }
    }
}

/// The pairs that nothing carries any more, and the last batch after which one is apart.
fn apart(
    context: &Context<'_>,
    bridge: BridgeId,
    bare: &[SeamState],
    late: &FxHashSet<BatchId>,
) -> Option<(BTreeSet<(Node, Node)>, BatchId)> {
    let edges = context.graph.edges.iter();
    let covered: FxHashMap<(Node, Node), &Edge> = edges
        .filter(|edge| edge.bridge == Some(bridge))
        .map(|edge| ((edge.from, edge.to), edge))
        .collect();
    let mut pairs = BTreeSet::new();
    let mut last = None;
    for state in bare.iter().filter(|state| late.contains(&state.batch)) {
        for crossing in &state.crossing {
            let ends = (crossing.from, crossing.to);
            let lost = |edge: &&Edge| crossing.carried_by.is_none() && is_lost(context, edge);
            if covered.get(&ends).is_some_and(lost) {
                pairs.insert(ends);
                last = Some(state.batch);
            }
        }
    }
    Some((pairs, last?))
}

/// Without a link nothing carries data; of a call nothing is known unless the plan declares links.
fn is_lost(context: &Context<'_>, edge: &Edge) -> bool {
    let is_data = matches!(
        edge.kind,
        EdgeKind::Read | EdgeKind::Write | EdgeKind::Message
    );
    is_data || !context.inventory.links.is_empty()
}

fn told_of(
    context: &Context<'_>,
    plan: &Plan,
    (id, bridge, until): (BridgeId, &Bridge, BatchId),
    pairs: &BTreeSet<(Node, Node)>,
    last: BatchId,
) -> Diagnostic {
    let ends: Vec<String> = pairs
        .iter()
        .map(|(from, to)| format!("{} -> {}", context.name(*from), context.name(*to)))
        .collect();
    let over = match bridge.over {
        BridgeOver::Edge { .. } => "the call",
        BridgeOver::Resource(_) => "what it carries",
    };
    RULE.finding(
        context.origins.attribute(Entity::Bridge(id), "until"),
        format!(
            "`{}` ends with batch `{}`, when {} is still apart and no link joins the platforms",
            bridge.name,
            plan.batches[until].name,
            listed(&ends)
        ),
    )
    .help(help(plan, bare_end(plan, last, until), over))
}

/// The batch that brings the two together: the first settled after the last one that left them
/// apart; none when nothing does.
fn bare_end(plan: &Plan, last: BatchId, until: BatchId) -> Option<BatchId> {
    let after = batches_after(&plan.batches, until);
    let mut ids = plan.batches.ids().skip_while(|id| *id != last).skip(1);
    ids.find(|id| after.contains(id))
}

fn help(plan: &Plan, end: Option<BatchId>, over: &str) -> String {
    match end {
        Some(end) => format!(
            "keep it until they are together: `until = {}`",
            plan.batches[end].name
        ),
        None => format!(
            "no batch brings them together: leave out `until` and keep the bridge, declare a link, or move the other end of {over} too"
        ),
    }
}
