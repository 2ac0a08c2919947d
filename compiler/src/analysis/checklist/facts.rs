//! What the answers are derived from: of the whole plan, and of each of its batches.

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_plan::{
    Arena, Batch, BatchId, Edge, EdgeKind, Graph, Inventory, Need, Node, ServiceId, ServiceKind,
    TeamId, Tier,
};

use super::super::nodes;
use super::{BatchFigures, ChecklistInput};

const SECONDS_PER_DAY: f64 = 86_400.0;

/// What the answers about a plan or a batch are derived from.
#[derive(Debug, Default)]
pub(super) struct Facts<'a> {
    pub currency: &'a str,
    /// None when no dependency is known at all.
    pub coupling: Option<Coupling>,
    pub exposed: Exposed,
    /// Of each team, where it is known.
    pub engineers: Vec<Option<u32>>,
    pub automation_share: Option<f64>,
    pub rehearsal_passed: bool,
    pub sequential_days: Option<f64>,
    /// How many of them are phases.
    pub phase_days: f64,
    /// None without a deadline.
    pub time: Option<Time>,
    pub dual_running_cost: Option<f64>,
    /// What that is set against, and what it is.
    pub whole: Option<(f64, &'static str)>,
}

/// How many days there are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Time {
    /// Until the deadline.
    UntilDeadline(f64),
    /// As planned, and to spare until the deadline.
    PlannedAndSpare(f64),
}

/// How services hang together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Coupling {
    pub services: usize,
    /// In a cycle, or sharing a table that another of them writes.
    pub coupled: usize,
    /// Hard edges between two of them.
    pub hard: usize,
}

/// What a failure could hurt.
#[derive(Debug, Default)]
pub(super) struct Exposed {
    pub count: usize,
    pub critical: usize,
    pub above_supporting: usize,
    /// Per second.
    pub revenue: Option<f64>,
    pub regimes: Vec<String>,
}

impl Exposed {
    /// Counts a node that moves, or that stands in something that does.
    fn add(&mut self, inventory: &Inventory, node: Node) {
        let tier = match node {
            Node::Service(id) => {
                let service = &inventory.services[id];
                if let Some(revenue) = &service.revenue {
                    let known = self.revenue.unwrap_or(0.0);
                    self.revenue = Some(known + revenue.mean());
                }
                service.tier
            }
            Node::Resource(id) => {
                let resource = &inventory.resources[id];
                self.regimes.extend(resource.regimes.iter().cloned());
                // What only stands in something that moves is counted with it.
                if !resource.moves {
                    return;
                }
                resource.tier
            }
        };
        self.count += 1;
        self.critical += usize::from(tier == Tier::Critical);
        self.above_supporting += usize::from(tier != Tier::Supporting);
    }

    fn sorted(mut self) -> Self {
        self.regimes.sort_unstable();
        self.regimes.dedup();
        self
    }

    /// Supporting is the default, so it says nothing by itself.
    pub fn is_silent(&self) -> bool {
        self.above_supporting == 0 && self.revenue.is_none() && self.regimes.is_empty()
    }
}

/// The facts of the whole plan.
pub(super) fn of_plan<'a>(input: &ChecklistInput<'a>) -> Facts<'a> {
    let inventory = input.inventory;
    let mut exposed = Exposed::default();
    for node in nodes::all(inventory).filter(|&node| nodes::moves(inventory, node)) {
        exposed.add(inventory, node);
    }
    let available = |deadline: jiff::Timestamp| {
        let days = deadline.duration_since(input.start).as_secs_f64() / SECONDS_PER_DAY;
        Time::UntilDeadline(days)
    };
    Facts {
        currency: input.currency,
        coupling: coupling(inventory, input.graph),
        exposed: exposed.sorted(),
        engineers: engineers(inventory, input.teams),
        automation_share: input.automation_share,
        rehearsal_passed: input.rehearsal_passed,
        sequential_days: input.sequential_duration_days,
        phase_days: input.phase_days,
        time: input.deadline.map(available),
        dual_running_cost: input.sequential_dual_running_cost,
        whole: match (input.budget, input.year_running_cost) {
            (Some(budget), _) => Some((budget, "of the budget")),
            (None, Some(year)) => Some((year, "of a year's running cost")),
            (None, None) => None,
        },
    }
}

fn engineers(inventory: &Inventory, teams: &[TeamId]) -> Vec<Option<u32>> {
    let teams = teams.iter().map(|&id| &inventory.teams[id]);
    teams.map(|team| team.engineers).collect()
}

fn counts(inventory: &Inventory, id: ServiceId) -> bool {
    inventory.services[id].kind != ServiceKind::Telemetry
}

/// A hard edge between two services.
fn hard(edge: &Edge) -> Option<(ServiceId, ServiceId)> {
    match (edge.need, edge.from, edge.to) {
        (Need::Hard, Node::Service(from), Node::Service(to)) => Some((from, to)),
        _ => None,
    }
}

/// A service's use of a resource.
fn used(edge: &Edge) -> Option<(ServiceId, Node)> {
    match (edge.kind, edge.from) {
        (EdgeKind::Read | EdgeKind::Write, Node::Service(id)) => Some((id, edge.to)),
        _ => None,
    }
}

/// A resource, and one of those who write what others use of it.
fn written(edge: &Edge) -> Option<(Node, Node)> {
    let written = edge.kind == EdgeKind::Read && matches!(edge.from, Node::Resource(_));
    written.then_some((edge.from, edge.to))
}

fn coupling(inventory: &Inventory, graph: &Graph) -> Option<Coupling> {
    let services = inventory.services.ids();
    let services = services.filter(|&id| counts(inventory, id)).count();
    if services == 0 || graph.edges.is_empty() {
        return None;
    }
    let edges = || graph.edges.iter();
    let shared: FxHashSet<Node> = edges().filter_map(written).map(|(node, _)| node).collect();
    let users = edges()
        .filter_map(used)
        .filter(|(_, node)| shared.contains(node));
    let cycles = graph.components.iter().flatten().copied();
    let coupled: FxHashSet<ServiceId> = cycles.chain(users.map(|(id, _)| id)).collect();
    Some(Coupling {
        services,
        coupled: coupled.len(),
        hard: edges().filter_map(hard).count(),
    })
}

/// The facts of each batch: of what hangs together, only what is in it; of the time and the money,
/// its part.
pub(super) fn of_batches<'a>(
    input: &ChecklistInput<'a>,
    batches: &Arena<BatchId, Batch>,
    figures: &Arena<BatchId, BatchFigures>,
) -> Vec<Facts<'a>> {
    let inventory = input.inventory;
    let places = places(inventory, batches);
    let mut exposed: Arena<BatchId, Exposed> = batches.ids().map(|_| Exposed::default()).collect();
    for node in nodes::all(inventory).filter(|&node| nodes::moves(inventory, node)) {
        if let Some(batch) = places[node] {
            exposed[batch].add(inventory, node);
        }
    }
    let coupling = coupling_inside(input, batches, &places);
    let all: f64 = figures.values().map(|one| one.sequential_days).sum();
    let exposed = exposed.iter_mut().map(|(_, one)| std::mem::take(one));
    let rows = figures.values().zip(coupling).zip(exposed);
    rows.map(|((figures, coupling), exposed)| Facts {
        currency: input.currency,
        coupling,
        exposed: exposed.sorted(),
        engineers: engineers(inventory, &figures.teams),
        automation_share: figures.automation_share,
        rehearsal_passed: figures.rehearsal_passed,
        sequential_days: Some(figures.sequential_days),
        phase_days: 0.0,
        time: figures
            .spare_days
            .map(|spare| Time::PlannedAndSpare(figures.planned_days + spare)),
        dual_running_cost: figures.dual_running_cost,
        whole: match (input.budget, figures.year_running_cost) {
            (Some(budget), _) if all > 0.0 => Some((
                budget * figures.sequential_days / all,
                "of its part of the budget",
            )),
            (_, Some(year)) => Some((year, "of a year's running cost")),
            _ => None,
        },
    })
    .collect()
}

/// The batch of each node that moves, or stands in something that does.
fn places(
    inventory: &Inventory,
    batches: &Arena<BatchId, Batch>,
) -> nodes::ByNode<Option<BatchId>> {
    let mut named: FxHashMap<Node, BatchId> = FxHashMap::default();
    for (id, batch) in batches.iter() {
        for member in batch.units.iter().flat_map(|unit| &unit.members) {
            named.entry(member.node).or_insert(id);
        }
    }
    nodes::ByNode::new(inventory, |node| match node {
        Node::Service(_) => named.get(&node).copied(),
        Node::Resource(id) => {
            nodes::enclosing(inventory, id).find_map(|id| named.get(&Node::Resource(id)).copied())
        }
    })
}

/// How the services of each batch hang together among themselves.
fn coupling_inside(
    input: &ChecklistInput<'_>,
    batches: &Arena<BatchId, Batch>,
    places: &nodes::ByNode<Option<BatchId>>,
) -> Vec<Option<Coupling>> {
    let (inventory, graph) = (input.inventory, input.graph);
    let of = |id: ServiceId| places[Node::Service(id)];
    let mut inside: Arena<BatchId, Coupling> = batches.ids().map(|_| Coupling::default()).collect();
    for id in inventory.services.ids().filter(|&id| counts(inventory, id)) {
        if let Some(batch) = of(id) {
            inside[batch].services += 1;
        }
    }
    for (from, to) in graph.edges.iter().filter_map(hard) {
        if let (Some(batch), true) = (of(from), of(from) == of(to)) {
            inside[batch].hard += 1;
        }
    }
    for id in coupled_inside(graph, &of) {
        if let Some(batch) = of(id) {
            inside[batch].coupled += 1;
        }
    }
    let known = |one: Coupling| (one.services > 0 && !graph.edges.is_empty()).then_some(one);
    inside.values().copied().map(known).collect()
}

/// Services in a cycle with another of their batch, or using what another of it writes.
fn coupled_inside(
    graph: &Graph,
    of: &impl Fn(ServiceId) -> Option<BatchId>,
) -> FxHashSet<ServiceId> {
    let mut coupled = FxHashSet::default();
    for component in &graph.components {
        let mut by_batch: FxHashMap<BatchId, Vec<ServiceId>> = FxHashMap::default();
        for &id in component {
            if let Some(batch) = of(id) {
                by_batch.entry(batch).or_default().push(id);
            }
        }
        let together = by_batch.into_values().filter(|members| members.len() > 1);
        coupled.extend(together.flatten());
    }
    // Two writers are enough to know that one of them is another.
    let mut writers: FxHashMap<(Node, BatchId), Vec<ServiceId>> = FxHashMap::default();
    for (resource, writer) in graph.edges.iter().filter_map(written) {
        let Node::Service(writer) = writer else {
            continue;
        };
        if let Some(batch) = of(writer) {
            let known = writers.entry((resource, batch)).or_default();
            if known.len() < 2 {
                known.push(writer);
            }
        }
    }
    let users = graph.edges.iter().filter_map(used);
    coupled.extend(users.filter_map(|(id, resource)| {
        let known = writers.get(&(resource, of(id)?))?;
        known.iter().any(|writer| *writer != id).then_some(id)
    }));
    coupled
}
