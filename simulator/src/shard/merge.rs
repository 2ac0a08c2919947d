//! Shards joined.

use std::collections::BTreeMap;

use thiserror::Error;
use whimbrel_plan::Plan;

use super::file::{Parts, engine};
use super::{ShardError, ShardHeader};
use crate::results::Results;
use crate::run::Runner;
use crate::{Estimates, Settings, SimulationError, Watch, checked, missed, report};

/// How many missing shards are named.
const NAMED: usize = 5;
/// So much of a hash is shown; numbers are shorter.
const SHORT: usize = 20;

/// Why shards cannot be joined. Files are told by their position among the headers.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum MergeError {
    /// There is none.
    #[error("there are no shards to join")]
    Nothing,
    /// One of them is not a shard.
    #[error("{problem}")]
    Unreadable {
        /// Which.
        file: usize,
        /// What is wrong with it.
        problem: ShardError,
    },
    /// One of them is of another simulation than the first.
    #[error("it has {what} {here}, the first file {there}")]
    Different {
        /// Which.
        file: usize,
        /// In what they differ.
        what: &'static str,
        /// Its value there.
        here: String,
        /// That of the first.
        there: String,
    },
    /// They were run by another version of this program.
    #[error("it was run by whimbrel {there}, and this is whimbrel {here}", here = engine())]
    OtherEngine {
        /// Which.
        file: usize,
        /// The version that ran it.
        there: String,
    },
    /// A trial that is run again here comes to something else.
    #[error("its trial {trial} comes to something else on this machine")]
    OtherNumbers {
        /// Which.
        file: usize,
        /// The trial.
        trial: usize,
    },
    /// Two are the same shard.
    #[error("it is shard {shard}/{of}, as is another file")]
    Doubled {
        /// Which.
        file: usize,
        /// The other.
        other: usize,
        /// Its number.
        shard: u32,
        /// How many there are.
        of: u32,
    },
    /// Some are not there.
    #[error("{missing} of {of} shards {} missing: {named}", if *.missing == 1 { "is" } else { "are" })]
    Missing {
        /// How many.
        missing: u64,
        /// How many there are to be.
        of: u32,
        /// The first few.
        named: String,
    },
    /// The plan, or the machine, is at fault.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
}

impl MergeError {
    /// The file it is about, by its position among the headers.
    #[must_use]
    pub fn file(&self) -> Option<usize> {
        match self {
            Self::Unreadable { file, .. }
            | Self::Different { file, .. }
            | Self::OtherEngine { file, .. }
            | Self::OtherNumbers { file, .. }
            | Self::Doubled { file, .. } => Some(*file),
            Self::Nothing | Self::Missing { .. } | Self::Simulation(_) => None,
        }
    }
}

/// What shards come to together.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The plan they simulate.
    pub plan: Plan,
    /// Its estimates: those of one run of all trials.
    pub estimates: Estimates,
    /// How many errors stood in the plan's text.
    pub errors: u64,
}

/// Joins shards, one after another in their order, so that no more than one is held beside the
/// result.
#[derive(Debug)]
pub struct Merger {
    /// Of the first shard.
    header: ShardHeader,
    /// Positions of the files, in the order of their shards.
    order: Vec<usize>,
    added: usize,
    plan: Option<Plan>,
    results: Results,
}

impl Merger {
    /// Begins with the headers of all shards, in any order.
    ///
    /// # Errors
    /// When they are not those of one whole simulation, run by this version of the program.
    pub fn new(headers: &[ShardHeader]) -> Result<Self, MergeError> {
        let first = headers.first().ok_or(MergeError::Nothing)?;
        let mut shards = BTreeMap::new();
        for (file, header) in headers.iter().enumerate() {
            if header.engine != engine() {
                return Err(MergeError::OtherEngine {
                    file,
                    there: header.engine.clone(),
                });
            }
            different(file, header, first)?;
            if let Some(other) = shards.insert(header.shard, file) {
                return Err(MergeError::Doubled {
                    file,
                    other,
                    shard: header.shard,
                    of: header.of,
                });
            }
        }
        if shards.len() < first.of as usize {
            let missing = (1..=first.of).filter(|shard| !shards.contains_key(shard));
            return Err(missing_shards(missing, shards.len(), first.of));
        }
        let mut header = first.clone();
        let errors = headers.iter().map(|header| header.errors);
        header.errors = errors.max().unwrap_or_default();
        Ok(Self {
            header,
            order: shards.into_values().collect(),
            added: 0,
            plan: None,
            results: Results {
                room: usize::try_from(first.trials).unwrap_or_default(),
                ..Results::default()
            },
        })
    }

    /// Which file is to be added next, by its position among the headers; none when all are.
    #[must_use]
    pub fn next(&self) -> Option<usize> {
        self.order.get(self.added).copied()
    }

    /// Adds the bytes of the file that is next.
    ///
    /// # Errors
    /// When they are not those of the shard that was announced.
    pub fn add(&mut self, bytes: &[u8]) -> Result<(), MergeError> {
        let file = self.next().ok_or(MergeError::Nothing)?;
        let unreadable = |problem| MergeError::Unreadable { file, problem };
        let parts = Parts::of(bytes).map_err(unreadable)?;
        let shard = u32::try_from(self.added + 1).unwrap_or(u32::MAX);
        different(file, &parts.header, &self.header)?;
        if parts.header.shard != shard {
            let changed = ShardError::Damaged("it changed while it was read");
            return Err(unreadable(changed));
        }
        let plan = match self.plan.take() {
            Some(plan) => plan,
            None => parts.plan().map_err(unreadable)?,
        };
        let results = parts.results(&plan).map_err(unreadable)?;
        self.plan = Some(plan);
        self.results.append(&results);
        self.added += 1;
        Ok(())
    }

    /// What all of them come to, on so many threads: none is one for each core.
    ///
    /// # Errors
    /// When shards have not been added, or a trial of one of them comes to something else here.
    pub fn finish(self, threads: Option<usize>) -> Result<Merged, MergeError> {
        let settings = Settings {
            trials: self.header.trials,
            seed: self.header.seed,
            threads,
        };
        let (_, pool) = checked(&settings)?;
        let (Some(plan), None) = (&self.plan, self.next()) else {
            return Err(MergeError::Nothing);
        };
        let estimates = pool.install(|| {
            let watch = Watch::default();
            let mut runner = Runner::new(plan, settings.seed, &watch)?;
            self.verify(&mut runner)?;
            missed::carried_out(plan, &self.results)?;
            let report = report::Report {
                plan,
                model: &runner.model,
                results: &self.results,
                settings: &settings,
            };
            Ok::<_, MergeError>(report.estimates(self.header.plan_hash.clone()))
        })?;
        Ok(Merged {
            estimates,
            errors: self.header.errors,
            plan: self.plan.ok_or(MergeError::Nothing)?,
        })
    }

    /// Runs the first trial of every shard again: another build or machine that draws or adds up
    /// otherwise shows.
    fn verify(&self, runner: &mut Runner<'_>) -> Result<(), MergeError> {
        let mut header = self.header.clone();
        for (number, file) in (1..).zip(&self.order) {
            header.shard = number;
            let range = header.range();
            let trial = range.start;
            if range.is_empty() {
                continue;
            }
            let mut again = Results::default();
            runner.run(trial..trial + 1, &mut again)?;
            if again.outcomes.bits(0) != self.results.outcomes.bits(trial) {
                return Err(MergeError::OtherNumbers { file: *file, trial });
            }
        }
        Ok(())
    }
}

/// Whether a shard is of another simulation than the first.
fn different(file: usize, header: &ShardHeader, first: &ShardHeader) -> Result<(), MergeError> {
    let facts = |header: &ShardHeader| {
        [
            ("the plan", header.plan_hash.clone()),
            ("the seed", header.seed.to_string()),
            ("the number of trials", header.trials.to_string()),
            ("the number of shards", header.of.to_string()),
        ]
    };
    let differs = |((_, here), (_, there)): &((_, String), (_, String))| here != there;
    let pairs = facts(header).into_iter().zip(facts(first));
    if let Some(((what, here), (_, there))) = pairs.into_iter().find(differs) {
        let short = |mut fact: String| {
            fact.truncate(SHORT);
            fact
        };
        return Err(MergeError::Different {
            file,
            what,
            here: short(here),
            there: short(there),
        });
    }
    Ok(())
}

fn missing_shards(missing: impl Iterator<Item = u32>, found: usize, of: u32) -> MergeError {
    let count = u64::from(of) - found as u64;
    let named: Vec<String> = missing
        .take(NAMED)
        .map(|shard| format!("{shard}/{of}"))
        .collect();
    let more = if count > NAMED as u64 { ", …" } else { "" };
    MergeError::Missing {
        missing: count,
        of,
        named: named.join(", ") + more,
    }
}
