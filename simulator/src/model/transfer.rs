//! Data moves: size ÷ (speed − change), catch-up included.

use whimbrel_plan::{Amount, Node, Plan, Step, Subject, Transfer};

use super::figure::{Figure, Inputs, engine_entity, link_entity, node_entity};
use crate::SimulationError;
use crate::column::Column;
use crate::philox::Purpose;

/// A transfer of which something is uncertain.
#[derive(Clone, Debug)]
pub(crate) struct TransferModel {
    /// Of the whole link, and how many share it.
    bandwidth: Option<(Figure, f64)>,
    throughput: Option<Figure>,
    size: Figure,
    change_rate: Figure,
}

impl TransferModel {
    /// The seconds it takes in a trial; none when it never catches up.
    pub(crate) fn seconds(&self, inputs: &Column<f64>) -> Option<f64> {
        let share = self
            .bandwidth
            .map(|(bandwidth, parts)| bandwidth.value(inputs) / parts);
        let throughput = self.throughput.map(|engine| engine.value(inputs));
        let copied = lesser(share, throughput)?;
        let change_rate = self.change_rate.value(inputs);
        (copied > change_rate).then(|| self.size.value(inputs) / (copied - change_rate))
    }
}

/// How long a transfer takes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Length {
    /// With everything at its mean; none when nothing says how fast it is.
    pub(super) mean: Option<f64>,
    /// At the 90th percentile; infinite when it may well never catch up.
    pub(super) p90: f64,
}

fn lesser(share: Option<f64>, throughput: Option<f64>) -> Option<f64> {
    match (share, throughput) {
        (Some(share), Some(throughput)) => Some(share.min(throughput)),
        (share, throughput) => share.or(throughput),
    }
}

pub(super) fn length(
    plan: &Plan,
    step: &Step,
    transfer: &Transfer,
) -> Result<Length, SimulationError> {
    let link = transfer.link.map(|id| &plan.inventory.links[id]);
    let copied = |of: &dyn Fn(&Amount) -> f64| {
        let share = link.and_then(|link| {
            let bandwidth = link.bandwidth.as_ref()?;
            Some(of(bandwidth) / f64::from(link.at_once.max(1)))
        });
        lesser(share, transfer.throughput.as_ref().map(of))
    };
    let Some(mean) = copied(&Amount::mean) else {
        return Ok(Length::default());
    };
    let changed = transfer.change_rate.mean();
    if mean <= changed {
        return Err(SimulationError::TransferDiverges {
            step: step.name.clone(),
            copied: mean,
            changed,
        });
    }
    let slow = copied(&|amount| amount.quantile(0.1)).unwrap_or(0.0);
    let net = slow - transfer.change_rate.quantile(0.9);
    let p90 = if net > 0.0 {
        transfer.size.quantile(0.9) / net
    } else {
        f64::INFINITY
    };
    Ok(Length {
        mean: Some(transfer.size.mean() / (mean - changed)),
        p90,
    })
}

/// Whose size and changes those of a transfer are.
pub(super) fn copied_entity(plan: &Plan, step: &Step) -> String {
    match step.subject {
        Subject::Service(id) => node_entity(plan, Node::Service(id)),
        Subject::Resource(id) => node_entity(plan, Node::Resource(id)),
        Subject::Migration(_) => step.name.clone(),
    }
}

/// The transfer of a step, where something of it is uncertain.
pub(super) fn model(
    plan: &Plan,
    step: &Step,
    transfer: &Transfer,
    inputs: &mut Inputs<'_>,
) -> Option<TransferModel> {
    let link = transfer.link.map(|id| &plan.inventory.links[id]);
    let bandwidth = link.and_then(|link| link.bandwidth.as_ref());
    let amounts = [Some(&transfer.size), Some(&transfer.change_rate)];
    let speeds = [bandwidth, transfer.throughput.as_ref()];
    let mut all = amounts.into_iter().chain(speeds).flatten();
    if all.all(Amount::is_certain) {
        return None;
    }
    let entity = copied_entity(plan, step);
    let engine = match step.subject {
        Subject::Resource(id) => engine_entity(plan, Node::Resource(id)),
        Subject::Service(_) | Subject::Migration(_) => entity.clone(),
    };
    let bandwidth = link.zip(bandwidth).map(|(link, bandwidth)| {
        let entity = link_entity(plan, link);
        let parts = f64::from(link.at_once.max(1));
        (inputs.figure(bandwidth, &entity, Purpose::Bandwidth), parts)
    });
    let throughput = transfer.throughput.as_ref();
    Some(TransferModel {
        bandwidth,
        throughput: inputs.some(throughput, &engine, Purpose::Throughput),
        size: inputs.figure(&transfer.size, &entity, Purpose::Size),
        change_rate: inputs.figure(&transfer.change_rate, &entity, Purpose::ChangeRate),
    })
}
