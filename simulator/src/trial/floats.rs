//! The float of each step: how much longer it could have taken on the network of precedence alone.

use pulp::NullaryFnOnce;

use super::Trial;
use crate::column::Column;
use crate::engine::Engine;
use crate::model::Model;

/// How many trials are looked at side by side: a line of the cache for each step.
const TRIALS: usize = 8;

/// One number for each of them, in microseconds.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Times([i64; TRIALS]);

impl Times {
    #[inline(always)]
    fn iter_with(&mut self, other: &Self) -> impl Iterator<Item = (&mut i64, i64)> {
        self.0.iter_mut().zip(other.0)
    }

    #[inline(always)]
    fn raise(&mut self, other: &Self) {
        self.iter_with(other)
            .for_each(|(it, other)| *it = other.max(*it));
    }

    #[inline(always)]
    fn lower(&mut self, other: &Self) {
        self.iter_with(other)
            .for_each(|(it, other)| *it = other.min(*it));
    }
}

/// Gathers trials of the event loop until there are enough of them.
#[derive(Debug)]
pub(crate) struct Floats<'m> {
    model: &'m Model,
    engine: Engine,
    /// By step: from when it first started until it was done for good.
    lengths: Column<Times>,
    /// By step: when it would be done if nothing but its predecessors had held it up.
    earliest: Column<Times>,
    gathered: usize,
}

impl<'m> Floats<'m> {
    pub(crate) fn new(model: &'m Model, engine: Engine) -> Self {
        let steps = model.steps.len();
        Self {
            model,
            engine,
            lengths: Column::filled(Times::default(), steps),
            earliest: Column::filled(Times::default(), steps),
            gathered: 0,
        }
    }

    /// Forgets what was gathered.
    pub(crate) fn clear(&mut self) {
        self.gathered = 0;
    }

    /// Gathers the floats of a finished trial; they are added to `sums` with those of others.
    pub(crate) fn gather(&mut self, trial: &Trial<'_>, sums: &mut [i128]) {
        let steps = trial.steps.iter().zip(trial.first_start.iter());
        for (lengths, (state, first_start)) in self.lengths.iter_mut().zip(steps) {
            if let Some(length) = lengths.0.get_mut(self.gathered) {
                *length = state.finish - first_start;
            }
        }
        self.gathered += 1;
        if self.gathered == TRIALS {
            self.add_to(sums);
        }
    }

    /// Adds the floats of what was gathered to `sums`, by step, and forgets it.
    pub(crate) fn add_to(&mut self, sums: &mut [i128]) {
        if self.gathered == 0 {
            return;
        }
        // Trials that are not there take no time, and have no float.
        for Times(lengths) in self.lengths.iter_mut() {
            let missing = lengths.iter_mut().skip(self.gathered);
            missing.for_each(|length| *length = 0);
        }
        self.gathered = 0;
        self.engine.vectorize(Passes { floats: self, sums });
    }
}

struct Passes<'a, 'm> {
    floats: &'a mut Floats<'m>,
    sums: &'a mut [i128],
}

impl NullaryFnOnce for Passes<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Floats {
            model,
            lengths,
            earliest,
            ..
        } = self.floats;
        let mut end = Times::default();
        for step in model.order.topological.iter().map(|&it| it as usize) {
            let mut at = Times::default();
            for &before in model.predecessors.of(step) {
                at.raise(&earliest[before as usize]);
            }
            let length = lengths[step];
            at.iter_with(&length).for_each(|(at, length)| *at += length);
            end.raise(&at);
            earliest[step] = at;
        }
        for step in model.order.topological.iter().rev().map(|&it| it as usize) {
            let mut latest = end;
            for &after in model.successors.of(step) {
                latest.lower(&lengths[after as usize]);
            }
            let mut sum = 0;
            for (latest, earliest) in latest.0.iter().zip(earliest[step].0) {
                sum += latest - earliest;
            }
            // From here on it is the latest start, for what comes before.
            let length = &mut lengths[step];
            let latest = length.iter_with(&latest);
            latest.for_each(|(length, latest)| *length = latest - *length);
            if let Some(float) = self.sums.get_mut(step) {
                *float += i128::from(sum);
            }
        }
    }
}
