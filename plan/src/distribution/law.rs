//! Distribution functions, quantiles and supports.

use super::Distribution;
use super::special::{
    beta_cdf, beta_quantile, gamma_cdf, gamma_quantile, normal_cdf, normal_quantile,
};

/// The two shapes of the beta distribution behind a PERT.
pub(super) fn pert_shapes(low: f64, mode: f64, high: f64) -> (f64, f64) {
    let range = high - low;
    (
        1.0 + 4.0 * (mode - low) / range,
        1.0 + 4.0 * (high - mode) / range,
    )
}

impl Distribution {
    /// P(X ≤ x).
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        self.mass_up_to(x, true)
    }

    /// P(X < x), which differs from [`Distribution::cdf`] where single values have a chance.
    #[must_use]
    pub fn below(&self, x: f64) -> f64 {
        self.mass_up_to(x, false)
    }

    fn mass_up_to(&self, x: f64, included: bool) -> f64 {
        let up_to = |value: f64| value < x || (included && value == x);
        match self {
            Self::Constant { value } => f64::from(u8::from(up_to(*value))),
            Self::Uniform { low, high } => ((x - low) / (high - low)).clamp(0.0, 1.0),
            Self::Triangular { low, mode, high } => triangular_cdf(*low, *mode, *high, x),
            Self::Pert { low, mode, high } => {
                let (alpha, beta) = pert_shapes(*low, *mode, *high);
                beta_cdf(alpha, beta, (x - low) / (high - low))
            }
            Self::Normal { mean, sd } => {
                if x <= 0.0 {
                    return 0.0;
                }
                let kept = normal_cdf(mean / sd);
                1.0 - normal_cdf((mean - x) / sd) / kept
            }
            Self::Lognormal { mu, sigma } => {
                if x <= 0.0 {
                    return 0.0;
                }
                normal_cdf((libm::log(x) - mu) / sigma)
            }
            Self::Exponential { mean } => -libm::expm1(-x.max(0.0) / mean),
            Self::Gamma { shape, scale } => gamma_cdf(*shape, x / scale),
            Self::Weibull { shape, scale } => -libm::expm1(-libm::pow(x.max(0.0) / scale, *shape)),
            Self::Beta {
                alpha,
                beta,
                low,
                high,
            } => beta_cdf(*alpha, *beta, (x - low) / (high - low)),
            Self::Discrete { values } => values
                .iter()
                .filter(|(value, _)| up_to(*value))
                .map(|(_, chance)| chance)
                .sum::<f64>()
                .min(1.0),
            Self::Empirical { values } => {
                ratio(values.partition_point(|value| up_to(*value)), values.len())
            }
            Self::Shifted { of, by } => of.mass_up_to(x - by, included),
            Self::Scaled { of, by } => of.mass_up_to(x / by, included),
            Self::Truncated { of, low, high } => {
                if x > *high || (included && x == *high) {
                    return 1.0;
                }
                let (start, end) = (of.below(*low), of.cdf(*high));
                ((of.mass_up_to(x, included) - start) / (end - start)).clamp(0.0, 1.0)
            }
        }
    }

    /// The least x with P(X ≤ x) ≥ p; the ends of the support at 0 and 1.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        let p = p.clamp(0.0, 1.0);
        match self {
            Self::Constant { value } => *value,
            Self::Uniform { low, high } => low + p * (high - low),
            Self::Triangular { low, mode, high } => triangular_quantile(*low, *mode, *high, p),
            Self::Pert { low, mode, high } => {
                let (alpha, beta) = pert_shapes(*low, *mode, *high);
                low + (high - low) * beta_quantile(alpha, beta, p)
            }
            Self::Normal { mean, sd } => {
                if p == 0.0 {
                    return 0.0;
                }
                let kept = normal_cdf(mean / sd);
                (mean - sd * normal_quantile((1.0 - p) * kept)).max(0.0)
            }
            Self::Lognormal { mu, sigma } => libm::exp(mu + sigma * normal_quantile(p)),
            Self::Exponential { mean } => -mean * libm::log1p(-p),
            Self::Gamma { shape, scale } => scale * gamma_quantile(*shape, p),
            Self::Weibull { shape, scale } => scale * libm::pow(-libm::log1p(-p), 1.0 / shape),
            Self::Beta {
                alpha,
                beta,
                low,
                high,
            } => low + (high - low) * beta_quantile(*alpha, *beta, p),
            Self::Discrete { values } => discrete_quantile(values, p),
            Self::Empirical { values } => empirical_quantile(values, p),
            Self::Shifted { of, by } => of.quantile(p) + by,
            Self::Scaled { of, by } => of.quantile(p) * by,
            Self::Truncated { of, low, high } => {
                let (start, end) = (of.below(*low), of.cdf(*high));
                of.quantile(start + p * (end - start)).clamp(*low, *high)
            }
        }
    }

    /// The least and the greatest value, infinite where there is none.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        match self {
            Self::Constant { value } => (*value, *value),
            Self::Uniform { low, high }
            | Self::Triangular { low, high, .. }
            | Self::Pert { low, high, .. }
            | Self::Beta { low, high, .. } => (*low, *high),
            Self::Normal { .. }
            | Self::Lognormal { .. }
            | Self::Exponential { .. }
            | Self::Gamma { .. }
            | Self::Weibull { .. } => (0.0, f64::INFINITY),
            Self::Discrete { values } => ends(values.iter().map(|(value, _)| *value)),
            Self::Empirical { values } => ends(values.iter().copied()),
            Self::Shifted { of, by } => {
                let (low, high) = of.support();
                (low + by, high + by)
            }
            Self::Scaled { of, by } => {
                let (low, high) = of.support();
                (low * by, high * by)
            }
            Self::Truncated { of, low, high } => {
                let (least, greatest) = of.support();
                (least.max(*low), greatest.min(*high))
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of values in memory")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

fn triangular_cdf(low: f64, mode: f64, high: f64, x: f64) -> f64 {
    if x <= low {
        0.0
    } else if x >= high {
        1.0
    } else if x <= mode {
        (x - low) * (x - low) / ((high - low) * (mode - low))
    } else {
        1.0 - (high - x) * (high - x) / ((high - low) * (high - mode))
    }
}

fn triangular_quantile(low: f64, mode: f64, high: f64, p: f64) -> f64 {
    let range = high - low;
    if p * range <= mode - low {
        low + (p * range * (mode - low)).sqrt()
    } else {
        high - ((1.0 - p) * range * (high - mode)).sqrt()
    }
}

fn discrete_quantile(values: &[(f64, f64)], p: f64) -> f64 {
    let mut sum = 0.0;
    for (value, chance) in values {
        sum += chance;
        if p <= sum {
            return *value;
        }
    }
    values.last().map_or(f64::NAN, |(value, _)| *value)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "p lies in 0..=1, so the product is a position in a vector"
)]
fn empirical_quantile(values: &[f64], p: f64) -> f64 {
    let position = (p * values.len() as f64).ceil() as usize;
    let last = values.len().saturating_sub(1);
    values
        .get(position.saturating_sub(1).min(last))
        .copied()
        .unwrap_or(f64::NAN)
}
