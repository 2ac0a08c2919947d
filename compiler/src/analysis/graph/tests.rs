//! Each case: an inventory and the edges it must give, in (from, to, kind) order: services before
//! resources, each by name.

use whimbrel_plan::{Edge, Need, RelationId, RelationKind};

use super::super::fixture::fixture;
use super::super::nodes;
use super::{is_guess, leaving};

fn check(text: &str, expected: &[&str]) {
    let fixture = fixture(text);
    let graph = fixture.graph();
    let told: Vec<String> = graph.edges.iter().map(|edge| fixture.told(edge)).collect();
    assert_eq!(told, expected, "for\n{text}");
}

#[test]
fn a_call_is_declared_and_loose_while_the_path_is_unknown() {
    check(
        "service a move
         service b move
         a calls b",
        &["a -> b call"],
    );
}

#[test]
fn a_hard_synchronous_call_binds_where_links_are_declared_and_none_joins_the_platforms() {
    // `a`, moved first, would stand on `new` and call `old`; the one link joins `old` to itself.
    let text = |call: &str, link: &str| {
        format!(
            "{link}
             service a move
             service b move
             a calls b {call}"
        )
    };
    check(&text("", "link old old"), &["a -> b call binding"]);
    check(&text("soft", "link old old"), &["a -> b call"]);
    check(&text("async", "link old old"), &["a -> b call"]);
    check(&text("", "link old new"), &["a -> b call"]);
    // A link carries both directions.
    check(&text("", "link new old"), &["a -> b call"]);
}

#[test]
fn an_end_that_never_moves_makes_an_edge_loose() {
    check(
        "link old old
         service a move
         service b
         service c move
         a calls b
         b calls c",
        &["a -> b call", "b -> c call"],
    );
}

#[test]
fn a_reader_needs_the_writer_through_the_table_that_moves() {
    // Billing reads what orders writes. The datastore moves, so its table does, and every use of
    // it binds; orders needs the table too, but is led on to nobody but itself.
    check(
        "service orders move
         service billing move
         datastore db move
         table db.orders in=db
         orders calls billing rate=120
         orders writes db.orders
         billing reads db.orders",
        &[
            "billing -> db.orders read binding",
            "orders -> billing call",
            "orders -> db.orders write binding",
            "db.orders -> orders read hidden binding",
        ],
    );
}

#[test]
fn a_table_that_stays_binds_its_writers_only_when_there_are_two() {
    check(
        "service reader move
         service writer move
         table t
         reader reads t
         writer writes t",
        &[
            "reader -> t read",
            "writer -> t write",
            "t -> writer read hidden",
        ],
    );
    check(
        "service one move
         service two move
         service reader move
         table t
         reader reads t
         one writes t
         two writes t",
        &[
            "one -> t write binding",
            "reader -> t read",
            "two -> t write binding",
            "t -> one read hidden binding",
            "t -> two read hidden binding",
        ],
    );
}

#[test]
fn nobody_is_led_on_to_the_only_user_of_a_table() {
    check(
        "service a move
         table t
         a uses t",
        &["a -> t read", "a -> t write"],
    );
}

#[test]
fn sharing_an_instance_is_no_dependency() {
    check(
        "service a move
         service b move
         instance pg move
         datastore db in=pg
         table db.x in=db
         table db.y in=db
         a writes db.x
         b writes db.y",
        &["a -> db.x write binding", "b -> db.y write binding"],
    );
    check(
        "service a move
         service b move
         instance redis
         a uses redis
         b uses redis",
        &[
            "a -> redis read",
            "a -> redis write",
            "b -> redis read",
            "b -> redis write",
        ],
    );
}

#[test]
fn naming_a_datastore_means_its_tables_as_a_guess() {
    let fixture = fixture(
        "service a
         service b
         datastore db
         table db.x in=db
         table db.y in=db
         a reads db rate=5
         b writes db.x rate=3",
    );
    let graph = fixture.graph();
    let told: Vec<(String, bool, Option<f64>)> = graph
        .edges
        .iter()
        .map(|edge| {
            (
                fixture.told(edge),
                is_guess(edge, &fixture.inventory),
                edge.rate,
            )
        })
        .collect();
    // How the five reads a second spread over the tables is unknown.
    let expected = [
        ("a -> db.x read", true, None),
        ("a -> db.y read", true, None),
        ("b -> db.x write", false, Some(3.0)),
        ("db.x -> b read hidden", false, Some(3.0)),
    ];
    assert_eq!(
        told,
        expected.map(|(text, guess, rate)| (text.to_owned(), guess, rate))
    );
}

#[test]
fn a_datastore_without_tables_couples_as_one() {
    check(
        "service a
         service b
         datastore db
         a reads db
         b writes db",
        &["a -> db read", "b -> db write", "db -> b read hidden"],
    );
}

#[test]
fn a_cache_or_volume_that_stays_binds_nobody_however_many_write_it() {
    for kind in ["cache", "volume"] {
        check(
            &format!(
                "service one move
                 service two move
                 {kind} shared
                 one writes shared
                 two writes shared"
            ),
            &[
                "one -> shared write",
                "two -> shared write",
                "shared -> one read hidden",
                "shared -> two read hidden",
            ],
        );
    }
}

#[test]
fn consumers_need_publishers_and_publishers_nobody() {
    check(
        "service consumer move
         service one move
         service two move
         topic events
         consumer consumes events
         one publishes events
         two publishes events",
        &[
            "consumer -> events message",
            "events -> one message hidden",
            "events -> two message hidden",
        ],
    );
}

#[test]
fn required_order_binds_a_consumer_to_the_publishers() {
    check(
        "service consumer move
         service other move
         service publisher move
         topic events
         consumer consumes events ordered
         other consumes events
         publisher publishes events",
        &[
            "consumer -> events message binding",
            "other -> events message",
            "events -> publisher message hidden binding",
        ],
    );
}

#[test]
fn order_is_required_of_the_whole_way_from_an_ordered_consumer() {
    let fixture = fixture(
        "service any move
         service consumer move
         service publisher move
         topic events
         topic news
         consumer consumes events ordered
         any consumes events
         any consumes news
         publisher publishes events
         publisher publishes news",
    );
    let graph = fixture.graph();
    let ordered: Vec<String> = graph
        .edges
        .iter()
        .filter(|edge| edge.ordered)
        .map(|edge| fixture.told(edge))
        .collect();
    assert_eq!(
        ordered,
        [
            "consumer -> events message binding",
            "events -> publisher message hidden binding"
        ]
    );
}

#[test]
fn telemetry_forms_no_edges() {
    check(
        "service a move
         service agent move telemetry
         table t
         agent calls a
         a calls agent
         a writes t
         agent reads t",
        &["a -> t write"],
    );
}

#[test]
fn a_pin_leads_to_the_owner_of_the_address() {
    check(
        "service a move
         service b move at=10.0.0.1
         a pins 10.0.0.1
         a pins 10.9.9.9",
        &["a -> b pin hidden binding"],
    );
    // Beside a declared call it tells nothing new, but an old address still breaks.
    check(
        "service a move
         service b move at=10.0.0.1
         a calls b
         a pins 10.0.0.1",
        &["a -> b call", "a -> b pin binding"],
    );
}

#[test]
fn what_was_seen_confirms_a_call_or_is_hidden() {
    let fixture = fixture(
        "service a move
         service b move
         service c move
         a seen b rate=7
         a seen c rate=2
         a calls b",
    );
    let graph = fixture.graph();
    let told: Vec<String> = graph.edges.iter().map(|edge| fixture.told(edge)).collect();
    assert_eq!(told, ["a -> b call", "a -> c seen hidden"]);
    // Both facts stand behind the call, and the rate nobody declared is the one seen.
    assert_eq!(
        graph.edges[0].evidence,
        [RelationId::new(0), RelationId::new(2)]
    );
    assert_eq!(graph.edges[0].rate, Some(7.0));
    assert_eq!(
        fixture.inventory.relations[RelationId::new(0)].kind,
        RelationKind::Seen
    );
}

#[test]
fn what_was_seen_at_a_resource_confirms_a_use_or_is_hidden_and_leads_to_nobody() {
    let fixture = fixture(
        "service consumer
         service other
         service publisher
         service reader
         service writer
         table t
         topic events
         reader reads t
         reader seen t
         writer writes t
         writer seen t
         consumer consumes events
         consumer seen events
         publisher publishes events
         publisher seen events
         other seen t
         other seen events",
    );
    let graph = fixture.graph();
    let told: Vec<(String, usize)> = graph
        .edges
        .iter()
        .map(|edge| (fixture.told(edge), edge.evidence.len()))
        .collect();
    // What is declared has both facts behind it; that a publisher was seen tells nothing new, and
    // has no edge of its own to stand behind.
    let expected = [
        ("consumer -> events message", 2),
        ("other -> events seen hidden", 1),
        ("other -> t seen hidden", 1),
        ("reader -> t read", 2),
        ("writer -> t write", 2),
        ("events -> publisher message hidden", 1),
        ("t -> writer read hidden", 1),
    ];
    assert_eq!(told, expected.map(|(text, facts)| (text.to_owned(), facts)));
}

#[test]
fn externals_and_orders() {
    check(
        "service a move
         service b move
         service c
         external bank lead=100
         a calls bank
         a after b
         a after c",
        &["a -> b order binding", "a -> c order", "a -> bank external"],
    );
}

#[test]
fn a_bridge_over_a_resource_covers_all_that_stands_in_it() {
    check(
        "service a move
         service b move
         datastore db move
         table db.x in=db
         a reads db.x
         b writes db.x
         bridge db",
        &[
            "a -> db.x read bridged",
            "b -> db.x write bridged",
            "db.x -> b read hidden bridged",
        ],
    );
}

#[test]
fn a_bridge_over_an_edge_covers_the_pair_and_no_other() {
    let text = |more: &str| {
        format!(
            "service a move
             service b move
             service c move
             table t move
             a calls b
             a reads t
             b writes t
             {more}
             bridge a -> b"
        )
    };
    check(
        &text(""),
        &[
            "a -> b call bridged",
            "a -> t read binding",
            "b -> t write binding",
            "t -> b read hidden bridged",
        ],
    );
    // With a second reader the way from the table is not the pair's own, the way to it is.
    check(
        &text("c reads t"),
        &[
            "a -> b call bridged",
            "a -> t read bridged",
            "b -> t write binding",
            "c -> t read binding",
            "t -> b read hidden binding",
        ],
    );
    // With a second writer neither is.
    check(
        &text("c writes t"),
        &[
            "a -> b call bridged",
            "a -> t read binding",
            "b -> t write binding",
            "c -> t write binding",
            "t -> b read hidden binding",
            "t -> c read hidden binding",
        ],
    );
}

#[test]
fn a_bridge_over_an_edge_covers_no_resource_that_the_pair_does_not_share() {
    // a uses t, which b does not write; b writes u, which a does not use.
    check(
        "service a move
         service b move
         service c move
         table t
         table u
         a calls b
         a reads t
         b reads t
         c writes t
         b writes u
         c reads u
         bridge a -> b",
        &[
            "a -> b call bridged",
            "a -> t read",
            "b -> t read",
            "b -> u write",
            "c -> t write",
            "c -> u read",
            "t -> c read hidden",
            "u -> b read hidden",
        ],
    );
}

#[test]
fn repeated_facts_are_one_edge() {
    let fixture = fixture(
        "service a
         service b
         a calls b soft async rate=2
         a calls b rate=3",
    );
    let edges = fixture.graph().edges;
    assert_eq!(edges.len(), 1);
    assert_eq!(edges[0].rate, Some(5.0));
    assert_eq!(edges[0].need, Need::Hard);
    assert_eq!(edges[0].evidence.len(), 2);
}

#[test]
fn a_writer_is_led_on_to_at_the_rate_of_all_its_writes() {
    let fixture = fixture(
        "service a
         service b
         table t
         a reads t rate=7
         b writes t rate=2
         b writes t rate=3",
    );
    let told: Vec<(String, Option<f64>)> = fixture
        .graph()
        .edges
        .iter()
        .map(|edge| (fixture.told(edge), edge.rate))
        .collect();
    let expected = [
        ("a -> t read", Some(7.0)),
        ("b -> t write", Some(5.0)),
        ("t -> b read hidden", Some(5.0)),
    ];
    assert_eq!(told, expected.map(|(text, rate)| (text.to_owned(), rate)));
}

#[test]
fn the_edges_that_leave_a_node_are_all_of_them_and_no_other() {
    let fixture = fixture(
        "service a
         service alone
         service b
         service c
         table t
         a calls b
         a calls c
         b calls c
         b writes t
         c reads t",
    );
    let edges = fixture.graph().edges;
    for node in nodes::all(&fixture.inventory) {
        let expected: Vec<&Edge> = edges.iter().filter(|edge| edge.from == node).collect();
        let found: Vec<&Edge> = leaving(&edges, node).iter().collect();
        assert_eq!(found, expected, "{}", nodes::name(&fixture.inventory, node));
    }
}

#[test]
fn five_hundred_writers_are_not_a_quarter_of_a_million_edges() {
    let mut text = String::from("table t move\n");
    for writer in 0..500 {
        text += &format!("service w{writer} move\nw{writer} writes t\n");
    }
    let fixture = fixture(&text);
    let graph = fixture.graph();
    // One to the table and one back for each.
    assert_eq!(graph.edges.len(), 1000);
    assert_eq!(graph.binding_components.len(), 1);
    assert_eq!(graph.binding_components[0].len(), 500);
}
