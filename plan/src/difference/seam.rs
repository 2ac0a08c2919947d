//! What crosses the seam: which edges begin or cease to, and what carries them.
//!
//! An edge is told once, whatever batches it crosses after: with a carrier while anything carries
//! it after every batch, and bare when after one nothing does.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Sides;
use super::names::Names;
use crate::{Node, Plan};

/// What carries an edge across.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Carrier {
    /// It does not cross.
    Apart,
    /// A bridge or a link, by name.
    By(String),
    /// Nothing, after one batch at least.
    Nothing,
}

/// An edge that crosses otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CrossingChange {
    /// Who needs.
    pub from: String,
    /// Whom.
    pub to: String,
    /// What carried it.
    pub before: Carrier,
    /// What carries it.
    pub after: Carrier,
}

pub(super) fn compare(sides: &Sides<'_>, (old, new): (&Plan, &Plan)) -> Vec<CrossingChange> {
    let mut was = carriers(old);
    let before: IndexMap<(String, String), Carrier> = was
        .drain(..)
        .map(|(ends, carrier)| (named(&sides.before, ends), carrier))
        .collect();
    let mut found = Vec::new();
    let mut after = IndexMap::new();
    for (ends, carrier) in carriers(new) {
        let ends = named(&sides.after, ends);
        let known = before.get(&ends).cloned().unwrap_or(Carrier::Apart);
        if known != carrier {
            found.push(change(ends.clone(), known, carrier));
        }
        after.insert(ends, ());
    }
    for (ends, known) in before {
        if !after.contains_key(&ends) {
            found.push(change(ends, known, Carrier::Apart));
        }
    }
    found
}

fn change((from, to): (String, String), before: Carrier, after: Carrier) -> CrossingChange {
    CrossingChange {
        from,
        to,
        before,
        after,
    }
}

fn named(names: &Names<'_>, (from, to): (Node, Node)) -> (String, String) {
    (names.node(from).into_owned(), names.node(to).into_owned())
}

/// By edge, in the order of the batches.
fn carriers(plan: &Plan) -> IndexMap<(Node, Node), Carrier, FxBuildHasher> {
    let mut found: IndexMap<(Node, Node), Option<&str>, FxBuildHasher> = IndexMap::default();
    for crossing in plan.seam.iter().flat_map(|state| &state.crossing) {
        let carrier = crossing.carried_by.as_deref();
        let known = found.entry((crossing.from, crossing.to)).or_insert(carrier);
        if carrier.is_none() {
            *known = None;
        }
    }
    let carrier = |by: Option<&str>| by.map_or(Carrier::Nothing, |by| Carrier::By(by.to_owned()));
    found
        .into_iter()
        .map(|(ends, by)| (ends, carrier(by)))
        .collect()
}
