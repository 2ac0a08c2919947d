//! What a trial remembers, kept from one trial to the next.

use super::Harm;
use super::agenda::{Agenda, Event, Happening};
use super::exposure::{Exposed, ExposureScratch};
use super::relay::Relay;
use super::trace::Trace;
use crate::bill::{Bill, Money, Times, hours};
use crate::bits::BitSet;
use crate::column::Column;
use crate::missed::Miss;
use crate::model::{Flow, Model};
use crate::philox::Draws;

/// The end of a run that has not ended.
pub(super) const UNRELEASED: i64 = i64::MAX;
/// The first finish of what was never done.
pub(super) const UNDONE: i64 = i64::MAX;
/// No run before it.
pub(super) const NO_RUN: u32 = u32::MAX;

/// Where a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum State {
    /// For its predecessors.
    #[default]
    Waiting,
    /// For people, open hours, a window.
    Ready,
    Acting,
    /// Between two shifts of a relay.
    Relieved,
    Soaking,
    Undoing,
    /// Undone, waiting for people to fix it.
    FixReady,
    Fixing,
    /// Fixed or called back, waiting to go again.
    Held,
    Done,
}

/// Why a run started when it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Nothing before it.
    #[default]
    Start,
    /// The last predecessor was done at the cause time.
    Ready,
    /// Something it needed was given back at the cause time.
    Release,
    /// The failed run with this number was put right at the cause time.
    Retry(u32),
}

/// One step: what every trial looks at, on one line of the cache.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct StepState {
    pub(crate) state: State,
    /// Whether it was seen unable to start for want of something others hold.
    pub(super) blocked: bool,
    /// How often it has started.
    pub(super) attempt: u32,
    /// Raised to make scheduled events void.
    pub(super) epoch: u32,
    pub(super) run: u32,
    pub(super) cause: Cause,
    pub(super) cause_time: i64,
    /// Not before this.
    pub(super) wake: i64,
    pub(crate) start: i64,
    pub(crate) finish: i64,
    /// Working or elapsed microseconds of the act, later of the fix.
    pub(super) work: i64,
}

impl Default for StepState {
    fn default() -> Self {
        Self {
            state: State::Waiting,
            blocked: false,
            attempt: 0,
            epoch: 0,
            run: NO_RUN,
            cause: Cause::Start,
            cause_time: 0,
            wake: 0,
            start: 0,
            finish: 0,
            work: 0,
        }
    }
}

/// What most steps of most trials never come to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trouble {
    /// How often the step was asked for approval.
    pub(super) asked: u32,
    /// How often it has failed.
    pub(super) failures: u32,
    /// How often of that because its window closed on it.
    pub(super) overruns: u32,
    /// How often of that because nobody approved.
    pub(super) unanswered: u32,
    /// How often since it was last escalated.
    pub(super) recent: u32,
    /// When the current attempt goes wrong.
    pub(super) onset: i64,
}

impl Default for Trouble {
    fn default() -> Self {
        Self {
            asked: 0,
            failures: 0,
            overruns: 0,
            unanswered: 0,
            recent: 0,
            onset: i64::MAX,
        }
    }
}

/// The [`Trouble`] of every step.
#[derive(Debug)]
pub(super) struct Troubles {
    of: Column<Trouble>,
    /// The steps whose trouble is not as it was at first.
    changed: Vec<u32>,
}

impl Troubles {
    fn none(steps: usize) -> Self {
        Self {
            of: Column::filled(Trouble::default(), steps),
            changed: Vec::new(),
        }
    }

    pub(super) fn clear(&mut self) {
        for step in self.changed.drain(..) {
            self.of[step as usize] = Trouble::default();
        }
    }

    pub(super) fn of(&self, step: usize) -> &Trouble {
        &self.of[step]
    }

    pub(super) fn of_mut(&mut self, step: usize) -> &mut Trouble {
        self.changed.push(step as u32);
        &mut self.of[step]
    }
}

/// One attempt of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) step: u32,
    pub(super) start: i64,
    pub(super) release: i64,
    /// Done, or put right.
    pub(super) finish: i64,
    pub(super) cause: Cause,
    pub(super) cause_time: i64,
    pub(super) previous: u32,
}

/// One moving thing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MoverState {
    pub(super) weight: f64,
    pub(super) last_shift: Option<u32>,
    pub(super) writes_since: Option<i64>,
    pub(super) irreversible_done: bool,
    /// Whether its undo has begun in the rollback of its batch that is under way.
    pub(super) being_undone: bool,
}

/// One batch.
#[derive(Clone, Debug, Default)]
pub(super) struct BatchState {
    pub(super) failures: u32,
    pub(super) recent: u32,
    /// Whether members may not shift traffic until all is fixed.
    pub(super) rolling: bool,
    /// Undos and fixes not yet over.
    pub(super) outstanding: u32,
    /// Units between their first act and ready for cutover.
    pub(super) active: u32,
    /// Steps that failed in this rollback.
    pub(super) failed: Vec<u32>,
    /// Members undone for others' failures.
    pub(super) undone: Vec<u32>,
}

impl BatchState {
    pub(super) fn reset(&mut self) {
        self.failures = 0;
        self.recent = 0;
        self.rolling = false;
        self.outstanding = 0;
        self.active = 0;
        self.failed.clear();
        self.undone.clear();
    }
}

/// One unit.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct UnitState {
    pub(super) entered: bool,
    pub(super) left_place: bool,
    pub(super) left: u32,
}

/// One trial at a time, with its memory.
#[derive(Debug)]
pub(crate) struct Trial<'m> {
    pub(crate) model: &'m Model,
    pub(super) draws: Draws,
    /// What is the same in every trial, and what is drawn ahead for this one.
    pub(super) drawn: Column<f64>,
    pub(super) now: i64,
    pub(super) done: usize,
    pub(super) last_finish: i64,
    pub(super) unfinished: bool,
    /// The step that waits in vain.
    pub(super) missed: Option<Miss>,
    /// The step that was tried last, where a trial halts.
    pub(super) tried: u32,
    pub(crate) harm: Harm,
    pub(super) agenda: Agenda,
    pub(crate) steps: Column<StepState>,
    /// By step: how many predecessors it waits for; none where it does not wait.
    pub(super) pending: Column<u32>,
    /// The same at the start.
    pub(super) predecessors: Column<u32>,
    pub(super) troubles: Troubles,
    /// By step: when it first started.
    pub(crate) first_start: Column<i64>,
    /// By step: when it was first done, since it may be undone and done again; [`UNDONE`] before.
    pub(crate) first_finish: Column<i64>,
    /// Ready steps, but for those that sleep until they are woken or wait for people.
    pub(super) ready: BitSet,
    /// By team: ready steps that lack people of it.
    pub(super) short: Column<Vec<u32>>,
    pub(super) runs: Column<Run>,
    /// The runs that were done or put right last, all at one instant.
    pub(super) ended: Vec<u32>,
    pub(super) ended_at: i64,
    /// (instant, run, what) of everything given back, in order.
    pub(super) releases: Vec<(i64, u32, u32)>,
    pub(super) exposures: Vec<Exposed>,
    pub(super) exposure: ExposureScratch,
    pub(super) engineers: Column<u32>,
    pub(super) free: Column<u32>,
    /// Person-microseconds by team.
    pub(super) billed: Column<i64>,
    /// Person-microseconds of undos and fixes.
    pub(super) mended: i64,
    pub(super) links: Column<u32>,
    pub(super) movers: Column<MoverState>,
    pub(super) batches: Column<BatchState>,
    pub(super) units: Column<UnitState>,
    /// By step; none where nothing is passed on.
    pub(super) relays: Column<Relay>,
    pub(super) factors: Column<f64>,
    /// What is drawn once a trial.
    pub(super) inputs: Column<f64>,
    /// How requests flow with these.
    pub(super) flow: Flow,
    /// What is noted of a trial that is told.
    pub(super) trace: Option<Trace>,
    /// Marks and stack of the critical path.
    pub(super) marked: Column<bool>,
    pub(super) stack: Vec<u32>,
    pub(super) spans: Vec<(i64, i64)>,
}

impl<'m> Trial<'m> {
    pub(crate) fn new(model: &'m Model) -> Self {
        let count = model.steps.len();
        let predecessors: Column<u32> = (0..count)
            .map(|step| model.predecessors.of(step).len() as u32)
            .collect();
        let engineers: Column<u32> = model
            .teams
            .iter()
            .map(|team| team.engineers.unwrap_or(u32::MAX))
            .collect();
        Self {
            model,
            draws: Draws::new(0, 0),
            drawn: room_for_draws(model),
            now: 0,
            done: 0,
            last_finish: 0,
            unfinished: false,
            missed: None,
            tried: 0,
            harm: Harm::default(),
            agenda: Agenda::new(),
            steps: Column::filled(StepState::default(), count),
            pending: predecessors.clone(),
            predecessors,
            troubles: Troubles::none(count),
            first_start: Column::filled(0, count),
            first_finish: Column::filled(UNDONE, count),
            ready: BitSet::new(count),
            short: Column::filled(Vec::new(), engineers.len()),
            runs: Column::default(),
            ended: Vec::new(),
            ended_at: 0,
            releases: Vec::with_capacity(count),
            exposures: Vec::new(),
            exposure: ExposureScratch::new(&model.exposure),
            free: engineers.clone(),
            billed: Column::filled(0, engineers.len()),
            mended: 0,
            engineers,
            links: model.links.clone(),
            movers: Column::filled(MoverState::default(), model.movers.len()),
            batches: Column::filled(BatchState::default(), model.batches.len()),
            units: Column::filled(UnitState::default(), model.units.len()),
            relays: if model.steps.iter().any(|step| step.relay) {
                Column::filled(Relay::default(), count)
            } else {
                Column::default()
            },
            factors: Column::filled(1.0, model.drivers.len()),
            inputs: Column::filled(0.0, model.inputs.len()),
            flow: model.exposure.flow.clone(),
            trace: None,
            marked: Column::default(),
            stack: Vec::with_capacity(count),
            spans: Vec::new(),
        }
    }

    /// The bill of a finished trial.
    pub(crate) fn bill_all(&mut self) -> Money {
        let mut spans = std::mem::take(&mut self.spans);
        let bill = Bill {
            model: self.model,
            times: &*self,
            inputs: &self.inputs,
        };
        let billed = self.billed.iter().copied();
        let money = bill.add_up(billed, self.harm.revenue_lost, &mut spans);
        self.spans = spans;
        Money {
            wasted_hours: hours(self.wasted()),
            ..money
        }
    }

    /// Person-microseconds of acts that had to be done again: of all that was billed, what neither
    /// undos and fixes nor the last acts of the steps account for.
    fn wasted(&self) -> i64 {
        if self.harm.rollbacks == 0 {
            return 0;
        }
        let model = self.model;
        let steps = model.briefs.of.iter().enumerate();
        let stands = steps.map(|(step, of)| {
            if of.relay {
                return self.relays[step].worked;
            }
            let people = model.briefs.people(of).iter();
            people.map(|&(_, count)| i64::from(count)).sum::<i64>() * self.steps[step].work
        });
        self.billed.iter().sum::<i64>() - self.mended - stands.sum::<i64>()
    }

    /// Keeps what a trial is told from.
    pub(crate) fn told(model: &'m Model) -> Self {
        Self {
            trace: Some(Trace::new()),
            ..Self::new(model)
        }
    }

    /// Schedules something for `index`, void once its epoch has passed.
    #[inline(always)]
    pub(super) fn push(&mut self, time: i64, happening: Happening, index: usize) {
        let epoch = if happening.is_of_step() {
            self.steps[index].epoch
        } else {
            0
        };
        let whom = u32::try_from(index).unwrap_or(u32::MAX);
        let event = Event::new(time, happening, whom, epoch);
        self.agenda.push(event);
    }
}

fn room_for_draws(model: &Model) -> Column<f64> {
    let constants = model.briefs.constants.iter().copied();
    let drawn = std::iter::repeat_n(0.0, model.briefs.ahead.len());
    constants.chain(drawn).collect()
}

impl Times for Trial<'_> {
    fn first_start(&self, step: u32) -> i64 {
        self.first_start[step as usize]
    }

    fn first_finish(&self, step: u32) -> Option<i64> {
        let finish = self.first_finish[step as usize];
        (finish != UNDONE).then_some(finish)
    }

    fn last_finish(&self, step: u32) -> i64 {
        self.steps[step as usize].finish
    }

    fn attempts(&self, step: u32) -> u32 {
        self.steps[step as usize].attempt
    }

    fn end(&self) -> i64 {
        self.last_finish
    }
}
