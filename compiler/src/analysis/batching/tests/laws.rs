//! What holds of the batches of any system.

use proptest::prelude::*;
use whimbrel_plan::{Edge, EdgeKind, Need, Node, Strategy as Way, Tier};

use super::super::super::fixture::{Fixture, fixture};
use super::super::super::nodes;
use super::super::conditions::conditions;
use super::{made, made_with, traits, unit_told};

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

/// Sequential batches as their edges tell of them, counted anew for every question.
struct Counted<'a> {
    fixture: &'a Fixture,
    edges: &'a [Edge],
    units: Vec<Vec<Node>>,
}

impl Counted<'_> {
    /// The unit a node moves in, by itself or with what it stands in.
    fn unit(&self, node: Node) -> Option<usize> {
        let of = |node: Node| self.units.iter().position(|unit| unit.contains(&node));
        match node {
            Node::Service(_) => of(node),
            Node::Resource(id) => {
                nodes::enclosing(&self.fixture.inventory, id).find_map(|id| of(Node::Resource(id)))
            }
        }
    }

    /// Whether all that a unit is bound to stands before place `now`, or in it.
    fn is_free(&self, unit: usize, now: usize) -> bool {
        let waits = |node: Node| self.unit(node).is_some_and(|of| of != unit && of >= now);
        let binding = || self.edges.iter().filter(|edge| edge.binding);
        binding()
            .filter(|edge| self.unit(edge.from) == Some(unit))
            .all(|edge| {
                let back = matches!((edge.from, edge.to), (Node::Resource(_), Node::Service(_)));
                let shares = match (edge.to, edge.kind) {
                    (Node::Resource(_), EdgeKind::Read | EdgeKind::Write) => true,
                    (Node::Resource(_), EdgeKind::Message) => edge.ordered,
                    _ => false,
                };
                let direct = waits(edge.to) && (!back || edge.kind == EdgeKind::Order);
                let mut writers = binding().filter(|way| {
                    way.from == edge.to && way.kind != EdgeKind::Order && waits(way.to)
                });
                !(direct || shares && writers.next().is_some())
            })
    }

    /// What puts a unit in its place among those free at `now`: hard loose needs still to move, its
    /// highest tier, who depends on it, its first name.
    fn rank(&self, unit: usize, now: usize) -> (usize, Tier, usize, &str) {
        let inventory = &self.fixture.inventory;
        let depends = || {
            self.edges
                .iter()
                .filter(|edge| edge.kind != EdgeKind::Order)
        };
        let needs = depends().filter(|edge| {
            let to = self.unit(edge.to).filter(|&to| to != unit && to >= now);
            let hard = !edge.binding && edge.need == Need::Hard;
            hard && matches!(edge.from, Node::Service(_))
                && self.unit(edge.from) == Some(unit)
                && to.is_some()
        });
        let dependants: usize = depends()
            .filter(|edge| self.unit(edge.to) == Some(unit))
            .map(|edge| match edge.from {
                // Everybody who uses what it writes, but itself.
                Node::Resource(_) => depends()
                    .filter(|usage| usage.to == edge.from && usage.from != edge.to)
                    .count(),
                Node::Service(_) => usize::from(self.unit(edge.from) != Some(unit)),
            })
            .sum();
        let members = &self.units[unit];
        let tiers = members.iter().map(|&node| match node {
            Node::Service(id) => inventory.services[id].tier,
            Node::Resource(id) => inventory.resources[id].tier,
        });
        let names = members.iter().map(|&node| nodes::name(inventory, node));
        (
            needs.count(),
            tiers.max().unwrap(),
            dependants,
            names.min().unwrap(),
        )
    }
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

    /// Against counting anew, at every place, for everything that could have gone there.
    #[test]
    fn of_those_free_to_go_the_first_in_rank_goes(
        relations in relations(),
        link in any::<bool>(),
        tiers in prop::collection::vec(0..4_u8, 10),
    ) {
        let fixture = system(&relations, link, &tiers, "");
        let batches = made(&fixture, Way::Sequential, None);
        let graph = fixture.graph();
        let units = batches.values().map(|batch| {
            prop_assert_eq!(batch.units.len(), 1);
            Ok(batch.units[0].members.iter().map(|member| member.node).collect())
        });
        let units: Vec<Vec<Node>> = units.collect::<Result<_, TestCaseError>>()?;
        let counted = Counted { fixture: &fixture, edges: &graph.edges, units };
        let pilot = batches.values().take_while(|batch| batch.name == "pilot").count();
        for now in pilot..batches.len() {
            prop_assert!(counted.is_free(now, now));
            for later in now + 1..batches.len() {
                prop_assert!(
                    !counted.is_free(later, now) || counted.rank(now, now) < counted.rank(later, now),
                    "{:?} goes before {:?}", counted.rank(now, now), counted.rank(later, now)
                );
            }
        }
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
