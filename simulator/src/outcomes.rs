//! What each trial came to, kept in columns.
//!
//! Most plans leave many of an [`Outcome`]'s figures alone: no licences, no egress, nothing lost.
//! A column that never varies is kept as one value, so a trial costs eight bytes for each figure
//! that varies.

use std::iter::repeat_n;

use crate::bill::{KINDS, Money};
use crate::statistics::number;
use crate::trial::Harm;

/// What one trial came to; times in microseconds, infinite when it never finishes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) finish: f64,
    pub(crate) money: Money,
    pub(crate) harm: Harm,
}

/// Figures of an outcome beside its kinds of money.
const OTHERS: usize = 10;
/// Figures of an outcome.
pub(crate) const FIGURES: usize = OTHERS + KINDS;

impl Outcome {
    /// Its figures as bits. Lost revenue is there once: as a kind of money.
    fn bits(&self) -> [u64; FIGURES] {
        let (money, harm) = (&self.money, &self.harm);
        let counts = u64::from(harm.rollbacks) << 32 | u64::from(harm.incidents);
        let others = [
            self.finish.to_bits(),
            money.dual_running_days.to_bits(),
            money.effort_hours.to_bits(),
            money.wasted_hours.to_bits(),
            counts,
            u64::from(harm.rto_broken) | u64::from(harm.rpo_broken) << 1,
            harm.services.to_bits(),
            harm.request_share.to_bits(),
            harm.requests_lost.to_bits(),
            harm.budget_spent.to_bits(),
        ];
        let mut bits = others.into_iter().chain(money.kinds.map(f64::to_bits));
        std::array::from_fn(|_| bits.next().unwrap_or_default())
    }
}

/// The values of one figure, trial by trial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Figures {
    /// The same in each of so many trials.
    Same(u64, usize),
    /// One for each trial.
    Each(Vec<u64>),
}

impl Default for Figures {
    fn default() -> Self {
        Self::Same(0, 0)
    }
}

impl Figures {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Same(_, len) => *len,
            Self::Each(values) => values.len(),
        }
    }

    /// The value in a trial; zero where there is no such trial.
    #[inline]
    fn get(&self, trial: usize) -> u64 {
        match self {
            Self::Same(value, _) => *value,
            Self::Each(values) => values.get(trial).copied().unwrap_or_default(),
        }
    }

    /// Adds the value of the next of `room` trials.
    #[inline]
    pub(crate) fn push(&mut self, value: u64, room: usize) {
        match self {
            Self::Each(values) => values.push(value),
            Self::Same(same, len) if *len == 0 || *same == value => {
                *same = value;
                *len += 1;
            }
            Self::Same(..) => {
                let mut values = std::mem::take(self).into_values(room);
                values.push(value);
                *self = Self::Each(values);
            }
        }
    }

    /// Adds the values of later trials.
    pub(crate) fn append(&mut self, later: &Self, room: usize) {
        match (&mut *self, later) {
            (Self::Same(value, len), Self::Same(other, more)) if *len == 0 || value == other => {
                *value = *other;
                *len += more;
            }
            (_, later) => {
                let mut values = std::mem::take(self).into_values(room);
                match later {
                    Self::Same(value, more) => values.extend(repeat_n(*value, *more)),
                    Self::Each(more) => values.extend_from_slice(more),
                }
                *self = Self::Each(values);
            }
        }
    }

    /// The values one by one, with room for those of `room` trials: what is known to come is made
    /// room for at once, since to grow by doubling leaves holes as large as what is kept.
    fn into_values(self, room: usize) -> Vec<u64> {
        match self {
            Self::Each(mut values) => {
                values.reserve_exact(room.saturating_sub(values.len()));
                values
            }
            Self::Same(same, len) => {
                let mut values = Vec::with_capacity(room.max(len));
                values.resize(len, same);
                values
            }
        }
    }

    pub(crate) fn floats(&self) -> impl ExactSizeIterator<Item = f64> + Clone {
        (0..self.len()).map(|trial| f64::from_bits(self.get(trial)))
    }

    /// What `value` makes of each.
    fn map(&self, value: impl Fn(u64) -> f64) -> Self {
        match self {
            Self::Same(bits, len) => Self::Same(value(*bits).to_bits(), *len),
            Self::Each(values) => values.iter().map(|bits| value(*bits)).collect(),
        }
    }

    /// The share of trials whose value is one that `holds`.
    pub(crate) fn share(&self, holds: impl Fn(f64) -> bool) -> f64 {
        match self {
            Self::Same(bits, _) => f64::from(u8::from(holds(f64::from_bits(*bits)))),
            Self::Each(_) => {
                let hits = self.floats().filter(|value| holds(*value)).count();
                number(hits) / number(self.len())
            }
        }
    }
}

impl FromIterator<f64> for Figures {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let values = values.into_iter();
        let room = values.size_hint().0;
        let mut figures = Self::default();
        values.for_each(|value| figures.push(value.to_bits(), room));
        figures
    }
}

/// The outcomes of trials, in their order: figure by figure, as [`Outcome::bits`] has them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcomes([Figures; FIGURES]);

impl Outcomes {
    pub(crate) fn len(&self) -> usize {
        self.finish().len()
    }

    pub(crate) fn push(&mut self, outcome: &Outcome, room: usize) {
        let columns = self.0.iter_mut();
        columns
            .zip(outcome.bits())
            .for_each(|(column, bits)| column.push(bits, room));
    }

    /// Adds trials that differ in nothing but their finish and the days in which anything runs twice.
    pub(crate) fn push_times(
        &mut self,
        finishes: &[f64],
        days_twice: &[f64],
        of: &Outcome,
        room: usize,
    ) {
        let [finish, days, others @ ..] = &mut self.0;
        let [_, _, bits @ ..] = of.bits();
        for (column, values) in [(finish, finishes), (days, days_twice)] {
            values
                .iter()
                .for_each(|value| column.push(value.to_bits(), room));
        }
        others
            .iter_mut()
            .zip(bits)
            .for_each(|(column, bits)| column.append(&Figures::Same(bits, finishes.len()), room));
    }

    pub(crate) fn columns(&self) -> &[Figures] {
        &self.0
    }

    /// Outcomes of these columns, when they are as many as an outcome has figures and all as long.
    pub(crate) fn from_columns(columns: Vec<Figures>) -> Option<Self> {
        let columns: [Figures; FIGURES] = columns.try_into().ok()?;
        let outcomes = Self(columns);
        let len = outcomes.len();
        let even = outcomes.0.iter().all(|column| column.len() == len);
        even.then_some(outcomes)
    }

    /// Adds the outcomes of later trials.
    pub(crate) fn append(&mut self, later: &Self, room: usize) {
        let columns = self.0.iter_mut().zip(&later.0);
        columns.for_each(|(column, later)| column.append(later, room));
    }

    /// The figures of a trial, bit by bit.
    pub(crate) fn bits(&self, trial: usize) -> [u64; FIGURES] {
        self.0.each_ref().map(|column| column.get(trial))
    }

    /// Microseconds; infinite where a trial never finishes.
    pub(crate) fn finish(&self) -> &Figures {
        let [finish, ..] = &self.0;
        finish
    }

    pub(crate) fn dual_running_days(&self) -> &Figures {
        let [_, days, ..] = &self.0;
        days
    }

    pub(crate) fn effort_hours(&self) -> &Figures {
        let [_, _, hours, ..] = &self.0;
        hours
    }

    pub(crate) fn wasted_hours(&self) -> &Figures {
        let [_, _, _, hours, ..] = &self.0;
        hours
    }

    pub(crate) fn rollbacks(&self) -> Figures {
        let [_, _, _, _, counts, ..] = &self.0;
        counts.map(|bits| f64::from((bits >> 32) as u32))
    }

    pub(crate) fn incidents(&self) -> Figures {
        let [_, _, _, _, counts, ..] = &self.0;
        counts.map(|bits| f64::from(bits as u32))
    }

    /// 1 where the time to recover was longer than allowed.
    pub(crate) fn rto_broken(&self) -> Figures {
        let [_, _, _, _, _, broken, ..] = &self.0;
        broken.map(|bits| f64::from(bits as u32 & 1))
    }

    /// 1 where more data was lost than allowed.
    pub(crate) fn rpo_broken(&self) -> Figures {
        let [_, _, _, _, _, broken, ..] = &self.0;
        broken.map(|bits| f64::from(bits as u32 >> 1 & 1))
    }

    pub(crate) fn services(&self) -> &Figures {
        let [_, _, _, _, _, _, services, ..] = &self.0;
        services
    }

    pub(crate) fn request_share(&self) -> &Figures {
        let [_, _, _, _, _, _, _, share, ..] = &self.0;
        share
    }

    pub(crate) fn requests_lost(&self) -> &Figures {
        let [_, _, _, _, _, _, _, _, lost, ..] = &self.0;
        lost
    }

    pub(crate) fn budget_spent(&self) -> &Figures {
        let [_, _, _, _, _, _, _, _, _, spent, ..] = &self.0;
        spent
    }

    /// Money by kind.
    pub(crate) fn kinds(&self) -> &[Figures; KINDS] {
        let [_, _, _, _, _, _, _, _, _, _, kinds @ ..] = &self.0;
        kinds
    }

    /// The cost of each trial: the sum of its kinds.
    pub(crate) fn total(&self) -> Figures {
        let total = |trial| {
            let kinds = self.kinds().iter();
            let kinds = kinds.map(|kind| f64::from_bits(kind.get(trial)));
            kinds.sum::<f64>()
        };
        let varies = |kind: &Figures| matches!(kind, Figures::Each(_));
        if self.kinds().iter().any(varies) {
            (0..self.len()).map(total).collect()
        } else {
            Figures::Same(total(0).to_bits(), self.len())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_that_never_varies_is_one_value() {
        let mut column = Figures::default();
        for _ in 0..1_000 {
            column.push(7, 1_000);
        }
        assert_eq!(column, Figures::Same(7, 1_000));
        assert_eq!((column.len(), column.get(999)), (1_000, 7));
    }

    #[test]
    fn columns_grow_to_the_room_they_need_and_no_further() {
        let mut column = Figures::default();
        for trial in 0..2_000 {
            column.push(trial / 700, 2_000);
        }
        let Figures::Each(values) = &column else {
            panic!("{column:?}");
        };
        assert_eq!((values.len(), values.capacity()), (2_000, 2_000));
        assert_eq!([699, 700, 1_999].map(|trial| column.get(trial)), [0, 1, 2]);
    }

    #[test]
    fn appending_is_pushing() {
        for (first, later) in [([1, 1], [1, 1]), ([1, 1], [2, 2]), ([1, 2], [3, 3])] {
            let column = |values: &[u64]| {
                let mut column = Figures::default();
                values.iter().for_each(|value| column.push(*value, 4));
                column
            };
            let mut joined = column(&first);
            joined.append(&column(&later), 4);
            assert_eq!(joined, column(&[first, later].concat()));
        }
    }
}
