//! A generated system with one large component, and what no cut of it can cost less than.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::fmt::Write as _;

use jiff::civil::date;
use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOutcome, Variable};
use whimbrel_compiler::analysis::cuts::Cut;
use whimbrel_compiler::{Compilation, Options, Provider, ReadError, compile_without_rules};
use whimbrel_plan::{CallMode, Edge, EdgeKind, Graph, Need, Node, ResourceId, ServiceId};

/// Numbers without end from a seed: a linear congruential generator, of which the upper bits are
/// taken (Knuth's MMIX).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

struct Text(String);

impl Provider for Text {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match path {
            "plan.mig" => Ok(self.0.clone().into_bytes()),
            _ => Err(ReadError::NotFound),
        }
    }
}

/// Compiles a system of `services`, of which `tangled` need one another, round a ring and by
/// `further` ways across it. The others call into it or are called from it.
pub fn system(seed: u64, services: usize, tangled: usize, further: usize) -> Compilation {
    let text = text(&mut Numbers(seed), services, tangled, further);
    let options = Options::new(date(2026, 11, 21));
    compile_without_rules(&Text(text), "plan.mig", &options)
}

fn text(numbers: &mut Numbers, services: usize, tangled: usize, further: usize) -> String {
    let mut relations: Vec<Vec<String>> = vec![Vec::new(); services];
    let mut resources = String::new();
    let ring = (0..tangled).map(|from| (from, (from + 1) % tangled));
    let ring: Vec<_> = ring.collect();
    let across = (0..further).map(|_| {
        let from = numbers.below(tangled);
        (from, (from + 1 + numbers.below(tangled - 1)) % tangled)
    });
    let across: Vec<_> = across.collect();
    for (number, (from, to)) in ring.into_iter().chain(across).enumerate() {
        need(numbers, number, (from, to), &mut relations, &mut resources);
    }
    for one in tangled..services {
        let other = numbers.below(tangled);
        let (from, to) = if one % 2 == 0 {
            (one, other)
        } else {
            (other, one)
        };
        relations[from].push(format!("calls s{to}"));
    }
    let mut text = resources;
    for (service, relations) in relations.iter().enumerate() {
        let lines = relations.join("; ");
        let _ = writeln!(text, "service s{service} {{ {lines} }}");
    }
    text
}

/// One service's need of another, of any kind and at any rate.
fn need(
    numbers: &mut Numbers,
    number: usize,
    (from, to): (usize, usize),
    relations: &mut [Vec<String>],
    resources: &mut String,
) {
    let rate = [1, 10, 100, 1_000][numbers.below(4)];
    let call = |more: &str| format!("calls s{to} {{ rate = {rate}rps{more} }}");
    match numbers.below(10) {
        0..4 => relations[from].push(call("")),
        4 => relations[from].push(call("; need = soft")),
        5 => relations[from].push(call("; mode = async")),
        6 | 7 => {
            let _ = writeln!(resources, "datastore t{number} {{ }}");
            relations[from].push(format!("reads t{number}"));
            relations[to].push(format!("writes t{number} {{ rate = {rate}rps }}"));
            // A third reads it, too.
            let third = numbers.below(relations.len().min(42));
            relations[third].push(format!("reads t{number}"));
        }
        8 => {
            let _ = writeln!(resources, "topic m{number} {{ }}");
            relations[from].push(format!("consumes m{number}"));
            relations[to].push(format!("publishes m{number} {{ rate = {rate}rps }}"));
        }
        _ => {
            let _ = writeln!(resources, "datastore w{number} {{ }}");
            relations[from].push(format!("writes w{number}"));
            relations[to].push(format!("writes w{number}"));
        }
    }
}

/// What one bridge covers, as the book's table weighs it.
pub struct Bridged {
    pub cost: f64,
    via: Option<ResourceId>,
    pub users: BTreeSet<ServiceId>,
    pub owners: BTreeSet<ServiceId>,
}

/// A resource, or the ends of a call.
type Covered = (Option<ResourceId>, Option<(ServiceId, ServiceId)>);

/// What can be bridged among `services`, worked out from the edges of the graph alone.
pub fn bridged(graph: &Graph, services: &[ServiceId]) -> Vec<Bridged> {
    let inside: BTreeSet<ServiceId> = services.iter().copied().collect();
    let within = |node: Node| match node {
        Node::Service(id) => inside.contains(&id).then_some(id),
        Node::Resource(_) => None,
    };
    let mut all: BTreeMap<Covered, Bridged> = BTreeMap::new();
    let empty = |via| Bridged {
        cost: 0.0,
        via,
        users: BTreeSet::new(),
        owners: BTreeSet::new(),
    };
    let mut rates: BTreeMap<ResourceId, f64> = BTreeMap::new();
    for edge in &graph.edges {
        match (edge.from, edge.to) {
            (Node::Service(_), Node::Service(_)) => {
                let (Some(from), Some(to)) = (within(edge.from), within(edge.to)) else {
                    continue;
                };
                let one = all.entry((None, Some((from, to)))).or_insert(empty(None));
                one.users.insert(from);
                one.owners.insert(to);
                one.cost += call(edge);
            }
            (user, Node::Resource(via)) => {
                let one = all.entry((Some(via), None)).or_insert(empty(Some(via)));
                one.users.extend(within(user));
            }
            (Node::Resource(via), owner) => {
                let one = all.entry((Some(via), None)).or_insert(empty(Some(via)));
                if let Some(owner) = within(owner) {
                    one.owners.insert(owner);
                    *rates.entry(via).or_default() += edge.rate.unwrap_or(0.0);
                }
            }
        }
    }
    for ((via, _), one) in &mut all {
        let Some(via) = via else { continue };
        let messages = graph
            .edges
            .iter()
            .any(|edge| edge.to == Node::Resource(*via) && edge.kind == EdgeKind::Message);
        let weight = match one.owners.len() {
            _ if messages => 2.0,
            0 | 1 => 3.0,
            _ => 5.0,
        };
        one.cost = weight * (1.0 + (1.0 + rates.get(via).copied().unwrap_or(0.0)).log10());
    }
    let needs = |one: &Bridged| {
        let mut users = one.users.iter();
        users.any(|user| one.owners.iter().any(|owner| owner != user))
    };
    all.into_values().filter(needs).collect()
}

fn call(edge: &Edge) -> f64 {
    let weight = match (edge.need, edge.mode) {
        (Need::Soft, _) => 1.0,
        (_, CallMode::Async) => 2.0,
        _ => 8.0,
    };
    weight * (1.0 + (1.0 + edge.rate.unwrap_or(0.0)).log10())
}

/// Which of `all` a cut bridges.
pub fn chosen(all: &[Bridged], cut: &Cut) -> Vec<bool> {
    let is_cut = |one: &Bridged| {
        cut.edges.iter().any(|edge| match edge.via {
            Some(via) => one.via == Some(via),
            None => {
                one.via.is_none() && one.users.contains(&edge.from) && one.owners.contains(&edge.to)
            }
        })
    };
    all.iter().map(is_cut).collect()
}

/// What bridging those costs.
pub fn cost(all: &[Bridged], chosen: &[bool]) -> f64 {
    let chosen = all.iter().zip(chosen).filter(|(_, chosen)| **chosen);
    chosen.map(|(one, _)| one.cost).sum()
}

/// What no full cut of `services` costs less than: the least sum of costs times shares such that
/// the shares on every cycle make one at least (the linear relaxation of the minimum feedback arc
/// set, which is also the largest fractional packing of cycles). Cycles are added until none is
/// left short.
pub fn lower_bound(all: &[Bridged], services: &[ServiceId]) -> f64 {
    let mut cycles: BTreeSet<Vec<usize>> = BTreeSet::new();
    loop {
        let (shares, total) = solve(all, &cycles);
        let short: Vec<Vec<usize>> = services
            .iter()
            .filter_map(|&start| shortest(all, &shares, start))
            .collect();
        let known = cycles.len();
        cycles.extend(short);
        if cycles.len() == known {
            return total;
        }
    }
}

fn solve(all: &[Bridged], cycles: &BTreeSet<Vec<usize>>) -> (Vec<f64>, f64) {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let variables: Vec<Variable> = all
        .iter()
        .map(|one| problem.add_var(one.cost, (0.0, 1.0)))
        .collect();
    for cycle in cycles {
        let sum: Vec<(Variable, f64)> = cycle.iter().map(|&at| (variables[at], 1.0)).collect();
        problem.add_constraint(&sum, ComparisonOp::Ge, 1.0);
    }
    let Ok(SolveOutcome::Solution(solution)) = problem.solve() else {
        panic!("cutting everything is a solution");
    };
    let shares = variables.iter().map(|&one| solution[one]).collect();
    (shares, solution.objective())
}

/// The shortest cycle through `start` if its shares make less than one, by Dijkstra's search.
fn shortest(all: &[Bridged], shares: &[f64], start: ServiceId) -> Option<Vec<usize>> {
    const ENOUGH: f64 = 1.0 - 1e-6;
    let scaled = |length: f64| std::cmp::Reverse((length * 1e9) as u64);
    let mut best: BTreeMap<ServiceId, (f64, Vec<usize>)> = BTreeMap::new();
    let mut waiting = BinaryHeap::from([(scaled(0.0), start, Vec::new())]);
    let mut back: Option<(f64, Vec<usize>)> = None;
    while let Some((_, service, path)) = waiting.pop() {
        let length: f64 = path.iter().map(|&at: &usize| shares[at]).sum();
        if best.contains_key(&service) && service != start {
            continue;
        }
        if service == start && !path.is_empty() {
            back = Some((length, path));
            break;
        }
        best.insert(service, (length, path.clone()));
        for (at, one) in all
            .iter()
            .enumerate()
            .filter(|(_, one)| one.users.contains(&service))
        {
            for &owner in one.owners.iter().filter(|owner| **owner != service) {
                let next = length + shares[at];
                if next < ENOUGH && (owner == start || !best.contains_key(&owner)) {
                    let path = [path.as_slice(), &[at]].concat();
                    waiting.push((scaled(next), owner, path));
                }
            }
        }
    }
    let (length, mut cycle) = back?;
    cycle.sort_unstable();
    cycle.dedup();
    (length < ENOUGH).then_some(cycle)
}
