//! Many trials side by side, for models of precedence and people alone: the same draws and the same
//! numbers as the event loop, bit for bit.
//!
//! Where no step waits for anything but its predecessors, a step starts when the last of them is
//! done and nothing has to be scheduled. Times are doubles that hold whole microseconds, so sums
//! and differences are exact; what reaches [`FAR`] is left to the event loop. On such a
//! network a step is critical exactly when its float is zero: one pass backward gives both.
//!
//! Where people are limited, `dispatch` says lane by lane when each step is done and which are
//! critical; lengths and floats, which are those of the network, are still made side by side.

mod dispatch;
mod passes;

use crate::bill::{Bill, Money, Times, days_covered};
use crate::column::Column;
use crate::engine::Engine;
use crate::model::{ActModel, BatchModel, Figure, Model, ROUNDING, StepModel, microseconds};

use crate::outcomes::Outcome;
use crate::philox::{Draws, Purpose, key};
use crate::results::{Results, StepSample};
use crate::sampler::Sampler;
use crate::trial::Harm;
use crate::wide::{EntityHalf, LANES, Row};
use dispatch::{Dispatch, Lengths, can_play};

/// 2^51 microseconds, 71 years.
const FAR: f64 = ROUNDING / 2.0;

/// Whether lanes can run this model: every step is over after a length that depends on nothing but
/// its own draws and the drivers.
///
/// That is: no calendar, window or freeze holds it up, nothing it needs is limited but people (no
/// place on a link or in a batch), nobody is asked, nothing fails, no planned downtime hurts anyone
/// and no transfer depends on what is uncertain. Drivers, uncertain figures, soaks, people and money
/// are no obstacle; of limited people no step needs more than there are.
pub(crate) fn can_run(model: &Model) -> bool {
    let enough = |&(team, count): &(u32, u32)| {
        let engineers = model.teams[team as usize].engineers;
        engineers.is_none_or(|engineers| count <= engineers)
    };
    let free = model.steps.iter().all(|step| {
        matches!(step.act, ActModel::Instant | ActModel::Timed { .. })
            && step.clock.is_none()
            && step.window.is_none()
            && step.freezes.is_none()
            && step.link.is_none()
            && step.unit.is_none()
            && !step.relay
            && !step.fails
            && matches!(step.downtime, Sampler::Constant(long) if microseconds(long) == 0)
            && step.needs.iter().all(enough)
    });
    let limited = |&(team, _): &(u32, u32)| model.teams[team as usize].engineers.is_some();
    let held_up = model
        .steps
        .iter()
        .any(|step| step.needs.iter().any(limited));
    free && (!held_up || can_play(model))
}

/// How long an act or a soak takes.
#[derive(Clone, Copy, Debug)]
enum Length<'m> {
    /// So many microseconds in every trial.
    Same(f64),
    /// So many seconds, times what drivers say.
    Scaled(f64),
    Drawn(&'m Sampler),
}

/// One step.
#[derive(Debug)]
struct LaneStep<'m> {
    step: usize,
    act: Length<'m>,
    soak: Length<'m>,
    drivers: &'m [u32],
    people: &'m [(u32, u32)],
    predecessors: &'m [u32],
    successors: &'m [u32],
}

impl<'m> LaneStep<'m> {
    fn new(model: &'m Model, step: usize) -> Self {
        let of = &model.steps[step];
        let (act, drivers): (_, &[u32]) = match &of.act {
            ActModel::Timed { seconds, .. } => {
                let drivers = model.duration_drivers.of(step);
                (length(seconds, drivers.is_empty()), drivers)
            }
            _ => (Length::Same(0.0), &[]),
        };
        Self {
            step,
            act,
            soak: length(&of.soak, true),
            drivers,
            people: &of.needs,
            predecessors: model.predecessors.of(step),
            successors: model.successors.of(step),
        }
    }

    /// What is drawn for it, in this order.
    fn draws(&self) -> impl Iterator<Item = Purpose> {
        let lengths = [(self.act, Purpose::Duration), (self.soak, Purpose::Soak)];
        let drawn = |length| matches!(length, Length::Drawn(_));
        let draws = lengths
            .into_iter()
            .filter(move |(length, _)| drawn(*length));
        draws.map(|(_, purpose)| purpose)
    }
}

fn length(sampler: &Sampler, same: bool) -> Length<'_> {
    match sampler {
        Sampler::Constant(seconds) if same => {
            Length::Same(crate::model::whole_microseconds(*seconds))
        }
        Sampler::Constant(seconds) => Length::Scaled(*seconds),
        sampler => Length::Drawn(sampler),
    }
}

/// What a chunk comes to where people are limited.
#[derive(Debug)]
struct HeldUp {
    dispatch: Dispatch,
    /// By step: how long its act takes, without its soak.
    act: Column<Row>,
    /// By step.
    finish: Column<Row>,
    end: Row,
    /// By step: in how many trials of the chunk it is critical.
    critical: Vec<u64>,
}

impl HeldUp {
    /// None where nobody is limited.
    fn new(model: &Model) -> Option<Self> {
        let count = model.steps.len();
        let none =
            |soak: &Sampler| matches!(soak, Sampler::Constant(long) if microseconds(*long) == 0);
        let soaks = !model.steps.iter().all(|step| none(&step.soak));
        Some(Self {
            dispatch: Dispatch::new(model, soaks)?,
            act: Column::filled(Row::default(), count),
            finish: Column::filled(Row::default(), count),
            end: Row::default(),
            critical: vec![0; count],
        })
    }

    fn play(&mut self, whole: &Column<Row>) {
        self.critical.fill(0);
        let lengths = Lengths {
            act: &self.act,
            whole,
        };
        for (lane, end) in self.end.iter_mut().enumerate() {
            let (finish, critical) = (&mut self.finish, &mut self.critical);
            *end = self.dispatch.play(lane, &lengths, finish, critical);
        }
    }
}

/// A chunk of [`LANES`] trials at a time, with its memory.
#[derive(Debug)]
pub(crate) struct Lanes<'m> {
    model: &'m Model,
    engine: Engine,
    seed: u64,
    /// The steps, each after its predecessors.
    steps: Vec<LaneStep<'m>>,
    /// What is drawn for them, one after another.
    draws: Vec<(Purpose, EntityHalf)>,
    /// The steps that nothing follows, whose last finish is the end.
    last: Vec<u32>,
    /// By step: when precedence alone would have it done.
    earliest: Column<Row>,
    /// By step: how long it took; after the pass backward, when it may start at the latest.
    length: Column<Row>,
    /// The last of `earliest`.
    earliest_end: Row,
    /// What people who are not free hold up.
    held_up: Option<HeldUp>,
    /// Person-microseconds by team.
    billed: Column<Row>,
    /// By driver.
    factors: Column<Row>,
    /// What is drawn once a trial, by lane; empty where nothing is.
    inputs: Vec<Column<f64>>,
    /// Whether every trial costs the same.
    costs_the_same: bool,
    spans: Vec<(i64, i64)>,
    /// From when and until when something runs twice.
    twice: Vec<[Row; 2]>,
}

impl<'m> Lanes<'m> {
    /// None when the model needs the event loop.
    pub(crate) fn new(model: &'m Model, engine: Engine, seed: u64) -> Option<Self> {
        if engine == Engine::Events || !can_run(model) {
            return None;
        }
        let count = model.steps.len();
        let order = model.order.topological.iter();
        let steps: Vec<_> = order
            .map(|&step| LaneStep::new(model, step as usize))
            .collect();
        let draws = steps.iter().flat_map(|step| {
            let entity = EntityHalf::new(key(seed), model.steps[step.step].entity);
            step.draws().map(move |purpose| (purpose, entity))
        });
        let last = (0_u32..).zip(model.steps.iter());
        let last = last.filter(|(step, _)| model.successors.of(*step as usize).is_empty());
        let inputs = Column::filled(0.0, model.inputs.len());
        Some(Self {
            model,
            engine,
            seed,
            draws: draws.collect(),
            steps,
            last: last.map(|(step, _)| step).collect(),
            earliest: Column::filled(Row::default(), count),
            length: Column::filled(Row::default(), count),
            earliest_end: Row::default(),
            held_up: HeldUp::new(model),
            billed: Column::filled(Row::default(), model.teams.len()),
            factors: Column::filled(Row::default(), model.drivers.len()),
            inputs: vec![inputs; LANES],
            costs_the_same: costs_the_same(model),
            spans: Vec::new(),
            twice: Vec::new(),
        })
    }

    /// Runs the trials from `first` on and adds them to `block`; false, and nothing added, when the
    /// event loop has to run them.
    pub(crate) fn run(&mut self, first: u32, block: &mut Results) -> bool {
        self.draw_once(first);
        self.engine
            .vectorize(passes::Forward { lanes: self, first });
        if let Some(held_up) = &mut self.held_up {
            held_up.play(&self.length);
        }
        let exact = |row: &Row| row.iter().all(|value| *value < FAR);
        if !exact(self.end()) || !self.billed.iter().all(exact) {
            return false;
        }
        self.add_outcomes(block);
        for (column, batch) in block.batches.iter_mut().zip(self.model.batches.iter()) {
            let finishes = self.finish_of(batch);
            let finishes = finishes.iter().map(|finish| finish.to_bits());
            finishes.for_each(|finish| column.push(finish, block.room));
        }
        for (step, samples) in block.samples.iter_mut().enumerate() {
            let rank = self.model.order.rank[step] as usize;
            let rows = self.finish()[rank].iter().zip(self.length[rank].iter());
            let samples_of = rows.map(|(finish, duration)| StepSample {
                start: finish - duration,
                finish: *finish,
                duration: *duration,
            });
            samples_of.for_each(|sample| samples.push(&sample, block.room));
        }
        self.engine
            .vectorize(passes::Backward { lanes: self, block });
        true
    }

    /// By step.
    fn finish(&self) -> &Column<Row> {
        self.held_up
            .as_ref()
            .map_or(&self.earliest, |it| &it.finish)
    }

    fn end(&self) -> &Row {
        self.held_up
            .as_ref()
            .map_or(&self.earliest_end, |it| &it.end)
    }

    fn draw_once(&mut self, first: u32) {
        if self.model.inputs.len() + self.model.drivers.len() == 0 {
            return;
        }
        let mut factors = Column::filled(1.0, self.model.drivers.len());
        for (lane, (trial, inputs)) in (first..).zip(&mut self.inputs).enumerate() {
            let draws = Draws::new(self.seed, trial);
            self.model.draw_once(draws, inputs, &mut factors);
            for (row, factor) in self.factors.iter_mut().zip(factors.iter()) {
                if let Some(value) = row.get_mut(lane) {
                    *value = *factor;
                }
            }
        }
    }

    fn add_outcomes(&mut self, block: &mut Results) {
        let mut outcome = Outcome {
            finish: 0.0,
            money: Money::default(),
            harm: Harm::default(),
        };
        if self.costs_the_same {
            let days = self.days_twice();
            outcome.money = self.bill(0);
            let finishes: &[f64] = &**self.end();
            return block
                .outcomes
                .push_times(finishes, &*days, &outcome, block.room);
        }
        for lane in 0..LANES {
            outcome.finish = self.end().lane(lane);
            outcome.money = self.bill(lane);
            block.outcomes.push(&outcome, block.room);
        }
    }

    /// What the trial of one lane cost.
    fn bill(&mut self, lane: usize) -> Money {
        let mut spans = std::mem::take(&mut self.spans);
        let of = OfLane { lanes: self, lane };
        let billed = self.billed.iter().map(|row| whole(row.lane(lane)));
        let money = of.bill(&Column::default()).add_up(billed, 0.0, &mut spans);
        self.spans = spans;
        money
    }

    /// Days in which anything runs twice, as [`Bill::days_twice`] has them.
    fn days_twice(&mut self) -> Row {
        let mut twice = std::mem::take(&mut self.twice);
        twice.clear();
        twice.extend(self.model.money.twice.iter().filter_map(|twice| {
            let starts = twice.deploys.iter().map(|&step| self.first_start(step));
            let from = starts.reduce(|mut first, start| {
                first.lower(&start);
                first
            });
            let last = twice.decommission;
            let last = last.map_or_else(|| self.end(), |step| &self.finish()[step as usize]);
            Some([from?, *last])
        }));
        let mut days = Row::default();
        for (lane, days) in days.iter_mut().enumerate() {
            self.spans.clear();
            let spans = twice.iter();
            let spans = spans.map(|[from, to]| (whole(from.lane(lane)), whole(to.lane(lane))));
            self.spans.extend(spans);
            *days = days_covered(&mut self.spans);
        }
        self.twice = twice;
        days
    }

    fn first_start(&self, step: u32) -> Row {
        let mut start = self.finish()[step as usize];
        start.subtract(&self.length[step as usize]);
        start
    }

    /// When the last member of a batch is settled; never where it has none.
    fn finish_of(&self, batch: &BatchModel) -> Row {
        let mut movers = batch.movers.iter();
        let cutover = |mover: &u32| self.model.movers[*mover as usize].cutover as usize;
        let Some(first) = movers.next() else {
            let mut never = Row::default();
            never.fill(f64::INFINITY);
            return never;
        };
        let finish = self.finish();
        let mut last = finish[cutover(first)];
        movers.for_each(|mover| last.raise(&finish[cutover(mover)]));
        last
    }
}

/// Whether every trial costs the same: nobody is billed, and no money depends on times or draws.
fn costs_the_same(model: &Model) -> bool {
    let money = &model.money;
    let nobody = |step: &StepModel| step.needs.is_empty();
    model.steps.iter().all(nobody)
        && matches!(money.automation, Figure::Known(_))
        && money.dual.is_empty()
        && money.platforms.is_empty()
        && money.bridges.is_empty()
        && money.crossings.is_empty()
        && money.copying.is_empty()
        && money.licences.is_empty()
}

/// One trial of the chunk.
struct OfLane<'a, 'm> {
    lanes: &'a Lanes<'m>,
    lane: usize,
}

impl OfLane<'_, '_> {
    /// Its bill; `none` stands in for inputs where nothing is drawn.
    fn bill<'b>(&'b self, none: &'b Column<f64>) -> Bill<'b, Self> {
        Bill {
            model: self.lanes.model,
            times: self,
            inputs: self.lanes.inputs.get(self.lane).unwrap_or(none),
        }
    }
}

impl Times for OfLane<'_, '_> {
    fn first_start(&self, step: u32) -> i64 {
        let length = self.lanes.length[step as usize].lane(self.lane);
        self.last_finish(step) - whole(length)
    }

    fn first_finish(&self, step: u32) -> Option<i64> {
        Some(self.last_finish(step))
    }

    fn last_finish(&self, step: u32) -> i64 {
        whole(self.lanes.finish()[step as usize].lane(self.lane))
    }

    fn attempts(&self, _: u32) -> u32 {
        1
    }

    fn end(&self) -> i64 {
        whole(self.lanes.end().lane(self.lane))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^52")]
fn whole(microseconds: f64) -> i64 {
    microseconds as i64
}
