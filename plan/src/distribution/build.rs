//! Validating constructors. Equal bounds make a [`Distribution::Constant`].

use super::special::{normal_cdf, normal_quantile};
use super::{Distribution, DistributionError};

/// How far from 1 a sum of chances may be and still be taken for rounding.
const CHANCE_TOLERANCE: f64 = 1e-9;

type Built = Result<Distribution, DistributionError>;

fn finite(name: &'static str, value: f64) -> Result<f64, DistributionError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(DistributionError::NotFinite(name))
    }
}

fn positive(name: &'static str, value: f64) -> Result<f64, DistributionError> {
    if finite(name, value)? > 0.0 {
        Ok(value)
    } else {
        Err(DistributionError::NotPositive(name, value))
    }
}

fn ascending(low: f64, high: f64) -> Result<(), DistributionError> {
    if low <= high {
        Ok(())
    } else {
        Err(DistributionError::Order(low, high))
    }
}

fn three_points(low: f64, mode: f64, high: f64) -> Result<(), DistributionError> {
    finite("low", low)?;
    finite("mode", mode)?;
    finite("high", high)?;
    ascending(low, mode)?;
    ascending(mode, high)
}

impl Distribution {
    /// Uniform on [low, high].
    ///
    /// # Errors
    /// When a bound is not finite or they descend.
    pub fn uniform(low: f64, high: f64) -> Built {
        three_points(low, low, high)?;
        Ok(if low < high {
            Self::Uniform { low, high }
        } else {
            Self::constant(low)
        })
    }

    /// Triangular with its most likely value.
    ///
    /// # Errors
    /// When a parameter is not finite or they descend.
    pub fn triangular(low: f64, mode: f64, high: f64) -> Built {
        three_points(low, mode, high)?;
        Ok(if low < high {
            Self::Triangular { low, mode, high }
        } else {
            Self::constant(low)
        })
    }

    /// PERT with shape 4.
    ///
    /// # Errors
    /// When a parameter is not finite or they descend.
    pub fn pert(low: f64, mode: f64, high: f64) -> Built {
        three_points(low, mode, high)?;
        Ok(if low < high {
            Self::Pert { low, mode, high }
        } else {
            Self::constant(low)
        })
    }

    /// Normal truncated at zero; the parameters are those before truncation.
    ///
    /// # Errors
    /// When a parameter is not finite, `sd` is negative, or (nearly) nothing lies above zero.
    pub fn normal(mean: f64, sd: f64) -> Built {
        finite("mean", mean)?;
        if finite("sd", sd)? == 0.0 && mean >= 0.0 {
            return Ok(Self::constant(mean));
        }
        positive("sd", sd)?;
        if normal_cdf(mean / sd) < 1e-200 {
            return Err(DistributionError::NothingKept(0.0, f64::INFINITY));
        }
        Ok(Self::Normal { mean, sd })
    }

    /// Lognormal from the parameters of the logarithm.
    ///
    /// # Errors
    /// When a parameter is not finite or `sigma` is negative.
    pub fn lognormal(mu: f64, sigma: f64) -> Built {
        finite("mu", mu)?;
        if finite("sigma", sigma)? == 0.0 {
            return Ok(Self::constant(libm::exp(mu)));
        }
        positive("sigma", sigma)?;
        Ok(Self::Lognormal { mu, sigma })
    }

    /// Lognormal from its median and its 90th percentile: μ = ln p50, σ = ln(p90 / p50) / z₀.₉.
    ///
    /// # Errors
    /// When a quantile is not above zero or they descend.
    pub fn lognormal_quantiles(p50: f64, p90: f64) -> Built {
        positive("p50", p50)?;
        positive("p90", p90)?;
        ascending(p50, p90)?;
        if p50 >= p90 {
            return Ok(Self::constant(p50));
        }
        Self::lognormal(libm::log(p50), libm::log(p90 / p50) / normal_quantile(0.9))
    }

    /// Exponential with mean `mean`.
    ///
    /// # Errors
    /// When the mean is not above zero.
    pub fn exponential(mean: f64) -> Built {
        positive("mean", mean)?;
        Ok(Self::Exponential { mean })
    }

    /// Gamma with mean shape · scale.
    ///
    /// # Errors
    /// When a parameter is not above zero.
    pub fn gamma(shape: f64, scale: f64) -> Built {
        positive("shape", shape)?;
        positive("scale", scale)?;
        Ok(Self::Gamma { shape, scale })
    }

    /// Weibull with survival exp(−(x / scale)^shape).
    ///
    /// # Errors
    /// When a parameter is not above zero.
    pub fn weibull(shape: f64, scale: f64) -> Built {
        positive("shape", shape)?;
        positive("scale", scale)?;
        Ok(Self::Weibull { shape, scale })
    }

    /// Beta(alpha, beta) stretched to [low, high].
    ///
    /// # Errors
    /// When a shape is not above zero or the bounds descend.
    pub fn beta(alpha: f64, beta: f64, low: f64, high: f64) -> Built {
        positive("alpha", alpha)?;
        positive("beta", beta)?;
        three_points(low, low, high)?;
        Ok(if low < high {
            Self::Beta {
                alpha,
                beta,
                low,
                high,
            }
        } else {
            Self::constant(low)
        })
    }

    /// Finitely many values with their chances: sorted, equal values merged, impossible ones
    /// dropped, and the sum brought to exactly 1 where it is off by rounding only (1e-9).
    ///
    /// # Errors
    /// When there are none, one is not finite, or the chances are no chances.
    pub fn discrete(mut values: Vec<(f64, f64)>) -> Built {
        if values.is_empty() {
            return Err(DistributionError::Empty);
        }
        let sum: f64 = values.iter().map(|(_, chance)| chance).sum();
        let proper = values
            .iter()
            .all(|(_, chance)| (0.0..=1.0).contains(chance));
        if !proper || (sum - 1.0).abs() > CHANCE_TOLERANCE {
            return Err(DistributionError::Chances(sum));
        }
        for (value, chance) in &mut values {
            finite("value", *value)?;
            *chance /= sum;
        }
        values.retain(|(_, chance)| *chance > 0.0);
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        values.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        Ok(match values.as_slice() {
            [(value, _)] => Self::constant(*value),
            _ => Self::Discrete { values },
        })
    }

    /// Past measurements, each as likely as the others.
    ///
    /// # Errors
    /// When there are none or one is not finite.
    pub fn empirical(mut values: Vec<f64>) -> Built {
        if values.is_empty() {
            return Err(DistributionError::Empty);
        }
        for value in &values {
            finite("value", *value)?;
        }
        values.sort_by(f64::total_cmp);
        Ok(match (values.first(), values.last()) {
            (Some(low), Some(high)) if low == high => Self::constant(*low),
            _ => Self::Empirical { values },
        })
    }

    /// This law moved by `by`.
    ///
    /// # Errors
    /// When `by` is not finite.
    pub fn shifted(self, by: f64) -> Built {
        finite("by", by)?;
        Ok(match self {
            Self::Constant { value } => Self::constant(value + by),
            of => Self::Shifted {
                of: Box::new(of),
                by,
            },
        })
    }

    /// This law multiplied by `by`.
    ///
    /// # Errors
    /// When `by` is not above zero.
    pub fn scaled(self, by: f64) -> Built {
        positive("by", by)?;
        Ok(match self {
            Self::Constant { value } => Self::constant(value * by),
            of => Self::Scaled {
                of: Box::new(of),
                by,
            },
        })
    }

    /// This law conditioned on lying in [low, high].
    ///
    /// # Errors
    /// When the bounds are not finite or descend, or the law has (nearly) nothing between them.
    pub fn truncated(self, low: f64, high: f64) -> Built {
        three_points(low, low, high)?;
        if self.cdf(high) - self.below(low) < 1e-12 {
            return Err(DistributionError::NothingKept(low, high));
        }
        Ok(match self {
            constant @ Self::Constant { .. } => constant,
            of => Self::Truncated {
                of: Box::new(of),
                low,
                high,
            },
        })
    }

    /// Checks that no value is negative, for what cannot be.
    ///
    /// # Errors
    /// When the least value is below zero.
    pub fn require_non_negative(&self) -> Result<(), DistributionError> {
        let (low, _) = self.support();
        if low < 0.0 {
            Err(DistributionError::Negative(low))
        } else {
            Ok(())
        }
    }
}
