//! The passes over the network: all that is worth wide instructions.

use std::slice;

use pulp::NullaryFnOnce;

use super::{FAR, Lanes, Length};
use crate::column::Column;
use crate::model::{ROUNDING, SECOND};
use crate::philox::{Purpose, key};
use crate::results::Results;
use crate::sampler::Sampler;
use crate::wide::{EntityHalf, Halfway, LANES, Row, TrialHalf, sample, uniforms, uniforms_while};

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
        let mut halfway = Halfway::new();
        let mut drawn = Drawn::new(key(lanes.seed), self.first, &lanes.draws, &mut halfway);
        lanes.billed.fill(&Row::default());
        for of in &lanes.steps {
            let length = &mut lanes.length[of.step];
            let drivers = (&lanes.factors, of.drivers);
            draw(&mut drawn, &mut halfway, of.act, drivers, length);
            for &(team, people) in of.people {
                lanes.billed[team as usize].add_times(f64::from(people), length);
            }
            if let Some(held_up) = &mut lanes.held_up {
                held_up.act[of.step] = *length;
            }
            if !matches!(of.soak, Length::Same(0.0)) {
                let mut soak = Row::default();
                let none: (_, &[u32]) = (&lanes.factors, &[]);
                draw(&mut drawn, &mut halfway, of.soak, none, &mut soak);
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
    fn new(
        key: [u32; 2],
        first: u32,
        draws: &'a [(Purpose, EntityHalf)],
        halfway: &mut Halfway,
    ) -> Self {
        let halves = Halves {
            acts: TrialHalf::new(key, first, Purpose::Duration, 1),
            soaks: TrialHalf::new(key, first, Purpose::Soak, 1),
        };
        let (mut later, mut own) = (draws.iter(), Row::default());
        if let Some((purpose, entity)) = later.next() {
            uniforms(key, halves.of(*purpose), *entity, halfway, &mut own);
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
    fn next(
        &mut self,
        halfway: &mut Halfway,
        sampler: &Sampler,
        row: &mut Row,
        then: impl Fn(f64) -> f64,
    ) {
        let (key, own) = (self.key, &mut self.uniforms);
        let later = self.later.next();
        let later = later.map(|(purpose, entity)| (self.halves.of(*purpose), *entity));
        match (sampler, later) {
            (Sampler::Triangular(law), Some((trials, entity))) => {
                let make = (|uniform| law.sample(uniform), then);
                uniforms_while(key, trials, entity, halfway, (own, row), make);
            }
            (sampler, later) => {
                *row = *own;
                sample(sampler, row);
                row.iter_mut().for_each(|value| *value = then(*value));
                if let Some((trials, entity)) = later {
                    uniforms(key, trials, entity, halfway, own);
                }
            }
        }
    }
}

/// The lengths of one act or soak, in whole microseconds, times these drivers.
#[inline(always)]
fn draw(
    drawn: &mut Drawn<'_>,
    halfway: &mut Halfway,
    length: Length<'_>,
    (factors, drivers): (&Column<Row>, &[u32]),
    row: &mut Row,
) {
    match length {
        Length::Same(microseconds) => return row.fill(microseconds),
        Length::Scaled(seconds) => row.fill(seconds),
        Length::Drawn(sampler) if drivers.is_empty() => {
            return drawn.next(halfway, sampler, row, whole);
        }
        Length::Drawn(sampler) => drawn.next(halfway, sampler, row, |seconds| seconds),
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
            let (critical, floats) = slack(&latest, &lanes.earliest[of.step]);
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
                *sum += i128::from(floats);
            }
        }
    }
}

/// In how many trials a step has no float, and the sum of its floats.
///
/// Floats are whole numbers below [`FAR`], 2^51. Plus 2^52, the bits of a double are an offset and the
/// number, and the sum of [`LANES`] of them leaves the upper bits to a count: one sum of what stands
/// side by side, where two would take longer than all the rest.
#[inline(always)]
fn slack(latest: &Row, finish: &Row) -> (u64, u64) {
    const ONE: u64 = FAR as u64 * LANES as u64;
    let mut sum = 0_u64;
    for (latest, finish) in latest.iter().zip(finish.iter()) {
        let float = latest - finish;
        let number = if float == 0.0 {
            ROUNDING.to_bits() + ONE
        } else {
            (float + ROUNDING).to_bits()
        };
        sum = sum.wrapping_add(number);
    }
    let offsets = ROUNDING.to_bits().wrapping_mul(LANES as u64);
    let sum = sum.wrapping_sub(offsets);
    (sum / ONE, sum % ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: impl Fn(usize) -> f64) -> Row {
        let mut row = Row::default();
        row.iter_mut()
            .enumerate()
            .for_each(|(lane, it)| *it = value(lane));
        row
    }

    /// At the ends: no float at all, the largest float in each trial, and one of one microsecond.
    #[test]
    fn counts_and_sums_share_a_word_without_touching() {
        let none = row(|_| 0.0);
        let most = FAR as u64 - 1;
        assert_eq!(slack(&none, &none), (LANES as u64, 0));
        assert_eq!(
            slack(&row(|_| most as f64), &none),
            (0, LANES as u64 * most)
        );
        let one = row(|lane| if lane == 3 { 1.0 } else { 0.0 });
        assert_eq!(slack(&one, &none), (LANES as u64 - 1, 1));
    }
}
