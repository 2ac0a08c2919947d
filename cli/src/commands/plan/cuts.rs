//! Cuts with the bridges they need, as plan text to paste.

use std::fmt::Write as _;

use whimbrel_compiler::analysis::cuts::{Cut, CutKind, Cuts};
use whimbrel_compiler::bridge_texts;
use whimbrel_plan::{Graph, Inventory, Plan, ServiceId};

use crate::render::number::{self, count};

/// How many names of a component are shown.
const NAMES_SHOWN: usize = 4;

/// The names of a plan's own bridges.
pub fn bridges(plan: Option<&Plan>) -> Vec<&str> {
    let bridges = plan.into_iter().flat_map(|plan| plan.bridges.values());
    bridges.map(|bridge| bridge.name.as_str()).collect()
}

/// The bridge of each edge of a cut.
pub fn cut_texts(inventory: &Inventory, cut: &Cut, bridges: &[&str]) -> Vec<String> {
    let edges = cut.edges.iter();
    let needed: Vec<_> = edges.map(|edge| (edge.over(), edge.by)).collect();
    bridge_texts(inventory, &needed, bridges.iter().copied())
}

/// All cuts: of what moves as one unit first, then of what else needs one another. Where both are
/// the same, it stands once.
pub fn listed(inventory: &Inventory, graph: &Graph, cuts: &Cuts, bridges: &[&str]) -> String {
    let mut text = String::new();
    let binding = (
        &graph.binding_components,
        &cuts.binding,
        " that move as one unit",
    );
    let all = (&graph.components, &cuts.all, "");
    for (components, ranked, what) in [binding, all] {
        for (at, services) in components.iter().enumerate() {
            let of: Vec<&Cut> = ranked.iter().filter(|cut| cut.component == at).collect();
            if of.is_empty() || what.is_empty() && is_told(graph, &cuts.binding, services, &of) {
                continue;
            }
            let services_text = count(services.len(), "service");
            let names = names(inventory, services);
            let _ = writeln!(text, "  {services_text}{what}: {names}");
            for cut in of {
                text.push_str(&one(inventory, cut, bridges));
            }
        }
    }
    text
}

/// Whether the same cuts stand there for what moves as one unit.
fn is_told(graph: &Graph, ranked: &[Cut], services: &[ServiceId], of: &[&Cut]) -> bool {
    let binding = graph.binding_components.iter();
    let same = binding
        .enumerate()
        .find(|(_, binding)| *binding == services);
    same.is_some_and(|(at, _)| {
        let cuts = ranked.iter().filter(|cut| cut.component == at);
        cuts.map(|cut| &cut.edges)
            .eq(of.iter().map(|cut| &cut.edges))
    })
}

fn names(inventory: &Inventory, services: &[ServiceId]) -> String {
    let shown = services.iter().take(NAMES_SHOWN);
    let shown: Vec<&str> = shown
        .map(|id| inventory.services[*id].name.as_str())
        .collect();
    match services.len().saturating_sub(NAMES_SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn one(inventory: &Inventory, cut: &Cut, bridges: &[&str]) -> String {
    let (name, left) = match cut.kind {
        CutKind::Halving => {
            let left = format!("at most {} still need one another", cut.largest);
            ("first cut", left)
        }
        CutKind::Full => ("full cut", "no two still need one another".to_owned()),
    };
    let cost = number::number(cut.cost, 0.0, 1.0);
    let needed = count(cut.edges.len(), "bridge");
    let mut text = format!("    {name}, about {cost} person-days, {needed}: {left}\n");
    for line in cut_texts(inventory, cut, bridges) {
        let _ = writeln!(text, "      {line}");
    }
    text
}
