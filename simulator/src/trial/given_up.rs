//! What a trial that never ends was given up for.

use super::state::{State, Trial};
use super::{GIVE_UP, MOST_STARTS};
use crate::missed::{Lack, Miss};
use crate::model::ActModel;

impl Trial<'_> {
    /// What a trial that does not end was given up for, unless a step was found to wait in vain.
    pub(super) fn given_up(&self) -> Option<Miss> {
        if self.finish().is_some() {
            return None;
        }
        let batch_gave_up = |step: usize| {
            let mover = self.model.steps[step].mover;
            let mover = mover.map(|it| &self.model.movers[it as usize]);
            let failures = mover.map(|it| self.batches[it.batch as usize].failures);
            failures.is_some_and(|failures| failures >= GIVE_UP)
                && self.troubles.of(step).failures > 0
        };
        let never_copies = |step: usize| match &self.model.steps[step].act {
            ActModel::Transfer(transfer) => {
                self.steps[step].state == State::Acting && transfer.seconds(&self.inputs).is_none()
            }
            _ => false,
        };
        let reasons: [(Lack, &dyn Fn(usize) -> bool); 7] = [
            (Lack::Success, &|step| {
                self.troubles.of(step).failures >= GIVE_UP
            }),
            (Lack::BatchSuccess, &batch_gave_up),
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
                if lack == Lack::BatchSuccess {
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
}
