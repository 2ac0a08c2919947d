//! Values as a plan writes them, and which of them differ.

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::unit::{self, Unit};
use crate::{Distribution, day_ended};

/// An attribute that is otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Attribute {
    /// Its name in the compiled plan: `traffic`, `failure.chance`.
    pub name: String,
    /// What it was, as a plan writes it; none where it had no value.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// What a side writes its money and its days in.
#[derive(Clone, Debug)]
pub(super) struct Locale<'a> {
    pub(super) currency: &'a str,
    pub(super) zone: TimeZone,
}

/// The locale of each side.
#[derive(Clone, Debug)]
pub(super) struct Locales<'a> {
    pub(super) before: Locale<'a>,
    pub(super) after: Locale<'a>,
}

/// The attributes in which two parts differ, in the order of the part that is.
pub(super) fn attributes(before: &Value, after: &Value, locales: &Locales<'_>) -> Vec<Attribute> {
    let mut found = Vec::new();
    compare("", (before, after), locales, &mut found);
    found
}

fn compare(
    path: &str,
    (before, after): (&Value, &Value),
    locales: &Locales<'_>,
    found: &mut Vec<Attribute>,
) {
    if before == after {
        return;
    }
    if let Some((kind, before, after)) = same_alternative(before, after) {
        return differ(path, kind, (before, after), locales, found);
    }
    if let (Value::Object(before), Value::Object(after)) = (before, after)
        && are_records(before, after)
    {
        let gone = before.keys().filter(|key| !after.contains_key(*key));
        for key in after.keys().chain(gone) {
            let of = |side: &Map<String, Value>| side.get(key).cloned().unwrap_or_default();
            let inner = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            compare(&inner, (&of(before), &of(after)), locales, found);
        }
        return;
    }
    let field = path.rsplit('.').next().unwrap_or(path);
    differ(path, field, (before, after), locales, found);
}

/// Tells what differs as a whole; `field` says what its numbers are of.
fn differ(
    path: &str,
    field: &str,
    (before, after): (&Value, &Value),
    locales: &Locales<'_>,
    found: &mut Vec<Attribute>,
) {
    let lists = before.as_array().zip(after.as_array());
    if IN_NO_ORDER.contains(&field) && lists.is_some_and(|(was, is)| are_alike(was, is)) {
        return;
    }
    let shared = lists.map_or_else(Vec::new, |(was, is)| shared(was, is));
    let said = |value: &Value, locale: &Locale<'_>| match value {
        Value::Null => None,
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) if !shared.is_empty() => {
            Some(list_without(&shared, field, items, locale))
        }
        value => Some(text(field, value, locale)),
    };
    let (before, after) = (said(before, &locales.before), said(after, &locales.after));
    // A day of another zone is another instant: that the zone is another is told where it stands.
    if DAYS.contains(&field) && before == after {
        return;
    }
    found.push(Attribute {
        name: path.to_owned(),
        before,
        after,
    });
}

/// Lists of steps that stand in the order of the plan, which is no order of theirs.
const IN_NO_ORDER: [&str; 2] = ["steps", "until"];

fn sorted(items: &[Value]) -> Vec<String> {
    let mut items: Vec<String> = items.iter().map(Value::to_string).collect();
    items.sort_unstable();
    items
}

fn are_alike(was: &[Value], is: &[Value]) -> bool {
    sorted(was) == sorted(is)
}

/// What two long lists both have; nothing of short ones, and of those that differ in order alone.
fn shared(was: &[Value], is: &[Value]) -> Vec<String> {
    const LONG: usize = 6;
    if was.len().max(is.len()) <= LONG || are_alike(was, is) {
        return Vec::new();
    }
    let of = sorted(is);
    let mut both = sorted(was);
    both.retain(|item| of.binary_search(item).is_ok());
    both
}

/// `[12 alike, orders/deploy]`.
fn list_without(shared: &[String], field: &str, items: &[Value], locale: &Locale<'_>) -> String {
    let known = |item: &Value| shared.binary_search(&item.to_string()).is_ok();
    let alike = items.iter().filter(|item| known(item)).count();
    let own = items.iter().filter(|item| !known(item));
    let own = own.map(|item| text(field, item, locale));
    let all: Vec<String> = std::iter::once(format!("{alike} alike"))
        .chain(own)
        .collect();
    format!("[{}]", all.join(", "))
}

/// What is told by a value of the same kind on both sides: an argument, an act.
fn same_alternative<'v>(
    before: &'v Value,
    after: &'v Value,
) -> Option<(&'v str, &'v Value, &'v Value)> {
    const KINDS: [&str; 10] = [
        "number", "ratio", "duration", "size", "rate", "text", "boolean", "list", "elapsed",
        "working",
    ];
    let only = |value: &'v Value| {
        let mut entries = value.as_object()?.iter();
        entries.next().filter(|_| entries.next().is_none())
    };
    let ((was, before), (is, after)) = (only(before)?, only(after)?);
    (was == is && KINDS.contains(&was.as_str())).then_some((is, before, after))
}

/// Whether two objects are compared field by field, being neither laws nor alternatives.
fn are_records(before: &Map<String, Value>, after: &Map<String, Value>) -> bool {
    let record = |side: &Map<String, Value>| law(side).is_none() && said_whole(side).is_none();
    let alternatives = before.len() == 1 && after.len() == 1 && !before.keys().eq(after.keys());
    record(before) && record(after) && !alternatives
}

/// The law an object stands for.
fn law(fields: &Map<String, Value>) -> Option<Distribution> {
    fields.get("kind").filter(|kind| kind.is_string())?;
    serde_json::from_value(Value::Object(fields.clone())).ok()
}

/// What is written in one piece: hours, people, conditions.
fn said_whole(fields: &Map<String, Value>) -> Option<String> {
    let number = |key: &str| fields.get(key).and_then(Value::as_u64);
    let word = |key: &str| fields.get(key).and_then(Value::as_str);
    if let (2, Some(from), Some(to)) = (fields.len(), number("from"), number("to")) {
        let clock = |minutes: u64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        return Some(format!("{}..{}", clock(from), clock(to)));
    }
    if let (Some(count), Some(team)) = (number("count"), word("team")) {
        return Some(format!("{count} of {team}"));
    }
    if let (Some(comparison), Some(limit)) = (word("comparison"), fields.get("limit")) {
        let measure = fields.get("measure")?;
        let (name, own) = match measure {
            Value::Object(own) => (own.values().next()?.as_str()?, true),
            standard => (standard.as_str()?, false),
        };
        let unit = if own { Unit::Plain } else { unit::of(name) };
        let sign = match comparison {
            "less" => "<",
            "less_or_equal" => "<=",
            "greater" => ">",
            "greater_or_equal" => ">=",
            _ => "==",
        };
        let limit = unit.text(limit.as_f64()?, "");
        return Some(format!("{name} {sign} {limit}"));
    }
    None
}

/// A value of the field of that name, as a plan writes it.
pub(super) fn text(field: &str, value: &Value, locale: &Locale<'_>) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::String(text) if text.contains(char::is_whitespace) => format!("\"{text}\""),
        Value::String(text) => day(field, text, &locale.zone).unwrap_or_else(|| text.clone()),
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            unit::of(field).text(number, locale.currency)
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| text(field, item, locale)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => object(field, fields, locale),
    }
}

/// Fields that hold instants and were written as days, or as a day and its time.
const DAYS: [&str; 3] = ["start", "deadline", "until"];
/// Of these, the ones that were written as the last day and hold the instant after it.
const LAST_DAYS: [&str; 2] = ["deadline", "until"];

/// An instant as the plan writes it, in the zone of its side: `2027-06-30`, `2027-01-11T08:30`.
fn day(field: &str, text: &str, zone: &TimeZone) -> Option<String> {
    let instant: Timestamp = DAYS.contains(&field).then(|| text.parse().ok())??;
    let here = instant.to_zoned(zone.clone());
    if LAST_DAYS.contains(&field) {
        return day_ended(&here).map(|last| last.to_string());
    }
    Some(match here.time() {
        time if time == Time::midnight() => here.date().to_string(),
        time if time.second() == 0 => here.strftime("%Y-%m-%dT%H:%M").to_string(),
        _ => here.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
    })
}

fn object(field: &str, fields: &Map<String, Value>, locale: &Locale<'_>) -> String {
    if let Some(law) = law(fields) {
        return law_text(&law, unit::of(field), locale.currency);
    }
    if let Some(text) = said_whole(fields) {
        return text;
    }
    let mut entries = fields.iter();
    if let (Some((key, value)), None) = (entries.next(), entries.next()) {
        // A node is its name, an argument its value: what it is stands in the name or the unit.
        let inner = text(key, value, locale);
        return match key.as_str() {
            "elapsed" | "working" | "transfer" | "once" | "weekly" | "lag" | "since" => {
                format!("{key} {inner}")
            }
            _ => inner,
        };
    }
    let entries: Vec<String> = fields
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| format!("{key} = {}", text(key, value, locale)))
        .collect();
    format!("{{ {} }}", entries.join("; "))
}

/// A law in the words of the language.
fn law_text(law: &Distribution, unit: Unit, currency: &str) -> String {
    use Distribution as Law;
    let say = |value: f64| unit.text(value, currency);
    let plain = |value: f64| Unit::Plain.text(value, "");
    match law {
        Law::Constant { value } => say(*value),
        Law::Uniform { low, high } => format!("uniform({}, {})", say(*low), say(*high)),
        Law::Triangular { low, mode, high } => {
            format!("triangular({}, {}, {})", say(*low), say(*mode), say(*high))
        }
        Law::Pert { low, mode, high } => {
            format!("pert({}, {}, {})", say(*low), say(*mode), say(*high))
        }
        Law::Normal { mean, sd } => format!("normal(mean: {}, sd: {})", say(*mean), say(*sd)),
        Law::Lognormal { .. } => {
            let at = |p| say(three_digits(law.quantile(p)));
            format!("lognormal(p50: {}, p90: {})", at(0.5), at(0.9))
        }
        Law::Exponential { mean } => format!("exponential(mean: {})", say(*mean)),
        Law::Gamma { shape, scale } => {
            format!("gamma(scale: {}, shape: {})", say(*scale), plain(*shape))
        }
        Law::Weibull { shape, scale } => {
            format!("weibull(scale: {}, shape: {})", say(*scale), plain(*shape))
        }
        Law::Beta {
            alpha,
            beta,
            low,
            high,
        } => format!(
            "beta(low: {}, high: {}, alpha: {}, beta: {})",
            say(*low),
            say(*high),
            plain(*alpha),
            plain(*beta)
        ),
        Law::Discrete { values } => {
            let chance = |chance: f64| Unit::Ratio.text(chance, "");
            let values = values.iter();
            let values: Vec<String> = values
                .map(|(value, p)| format!("{}: {}", say(*value), chance(*p)))
                .collect();
            format!("discrete([{}])", values.join(", "))
        }
        Law::Empirical { values } => {
            let values: Vec<String> = values.iter().map(|value| say(*value)).collect();
            format!("empirical([{}])", values.join(", "))
        }
        Law::Shifted { of, .. } | Law::Scaled { of, .. } | Law::Truncated { of, .. } => {
            law_of_law(law, &law_text(of, unit, currency), say)
        }
    }
}

/// A law made of another one.
fn law_of_law(law: &Distribution, of: &str, say: impl Fn(f64) -> String) -> String {
    match law {
        Distribution::Shifted { by, .. } => format!("shifted({of}, {})", say(*by)),
        Distribution::Scaled { by, .. } => {
            format!("scaled({of}, {})", Unit::Plain.text(*by, ""))
        }
        Distribution::Truncated { low, high, .. } => {
            format!("truncated({of}, {}, {})", say(*low), say(*high))
        }
        _ => of.to_owned(),
    }
}

/// What was computed rather than written has no more digits than anyone reads.
fn three_digits(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = libm::pow(10.0, libm::floor(libm::log10(value.abs())) - 2.0);
    (value / scale).round() * scale
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differing(before: &Value, after: &Value) -> Vec<String> {
        differing_in(before, after, ["UTC", "UTC"])
    }

    fn differing_in(before: &Value, after: &Value, zones: [&str; 2]) -> Vec<String> {
        let locale = |currency, zone| Locale {
            currency,
            zone: TimeZone::get(zone).unwrap(),
        };
        let locales = Locales {
            before: locale("USD", zones[0]),
            after: locale("EUR", zones[1]),
        };
        let said = |side: Option<String>| side.unwrap_or_else(|| "none".to_owned());
        attributes(before, after, &locales)
            .into_iter()
            .map(|one| format!("{}: {} → {}", one.name, said(one.before), said(one.after)))
            .collect()
    }

    #[test]
    fn only_what_differs_is_told_with_its_unit_and_its_path() {
        let before =
            json!({"traffic": 400.0, "on": "old", "cost": {"old_per_day": 280.0 / 30.4375}});
        let after = json!({"traffic": 1200.0, "on": "old", "cost": {"old_per_day": null}});
        assert_eq!(
            differing(&before, &after),
            [
                "traffic: 400rps → 1200rps",
                "cost.old_per_day: $280/mo → none"
            ]
        );
    }

    #[test]
    fn days_are_those_of_the_plan() {
        // New York is four hours behind in summer and five in winter.
        let migration = |start: &str, deadline: &str| json!({"start": start, "deadline": deadline});
        let before = migration("2027-01-11T05:00:00Z", "2027-07-01T04:00:00Z");
        let after = migration("2027-01-12T13:30:00Z", "2027-12-01T05:00:00Z");
        let new_york = "America/New_York";
        assert_eq!(
            differing_in(&before, &after, [new_york; 2]),
            [
                "start: 2027-01-11 → 2027-01-12T08:30",
                "deadline: 2027-06-30 → 2027-11-30"
            ]
        );
        let utc = migration("2027-01-11T00:00:00Z", "2027-07-01T00:00:00Z");
        let same: [String; 0] = [];
        assert_eq!(differing_in(&before, &utc, [new_york, "UTC"]), same);
        assert_eq!(
            differing(&json!({"deadline": null}), &utc),
            ["start: none → 2027-01-11", "deadline: none → 2027-06-30"]
        );
    }

    #[test]
    fn laws_and_alternatives_are_told_whole() {
        let before = json!({"act": {"working": {"kind": "pert", "low": 7200.0, "mode": 14400.0, "high": 28800.0}}});
        let after = json!({"act": {"elapsed": {"kind": "constant", "value": 5400.0}}});
        assert_eq!(
            differing(&before, &after),
            ["act: working pert(2wh, 4wh, 8wh) → elapsed 90min"]
        );
        let log = json!({"lag": {"kind": "lognormal", "mu": 0.0, "sigma": 1.0}});
        // exp(0) = 1 and exp(1.2816) = 3.60.
        assert_eq!(
            differing(&json!({"lag": 2.0}), &log),
            ["lag: 2s → lognormal(p50: 1s, p90: 3.6s)"]
        );
    }

    #[test]
    fn what_has_a_form_of_its_own_is_written_so() {
        let hours = |from: u32| json!({"hours": {"from": from, "to": 1020}});
        assert_eq!(
            differing(&hours(540), &hours(570)),
            ["hours: 09:00..17:00 → 09:30..17:00"]
        );
        let gate = |limit: f64| {
            json!({"when": [{"measure": "error_rate", "comparison": "less", "limit": limit}],
                   "needs": [{"team": "ops", "count": 2}]})
        };
        assert_eq!(
            differing(&gate(0.01), &gate(0.02)),
            ["when: [error_rate < 1%] → [error_rate < 2%]"]
        );
        assert_eq!(
            differing(&json!({"needs": []}), &gate(0.01)),
            ["when: none → [error_rate < 1%]", "needs: none → [2 of ops]"]
        );
    }
}
