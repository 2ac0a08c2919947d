//! The checklist of each batch: of what hangs together only what is in it, of time and money its part.

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;
use whimbrel_plan::{Arena, BatchId, Checklist, Criterion, Graph, ScoreSource, ServiceId};

use super::super::super::fixture::{Fixture, fixture};
use super::super::facts::of_batches;
use super::super::{BatchFigures, ChecklistInput, score_batches};
use super::{of, silent, team};

/// The scores of batches with these members and figures, of a plan changed by `change`.
fn scored<'a>(
    fixture: &'a Fixture,
    graph: &'a Graph,
    batches: &[(&str, BatchFigures)],
    change: impl FnOnce(&mut ChecklistInput<'a>),
) -> Vec<Checklist> {
    let (lines, figures): (Vec<&str>, Vec<BatchFigures>) = batches.iter().cloned().unzip();
    let mut input = silent(fixture, graph);
    change(&mut input);
    let figures: Arena<BatchId, BatchFigures> = figures.into_iter().collect();
    score_batches(&input, &fixture.batches(&lines), &figures)
}

/// The batches `a` and `b` with these figures.
fn pair(
    figures: [BatchFigures; 2],
    criterion: Criterion,
    change: impl FnOnce(&mut ChecklistInput<'_>),
) -> [(u8, ScoreSource); 2] {
    let fixture = fixture("service a move\nservice b move");
    let [one, two] = figures;
    let checklists = scored(
        &fixture,
        &fixture.graph(),
        &[("a", one), ("b", two)],
        change,
    );
    [0, 1].map(|index: usize| of(&checklists[index], criterion))
}

const UNKNOWN: (u8, ScoreSource) = (1, ScoreSource::Unknown);

fn derived(score: u8) -> (u8, ScoreSource) {
    (score, ScoreSource::Derived)
}

#[test]
fn a_batch_has_its_part_of_the_budget() {
    let figures = |days, cost| BatchFigures {
        sequential_days: days,
        dual_running_cost: Some(cost),
        ..BatchFigures::default()
    };
    // Six and two of eight days are 750 and 250 of 1,000. 90 of 750 are 12 % (up to 25 %: 3), of all
    // they were 9 % (2); 150 of 250 are 60 % (5), of all 15 % (3).
    let both = || [figures(6.0, 90.0), figures(2.0, 150.0)];
    let scores = pair(both(), Criterion::DualRunning, |input| {
        input.budget = Some(1_000.0);
    });
    assert_eq!(scores, [derived(3), derived(5)]);
    // The plan's year is nobody's part.
    let scores = pair(both(), Criterion::DualRunning, |input| {
        input.year_running_cost = Some(1_000.0);
    });
    assert_eq!(scores, [UNKNOWN, UNKNOWN]);
}

#[test]
fn without_a_budget_a_batch_is_set_against_its_own_year() {
    let figures = |days, year| BatchFigures {
        sequential_days: days,
        dual_running_cost: Some(30.0),
        year_running_cost: year,
        ..BatchFigures::default()
    };
    // 30 of 1,000 are 3 % (up to 10 %: 2); of 100, 30 % (up to 50 %: 4).
    let years = |days| [figures(days, Some(1_000.0)), figures(days, Some(100.0))];
    let scores = pair(years(1.0), Criterion::DualRunning, |_| {});
    assert_eq!(scores, [derived(2), derived(4)]);
    // A budget cannot be parted by time where nothing takes any.
    let scores = pair(years(0.0), Criterion::DualRunning, |input| {
        input.budget = Some(40.0);
    });
    assert_eq!(scores, [derived(2), derived(4)]);
    let scores = pair(
        [figures(0.0, None), figures(0.0, None)],
        Criterion::DualRunning,
        |input| input.budget = Some(40.0),
    );
    assert_eq!(scores, [UNKNOWN, UNKNOWN]);
}

#[test]
fn the_time_of_a_batch_is_what_is_planned_and_to_spare() {
    let figures = |sequential_days, planned_days, spare_days| BatchFigures {
        sequential_days,
        planned_days,
        spare_days,
        ..BatchFigures::default()
    };
    // Six days of 3 + 9 are half (up to 50 %: 2). The other is planned for four, and the plan is late
    // by two: five of two days (above 100 %: 5).
    let scores = pair(
        [figures(6.0, 3.0, Some(9.0)), figures(5.0, 4.0, Some(-2.0))],
        Criterion::Timeline,
        |_| {},
    );
    assert_eq!(scores, [derived(2), derived(5)]);
    // The plan's own deadline is told in what is to spare alone.
    let scores = pair(
        [figures(6.0, 3.0, None), figures(5.0, 4.0, None)],
        Criterion::Timeline,
        |input| input.deadline = Some(Timestamp::MAX),
    );
    assert_eq!(scores, [derived(2), derived(2)]);
}

#[test]
fn automation_is_that_of_the_batch_and_held_until_the_batch_is_rehearsed() {
    let figures = |automation_share, rehearsal_passed| BatchFigures {
        automation_share,
        rehearsal_passed,
        ..BatchFigures::default()
    };
    // 70 % are worth 4, and 3 until a rehearsal of this batch.
    let scores = pair(
        [figures(Some(0.7), true), figures(Some(0.7), false)],
        Criterion::Automation,
        |input| input.rehearsal_passed = true,
    );
    assert_eq!(scores, [derived(4), derived(3)]);
    let scores = pair(
        [figures(Some(0.3), true), figures(None, true)],
        Criterion::Automation,
        |input| input.automation_share = Some(1.0),
    );
    assert_eq!(scores, [derived(2), UNKNOWN]);
}

#[test]
fn the_engineers_of_a_batch_are_those_of_its_teams() {
    let mut fixture = fixture("service a move\nservice b move\nservice c move");
    let [two, five, nobody] =
        [Some(2), Some(5), None].map(|engineers| team(&mut fixture, engineers));
    let of_teams = |teams: &[_]| BatchFigures {
        teams: teams.to_vec(),
        ..BatchFigures::default()
    };
    let batches = [
        ("a", of_teams(&[two, five])),
        ("b", of_teams(&[two, nobody])),
        ("c", of_teams(&[nobody])),
    ];
    let (graph, teams) = (fixture.graph(), [two, five, nobody]);
    let checklists = scored(&fixture, &graph, &batches, |input| input.teams = &teams);
    let sizes: Vec<(u8, ScoreSource)> = checklists
        .iter()
        .map(|one| of(one, Criterion::TeamSize))
        .collect();
    assert_eq!(sizes, [derived(4), derived(2), UNKNOWN]);
}

#[test]
fn a_batch_risks_what_it_moves() {
    // The table stands in the datastore of the second batch, and its regime counts there; `e`, which
    // stays, risks nothing, and `f`, in no batch, nothing of theirs.
    let fixture = fixture(
        "service a move critical
         service b move
         service c move
         service d move important
         service e critical
         service f move critical
         datastore db move
         table db.t in=db regime=gdpr",
    );
    let (graph, none) = (fixture.graph(), BatchFigures::default);
    let lines = [
        ("a b e", none()),
        ("c db", none()),
        ("d", none()),
        ("", none()),
    ];
    let checklists = scored(&fixture, &graph, &lines, |_| {});
    let risks: Vec<(u8, ScoreSource)> = checklists
        .iter()
        .map(|one| of(one, Criterion::RiskTolerance))
        .collect();
    // One of two is critical (above 25 %: 2); personal data leave 3; important leaves 4.
    assert_eq!(risks, [derived(2), derived(3), derived(4), UNKNOWN]);
    let reasons: Vec<&str> = checklists
        .iter()
        .map(|one| one.scores[3].reason.as_str())
        .collect();
    assert_eq!(
        reasons[..3],
        [
            "1 of 2 that move are critical",
            "0 of 2 that move are critical; `gdpr`: personal data",
            "0 of 1 that move are critical",
        ]
    );
}

#[test]
fn what_the_plan_answers_holds_for_every_batch() {
    let fixture = fixture("service a move\nservice b move");
    let graph = fixture.graph();
    let declared = [(Criterion::Coupling, 4, "they know".to_owned())];
    let batches = ["a", "b"].map(|line| (line, BatchFigures::default()));
    let checklists = scored(&fixture, &graph, &batches, |input| {
        input.declared = &declared;
    });
    for checklist in &checklists {
        assert_eq!(
            of(checklist, Criterion::Coupling),
            (4, ScoreSource::Declared)
        );
        // 4, four unknown answers of 1, and 2 for the timeline without a deadline.
        assert_eq!(checklist.total, 10);
    }
    assert_eq!(checklists.len(), 2);
}

/// Who does what with whom, by index: the last of the six services is telemetry.
type Fact = (usize, usize, &'static str);

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    let kinds = vec![
        "calls",
        "calls soft",
        "reads",
        "writes",
        "publishes",
        "consumes",
    ];
    let fact = (0..6_usize, 0..6_usize, prop::sample::select(kinds));
    prop::collection::vec(fact, 0..14)
}

/// Six services, a third of which share each table and each topic.
fn system(facts: &[Fact]) -> Fixture {
    let mut text = String::from("table t0\ntable t1\ntopic e0\ntopic e1\n");
    for service in 0..6 {
        let kind = if service == 5 { "telemetry" } else { "" };
        text += &format!("service s{service} move {kind}\n");
    }
    for &(from, to, kind) in facts {
        text += &match kind {
            "reads" | "writes" => format!("s{from} {kind} t{}\n", to % 2),
            "publishes" | "consumes" => format!("s{from} {kind} e{}\n", to % 2),
            "calls soft" => format!("s{from} calls s{to} soft\n"),
            _ => format!("s{from} calls s{to}\n"),
        };
    }
    fixture(&text)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Against a look at every pair of services of a batch.
    #[test]
    fn a_batch_hangs_together_by_the_pairs_in_it(
        facts in facts(),
        places in prop::collection::vec(0..4_usize, 6),
    ) {
        let fixture = system(&facts);
        let graph = fixture.graph();
        // The fourth place is no batch.
        let places = &places;
        let members = |batch: usize| (0..6).filter(move |&service| places[service] == batch);
        let lines: Vec<String> = (0..3)
            .map(|batch| {
                let names: Vec<String> = members(batch).map(|service| format!("s{service}")).collect();
                names.join(" ")
            })
            .collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let figures: Arena<BatchId, BatchFigures> =
            lines.iter().map(|_| BatchFigures::default()).collect();
        let input = silent(&fixture, &graph);
        let found = of_batches(&input, &fixture.batches(&lines), &figures);
        prop_assert_eq!(found.len(), 3);

        let says = |from, kinds: &[&str]| {
            let facts = facts.iter().filter(move |fact| fact.0 == from && from != 5);
            let tables: BTreeSet<usize> =
                facts.filter(|fact| kinds.contains(&fact.2)).map(|fact| fact.1 % 2).collect();
            tables
        };
        let one_cycle = |one: usize, other: usize| {
            let ids = [one, other].map(ServiceId::new);
            graph.components.iter().any(|set| ids.iter().all(|id| set.contains(id)))
        };
        for (batch, found) in found.iter().enumerate() {
            let inside: Vec<usize> = members(batch).filter(|&service| service != 5).collect();
            let fate = |one: usize, other: usize| {
                one_cycle(one, other)
                    || !says(one, &["reads", "writes"]).is_disjoint(&says(other, &["writes"]))
            };
            let coupled = inside
                .iter()
                .filter(|&&one| inside.iter().any(|&other| one != other && fate(one, other)))
                .count();
            let calls: BTreeSet<(usize, usize)> = facts
                .iter()
                .filter(|(from, to, kind)| *kind == "calls" && from != to)
                .map(|&(from, to, _)| (from, to))
                .filter(|(from, to)| inside.contains(from) && inside.contains(to))
                .collect();
            let known = !inside.is_empty() && !graph.edges.is_empty();
            let expected = known.then_some((inside.len(), coupled, calls.len()));
            let found = found.coupling.map(|one| (one.services, one.coupled, one.hard));
            prop_assert_eq!(found, expected, "batch {}", batch);
        }
    }
}
