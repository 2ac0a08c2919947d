//! Failures: onset, detection, undo, fix, escalation and the way back, alone or as a batch.

use super::agenda::Happening;
use super::state::{Cause, State, Trial};
use super::trace::{Fault, Mark};
use super::{BATCH, GIVE_UP, Halt};
use crate::model::microseconds;
use crate::philox::Purpose;

impl Trial<'_> {
    /// Decides at the end of the act whether this attempt fails, and schedules its detection.
    pub(super) fn fails(&mut self, step: usize, soak: i64) -> bool {
        let brief = &self.model.briefs.of[step];
        // Most go well at once, which a look at the brief is enough to see.
        let first = self.steps[step].attempt == 1;
        if first && self.drawn[brief.failure as usize] >= brief.chance {
            return false;
        }
        let of = &self.model.steps[step];
        let (learning, drivers) = self.scales(step);
        let attempt = self.steps[step].attempt;
        let draw = |purpose| self.draws.uniform(of.entity, purpose, attempt);
        let onset = if let Some(hazard) = of.failure.hazard {
            let rate = hazard.value(&self.inputs) * learning * drivers;
            let after = microseconds(-libm::log1p(-draw(Purpose::Hazard)) / rate);
            if rate <= 0.0 || after >= soak {
                return false;
            }
            after
        } else {
            let chance = of.failure.chance.value(&self.inputs) * learning;
            let chance = if drivers == 1.0 {
                chance
            } else {
                1.0 - libm::pow(1.0 - chance, drivers)
            };
            if draw(Purpose::Failure) >= chance {
                return false;
            }
            if soak > 0 {
                share(soak, draw(Purpose::Onset))
            } else {
                0
            }
        };
        let onset = self.now.saturating_add(onset);
        let detect = self.draw(step, &of.failure.detect, Purpose::Detect, 1.0);
        self.troubles.of_mut(step).onset = onset;
        self.steps[step].state = State::Soaking;
        self.push(onset.saturating_add(detect), Happening::Detect, step);
        true
    }

    /// learning^failures, and the product of the drivers of failure.
    fn scales(&self, step: usize) -> (f64, f64) {
        let mut factor = 1.0;
        for _ in 0..self.troubles.of(step).failures {
            factor *= self.model.steps[step].failure.learning.value(&self.inputs);
        }
        let drivers = self.model.failure_drivers.of(step).iter();
        (factor, drivers.map(|&d| self.factors[d as usize]).product())
    }

    pub(super) fn detect(&mut self, step: usize) {
        let onset = self.troubles.of(step).onset;
        self.fail(step, onset, Fault::Drawn);
    }

    /// The window closes on a running act.
    pub(super) fn overrun(&mut self, step: usize) {
        self.abort(step);
        self.fail(step, self.now, Fault::Window);
    }

    /// Nobody approved in time, or traffic may be held no longer.
    pub(super) fn gate_undo(&mut self, step: usize, fault: Fault) {
        self.release_act(step, 0);
        self.fail(step, self.now, fault);
    }

    /// Stops a running act where it is.
    fn abort(&mut self, step: usize) {
        self.clear_ready(step);
        let start = self.steps[step].start;
        let of = &self.model.steps[step];
        let done = match of.clock {
            Some(clock) if of.advances() => {
                self.model.clocks[clock as usize].between(start, self.now)
            }
            _ => self.now - start,
        };
        self.release_act(step, done);
        self.steps[step].epoch += 1;
    }

    fn fail(&mut self, step: usize, onset: i64, fault: Fault) {
        self.harm.rollbacks += 1;
        let mut end = self.begin_undo(step, onset, fault);
        if let Some(batch) = self.collective(step) {
            end = end.max(self.roll_back(batch, step));
        }
        self.hold_against_rto(onset, end);
    }

    fn hold_against_rto(&mut self, onset: i64, end: i64) {
        let rto = self.model.objectives.rto;
        self.harm.rto_broken |= rto.is_some_and(|rto| end.saturating_sub(onset) > rto);
    }

    /// Starts the undo of a failed attempt and returns when it ends.
    fn begin_undo(&mut self, step: usize, onset: i64, fault: Fault) -> i64 {
        let of = &self.model.steps[step];
        let trouble = self.troubles.of_mut(step);
        trouble.failures += 1;
        trouble.recent += 1;
        match fault {
            Fault::Drawn => {}
            Fault::Window => trouble.overruns += 1,
            Fault::Unanswered | Fault::Held => trouble.unanswered += 1,
        }
        self.unfinished |= trouble.failures >= GIVE_UP;
        let state = &mut self.steps[step];
        state.epoch += 1;
        state.state = State::Undoing;
        let factor = self.duration_factor(step);
        let undo = self.draw(step, &of.failure.undo, Purpose::Undo, factor);
        self.bill_mending(&of.crew, undo);
        let end = self.now.saturating_add(undo);
        self.push(end, Happening::UndoEnd, step);
        let run = self.steps[step].run;
        self.note(Mark::Failed {
            run,
            fault,
            onset,
            undone: end,
        });
        self.hold_against_rto(onset, end);
        if fault.hurts() {
            self.harm.incidents += 1;
            if let Some(mover) = of.mover {
                let mover = mover as usize;
                let weight = if of.cutover {
                    1.0
                } else {
                    self.movers[mover].weight
                };
                let severity = self.value(step, &of.failure.severity, Purpose::Severity);
                self.expose(mover, onset, end, weight * severity, true);
                self.lose_data(mover, onset);
            }
        }
        end
    }

    /// Bills an undo or a fix.
    fn bill_mending(&mut self, people: &[(u32, u32)], work: i64) {
        let heads = people.iter().map(|&(_, count)| i64::from(count));
        self.mended += heads.sum::<i64>() * work;
        self.bill(people, work);
    }

    pub(super) fn bill(&mut self, people: &[(u32, u32)], work: i64) {
        for &(team, count) in people {
            self.billed[team as usize] += i64::from(count) * work;
        }
    }

    /// How much data a rollback at `onset` loses, against the RPO.
    fn lose_data(&mut self, mover: usize, onset: i64) {
        let of = &self.model.movers[mover];
        let (Some(rpo), Some(since)) = (self.model.objectives.rpo, self.movers[mover].writes_since)
        else {
            return;
        };
        if !of.holds_data {
            return;
        }
        let done = |step: &u32| {
            let step = &self.steps[*step as usize];
            step.state == State::Done && step.finish <= onset
        };
        let ended = |until: &[u32]| !until.is_empty() && until.iter().all(done);
        let copies = of.copies.iter();
        let standing = copies.filter(|copy| done(&copy.from) && !ended(&copy.until));
        let lags = standing.map(|copy| copy.lag.value(&self.inputs));
        let lost = lags.reduce(f64::min).unwrap_or_else(|| {
            let written = seconds((onset - since).max(0));
            of.backup_every.map_or(written, |every| written.min(every))
        });
        self.harm.rpo_broken |= lost > rpo;
    }

    pub(super) fn undo_end(&mut self, step: usize) {
        let of = &self.model.steps[step];
        let gate = matches!(of.act, crate::model::ActModel::Gate(_));
        if let Some(mover) = of.mover {
            let batch = self.model.movers[mover as usize].batch as usize;
            if of.shifts || gate || self.batches[batch].rolling {
                self.without_traffic(mover as usize);
            }
        }
        let factor = self.duration_factor(step);
        let fix = self.draw(step, &of.failure.fix, Purpose::Fix, factor);
        self.steps[step].work = fix;
        if fix == 0 {
            self.fixed(step);
        } else {
            let state = &mut self.steps[step];
            state.state = State::FixReady;
            state.wake = 0;
            state.blocked = false;
            self.set_ready(step);
        }
    }

    fn without_traffic(&mut self, mover: usize) {
        let state = &mut self.movers[mover];
        state.weight = 0.0;
        state.writes_since = None;
    }

    pub(super) fn start_fix(&mut self, step: usize) -> Result<(), Halt> {
        let of = &self.model.steps[step];
        let work = self.steps[step].work;
        self.take(&of.crew);
        self.bill_mending(&of.crew, work);
        self.clear_ready(step);
        self.steps[step].state = State::Fixing;
        let run = self.steps[step].run;
        self.note(Mark::FixStarted { run });
        let end = match of.fix_clock {
            Some(clock) => self.model.clocks[clock as usize].advance(self.now, work)?,
            None => self.now.saturating_add(work),
        };
        self.push(end, Happening::FixEnd, step);
        Ok(())
    }

    pub(super) fn fix_end(&mut self, step: usize) {
        let run = self.steps[step].run;
        self.note(Mark::FixEnded { run });
        self.give_back(&self.model.steps[step].crew, run);
        self.fixed(step);
    }

    /// After the fix: escalate, or go again.
    fn fixed(&mut self, step: usize) {
        self.steps[step].state = State::Held;
        let of = &self.model.steps[step];
        let (entity, attempt, due) = match self.collective(step) {
            Some(batch) => {
                let state = &mut self.batches[batch];
                let due = state.recent >= of.failure.attempts;
                if due {
                    state.recent = 0;
                }
                (self.model.batches[batch].entity, state.failures, due)
            }
            None => {
                let trouble = self.troubles.of_mut(step);
                let due = trouble.recent >= of.failure.attempts;
                if due {
                    trouble.recent = 0;
                }
                (of.entity, self.steps[step].attempt, due)
            }
        };
        if !due {
            self.resume(step);
            return;
        }
        let u = self.draws.uniform(entity, Purpose::Escalation, attempt);
        let delay = microseconds(of.failure.escalate.sample(u));
        let until = self.now.saturating_add(delay);
        let run = self.steps[step].run;
        self.note(Mark::Escalated { run, until });
        self.push(until, Happening::Resume, step);
    }

    /// The batch that fails as one with `step`.
    fn collective(&self, step: usize) -> Option<usize> {
        let mover = self.model.steps[step].mover?;
        let batch = self.model.movers[mover as usize].batch as usize;
        self.model.batches[batch].collective.then_some(batch)
    }

    pub(super) fn resume(&mut self, step: usize) {
        let run = self.steps[step].run;
        self.end_run(run);
        match self.collective(step) {
            Some(batch) => self.one_less(batch, run),
            None => self.go_again(step, run),
        }
    }

    /// Sets a failed step and what lies between it and where it retries from back.
    fn go_again(&mut self, step: usize, run: u32) {
        let of = &self.model.steps[step];
        let gate = matches!(of.act, crate::model::ActModel::Gate(_));
        if let (true, Some(mover)) = (gate, of.mover)
            && self.movers[mover as usize].last_shift.is_some()
        {
            // A refused gate took all traffic back: it has to be shifted again.
            let model = self.model;
            let after = &model.movers[mover as usize].after_shift;
            let here = after.iter().position(|&s| s as usize == step);
            if let Some(set) = here.and_then(|here| after.get(..=here)) {
                self.set_back(set, run);
            }
        }
        self.set_back(self.model.retry.of(step), run);
    }

    /// Rolls back every member with traffic; returns when the last undo ends.
    fn roll_back(&mut self, batch: usize, step: usize) -> i64 {
        let state = &mut self.batches[batch];
        state.failures += 1;
        state.recent += 1;
        state.rolling = true;
        self.unfinished |= state.failures >= GIVE_UP;
        self.add_failed(batch, step);
        let mut end = self.now;
        let model = self.model;
        for &mover in &model.batches[batch].movers {
            let member = self.movers[mover as usize];
            if member.weight <= 0.0 || member.irreversible_done {
                continue;
            }
            let found = self.call_back(batch, mover as usize);
            end = end.max(found.unwrap_or(end));
            if found.is_none() && !self.movers[mover as usize].being_undone {
                end = end.max(self.undo_member(batch, mover));
            }
        }
        end
    }

    /// Counts a step that failed into the rollback of its batch.
    fn add_failed(&mut self, batch: usize, step: usize) {
        let state = &mut self.batches[batch];
        state.outstanding += 1;
        state.failed.push(step as u32);
        self.set_being_undone(step, true);
    }

    fn set_being_undone(&mut self, step: usize, being_undone: bool) {
        if let Some(mover) = self.model.steps[step].mover {
            self.movers[mover as usize].being_undone = being_undone;
        }
    }

    /// Stops everything a member does from its first shift on. What had already gone wrong
    /// unnoticed is found and undone; returns when.
    fn call_back(&mut self, batch: usize, mover: usize) -> Option<i64> {
        let model = self.model;
        let mut end = None;
        for &step in &model.movers[mover].after_shift {
            let step = step as usize;
            match self.steps[step].state {
                State::Acting | State::Relieved => {
                    if matches!(model.steps[step].act, crate::model::ActModel::Gate(_)) {
                        self.release_act(step, 0);
                        self.steps[step].epoch += 1;
                    } else {
                        self.abort(step);
                    }
                    self.steps[step].state = State::Held;
                }
                State::Soaking if self.troubles.of(step).onset <= self.now => {
                    let onset = self.troubles.of(step).onset;
                    let undone = self.begin_undo(step, onset, Fault::Drawn);
                    self.add_failed(batch, step);
                    end = end.max(Some(undone));
                }
                State::Soaking => {
                    self.steps[step].epoch += 1;
                    self.steps[step].state = State::Held;
                }
                State::Ready => {
                    self.clear_ready(step);
                    self.steps[step].state = State::Held;
                }
                _ => {}
            }
        }
        end
    }

    /// Undoes a member that did nothing wrong.
    fn undo_member(&mut self, batch: usize, mover: u32) -> i64 {
        let Some(step) = self.movers[mover as usize].last_shift else {
            return self.now;
        };
        let step = step as usize;
        let of = &self.model.steps[step];
        let factor = self.duration_factor(step);
        let undo = self.draw(step, &of.failure.undo, Purpose::Undo, factor);
        self.bill_mending(&of.crew, undo);
        let end = self.now.saturating_add(undo);
        self.push(end, Happening::MemberUndone, mover as usize);
        let run = self.steps[step].run;
        self.note(Mark::Undone { run, until: end });
        let state = &mut self.batches[batch];
        state.outstanding += 1;
        state.undone.push(mover);
        self.movers[mover as usize].being_undone = true;
        end
    }

    pub(super) fn member_undone(&mut self, mover: usize) {
        self.without_traffic(mover);
        let run = self.movers[mover]
            .last_shift
            .map_or(super::state::NO_RUN, |step| self.steps[step as usize].run);
        self.one_less(self.model.movers[mover].batch as usize, run);
    }

    /// One undo or fix of the batch is over; after the last one all go on.
    fn one_less(&mut self, batch: usize, run: u32) {
        let state = &mut self.batches[batch];
        state.outstanding -= 1;
        if state.outstanding > 0 {
            return;
        }
        state.rolling = false;
        let failed = std::mem::take(&mut state.failed);
        let undone = std::mem::take(&mut state.undone);
        self.releases
            .push((self.now, run, BATCH | u32::try_from(batch).unwrap_or(0)));
        let model = self.model;
        for &mover in &undone {
            self.movers[mover as usize].being_undone = false;
            self.set_back(&model.movers[mover as usize].after_shift, run);
        }
        for &step in &failed {
            let step = step as usize;
            self.set_being_undone(step, false);
            if self.steps[step].state == State::Held {
                self.go_again(step, run);
            }
            if let Some(mover) = model.steps[step].mover {
                self.let_go(&model.movers[mover as usize].after_shift, run);
            }
        }
        let state = &mut self.batches[batch];
        state.failed = failed;
        state.undone = undone;
        state.failed.clear();
        state.undone.clear();
    }

    /// Steps that were called back but need not be repeated from further back go again.
    fn let_go(&mut self, steps: &[u32], run: u32) {
        for &step in steps {
            if self.steps[step as usize].state == State::Held {
                self.set_back(&[step], run);
            }
        }
    }

    /// Makes done and held steps of `set` wait again; what has not started but relies on them
    /// waits too, what has goes on.
    fn set_back(&mut self, set: &[u32], run: u32) {
        let model = self.model;
        for &step in set {
            let step = step as usize;
            match self.steps[step].state {
                State::Done => self.undo_done(step),
                State::Held => {}
                _ => continue,
            }
            let state = &mut self.steps[step];
            state.state = State::Waiting;
            state.epoch += 1;
            let attempts = state.attempt;
            self.note(Mark::SetBack {
                step: step as u32,
                attempts,
                run,
            });
        }
        for &step in set {
            let step = step as usize;
            if self.steps[step].state != State::Waiting {
                continue;
            }
            let before = model.predecessors.of(step).iter();
            let pending = before.filter(|&&p| self.steps[p as usize].state != State::Done);
            let pending = u32::try_from(pending.count()).unwrap_or(u32::MAX);
            self.pending[step] = pending;
            if pending == 0 {
                self.make_ready(step, Cause::Retry(run), self.now);
            }
        }
    }

    fn undo_done(&mut self, step: usize) {
        let model = self.model;
        self.done -= 1;
        if let Some(unit) = model.steps[step].unit {
            self.units[unit as usize].left += 1;
        }
        for &successor in model.successors.of(step) {
            let successor = successor as usize;
            match self.steps[successor].state {
                State::Waiting => self.pending[successor] += 1,
                State::Ready => {
                    self.clear_ready(successor);
                    self.steps[successor].state = State::Waiting;
                    self.pending[successor] = 1;
                }
                _ => {}
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "microseconds of a soak, below 2^53"
)]
fn share(whole: i64, part: f64) -> i64 {
    (whole as f64 * part).round_ties_even() as i64
}

#[expect(clippy::cast_precision_loss, reason = "microseconds, below 2^53")]
fn seconds(microseconds: i64) -> f64 {
    microseconds as f64 / crate::model::SECOND
}
