//! Who is hurt, how much and for how long: failures and planned downtime through the graph.
//!
//! Choices where the design leaves a detail open: simultaneous incidents on one thing count as
//! the worst of them; the blast radius is taken at moments with an incident, planned downtime
//! then included; any failed attempt is an incident, also one that hurts nobody.

use super::Trial;
use crate::column::Column;
use crate::model::{ExposureModel, Flow, SECOND};

/// A service counts as hurt from this share of its requests on.
const HURT: f64 = 0.001;
/// The fixed point has settled below this change.
const SETTLED: f64 = 1e-12;

/// Rounds after which a cycle of hard calls around a tiny fault is left as it is.
const ROUNDS: u32 = 100_000;

/// Up to one node in so many is few.
const SPARSE: usize = 16;

/// Something is wrong with a node for a while.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Exposed {
    from: i64,
    to: i64,
    node: u32,
    level: f64,
    incident: bool,
}

/// What a trial's failures did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Harm {
    pub(crate) rollbacks: u32,
    pub(crate) incidents: u32,
    pub(crate) rto_broken: bool,
    pub(crate) rpo_broken: bool,
    /// Largest number of services hurt at once.
    pub(crate) services: f64,
    /// Largest share of requests hurt at once.
    pub(crate) request_share: f64,
    pub(crate) requests_lost: f64,
    pub(crate) revenue_lost: f64,
    /// Largest share of its SLA budget a service spends.
    pub(crate) budget_spent: f64,
}

/// Memory of the fixed point.
#[derive(Debug, Default)]
pub(crate) struct ExposureScratch {
    instants: Vec<i64>,
    /// Which exposures last, of those that have begun.
    lasting: Vec<Exposed>,
    /// e and u by node, zero but for those that are `reached`; resources have no needs, so u = e.
    own: Column<f64>,
    hurt: Column<f64>,
    /// What is wrong and what may fail with it, and whether a node is among them.
    reached: Vec<u32>,
    is_reached: Column<bool>,
    /// (service, from, to, u) of every segment with u above 0.
    segments: Vec<(u32, i64, i64, f64)>,
}

impl ExposureScratch {
    pub(crate) fn new(model: &ExposureModel) -> Self {
        Self {
            own: Column::filled(0.0, model.nodes),
            hurt: Column::filled(0.0, model.nodes),
            is_reached: Column::filled(false, model.nodes),
            ..Self::default()
        }
    }

    /// Something is wrong with a node, so much of it.
    fn start(&mut self, node: u32, level: f64) {
        let own = &mut self.own[node as usize];
        *own = own.max(level);
        self.reach(node);
    }

    fn reach(&mut self, node: u32) {
        if !std::mem::replace(&mut self.is_reached[node as usize], true) {
            self.reached.push(node);
        }
    }

    /// Reaches all that may fail with what is reached; in order, so that sums have theirs.
    fn spread(&mut self, model: &ExposureModel) {
        let mut position = 0;
        while let Some(&node) = self.reached.get(position) {
            for &dependent in model.dependents.of(node as usize) {
                self.reach(dependent);
            }
            position += 1;
        }
        // To look at all is sooner done than to sort many.
        if self.reached.len() * SPARSE > model.nodes {
            let all = (0_u32..).zip(self.is_reached.iter());
            self.reached.clear();
            self.reached
                .extend(all.filter_map(|(node, is)| is.then_some(node)));
        } else {
            self.reached.sort_unstable();
        }
    }

    /// As before anything was wrong.
    fn clear(&mut self) {
        for node in self.reached.drain(..) {
            self.own[node as usize] = 0.0;
            self.hurt[node as usize] = 0.0;
            self.is_reached[node as usize] = false;
        }
    }
}

impl Trial<'_> {
    pub(super) fn expose(&mut self, mover: usize, from: i64, to: i64, level: f64, incident: bool) {
        if from < to && level > 0.0 {
            self.exposures.push(Exposed {
                from,
                to,
                node: self.model.movers[mover].node,
                level: level.min(1.0),
                incident,
            });
        }
    }

    /// Adds up what the exposures of this trial did.
    pub(crate) fn assess_harm(&mut self) {
        if self.exposures.is_empty() {
            return;
        }
        if self.model.exposure.uncertain {
            self.model.exposure.fill(&mut self.flow, &self.inputs);
        }
        let mut scratch = std::mem::take(&mut self.exposure);
        scratch.instants.clear();
        scratch.segments.clear();
        scratch.lasting.clear();
        let ends = self.exposures.iter().flat_map(|e| [e.from, e.to]);
        scratch.instants.extend(ends);
        scratch.instants.sort_unstable();
        scratch.instants.dedup();
        self.exposures.sort_unstable_by_key(|exposed| exposed.from);
        let mut begun = 0;
        for position in 1..scratch.instants.len() {
            let instant = |at: usize| scratch.instants.get(at).copied().unwrap_or(0);
            let (from, to) = (instant(position - 1), instant(position));
            scratch.lasting.retain(|exposed| exposed.to > from);
            let rest = self.exposures.get(begun..).unwrap_or(&[]);
            let begin = rest.partition_point(|exposed| exposed.from <= from);
            scratch.lasting.extend(rest.iter().take(begin));
            begun += begin;
            self.assess_segment(&mut scratch, from, to);
        }
        self.harm.budget_spent = self.budget_spent(&mut scratch);
        self.exposure = scratch;
    }

    fn assess_segment(&mut self, scratch: &mut ExposureScratch, from: i64, to: i64) {
        let model = &self.model.exposure;
        let mut incident = false;
        for position in 0..scratch.lasting.len() {
            if let Some(&exposed) = scratch.lasting.get(position) {
                scratch.start(exposed.node, exposed.level);
                incident |= exposed.incident;
            }
        }
        if scratch.reached.is_empty() {
            return;
        }
        scratch.spread(model);
        let flow = &self.flow;
        fixed_point(model, flow, scratch);
        let length = seconds(to - from);
        let (mut services, mut requests) = (0.0, 0.0);
        for &id in &scratch.reached {
            let service = id as usize;
            let u = scratch.hurt[service];
            if u <= 0.0 || service >= model.services {
                continue;
            }
            services += f64::from(u8::from(u >= HURT));
            requests += flow.entry[service] * u;
            self.harm.revenue_lost += flow.revenue[service] * u * length;
            scratch.segments.push((id, from, to, u));
        }
        scratch.clear();
        self.harm.requests_lost += requests * length;
        if incident {
            self.harm.services = self.harm.services.max(services);
            if flow.entry_total > 0.0 {
                let share = requests / flow.entry_total;
                self.harm.request_share = self.harm.request_share.max(share);
            }
        }
    }

    /// The largest ∫u over a trailing SLA period, relative to what the SLA allows.
    fn budget_spent(&self, scratch: &mut ExposureScratch) -> f64 {
        let objectives = &self.model.objectives;
        let Some(sla) = objectives.sla else {
            return 0.0;
        };
        scratch
            .segments
            .sort_unstable_by_key(|(service, from, ..)| (*service, *from));
        let allowed = (1.0 - sla) * seconds(objectives.sla_period);
        let services = scratch.segments.chunk_by(|a, b| a.0 == b.0);
        let worst = services.map(|segments| worst_period(segments, objectives.sla_period));
        let worst = worst.fold(0.0, f64::max);
        if worst > 0.0 { worst / allowed } else { 0.0 }
    }
}

/// The largest integral of u over a window of this length: the integral is piecewise linear in
/// the window's end, so it peaks where a segment ends or where one leaves the window.
fn worst_period(segments: &[(u32, i64, i64, f64)], period: i64) -> f64 {
    let ends = segments
        .iter()
        .flat_map(|&(_, from, to, _)| [to, from.saturating_add(period)]);
    let integral = |end: i64| -> f64 {
        let start = end.saturating_sub(period);
        segments
            .iter()
            .map(|&(_, from, to, u)| u * seconds((to.min(end) - from.max(start)).max(0)))
            .sum()
    };
    ends.map(integral).fold(0.0, f64::max)
}

/// u = 1 − (1 − e) · Π (1 − share · u of the need): the least fixed point from 0, by position.
/// What is not reached stays at zero and changes nothing.
fn fixed_point(model: &ExposureModel, flow: &Flow, scratch: &mut ExposureScratch) {
    let services = scratch
        .reached
        .partition_point(|&node| (node as usize) < model.services);
    let (services, resources) = scratch.reached.split_at(services);
    for &resource in resources {
        scratch.hurt[resource as usize] = scratch.own[resource as usize];
    }
    for _ in 0..ROUNDS {
        let mut change: f64 = 0.0;
        for &service in services {
            let service = service as usize;
            let mut well = 1.0 - scratch.own[service];
            for need in &flow.needs[service] {
                well *= 1.0 - need.share * scratch.hurt[need.on as usize];
            }
            let u = 1.0 - well;
            change = change.max((u - scratch.hurt[service]).abs());
            scratch.hurt[service] = u;
        }
        if change < SETTLED {
            return;
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds, below 2^53")]
fn seconds(microseconds: i64) -> f64 {
    microseconds as f64 / SECOND
}
