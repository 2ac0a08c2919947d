//! Bounds as people say them: with the unit of the attribute's type, not in base units.

use whimbrel_lang::{Dimension, Quantity};

use crate::schema::{Attribute, Type};

/// Bounds beyond this are there for arithmetic, not for people.
const ENDLESS: f64 = 1e15;

/// `at least 1 hour, at most 100 years`; nothing where there is nothing to say.
pub(super) fn limits(row: &Attribute) -> Option<String> {
    let (low, high) = row.bounds?;
    let low = format!("at least {}", amount(row.ty, low));
    if high >= ENDLESS {
        return Some(low);
    }
    Some(format!("{low}, at most {}", amount(row.ty, high)))
}

/// The bounds that are not obvious: a negative cost or a plan of a century surprises nobody.
pub(super) fn notable(row: &Attribute) -> Option<String> {
    const CENTURY: f64 = 100.0 * 365.25 * 86_400.0;
    let (low, high) = row.bounds?;
    let plain = low <= 1.0 && (high >= ENDLESS || high >= CENTURY);
    if plain { None } else { limits(row) }
}

fn amount(ty: Type, value: f64) -> String {
    let ty = ty.of_certain();
    let dimension = match ty {
        Type::Duration | Type::Effort => Dimension::DURATION,
        Type::Size => Dimension::SIZE,
        Type::Rate => Dimension::RATE,
        Type::Bandwidth => Dimension::BYTE_RATE,
        _ => Dimension::NUMBER,
    };
    if ty == Type::Bandwidth && value == 1.0 {
        return "1 byte per second".to_owned();
    }
    let quantity = Quantity {
        ratio: ty == Type::Ratio,
        ..Quantity::of(value, dimension)
    };
    if value == 0.0 && dimension != Dimension::DURATION && ty != Type::Ratio {
        return "0".to_owned();
    }
    quantity.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    fn of(path: &str) -> Option<String> {
        let (block, name) = path.rsplit_once('.').unwrap();
        let (_, block) = schema::all().into_iter().find(|(p, _)| p == block).unwrap();
        limits(block.attribute(name).unwrap())
    }

    #[test]
    fn bounds_are_said_in_units() {
        let said = |text: &str| Some(text.to_owned());
        assert_eq!(
            of("migration.objective.sla_period"),
            said("at least 1 hour, at most 100 years")
        );
        assert_eq!(of("service.traffic"), said("at least 0"));
        assert_eq!(of("step.fails"), said("at least 0%, at most 100%"));
        assert_eq!(of("step.attempts"), said("at least 1, at most 20"));
        assert_eq!(
            of("link.latency"),
            said("at least 0 seconds, at most 1 day")
        );
        assert_eq!(of("link.bandwidth"), said("at least 1 byte per second"));
        assert_eq!(of("team.oncall"), None);
    }
}
