//! An order that each kept coupling agrees with, kept up while couplings come and go.
//!
//! Pearce and Kelly (2006): what a new coupling puts in the wrong order is looked for only between
//! its first user and its last owner, and only that is moved.

use whimbrel_plan::Arena;

use super::network::{CouplingId, CutMask, HalfId, Network, Vertex};

/// How much work a search may still do: services and ends of couplings looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget(u64);

impl Budget {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "work is positive and need not be exact"
    )]
    pub(super) fn new(work: f64) -> Self {
        Self(work as u64)
    }

    pub(super) fn spend(&mut self, work: usize) {
        self.0 = self.0.saturating_sub(work as u64);
    }

    pub(super) fn is_spent(self) -> bool {
        self.0 == 0
    }
}

/// Which way a search goes.
#[derive(Clone, Copy)]
enum Way {
    /// To what a service needs.
    Down,
    /// To who needs it.
    Up,
}

pub(super) struct Order<'a> {
    pub(super) network: &'a Network,
    pub(super) cut: CutMask,
    pub(super) budget: Budget,
    /// The place of each service; what is needed stands before who needs it.
    place: Arena<Vertex, usize>,
    round: u32,
    seen: Arena<Vertex, u32>,
    passed: Arena<HalfId, u32>,
}

impl<'a> Order<'a> {
    /// The services in this order, with what does not agree with it cut.
    pub(super) fn new(network: &'a Network, services: &[Vertex], budget: Budget) -> Self {
        let mut place: Arena<Vertex, usize> = network.uses.ids().map(|_| 0).collect();
        for (at, &vertex) in services.iter().enumerate() {
            place[vertex] = at;
        }
        let mut order = Self {
            network,
            cut: network.whole(),
            budget,
            place,
            round: 0,
            seen: network.uses.ids().map(|_| 0).collect(),
            passed: network.halves.ids().map(|_| 0).collect(),
        };
        for id in network.couplings.ids() {
            let agrees = |half: &HalfId| order.span(*half).is_none();
            let circle = network.couplings[id].is_circle();
            order.cut[id] = circle || !network.halves_of[id].iter().all(agrees);
        }
        order
    }

    /// Gives back what is cut needlessly: each, dearest first, that makes no circle.
    pub(super) fn give_back(&mut self) {
        for id in self.dearest() {
            if self.budget.is_spent() {
                return;
            }
            self.keep(id);
        }
    }

    /// What is cut and can be kept, dearest first.
    pub(super) fn dearest(&mut self) -> Vec<CouplingId> {
        self.budget.spend(self.network.couplings.len());
        let couplings = self.network.couplings.iter();
        let cut = couplings.filter(|(id, one)| self.cut[*id] && !one.is_circle());
        let mut cut: Vec<_> = cut.collect();
        cut.sort_by(|(_, one), (_, other)| other.cost.total_cmp(&one.cost));
        cut.into_iter().map(|(id, _)| id).collect()
    }

    /// Keeps a coupling, unless that makes a circle.
    pub(super) fn keep(&mut self, id: CouplingId) -> bool {
        if self.network.couplings[id].is_circle() {
            return false;
        }
        self.cut[id] = false;
        for &half in &self.network.halves_of[id] {
            if !self.agree(half) {
                self.cut[id] = true;
                return false;
            }
        }
        true
    }

    /// The first place of a user and the last of an owner, where the one is before the other.
    fn span(&self, half: HalfId) -> Option<(usize, usize)> {
        let half = &self.network.halves[half];
        let first = half.users.iter().map(|&user| self.place[user]).min()?;
        let last = half.owners.iter().map(|&owner| self.place[owner]).max()?;
        (first < last).then_some((first, last))
    }

    /// Moves services until `half` agrees with the order; changes nothing where that cannot be.
    fn agree(&mut self, half: HalfId) -> bool {
        let Some((first, last)) = self.span(half) else {
            return true;
        };
        let network = self.network;
        let half = &network.halves[half];
        let Some(mut earlier) = self.search(&half.owners, &half.users, Way::Down, first, last)
        else {
            return false;
        };
        let Some(mut later) = self.search(&half.users, &[], Way::Up, first, last) else {
            return false;
        };
        let place = |vertex: &Vertex| self.place[*vertex];
        earlier.sort_unstable_by_key(place);
        later.sort_unstable_by_key(place);
        earlier.append(&mut later);
        let mut places: Vec<usize> = earlier.iter().map(place).collect();
        places.sort_unstable();
        for (vertex, place) in earlier.into_iter().zip(places) {
            self.place[vertex] = place;
        }
        true
    }

    /// What is reached from `starts` between two places; none when that is one of `against`.
    fn search(
        &mut self,
        starts: &[Vertex],
        against: &[Vertex],
        way: Way,
        first: usize,
        last: usize,
    ) -> Option<Vec<Vertex>> {
        self.round += 1;
        let network = self.network;
        let mut found = Vec::new();
        let mut next = starts;
        let mut halves: Vec<HalfId> = Vec::new();
        loop {
            for &vertex in next {
                self.budget.spend(1);
                let between = (first..=last).contains(&self.place[vertex]);
                if !between || self.seen[vertex] == self.round {
                    continue;
                }
                if against.binary_search(&vertex).is_ok() {
                    return None;
                }
                self.seen[vertex] = self.round;
                found.push(vertex);
                let onward = match way {
                    Way::Down => &network.uses[vertex],
                    Way::Up => &network.owns[vertex],
                };
                halves.extend(onward);
            }
            let Some(half) = halves.pop() else {
                return Some(found);
            };
            self.budget.spend(1);
            let kept = !self.cut[network.halves[half].coupling];
            next = match way {
                _ if !kept || self.passed[half] == self.round => &[],
                Way::Down => &network.halves[half].owners,
                Way::Up => &network.halves[half].users,
            };
            self.passed[half] = self.round;
        }
    }

    /// The place of a service.
    pub(super) fn place(&self, vertex: Vertex) -> usize {
        self.place[vertex]
    }

    /// The first place of some services.
    pub(super) fn first_of(&self, vertices: &[Vertex]) -> usize {
        let places = vertices.iter().map(|&vertex| self.place[vertex]);
        places.min().unwrap_or(0)
    }

    /// Whether a half is not cut.
    pub(super) fn keeps(&self, half: HalfId) -> bool {
        !self.cut[self.network.halves[half].coupling]
    }
}

/// A state of an order, to return to.
pub(super) struct Saved {
    cut: CutMask,
    place: Arena<Vertex, usize>,
}

impl Order<'_> {
    pub(super) fn save(&mut self) -> Saved {
        self.budget.spend(self.cut.len() + self.place.len());
        Saved {
            cut: self.cut.clone(),
            place: self.place.clone(),
        }
    }

    pub(super) fn restore(&mut self, saved: Saved) {
        self.cut = saved.cut;
        self.place = saved.place;
    }
}
