//! Numbers with units: literals, dimensions, arithmetic.
//!
//! Base units: seconds, bytes, the currency's unit. A month is 30.4375 days, a year 365.25.
//! Working time is a dimension of its own: how long a working day is depends on a calendar, so
//! working hours (as seconds) and working days are kept apart until the calendar is known.

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
