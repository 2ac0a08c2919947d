//! The walker's clock against the calendars of the plan: when so many open hours have passed.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test runs a real shell, and panics when it fails"
)]

mod support;

use std::fmt::Write as _;
use std::process::Command;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use support::{Builder, gate, write};
use whimbrel_plan::*;

const WORKDAYS: [Weekday; 5] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
];

/// Zones on both sides of UTC, with clocks that change by an hour, by half an hour, and never; hours by
/// day, over midnight, around the clock, and in those that the change leaves out or repeats.
fn calendars() -> Vec<Calendar> {
    let zones = [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/St_Johns",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
    ];
    let hours = [(540, 1020), (1320, 360), (0, 1440), (105, 165), (60, 120)];
    let mut all = Vec::new();
    for zone in zones {
        for (number, (from, to)) in hours.into_iter().enumerate() {
            let every_day = number % 2 == 1;
            let mut days = WORKDAYS.to_vec();
            days.extend(
                [Weekday::Sat, Weekday::Sun]
                    .into_iter()
                    .filter(|_| every_day),
            );
            all.push(Calendar {
                name: format!("c{}", all.len()),
                zone: zone.to_owned(),
                days,
                hours: HoursRange { from, to },
                holidays: vec![date(2027, 3, 26), date(2027, 10, 29)],
            });
        }
    }
    all
}

/// A plan with a gate for each calendar, and the folder of its scripts.
fn scripts(calendars: &[Calendar]) -> tempfile::TempDir {
    let mut builder = Builder::new("move", "core");
    let service = builder.service("orders", "a:1", "b:1");
    for calendar in calendars {
        let plan = &mut builder.plan;
        let name = calendar.name.clone();
        let calendar = Some(plan.calendars.push(calendar.clone()));
        let team = plan.inventory.teams.push(Team {
            name: name.clone(),
            doc: None,
            engineers: None,
            rate_per_hour: None,
            calendar,
            oncall: None,
        });
        let role = builder.role(&name, "ana", None);
        builder.plan.roles[role].team = Some(team);
        let subject = Subject::Service(service);
        builder.step(&format!("orders/{name}"), subject, StepKind::Gate, |step| {
            step.gate = Some(gate(role, "executor", Vec::new()));
        });
    }
    let folder = tempfile::tempdir().unwrap();
    write(&builder.generate(), folder.path());
    folder
}

/// When so many open seconds have passed, from the intervals that the simulator has.
fn expected(calendar: &Calendar, since: Timestamp, seconds: i64) -> i64 {
    let to = since + SignedDuration::from_hours(24 * 60);
    let open = calendar.intervals(since, to).unwrap();
    let mut left = seconds * 1_000_000;
    for (from, to) in open.as_slice() {
        if left <= to - from {
            return since.as_second() + (from + left) / 1_000_000;
        }
        left -= to - from;
    }
    panic!("sixty days are not enough");
}

#[test]
fn the_walker_counts_hours_as_the_simulator_does() {
    let calendars = calendars();
    let folder = scripts(&calendars);
    // Around the changes of the clocks in spring and autumn of either half of the world.
    let starts = [
        "2027-03-11T14:10:07Z",
        "2027-03-26T16:00:00Z",
        "2027-10-29T20:30:00Z",
    ];
    let mut script = String::new();
    let mut wanted = Vec::new();
    for (number, calendar) in calendars.iter().enumerate() {
        for start in starts {
            for hours in [0, 1, 5, 31] {
                let since: Timestamp = start.parse().unwrap();
                let since = since + SignedDuration::from_hours(hours * 7);
                for seconds in [1, 3_600, 3_601, 28_800, 100_000] {
                    let second = since.as_second();
                    let _ = writeln!(script, "due_after {number} {second} {seconds}; echo $due");
                    wanted.push((number, since, seconds, expected(calendar, since, seconds)));
                }
            }
        }
    }
    // The tables of `run`, the walker's functions, and no walk.
    let run = std::fs::read_to_string(folder.path().join("scripts/01-core/run")).unwrap();
    let tables = run.split_once("\nlibrary=").unwrap().0;
    let library = folder.path().join("scripts/lib/calendar.sh");
    let script = format!(
        "{tables}\nsource {}\nknow_zones\n{script}",
        library.display()
    );
    let path = folder.path().join("test.sh");
    std::fs::write(&path, script).unwrap();
    let output = Command::new("bash").arg(&path).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let found: Vec<i64> = text.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(found.len(), wanted.len());
    for ((number, since, seconds, wanted), found) in wanted.into_iter().zip(found) {
        let calendar = &calendars[number];
        assert_eq!(found, wanted, "{seconds} s from {since} in {calendar:?}");
    }
}

/// A zone that a machine does not have is UTC to it.
#[test]
fn a_machine_without_the_zone_refuses() {
    let berlin = calendars().swap_remove(5);
    let folder = scripts(&[berlin]);
    let path = folder.path().join("scripts/01-core/run");
    let run = std::fs::read_to_string(&path).unwrap();
    let unknown = run.replace("Europe/Berlin", "Europe/Nowhere");
    assert_ne!(run, unknown);
    std::fs::write(&path, unknown).unwrap();
    let state = folder.path().join("state");
    let output = Command::new(path)
        .env("WHIMBREL_STATE", state)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let expected = "this machine does not know the time zone Europe/Nowhere: install tzdata";
    assert!(said.contains(expected), "{said}");
}
