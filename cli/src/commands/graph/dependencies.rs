//! The dependency graph as a picture.

use std::collections::{BTreeMap, BTreeSet};

use whimbrel_compiler::analysis::cycles;
use whimbrel_plan::{BatchId, Edge, EdgeKind, Graph, Inventory, Need, Node, Plan, ResourceKind};

use super::picture::{Arrow, Frame, Kind, Picture, Shape, Vertex, short, shown};
use crate::render::number::count;

/// Who needs whom; resources of one service alone are left out unless `all` is asked for.
pub fn picture(inventory: &Inventory, graph: &Graph, plan: Option<&Plan>, all: bool) -> Picture {
    let batch_of = plan.map_or_else(BTreeMap::new, |plan| batches(plan, inventory));
    let knots = Knots::new(graph, inventory);
    let (nodes, left_out) = drawn(inventory, graph, all);
    let place: BTreeMap<Node, usize> = nodes.iter().copied().zip(0..).collect();
    let frames = Frames::new(&nodes, &batch_of, plan);
    let boxes = nodes.iter().map(|&node| Vertex {
        detail: frames.detail(node, plan),
        frame: frames.frame(node),
        batch: plan.and_then(|plan| Some(plan.batches[*batch_of.get(&node)?].name.clone())),
        stays: plan.is_some() && !batch_of.contains_key(&node),
        on_cycle: knots.nodes.contains(&node),
        ..plain(inventory, node)
    });
    Picture {
        title: plan.map_or_else(|| "Dependencies".to_owned(), |plan| shown(&plan.title())),
        boxes: boxes.collect(),
        in_turn: frames.in_turn,
        gap: if frames.in_turn { 0.5 } else { 0.9 },
        frames: frames.all,
        arrows: arrows(inventory, graph, &place, &knots),
        reading: "needs",
        left_out: (left_out > 0).then(|| {
            let many = count(left_out, "resource");
            format!("{many} of one service alone not shown: --all")
        }),
    }
}

/// The batch of each node that moves; a table moves with its datastore, and that with its instance.
fn batches(plan: &Plan, inventory: &Inventory) -> BTreeMap<Node, BatchId> {
    let movers = plan.movers.iter();
    let mut batch_of: BTreeMap<Node, BatchId> =
        movers.map(|mover| (mover.node, mover.batch)).collect();
    let inner = inventory.resources.ids().map(Node::Resource);
    let inner = inner.filter_map(|node| {
        let mut line = std::iter::successors(Some(node), |one| above(inventory, *one));
        let batch = line.find_map(|one| batch_of.get(&one))?;
        Some((node, *batch))
    });
    let inner: Vec<_> = inner.collect();
    batch_of.extend(inner);
    batch_of
}

/// What is drawn, services first, and how many resources are not.
fn drawn(inventory: &Inventory, graph: &Graph, all: bool) -> (Vec<Node>, usize) {
    let mut users: BTreeMap<Node, BTreeSet<Node>> = BTreeMap::new();
    for edge in &graph.edges {
        users.entry(edge.from).or_default().insert(edge.to);
        users.entry(edge.to).or_default().insert(edge.from);
    }
    let services = inventory.services.ids().map(Node::Service);
    let resources = inventory.resources.ids().map(Node::Resource);
    let shared = |node: &Node| users.get(node).is_some_and(|users| users.len() > 1);
    let parents = users.keys().filter(|node| shared(node));
    let parents: BTreeSet<Node> = parents.filter_map(|node| above(inventory, *node)).collect();
    // What moves is drawn itself, unless what stands in it is.
    let moves = |node: &Node| match node {
        Node::Service(id) => inventory.services[*id].moves,
        Node::Resource(id) => inventory.resources[*id].moves && !parents.contains(node),
    };
    let touched = resources.filter(|node| users.contains_key(node) || moves(node));
    let (shown, left_out): (Vec<Node>, Vec<Node>) =
        touched.partition(|node| all || shared(node) || moves(node));
    (services.chain(shown).collect(), left_out.len())
}

/// What a resource stands in.
fn above(inventory: &Inventory, node: Node) -> Option<Node> {
    match node {
        Node::Service(_) => None,
        Node::Resource(id) => inventory.resources[id].parent.map(Node::Resource),
    }
}

/// A box for a node, alone.
fn plain(inventory: &Inventory, node: Node) -> Vertex {
    let (name, shape) = match node {
        Node::Service(id) => (&inventory.services[id].name, Shape::Service),
        Node::Resource(id) => {
            let resource = &inventory.resources[id];
            let shape = match resource.kind {
                ResourceKind::Topic | ResourceKind::Queue => Shape::Messages,
                ResourceKind::External => Shape::External,
                _ => Shape::Store,
            };
            (&resource.name, shape)
        }
    };
    Vertex {
        name: name.clone(),
        label: short(name),
        detail: None,
        shape,
        stays: false,
        on_cycle: false,
        sought: false,
        frame: None,
        batch: None,
        of: None,
    }
}

/// Frames for batches.
struct Frames {
    all: Vec<Frame>,
    /// Whether every batch has one.
    in_turn: bool,
    frame_of: BTreeMap<BatchId, usize>,
    batch_of: BTreeMap<Node, BatchId>,
}

impl Frames {
    fn new(nodes: &[Node], batch_of: &BTreeMap<Node, BatchId>, plan: Option<&Plan>) -> Self {
        let mut sizes: BTreeMap<BatchId, usize> = BTreeMap::new();
        let drawn: BTreeMap<Node, BatchId> = nodes
            .iter()
            .filter_map(|node| Some((*node, *batch_of.get(node)?)))
            .collect();
        for batch in drawn.values() {
            *sizes.entry(*batch).or_default() += 1;
        }
        // Batches of one would be a frame for each box: those are named in the box.
        let in_turn = sizes.len() * 2 <= drawn.len();
        let large = sizes.iter().filter(|(_, size)| in_turn || **size > 1);
        let large: Vec<BatchId> = large.map(|(batch, _)| *batch).collect();
        let frame = |batch: &BatchId| {
            let name = shown(&plan?.batches[*batch].name);
            Some(Frame { name, within: None })
        };
        Self {
            all: large.iter().filter_map(frame).collect(),
            in_turn: in_turn && !large.is_empty(),
            frame_of: large.into_iter().zip(0..).collect(),
            batch_of: drawn,
        }
    }

    fn frame(&self, node: Node) -> Option<usize> {
        self.frame_of.get(self.batch_of.get(&node)?).copied()
    }

    fn detail(&self, node: Node, plan: Option<&Plan>) -> Option<String> {
        let batch = self.batch_of.get(&node)?;
        let alone = !self.frame_of.contains_key(batch);
        let name = &plan?.batches[*batch].name;
        alone.then(|| short(name))
    }
}

/// Components and their cycles, as far as no bridge answers them.
struct Knots {
    nodes: BTreeSet<Node>,
    hops: BTreeSet<(Node, Node)>,
}

impl Knots {
    fn new(graph: &Graph, inventory: &Inventory) -> Self {
        let open = graph.edges.iter().filter(|edge| edge.bridge.is_none());
        let open: Vec<Edge> = open.cloned().collect();
        let found = cycles::find(&open, inventory);
        let hops = found.cycles.iter().flat_map(|cycle| &cycle.hops);
        let hops = hops.flat_map(|hop| {
            let (from, to) = (Node::Service(hop.from), Node::Service(hop.to));
            match hop.via.map(Node::Resource) {
                Some(via) => vec![(from, via), (via, to)],
                None => vec![(from, to)],
            }
        });
        let members = found.components.iter().flatten();
        Self {
            hops: hops.collect(),
            nodes: members.map(|id| Node::Service(*id)).collect(),
        }
    }
}

/// One arrow for all edges between two, each way; one for both ways between a service and what it
/// writes.
fn arrows(
    inventory: &Inventory,
    graph: &Graph,
    place: &BTreeMap<Node, usize>,
    knots: &Knots,
) -> Vec<Arrow> {
    let mut between: BTreeMap<(Node, Node), Vec<&Edge>> = BTreeMap::new();
    for edge in &graph.edges {
        let ends = match (edge.from, edge.to) {
            (Node::Resource(_), Node::Service(_)) => (edge.to, edge.from),
            ends => ends,
        };
        between.entry(ends).or_default().push(edge);
    }
    // What runs through a resource is hidden as a whole: who reads it does not name who writes it.
    let couples = graph.edges.iter().filter(|edge| edge.hidden);
    let couples: BTreeSet<Node> = couples
        .filter(|edge| matches!(edge.from, Node::Resource(_)))
        .map(|edge| edge.from)
        .collect();
    let arrow = |((from, to), edges): ((Node, Node), Vec<&Edge>)| {
        let hop =
            |edge: &&Edge| edge.bridge.is_none() && knots.hops.contains(&(edge.from, edge.to));
        let kind = if edges.iter().any(hop) {
            Kind::Cycle
        } else if edges.iter().all(|edge| edge.bridge.is_some()) {
            Kind::Bridged
        } else if edges.iter().any(|edge| edge.binding) {
            Kind::Binding
        } else {
            Kind::Plain
        };
        Some(Arrow {
            from: *place.get(&from)?,
            to: *place.get(&to)?,
            both: edges.iter().any(|edge| edge.from == to),
            kind,
            hidden: couples.contains(&to) || edges.iter().all(|edge| edge.hidden),
            told: told(inventory, (from, to), &edges),
        })
    };
    between.into_iter().filter_map(arrow).collect()
}

/// The edges in words: `orders needs shop_db.stock: read, hidden, 12/s`.
fn told(inventory: &Inventory, (from, to): (Node, Node), edges: &[&Edge]) -> String {
    let name = |node| match node {
        Node::Service(id) => shown(&inventory.services[id].name),
        Node::Resource(id) => shown(&inventory.resources[id].name),
    };
    let mut words: Vec<String> = Vec::new();
    for edge in edges {
        let mut word = kind(edge.kind).to_owned();
        if edge.need == Need::Soft {
            word.push_str(", soft");
        }
        if let Some(rate) = edge.rate {
            word.push_str(&format!(", {rate}/s"));
        }
        if !words.contains(&word) {
            words.push(word);
        }
    }
    format!("{} → {}: {}", name(from), name(to), words.join("; "))
}

fn kind(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Call => "calls",
        EdgeKind::Read => "reads",
        EdgeKind::Write => "writes",
        EdgeKind::Message => "messages",
        EdgeKind::Pin => "pinned address",
        EdgeKind::Seen => "seen, declared by nobody",
        EdgeKind::External => "external",
        EdgeKind::Order => "after",
    }
}
