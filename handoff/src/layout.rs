//! Where things go: the folders of batches and steps, and the order in which steps are walked.

use std::collections::BTreeSet;

use whimbrel_plan::{BatchId, Plan, StepId};

use crate::error::HandoffError;
use crate::names::readable;

/// A batch as it is walked. Steps of no batch stand in one before and one after all others.
pub struct Stage {
    /// The batch, unless it is one of the two.
    pub batch: Option<BatchId>,
    /// Its name.
    pub name: String,
    /// Its folder below `scripts/`, and the name of its runbook.
    pub folder: String,
    /// Its steps in walking order.
    pub steps: Vec<StageStep>,
}

/// A step and its folder below the batch's.
pub struct StageStep {
    /// The step.
    pub id: StepId,
    /// Its folder.
    pub folder: String,
}

/// All stages that have steps, in order.
pub fn stages(plan: &Plan) -> Result<Vec<Stage>, HandoffError> {
    let late = late_steps(plan);
    let mut stages = Vec::new();
    let of_none = |late_wanted: bool| {
        plan.steps
            .iter()
            .filter(|(id, step)| step.batch.is_none() && late.contains(id) == late_wanted)
            .map(|(id, _)| id)
            .collect::<Vec<_>>()
    };
    stages.push(stage(plan, None, "before", 0, &of_none(false))?);
    for (id, batch) in plan.batches.iter() {
        let steps = plan.steps.iter().filter(|(_, step)| step.batch == Some(id));
        let steps: Vec<StepId> = steps.map(|(id, _)| id).collect();
        stages.push(stage(plan, Some(id), &batch.name, id.index() + 1, &steps)?);
    }
    let last = plan.batches.len() + 1;
    stages.push(stage(plan, None, "after", last, &of_none(true))?);
    stages.retain(|stage| !stage.steps.is_empty());
    Ok(stages)
}

fn stage(
    plan: &Plan,
    batch: Option<BatchId>,
    name: &str,
    number: usize,
    steps: &[StepId],
) -> Result<Stage, HandoffError> {
    let steps = walking_order(plan, steps).ok_or_else(|| HandoffError::Cycle(name.to_owned()))?;
    let steps = steps
        .into_iter()
        .enumerate()
        .map(|(index, id)| StageStep {
            id,
            folder: format!("{:02}-{}", index + 1, readable(&plan.steps[id].name, 40)),
        })
        .collect();
    Ok(Stage {
        batch,
        name: name.to_owned(),
        folder: format!("{number:02}-{}", readable(name, 40)),
        steps,
    })
}

/// Predecessors first, else in the plan's order; nothing when they wait for each other.
fn walking_order(plan: &Plan, steps: &[StepId]) -> Option<Vec<StepId>> {
    let mut left: BTreeSet<StepId> = steps.iter().copied().collect();
    let mut order = Vec::with_capacity(steps.len());
    while !left.is_empty() {
        let next = *left.iter().find(|id| {
            plan.steps[**id]
                .predecessors
                .iter()
                .all(|before| !left.contains(before))
        })?;
        left.remove(&next);
        order.push(next);
    }
    Some(order)
}

/// Steps that come, directly or not, after one that belongs to a batch.
fn late_steps(plan: &Plan) -> BTreeSet<StepId> {
    let mut late: BTreeSet<StepId> = BTreeSet::new();
    loop {
        let found: Vec<StepId> = plan
            .steps
            .iter()
            .filter(|(id, step)| {
                !late.contains(id)
                    && (step.batch.is_some()
                        || step.predecessors.iter().any(|before| late.contains(before)))
            })
            .map(|(id, _)| id)
            .collect();
        if found.is_empty() {
            return late;
        }
        late.extend(found);
    }
}
