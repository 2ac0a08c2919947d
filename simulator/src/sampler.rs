//! Samplers: one uniform number to one value, increasing, for every law.
//!
//! Closed inverse distribution functions where there is one; beta, PERT and gamma through a table
//! of their inverse. `libm` only, so that every platform agrees.

use std::collections::{HashMap, HashSet};
use std::hint::select_unpredictable;
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use whimbrel_plan::Distribution;

use crate::table::Table;

/// Draws from one law.
#[derive(Clone, Debug)]
pub(crate) enum Sampler {
    Constant(f64),
    Triangular(Triangular),
    /// Closed inverses, taken from the law itself.
    Law(Distribution),
    Table {
        table: Arc<Table>,
        low: f64,
        range: f64,
    },
    Affine {
        of: Box<Sampler>,
        by: f64,
        plus: f64,
    },
    /// The uniform is squeezed into [start, start + span] first.
    Truncated {
        of: Box<Sampler>,
        start: f64,
        span: f64,
        low: f64,
        high: f64,
    },
}

/// The inverse of a triangular law.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Triangular {
    low: f64,
    high: f64,
    /// Share of probability below the mode.
    split: f64,
    /// range · (mode − low), range · (high − mode).
    rising: f64,
    falling: f64,
}

impl Triangular {
    /// The value at the uniform number `u`.
    #[inline(always)]
    pub(crate) fn sample(&self, u: f64) -> f64 {
        // Operands are selected, not branched on: a mispredicted branch costs more, and lanes have
        // no branches. A constant is cheaper to select than a number: 1 − u is |u − 1|.
        let below = u <= self.split;
        let tail = (u - select_unpredictable(below, 0.0, 1.0)).abs();
        let scale = select_unpredictable(below, self.rising, self.falling);
        let root = (tail * scale).sqrt();
        let sign = select_unpredictable(below, 0.0_f64, -0.0).to_bits();
        select_unpredictable(below, self.low, self.high) + f64::from_bits(root.to_bits() ^ sign)
    }
}

/// Makes samplers; laws of the same shape share a table.
#[derive(Debug, Default)]
pub(crate) struct Samplers {
    tables: HashMap<Shape, Arc<Table>>,
}

impl Samplers {
    pub(crate) fn make(&mut self, law: &Distribution) -> Sampler {
        if let Some((shape, low, range)) = Shape::of(law) {
            let table = self.tables.entry(shape).or_insert_with(|| shape.table());
            let table = Arc::clone(table);
            return Sampler::Table { table, low, range };
        }
        match law {
            Distribution::Constant { value } => Sampler::Constant(*value),
            Distribution::Triangular { low, mode, high } => Sampler::Triangular(Triangular {
                low: *low,
                high: *high,
                split: (mode - low) / (high - low),
                rising: (high - low) * (mode - low),
                falling: (high - low) * (high - mode),
            }),
            Distribution::Shifted { of, by } => self.affine(of, 1.0, *by),
            Distribution::Scaled { of, by } => self.affine(of, *by, 0.0),
            Distribution::Truncated { of, low, high } => {
                let start = of.below(*low);
                Sampler::Truncated {
                    of: Box::new(self.make(of)),
                    start,
                    span: of.cdf(*high) - start,
                    low: *low,
                    high: *high,
                }
            }
            law => Sampler::Law(law.clone()),
        }
    }

    fn affine(&mut self, of: &Distribution, by: f64, plus: f64) -> Sampler {
        Sampler::Affine {
            of: Box::new(self.make(of)),
            by,
            plus,
        }
    }

    /// Makes the tables that samplers of these laws need, side by side.
    pub(crate) fn prepare<'l>(&mut self, laws: impl Iterator<Item = &'l Distribution>) {
        let new = laws.filter_map(Shape::within);
        let new: HashSet<Shape> = new.filter(|it| !self.tables.contains_key(it)).collect();
        let made = new.into_par_iter().map(|shape| (shape, shape.table()));
        self.tables.extend(made.collect::<Vec<_>>());
    }
}

/// What laws that share a table have in common, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Shape {
    Beta { alpha: u64, beta: u64 },
    Gamma { shape: u64 },
}

impl Shape {
    /// Of a law, with where its values begin and how many times those of the shape they are; none
    /// where its inverse is closed.
    fn of(law: &Distribution) -> Option<(Self, f64, f64)> {
        let beta = |alpha: f64, beta: f64| Self::Beta {
            alpha: alpha.to_bits(),
            beta: beta.to_bits(),
        };
        match law {
            Distribution::Pert { low, mode, high } => {
                let range = high - low;
                let alpha = 1.0 + 4.0 * (mode - low) / range;
                let shape = beta(alpha, 1.0 + 4.0 * (high - mode) / range);
                Some((shape, *low, range))
            }
            Distribution::Beta {
                alpha,
                beta: b,
                low,
                high,
            } => Some((beta(*alpha, *b), *low, high - low)),
            Distribution::Gamma { shape, scale } => {
                let shape = shape.to_bits();
                Some((Self::Gamma { shape }, 0.0, *scale))
            }
            _ => None,
        }
    }

    /// Of a law, or of the law that it was made from.
    fn within(law: &Distribution) -> Option<Self> {
        match law {
            Distribution::Shifted { of, .. }
            | Distribution::Scaled { of, .. }
            | Distribution::Truncated { of, .. } => Self::within(of),
            law => Self::of(law).map(|(shape, ..)| shape),
        }
    }

    fn table(self) -> Arc<Table> {
        Arc::new(Table::new(&self.unit()))
    }

    /// The law of this shape on [0, 1], or of scale 1.
    fn unit(self) -> Distribution {
        match self {
            Self::Beta { alpha, beta } => Distribution::Beta {
                alpha: f64::from_bits(alpha),
                beta: f64::from_bits(beta),
                low: 0.0,
                high: 1.0,
            },
            Self::Gamma { shape } => Distribution::Gamma {
                shape: f64::from_bits(shape),
                scale: 1.0,
            },
        }
    }
}

impl Sampler {
    /// The value at the uniform number `u`.
    #[inline]
    pub(crate) fn sample(&self, u: f64) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Triangular(law) => law.sample(u),
            Self::Law(law) => law.quantile(u),
            Self::Table { table, low, range } => low + range * table.value(u),
            Self::Affine { of, by, plus } => of.sample(u) * by + plus,
            Self::Truncated {
                of,
                start,
                span,
                low,
                high,
            } => of.sample(start + u * span).clamp(*low, *high),
        }
    }
}

#[cfg(test)]
#[path = "sampler_tests.rs"]
mod tests;
