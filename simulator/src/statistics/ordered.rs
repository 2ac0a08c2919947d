//! What a sort of many values would tell, as far as it is asked: a value costs two looks, not the
//! dozens of a sort.
//!
//! Values fall into buckets of equal width, which are counted. Then only those of the buckets that
//! hold a rank or an end that was asked for are kept, and put in order.

use std::ops::Range;

/// Buckets of many values; fewer values have fewer.
const BUCKETS: usize = 4096;
/// Values whose least and greatest are found side by side.
const SIDE_BY_SIDE: usize = 8;

/// Some of the order of values.
#[derive(Debug)]
pub(super) struct Ordered {
    scale: Scale,
    /// By bucket: how many values the ones below it hold.
    before: Vec<usize>,
    /// By bucket: where its values end in `kept`, if they are kept.
    ends: Vec<Option<usize>>,
    kept: Vec<f64>,
}

/// The least and the greatest of the finite values; none where no value is finite.
pub(super) fn extremes(values: &[f64]) -> Option<[f64; 2]> {
    let mut lows = [f64::INFINITY; SIDE_BY_SIDE];
    let mut highs = [f64::NEG_INFINITY; SIDE_BY_SIDE];
    let (chunks, rest) = values.as_chunks::<SIDE_BY_SIDE>();
    let mut rest_of = [f64::INFINITY; SIDE_BY_SIDE];
    rest_of
        .iter_mut()
        .zip(rest)
        .for_each(|(to, from)| *to = *from);
    for chunk in chunks.iter().chain([&rest_of]) {
        for ((low, high), &value) in lows.iter_mut().zip(&mut highs).zip(chunk) {
            *low = if value < *low { value } else { *low };
            let finite = if value < f64::INFINITY { value } else { *high };
            *high = if finite > *high { finite } else { *high };
        }
    }
    let low = lows.into_iter().fold(f64::INFINITY, f64::min);
    let high = highs.into_iter().fold(f64::NEG_INFINITY, f64::max);
    (low <= high).then_some([low, high])
}

/// How values fall into buckets: a greater value never into a lower one.
#[derive(Clone, Copy, Debug)]
struct Scale {
    low: f64,
    by: f64,
    /// What is infinite, and nothing else.
    last: u32,
}

impl Scale {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and cut to the buckets there are"
    )]
    #[inline(always)]
    fn bucket(self, value: f64) -> usize {
        (((value - self.low) * self.by) as u32).min(self.last) as usize
    }
}

impl Ordered {
    /// The order of `values`, which may be infinite, at these ranks (from 1, rising) and around these
    /// ends.
    pub(super) fn new(values: &[f64], ranks: &[usize], ends: &[f64]) -> Self {
        let [low, high] = extremes(values).unwrap_or_default();
        let buckets = (values.len() / 4).next_power_of_two().min(BUCKETS);
        let last = u32::try_from(buckets).unwrap_or(u32::MAX);
        let scale = Scale {
            low,
            by: f64::from(last - 1) / (high - low),
            last,
        };
        let mut ordered = Self {
            scale,
            before: count(values, scale, buckets),
            ends: vec![None; buckets + 1],
            kept: Vec::new(),
        };
        ordered.keep(values, ranks, ends);
        ordered.put_in_order(ranks);
        ordered
    }

    /// The order statistic of a rank that was asked for.
    pub(super) fn at(&self, rank: usize) -> Option<f64> {
        let bucket = self.bucket_of(rank)?;
        let kept = self.kept.get(self.place(bucket)?)?;
        kept.get(rank - 1 - self.before.get(bucket)?).copied()
    }

    /// How many values are less than an end that was asked for.
    pub(super) fn below(&self, end: f64) -> usize {
        let bucket = self.scale.bucket(end);
        let before = self.before.get(bucket).copied().unwrap_or(0);
        let kept = self.place(bucket).and_then(|place| self.kept.get(place));
        let less = kept.map_or(0, |kept| kept.iter().filter(|value| **value < end).count());
        before + less
    }

    /// The bucket that holds the value of this rank.
    fn bucket_of(&self, rank: usize) -> Option<usize> {
        let buckets = self.before.partition_point(|before| *before < rank);
        buckets
            .checked_sub(1)
            .filter(|&bucket| bucket < self.ends.len())
    }

    /// Where the values of a bucket are kept, if they are.
    fn place(&self, bucket: usize) -> Option<Range<usize>> {
        let end = (*self.ends.get(bucket)?)?;
        let (before, below) = (self.before.get(bucket)?, self.before.get(bucket + 1)?);
        Some(end - (below - before)..end)
    }

    /// Keeps the values of the buckets that hold these ranks and ends.
    fn keep(&mut self, values: &[f64], ranks: &[usize], ends: &[f64]) {
        let of_ranks = ranks.iter().filter_map(|rank| self.bucket_of(*rank));
        let of_ends = ends.iter().map(|end| self.scale.bucket(*end));
        let mut wanted: Vec<usize> = of_ranks.chain(of_ends).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut room = 0;
        for bucket in wanted {
            if let Some(end) = self.ends.get_mut(bucket) {
                *end = Some(room);
            }
            if let [before, below] = self.before.get(bucket..bucket + 2).unwrap_or_default() {
                room += below - before;
            }
        }
        self.kept = vec![0.0; room];
        for &value in values {
            if let Some(Some(end)) = self.ends.get_mut(self.scale.bucket(value)) {
                if let Some(kept) = self.kept.get_mut(*end) {
                    *kept = value;
                }
                *end += 1;
            }
        }
    }

    /// Puts the order statistics of these ranks where a sort of their bucket would put them.
    fn put_in_order(&mut self, ranks: &[usize]) {
        let of = |rank: &usize| self.bucket_of(*rank);
        let buckets = ranks.chunk_by(|a, b| of(a) == of(b));
        let placed: Vec<(Range<usize>, usize, Vec<usize>)> = buckets
            .filter_map(|ranks| {
                let bucket = of(ranks.first()?)?;
                let before = self.before.get(bucket)?;
                Some((self.place(bucket)?, *before, ranks.to_vec()))
            })
            .collect();
        for (place, before, ranks) in placed {
            select(self.kept.get_mut(place).unwrap_or_default(), &ranks, before);
        }
    }
}

/// By bucket, and of all: how many values the ones below it hold.
fn count(values: &[f64], scale: Scale, buckets: usize) -> Vec<usize> {
    let mut before = vec![0; buckets + 2];
    for &value in values {
        if let Some(count) = before.get_mut(scale.bucket(value) + 1) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for count in &mut before {
        sum += *count;
        *count = sum;
    }
    before
}

/// Puts the order statistics of these ranks (from 1 + `before`, rising) where a sort would put
/// them.
fn select(values: &mut [f64], ranks: &[usize], before: usize) {
    let Some(&middle) = ranks.get(ranks.len() / 2) else {
        return;
    };
    let at = middle - before - 1;
    if at >= values.len() {
        return;
    }
    let (below, _, above) = values.select_nth_unstable_by(at, f64::total_cmp);
    let (lower, higher) = ranks.split_at(ranks.len() / 2);
    select(below, lower, before);
    select(above, higher.get(1..).unwrap_or_default(), middle);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Values of every size and sign, many of them equal, some infinite.
    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            (-300_i32..300, -9_i32..9)
                .prop_map(|(size, times)| { f64::from(times) * 10_f64.powi(size) }),
            (-50_i32..50).prop_map(|near| 1e6 + f64::from(near)),
            0.0..1.0,
            Just(-0.0),
            Just(f64::INFINITY),
        ]
    }

    proptest! {
        /// Against a full sort.
        #[test]
        fn it_tells_what_a_sort_tells(
            values in prop::collection::vec(value(), 0..600),
            asked in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
            other_ends in prop::collection::vec(value(), 0..5),
        ) {
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            let mut ranks: Vec<usize> = asked.iter().map(|rank| rank.index(values.len() + 1) + 1).collect();
            ranks.sort_unstable();
            ranks.dedup();
            let own = asked.iter().filter_map(|end| values.get(end.index(values.len() + 1)));
            let ends: Vec<f64> = own.copied().chain(other_ends).collect();
            let ordered = Ordered::new(&values, &ranks, &ends);
            for rank in ranks {
                let known = sorted.get(rank - 1).map(|value| value.to_bits());
                prop_assert_eq!(ordered.at(rank).map(f64::to_bits), known);
            }
            for end in ends {
                prop_assert_eq!(ordered.below(end), sorted.iter().filter(|value| **value < end).count());
            }
        }

        #[test]
        fn extremes_leave_the_infinite_out(values in prop::collection::vec(value(), 0..40)) {
            let finite = || values.iter().copied().filter(|value| value.is_finite());
            let known = finite().reduce(f64::min).zip(finite().reduce(f64::max));
            prop_assert_eq!(extremes(&values), known.map(|(low, high)| [low, high]));
        }
    }
}
