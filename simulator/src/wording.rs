//! Estimates in words: a unit each, and no more digits than their error supports. Whatever tells people
//! of a simulation, page, comparison or runbook, words it here.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use whimbrel_plan::day_ended;

use crate::Summary;

/// Seconds of a day.
pub const DAY: f64 = 86_400.0;

/// What the last shown digit may be: the leading place of the error, at most `coarsest`.
fn unit(error: f64, finest: f64) -> f64 {
    if error.is_finite() && error > 0.0 {
        10_f64.powf(error.log10().floor()).max(finest)
    } else {
        finest
    }
}

/// `value` with thousands set apart, rounded to a power of ten.
fn grouped(value: f64, unit: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 9"
    )]
    let decimals = (-unit.log10().floor()).clamp(0.0, 9.0) as usize;
    let rounded = if unit >= 1.0 {
        (value / unit).round() * unit
    } else {
        value
    };
    let text = format!("{:.decimals$}", rounded.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut shown = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            shown.push(',');
        }
        shown.push(digit);
    }
    if !fraction.is_empty() {
        shown.push('.');
        shown.push_str(fraction);
    }
    let zero = shown.chars().all(|letter| "0.,".contains(letter));
    if value < 0.0 && !zero {
        shown.insert(0, '-');
    }
    shown
}

/// A plain number whose error is `error` (0: exact), not finer than `finest`.
#[must_use]
pub fn number(value: f64, error: f64, finest: f64) -> String {
    grouped(value, unit(error, finest))
}

/// Two hundred years: what a trial takes is never longer, and the mean of a law may be of any size.
const MOST_TOLD: f64 = 200.0 * 365.25 * DAY;

/// The unit that spans of time are told in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeUnit {
    seconds: f64,
    name: &'static str,
    finest: f64,
}

/// Each with the size from which a span is told in it.
const TIME_UNITS: [(f64, TimeUnit); 5] = [
    (2.0 * DAY, time_unit(DAY, "days", 0.1)),
    (7200.0, time_unit(3600.0, "h", 0.1)),
    (120.0, time_unit(60.0, "min", 1.0)),
    (0.9995, time_unit(1.0, "s", 1.0)),
    (f64::MIN_POSITIVE, time_unit(0.001, "ms", 1.0)),
];

const fn time_unit(seconds: f64, name: &'static str, finest: f64) -> TimeUnit {
    TimeUnit {
        seconds,
        name,
        finest,
    }
}

impl TimeUnit {
    /// The one that suits a span of so many seconds. Spans that are compared share that of the
    /// longest.
    #[must_use]
    pub fn of(seconds: f64) -> Self {
        let fits = |(from, _): &&(f64, Self)| seconds.abs() >= *from;
        let unit = TIME_UNITS.iter().find(fits).map(|(_, unit)| *unit);
        unit.unwrap_or(time_unit(1.0, "s", 1.0))
    }

    /// Whether dates tell such spans apart.
    #[must_use]
    pub fn is_days(self) -> bool {
        self.name == "days"
    }

    /// The number alone: `83.4`.
    #[must_use]
    pub fn number(self, seconds: f64, error: f64) -> String {
        number(seconds / self.seconds, error / self.seconds, self.finest)
    }

    /// With the unit: `83.4 days`.
    #[must_use]
    pub fn text(self, seconds: f64, error: f64) -> String {
        if seconds > MOST_TOLD {
            return "over 200 years".to_owned();
        }
        let shown = self.number(seconds, error);
        let one = shown == "1.0" || shown == "1";
        let name = if one && self.is_days() {
            "day"
        } else {
            self.name
        };
        format!("{shown} {name}")
    }
}

/// A span of seconds in the unit that suits it, whose error is `error` (0: exact): `45 s`, `4.0 h`,
/// `12.5 days`.
#[must_use]
pub fn span(seconds: f64, error: f64) -> String {
    TimeUnit::of(seconds).text(seconds, error)
}

/// An exact span of seconds.
#[must_use]
pub fn duration(seconds: f64) -> String {
    span(seconds, 0.0)
}

/// The day on which something ends that began at `start`: what is over at midnight is over with the day
/// before, as a deadline is, unless it took no time.
#[must_use]
pub fn end_date(at: Timestamp, start: Timestamp, zone: &TimeZone) -> Date {
    let over = day_over(at, start, zone);
    over.unwrap_or_else(|| at.to_zoned(zone.clone()).date())
}

/// The day and time at which something ends that began at `start`: `Mon 2027-05-03 24:00` where that is
/// midnight, unless it took no time.
#[must_use]
pub fn end_moment(at: Timestamp, start: Timestamp, zone: &TimeZone) -> String {
    let over = day_over(at, start, zone);
    let at = at.to_zoned(zone.clone());
    over.map_or_else(
        || at.strftime("%a %Y-%m-%d %H:%M").to_string(),
        |day| day.strftime("%a %Y-%m-%d 24:00").to_string(),
    )
}

/// The day that is over then.
fn day_over(at: Timestamp, start: Timestamp, zone: &TimeZone) -> Option<Date> {
    (at > start)
        .then(|| day_ended(&at.to_zoned(zone.clone())))
        .flatten()
}

/// Money in a currency: `$12,300`, `CHF 12,300`.
#[must_use]
pub fn money(value: f64, error: f64, currency: &str) -> String {
    let shown = number(value.abs(), error, 1.0);
    let sign = if value < 0.0 && shown != "0" { "-" } else { "" };
    match currency {
        "USD" => format!("{sign}${shown}"),
        "EUR" => format!("{sign}€{shown}"),
        "GBP" => format!("{sign}£{shown}"),
        other => format!("{sign}{other} {shown}"),
    }
}

/// A share: `12.5 %`.
#[must_use]
pub fn percent(ratio: f64, error: f64) -> String {
    if error == 0.0 && (ratio == 0.0 || ratio == 1.0) {
        return format!("{:.0} %", ratio * 100.0);
    }
    let shown = number(ratio * 100.0, error * 100.0, finest_percent(error));
    format!("{shown} %")
}

/// A count that may be a mean: whole numbers stay whole.
#[must_use]
pub fn tally(value: f64, error: f64) -> String {
    let finest = if value.fract() == 0.0 { 1.0 } else { 0.01 };
    number(value, error, finest)
}

/// A difference of two shares: `12.5 points`, of per cent.
#[must_use]
pub fn points(difference: f64, error: f64) -> String {
    let shown = number(difference * 100.0, error * 100.0, finest_percent(error));
    format!("{shown} points")
}

fn finest_percent(error: f64) -> f64 {
    if error > 0.0 { 0.001 } else { 0.1 }
}

/// A chance and its 95 % interval: `81 % ± 2 %`, or `0.2 %, 0.1 to 0.5 %` where the interval is not
/// even about it. What was never or always seen is told by its bound. Without an interval, or with
/// one that has no width, it is exact.
#[must_use]
pub fn chance(probability: f64, interval: Option<[f64; 2]>) -> String {
    let Some([low, high]) = bounds(probability, interval) else {
        return likelihood(probability, interval);
    };
    let (below, above) = (probability - low, high - probability);
    if below.min(above) >= EVEN * below.max(above) {
        let half = f64::midpoint(below, above);
        return format!("{} ± {}", percent(probability, half), percent(half, half));
    }
    let error = below.min(above);
    let told = percent(probability, error);
    let end = |end: f64| number(end * 100.0, error * 100.0, finest_percent(error));
    let (low, high) = (end(low), end(high));
    // Rounded, an end may read as what it is not.
    if !low.contains(|digit: char| matches!(digit, '1'..='9')) {
        format!("{told}, up to {high} %")
    } else if high.starts_with("100") {
        format!("{told}, at least {low} %")
    } else {
        format!("{told}, {low} to {high} %")
    }
}

/// As [`chance`], without its interval.
#[must_use]
pub fn likelihood(probability: f64, interval: Option<[f64; 2]>) -> String {
    match interval {
        Some([low, high]) if low < high && probability <= 0.0 => {
            format!("below {} %", rounded_up(high * 100.0))
        }
        Some([low, high]) if low < high && probability >= 1.0 => {
            let missing = (1.0 - low) * 100.0;
            let unit = leading(missing);
            format!(
                "above {} %",
                grouped(100.0 - (missing / unit).ceil() * unit, unit)
            )
        }
        _ => {
            let nearer = |[low, high]: [f64; 2]| (probability - low).min(high - probability);
            percent(probability, interval.map_or(0.0, nearer))
        }
    }
}

/// How much less the nearer end of an interval may be away than the farther one, to be told by one
/// half-width.
const EVEN: f64 = 0.7;

/// The interval of a chance that was seen in some trials and not in others.
fn bounds(probability: f64, interval: Option<[f64; 2]>) -> Option<[f64; 2]> {
    let within = probability > 0.0 && probability < 1.0;
    interval.filter(|[low, high]| within && low < high)
}

/// The place of the leading digit, of per cents.
fn leading(percent: f64) -> f64 {
    // What counts as one is decided with some room, so that 0.1 is not taken for the digit below.
    10_f64
        .powf((percent * 1.000_001).log10().floor())
        .clamp(1e-6, 1.0)
}

fn rounded_up(percent: f64) -> String {
    let unit = leading(percent);
    grouped((percent / unit).ceil() * unit, unit)
}

/// Half the width of an interval; 0 where there is none.
#[must_use]
pub fn half_width(interval: Option<[f64; 2]>) -> f64 {
    interval.map_or(0.0, |[low, high]| (high - low).abs() / 2.0)
}

/// The error that all quantiles of one distribution are rounded by, so that rounding keeps their
/// order: the least, or 0 when all are exact.
#[must_use]
pub fn shared_error(intervals: impl IntoIterator<Item = Option<[f64; 2]>>) -> f64 {
    let errors = intervals.into_iter().map(half_width);
    let least = errors.filter(|error| *error > 0.0).reduce(f64::min);
    least.unwrap_or(0.0)
}

/// The error that the digits of all quantiles of a distribution are cut by.
#[must_use]
pub fn precision(summary: &Summary) -> f64 {
    let error = &summary.error;
    shared_error([error.p50, error.p80, error.p95])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_end_where_the_error_begins() {
        // An error of 340 leaves hundreds, one of 0.23 leaves tenths, none leaves the finest.
        assert_eq!(number(123_456.7, 340.0, 1.0), "123,500");
        assert_eq!(number(83.4271, 0.23, 0.1), "83.4");
        assert_eq!(number(83.4271, 0.0, 0.01), "83.43");
        assert_eq!(number(999_999.6, 0.0, 1.0), "1,000,000");
        assert_eq!(number(-0.004, 0.0, 0.1), "0.0");
        assert_eq!(number(-1234.0, 0.0, 1.0), "-1,234");
    }

    #[test]
    fn durations_choose_their_unit() {
        assert_eq!(duration(0.002), "2 ms");
        assert_eq!(duration(90.0), "90 s");
        assert_eq!(duration(900.0), "15 min");
        assert_eq!(duration(4.0 * 3600.0), "4.0 h");
        assert_eq!(duration(3.0 * DAY), "3.0 days");
        assert_eq!(duration(0.0), "0 s");
        assert_eq!(span(-86.4 * DAY, 3.0 * DAY), "-86 days");
        assert_eq!(duration(300.0 * 365.25 * DAY), "over 200 years");
        // What is compared is told in one unit.
        assert_eq!(TimeUnit::of(5.0 * 3600.0).text(1800.0, 0.0), "0.5 h");
        assert_eq!(TimeUnit::of(3.0 * DAY).text(DAY, 0.0), "1.0 day");
    }

    /// The midnight after the last day of summer time is an hour later by the clock of UTC.
    #[test]
    fn an_end_at_midnight_is_that_of_the_day_before() {
        let zone = TimeZone::get("America/New_York").unwrap();
        for (at, date, moment) in [
            ("2027-05-04T04:00:00Z", "2027-05-03", "Mon 2027-05-03 24:00"),
            ("2027-05-04T04:01:00Z", "2027-05-04", "Tue 2027-05-04 00:01"),
            ("2027-05-04T03:59:00Z", "2027-05-03", "Mon 2027-05-03 23:59"),
            ("2027-11-08T05:00:00Z", "2027-11-07", "Sun 2027-11-07 24:00"),
        ] {
            let at: Timestamp = at.parse().unwrap();
            let start = at - jiff::SignedDuration::from_secs(1);
            assert_eq!(end_date(at, start, &zone).to_string(), date);
            assert_eq!(end_moment(at, start, &zone), moment);
        }
        // What took no time did not end before it began.
        let at: Timestamp = "2027-05-04T04:00:00Z".parse().unwrap();
        assert_eq!(end_date(at, at, &zone).to_string(), "2027-05-04");
        assert_eq!(end_moment(at, at, &zone), "Tue 2027-05-04 00:00");
    }

    #[test]
    fn quantiles_rounded_together_keep_their_order() {
        // By its own error of 600 the first would be shown as 1,400, above the second.
        let (p50, p95) = ((1_351.0, [1_000.0, 2_200.0]), (1_352.0, [1_330.0, 1_370.0]));
        let error = shared_error([Some(p50.1), Some(p95.1), None]);
        assert_eq!(error, 20.0);
        assert_eq!(number(p50.0, error, 1.0), "1,350");
        assert_eq!(number(p95.0, error, 1.0), "1,350");
        assert_eq!(shared_error([None, Some([2.0, 2.0])]), 0.0);
    }

    #[test]
    fn money_has_its_sign_before_its_currency() {
        assert_eq!(money(-12_345.0, 60.0, "USD"), "-$12,350");
        assert_eq!(money(1_200.0, 0.0, "CHF"), "CHF 1,200");
    }

    #[test]
    fn whole_counts_stay_whole() {
        assert_eq!(tally(2.0, 0.5), "2");
        assert_eq!(tally(0.0713, 0.012), "0.07");
        assert_eq!(percent(0.4902, 0.0), "49.0 %");
    }

    #[test]
    fn a_chance_never_or_always_seen_is_told_by_its_bound() {
        // Of none in n trials the upper end solves (1 - p)^n = 0.025.
        let bound = |trials: f64| 1.0 - 0.025_f64.powf(1.0 / trials);
        // 0.0369 %, 0.1843 % and 52.2 %, rounded away from what was seen.
        for (trials, never, always) in [
            (10_000.0, "below 0.04 %", "above 99.96 %"),
            (2_000.0, "below 0.2 %", "above 99.8 %"),
            (5.0, "below 53 %", "above 47 %"),
        ] {
            let bound = bound(trials);
            assert_eq!(chance(0.0, Some([0.0, bound])), never);
            assert_eq!(chance(1.0, Some([1.0 - bound, 1.0])), always);
            assert_eq!(likelihood(0.0, Some([0.0, bound])), never);
        }
    }

    #[test]
    fn an_uneven_interval_is_told_by_its_ends() {
        // 1.96 · √(0.25 / 10,000) = 0.98 %, so tenths of a per cent are left.
        assert_eq!(chance(0.5, Some([0.4902, 0.5098])), "50.0 % ± 1.0 %");
        assert_eq!(chance(0.002, Some([0.0005, 0.0051])), "0.2 %, 0.1 to 0.5 %");
        // Rounded, its lower end would read as zero, and the other's upper end as certain.
        for (share, interval, told) in [
            (0.0005, [0.00001, 0.0028], "0.05 %, up to 0.28 %"),
            (0.9995, [0.9972, 0.99999], "99.95 %, at least 99.72 %"),
        ] {
            assert_eq!(chance(share, Some(interval)), told);
        }
        assert_eq!(likelihood(0.0005, Some([0.00001, 0.0028])), "0.05 %");
    }

    #[test]
    fn what_is_exact_has_no_interval() {
        assert_eq!(chance(1.0, Some([1.0, 1.0])), "100 %");
        assert_eq!(chance(0.0, Some([0.0, 0.0])), "0 %");
        assert_eq!(chance(0.25, None), "25.0 %");
        assert_eq!(points(-0.552, 0.03), "-55 points");
    }
}
