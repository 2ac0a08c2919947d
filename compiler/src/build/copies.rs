//! The second copies that the steps of a mover keep up to date.

use whimbrel_plan::{Arena, Argument, StandingCopy, Step, StepId};

/// What ends a copy.
#[derive(Clone, Copy, PartialEq)]
enum End {
    /// `data.cdc_stop`.
    ReplicationStops,
    /// `data.dual_write` of one side only.
    DualWritesStop,
}

/// The copies of a mover with these steps, in their order. Of a replication that does not say how far
/// it is behind there is none: nothing can be promised of it.
pub(super) fn copies(ids: &[StepId], steps: &Arena<StepId, Step>) -> Vec<StandingCopy> {
    let mut copies: Vec<(StandingCopy, End)> = Vec::new();
    for &id in ids {
        let Some(action) = &steps[id].action else {
            continue;
        };
        let lag = match action.arguments.get("lag") {
            Some(Argument::Duration(lag)) => Some(*lag),
            _ => None,
        };
        let one_side = action.arguments.get("enabled") == Some(&Argument::Boolean(false));
        let (begun, ended) = match action.verb.as_str() {
            "data.cdc_start" | "data.back_sync" => (lag.zip(Some(End::ReplicationStops)), None),
            "data.cdc_stop" => (None, Some(End::ReplicationStops)),
            "data.dual_write" if one_side => (None, Some(End::DualWritesStop)),
            "data.dual_write" => (Some((0.0, End::DualWritesStop)), None),
            _ => continue,
        };
        let open = copies
            .iter_mut()
            .filter(|(copy, end)| copy.until.is_none() && ended == Some(*end));
        open.for_each(|(copy, _)| copy.until = Some(id));
        copies.extend(begun.map(|(lag, end)| {
            let copy = StandingCopy {
                lag,
                from: id,
                until: None,
            };
            (copy, end)
        }));
    }
    copies.into_iter().map(|(copy, _)| copy).collect()
}
