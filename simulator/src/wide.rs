//! Numbers of many trials side by side, and their draws.

mod draws;
mod row;

use crate::sampler::Sampler;

pub(crate) use draws::{EntityHalf, Halfway, TrialHalf, uniforms, uniforms_while};
pub(crate) use row::{LANES, Row};

/// Puts the value at each uniform number in its place, as [`Sampler::sample`] has it.
#[inline(always)]
pub(crate) fn sample(sampler: &Sampler, row: &mut Row) {
    match sampler {
        Sampler::Triangular(law) => row.iter_mut().for_each(|u| *u = law.sample(*u)),
        Sampler::Table { table, low, range } => {
            let value = |u| low + range * table.value(u);
            row.iter_mut().for_each(|u| *u = value(*u));
        }
        other => row.iter_mut().for_each(|u| *u = other.sample(*u)),
    }
}
