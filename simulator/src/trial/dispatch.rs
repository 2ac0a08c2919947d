//! Which ready steps start: people, links, places in the batch, open hours, windows and freezes.

use super::agenda::Happening;
use super::state::{Cause, State, Trial};
use super::{BATCH, Halt};
use crate::clock::BeyondHorizon;
use crate::missed::Lack;
use crate::model::FIVE_YEARS;

impl Trial<'_> {
    pub(super) fn make_ready(&mut self, step: usize, cause: Cause, at: i64) {
        let state = &mut self.steps[step];
        state.state = State::Ready;
        state.cause = cause;
        state.cause_time = at;
        state.wake = 0;
        state.blocked = false;
        self.set_ready(step);
    }

    pub(super) fn set_ready(&mut self, step: usize) {
        self.ready.insert(step);
    }

    pub(super) fn clear_ready(&mut self, step: usize) {
        self.ready.remove(step);
    }

    /// Looks at a step again that slept or waited for people, if it still does.
    pub(super) fn wake(&mut self, step: usize) {
        let state = self.steps[step].state;
        if matches!(state, State::Ready | State::FixReady | State::Relieved) {
            self.set_ready(step);
        }
    }

    /// Tries every ready step, by priority. Starting one makes no other ready, so what is ready can
    /// be read off word by word.
    pub(super) fn scan(&mut self) -> Result<(), Halt> {
        let mut group = 0;
        while let Some(words) = self.ready.group(group) {
            for word in words {
                for step in self.ready.word(word) {
                    if let Err(halt) = self.try_start(step) {
                        self.tried = step as u32;
                        return Err(halt);
                    }
                }
            }
            group += 1;
        }
        Ok(())
    }

    fn try_start(&mut self, step: usize) -> Result<(), Halt> {
        let model = self.model;
        let of = &model.briefs.of[step];
        if self.steps[step].wake > self.now {
            return Ok(());
        }
        let fixing = self.steps[step].state == State::FixReady;
        if of.relay && !fixing {
            return self.try_relay(step);
        }
        let people = if fixing {
            &model.steps[step].crew
        } else {
            model.briefs.people(of)
        };
        if let Some(team) = self.lacking(people) {
            self.steps[step].blocked = true;
            self.short[team as usize].push(step as u32);
            self.clear_ready(step);
            return Ok(());
        }
        if !fixing && !self.has_place(step) {
            self.steps[step].blocked = true;
            return Ok(());
        }
        let at = if fixing {
            self.opening(model.steps[step].fix_clock)?
        } else {
            self.earliest(step)?
        };
        let now = self.now;
        let state = &mut self.steps[step];
        if state.blocked && !fixing {
            state.cause = Cause::Release;
            state.cause_time = now;
        }
        state.blocked = false;
        if at > now {
            state.wake = at;
            self.clear_ready(step);
            self.push(at, Happening::Wake, step);
            Ok(())
        } else if fixing {
            self.start_fix(step)
        } else {
            self.start_act(step)
        }
    }

    fn opening(&self, clock: Option<u32>) -> Result<i64, Halt> {
        match clock {
            Some(clock) => Ok(self.model.clocks[clock as usize].next_open(self.now)?),
            None => Ok(self.now),
        }
    }

    /// The first team that has too few people free. Nothing but their return lets the step start.
    fn lacking(&self, people: &[(u32, u32)]) -> Option<u32> {
        let short = |&&(team, count): &&(u32, u32)| self.free[team as usize] < count;
        people.iter().find(short).map(|(team, _)| *team)
    }

    /// Whether nothing but people and hours keeps a ready step waiting.
    pub(super) fn has_place(&self, step: usize) -> bool {
        let of = &self.model.briefs.of[step];
        let link = of.link.get();
        if link.is_some_and(|link| self.links[link as usize] == 0) {
            return false;
        }
        let unit = of.unit.get();
        if unit.is_some_and(|unit| !self.may_enter(unit as usize)) {
            return false;
        }
        // During a rollback, members without traffic go no further than their first shift.
        !(of.shifted
            && of.mover.get().is_some_and(|mover| {
                let batch = self.model.movers[mover as usize].batch;
                self.batches[batch as usize].rolling && self.movers[mover as usize].weight <= 0.0
            }))
    }

    /// The first instant from now on at which the act may start.
    pub(super) fn earliest(&self, step: usize) -> Result<i64, Halt> {
        let of = &self.model.briefs.of[step];
        let limit = self.now.saturating_add(FIVE_YEARS);
        if of.window.is_none() && of.freezes.is_none() {
            let at = self.opening(of.clock.get())?;
            if at <= limit {
                return Ok(at);
            }
        }
        let mut at = self.now;
        loop {
            let later = self.not_before(step, at)?;
            if later == at {
                return Ok(at);
            }
            if later > limit {
                let frozen = of.window.is_none();
                return Err(Halt::InVain(if frozen {
                    Lack::Freeze
                } else {
                    Lack::Window
                }));
            }
            at = later;
        }
    }

    /// `at` when the act may start then, else a later instant before which it may not.
    pub(super) fn not_before(&self, step: usize, at: i64) -> Result<i64, Halt> {
        let model = self.model;
        let of = &model.steps[step];
        let clock = of.clock.map(|clock| &model.clocks[clock as usize]);
        let at = match clock {
            Some(clock) => clock.next_open(at)?,
            None => at,
        };
        if of.window.is_none() && of.freezes.is_none() {
            return Ok(at);
        }
        // None beyond the calendars.
        let end = match clock {
            Some(clock) if of.advances() => clock.advance(at, of.p90).ok(),
            _ => Some(at.saturating_add(of.p90)),
        };
        let ends_after = |limit: i64| end.is_none_or(|end| end > limit);
        if let Some(window) = of.window {
            let Ok((open, close)) = model.clocks[window as usize].span(at) else {
                return self.never();
            };
            if at < open {
                return Ok(open);
            }
            if ends_after(close) {
                // What is open to the end of the calendars may be so for longer.
                return if close < model.horizon {
                    Ok(close)
                } else {
                    Err(Halt::Horizon)
                };
            }
        }
        let Some(freezes) = of.freezes else {
            return Ok(at);
        };
        match model.clocks[freezes as usize].span(at) {
            Ok((from, to)) if at >= from || ends_after(from) => {
                if to < model.horizon {
                    Ok(to)
                } else {
                    self.never()
                }
            }
            Err(BeyondHorizon) if end.is_none() => Err(Halt::Horizon),
            _ => Ok(at),
        }
    }

    /// What does not come within the calendars, where these reach far enough to say so.
    fn never(&self) -> Result<i64, Halt> {
        if self.model.horizon > self.now.saturating_add(FIVE_YEARS) {
            Ok(i64::MAX)
        } else {
            Err(Halt::Horizon)
        }
    }

    pub(super) fn take(&mut self, people: &[(u32, u32)]) {
        for &(team, count) in people {
            if self.engineers[team as usize] != u32::MAX {
                self.free[team as usize] -= count;
            }
        }
    }

    pub(super) fn give_back(&mut self, people: &[(u32, u32)], run: u32) {
        for &(team, count) in people {
            if self.engineers[team as usize] != u32::MAX {
                self.free[team as usize] += count;
                self.releases.push((self.now, run, team));
                let mut short = std::mem::take(&mut self.short[team as usize]);
                for step in short.drain(..) {
                    self.wake(step as usize);
                }
                self.short[team as usize] = short;
            }
        }
    }

    fn may_enter(&self, unit: usize) -> bool {
        if self.units[unit].entered {
            return true;
        }
        let batch = self.model.units[unit].batch as usize;
        let limit = self.model.batches[batch].at_once;
        limit.is_none_or(|limit| self.batches[batch].active < limit.max(1))
    }

    pub(super) fn enter(&mut self, unit: usize) {
        if !self.units[unit].entered {
            self.units[unit].entered = true;
            let batch = self.model.units[unit].batch as usize;
            self.batches[batch].active += 1;
        }
    }

    pub(super) fn unit_step_done(&mut self, unit: usize, run: u32) {
        let state = &mut self.units[unit];
        state.left -= 1;
        if state.left == 0 && !state.left_place {
            state.left_place = true;
            let batch = self.model.units[unit].batch;
            self.batches[batch as usize].active -= 1;
            self.releases.push((self.now, run, BATCH | batch));
        }
    }
}
