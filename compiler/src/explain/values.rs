//! Types of values and their units: `duration`, `money per time`, `wd`.

use std::fmt::Write as _;

use whimbrel_lang::{Dimension, SCALES, UNITS, Unit};

use super::{Topic, quoted, sentence};
use crate::schema::{self, Literal, VALUES};

pub(super) fn topics() -> Vec<Topic> {
    let values = VALUES.iter();
    values
        .map(|value| Topic::new(value.name, value.doc))
        .collect()
}

pub(super) fn units() -> Vec<Topic> {
    let units = UNITS.iter().map(|unit| Topic::new(unit.name, length(unit)));
    let scales = SCALES.iter();
    units
        .chain(scales.map(|(name, factor)| Topic::new(*name, times(*factor))))
        .collect()
}

pub(super) fn page(topic: &str) -> Option<String> {
    let name = match topic {
        "string" => "text",
        "working time" => "working duration",
        "percent" | "percentage" => "ratio",
        other => other,
    };
    schema::literal(name).map(describe)
}

pub(super) fn unit_page(topic: &str) -> Option<String> {
    if let Some((name, factor)) = SCALES.iter().find(|(name, _)| *name == topic) {
        return Some(format!(
            "# {name}\n\nBehind a number or an amount of money, {}.\n\n```mig\nlet many = 3{name}\n```\n",
            times(*factor)
        ));
    }
    let unit = UNITS.iter().find(|unit| unit.name == topic)?;
    let ty = VALUES
        .iter()
        .find(|value| value.dimension == Some(unit.dimension))?;
    Some(format!(
        "# {}\n\nA unit of {}: {}.\n\n```mig\nlet some = 3{}\n```\n\n`whimbrel explain \"{}\"` has \
         the others.\n",
        unit.name,
        ty.name,
        length(unit),
        unit.name,
        ty.name
    ))
}

pub(super) fn describe(value: &Literal) -> String {
    let mut out = format!("# {}\n\n{}.\n", value.name, sentence(value.doc));
    let _ = write!(out, "\n{}\n", quoted(value.examples.iter().copied()));
    let units: Vec<&Unit> = UNITS
        .iter()
        .filter(|unit| Some(unit.dimension) == value.dimension)
        .collect();
    if !units.is_empty() {
        out.push_str("\n| unit | is |\n|---|---|\n");
    }
    for unit in units {
        let _ = writeln!(out, "| `{}` | {} |", unit.name, length(unit));
    }
    if !value.more.is_empty() {
        let _ = write!(out, "\n{}\n", value.more);
    }
    out
}

fn times(factor: f64) -> String {
    format!("times {}", grouped(factor))
}

/// What one of a unit is, in the base unit.
fn length(unit: &Unit) -> String {
    if unit.working_days > 0.0 {
        return "a working day of the team's calendar".to_owned();
    }
    let (count, base) = match unit.dimension {
        Dimension::WORKING => (unit.factor / 3600.0, "working hour"),
        Dimension::DURATION => (unit.factor, "second"),
        Dimension::SIZE => (unit.factor, "byte"),
        Dimension::RATE => return "times per second".to_owned(),
        _ => (unit.factor * 8.0, "bit per second"),
    };
    if count == 1.0 {
        return format!("one {base}");
    }
    let many = match base.split_once(' ') {
        Some(("bit", rest)) => format!("bits {rest}"),
        _ => format!("{base}s"),
    };
    format!("{} {many}", grouped(count))
}

/// A number with `,` between thousands.
fn grouped(number: f64) -> String {
    let text = number.to_string();
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, format!(".{fraction}")),
        None => (text.as_str(), String::new()),
    };
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + &fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_what_the_language_says() {
        let of = |name: &str| {
            let unit = UNITS.iter().find(|unit| unit.name == name).unwrap();
            length(unit)
        };
        // 365.25 / 12 days of 86,400 seconds; 2^30; a bit is an eighth of a byte.
        assert_eq!(of("mo"), "2,629,800 seconds");
        assert_eq!(of("GiB"), "1,073,741,824 bytes");
        assert_eq!(of("Gbps"), "1,000,000,000 bits per second");
        assert_eq!(of("ms"), "0.001 seconds");
        assert_eq!(of("s"), "one second");
        assert_eq!(of("wh"), "one working hour");
        assert_eq!(of("wd"), "a working day of the team's calendar");
        assert_eq!(of("rps"), "times per second");
    }
}
