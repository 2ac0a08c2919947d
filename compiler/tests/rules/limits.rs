//! Rules exactly at their limits, and where what they need is not known.

use whimbrel_lang::Level;

use super::{Example, compiled};

/// Codes and levels found in a block added to the base, whose migration it may replace.
fn found(block: &str) -> Vec<(&'static str, Level)> {
    let compilation = compiled(Example::of(block).plan());
    let all = compilation.diagnostics.iter();
    all.map(|found| (found.code.name, found.level)).collect()
}

/// Whether a rule tells of a block; nothing else may.
fn tells(rule: &str, block: &str) -> bool {
    let found = found(block);
    assert!(found.iter().all(|(name, _)| *name == rule), "{found:?}");
    !found.is_empty()
}

fn store(pattern: &str) -> String {
    format!("{pattern}datastore shop_db {{ move = own() }}\n")
}

#[test]
fn five_thousand_rows_are_not_too_many() {
    let rows = |rows: u32| {
        store(&format!(
            "pattern own() for datastore {{
  step make {{ kind = deploy; does = deploy.apply(datastore); undo = deploy.remove(datastore) }}
  step fill {{ does = data.backfill(datastore, rows: {rows}, pause: 1ms) }}
  step compare {{ does = validate.counts(datastore) }}
  step switch {{ does = data.switch_reads(datastore); verify = validate.counts(datastore); undo = data.switch_reads(datastore, to: \"old\"); soak = 24h }}
  step keep {{ kind = keep; soak = 72h }}
  gate retire {{ approve = migration_lead; not_by = executor; within = 3d }}
  step gone {{ does = deploy.remove(datastore, from: migration.from); irreversible = true }}
}}
"
        ))
    };
    assert!(!tells("backfill-without-throttle", &rows(5_000)));
    assert!(tells("backfill-without-throttle", &rows(5_001)));
}

#[test]
fn an_old_shape_stays_a_week() {
    let kept = |kept: &str| {
        store(&format!(
            "pattern own() for datastore {{
  step expand {{ does = schema.expand(datastore); undo = schema.contract(datastore) }}
  step compare {{ does = validate.counts(datastore) }}
  step switch {{ does = data.switch_reads(datastore); verify = validate.counts(datastore); undo = data.switch_reads(datastore, to: \"old\"); soak = 1h }}
  gate retire {{ approve = migration_lead; not_by = executor; within = 1s; takes = 0s }}
  step keep {{ kind = keep; soak = {kept} }}
  gate let_go {{ approve = migration_lead; not_by = executor; within = 1s; takes = 0s }}
  step contract {{ kind = decommission; does = schema.contract(datastore); irreversible = true }}
}}
"
        ))
    };
    assert!(!tells("contract-before-last-reader", &kept("7d")));
    assert!(tells("contract-before-last-reader", &kept("167h")));
}

#[test]
fn an_old_side_stays_a_day_with_its_watch_and_without_the_approval() {
    let kept = |soak: &str, kept: &str| {
        format!(
            "pattern own() for service {{
  step load_test {{ kind = validate; does = manual(\"load it\"); load = 100% }}
  step shift {{ does = traffic.shift(service, to: 100%); soak = {soak}; verify = health(service); undo = traffic.shift(service, to: 0%) }}
  step keep {{ kind = keep; soak = {kept} }}
  gate retire {{ approve = migration_lead; not_by = executor; within = 3d }}
  step gone {{ does = deploy.remove(service, from: migration.from); irreversible = true }}
}}
service mailer {{ move = own() }}
"
        )
    };
    let rule = "old-side-gone-before-rollback-horizon";
    assert!(!tells(rule, &kept("4h", "20h")));
    assert!(tells(rule, &kept("4h", "19h")));
}

#[test]
fn downtime_may_be_all_that_the_sla_leaves() {
    // 99.9 % of 30 days leaves 43 minutes and 12 seconds.
    let away = |downtime: &str| {
        format!(
            "use std.patterns.lift_and_shift\nservice intranet {{ move = lift_and_shift(downtime: {downtime}) }}\n"
        )
    };
    assert!(!tells("downtime-exceeds-sla", &away("2592s")));
    assert!(tells("downtime-exceeds-sla", &away("2593s")));
    let unsaid = "migration clean { from = old; to = new; start = 2027-01-11; objective { rpo = 1min; rto = 1h } }\n";
    let found = found(&(away("10h") + unsaid));
    assert_eq!(found, [("no-objectives", Level::Warning)]);
}

#[test]
fn a_backup_may_be_as_old_as_the_rpo() {
    let age = |age: &str| {
        format!(
            "use std.patterns.backfill
datastore invoices {{ move = backfill(); backup_every = {age} }}
service billing {{ writes invoices; move = strangler_fig() }}
waive back-sync-missing on invoices until 2027-06-30 because \"they are made again from orders\"
"
        )
    };
    assert!(!tells("backup-older-than-rpo", &age("1min")));
    assert!(tells("backup-older-than-rpo", &age("61s")));
}

#[test]
fn a_million_a_day_is_not_more_than_a_million() {
    let rate = |rate: &str| {
        format!(
            "datastore shop_db {{ move = cdc_replication(parallel_run: 1w); table orders }}
service orders {{ writes shop_db.orders {rate}; move = strangler_fig() }}
"
        )
    };
    let rule = "parallel-run-too-short";
    assert!(!tells(rule, &rate("{ rate = 11.5/s }")));
    assert!(tells(rule, &rate("{ rate = 11.6/s }")));
    assert!(!tells(rule, &rate("")), "nobody knows the rate");
}

#[test]
fn a_step_may_take_as_long_as_its_window_is_open() {
    let takes = |takes: &str| {
        format!(
            "window night {{ days = mon..sun; hours = 01:00..05:00 }}
service mailer {{ move = blue_green(); step switch {{ within = night; takes = {takes} }} }}
"
        )
    };
    assert_eq!(found(&takes("constant(4h)")), []);
    let late = [("window-too-short", Level::Error)];
    assert_eq!(found(&takes("constant(241min)")), late);
    // Its 90th percentile decides, as in the simulator: 235.5 and 241.8 of 240 minutes.
    assert_eq!(found(&takes("uniform(1h, 255min)")), []);
    assert_eq!(found(&takes("uniform(1h, 262min)")), late);
}

#[test]
fn a_deadline_no_luck_can_keep_is_an_error() {
    let until = |day: &str| {
        format!(
            "migration clean {{
  from = old; to = new; zone = \"UTC\"; start = 2027-01-11; deadline = 2027-{day}
  objective {{ sla = 99.9%; rpo = 1min; rto = 1h }}
}}
phase discovery {{ takes = uniform(10d, 50d) }}
service mailer {{ move = strangler_fig() }}
"
        )
    };
    let rule = "deadline-impossible";
    let levels = |day: &str| -> Vec<Level> {
        let found = found(&until(day));
        let own = found.into_iter().filter(|(name, _)| *name == rule);
        own.map(|(_, level)| level).collect()
    };
    assert_eq!(levels("01-15"), [Level::Error]);
    assert_eq!(levels("02-09"), [Level::Warning]);
    assert_eq!(levels("04-30"), []);
}

#[test]
fn a_lead_time_is_told_when_nothing_else_takes_as_long() {
    let lead = |lead: &str| {
        format!(
            "external post {{ contact = \"post\"; change_lead_time = {lead} }}
service mailer {{ calls post; move = strangler_fig() }}
"
        )
    };
    assert!(!tells("external-lead-time", &lead("uniform(5d, 8d)")));
    assert!(tells("external-lead-time", &lead("uniform(20d, 40d)")));
}

#[test]
fn a_team_of_unknown_size_is_never_too_small() {
    let batch = |team: &str| {
        let services: String = ["a", "b", "c"]
            .map(|name| {
                format!("service {name} {{ team = few; move = canary(); step deploy {{ takes = pert(8wd, 10wd, 15wd) }} }}\n")
            })
            .concat();
        format!(
            "team few {{ {team}calendar = office }}\n{services}batch all {{ members = [a, b, c]; mode = parallel; isolate = flags }}\n"
        )
    };
    assert!(tells("batch-exceeds-team", &batch("engineers = 1; ")));
    assert!(!tells("batch-exceeds-team", &batch("engineers = 3; ")));
    assert!(!tells("batch-exceeds-team", &batch("")));
}

/// A watch that is longer than any calendar cannot be read; that it would then be one of no time is no
/// second thing to mend. That another move has none is.
#[test]
fn a_watch_that_cannot_be_read_is_not_too_short() {
    let other = "service other { move = strangler_fig(); step shift_5 { soak = 2min } }\n";
    let of = |soak: &str, other: &str| {
        let plan = format!("service mailer {{ move = strangler_fig(soak: {soak}) }}\n{other}");
        let found = found(&plan);
        let of_watch = |name: &&str| ["out-of-range", "soak-too-short"].contains(name);
        let names = found.into_iter().map(|(name, _)| name);
        names.filter(of_watch).collect::<Vec<_>>()
    };
    assert_eq!(of("2min", ""), ["soak-too-short"]);
    assert_eq!(of("99_999y", ""), ["out-of-range"]);
    assert_eq!(of("99_999y", other), ["out-of-range", "soak-too-short"]);
}
