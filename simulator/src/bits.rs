//! Sets of positions: of the steps that may start, by rank, and of the stretches of time in which
//! something happens.

/// A set of positions as bits, with a bit for each word of them that has any: the next one is a look at
/// two words, however many positions there are.
#[derive(Clone, Debug)]
pub(crate) struct BitSet {
    words: Vec<u64>,
    any: Vec<u64>,
}

const BITS: usize = 64;

impl BitSet {
    /// None of so many positions.
    pub(crate) fn new(positions: usize) -> Self {
        let words = positions.div_ceil(BITS);
        Self {
            words: vec![0; words],
            any: vec![0; words.div_ceil(BITS)],
        }
    }

    pub(crate) fn clear(&mut self) {
        self.words.fill(0);
        self.any.fill(0);
    }

    #[inline]
    pub(crate) fn insert(&mut self, position: usize) {
        let word = position / BITS;
        if let (Some(bits), Some(any)) = (self.words.get_mut(word), self.any.get_mut(word / BITS)) {
            *bits |= 1 << (position % BITS);
            *any |= 1 << (word % BITS);
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, position: usize) {
        let word = position / BITS;
        if let (Some(bits), Some(any)) = (self.words.get_mut(word), self.any.get_mut(word / BITS)) {
            *bits &= !(1 << (position % BITS));
            *any &= !(u64::from(*bits == 0) << (word % BITS));
        }
    }

    /// Which words of this group of words have any position; none where there is no such group.
    #[inline]
    pub(crate) fn group(&self, group: usize) -> Option<Ones> {
        self.any.get(group).map(|any| Ones {
            bits: *any,
            first: group * BITS,
        })
    }

    /// The positions in this word as it is now, in order.
    #[inline]
    pub(crate) fn word(&self, word: usize) -> Ones {
        Ones {
            bits: self.words.get(word).copied().unwrap_or(0),
            first: word * BITS,
        }
    }

    /// The first position that is not below `from`.
    #[inline]
    pub(crate) fn next(&self, from: usize) -> Option<usize> {
        let word = from / BITS;
        let here = from_bit(*self.words.get(word)?, from % BITS);
        if here != 0 {
            return Some(word * BITS + here.trailing_zeros() as usize);
        }
        let word = next_word(&self.any, word + 1)?;
        let first = self.words.get(word)?.trailing_zeros() as usize;
        Some(word * BITS + first)
    }
}

/// The positions of the bits that are set in a word.
pub(crate) struct Ones {
    bits: u64,
    /// The position of the lowest bit.
    first: usize,
}

impl Iterator for Ones {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.bits == 0 {
            return None;
        }
        let bit = self.bits.trailing_zeros() as usize;
        self.bits &= self.bits - 1;
        Some(self.first + bit)
    }
}

/// The bits of a word that are not below this one.
fn from_bit(word: u64, bit: usize) -> u64 {
    word & (u64::MAX << bit)
}

/// The first bit that is not below `from`.
fn next_word(bits: &[u64], from: usize) -> Option<usize> {
    let mut position = from / BITS;
    let mut word = from_bit(*bits.get(position)?, from % BITS);
    while word == 0 {
        position += 1;
        word = *bits.get(position)?;
    }
    Some(position * BITS + word.trailing_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a set of the standard library: after any changes both go through the same positions.
        #[test]
        fn it_is_a_set_in_order(changes in prop::collection::vec((0_usize..9_000, any::<bool>()), 0..300)) {
            let (mut set, mut known) = (BitSet::new(9_000), BTreeSet::new());
            for (position, goes_in) in changes {
                if goes_in {
                    set.insert(position);
                    known.insert(position);
                } else {
                    set.remove(position);
                    known.remove(&position);
                }
            }
            let mut from = 0;
            let mut found = Vec::new();
            while let Some(position) = set.next(from) {
                found.push(position);
                from = position + 1;
            }
            let groups = (0..).map_while(|group| set.group(group));
            let all: Vec<usize> = groups.flatten().flat_map(|word| set.word(word)).collect();
            prop_assert_eq!(&found, &all);
            prop_assert_eq!(found, known.into_iter().collect::<Vec<_>>());
        }
    }
}
