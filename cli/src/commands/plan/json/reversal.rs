//! What can be taken back, until when, and how long it takes, as JSON.

use serde_json::{Value, json};
use whimbrel_plan::{Loss, NoReturn, NoWayBack, Plan, Reversal, StepId, WayBack};

use crate::render::number::DAY;

/// One entry for each batch.
pub fn all(plan: &Plan) -> Vec<Value> {
    let batches = plan.reversals.iter();
    batches.map(|reversal| batch(plan, reversal)).collect()
}

fn batch(plan: &Plan, reversal: &Reversal) -> Value {
    let members = reversal.members.iter().map(|member| {
        let ways_back = member.ways_back.iter().map(|way| way_back(plan, way));
        let ends = member.ends.iter().map(|end| no_return(plan, end));
        json!({
            "name": plan.name(member.node),
            "ways_back": ways_back.collect::<Vec<_>>(),
            "ends": ends.collect::<Vec<_>>(),
        })
    });
    json!({
        "batch": plan.batches[reversal.batch].name,
        "slowest": reversal.slowest.as_ref().map(|way| way_back(plan, way)),
        "no_return": reversal.no_return.as_ref().map(|end| no_return(plan, end)),
        "members": members.collect::<Vec<_>>(),
    })
}

fn way_back(plan: &Plan, way: &WayBack) -> Value {
    let name = |id: StepId| &plan.steps[id].name;
    let (loses, lag, since) = match way.loss {
        Some(Loss::Nothing) => (Some("nothing"), None, None),
        Some(Loss::Lag(lag)) => (Some("lag"), lag, None),
        Some(Loss::Since(step)) => (Some("all"), None, Some(name(step))),
        None => (None, None, None),
    };
    let rto = plan.migration.objectives.rto.filter(|_| way.serves);
    json!({
        "after": name(way.after),
        "undo": way.undo.iter().map(|id| name(*id)).collect::<Vec<_>>(),
        "mean_seconds": way.mean,
        "p90_seconds": way.p90,
        "serves": way.serves,
        "within_rto": rto.map(|rto| way.p90 <= rto),
        "loses": loses,
        "lag_seconds": lag,
        "loses_since": since,
    })
}

fn no_return(plan: &Plan, end: &NoReturn) -> Value {
    let (by, batch) = match end.why {
        NoWayBack::Needed { by, batch } => (Some(plan.name(by)), Some(&plan.batches[batch].name)),
        _ => (None, None),
    };
    let reason = match end.why {
        NoWayBack::Irreversible => "irreversible",
        NoWayBack::OldSideGone => "old_side_gone",
        NoWayBack::NoUndo => "no_undo",
        NoWayBack::NotCarriedBack => "not_carried_back",
        NoWayBack::Needed { .. } => "needed",
    };
    json!({
        "of": plan.name(end.of),
        "from": plan.steps[end.from].name,
        "days": end.at / DAY,
        "at": plan.instant(end.at),
        "reason": reason,
        "needed_by": by,
        "needed_by_batch": batch,
        "why": plan.why_no_return(end),
    })
}
