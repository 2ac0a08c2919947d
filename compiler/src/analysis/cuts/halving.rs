//! A good cut after which no more than half of a large component's services need one another.
//!
//! It starts from several cuts, makes each cheaper and takes the cheapest: what a full cut need
//! not cut, an order of the services broken at its cheapest places, and halves grown from single
//! services.

use whimbrel_plan::Arena;

use super::blocks::Blocks;
use super::large::TOLERANCE;
use super::network::{CouplingId, CutMask, Network, Vertex};
use super::order::Budget;
use super::sequence::{NEVER, sequence};

/// What it costs to find the components, for each service and end of a coupling.
const PASS: usize = 24;

/// From how many services a half is grown.
const GROWN: usize = 12;

/// The cut, given a full one that leaves no more than one service in each component.
pub(super) fn cut(network: &Network, full: &CutMask, most: usize, mut budget: Budget) -> CutMask {
    let mut best = give_back(network, full.clone(), most, &mut budget);
    let broken = [full, &network.whole()].map(|cut| sequence(network, cut));
    let broken = broken.iter().map(|order| Start::Broken(order));
    let spacing = network.len().div_ceil(GROWN).max(1);
    let grown = network.uses.ids().step_by(spacing).map(Start::Grown);
    for start in broken.chain(grown) {
        if budget.is_spent() {
            break;
        }
        let mut blocks = start.blocks(network, most, &mut budget);
        if !blocks.fit() {
            continue;
        }
        blocks.improve(&mut budget);
        let cut = give_back(network, blocks.cut(), most, &mut budget);
        if network.cost(&cut) + TOLERANCE < network.cost(&best) {
            best = cut;
        }
    }
    best
}

/// Where a search starts.
enum Start<'a> {
    /// An order of the services, needs first.
    Broken(&'a [Vertex]),
    Grown(Vertex),
}

impl Start<'_> {
    fn blocks<'n>(&self, network: &'n Network, most: usize, budget: &mut Budget) -> Blocks<'n> {
        match *self {
            Self::Broken(order) => {
                let mut place: Arena<Vertex, usize> = network.uses.ids().map(|_| 0).collect();
                for (at, &vertex) in order.iter().enumerate() {
                    place[vertex] = at;
                }
                let breaks = breaks(network, &place, most);
                Blocks::new(network, most, |vertex| {
                    let before = |at: &&usize| **at <= place[vertex];
                    breaks.iter().filter(before).count()
                })
            }
            Self::Grown(seed) => {
                let mut blocks = Blocks::new(network, most, |vertex| usize::from(vertex != seed));
                blocks.grow(budget);
                blocks
            }
        }
    }
}

/// Gives back what is cut needlessly, dearest first. A run of couplings can be given back together
/// exactly when each can after those before it, so a run that can is tried once.
fn give_back(network: &Network, mut cut: CutMask, most: usize, budget: &mut Budget) -> CutMask {
    let couplings = network.couplings.iter();
    let mut dearest: Vec<_> = couplings.filter(|(id, _)| cut[*id]).collect();
    dearest.sort_by(|(_, one), (_, other)| other.cost.total_cmp(&one.cost));
    let dearest: Vec<CouplingId> = dearest.into_iter().map(|(id, _)| id).collect();
    let mut runs = vec![dearest.as_slice()];
    while let Some(run) = runs.pop() {
        if run.is_empty() || budget.is_spent() {
            continue;
        }
        budget.spend(PASS * network.size());
        run.iter().for_each(|&id| cut[id] = false);
        if network.largest(&cut) > most {
            run.iter().for_each(|&id| cut[id] = true);
            if run.len() > 1 {
                let (first, second) = run.split_at(run.len() / 2);
                runs.extend([second, first]);
            }
        }
    }
    cut
}

/// The cheapest two places to break an order at so that no more than `most` services stand between
/// two of them; the second may be its end.
fn breaks(network: &Network, place: &Arena<Vertex, usize>, most: usize) -> [usize; 2] {
    let costs = costs(network, place);
    let cost = |at: usize| costs.get(at).copied().unwrap_or(0.0);
    let services = network.len();
    let most = most.min(services);
    // The last block is small enough behind `second`, and the middle one before `first + most`.
    let (mut second, mut looked) = (services - most, services - most);
    let mut best = (f64::INFINITY, [most, services]);
    for first in services.saturating_sub(2 * most)..=most {
        while looked < (first + most).min(services) {
            looked += 1;
            if cost(looked) < cost(second) {
                second = looked;
            }
        }
        let both = cost(first) + if second == first { 0.0 } else { cost(second) };
        if both < best.0 {
            best = (both, [first, second]);
        }
    }
    best.1
}

/// What it costs to break an order before each place.
fn costs(network: &Network, place: &Arena<Vertex, usize>) -> Vec<f64> {
    let mut changes = vec![0.0; network.len() + 2];
    let mut change = |at: usize, by: f64| {
        if let Some(change) = changes.get_mut(at) {
            *change += by;
        }
    };
    for coupling in network.couplings.values() {
        let first = coupling.users.iter().map(|&user| place[user]).min();
        let last = coupling.owners.iter().map(|&owner| place[owner]).max();
        if let (Some(first), Some(last)) = (first, last)
            && first < last
        {
            let cost = coupling.cost.min(NEVER);
            change(first + 1, cost);
            change(last + 1, -cost);
        }
    }
    let sums = changes.iter().scan(0.0, |sum, change| {
        *sum += change;
        Some(*sum)
    });
    sums.collect()
}
