//! Distributions before their working days are known.
//!
//! `pert(2wh, 4wh, 2wd)` mixes working hours and working days; how long a working day is depends
//! on the calendar of the team that does the step. A [`Law`] keeps the quantities and resolves
//! them to a [`Distribution`] once the calendar is known.

use whimbrel_lang::{Dimension, Quantity, QuantityError};
use whimbrel_plan::{Distribution, DistributionError};

/// A certain quantity or a distribution of quantities of one dimension.
#[derive(Clone, Debug)]
pub(crate) enum Law {
    Certain(Quantity),
    /// One of the named laws, by its parameters.
    Named(Shape, Vec<Quantity>),
    /// Values and their chances.
    Discrete(Vec<(Quantity, f64)>),
    /// Measurements.
    Empirical(Vec<Quantity>),
    Shifted(Box<Law>, Quantity),
    /// Times a quantity; one of the two is a plain number.
    Scaled(Box<Law>, Quantity),
    Truncated(Box<Law>, Quantity, Quantity),
}

/// The named laws; parameters that are plain numbers (shapes) come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Uniform,
    Triangular,
    Pert,
    Normal,
    Lognormal,
    Exponential,
    Gamma,
    Weibull,
    Beta,
}

impl Shape {
    /// Parameters by name, and whether each has the dimension of the law (a shape has none).
    pub fn parameters(self) -> &'static [(&'static str, bool)] {
        match self {
            Self::Uniform => &[("low", true), ("high", true)],
            Self::Triangular | Self::Pert => &[("low", true), ("mode", true), ("high", true)],
            Self::Normal => &[("mean", true), ("sd", true)],
            Self::Lognormal => &[("p50", true), ("p90", true)],
            Self::Exponential => &[("mean", true)],
            Self::Gamma | Self::Weibull => &[("scale", true), ("shape", false)],
            Self::Beta => &[
                ("low", true),
                ("high", true),
                ("alpha", false),
                ("beta", false),
            ],
        }
    }

    /// The law of that name.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "uniform" => Self::Uniform,
            "triangular" => Self::Triangular,
            "pert" => Self::Pert,
            "normal" => Self::Normal,
            "lognormal" => Self::Lognormal,
            "exponential" => Self::Exponential,
            "gamma" => Self::Gamma,
            "weibull" => Self::Weibull,
            "beta" => Self::Beta,
            _ => return None,
        })
    }
}

impl Law {
    /// A quantity that carries the law's dimension and currency.
    pub fn sample(&self) -> Option<Quantity> {
        match self {
            Self::Certain(quantity) => Some(*quantity),
            Self::Named(_, parameters) => parameters.first().copied(),
            Self::Discrete(values) => values.first().map(|(value, _)| *value),
            Self::Empirical(values) => values.first().copied(),
            Self::Shifted(of, _) | Self::Truncated(of, ..) => of.sample(),
            Self::Scaled(of, by) => of.sample()?.mul(by).ok(),
        }
    }

    /// How many distributions it is made of.
    pub fn layers(&self) -> usize {
        match self {
            Self::Shifted(of, _) | Self::Scaled(of, _) | Self::Truncated(of, ..) => of.layers() + 1,
            _ => 1,
        }
    }

    /// Its dimension.
    pub fn dimension(&self) -> Dimension {
        self.sample()
            .map(|quantity| quantity.dimension)
            .unwrap_or_default()
    }

    /// What it is a distribution of.
    pub fn describe(&self) -> String {
        self.sample()
            .map_or_else(String::new, |quantity| quantity.dimension.name().to_owned())
    }

    /// `self + by`.
    ///
    /// # Errors
    /// When the dimensions differ.
    pub fn shift(self, by: Quantity) -> Result<Self, QuantityError> {
        if let Some(sample) = self.sample() {
            sample.add(&by)?;
        }
        Ok(Self::Shifted(Box::new(self), by))
    }

    /// The distribution in base units, with `hours` in a working day.
    pub fn resolve(&self, hours: f64) -> Result<Distribution, DistributionError> {
        let real = |quantity: &Quantity| quantity.amount + quantity.working_days * hours * 3600.0;
        match self {
            Self::Certain(quantity) => Ok(Distribution::constant(real(quantity))),
            Self::Named(shape, parameters) => {
                let values: Vec<f64> = parameters.iter().map(real).collect();
                named(*shape, &values)
            }
            Self::Discrete(values) => Distribution::discrete(
                values
                    .iter()
                    .map(|(value, chance)| (real(value), *chance))
                    .collect(),
            ),
            Self::Empirical(values) => Distribution::empirical(values.iter().map(real).collect()),
            Self::Shifted(of, by) => of.resolve(hours)?.shifted(real(by)),
            Self::Scaled(of, by) => of.resolve(hours)?.scaled(real(by)),
            Self::Truncated(of, low, high) => of.resolve(hours)?.truncated(real(low), real(high)),
        }
    }
}

fn named(shape: Shape, values: &[f64]) -> Result<Distribution, DistributionError> {
    match (shape, values) {
        (Shape::Uniform, [low, high]) => Distribution::uniform(*low, *high),
        (Shape::Triangular, [low, mode, high]) => Distribution::triangular(*low, *mode, *high),
        (Shape::Pert, [low, mode, high]) => Distribution::pert(*low, *mode, *high),
        (Shape::Normal, [mean, sd]) => Distribution::normal(*mean, *sd),
        (Shape::Lognormal, [p50, p90]) => Distribution::lognormal_quantiles(*p50, *p90),
        (Shape::Exponential, [mean]) => Distribution::exponential(*mean),
        (Shape::Gamma, [scale, shape]) => Distribution::gamma(*shape, *scale),
        (Shape::Weibull, [scale, shape]) => Distribution::weibull(*shape, *scale),
        (Shape::Beta, [low, high, alpha, beta]) => Distribution::beta(*alpha, *beta, *low, *high),
        _ => Err(DistributionError::Empty),
    }
}
