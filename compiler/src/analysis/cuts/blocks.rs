//! Services in three blocks, one before the other, none too large: what a coupling is cut by.
//!
//! A coupling is cut when one of its users stands in an earlier block than one of its owners. Any
//! cut that leaves no more than half of the services needing one another can be had with three
//! blocks of up to half each: of four or more in a row, two neighbours have no more than half
//! together. Moves of single services make it cheaper, by passes in the manner of Fiduccia and
//! Mattheyses (1982): each service moves once, where it costs least, and the cheapest state that
//! was passed stays.

use whimbrel_plan::Arena;

use super::large::TOLERANCE;
use super::network::{CouplingId, CutMask, Network, Vertex};
use super::order::Budget;

/// How many blocks.
const BLOCKS: usize = 3;

type Counts = [u32; BLOCKS];

/// One service moved to another block.
#[derive(Clone, Copy)]
struct Move {
    vertex: Vertex,
    to: usize,
    /// What the cut then costs more.
    more: f64,
}

pub(super) struct Blocks<'a> {
    network: &'a Network,
    most: usize,
    block: Arena<Vertex, usize>,
    sizes: Counts,
    users: Arena<CouplingId, Counts>,
    owners: Arena<CouplingId, Counts>,
}

impl<'a> Blocks<'a> {
    /// Services in the blocks that `block` gives, 0 first, with up to `most` in each.
    pub fn new(network: &'a Network, most: usize, block: impl Fn(Vertex) -> usize) -> Self {
        let empty = || network.couplings.ids().map(|_| Counts::default()).collect();
        let mut blocks = Self {
            network,
            most,
            block: network
                .uses
                .ids()
                .map(|vertex| block(vertex).min(BLOCKS - 1))
                .collect(),
            sizes: Counts::default(),
            users: empty(),
            owners: empty(),
        };
        for vertex in network.uses.ids() {
            add(&mut blocks.sizes, blocks.block[vertex]);
        }
        for (id, coupling) in network.couplings.iter() {
            for &user in &coupling.users {
                add(&mut blocks.users[id], blocks.block[user]);
            }
            for &owner in &coupling.owners {
                add(&mut blocks.owners[id], blocks.block[owner]);
            }
        }
        blocks
    }

    /// Whether none is too large.
    pub fn fit(&self) -> bool {
        self.sizes.iter().all(|size| *size as usize <= self.most)
    }

    /// What the blocks cut.
    pub fn cut(&self) -> CutMask {
        let ids = self.network.couplings.ids();
        ids.map(|id| is_cut(&self.users[id], &self.owners[id]))
            .collect()
    }

    /// Moves services until no pass of moves makes the cut cheaper.
    pub fn improve(&mut self, budget: &mut Budget) {
        while self.sweep(budget) {}
        while self.pass(budget) {}
    }

    /// Moves the services to the first block that cost least there, one after another, until it is
    /// full.
    pub fn grow(&mut self, budget: &mut Budget) {
        while self.room(0) && !budget.is_spent() {
            let others = self.network.uses.ids().filter(|one| self.block[*one] != 0);
            match cheapest(others.map(|one| self.moved(one, 0, budget))) {
                Some(best) => self.apply(best),
                None => return,
            }
        }
    }

    fn room(&self, block: usize) -> bool {
        self.sizes
            .get(block)
            .is_some_and(|size| (*size as usize) < self.most)
    }

    /// Moves each service once to where the cut becomes cheaper; whether one moved.
    fn sweep(&mut self, budget: &mut Budget) -> bool {
        let mut gained = false;
        for vertex in self.network.uses.ids() {
            if budget.is_spent() {
                return false;
            }
            if let Some(best) = self
                .best(vertex, budget)
                .filter(|best| best.more < -TOLERANCE)
            {
                self.apply(best);
                gained = true;
            }
        }
        gained
    }

    /// Moves each service once, the cheapest move first, and returns to the cheapest state; whether
    /// that is cheaper than the one before.
    fn pass(&mut self, budget: &mut Budget) -> bool {
        let mut unmoved: Vec<Vertex> = self.network.uses.ids().collect();
        let mut done: Vec<(Vertex, usize)> = Vec::new();
        let (mut more, mut least, mut keep) = (0.0, -TOLERANCE, 0);
        while !unmoved.is_empty() && !budget.is_spent() {
            let moves = unmoved.iter().filter_map(|&one| self.best(one, budget));
            let Some(best) = cheapest(moves) else {
                break;
            };
            unmoved.retain(|vertex| *vertex != best.vertex);
            done.push((best.vertex, self.block[best.vertex]));
            self.apply(best);
            more += best.more;
            if more < least {
                (least, keep) = (more, done.len());
            }
        }
        for (vertex, to) in done.drain(keep..).rev() {
            self.apply(Move {
                vertex,
                to,
                more: 0.0,
            });
        }
        keep > 0
    }

    /// The cheapest move of a service to another block with room.
    fn best(&self, vertex: Vertex, budget: &mut Budget) -> Option<Move> {
        let others = (0..BLOCKS).filter(|to| *to != self.block[vertex] && self.room(*to));
        cheapest(others.map(|to| self.moved(vertex, to, budget)))
    }

    fn moved(&self, vertex: Vertex, to: usize, budget: &mut Budget) -> Move {
        let from = self.block[vertex];
        let mut more = 0.0;
        budget.spend(self.network.touches[vertex].len());
        for &(id, uses, owns) in &self.network.touches[vertex] {
            let (mut users, mut owners) = (self.users[id], self.owners[id]);
            let before = is_cut(&users, &owners);
            if uses {
                shift(&mut users, from, to);
            }
            if owns {
                shift(&mut owners, from, to);
            }
            let cost = self.network.couplings[id].cost.min(super::sequence::NEVER);
            more += match (before, is_cut(&users, &owners)) {
                (false, true) => cost,
                (true, false) => -cost,
                _ => 0.0,
            };
        }
        Move { vertex, to, more }
    }

    fn apply(&mut self, Move { vertex, to, .. }: Move) {
        let from = std::mem::replace(&mut self.block[vertex], to);
        shift(&mut self.sizes, from, to);
        for &(id, uses, owns) in &self.network.touches[vertex] {
            if uses {
                shift(&mut self.users[id], from, to);
            }
            if owns {
                shift(&mut self.owners[id], from, to);
            }
        }
    }
}

/// The move that costs least; of equals the first.
fn cheapest(moves: impl Iterator<Item = Move>) -> Option<Move> {
    moves.min_by(|one, other| one.more.total_cmp(&other.more))
}

fn is_cut(users: &Counts, owners: &Counts) -> bool {
    let first = users.iter().position(|count| *count > 0);
    let last = owners.iter().rposition(|count| *count > 0);
    first.is_some_and(|first| last.is_some_and(|last| first < last))
}

fn add(counts: &mut Counts, block: usize) {
    if let Some(count) = counts.get_mut(block) {
        *count += 1;
    }
}

fn shift(counts: &mut Counts, from: usize, to: usize) {
    add(counts, to);
    if let Some(count) = counts.get_mut(from) {
        *count -= 1;
    }
}
