//! Components that one node holds together, and those that it does not.

use super::*;
use crate::analysis::fixture::fixture;

/// The hubs of a text as (name, services, needing, left, what it needs back).
fn found(text: &str) -> Vec<(String, usize, usize, usize, Vec<String>)> {
    let fixture = fixture(text);
    let graph = fixture.graph();
    let called = |node| name(&fixture.inventory, node).to_owned();
    let hubs = hubs(&graph.edges, &fixture.inventory).into_iter();
    hubs.map(|hub| {
        let back = hub.back.iter().map(|edge| called(edge.to)).collect();
        (called(hub.node), hub.services, hub.needing, hub.left, back)
    })
    .collect()
}

/// Five services that need `login`, which needs one of them.
const STAR: &str = "
    service login move
    service a move
    service b move
    service c move
    service d move
    service audit move
    a calls login
    b calls login
    c calls login
    d calls login
    audit calls login
    audit calls a
    audit calls b
    audit calls c
    audit calls d
";

#[test]
fn one_need_of_a_hub_closes_every_circle() {
    let text = format!("{STAR}login calls audit");
    let back = vec!["audit".to_owned()];
    assert_eq!(found(&text), [("login".to_owned(), 6, 5, 1, back)]);
}

#[test]
fn whoever_needs_nobody_or_copes_holds_nobody_together() {
    assert_eq!(found(STAR), []);
    assert_eq!(found(&format!("{STAR}login calls audit soft")), []);
    let bridged = format!("{STAR}login calls audit\nbridge login -> audit");
    assert_eq!(found(&bridged), []);
    let telemetry = STAR.replace("service audit move", "service audit move telemetry");
    assert_eq!(found(&format!("{telemetry}login calls audit")), []);
}

#[test]
fn a_component_of_four_is_no_heap() {
    // Three need it, and it needs one of them, which needs the others.
    let text = "
        service login move
        service a move
        service b move
        service audit move
        a calls login
        b calls login
        audit calls login
        audit calls a
        audit calls b
        login calls audit
    ";
    assert_eq!(found(text), []);
    let five = format!("{text}\nservice c move\nc calls login\naudit calls c");
    assert_eq!(found(&five).len(), 1);
}

#[test]
fn half_of_the_others_must_need_a_hub() {
    // Of six others a, b and c need it; with a soft need of c two do.
    let text = "
        service login move
        service a move
        service b move
        service c move
        service d move
        service e move
        service audit move
        login calls audit
        audit calls b
        audit calls c
        audit calls d
        d calls e
        e calls a
        a calls login
        b calls login
        c calls login";
    let hub = ("login".to_owned(), 7, 3, 1, vec!["audit".to_owned()]);
    assert_eq!(found(text), [hub]);
    let fewer = text.replace("c calls login", "c calls d\nc calls login soft");
    assert_eq!(found(&fewer), []);
}

#[test]
fn a_centre_that_needs_whom_it_serves_is_no_mistake() {
    // Five need it; of them it may need two.
    let needs = |whom: &str| format!("{STAR}login calls audit\nlogin calls a\n{whom}");
    let back = vec!["a".to_owned(), "audit".to_owned()];
    let hub = ("login".to_owned(), 6, 5, 1, back.clone());
    assert_eq!(found(&needs("")), [hub]);
    assert_eq!(found(&needs("login calls b")), []);
    // Half of four are two.
    let four = needs("").replace("d calls login", "d calls a");
    assert_eq!(found(&four), [("login".to_owned(), 6, 4, 1, back)]);
}

#[test]
fn of_two_hubs_the_one_that_leaves_less_is_told() {
    // Without x, y and a and c are a circle; without y, only x and d.
    let text = "
        service x move
        service y move
        service a move
        service b move
        service c move
        service d move
        a calls x
        b calls x
        c calls x
        d calls x
        x calls y
        c calls y
        d calls y
        y calls a
        a calls b
        a calls c
        x calls d";
    assert_eq!(
        found(text),
        [("y".to_owned(), 6, 3, 2, vec!["a".to_owned()])]
    );
}

#[test]
fn a_ring_stays_a_ring_without_its_hub() {
    // Four of the six are a circle by themselves.
    let ring = "login calls audit\na calls b\nb calls c\nc calls d\nd calls a";
    assert_eq!(found(&format!("{STAR}{ring}")), []);
}

#[test]
fn a_store_without_tables_holds_together_what_only_shares_a_server() {
    let services = "
        service a move
        service b move
        service c move
        service d move
        service e move
    ";
    let written = "datastore db\na writes db\nb writes db\nc writes db\nd writes db\ne writes db";
    let hubs = found(&format!("{services}{written}"));
    let facts: Vec<_> = hubs
        .iter()
        .map(|hub| (hub.0.as_str(), hub.1, hub.2, hub.3, hub.4.len()))
        .collect();
    assert_eq!(facts, [("db", 5, 5, 1, 5)]);
    // Whoever reads it, too, still needs it once.
    let both = found(&format!("{services}{}", written.replace("writes", "uses")));
    assert_eq!(both, hubs);
    // Rows of one table are shared on purpose.
    let table = written.replace("datastore db", "datastore db\ntable db.t in=db");
    let table = table.replace("writes db", "writes db.t");
    assert_eq!(found(&format!("{services}{table}")), []);
}
