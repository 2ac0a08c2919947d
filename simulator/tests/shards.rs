//! Shards of a simulation: what they come to together, and what no bytes do to whoever reads them.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test"
)]

mod common;

use std::io::{Read as _, Write as _};
use std::sync::LazyLock;

use common::*;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use whimbrel_plan::*;
use whimbrel_simulator::{
    MergeError, Merged, Merger, Settings, Shard, ShardError, ShardHeader, Watch, simulate,
    simulate_shard,
};

fn settings(trials: u64, threads: usize) -> Settings {
    Settings {
        trials,
        seed: 3,
        threads: Some(threads),
    }
}

fn shard(plan: &Plan, trials: u64, number: u32, of: u32) -> Vec<u8> {
    let shard = Shard::new(number, of).unwrap();
    simulate_shard(plan, &settings(trials, 2), shard, 0, None).unwrap()
}

/// The only shard of the busy plan.
fn whole() -> &'static [u8] {
    static WHOLE: LazyLock<Vec<u8>> = LazyLock::new(|| shard(&busy(), 300, 1, 1));
    &WHOLE
}

fn shards(plan: &Plan, trials: u64, of: u32) -> Vec<Vec<u8>> {
    (1..=of)
        .map(|number| shard(plan, trials, number, of))
        .collect()
}

/// Joins files as the command line does.
fn merge(files: &[Vec<u8>]) -> Result<Merged, MergeError> {
    let headers = files.iter().enumerate().map(|(file, bytes)| {
        ShardHeader::read(bytes).map_err(|problem| MergeError::Unreadable { file, problem })
    });
    let headers: Vec<ShardHeader> = headers.collect::<Result<_, _>>()?;
    let mut merger = Merger::new(&headers)?;
    while let Some(file) = merger.next() {
        merger.add(&files[file])?;
    }
    merger.finish(Some(2))
}

fn json(plan: &Plan, trials: u64, threads: usize) -> String {
    serde_json::to_string(&simulate(plan, &settings(trials, threads), None).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Any number of trials, in any number of shards told in any order, on any number of threads.
    #[test]
    fn folding_shards_is_folding_blocks(
        trials in 1_u64..3_000,
        of in 1_u32..9,
        threads in prop::sample::select(vec![1_usize, 2, 8]),
        turn in any::<prop::sample::Index>(),
    ) {
        let plan = busy();
        let mut files = shards(&plan, trials, of);
        files.rotate_left(turn.index(of as usize));
        let merged = merge(&files).unwrap();
        prop_assert_eq!(&merged.plan, &plan);
        let joined = serde_json::to_string(&merged.estimates).unwrap();
        prop_assert_eq!(joined, json(&plan, trials, threads));
    }

    /// Whatever the bytes are, nothing panics. Their digest is mended, so that what follows it is
    /// reached, too.
    #[test]
    fn no_bytes_make_anything_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
        mended in any::<bool>(),
    ) {
        let mut bytes = whole().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if mended {
            mend(&mut bytes);
        }
        let merged = merge(std::slice::from_ref(&bytes));
        prop_assert!(merged.is_err() || bytes == whole() || mended);
    }

    /// Results of another shape, or of none.
    #[test]
    fn no_results_make_anything_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut parts = Parts::of(whole());
        for (at, byte) in changes {
            let at = at.index(parts.results.len());
            parts.results[at] = byte;
        }
        if let Some(cut) = cut {
            parts.results.truncate(cut.index(parts.results.len()));
        }
        let _ = merge(&[parts.file()]);
    }

    /// A plan that no compiler made: numbers of it are others, and its hash is right.
    #[test]
    fn no_plan_makes_anything_panic(
        at in any::<prop::sample::Index>(),
        number in prop::sample::select(vec!["0", "1", "7", "4294967295", "-1", "0.5", "1e300"]),
    ) {
        let mut parts = Parts::of(whole());
        let text = String::from_utf8(parts.plan.clone()).unwrap();
        let begins = |at: &usize| {
            let before = text[..*at].chars().next_back().unwrap_or_default();
            text[*at..].starts_with(|c: char| c.is_ascii_digit()) && ":[,".contains(before)
        };
        let numbers: Vec<usize> = (0..text.len()).filter(begins).collect();
        let start = numbers[at.index(numbers.len())];
        let part_of_it = |c: char| c.is_ascii_digit() || "-+.eE".contains(c);
        let rest = text[start..].trim_start_matches(part_of_it);
        let changed = format!("{}{number}{rest}", &text[..start]);
        if let Ok(plan) = serde_json::from_str::<Plan>(&changed) {
            let hash = busy().hash().unwrap();
            parts.header = parts.header.replace(&hash, &plan.hash().unwrap());
            parts.header = parts.header.replace(
                &format!("\"plan_bytes\":{}", text.len()),
                &format!("\"plan_bytes\":{}", changed.len()),
            );
            parts.plan = changed.into_bytes();
            let _ = merge(&[parts.file()]);
        }
    }
}

/// Gives bytes the digest they should end with.
fn mend(bytes: &mut [u8]) {
    if let Some(end) = bytes.len().checked_sub(32) {
        let digest = Sha256::digest(&bytes[..end]);
        bytes[end..].copy_from_slice(&digest);
    }
}

/// The parts of a file, readable.
struct Parts {
    header: String,
    plan: Vec<u8>,
    results: Vec<u8>,
}

const LENGTHS: usize = 19;

impl Parts {
    fn of(bytes: &[u8]) -> Self {
        let mut rest = &bytes[LENGTHS + 24..];
        let mut part = |at: usize| {
            let length = bytes[LENGTHS + 8 * at..].first_chunk().unwrap();
            let length = usize::try_from(u64::from_le_bytes(*length)).unwrap();
            rest.split_off(..length).unwrap()
        };
        let inflated = |bytes: &[u8]| {
            let mut inflated = Vec::new();
            ZlibDecoder::new(bytes).read_to_end(&mut inflated).unwrap();
            inflated
        };
        Self {
            header: String::from_utf8(part(0).to_vec()).unwrap(),
            plan: inflated(part(1)),
            results: inflated(part(2)),
        }
    }

    /// A file that is right in all but what was changed.
    fn file(&self) -> Vec<u8> {
        let deflated = |bytes: &[u8]| {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        let header = self.header.clone().into_bytes();
        let parts = [header, deflated(&self.plan), deflated(&self.results)];
        let mut file = b"whimbrel shard\n\x03\0\0\0".to_vec();
        for part in &parts {
            file.extend((part.len() as u64).to_le_bytes());
        }
        file.extend(parts.concat());
        file.extend([0; 32]);
        mend(&mut file);
        file
    }
}

/// A file whose header says something else.
fn with_header(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut parts = Parts::of(bytes);
    assert!(
        parts.header.contains(from),
        "{from} not in {}",
        parts.header
    );
    parts.header = parts.header.replace(from, to);
    parts.file()
}

#[test]
fn a_header_that_lies_is_found_out() {
    let bytes = whole();
    assert_eq!(with_header(bytes, "\"seed\":3", "\"seed\":3"), bytes);
    for (from, to) in [
        ("\"trials\":300", "\"trials\":10000000"),
        ("\"trials\":300", "\"trials\":301"),
        ("\"trials\":300", "\"trials\":0"),
        ("\"trials\":300", "\"trials\":18446744073709551615"),
        ("\"shard\":1", "\"shard\":2"),
        ("\"shard\":1", "\"shard\":0"),
        ("\"of\":1", "\"of\":4294967295"),
        ("\"plan_bytes\":", "\"plan_bytes\":1"),
        ("\"plan_bytes\":", "\"plan_bytes\":0,\"old\":"),
        ("\"plan_hash\":\"", "\"plan_hash\":\"0"),
        ("\"engine\":\"", "\"engine\":\"9."),
        ("\"seed\":3", "\"seed\":4"),
        ("\"seed\":3", "\"seed\":-1"),
        ("{", "{{"),
    ] {
        let lie = with_header(bytes, from, to);
        let found = merge(&[lie]);
        // Nothing is wrong with a plan that is said to be longer than it is.
        let longer = to == "\"plan_bytes\":1";
        assert_eq!(found.is_ok(), longer, "{from} → {to}: {found:?}");
    }
}

/// The lengths are read before anything else: none of them makes anything be allocated.
#[test]
fn lengths_that_lie_are_found_out() {
    let bytes = whole();
    for part in 0..3 {
        for length in [0, 1, u64::MAX, u64::MAX / 2, 1 << 40] {
            let mut lie = bytes.to_vec();
            let at = LENGTHS + 8 * part;
            lie[at..at + 8].copy_from_slice(&u64::to_le_bytes(length));
            mend(&mut lie);
            let read = ShardHeader::read(&lie);
            assert!(
                matches!(read, Err(ShardError::Truncated | ShardError::Damaged(_))),
                "{read:?}"
            );
        }
    }
}

#[test]
fn every_truncation_is_found_out() {
    let bytes = whole();
    for end in (0..200).chain((200..bytes.len()).step_by(97)) {
        let read = ShardHeader::read(&bytes[..end]);
        assert_eq!(read, Err(ShardError::Truncated), "{end}");
    }
    assert_eq!(ShardHeader::read(b"PK\x03\x04"), Err(ShardError::NotAShard));
    let mut later = bytes.to_vec();
    later[15] = 4;
    assert_eq!(ShardHeader::read(&later), Err(ShardError::OtherFormat(4)));
}

/// Results of one seed under the header of another: all counts are right, the numbers are not.
#[test]
fn numbers_that_do_not_come_out_here_are_found_out() {
    let bytes = whole();
    let other = with_header(bytes, "\"seed\":3", "\"seed\":4");
    assert_eq!(
        merge(&[other]).unwrap_err(),
        MergeError::OtherNumbers { file: 0, trial: 0 }
    );
}

#[test]
fn part_of_a_shard_is_none() {
    let watch = Watch::default();
    watch.stop();
    let shard = Shard::new(2, 3).unwrap();
    let error = simulate_shard(&busy(), &settings(1_000, 2), shard, 0, Some(&watch)).unwrap_err();
    assert_eq!(error.code(), "MG1614");
}
