//! Small cuts are compared with trying every set of bridges.

use std::collections::BTreeSet;

use proptest::prelude::*;
use whimbrel_plan::{ResourceId, ServiceId};

use super::super::fixture::fixture;
use super::{EXACT_UP_TO, Item, cut, exact, large, pieces};

/// Cuts as `from -> to via`, each with its cost.
fn check(text: &str, expected: &[(&str, f64)]) {
    let fixture = fixture(text);
    let graph = fixture.graph();
    let services = &fixture.inventory.services;
    let told: Vec<(String, f64)> = graph
        .cuts
        .iter()
        .map(|cut| {
            let edges = cut.edges.iter().map(|edge| match edge.via {
                Some(via) => fixture.inventory.resources[via].name.clone(),
                None => format!("{} -> {}", services[edge.from].name, services[edge.to].name),
            });
            (edges.collect::<Vec<_>>().join(", "), cut.cost)
        })
        .collect();
    let expected: Vec<(String, f64)> = expected
        .iter()
        .map(|(text, cost)| ((*text).to_owned(), *cost))
        .collect();
    assert_eq!(told, expected, "for\n{text}");
}

#[test]
fn a_read_that_can_be_captured_is_cheaper_than_a_call() {
    check(
        "link old old
         service orders move
         service billing move
         datastore db move
         table db.orders in=db
         orders calls billing
         orders writes db.orders
         billing reads db.orders",
        // 3 against 8.
        &[("db.orders", 3.0)],
    );
}

#[test]
fn the_rate_weighs() {
    // Without a rate the read costs 3; at 999,999,999 a second 3 · (1 + log₁₀ 10⁹) = 30. The
    // call costs 8.
    check(
        "link old old
         service a move
         service b move
         table t move
         a calls b
         a writes t rate=999999999
         b reads t",
        &[("a -> b", 8.0)],
    );
}

#[test]
fn two_writers_take_a_dual_write_and_one_bridge_cuts_all_edges() {
    check(
        "service a move
         service b move
         service c move
         table t
         a writes t
         b writes t
         c writes t",
        &[("t", 5.0)],
    );
}

#[test]
fn an_order_cannot_be_bridged() {
    check("service a move\nservice b move\na after b\nb after a", &[]);
    check(
        "service a move
         service b move at=x
         a pins x
         b after a",
        &[("a -> b", 4.0)],
    );
}

#[test]
fn an_ordered_topic_costs_what_is_asynchronous() {
    check(
        "link old old
         service a move
         service b move
         topic t
         a publishes t
         b consumes t ordered
         a calls b",
        &[("t", 2.0)],
    );
}

#[test]
fn every_component_has_its_own_cut() {
    check(
        "service a move
         service b move
         service c move
         service d move
         table t
         table u
         a writes t
         b writes t
         c writes u
         d writes u",
        &[("t", 5.0), ("u", 5.0)],
    );
}

/// Whether the services can be put in an order once `items` are all that is left: nobody needs
/// themselves over any number of hops.
fn falls_apart(services: usize, items: &[&Item]) -> bool {
    let mut reaches = vec![vec![false; services]; services];
    for item in items {
        for user in &item.users {
            for owner in item.owners.iter().filter(|owner| *owner != user) {
                reaches[user.index()][owner.index()] = true;
            }
        }
    }
    for middle in 0..services {
        for from in 0..services {
            for to in 0..services {
                reaches[from][to] |= reaches[from][middle] && reaches[middle][to];
            }
        }
    }
    (0..services).all(|service| !reaches[service][service])
}

fn cheapest_by_trying(services: usize, items: &[Item]) -> f64 {
    (0..1_u32 << items.len())
        .filter_map(|cut| {
            let is_cut = |index: usize| cut & (1 << index) != 0;
            let left: Vec<&Item> = (0..items.len())
                .filter(|&index| !is_cut(index))
                .map(|index| &items[index])
                .collect();
            let cost = |index: usize| {
                if is_cut(index) {
                    items[index].cost
                } else {
                    0.0
                }
            };
            falls_apart(services, &left).then(|| (0..items.len()).map(cost).sum())
        })
        .fold(f64::INFINITY, f64::min)
}

fn ids(indices: impl IntoIterator<Item = usize>) -> BTreeSet<ServiceId> {
    indices.into_iter().map(ServiceId::new).collect()
}

/// Items among `services`: calls, and resources of up to four users and three owners. Costs are
/// whole, so that sums compare exactly.
fn items(services: usize, most: usize) -> impl Strategy<Value = Vec<Item>> {
    let item = (
        prop::collection::btree_set(0..services, 1..4),
        prop::collection::btree_set(0..services, 1..3),
        1..20_u8,
        any::<bool>(),
    );
    prop::collection::vec(item, 0..most).prop_map(|items| {
        let item = |(index, (users, owners, cost, call)): (usize, (_, _, u8, bool))| {
            let (users, owners): (BTreeSet<usize>, BTreeSet<usize>) = (users, owners);
            let take = if call { 1 } else { usize::MAX };
            Item {
                via: (!call).then(|| ResourceId::new(index)),
                users: ids(users.into_iter().take(take)),
                owners: ids(owners.into_iter().take(take)),
                cost: f64::from(cost),
            }
        };
        let items = items.into_iter().enumerate().map(item);
        items.filter(|item| item.edge().is_some()).collect()
    })
}

fn total(items: &[Item]) -> f64 {
    items.iter().map(|item| item.cost).sum()
}

fn left<'a>(items: &'a [Item], cut: &[Item]) -> Vec<&'a Item> {
    items.iter().filter(|item| !cut.contains(item)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_exact_cut_is_the_cheapest_there_is(items in items(5, 9)) {
        let best = cheapest_by_trying(5, &items);
        prop_assert_eq!(total(&exact::cut(&ids(0..5), &items)), best);
        // Taking circles first and cutting piece by piece loses nothing.
        let found = cut(&ids(0..5), items.clone()).unwrap();
        prop_assert_eq!(total(&found), best);
    }

    #[test]
    fn the_large_cut_is_a_cut_and_gives_back_what_is_needless(items in items(16, 40)) {
        let services = ids(0..16);
        let found = large::cut(&services, &items);
        prop_assert!(falls_apart(16, &left(&items, &found)));
        for needed in &found {
            let others: Vec<Item> = found.iter().filter(|item| *item != needed).cloned().collect();
            prop_assert!(!falls_apart(16, &left(&items, &others)), "{needed:?} is needless");
        }
    }

    #[test]
    fn no_large_cut_is_cheaper_than_the_cheapest(items in items(8, 20)) {
        let services = ids(0..8);
        let best = total(&exact::cut(&services, &items));
        let found = total(&large::cut(&services, &items));
        prop_assert!(found >= best);
    }
}

#[test]
fn a_large_ring_is_cut_at_its_cheapest_edge() {
    // Twice as many as are cut exactly; the dearest is given back first, so the cheapest remains.
    let size = 2 * EXACT_UP_TO;
    let items: Vec<Item> = (0..size)
        .map(|from| Item {
            via: None,
            users: ids([from]),
            owners: ids([(from + 1) % size]),
            cost: if from == 7 { 1.0 } else { 8.0 },
        })
        .collect();
    let services = ids(0..size);
    assert_eq!(pieces(&services, &items).len(), 1);
    assert_eq!(cut(&services, items.clone()), Some(vec![items[7].clone()]));
}
