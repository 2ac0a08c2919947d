//! The exact interval of the difference of two chances, where few pairs of trials differ from the rest.

use super::{CHANCE, PairedFigure};
use crate::statistics::{Chances, chance_interval_with};

/// So few pairs apart from the rest are told from chance by no exact test: 2 · ½⁵ > 5 %.
const FEW: usize = 5;

/// In how many pairs of trials something happens under one plan only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    before_only: usize,
    after_only: usize,
    pairs: usize,
}

impl Counts {
    /// The interval that misses the difference of the two chances with `chance` at most: each of them
    /// lies in its own (Clopper and Pearson) that misses it with half of that.
    pub(super) fn interval(self, chance: f64) -> [f64; 2] {
        let of = |count| chance_interval_with(count, self.pairs, chance / 4.0);
        let ([was_low, was_high], [is_low, is_high]) = (of(self.before_only), of(self.after_only));
        [is_low - was_high, is_high - was_low]
    }

    /// The same with the plans in the other order.
    pub(super) fn turned(self) -> Self {
        Self {
            before_only: self.after_only,
            after_only: self.before_only,
            ..self
        }
    }
}

/// With the exact interval, where few pairs of trials differ from the rest, though not all are the same.
pub(super) fn exact(
    figure: PairedFigure,
    chances: [Chances; 2],
    [was, is]: &[Vec<f64>; 2],
) -> PairedFigure {
    let count = |of: fn(f64, f64) -> bool| {
        let pairs = was.iter().zip(is);
        pairs.filter(|(was, is)| of(**was, **is)).count()
    };
    let counts = Counts {
        before_only: count(|was, is| was > is),
        after_only: count(|was, is| was < is),
        pairs: was.len(),
    };
    let one_way = counts.before_only.max(counts.after_only);
    let apart = counts.before_only + counts.after_only;
    let few = (counts.pairs - one_way).min(apart) <= FEW;
    let certain = chances.iter().all(|side| side.certain);
    if certain || apart == 0 || !few {
        return figure;
    }
    PairedFigure {
        interval: Some(counts.interval(CHANCE)),
        constant: false,
        counts: Some(counts),
        ..figure
    }
}

#[cfg(test)]
mod tests {
    use super::super::chance;
    use super::*;

    /// Of chances seen in none or all of n trials the interval ends where that has the chance of a
    /// tail: 0.0125^(1/n), a quarter of five per cent.
    #[test]
    fn a_chance_that_no_trial_contradicts_has_an_exact_interval() {
        let side = |trials| Chances {
            trials,
            certain: false,
        };
        let of = |before: usize, after: usize, trials: usize| {
            let column = |hits: usize| (0..trials).map(move |at| f64::from(u8::from(at < hits)));
            let both = [before, after].map(|hits| column(hits).collect::<Vec<f64>>());
            chance("", [side(trials); 2], &both)
        };
        let root = |tail: f64| libm::pow(tail / 4.0, 1e-3);
        let figure = of(1_000, 0, 1_000);
        let [low, high] = figure.interval.unwrap();
        assert!(
            low == -1.0 && (high - (1.0 - 2.0 * root(0.05))).abs() < 1e-9,
            "{high}"
        );
        assert!(figure.is_real() && !figure.constant);
        let [_, high] = figure.interval_among(10).unwrap();
        assert!((high - (1.0 - 2.0 * root(0.005))).abs() < 1e-9, "{high}");
        let [low, high] = figure.turned().interval.unwrap();
        assert!(low > 0.99 && high == 1.0);
        // Five trials of a thousand could be chance, and none is no difference.
        assert!(!of(0, 5, 1_000).is_real() && of(0, 6, 1_000).is_real());
        assert!(of(3, 3, 1_000).is_nothing());
        // Ten of ten are no chance, two of two are.
        assert!(of(10, 0, 10).is_real() && !of(2, 0, 2).is_real());
    }
}
