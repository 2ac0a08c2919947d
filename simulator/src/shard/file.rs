//! A shard as bytes.
//!
//! ```text
//! magic    "whimbrel shard\n"
//! version  u32, little-endian like all that follows
//! lengths  u64 of each of the three parts
//! header   JSON
//! plan     JSON, compressed (zlib)
//! results  postcard, compressed (zlib)
//! digest   SHA-256 of everything before it
//! ```
//!
//! Nothing is allocated because a length says so: bytes are read as far as there are any, and no
//! further than the plan and the number of trials explain.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;
use whimbrel_plan::Plan;

use super::Shard;
use crate::missed::{self, Misses};
use crate::outcomes::{FIGURES, Figures, Outcomes};
use crate::results::{Results, StepSamples, batch_trials, step_trials};
use crate::{MAX_TRIALS, Settings};

const MAGIC: &[u8] = b"whimbrel shard\n";
const VERSION: u32 = 3;
const DIGEST: usize = 32;
const PARTS: usize = 3;
/// The most bytes a whole number takes in the results.
const WIDEST: u64 = 19;
/// What a step may lack, in as many ways.
const LACKS: usize = 3;
/// Numbers in a row of what trials were given up for.
const FIELDS: u64 = 4;

/// Why bytes are not a shard.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ShardError {
    /// They begin otherwise.
    #[error("it is not a shard of a simulation")]
    NotAShard,
    /// Laid out as this program does not know.
    #[error("it is written in version {0} of the format, and this is whimbrel {engine} with version {VERSION}", engine = engine())]
    OtherFormat(u32),
    /// They end too early.
    #[error("it ends too early")]
    Truncated,
    /// They were changed, or never made sense.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
}

/// What a shard says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardHeader {
    /// Version of the program that ran it.
    pub engine: String,
    /// Hash of the plan.
    pub plan_hash: String,
    /// Bytes of the plan, not compressed.
    plan_bytes: u64,
    /// The seed.
    pub seed: u64,
    /// How many trials all shards have together.
    pub trials: u64,
    /// Its number, from 1.
    pub shard: u32,
    /// How many shards there are.
    pub of: u32,
    /// How many errors stand in the plan's text.
    pub errors: u64,
}

/// Version of this program.
pub(super) fn engine() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

impl ShardHeader {
    pub(super) fn new(plan_hash: String, settings: &Settings, shard: Shard, errors: u64) -> Self {
        Self {
            engine: engine().to_owned(),
            plan_hash,
            plan_bytes: 0,
            seed: settings.seed,
            trials: settings.trials,
            shard: shard.number(),
            of: shard.of(),
            errors,
        }
    }

    /// Reads the header of a file and verifies its digest.
    ///
    /// # Errors
    /// When the bytes are not a whole shard that this program can read.
    pub fn read(bytes: &[u8]) -> Result<Self, ShardError> {
        Ok(Parts::of(bytes)?.header)
    }

    /// The trials it has, by their numbers.
    pub(super) fn range(&self) -> std::ops::Range<usize> {
        let trials = usize::try_from(self.trials).unwrap_or_default();
        let shard = Shard::new(self.shard, self.of);
        shard.map_or(0..0, |shard| shard.trials(trials))
    }

    fn is_possible(&self) -> bool {
        (1..=MAX_TRIALS).contains(&self.trials) && Shard::new(self.shard, self.of).is_some()
    }
}

/// A file whose digest is right.
pub(super) struct Parts<'b> {
    pub(super) header: ShardHeader,
    plan: &'b [u8],
    results: &'b [u8],
}

impl<'b> Parts<'b> {
    pub(super) fn of(bytes: &'b [u8]) -> Result<Self, ShardError> {
        let rest = bytes
            .strip_prefix(MAGIC)
            .ok_or(if MAGIC.starts_with(bytes) {
                ShardError::Truncated
            } else {
                ShardError::NotAShard
            })?;
        let (version, rest) = number::<4>(rest)?;
        let version = u32::from_le_bytes(version);
        if version != VERSION {
            return Err(ShardError::OtherFormat(version));
        }
        let mut lengths = [0; PARTS];
        let mut rest = rest;
        for length in &mut lengths {
            let (found, after) = number::<8>(rest)?;
            (*length, rest) = (u64::from_le_bytes(found), after);
        }
        let claimed = lengths.iter().map(|length| u128::from(*length));
        let claimed = claimed.sum::<u128>() + DIGEST as u128;
        if claimed > rest.len() as u128 {
            return Err(ShardError::Truncated);
        }
        if claimed < rest.len() as u128 {
            return Err(ShardError::Damaged("something follows its end"));
        }
        let cut = "a part of it is not there";
        let (body, digest) = bytes
            .split_at_checked(bytes.len().saturating_sub(DIGEST))
            .ok_or(ShardError::Damaged(cut))?;
        if Sha256::digest(body).as_slice() != digest {
            return Err(ShardError::Damaged("its digest is not that of its content"));
        }
        let [header, plan, _] = lengths.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        let rest = rest.get(..rest.len() - DIGEST).unwrap_or_default();
        let (header, rest) = rest
            .split_at_checked(header)
            .ok_or(ShardError::Damaged(cut))?;
        let (plan, results) = rest
            .split_at_checked(plan)
            .ok_or(ShardError::Damaged(cut))?;
        let header: ShardHeader = serde_json::from_slice(header)
            .map_err(|_| ShardError::Damaged("its header cannot be read"))?;
        if !header.is_possible() {
            return Err(ShardError::Damaged("its header asks for what cannot be"));
        }
        Ok(Self {
            header,
            plan,
            results,
        })
    }

    /// The plan, which has the hash of the header and refers to nothing that it does not have.
    pub(super) fn plan(&self) -> Result<Plan, ShardError> {
        let problem = ShardError::Damaged("its plan cannot be read");
        let json = inflate(self.plan, self.header.plan_bytes).ok_or_else(|| problem.clone())?;
        let plan: Plan = serde_json::from_slice(&json).map_err(|_| problem.clone())?;
        let hash = plan.hash().map_err(|_| problem)?;
        if hash != self.header.plan_hash {
            return Err(ShardError::Damaged(
                "its plan has another hash than it says",
            ));
        }
        if !plan.has_all_it_refers_to() {
            return Err(ShardError::Damaged(
                "its plan refers to what it does not have",
            ));
        }
        Ok(plan)
    }

    /// The results, which are those of as many trials, steps and batches as there must be.
    pub(super) fn results(&self, plan: &Plan) -> Result<Results, ShardError> {
        let shape = Shape::new(&self.header, plan);
        let bytes = inflate(self.results, shape.most_bytes());
        let payload = bytes.and_then(|bytes| postcard::from_bytes::<Payload>(&bytes).ok());
        payload
            .and_then(|payload| payload.unpack(&shape))
            .ok_or(ShardError::Damaged(
                "its results are not those of its plan and trials",
            ))
    }
}

fn number<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), ShardError> {
    let found = bytes.split_first_chunk::<N>();
    let (found, rest) = found.ok_or(ShardError::Truncated)?;
    Ok((*found, rest))
}

/// The bytes, unless there are more than `most`.
fn inflate(bytes: &[u8], most: u64) -> Option<Vec<u8>> {
    let mut inflated = Vec::new();
    let mut decoder = ZlibDecoder::new(bytes).take(most.saturating_add(1));
    decoder.read_to_end(&mut inflated).ok()?;
    (inflated.len() as u64 <= most).then_some(inflated)
}

fn deflate(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// The bytes of a shard.
///
/// # Errors
/// Never for a plan the compiler made.
pub(super) fn write(
    mut header: ShardHeader,
    plan: &Plan,
    results: &Results,
) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let json = serde_json::to_vec(plan)?;
    header.plan_bytes = json.len() as u64;
    let parts = [
        serde_json::to_vec(&header)?,
        deflate(&json)?,
        deflate(&postcard::to_allocvec(&Payload::pack(results))?)?,
    ];
    let mut bytes = MAGIC.to_vec();
    bytes.extend(VERSION.to_le_bytes());
    for part in &parts {
        bytes.extend((part.len() as u64).to_le_bytes());
    }
    for part in &parts {
        bytes.extend(part);
    }
    let digest = Sha256::digest(&bytes);
    bytes.extend(digest);
    Ok(bytes)
}

/// How many of everything a shard must have.
struct Shape {
    trials: usize,
    /// Trials whose steps are kept one by one.
    sampled: usize,
    /// Trials whose batches are.
    batched: usize,
    steps: usize,
    batches: usize,
}

impl Shape {
    fn new(header: &ShardHeader, plan: &Plan) -> Self {
        let range = header.range();
        let any = !range.is_empty();
        let among = |first: usize| range.end.min(first).saturating_sub(range.start);
        let batches = plan.batches.len();
        let batched = among(batch_trials(batches));
        Self {
            sampled: among(step_trials(plan.steps.len())),
            batched,
            steps: if any { plan.steps.len() } else { 0 },
            batches: if batched > 0 { batches } else { 0 },
            trials: range.len(),
        }
    }

    /// More than its results can take.
    fn most_bytes(&self) -> u64 {
        let column = |values: usize| 8 * values as u64 + 2 * WIDEST;
        let columns =
            FIGURES as u64 * column(self.trials) + self.batches as u64 * column(self.batched);
        let steps = self.steps as u64 * (3 * column(self.sampled) + 2 * WIDEST);
        let missed = self.trials.min(LACKS * self.steps) as u64;
        columns + steps + (8 + FIELDS * missed) * WIDEST
    }
}

/// One figure over the trials. The first bytes of all values come first, then all second ones, and
/// so on: they are alike, which compresses well.
#[derive(Serialize, Deserialize)]
enum Column {
    Same(u64, u64),
    Planes(Vec<u8>),
}

impl Column {
    fn pack(figures: &Figures) -> Self {
        match figures {
            Figures::Same(value, len) => Self::Same(*value, *len as u64),
            Figures::Each(values) => {
                let plane = |byte: u32| values.iter().map(move |value| (value >> (8 * byte)) as u8);
                Self::Planes((0..8).flat_map(plane).collect())
            }
        }
    }

    /// The figure, when it is one of so many trials.
    fn unpack(self, trials: usize) -> Option<Figures> {
        match self {
            Self::Same(value, len) => {
                (len == trials as u64).then_some(Figures::Same(value, trials))
            }
            Self::Planes(bytes) => {
                if bytes.len() != trials.checked_mul(8)? || trials == 0 {
                    return None;
                }
                let mut values = vec![0; trials];
                for (byte, plane) in bytes.chunks_exact(trials).enumerate() {
                    let values = values.iter_mut().zip(plane);
                    values.for_each(|(value, part)| *value |= u64::from(*part) << (8 * byte));
                }
                Some(Figures::Each(values))
            }
        }
    }
}

/// [`Results`] as they are written.
#[derive(Serialize, Deserialize)]
struct Payload {
    outcomes: Vec<Column>,
    batches: Vec<Column>,
    critical: Vec<u64>,
    floats: Vec<i128>,
    /// Start, finish and duration of each step.
    samples: Vec<[Column; 3]>,
    missed: Vec<missed::Row>,
}

impl Payload {
    fn pack(results: &Results) -> Self {
        let samples = results
            .samples
            .iter()
            .map(|step| [&step.start, &step.finish, &step.duration].map(Column::pack));
        Self {
            outcomes: results
                .outcomes
                .columns()
                .iter()
                .map(Column::pack)
                .collect(),
            batches: results.batches.iter().map(Column::pack).collect(),
            critical: results.critical.clone(),
            floats: results.floats.clone(),
            samples: samples.collect(),
            missed: results.missed.rows().collect(),
        }
    }

    fn unpack(self, shape: &Shape) -> Option<Results> {
        let columns = |columns: Vec<Column>, trials: usize| -> Option<Vec<Figures>> {
            let columns = columns.into_iter();
            columns.map(|column| column.unpack(trials)).collect()
        };
        let samples = self.samples.into_iter().map(|[start, finish, duration]| {
            Some(StepSamples {
                start: start.unpack(shape.sampled)?,
                finish: finish.unpack(shape.sampled)?,
                duration: duration.unpack(shape.sampled)?,
            })
        });
        let outcomes = Outcomes::from_columns(columns(self.outcomes, shape.trials)?)?;
        let finishes = outcomes.finish().floats();
        let unfinished = finishes.filter(|finish| finish.is_infinite()).count() as u64;
        let results = Results {
            missed: Misses::from_rows(self.missed, shape.steps, unfinished)?,
            outcomes,
            batches: columns(self.batches, shape.batched)?,
            critical: self.critical,
            floats: self.floats,
            samples: samples.collect::<Option<_>>()?,
            room: shape.trials,
        };
        let trials = shape.trials as u64;
        // Microseconds in a trial are fewer than 2⁶³.
        let most = i128::from(u64::MAX) * i128::from(trials);
        let right = results.batches.len() == shape.batches
            && results.critical.len() == shape.steps
            && results.floats.len() == shape.steps
            && results.samples.len() == if shape.sampled > 0 { shape.steps } else { 0 }
            && results.critical.iter().all(|count| *count <= trials)
            && results.floats.iter().all(|sum| sum.abs() <= most);
        right.then_some(results)
    }
}
