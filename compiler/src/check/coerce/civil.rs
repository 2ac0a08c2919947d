//! Dates, days, hours and time zones.

use std::rc::Rc;

use jiff::civil::{Date, DateTime};
use whimbrel_lang::{Diagnostic, Spanned, shown};
use whimbrel_plan::{HoursRange, Weekday};

use super::{Coerced, text, word};
use crate::check::value::Value;
use crate::codes;

pub(super) fn zone(value: &Spanned<Value>) -> Option<Coerced<Rc<str>>> {
    let name = text(&value.value)?;
    if jiff::tz::TimeZone::get(&name).is_ok() {
        return Some(Ok(name));
    }
    let known: Vec<String> = jiff::tz::db()
        .available()
        .map(|zone| zone.to_string())
        .collect();
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_NAME,
        value.span,
        format!("there is no time zone `{name}`"),
    );
    let diagnostic = diagnostic.meant(&name, known.iter().map(String::as_str));
    Some(Err(Box::new(
        diagnostic.or_help(|| "use an IANA name such as `Europe/Paris`"),
    )))
}

pub(super) fn dates(value: &Spanned<Value>) -> Option<Vec<Date>> {
    let mut dates = match &value.value {
        Value::Date(date) => vec![*date],
        Value::List(items) => items
            .iter()
            .map(|item| match item.value {
                Value::Date(date) => Some(date),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()?,
        _ => return None,
    };
    dates.sort_unstable();
    dates.dedup();
    Some(dates)
}

pub(super) fn moment(value: &Value) -> Option<DateTime> {
    match value {
        Value::Date(date) => Some(date.to_datetime(jiff::civil::Time::midnight())),
        Value::DateTime(at) => Some(*at),
        _ => None,
    }
}

const WEEK: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

fn day(value: &Value) -> Option<usize> {
    let name = word(value)?;
    WEEK.iter().position(|(known, _)| *known == name)
}

pub(super) fn days(value: &Spanned<Value>) -> Option<Vec<Weekday>> {
    let mut places: Vec<usize> = match &value.value {
        Value::Range(ends) => {
            let (from, to) = (day(&ends.0.value)?, day(&ends.1.value)?);
            if from <= to {
                (from..=to).collect()
            } else {
                (from..7).chain(0..=to).collect()
            }
        }
        Value::List(items) => {
            let mut places = Vec::new();
            for item in items.iter() {
                match &item.value {
                    Value::Range(_) => {
                        places.extend(days(item)?.into_iter().map(|day| day as usize));
                    }
                    single => places.push(day(single)?),
                }
            }
            places
        }
        single => vec![day(single)?],
    };
    places.sort_unstable();
    places.dedup();
    places
        .iter()
        .map(|place| WEEK.get(*place).map(|(_, day)| *day))
        .collect()
}

/// What is no day among what should be days.
pub(super) fn unknown_day(value: &Spanned<Value>) -> Option<Box<Diagnostic>> {
    match &value.value {
        Value::Range(ends) => unknown_day(&ends.0).or_else(|| unknown_day(&ends.1)),
        Value::List(items) => items.iter().find_map(unknown_day),
        single if day(single).is_some() => None,
        single => {
            let name = word(single)?;
            let known = WEEK.iter().map(|(known, _)| *known);
            let diagnostic = Diagnostic::error(
                codes::UNKNOWN_NAME,
                value.span,
                format!("there is no day called `{}`", shown(&name)),
            );
            let diagnostic = diagnostic.meant(&name, known.clone());
            Some(Box::new(diagnostic.or_help(|| {
                let known: Vec<&str> = known.collect();
                format!("the days are {}", known.join(", "))
            })))
        }
    }
}

pub(super) fn hours(value: &Value) -> Option<HoursRange> {
    let Value::Range(ends) = value else {
        return None;
    };
    match (&ends.0.value, &ends.1.value) {
        (Value::Time(from), Value::Time(to)) => Some(HoursRange {
            from: *from,
            to: *to,
        }),
        _ => None,
    }
}
