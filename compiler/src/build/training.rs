//! Training: the people who will run the new system learn it before a batch starts.

use rustc_hash::FxHashSet;
use whimbrel_plan::{BatchId, StepId, StepKind};

use super::inventory::sorted;
use super::migration;
use super::order::Order;
use super::steps::Assembly;

/// A step of training, and the batch it is for; none is the first.
type Training = (StepId, Option<BatchId>);

impl Assembly<'_, '_, '_> {
    /// The steps of all trainings; like all work they come after the phases.
    pub(super) fn trainings(&mut self, phases: &[StepId]) -> Vec<Training> {
        let mut out = Vec::new();
        for object in sorted(self.top, "training") {
            let before = match object.reference("before") {
                None => None,
                Some(batch) => {
                    let batch = migration::batch(batch, self.batches, self.lowering.found);
                    let Some(batch) = batch else { continue };
                    Some(batch)
                }
            };
            let name = format!("training/{}", object.name());
            let id = self.plain(object, name, object.name(), StepKind::Prepare);
            self.out.steps[id].predecessors.extend(phases);
            out.push((id, before));
        }
        out
    }

    /// A training precedes everything its batch does.
    pub(super) fn tie_trainings(&mut self, trainings: &[Training], order: &Order<'_>) {
        let all: FxHashSet<BatchId> = self.out.movers.iter().map(|mover| mover.batch).collect();
        let first = order.firsts_of(&all);
        for (training, before) in trainings {
            let waits = |batch: BatchId| match before {
                Some(before) => batch == *before,
                None => first.contains(&batch),
            };
            let movers = self.out.movers.iter().filter(|mover| waits(mover.batch));
            let firsts: Vec<StepId> = movers
                .flat_map(|mover| order.firsts(mover, &self.out.steps))
                .collect();
            for id in firsts {
                self.out.steps[id].predecessors.push(*training);
            }
        }
    }
}
