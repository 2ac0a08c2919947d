//! Crossings are told as `from -> to carrier traffic`.

use whimbrel_plan::{BridgeId, Crossing, Strategy};

use super::super::batching::{BatchingInput, MoverTraits, batches};
use super::super::fixture::{Fixture, fixture};
use super::super::nodes::{self, moves, name};
use super::{SeamBridge, SeamInput, states};

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
