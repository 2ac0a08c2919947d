//! Numbers of the plan that may be uncertain.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Distribution;

/// A number that is certain, or a law it follows. In JSON a certain one is a plain number.
///
/// What belongs to the world (a price, a size, a rate) is one value in each history of the
/// migration; what belongs to an attempt (a soak) is another value in each attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Amount {
    /// Certain.
    Certain(f64),
    /// Known as a law only.
    Uncertain(Distribution),
}

impl Amount {
    /// The value, or the mean of the law.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::Certain(value) => *value,
            Self::Uncertain(law) => law.mean(),
        }
    }

    /// The least x with P(X ≤ x) ≥ p.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        match self {
            Self::Certain(value) => *value,
            Self::Uncertain(law) => law.quantile(p),
        }
    }

    /// Whether there is nothing uncertain about it.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        matches!(self, Self::Certain(_))
    }

    /// The law, where there is one.
    #[must_use]
    pub fn law(&self) -> Option<&Distribution> {
        match self {
            Self::Certain(_) => None,
            Self::Uncertain(law) => Some(law),
        }
    }

    /// This in a unit of which one makes `by`, above zero.
    #[must_use]
    pub fn times(self, by: f64) -> Self {
        match self {
            Self::Certain(value) => Self::Certain(value * by),
            Self::Uncertain(law) => Self::Uncertain(Distribution::Scaled {
                of: Box::new(law),
                by,
            }),
        }
    }
}

impl From<f64> for Amount {
    fn from(value: f64) -> Self {
        Self::Certain(value)
    }
}

impl From<Distribution> for Amount {
    fn from(law: Distribution) -> Self {
        if law.is_certain() {
            Self::Certain(law.mean())
        } else {
            Self::Uncertain(law)
        }
    }
}

impl PartialEq<f64> for Amount {
    fn eq(&self, other: &f64) -> bool {
        matches!(self, Self::Certain(value) if value == other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certain_amount_is_a_plain_number_in_json() {
        let json = |amount: &Amount| serde_json::to_string(amount).unwrap();
        assert_eq!(json(&2.5.into()), "2.5");
        assert_eq!(json(&Distribution::constant(2.5).into()), "2.5");
        let law = Amount::from(Distribution::uniform(1.0, 3.0).unwrap());
        let text = json(&law);
        assert_eq!(text, r#"{"kind":"uniform","low":1.0,"high":3.0}"#);
        assert_eq!(serde_json::from_str::<Amount>(&text).unwrap(), law);
        assert_eq!(serde_json::from_str::<Amount>("4").unwrap(), 4.0);
    }

    #[test]
    fn a_change_of_unit_reaches_the_whole_law() {
        let law = Amount::from(Distribution::uniform(1.0, 3.0).unwrap()).times(24.0);
        assert_eq!((law.mean(), law.quantile(1.0)), (48.0, 72.0));
        assert_eq!(Amount::from(2.0).times(24.0), 48.0);
    }
}
