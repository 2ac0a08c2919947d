//! The index of the runbooks: what a plan says of its world is printed, word for word.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start the program, write its files, and fail by panicking"
)]

mod common;

use std::path::Path;

use common::{folder, whimbrel};

const PLAN: &str = r#"
platform hall { region = "eu-central-1"; jurisdiction = de }
platform cluster { }
migration market {
  from = hall; to = cluster; start = 2027-01-11
  audit { place = "the archive's locked bucket"; keep = 7y }
}
team shop { engineers = 3 }
service orders { team = shop; tier = critical; version = "4.2"; users = 1200; move = shift(); reads store.rows
  traffic = 80rps; dns_ttl = 1h; longest_transaction = 45min
  baseline { error_rate = 0.1%; p50 = 20ms; p99 = 180ms; at = 2026-11-10 }
}
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
  by = cdc; lag = 2s; source = new; deduplicates = true
  breaks = "orders stop | call the team"
}
trigger errors { when = error_rate > 1% }
retrospective { within = 3d; owner = lead; takes = 2h }
## How many carts get lost.
measure lost_carts { query = "sum(rate(lost{s=\"${subject}\"}[5m]))"; type = rate; of = [orders] }
role lead { who = "head"; backup = "second" }
risk loss { tier = medium; alert = errors; owner = lead }
announce buyers {
  before = 14d; channel = "status page"
  what = "the shop moves"; why = "its hall is closed"; risk = "an hour without search"
  noticed = "nothing"; contact = "help@market.example"
}
pattern shift() for service {
  step load { does = manual("load it"); load = 150%; takes = 1h }
  step lower { does = manual("lower it"); dns_ttl = 60s; takes = 1h }
  gate may { approve = lead; when = [p99 < 300ms, p95 < 90ms]; within = 4h }
  step go { does = manual("go"); takes = 1h }
}
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
    let index = read(project.path(), "dist/runbook/index.md");
    for row in [
        "| hall | eu-central-1 | de | – |",
        "| orders | shop | critical | 4.2 | 1200 | hall → cluster |",
        "| store | shop | postgresql 12.4 | postgresql 16 | stays on hall | gdpr, sox | de | 7 y |",
        "| network | 30 d | ops@network.example |",
        "| copy | store | change data capture | 2 s | the new side | taken once | orders stop \\| call the team |",
        "| lost\\_carts | orders | `sum(rate(lost{s=\"SUBJECT\"}[5m]))` | How many carts get lost. |",
        "| loss | medium | none is written down | errors | lead |",
        "| the archive's locked bucket | 7 y |",
        "| orders | 0.1 % | 20 ms | – | 180 ms | 2026-11-10 |",
        // The instant after its last day, in the migration's zone.
        "| support | store | Fri 2027-12-31 24:00 UTC | 90 d before that |",
        "What: the shop moves. Why: its hall is closed. When: from Mon 2027-01-11 00:00 UTC;",
        "Risk: an hour without search. What you will notice: nothing. Whom to call: help@market.example.",
    ] {
        assert!(index.contains(row), "{row}\n{index}");
    }
    let runbook = read(project.path(), "dist/runbook/02-batch-2.md");
    for row in [
        "| load | 150 % of the traffic of today, 120 per second |",
        "| time to live of its name from then on | 60 s |",
        "| p99 | &lt; 300 ms (before the move: 180 ms) |",
        "| p95 | &lt; 90 ms | ",
        "recovery time objective; before it is lowered, orders has 60 min |",
        "no transaction is under way that a stop would break off; orders takes up to 45 min |",
        "goes to the archive's locked bucket, where it is kept for 7 y\n",
        "a retrospective without blame within 3 d, called by the lead; this log",
    ] {
        assert!(runbook.contains(row), "{row}\n{runbook}");
    }
}

fn read(project: &Path, file: &str) -> String {
    std::fs::read_to_string(project.join(file)).unwrap()
}
