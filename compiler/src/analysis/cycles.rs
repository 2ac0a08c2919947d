//! Components of services that need one another, and the cycle that shows each of them.

use std::collections::VecDeque;

use whimbrel_plan::{Cycle, CycleHop, Edge, Graph, Inventory, Node, ServiceId};

use super::hops::{Hops, Reading, service_hops, strong_sets};
use super::nodes::ByNode;

/// After how many edges the search for one component's shortest cycle starts at no further
/// service. A component of hundreds is searched to the end; of a giant one the shortest cycle
/// through its first services by name is told, which is a cycle all the same.
pub const SEARCH_LIMIT: usize = 500_000;

/// What [`find`] finds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Strongly connected components of two services or more over all edges; names sorted.
    pub components: Vec<Vec<ServiceId>>,
    /// The same over binding edges.
    pub binding_components: Vec<Vec<ServiceId>>,
    /// One cycle for each of `components`.
    pub cycles: Vec<Cycle>,
}

/// Finds the components of both readings and a cycle for each component over all edges.
#[must_use]
pub fn find(edges: &[Edge], inventory: &Inventory) -> Found {
    let all = service_hops(edges, inventory, Reading::All);
    let binding = service_hops(edges, inventory, Reading::Binding);
    let components = components(&all, inventory);
    let cycles = components
        .iter()
        .enumerate()
        .map(|(component, services)| Cycle {
            hops: shortest(&all, inventory, services),
            component,
        })
        .collect();
    Found {
        components,
        binding_components: self::components(&binding, inventory),
        cycles,
    }
}

/// The cycle that shows one of `graph.binding_components`, over binding edges alone: what a rule
/// tells where batches split it.
#[must_use]
pub fn binding_cycle(
    graph: &Graph,
    inventory: &Inventory,
    component: &[ServiceId],
) -> Vec<CycleHop> {
    let hops = service_hops(&graph.edges, inventory, Reading::Binding);
    shortest(&hops, inventory, component)
}

fn components(hops: &Hops<'_>, inventory: &Inventory) -> Vec<Vec<ServiceId>> {
    let name = |id: &ServiceId| inventory.services[*id].name.as_str();
    let mut components: Vec<Vec<ServiceId>> = strong_sets(hops, inventory)
        .into_iter()
        .map(|set| set.into_iter().filter_map(as_service).collect())
        .filter(|services: &Vec<ServiceId>| services.len() > 1)
        .collect();
    for services in &mut components {
        services.sort_unstable_by(|one, other| name(one).cmp(name(other)));
    }
    components.sort_unstable_by(|one, other| one.iter().map(name).cmp(other.iter().map(name)));
    components
}

fn as_service(node: Node) -> Option<ServiceId> {
    match node {
        Node::Service(id) => Some(id),
        Node::Resource(_) => None,
    }
}

/// The shortest cycle through a hidden hop of a component, the hidden hop last; where it has none,
/// the shortest cycle, starting at its first service by name. Ties go to the first service by
/// name, then to the first edge. `services` is strongly connected and sorted by name.
#[must_use]
pub fn shortest(hops: &Hops<'_>, inventory: &Inventory, services: &[ServiceId]) -> Vec<CycleHop> {
    let mut search = Search::new(hops, inventory, services);
    let hidden = search.best(services, true);
    hidden
        .or_else(|| search.best(services, false))
        .unwrap_or_default()
}

/// The edges of one hop: one, or two that meet at a resource.
type Hop<'a> = (&'a Edge, Option<&'a Edge>);

/// How a node was reached.
#[derive(Clone, Copy)]
struct Reached<'a> {
    /// Which search saw it, so that the table need not be cleared.
    round: usize,
    depth: usize,
    /// The hop that led there; none at the start and at resources.
    by: Option<Hop<'a>>,
}

struct Search<'h, 'a> {
    hops: &'h Hops<'a>,
    inside: ByNode<bool>,
    reached: ByNode<Reached<'a>>,
    /// The edge from a node to the start of a search, and which search that was.
    last: ByNode<Option<(usize, &'a Edge)>>,
    round: usize,
    looked: usize,
}

impl<'h, 'a> Search<'h, 'a> {
    fn new(hops: &'h Hops<'a>, inventory: &Inventory, services: &[ServiceId]) -> Self {
        let mut inside = ByNode::new(inventory, |_| false);
        for &id in services {
            inside[Node::Service(id)] = true;
        }
        Self {
            hops,
            inside,
            reached: ByNode::new(inventory, |_| Reached {
                round: 0,
                depth: 0,
                by: None,
            }),
            last: ByNode::new(inventory, |_| None),
            round: 0,
            looked: 0,
        }
    }

    fn best(&mut self, services: &[ServiceId], hidden: bool) -> Option<Vec<CycleHop>> {
        self.looked = 0;
        let mut best: Option<Vec<CycleHop>> = None;
        for &service in services {
            let below = best.as_ref().map_or(usize::MAX, Vec::len);
            if below == 2 || self.looked > SEARCH_LIMIT {
                break;
            }
            if let Some(cycle) = self.back_to(Node::Service(service), hidden, below) {
                best = Some(cycle);
            }
        }
        best
    }

    /// The shortest cycle of fewer than `below` hops from `start` back to it, its last hop hidden
    /// where `hidden` asks for it: breadth first, so the first way back is the shortest.
    fn back_to(&mut self, start: Node, hidden: bool, below: usize) -> Option<Vec<CycleHop>> {
        let hops = self.hops;
        self.round += 1;
        let mut ends = false;
        let arriving = hops.steps_to(start).iter();
        for edge in arriving.filter(|edge| edge.hidden || !hidden) {
            self.last[edge.from] = Some((self.round, edge));
            ends = true;
        }
        if !ends {
            return None;
        }
        self.reach(start, 0, None);
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            let depth = self.reached[node].depth + 1;
            if depth >= below {
                return None;
            }
            for &first in hops.steps(node) {
                self.looked += 1;
                if let Some(second) = self.closing(first, start, hidden) {
                    return Some(self.told(first, second));
                }
                self.onward(first, depth, &mut queue);
            }
        }
        None
    }

    /// Whether `first`, with the edge it gives, is a hop to `start`.
    fn closing(&self, first: &'a Edge, start: Node, hidden: bool) -> Option<Option<&'a Edge>> {
        let fits = |last: &Edge| !hidden || self.hops.is_hidden(first.from, last);
        if first.to == start {
            return fits(first).then_some(None);
        }
        let last = self.last[first.to].filter(|(round, _)| *round == self.round);
        let (_, last) = last.filter(|_| first.from != start)?;
        (matches!(first.to, Node::Resource(_)) && fits(last)).then_some(Some(last))
    }

    /// Reaches the services `first` leads to. A resource is passed once: whoever comes second
    /// finds nobody new behind it.
    fn onward(&mut self, first: &'a Edge, depth: usize, queue: &mut VecDeque<Node>) {
        if self.reached[first.to].round == self.round {
            return;
        }
        if let Node::Service(_) = first.to {
            if self.inside[first.to] {
                self.reach(first.to, depth, Some((first, None)));
                queue.push_back(first.to);
            }
            return;
        }
        self.reach(first.to, depth, None);
        let hops = self.hops;
        for &second in hops.steps(first.to) {
            self.looked += 1;
            if self.inside[second.to] && self.reached[second.to].round != self.round {
                self.reach(second.to, depth, Some((first, Some(second))));
                queue.push_back(second.to);
            }
        }
    }

    fn reach(&mut self, node: Node, depth: usize, by: Option<Hop<'a>>) {
        self.reached[node] = Reached {
            round: self.round,
            depth,
            by,
        };
    }

    /// The hops from the start to `first`, then the hop over `first` and `second`.
    fn told(&self, first: &'a Edge, second: Option<&'a Edge>) -> Vec<CycleHop> {
        let mut path = vec![(first, second)];
        let mut node = first.from;
        while let Some((first, second)) = self.reached[node].by {
            path.push((first, second));
            node = first.from;
        }
        let hops = path.into_iter().rev();
        hops.filter_map(|(first, second)| self.hops.hop(first, second))
            .collect()
    }
}

#[cfg(test)]
mod tests;
