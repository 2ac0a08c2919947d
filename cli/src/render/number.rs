//! Numbers for people: a unit each, and no more digits than their error supports.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Seconds of a day.
pub const DAY: f64 = 86_400.0;

/// What is said of the cost of such a plan.
pub const COST_UNKNOWN: &str = "cost unknown: the plan states no amount of money";

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
pub fn number(value: f64, error: f64, finest: f64) -> String {
    grouped(value, unit(error, finest))
}

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
    pub fn of(seconds: f64) -> Self {
        let fits = |(from, _): &&(f64, Self)| seconds.abs() >= *from;
        let unit = TIME_UNITS.iter().find(fits).map(|(_, unit)| *unit);
        unit.unwrap_or(time_unit(1.0, "s", 1.0))
    }

    /// Whether dates tell such spans apart.
    pub fn is_days(self) -> bool {
        self.name == "days"
    }

    /// The number alone: `83.4`.
    pub fn number(self, seconds: f64, error: f64) -> String {
        number(seconds / self.seconds, error / self.seconds, self.finest)
    }

    /// With the unit: `83.4 days`.
    pub fn text(self, seconds: f64, error: f64) -> String {
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
pub fn span(seconds: f64, error: f64) -> String {
    TimeUnit::of(seconds).text(seconds, error)
}

/// An exact span of seconds.
pub fn duration(seconds: f64) -> String {
    span(seconds, 0.0)
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

/// Money in a currency: `$12,300`, `CHF 12,300`.
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
pub fn percent(ratio: f64, error: f64) -> String {
    let finest = if error > 0.0 { 0.001 } else { 0.1 };
    format!("{} %", number(ratio * 100.0, error * 100.0, finest))
}

/// A count that may be a mean: whole numbers stay whole.
pub fn tally(value: f64, error: f64) -> String {
    let finest = if value.fract() == 0.0 { 1.0 } else { 0.01 };
    number(value, error, finest)
}

/// A chance estimated from `trials`, with its 95 % half-width. One never or always seen is told
/// by the bound the trials give (the rule of three).
pub fn chance(probability: f64, trials: u64) -> String {
    let half = chance_error(probability, trials);
    if half > 0.0 {
        format!("{} ± {}", percent(probability, half), percent(half, half))
    } else {
        likelihood(probability, trials)
    }
}

/// As [`chance`], without its half-width.
pub fn likelihood(probability: f64, trials: u64) -> String {
    let bound = 3.0 / as_trials(trials);
    if probability <= 0.0 {
        return format!("below {}", percent(bound.min(1.0), bound));
    }
    if probability >= 1.0 {
        return format!("above {}", percent((1.0 - bound).max(0.0), bound));
    }
    percent(probability, chance_error(probability, trials))
}

/// The 95 % half-width of a chance; 0 where it was never or always seen.
fn chance_error(probability: f64, trials: u64) -> f64 {
    let variance = (probability * (1.0 - probability)).max(0.0);
    1.96 * (variance / as_trials(trials)).sqrt()
}

fn as_trials(trials: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "trials are far below 2^52")]
    let trials = trials as f64;
    trials.max(1.0)
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

/// Half the width of an interval; 0 where there is none.
pub fn half_width(interval: Option<[f64; 2]>) -> f64 {
    interval.map_or(0.0, |[low, high]| (high - low).abs() / 2.0)
}

/// The error that all quantiles of one distribution are rounded by, so that rounding keeps their
/// order: the least, or 0 when all are exact.
pub fn shared_error(intervals: impl IntoIterator<Item = Option<[f64; 2]>>) -> f64 {
    let errors = intervals.into_iter().map(half_width);
    let least = errors.filter(|error| *error > 0.0).reduce(f64::min);
    least.unwrap_or(0.0)
}

/// A date with its weekday: `Tue 2027-05-04`.
pub fn date(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%a %Y-%m-%d")
        .to_string()
}

/// A date alone: `2027-05-04`.
pub fn day(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).date().to_string()
}

/// A date with its time: `Tue 2027-05-04 14:30`.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone())
        .strftime("%a %Y-%m-%d %H:%M")
        .to_string()
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
        // What is compared is told in one unit.
        assert_eq!(TimeUnit::of(5.0 * 3600.0).text(1800.0, 0.0), "0.5 h");
        assert_eq!(TimeUnit::of(3.0 * DAY).text(DAY, 0.0), "1.0 day");
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
    fn traffic_chooses_its_unit() {
        assert_eq!(bandwidth(0.0), "0 B/s");
        assert_eq!(bandwidth(999.0), "999 B/s");
        assert_eq!(bandwidth(1_250.0), "1.2 kB/s");
        assert_eq!(bandwidth(999_960.0), "1.0 MB/s");
        assert_eq!(bandwidth(3.4e10), "34.0 GB/s");
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
    fn a_chance_never_seen_is_bounded_by_the_trials() {
        // Three over ten thousand trials is 0.03 %.
        assert_eq!(chance(0.0, 10_000), "below 0.03 %");
        assert_eq!(chance(1.0, 10_000), "above 99.97 %");
        // 1.96 · √(0.25 / 10,000) = 0.98 %, so tenths of a per cent are left.
        assert_eq!(chance(0.5, 10_000), "50.0 % ± 1.0 %");
    }
}
