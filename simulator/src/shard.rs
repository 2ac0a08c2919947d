//! A part of a simulation, run by itself and put together with the others later.
//!
//! Shards own whole blocks of trials, each as many as the others or one more, so folding them in
//! their order is folding the blocks in theirs: the joined result is that of one run, bit for bit.
//! `file` is how a shard is written down, `merge` joins them.

mod file;
mod merge;

use std::ops::Range;
use std::str::FromStr;

use whimbrel_plan::Plan;

use crate::results::Results;
use crate::run::Runner;
use crate::statistics::BLOCK;
use crate::{Settings, SimulationError, Watch, checked, hash};

pub use file::{ShardError, ShardHeader};
pub use merge::{MergeError, Merged, Merger};

/// Which part of a simulation: the third of sixteen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    number: u32,
    of: u32,
}

impl Shard {
    /// How many shards of so many trials have any: a shard is whole blocks of trials.
    #[must_use]
    pub fn most(trials: u64) -> u64 {
        trials.div_ceil(BLOCK as u64)
    }

    /// Shard `number`, from 1, of `of`; none where there is no such shard.
    #[must_use]
    pub fn new(number: u32, of: u32) -> Option<Self> {
        (1..=of).contains(&number).then_some(Self { number, of })
    }

    /// Its number, from 1.
    #[must_use]
    pub fn number(self) -> u32 {
        self.number
    }

    /// How many there are.
    #[must_use]
    pub fn of(self) -> u32 {
        self.of
    }

    /// The trials it owns of so many: none where there are more shards than blocks.
    pub(crate) fn trials(self, trials: usize) -> Range<usize> {
        let blocks = trials.div_ceil(BLOCK) as u128;
        let bound = |shard: u32| {
            let block = blocks * u128::from(shard) / u128::from(self.of);
            let first = usize::try_from(block).unwrap_or(usize::MAX);
            first.saturating_mul(BLOCK).min(trials)
        };
        bound(self.number - 1)..bound(self.number)
    }
}

impl FromStr for Shard {
    type Err = String;

    /// Reads `3/16`.
    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(number, of)| Some((whole(number)?, whole(of)?)));
        match numbers {
            None => Err("expected a shard and how many there are, as in `3/16`".to_owned()),
            Some((_, 0)) => Err("there must be at least one shard".to_owned()),
            Some((number, of)) => Self::new(number, of)
                .ok_or_else(|| format!("the shards are numbered from 1/{of} to {of}/{of}")),
        }
    }
}

/// Digits only: no sign.
fn whole(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// Runs one shard of the trials that [`simulate`](crate::simulate) would run, to be joined with the
/// others by a [`Merger`]. `errors` is how many errors stand in the plan's text; the file remembers.
///
/// # Errors
/// When the settings are out of range, the plan cannot be carried out, or the run is stopped: part
/// of a shard is of no use.
pub fn simulate_shard(
    plan: &Plan,
    settings: &Settings,
    shard: Shard,
    errors: u64,
    watch: Option<&Watch>,
) -> Result<Vec<u8>, SimulationError> {
    let (trials, pool) = checked(settings)?;
    let unwatched = Watch::default();
    let watch = watch.unwrap_or(&unwatched);
    let trials = shard.trials(trials);
    let asked = trials.len() as u64;
    let header = ShardHeader::new(hash(plan)?, settings, shard, errors);
    pool.install(|| {
        let mut results = Results::default();
        let whole = Runner::new(plan, settings.seed, watch)?.run(trials, &mut results)?;
        if !whole {
            let done = results.outcomes.len() as u64;
            return Err(SimulationError::Interrupted {
                done,
                asked,
                plans: 1,
            });
        }
        file::write(header, plan, &results)
            .map_err(|error| SimulationError::NotCanonical(error.to_string()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_own_whole_blocks_and_all_of_them() {
        for trials in [1, 255, 256, 257, 10_000, 1_000_003] {
            for of in [1, 2, 3, 7, 16, 10_000] {
                let shards = (1..=of).map(|number| Shard::new(number, of).unwrap());
                let mut next = 0;
                let (mut least, mut most) = (usize::MAX, 0);
                for range in shards.map(|shard| shard.trials(trials)) {
                    assert_eq!(range.start, next);
                    assert!(range.start % BLOCK == 0 || range.is_empty(), "{range:?}");
                    let blocks = range.len().div_ceil(BLOCK);
                    (least, most) = (least.min(blocks), most.max(blocks));
                    next = range.end;
                }
                assert_eq!(next, trials);
                assert!(most - least <= 1, "{trials} over {of}: {least} to {most}");
            }
        }
    }

    #[test]
    fn what_is_not_a_shard_says_why() {
        assert_eq!("3/16".parse(), Ok(Shard { number: 3, of: 16 }));
        for (text, why) in [
            ("0/4", "1/4 to 4/4"),
            ("5/4", "1/4 to 4/4"),
            ("1/0", "at least one"),
            ("+1/4", "`3/16`"),
            ("1", "`3/16`"),
            ("1/4/2", "`3/16`"),
            ("/", "`3/16`"),
            ("1/4294967296", "`3/16`"),
        ] {
            let error = text.parse::<Shard>().unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
