//! The passes over the network: all that is worth wide instructions.

use pulp::NullaryFnOnce;

use super::{Lanes, Length};
use crate::column::Column;
use crate::model::{ROUNDING, whole_microseconds};

use crate::philox::{Purpose, key};
use crate::run::Results;
use crate::wide::{LANES, Row, TrialHalf, sample, uniforms};

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
        let key = key(lanes.seed);
        let acts = TrialHalf::new(key, self.first, Purpose::Duration, 1);
        let soaks = TrialHalf::new(key, self.first, Purpose::Soak, 1);
        lanes.billed.fill(&Row::default());
        for of in &lanes.steps {
            let length = &mut lanes.length[of.step];
            draw(key, &acts, of.act, (&lanes.factors, of.drivers), length);
            for &(team, people) in of.people {
                lanes.billed[team as usize].add_times(f64::from(people), length);
            }
            if let Some(held_up) = &mut lanes.held_up {
                held_up.act[of.step] = *length;
            }
            if !matches!(of.soak, Length::Same(0.0)) {
                let mut soak = Row::default();
                draw(key, &soaks, of.soak, (&lanes.factors, &[]), &mut soak);
                length.add(&soak);
            }
            let mut at = Row::default();
            for &predecessor in of.predecessors {
                at.raise(&lanes.earliest[predecessor as usize]);
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

/// The lengths of one act or soak, in whole microseconds, times these drivers.
#[inline(always)]
fn draw(
    key: [u32; 2],
    trials: &TrialHalf,
    length: Length<'_>,
    (factors, drivers): (&Column<Row>, &[u32]),
    row: &mut Row,
) {
    match length {
        Length::Same(microseconds) => {
            row.fill(microseconds);
            return;
        }
        Length::Scaled(seconds) => row.fill(seconds),
        Length::Drawn(sampler, entity) => {
            uniforms(key, trials, entity, row);
            sample(sampler, row);
        }
    }
    if let Some((first, others)) = drivers.split_first() {
        let mut factor = factors[*first as usize];
        for &driver in others {
            let other = &factors[driver as usize];
            factor
                .iter_mut()
                .zip(other.iter())
                .for_each(|(a, b)| *a *= b);
        }
        row.iter_mut().zip(factor.iter()).for_each(|(a, b)| *a *= b);
    }
    for value in row.iter_mut() {
        *value = whole_microseconds(*value);
    }
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
