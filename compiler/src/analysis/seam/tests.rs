//! Crossings are told as `from -> to carrier traffic`.

use whimbrel_plan::{Arena, Batch, BatchId, BridgeId, Crossing, SeamState, Strategy};

use super::super::batching::{BatchingInput, MoverTraits, batches};
use super::super::fixture::{Fixture, fixture};
use super::super::nodes::{self, moves, name};
use super::{CROSSINGS_LISTED, SeamBridge, SeamInput, batches_after, states};

fn told(fixture: &Fixture, crossing: &Crossing) -> String {
    let [from, to] = [crossing.from, crossing.to].map(|node| name(&fixture.inventory, node));
    let carrier = crossing.carried_by.as_deref().unwrap_or("nothing");
    let traffic = crossing
        .traffic
        .map_or(String::new(), |bytes| format!(" {bytes}"));
    format!("{from} -> {to} by {carrier}{traffic}")
}

/// Moves one by one, in the order the sequential batches give.
fn check(text: &str, expected: &[(&str, &[&str])]) {
    let fixture = fixture(text);
    let graph = fixture.graph();
    let traits: Vec<MoverTraits> = nodes::all(&fixture.inventory)
        .filter(|&node| moves(&fixture.inventory, node) && !text_of(&fixture, node).contains('.'))
        .map(|node| MoverTraits {
            node,
            stateful: false,
            synced: false,
            canary: false,
            automatic_rollback: false,
            rehearsed: false,
            order_sensitive: false,
        })
        .collect();
    let batches = batches(&BatchingInput {
        inventory: &fixture.inventory,
        graph: &graph,
        strategy: Strategy::Sequential,
        traits: &traits,
        at_once: None,
    });
    let states = states(&SeamInput {
        inventory: &fixture.inventory,
        graph: &graph,
        bridges: &[SeamBridge {
            id: BridgeId::new(0),
            name: "sync".into(),
            until: None,
        }],
        batches: &batches,
    });
    let told: Vec<(String, Vec<String>)> = states
        .iter()
        .map(|state| {
            let unit = &batches[state.batch].units[0];
            let moved = text_of(&fixture, unit.members[0].node).to_owned();
            let crossing = state
                .crossing
                .iter()
                .map(|crossing| told(&fixture, crossing));
            (moved, crossing.collect())
        })
        .collect();
    let expected: Vec<(String, Vec<String>)> = expected
        .iter()
        .map(|(batch, lines)| {
            let lines = lines.iter().map(|&line| line.to_owned()).collect();
            ((*batch).to_owned(), lines)
        })
        .collect();
    assert_eq!(told, expected, "for\n{text}");
}

fn text_of(fixture: &Fixture, node: whimbrel_plan::Node) -> &str {
    name(&fixture.inventory, node)
}

#[test]
fn a_call_crosses_while_its_ends_are_apart() {
    // b goes first; traffic is 10/s of 200 bytes.
    let text =
        "service a move\nservice b move\nservice c\na calls b rate=10 bytes=200\na calls c soft";
    check(
        text,
        &[
            ("b", &["a -> b by nothing 2000"]),
            ("a", &["a -> c by nothing"]),
        ],
    );
    check(
        &format!("link new old\n{text}"),
        &[
            ("b", &["a -> b by new -> old 2000"]),
            ("a", &["a -> c by new -> old"]),
        ],
    );
}

#[test]
fn a_table_moves_with_its_datastore_and_a_bridge_carries_its_edges() {
    let text = "service reader move
        service writer move
        datastore db move
        table db.t in=db
        reader reads db.t
        writer writes db.t rate=3 bytes=10";
    check(
        text,
        &[
            (
                "db",
                &["reader -> db.t by nothing", "writer -> db.t by nothing 30"],
            ),
            ("writer", &["reader -> db.t by nothing"]),
            ("reader", &[]),
        ],
    );
    // Bridged, nothing binds: reader and writer need the datastore, which goes before them.
    check(
        &format!("{text}\nbridge db.t"),
        &[
            (
                "db",
                &["reader -> db.t by sync", "writer -> db.t by sync 30"],
            ),
            ("reader", &["writer -> db.t by sync 30"]),
            ("writer", &[]),
        ],
    );
}

#[test]
fn consumers_and_publishers_cross_to_a_topic_that_stays() {
    check(
        "service consumer move
         service publisher move
         topic events
         consumer consumes events
         publisher publishes events rate=5 bytes=4",
        &[
            // The publisher has a dependant, so the consumer goes first.
            ("consumer", &["consumer -> events by nothing"]),
            (
                "publisher",
                &[
                    "consumer -> events by nothing",
                    "events -> publisher by nothing 20",
                ],
            ),
        ],
    );
}

/// The states of batches written by hand; each bridge stands up to the batch it names.
fn stated(
    fixture: &Fixture,
    batches: &Arena<BatchId, Batch>,
    until: &[Option<BatchId>],
) -> Vec<SeamState> {
    let bridges: Vec<SeamBridge> = until
        .iter()
        .enumerate()
        .map(|(index, &until)| SeamBridge {
            id: BridgeId::new(index),
            name: format!("sync-{index}").into(),
            until,
        })
        .collect();
    states(&SeamInput {
        inventory: &fixture.inventory,
        graph: &fixture.graph(),
        bridges: &bridges,
        batches,
    })
}

fn lines(fixture: &Fixture, states: &[SeamState]) -> Vec<String> {
    let of = |state: &SeamState| {
        let crossing = state
            .crossing
            .iter()
            .map(|crossing| told(fixture, crossing));
        crossing.collect::<Vec<_>>().join(", ")
    };
    states.iter().map(of).collect()
}

#[test]
fn whoever_reads_and_writes_a_table_crosses_to_it_once_with_the_traffic_of_both() {
    // 3 · 10 bytes a second read, and 2 · 50 written; how much is written to `u` is unknown.
    check(
        "service a move
         table t
         table u
         a reads t rate=3 bytes=10
         a writes t rate=2 bytes=50
         a reads u rate=4 bytes=5
         a writes u",
        &[("a", &["a -> t by nothing 130", "a -> u by nothing 20"])],
    );
}

#[test]
fn what_is_seen_gives_the_traffic_only_where_nothing_declared_does() {
    let traffic = |relations: &str| {
        let fixture = fixture(&format!("service a\nservice b move\n{relations}"));
        let states = stated(&fixture, &fixture.batches(&["b"]), &[]);
        states[0].crossing[0].traffic
    };
    assert_eq!(
        traffic("a calls b rate=3 bytes=10\na seen b rate=7 bytes=100"),
        Some(30.0)
    );
    // The size that is declared at the rate that is seen.
    assert_eq!(traffic("a calls b bytes=10\na seen b rate=7"), Some(70.0));
    assert_eq!(traffic("a calls b rate=3\na seen b bytes=100"), Some(300.0));
    assert_eq!(
        traffic("a calls b rate=3 bytes=10\na calls b rate=2 bytes=20"),
        Some(70.0)
    );
    assert_eq!(traffic("a calls b bytes=10"), None);
}

#[test]
fn the_quickest_link_carries() {
    let mut fixture = fixture(
        "link old new
         link new old
         link old new
         link old old
         service a
         service b move
         a calls b",
    );
    let mut carried = |latencies: [Option<f64>; 4]| {
        for (link, latency) in fixture
            .inventory
            .links
            .ids()
            .collect::<Vec<_>>()
            .into_iter()
            .zip(latencies)
        {
            fixture.inventory.links[link].latency = latency.map(Into::into);
        }
        let states = stated(&fixture, &fixture.batches(&["b"]), &[]);
        let crossing = &states[0].crossing[0];
        let carrier = crossing.carried_by.as_deref().unwrap().to_owned();
        (carrier, crossing.latency)
    };
    let told = |carrier: &str, latency| (carrier.to_owned(), latency);
    // In either direction; the last joins other platforms, however quick it is.
    assert_eq!(
        carried([Some(3.0), Some(1.0), Some(2.0), Some(0.1)]),
        told("new -> old", Some(1.0))
    );
    // The first of equals; one of unknown latency comes last, and carries when there is no other.
    assert_eq!(
        carried([Some(1.0), Some(1.0), Some(1.0), None]),
        told("old -> new", Some(1.0))
    );
    assert_eq!(
        carried([None, Some(9.0), None, None]),
        told("new -> old", Some(9.0))
    );
    assert_eq!(carried([None, None, None, None]), told("old -> new", None));
}

#[test]
fn a_bridge_carries_up_to_its_last_batch() {
    let fixture = fixture(
        "service a
         service b move
         service c move
         service d move
         service e move
         a calls b
         bridge a -> b",
    );
    let mut batches = fixture.batches(&["b", "c", "d", "e"]);
    let ids: Vec<BatchId> = batches.ids().collect();
    // `c` and `d` follow `b` beside one another, `e` follows `d`.
    batches[ids[2]].after = vec![ids[0]];
    let carried = |until| lines(&fixture, &stated(&fixture, &batches, &[until]));
    let [bridge, nothing] = ["a -> b by sync-0", "a -> b by nothing"];
    assert_eq!(carried(None), [bridge; 4]);
    assert_eq!(carried(Some(ids[0])), [bridge, nothing, nothing, nothing]);
    // `d` and `e` do not come after `c`.
    assert_eq!(carried(Some(ids[1])), [bridge; 4]);
    assert_eq!(carried(Some(ids[2])), [bridge, bridge, bridge, nothing]);
    let after = |index: usize| {
        let mut after: Vec<BatchId> = batches_after(&batches, ids[index]).into_iter().collect();
        after.sort_unstable();
        after
    };
    assert_eq!(after(0), ids[1..]);
    assert_eq!(after(1), []);
    assert_eq!(after(2), ids[3..]);
}

#[test]
fn no_more_states_are_listed_than_hold_so_many_crossings() {
    // After each of 101 batches a thousand calls cross: a hundred states hold the most.
    let mut text = String::from("service hub move\n");
    for caller in 0..1_000 {
        text += &format!("service x{caller}\nx{caller} calls hub\n");
    }
    let names: Vec<String> = (0..100).map(|index| format!("m{index}")).collect();
    for name in &names {
        text += &format!("service {name} move\n");
    }
    let fixture = fixture(&text);
    let mut order = vec!["hub"];
    order.extend(names.iter().map(String::as_str));
    let states = stated(&fixture, &fixture.batches(&order), &[]);
    assert_eq!(states.len(), 100);
    let crossings: usize = states.iter().map(|state| state.crossing.len()).sum();
    assert_eq!(crossings, CROSSINGS_LISTED);
}
