//! What the first attempts of steps draw, for many trials at once: most attempts are first ones, and
//! side by side their draws cost a fraction.

use pulp::NullaryFnOnce;

use crate::engine::Engine;
use crate::model::{Model, whole_microseconds};
use crate::philox::{Draws, Purpose, key};
use crate::sampler::Sampler;
use crate::wide::{EntityHalf, Halfway, LANES, Row, TrialHalf, sample, uniforms};

/// One number of a trial.
#[derive(Debug)]
struct Number<'m> {
    purpose: Purpose,
    entity: EntityHalf,
    /// None where the uniform number itself is meant.
    sampler: Option<&'m Sampler>,
    /// In microseconds rather than seconds.
    whole: bool,
}

/// The numbers of [`LANES`] trials.
#[derive(Debug)]
pub(crate) struct Ahead<'m> {
    engine: Engine,
    key: [u32; 2],
    numbers: Vec<Number<'m>>,
    /// Trial by trial.
    drawn: Vec<f64>,
    /// How far it is from one trial to the next.
    stride: usize,
}

/// Doubles on a line of the cache.
const LINE: usize = 8;

impl<'m> Ahead<'m> {
    pub(crate) fn new(model: &'m Model, engine: Engine, seed: u64) -> Self {
        let key = key(seed);
        let numbers = model.briefs.ahead.iter().map(|number| {
            let (entity, purpose, sampler) = number.draw(model);
            Number {
                purpose,
                entity: EntityHalf::new(key, entity),
                sampler,
                whole: number.is_whole(model),
            }
        });
        let numbers: Vec<_> = numbers.collect();
        // An odd number of lines: the same number of many trials must not fall into one set of the
        // cache.
        let stride = (numbers.len().div_ceil(LINE) | 1) * LINE;
        Self {
            engine,
            key,
            numbers,
            drawn: Vec::new(),
            stride,
        }
    }

    /// Draws for the trials from `first` on.
    pub(crate) fn draw(&mut self, first: u32) {
        self.drawn.resize(self.stride * LANES, 0.0);
        self.engine.vectorize(Draw { ahead: self, first });
    }

    /// The numbers of the trial in this lane.
    pub(crate) fn of(&self, lane: usize) -> &[f64] {
        let from = lane * self.stride;
        let drawn = self.drawn.get(from..from + self.numbers.len());
        drawn.unwrap_or(&[])
    }
}

struct Draw<'a, 'm> {
    ahead: &'a mut Ahead<'m>,
    first: u32,
}

impl NullaryFnOnce for Draw<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Ahead {
            key,
            numbers,
            drawn,
            stride,
            ..
        } = self.ahead;
        let mut halfway = Halfway::new();
        let half = |purpose| TrialHalf::new(*key, self.first, purpose, 1);
        let (lengths, soaks) = (half(Purpose::Duration), half(Purpose::Soak));
        let (gates, failures) = (half(Purpose::Gate), half(Purpose::Failure));
        let mut row = Row::default();
        for (position, number) in numbers.iter().enumerate() {
            let trials = match number.purpose {
                Purpose::Soak => &soaks,
                Purpose::Gate => &gates,
                Purpose::Failure => &failures,
                _ => &lengths,
            };
            uniforms(*key, trials, number.entity, &mut halfway, &mut row);
            if let Some(sampler) = number.sampler {
                sample(sampler, &mut row);
            }
            if number.whole {
                row.iter_mut().for_each(|it| *it = whole_microseconds(*it));
            }
            let places = drawn.iter_mut().skip(position).step_by(*stride);
            places.zip(row.iter()).for_each(|(place, it)| *place = *it);
        }
    }
}

/// Draws the numbers of one trial.
pub(super) fn draw_alone(model: &Model, draws: Draws, drawn: &mut [f64]) {
    for (place, number) in drawn.iter_mut().zip(&model.briefs.ahead) {
        let (entity, purpose, sampler) = number.draw(model);
        let u = draws.uniform(entity, purpose, 1);
        let value = sampler.map_or(u, |sampler| sampler.sample(u));
        *place = if number.is_whole(model) {
            whole_microseconds(value)
        } else {
            value
        };
    }
}
