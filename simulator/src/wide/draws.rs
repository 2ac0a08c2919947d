//! The draws of many trials at once, from the addresses that single trials draw from.
//!
//! Of the four words of a counter, trials differ in the first and entities in the second and
//! third. So after two rounds each word is the exclusive or of one that only the trial decides and
//! one that only the entity does: these rounds are done once for each trial and once for each
//! entity, and the other eight for each draw.

use super::row::{LANES, Row};
use crate::philox::{Entity, Purpose, Words, address, left, right, round_key, rounds, uniform};

/// What the first two rounds make of a chunk of trials at one purpose and attempt.
#[derive(Clone, Debug)]
pub(crate) struct TrialHalf {
    first: [u64; LANES],
    second: [u64; LANES],
    third: [u64; LANES],
}

/// What they make of an entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntityHalf {
    first: u64,
    third: u64,
    fourth: u64,
}

impl TrialHalf {
    /// Of the trials from `trial` on.
    #[inline(always)]
    pub(crate) fn new(key: [u32; 2], trial: u32, purpose: Purpose, attempt: u32) -> Self {
        let [_, k1] = round_key(key, 0);
        let address = u64::from(address(purpose, attempt, 0));
        let mut half = Self {
            first: [0; LANES],
            second: [0; LANES],
            third: [0; LANES],
        };
        let words = half.first.iter_mut().zip(&mut half.second);
        for (trial, ((a, b), d)) in (u64::from(trial)..).zip(words.zip(&mut half.third)) {
            let product = left(trial);
            let next = right(product >> 32 ^ address ^ k1);
            (*a, *b, *d) = (next >> 32, next, product);
        }
        half
    }
}

impl EntityHalf {
    pub(crate) fn new(key: [u32; 2], entity: Entity) -> Self {
        let [k0, _] = round_key(key, 0);
        let [next_k0, next_k1] = round_key(key, 1);
        let product = right(u64::from(entity.1));
        let next = left(product >> 32 ^ u64::from(entity.0) ^ k0);
        Self {
            first: product ^ next_k0,
            third: next >> 32 ^ next_k1,
            fourth: next,
        }
    }
}

/// The uniform numbers of an entity in these trials.
#[inline(always)]
pub(crate) fn uniforms(key: [u32; 2], trials: &TrialHalf, entity: EntityHalf, row: &mut Row) {
    // Two loops: compilers find vectors in each, but not in both joined.
    let (mut first, mut second) = ([0; LANES], [0; LANES]);
    let halves = trials.first.iter().zip(&trials.second).zip(&trials.third);
    for ((a, b), ((first, second), third)) in first.iter_mut().zip(&mut second).zip(halves) {
        let words: Words = [
            first ^ entity.first,
            *second,
            third ^ entity.third,
            entity.fourth,
        ];
        [*a, *b, ..] = rounds(words, key, 2);
    }
    for (value, (a, b)) in row.iter_mut().zip(first.iter().zip(&second)) {
        *value = uniform([*a, *b, 0, 0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::philox::{Draws, key};

    #[test]
    fn lanes_draw_what_trials_draw() {
        for (seed, first) in [(0, 0), (1, 64), (0xDEAD_BEEF_0BAD_CAFE, 9_999_936)] {
            for name in ["orders/shift_25", "driver/vendor", ""] {
                for (purpose, attempt) in [(Purpose::Duration, 1), (Purpose::Soak, 0)] {
                    let entity = Entity::new(name);
                    let trials = TrialHalf::new(key(seed), first, purpose, attempt);
                    let mut row = Row::default();
                    let half = EntityHalf::new(key(seed), entity);
                    uniforms(key(seed), &trials, half, &mut row);
                    for (trial, value) in (first..).zip(row.iter()) {
                        let draws = Draws::new(seed, trial);
                        assert_eq!(*value, draws.uniform(entity, purpose, attempt));
                    }
                }
            }
        }
    }
}
