//! A table of an inverse distribution function: cubic Hermite pieces on a grid that halves towards
//! both ends, so that tails are as exact as the body. Beyond the grid the law itself answers.

use std::hint::select_unpredictable;

use whimbrel_plan::Distribution;

/// The grid reaches 2⁻²⁰ of probability at either end.
const OCTAVES: usize = 20;
/// Pieces per halving; their relative error is a few times (1 / 16)⁴ / 384.
const PIECES: usize = 16;

/// Knots of one side.
const KNOTS: usize = OCTAVES * PIECES + 1;

#[derive(Clone, Copy, Debug)]
struct Knot {
    value: f64,
    slope: f64,
}

/// The inverse of one law.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    law: Distribution,
    /// Of the lower side, then of the upper one.
    knots: Vec<Knot>,
}

/// The tail probability at a knot: 2^(octave − 1 − `OCTAVES`) · (1 + piece / `PIECES`), so that
/// the last knot is one half.
fn tail(knot: usize) -> f64 {
    let (octave, piece) = (knot / PIECES, knot % PIECES);
    power_of_two(octave) * (1.0 + piece_share(piece))
}

#[expect(clippy::cast_precision_loss, reason = "at most 16")]
fn piece_share(piece: usize) -> f64 {
    piece as f64 / PIECES as f64
}

fn power_of_two(octave: usize) -> f64 {
    let mut power = 0.5;
    for _ in octave..OCTAVES {
        power *= 0.5;
    }
    power
}

impl Table {
    pub(crate) fn new(law: &Distribution) -> Self {
        let lower = side(law, |v| law.quantile(v), 1.0);
        let upper = side(law, |v| law.quantile(1.0 - v), -1.0);
        Self {
            law: law.clone(),
            knots: [lower, upper].concat(),
        }
    }

    /// The value at `u`.
    #[inline(always)]
    pub(crate) fn value(&self, u: f64) -> f64 {
        // Exponent and first bits of the mantissa count pieces from the first knot.
        const FIRST: usize = (1023 - 1 - OCTAVES) * PIECES;
        let upper = u > 0.5;
        // Selected, not branched on: which side it is nobody can predict.
        let v = select_unpredictable(upper, 1.0 - u, u);
        let Some(piece) = ((v.to_bits() >> 48) as usize).checked_sub(FIRST) else {
            return self.law.quantile(u);
        };
        let piece = piece.min(KNOTS - 2);
        let first = piece + select_unpredictable(upper, KNOTS, 0);
        let Some([left, right]) = self.knots.get(first..first + 2) else {
            return self.law.quantile(u);
        };
        let position = (FIRST + piece) as u64;
        let start = f64::from_bits(position << 48);
        // A sixteenth of the power of two below, and one over it: both are exact.
        let exponent = position / PIECES as u64;
        let width = f64::from_bits((exponent - 4) << 52);
        let t = (v - start) * f64::from_bits((2 * 1023 + 4 - exponent) << 52);
        let (a, b) = (left.slope * width, right.slope * width);
        let rise = right.value - left.value;
        let square = t * t;
        left.value + t * a + square * (3.0 * rise - 2.0 * a - b) + square * t * (a + b - 2.0 * rise)
    }
}

/// The knots of one side; `sign` is the direction in which values go as the tail grows.
fn side(law: &Distribution, at: impl Fn(f64) -> f64, sign: f64) -> Vec<Knot> {
    let values: Vec<f64> = (0..KNOTS).map(|knot| at(tail(knot))).collect();
    let knots = values.iter().enumerate().map(|(knot, &value)| {
        let next = values
            .get(knot + 1)
            .or(knot.checked_sub(1).and_then(|k| values.get(k)));
        let width = next.map_or(value, |next| (next - value).abs());
        Knot {
            value,
            slope: sign * slope(law, value, width),
        }
    });
    knots.collect()
}

/// The derivative of the inverse: one over the density, by a central difference of the
/// distribution function around `value`, a thousandth of the distance to the next knot wide.
fn slope(law: &Distribution, value: f64, width: f64) -> f64 {
    let h = 1e-3 * width;
    2.0 * h / (law.cdf(value + h) - law.cdf(value - h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_inverse_to_six_digits() {
        for law in [
            Distribution::beta(2.0, 4.0, 0.0, 1.0).unwrap(),
            Distribution::beta(0.5, 0.5, 0.0, 1.0).unwrap(),
            Distribution::beta(1.0, 5.0, 0.0, 1.0).unwrap(),
            Distribution::gamma(0.5, 1.0).unwrap(),
            Distribution::gamma(30.0, 1.0).unwrap(),
        ] {
            let table = Table::new(&law);
            for i in 0..2000 {
                let v = 0.5 * libm::exp(-f64::from(i) / 100.0);
                for u in [v, 1.0 - v] {
                    let (exact, found) = (law.quantile(u), table.value(u));
                    assert!(
                        (exact - found).abs() <= 1e-6 * exact,
                        "{law:?} {u}: {exact} {found}"
                    );
                }
            }
        }
    }
}
