//! Units: what moves as one, and what each needs of the others.
//!
//! Two sides of a resource are told apart here. Its *data* is a thing that moves: who uses it waits
//! for it, and it waits for nobody but an `after`. Its *sharing* is where those who need one
//! another's writes meet. So a moving datastore goes before its users as a unit of its own, while
//! two services that write one of its tables are one unit.

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use whimbrel_plan::{Edge, EdgeKind, Graph, Inventory, Need, Node, ResourceId, Tier};

use super::super::hops::strong;
use super::super::nodes::{self, ByNode};
use super::is_dependency;

/// One side of a node.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Side {
    Moves(Node),
    Shares(ResourceId),
}

/// How one unit needs another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tie {
    /// It goes after.
    Binding,
    /// It is hurt while they are apart.
    Hard {
        /// Whether a bridge carries it.
        bridged: bool,
    },
}

/// A set of sides that need one another; without members, a shared resource on the way.
#[derive(Clone, Debug)]
struct Set {
    members: Vec<Node>,
    tier: Tier,
    dependants: usize,
    bridged_cycle: bool,
}

/// The units of a set of movers.
#[derive(Debug)]
pub struct Units {
    /// From who needs to whom. Units stand first, by the name of their first member.
    pub(super) graph: DiGraph<(), Tie>,
    sets: FxHashMap<NodeIndex, Set>,
    of: ByNode<Option<NodeIndex>>,
    external: FxHashSet<Node>,
}

impl Units {
    /// Groups `movers` by the binding edges of `graph`.
    #[must_use]
    pub fn new(inventory: &Inventory, graph: &Graph, movers: &[Node]) -> Self {
        let moving = Moving::new(inventory, movers);
        let sets = moving.sets(graph, |edge| edge.binding);
        let mut units = Self {
            graph: DiGraph::new(),
            sets: FxHashMap::default(),
            of: ByNode::new(inventory, |_| None),
            external: lead_times(inventory, graph),
        };
        let mut sides: FxHashMap<Side, NodeIndex> = FxHashMap::default();
        for (members, set) in ordered(inventory, sets) {
            let index = units.graph.add_node(());
            sides.extend(set.iter().map(|&side| (side, index)));
            units.add_set(inventory, index, members);
        }
        for node in nodes::all(inventory) {
            let mover = moving.of[node].map(Side::Moves);
            units.of[node] = mover.and_then(|side| sides.get(&side).copied());
        }
        units.tie(graph, &moving, &sides);
        units.count_dependants(graph);
        units
            .find_bridged_cycles(&moving.sets(graph, |edge| edge.binding || edge.bridge.is_some()));
        units
    }

    fn add_set(&mut self, inventory: &Inventory, index: NodeIndex, members: Vec<Node>) {
        let tiers = members.iter().map(|&node| super::tier(inventory, node));
        let set = Set {
            tier: tiers.max().unwrap_or(Tier::Supporting),
            members,
            dependants: 0,
            bridged_cycle: false,
        };
        self.sets.insert(index, set);
    }

    fn tie(&mut self, graph: &Graph, moving: &Moving, sides: &FxHashMap<Side, NodeIndex>) {
        for edge in &graph.edges {
            let tie = if edge.binding {
                Tie::Binding
            } else if edge.need == Need::Hard && is_dependency(edge.kind) {
                Tie::Hard {
                    bridged: edge.bridge.is_some(),
                }
            } else {
                continue;
            };
            for (from, to) in moving.pairs(edge) {
                let shared = matches!((from, to), (_, Side::Shares(_)) | (Side::Shares(_), _));
                if shared && tie != Tie::Binding {
                    continue;
                }
                if let (Some(&from), Some(&to)) = (sides.get(&from), sides.get(&to))
                    && from != to
                {
                    self.graph.add_edge(from, to, tie);
                }
            }
        }
    }

    /// Who needs a unit: each edge to a member, and each other use of what a member writes.
    fn count_dependants(&mut self, graph: &Graph) {
        let mut uses: FxHashMap<Node, usize> = FxHashMap::default();
        let mut own: FxHashMap<(Node, Node), usize> = FxHashMap::default();
        let dependencies = graph.edges.iter().filter(|edge| is_dependency(edge.kind));
        for edge in dependencies.clone() {
            *uses.entry(edge.to).or_default() += 1;
            *own.entry((edge.from, edge.to)).or_default() += 1;
        }
        for edge in dependencies {
            let weight = match (edge.from, edge.to) {
                (Node::Resource(_), Node::Service(_)) => {
                    let all = uses.get(&edge.from).copied().unwrap_or(0);
                    all - own.get(&(edge.to, edge.from)).copied().unwrap_or(0)
                }
                _ => 1,
            };
            let (from, to) = (self.of[edge.from], self.of[edge.to]);
            let through = matches!(edge.from, Node::Resource(_));
            if let Some(unit) = to.filter(|_| through || from != to)
                && let Some(set) = self.sets.get_mut(&unit)
            {
                set.dependants += weight;
            }
        }
    }

    fn find_bridged_cycles(&mut self, sets: &[Vec<Side>]) {
        for set in sets {
            let units: FxHashSet<NodeIndex> = set
                .iter()
                .filter_map(|side| match side {
                    Side::Moves(node) => self.of[*node],
                    Side::Shares(_) => None,
                })
                .collect();
            if units.len() > 1 {
                for unit in units {
                    if let Some(set) = self.sets.get_mut(&unit) {
                        set.bridged_cycle = true;
                    }
                }
            }
        }
    }

    /// The unit a mover, or what stands in it, belongs to.
    #[must_use]
    pub fn unit_of(&self, node: Node) -> Option<NodeIndex> {
        self.of[node]
    }

    /// The members of a unit in the order they go: resources first, each by name.
    #[must_use]
    pub fn members(&self, unit: NodeIndex) -> &[Node] {
        self.sets.get(&unit).map_or(&[], |set| &set.members)
    }

    pub(super) fn tier(&self, unit: NodeIndex) -> Tier {
        self.sets
            .get(&unit)
            .map_or(Tier::Supporting, |set| set.tier)
    }

    pub(super) fn dependants(&self, unit: NodeIndex) -> usize {
        self.sets.get(&unit).map_or(0, |set| set.dependants)
    }

    pub(super) fn in_bridged_cycle(&self, unit: NodeIndex) -> bool {
        self.sets.get(&unit).is_some_and(|set| set.bridged_cycle)
    }

    pub(super) fn waits_for_external(&self, node: Node) -> bool {
        self.external.contains(&node)
    }

    pub(super) fn binding_needs(&self, unit: NodeIndex) -> usize {
        let ties = self.graph.edges(unit);
        ties.filter(|tie| *tie.weight() == Tie::Binding).count()
    }

    /// Whether a unit has one member and is bound to nothing that moves.
    pub(super) fn is_free_single(&self, unit: NodeIndex) -> bool {
        self.members(unit).len() == 1 && self.binding_needs(unit) == 0
    }

    /// The units a hard edge without a bridge joins to `unit`, either way.
    pub(super) fn hard_neighbours(&self, unit: NodeIndex) -> impl Iterator<Item = NodeIndex> {
        [Direction::Outgoing, Direction::Incoming]
            .into_iter()
            .flat_map(move |direction| {
                let ties = self.graph.edges_directed(unit, direction);
                ties.filter(|tie| *tie.weight() == Tie::Hard { bridged: false })
                    .map(move |tie| match direction {
                        Direction::Outgoing => tie.target(),
                        Direction::Incoming => tie.source(),
                    })
            })
    }

    /// An empty set of units.
    pub(super) fn marks(&self) -> FxHashSet<NodeIndex> {
        FxHashSet::with_capacity_and_hasher(self.sets.len(), FxBuildHasher)
    }
}

/// Services that need an external whose owner wants notice.
fn lead_times(inventory: &Inventory, graph: &Graph) -> FxHashSet<Node> {
    let external = graph.edges.iter().filter(|edge| match edge.to {
        Node::Resource(id) if edge.kind == EdgeKind::External => {
            inventory.resources[id].lead_time.is_some()
        }
        _ => false,
    });
    external.map(|edge| edge.from).collect()
}

/// Sets with movers first, by the name of their first member; members in the order they go.
fn ordered(inventory: &Inventory, sets: Vec<Vec<Side>>) -> Vec<(Vec<Node>, Vec<Side>)> {
    let name = |node: &Node| nodes::name(inventory, *node);
    let mut sets: Vec<(Vec<Node>, Vec<Side>)> = sets
        .into_iter()
        .map(|set| {
            let movers = set.iter().filter_map(|side| match side {
                Side::Moves(node) => Some(*node),
                Side::Shares(_) => None,
            });
            let mut movers: Vec<Node> = movers.collect();
            movers.sort_by_key(|node| (matches!(node, Node::Service(_)), name(node)));
            (movers, set)
        })
        .collect();
    sets.sort_by_cached_key(|(members, set)| {
        let first = members.iter().map(name).min().map(str::to_owned);
        (first.is_none(), first, set.first().copied())
    });
    sets
}

/// What moves with what.
struct Moving {
    /// The mover a node is, or stands in.
    of: ByNode<Option<Node>>,
    movers: Vec<Node>,
}

impl Moving {
    fn new(inventory: &Inventory, movers: &[Node]) -> Self {
        let set: FxHashSet<Node> = movers.iter().copied().collect();
        let of = ByNode::new(inventory, |node| match node {
            Node::Service(_) => set.contains(&node).then_some(node),
            Node::Resource(id) => nodes::enclosing(inventory, id)
                .map(Node::Resource)
                .find(|node| set.contains(node)),
        });
        let mut movers: Vec<Node> = set.into_iter().collect();
        movers.sort_unstable();
        Self { of, movers }
    }

    /// The strongly connected sets over the edges `counts` picks.
    fn sets(&self, graph: &Graph, counts: impl Fn(&Edge) -> bool) -> Vec<Vec<Side>> {
        let mut sides = DiGraph::<Side, ()>::new();
        let mut index: FxHashMap<Side, NodeIndex> = FxHashMap::default();
        for &mover in &self.movers {
            let side = Side::Moves(mover);
            index.insert(side, sides.add_node(side));
        }
        for edge in graph.edges.iter().filter(|edge| counts(edge)) {
            for (from, to) in self.pairs(edge) {
                let [from, to] = [from, to]
                    .map(|side| *index.entry(side).or_insert_with(|| sides.add_node(side)));
                sides.add_edge(from, to, ());
            }
        }
        strong(&sides)
    }

    /// What an edge says of sides: the use of a resource leads to its data and to its sharing.
    fn pairs(&self, edge: &Edge) -> impl Iterator<Item = (Side, Side)> {
        let [from, to] = [edge.from, edge.to].map(|node| self.of[node].map(Side::Moves));
        let leads_on = match edge.kind {
            EdgeKind::Read | EdgeKind::Write => true,
            EdgeKind::Message => edge.ordered,
            _ => false,
        };
        let (first, second) = match (edge.from, edge.to) {
            (Node::Service(_), Node::Resource(id)) => {
                let sharing = leads_on.then_some(Side::Shares(id));
                (from.zip(to), from.zip(sharing))
            }
            (Node::Resource(id), Node::Service(_)) if edge.kind != EdgeKind::Order => {
                (Some(Side::Shares(id)).zip(to), None)
            }
            _ => (from.zip(to), None),
        };
        first.into_iter().chain(second)
    }
}
