//! Who moves in which batch, and why.
//!
//! Units (see [`units`]) are what moves as one. They are taken in an order that binding needs
//! allow; among those free to go, first the one with the fewest hard loose needs still to move,
//! then supporting before important before critical, then fewer dependants, then by name. A hybrid
//! plan lets everything free to go side by side go before the next unit that goes alone. So the
//! order among others never depends on an unrelated service, and adding one moves nobody else.

pub mod conditions;
mod line;
pub mod units;

use petgraph::graph::NodeIndex;
use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_plan::{
    Arena, Batch, BatchId, BatchMember, BatchMode, CutoverMode, EdgeKind, Graph, Inventory, Node,
    Strategy, Tier, Unit,
};

use self::line::Line;
use self::units::Units;
use super::{counted, nodes};

/// Services that move before a migration begins with a pilot.
pub const PILOT_FROM: usize = 5;

/// What of a mover's pattern decides its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MoverTraits {
    /// The service or resource.
    pub node: Node,
    /// Whether it keeps state.
    pub stateful: bool,
    /// Whether its pattern writes to both sides or captures changes.
    pub synced: bool,
    /// Whether traffic goes over in two shifts or more.
    pub canary: bool,
    /// Whether a failed step is undone without a person.
    pub automatic_rollback: bool,
    /// Whether a rehearsal of its rollback passed.
    pub rehearsed: bool,
    /// Whether it depends on the order of messages.
    pub order_sensitive: bool,
}

impl MoverTraits {
    /// Of a thing of which nothing special is known.
    fn plain(node: Node) -> Self {
        Self {
            node,
            stateful: matches!(node, Node::Resource(_)),
            synced: false,
            canary: false,
            automatic_rollback: false,
            rehearsed: false,
            order_sensitive: false,
        }
    }
}

/// What batches are made from.
#[derive(Clone, Copy, Debug)]
pub struct BatchingInput<'a> {
    /// What exists.
    pub inventory: &'a Inventory,
    /// How it hangs together.
    pub graph: &'a Graph,
    /// How batches are made.
    pub strategy: Strategy,
    /// Everything that moves, once.
    pub traits: &'a [MoverTraits],
    /// The most units of one parallel batch; none is no limit.
    pub at_once: Option<u32>,
}

/// What goes first, alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pilot {
    /// This service.
    Service {
        /// It.
        node: Node,
        /// Why, with numbers.
        reason: String,
    },
    /// Fewer than [`PILOT_FROM`] services move.
    TooFew,
    /// No service is supporting, stateless, a unit of its own, and free to go.
    NoneFits,
}

/// Chooses the pilot: supporting, stateless, no binding need left to move, then fewest edges, then
/// name.
#[must_use]
pub fn pilot(input: &BatchingInput<'_>) -> Pilot {
    let units = units_of(input);
    chosen_pilot(input, &units)
}

fn units_of(input: &BatchingInput<'_>) -> Units {
    let movers: Vec<Node> = input.traits.iter().map(|traits| traits.node).collect();
    Units::new(input.inventory, input.graph, &movers)
}

fn chosen_pilot(input: &BatchingInput<'_>, units: &Units) -> Pilot {
    let services = input
        .traits
        .iter()
        .filter(|traits| matches!(traits.node, Node::Service(_)));
    if services.clone().count() < PILOT_FROM {
        return Pilot::TooFew;
    }
    let mut edges = nodes::ByNode::new(input.inventory, |_| 0_usize);
    for edge in &input.graph.edges {
        edges[edge.from] += 1;
        edges[edge.to] += 1;
    }
    let fitting: Vec<Node> = services
        .filter(|traits| !traits.stateful)
        .map(|traits| traits.node)
        .filter(|&node| tier(input.inventory, node) == Tier::Supporting)
        .filter(|&node| {
            units
                .unit_of(node)
                .is_some_and(|unit| units.is_free_single(unit))
        })
        .collect();
    let name = |node: &Node| nodes::name(input.inventory, *node);
    let first = fitting
        .iter()
        .min_by(|one, other| (edges[**one], name(one)).cmp(&(edges[**other], name(other))));
    first.map_or(Pilot::NoneFits, |&node| Pilot::Service {
        node,
        reason: format!(
            "the pilot: supporting and stateless, nothing it is bound to has yet to move, {}, the \
             fewest of {}",
            counted(edges[node], "edge"),
            counted(fitting.len(), "such service"),
        ),
    })
}

/// Makes the batches `pilot`, `batch-1`, `batch-2` …, each after the one before it.
#[must_use]
pub fn batches(input: &BatchingInput<'_>) -> Arena<BatchId, Batch> {
    let units = units_of(input);
    let alone = Alone::new(input, &units);
    let mut maker = Maker {
        input,
        units: &units,
        line: Line::new(&units, alone.why.keys().copied().collect()),
        alone: &alone.why,
        batches: Arena::default(),
        numbered: 0,
    };
    if let Pilot::Service { node, reason } = chosen_pilot(input, &units)
        && let Some(unit) = units.unit_of(node)
    {
        maker.push(&[(unit, reason)], true);
    }
    loop {
        let mut chosen = maker.side_by_side();
        if chosen.is_empty() {
            chosen.extend(maker.alone());
        }
        if chosen.is_empty() {
            break;
        }
        maker.push(&chosen, false);
    }
    maker.batches
}

/// The units that go alone, each with the reason.
struct Alone<'a> {
    input: &'a BatchingInput<'a>,
    units: &'a Units,
    traits: FxHashMap<Node, &'a MoverTraits>,
    why: FxHashMap<NodeIndex, String>,
}

impl<'a> Alone<'a> {
    fn new(input: &'a BatchingInput<'a>, units: &'a Units) -> Self {
        let traits = input.traits.iter().map(|traits| (traits.node, traits));
        let mut alone = Self {
            input,
            units,
            traits: traits.collect(),
            why: FxHashMap::default(),
        };
        let movers = input.traits.iter().map(|traits| traits.node);
        let all: FxHashSet<NodeIndex> = movers.filter_map(|node| units.unit_of(node)).collect();
        alone.why = all
            .into_iter()
            .filter_map(|unit| Some((unit, alone.reason(unit)?)))
            .collect();
        alone
    }

    fn reason(&self, unit: NodeIndex) -> Option<String> {
        match self.input.strategy {
            Strategy::Sequential => Some("in its turn".to_owned()),
            Strategy::Parallel => None,
            Strategy::Hybrid => self.hybrid_reason(unit),
        }
    }

    fn hybrid_reason(&self, unit: NodeIndex) -> Option<String> {
        let members = self.units.members(unit);
        let mut why: Vec<&str> = members.iter().flat_map(|&node| self.member(node)).collect();
        if self.units.in_bridged_cycle(unit) {
            why.push("in a bridged cycle");
        }
        why.sort_unstable();
        why.dedup();
        (!why.is_empty()).then(|| format!("alone: {}", why.join(", ")))
    }

    /// What about one member makes it go alone.
    fn member(&self, node: Node) -> Vec<&'static str> {
        let mut why = Vec::new();
        let Some(traits) = self.traits.get(&node) else {
            return why;
        };
        if traits.stateful && !traits.synced {
            why.push("stateful without dual write or change capture");
        }
        if traits.order_sensitive {
            why.push("depends on the order of messages");
        }
        if self.units.waits_for_external(node) {
            why.push("tied to the lead time of an external");
        }
        let safe =
            !traits.stateful && traits.canary && traits.automatic_rollback && traits.rehearsed;
        if tier(self.input.inventory, node) == Tier::Critical && !safe {
            why.push("critical");
        }
        why
    }
}

struct Maker<'a> {
    input: &'a BatchingInput<'a>,
    units: &'a Units,
    line: Line<'a>,
    alone: &'a FxHashMap<NodeIndex, String>,
    batches: Arena<BatchId, Batch>,
    numbered: usize,
}

impl Maker<'_> {
    /// The next unit that goes alone.
    fn alone(&self) -> Option<(NodeIndex, String)> {
        let unit = self.line.first_alone()?;
        let why = self.alone.get(&unit)?;
        Some((unit, self.reason(unit, why)))
    }

    /// The units free to go beside one another, in line order: no hard edge between two of them.
    fn side_by_side(&self) -> Vec<(NodeIndex, String)> {
        let limit = self
            .input
            .at_once
            .map_or(usize::MAX, |most| most.max(1) as usize);
        let mut chosen: Vec<NodeIndex> = Vec::new();
        let mut blocked = self.units.marks();
        for unit in self.line.beside() {
            if chosen.len() == limit {
                break;
            }
            if blocked.contains(&unit) {
                continue;
            }
            blocked.extend(self.units.hard_neighbours(unit));
            chosen.push(unit);
        }
        let others = chosen.len().saturating_sub(1);
        let why = match others {
            0 => "nothing else may go beside it".to_owned(),
            _ => format!(
                "beside {}, no hard edge to any",
                counted(others, "other unit")
            ),
        };
        chosen
            .into_iter()
            .map(|unit| (unit, self.reason(unit, &why)))
            .collect()
    }

    /// Why, then the numbers that put it here.
    fn reason(&self, unit: NodeIndex, why: &str) -> String {
        let needs = match self.units.binding_needs(unit) {
            0 => "bound to nothing that moves".to_owned(),
            needs => format!("{} moved before", counted(needs, "binding need")),
        };
        let tier = match self.units.tier(unit) {
            Tier::Supporting => "supporting",
            Tier::Important => "important",
            Tier::Critical => "critical",
        };
        format!(
            "{why}; {needs}, {} still to move, {tier}, {}",
            counted(self.line.hard_needs(unit), "hard need"),
            counted(self.units.dependants(unit), "dependant"),
        )
    }

    fn push(&mut self, chosen: &[(NodeIndex, String)], pilot: bool) {
        let name = if pilot {
            "pilot".to_owned()
        } else {
            self.numbered += 1;
            format!("batch-{}", self.numbered)
        };
        let units: Vec<Unit> = chosen
            .iter()
            .map(|(unit, reason)| unit_of(self.input.inventory, self.units.members(*unit), reason))
            .collect();
        let parallel = units.len() > 1;
        let together = parallel || units.iter().any(|unit| unit.members.len() > 1);
        self.line.take(chosen.iter().map(|(unit, _)| *unit));
        self.batches.push(Batch {
            name,
            doc: None,
            mode: if parallel {
                BatchMode::Parallel
            } else {
                BatchMode::Sequential
            },
            at_once: None,
            isolate: false,
            cutover: if together {
                CutoverMode::Together
            } else {
                CutoverMode::Each
            },
            after: self.batches.ids().next_back().into_iter().collect(),
            units,
            handwritten: false,
        });
    }
}

/// The order in which things go one after another when nobody wrote one: that of generated batches.
#[must_use]
pub fn in_order(members: &[Node], inventory: &Inventory, graph: &Graph) -> Vec<Node> {
    // One after another nothing but the needs, the tiers and the names decides.
    let traits: Vec<MoverTraits> = members
        .iter()
        .map(|&node| MoverTraits::plain(node))
        .collect();
    let made = batches(&BatchingInput {
        inventory,
        graph,
        strategy: Strategy::Sequential,
        traits: &traits,
        at_once: None,
    });
    let units = made.values().flat_map(|batch| &batch.units);
    units
        .flat_map(|unit| unit.members.iter().map(|member| member.node))
        .collect()
}

/// Groups the members of a hand-written batch into units, in the order they are written: members
/// of one binding component of all that moves are one unit, standing where its first member stands.
#[must_use]
pub fn order_units_in_batch(members: &[Node], inventory: &Inventory, units: &Units) -> Vec<Unit> {
    let mut grouped: indexmap::IndexMap<Option<NodeIndex>, Vec<Node>> = indexmap::IndexMap::new();
    for &member in members {
        let group = grouped.entry(units.unit_of(member)).or_default();
        if !group.contains(&member) {
            group.push(member);
        }
    }
    grouped
        .iter()
        .map(|(unit, members)| {
            let reason = unit.map_or_else(
                || "named in the plan".to_owned(),
                |unit| {
                    format!(
                        "named in the plan; {}, {}",
                        counted(units.binding_needs(unit), "binding need"),
                        counted(units.dependants(unit), "dependant"),
                    )
                },
            );
            unit_of(inventory, members, &reason)
        })
        .collect()
}

fn unit_of(inventory: &Inventory, members: &[Node], reason: &str) -> Unit {
    let member = |&node: &Node| {
        let other = members.iter().find(|&&other| other != node);
        let more = match (other, members.len()) {
            (Some(&other), 2) => format!("; one cutover with `{}`", nodes::name(inventory, other)),
            (Some(&other), size) => format!(
                "; one cutover with `{}` and {}",
                nodes::name(inventory, other),
                counted(size.saturating_sub(2), "more member"),
            ),
            (None, _) => String::new(),
        };
        let needs = if more.is_empty() {
            ""
        } else {
            ": they need one another"
        };
        BatchMember {
            node,
            reason: format!("{reason}{more}{needs}"),
        }
    };
    Unit {
        members: members.iter().map(member).collect(),
    }
}

fn tier(inventory: &Inventory, node: Node) -> Tier {
    match node {
        Node::Service(id) => inventory.services[id].tier,
        Node::Resource(id) => inventory.resources[id].tier,
    }
}

/// Whether an edge says that one end works less without the other, rather than who goes first.
fn is_dependency(kind: EdgeKind) -> bool {
    kind != EdgeKind::Order
}

#[cfg(test)]
mod tests;
