//! The cheapest couplings to cut so that some services no longer need others: a minimum cut, by
//! augmenting along shortest paths (Edmonds and Karp 1972), given up once it costs too much.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;
use whimbrel_plan::Arena;

use super::network::{CouplingId, HalfId, Network, Vertex};
use super::order::Order;
use super::sequence::{NEVER, millionths};

/// Where a path comes by. A half is entered by a user and left to an owner, and carries no more
/// than its coupling costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Place {
    At(Vertex),
    Into(HalfId),
    OutOf(HalfId),
}

/// Places and where each was reached from.
#[derive(Debug)]
struct Reached {
    at: Arena<Vertex, (u32, Option<Place>)>,
    into: Arena<HalfId, (u32, Option<Place>)>,
    out_of: Arena<HalfId, (u32, Option<Place>)>,
    round: u32,
}

impl Reached {
    fn slot(&mut self, place: Place) -> &mut (u32, Option<Place>) {
        match place {
            Place::At(vertex) => &mut self.at[vertex],
            Place::Into(half) => &mut self.into[half],
            Place::OutOf(half) => &mut self.out_of[half],
        }
    }

    fn get(&self, place: Place) -> Option<Option<Place>> {
        let (round, from) = match place {
            Place::At(vertex) => self.at[vertex],
            Place::Into(half) => self.into[half],
            Place::OutOf(half) => self.out_of[half],
        };
        (round == self.round).then_some(from)
    }

    /// Whether the place was not reached before.
    fn reach(&mut self, place: Place, from: Option<Place>) -> bool {
        let round = self.round;
        let slot = self.slot(place);
        let new = slot.0 != round;
        if new {
            *slot = (round, from);
        }
        new
    }
}

/// A search, to be used again and again on one network.
#[derive(Debug)]
pub(super) struct Flow<'a> {
    network: &'a Network,
    /// What flows from one place to the next, in millionths.
    along: FxHashMap<(Place, Place), i64>,
    reached: Reached,
}

impl<'a> Flow<'a> {
    pub fn new(network: &'a Network) -> Self {
        let halves = || network.halves.ids().map(|_| (0, None)).collect();
        Self {
            network,
            along: FxHashMap::default(),
            reached: Reached {
                at: network.uses.ids().map(|_| (0, None)).collect(),
                into: halves(),
                out_of: halves(),
                round: 0,
            },
        }
    }

    /// What to cut instead of a coupling, so that none of its owners needs one of its users but
    /// itself, if that costs less than `limit`; `locked` is not to be cut.
    pub fn instead(
        &mut self,
        order: &mut Order<'_>,
        id: CouplingId,
        locked: Option<CouplingId>,
        limit: f64,
    ) -> Option<Vec<CouplingId>> {
        let coupling = &self.network.couplings[id];
        self.along.clear();
        let (mut total, limit) = (0, millionths(limit));
        loop {
            let end = self.search(order, &coupling.owners, &coupling.users, locked);
            let Some(end) = end else { break };
            total += self.augment(end, locked);
            if total >= limit || order.budget.is_spent() {
                return None;
            }
        }
        let halves = self.network.halves.iter();
        let crossing = halves.filter(|(half, _)| {
            let reached = |place| self.reached.get(place).is_some();
            reached(Place::Into(*half)) && !reached(Place::OutOf(*half))
        });
        let mut cut: Vec<CouplingId> = crossing.map(|(_, half)| half.coupling).collect();
        cut.dedup();
        Some(cut)
    }

    /// The place before an end, on a shortest path to it that can carry more, and the end.
    fn search(
        &mut self,
        order: &mut Order<'_>,
        starts: &[Vertex],
        ends: &[Vertex],
        locked: Option<CouplingId>,
    ) -> Option<(Place, Vertex)> {
        self.reached.round += 1;
        let first = order.first_of(ends);
        let mut waiting = VecDeque::new();
        for &start in starts {
            self.reached.reach(Place::At(start), None);
            waiting.push_back(Place::At(start));
        }
        while let Some(place) = waiting.pop_front() {
            let mut next: Vec<Place> = Vec::new();
            match place {
                Place::At(vertex) => {
                    let kept = |half: &&HalfId| order.keeps(**half);
                    let uses = self.network.uses[vertex].iter().filter(kept);
                    next.extend(uses.map(|half| Place::Into(*half)));
                    let owns = self.network.owns[vertex]
                        .iter()
                        .map(|half| Place::OutOf(*half));
                    next.extend(owns.filter(|back| self.flows(*back, place)));
                }
                Place::Into(half) => {
                    if self.left(half, locked) > 0 {
                        next.push(Place::OutOf(half));
                    }
                    let users = self.network.halves[half].users.iter();
                    let users = users.map(|user| Place::At(*user));
                    next.extend(users.filter(|back| self.flows(*back, place)));
                }
                Place::OutOf(half) => {
                    for &owner in &self.network.halves[half].owners {
                        if ends.binary_search(&owner).is_ok() {
                            return Some((place, owner));
                        }
                        if order.place(owner) > first {
                            next.push(Place::At(owner));
                        }
                    }
                    if self.flows(Place::Into(half), place) {
                        next.push(Place::Into(half));
                    }
                }
            }
            order.budget.spend(1 + next.len());
            let new = next
                .into_iter()
                .filter(|next| self.reached.reach(*next, Some(place)));
            waiting.extend(new);
        }
        None
    }

    fn flows(&self, from: Place, to: Place) -> bool {
        self.along.get(&(from, to)).is_some_and(|flow| *flow > 0)
    }

    /// How much more a half can carry.
    fn left(&self, half: HalfId, locked: Option<CouplingId>) -> i64 {
        let coupling = self.network.halves[half].coupling;
        let cost = if locked == Some(coupling) {
            NEVER
        } else {
            self.network.couplings[coupling].cost
        };
        let ends = (Place::Into(half), Place::OutOf(half));
        millionths(cost) - self.along.get(&ends).copied().unwrap_or(0)
    }

    /// Lets flow what the path just found can carry; how much that is.
    fn augment(&mut self, (last, end): (Place, Vertex), locked: Option<CouplingId>) -> i64 {
        let mut path = vec![(last, Place::At(end))];
        let mut place = last;
        while let Some(from) = self.reached.get(place).flatten() {
            path.push((from, place));
            place = from;
        }
        let carries = |(from, to): &(Place, Place)| match (from, to) {
            (Place::Into(half), Place::OutOf(_)) => self.left(*half, locked),
            // What is taken back is what flows the other way; a way in or out carries anything.
            _ => self
                .along
                .get(&(*to, *from))
                .copied()
                .filter(|flow| *flow > 0)
                .unwrap_or(i64::MAX),
        };
        let most = path.iter().map(carries).min().unwrap_or(0);
        for (from, to) in path {
            *self.along.entry((from, to)).or_default() += most;
            *self.along.entry((to, from)).or_default() -= most;
        }
        most
    }
}
