//! A table of an inverse distribution function: cubic Hermite pieces on a grid that halves towards
//! both ends, so that tails are as exact as the body. Beyond the grid the law itself answers.

use whimbrel_plan::Distribution;

/// The grid reaches 2⁻²⁰ of probability at either end.
const OCTAVES: usize = 20;
/// Pieces per halving; their relative error is a few times (1 / 16)⁴ / 384.
const PIECES: usize = 16;

/// Values at the grid of one side.
#[derive(Clone, Debug)]
struct Side {
    knots: Vec<Knot>,
}

#[derive(Clone, Copy, Debug)]
struct Knot {
    value: f64,
    slope: f64,
}

/// The inverse of one law.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    law: Distribution,
    lower: Side,
    upper: Side,
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
        Self {
            law: law.clone(),
            lower: Side::new(law, |v| law.quantile(v), 1.0),
            upper: Side::new(law, |v| law.quantile(1.0 - v), -1.0),
        }
    }

    /// The value at `u`.
    #[inline]
    pub(crate) fn value(&self, u: f64) -> f64 {
        let upper = u > 0.5;
        let (side, v) = if upper {
            (&self.upper, 1.0 - u)
        } else {
            (&self.lower, u)
        };
        match side.value(v) {
            Some(value) => value,
            None => self.law.quantile(u),
        }
    }
}

impl Side {
    /// `sign` is the direction in which values go as the tail grows.
    fn new(law: &Distribution, at: impl Fn(f64) -> f64, sign: f64) -> Self {
        let values: Vec<f64> = (0..=OCTAVES * PIECES).map(|knot| at(tail(knot))).collect();
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
        Self {
            knots: knots.collect(),
        }
    }

    /// The value where the tail probability is `v`; none below the grid.
    #[inline]
    fn value(&self, v: f64) -> Option<f64> {
        // Exponent and first bits of the mantissa count pieces from the first knot.
        const FIRST: usize = (1023 - 1 - OCTAVES) * PIECES;
        let piece = usize::try_from(v.to_bits() >> 48)
            .ok()?
            .checked_sub(FIRST)?;
        let [left, right] = self.knots.get(piece..piece + 2)? else {
            return self.knots.get(piece).map(|knot| knot.value);
        };
        let start = f64::from_bits(v.to_bits() >> 48 << 48);
        let width = f64::from_bits(((v.to_bits() >> 48) + 1) << 48) - start;
        let t = (v - start) / width;
        let (a, b) = (left.slope * width, right.slope * width);
        let rise = right.value - left.value;
        let square = t * t;
        Some(
            left.value
                + t * a
                + square * (3.0 * rise - 2.0 * a - b)
                + square * t * (a + b - 2.0 * rise),
        )
    }
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
