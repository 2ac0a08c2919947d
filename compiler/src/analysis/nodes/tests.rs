//! What stands in what, and what of it changes.

use whimbrel_plan::{Inventory, Node, ResourceId};

use super::super::fixture::{Fixture, fixture};
use super::{all, enclosing, moves, name, written};

const NESTED: &str = "service a
    service b move
    instance pg
    datastore db in=pg move
    table db.x in=db
    table db.y in=db
    datastore other
    topic events
    a reads db.y
    a writes other
    a publishes events
    b writes db.x
    b calls a";

fn resource(fixture: &Fixture, wanted: &str) -> ResourceId {
    match fixture.node(wanted) {
        Node::Resource(id) => id,
        Node::Service(_) => panic!("{wanted} is a service"),
    }
}

fn names(inventory: &Inventory, resources: impl IntoIterator<Item = ResourceId>) -> Vec<&str> {
    let resources = resources.into_iter().map(Node::Resource);
    resources.map(|node| name(inventory, node)).collect()
}

#[test]
fn a_table_stands_in_its_datastore_and_that_in_its_instance() {
    let fixture = fixture(NESTED);
    let of = |wanted| {
        names(
            &fixture.inventory,
            enclosing(&fixture.inventory, resource(&fixture, wanted)),
        )
    };
    assert_eq!(of("db.x"), ["db.x", "db", "pg"]);
    assert_eq!(of("other"), ["other"]);
}

#[test]
fn the_walk_outwards_ends_where_a_parent_does_not_stand_before_its_child() {
    let mut fixture = fixture(NESTED);
    let (pg, db, table) = (
        resource(&fixture, "pg"),
        resource(&fixture, "db"),
        resource(&fixture, "db.x"),
    );
    // Itself, and what stands behind it: neither may be followed.
    for parent in [pg, table] {
        fixture.inventory.resources[pg].parent = Some(parent);
        let walk = enclosing(&fixture.inventory, db).take(3);
        assert_eq!(names(&fixture.inventory, walk), ["db", "pg"]);
    }
}

#[test]
fn what_somebody_writes_is_written_with_all_it_stands_in() {
    let mut fixture = fixture(NESTED);
    let written_of = |inventory: &Inventory| {
        let mut written: Vec<ResourceId> = written(inventory).into_iter().collect();
        written.sort_unstable();
        names(inventory, written).join(" ")
    };
    // Nobody writes `db.y`, and what is published is no state.
    assert_eq!(written_of(&fixture.inventory), "pg db other db.x");
    // What the plan says changes, though nobody is known to write it: more than not at all.
    for (rate, expected) in [(0.0, "pg db other db.x"), (0.1, "pg db other db.x db.y")] {
        let table = resource(&fixture, "db.y");
        fixture.inventory.resources[table].change_rate = Some(rate.into());
        assert_eq!(written_of(&fixture.inventory), expected, "{rate}");
    }
}

#[test]
fn what_stands_in_something_that_moves_moves() {
    let fixture = fixture(NESTED);
    let moving = all(&fixture.inventory).filter(|&node| moves(&fixture.inventory, node));
    let moving: Vec<&str> = moving.map(|node| name(&fixture.inventory, node)).collect();
    assert_eq!(moving, ["b", "db", "db.x", "db.y"]);
}
