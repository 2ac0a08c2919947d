//! Means: closed forms where there is one, quadrature for truncated laws without.

use super::Distribution;
use super::law::pert_shapes;
use super::special::{normal_cdf, normal_density};

/// Nodes (positive half) and weights of the ten-point Gauss–Legendre rule on [−1, 1]
/// (Abramowitz and Stegun, table 25.4).
const GAUSS: [(f64, f64); 5] = [
    (0.148_874_338_981_631_2, 0.295_524_224_714_752_87),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
];

/// Panels of the quadrature, each between two quantiles.
const PANELS: u32 = 64;

impl Distribution {
    /// The mean.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant { value } => *value,
            Self::Uniform { low, high } => f64::midpoint(*low, *high),
            Self::Triangular { low, mode, high } => (low + mode + high) / 3.0,
            Self::Pert { low, mode, high } => {
                let (alpha, beta) = pert_shapes(*low, *mode, *high);
                low + (high - low) * alpha / (alpha + beta)
            }
            Self::Normal { mean, sd } => normal_mean(*mean, *sd, 0.0, f64::INFINITY),
            Self::Lognormal { mu, sigma } => libm::exp(mu + 0.5 * sigma * sigma),
            Self::Exponential { mean } => *mean,
            Self::Gamma { shape, scale } => shape * scale,
            Self::Weibull { shape, scale } => scale * libm::tgamma(1.0 + 1.0 / shape),
            Self::Beta {
                alpha,
                beta,
                low,
                high,
            } => low + (high - low) * alpha / (alpha + beta),
            Self::Discrete { values } => values.iter().map(|(value, chance)| value * chance).sum(),
            Self::Empirical { values } => weighted_mean(values.iter().map(|value| (*value, 1.0))),
            Self::Shifted { of, by } => of.mean() + by,
            Self::Scaled { of, by } => of.mean() * by,
            Self::Truncated { of, low, high } => of.mean_between(*low, *high),
        }
    }

    /// E[X | low ≤ X ≤ high].
    fn mean_between(&self, low: f64, high: f64) -> f64 {
        let kept = |value: f64| low <= value && value <= high;
        match self {
            Self::Constant { value } => *value,
            Self::Uniform { low: a, high: b } => f64::midpoint(a.max(low), b.min(high)),
            Self::Normal { mean, sd } => normal_mean(*mean, *sd, low.max(0.0), high),
            Self::Discrete { values } => {
                weighted_mean(values.iter().copied().filter(|(value, _)| kept(*value)))
            }
            Self::Empirical { values } => weighted_mean(
                values
                    .iter()
                    .filter(|value| kept(**value))
                    .map(|value| (*value, 1.0)),
            ),
            Self::Shifted { of, by } => of.mean_between(low - by, high - by) + by,
            Self::Scaled { of, by } => of.mean_between(low / by, high / by) * by,
            Self::Truncated {
                of,
                low: a,
                high: b,
            } => of.mean_between(low.max(*a), high.min(*b)),
            _ => self.mean_by_quadrature(low, high),
        }
    }

    /// E = least + ∫ P(X > x) dx over the kept range, panel by panel between quantiles so that
    /// long tails get as many nodes as the body.
    fn mean_by_quadrature(&self, low: f64, high: f64) -> f64 {
        let (start, end) = (self.below(low), self.cdf(high));
        let survival = |x: f64| ((end - self.cdf(x)) / (end - start)).clamp(0.0, 1.0);
        let least = low.max(self.support().0);
        let greatest = high.min(self.quantile(1.0 - 1e-15));
        let mut mean = least;
        let mut from = least;
        for panel in 1..=PANELS {
            let share = f64::from(panel) / f64::from(PANELS);
            let to = if panel == PANELS {
                greatest
            } else {
                self.quantile(start + share * (end - start))
                    .clamp(from, greatest)
            };
            mean += integrate(&survival, from, to);
            from = to;
        }
        mean
    }
}

fn integrate(f: &impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
    let (centre, half) = (f64::midpoint(from, to), 0.5 * (to - from));
    let sum: f64 = GAUSS
        .iter()
        .map(|(node, weight)| weight * (f(centre - half * node) + f(centre + half * node)))
        .sum();
    half * sum
}

/// Mean of a normal law truncated to [low, high]: μ + σ (φ(a) − φ(b)) / (Φ(b) − Φ(a)).
fn normal_mean(mean: f64, sd: f64, low: f64, high: f64) -> f64 {
    let (a, b) = ((low - mean) / sd, (high - mean) / sd);
    let kept = normal_cdf(-a) - normal_cdf(-b);
    mean + sd * (normal_density(a) - normal_density(b)) / kept
}

fn weighted_mean(values: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (sum, weight) = values.fold((0.0, 0.0), |(sum, weight), (value, w)| {
        (sum + value * w, weight + w)
    });
    sum / weight
}
