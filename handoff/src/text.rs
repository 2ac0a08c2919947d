//! Numbers as people read them. One function for each quantity, so that the same number looks the
//! same everywhere.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use whimbrel_plan::Calendar;
use whimbrel_simulator::wording;

const DAY: f64 = 86_400.0;

/// A duration in seconds: `45 s`, `12 min`, `4.5 h`, `3 d`, `7 y`.
#[must_use]
pub fn seconds(value: f64) -> String {
    let (scaled, unit) = match value.abs() {
        v if !v.is_finite() => return "never".to_owned(),
        v if v < 90.0 => (value, "s"),
        v if v < 5400.0 => (value / 60.0, "min"),
        v if v < 2.0 * DAY => (value / 3600.0, "h"),
        v if v < 730.5 * DAY => (value / DAY, "d"),
        _ => (value / (365.25 * DAY), "y"),
    };
    format!("{} {unit}", short(scaled))
}

/// A duration in days.
#[must_use]
pub fn days(value: f64) -> String {
    seconds(value * DAY)
}

/// A ratio: `25 %`.
#[must_use]
pub fn percent(value: f64) -> String {
    let scaled = value * 100.0;
    let digits = if scaled.abs() < 1.0 { 4 } else { 2 };
    format!("{} %", trimmed(scaled, digits))
}

/// One decimal below ten, none above; no trailing zero.
fn short(value: f64) -> String {
    trimmed(value, if value.abs() < 10.0 { 1 } else { 0 })
}

fn trimmed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// An instant in a zone: `Fri 2027-03-05 22:00 EST`. Unknown zones fall back to UTC.
#[must_use]
pub fn instant(at: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    at.to_zoned(zone)
        .strftime("%a %Y-%m-%d %H:%M %Z")
        .to_string()
}

/// An instant at which something ends that began at `start`, in a zone: `Fri 2027-03-05 24:00 EST`, where
/// that is midnight.
#[must_use]
pub fn end(at: Timestamp, start: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let name = at.to_zoned(zone.clone()).strftime("%Z").to_string();
    format!("{} {name}", wording::end_moment(at, start, &zone))
}

/// The day on which that is, in a zone: `Fri 2027-03-05`.
#[must_use]
pub fn end_date(at: Timestamp, start: Timestamp, zone: &str) -> String {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    wording::end_date(at, start, &zone)
        .strftime("%a %Y-%m-%d")
        .to_string()
}

/// [`seconds`] of a number in text, for templates.
#[must_use]
pub fn seconds_of(text: &str) -> String {
    of(text, seconds)
}

/// [`days`] of a number in text, for templates.
#[must_use]
pub fn days_of(text: &str) -> String {
    of(text, days)
}

/// [`percent`] of a number in text, for templates.
#[must_use]
pub fn percent_of(text: &str) -> String {
    of(text, percent)
}

/// A plain number.
#[must_use]
pub fn count(value: f64) -> String {
    trimmed(value, 2)
}

/// [`count`] of a number in text, for templates.
#[must_use]
pub fn count_of(text: &str) -> String {
    of(text, count)
}

/// The nearest whole number, for templates.
#[must_use]
pub fn whole_of(text: &str) -> String {
    of(text, |value| trimmed(value, 0))
}

/// What is not a number is an estimate that does not exist.
fn of(text: &str, form: fn(f64) -> String) -> String {
    text.parse().map_or_else(|_| "unknown".to_owned(), form)
}

/// `09:00–17:00 Europe/London, mon, tue, wed`: when a team is on shift.
pub fn shift(calendar: &Calendar) -> String {
    let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let hours = format!("{}–{}", time(calendar.hours.from), time(calendar.hours.to));
    let days: Vec<String> = calendar
        .days
        .iter()
        .map(|day| format!("{day:?}").to_lowercase())
        .collect();
    format!("{hours} {}, {}", calendar.zone, days.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (value, shown) in [
            (0.0, "0 s"),
            (0.25, "0.2 s"),
            (1.0, "1 s"),
            (89.0, "89 s"),
            (90.0, "1.5 min"),
            (900.0, "15 min"),
            (5400.0, "1.5 h"),
            (36_000.0, "10 h"),
            (259_200.0, "3 d"),
            (220_903_200.0, "7 y"),
        ] {
            assert_eq!(seconds(value), shown);
        }
    }

    #[test]
    fn ratios() {
        for (value, shown) in [
            (0.25, "25 %"),
            (0.0005, "0.05 %"),
            (0.9995, "99.95 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(value), shown);
        }
    }

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn instants_carry_their_zone() {
        let at: Timestamp = "2027-03-06T03:00:00Z".parse().unwrap();
        assert_eq!(instant(at, "America/New_York"), "Fri 2027-03-05 22:00 EST");
        assert_eq!(
            end(at, START, "America/New_York"),
            "Fri 2027-03-05 22:00 EST"
        );
    }

    #[test]
    fn an_end_at_midnight_is_told_by_the_day_that_is_over() {
        let at: Timestamp = "2027-03-06T05:00:00Z".parse().unwrap();
        assert_eq!(instant(at, "America/New_York"), "Sat 2027-03-06 00:00 EST");
        assert_eq!(
            end(at, START, "America/New_York"),
            "Fri 2027-03-05 24:00 EST"
        );
        assert_eq!(end_date(at, START, "America/New_York"), "Fri 2027-03-05");
    }
}
