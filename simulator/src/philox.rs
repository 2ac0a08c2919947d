//! Philox4x32-10: every draw has an address, so the order of drawing never matters.
//!
//! Source: Salmon, Moraes, Dror and Shaw, *Parallel random numbers: as easy as 1, 2, 3* (2011).
//! The key is the seed, low word first. The counter words are the trial, the first two big-endian
//! words of SHA-256(entity id), and purpose ≪ 24 | attempt ≪ 16 | block. Attempts count from 1;
//! whether and how much a driver acts is attempt 1, every other input of a trial attempt 0.

use std::convert::Infallible;
use std::ops::Range;

use rand::TryRng;
use sha2::{Digest, Sha256};

/// Words of which only the lower half counts, so that a product of two is one multiplication.
pub(crate) type Words = [u64; 4];

/// The lower half of a word.
pub(crate) const LOW: u64 = 0xFFFF_FFFF;

/// The product of the first word in a round.
#[inline(always)]
pub(crate) fn left(a: u64) -> u64 {
    (a & LOW) * 0xD251_1F53
}

/// The product of the third word in a round.
#[inline(always)]
pub(crate) fn right(c: u64) -> u64 {
    (c & LOW) * 0xCD9E_8D57
}

/// The key of a round, counted from 0.
#[inline(always)]
pub(crate) fn round_key([first, second]: [u32; 2], round: u32) -> [u64; 2] {
    [
        u64::from(first.wrapping_add(round.wrapping_mul(0x9E37_79B9))),
        u64::from(second.wrapping_add(round.wrapping_mul(0xBB67_AE85))),
    ]
}

/// These of the ten rounds.
#[inline(always)]
pub(crate) fn rounds(words: Words, key: [u32; 2], rounds: Range<u32>) -> Words {
    let [mut a, mut b, mut c, mut d] = words;
    for round in rounds {
        let [k0, k1] = round_key(key, round);
        let (left, right) = (left(a), right(c));
        (a, b, c, d) = (right >> 32 ^ b ^ k0, right, left >> 32 ^ d ^ k1, left);
    }
    [a, b, c, d]
}

/// The ten rounds on one counter.
#[inline]
pub(crate) fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    rounds(counter.map(u64::from), key, 0..10).map(low)
}

#[expect(clippy::cast_possible_truncation, reason = "the low word is meant")]
#[inline]
fn low(word: u64) -> u32 {
    word as u32
}

/// What a draw is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Duration = 0,
    Failure = 1,
    Onset = 2,
    Detect = 3,
    Undo = 4,
    Fix = 5,
    Gate = 6,
    Escalation = 7,
    DriverChance = 8,
    DriverFactor = 9,
    Hazard = 10,
    // In each attempt.
    Soak = 11,
    Downtime = 12,
    Severity = 13,
    // Once a trial, as attempt 0.
    Chance = 14,
    HazardRate = 15,
    Learning = 16,
    Cost = 17,
    OldCost = 18,
    NewCost = 19,
    TeamRate = 20,
    Growth = 21,
    Revenue = 22,
    Traffic = 23,
    CallRate = 24,
    Bytes = 25,
    Covers = 26,
    Size = 27,
    ChangeRate = 28,
    Throughput = 29,
    Bandwidth = 30,
    Egress = 31,
    Lag = 32,
}

/// Whom a draw belongs to: two words of the hash of its id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Entity(pub(crate) u32, pub(crate) u32);

impl Entity {
    /// The entity with this id: a step's name, `driver/NAME`, `gate/ID` or `batch/NAME`.
    pub(crate) fn new(id: &str) -> Self {
        let digest = Sha256::digest(id.as_bytes());
        let word = |from: usize| {
            digest
                .iter()
                .skip(from)
                .take(4)
                .fold(0_u32, |word, byte| word << 8 | u32::from(*byte))
        };
        Self(word(0), word(4))
    }
}

/// All draws of one trial.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draws {
    key: [u32; 2],
    trial: u32,
}

impl Draws {
    pub(crate) fn new(seed: u64, trial: u32) -> Self {
        Self {
            key: key(seed),
            trial,
        }
    }

    /// A uniform number in (0, 1): the top 53 bits, plus one half, times 2⁻⁵³.
    #[inline]
    pub(crate) fn uniform(&self, entity: Entity, purpose: Purpose, attempt: u32) -> f64 {
        let words = self.words(entity, purpose, attempt, 0);
        uniform(words.map(u64::from), LOW)
    }

    #[inline]
    fn words(&self, entity: Entity, purpose: Purpose, attempt: u32, block: u32) -> [u32; 4] {
        let address = address(purpose, attempt, block);
        philox([self.trial, entity.0, entity.1, address], self.key)
    }

    /// The draw's own stream, for samplers that reject: blocks 0, 1, 2, …
    pub(crate) fn stream(&self, entity: Entity, purpose: Purpose, attempt: u32) -> Stream {
        Stream {
            draws: *self,
            entity,
            purpose,
            attempt,
            position: 0,
        }
    }
}

/// The key of a seed, low word first.
pub(crate) fn key(seed: u64) -> [u32; 2] {
    [low(seed), low(seed >> 32)]
}

/// The last word of a counter.
#[inline]
pub(crate) fn address(purpose: Purpose, attempt: u32, block: u32) -> u32 {
    (purpose as u32) << 24 | (attempt & 0xFF) << 16 | (block & 0xFFFF)
}

/// The uniform number of a block: the top 53 bits, plus one half, times 2⁻⁵³.
///
/// As doubles, 2²⁰ has room for the first word and 2⁻² for the rest and the half, each in its last
/// bits: no machine need turn whole numbers into doubles, and the sum is rounded once. `low` is
/// [`LOW`].
#[inline(always)]
pub(crate) fn uniform([first, second, ..]: Words, low: u64) -> f64 {
    const HIGH: f64 = (1 << 20) as f64;
    const LOW_END: f64 = 0.25;
    // The very last of the 2^53 numbers would round to 1, which no law's inverse takes.
    const LAST: f64 = 1.0 - 1.0 / (1_u64 << 53) as f64;
    let high = f64::from_bits(HIGH.to_bits() | first & low);
    let low = f64::from_bits(LOW_END.to_bits() | second >> 10 & 0x3F_FFFE | 1);
    let value = (high - (HIGH + LOW_END)) + low;
    if value < LAST { value } else { LAST }
}

/// The words of one draw, one after another.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    draws: Draws,
    entity: Entity,
    purpose: Purpose,
    attempt: u32,
    position: u32,
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let block = self.position / 4;
        let words = self
            .draws
            .words(self.entity, self.purpose, self.attempt, block);
        let word = words.get((self.position % 4) as usize).copied();
        self.position = self.position.wrapping_add(1);
        Ok(word.unwrap_or_default())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let first = self.try_next_u32()?;
        let second = self.try_next_u32()?;
        Ok(u64::from(first) << 32 | u64::from(second))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(4) {
            let word = self.try_next_u32()?.to_le_bytes();
            chunk.iter_mut().zip(word).for_each(|(to, from)| *to = from);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The known-answer vectors of Random123 (`kat_vectors`, philox4x32 10).
    #[test]
    fn known_answers() {
        assert_eq!(
            philox([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    /// SHA-256("abc") begins ba7816bf 8f01cfea (FIPS 180-4, appendix B.1).
    #[test]
    fn entities_are_the_first_words_of_their_hash() {
        assert_eq!(Entity::new("abc"), Entity(0xba78_16bf, 0x8f01_cfea));
    }

    #[test]
    fn a_stream_begins_with_the_words_of_its_uniform() {
        let draws = Draws::new(7, 3);
        let entity = Entity::new("orders/shift_25");
        let mut stream = draws.stream(entity, Purpose::Fix, 2);
        let uniform = draws.uniform(entity, Purpose::Fix, 2);
        let words = [
            stream.try_next_u32().unwrap(),
            stream.try_next_u32().unwrap(),
        ];
        assert_eq!(
            super::uniform([u64::from(words[0]), u64::from(words[1]), 0, 0], LOW),
            uniform
        );
        assert_ne!(draws.uniform(entity, Purpose::Fix, 1), uniform);
        assert_ne!(Draws::new(7, 4).uniform(entity, Purpose::Fix, 2), uniform);
    }

    #[test]
    fn uniforms_never_reach_the_ends() {
        assert_eq!(uniform([0; 4], LOW), 0.5 / (1_u64 << 53) as f64);
        assert!(uniform([u64::MAX; 4], LOW) < 1.0);
    }

    proptest! {
        /// As *Exact semantics* writes it, whatever stands in the upper halves of the words.
        #[test]
        fn uniforms_are_the_top_53_bits_and_a_half(first: u64, second: u64) {
            let bits = (first << 32 | second & LOW) >> 11;
            let known = (bits as f64 + 0.5) / (1_u64 << 53) as f64;
            prop_assert_eq!(uniform([first, second, 0, 0], LOW), known.min(1.0_f64.next_down()));
        }
    }
}
