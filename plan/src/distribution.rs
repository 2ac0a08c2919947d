//! Distributions as data: parameters, validation, moments and quantiles.
//!
//! The simulator draws from them; the compiler asks for means and quantiles. What they are
//! distributions *of* (seconds, a factor) is said by the field that holds them. Constructors treat
//! equal bounds (and a zero spread between quantiles) as a certain value.

mod build;
mod law;
mod mean;
mod special;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A distribution of a real quantity.
///
/// Build one through its validating constructor; the variants are public to be matched on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Distribution {
    /// Certain.
    Constant {
        /// The value.
        value: f64,
    },
    /// Uniform on [low, high].
    Uniform {
        /// Least value.
        low: f64,
        /// Greatest value.
        high: f64,
    },
    /// Triangular.
    Triangular {
        /// Least value.
        low: f64,
        /// Most likely value.
        mode: f64,
        /// Greatest value.
        high: f64,
    },
    /// PERT: a beta distribution on [low, high] with shape 4 and mean (low + 4·mode + high) / 6.
    Pert {
        /// Least value.
        low: f64,
        /// Most likely value.
        mode: f64,
        /// Greatest value.
        high: f64,
    },
    /// Normal with the parameters of the untruncated law, truncated at zero.
    Normal {
        /// Mean before truncation.
        mean: f64,
        /// Standard deviation before truncation.
        sd: f64,
    },
    /// Lognormal: exp(μ + σZ).
    Lognormal {
        /// μ, the mean of the logarithm.
        mu: f64,
        /// σ, the standard deviation of the logarithm.
        sigma: f64,
    },
    /// Exponential.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Gamma with mean shape · scale.
    Gamma {
        /// Shape.
        shape: f64,
        /// Scale.
        scale: f64,
    },
    /// Weibull with survival exp(−(x / scale)^shape).
    Weibull {
        /// Shape.
        shape: f64,
        /// Scale.
        scale: f64,
    },
    /// Beta(alpha, beta) stretched to [low, high].
    Beta {
        /// First shape.
        alpha: f64,
        /// Second shape.
        beta: f64,
        /// Least value.
        low: f64,
        /// Greatest value.
        high: f64,
    },
    /// Finitely many values with their chances, values ascending, chances summing to 1.
    Discrete {
        /// (value, chance) pairs.
        values: Vec<(f64, f64)>,
    },
    /// Past measurements, resampled; ascending.
    Empirical {
        /// The measurements.
        values: Vec<f64>,
    },
    /// `of` moved by `by`.
    Shifted {
        /// The law moved.
        of: Box<Distribution>,
        /// By how much.
        by: f64,
    },
    /// `of` multiplied by `by`, which is positive.
    Scaled {
        /// The law scaled.
        of: Box<Distribution>,
        /// The factor.
        by: f64,
    },
    /// `of` conditioned on lying in [low, high].
    Truncated {
        /// The law truncated.
        of: Box<Distribution>,
        /// Least value kept.
        low: f64,
        /// Greatest value kept.
        high: f64,
    },
}

/// Why parameters do not make a distribution.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum DistributionError {
    /// Bounds or mode out of order.
    #[error("the parameters must ascend, but {0} is above {1}")]
    Order(f64, f64),
    /// A parameter that must be positive is not.
    #[error("`{0}` must be above zero, found {1}")]
    NotPositive(&'static str, f64),
    /// A parameter is not finite.
    #[error("`{0}` must be a finite number")]
    NotFinite(&'static str),
    /// No values at all.
    #[error("at least one value is needed")]
    Empty,
    /// Chances out of range or with a wrong sum.
    #[error("the chances must lie between 0 and 1 and sum to 1, found a sum of {0}")]
    Chances(f64),
    /// A truncation that keeps nothing.
    #[error("no probability lies between {0} and {1}")]
    NothingKept(f64, f64),
    /// A quantity that cannot be negative may become so.
    #[error("the least value is {0}, and a negative one makes no sense here")]
    Negative(f64),
}

impl Distribution {
    /// A certain value.
    #[must_use]
    pub fn constant(value: f64) -> Self {
        Self::Constant { value }
    }

    /// Whether there is nothing uncertain about it.
    #[must_use]
    pub fn is_certain(&self) -> bool {
        match self {
            Self::Constant { .. } => true,
            Self::Shifted { of, .. } | Self::Scaled { of, .. } => of.is_certain(),
            _ => false,
        }
    }
}
