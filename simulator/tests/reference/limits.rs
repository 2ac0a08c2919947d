//! When hours, windows and freezes let a step start, and whether they ever do.

use whimbrel_plan::*;
use whimbrel_simulator::Lack;

use crate::trial::Trial;

/// How long a step waits for a window or for the end of freezes.
const FIVE_YEARS: i64 = 5 * 31_557_600 * 1_000_000;

impl Trial<'_> {
    /// Whether hours, window and freezes let an act start then.
    pub fn may_start(&self, id: StepId, at: i64) -> bool {
        self.setup.hours(id).at(at) && self.fits(id, at)
    }

    /// Whether a step that nothing else keeps waiting may not start within five years. It can do so
    /// now, or when something opens or thaws.
    pub fn waits_in_vain(&self, id: StepId) -> bool {
        let setup = self.setup;
        let waits = !self.has_place(id)
            || !self.has_link(setup.step(id))
            || !(setup.is_relay(id) || self.has_people(setup.needs(id)));
        if waits || self.may_start(id, self.now) {
            return false;
        }
        let window = setup.step(id).window;
        let window = window.map(|window| &setup.windows[window.index()]);
        let open = window.into_iter().chain([setup.hours(id)]);
        let openings = open.filter_map(|open| open.0.as_ref()).flatten();
        let changes = openings.map(|&(open, _)| open);
        let mut changes = changes.chain(setup.freezes.iter().map(|&(_, close)| close));
        let soon = |at: i64| self.now < at && at <= self.now + FIVE_YEARS;
        !changes.any(|at| soon(at) && self.may_start(id, at))
    }

    /// The trial never finishes.
    pub fn miss(&mut self, id: StepId) {
        let lack = match self.setup.step(id).window {
            Some(_) => Lack::Window,
            None => Lack::Freeze,
        };
        if !self.unfinished {
            self.missed = Some((id, lack));
        }
        self.unfinished = true;
    }

    /// Whether the act, begun then, at its P90 ends within the window and touches no freeze.
    fn fits(&self, id: StepId, at: i64) -> bool {
        let step = self.setup.step(id);
        let span = step
            .window
            .map(|window| self.setup.windows[window.index()].span(at));
        let mut freezes = self.setup.plan.freezes.iter();
        let frozen = freezes.any(|(freeze, _)| self.blocks(freeze, step, at, at + 1));
        if span == Some(None) || frozen {
            return false;
        }
        let end = self.end_of(id, self.setup.act_p90(id), at);
        let in_window = span.flatten().is_none_or(|(_, close)| end <= close);
        let mut freezes = self.setup.plan.freezes.iter();
        in_window && !freezes.any(|(freeze, _)| self.blocks(freeze, step, at, end))
    }

    /// Whether a freeze that blocks a step touches that time.
    fn blocks(&self, freeze: FreezeId, step: &Step, since: i64, until: i64) -> bool {
        let kinds = &self.setup.plan.freezes[freeze].blocks;
        let (from, to) = self.setup.freezes[freeze.index()];
        (kinds.is_empty() || kinds.contains(&step.kind)) && from < until && since < to
    }
}
