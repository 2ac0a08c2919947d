//! The text of a plan: n services, 4n relations, ten teams, patterns of the standard library,
//! batches of the compiler's. In three files: what stores data, what runs, and what is to happen.

use std::fmt::Write as _;

use whimbrel_compiler::{Provider, ReadError};

/// Services to a database, each with a table of its own.
const GROUP: usize = 10;

const PLAN: &str = r#"use std.patterns.{canary, cdc_replication, strangler_fig}
import "stores.mig"
import "services.mig"
platform old { traffic = haproxy(); deploy = bash(script: "deploy.sh"); data = postgresql() }
platform new { monitor = prometheus(); deploy = bash(script: "deploy.sh") }
link old -> new { bandwidth = 10Gbps; latency = 2ms; private = true }
calendar office { zone = "America/New_York" }
role migration_lead { who = "lead"; backup = "second"; team = team0 }
role infrastructure_engineer { who = "engineer"; backup = "second"; team = team0 }
role database_engineer { who = "engineer"; backup = "second"; team = team0 }
role communications_owner { who = "speaker"; backup = "second"; team = team0 }
migration all {
  from = old; to = new; zone = "America/New_York"; start = 2027-01-11; strategy = hybrid
  objective { sla = 99.9%; rpo = 1min; rto = 1h }
}
trigger errors { when = error_rate > 1%; for = 5min }
"#;

/// The files of a plan, by path.
pub struct Files([(&'static str, String); 3]);

impl Files {
    /// A plan of so many services: each calls two that stand before it, writes its own table and
    /// reads a neighbour's; every third database moves, and every second service.
    pub fn new(count: usize) -> Self {
        Self([
            ("plan.mig", plan()),
            ("stores.mig", stores(count)),
            ("services.mig", services(count)),
        ])
    }

    /// The plan after a small change: one service has other traffic, and one is new that stands before
    /// all others, so that no id is what it was.
    pub fn changed(&self) -> Self {
        let [plan, stores, services] = &self.0;
        let text = services
            .1
            .replacen("traffic = 100rps", "traffic = 120rps", 1);
        let more = "service a_new_one { team = team0; calls s0 { need = soft } }\n";
        Self([
            plan.clone(),
            stores.clone(),
            (services.0, format!("{text}{more}")),
        ])
    }

    /// Path and text of each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (*path, text.as_str()))
    }

    /// Bytes of all.
    pub fn size(&self) -> usize {
        self.iter().map(|(_, text)| text.len()).sum()
    }
}

impl Provider for Files {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let file = self.iter().find(|(known, _)| *known == path);
        file.map(|(_, text)| text.as_bytes().to_vec())
            .ok_or(ReadError::NotFound)
    }
}

fn plan() -> String {
    let mut out = PLAN.to_owned();
    for team in 0..10 {
        let _ = writeln!(
            out,
            "team team{team} {{ engineers = 5; rate = $95/h; calendar = office }}"
        );
    }
    out
}

fn stores(services: usize) -> String {
    let mut out = String::new();
    for base in (0..services).step_by(GROUP) {
        let end = services.min(base + GROUP);
        let number = base / GROUP;
        let team = number % 10;
        let _ = writeln!(
            out,
            "datastore db{number} {{\n  team = team{team}; size = 200GB; change_rate = 1MB/s"
        );
        if number.is_multiple_of(3) {
            out.push_str("  move = cdc_replication(parallel_run: 2w)\n");
        }
        for table in base..end {
            let _ = writeln!(out, "  table t{table}");
        }
        out.push_str("}\n");
    }
    out
}

fn services(services: usize) -> String {
    let mut out = String::new();
    for service in 0..services {
        let number = service / GROUP;
        let first = number * GROUP;
        let next = first + (service - first + 1) % GROUP.min(services - first);
        let team = service % 10;
        let pattern = if service % 4 == 0 {
            "strangler_fig"
        } else {
            "canary"
        };
        let _ = writeln!(
            out,
            "## Serves number {service}.\nservice s{service} {{\n  team = team{team}; traffic = 100rps"
        );
        if service % 2 == 0 {
            let _ = writeln!(out, "  move = {pattern}()");
        }
        let _ = writeln!(
            out,
            "  writes db{number}.t{service}\n  reads db{number}.t{next} {{ need = soft }}"
        );
        for (back, need) in [(7, "hard"), (31, "soft")] {
            let callee = (service + services - back) % services;
            let _ = writeln!(out, "  calls s{callee} {{ rate = 5rps; need = {need} }}");
        }
        out.push_str("  cost { old = $100/mo; new = $80/mo }\n}\n");
    }
    out
}
