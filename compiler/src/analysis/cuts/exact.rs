//! The cheapest cut of a small component.
//!
//! A cut leaves an order of blocks in which each service goes with or after what it still needs. A
//! coupling is cut when the first block with one of its users goes before an owner of another
//! block; so what a block adds to the cost depends only on the *sets* of services before it and up
//! to it, and the best order is found over the sets: of one service each for a full cut, of up to
//! half the component for one that halves it.

use whimbrel_plan::Id as _;

use super::network::{CutMask, Network, Vertex};

/// Sets of services as bits.
type Set = u32;

/// Sets of couplings as bits.
type Words = Vec<u64>;

/// What is known of one set of services.
struct Known {
    /// Couplings with a user in the set.
    touched: Words,
    /// Couplings with an owner outside it.
    waited_for: Words,
    /// The cost of the cheapest way to it.
    cost: f64,
    /// The block that came last.
    last: Set,
}

/// How many pairs of sets are looked at for a network of `services` cut into blocks of one, or of
/// up to half.
pub(super) fn work(services: usize, block: usize) -> u64 {
    let base: u64 = if block == 1 { 2 } else { 3 };
    let power = base.saturating_pow(u32::try_from(services).unwrap_or(u32::MAX));
    power.saturating_mul(if block == 1 { services as u64 } else { 1 })
}

/// The cheapest cut that leaves no more than `block` services needing one another.
pub(super) fn cut(network: &Network, block: usize) -> CutMask {
    let sets = sets(network, block);
    let mut cut = network.whole();
    let mut set: Set = full(network.len());
    while let Some(known) = sets.get(set as usize).filter(|known| known.last != 0) {
        let before = set & !known.last;
        let Some(earlier) = sets.get(before as usize) else {
            break;
        };
        for (id, _) in network.couplings.iter() {
            let (word, bit) = (id.index() / 64, 1_u64 << (id.index() % 64));
            cut[id] |= newly_cut(earlier, known).nth(word).unwrap_or(0) & bit != 0;
        }
        set = before;
    }
    cut
}

fn full(services: usize) -> Set {
    (1 << services) - 1
}

/// The couplings that are cut between two sets.
fn newly_cut<'a>(before: &'a Known, after: &'a Known) -> impl Iterator<Item = u64> + 'a {
    let words = after.touched.iter().zip(&after.waited_for);
    let words = words.zip(&before.touched);
    words.map(|((touched, waited_for), before)| touched & waited_for & !before)
}

fn sets(network: &Network, block: usize) -> Vec<Known> {
    let words = network.couplings.len().div_ceil(64);
    let costs: Vec<f64> = network.couplings.values().map(|one| one.cost).collect();
    let mut sets: Vec<Known> = Vec::with_capacity(1 << network.len());
    for set in 0..=full(network.len()) {
        let (touched, waited_for) = marked(network, set, words);
        let mut known = Known {
            touched,
            waited_for,
            cost: if set == 0 { 0.0 } else { f64::INFINITY },
            last: 0,
        };
        for last in blocks(set, block) {
            let Some(before) = sets.get((set & !last) as usize) else {
                continue;
            };
            let cost = before.cost + price(newly_cut(before, &known), &costs);
            if known.last == 0 || cost < known.cost {
                (known.cost, known.last) = (cost, last);
            }
        }
        sets.push(known);
    }
    sets
}

/// The blocks of up to so many services that can come last of `set`.
fn blocks(set: Set, most: usize) -> Box<dyn Iterator<Item = Set>> {
    if most == 1 {
        let bits = (0..Set::BITS).map(|place| 1 << place);
        return Box::new(
            bits.take_while(move |bit| *bit <= set)
                .filter(move |bit| set & bit != 0),
        );
    }
    let first = (set != 0).then_some(set);
    let smaller = move |block: &Set| Some((block - 1) & set).filter(|next| *next != 0);
    let fits = move |block: &Set| block.count_ones() as usize <= most;
    Box::new(std::iter::successors(first, smaller).filter(fits))
}

/// Which couplings a set touches, and which it waits for.
fn marked(network: &Network, set: Set, words: usize) -> (Words, Words) {
    let (mut touched, mut waited_for) = (vec![0; words], vec![0; words]);
    let within = |vertex: &Vertex| set & (1 << vertex.index()) != 0;
    for (id, coupling) in network.couplings.iter() {
        let (word, bit) = (id.index() / 64, 1_u64 << (id.index() % 64));
        let mark = |words: &mut Words, yes: bool| {
            if let Some(word) = words.get_mut(word).filter(|_| yes) {
                *word |= bit;
            }
        };
        mark(&mut touched, coupling.users.iter().any(within));
        mark(&mut waited_for, !coupling.owners.iter().all(within));
    }
    (touched, waited_for)
}

fn price(words: impl Iterator<Item = u64>, costs: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (mut word, costs) in words.zip(costs.chunks(64)) {
        while word != 0 {
            let bit = word.trailing_zeros() as usize;
            sum += costs.get(bit).copied().unwrap_or(0.0);
            word &= word - 1;
        }
    }
    sum
}
