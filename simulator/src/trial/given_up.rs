//! What a trial that never ends was given up for.

use super::state::{State, Trial, Trouble};
use super::{GIVE_UP, MOST_STARTS};
use crate::missed::{Lack, Miss};
use crate::model::ActModel;

impl Trial<'_> {
    /// What a trial that does not end was given up for, unless a step was found to wait in vain.
    pub(super) fn given_up(&self) -> Option<Miss> {
        if self.finish().is_some() {
            return None;
        }
        let never_copies = |step: usize| match &self.model.steps[step].act {
            ActModel::Transfer(transfer) => {
                self.steps[step].state == State::Acting && transfer.seconds(&self.inputs).is_none()
            }
            _ => false,
        };
        let reasons: [(Lack, &dyn Fn(usize) -> bool); 9] = [
            (Lack::LongerWindow, &|step| {
                self.mostly(step, |trouble| trouble.overruns)
            }),
            (Lack::Answer, &|step| {
                self.mostly(step, |trouble| trouble.unanswered)
            }),
            (Lack::Success, &|step| {
                self.troubles.of(step).failures >= GIVE_UP
            }),
            (Lack::BatchSuccess, &|step| self.batch_gave_up(step)),
            (Lack::Answer, &|step| self.troubles.of(step).asked > GIVE_UP),
            (Lack::Transfer, &never_copies),
            (Lack::Start, &|step| self.steps[step].attempt > MOST_STARTS),
            (Lack::Needs, &|step| self.steps[step].state == State::Ready),
            (Lack::Time, &|step| self.steps[step].state != State::Done),
        ];
        reasons.into_iter().find_map(|(lack, holds)| {
            // The first of the plan.
            let steps = self.model.order.rank.iter();
            let steps = steps.map(|&rank| (rank, rank as usize));
            let held = steps.filter(|(_, at)| holds(*at));
            // Of a batch it is the step that failed most often, else the first there is.
            let often = |at: usize| {
                if matches!(lack, Lack::BatchSuccess | Lack::LongerWindow) {
                    self.troubles.of(at).failures
                } else {
                    0
                }
            };
            let step = held.reduce(|most, step| {
                if often(step.1) > often(most.1) {
                    step
                } else {
                    most
                }
            });
            step.map(|(step, _)| Miss {
                step,
                lack,
                at: self.now,
            })
        })
    }

    fn batch_of(&self, step: usize) -> Option<u32> {
        let mover = self.model.steps[step].mover?;
        Some(self.model.movers[mover as usize].batch)
    }

    fn batch_gave_up(&self, step: usize) -> bool {
        let batch = self.batch_of(step);
        let failures = batch.map(|batch| self.batches[batch as usize].failures);
        failures.is_some_and(|failures| failures >= GIVE_UP) && self.troubles.of(step).failures > 0
    }

    /// Whether it failed too often, or the steps of its batch did together, and mostly of this.
    fn mostly(&self, step: usize, of: fn(&Trouble) -> u32) -> bool {
        let trouble = self.troubles.of(step);
        if of(trouble) == 0 {
            return false;
        }
        if trouble.failures >= GIVE_UP {
            return 2 * of(trouble) >= trouble.failures;
        }
        let batch = self.batch_of(step);
        let others = (0..self.steps.len()).filter(|other| self.batch_of(*other) == batch);
        let counts = others.map(|other| self.troubles.of(other));
        let (all, these) = counts.fold((0, 0), |(all, these), trouble| {
            (all + trouble.failures, these + of(trouble))
        });
        self.batch_gave_up(step) && 2 * these >= all
    }
}
