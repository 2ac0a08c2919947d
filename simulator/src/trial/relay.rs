//! Work that shifts pass on: one team at a time, the first of its `needs` whose calendar is open and
//! which has its people free, until its calendar closes or the act ends.
//!
//! Between two shifts nobody is held, nothing advances, and what is left waits like a ready step; but
//! only people can keep it waiting, no freeze and no place. A window that closes meanwhile ends it.

use super::Halt;
use super::agenda::Happening;
use super::state::{Cause, State, Trial};

/// What is left of an act, and who is at it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Relay {
    /// (team, people) on shift.
    on_shift: Option<(u32, u32)>,
    /// Since when.
    since: i64,
    /// Working microseconds.
    left: i64,
    /// Person-microseconds since it began.
    pub(super) worked: i64,
    /// The last opening for which it was to be woken.
    opening: i64,
}

impl Trial<'_> {
    /// Starts a relay, or goes on with it, when a shift can.
    pub(super) fn try_relay(&mut self, step: usize) -> Result<(), Halt> {
        let relieved = self.steps[step].state == State::Relieved;
        if !relieved {
            if !self.has_place(step) {
                self.steps[step].blocked = true;
                return Ok(());
            }
            let at = self.earliest(step)?;
            if at > self.now {
                self.steps[step].wake = at;
                self.push(at, Happening::Wake, step);
                return Ok(());
            }
        }
        let Some(shift) = self.free_shift(step) else {
            self.steps[step].blocked = true;
            return self.wake_at_opening(step);
        };
        if relieved {
            self.begin_shift(step, shift)
        } else {
            let now = self.now;
            let released = self.releases.last().is_some_and(|(at, ..)| *at == now);
            let state = &mut self.steps[step];
            if state.blocked && released {
                state.cause = Cause::Release;
                state.cause_time = now;
            }
            state.blocked = false;
            self.start_act(step)
        }
    }

    /// The first team that is open now and has its people free.
    fn free_shift(&self, step: usize) -> Option<(u32, u32)> {
        let mut needs = self.model.steps[step].needs.iter();
        needs
            .find(|&&(team, count)| self.free[team as usize] >= count && self.is_open(team))
            .copied()
    }

    fn is_open(&self, team: u32) -> bool {
        self.model.teams[team as usize].clock.is_none_or(|clock| {
            let span = self.model.clocks[clock as usize].span(self.now);
            span.is_ok_and(|(open, _)| open <= self.now)
        })
    }

    /// Looks again when a team opens that is closed now; releases are looked at anyway.
    fn wake_at_opening(&mut self, step: usize) -> Result<(), Halt> {
        let model = self.model;
        let mut next = i64::MAX;
        for &(team, _) in &model.steps[step].needs {
            if let (Some(clock), false) = (model.teams[team as usize].clock, self.is_open(team)) {
                next = next.min(model.clocks[clock as usize].next_open(self.now)?);
            }
        }
        if next < i64::MAX && self.relays[step].opening != next {
            self.relays[step].opening = next;
            self.push(next, Happening::Wake, step);
        }
        Ok(())
    }

    /// An act of so much work begins with the shift that can.
    pub(super) fn start_relay(&mut self, step: usize, work: i64) -> Result<(), Halt> {
        self.relays[step] = Relay {
            left: work,
            ..Relay::default()
        };
        if let Some(window) = self.model.steps[step].window {
            let (_, close) = self.model.clocks[window as usize].span(self.now)?;
            self.push(close, Happening::Overrun, step);
        }
        match self.free_shift(step) {
            Some(shift) => self.begin_shift(step, shift),
            None => Ok(()),
        }
    }

    fn begin_shift(&mut self, step: usize, (team, people): (u32, u32)) -> Result<(), Halt> {
        self.take(&[(team, people)]);
        self.clear_ready(step);
        self.steps[step].state = State::Acting;
        let relay = &mut self.relays[step];
        relay.on_shift = Some((team, people));
        relay.since = self.now;
        let end = self.now.saturating_add(relay.left);
        let close = match self.model.teams[team as usize].clock {
            Some(clock) => self.model.clocks[clock as usize].span(self.now)?.1,
            None => i64::MAX,
        };
        if end <= close {
            self.push(end, Happening::ActEnd, step);
        } else {
            self.push(close, Happening::ShiftEnd, step);
        }
        Ok(())
    }

    /// The calendar of the team at work closes.
    pub(super) fn shift_end(&mut self, step: usize) {
        self.leave(step);
        let state = &mut self.steps[step];
        state.state = State::Relieved;
        state.wake = 0;
        state.blocked = false;
        self.set_ready(step);
    }

    /// The team at work goes, if one is; its hours are billed.
    pub(super) fn leave(&mut self, step: usize) {
        let now = self.now;
        let relay = &mut self.relays[step];
        let Some(shift) = relay.on_shift.take() else {
            return;
        };
        let worked = now - relay.since;
        relay.left -= worked;
        relay.worked += i64::from(shift.1) * worked;
        self.bill(&[shift], worked);
        self.give_back(&[shift], self.steps[step].run);
    }
}
