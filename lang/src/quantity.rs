//! Numbers with units: literals, dimensions, arithmetic.
//!
//! Base units: seconds, bytes, the currency's unit. A month is 30.4375 days, a year 365.25.
//! Working time is a dimension of its own: how long a working day is depends on a calendar, so
//! working hours (as seconds) and working days are kept apart until the calendar is known.

mod display;

use std::cmp::Ordering;

use thiserror::Error;

/// Exponents of the base dimensions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Dimension {
    /// Elapsed time.
    pub time: i8,
    /// Working time.
    pub working: i8,
    /// Data.
    pub bytes: i8,
    /// Money.
    pub money: i8,
}

/// An ISO 4217 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency(pub [u8; 3]);

/// A number with its unit resolved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantity {
    /// In base units; for working time the seconds given as hours.
    pub amount: f64,
    /// Working days (`3wd`), beside `amount`.
    pub working_days: f64,
    /// Its dimension.
    pub dimension: Dimension,
    /// The currency of money.
    pub currency: Option<Currency>,
    /// Whether it was written with a `%` (interpolation prints the ratio without its sign).
    pub ratio: bool,
}

/// Why two quantities do not combine.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QuantityError {
    /// Different dimensions.
    #[error("{0} and {1} do not combine")]
    Dimensions(String, String),
    /// Different currencies.
    #[error("{0} and {1} are different currencies")]
    Currencies(String, String),
    /// Division by zero.
    #[error("division by zero")]
    DivisionByZero,
    /// The product of two working times, and the like.
    #[error("{0} makes no sense")]
    Meaningless(String),
}

impl Dimension {
    /// No dimension.
    pub const NUMBER: Self = Self {
        time: 0,
        working: 0,
        bytes: 0,
        money: 0,
    };
    /// Elapsed time.
    pub const DURATION: Self = Self {
        time: 1,
        ..Self::NUMBER
    };
    /// Working time.
    pub const WORKING: Self = Self {
        working: 1,
        ..Self::NUMBER
    };
    /// Data.
    pub const SIZE: Self = Self {
        bytes: 1,
        ..Self::NUMBER
    };
    /// Per time.
    pub const RATE: Self = Self {
        time: -1,
        ..Self::NUMBER
    };
    /// Data per time.
    pub const BYTE_RATE: Self = Self {
        time: -1,
        bytes: 1,
        ..Self::NUMBER
    };
    /// Money.
    pub const MONEY: Self = Self {
        money: 1,
        ..Self::NUMBER
    };
    /// Money per time.
    pub const MONEY_RATE: Self = Self {
        money: 1,
        time: -1,
        ..Self::NUMBER
    };
    /// Money per data.
    pub const MONEY_PER_SIZE: Self = Self {
        money: 1,
        bytes: -1,
        ..Self::NUMBER
    };

    /// The exponents of a product; `None` beyond what an exponent holds.
    fn times(self, other: Self) -> Option<Self> {
        Some(Self {
            time: self.time.checked_add(other.time)?,
            working: self.working.checked_add(other.working)?,
            bytes: self.bytes.checked_add(other.bytes)?,
            money: self.money.checked_add(other.money)?,
        })
    }

    fn inverse(self) -> Option<Self> {
        Some(Self {
            time: self.time.checked_neg()?,
            working: self.working.checked_neg()?,
            bytes: self.bytes.checked_neg()?,
            money: self.money.checked_neg()?,
        })
    }
}

impl Currency {
    /// `USD`.
    #[must_use]
    pub fn code(&self) -> String {
        self.0.iter().map(|byte| char::from(*byte)).collect()
    }
}

impl Quantity {
    /// A plain number.
    #[must_use]
    pub fn number(amount: f64) -> Self {
        Self::of(amount, Dimension::NUMBER)
    }

    /// A ratio: `0.25` is 25 %.
    #[must_use]
    pub fn ratio(amount: f64) -> Self {
        Self {
            ratio: true,
            ..Self::number(amount)
        }
    }

    /// An amount of base units of a dimension without money.
    #[must_use]
    pub fn of(amount: f64, dimension: Dimension) -> Self {
        Self {
            amount,
            working_days: 0.0,
            dimension,
            currency: None,
            ratio: false,
        }
    }

    /// The sum. A ratio and a plain number add up to a plain number.
    ///
    /// # Errors
    /// Other dimensions or currencies.
    pub fn add(&self, other: &Self) -> Result<Self, QuantityError> {
        let currency = self.common_currency(*other)?;
        finite(Self {
            amount: self.amount + other.amount,
            working_days: self.working_days + other.working_days,
            dimension: self.dimension,
            currency,
            ratio: self.ratio && other.ratio,
        })
    }

    /// The difference, as [`Quantity::add`].
    ///
    /// # Errors
    /// Other dimensions or currencies.
    pub fn sub(&self, other: &Self) -> Result<Self, QuantityError> {
        self.add(&other.negate())
    }

    /// The product. Dimensions multiply. A ratio scaled by a number stays a ratio, and a growth
    /// over a time is one.
    ///
    /// # Errors
    /// A product of working time and anything but a number, or of two currencies.
    pub fn mul(&self, other: &Self) -> Result<Self, QuantityError> {
        let meaningless = || {
            QuantityError::Meaningless(format!(
                "{} times {}",
                self.dimension.name(),
                other.dimension.name()
            ))
        };
        let working = self.dimension.working != 0 || other.dimension.working != 0;
        let scaled = self.dimension == Dimension::NUMBER || other.dimension == Dimension::NUMBER;
        if working && !scaled {
            return Err(meaningless());
        }
        let dimension = self
            .dimension
            .times(other.dimension)
            .ok_or_else(meaningless)?;
        // With working time one factor is a number, so at most one of these two is not zero.
        let working_days = if dimension.working == 0 {
            0.0
        } else {
            self.working_days * other.amount + other.working_days * self.amount
        };
        // A scaled ratio stays one, and so does a growth over a time.
        let carries = |one: &Self, factor: &Self| {
            let scaled = factor.dimension == Dimension::NUMBER || dimension == Dimension::NUMBER;
            one.ratio && scaled
        };
        let ratio = carries(self, other) || carries(other, self);
        finite(Self {
            amount: self.amount * other.amount,
            working_days,
            dimension,
            currency: self.product_currency(*other, dimension)?,
            ratio,
        })
    }

    /// The quotient. Working times divide into a number when both are in days or both in hours:
    /// between the two stands a calendar.
    ///
    /// # Errors
    /// Division by zero or by working time of another kind, and currencies that differ.
    pub fn div(&self, other: &Self) -> Result<Self, QuantityError> {
        if other.amount == 0.0 && other.working_days == 0.0 {
            return Err(QuantityError::DivisionByZero);
        }
        let meaningless = || {
            QuantityError::Meaningless(format!(
                "{} divided by {}",
                self.dimension.name(),
                other.dimension.name()
            ))
        };
        if other.dimension.working != 0 {
            return self.working_ratio(*other).ok_or_else(meaningless);
        }
        let inverse = other.dimension.inverse().ok_or_else(meaningless)?;
        let dimension = self.dimension.times(inverse).ok_or_else(meaningless)?;
        if self.dimension.working != 0 && other.dimension != Dimension::NUMBER {
            return Err(meaningless());
        }
        let scaled = other.dimension == Dimension::NUMBER;
        let per_time =
            self.dimension == Dimension::NUMBER && other.dimension == Dimension::DURATION;
        let ratio = self.ratio && !other.ratio && (scaled || per_time);
        finite(Self {
            amount: self.amount / other.amount,
            working_days: self.working_days / other.amount,
            dimension,
            currency: self.product_currency(*other, dimension)?,
            ratio,
        })
    }

    /// With the other sign.
    #[must_use]
    pub fn negate(self) -> Self {
        Self {
            amount: -self.amount,
            working_days: -self.working_days,
            ..self
        }
    }

    /// Which of two is greater. Working days and working hours compare when one side has no
    /// less of both.
    ///
    /// # Errors
    /// Other dimensions or currencies, and working times between which a calendar decides.
    pub fn compare(&self, other: &Self) -> Result<Ordering, QuantityError> {
        self.common_currency(*other)?;
        let apart = || {
            QuantityError::Meaningless(format!(
                "comparing {self} with {other}, which depends on the calendar,"
            ))
        };
        let days = self
            .working_days
            .partial_cmp(&other.working_days)
            .ok_or_else(apart)?;
        let rest = self.amount.partial_cmp(&other.amount).ok_or_else(apart)?;
        match (days, rest) {
            (Ordering::Equal, one) | (one, Ordering::Equal) => Ok(one),
            (days, rest) if days == rest => Ok(days),
            _ => Err(apart()),
        }
    }

    fn working_ratio(self, other: Self) -> Option<Self> {
        if self.dimension != other.dimension {
            return None;
        }
        if self.working_days == 0.0 && other.working_days == 0.0 {
            return Some(Self::number(self.amount / other.amount));
        }
        (self.amount == 0.0 && other.amount == 0.0)
            .then(|| Self::number(self.working_days / other.working_days))
    }

    fn common_currency(self, other: Self) -> Result<Option<Currency>, QuantityError> {
        if self.dimension != other.dimension {
            let (left, right) = (self.dimension.name(), other.dimension.name());
            return Err(QuantityError::Dimensions(left, right));
        }
        self.either_currency(other)
    }

    fn product_currency(
        self,
        other: Self,
        dimension: Dimension,
    ) -> Result<Option<Currency>, QuantityError> {
        let currency = self.either_currency(other)?;
        Ok(currency.filter(|_| dimension.money != 0))
    }

    fn either_currency(self, other: Self) -> Result<Option<Currency>, QuantityError> {
        match (self.currency, other.currency) {
            (Some(left), Some(right)) if left != right => {
                Err(QuantityError::Currencies(left.code(), right.code()))
            }
            (left, right) => Ok(left.or(right)),
        }
    }
}

fn finite(quantity: Quantity) -> Result<Quantity, QuantityError> {
    if quantity.amount.is_finite() && quantity.working_days.is_finite() {
        Ok(quantity)
    } else {
        Err(QuantityError::Meaningless(
            "a number beyond what can be represented".to_owned(),
        ))
    }
}
