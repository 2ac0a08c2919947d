//! Expected scores come from the published table and the breakpoints as the design names them,
//! never from the code's own tables.

mod batches;
mod reasons;

use jiff::Timestamp;
use whimbrel_plan::{Checklist, Criterion, Graph, ScoreSource, Strategy, Team, TeamId};

use super::super::fixture::{Fixture, fixture};
use super::{BREAKPOINTS, CRITERIA, ChecklistInput, explain, score, verdict};

/// A plan that says nothing, changed by `change`.
fn scored(fixture: &Fixture, change: impl FnOnce(&mut ChecklistInput<'_>)) -> Checklist {
    let graph = fixture.graph();
    scored_with(fixture, &graph, &[], &[], change)
}

fn scored_with(
    fixture: &Fixture,
    graph: &Graph,
    declared: &[(Criterion, u8, String)],
    teams: &[TeamId],
    change: impl FnOnce(&mut ChecklistInput<'_>),
) -> Checklist {
    let mut input = ChecklistInput {
        declared,
        teams,
        ..silent(fixture, graph)
    };
    change(&mut input);
    score(&input)
}

/// A plan that says nothing.
fn silent<'a>(fixture: &'a Fixture, graph: &'a Graph) -> ChecklistInput<'a> {
    ChecklistInput {
        declared: &[],
        inventory: &fixture.inventory,
        graph,
        teams: &[],
        start: Timestamp::UNIX_EPOCH,
        deadline: None,
        budget: None,
        currency: "USD",
        automation_share: None,
        rehearsal_passed: false,
        sequential_duration_days: None,
        phase_days: 0.0,
        sequential_dual_running_cost: None,
        year_running_cost: None,
    }
}

/// A further team of so many; none is unlimited.
fn team(fixture: &mut Fixture, engineers: Option<u32>) -> TeamId {
    fixture.inventory.teams.push(Team {
        name: format!("{engineers:?}"),
        doc: None,
        engineers,
        rate_per_hour: None,
        calendar: None,
        oncall: None,
    })
}

fn declared(scores: [u8; 6]) -> Checklist {
    let fixture = fixture("");
    let declared: Vec<(Criterion, u8, String)> = CRITERIA
        .into_iter()
        .zip(scores)
        .map(|(criterion, score)| (criterion, score, "so".to_owned()))
        .collect();
    scored_with(&fixture, &Graph::default(), &declared, &[], |_| {})
}

fn of(checklist: &Checklist, criterion: Criterion) -> (u8, ScoreSource) {
    let found = checklist
        .scores
        .iter()
        .find(|score| score.criterion == criterion)
        .unwrap();
    (found.score, found.source)
}

/// Scores from 2 to 5 for what may cap, so that no cap disturbs, adding up to `total`.
fn adding_up_to(total: u8) -> [u8; 6] {
    let mut scores = [2, 1, 1, 2, 1, 1];
    let mut left = total - 8;
    for score in &mut scores {
        let more = left.min(5 - *score);
        *score += more;
        left -= more;
    }
    scores
}

#[test]
fn every_total_has_the_published_verdict() {
    for total in 6..=30 {
        let expected = match total {
            6..=12 => Strategy::Sequential,
            13..=18 => Strategy::Hybrid,
            _ => Strategy::Parallel,
        };
        assert_eq!(verdict(total, false), expected, "{total}");
        if total >= 8 {
            let checklist = declared(adding_up_to(total));
            assert_eq!((checklist.total, checklist.verdict), (total, expected));
        }
    }
}

#[test]
fn the_margin_is_the_way_to_the_nearest_other_verdict() {
    // 8 → 13; 12 → 13; 13 → 12; 16 → 13−1 = 12 is 4 away, 19 is 3; 18 → 19; 19 → 18; 30 → 18.
    for (total, margin) in [
        (8, 5),
        (12, 1),
        (13, 1),
        (15, 3),
        (16, 3),
        (18, 1),
        (19, 1),
        (30, 12),
    ] {
        assert_eq!(declared(adding_up_to(total)).margin, margin, "{total}");
    }
    // Capped, parallel is out of reach: 26 → 12.
    assert_eq!(declared([1, 5, 5, 5, 5, 5]).margin, 14);
}

#[test]
fn a_one_for_coupling_or_risk_caps_at_hybrid() {
    for scores in [[1, 5, 5, 5, 5, 5], [5, 5, 5, 1, 5, 5]] {
        let checklist = declared(scores);
        assert_eq!(checklist.verdict, Strategy::Hybrid);
        assert_eq!(checklist.notes.len(), 1);
    }
    // A one elsewhere caps nothing, and a cap that changes nothing is not worth a note.
    assert_eq!(declared([5, 1, 5, 5, 5, 5]).verdict, Strategy::Parallel);
    assert!(declared([1, 2, 2, 2, 2, 2]).notes.is_empty());
    assert_eq!(declared([1, 2, 2, 2, 2, 2]).verdict, Strategy::Sequential);
}

#[test]
fn the_flip_is_the_smallest_change_of_one_score() {
    let flip = |scores| declared(scores).flip;
    // 12 → 13: any one point more does; the first criterion is told.
    assert_eq!(
        flip([2, 2, 2, 2, 2, 2]).unwrap(),
        "service coupling from 2 to 3 would make it hybrid"
    );
    // 20 is two points above 18, but one point less for coupling brings the cap.
    assert_eq!(
        flip([2, 3, 4, 3, 4, 4]).unwrap(),
        "service coupling from 2 to 1 would make it hybrid"
    );
    // 26, capped by coupling alone: one point more frees it.
    assert_eq!(
        flip([1, 5, 5, 5, 5, 5]).unwrap(),
        "service coupling from 1 to 2 would make it parallel"
    );
    // 16 needs three more; coupling is at 5 already, team size at 3 can go to 5 only.
    assert_eq!(
        flip([5, 3, 2, 2, 2, 2]).unwrap(),
        "automation maturity from 2 to 5 would make it parallel"
    );
    // From 6 the most one score can add is 4.
    assert_eq!(flip([1, 1, 1, 1, 1, 1]), None);
    // From 30 a cap is the smallest: 5 → 1, while the sum alone would need twelve.
    assert_eq!(
        flip([5, 5, 5, 5, 5, 5]).unwrap(),
        "service coupling from 5 to 1 would make it hybrid"
    );
}

#[test]
fn what_is_unknown_never_helps() {
    let fixture = fixture("service a move");
    let checklist = scored(&fixture, |_| {});
    let scores: Vec<(u8, ScoreSource)> = checklist
        .scores
        .iter()
        .map(|score| (score.score, score.source))
        .collect();
    let unknown = (1, ScoreSource::Unknown);
    // No deadline is a fact, not a gap.
    let expected = [
        unknown,
        unknown,
        unknown,
        unknown,
        (2, ScoreSource::Derived),
        unknown,
    ];
    assert_eq!(scores, expected);
    assert_eq!(checklist.verdict, Strategy::Sequential);
}

#[test]
fn a_deadline_without_a_duration_is_unknown_and_scores_two() {
    let fixture = fixture("");
    let checklist = scored(&fixture, |input| input.deadline = Some(Timestamp::MAX));
    assert_eq!(
        of(&checklist, Criterion::Timeline),
        (2, ScoreSource::Unknown)
    );
}

#[test]
fn what_the_plan_answers_is_taken_with_its_reason() {
    let fixture = fixture("");
    let declared = [(Criterion::TeamSize, 4, "nine people".to_owned())];
    let checklist = scored_with(&fixture, &Graph::default(), &declared, &[], |_| {});
    let score = &checklist.scores[1];
    assert_eq!((score.score, score.source), (4, ScoreSource::Declared));
    assert_eq!(score.reason, "nine people");
}

#[test]
fn team_sizes() {
    // The design: ≤2 → 2, 3–5 → 3, 6–9 → 4, ≥10 → 5.
    for (engineers, expected) in [
        (1, 2),
        (2, 2),
        (3, 3),
        (5, 3),
        (6, 4),
        (9, 4),
        (10, 5),
        (50, 5),
    ] {
        let mut fixture = fixture("");
        let teams = [Some(engineers), None].map(|size| team(&mut fixture, size));
        let size = |teams: &[TeamId]| {
            let checklist = scored_with(&fixture, &Graph::default(), &[], teams, |_| {});
            of(&checklist, Criterion::TeamSize)
        };
        assert_eq!(
            size(&teams),
            (expected, ScoreSource::Derived),
            "{engineers}"
        );
        assert_eq!(size(&teams[1..]), (1, ScoreSource::Unknown));
    }
}

#[test]
fn automation_is_held_without_a_rehearsal() {
    let fixture = fixture("");
    let automated = |share, rehearsed| {
        let checklist = scored(&fixture, |input| {
            input.automation_share = Some(share);
            input.rehearsal_passed = rehearsed;
        });
        of(&checklist, Criterion::Automation).0
    };
    let bounds = [
        (0.0, 1),
        (0.2, 1),
        (0.21, 2),
        (0.4, 2),
        (0.41, 3),
        (0.6, 3),
        (0.61, 4),
        (0.8, 4),
        (0.81, 5),
        (1.0, 5),
    ];
    for (share, expected) in bounds {
        assert_eq!(automated(share, true), expected, "{share}");
        assert_eq!(
            automated(share, false),
            expected.min(3),
            "{share} unrehearsed"
        );
    }
    // The sum is 1 + 1 + 3 + 1 + 2 + 1.
    let checklist = scored(&fixture, |input| input.automation_share = Some(1.0));
    assert_eq!(checklist.total, 9);
}

#[test]
fn the_timeline_is_the_share_of_the_time_used() {
    let fixture = fixture("");
    let pressure = |days: f64, available: i64| {
        let checklist = scored(&fixture, |input| {
            input.deadline = Some(Timestamp::from_second(available * 86_400).unwrap());
            input.sequential_duration_days = Some(days);
        });
        of(&checklist, Criterion::Timeline).0
    };
    let bounds = [
        (25.0, 1),
        (25.5, 2),
        (50.0, 2),
        (51.0, 3),
        (80.0, 3),
        (81.0, 4),
        (100.0, 4),
        (101.0, 5),
    ];
    for (days, expected) in bounds {
        assert_eq!(pressure(days, 100), expected, "{days}");
    }
    // A deadline before the start cannot be met at any speed.
    assert_eq!(pressure(1.0, -1), 5);
}

#[test]
fn dual_running_is_a_share_of_the_budget_or_of_the_year() {
    let fixture = fixture("");
    let dear = |cost, budget, year| {
        let checklist = scored(&fixture, |input| {
            input.sequential_dual_running_cost = Some(cost);
            input.budget = budget;
            input.year_running_cost = year;
        });
        of(&checklist, Criterion::DualRunning)
    };
    let bounds = [
        (2.0, 1),
        (2.1, 2),
        (10.0, 2),
        (10.1, 3),
        (25.0, 3),
        (25.1, 4),
        (50.0, 4),
        (50.1, 5),
    ];
    for (cost, expected) in bounds {
        let derived = (expected, ScoreSource::Derived);
        assert_eq!(dear(cost, Some(100.0), None), derived, "{cost}");
        assert_eq!(dear(cost, None, Some(100.0)), derived, "{cost} of a year");
    }
    assert_eq!(dear(1.0, None, None), (1, ScoreSource::Unknown));
    assert_eq!(dear(1.0, Some(0.0), None), (1, ScoreSource::Unknown));
}

#[test]
fn coupling_is_the_worse_of_shared_fate_and_hard_edges() {
    let coupling = |coupled: usize, hard: usize, services: usize| {
        // The first `coupled` services share a written table; `hard` calls spread without a cycle.
        let mut text = String::from("table t\n");
        for service in 0..services {
            text += &format!("service s{service:03}\n");
        }
        for service in 0..coupled {
            text += &format!("s{service:03} writes t\n");
        }
        let calls = (0..services)
            .flat_map(|from| (from + 1..services).map(move |to| (from, to)))
            .take(hard);
        for (from, to) in calls {
            text += &format!("s{from:03} calls s{to:03}\n");
        }
        let fixture = fixture(&text);
        of(&scored(&fixture, |_| {}), Criterion::Coupling).0
    };
    // Of twenty: 0, 3 (15 %), 6 (30 %), 10 (50 %), 11 (55 %). Two is the least that share, 10 %.
    let shares = [
        (0, 5),
        (2, 4),
        (3, 4),
        (4, 3),
        (6, 3),
        (7, 2),
        (10, 2),
        (11, 1),
    ];
    for (coupled, expected) in shares {
        assert_eq!(
            coupling(coupled, 1, 20),
            expected,
            "{coupled} of 20 coupled"
        );
    }
    // Two of forty are 5 %.
    assert_eq!(coupling(2, 1, 40), 5);
    let edges = [
        (10, 5),
        (11, 4),
        (20, 4),
        (21, 3),
        (40, 3),
        (41, 2),
        (80, 2),
        (81, 1),
    ];
    for (hard, expected) in edges {
        assert_eq!(
            coupling(0, hard, 20),
            expected,
            "{hard} hard edges among 20"
        );
    }
}

#[test]
fn a_private_table_couples_nobody() {
    let fixture = fixture("service a\nservice b\ntable t\na uses t\na calls b soft");
    let coupling = of(&scored(&fixture, |_| {}), Criterion::Coupling);
    assert_eq!(coupling, (5, ScoreSource::Derived));
}

#[test]
fn a_datastore_that_goes_after_a_service_is_not_written_by_it() {
    let fixture =
        fixture("service a move\nservice b move\ndatastore db move\nb reads db\ndb after a");
    let coupling = of(&scored(&fixture, |_| {}), Criterion::Coupling);
    assert_eq!(coupling, (5, ScoreSource::Derived));
}

#[test]
fn risk_is_the_worst_of_tiers_revenue_and_regimes() {
    let risk = |text: &str| {
        let fixture = fixture(text);
        of(&scored(&fixture, |_| {}), Criterion::RiskTolerance)
    };
    let derived = |score| (score, ScoreSource::Derived);
    let four = "service b move\nservice c move\nservice d move\n";
    // An internal tool that is known to earn nothing.
    assert_eq!(risk("service a move revenue=0"), derived(5));
    assert_eq!(risk("service a move important"), derived(4));
    // One of four is a quarter, one of three is more.
    assert_eq!(risk(&format!("{four}service a move critical")), derived(3));
    assert_eq!(
        risk("service a move critical\nservice b move\nservice c move"),
        derived(2)
    );
    // What stays is not at risk.
    assert_eq!(
        risk("service a critical\nservice b move"),
        (1, ScoreSource::Unknown)
    );
    // Revenue per second: 1,000, 50,000 and 500,000 an hour are the bounds.
    for (per_hour, expected) in [
        (900.0, 4),
        (1_100.0, 3),
        (49_000.0, 3),
        (51_000.0, 2),
        (490_000.0, 2),
        (510_000.0, 1),
    ] {
        let text = format!("service a move revenue={}", per_hour / 3_600.0);
        assert_eq!(risk(&text), derived(expected), "{per_hour}");
    }
    for (regime, alone, beside_critical) in [
        ("gdpr", 3, 3),
        ("SOX", 2, 1),
        ("hipaa", 2, 1),
        ("pci-dss", 2, 1),
        ("local-law", 2, 1),
    ] {
        let data = format!("datastore db move regime={regime}\n");
        assert_eq!(
            risk(&format!("{data}service a move")),
            derived(alone),
            "{regime}"
        );
        let critical = format!("{data}{four}service a move critical");
        assert_eq!(
            risk(&critical),
            derived(beside_critical),
            "{regime} beside critical"
        );
    }
    assert_eq!(
        risk("datastore db regime=sox\nservice a move revenue=0"),
        derived(5),
        "data that stays"
    );
}

#[test]
fn automation_flips_only_with_a_rehearsal() {
    let fixture = fixture("");
    let declared: Vec<(Criterion, u8, String)> = [
        (Criterion::Coupling, 5),
        (Criterion::TeamSize, 5),
        (Criterion::RiskTolerance, 5),
    ]
    .map(|(criterion, score)| (criterion, score, "so".to_owned()))
    .to_vec();
    let checklist = scored_with(&fixture, &Graph::default(), &declared, &[], |input| {
        input.automation_share = Some(1.0);
        input.sequential_dual_running_cost = Some(0.0);
        input.budget = Some(1.0);
    });
    // 5 + 5 + 3 + 5 + 2 + 1 = 21; three points less make it hybrid: coupling 5 → 2 comes first.
    assert_eq!(checklist.total, 21);
    assert_eq!(
        checklist.flip.unwrap(),
        "service coupling from 5 to 2 would make it hybrid"
    );
    let lower = [
        (Criterion::Coupling, 5),
        (Criterion::TeamSize, 5),
        (Criterion::RiskTolerance, 2),
        (Criterion::Timeline, 1),
        (Criterion::DualRunning, 1),
    ]
    .map(|(criterion, score)| (criterion, score, "so".to_owned()));
    let checklist = scored_with(&fixture, &Graph::default(), &lower, &[], |input| {
        input.automation_share = Some(1.0);
    });
    // 5 + 5 + 3 + 2 + 1 + 1 = 17: automation 3 → 5 is the first of the changes by two points.
    assert_eq!(
        checklist.flip.unwrap(),
        "automation maturity from 3 to 5, which takes a passed rehearsal, would make it parallel"
    );
}

#[test]
fn the_breakpoints_are_sound_and_all_explained() {
    let page = explain();
    for table in BREAKPOINTS {
        assert!(
            table.bands.windows(2).all(|pair| pair[0].0 < pair[1].0),
            "{}",
            table.what
        );
        assert!(
            table.bands.last().unwrap().0.is_infinite(),
            "{}",
            table.what
        );
        assert!(page.contains(table.what));
    }
    assert!(
        CRITERIA
            .iter()
            .all(|criterion| page.contains(&format!("## {}", super::name(*criterion))))
    );
    assert!(
        page.contains("| up to 5 % | 5 |\n| up to 15 % | 4 |"),
        "{page}"
    );
    assert!(page.contains("| above 9 | 5 |"), "{page}");
}
