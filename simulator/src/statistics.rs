//! Means, order statistics and their Monte Carlo error.
//!
//! A quantile is the order statistic ⌈np⌉. Its 95 % interval runs between two order statistics
//! whose ranks come from the exact binomial law; where n is too small for one there is none. Sums
//! run in trial order, block by block, so that they never depend on threads.

mod ordered;

use std::borrow::Cow;

use whimbrel_plan::Distribution;

use ordered::{Ordered, extremes};

use crate::estimates::{Histogram, Summary, SummaryError};
use crate::outcomes::Figures;

/// Trials whose sum is taken before it is added to the rest.
pub(crate) const BLOCK: usize = 256;
/// Bins of a histogram.
const BINS: usize = 24;
/// The percentiles of a summary.
const PERCENTS: [usize; 9] = [5, 10, 25, 50, 75, 80, 90, 95, 99];
/// Two-sided 95 % of the normal law.
const Z: f64 = 1.959_963_984_540_054;

/// Ranks (from 1) of the 95 % intervals of [`PERCENTS`], for one n.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranks([Option<(usize, usize)>; PERCENTS.len()]);

impl Ranks {
    pub(crate) fn new(n: usize) -> Self {
        Self(PERCENTS.map(|percent| interval_ranks(n, number(percent) / 100.0)))
    }

    /// All ranks that a summary of `n` values is made of, rising.
    fn all(&self, n: usize) -> Vec<usize> {
        let quantiles = PERCENTS.map(|percent| rank(n, percent)).into_iter();
        let ends = self.0.into_iter().flatten();
        let mut all: Vec<usize> = ends
            .flat_map(|(low, high)| [low, high])
            .chain(quantiles)
            .collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// P(Bin(n, p) ≤ k) by the incomplete beta function.
pub(crate) fn binomial_cdf(n: usize, p: f64, k: usize) -> f64 {
    if k >= n {
        return 1.0;
    }
    let law = Distribution::Beta {
        alpha: number(n - k),
        beta: number(k + 1),
        low: 0.0,
        high: 1.0,
    };
    law.cdf(1.0 - p)
}

/// The ranks l < u with P(fewer than l below the quantile) ≤ 2.5 % and P(u or more) ≤ 2.5 %.
pub(crate) fn interval_ranks(n: usize, p: f64) -> Option<(usize, usize)> {
    let normal = |z: f64| number(n) * p + z * (number(n) * p * (1.0 - p)).sqrt();
    let lower = least(n, normal(-Z), |k| binomial_cdf(n, p, k) > 0.025);
    let upper = least(n, normal(Z), |k| binomial_cdf(n, p, k) >= 0.975) + 1;
    (lower >= 1 && upper <= n).then_some((lower, upper))
}

/// The least number that `holds`, which `n` does and all that are greater than another that does; it
/// is searched for around `guess`, in steps that double.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "cut to the numbers there are"
)]
fn least(n: usize, guess: f64, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high, mut step) = (0, n, 1);
    let mut at = (guess.max(0.0) as usize).min(n.saturating_sub(1));
    while low < high {
        if holds(at) {
            high = at;
        } else {
            low = at + 1;
        }
        at = match (low > 0, high < n) {
            (false, _) => high.saturating_sub(step),
            (true, false) => (low + step).min(n - 1),
            (true, true) => usize::midpoint(low, high),
        };
        step *= 2;
    }
    low
}

/// The exact (Clopper–Pearson) 95 % interval of a chance seen `hits` times in `n`.
pub(crate) fn chance_interval(hits: usize, n: usize) -> [f64; 2] {
    chance_interval_with(hits, n, 0.025)
}

/// The same, with another chance that the truth lies on either side of it.
pub(crate) fn chance_interval_with(hits: usize, n: usize, tail: f64) -> [f64; 2] {
    let beta = |alpha: usize, beta: usize, p: f64| {
        Distribution::Beta {
            alpha: number(alpha),
            beta: number(beta),
            low: 0.0,
            high: 1.0,
        }
        .quantile(p)
    };
    let low = if hits == 0 {
        0.0
    } else {
        beta(hits, n - hits + 1, tail)
    };
    let high = if hits >= n {
        1.0
    } else {
        beta(hits + 1, n - hits, 1.0 - tail)
    };
    [low, high]
}

/// How far shares of trials may be off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chances {
    pub(crate) trials: usize,
    /// Whether every trial is the same.
    pub(crate) certain: bool,
}

impl Chances {
    /// The 95 % interval of a share of the trials; none of no trial.
    pub(crate) fn interval(self, share: f64) -> Option<[f64; 2]> {
        if self.trials == 0 {
            return None;
        }
        if self.certain {
            return Some([share; 2]);
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a count is a count"
        )]
        let hits = (share * number(self.trials)).round() as usize;
        Some(chance_interval(hits.min(self.trials), self.trials))
    }
}

/// The rank ⌈n · percent / 100⌉, from 1.
pub(crate) fn rank(n: usize, percent: usize) -> usize {
    (n * percent).div_ceil(100).max(1)
}

/// The order statistic of this rank, from 1.
pub(crate) fn at_rank(sorted: &[f64], rank: usize) -> Option<f64> {
    sorted
        .get(rank.checked_sub(1)?)
        .copied()
        .filter(|value| value.is_finite())
}

/// The order statistic ⌈np⌉; none where it is infinite.
pub(crate) fn quantile(sorted: &[f64], percent: usize) -> Option<f64> {
    at_rank(sorted, rank(sorted.len(), percent))
}

/// Sum of what `of` makes of the values, in blocks, in order.
fn block_sum(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let mut total = 0.0;
    // Four at a time, since an addition waits for the one before it.
    let (blocks, rest) = values.as_chunks::<BLOCK>();
    let (fours, others) = blocks.as_chunks();
    for [a, b, c, d] in fours {
        let mut sums = [0.0; 4];
        for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
            let added = sums.iter_mut().zip([a, b, c, d]);
            added.for_each(|(sum, value)| *sum += of(*value));
        }
        sums.iter().for_each(|sum| total += sum);
    }
    let others = others.iter().map(<[f64; BLOCK]>::as_slice);
    for block in others.chain([rest]) {
        total += block.iter().fold(0.0, |sum, value| sum + of(*value));
    }
    total
}

/// Number, mean and standard deviation of the finite values.
pub(crate) fn moments(values: &[f64]) -> (usize, Option<f64>, Option<f64>) {
    let finite = values.iter().filter(|value| value.is_finite());
    let n = finite.clone().count();
    if n == 0 {
        return (0, None, None);
    }
    let values: Cow<'_, [f64]> = if n == values.len() {
        values.into()
    } else {
        finite.copied().collect()
    };
    let mean = block_sum(&values, |value| value) / number(n);
    let squares = block_sum(&values, |value| (value - mean) * (value - mean));
    let sd = (n > 1).then(|| (squares / number(n - 1)).sqrt());
    (n, Some(mean), sd)
}

/// The 95 % interval of the mean of the finite values.
pub(crate) fn mean_interval(values: &[f64]) -> Option<[f64; 2]> {
    around_mean(moments(values))
}

fn around_mean((n, mean, sd): (usize, Option<f64>, Option<f64>)) -> Option<[f64; 2]> {
    let (mean, half) = (mean?, Z * sd? / number(n).sqrt());
    Some([mean - half, mean + half])
}

/// Summarises figures in trial order; infinite ones are trials that never finish.
pub(crate) fn summarise(figures: &Figures, ranks: &Ranks) -> Summary {
    match figures {
        Figures::Same(bits, n) => summarise_same(f64::from_bits(*bits), *n, ranks),
        Figures::Each(bits) => {
            let values: &[f64] = bytemuck::cast_slice(bits);
            let n = values.len();
            let moments = moments(values);
            let extremes = extremes(values);
            let ends = extremes.map(ends).unwrap_or_default();
            let ordered = Ordered::new(values, &ranks.all(n), &ends);
            let histogram = extremes.map_or_else(Histogram::default, |extremes| {
                histogram(extremes, &ends, moments.0, |end| ordered.below(end))
            });
            let at = |rank| ordered.at(rank).filter(|value| value.is_finite());
            summary(moments, histogram, ranks, n, at)
        }
    }
}

/// [`summarise`] of what never varies.
fn summarise_same(value: f64, n: usize, ranks: &Ranks) -> Summary {
    let finite = Some(value).filter(|value| value.is_finite() && n > 0);
    let moments = finite.map_or((0, None, None), |_| (n, finite, (n > 1).then_some(0.0)));
    let histogram = finite.map_or_else(Histogram::default, |value| {
        let mut counts = vec![0; BINS];
        counts.iter_mut().take(1).for_each(|bin| *bin = n as u64);
        Histogram {
            low: value,
            high: value,
            counts,
        }
    });
    summary(moments, histogram, ranks, n, |_| finite)
}

/// What `at` a rank (from 1) of `n` stands, put together with the rest.
fn summary(
    (finite, mean, sd): (usize, Option<f64>, Option<f64>),
    histogram: Histogram,
    ranks: &Ranks,
    n: usize,
    at: impl Fn(usize) -> Option<f64>,
) -> Summary {
    let [p5, p10, p25, p50, p75, p80, p90, p95, p99] = PERCENTS.map(|percent| at(rank(n, percent)));
    let error = ranks.0.map(|ranks| {
        let (low, high) = ranks?;
        Some([at(low)?, at(high)?])
    });
    let mean_error = around_mean((finite, mean, sd));
    Summary {
        mean,
        sd,
        p5,
        p10,
        p25,
        p50,
        p75,
        p80,
        p90,
        p95,
        p99,
        error: {
            let [p5, p10, p25, p50, p75, p80, p90, p95, p99] = error;
            SummaryError {
                mean: mean_error,
                p5,
                p10,
                p25,
                p50,
                p75,
                p80,
                p90,
                p95,
                p99,
            }
        },
        histogram,
    }
}

/// The order statistics of these percentiles, rising; none where they are infinite.
pub(crate) fn percentiles<const N: usize>(
    figures: &Figures,
    percents: [usize; N],
) -> [Option<f64>; N] {
    let ranks = percents.map(|percent| rank(figures.len(), percent));
    let finite = |value: f64| Some(value).filter(|value| value.is_finite());
    match figures {
        Figures::Same(bits, n) => {
            ranks.map(|rank| finite(f64::from_bits(*bits)).filter(|_| rank <= *n))
        }
        Figures::Each(bits) => {
            let ordered = Ordered::new(bytemuck::cast_slice(bits), &ranks, &[]);
            ranks.map(|rank| ordered.at(rank).and_then(finite))
        }
    }
}

/// The finite values in bins of equal width from the least to the greatest; an end belongs to the bin
/// above it.
fn histogram(
    [low, high]: [f64; 2],
    ends: &[f64],
    finite: usize,
    below: impl Fn(f64) -> usize,
) -> Histogram {
    let mut counts = vec![0; BINS];
    let ends = ends.iter().map(|end| below(*end)).chain([finite]);
    let mut before = 0;
    for (count, below) in counts.iter_mut().zip(ends) {
        *count = (below - before) as u64;
        before = below;
    }
    Histogram { low, high, counts }
}

/// The ends between the bins of a histogram; none where it has one bin only.
fn ends([low, high]: [f64; 2]) -> Vec<f64> {
    let width = (high - low) / number(BINS);
    if width > 0.0 {
        (1..BINS).map(|bin| low + number(bin) * width).collect()
    } else {
        Vec::new()
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most 10^7 trials")]
pub(crate) fn number(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::philox::{Draws, Entity, Purpose};

    /// Sums of the binomial law by hand: n = 10, p = 1/2: (1 + 10) / 1024 = 0.0107 for at most
    /// one, (1 + 10 + 45) / 1024 = 0.0547 for at most two.
    #[test]
    fn ranks_of_the_median_of_ten() {
        assert!((binomial_cdf(10, 0.5, 1) - 11.0 / 1024.0).abs() < 1e-14);
        assert!((binomial_cdf(10, 0.5, 2) - 56.0 / 1024.0).abs() < 1e-14);
        // The textbook interval of the median of ten: second to ninth value.
        assert_eq!(interval_ranks(10, 0.5), Some((2, 9)));
    }

    #[test]
    fn too_few_values_have_no_interval() {
        // 0.95²⁰ = 0.358 > 2.5 %: no value is surely above the P95.
        assert_eq!(interval_ranks(20, 0.95), None);
        assert_eq!(interval_ranks(5, 0.5), None);
    }

    #[test]
    fn intervals_of_large_samples_are_near_the_normal_ones() {
        // n p ± 1.96 √(n p (1 − p)): 8,000,000 ± 2479.2.
        let (low, high) = interval_ranks(10_000_000, 0.8).unwrap();
        assert!(low.abs_diff(7_997_521) <= 2, "{low}");
        assert!(high.abs_diff(8_002_480) <= 2, "{high}");
    }

    #[test]
    fn exact_intervals_of_chances() {
        // No hit in n: 1 − 0.025^(1/n).
        let [low, high] = chance_interval(0, 10);
        assert_eq!(low, 0.0);
        assert!((high - (1.0 - 0.025_f64.powf(0.1))).abs() < 1e-12);
        assert_eq!(chance_interval(10, 10)[1], 1.0);
        // Each end leaves 2.5 % of the binomial law beyond what was seen: 2 of 4, and at the low end p
        // two or more of four come with 6p²(1−p)² + 4p³(1−p) + p⁴.
        let [low, high] = chance_interval(2, 4);
        let beyond = |p: f64| {
            let q = 1.0 - p;
            6.0 * p * p * q * q + 4.0 * p * p * p * q + p.powi(4)
        };
        assert!((beyond(low) - 0.025).abs() < 1e-9);
        assert!((beyond(1.0 - high) - 0.025).abs() < 1e-9);
    }

    #[test]
    fn quantiles_are_order_statistics_and_means_leave_the_infinite_out() {
        let values: Vec<f64> = (1..=9).map(f64::from).chain([f64::INFINITY]).collect();
        let summary = summarise(&values.into_iter().collect(), &Ranks::new(10));
        assert_eq!(summary.mean, Some(5.0));
        assert_eq!(
            (summary.p50, summary.p90, summary.p95),
            (Some(5.0), Some(9.0), None)
        );
        assert_eq!(summary.error.p50, Some([2.0, 9.0]));
        assert_eq!(summary.histogram.counts.iter().sum::<u64>(), 9);
        assert_eq!((summary.histogram.low, summary.histogram.high), (1.0, 9.0));
    }

    /// Against a full sort, and counting between the ends of bins; with values that never finish,
    /// equal ones, and ones on the ends.
    #[test]
    fn what_is_placed_and_counted_is_what_a_sort_gives() {
        let draw = |i: u64| Draws::new(5, 0).uniform(Entity::new(&i.to_string()), Purpose::Fix, 1);
        for n in [1, 2, 9, 100, 3_000] {
            for kind in 0..4 {
                let value = |i: u64| match kind {
                    0 => draw(i),
                    1 => (draw(i) * 24.0).floor(),
                    2 if i.is_multiple_of(3) => f64::INFINITY,
                    2 => draw(i) * 1e9,
                    _ => 7.5,
                };
                let values: Vec<f64> = (0..n).map(value).collect();
                let mut sorted = values.clone();
                sorted.sort_by(f64::total_cmp);
                let ranks = Ranks::new(values.len());
                let ordered = Ordered::new(&values, &ranks.all(values.len()), &[]);
                for rank in ranks.all(values.len()) {
                    assert_eq!(
                        ordered.at(rank),
                        Some(sorted[rank - 1]),
                        "{kind} {n} {rank}"
                    );
                }
                let finite: Vec<f64> = sorted.into_iter().filter(|v| v.is_finite()).collect();
                let made = summarise(&values.iter().copied().collect(), &ranks).histogram;
                let (Some(low), Some(high)) = (finite.first(), finite.last()) else {
                    assert_eq!(made, Histogram::default());
                    continue;
                };
                assert_eq!((made.low, made.high), (*low, *high));
                let width = (high - low) / 24.0;
                let end = |bin: usize| low + bin as f64 * width;
                let count = |bin: usize| {
                    let from = |value: f64| bin == 0 || (width > 0.0 && value >= end(bin));
                    let to = |value: f64| bin == 23 || width == 0.0 || value < end(bin + 1);
                    let inside = finite.iter().filter(|value| from(**value) && to(**value));
                    if width == 0.0 && bin > 0 {
                        0
                    } else {
                        inside.count() as u64
                    }
                };
                assert_eq!(made.counts, (0..24).map(count).collect::<Vec<u64>>());
            }
        }
    }

    #[test]
    fn what_never_varies_is_summed_up_as_a_column_of_it_is() {
        for value in [3.0, -0.0, f64::INFINITY] {
            for n in [1, 7, 1_000] {
                let ranks = Ranks::new(n);
                let same = summarise(&Figures::Same(value.to_bits(), n), &ranks);
                let column = summarise(&Figures::Each(vec![value.to_bits(); n]), &ranks);
                assert_eq!(same, column, "{value} {n}");
            }
        }
    }
}
