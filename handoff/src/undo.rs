//! Which undo a step has: one answer for the walker, its scripts and the runbook.

use whimbrel_plan::{Action, Executor, Plan, Step, StepId};

/// How a step is taken back.
#[derive(Clone, Copy)]
pub enum Undo<'a> {
    /// Not at all: what it did stays.
    Nothing,
    /// By this act, which the plan names for it, or for a shift of traffic before it.
    Named(&'a Action),
    /// By what the executor of its own act brings along for the verb: the plan names nothing.
    Brought(&'a Action, &'a Executor),
}

impl<'a> Undo<'a> {
    /// The undo of a step.
    pub fn of(plan: &'a Plan, id: StepId) -> Self {
        let step = &plan.steps[id];
        if let Some(undo) = &step.undo {
            return Self::Named(undo);
        }
        if step.irreversible {
            return Self::Nothing;
        }
        if let Some((action, executor)) = brought(plan, step) {
            return Self::Brought(action, executor);
        }
        shifted_back(plan, id).map_or(Self::Nothing, Self::Named)
    }
}

/// The act of a step and its executor, where that says how the verb is taken back.
fn brought<'a>(plan: &'a Plan, step: &'a Step) -> Option<(&'a Action, &'a Executor)> {
    let action = step.action.as_ref()?;
    let executor = plan.executors.get(action.executor?)?;
    executor.verbs.get(&action.verb)?.undo.as_ref()?;
    Some((action, executor))
}

/// What takes back the last shift of the same member's traffic before this one: it moves all of it.
fn shifted_back(plan: &Plan, id: StepId) -> Option<&Action> {
    plan.steps[id].weight?;
    let mover = plan.movers.iter().find(|mover| mover.steps.contains(&id))?;
    let before = mover.steps.iter().take_while(|step| **step != id);
    let shifts = before
        .map(|step| &plan.steps[*step])
        .filter(|step| step.weight.is_some());
    shifts.filter_map(|step| step.undo.as_ref()).last()
}
