//! What the numbers of a plan are of, by the name of their field, and how the language writes them.

/// What a number is of, in the base units of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Nothing but itself.
    Plain,
    /// A whole, from 0 to 1.
    Ratio,
    /// Per year.
    RatioPerYear,
    /// Seconds.
    Duration,
    /// Seconds of working time.
    Working,
    /// Bytes.
    Size,
    /// Bytes per second.
    ByteRate,
    /// Bytes per second, of a line: written in bits.
    LineRate,
    /// Times per second.
    Rate,
    /// Money.
    Money,
    /// Money for so many seconds.
    MoneyPer(u32),
    /// Money per byte.
    MoneyPerByte,
}

const HOUR: u32 = 3_600;
const DAY: u32 = 86_400;

/// The fields of the plan that hold numbers, by what they are of.
const FIELDS: &[(Unit, &[&str])] = &[
    (
        Unit::Plain,
        &[
            "users",
            "engineers",
            "at_once",
            "batch_size",
            "attempts",
            "count",
            "factor",
            "learning",
            "limit",
            "number",
            "score",
            "total",
            "margin",
            "unit",
            "component",
            "executor",
            "line",
            "version",
            "effort_hours",
            "alpha",
            "beta",
            "shape",
            "by",
            "value",
            "low",
            "high",
            "mode",
            "of",
            "mean",
            "sd",
            "mu",
            "sigma",
            "scale",
            "values",
            "from",
            "to",
        ],
    ),
    (
        Unit::Ratio,
        &[
            "error_rate",
            "mismatch",
            "covers",
            "chance",
            "severity",
            "sla",
            "load",
            "weight",
            "ratio",
        ],
    ),
    (Unit::RatioPerYear, &["grows_per_year"]),
    (
        Unit::Duration,
        &[
            "p50",
            "p95",
            "p99",
            "latency",
            "dns_ttl",
            "backup_every",
            "longest_transaction",
            "retention",
            "lead_time",
            "notice",
            "sla_period",
            "rpo",
            "rto",
            "keep_old",
            "keep",
            "lag",
            "hold",
            "before",
            "within",
            "took",
            "soak",
            "every",
            "downtime",
            "detect",
            "undo_takes",
            "escalate",
            "takes",
            "max_hold",
            "elapsed",
            "duration",
            "p90",
            "at",
            "critical_path_duration",
        ],
    ),
    (Unit::Working, &["working", "fix"]),
    (Unit::Size, &["size", "bytes"]),
    (Unit::ByteRate, &["change_rate"]),
    (Unit::LineRate, &["bandwidth", "throughput"]),
    (Unit::Rate, &["traffic", "rate", "hazard"]),
    (Unit::Money, &["budget", "automation_cost", "cost"]),
    (
        Unit::MoneyPer(DAY),
        &["cost_per_day", "old_per_day", "new_per_day"],
    ),
    (Unit::MoneyPer(HOUR), &["rate_per_hour"]),
    (Unit::MoneyPer(1), &["revenue"]),
    (Unit::MoneyPerByte, &["egress_per_byte"]),
];

/// What the numbers of a field are of.
pub(super) fn of(field: &str) -> Unit {
    let found = FIELDS.iter().find(|(_, names)| names.contains(&field));
    found.map_or(Unit::Plain, |(unit, _)| *unit)
}

/// The longest first; a week is written in days.
const TIMES: [(f64, &str); 7] = [
    (31_557_600.0, "y"),
    (2_629_800.0, "mo"),
    (86_400.0, "d"),
    (3_600.0, "h"),
    (60.0, "min"),
    (1.0, "s"),
    (0.001, "ms"),
];
const WORKING: [(f64, &str); 1] = [(3_600.0, "wh")];
const SIZES: [(f64, &str); 6] = [
    (1e15, "PB"),
    (1e12, "TB"),
    (1e9, "GB"),
    (1e6, "MB"),
    (1e3, "kB"),
    (1.0, "B"),
];
const LINES: [(f64, &str); 4] = [
    (1.25e8, "Gbps"),
    (1.25e5, "Mbps"),
    (125.0, "kbps"),
    (0.125, "bps"),
];
/// What money is counted by, most usual first.
const PERIODS: [(f64, &str); 4] = [
    (2_629_800.0, "mo"),
    (31_557_600.0, "y"),
    (86_400.0, "d"),
    (3_600.0, "h"),
];

impl Unit {
    /// A number of it, as the language writes it.
    pub(super) fn text(self, value: f64, currency: &str) -> String {
        match self {
            Self::Plain => number(value),
            Self::Ratio => format!("{}%", number(value * 100.0)),
            Self::RatioPerYear => format!("{}%/y", number(value * 100.0)),
            Self::Duration => scaled(value, &TIMES, "s"),
            Self::Working => scaled(value, &WORKING, "s"),
            Self::Size => scaled(value, &SIZES, "B"),
            Self::ByteRate => format!("{}/s", scaled(value, &SIZES, "B")),
            Self::LineRate => line_rate(value),
            Self::Rate => rate(value),
            Self::Money => money(value, currency),
            Self::MoneyPer(seconds) => money_rate(value, seconds, currency),
            Self::MoneyPerByte => format!("{}/GB", money(value * 1e9, currency)),
        }
    }
}

/// The shortest digits that are this number but for rounding.
fn number(value: f64) -> String {
    let rounded = format!("{value:.9e}").parse().unwrap_or(value);
    format!("{rounded}")
}

/// Whether a number has at most three digits behind the point, and one before it.
fn is_short(value: f64) -> bool {
    let thousands = value * 1e3;
    value.abs() >= 1.0 && (thousands - thousands.round()).abs() <= thousands.abs() * 1e-9
}

fn is_whole(value: f64) -> bool {
    value.abs() >= 0.999_999 && (value - value.round()).abs() <= value.abs() * 1e-9
}

/// In the longest unit of which it is a whole number, if that is not a long one; else in the longest
/// in which it is short, or that is not too long.
fn scaled(value: f64, units: &[(f64, &str)], base: &str) -> String {
    const LONG: f64 = 1e3;
    let found = |fits: fn(f64) -> bool| units.iter().find(|(unit, _)| fits(value / unit));
    let whole = found(is_whole);
    let unit = whole
        .filter(|(unit, _)| value.abs() < unit * LONG)
        .or_else(|| found(is_short))
        .or(whole)
        .or_else(|| units.iter().find(|(unit, _)| value.abs() >= *unit))
        .or(units.last())
        .filter(|_| value != 0.0);
    match unit {
        Some((unit, name)) => format!("{}{name}", number(value / unit)),
        None => format!("0{base}"),
    }
}

fn line_rate(value: f64) -> String {
    if LINES.iter().any(|(unit, _)| is_short(value / unit)) {
        scaled(value, &LINES, "bps")
    } else {
        Unit::ByteRate.text(value, "")
    }
}

/// Per second, or by the shortest time in which it comes to one.
fn rate(value: f64) -> String {
    if value == 0.0 || value.abs() >= 0.01 {
        return format!("{}rps", number(value));
    }
    let times = TIMES.iter().rev().filter(|(unit, _)| *unit >= 60.0);
    let unit = times.clone().find(|(unit, _)| is_short(value * unit));
    let unit = unit.or_else(|| times.clone().find(|(unit, _)| value * unit >= 1.0));
    match unit {
        Some((unit, name)) => format!("{}/{name}", number(value * unit)),
        None => format!("{}rps", number(value)),
    }
}

/// What stands is paid by the month, what is earned or worked is counted by the hour.
fn money_rate(value: f64, seconds: u32, currency: &str) -> String {
    let per_second = value / f64::from(seconds);
    let mut periods = PERIODS;
    if seconds < DAY {
        periods.reverse();
    }
    let found = |fits: fn(f64) -> bool| {
        let mut periods = periods.iter();
        periods.find(|(seconds, _)| fits(per_second * seconds))
    };
    let usual = periods.first();
    match found(is_whole).or_else(|| found(is_short)).or(usual) {
        Some((seconds, name)) => format!("{}/{name}", money(per_second * seconds, currency)),
        None => money(value, currency),
    }
}

fn money(value: f64, currency: &str) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    let digits = number(value.abs());
    match currency {
        "USD" => format!("{sign}${digits}"),
        "EUR" => format!("{sign}€{digits}"),
        "GBP" => format!("{sign}£{digits}"),
        "" | crate::NO_CURRENCY => format!("{sign}{digits}"),
        other => format!("{sign}{digits} {other}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_writes_them() {
        let cases = [
            (Unit::Duration, 14_400.0, "4h"),
            (Unit::Duration, 5_400.0, "90min"),
            (Unit::Duration, 0.25, "250ms"),
            (Unit::Duration, 3.6, "3.6s"),
            (Unit::Size, 1.5e12, "1.5TB"),
            (Unit::Duration, 0.0, "0s"),
            (Unit::Duration, 1_209_600.0, "14d"),
            (Unit::Duration, 7.0 * 31_557_600.0, "7y"),
            (Unit::Working, 5_400.0, "1.5wh"),
            (Unit::Rate, 1_200.0, "1200rps"),
            (Unit::Rate, 5.0 / 86_400.0, "5/d"),
            (Unit::Ratio, 0.999, "99.9%"),
            (Unit::RatioPerYear, 0.12, "12%/y"),
            (Unit::Size, 2e11, "200GB"),
            (Unit::ByteRate, 1e6, "1MB/s"),
            (Unit::LineRate, 1.25e8, "1Gbps"),
            (Unit::LineRate, 1e9, "8Gbps"),
            (Unit::MoneyPer(DAY), 280.0 / 30.4375, "$280/mo"),
            (Unit::MoneyPer(HOUR), 95.0, "$95/h"),
            (Unit::MoneyPer(1), 0.5, "$1800/h"),
            (Unit::MoneyPerByte, 1e-11, "$0.01/GB"),
            (Unit::Money, 85_000.0, "$85000"),
            (Unit::Plain, 0.1 + 0.2, "0.3"),
        ];
        for (unit, value, text) in cases {
            assert_eq!(unit.text(value, "USD"), text, "{unit:?} {value}");
        }
        assert_eq!(Unit::Money.text(3.0, "CHF"), "3 CHF");
    }

    /// A field that no row knows would be told without its unit.
    #[test]
    fn every_number_of_the_plan_has_a_row() {
        let schema = schemars::schema_for!(crate::Plan).to_value();
        let mut fields = BTreeSet::new();
        gather(&schema, "", &mut fields);
        let known: BTreeSet<&str> = FIELDS
            .iter()
            .flat_map(|(_, names)| *names)
            .copied()
            .collect();
        let missing: Vec<&String> = fields
            .iter()
            .filter(|field| !known.contains(field.as_str()))
            .collect();
        assert!(fields.len() > 40, "the schema is read: {fields:?}");
        assert!(missing.is_empty(), "{missing:?}");
    }

    /// The names of fields with numbers in them, laws and amounts included.
    fn gather(schema: &Value, field: &str, fields: &mut BTreeSet<String>) {
        let Some(of) = schema.as_object() else {
            return;
        };
        let is = |name: &str| match of.get("type") {
            Some(Value::Array(types)) => types.iter().any(|it| it == name),
            Some(one) => one == name,
            None => false,
        };
        let reference = of.get("$ref").and_then(Value::as_str).unwrap_or_default();
        let amount = reference.ends_with("/Amount") || reference.ends_with("/Distribution");
        if is("number") || is("integer") || amount {
            fields.insert(field.to_owned());
        }
        for (key, inner) in of {
            match (key.as_str(), inner) {
                ("properties", Value::Object(properties)) => {
                    for (name, inner) in properties {
                        gather(inner, name, fields);
                    }
                }
                ("$defs", Value::Object(definitions)) => {
                    for (name, inner) in
                        definitions.iter().filter(|(name, _)| !name.ends_with("Id"))
                    {
                        gather(inner, if name == "Amount" { "value" } else { "" }, fields);
                    }
                }
                ("items" | "additionalProperties", inner) => gather(inner, field, fields),
                ("anyOf" | "oneOf" | "allOf" | "prefixItems", Value::Array(all)) => {
                    all.iter().for_each(|inner| gather(inner, field, fields));
                }
                _ => {}
            }
        }
    }
}
