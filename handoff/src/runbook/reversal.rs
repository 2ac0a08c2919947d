//! Until when a batch can go back, and what that loses.

use serde_json::{Value, json};
use whimbrel_plan::{Loss, MemberReversal, NoReturn, NoWayBack, Node, Reversal, StepId};

use super::Source;
use crate::layout::Stage;
use crate::text;

fn of_stage<'a>(source: &'a Source<'_>, stage: &Stage) -> Option<&'a Reversal> {
    let mut batches = source.plan.reversals.iter();
    batches.find(|reversal| Some(reversal.batch) == stage.batch)
}

/// The point of no return of a batch; of steps of no batch, the first that is irreversible.
pub fn no_return(source: &Source<'_>, stage: &Stage, ids: &[StepId]) -> String {
    let plan = source.plan;
    let none = || "none: every step can be taken back".to_owned();
    if let Some(reversal) = of_stage(source, stage) {
        return reversal.no_return.as_ref().map_or_else(none, |end| {
            format!("{}: {}", source.planned(end.from), plan.why_no_return(end))
        });
    }
    let step = ids.iter().find(|id| plan.steps[**id].irreversible);
    step.map_or_else(none, |id| source.planned(*id))
}

/// Until when each member can go back, alone or with others of its batch, and why no longer.
pub fn ways_back(source: &Source<'_>, stage: &Stage) -> Vec<Value> {
    let members = of_stage(source, stage).map_or(&[][..], |reversal| &reversal.members);
    let together = |end: &&NoReturn| matches!(end.why, NoWayBack::Needed { batch, .. } if Some(batch) == stage.batch);
    members
        .iter()
        .map(|member| {
            // What depends on it in its own batch goes back with it, and so ends nothing.
            let last = member.ends.iter().find(|end| !together(end));
            let until = last.map_or_else(|| "the end".to_owned(), |end| source.planned(end.from));
            let alone = member.ends.first().filter(together);
            json!({
                "member": source.plan.name(member.node),
                "until": alone.map_or_else(|| until.clone(), |end| {
                    format!("{until}; alone only until {}", source.planned(end.from))
                }),
                "why": why(source, last, alone),
            })
        })
        .collect()
}

fn why(source: &Source<'_>, last: Option<&NoReturn>, alone: Option<&NoReturn>) -> String {
    let last = last.map_or_else(
        || "every step can be taken back".to_owned(),
        |end| source.plan.why_no_return(end),
    );
    alone.map_or_else(
        || last.clone(),
        |end| format!("{last}; alone: {}", source.plan.why_no_return(end)),
    )
}

/// What a rollback after a step loses of what was written on the new side.
pub fn loss(source: &Source<'_>, id: StepId) -> String {
    let plan = source.plan;
    let step = &plan.steps[id];
    let member = step
        .batch
        .zip(step.subject.node())
        .and_then(|(batch, node)| {
            let reversal = plan.reversals.iter().find(|one| one.batch == batch)?;
            reversal.members.iter().find(|member| member.node == node)
        });
    let Some(member) = member else {
        return "none".to_owned();
    };
    let ended = member.ends.iter().any(|end| {
        let own = !matches!(
            end.why,
            NoWayBack::Needed { .. } | NoWayBack::NotCarriedBack
        );
        own && end.from <= id
    });
    if ended {
        return "there is no way back".to_owned();
    }
    match at(member, id) {
        Some(Loss::Nothing) if matches!(member.node, Node::Service(_)) => {
            "none: no data moves with it".to_owned()
        }
        Some(Loss::Nothing) => "none".to_owned(),
        Some(Loss::Lag(Some(lag))) => text::seconds(lag),
        Some(Loss::Lag(None)) => "what the old side is behind; the plan does not say".to_owned(),
        Some(Loss::Since(step)) => format!("all written since {}", plan.steps[step].name),
        None => "not known".to_owned(),
    }
}

/// The loss of the way back that holds after a step; before the first nothing is lost.
fn at(member: &MemberReversal, id: StepId) -> Option<Loss> {
    let mut ways = member.ways_back.iter().rev();
    let way = ways.find(|way| way.after <= id);
    way.map_or(Some(Loss::Nothing), |way| way.loss)
}
