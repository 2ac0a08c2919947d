//! One trial: an event loop over whole microseconds.
//!
//! At each instant completions come first, then detections and aborts by priority, then openings;
//! then the ready steps are scanned by priority and each that can start does. All memory is kept from one
//! trial to the next.
//!
//! Choices where the design leaves a detail open:
//! - Learning counts a step's own failures; members undone for another's failure learn nothing.
//!   A hazard is scaled by learning and by drivers of failure as the chance it stands for.
//! - After `attempts` failures the escalation comes after the fix. It is drawn with the failed
//!   attempt's number, in a collective batch with the batch's number of failures.
//! - Twenty failures of a step, of a collective batch, or twenty times no answer at a gate make
//!   the trial unfinished; so does time beyond two hundred years, or work nobody can do.
//! - An overrun window is a failure noticed at once; a gate answered by `undo`, or held too long,
//!   is a rollback that hurts nobody.
//! - Undoing a step that moves traffic takes the weight to zero; the next attempt sets it again.
//! - A failed member goes again from `retry_from`, one undone for another's failure from its first
//!   shift, one whose gate was refused from the earlier of the two. No member is undone twice at
//!   once, and while a batch is rolled back nothing gives a member without traffic any.
//! - Planned downtime begins with the act and lasts as long as was planned, whatever the act takes.
//! - A unit gives its place in `at_once` up when first ready for cutover and takes none later.
//! - Work others started after a member was settled goes on when that member is rolled back.

mod agenda;
mod ahead;
mod critical;
mod dispatch;
mod exposure;
mod failure;
mod floats;
mod given_up;
mod relay;
mod state;
mod trace;

pub(crate) use ahead::Ahead;
pub(crate) use exposure::Harm;
pub(crate) use floats::Floats;
pub(crate) use state::{Cause, State, Trial};
pub(crate) use trace::{Fault, Kind, Mark, Piece};

use crate::clock::BeyondHorizon;
use crate::missed::{Lack, Miss};
use crate::model::{ActKind, ActModel, Brief, GateLimits, microseconds};
use crate::philox::{Draws, Purpose};
use crate::sampler::Sampler;
use agenda::{Event, Happening};
use relay::Relay;
use state::{BatchState, MoverState, Run, StepState, UNDONE, UNRELEASED, UnitState};

/// How often a thing may fail before the trial is given up.
const GIVE_UP: u32 = 20;
/// Two hundred years: later is never.
const NEVER: i64 = 200 * 31_557_600 * 1_000_000;
/// The most starts of a step that have addresses of their own.
const MOST_STARTS: u32 = 255;
/// The bit that tells a release of a link, a place in a batch, or a batch from one of people.
const LINK: u32 = 1 << 30;
const BATCH: u32 = 1 << 31;

/// Why a trial stops before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Halt {
    /// The clocks do not reach far enough.
    Horizon,
    /// A step waits in vain.
    InVain(Lack),
}

impl From<BeyondHorizon> for Halt {
    fn from(_: BeyondHorizon) -> Self {
        Self::Horizon
    }
}

impl Trial<'_> {
    /// Runs trial number `number`, of which some is `drawn` ahead. Afterwards [`Trial::finish`] is its
    /// end, or none when it is unfinished.
    pub(crate) fn run(
        &mut self,
        seed: u64,
        number: u32,
        drawn: Option<&[f64]>,
    ) -> Result<(), BeyondHorizon> {
        let draws = Draws::new(seed, number);
        let constants = self.model.briefs.constants.len();
        let (_, room) = self.drawn.split_at_mut(constants);
        match drawn {
            Some(drawn) => room.copy_from_slice(drawn),
            None => ahead::draw_alone(self.model, draws, room),
        }
        self.reset(draws);
        match self.play() {
            Ok(()) => Ok(()),
            Err(Halt::Horizon) => Err(BeyondHorizon),
            Err(Halt::InVain(lack)) => {
                self.give_up(lack);
                Ok(())
            }
        }
    }

    fn play(&mut self) -> Result<(), Halt> {
        for step in 0..self.model.steps.len() {
            if self.pending[step] == 0 {
                self.make_ready(step, Cause::Start, 0);
            }
        }
        self.scan()?;
        while self.done < self.model.steps.len() && !self.unfinished {
            let Some(now) = self.agenda.advance() else {
                self.unfinished = true;
                break;
            };
            self.now = now;
            if now > NEVER {
                self.unfinished = true;
                break;
            }
            while !self.unfinished
                && let Some(event) = self.agenda.take()
            {
                self.happen(event)?;
            }
            self.scan()?;
        }
        Ok(())
    }

    /// The end of the last step.
    pub(crate) fn finish(&self) -> Option<i64> {
        (!self.unfinished).then_some(self.last_finish)
    }

    /// Makes the trial unfinished for the step that was tried last.
    pub(crate) fn give_up(&mut self, lack: Lack) {
        if !self.unfinished {
            self.missed = Some(Miss {
                step: self.tried,
                lack,
                at: self.now,
            });
        }
        self.unfinished = true;
    }

    /// What this trial was given up for, where it is unfinished; the step is numbered as in the plan.
    pub(crate) fn missed(&self) -> Option<Miss> {
        let in_plan = &self.model.order.in_plan;
        let miss = self.missed.or_else(|| self.given_up())?;
        Some(Miss {
            step: in_plan[miss.step as usize],
            ..miss
        })
    }

    fn reset(&mut self, draws: Draws) {
        self.draws = draws;
        self.now = 0;
        self.done = 0;
        self.last_finish = 0;
        self.unfinished = false;
        self.missed = None;
        self.harm = Harm::default();
        self.agenda.clear();
        self.steps.fill(&StepState::default());
        self.pending.copy_from(&self.predecessors);
        self.troubles.clear();
        self.first_start.fill(&0);
        self.first_finish.fill(&UNDONE);
        self.ready.clear();
        self.short.iter_mut().for_each(Vec::clear);
        self.runs.clear();
        self.ended.clear();
        self.ended_at = 0;
        self.releases.clear();
        self.exposures.clear();
        self.trace.iter_mut().for_each(Vec::clear);
        self.free.copy_from(&self.engineers);
        self.billed.fill(&0);
        self.mended = 0;
        self.links.copy_from(&self.model.links);
        self.movers.fill(&MoverState::default());
        self.relays.fill(&Relay::default());
        self.batches.iter_mut().for_each(BatchState::reset);
        for (unit, model) in self.units.iter_mut().zip(self.model.units.iter()) {
            *unit = UnitState {
                left: model.steps,
                ..UnitState::default()
            };
        }
        self.model
            .draw_once(draws, &mut self.inputs, &mut self.factors);
    }

    fn happen(&mut self, event: Event) -> Result<(), Halt> {
        let happening = event.happening();
        let index = event.whom();
        if happening.is_of_step() && !event.is_current(self.steps[index].epoch) {
            return Ok(());
        }
        match happening {
            Happening::ActEnd => self.act_end(index),
            Happening::ShiftEnd => self.shift_end(index),
            Happening::SoakEnd => self.complete(index),
            Happening::UndoEnd => self.undo_end(index),
            Happening::MemberUndone => self.member_undone(index),
            Happening::FixEnd => self.fix_end(index),
            Happening::Resume => self.resume(index),
            Happening::GateExpire => self.gate_expire(index),
            Happening::GateAsk => {
                self.tried = index as u32;
                return self.ask(index);
            }
            Happening::Detect => self.detect(index),
            Happening::Overrun => self.overrun(index),
            Happening::GateUndo => self.gate_undo(index, Fault::Unanswered),
            Happening::GateHeld => self.gate_undo(index, Fault::Held),
            Happening::Wake => self.wake(index),
        }
        Ok(())
    }

    /// The product of the drivers on the durations of `step`.
    #[inline]
    pub(crate) fn duration_factor(&self, step: usize) -> f64 {
        if !self.model.briefs.of[step].driven {
            return 1.0;
        }
        let drivers = self.model.duration_drivers.of(step);
        drivers.iter().map(|&d| self.factors[d as usize]).product()
    }

    /// A duration in microseconds, drawn for the current attempt of `step`.
    #[inline]
    fn draw(&self, step: usize, sampler: &Sampler, purpose: Purpose, factor: f64) -> i64 {
        microseconds(self.value(step, sampler, purpose) * factor)
    }

    /// A number drawn for the current attempt of `step`.
    #[inline]
    fn value(&self, step: usize, sampler: &Sampler, purpose: Purpose) -> f64 {
        match sampler {
            Sampler::Constant(value) => *value,
            sampler => {
                let entity = self.model.steps[step].entity;
                let attempt = self.steps[step].attempt;
                sampler.sample(self.draws.uniform(entity, purpose, attempt))
            }
        }
    }

    fn start_act(&mut self, step: usize) -> Result<(), Halt> {
        let model = self.model;
        let of = &model.briefs.of[step];
        self.begin_run(step);
        // What the fix of the attempt before took is billed already.
        self.steps[step].work = 0;
        if !of.relay {
            self.take(model.briefs.people(of));
        }
        if let Some(link) = of.link.get() {
            self.links[link as usize] -= 1;
        }
        if let Some(unit) = of.unit.get() {
            self.enter(unit as usize);
        }
        if of.interrupts
            && let Some(mover) = of.mover.get()
        {
            let downtime = &model.steps[step].downtime;
            let downtime = self.draw(step, downtime, Purpose::Downtime, 1.0);
            let to = self.now.saturating_add(downtime);
            self.expose(mover as usize, self.now, to, 1.0, false);
        }
        match of.act {
            ActKind::Instant => self.push(self.now, Happening::ActEnd, step),
            ActKind::Gate => self.ask(step)?,
            ActKind::Transfer => {
                let Some(work) = self.transfer(step) else {
                    self.unfinished = true;
                    return Ok(());
                };
                self.act_until(step, work, self.now.saturating_add(work))?;
            }
            ActKind::Elapsed | ActKind::Working => {
                let work = self.length(step, of);
                if of.relay {
                    return self.start_relay(step, work);
                }
                let end = match of.clock.get() {
                    Some(clock) if of.act == ActKind::Working => {
                        model.clocks[clock as usize].advance(self.now, work)?
                    }
                    _ => self.now.saturating_add(work),
                };
                self.act_until(step, work, end)?;
            }
        }
        Ok(())
    }

    /// How long the act of the current attempt is.
    #[inline]
    fn length(&self, step: usize, of: &Brief) -> i64 {
        if self.steps[step].attempt == 1 {
            let drawn = self.drawn[of.length as usize];
            return if of.driven {
                microseconds(drawn * self.duration_factor(step))
            } else {
                whole(drawn)
            };
        }
        match &self.model.steps[step].act {
            ActModel::Timed { seconds, .. } => {
                let factor = self.duration_factor(step);
                self.draw(step, seconds, Purpose::Duration, factor)
            }
            _ => 0,
        }
    }

    /// How long the transfer of a step takes; none where it never catches up.
    fn transfer(&self, step: usize) -> Option<i64> {
        let ActModel::Transfer(transfer) = &self.model.steps[step].act else {
            return None;
        };
        let seconds = transfer.seconds(&self.inputs)?;
        Some(microseconds(seconds * self.duration_factor(step)))
    }

    /// The act ends at `end`, or is cut short by its window.
    fn act_until(&mut self, step: usize, work: i64, end: i64) -> Result<(), Halt> {
        self.steps[step].work = work;
        match self.model.briefs.of[step].window.get() {
            Some(window) => {
                let (_, close) = self.model.clocks[window as usize].span(self.now)?;
                let kept = end <= close;
                let what = if kept {
                    Happening::ActEnd
                } else {
                    Happening::Overrun
                };
                self.push(end.min(close), what, step);
            }
            None => self.push(end, Happening::ActEnd, step),
        }
        Ok(())
    }

    fn begin_run(&mut self, step: usize) {
        let now = self.now;
        let state = &mut self.steps[step];
        state.attempt += 1;
        if state.attempt == 1 {
            self.first_start[step] = now;
        } else {
            self.troubles.of_mut(step).onset = i64::MAX;
        }
        self.unfinished |= state.attempt > MOST_STARTS;
        state.start = now;
        state.state = State::Acting;
        let run = Run {
            step: step as u32,
            start: now,
            release: UNRELEASED,
            finish: UNRELEASED,
            cause: state.cause,
            cause_time: state.cause_time,
            previous: state.run,
        };
        state.run = self.runs.push(run);
        self.clear_ready(step);
    }

    /// The people, the link and the bill of an act that ends now.
    fn release_act(&mut self, step: usize, work: i64) {
        let model = self.model;
        let of = &model.briefs.of[step];
        let run = self.steps[step].run;
        self.runs[run as usize].release = self.now;
        if of.relay {
            self.leave(step);
        } else {
            let people = model.briefs.people(of);
            self.bill(people, work);
            self.give_back(people, run);
        }
        if let Some(link) = of.link.get() {
            self.links[link as usize] += 1;
            self.releases.push((self.now, run, LINK | link));
        }
    }

    fn act_end(&mut self, step: usize) {
        let model = self.model;
        let of = &model.briefs.of[step];
        self.release_act(step, self.steps[step].work);
        if of.relay {
            // Its window has nothing more to say.
            self.steps[step].epoch += 1;
        }
        if of.shifts
            && let Some(mover) = of.mover.get()
        {
            self.shift(mover as usize, step);
        }
        let soak = if self.steps[step].attempt == 1 {
            whole(self.drawn[of.soak as usize])
        } else {
            self.draw(step, &model.steps[step].soak, Purpose::Soak, 1.0)
        };
        if of.fails && self.fails(step, soak) {
            return;
        }
        if soak == 0 {
            self.complete(step);
        } else {
            self.steps[step].state = State::Soaking;
            self.push(self.now.saturating_add(soak), Happening::SoakEnd, step);
        }
    }

    /// Traffic or writes are on the new side as `step` says.
    fn shift(&mut self, mover: usize, step: usize) {
        let weight = self.model.briefs.weight[step];
        let state = &mut self.movers[mover];
        if state.writes_since.is_none() && weight > 0.0 {
            state.writes_since = Some(self.now);
        }
        state.weight = weight;
        state.last_shift = Some(step as u32);
    }

    /// A run is done, or put right.
    fn end_run(&mut self, run: u32) {
        if self.ended_at != self.now {
            self.ended_at = self.now;
            self.ended.clear();
        }
        self.ended.push(run);
        self.runs[run as usize].finish = self.now;
    }

    fn complete(&mut self, step: usize) {
        let model = self.model;
        let now = self.now;
        let state = &mut self.steps[step];
        state.state = State::Done;
        state.finish = now;
        let first = &mut self.first_finish[step];
        *first = now.min(*first);
        let run = state.run;
        self.end_run(run);
        self.done += 1;
        self.last_finish = now;
        let of = &model.briefs.of[step];
        if let Some(mover) = of.mover.get()
            && of.irreversible
        {
            self.movers[mover as usize].irreversible_done = true;
        }
        if let Some(unit) = of.unit.get() {
            self.unit_step_done(unit as usize, run);
        }
        for &successor in model.successors.of(step) {
            let pending = &mut self.pending[successor as usize];
            if *pending > 0 {
                *pending -= 1;
                if *pending == 0 {
                    self.make_ready(successor as usize, Cause::Ready, now);
                }
            }
        }
    }

    /// Asks for an approval, again and again until somebody answers.
    fn ask(&mut self, step: usize) -> Result<(), Halt> {
        let model = self.model;
        let of = &model.briefs.of[step];
        let trouble = self.troubles.of_mut(step);
        trouble.asked += 1;
        let asked = trouble.asked;
        if asked > GIVE_UP {
            self.unfinished = true;
            return Ok(());
        }
        let delay = if asked == 1 {
            whole(self.drawn[of.length as usize])
        } else {
            self.answer(step, asked)
        };
        let GateLimits { within, undo, .. } = model.briefs.gate(of);
        let wait = delay.min(within);
        let until = match of.clock.get() {
            Some(clock) => model.clocks[clock as usize].advance(self.now, wait)?,
            None => self.now.saturating_add(wait),
        };
        let what = if delay <= within {
            Happening::ActEnd
        } else if undo {
            Happening::GateUndo
        } else {
            Happening::GateExpire
        };
        self.hold(step, what, until);
        Ok(())
    }

    /// How long the answer takes to a question that was asked so often.
    fn answer(&self, step: usize, asked: u32) -> i64 {
        let ActModel::Gate(gate) = &self.model.steps[step].act else {
            return 0;
        };
        let u = self.draws.uniform(gate.entity, Purpose::Gate, asked);
        microseconds(gate.delay.sample(u))
    }

    /// Schedules the outcome of a gate, unless traffic would be held too long by then.
    fn hold(&mut self, step: usize, what: Happening, at: i64) {
        let briefs = &self.model.briefs;
        let of = &briefs.of[step];
        let mover = of.mover.get();
        let shifted = mover.is_some_and(|mover| self.movers[mover as usize].weight > 0.0);
        if let Some(max_hold) = briefs.gate(of).max_hold
            && shifted
        {
            let limit = self.steps[step]
                .start
                .saturating_add(max_hold)
                .max(self.now);
            if at > limit {
                self.push(limit, Happening::GateHeld, step);
                return;
            }
        }
        self.push(at, what, step);
    }

    fn gate_expire(&mut self, step: usize) {
        let of = &self.model.steps[step];
        let ActModel::Gate(gate) = &of.act else {
            return;
        };
        let asked = self.troubles.of(step).asked;
        let u = self.draws.uniform(gate.entity, Purpose::Escalation, asked);
        let delay = microseconds(of.failure.escalate.sample(u));
        let until = self.now.saturating_add(delay);
        let run = self.steps[step].run;
        self.note(Mark::Unanswered { run, until });
        self.hold(step, Happening::GateAsk, until);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "whole microseconds, cut to what calendars hold"
)]
fn whole(microseconds: f64) -> i64 {
    microseconds as i64
}
