//! Hand-written batches, and the conditions they are checked by.

use whimbrel_plan::{Arena, Batch, BatchId, BatchMode, Node};

use super::super::super::fixture::{Fixture, fixture};
use super::super::super::nodes::{all, name};
use super::super::conditions::{ViolationKind, conditions};
use super::super::order_units_in_batch;
use super::super::units::Units;
use super::told;

/// Hand-written batches: each line `mode: unit unit`, each after the one before it.
fn written(fixture: &Fixture, lines: &[&str]) -> Arena<BatchId, Batch> {
    let graph = fixture.graph();
    let lines: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| line.split_once(": ").unwrap())
        .collect();
    let members: Vec<&str> = lines.iter().map(|(_, members)| *members).collect();
    let mut batches = fixture.batches(&members);
    let inventory = &fixture.inventory;
    let moves = |node: &Node| match node {
        Node::Service(id) => inventory.services[*id].moves,
        Node::Resource(id) => inventory.resources[*id].moves,
    };
    let written = lines.iter().flat_map(|(_, members)| members.split(' '));
    let written = written.map(|name| fixture.node(name));
    let movers: Vec<Node> = all(inventory).filter(moves).chain(written).collect();
    let units = Units::new(&fixture.inventory, &graph, &movers);
    for (id, (mode, members)) in batches.ids().zip(lines) {
        let members: Vec<Node> = members.split(' ').map(|name| fixture.node(name)).collect();
        let batch = &mut batches[id];
        batch.units = order_units_in_batch(&members, &fixture.inventory, &units);
        if mode == "parallel" {
            batch.mode = BatchMode::Parallel;
        }
    }
    batches
}

fn check_conditions(text: &str, lines: &[&str], expected: &[&str]) {
    let fixture = fixture(text);
    let batches = written(&fixture, lines);
    let found = conditions(&fixture.inventory, &fixture.graph(), &batches);
    let told: Vec<String> = found
        .iter()
        .map(|violation| {
            let kind = match violation.kind {
                ViolationKind::CrossDependency => "beside",
                ViolationKind::MovedBeforeNeed => "before",
            };
            let [from, to] =
                [violation.from, violation.to].map(|node| name(&fixture.inventory, node));
            format!("{from} {kind} {to}")
        })
        .collect();
    assert_eq!(told, expected, "for {lines:?} of\n{text}");
}

#[test]
fn hand_written_batches_are_checked_and_keep_their_order() {
    // reader → t → writer binds, since t moves.
    let table = "service reader move
        service writer move
        datastore t move
        reader reads t
        writer writes t";
    check_conditions(table, &["sequential: t writer reader"], &[]);
    check_conditions(
        table,
        &["sequential: t", "parallel: writer", "parallel: reader"],
        &[],
    );
    check_conditions(
        table,
        &["sequential: t reader writer"],
        &["reader before writer"],
    );
    check_conditions(
        table,
        &["sequential: reader", "sequential: t", "sequential: writer"],
        &["reader before writer", "reader before t"],
    );
    check_conditions(
        table,
        &["sequential: t", "parallel: reader writer"],
        &["reader beside writer"],
    );
}

#[test]
fn a_resource_that_goes_after_a_service_is_checked() {
    // An order of a resource after a service is one, and not the way back to a writer.
    let order = "service a move\ndatastore t move\nt after a";
    check_conditions(order, &["sequential: a t"], &[]);
    check_conditions(order, &["sequential: t a"], &["t before a"]);
}

#[test]
fn needs_through_what_stays_are_checked() {
    // A table that stays binds the two that write it, and not whoever reads it.
    let shared = "service one move
        service reader move
        service two move
        table t
        one writes t
        two writes t
        reader reads t";
    check_conditions(shared, &["parallel: one two reader"], &[]);
    check_conditions(shared, &["sequential: reader", "parallel: one two"], &[]);
    check_conditions(
        shared,
        &["sequential: one", "sequential: two"],
        &["one before two"],
    );
    // Of those who consume from a topic only whoever requires order waits for its publishers.
    let topic = "service any move
        service consumer move
        service publisher move
        topic events
        any consumes events
        consumer consumes events ordered
        publisher publishes events";
    check_conditions(
        topic,
        &["parallel: any consumer publisher"],
        &["consumer beside publisher"],
    );
    check_conditions(
        topic,
        &["sequential: any consumer publisher"],
        &["consumer before publisher"],
    );
    check_conditions(topic, &["sequential: publisher consumer any"], &[]);
}

#[test]
fn a_hard_loose_call_hurts_side_by_side_alone() {
    let call = "service a move\nservice b move\na calls b";
    check_conditions(call, &["parallel: a b"], &["a beside b"]);
    check_conditions(call, &["sequential: a b"], &[]);
    check_conditions(call, &["parallel: a", "parallel: b"], &[]);
    check_conditions(
        "service a move\nservice b move\na calls b soft",
        &["parallel: a b"],
        &[],
    );
}

#[test]
fn what_is_settled_before_is_inherited_over_any_number_of_batches() {
    // A chain of two hundred batches: the last needs the first, the first the last but one, and the
    // one in the middle the one behind it.
    let mut text = String::new();
    let mut lines = Vec::new();
    for index in 0..200 {
        text += &format!("service s{index:03} move\n");
        lines.push(format!("sequential: s{index:03}"));
    }
    text += "s199 after s000\ns000 after s198\ns100 after s101\ns101 after s036\n";
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    check_conditions(&text, &lines, &["s000 before s198", "s100 before s101"]);
}

#[test]
fn batches_that_follow_no_other_come_before_nothing() {
    // Two chains, of even and of odd batches, and the last after both.
    let mut text = String::new();
    let mut lines = Vec::new();
    for index in 0..141 {
        text += &format!("service s{index:03} move\n");
        lines.push(format!("sequential: s{index:03}"));
    }
    text += "s100 after s002\ns101 after s003\ns102 after s003\ns140 after s003\ns140 after s004\n";
    let fixture = fixture(&text);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let mut batches = written(&fixture, &lines);
    let ids: Vec<BatchId> = batches.ids().collect();
    for (index, &id) in ids.iter().enumerate() {
        batches[id].after = match index {
            140 => vec![ids[138], ids[139]],
            0 | 1 => Vec::new(),
            _ => vec![ids[index - 2]],
        };
    }
    let broken = conditions(&fixture.inventory, &fixture.graph(), &batches);
    let broken: Vec<&str> = broken
        .iter()
        .map(|violation| name(&fixture.inventory, violation.from))
        .collect();
    assert_eq!(broken, ["s102"]);
}

#[test]
fn members_of_a_component_are_one_unit_where_the_first_stands() {
    let fixture = fixture(
        "service a move
         service b move
         service c move
         table t
         a writes t
         c writes t",
    );
    let batches = written(&fixture, &["parallel: c b a"]);
    assert_eq!(told(&fixture, &batches), ["b0: c+a b"]);
}

#[test]
fn batches_on_a_circle_come_before_nothing() {
    let fixture = fixture("service a move\nservice b move\na after b");
    let mut batches = written(&fixture, &["sequential: b", "sequential: a"]);
    let check = |batches: &Arena<BatchId, Batch>| {
        conditions(&fixture.inventory, &fixture.graph(), batches).len()
    };
    assert_eq!(check(&batches), 0);
    batches[BatchId::new(0)].after.push(BatchId::new(1));
    assert_eq!(check(&batches), 1);
}
