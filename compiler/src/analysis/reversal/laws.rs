//! Sums and maxima of a few laws, for their means and 90th percentiles.
//!
//! A law is cut into equally likely slices; sums and maxima are taken over the pairs of slices. That
//! is exact for certain durations. Few laws stand behind the thousands of steps of a plan, so what
//! is worked out is worked out once.

use std::rc::Rc;

use rustc_hash::FxHashMap;
use whimbrel_plan::Distribution;

/// The number of a law.
pub(super) type Law = usize;

/// A law as it is compared: by its mean and then itself.
#[derive(Default)]
pub(super) struct Laws<'a> {
    all: Vec<&'a Distribution>,
    /// By the mean, which equal laws share.
    by_mean: FxHashMap<u64, Vec<Law>>,
    /// What follows one another, and how many of these go side by side.
    known: FxHashMap<(Vec<Law>, u32), Rc<Slices>>,
}

impl<'a> Laws<'a> {
    /// The number of a law.
    pub fn number(&mut self, law: &'a Distribution) -> Law {
        let alike = self.by_mean.entry(law.mean().to_bits()).or_default();
        let known = |at: &&Law| self.all.get(**at).is_some_and(|known| *known == law);
        if let Some(at) = alike.iter().find(known) {
            return *at;
        }
        let next = self.all.len();
        alike.push(next);
        self.all.push(law);
        next
    }

    /// One law after the other, and until the slowest of `count` such rows is done.
    pub fn slowest(&mut self, row: &[Law], count: u32) -> Rc<Slices> {
        if let Some(known) = self.known.get(&(row.to_vec(), count)) {
            return Rc::clone(known);
        }
        let slices = match row {
            [] => Slices(vec![0.0]),
            [one] => self
                .all
                .get(*one)
                .map_or_else(Slices::none, |law| Slices::of_slowest(law, count)),
            [first @ .., last] => {
                let sum = self.slowest(first, 1).then(&self.slowest(&[*last], 1));
                sum.slowest(count)
            }
        };
        let slices = Rc::new(slices);
        self.known.insert((row.to_vec(), count), Rc::clone(&slices));
        slices
    }

    /// Mean seconds of one law after the other.
    pub fn mean(&self, row: &[Law]) -> f64 {
        let laws = row.iter().filter_map(|law| self.all.get(*law));
        laws.map(|law| law.mean()).sum()
    }
}

/// A law as the middles of equally likely slices, ascending.
#[derive(Debug)]
pub(super) struct Slices(Vec<f64>);

impl Slices {
    const COUNT: u32 = 40;

    fn none() -> Self {
        Self(Vec::new())
    }

    /// The slowest of `count` draws, whose distribution function is the law's to that power.
    fn of_slowest(law: &Distribution, count: u32) -> Self {
        let middle = |slice: u32| {
            let chance = (f64::from(slice) + 0.5) / f64::from(Self::COUNT);
            chance.powf(1.0 / f64::from(count))
        };
        Self(if law.is_certain() {
            vec![law.mean()]
        } else {
            (0..Self::COUNT)
                .map(|slice| law.quantile(middle(slice)))
                .collect()
        })
    }

    /// The slowest of `count` of these, by doubling.
    fn slowest(self, count: u32) -> Self {
        let (mut doubled, mut left) = (self, count.max(1));
        let mut slowest: Option<Self> = None;
        while left > 0 {
            if left % 2 == 1 {
                slowest = Some(match &slowest {
                    Some(before) => before.slower(&doubled),
                    None => Self(doubled.0.clone()),
                });
            }
            left /= 2;
            if left > 0 {
                doubled = doubled.slower(&doubled);
            }
        }
        slowest.unwrap_or(doubled)
    }

    /// One after the other.
    pub fn then(&self, other: &Self) -> Self {
        self.combined(other, |one, other| one + other)
    }

    /// Side by side, until both are done.
    pub fn slower(&self, other: &Self) -> Self {
        self.combined(other, f64::max)
    }

    /// All pairs, thinned to equally likely slices again.
    fn combined(&self, other: &Self, by: impl Fn(f64, f64) -> f64) -> Self {
        let mut all = self.pairs(other, by);
        all.sort_unstable_by(f64::total_cmp);
        let every = self.every(other);
        Self(all.into_iter().skip(every / 2).step_by(every).collect())
    }

    /// All pairs, in no order.
    fn pairs(&self, other: &Self, by: impl Fn(f64, f64) -> f64) -> Vec<f64> {
        let pairs = self
            .0
            .iter()
            .flat_map(|one| other.0.iter().map(|other| by(*one, *other)));
        pairs.collect()
    }

    /// How many pairs with another stand behind one slice of what they combine to.
    fn every(&self, other: &Self) -> usize {
        self.0.len().min(other.0.len()).max(1)
    }

    /// The order statistic at nine tenths.
    pub fn p90(&self) -> f64 {
        self.0
            .get(nine_tenths(self.0.len()))
            .copied()
            .unwrap_or(0.0)
    }

    /// [`Self::p90`] of one after the other, for which nothing is sorted.
    pub fn p90_then(&self, other: &Self) -> f64 {
        let mut all = self.pairs(other, |one, other| one + other);
        let every = self.every(other);
        let at = every / 2 + every * nine_tenths(all.len() / every);
        if at >= all.len() {
            return 0.0;
        }
        let (_, found, _) = all.select_nth_unstable_by(at, f64::total_cmp);
        *found
    }

    /// The mean of the slices.
    pub fn mean(&self) -> f64 {
        let count = u32::try_from(self.0.len()).unwrap_or(u32::MAX).max(1);
        self.0.iter().sum::<f64>() / f64::from(count)
    }
}

/// The rank of the order statistic at nine tenths, of so many.
fn nine_tenths(count: usize) -> usize {
    (count * 9).div_ceil(10).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A slice is a fortieth wide.
    const SLICE: f64 = 1.0 / 40.0;

    fn of(law: &Distribution) -> Slices {
        Slices::of_slowest(law, 1)
    }

    #[test]
    fn certain_durations_combine_exactly() {
        let five = of(&Distribution::constant(5.0));
        let seven = of(&Distribution::constant(7.0));
        assert_eq!(five.then(&seven).p90().to_bits(), 12.0_f64.to_bits());
        assert_eq!(five.slower(&seven).p90().to_bits(), 7.0_f64.to_bits());
        assert_eq!(five.slowest(9).mean().to_bits(), 5.0_f64.to_bits());
    }

    #[test]
    fn slices_follow_the_closed_forms() {
        let law = Distribution::uniform(0.0, 1.0).unwrap();
        let uniform = of(&law);
        // The larger of two uniforms has F(x) = x², the sum has 1 - F(x) = (2 - x)² / 2.
        assert!((uniform.p90() - 0.9).abs() <= SLICE);
        assert!((uniform.slower(&uniform).p90() - 0.9_f64.sqrt()).abs() <= SLICE);
        let ten = Slices::of_slowest(&law, 10);
        assert!((ten.p90() - 0.9_f64.powf(0.1)).abs() <= SLICE);
        assert!((uniform.then(&uniform).p90() - (2.0 - 0.2_f64.sqrt())).abs() <= 2.0 * SLICE);
        // The mean of the largest of n uniforms is n / (n + 1).
        assert!((uniform.mean() - 0.5).abs() <= SLICE);
        assert!((uniform.slowest(3).mean() - 0.75).abs() <= SLICE);
    }

    #[test]
    fn a_percentile_that_is_picked_is_the_one_that_is_sorted_for() {
        let laws = [
            Distribution::constant(5.0),
            Distribution::uniform(0.0, 4.0).unwrap(),
            Distribution::exponential(3.0).unwrap(),
        ];
        let mut slices: Vec<Slices> = laws.iter().map(of).collect();
        slices.push(Slices::none());
        slices.push(Slices(vec![1.0, 2.0, 3.0]));
        for one in &slices {
            for other in &slices {
                let (picked, sorted) = (one.p90_then(other), one.then(other).p90());
                assert_eq!(picked.to_bits(), sorted.to_bits(), "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn rows_of_laws_are_worked_out_once() {
        let (one, two) = (
            Distribution::constant(1.0),
            Distribution::uniform(0.0, 4.0).unwrap(),
        );
        let mut laws = Laws::default();
        let (first, second) = (laws.number(&one), laws.number(&two));
        let again = two.clone();
        assert_eq!(laws.number(&again), second, "an equal law has its number");
        assert!((laws.mean(&[first, second, second]) - 5.0).abs() < 1e-12);
        // 1 and then uniform(0, 4): the 90th percentile is 1 + 3.6.
        let row = laws.slowest(&[first, second], 1);
        assert!((row.p90() - 4.6).abs() <= 4.0 * SLICE);
        assert!(Rc::ptr_eq(&row, &laws.slowest(&[first, second], 1)));
        assert_eq!(laws.slowest(&[], 1).p90().to_bits(), 0.0_f64.to_bits());
    }
}
