//! One trial, told event by event.
//!
//! Nothing is prepared or remembered that can be looked up again: at each instant everything is
//! asked anew. Only the draws and their samplers are those of the simulator.

use whimbrel_plan::*;
use whimbrel_simulator::Lack;

use crate::philox::Purpose;
use crate::recovery::{Recovery, Stage};
use crate::setup::{Setup, micros};
use crate::world::known;

/// Where a step is.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    Waiting,
    /// A gate has been asked; what comes at `ends`.
    Asked {
        ends: i64,
        answer: Answer,
    },
    Acting {
        ends: i64,
        overruns: bool,
    },
    /// Work that shifts pass on: what is left, who is at it and since when, and when its window
    /// closes.
    Relay {
        left: i64,
        shift: Option<(PeopleNeed, i64)>,
        closes: i64,
    },
    /// Watched; with an onset, until it is detected.
    Soaking {
        ends: i64,
        onset: Option<i64>,
    },
    /// Being undone and fixed.
    Failed,
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    Yes,
    /// Nobody answered: the escalation begins.
    Silence,
    /// The escalation is over: asked again.
    AskAgain,
    Undo,
}

#[derive(Clone, Debug)]
pub struct State {
    pub phase: Phase,
    /// How often it started: the attempt of its draws.
    pub starts: u32,
    pub failures: u32,
    pub since_escalation: u32,
    pub asked: u32,
    pub asked_since: Option<i64>,
    pub first_start: Option<i64>,
    pub started: i64,
    pub first_finish: Option<i64>,
    pub finished: i64,
}

/// A place among the units that go at once.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Free,
    Taken,
    GivenUp,
}

/// Something that hurts: a failure from its onset to the end of its undo, or planned downtime.
#[derive(Clone, Debug)]
pub struct Hurt {
    pub node: Option<Node>,
    pub level: f64,
    pub from: i64,
    pub to: i64,
    pub incident: bool,
}

/// What happened, for money and exposure.
#[derive(Clone, Debug, Default)]
pub struct Log {
    pub hurts: Vec<Hurt>,
    /// (team, people, microseconds)
    pub billed: Vec<(TeamId, u32, i64)>,
    /// Person-microseconds of acts, with the step and which start of it.
    pub acts: Vec<(StepId, u32, i64)>,
    pub rollbacks: u32,
    pub incidents: u32,
    pub rto_broken: bool,
    pub rpo_broken: bool,
}

pub struct Trial<'a> {
    pub setup: &'a Setup<'a>,
    pub now: i64,
    pub steps: Vec<State>,
    pub weights: Vec<f64>,
    /// Since when the new side of a mover takes traffic or writes.
    pub writes_since: Vec<Option<i64>>,
    pub recoveries: Vec<Recovery>,
    pub batch_failures: Vec<(u32, u32)>,
    pub log: Log,
    pub unfinished: bool,
    /// The step that waits in vain.
    pub missed: Option<(StepId, Lack)>,
    free: Vec<Option<u32>>,
    links: Vec<u32>,
    places: Vec<Vec<Place>>,
}

impl<'a> Trial<'a> {
    pub fn run(setup: &'a Setup<'a>) -> Self {
        let plan = setup.plan;
        let state = State {
            phase: Phase::Waiting,
            starts: 0,
            failures: 0,
            since_escalation: 0,
            asked: 0,
            asked_since: None,
            first_start: None,
            started: 0,
            first_finish: None,
            finished: 0,
        };
        let mut trial = Self {
            setup,
            now: 0,
            steps: vec![state; plan.steps.len()],
            weights: vec![0.0; plan.movers.len()],
            writes_since: vec![None; plan.movers.len()],
            recoveries: vec![],
            batch_failures: vec![(0, 0); plan.batches.len()],
            log: Log::default(),
            unfinished: false,
            missed: None,
            free: plan
                .inventory
                .teams
                .values()
                .map(|team| team.engineers)
                .collect(),
            links: vec![0; plan.inventory.links.len()],
            places: plan
                .batches
                .values()
                .map(|batch| vec![Place::Free; batch.units.len()])
                .collect(),
        };
        trial.play();
        trial
    }

    fn play(&mut self) {
        while !self.unfinished {
            while self.complete() || self.detect() {
                if self.unfinished {
                    return;
                }
            }
            if self.scan() {
                continue;
            }
            if self.steps.iter().all(|step| step.phase == Phase::Done) {
                return;
            }
            self.now = self.next_instant();
        }
    }

    pub fn phase(&mut self, id: StepId) -> &mut Phase {
        &mut self.steps[id.index()].phase
    }

    pub fn is_done(&self, id: StepId) -> bool {
        self.steps[id.index()].phase == Phase::Done
    }

    /// Everything that ends now; whether anything did.
    fn complete(&mut self) -> bool {
        let mut any = false;
        for id in self.setup.plan.steps.ids() {
            let phase = self.phase(id).clone();
            match phase {
                Phase::Acting {
                    ends,
                    overruns: false,
                } if ends == self.now => self.act_ends(id),
                Phase::Relay {
                    left,
                    shift: Some((_, since)),
                    ..
                } if since + left == self.now => self.act_ends(id),
                Phase::Relay {
                    shift: Some((need, since)),
                    ..
                } if self.goes_home(&need, since) == self.now => self.pass_on(id),
                Phase::Soaking { ends, onset: None } if ends == self.now => self.finish(id),
                Phase::Asked { ends, answer } if ends == self.now && answer != Answer::Undo => {
                    self.answered(id, answer);
                }
                _ => continue,
            }
            any = true;
        }
        self.recover() || any
    }

    fn detect(&mut self) -> bool {
        for id in self.by_priority() {
            let phase = self.phase(id).clone();
            match phase {
                Phase::Soaking {
                    ends,
                    onset: Some(onset),
                } if ends == self.now => self.fail(id, Some(onset)),
                Phase::Acting {
                    ends,
                    overruns: true,
                } if ends == self.now => {
                    self.release(id);
                    self.fail(id, Some(self.now));
                }
                Phase::Relay { closes, .. } if closes == self.now => {
                    self.release(id);
                    self.fail(id, Some(self.now));
                }
                Phase::Asked {
                    ends,
                    answer: Answer::Undo,
                } if ends == self.now => self.fail(id, None),
                _ => continue,
            }
            return true;
        }
        false
    }

    fn by_priority(&self) -> Vec<StepId> {
        let mut ids: Vec<StepId> = self.setup.plan.steps.ids().collect();
        ids.sort_by_key(|&id| {
            (
                -self.setup.tails[id.index()],
                self.setup.step(id).name.clone(),
            )
        });
        ids
    }

    /// Starts what can start; whether anything did.
    fn scan(&mut self) -> bool {
        let mut any = false;
        for id in self.by_priority() {
            if self.start_fixes(id) {
                any = true;
            }
            any |= self.take_over(id);
            if self.is_ready(id) {
                if self.waits_in_vain(id) {
                    self.miss(id);
                    return true;
                }
                any |= self.try_start(id);
            }
        }
        any
    }

    fn is_ready(&self, id: StepId) -> bool {
        let waits = self.steps[id.index()].phase == Phase::Waiting;
        let predecessors = &self.setup.step(id).predecessors;
        waits && predecessors.iter().all(|&before| self.is_done(before)) && !self.is_held(id)
    }

    fn try_start(&mut self, id: StepId) -> bool {
        if !self.can_start(id) {
            return false;
        }
        self.start(id);
        if self.setup.step(id).gate.is_some() {
            self.steps[id.index()].asked_since = Some(self.now);
            self.ask(id);
        }
        true
    }

    fn can_start(&self, id: StepId) -> bool {
        let step = self.setup.step(id);
        self.has_place(id)
            && (self.next_shift(id).is_some()
                || !self.setup.is_relay(id) && self.has_people(self.setup.needs(id)))
            && self.has_link(step)
            && self.may_start(id, self.now)
    }

    pub fn has_people(&self, needs: &[PeopleNeed]) -> bool {
        needs.iter().all(|need| {
            let free = self.free[need.team.index()];
            free.is_none_or(|free| free >= need.count)
        })
    }

    pub fn has_link(&self, step: &Step) -> bool {
        let Act::Transfer(Transfer {
            link: Some(link), ..
        }) = step.act
        else {
            return true;
        };
        self.links[link.index()] < self.setup.plan.inventory.links[link].at_once
    }

    /// When an act of so long, begun then, ends.
    pub fn end_of(&self, id: StepId, takes: i64, at: i64) -> i64 {
        let step = self.setup.step(id);
        match step.act {
            _ if step.gate.is_some() => self.setup.hours(id).advance(at, takes),
            Act::Working(_) => self.setup.hours(id).advance(at, takes),
            _ => at + takes,
        }
    }

    /// The unit of a step and how many go at once, where that is limited.
    fn unit(&self, id: StepId) -> Option<(usize, usize, u32)> {
        let mover = &self.setup.plan.movers[self.setup.mover(id)?];
        let at_once = self.setup.plan.batches[mover.batch].at_once?;
        Some((mover.batch.index(), mover.unit, at_once))
    }

    pub fn has_place(&self, id: StepId) -> bool {
        let Some((batch, unit, at_once)) = self.unit(id) else {
            return true;
        };
        let places = &self.places[batch];
        let taken = places.iter().filter(|&&place| place == Place::Taken);
        places[unit] != Place::Free || taken.count() < at_once as usize
    }

    /// Units all of whose steps before the cutovers are done give their place up.
    fn give_places_up(&mut self) {
        for (batch, places) in self.places.clone().into_iter().enumerate() {
            for (unit, place) in places.into_iter().enumerate() {
                let mut movers = self.setup.plan.movers.iter();
                let ready = movers.all(|mover| {
                    (mover.batch.index(), mover.unit) != (batch, unit) || self.is_prepared(mover)
                });
                if place == Place::Taken && ready {
                    self.places[batch][unit] = Place::GivenUp;
                }
            }
        }
    }

    fn is_prepared(&self, mover: &Mover) -> bool {
        let before = self.setup.ancestors(mover.cutover);
        mover
            .steps
            .iter()
            .all(|&step| !before.contains(&step) || self.is_done(step))
    }

    pub fn take_people(&mut self, needs: &[PeopleNeed]) {
        for need in needs {
            if let Some(free) = &mut self.free[need.team.index()] {
                *free -= need.count;
            }
        }
    }

    pub fn give_back(&mut self, needs: &[PeopleNeed]) {
        for need in needs {
            if let Some(free) = &mut self.free[need.team.index()] {
                *free += need.count;
            }
        }
    }

    pub fn bill(&mut self, needs: &[PeopleNeed], time: i64) {
        for need in needs {
            self.log.billed.push((need.team, need.count, time));
        }
    }

    /// What an act of a step takes of people.
    pub fn bill_act(&mut self, id: StepId, needs: &[PeopleNeed], time: i64) {
        let start = self.steps[id.index()].starts;
        for need in needs {
            self.log
                .acts
                .push((id, start, i64::from(need.count) * time));
        }
        self.bill(needs, time);
    }

    fn start(&mut self, id: StepId) {
        let now = self.now;
        let step = self.setup.step(id);
        let state = &mut self.steps[id.index()];
        state.starts += 1;
        state.started = now;
        state.first_start.get_or_insert(now);
        let attempt = state.starts;
        if let Some((batch, unit, _)) = self.unit(id)
            && self.places[batch][unit] == Place::Free
        {
            self.places[batch][unit] = Place::Taken;
        }
        let shift = self.next_shift(id).map(|need| (need, now));
        match &shift {
            Some((need, _)) => self.take_people(std::slice::from_ref(need)),
            None => self.take_people(self.setup.needs(id)),
        }
        if let Act::Transfer(Transfer {
            link: Some(link), ..
        }) = step.act
        {
            self.links[link.index()] += 1;
        }
        // Planned downtime begins with the act and lasts as long as was planned.
        self.log.hurts.push(Hurt {
            node: self.setup.node(id),
            level: 1.0,
            from: now,
            to: now + self.setup.downtime(id, attempt),
            incident: false,
        });
        if self.setup.transfer_seconds(id) == Some(f64::INFINITY) {
            self.unfinished = true;
            return;
        }
        let ends = self.end_of(id, self.setup.act(id, attempt), now);
        let close = step
            .window
            .and_then(|window| self.setup.windows[window.index()].span(now))
            .map_or(i64::MAX, |(_, close)| close);
        if shift.is_some() {
            let left = self.setup.act(id, attempt);
            let closes = close;
            *self.phase(id) = Phase::Relay {
                left,
                shift,
                closes,
            };
            return;
        }
        *self.phase(id) = Phase::Acting {
            ends: ends.min(close),
            overruns: ends > close,
        };
    }

    /// The people and the link of an act that ends or is aborted; its hours are billed.
    pub fn release(&mut self, id: StepId) {
        if self.setup.is_relay(id) {
            self.pass_on(id);
            return;
        }
        let step = self.setup.step(id);
        self.give_back(self.setup.needs(id));
        if let Act::Transfer(Transfer {
            link: Some(link), ..
        }) = step.act
        {
            self.links[link.index()] -= 1;
        }
        let started = self.steps[id.index()].started;
        let time = match step.act {
            Act::Working(_) => self.setup.hours(id).between(started, self.now),
            _ => self.now - started,
        };
        self.bill_act(id, self.setup.needs(id), time);
    }

    pub fn act_ends(&mut self, id: StepId) {
        self.release(id);
        let step = self.setup.step(id);
        if let (Some(mover), Some(weight)) = (self.setup.mover(id), step.weight) {
            self.weights[mover] = weight;
            self.writes_since[mover].get_or_insert(self.now);
        }
        let onset = self.onset(id);
        let ends = match onset {
            Some(onset) => onset + self.detection(id),
            None if step.added => self.now,
            None => self.now + self.setup.soak(id, self.steps[id.index()].starts),
        };
        *self.phase(id) = Phase::Soaking { ends, onset };
    }

    fn detection(&self, id: StepId) -> i64 {
        let step = self.setup.step(id);
        let attempt = self.steps[id.index()].starts;
        let law = &step.failure.detect;
        micros(self.setup.draw(law, &step.name, Purpose::Detect, attempt))
    }

    /// When this attempt, whose act ends now, goes wrong.
    fn onset(&self, id: StepId) -> Option<i64> {
        let step = self.setup.step(id);
        if step.added {
            return None;
        }
        let (state, failure) = (&self.steps[id.index()], &step.failure);
        let learnt = known(&failure.learning).powi(state.failures as i32);
        let factor = self.setup.factor(id, DriverEffect::Failure);
        if let Some(hazard) = &failure.hazard {
            // The hazard is scaled as the chance is; a chance p of surviving becomes p^factor.
            let rate = known(hazard) * learnt * factor;
            if rate == 0.0 {
                return None;
            }
            let mean = 1.0 / rate;
            let law = Distribution::exponential(mean).unwrap();
            let after = self
                .setup
                .draw(&law, &step.name, Purpose::Hazard, state.starts);
            let after = micros(after);
            return (after < self.setup.soak(id, state.starts)).then_some(self.now + after);
        }
        let u = self
            .setup
            .uniform(&step.name, Purpose::Failure, state.starts);
        let chance = (known(&failure.chance) * learnt).min(1.0);
        if u >= 1.0 - (1.0 - chance).powf(factor) {
            return None;
        }
        let share = self.setup.uniform(&step.name, Purpose::Onset, state.starts);
        Some(self.now + (share * self.setup.soak(id, state.starts) as f64).round_ties_even() as i64)
    }

    fn finish(&mut self, id: StepId) {
        *self.phase(id) = Phase::Done;
        let now = self.now;
        let state = &mut self.steps[id.index()];
        state.finished = now;
        state.first_finish.get_or_insert(now);
        self.give_places_up();
    }

    /// The next instant at which anything can change.
    fn next_instant(&self) -> i64 {
        let mut next = i64::MAX;
        for state in &self.steps {
            if let Phase::Asked { ends, .. }
            | Phase::Acting { ends, .. }
            | Phase::Soaking { ends, .. } = state.phase
            {
                next = next.min(ends);
            }
            if let Phase::Relay {
                left,
                shift,
                closes,
            } = &state.phase
            {
                next = next.min(*closes);
                if let Some((need, since)) = shift {
                    next = next.min(since + left).min(self.goes_home(need, *since));
                }
            }
        }
        for recovery in &self.recoveries {
            for repair in &recovery.repairs {
                if let Stage::Undoing(ends) | Stage::Fixing(ends) | Stage::Escalated(ends) =
                    repair.stage
                {
                    next = next.min(ends);
                }
            }
        }
        let openings = self.setup.calendars.iter().chain(&self.setup.windows);
        for open in openings.filter_map(|open| open.0.as_ref()) {
            let mut later = open.iter().map(|span| span.0).filter(|&at| at > self.now);
            next = next.min(later.next().unwrap_or(i64::MAX));
        }
        for &(_, close) in &self.setup.freezes {
            if close > self.now {
                next = next.min(close);
            }
        }
        assert!(next < i64::MAX, "nothing can ever happen again");
        next
    }
}
