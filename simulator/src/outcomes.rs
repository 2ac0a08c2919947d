//! What each trial came to, kept in columns.
//!
//! Most plans leave many of an [`Outcome`]'s figures alone: no licences, no egress, nothing lost.
//! A column that never varies is kept as one value, so a trial costs eight bytes for each figure
//! that varies.

use crate::bill::{KINDS, Money};
use crate::trial::Harm;

/// What one trial came to; times in microseconds, infinite when it never finishes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) finish: f64,
    pub(crate) money: Money,
    pub(crate) harm: Harm,
}

/// Figures of an outcome beside its kinds of money.
const OTHERS: usize = 9;
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

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "either half of a word")]
    fn from_bits(bits: [u64; FIGURES]) -> Self {
        let [
            finish,
            dual_running_days,
            effort_hours,
            counts,
            broken,
            services,
            request_share,
            requests_lost,
            budget_spent,
            kinds @ ..,
        ] = bits;
        let kinds = kinds.map(f64::from_bits);
        Self {
            finish: f64::from_bits(finish),
            money: Money {
                kinds,
                dual_running_days: f64::from_bits(dual_running_days),
                effort_hours: f64::from_bits(effort_hours),
            },
            harm: Harm {
                rollbacks: (counts >> 32) as u32,
                incidents: counts as u32,
                rto_broken: broken & 1 != 0,
                rpo_broken: broken & 2 != 0,
                services: f64::from_bits(services),
                request_share: f64::from_bits(request_share),
                requests_lost: f64::from_bits(requests_lost),
                revenue_lost: kinds.last().copied().unwrap_or_default(),
                budget_spent: f64::from_bits(budget_spent),
            },
        }
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
    pub(crate) fn get(&self, trial: usize) -> u64 {
        match self {
            Self::Same(value, _) => *value,
            Self::Each(values) => values.get(trial).copied().unwrap_or_default(),
        }
    }

    /// Adds the value of the next of `room` trials: what is known to come is made room for at once,
    /// since to grow by doubling leaves holes as large as what is kept.
    pub(crate) fn push(&mut self, value: u64, room: usize) {
        match self {
            Self::Each(values) => {
                if values.len() == values.capacity() {
                    values.reserve_exact(room.saturating_sub(values.len()));
                }
                values.push(value);
            }
            Self::Same(same, len) if *len == 0 || *same == value => {
                *same = value;
                *len += 1;
            }
            Self::Same(same, len) => {
                let mut values = Vec::with_capacity(room.max(*len + 1));
                values.resize(*len, *same);
                values.push(value);
                *self = Self::Each(values);
            }
        }
    }

    /// Adds the values of later trials.
    pub(crate) fn append(&mut self, later: &Self, room: usize) {
        match (&mut *self, later) {
            (Self::Same(value, len), Self::Same(other, more)) if value == other => *len += more,
            (_, later) => (0..later.len()).for_each(|trial| self.push(later.get(trial), room)),
        }
    }

    pub(crate) fn floats(&self) -> impl Iterator<Item = f64> {
        (0..self.len()).map(|trial| f64::from_bits(self.get(trial)))
    }
}

/// The outcomes of trials, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcomes([Figures; FIGURES]);

impl Outcomes {
    pub(crate) fn len(&self) -> usize {
        let [finish, ..] = &self.0;
        finish.len()
    }

    pub(crate) fn push(&mut self, outcome: &Outcome, room: usize) {
        let columns = self.0.iter_mut();
        columns
            .zip(outcome.bits())
            .for_each(|(column, bits)| column.push(bits, room));
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

    #[inline]
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = Outcome> + Clone {
        (0..self.len()).map(|trial| Outcome::from_bits(self.bits(trial)))
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
