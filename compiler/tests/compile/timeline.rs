//! The timeline of the decision checklist: what comes before anything moves takes time, too.

use whimbrel_plan::{Criterion, Plan};

use crate::support::plan;

/// Two services of two days each, a day of work and a day of soak; 13 days until the end of the 23rd.
fn two_services(phases: &str) -> Plan {
    plan(&format!(
        "platform old {{ }}
platform new {{ cost = $10/d }}
migration all {{ from = old; to = new; start = 2027-01-11; deadline = 2027-01-23; budget = $800 }}
pattern slow() for service {{
  step work {{ kind = deploy; does = deploy.apply(service); takes = 24wh }}
  step shift {{ does = traffic.shift(service, to: 100%); soak = 24h }}
}}
pattern survey() for phase {{
  step list {{ does = manual(\"list\"); takes = 1d }}
  together {{
    step look {{ does = manual(\"look\"); takes = uniform(1d, 3d) }}
    step watch {{ does = manual(\"watch\"); soak = 3d }}
  }}
}}
defaults service {{ move = slow() }}
service a {{ }}
service b {{ }}
automation {{ takes = 30d }}
{phases}"
    ))
}

fn told(plan: &Plan, criterion: Criterion) -> (u8, String) {
    let mut scores = plan.checklist.scores.iter();
    let score = scores.find(|score| score.criterion == criterion).unwrap();
    (score.score, score.reason.clone())
}

/// 4 of 13 days are 31 % (up to 50 %: 2). Three days of discovery and one and three of the survey,
/// whose two days of looking lie within the three of watching, make it 11 of 13, 85 % (up to 100 %:
/// 4). The automation is none of it: a sequential migration can do without.
#[test]
fn phases_come_before_what_moves_in_sequence() {
    let phases = "phase discovery { takes = 3d }\nphase survey { move = survey() }";
    let (without, with) = (two_services(""), two_services(phases));
    let timeline = |plan| told(plan, Criterion::Timeline);
    assert_eq!(
        timeline(&without),
        (
            2,
            "4 days in sequence, 13 days until the deadline".to_owned()
        )
    );
    assert_eq!(
        timeline(&with),
        (
            4,
            "11 days in sequence with 7 of phases, 13 days until the deadline".to_owned()
        )
    );
    // Nothing runs twice before anything moves.
    let dual = |plan| told(plan, Criterion::DualRunning);
    assert_eq!(dual(&with), dual(&without));
    assert!(
        dual(&with).1.starts_with("$40 of dual running"),
        "{:?}",
        dual(&with)
    );
}

/// Phases alone are no migration in sequence.
#[test]
fn where_nothing_moves_the_sequence_is_unknown() {
    let mut text = "platform old { }
platform new { }
migration all { from = old; to = new; start = 2027-01-11; deadline = 2027-01-23 }
phase discovery { takes = 3d }"
        .to_owned();
    assert_eq!(told(&plan(&text), Criterion::Timeline).0, 2);
    text +=
        "\npattern at_once() for service { step shift { does = traffic.shift(service, to: 100%) } }
service a { move = at_once() }";
    let (score, reason) = told(&plan(&text), Criterion::Timeline);
    assert_eq!(
        (score, reason.as_str()),
        (
            1,
            "3 days in sequence with 3 of phases, 13 days until the deadline"
        )
    );
}
