//! The draws of many trials at once, from the addresses that single trials draw from.
//!
//! Of the four words of a counter, trials differ in the first and entities in the second and
//! third. So after two rounds each word is the exclusive or of one that only the trial decides and
//! one that only the entity does: these rounds are done once for each trial and once for each
//! entity, and the other eight for each draw.

use std::hint::black_box;

use super::row::{LANES, Row};
use crate::philox::{
    Entity, LOW, Purpose, Words, address, left, right, round_key, rounds, uniform,
};

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

/// Memory for the words of each trial after half of the rounds that are done for each draw: a loop
/// over all of them is longer than what a core looks ahead, two of half the length are not.
///
/// Whoever draws keeps one, and hands it on by itself: as a part of something else that is written to
/// it would be looked at anew in each step of a loop.
#[derive(Debug)]
pub(crate) struct Halfway([[u64; LANES]; 4]);

/// After so many rounds of the ten.
const HALFWAY: u32 = 6;

impl Halfway {
    pub(crate) fn new() -> Self {
        Self([[0; LANES]; 4])
    }

    #[inline(always)]
    fn iter_mut(&mut self) -> impl Iterator<Item = [&mut u64; 4]> {
        let [a, b, c, d] = &mut self.0;
        let words = a.iter_mut().zip(b).zip(c.iter_mut().zip(d));
        words.map(|((a, b), (c, d))| [a, b, c, d])
    }

    /// The uniform numbers that the words become.
    #[inline(always)]
    fn uniforms(&self, key: [u32; 2]) -> impl Iterator<Item = f64> {
        // Of one product only the low half counts; a compiler that sees this takes an instruction
        // that is slower than the one that makes both.
        let low = black_box(LOW);
        let [a, b, c, d] = &self.0;
        let words = a.iter().zip(b).zip(c.iter().zip(d));
        words.map(move |((a, b), (c, d))| uniform(rounds([*a, *b, *c, *d], key, HALFWAY..10), low))
    }
}

impl TrialHalf {
    /// The words of an entity in these trials, halfway.
    #[inline(always)]
    fn words(&self, key: [u32; 2], entity: EntityHalf) -> impl Iterator<Item = Words> {
        let halves = self.first.iter().zip(&self.second).zip(&self.third);
        halves.map(move |((first, second), third)| {
            let words = [
                first ^ entity.first,
                *second,
                third ^ entity.third,
                entity.fourth,
            ];
            rounds(words, key, 2..HALFWAY)
        })
    }
}

/// The uniform numbers of an entity in these trials.
#[inline(always)]
pub(crate) fn uniforms(
    key: [u32; 2],
    trials: &TrialHalf,
    entity: EntityHalf,
    halfway: &mut Halfway,
    row: &mut Row,
) {
    for (at, words) in halfway.iter_mut().zip(trials.words(key, entity)) {
        put(at, words);
    }
    for (value, uniform) in row.iter_mut().zip(halfway.uniforms(key)) {
        *value = uniform;
    }
}

/// The same, while `first` and `then` make of the numbers that were in `row` what is put into `made`.
/// A core takes roots and mixes words side by side, when they stand beside each other.
#[inline(always)]
pub(crate) fn uniforms_while(
    key: [u32; 2],
    trials: &TrialHalf,
    entity: EntityHalf,
    halfway: &mut Halfway,
    (row, made): (&mut Row, &mut Row),
    (first, then): (impl Fn(f64) -> f64, impl Fn(f64) -> f64),
) {
    let words = halfway.iter_mut().zip(trials.words(key, entity));
    for ((at, words), (value, made)) in words.zip(row.iter().zip(made.iter_mut())) {
        *made = first(*value);
        put(at, words);
    }
    let uniforms = row.iter_mut().zip(halfway.uniforms(key));
    for ((value, uniform), made) in uniforms.zip(made.iter_mut()) {
        *made = then(*made);
        *value = uniform;
    }
}

#[inline(always)]
fn put(at: [&mut u64; 4], words: Words) {
    at.into_iter().zip(words).for_each(|(at, word)| *at = word);
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
                    let mut halfway = Halfway::new();
                    uniforms(key(seed), &trials, half, &mut halfway, &mut row);
                    let known = |entity| {
                        let trials = (first..).take(LANES);
                        let draws = trials.map(|trial| Draws::new(seed, trial));
                        let uniforms = draws.map(|it| it.uniform(entity, purpose, attempt));
                        uniforms.collect::<Vec<f64>>()
                    };
                    assert_eq!(row.as_slice(), known(entity));
                    let next = Entity::new("next");
                    let half = EntityHalf::new(key(seed), next);
                    let mut made = Row::default();
                    let make = (|u: f64| 2.0 * u, |twice: f64| twice + 1.0);
                    let rows = (&mut row, &mut made);
                    uniforms_while(key(seed), &trials, half, &mut halfway, rows, make);
                    assert_eq!(row.as_slice(), known(next));
                    let known: Vec<f64> = known(entity).iter().map(|u| 2.0 * u + 1.0).collect();
                    assert_eq!(made.as_slice(), known);
                }
            }
        }
    }
}
