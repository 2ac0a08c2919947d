//! What a trial asks of its plan: open hours, laws, factors, priorities. Looked up, never prepared.

use std::cell::RefCell;

use whimbrel_plan::*;

use crate::philox::{Draws, Entity, Purpose};
use crate::sampler::Samplers;
use crate::time::{self, Open};
use crate::world::known;

pub struct Setup<'a> {
    /// What is so in this trial.
    pub plan: &'a Plan,
    /// What was known beforehand.
    written: &'a Plan,
    pub calendars: Vec<Open>,
    pub windows: Vec<Open>,
    pub freezes: Vec<(i64, i64)>,
    pub tails: Vec<i64>,
    hours: Vec<Open>,
    draws: Draws,
    samplers: &'a RefCell<Samplers>,
}

/// Whole microseconds, half to even.
pub fn micros(seconds: f64) -> i64 {
    (seconds * 1e6).round_ties_even() as i64
}

impl<'a> Setup<'a> {
    /// The trial of a plan in which the world is as in `plan`.
    pub fn new(
        written: &'a Plan,
        plan: &'a Plan,
        seed: u64,
        trial: u32,
        samplers: &'a RefCell<Samplers>,
    ) -> Self {
        let start = plan.migration.start;
        let mut setup = Self {
            plan,
            written,
            calendars: plan
                .calendars
                .values()
                .map(|calendar| time::calendar(calendar, start))
                .collect(),
            windows: plan
                .windows
                .values()
                .map(|window| time::window(window, start))
                .collect(),
            freezes: plan
                .freezes
                .values()
                .map(|freeze| time::freeze(freeze, start))
                .collect(),
            tails: vec![],
            hours: vec![],
            draws: Draws::new(seed, trial),
            samplers,
        };
        setup.hours = plan.steps.ids().map(|id| setup.opening(id)).collect();
        let mut tails = vec![None; plan.steps.len()];
        for id in plan.steps.ids() {
            setup.tail(id, &mut tails);
        }
        setup.tails = tails.into_iter().flatten().collect();
        setup
    }

    pub fn step(&self, id: StepId) -> &'a Step {
        &self.plan.steps[id]
    }

    pub fn uniform(&self, entity: &str, purpose: Purpose, attempt: u32) -> f64 {
        self.draws.uniform(Entity::new(entity), purpose, attempt)
    }

    pub fn draw(&self, law: &Distribution, entity: &str, purpose: Purpose, attempt: u32) -> f64 {
        let sampler = self.samplers.borrow_mut().make(law);
        sampler.sample(self.uniform(entity, purpose, attempt))
    }

    /// What is drawn anew in each attempt.
    pub fn of_attempt(&self, amount: &Amount, step: &str, purpose: Purpose, attempt: u32) -> f64 {
        match amount {
            Amount::Certain(value) => *value,
            Amount::Uncertain(law) => self.draw(law, step, purpose, attempt),
        }
    }

    /// How long the attempt of a step that is under way is watched.
    pub fn soak(&self, id: StepId, attempt: u32) -> i64 {
        let step = self.step(id);
        micros(self.of_attempt(&step.soak, &step.name, Purpose::Soak, attempt))
    }

    pub fn downtime(&self, id: StepId, attempt: u32) -> i64 {
        let step = self.step(id);
        micros(self.of_attempt(&step.downtime, &step.name, Purpose::Downtime, attempt))
    }

    /// The product of the factors of the drivers on a step.
    pub fn factor(&self, step: StepId, affects: DriverEffect) -> f64 {
        let mut product = 1.0;
        for driver in self.plan.drivers.values() {
            let id = format!("driver/{}", driver.name);
            let acts = self.uniform(&id, Purpose::DriverChance, 1) < known(&driver.chance);
            if acts && driver.affects == affects && driver.steps.contains(&step) {
                product *= self.draw(&driver.factor, &id, Purpose::DriverFactor, 1);
            }
        }
        product
    }

    /// A drawn duration with the factors of its step.
    pub fn duration(
        &self,
        step: StepId,
        law: &Distribution,
        purpose: Purpose,
        attempt: u32,
    ) -> i64 {
        let value = self.draw(law, &self.step(step).name, purpose, attempt);
        micros(value * self.factor(step, DriverEffect::Duration))
    }

    /// How long a data move takes, `load` being made of size and change, and `speed` of bandwidth
    /// and throughput; infinite when it never catches up.
    fn transfer(
        plan: &Plan,
        transfer: &Transfer,
        load: impl Fn(&Amount) -> f64,
        speed: impl Fn(&Amount) -> f64,
    ) -> f64 {
        let mut speeds = vec![];
        if let Some(link) = transfer.link.map(|link| &plan.inventory.links[link])
            && let Some(bandwidth) = &link.bandwidth
        {
            speeds.push(speed(bandwidth) / f64::from(link.at_once));
        }
        speeds.extend(transfer.throughput.as_ref().map(&speed));
        let Some(least) = speeds.into_iter().reduce(f64::min) else {
            return 0.0;
        };
        let net = least - load(&transfer.change_rate);
        if net <= 0.0 {
            return f64::INFINITY;
        }
        load(&transfer.size) / net
    }

    /// How long the data move of a step takes in this trial, if it is one that takes time at all.
    pub fn transfer_seconds(&self, id: StepId) -> Option<f64> {
        match &self.step(id).act {
            _ if self.step(id).added => None,
            Act::Transfer(transfer) => Some(Self::transfer(self.plan, transfer, known, known)),
            _ => None,
        }
    }

    /// How long the act takes this time, in its own kind of time.
    pub fn act(&self, id: StepId, attempt: u32) -> i64 {
        let step = self.step(id);
        match &step.act {
            _ if step.added => 0,
            Act::Instant => 0,
            Act::Elapsed(law) | Act::Working(law) => {
                self.duration(id, law, Purpose::Duration, attempt)
            }
            Act::Transfer(_) => {
                let factor = self.factor(id, DriverEffect::Duration);
                micros(self.transfer_seconds(id).unwrap() * factor)
            }
        }
    }

    /// The 90th percentile of the act as written.
    pub fn act_p90(&self, id: StepId) -> i64 {
        let step = &self.written.steps[id];
        if step.added {
            return 0;
        }
        if let Some(gate) = &step.gate {
            return micros(self.answer(gate).quantile(0.9));
        }
        match &step.act {
            Act::Instant => 0,
            Act::Elapsed(law) | Act::Working(law) => micros(law.quantile(0.9)),
            Act::Transfer(transfer) => {
                let at = |p: f64| move |amount: &Amount| amount.quantile(p);
                let seconds = Self::transfer(self.written, transfer, at(0.9), at(0.1));
                micros(seconds).min(1_000_000 * 1_000_000_000_000)
            }
        }
    }

    /// Who an act needs; steps the compiler adds need nobody.
    pub fn needs(&self, id: StepId) -> &'a [PeopleNeed] {
        let step = self.step(id);
        if step.added { &[] } else { &step.needs }
    }

    /// Whether shifts pass the work of a step on.
    pub fn is_relay(&self, id: StepId) -> bool {
        let step = self.step(id);
        step.relay && !step.added && matches!(step.act, Act::Working(_)) && !step.needs.is_empty()
    }

    /// Hours of a week in which somebody is at the work of a relay, minute by minute.
    fn relay_hours(&self, id: StepId) -> f64 {
        let calendars: Vec<_> = self
            .step(id)
            .calendars
            .iter()
            .map(|&id| &self.plan.calendars[id])
            .collect();
        if calendars.is_empty() {
            return 168.0;
        }
        let start = self.plan.migration.start;
        let open = (0..7 * 1440).filter(|&minute| {
            calendars
                .iter()
                .any(|calendar| time::is_open_in_week(calendar, start, minute))
        });
        open.count() as f64 / 60.0
    }

    /// How long a gate takes to answer: as said, by default triangular(0, within/4, within).
    pub fn answer(&self, gate: &Gate) -> Distribution {
        let default = || Distribution::triangular(0.0, gate.within / 4.0, gate.within).unwrap();
        gate.takes.clone().unwrap_or_else(default)
    }

    /// When the approver of a gate is there.
    pub fn approvers_hours(&self, gate: &Gate) -> Open {
        let team = gate.approve.and_then(|role| self.plan.roles[role].team);
        team.map_or(Open::ALWAYS, |team| self.team_hours(team))
    }

    pub fn team_hours(&self, team: TeamId) -> Open {
        let calendar = self.plan.inventory.teams[team].calendar;
        calendar.map_or(Open::ALWAYS, |id| self.calendars[id.index()].clone())
    }

    fn together(&self, parts: impl Iterator<Item = Open>) -> Open {
        parts.fold(Open::ALWAYS, |all, part| all.and(&part))
    }

    /// When a step may start: the hours of its work, or of the people an elapsed act needs.
    pub fn hours(&self, id: StepId) -> &Open {
        &self.hours[id.index()]
    }

    fn opening(&self, id: StepId) -> Open {
        let step = self.step(id);
        if step.added {
            return Open::ALWAYS;
        }
        if let Some(gate) = &step.gate {
            return self.approvers_hours(gate);
        }
        match step.act {
            Act::Working(_) if self.is_relay(id) => {
                let teams = step.needs.iter().map(|need| self.team_hours(need.team));
                teams.reduce(|one, other| one.or(&other)).unwrap()
            }
            Act::Working(_) => self.together(
                step.calendars
                    .iter()
                    .map(|calendar| self.calendars[calendar.index()].clone()),
            ),
            // An act that takes no time needs its people there as any other.
            _ => self.together(step.needs.iter().map(|need| self.team_hours(need.team))),
        }
    }

    /// Who undoes and fixes: the step's headcount, by default one of its team.
    pub fn crew(&self, id: StepId) -> Vec<PeopleNeed> {
        let step = self.step(id);
        match step.team {
            _ if self.is_relay(id) => step.needs[..1].to_vec(),
            _ if !step.needs.is_empty() => step.needs.clone(),
            Some(team) => vec![PeopleNeed { team, count: 1 }],
            None => vec![],
        }
    }

    pub fn mover(&self, step: StepId) -> Option<usize> {
        self.plan
            .movers
            .iter()
            .position(|mover| mover.steps.contains(&step))
    }

    /// The batch that goes back whole when this step fails.
    pub fn collective(&self, id: StepId) -> Option<BatchId> {
        let batch = self.plan.movers[self.mover(id)?].batch;
        let declared = &self.plan.batches[batch];
        (declared.mode == BatchMode::Parallel && !declared.isolate).then_some(batch)
    }

    /// What a step is about, where that moves.
    pub fn node(&self, step: StepId) -> Option<Node> {
        Some(self.plan.movers[self.mover(step)?].node)
    }

    /// From a mover's first shift to its last step.
    pub fn after_first_shift(&self, mover: usize) -> Vec<StepId> {
        let mover = &self.plan.movers[mover];
        let shift = mover.first_shift.unwrap_or(mover.cutover);
        let at = mover.steps.iter().position(|&step| step == shift).unwrap();
        mover.steps[at..].to_vec()
    }

    /// What `id` waits for, directly or not.
    pub fn ancestors(&self, id: StepId) -> Vec<StepId> {
        let mut found = self.step(id).predecessors.clone();
        let mut next = 0;
        while next < found.len() {
            for &before in &self.step(found[next]).predecessors {
                if !found.contains(&before) {
                    found.push(before);
                }
            }
            next += 1;
        }
        found
    }

    /// Mean act and soak, in the time of the clock on the wall.
    fn mean(&self, id: StepId) -> i64 {
        let step = &self.written.steps[id];
        if step.added {
            return 0;
        }
        if let Some(gate) = &step.gate {
            let team = gate.approve.and_then(|role| self.plan.roles[role].team);
            let weekly = team
                .and_then(|team| self.plan.inventory.teams[team].calendar)
                .map_or(168.0, |id| self.plan.calendars[id].hours_per_week());
            return micros(self.answer(gate).mean() * 168.0 / weekly) + micros(step.soak.mean());
        }
        let act = match &step.act {
            Act::Instant => 0.0,
            Act::Elapsed(law) => law.mean(),
            Act::Transfer(transfer) => {
                Self::transfer(self.written, transfer, Amount::mean, Amount::mean)
            }
            Act::Working(law) if self.is_relay(id) => law.mean() * 168.0 / self.relay_hours(id),
            Act::Working(law) => {
                let weekly = step
                    .calendars
                    .iter()
                    .map(|&calendar| self.plan.calendars[calendar].hours_per_week())
                    .fold(168.0, f64::min);
                law.mean() * 168.0 / weekly
            }
        };
        micros(act) + micros(step.soak.mean())
    }

    /// From the latest finish of a step to the end: the longer, the sooner.
    fn tail(&self, id: StepId, tails: &mut [Option<i64>]) -> i64 {
        if let Some(tail) = tails[id.index()] {
            return tail;
        }
        let mut tail = 0;
        for (after, step) in self.plan.steps.iter() {
            if step.predecessors.contains(&id) {
                tail = tail.max(self.mean(after) + self.tail(after, tails));
            }
        }
        tails[id.index()] = Some(tail);
        tail
    }
}
