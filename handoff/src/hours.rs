//! In whose hours the time to answer at a gate counts: in words for the runbook, as numbers for the
//! walker. As in the simulator it is the calendar of the approver's team.

use indexmap::IndexSet;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use whimbrel_plan::{Calendar, CalendarId, Gate, Plan};

use crate::layout::Stage;
use crate::text;

/// Days off that are listed.
const MOST_HOLIDAYS: usize = 8;
/// Half a year: clocks that change are on the other time by then.
const HALF_A_YEAR: jiff::SignedDuration = jiff::SignedDuration::from_hours(183 * 24);
const EPOCH: Date = jiff::civil::date(1970, 1, 1);

/// The calendar that a gate's limit counts in; none where it counts day and night.
pub fn calendar(plan: &Plan, gate: &Gate) -> Option<CalendarId> {
    plan.approvers_calendar(gate)
        .filter(|id| !plan.calendars[*id].days.is_empty())
}

/// The calendars of a stage's gates; the walker knows them by their positions.
pub fn calendars(plan: &Plan, stage: &Stage) -> IndexSet<CalendarId> {
    let gates = stage
        .steps
        .iter()
        .filter_map(|place| plan.steps[place.id].gate.as_ref());
    gates.filter_map(|gate| calendar(plan, gate)).collect()
}

/// The limit of a gate and how it counts: `4 h, counted day and night`, `72 h (9 working days), counted
/// while dba works (09:00–17:00 Europe/Berlin, mon tue wed thu fri; not on 2027-03-26)`.
pub fn limit(plan: &Plan, gate: &Gate) -> String {
    let team = gate.approve.and_then(|role| plan.roles[role].team);
    let (Some(team), Some(calendar)) = (team, calendar(plan, gate)) else {
        return format!("{}, counted day and night", text::seconds(gate.within));
    };
    let team = &plan.inventory.teams[team].name;
    let calendar = &plan.calendars[calendar];
    let length = working(gate.within, calendar);
    let off = holidays(calendar, plan.migration.start);
    let shift = text::shift(calendar);
    format!("{length}, counted while {team} works ({shift}{off})")
}

/// A length of working time. A day of it is no day of the clock, so it is told in hours.
fn working(seconds: f64, calendar: &Calendar) -> String {
    let (hours, day) = (seconds / 3600.0, calendar.hours_per_day());
    if hours <= day {
        return text::seconds(seconds);
    }
    let (hours, days) = (text::count(hours), text::count(hours / day));
    format!("{hours} h ({days} working days)")
}

/// The days off from the start of the migration on.
fn holidays(calendar: &Calendar, start: Timestamp) -> String {
    let first = start.to_zoned(zone(calendar)).date();
    let mut days: Vec<String> = calendar
        .holidays
        .iter()
        .filter(|day| **day >= first)
        .map(Date::to_string)
        .collect();
    let more = days.len().saturating_sub(MOST_HOLIDAYS);
    days.truncate(MOST_HOLIDAYS);
    match (days.is_empty(), more) {
        (true, _) => String::new(),
        (_, 0) => format!("; not on {}", days.join(", ")),
        _ => format!("; not on {} and {more} later days", days.join(", ")),
    }
}

/// What the walker knows of a calendar: weekdays from Monday, 1, on; minutes after midnight at which
/// a day opens and closes, the following day's beginning with 1440; days off counted from 1970-01-01;
/// and an instant with the seconds that its clocks are ahead of UTC then, by which a machine shows
/// that it knows the zone.
pub fn values(plan: &Plan, id: CalendarId) -> Value {
    let calendar = &plan.calendars[id];
    let words = |numbers: Vec<i64>| {
        let words: Vec<String> = numbers.iter().map(i64::to_string).collect();
        words.join(" ")
    };
    let opens = u32::from(calendar.hours.from);
    let days = calendar.days.iter().map(|day| *day as i64 + 1);
    let off = calendar.holidays.iter().map(|day| {
        let since = day.duration_since(EPOCH);
        since.as_hours() / 24
    });
    json!({
        "zone": calendar.zone,
        "days": words(days.collect()),
        "opens": opens,
        "closes": opens + calendar.hours.minutes(),
        "holidays": words(off.collect()),
        "probe": probe(calendar, plan.migration.start),
    })
}

/// An instant at which the zone is not UTC, if there is one.
fn probe(calendar: &Calendar, start: Timestamp) -> String {
    let zone = zone(calendar);
    let offset = |at: Timestamp| zone.to_offset(at).seconds();
    let later = start.checked_add(HALF_A_YEAR).unwrap_or(start);
    let at = [start, later].into_iter().find(|at| offset(*at) != 0);
    let at = at.unwrap_or(start);
    format!("{} {}", at.as_second(), offset(at))
}

/// An unknown zone falls back to UTC; the compiler has refused it.
fn zone(calendar: &Calendar) -> TimeZone {
    TimeZone::get(&calendar.zone).unwrap_or(TimeZone::UTC)
}
