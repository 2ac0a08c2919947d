//! The passes over the network: all that is worth wide instructions.

use std::slice;

use pulp::NullaryFnOnce;

use super::{Lanes, Length};
use crate::column::Column;
use crate::model::{ROUNDING, SECOND};
use crate::philox::{Purpose, key};
use crate::run::Results;
use crate::sampler::Sampler;
use crate::wide::{EntityHalf, LANES, Row, TrialHalf, sample, uniforms, uniforms_while};

/// Draws all lengths and follows precedence to the end of each step, and of all, as if there were people
/// enough.
pub(super) struct Forward<'a, 'm> {
    pub(super) lanes: &'a mut Lanes<'m>,
    /// The first trial.
    pub(super) first: u32,
}

impl NullaryFnOnce for Forward<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let lanes = self.lanes;
        let mut drawn = Drawn::new(key(lanes.seed), self.first, &lanes.draws);
        lanes.billed.fill(&Row::default());
        for of in &lanes.steps {
            let length = &mut lanes.length[of.step];
            draw(&mut drawn, of.act, (&lanes.factors, of.drivers), length);
            for &(team, people) in of.people {
                lanes.billed[team as usize].add_times(f64::from(people), length);
            }
            if let Some(held_up) = &mut lanes.held_up {
                held_up.act[of.step] = *length;
            }
            if !matches!(of.soak, Length::Same(0.0)) {
                let mut soak = Row::default();
                draw(&mut drawn, of.soak, (&lanes.factors, &[]), &mut soak);
                length.add(&soak);
            }
            let mut predecessors = of.predecessors.iter().map(|&it| it as usize);
            let first = predecessors.next();
            let mut at = first.map_or_else(Row::default, |it| lanes.earliest[it]);
            for predecessor in predecessors {
                at.raise(&lanes.earliest[predecessor]);
            }
            at.add(length);
            lanes.earliest[of.step] = at;
        }
        let mut end = Row::default();
        for &step in &lanes.last {
            end.raise(&lanes.earliest[step as usize]);
        }
        lanes.earliest_end = end;
    }
}

/// What is drawn for a chunk of trials, one draw after another.
struct Drawn<'a> {
    key: [u32; 2],
    halves: Halves,
    /// The draws after the next.
    later: slice::Iter<'a, (Purpose, EntityHalf)>,
    /// The uniform numbers of the next draw.
    uniforms: Row,
}

/// The chunk of trials, by what is drawn.
struct Halves {
    acts: TrialHalf,
    soaks: TrialHalf,
}

impl Halves {
    #[inline(always)]
    fn of(&self, purpose: Purpose) -> &TrialHalf {
        match purpose {
            Purpose::Soak => &self.soaks,
            _ => &self.acts,
        }
    }
}

impl<'a> Drawn<'a> {
    #[inline(always)]
    fn new(key: [u32; 2], first: u32, draws: &'a [(Purpose, EntityHalf)]) -> Self {
        let halves = Halves {
            acts: TrialHalf::new(key, first, Purpose::Duration, 1),
            soaks: TrialHalf::new(key, first, Purpose::Soak, 1),
        };
        let (mut later, mut own) = (draws.iter(), Row::default());
        if let Some((purpose, entity)) = later.next() {
            uniforms(key, halves.of(*purpose), *entity, &mut own);
        }
        Self {
            key,
            halves,
            later,
            uniforms: own,
        }
    }

    /// Puts what the next draw comes to into `row`, by its sampler and `then`.
    #[inline(always)]
    fn next(&mut self, sampler: &Sampler, row: &mut Row, then: impl Fn(f64) -> f64) {
        let key = self.key;
        let own = &mut self.uniforms;
        let later = self.later.next();
        let later = later.map(|(purpose, entity)| (self.halves.of(*purpose), *entity));
        match (sampler, later) {
            (Sampler::Triangular(law), Some((trials, entity))) => {
                let make = (|uniform| law.sample(uniform), then);
                uniforms_while(key, trials, entity, own, row, make);
            }
            (sampler, later) => {
                *row = *own;
                sample(sampler, row);
                row.iter_mut().for_each(|value| *value = then(*value));
                if let Some((trials, entity)) = later {
                    uniforms(key, trials, entity, own);
                }
            }
        }
    }
}

/// The lengths of one act or soak, in whole microseconds, times these drivers.
#[inline(always)]
fn draw(
    drawn: &mut Drawn<'_>,
    length: Length<'_>,
    (factors, drivers): (&Column<Row>, &[u32]),
    row: &mut Row,
) {
    match length {
        Length::Same(microseconds) => return row.fill(microseconds),
        Length::Scaled(seconds) => row.fill(seconds),
        Length::Drawn(sampler) if drivers.is_empty() => {
            return drawn.next(sampler, row, whole);
        }
        Length::Drawn(sampler) => drawn.next(sampler, row, |seconds| seconds),
    }
    if let Some((first, others)) = drivers.split_first() {
        let mut factor = factors[*first as usize];
        for &driver in others {
            factor.multiply(&factors[driver as usize]);
        }
        row.multiply(&factor);
    }
    row.iter_mut().for_each(|value| *value = whole(*value));
}

/// Whole microseconds of a number of seconds, half to even: below 2^52 as
/// [`crate::model::whole_microseconds`] has them. What is longer stays so, which lanes leave to the
/// event loop.
#[inline(always)]
fn whole(seconds: f64) -> f64 {
    let exact = seconds * SECOND;
    // Selected, not branched on: lanes have no branches.
    let exact = if exact > 0.0 { exact } else { 0.0 };
    (exact + ROUNDING) - ROUNDING
}

/// Adds up the float of each step, and counts where it is critical.
pub(super) struct Backward<'a, 'm> {
    pub(super) lanes: &'a mut Lanes<'m>,
    pub(super) block: &'a mut Results,
}

impl NullaryFnOnce for Backward<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let lanes = self.lanes;
        for of in lanes.steps.iter().rev() {
            let mut latest = lanes.earliest_end;
            for &successor in of.successors {
                latest.lower(&lanes.length[successor as usize]);
            }
            let finish = &lanes.earliest[of.step];
            let (mut critical, mut floats) = (0, 0);
            for (latest, finish) in latest.iter().zip(finish.iter()) {
                let float = latest - finish;
                critical += u64::from(float == 0.0);
                floats = whole_sum(floats, float);
            }
            // From here on it is the latest start, for what comes before.
            let length = &mut lanes.length[of.step];
            for (length, latest) in length.iter_mut().zip(latest.iter()) {
                *length = latest - *length;
            }
            if let (Some(count), Some(sum)) = (
                self.block.critical.get_mut(of.step),
                self.block.floats.get_mut(of.step),
            ) {
                *count += match &lanes.held_up {
                    None => critical,
                    Some(held_up) => held_up.critical.get(of.step).copied().unwrap_or(0),
                };
                *sum += i128::from(without_offsets(floats));
            }
        }
    }
}

/// Adds a whole number below 2^52: plus 2^52, its bits are an offset and the number.
#[inline(always)]
fn whole_sum(sum: u64, number: f64) -> u64 {
    sum.wrapping_add((number + ROUNDING).to_bits())
}

/// The sum of [`LANES`] numbers.
#[inline(always)]
fn without_offsets(sum: u64) -> i64 {
    let offsets = ROUNDING.to_bits().wrapping_mul(LANES as u64);
    sum.wrapping_sub(offsets).cast_signed()
}
