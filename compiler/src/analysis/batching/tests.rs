//! Batches are told as `name: unit unit`, a unit's members joined by `+`.

mod laws;
mod written;

use whimbrel_plan::{
    Arena, Batch, BatchId, BatchMode, CutoverMode, Node, ServiceKind, Strategy as Way, Unit,
};

use super::super::fixture::{Fixture, fixture};
use super::super::nodes::{self, name};
use super::{BatchingInput, MoverTraits, Pilot, batches, in_order, pilot};

/// Everything with a `move` of its own; state is what the inventory says, nothing is synced.
fn traits(fixture: &Fixture) -> Vec<MoverTraits> {
    let inventory = &fixture.inventory;
    nodes::all(inventory)
        .filter_map(|node| {
            let (moves, stateful) = match node {
                Node::Service(id) => {
                    let service = &inventory.services[id];
                    (service.moves, service.kind == ServiceKind::Stateful)
                }
                Node::Resource(id) => (inventory.resources[id].moves, true),
            };
            moves.then_some(MoverTraits {
                node,
                stateful,
                synced: false,
                canary: false,
                automatic_rollback: false,
                rehearsed: false,
                order_sensitive: false,
            })
        })
        .collect()
}

fn made(fixture: &Fixture, strategy: Way, at_once: Option<u32>) -> Arena<BatchId, Batch> {
    made_with(fixture, strategy, at_once, &traits(fixture))
}

fn made_with(
    fixture: &Fixture,
    strategy: Way,
    at_once: Option<u32>,
    traits: &[MoverTraits],
) -> Arena<BatchId, Batch> {
    batches(&BatchingInput {
        inventory: &fixture.inventory,
        graph: &fixture.graph(),
        strategy,
        traits,
        at_once,
    })
}

fn unit_told(fixture: &Fixture, unit: &Unit) -> String {
    let names = unit
        .members
        .iter()
        .map(|member| name(&fixture.inventory, member.node));
    names.collect::<Vec<_>>().join("+")
}

fn told(fixture: &Fixture, batches: &Arena<BatchId, Batch>) -> Vec<String> {
    let tell = |batch: &Batch| {
        let units = batch.units.iter().map(|unit| unit_told(fixture, unit));
        format!("{}: {}", batch.name, units.collect::<Vec<_>>().join(" "))
    };
    batches.values().map(tell).collect()
}

fn check(strategy: Way, text: &str, expected: &[&str]) {
    let fixture = fixture(text);
    assert_eq!(
        told(&fixture, &made(&fixture, strategy, None)),
        expected,
        "for\n{text}"
    );
}

/// A needs B needs C, loosely; too few for a pilot.
const CHAIN: &str = "service a move
    service b move
    service c move
    a calls b
    b calls c";

#[test]
fn sequential_goes_leaves_first() {
    check(
        Way::Sequential,
        CHAIN,
        &["batch-1: c", "batch-2: b", "batch-3: a"],
    );
}

#[test]
fn parallel_puts_no_hard_edge_inside_a_batch() {
    // c is the leaf; b needs it, a needs b only, so a may go beside c.
    check(Way::Parallel, CHAIN, &["batch-1: c a", "batch-2: b"]);
}

#[test]
fn a_bridged_or_soft_edge_may_stay_inside_a_batch() {
    let text = "service a move
        service b move
        service c move
        a calls b
        b calls c soft
        bridge a -> b";
    // The hard need of a is bridged and still counts against it in the line; the soft one of b
    // does not, so b and c, with a dependant each, stand by name.
    check(Way::Parallel, text, &["batch-1: b c a"]);
}

#[test]
fn the_tier_decides_between_equals_then_dependants_then_the_name() {
    let text = "service a move critical
        service b move important
        service c move
        service d move
        service x
        x calls c";
    // c has a dependant (x, which stays), d has none.
    check(
        Way::Sequential,
        text,
        &["batch-1: d", "batch-2: c", "batch-3: b", "batch-4: a"],
    );
}

#[test]
fn whoever_uses_what_a_unit_writes_depends_on_it_but_itself() {
    // One uses what z reads and writes, two call d.
    let text = "service d move
        service z move
        service one
        service two
        table t
        z uses t
        one reads t
        one calls d
        two calls d";
    check(Way::Sequential, text, &["batch-1: z", "batch-2: d"]);
}

#[test]
fn a_datastore_goes_before_its_users_and_writers_go_as_one() {
    let text = "service a move
        service b move
        service reader move
        datastore db move
        table db.t in=db
        a writes db.t
        b writes db.t
        reader reads db.t";
    check(
        Way::Parallel,
        text,
        &["batch-1: db", "batch-2: a+b", "batch-3: reader"],
    );
    let fixture = fixture(text);
    let batches = made(&fixture, Way::Parallel, None);
    let component = &batches[BatchId::new(1)];
    assert_eq!(component.cutover, CutoverMode::Together);
    assert_eq!(component.after, [BatchId::new(0)]);
    assert!(
        component.units[0].members[0]
            .reason
            .contains("one cutover with `b`")
    );
}

#[test]
fn an_after_is_kept() {
    let text = "service a move
        service b move
        datastore db move
        a after b
        db after a";
    check(
        Way::Parallel,
        text,
        &["batch-1: b", "batch-2: a", "batch-3: db"],
    );
}

#[test]
fn an_after_is_an_order_and_makes_nobody_dependent() {
    // x makes c dependent; were b's order a dependant of z, c would go before z by its name.
    let text = "service b move
        service c move
        service z move
        service x
        b after z
        x calls c";
    check(
        Way::Sequential,
        text,
        &["batch-1: z", "batch-2: b", "batch-3: c"],
    );
    let fixture = fixture(text);
    let batches = made(&fixture, Way::Sequential, None);
    let reason = &batches[BatchId::new(0)].units[0].members[0].reason;
    assert!(reason.ends_with("supporting, 0 dependants"), "{reason}");
}

#[test]
fn what_nobody_ordered_goes_as_sequential_batches_do() {
    let fixture = fixture(CHAIN);
    let graph = fixture.graph();
    let order = |members: &[&str]| {
        let members: Vec<Node> = members.iter().map(|name| fixture.node(name)).collect();
        let order = in_order(&members, &fixture.inventory, &graph);
        let names: Vec<&str> = order
            .iter()
            .map(|&node| name(&fixture.inventory, node))
            .collect();
        names.join(" ")
    };
    // Leaves first, whatever is said first; of members alone.
    assert_eq!(order(&["a", "b", "c"]), "c b a");
    assert_eq!(order(&["b", "c", "a"]), "c b a");
    assert_eq!(order(&["a", "b"]), "b a");
}

#[test]
fn at_once_bounds_a_batch() {
    let fixture = fixture("service a move\nservice b move\nservice c move");
    let batches = made(&fixture, Way::Parallel, Some(2));
    assert_eq!(told(&fixture, &batches), ["batch-1: a b", "batch-2: c"]);
    assert_eq!(batches[BatchId::new(0)].mode, BatchMode::Parallel);
    assert_eq!(batches[BatchId::new(1)].mode, BatchMode::Sequential);
    // Only what has company cuts over together.
    assert_eq!(batches[BatchId::new(0)].cutover, CutoverMode::Together);
    assert_eq!(batches[BatchId::new(1)].cutover, CutoverMode::Each);
    let reasons: Vec<&str> = batches
        .values()
        .flat_map(|batch| &batch.units)
        .map(|unit| unit.members[0].reason.as_str())
        .collect();
    let numbers =
        "bound to nothing that moves, 0 hard needs still to move, supporting, 0 dependants";
    assert_eq!(
        reasons,
        [
            format!("beside 1 other unit, no hard edge to any; {numbers}"),
            format!("beside 1 other unit, no hard edge to any; {numbers}"),
            format!("nothing else may go beside it; {numbers}"),
        ]
    );
}

const HYBRID: &str = "service core move critical
    service legacy move stateful
    service partner move
    service plain move
    service simple move
    external bank lead=100
    partner calls bank";

#[test]
fn hybrid_sends_what_is_delicate_alone() {
    let fixture = fixture(HYBRID);
    let batches = made(&fixture, Way::Hybrid, None);
    // Of the three fit to be the pilot `plain` and `simple` have no edge; what may go beside others
    // goes before what must go alone.
    let expected = [
        "pilot: plain",
        "batch-1: simple",
        "batch-2: legacy",
        "batch-3: partner",
        "batch-4: core",
    ];
    assert_eq!(told(&fixture, &batches), expected);
    let reason = |batch| &batches[BatchId::new(batch)].units[0].members[0].reason;
    assert!(reason(2).starts_with("alone: stateful without dual write or change capture;"));
    assert!(reason(3).starts_with("alone: tied to the lead time of an external;"));
    assert!(reason(4).starts_with("alone: critical;"));
    assert_eq!(
        reason(0),
        "the pilot: supporting and stateless, nothing it is bound to has yet to move, 0 edges, \
         the fewest of 3 such services"
    );
}

#[test]
fn going_after_an_external_is_not_to_need_it() {
    let text = "service a move
        service b move
        external bank lead=100
        a after bank";
    check(Way::Hybrid, text, &["batch-1: a b"]);
    let needs = format!("{text}\na calls bank");
    check(Way::Hybrid, &needs, &["batch-1: b", "batch-2: a"]);
}

#[test]
fn hybrid_lets_what_is_safe_go_beside_others() {
    let fixture = fixture(HYBRID);
    let safe: Vec<MoverTraits> = traits(&fixture)
        .into_iter()
        .map(|traits| MoverTraits {
            synced: true,
            canary: true,
            automatic_rollback: true,
            rehearsed: true,
            ..traits
        })
        .collect();
    let told_of =
        |traits: &[MoverTraits]| told(&fixture, &made_with(&fixture, Way::Hybrid, None, traits));
    assert_eq!(
        told_of(&safe),
        [
            "pilot: plain",
            "batch-1: legacy simple core",
            "batch-2: partner"
        ]
    );
    let core = fixture.node("core");
    for unsafe_in in 0..3 {
        let mut traits = safe.clone();
        for traits in traits.iter_mut().filter(|traits| traits.node == core) {
            match unsafe_in {
                0 => traits.canary = false,
                1 => traits.automatic_rollback = false,
                _ => traits.rehearsed = false,
            }
        }
        assert_eq!(
            told_of(&traits).last().unwrap(),
            "batch-3: core",
            "without {unsafe_in}"
        );
    }
}

#[test]
fn hybrid_sends_a_bridged_cycle_and_an_ordered_consumer_alone() {
    let text = "service a move
        service b move
        service c move
        service d move
        table t
        a writes t
        b writes t
        bridge t";
    let fixture = fixture(text);
    let mut traits = traits(&fixture);
    traits[2].order_sensitive = true;
    let batches = made_with(&fixture, Way::Hybrid, None, &traits);
    // d may go beside others and so goes first; a and b have a dependant each, the other writer.
    assert_eq!(
        told(&fixture, &batches),
        ["batch-1: d", "batch-2: c", "batch-3: a", "batch-4: b"]
    );
    assert!(
        batches[BatchId::new(2)].units[0].members[0]
            .reason
            .contains("in a bridged cycle")
    );
}

#[test]
fn a_pilot_needs_five_services_and_one_that_fits() {
    let pilot_of = |text: &str| {
        let fixture = fixture(text);
        let graph = fixture.graph();
        let found = pilot(&BatchingInput {
            inventory: &fixture.inventory,
            graph: &graph,
            strategy: Way::Sequential,
            traits: &traits(&fixture),
            at_once: None,
        });
        match found {
            Pilot::Service { node, .. } => name(&fixture.inventory, node).to_owned(),
            other => format!("{other:?}"),
        }
    };
    let four = "service a move\nservice b move\nservice c move\nservice d move\n";
    assert_eq!(pilot_of(four), "TooFew");
    // A fifth that stays does not count; one that moves does. c has fewer edges than a, b and d.
    assert_eq!(pilot_of(&format!("{four}service e")), "TooFew");
    let calls = "a calls b\nb calls d\nd calls e\n";
    assert_eq!(pilot_of(&format!("{four}service e move\n{calls}")), "c");
    // An edge counts at both of its ends: only `e` has none.
    let called = "b calls a\nc calls b\nd calls c";
    assert_eq!(pilot_of(&format!("{four}service e move\n{called}")), "e");
    let delicate = "service a move critical\nservice b move important\nservice c move stateful\n\
                    service d move\nservice e move\nd after e\ne after a";
    assert_eq!(pilot_of(delicate), "NoneFits");
}
