//! Batches are told as `name: unit unit`, a unit's members joined by `+`.

use proptest::prelude::*;
use whimbrel_plan::{
    Arena, Batch, BatchId, BatchMode, CutoverMode, Node, ServiceKind, Strategy as Way, Unit,
};

use super::super::fixture::{Fixture, fixture};
use super::super::nodes::{self, name};
use super::conditions::{ViolationKind, conditions};
use super::{BatchingInput, MoverTraits, Pilot, batches, order_units_in_batch, pilot};

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
fn at_once_bounds_a_batch() {
    let fixture = fixture("service a move\nservice b move\nservice c move");
    let batches = made(&fixture, Way::Parallel, Some(2));
    assert_eq!(told(&fixture, &batches), ["batch-1: a b", "batch-2: c"]);
    assert_eq!(batches[BatchId::new(0)].mode, BatchMode::Parallel);
    assert_eq!(batches[BatchId::new(1)].mode, BatchMode::Sequential);
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

/// Hand-written batches: each line `mode: unit unit`, each after the one before it.
fn written(fixture: &Fixture, lines: &[&str]) -> Arena<BatchId, Batch> {
    let graph = fixture.graph();
    let lines: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| line.split_once(": ").unwrap())
        .collect();
    let members: Vec<&str> = lines.iter().map(|(_, members)| *members).collect();
    let mut batches = fixture.batches(&members);
    for (id, (mode, members)) in batches.ids().zip(lines) {
        let members: Vec<Node> = members.split(' ').map(|name| fixture.node(name)).collect();
        let batch = &mut batches[id];
        batch.units = order_units_in_batch(&members, &fixture.inventory, &graph);
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
    // A hard loose call hurts side by side alone.
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

/// Relations among ten services, two tables (one of a datastore that moves) and a topic.
fn relations() -> impl Strategy<Value = Vec<String>> {
    let service = 0..10_usize;
    let relation = (service.clone(), service, 0..12_usize).prop_map(|(from, to, kind)| {
        let (from, to) = (format!("s{from}"), format!("s{to}"));
        match kind {
            0..=2 => format!("{from} calls {to}"),
            3 => format!("{from} calls {to} soft"),
            4 => format!("{from} seen {to}"),
            5 => format!("{from} reads db.t"),
            6 => format!("{from} writes db.t"),
            7 => format!("{from} uses fixed"),
            8 => format!("{from} consumes events ordered"),
            9 => format!("{from} publishes events"),
            10 => format!("{from} after {to}"),
            _ => format!("{from} pins addr-{to}"),
        }
    });
    prop::collection::vec(relation, 0..25)
}

fn system(relations: &[String], link: bool, tiers: &[u8], more: &str) -> Fixture {
    let mut text = String::from("datastore db move\ntable db.t in=db\ntable fixed\ntopic events\n");
    text += if link {
        "link old new\n"
    } else {
        "link old old\n"
    };
    for (index, tier) in tiers.iter().enumerate() {
        let tier = ["", "important", "critical", "stateful"][usize::from(*tier)];
        let moves = if index == 9 { "" } else { "move" };
        text += &format!("service s{index} {moves} {tier} at=addr-s{index}\n");
    }
    fixture(&format!("{text}{}\n{more}", relations.join("\n")))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_batches_obey_the_laws(
        relations in relations(),
        shuffled in any::<prop::sample::Index>(),
        link in any::<bool>(),
        tiers in prop::collection::vec(0..4_u8, 10),
        way in prop::sample::select(vec![Way::Sequential, Way::Parallel, Way::Hybrid]),
        at_once in prop::option::of(1..4_u32),
    ) {
        let fixture = system(&relations, link, &tiers, "");
        let batches = made(&fixture, way, at_once);

        // A partition of the movers.
        let mut members: Vec<Node> = batches
            .values()
            .flat_map(|batch| &batch.units)
            .flat_map(|unit| unit.members.iter().map(|member| member.node))
            .collect();
        members.sort_unstable();
        let movers: Vec<Node> = traits(&fixture).iter().map(|traits| traits.node).collect();
        prop_assert_eq!(members, movers);

        let broken = conditions(&fixture.inventory, &fixture.graph(), &batches);
        prop_assert_eq!(broken, []);
        if let (Way::Parallel, Some(most)) = (way, at_once) {
            prop_assert!(batches.values().all(|batch| batch.units.len() <= most as usize));
        }

        // The order in which facts and traits are given does not matter.
        let mut rotated = relations.clone();
        rotated.rotate_left(if relations.is_empty() { 0 } else { shuffled.index(relations.len()) });
        let other = system(&rotated, link, &tiers, "");
        let mut reversed = traits(&other);
        reversed.reverse();
        prop_assert_eq!(&made_with(&other, way, at_once, &reversed), &batches);
    }

    #[test]
    fn an_unrelated_service_moves_no_other(
        relations in relations(),
        tiers in prop::collection::vec(0..4_u8, 10),
        way in prop::sample::select(vec![Way::Sequential, Way::Parallel, Way::Hybrid]),
    ) {
        // Important, so that it is not the pilot.
        let more = "service zz move important";
        let before = system(&relations, true, &tiers, "");
        let after = system(&relations, true, &tiers, more);
        let units = |fixture: &Fixture| -> Vec<Vec<String>> {
            made(fixture, way, None)
                .values()
                .map(|batch| {
                    let units = batch.units.iter().map(|unit| unit_told(fixture, unit));
                    units.filter(|unit| unit != "zz").collect::<Vec<_>>()
                })
                .filter(|units| !units.is_empty())
                .collect()
        };
        prop_assert_eq!(units(&before), units(&after));
    }
}
