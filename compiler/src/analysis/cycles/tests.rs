//! Cycles are told as `from -> to via`, hidden hops marked `!`, loose ones `~`.

use whimbrel_plan::{CycleHop, ServiceId};

use super::super::fixture::{Fixture, fixture};
use super::super::hops::{Reading, service_hops};
use super::{SEARCH_LIMIT, binding_cycle};

fn names(fixture: &Fixture, services: &[ServiceId]) -> String {
    let names = services
        .iter()
        .map(|&id| fixture.inventory.services[id].name.as_str());
    names.collect::<Vec<_>>().join(" ")
}

fn told(fixture: &Fixture, hops: &[CycleHop]) -> Vec<String> {
    hops.iter()
        .map(|hop| {
            let services = &fixture.inventory.services;
            let mut text = format!("{} -> {}", services[hop.from].name, services[hop.to].name);
            if let Some(via) = hop.via {
                text = format!("{text} via {}", fixture.inventory.resources[via].name);
            }
            text.push_str(if hop.hidden { " !" } else { "" });
            text.push_str(if hop.binding { "" } else { " ~" });
            text
        })
        .collect()
}

fn check(text: &str, components: &[&str], binding: &[&str], cycles: &[&[&str]]) {
    let fixture = fixture(text);
    let graph = fixture.graph();
    let all: Vec<String> = graph
        .components
        .iter()
        .map(|set| names(&fixture, set))
        .collect();
    assert_eq!(all, components, "components of\n{text}");
    let sets = graph.binding_components.iter();
    let bound: Vec<String> = sets.map(|set| names(&fixture, set)).collect();
    assert_eq!(bound, binding, "binding components of\n{text}");
    let found: Vec<Vec<String>> = graph
        .cycles
        .iter()
        .map(|cycle| told(&fixture, &cycle.hops))
        .collect();
    assert_eq!(found, cycles, "cycles of\n{text}");
}

#[test]
fn the_shared_table_of_orders_and_billing() {
    // Orders calls billing, billing reads what orders writes. The call is loose, so the two need
    // one another but nothing binds orders to billing.
    check(
        "service orders move
         service billing move
         datastore orders_db move
         table orders_db.orders in=orders_db
         orders calls billing rate=120
         orders writes orders_db.orders
         billing reads orders_db.orders",
        &["billing orders"],
        &[],
        &[&[
            "orders -> billing ~",
            "billing -> orders via orders_db.orders !",
        ]],
    );
}

#[test]
fn it_binds_where_no_link_carries_the_call() {
    check(
        "link old old
         service orders move
         service billing move
         table t move
         orders calls billing
         orders writes t
         billing reads t",
        &["billing orders"],
        &["billing orders"],
        &[&["orders -> billing", "billing -> orders via t !"]],
    );
}

#[test]
fn co_location_is_no_cycle() {
    check(
        "service a move
         service b move
         instance pg move
         datastore db in=pg
         table db.x in=db
         table db.y in=db
         a uses db.x
         b uses db.y",
        &[],
        &[],
        &[],
    );
}

#[test]
fn two_publishers_are_no_cycle_but_two_writers_are() {
    check(
        "service a move
         service b move
         topic t
         a publishes t
         b publishes t",
        &[],
        &[],
        &[],
    );
    check(
        "service a move
         service b move
         table t
         a writes t
         b writes t",
        &["a b"],
        &["a b"],
        &[&["a -> b via t !", "b -> a via t !"]],
    );
}

#[test]
fn an_unordered_consumer_is_not_bound_by_another_that_requires_order() {
    // Both consume what p publishes and both are called by it over a missing link. Only the
    // ordered one is bound to p in turn.
    check(
        "link old old
         service loose move
         service p move
         service strict move
         topic t move
         p publishes t
         loose consumes t
         strict consumes t ordered
         p calls loose
         p calls strict",
        &["loose p strict"],
        &["p strict"],
        &[&["p -> loose", "loose -> p via t !"]],
    );
}

#[test]
fn the_shortest_cycle_through_a_hidden_hop_is_told_though_a_declared_one_is_shorter() {
    // a ⇄ b is declared and has two hops; the hidden read closes a → b → c → a.
    check(
        "service a move
         service b move
         service c move
         table t
         a calls b
         b calls a
         b calls c
         a writes t
         c reads t",
        &["a b c"],
        &[],
        &[&["a -> b ~", "b -> c ~", "c -> a via t ! ~"]],
    );
}

#[test]
fn a_declared_call_makes_the_shared_table_no_news() {
    check(
        "service a move
         service b move
         table t
         a calls b
         b calls a
         a writes t
         b reads t",
        &["a b"],
        &[],
        &[&["a -> b ~", "b -> a ~"]],
    );
}

#[test]
fn the_shortest_declared_cycle_starts_at_its_first_name() {
    check(
        "service a
         service b
         service c
         service d
         a calls b
         b calls c
         c calls d
         d calls a
         d calls c",
        &["a b c d"],
        &[],
        &[&["c -> d ~", "d -> c ~"]],
    );
}

#[test]
fn the_binding_cycle_leaves_out_loose_hops() {
    let fixture = fixture(
        "link old old
         service a move
         service b move
         service c move
         table t move
         a writes t
         c reads t
         a calls b
         b calls c
         a calls c soft",
    );
    let graph = fixture.graph();
    // Over all edges the soft call is the short way; only a → b → c binds.
    assert_eq!(
        told(&fixture, &graph.cycles[0].hops),
        ["a -> c ~", "c -> a via t !"]
    );
    let component = &graph.binding_components[0];
    let hops = binding_cycle(&graph, &fixture.inventory, component);
    assert_eq!(
        told(&fixture, &hops),
        ["a -> b", "b -> c", "c -> a via t !"]
    );
}

#[test]
fn hops_are_told_with_the_evidence_of_both_sides() {
    let fixture = fixture(
        "service a
         service b
         service c
         table t
         a reads t
         b writes t
         a calls c",
    );
    let graph = fixture.graph();
    let hops = service_hops(&graph.edges, &fixture.inventory, Reading::All);
    let from: Vec<CycleHop> = hops.from(fixture.service("a")).collect();
    assert_eq!(told(&fixture, &from), ["a -> c ~", "a -> b via t ! ~"]);
    // The reader's fact stands first in the text, the writer's second.
    let evidence: Vec<usize> = from[1].evidence.iter().map(|id| id.index()).collect();
    assert_eq!(evidence, [0, 1]);
}

#[test]
fn a_hop_through_a_resource_binds_when_both_of_its_edges_do() {
    // The table moves, so each use of it binds; the way on binds to a writer that moves.
    let text = |writer: &str| {
        format!(
            "service a move
             service b {writer}
             table t move
             a reads t
             b writes t"
        )
    };
    for (writer, expected) in [("move", "a -> b via t !"), ("", "a -> b via t ! ~")] {
        let fixture = fixture(&text(writer));
        let graph = fixture.graph();
        let hops = service_hops(&graph.edges, &fixture.inventory, Reading::All);
        let from: Vec<CycleHop> = hops.from(fixture.service("a")).collect();
        assert_eq!(told(&fixture, &from), [expected]);
    }
}

#[test]
fn a_giant_component_gives_a_cycle() {
    // A ring of ten thousand with a hidden way back from the last to the first.
    let mut text = String::from("table t\ns00000 writes t\ns09999 reads t\n");
    for index in 0..10_000 {
        text += &format!("service s{index:05}\n");
    }
    for index in 0..9_999 {
        text += &format!("s{index:05} calls s{:05}\n", index + 1);
    }
    let fixture = fixture(&text);
    let graph = fixture.graph();
    assert_eq!(graph.components.len(), 1);
    // 9,999 calls and the read.
    assert_eq!(graph.cycles[0].hops.len(), 10_000);
    assert!(graph.cycles[0].hops.last().unwrap().hidden);
}

#[test]
fn a_longer_cycle_through_a_later_service_is_not_told() {
    // d, e and f are on the way round of six alone.
    check(
        "service a
         service b
         service c
         service d
         service e
         service f
         a calls b
         b calls c
         c calls a
         c calls d
         d calls e
         e calls f
         f calls a",
        &["a b c d e f"],
        &[],
        &[&["a -> b ~", "b -> c ~", "c -> a ~"]],
    );
}

#[test]
fn the_search_of_a_giant_component_ends() {
    // A ring of ten thousand that read what the next one writes. A way round looks at three edges
    // of each: to what it reads, to what it writes, and from what it reads on to the next. So the
    // limit of half a million is reached on the 17th, and the pair that the 21st begins is not found.
    let giant = |pair: usize| {
        let mut text = String::new();
        for index in 0..10_000 {
            let next = (index + 1) % 10_000;
            text += &format!(
                "service s{index:05}\ntable t{index:05}\n\
                 s{index:05} reads t{index:05}\ns{next:05} writes t{index:05}\n"
            );
        }
        text += &format!("table u\ns{:05} reads u\ns{pair:05} writes u\n", pair + 1);
        let graph = fixture(&text).graph();
        assert_eq!(graph.components.len(), 1);
        graph.cycles[0].hops.len()
    };
    assert_eq!(SEARCH_LIMIT / 30_000, 16);
    assert_eq!(giant(15), 2);
    assert_eq!(giant(20), 10_000);
}
