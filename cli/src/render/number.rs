//! Numbers for people: those of estimates, as the simulator words them, and what else the command line
//! tells.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use whimbrel_simulator::wording;
pub use whimbrel_simulator::wording::{
    DAY, TimeUnit, chance, duration, half_width, likelihood, money, number, percent, points,
    precision, shared_error, span, tally,
};

/// What is said of the cost of such a plan.
pub const COST_UNKNOWN: &str = "cost unknown: the plan states no amount of money";

/// An exact span of working time, where a working day has so many hours; from two of them on in
/// those: `16.0 wd`.
pub fn work(seconds: f64, hours_per_day: f64) -> String {
    let days = seconds / (hours_per_day * 3600.0);
    if days.is_finite() && days.abs() >= 2.0 {
        format!("{} wd", number(days, 0.0, 0.1))
    } else {
        duration(seconds)
    }
}

/// Bytes per second in the unit that suits them: `300 B/s`, `1.2 MB/s`.
pub fn bandwidth(bytes_per_second: f64) -> String {
    const UNITS: [(f64, &str, f64); 4] = [
        (1e9, "GB/s", 0.1),
        (1e6, "MB/s", 0.1),
        (1e3, "kB/s", 0.1),
        (0.0, "B/s", 1.0),
    ];
    let fits = |(least, ..): &&(f64, &str, f64)| bytes_per_second.abs() >= 0.99995 * least;
    let (scale, unit, finest) = UNITS.iter().find(fits).unwrap_or(&UNITS[3]);
    let shown = bytes_per_second / scale.max(1.0);
    format!("{} {unit}", number(shown, 0.0, *finest))
}

/// A difference with its sign: `+3.0 days`.
pub fn signed(text: String, value: f64) -> String {
    let nothing = !text.contains(|letter: char| matches!(letter, '1'..='9'));
    if value > 0.0 && !nothing {
        format!("+{text}")
    } else {
        text
    }
}

/// A date with its weekday: `Tue 2027-05-04`.
pub fn date(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%a %Y-%m-%d")
        .to_string()
}

/// A date with its time: `Tue 2027-05-04 14:30`.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%a %Y-%m-%d %H:%M")
        .to_string()
}

/// [`date`] of the end of what began at `start`: what is over at midnight is over with the day before.
pub fn end_date(at: Timestamp, start: Timestamp, zone: &TimeZone) -> String {
    wording::end_date(at, start, zone)
        .strftime("%a %Y-%m-%d")
        .to_string()
}

/// The same without its weekday.
pub fn end_day(at: Timestamp, start: Timestamp, zone: &TimeZone) -> String {
    wording::end_date(at, start, zone).to_string()
}

/// [`moment`] of such an end: `Mon 2027-05-03 24:00`, not `Tue 2027-05-04 00:00`.
pub fn end_moment(at: Timestamp, start: Timestamp, zone: &TimeZone) -> String {
    wording::end_moment(at, start, zone)
}

/// `1 service`, `2 services`.
pub fn count(many: usize, what: &str) -> String {
    let shown = number(as_f64(many), 0.0, 1.0);
    format!("{shown} {what}{}", if many == 1 { "" } else { "s" })
}

/// A count as a real number.
pub fn as_f64(many: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let value = many as f64;
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn working_time_is_told_in_working_days() {
        // 16 days of 8 hours are 5.3 days around the clock, 8 hours a third of one.
        assert_eq!(work(128.0 * 3600.0, 8.0), "16.0 wd");
        assert_eq!(work(16.0 * 3600.0, 8.0), "2.0 wd");
        assert_eq!(work(15.0 * 3600.0, 8.0), "15.0 h");
        assert_eq!(work(900.0, 8.0), "15 min");
    }

    #[test]
    fn traffic_chooses_its_unit() {
        assert_eq!(bandwidth(0.0), "0 B/s");
        assert_eq!(bandwidth(999.0), "999 B/s");
        assert_eq!(bandwidth(1_250.0), "1.2 kB/s");
        assert_eq!(bandwidth(999_960.0), "1.0 MB/s");
        assert_eq!(bandwidth(3.4e10), "34.0 GB/s");
    }
}
