//! What a trial that is told keeps beside its state, and its critical chain: from its end back to its
//! start, what was under way or waited for at each moment.
//!
//! The chain follows precedence. A step that waits for what others hold is a piece of the chain with
//! the step that held it last, rather than the work of that one, so that pieces say who waited for whom
//! and add up to the whole.

use super::state::{Cause, NO_RUN, State, Trial};
use super::{BATCH, Halt, LINK};
use crate::model::{ActModel, Model};

/// What is noted where a trial goes wrong: nothing of it is on the way of one that does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// The attempt `run` went wrong at `onset` and is undone until `undone`.
    Failed {
        run: u32,
        fault: Fault,
        onset: i64,
        undone: i64,
    },
    /// A member without fault is undone until then; `run` is its last shift.
    Undone {
        run: u32,
        until: i64,
    },
    FixStarted {
        run: u32,
    },
    FixEnded {
        run: u32,
    },
    /// Whoever decides takes until then.
    Escalated {
        run: u32,
        until: i64,
    },
    /// Nobody answered at a gate; it is asked again then.
    Unanswered {
        run: u32,
        until: i64,
    },
    /// A step waits again, after so many attempts, because `run` was put right or called it back.
    SetBack {
        step: u32,
        attempts: u32,
        run: u32,
    },
}

/// What an attempt failed of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It was drawn to go wrong.
    Drawn,
    /// Its window closed on its act.
    Window,
    /// Nobody approved in time.
    Unanswered,
    /// Traffic may be held no longer without an approval.
    Held,
}

impl Fault {
    /// Whether whoever uses the new side suffers from it.
    pub(crate) fn hurts(self) -> bool {
        matches!(self, Self::Drawn | Self::Window)
    }
}

/// When, and what.
pub(crate) type Trace = Vec<(i64, Mark)>;

/// What a piece of the chain is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    Work,
    Transfer,
    Gate,
    Soak,
    /// From when it went wrong until somebody noticed.
    Detection,
    Undo,
    FixWait,
    Fix,
    Escalation,
    /// For the rest of a batch that is rolled back.
    Rollback,
    People,
    Link,
    Place,
    Hours,
    Window,
    Freeze,
    /// Nothing that is known. There is none in a trial that ends.
    Unexplained,
}

/// Part of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) kind: Kind,
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) step: u32,
    /// Which attempt of it.
    pub(crate) attempt: u32,
    /// The team, link or batch that is waited for.
    pub(crate) what: Option<u32>,
    /// The step that held it last.
    pub(crate) held_by: Option<u32>,
    /// Closed hours inside what counts in open ones.
    pub(crate) closed: i64,
}

impl Trial<'_> {
    /// Notes what happens now, where the trial is told.
    #[inline]
    pub(super) fn note(&mut self, mark: Mark) {
        if let Some(trace) = &mut self.trace {
            trace.push((self.now, mark));
        }
    }

    /// What was noted.
    pub(crate) fn marks(&self) -> &[(i64, Mark)] {
        self.trace.as_deref().unwrap_or_default()
    }

    /// The rank of the step that was run.
    fn step_of(&self, run: u32) -> u32 {
        self.runs[run as usize].step
    }

    /// The number in the plan of the step that was run.
    pub(crate) fn step_in_plan(&self, run: u32) -> u32 {
        self.in_plan(self.step_of(run))
    }

    fn in_plan(&self, step: u32) -> u32 {
        self.model.order.in_plan[step as usize]
    }

    pub(crate) fn model(&self) -> &Model {
        self.model
    }

    /// The factors of the drivers, 1 where one does not act.
    pub(crate) fn factors(&self) -> impl Iterator<Item = f64> {
        self.factors.iter().copied()
    }

    /// How long the acts of each step of the plan took, all attempts together, in microseconds.
    pub(crate) fn acts(&self) -> Vec<i64> {
        let mut acts = vec![0; self.steps.len()];
        for run in self.runs.iter() {
            if let Some(act) = acts.get_mut(self.in_plan(run.step) as usize) {
                *act += run.release.min(self.end()).max(run.start) - run.start;
            }
        }
        acts
    }

    /// When the trial ended, or was given up.
    pub(crate) fn end(&self) -> i64 {
        self.finish().unwrap_or(self.now)
    }

    /// The chain, from the start to the end. Of a trial that was given up it ends with `guilty`, the
    /// step that it was given up for. Steps are numbered as in the plan.
    pub(crate) fn chain(&self, guilty: Option<usize>) -> Vec<Piece> {
        let end = self.end();
        let mut pieces = Vec::new();
        let mut next = match guilty {
            Some(step) => {
                let rank = self.model.order.rank[step] as usize;
                self.waiting_or_at_work(rank, end, &mut pieces)
            }
            None => self.last_run().map(|run| (run, end)),
        };
        // Each run on the chain began before the one it leads to.
        for _ in 0..=self.runs.len() {
            let Some((run, until)) = next else {
                break;
            };
            next = self.back(run, until, &mut pieces);
        }
        pieces.retain(|piece| piece.from < piece.to);
        for piece in &mut pieces {
            piece.step = self.in_plan(piece.step);
            piece.held_by = piece.held_by.map(|step| self.in_plan(step));
        }
        pieces.reverse();
        pieces
    }

    fn last_run(&self) -> Option<u32> {
        let in_plan = self.model.order.rank.iter();
        let mut steps = in_plan.map(|&rank| &self.steps[rank as usize]);
        let last =
            steps.find(|step| step.state == State::Done && step.finish == self.last_finish)?;
        Some(last.run)
    }

    /// The run under way when the trial was given up, or the one before the wait that it is in.
    fn waiting_or_at_work(
        &self,
        step: usize,
        end: i64,
        pieces: &mut Vec<Piece>,
    ) -> Option<(u32, i64)> {
        let run = self.steps[step].run;
        let waits = matches!(
            self.steps[step].state,
            State::Waiting | State::Ready | State::Held
        );
        if run != NO_RUN && !waits {
            return Some((run, end));
        }
        let (ready, next) = self.made_ready(step, run, end);
        pieces.push(self.piece(
            Kind::Unexplained,
            (ready, end),
            step,
            self.attempts(run) + 1,
        ));
        next
    }

    fn piece(&self, kind: Kind, (from, to): (i64, i64), step: usize, attempt: u32) -> Piece {
        Piece {
            kind,
            from,
            to,
            step: step as u32,
            attempt,
            what: None,
            held_by: None,
            closed: 0,
        }
    }

    /// How many runs of the same step there are up to this one.
    pub(crate) fn attempts(&self, run: u32) -> u32 {
        let mut count = 0;
        let mut at = run;
        while at != NO_RUN {
            count += 1;
            at = self.runs[at as usize].previous;
        }
        count
    }

    /// Adds the pieces of a run up to `until` and of the wait before it, the last first; returns the
    /// run before, and until when it counts.
    fn back(&self, run: u32, until: i64, pieces: &mut Vec<Piece>) -> Option<(u32, i64)> {
        let undone = self
            .marks()
            .iter()
            .rev()
            .find_map(|(from, mark)| match mark {
                Mark::Undone { run: of, until: to } if *of == run && *to == until => Some(*from),
                _ => None,
            });
        let step = self.step_of(run) as usize;
        let attempt = self.attempts(run);
        if let Some(from) = undone
            && self.runs[run as usize].finish != until
        {
            pieces.push(self.piece(Kind::Undo, (from, until), step, attempt));
            return self.failed_at(from).map(|failed| (failed, from));
        }
        self.stages(run, until, attempt, pieces);
        let start = self.runs[run as usize].start;
        let (ready, next) = self.made_ready(step, self.runs[run as usize].previous, start);
        self.waits(run, ready, attempt, pieces);
        next
    }

    /// The attempt whose failure was noticed then.
    fn failed_at(&self, at: i64) -> Option<u32> {
        self.marks()
            .iter()
            .rev()
            .find_map(|(time, mark)| match mark {
                Mark::Failed { run, .. } if *time == at => Some(*run),
                _ => None,
            })
    }

    fn stages(&self, run: u32, until: i64, attempt: u32, pieces: &mut Vec<Piece>) {
        let of = self.runs[run as usize];
        let step = of.step as usize;
        let act = match self.model.steps[step].act {
            ActModel::Gate(_) => Kind::Gate,
            ActModel::Transfer(_) => Kind::Transfer,
            ActModel::Instant | ActModel::Timed { .. } => Kind::Work,
        };
        let mut ends = vec![(act, of.release)];
        for &(at, mark) in self.marks() {
            match mark {
                Mark::Failed {
                    run: it,
                    onset,
                    undone,
                    ..
                } if it == run => {
                    ends.extend([
                        (Kind::Soak, onset),
                        (Kind::Detection, at),
                        (Kind::Undo, undone),
                    ]);
                }
                Mark::FixStarted { run: it } if it == run => ends.push((Kind::FixWait, at)),
                Mark::FixEnded { run: it } if it == run => ends.push((Kind::Fix, at)),
                Mark::Escalated { run: it, until } if it == run => {
                    ends.push((Kind::Escalation, until));
                }
                _ => {}
            }
        }
        let failed = ends.len() > 1;
        ends.push(if failed {
            (Kind::Rollback, of.finish)
        } else {
            (Kind::Soak, of.finish)
        });
        let mut from = of.start;
        let mut found = Vec::new();
        for (kind, end) in ends {
            let end = end.min(until);
            if end > from {
                let closed = self.closed_in(step, kind, (from, end));
                let piece = self.piece(kind, (from, end), step, attempt);
                found.push(Piece { closed, ..piece });
                from = end;
            }
        }
        found.push(self.piece(Kind::Unexplained, (from, until.max(from)), step, attempt));
        pieces.extend(found.into_iter().rev());
    }

    /// How long the calendars were closed in what counts only open hours; nothing of what teams pass
    /// on to each other.
    fn closed_in(&self, step: usize, kind: Kind, (from, to): (i64, i64)) -> i64 {
        let of = &self.model.steps[step];
        let clock = match kind {
            Kind::Work if of.advances() && !of.relay => of.clock,
            Kind::Gate => of.clock,
            Kind::Fix => of.fix_clock,
            _ => None,
        };
        let open = |clock: u32| self.model.clocks[clock as usize].between(from, to);
        clock.map_or(0, |clock| to - from - open(clock))
    }

    /// The first step of the plan that is done again for the attempt `run`, which failed.
    pub(crate) fn again_from(&self, run: u32) -> Option<u32> {
        let step = self.step_of(run);
        let after = self.attempts(run);
        let set_back = |mark: &Mark| match *mark {
            Mark::SetBack { step, attempts, .. } => Some((step, attempts)),
            _ => None,
        };
        let mut marks = self.marks().iter();
        let (then, _) = marks.find(|(_, mark)| set_back(mark) == Some((step, after)))?;
        let model = self.model;
        let mover = model.steps[step as usize].mover;
        let shifted = mover.map_or(&[][..], |mover| &model.movers[mover as usize].after_shift);
        let its = |step: &u32| {
            model.retry.of(self.step_of(run) as usize).contains(step) || shifted.contains(step)
        };
        let at_once = self.marks().iter().filter(|(at, _)| at == then);
        let steps = at_once.filter_map(|(_, mark)| Some(set_back(mark)?.0));
        steps.filter(its).map(|step| self.in_plan(step)).min()
    }

    /// When `step`, whose attempt before is `previous`, became ready for what began at `start`, and
    /// the run that made it so.
    fn made_ready(&self, step: usize, previous: u32, start: i64) -> (i64, Option<(u32, i64)>) {
        let attempts = self.attempts(previous);
        let set_back = self.marks().iter().rev().find_map(|(at, mark)| match mark {
            Mark::SetBack {
                step: of,
                attempts: after,
                run,
            } if *of as usize == step && *after == attempts && *at <= start => Some((*at, *run)),
            _ => None,
        });
        let mut latest: Option<(i64, u32)> = None;
        for &predecessor in self.model.predecessors.of(step) {
            if let Some(run) = self.done_by(predecessor as usize, start) {
                let finish = self.runs[run as usize].finish;
                if latest.is_none_or(|(at, _)| finish > at) {
                    latest = Some((finish, run));
                }
            }
        }
        match (latest, set_back) {
            (Some((done, _)), Some((at, run))) if at > done => (at, Some((run, at))),
            (Some((done, run)), _) => (done, Some((run, done))),
            (None, Some((at, run))) => (at, Some((run, at))),
            (None, None) => (0, None),
        }
    }

    /// The last attempt of a step that had succeeded by then.
    fn done_by(&self, step: usize, at: i64) -> Option<u32> {
        let failed = |of: u32| {
            let mut marks = self.marks().iter();
            marks.any(|(_, mark)| matches!(mark, Mark::Failed { run, .. } if *run == of))
        };
        let mut run = self.steps[step].run;
        while run != NO_RUN {
            let of = self.runs[run as usize];
            if of.finish <= at && !failed(run) {
                return Some(run);
            }
            run = of.previous;
        }
        None
    }

    /// Adds what a run waited for since it was ready, the last first.
    fn waits(&self, run: u32, ready: i64, attempt: u32, pieces: &mut Vec<Piece>) {
        let of = self.runs[run as usize];
        let step = of.step as usize;
        let mut found = Vec::new();
        let mut at = ready;
        if of.cause == Cause::Release && of.cause_time > ready {
            at = self.closed(step, (at, of.cause_time), attempt, &mut found);
            let mut wait = self.piece(Kind::People, (at, of.cause_time), step, attempt);
            self.held(step, of.cause_time, &mut wait);
            found.push(wait);
            at = of.cause_time;
        }
        at = self.closed(step, (at, of.start), attempt, &mut found);
        let relay = self.model.steps[step].relay;
        let kind = if relay {
            Kind::People
        } else {
            Kind::Unexplained
        };
        let mut rest = self.piece(kind, (at, of.start), step, attempt);
        rest.what = self.model.steps[step]
            .needs
            .first()
            .map(|(team, _)| *team)
            .filter(|_| relay);
        found.push(rest);
        pieces.extend(found.into_iter().rev());
    }

    /// What a step needed that was given back then, and by whom.
    fn held(&self, step: usize, at: i64, wait: &mut Piece) {
        let from = self.releases.partition_point(|(time, ..)| *time < at);
        let then = self
            .releases
            .iter()
            .skip(from)
            .take_while(|(time, ..)| *time == at);
        let mut used = then.filter(|(_, _, what)| self.uses(step, *what));
        let Some(&(_, run, what)) = used.next() else {
            return;
        };
        (wait.kind, wait.what) = if what & BATCH != 0 {
            (Kind::Place, Some(what & !BATCH))
        } else if what & LINK != 0 {
            (Kind::Link, Some(what & !LINK))
        } else {
            (Kind::People, Some(what))
        };
        wait.held_by = (run != NO_RUN).then(|| self.step_of(run));
    }

    /// Adds the closed hours, windows and freezes that a step ready at `from` waits for, the first
    /// first; returns when it could have begun, `to` at the latest.
    fn closed(
        &self,
        step: usize,
        (from, to): (i64, i64),
        attempt: u32,
        found: &mut Vec<Piece>,
    ) -> i64 {
        let mut at = from;
        while at < to {
            let Ok(Some((kind, later))) = self.obstacle(step, at) else {
                break;
            };
            let end = later.min(to);
            found.push(self.piece(kind, (at, end), step, attempt));
            at = end;
        }
        at
    }

    /// What keeps a step with all its people from starting at `at`, and until when.
    fn obstacle(&self, step: usize, at: i64) -> Result<Option<(Kind, i64)>, Halt> {
        let model = self.model;
        let of = &model.steps[step];
        if let Some(clock) = of.clock {
            let open = model.clocks[clock as usize].next_open(at)?;
            if open > at {
                return Ok(Some((Kind::Hours, open)));
            }
        }
        let later = self.not_before(step, at)?;
        if later <= at {
            return Ok(None);
        }
        let window = of
            .window
            .map(|window| model.clocks[window as usize].span(at));
        let kind = match window.transpose()? {
            Some((open, close)) if later == open || later == close => Kind::Window,
            _ => Kind::Freeze,
        };
        Ok(Some((kind, later)))
    }
}
