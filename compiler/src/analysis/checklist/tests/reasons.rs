//! What the checklist says beside its scores: the numbers it went by, notes, and the page.

use jiff::Timestamp;
use whimbrel_plan::Criterion;

use super::super::super::fixture::fixture;
use super::super::{CRITERIA, explain};
use super::{declared, scored, scored_with, team};

fn reason(checklist: &whimbrel_plan::Checklist, criterion: Criterion) -> &str {
    let scores = checklist.scores.iter();
    let mut of = scores.filter(|score| score.criterion == criterion);
    &of.next().unwrap().reason
}

#[test]
fn every_derived_answer_tells_its_numbers() {
    // Three move, of which one is critical and earns half a dollar a second, 1,800 an hour. `a` and
    // `b` write one table, and the three services have one hard edge, a third of one each.
    let mut fixture = fixture(
        "service a move critical revenue=0.5
         service b move
         service c
         table t regime=sox move
         a calls c
         a writes t
         b writes t",
    );
    let teams = [Some(4), Some(3), None].map(|engineers| team(&mut fixture, engineers));
    let graph = fixture.graph();
    let told = |teams: &[_]| {
        scored_with(&fixture, &graph, &[], teams, |input| {
            input.automation_share = Some(0.7);
            input.deadline = Some(Timestamp::from_second(40 * 86_400).unwrap());
            input.sequential_duration_days = Some(10.0);
            input.sequential_dual_running_cost = Some(36.0);
            input.budget = Some(1_200.0);
        })
    };
    let checklist = told(&teams);
    let expected = [
        "2 of 3 services (67 %) are in a cycle or share a written table; 0.3 hard edges per service",
        "7 engineers in 2 teams, without 1 team of unknown size",
        "70 % of the steps are carried out, checked and undone by an executor; held at 3 until a \
         rehearsal passes",
        "1 of 3 that move are critical; revenue of $1,800 an hour; `sox`: finance",
        "10 days in sequence, 40 days until the deadline",
        "$36 of dual running in sequence, 3 % of the budget of $1,200",
    ];
    for (criterion, expected) in CRITERIA.into_iter().zip(expected) {
        assert_eq!(reason(&checklist, criterion), expected);
    }
    let one = told(&teams[..1]);
    assert_eq!(reason(&one, Criterion::TeamSize), "4 engineers in 1 team");
}

#[test]
fn the_timeline_tells_of_phases_where_there_are_any() {
    let fixture = fixture("");
    let told = |phase_days| {
        let checklist = scored(&fixture, |input| {
            input.deadline = Some(Timestamp::from_second(40 * 86_400).unwrap());
            input.sequential_duration_days = Some(10.0);
            input.phase_days = phase_days;
        });
        reason(&checklist, Criterion::Timeline).to_owned()
    };
    assert_eq!(told(0.0), "10 days in sequence, 40 days until the deadline");
    assert_eq!(
        told(4.0),
        "10 days in sequence with 4 of phases, 40 days until the deadline"
    );
}

#[test]
fn a_share_of_automation_that_earns_three_is_not_held() {
    let fixture = fixture("");
    let told = |share, rehearsed| {
        let checklist = scored(&fixture, |input| {
            input.automation_share = Some(share);
            input.rehearsal_passed = rehearsed;
        });
        reason(&checklist, Criterion::Automation).contains("held")
    };
    // Up to 60 % is worth 3, more is worth 4.
    assert!(!told(0.6, false));
    assert!(told(0.61, false));
    assert!(!told(0.61, true));
}

#[test]
fn the_note_names_what_caps() {
    let note = |scores| declared(scores).notes.join("; ");
    assert_eq!(
        note([1, 5, 5, 5, 5, 5]),
        "a total of 26 would allow parallel; a score of 1 for service coupling caps it at hybrid"
    );
    assert_eq!(
        note([1, 5, 5, 1, 5, 5]),
        "a total of 22 would allow parallel; a score of 1 for service coupling and risk tolerance \
         caps it at hybrid"
    );
    // 18 is hybrid anyway.
    assert_eq!(note([1, 4, 4, 1, 4, 4]), "");
}

#[test]
fn a_rehearsal_is_asked_for_only_where_it_is_what_is_missing() {
    let fixture = fixture("");
    let graph = fixture.graph();
    // Automation is all that can still rise by little: the others are at 5, or come later.
    let flip = |risk, automation: Option<u8>, share, rehearsed| {
        let mut declared = vec![
            (Criterion::Coupling, 5),
            (Criterion::TeamSize, 5),
            (Criterion::RiskTolerance, risk),
            (Criterion::Timeline, 1),
            (Criterion::DualRunning, 1),
        ];
        declared.extend(automation.map(|score| (Criterion::Automation, score)));
        let declared: Vec<(Criterion, u8, String)> = declared
            .into_iter()
            .map(|(criterion, score)| (criterion, score, "so".to_owned()))
            .collect();
        let checklist = scored_with(&fixture, &graph, &declared, &[], |input| {
            input.automation_share = Some(share);
            input.rehearsal_passed = rehearsed;
        });
        checklist.flip.unwrap()
    };
    // 5 + 5 + 3 + 2 + 1 + 1 = 17, two short of parallel.
    let asked =
        "automation maturity from 3 to 5, which takes a passed rehearsal, would make it parallel";
    let plain = "automation maturity from 3 to 5 would make it parallel";
    assert_eq!(flip(2, None, 0.6, false), asked);
    assert_eq!(flip(2, None, 0.6, true), plain);
    assert_eq!(flip(2, Some(3), 0.6, false), plain);
    // 5 + 5 + 2 + 4 + 1 + 1 = 18: up to 3 it takes none.
    assert_eq!(
        flip(4, None, 0.4, false),
        "automation maturity from 2 to 3 would make it parallel"
    );
    // Nor does another criterion.
    assert_eq!(
        declared([3, 3, 3, 3, 3, 3]).flip.unwrap(),
        "service coupling from 3 to 4 would make it parallel"
    );
}

#[test]
fn the_page_has_every_table_with_its_bounds() {
    let page = explain();
    for expected in [
        "6–12: sequential; 13–18: hybrid; 19–30: parallel",
        // Shares in percent, numbers as they are.
        "| share of services in a cycle or sharing a written table | score |\n|---|---|\n\
         | up to 5 % | 5 |\n| up to 15 % | 4 |\n| up to 30 % | 3 |\n| up to 50 % | 2 |\n| above 50 % | 1 |\n",
        "| engineers of the migration's teams | score |\n|---|---|\n\
         | up to 2 | 2 |\n| up to 5 | 3 |\n| up to 9 | 4 |\n| above 9 | 5 |\n",
        "\nAt most 3 until a rehearsal has passed.\n",
        "\nWithout a deadline: 2.\n",
        "| personal data (gdpr, ccpa, lgpd, pdpa, appi, pipeda) | 3 | 3 |\n",
        "\nA regime not named here counts as finance.\n",
    ] {
        assert!(page.contains(expected), "{expected}\nis missing in\n{page}");
    }
    // Every table stands once, below its own criterion.
    let sections: Vec<&str> = page.split("\n## ").collect();
    let tables: Vec<usize> = sections
        .iter()
        .map(|section| section.matches("| score |\n").count())
        .collect();
    // The opening; coupling, team, automation, risk, timeline, dual running; batch by batch.
    assert_eq!(tables, [0, 2, 1, 1, 3, 1, 1, 0]);
}
