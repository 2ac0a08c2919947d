//! Cuts of a component too large to be cut exactly, against what no cut costs less than.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "tests read what they made"
)]

#[path = "../benches/cuts/system.rs"]
mod system;

use std::collections::{BTreeMap, BTreeSet};

use system::{Bridged, bridged, chosen, cost, lower_bound};
use whimbrel_compiler::analysis::cuts::{Cut, CutKind};
use whimbrel_plan::ServiceId;

/// 49 services, 42 of them in one component; from few couplings between them to many.
#[test]
fn large_cuts_are_close_to_the_bound() {
    for seed in 0..12 {
        let further = [20, 45, 70, 95][seed % 4];
        let compilation = system::system(seed as u64, 49, 42, further);
        let graph = compilation.graph().unwrap().clone();
        let [component] = graph.components.as_slice() else {
            panic!("seed {seed} has {} components", graph.components.len());
        };
        assert_eq!(component.len(), 42);
        let cuts = compilation.cuts().unwrap().all;
        let [half, full] = cuts.as_slice() else {
            panic!("{cuts:?}");
        };
        assert_eq!((half.kind, full.kind), (CutKind::Halving, CutKind::Full));
        let all = bridged(&graph, component);
        let left = |cut: &Cut| largest(&all, component, &chosen(&all, cut));
        assert_eq!(left(half), half.largest);
        assert!(half.largest <= 21, "{}", half.largest);
        assert_eq!((left(full), full.largest), (1, 1));
        let cost = cost(&all, &chosen(&all, full));
        assert!(
            (cost - full.cost).abs() < 1e-6,
            "{cost} is told as {}",
            full.cost
        );
        let bound = lower_bound(&all, component);
        assert!(
            full.cost >= bound - 1e-6,
            "{} is below the bound {bound}",
            full.cost
        );
        assert!(
            full.cost <= 1.2 * bound,
            "{} exceeds 1.2 × {bound}",
            full.cost
        );
    }
}

/// How many services the largest component has that is left of `services` when `cut` is bridged,
/// by reachability alone.
fn largest(all: &[Bridged], services: &[ServiceId], cut: &[bool]) -> usize {
    let reach: Vec<BTreeSet<ServiceId>> = services
        .iter()
        .map(|&start| {
            let mut reached = BTreeSet::new();
            let mut waiting = vec![start];
            while let Some(service) = waiting.pop() {
                let uses = all.iter().zip(cut);
                let uses = uses.filter(|(one, cut)| !**cut && one.users.contains(&service));
                for (one, _) in uses {
                    let owners = one.owners.iter().filter(|owner| **owner != service);
                    waiting.extend(owners.filter(|owner| reached.insert(**owner)));
                }
            }
            reached
        })
        .collect();
    let place: BTreeMap<ServiceId, usize> = services.iter().copied().zip(0..).collect();
    let with = |one: ServiceId| {
        let others = &reach[place[&one]];
        let both = others
            .iter()
            .filter(|other| **other != one && reach[place[other]].contains(&one));
        1 + both.count()
    };
    services.iter().map(|&one| with(one)).max().unwrap_or(0)
}
