//! The critical path of a trial.
//!
//! Critical by exact equality, backward from the last finish: over precedence (a predecessor done
//! when the step became ready, calendar waits included), over what was given back at the moment
//! the step could start (people, links, places in the batch), and over the failed attempt that a
//! retry waited for. All ties are marked.

use super::state::{Cause, NO_RUN, Trial};
use super::{BATCH, LINK};

impl Trial<'_> {
    /// Calls `mark` with every step on the critical path, possibly more than once.
    pub(crate) fn critical(&mut self, mut mark: impl FnMut(usize)) {
        let count = self.runs.len();
        self.marked.resize(count, false);
        self.marked.fill(&false);
        self.stack.clear();
        for position in 0..self.ended.len() {
            if let Some(&run) = self.ended.get(position) {
                self.visit(run);
            }
        }
        while let Some(run) = self.stack.pop() {
            mark(self.runs[run as usize].step as usize);
            self.follow(run as usize);
        }
    }

    fn visit(&mut self, run: u32) {
        if run != NO_RUN && !self.marked[run as usize] {
            self.marked[run as usize] = true;
            self.stack.push(run);
        }
    }

    fn follow(&mut self, run: usize) {
        let model = self.model;
        let at = self.runs[run];
        let step = at.step as usize;
        match at.cause {
            Cause::Start => return,
            Cause::Retry(failed) => self.visit(failed),
            Cause::Release => self.follow_releases(step, at.cause_time),
            Cause::Ready => {}
        }
        for &predecessor in model.predecessors.of(step) {
            let mut run = self.steps[predecessor as usize].run;
            while run != NO_RUN {
                let before = self.runs[run as usize];
                if before.finish == at.cause_time && before.start <= at.start {
                    self.visit(run);
                }
                run = before.previous;
            }
        }
    }

    fn follow_releases(&mut self, step: usize, at: i64) {
        let from = self.releases.partition_point(|(time, ..)| *time < at);
        let mut position = from;
        while let Some(&(time, run, what)) = self.releases.get(position) {
            if time != at {
                return;
            }
            if self.uses(step, what) {
                self.visit(run);
            }
            position += 1;
        }
    }

    /// Whether `step` waited for `what`.
    pub(super) fn uses(&self, step: usize, what: u32) -> bool {
        let of = &self.model.steps[step];
        if what & BATCH != 0 {
            let batch = of
                .mover
                .map(|mover| self.model.movers[mover as usize].batch);
            return batch == Some(what & !BATCH);
        }
        if what & LINK != 0 {
            return of.link == Some(what & !LINK);
        }
        of.needs.iter().any(|(team, _)| *team == what)
    }
}
