//! `audit`: the hash chain of a journal.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::console::{Console, Tone};
use crate::error::{BROKEN_JOURNAL, CliError};
use crate::files;
use crate::outcome::{Ending, Outcome};
use crate::render::number;
use crate::render::table::{Align, Table};

/// Verifies the hash chain of a journal
///
/// A journal is what the `run` of a batch writes. Each entry names the hash of the one before.
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
    let report = whimbrel_handoff::audit(&text)
        .map_err(|error| CliError::finding(BROKEN_JOURNAL.number, format!("`{shown}`: {error}")))?;
    let told = console.paint.tone(Tone::Good, "the chain holds");
    let entries = number::number(number::as_f64(report.entries), 0.0, 1.0);
    writeln!(
        console.out,
        "{told}: {entries} entries, {} rollbacks",
        report.rollbacks
    )?;
    writeln!(console.out, "  plan {}", report.plan_hash)?;
    writeln!(console.out, "  head {}", report.head)?;
    if report.torn {
        writeln!(
            console.out,
            "  the last line is torn: it was being written when the walk stopped"
        )?;
    }
    let columns = ["step", "last event", "attempt"].map(|name| (name, Align::Left));
    let mut table = Table::new(&columns);
    for step in &report.steps {
        table.row([
            step.step.clone(),
            step.event.clone(),
            step.attempt.to_string(),
        ]);
    }
    if !table.is_empty() {
        write!(
            console.out,
            "{}",
            table.render(console.width, console.paint)
        )?;
    }
    writeln!(
        console.err,
        "compare the head with the one given out: a journal that was cut short is sound in itself"
    )?;
    Ok(Outcome::Clean)
}
