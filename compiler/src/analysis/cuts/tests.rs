//! Small cuts are compared with trying every set of bridges.

use proptest::prelude::*;
use whimbrel_plan::{BridgeId, Id as _};

use super::super::fixture::{Fixture, fixture};
use super::super::hops::Reading;
use super::cut::CutKind;
use super::flow::Flow;
use super::large::TOLERANCE;
use super::network::{Coupling, CouplingId, CutMask, Network, Vertex};
use super::order::{Budget, Order};
use super::{EXACT_UP_TO, Weights, exact, halving, large, rank, sequence};

/// Cuts as `kind: from -> to, resource`, each with its cost.
fn told(
    fixture: &Fixture,
    reading: Reading,
    person_days: &[(BridgeId, f64)],
) -> Vec<(String, f64)> {
    let (graph, inventory) = (fixture.graph(), &fixture.inventory);
    let components = match reading {
        Reading::All => &graph.components,
        Reading::Binding => &graph.binding_components,
    };
    let weights = Weights::new(&graph.edges, inventory, person_days);
    let cuts = rank(&graph.edges, inventory, components, reading, &weights);
    let services = &inventory.services;
    cuts.iter()
        .map(|cut| {
            let edges = cut.edges.iter().map(|edge| match edge.via {
                Some(via) => inventory.resources[via].name.clone(),
                None => format!("{} -> {}", services[edge.from].name, services[edge.to].name),
            });
            let kind = match cut.kind {
                CutKind::Halving => "half: ",
                CutKind::Full => "",
            };
            let edges: Vec<_> = edges.collect();
            (format!("{kind}{}", edges.join(", ")), cut.cost)
        })
        .collect()
}

#[track_caller]
fn check(text: &str, expected: &[(&str, f64)]) {
    check_in(Reading::Binding, text, expected);
}

#[track_caller]
fn check_in(reading: Reading, text: &str, expected: &[(&str, f64)]) {
    let expected: Vec<(String, f64)> = expected
        .iter()
        .map(|(text, cost)| ((*text).to_owned(), *cost))
        .collect();
    assert_eq!(told(&fixture(text), reading, &[]), expected, "for\n{text}");
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

#[test]
fn every_kind_has_its_weight() {
    // A pair of services need one another: by the call that costs 8, and by what is weighed.
    for (way, cost, cut) in [
        ("b calls a soft", 1.0, "b -> a"),
        ("b calls a async", 2.0, "b -> a"),
        ("b consumes q\na publishes q", 2.0, "q"),
        ("b reads t\na writes t", 3.0, "t"),
        ("b pins x", 4.0, "b -> a"),
        ("b uses t\na reads t\na writes t", 5.0, "t"),
        // Both calls cost 8.
        ("b calls a", 8.0, "b -> a"),
    ] {
        let text =
            format!("service a move at=x\nservice b move\nqueue q\ntable t\na calls b\n{way}");
        check_in(Reading::All, &text, &[(cut, cost)]);
    }
}

#[test]
fn what_a_bridge_covers_needs_no_cut() {
    let text = "service a
         service b
         table t
         a calls b
         b reads t
         a writes t";
    check_in(Reading::All, text, &[("t", 3.0)]);
    check_in(Reading::All, &format!("{text}\nbridge a -> b"), &[]);
}

#[test]
fn what_the_plan_declares_stands_for_its_kind() {
    // `t` is bridged, and takes so many person-days; so would `u`.
    let text = "service a
         service b
         service c
         service d
         table t
         table u
         a calls b
         b reads t
         a writes t
         c calls d
         d reads u
         c writes u
         bridge t";
    let declared = |days| {
        let bridges = [(BridgeId::new(0), days)];
        told(&fixture(text), Reading::All, &bridges)
    };
    assert_eq!(declared(0.5), [("u".to_owned(), 0.5)]);
    assert_eq!(declared(20.0), [("c -> d".to_owned(), 8.0)]);
    // A bridge over other things says nothing about this one.
    let of_call = text.replace("bridge t", "bridge a -> b");
    let bridges = [(BridgeId::new(0), 20.0)];
    let cuts = told(&fixture(&of_call), Reading::All, &bridges);
    assert_eq!(cuts, [("u".to_owned(), 3.0)]);
}

#[test]
fn what_is_declared_is_declared_at_its_rate() {
    // 6 person-days at 9 a second are 3 at none; at 99 a second they are 9.
    let text = "service a
         service b
         service c
         service d
         table t
         table u
         a calls b
         b reads t
         a writes t rate=9
         c calls d rate=999999999
         d reads u
         c writes u rate=99
         bridge t";
    let cuts = told(&fixture(text), Reading::All, &[(BridgeId::new(0), 6.0)]);
    assert_eq!(cuts, [("u".to_owned(), 9.0)]);
}

#[test]
fn the_cut_that_halves_comes_before_the_full_one() {
    // Two rings of two, joined by calls in a ring of their own.
    let text = "service a
         service b
         service c
         service d
         table t
         a calls b
         b calls a
         c calls d
         d calls c
         b calls c soft
         d calls a soft";
    check_in(
        Reading::All,
        text,
        &[("half: b -> c", 1.0), ("a -> b, d -> c", 16.0)],
    );
}

#[test]
fn a_circle_of_orders_may_still_be_halved() {
    check(
        "service a move
         service b move
         service c move at=c
         service d move at=d
         a after b
         b after a
         c pins d
         d pins c
         b pins c
         c after a",
        &[("half: b -> c", 4.0)],
    );
}

/// Whether no more than `most` services need one another once `cut` is taken away, by brute force.
fn leaves(network: &Network, cut: &CutMask, most: usize) -> bool {
    let services = network.len();
    let mut reaches = vec![vec![false; services]; services];
    for (_, coupling) in network.couplings.iter().filter(|(id, _)| !cut[*id]) {
        for user in &coupling.users {
            for owner in coupling.owners.iter().filter(|owner| *owner != user) {
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
    (0..services).all(|one| {
        let both = |other: &usize| reaches[one][*other] && reaches[*other][one];
        (0..services)
            .filter(|other| *other == one || both(other))
            .count()
            <= most
    })
}

fn cheapest_by_trying(network: &Network, most: usize) -> f64 {
    (0..1_u32 << network.couplings.len())
        .map(|set| -> CutMask {
            let ids = network.couplings.ids();
            ids.map(|id| set & (1 << id.index()) != 0).collect()
        })
        .filter(|cut| leaves(network, cut, most))
        .map(|cut| network.cost(&cut))
        .fold(f64::INFINITY, f64::min)
}

/// Calls, and resources of up to three users and two owners. Costs are whole, so that sums compare
/// exactly.
fn networks(services: usize, most: usize) -> impl Strategy<Value = Network> {
    let ends = |most| prop::collection::btree_set(0..services, 1..=most);
    let coupling = (ends(3), ends(2), 1..20_u8, any::<bool>());
    prop::collection::vec(coupling, 0..most).prop_map(move |couplings| {
        let couplings = couplings.into_iter().map(|(users, owners, cost, call)| {
            let most = if call { 1 } else { usize::MAX };
            let vertices = |ends: std::collections::BTreeSet<usize>| {
                ends.into_iter().take(most).map(Vertex::new).collect()
            };
            Coupling {
                users: vertices(users),
                owners: vertices(owners),
                cost: f64::from(cost),
            }
        });
        let others = |one: &Coupling| one.users != one.owners || one.users.len() > 1;
        Network::new(services, couplings.filter(others).collect())
    })
}

fn plenty() -> Budget {
    Budget::new(f64::INFINITY)
}

/// A cut by what is done in a large component, circles included.
fn large_cut(network: &Network) -> CutMask {
    let mut cut = large::cut(network, plenty());
    for (id, coupling) in network.couplings.iter() {
        cut[id] |= coupling.is_circle();
    }
    cut
}

fn without(cut: &CutMask, one: CouplingId) -> CutMask {
    let mut cut = cut.clone();
    cut[one] = false;
    cut
}

/// What a circle's own cut takes away couples nobody any more: beside it only the cheaper of two calls
/// is cut, 4 + 4 and not 4 + 8.
#[test]
fn what_is_cut_already_is_not_paid_for_again() {
    let coupling = |users: &[usize], owners: &[usize], cost| {
        let vertices = |ends: &[usize]| ends.iter().copied().map(Vertex::new).collect();
        Coupling {
            users: vertices(users),
            owners: vertices(owners),
            cost,
        }
    };
    let couplings = vec![
        coupling(&[0, 2, 3], &[2, 3], 4.0),
        coupling(&[2], &[0], 8.0),
        coupling(&[0], &[2], 4.0),
    ];
    let network = Network::new(4, couplings);
    let limits = super::Limits {
        full: EXACT_UP_TO,
        halving: EXACT_UP_TO,
        work: 0.0,
    };
    assert_eq!(network.cost(&super::full(&network, limits)), 8.0);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_exact_cut_is_the_cheapest_there_is(network in networks(5, 9)) {
        let cut = exact::cut(&network, 1);
        prop_assert!(leaves(&network, &cut, 1));
        let best = cheapest_by_trying(&network, 1);
        prop_assert_eq!(network.cost(&cut), best);
        // Taking circles first and cutting piece by piece loses nothing.
        let limits = super::Limits { full: EXACT_UP_TO, halving: EXACT_UP_TO, work: 0.0 };
        prop_assert_eq!(network.cost(&super::full(&network, limits)), best);
    }

    #[test]
    fn the_exact_halving_cut_is_the_cheapest_there_is(network in networks(6, 9)) {
        for most in 1..=6 {
            let cut = exact::cut(&network, most);
            prop_assert!(leaves(&network, &cut, most));
            prop_assert_eq!(network.cost(&cut), cheapest_by_trying(&network, most));
        }
    }

    #[test]
    fn the_large_cut_is_a_cut_and_nothing_of_it_is_needless(network in networks(16, 40)) {
        let cut = large_cut(&network);
        prop_assert!(leaves(&network, &cut, 1));
        for (id, _) in cut.iter().filter(|(_, cut)| **cut) {
            prop_assert!(!leaves(&network, &without(&cut, id), 1), "{id:?} is needless");
        }
    }

    #[test]
    fn no_large_cut_is_cheaper_than_the_cheapest(network in networks(8, 20)) {
        let best = network.cost(&exact::cut(&network, 1));
        let found = network.cost(&large_cut(&network));
        prop_assert!(found >= best, "{found} {best}");
    }

    #[test]
    fn the_large_halving_cut_halves_and_nothing_of_it_is_needless(network in networks(9, 30)) {
        let full = large_cut(&network);
        let cut = halving::cut(&network, &full, 5, plenty());
        prop_assert!(leaves(&network, &cut, 5));
        prop_assert!(network.cost(&cut) <= network.cost(&full));
        prop_assert!(network.cost(&cut) >= network.cost(&exact::cut(&network, 5)));
        for (id, _) in cut.iter().filter(|(_, cut)| **cut) {
            prop_assert!(!leaves(&network, &without(&cut, id), 5), "{id:?} is needless");
        }
    }

    #[test]
    fn an_order_keeps_what_makes_no_circle_and_nothing_else(network in networks(7, 16)) {
        let start: Vec<Vertex> = (0..7).map(Vertex::new).collect();
        let mut order = Order::new(&network, &start, plenty());
        prop_assert!(leaves(&network, &order.cut, 1));
        for id in network.couplings.ids() {
            let keeps = leaves(&network, &without(&order.cut, id), 1);
            if order.cut[id] {
                prop_assert_eq!(order.keep(id), keeps);
            }
            prop_assert!(leaves(&network, &order.cut, 1));
        }
    }

    #[test]
    fn a_cut_that_runs_out_of_work_is_a_cut(network in networks(10, 30), work in 0.0..200.0) {
        let mut cut = large::cut(&network, Budget::new(work));
        for (id, coupling) in network.couplings.iter() {
            cut[id] |= coupling.is_circle();
        }
        prop_assert!(leaves(&network, &cut, 1));
        let cut = halving::cut(&network, &cut, 5, Budget::new(work));
        prop_assert!(leaves(&network, &cut, 5));
    }
}

fn ring(size: usize, cost: impl Fn(usize) -> f64) -> Network {
    let couplings = (0..size).map(|from| {
        let to = (from + 1) % size;
        Coupling {
            users: vec![Vertex::new(from)],
            owners: vec![Vertex::new(to)],
            cost: cost(from),
        }
    });
    Network::new(size, couplings.collect())
}

#[test]
fn a_large_ring_is_cut_at_its_cheapest_edge() {
    // Twice as many as are cut exactly; the dearest is given back first, so the cheapest remains.
    let network = ring(2 * EXACT_UP_TO, |from| if from == 7 { 1.0 } else { 8.0 });
    let cut = large_cut(&network);
    let cut: Vec<usize> = cut
        .iter()
        .filter(|(_, cut)| **cut)
        .map(|(id, _)| id.index())
        .collect();
    assert_eq!(cut, [7]);
}

#[test]
fn a_dear_edge_is_kept_for_several_cheap_ones() {
    // From b to a there are three cheap ways, each through a service of its own; from a to b a
    // dear one. An order that goes against the dear one is only left by trading it for the three.
    let vertex = Vertex::new;
    let coupling = |from, to, cost| Coupling {
        users: vec![vertex(from)],
        owners: vec![vertex(to)],
        cost,
    };
    let mut couplings = vec![coupling(0, 1, 8.0)];
    for middle in 2..5 {
        couplings.push(coupling(1, middle, 2.0));
        couplings.push(coupling(middle, 0, 2.0));
    }
    let network = Network::new(5, couplings);
    let start: Vec<Vertex> = [0, 2, 3, 4, 1].map(vertex).to_vec();
    let mut order = Order::new(&network, &start, plenty());
    assert!((network.cost(&order.cut) - 8.0).abs() < TOLERANCE);
    large::improve(&mut order, &mut Flow::new(&network), None);
    assert!((network.cost(&order.cut) - 6.0).abs() < TOLERANCE);
}

#[test]
fn a_sequence_puts_needs_first() {
    let network = ring(4, |_| 1.0);
    let mut cut = network.whole();
    cut[CouplingId::new(2)] = true;
    // 2 no longer needs 3, which needs 0, which needs 1, which needs 2.
    let order: Vec<usize> = sequence::sequence(&network, &cut)
        .iter()
        .map(|vertex| vertex.index())
        .collect();
    assert_eq!(order, [2, 1, 0, 3]);
}
