//! Who is hurt, how much and for how long: failures and planned downtime through the graph.
//!
//! Choices where the design leaves a detail open: simultaneous incidents on one thing count as
//! the worst of them; the blast radius is taken at moments with an incident, planned downtime
//! then included; any failed attempt is an incident, also one that hurts nobody.

use std::collections::HashMap;

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

/// What is kept at most of what single faults do: 16 MiB.
const KEPT: usize = 1 << 20;
/// Sums of the same parts in another order may differ by such a share.
const ROUNDED: f64 = 1e-12;

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

/// What is wrong at one time, and whom it hurts.
#[derive(Clone, Copy, Debug, Default)]
struct Fault {
    services: f64,
    /// Requests and revenue lost, per second.
    requests: f64,
    revenue: f64,
    hurt: Hurt,
}

/// Where the services that are hurt stand, by position; nowhere where nobody asks.
#[derive(Clone, Copy, Debug, Default)]
struct Hurt {
    first: usize,
    count: usize,
    /// Among those that are kept from one trial to the next.
    kept: bool,
}

/// A time in which the same is wrong.
#[derive(Clone, Copy, Debug)]
struct Segment {
    from: i64,
    to: i64,
    hurt: Hurt,
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
    segments: Vec<Segment>,
    /// What a fault of one node at one level does, where it is the same in every trial: most faults
    /// come alone and come again.
    known: HashMap<(u32, u64), Fault>,
    /// (service, u) of known faults, and of the others of this trial.
    kept: Vec<(u32, f64)>,
    once: Vec<(u32, f64)>,
    /// ∫u by service.
    totals: Column<f64>,
}

impl ExposureScratch {
    pub(crate) fn new(model: &ExposureModel) -> Self {
        Self {
            own: Column::filled(0.0, model.nodes),
            hurt: Column::filled(0.0, model.nodes),
            is_reached: Column::filled(false, model.nodes),
            totals: Column::filled(0.0, model.services),
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

    /// (service, u) of those that are hurt.
    fn hurt(&self, hurt: Hurt) -> &[(u32, f64)] {
        let list = if hurt.kept { &self.kept } else { &self.once };
        list.get(hurt.first..hurt.first + hurt.count).unwrap_or(&[])
    }

    /// Keeps whom the present fault hurts, for later trials or for this one only.
    fn keep(&mut self, services: usize, kept: bool) -> Hurt {
        let list = if kept { &mut self.kept } else { &mut self.once };
        let first = list.len();
        let reached = self.reached.iter().map(|&node| (node, node as usize));
        let reached = reached.filter(|(_, node)| *node < services);
        let hurt = reached.map(|(id, node)| (id, self.hurt[node]));
        list.extend(hurt.filter(|(_, u)| *u > 0.0));
        let count = list.len() - first;
        Hurt { first, count, kept }
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
        scratch.once.clear();
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
        if scratch.lasting.is_empty() {
            return;
        }
        let fault = self.fault(scratch);
        let length = seconds(to - from);
        self.harm.revenue_lost += fault.revenue * length;
        self.harm.requests_lost += fault.requests * length;
        scratch.segments.push(Segment {
            from,
            to,
            hurt: fault.hurt,
        });
        if scratch.lasting.iter().any(|exposed| exposed.incident) {
            self.harm.services = self.harm.services.max(fault.services);
            if self.flow.entry_total > 0.0 {
                let share = fault.requests / self.flow.entry_total;
                self.harm.request_share = self.harm.request_share.max(share);
            }
        }
    }

    /// What the exposures that last do.
    fn fault(&self, scratch: &mut ExposureScratch) -> Fault {
        let alone = match scratch.lasting.as_slice() {
            [alone] if !self.model.exposure.uncertain => Some((alone.node, alone.level.to_bits())),
            _ => None,
        };
        if let Some(known) = alone.and_then(|alone| scratch.known.get(&alone)) {
            return *known;
        }
        let keep = alone.filter(|_| scratch.kept.len() < KEPT);
        let fault = self.assess_fault(scratch, keep.is_some());
        if let Some(alone) = keep {
            scratch.known.insert(alone, fault);
        }
        fault
    }

    fn assess_fault(&self, scratch: &mut ExposureScratch, keep: bool) -> Fault {
        let (model, flow) = (&self.model.exposure, &self.flow);
        for position in 0..scratch.lasting.len() {
            if let Some(&exposed) = scratch.lasting.get(position) {
                scratch.start(exposed.node, exposed.level);
            }
        }
        scratch.spread(model);
        fixed_point(model, flow, scratch);
        let mut fault = Fault::default();
        for service in scratch.reached.iter().map(|&id| id as usize) {
            let u = scratch.hurt[service];
            if u <= 0.0 || service >= model.services {
                continue;
            }
            fault.services += f64::from(u8::from(u >= HURT));
            fault.requests += flow.entry[service] * u;
            fault.revenue += flow.revenue[service] * u;
        }
        if self.model.objectives.sla.is_some() {
            fault.hurt = scratch.keep(model.services, keep);
        }
        scratch.clear();
        fault
    }

    /// The largest ∫u over a trailing SLA period, relative to what the SLA allows. Only services whose
    /// whole ∫u exceeds the largest one found so far are looked at closely.
    fn budget_spent(&self, scratch: &mut ExposureScratch) -> f64 {
        let objectives = &self.model.objectives;
        let Some(sla) = objectives.sla else {
            return 0.0;
        };
        let mut totals = std::mem::take(&mut scratch.totals);
        totals.fill(&0.0);
        for segment in &scratch.segments {
            let length = seconds(segment.to - segment.from);
            for &(service, u) in scratch.hurt(segment.hurt) {
                totals[service as usize] += u * length;
            }
        }
        let worst_of = |service: u32| {
            let segments = scratch.segments.iter().filter_map(|segment| {
                let hurt = scratch.hurt(segment.hurt);
                let at = hurt.binary_search_by_key(&service, |(service, _)| *service);
                let (_, u) = hurt.get(at.ok()?)?;
                Some((segment.from, segment.to, *u))
            });
            worst_period(&segments.collect::<Vec<_>>(), objectives.sla_period)
        };
        let by_total = |a: &(u32, &f64), b: &(u32, &f64)| a.1.total_cmp(b.1);
        let most = (0_u32..).zip(totals.iter()).max_by(by_total);
        let mut worst = most.map_or(0.0, |(service, _)| worst_of(service));
        for (service, total) in (0_u32..).zip(totals.iter()) {
            if *total > worst * (1.0 + ROUNDED) {
                worst = worst.max(worst_of(service));
            }
        }
        scratch.totals = totals;
        let allowed = (1.0 - sla) * seconds(objectives.sla_period);
        if worst > 0.0 { worst / allowed } else { 0.0 }
    }
}

/// The largest integral of u over a window of this length: the integral is piecewise linear in
/// the window's end, so it peaks where a segment ends or where one leaves the window.
fn worst_period(segments: &[(i64, i64, f64)], period: i64) -> f64 {
    let ends = segments
        .iter()
        .flat_map(|&(from, to, _)| [to, from.saturating_add(period)]);
    let integral = |end: i64| -> f64 {
        let start = end.saturating_sub(period);
        segments
            .iter()
            .map(|&(from, to, u)| u * seconds((to.min(end) - from.max(start)).max(0)))
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
