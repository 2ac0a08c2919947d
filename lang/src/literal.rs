//! Numbers with units, money, dates and times, from the text of one literal.

use crate::ast::{CivilDate, CivilMinute, ExprKind};
use crate::units::{self, SCALES, UNITS};
use crate::{Currency, Dimension, Quantity, nearest, shown};

/// Why a literal cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadLiteral {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// What it can only mean.
    pub(crate) meant: Option<String>,
}

impl BadLiteral {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: Some(help.into()),
            meant: None,
        }
    }
}

/// Reads a literal as the grammar delimits it.
pub(crate) fn read(text: &str) -> Result<ExprKind, BadLiteral> {
    let mut bytes = text.bytes();
    if bytes.nth(4) == Some(b'-') {
        return date_or_date_time(text);
    }
    if text.contains(':') {
        return Ok(ExprKind::Time(time(text, text)?));
    }
    quantity(text).map(ExprKind::Quantity)
}

fn date_or_date_time(text: &str) -> Result<ExprKind, BadLiteral> {
    match text.split_once('T') {
        None => Ok(ExprKind::Date(date(text, text)?)),
        Some((day, minute)) => Ok(ExprKind::DateTime(date(day, text)?, time(minute, text)?)),
    }
}

fn digits(text: &str, length: usize) -> Option<u16> {
    let right = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    right.then(|| text.parse().ok()).flatten()
}

fn date(text: &str, whole: &str) -> Result<CivilDate, BadLiteral> {
    let mut parts = text.split('-');
    let mut next = |length| parts.next().and_then(|part| digits(part, length));
    let (Some(year), Some(month), Some(day)) = (next(4), next(2), next(2)) else {
        return Err(BadLiteral::new(
            format!("`{whole}` is not a date"),
            "write a date as `2027-01-11` and a date with a time as `2027-01-11T22:00`",
        ));
    };
    let narrow = |number: u16| i8::try_from(number).unwrap_or(i8::MAX);
    if year == 0 || !(1..=12).contains(&month) || day == 0 || day > days_of(year, month) {
        let help = if (1..=12).contains(&month) && year > 0 {
            let last = days_of(year, month);
            format!("that month ends on {year:04}-{month:02}-{last:02}")
        } else {
            "months go from 01 to 12, years from 0001".to_owned()
        };
        return Err(BadLiteral::new(format!("`{text}` does not exist"), help));
    }
    Ok(CivilDate {
        year: i16::try_from(year).unwrap_or(i16::MAX),
        month: narrow(month),
        day: narrow(day),
    })
}

fn days_of(year: u16, month: u16) -> u16 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

fn time(text: &str, whole: &str) -> Result<CivilMinute, BadLiteral> {
    let read = text
        .split_once(':')
        .and_then(|(hour, minute)| Some((digits(hour, 2)?, digits(minute, 2)?)));
    match read {
        Some((hour, minute)) if minute < 60 && (hour < 24 || (hour == 24 && minute == 0)) => {
            Ok(CivilMinute(hour * 60 + minute))
        }
        _ => Err(BadLiteral::new(
            format!("`{whole}` is not a time"),
            "times go from `00:00` to `24:00`, with two digits each",
        )),
    }
}

fn quantity(text: &str) -> Result<Quantity, BadLiteral> {
    let (currency, rest) = currency(text);
    let length = rest
        .bytes()
        .enumerate()
        .take_while(|(index, byte)| {
            let point = *byte == b'.'
                && rest
                    .as_bytes()
                    .get(index + 1)
                    .is_some_and(u8::is_ascii_digit);
            byte.is_ascii_digit() || *byte == b'_' || point
        })
        .count();
    let (number, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
    let amount: Option<f64> = if number.contains('_') {
        number.replace('_', "").parse().ok()
    } else {
        number.parse().ok()
    };
    let amount = amount.filter(|amount| amount.is_finite()).ok_or_else(|| {
        BadLiteral::new(
            format!("`{}` is not a number", shown(text)),
            "a number is digits, perhaps with `_` between them and one `.`, below 10^308",
        )
    })?;
    let (unit, divisor) = match tail.split_once('/') {
        Some((unit, divisor)) => (unit, Some(divisor)),
        None => (tail, None),
    };
    let mut quantity = with_unit(amount, unit, currency, text)?;
    if let Some(divisor) = divisor {
        divide(&mut quantity, divisor, text)?;
    }
    Ok(quantity)
}

fn currency(text: &str) -> (Option<Currency>, &str) {
    for (sign, code) in [("$", b"USD"), ("€", b"EUR"), ("£", b"GBP"), ("¥", b"JPY")] {
        if let Some(rest) = text.strip_prefix(sign) {
            return (Some(Currency(*code)), rest);
        }
    }
    if let Some((code, rest)) = text.split_once(' ')
        && let Ok(code) = <[u8; 3]>::try_from(code.as_bytes())
    {
        return (Some(Currency(code)), rest.trim_start_matches(' '));
    }
    (None, text)
}

fn with_unit(
    amount: f64,
    unit: &str,
    currency: Option<Currency>,
    text: &str,
) -> Result<Quantity, BadLiteral> {
    let mut quantity = Quantity {
        amount,
        working_days: 0.0,
        dimension: Dimension::default(),
        currency,
        ratio: false,
    };
    quantity.dimension.money = i8::from(currency.is_some());
    if unit.is_empty() {
        return Ok(quantity);
    }
    if let Some(factor) = units::scale(unit) {
        quantity.amount *= factor;
        return Ok(quantity);
    }
    if currency.is_some() {
        return Err(unknown_unit(unit, SCALES.map(|(name, _)| name), text));
    }
    if unit == "%" {
        // By its decimals: divided by 100, 99.9 is not 0.999.
        quantity.amount = format!("{amount}e-2").parse().unwrap_or(amount / 100.0);
        quantity.ratio = true;
        return Ok(quantity);
    }
    let Some(found) = units::find(unit) else {
        let names = UNITS.iter().map(|unit| unit.name);
        return Err(unknown_unit(unit, names, text));
    };
    quantity.amount *= found.factor;
    quantity.working_days = amount * found.working_days;
    quantity.dimension = found.dimension;
    Ok(quantity)
}

fn divide(quantity: &mut Quantity, divisor: &str, text: &str) -> Result<(), BadLiteral> {
    let names = || {
        UNITS
            .iter()
            .filter(|unit| units::divides(unit))
            .map(|unit| unit.name)
    };
    let Some(unit) = units::find(divisor).filter(|unit| units::divides(unit)) else {
        let mut error = unknown_unit(divisor, names(), text);
        error.message = format!(
            "`{}` is not a unit that can stand behind `/`",
            shown(divisor)
        );
        if error.help.is_none() {
            error.help = Some("to divide, write spaces around `/`".to_owned());
        }
        return Err(error);
    };
    if quantity.dimension.working != 0 {
        return Err(BadLiteral::new(
            "working time has no rate",
            "how long a working day is depends on the calendar; use `h` or `d`",
        ));
    }
    quantity.amount /= unit.factor;
    quantity.dimension.time -= unit.dimension.time;
    quantity.dimension.bytes -= unit.dimension.bytes;
    Ok(())
}

fn unknown_unit(
    unit: &str,
    names: impl IntoIterator<Item = &'static str>,
    text: &str,
) -> BadLiteral {
    let message = format!("`{}` is not a unit", shown(unit));
    let names: Vec<&str> = names.into_iter().collect();
    let number = text.strip_suffix(unit).unwrap_or("3");
    if let Some(help) = misread(unit, number, &names) {
        return BadLiteral::new(message, help);
    }
    // Of one letter no other is a misspelling.
    let near = || nearest(unit, names.iter().copied()).filter(|_| unit.len() > 1);
    let Some(name) = same_letters(unit, &names).or_else(near) else {
        let names = names.join(", ");
        let help = format!("a number is followed by nothing or by one of {names}");
        return BadLiteral::new(message, help);
    };
    let at = text.rfind(unit).unwrap_or(text.len());
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at + unit.len()..).unwrap_or_default();
    let whole = format!("{before}{name}{after}");
    BadLiteral {
        message,
        help: Some(format!("did you mean `{}`?", shown(&whole))),
        meant: is_spelling_of(unit, name).then_some(whole),
    }
}

/// What is written in another way altogether: `3m`, `10Gb`, `400rpm`, `1h30min`, `2e6`, `9am`.
fn misread(unit: &str, number: &str, names: &[&str]) -> Option<String> {
    let number = shown(number);
    let letters = unit.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let first = unit.strip_suffix(letters).unwrap_or(unit);
    let digits = letters.bytes().all(|byte| byte.is_ascii_digit());
    let and = letters.starts_with(|letter: char| letter.is_ascii_digit());
    Some(match unit {
        "m" if names.contains(&"min") => {
            format!("minutes or months? write `{number}min` or `{number}mo`")
        }
        "kb" | "Mb" | "Gb" if names.contains(&"Gbps") => {
            let scale = unit.get(..1)?;
            format!(
                "bits a second are written `{number}{unit}ps`, bytes `{number}{scale}B` and bytes a second `{number}{scale}B/s`"
            )
        }
        "rpm" => format!("a rate by the minute is written `{number}/min`"),
        "rph" => format!("a rate by the hour is written `{number}/h`"),
        "am" | "pm" => "a time of day is written `09:00`, from `00:00` to `24:00`".to_owned(),
        _ if unit.ends_with('%') || unit.starts_with('%') => {
            "a ratio ends with one `%`, as in `99.95%`".to_owned()
        }
        _ if matches!(first, "e" | "E") && and && digits => {
            "a number has no exponent; write `2_000_000`, or `2M`".to_owned()
        }
        _ if and && names.contains(&first) => {
            format!("write a sum: `{number}{first} + {}`", shown(letters))
        }
        _ => return None,
    })
}

/// The units that a word behind a number and a blank may mean; none for any other word.
pub(crate) fn meant_units(word: &str, money: bool) -> Vec<&str> {
    match word {
        "m" if !money => return vec!["min", "mo"],
        "kb" if !money => return vec!["kbps", "kB"],
        "Mb" if !money => return vec!["Mbps", "MB"],
        "Gb" if !money => return vec!["Gbps", "GB"],
        _ => {}
    }
    let names: Vec<&'static str> = if money {
        SCALES.map(|(name, _)| name).to_vec()
    } else {
        UNITS.iter().map(|unit| unit.name).collect()
    };
    let exact = units::scale(word).is_some() || (word == "%" && !money) || names.contains(&word);
    if exact {
        return vec![word];
    }
    same_letters(word, &names).into_iter().collect()
}

/// The unit of time that a word spells out.
fn time_unit(lower: &str) -> Option<&'static str> {
    Some(match lower {
        "sec" | "secs" | "second" | "seconds" => "s",
        "mins" | "minute" | "minutes" => "min",
        "hr" | "hrs" | "hour" | "hours" => "h",
        "day" | "days" => "d",
        "week" | "weeks" => "w",
        "month" | "months" => "mo",
        "yr" | "year" | "years" => "y",
        _ => return None,
    })
}

/// Whether `word` can mean no other unit: a unit of time in words, or bytes whose letters have
/// another case (`kb` may be bits).
pub(crate) fn is_spelling_of(word: &str, unit: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let bytes = word.ends_with('B') && word.eq_ignore_ascii_case(unit);
    time_unit(&lower) == Some(unit) || bytes
}

/// Words that mean a unit which is spelt otherwise here.
fn same_letters<'a>(unit: &str, names: &[&'a str]) -> Option<&'a str> {
    let lower = unit.to_ascii_lowercase();
    let meant = match lower.as_str() {
        "qps" | "tps" => "rps",
        "g" | "gig" | "gigs" => "gb",
        "t" => "tb",
        "p" => "pb",
        "ki" | "mi" | "gi" | "ti" | "pi" => {
            return names
                .iter()
                .find(|name| name.to_ascii_lowercase().strip_suffix('b') == Some(&lower))
                .copied();
        }
        other => time_unit(other).unwrap_or(other),
    };
    names
        .iter()
        .find(|name| name.to_ascii_lowercase() == meant)
        .copied()
}
