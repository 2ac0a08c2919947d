//! Who is hurt, when and how much.

use whimbrel_plan::*;

use crate::setup::micros;
use crate::trial::Hurt;
use crate::world::{known, or_zero};

#[derive(Clone, Debug, Default)]
pub struct Exposure {
    pub services: f64,
    /// None when nothing has traffic.
    pub share: Option<f64>,
    pub requests_lost: f64,
    pub revenue_lost: f64,
    pub budget_spent: Option<f64>,
}

/// u for every service, while the nodes of `hurts` are hurt.
fn unavailable(plan: &Plan, hurts: &[&Hurt]) -> Vec<f64> {
    let level = |node: Node| {
        let mine = hurts.iter().filter(|hurt| hurt.node == Some(node));
        mine.map(|hurt| hurt.level).fold(0.0, f64::max)
    };
    let mut u = vec![0.0; plan.inventory.services.len()];
    loop {
        let mut change: f64 = 0.0;
        for id in plan.inventory.services.ids() {
            let mut well = 1.0 - level(Node::Service(id));
            for relation in plan.inventory.relations.values() {
                if relation.from == id {
                    well *= 1.0 - passed_on(plan, relation, &u, &level);
                }
            }
            change = change.max((1.0 - well - u[id.index()]).abs());
            u[id.index()] = 1.0 - well;
        }
        if change < 1e-12 {
            return u;
        }
    }
}

/// s · (1 − φ) · u of what a relation points at.
fn passed_on(plan: &Plan, relation: &Relation, u: &[f64], level: &dyn Fn(Node) -> f64) -> f64 {
    let fallback = relation.fallback.as_ref().map_or(0.0, |f| known(&f.covers));
    let copes = relation.need == Need::Soft || relation.mode == CallMode::Async;
    let kept = if copes { 1.0 } else { fallback };
    match (relation.kind, &relation.to) {
        (RelationKind::Calls, Target::Service(to)) => {
            let traffic = &plan.inventory.services[relation.from].traffic;
            let share = match (&relation.rate, traffic) {
                (Some(rate), Some(traffic)) => (known(rate) / known(traffic)).min(1.0),
                _ => 1.0,
            };
            share * (1.0 - kept) * u[to.index()]
        }
        (RelationKind::Reads | RelationKind::Writes, Target::Resource(to)) => {
            // A table is down with its datastore, and that with its instance.
            let mut well = 1.0;
            let mut stands_in = Some(*to);
            while let Some(resource) = stands_in {
                well *= 1.0 - (1.0 - kept) * level(Node::Resource(resource));
                stands_in = plan.inventory.resources[resource].parent;
            }
            1.0 - well
        }
        _ => 0.0,
    }
}

/// Requests per second that enter at a service.
fn entry(plan: &Plan, id: ServiceId) -> f64 {
    let Some(traffic) = &plan.inventory.services[id].traffic else {
        return 0.0;
    };
    let calls = plan.inventory.relations.values().filter(|relation| {
        relation.kind == RelationKind::Calls && relation.to == Target::Service(id)
    });
    let called: f64 = calls.map(|relation| or_zero(&relation.rate)).sum();
    (known(traffic) - called).max(0.0)
}

/// Whether requests can come from outside in any world. Where they cannot, nothing is a share of
/// them; in a world where none happen to come, none are lost.
pub fn comes_any(written: &Plan) -> bool {
    let at = |amount: &Option<Amount>, p: f64| amount.as_ref().map_or(0.0, |a| a.quantile(p));
    written.inventory.services.iter().any(|(id, service)| {
        let calls = written.inventory.relations.values().filter(|relation| {
            relation.kind == RelationKind::Calls && relation.to == Target::Service(id)
        });
        let least: f64 = calls.map(|relation| at(&relation.rate, 0.0)).sum();
        at(&service.traffic, 1.0) > least
    })
}

/// Instants between which nothing changes, with the hurts that hold from each to the next.
fn pieces(hurts: &[Hurt]) -> Vec<(i64, i64, Vec<&Hurt>)> {
    let mut edges: Vec<i64> = hurts.iter().flat_map(|h| [h.from, h.to]).collect();
    edges.sort_unstable();
    edges.dedup();
    let piece = |pair: &[i64]| {
        let during = hurts
            .iter()
            .filter(|hurt| hurt.from <= pair[0] && pair[1] <= hurt.to);
        (pair[0], pair[1], during.collect())
    };
    edges.windows(2).map(piece).collect()
}

/// What hurts nobody makes no moment of an incident, whatever is down by plan meanwhile.
pub fn exposure(plan: &Plan, hurts: &[Hurt]) -> Exposure {
    let mut hurts = hurts.to_vec();
    hurts.retain(|hurt| hurt.level > 0.0 && hurt.from < hurt.to);
    let services: Vec<ServiceId> = plan.inventory.services.ids().collect();
    let entries: Vec<f64> = services.iter().map(|&id| entry(plan, id)).collect();
    let all: f64 = entries.iter().sum();
    let mut found = Exposure {
        share: (all > 0.0).then_some(0.0),
        ..Exposure::default()
    };
    let mut history = vec![];
    for (from, to, during) in pieces(&hurts) {
        let u = unavailable(plan, &during);
        let seconds = (to - from) as f64 / 1e6;
        let lost: f64 = entries.iter().zip(&u).map(|(x, u)| x * u).sum();
        found.requests_lost += lost * seconds;
        for &id in &services {
            let revenue = or_zero(&plan.inventory.services[id].revenue);
            found.revenue_lost += revenue * u[id.index()] * seconds;
        }
        if during.iter().any(|hurt| hurt.incident) {
            let hurt = u.iter().filter(|&&u| u >= 0.001).count() as f64;
            found.services = found.services.max(hurt);
            found.share = found.share.map(|share| share.max(lost / all));
        }
        history.push((from, to, u));
    }
    if let Some(sla) = plan.migration.objectives.sla {
        let period = plan.migration.objectives.sla_period;
        let allowed = (1.0 - sla) * period;
        let worst = services
            .iter()
            .map(|id| worst_period(&history, id.index(), micros(period)));
        found.budget_spent = Some(worst.fold(0.0, f64::max) / allowed);
    }
    found
}

/// The most seconds a service lost in any period of so long. The amount lost in a period that
/// slides along only turns where either end meets a change.
fn worst_period(history: &[(i64, i64, Vec<f64>)], service: usize, period: i64) -> f64 {
    let mut worst: f64 = 0.0;
    for &(from, to, _) in history {
        for end in [from, to, from + period, to + period] {
            let lost: f64 = history
                .iter()
                .map(|(from, to, u)| {
                    let inside = (*to.min(&end) - *from.max(&(end - period))).max(0);
                    inside as f64 / 1e6 * u[service]
                })
                .sum();
            worst = worst.max(lost);
        }
    }
    worst
}
