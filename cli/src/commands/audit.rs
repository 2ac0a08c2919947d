//! `audit`: the hash chain of a journal.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::console::{Console, Tone};
use crate::error::{BROKEN_JOURNAL, CliError};
use crate::files;
use crate::outcome::{Ending, Outcome};

/// Verifies the hash chain of a journal that a batch's `run` has written.
#[derive(Args, Debug)]
#[command(after_long_help = "Example:
  whimbrel audit dist/state/journal.jsonl")]
pub struct Arguments {
    /// The journal
    file: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// When the journal cannot be read or its chain is broken.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let text = files::read_text(&arguments.file)?;
    let shown = arguments.file.display();
    match whimbrel_handoff::audit(&text) {
        Ok(_) => {
            let told = console.paint.tone(Tone::Good, "the chain holds");
            writeln!(console.out, "`{shown}`: {told}")?;
            Ok(Outcome::Clean)
        }
        Err(error) => Err(CliError::finding(
            BROKEN_JOURNAL.number,
            format!("`{shown}`: {error}"),
        )),
    }
}
