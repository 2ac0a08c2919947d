//! Whether a walk of what is in the output folder is under way: then nothing is built over it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::environment;
use crate::error::CliError;
use crate::files::{self, Kind};

/// The name of a journal in its folder.
const JOURNAL: &str = "journal.jsonl";

/// The journal of an unfinished walk of the plan `hash`, whose compiled form is at `plan`.
///
/// # Errors
/// When a journal is there and cannot be read.
pub fn open(plan: &Path, hash: &str) -> Result<Option<PathBuf>, CliError> {
    for journal in journals() {
        let text = files::read_text(&journal)?;
        if walks(&text, hash) && !batches(plan).is_some_and(|all| all.is_subset(&done(&text))) {
            return Ok(Some(journal));
        }
    }
    Ok(None)
}

fn journals() -> Vec<PathBuf> {
    let (own, states) = environment::state_folders();
    let all = states.map_or_else(Vec::new, |states| files::folders(&states));
    own.into_iter()
        .chain(all)
        .map(|folder| folder.join(JOURNAL))
        .filter(|journal| files::kind(journal) == Kind::File)
        .collect()
}

/// The entries that can be read; a torn last line is none.
fn entries(journal: &str) -> impl Iterator<Item = Value> {
    journal
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
}

fn walks(journal: &str, hash: &str) -> bool {
    entries(journal).any(|entry| entry.get("plan").and_then(Value::as_str) == Some(hash))
}

/// The batches whose walk is done.
fn done(journal: &str) -> BTreeSet<String> {
    entries(journal)
        .filter(|entry| entry.get("event").and_then(Value::as_str) == Some("batch_done"))
        .filter_map(|entry| Some(entry.get("batch")?.as_str()?.to_owned()))
        .collect()
}

/// All batches of a compiled plan; none when it cannot be read.
fn batches(plan: &Path) -> Option<BTreeSet<String>> {
    let plan: Value = serde_json::from_str(&files::read_text(plan).ok()?).ok()?;
    let names = plan.get("batches")?.as_array()?.iter();
    names
        .map(|batch| Some(batch.get("name")?.as_str()?.to_owned()))
        .collect()
}
