//! The index of the runbooks: what a plan says of its world is printed, word for word.
#![expect(
    clippy::disallowed_methods,
    reason = "tests start the program, write its files, and fail by panicking"
)]

mod common;

use common::{folder, whimbrel};

const PLAN: &str = r#"
platform hall { region = "eu-central-1"; jurisdiction = de }
platform cluster { }
migration market { from = hall; to = cluster; start = 2027-01-11 }
team shop { engineers = 3 }
service orders { team = shop; tier = critical; version = "4.2"; users = 1200; move = shift(); reads store.rows }
service search { move = shift() }
instance pg {
  engine = postgresql; version = "12.4"
  datastore store {
    engine = postgresql; version = "12.4"; becomes = "postgresql 16"; team = shop
    regimes = [gdpr, sox]; residency = [de]; retention = 7y
    table rows
  }
}
external network { change_lead_time = 30d; contact = "ops@network.example" }
licence support { of = [store]; cost = $10/mo; until = 2027-12-31; notice = 90d }
bridge copy {
  over = store
  by = mirror; lag = 2s; source = new; deduplicates = true
  breaks = "orders stop | call the team"
}
trigger errors { when = error_rate > 1% }
role lead { who = "head"; backup = "second" }
risk loss { tier = medium; alert = errors; owner = lead }
announce buyers {
  before = 14d; channel = "status page"
  what = "the shop moves"; why = "its hall is closed"; risk = "an hour without search"
  noticed = "nothing"; contact = "help@market.example"
}
pattern shift() for service { step go { does = manual("go"); takes = 1h } }
"#;

#[test]
fn what_a_plan_says_of_its_world_stands_in_the_index() {
    let project = folder(&[("plan.mig", PLAN.as_bytes())]);
    let run = whimbrel(
        project.path(),
        &[
            "build",
            "--out",
            "dist",
            "--trials",
            "64",
            "--today",
            "2026-11-21",
        ],
    );
    assert_eq!(run.code, Some(0), "{}", run.err);
    let index = std::fs::read_to_string(project.path().join("dist/runbook/index.md")).unwrap();
    for row in [
        "| hall | eu-central-1 | de | – |",
        "| orders | shop | critical | 4.2 | 1200 | hall → cluster |",
        "| store | shop | postgresql 12.4 | postgresql 16 | stays on hall | gdpr, sox | de | 7 y |",
        "| network | 30 d | ops@network.example |",
        "| copy | store | mirror | 2 s | the new side | taken once | orders stop \\| call the team |",
        "| loss | medium | none is written down | errors | lead |",
        // The instant after its last day, in the migration's zone.
        "| support | store | Sat 2028-01-01 00:00 UTC | 90 d before that |",
        "What: the shop moves. Why: its hall is closed. When: from Mon 2027-01-11 00:00 UTC;",
        "Risk: an hour without search. What you will notice: nothing. Whom to call: help@market.example.",
    ] {
        assert!(index.contains(row), "{row}\n{index}");
    }
}
