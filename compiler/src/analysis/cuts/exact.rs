//! The cheapest cut of a small piece.
//!
//! A cut leaves an order in which each service goes after what it still needs. An item is cut when
//! the first of its users in that order goes before an owner other than itself; so what a service
//! adds to the cost depends only on the *set* of those before it, and the best order is found over
//! the sets.

use std::collections::BTreeSet;

use whimbrel_plan::ServiceId;

use super::Item;

/// Sets of services as bits.
type Set = u32;

struct Bits {
    users: Set,
    owners: Set,
    cost: f64,
}

impl Bits {
    /// Whether the item is cut when `next` goes after `before`.
    fn cut_by(&self, before: Set, next: Set) -> bool {
        self.users & next != 0 && self.users & before == 0 && self.owners & !next & !before != 0
    }
}

/// The cheapest way to each set: its cost and the service that came last.
#[derive(Clone, Copy)]
struct Best {
    cost: f64,
    last: Set,
}

/// The items of the cheapest cut; of equals the one that puts earlier names first.
pub(super) fn cut(piece: &BTreeSet<ServiceId>, items: &[Item]) -> Vec<Item> {
    let bits = |services: &BTreeSet<ServiceId>| -> Set {
        let places = piece.iter().enumerate();
        places
            .filter(|(_, id)| services.contains(id))
            .fold(0, |set, (place, _)| set | 1 << place)
    };
    let items: Vec<(Bits, &Item)> = items
        .iter()
        .map(|item| {
            let bits = Bits {
                users: bits(&item.users),
                owners: bits(&item.owners),
                cost: item.cost,
            };
            (bits, item)
        })
        .collect();
    let best = best(piece.len(), &items);
    let mut cut = BTreeSet::new();
    let mut set: Set = (1 << piece.len()) - 1;
    while let Some(step) = best.get(set as usize).filter(|step| step.last != 0) {
        let before = set & !step.last;
        let by = |bits: &Bits| bits.cut_by(before, step.last);
        let places = items.iter().enumerate();
        cut.extend(
            places
                .filter(|(_, (bits, _))| by(bits))
                .map(|(place, _)| place),
        );
        set = before;
    }
    cut.into_iter()
        .filter_map(|place| items.get(place))
        .map(|(_, item)| (*item).clone())
        .collect()
}

fn best(services: usize, items: &[(Bits, &Item)]) -> Vec<Best> {
    let mut best = vec![Best { cost: 0.0, last: 0 }];
    for set in 1..(1_u32 << services) {
        let ways = (0..services)
            .map(|place| 1 << place)
            .filter(|last| set & last != 0);
        let ways = ways.map(|last| {
            let before = set & !last;
            let added: f64 = items
                .iter()
                .filter(|(bits, _)| bits.cut_by(before, last))
                .map(|(bits, _)| bits.cost)
                .sum();
            let earlier = best.get(before as usize).map_or(0.0, |best| best.cost);
            Best {
                cost: earlier + added,
                last,
            }
        });
        let least = ways.min_by(|one, other| one.cost.total_cmp(&other.cost));
        best.extend(least);
    }
    best
}
