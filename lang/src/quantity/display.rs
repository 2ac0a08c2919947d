//! Quantities and dimensions as people say them, for messages and runbooks.

use std::fmt;

use super::{Dimension, Quantity};
use crate::units::{DAY, HOUR, MINUTE, MONTH, SECOND, WEEK, YEAR};

/// Elapsed time, the longest first.
const DURATIONS: [(f64, &str, &str); 8] = [
    (YEAR, "year", "years"),
    (MONTH, "month", "months"),
    (WEEK, "week", "weeks"),
    (DAY, "day", "days"),
    (HOUR, "hour", "hours"),
    (MINUTE, "minute", "minutes"),
    (SECOND, "second", "seconds"),
    (0.001, "millisecond", "milliseconds"),
];

const SIZES: [(f64, &str); 6] = [
    (1e15, "PB"),
    (1e12, "TB"),
    (1e9, "GB"),
    (1e6, "MB"),
    (1e3, "kB"),
    (1.0, "bytes"),
];

impl Dimension {
    /// What a value of this dimension is: `a duration`, `money per time`.
    #[must_use]
    pub fn name(&self) -> String {
        let known = match *self {
            Self::NUMBER => "a number",
            Self::DURATION => "a duration",
            Self::WORKING => "working time",
            Self::SIZE => "a size",
            Self::RATE => "a rate",
            Self::BYTE_RATE => "bytes per time",
            Self::MONEY => "money",
            Self::MONEY_RATE => "money per time",
            Self::MONEY_PER_SIZE => "money per size",
            _ => return self.composed_name(),
        };
        known.to_owned()
    }

    fn composed_name(self) -> String {
        let parts = [
            (self.money, "money"),
            (self.bytes, "size"),
            (self.time, "time"),
            (self.working, "working time"),
        ];
        let side = |sign: i8, between: &str| {
            let powers = parts
                .iter()
                .filter(|(exponent, _)| exponent.signum() == sign)
                .map(|(exponent, name)| match exponent.unsigned_abs() {
                    1 => (*name).to_owned(),
                    2 => format!("{name} squared"),
                    3 => format!("{name} cubed"),
                    power => format!("{name} to the power of {power}"),
                });
            powers.collect::<Vec<_>>().join(between)
        };
        let above = match side(1, " times ") {
            nothing if nothing.is_empty() => "a number".to_owned(),
            counted if counted.starts_with(['s', 't']) => format!("a {counted}"),
            other => other,
        };
        match side(-1, " and ") {
            below if below.is_empty() => above,
            below => format!("{above} per {below}"),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.dimension {
            Dimension::NUMBER => self.plain(self.amount),
            Dimension::DURATION => duration(self.amount),
            Dimension::WORKING => self.working(),
            Dimension::SIZE => size(self.amount),
            Dimension::BYTE_RATE => format!("{} per second", size(self.amount)),
            Dimension::MONEY => self.plain(self.amount),
            Dimension::MONEY_PER_SIZE => self.per_size(),
            Dimension::RATE | Dimension::MONEY_RATE => self.per_time(),
            _ => format!("{} ({})", self.plain(self.amount), self.dimension.name()),
        };
        formatter.write_str(&text)
    }
}

impl Quantity {
    /// A number with its currency or `%`, its time and size left out.
    fn plain(&self, amount: f64) -> String {
        if self.ratio {
            return format!("{}%", number(amount * 100.0));
        }
        let sign = if amount < 0.0 { "-" } else { "" };
        let Some(currency) = self.currency else {
            return number(amount);
        };
        let amount = number(amount.abs());
        match &currency.0 {
            b"USD" => format!("{sign}${amount}"),
            b"EUR" => format!("{sign}€{amount}"),
            b"GBP" => format!("{sign}£{amount}"),
            b"JPY" => format!("{sign}¥{amount}"),
            _ => format!("{sign}{} {amount}", currency.code()),
        }
    }

    fn working(&self) -> String {
        let hours = counted(self.amount / HOUR, "working hour", "working hours");
        let days = counted(self.working_days, "working day", "working days");
        match (self.working_days == 0.0, self.amount == 0.0) {
            (true, _) => hours,
            (false, true) => days,
            (false, false) => format!("{days} and {hours}"),
        }
    }

    /// Per the shortest time that makes the number short; money counts by the hour at least.
    fn per_time(&self) -> String {
        const TIMES: [(f64, &str); 6] = [
            (SECOND, "second"),
            (MINUTE, "minute"),
            (HOUR, "hour"),
            (DAY, "day"),
            (MONTH, "month"),
            (YEAR, "year"),
        ];
        let shortest = if self.currency.is_some() {
            HOUR
        } else {
            SECOND
        };
        if self.ratio {
            // Growth is spoken of by the year, or by the longest time it does not double in.
            let growth = TIMES.iter().rev().find(|(length, _)| {
                self.amount.abs() * length <= 1.0 && is_whole(self.amount * length * 1e5)
            });
            if let Some((length, name)) = growth {
                return format!("{} per {name}", self.plain(self.amount * length));
            }
        }
        let mut times = TIMES.iter().filter(|(length, _)| *length >= shortest);
        let (length, name) = times
            .clone()
            .find(|(length, _)| is_whole(self.amount * length * 1e3))
            .or_else(|| times.find(|(length, _)| self.amount.abs() * length >= 1.0))
            .copied()
            .unwrap_or((YEAR, "year"));
        format!("{} per {name}", self.plain(self.amount * length))
    }

    fn per_size(&self) -> String {
        format!("{} per GB", self.plain(self.amount * 1e9))
    }
}

/// In the longest unit that makes it a whole number, else in the longest that is not too long.
fn duration(seconds: f64) -> String {
    let length = seconds.abs();
    if length == 0.0 {
        return "0 seconds".to_owned();
    }
    let whole = DURATIONS
        .iter()
        .find(|(unit, ..)| length >= *unit * 0.999_999 && is_whole(length / unit));
    let (unit, one, many) = whole
        .or_else(|| DURATIONS.iter().find(|(unit, ..)| length >= *unit))
        .copied()
        .unwrap_or((0.001, "millisecond", "milliseconds"));
    counted(seconds / unit, one, many)
}

fn size(bytes: f64) -> String {
    let (unit, name) = SIZES
        .iter()
        .find(|(unit, _)| bytes.abs() >= *unit)
        .copied()
        .unwrap_or((1.0, "bytes"));
    format!("{} {name}", number(bytes / unit))
}

fn counted(amount: f64, one: &str, many: &str) -> String {
    let text = number(amount);
    let unit = if text == "1" { one } else { many };
    format!("{text} {unit}")
}

/// Whether a number is whole but for rounding.
fn is_whole(amount: f64) -> bool {
    amount != 0.0 && (amount - amount.round()).abs() <= amount.abs() * 1e-9 && amount.abs() >= 0.5
}

/// At most six significant digits behind the thousands, `,` between thousands.
fn number(amount: f64) -> String {
    let magnitude = if amount == 0.0 {
        0.0
    } else {
        amount.abs().log10().floor()
    };
    let decimals = (5.0 - magnitude).clamp(0.0, 12.0) as usize;
    let text = format!("{amount:.decimals$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", whole),
    };
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if grouped == "0" && fraction.is_empty() {
        ""
    } else {
        sign
    };
    if fraction.is_empty() {
        format!("{sign}{grouped}")
    } else {
        format!("{sign}{grouped}.{fraction}")
    }
}
