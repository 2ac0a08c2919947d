//! Whether what is written on the new side gets back to the old one.

use rustc_hash::FxHashSet;
use whimbrel_plan::{
    Argument, Bridge, BridgeOver, BridgeTechnique, Mover, Node, ResourceId, ResourceKind,
    ServiceKind, Step, StepKind,
};

use super::super::nodes::enclosing;
use super::ReversalInput;

/// What of a mover a way back must not lose.
#[derive(Clone, Copy, Debug)]
pub(super) enum Data<'a> {
    /// It holds nothing, or nobody writes it.
    Nothing,
    /// Messages, or what a cache holds: what a way back loses is not known.
    Unknown,
    /// It is written, and a bridge may carry that back.
    Written(Option<&'a Bridge>),
}

pub(super) fn of<'a>(
    input: &ReversalInput<'a>,
    mover: &Mover,
    written: &FxHashSet<ResourceId>,
) -> Data<'a> {
    match mover.node {
        Node::Service(id) if input.inventory.services[id].kind == ServiceKind::Stateful => {
            Data::Written(None)
        }
        Node::Service(_) => Data::Nothing,
        Node::Resource(id) => match input.inventory.resources[id].kind {
            ResourceKind::Datastore | ResourceKind::Volume if written.contains(&id) => {
                Data::Written(bridge(input, mover, id))
            }
            ResourceKind::Datastore | ResourceKind::Volume => Data::Nothing,
            _ => Data::Unknown,
        },
    }
}

/// A bridge that carries what is written on the new side back, and stands when the mover is settled.
fn bridge<'a>(input: &ReversalInput<'a>, mover: &Mover, id: ResourceId) -> Option<&'a Bridge> {
    input.bridges.values().find(|bridge| {
        let BridgeOver::Resource(over) = bridge.over else {
            return false;
        };
        let carries = matches!(
            bridge.by,
            BridgeTechnique::BackSync | BridgeTechnique::DualWrite
        );
        let last = bridge
            .until
            .first()
            .and_then(|step| input.steps[*step].batch);
        let covers = enclosing(input.inventory, over).any(|outer| outer == id);
        carries && covers && last != Some(mover.batch)
    })
}

/// Whether users or writers are on the new side once the step is done.
pub(super) fn puts_on_new_side(step: &Step) -> bool {
    matches!(step.kind, StepKind::Shift | StepKind::Cutover)
        || step.weight.is_some_and(|weight| weight > 0.0)
}

/// What a way back loses; steps by their place in the mover.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Lost {
    Nothing,
    Lag(Option<f64>),
    Since(usize),
}

/// How what is written on the new side gets back, as the steps of a mover are done.
#[derive(Debug, Default)]
pub(super) struct Carried {
    both: bool,
    back: Option<Option<f64>>,
    /// From which step on writers are on the new side and nothing carries back.
    since: Option<usize>,
    served: bool,
}

impl Carried {
    /// The step at this place is done.
    pub fn done(&mut self, at: usize, step: &Step, bridged: bool) {
        if let Some(action) = &step.action {
            match action.verb.as_str() {
                "data.dual_write" => {
                    self.both = action.arguments.get("enabled") != Some(&Argument::Boolean(false));
                }
                "data.back_sync" => {
                    self.back = Some(match action.arguments.get("lag") {
                        Some(Argument::Duration(lag)) => Some(*lag),
                        _ => None,
                    });
                }
                "data.cdc_stop" => self.back = None,
                _ => {}
            }
        }
        self.served |= puts_on_new_side(step);
        if !self.served || self.both || self.back.is_some() || bridged {
            self.since = None;
        } else if self.since.is_none() {
            self.since = Some(at);
        }
    }

    /// The place of the step from which on nothing carries back.
    pub fn since(&self) -> Option<usize> {
        self.since
    }

    /// What a way back loses now.
    pub fn lost(&self, data: Data<'_>) -> Option<Lost> {
        let bridge = match data {
            Data::Nothing => return Some(Lost::Nothing),
            Data::Unknown => return None,
            Data::Written(bridge) => bridge,
        };
        Some(match (self.since, self.back, bridge) {
            _ if !self.served || self.both => Lost::Nothing,
            (Some(at), ..) => Lost::Since(at),
            (None, Some(lag), _) => Lost::Lag(lag),
            (None, None, Some(bridge)) if bridge.by == BridgeTechnique::BackSync => {
                Lost::Lag(bridge.lag.as_ref().map(|lag| lag.quantile(0.9)))
            }
            (None, None, _) => Lost::Nothing,
        })
    }
}
