//! `fmt`: the one layout.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use similar::TextDiff;
use whimbrel_lang::Sources;

use crate::console::{Console, Tone};
use crate::error::{CliError, FILE_NOT_FOUND};
use crate::files::{self, Kind, Mode, Staged};
use crate::outcome::{Ending, Outcome};
use crate::render::diagnostics::Findings;

/// Brings plan files into the one layout
///
/// Rewrites them in place. A folder means all `.mig` files below it; `-` lays out standard input
/// to standard output, as editors ask for it.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel fmt
  whimbrel fmt --check plans
  whimbrel fmt - < plan.mig")]
pub struct Arguments {
    /// Plan files, folders of them, or `-` [default: here]
    paths: Vec<PathBuf>,

    /// Changes nothing, prints what would change, and exits 1 if anything would
    #[arg(long, help_heading = "Checking")]
    check: bool,
}

/// What standard input is called in messages.
const INPUT: &str = "<stdin>";

/// Runs the command.
///
/// # Errors
/// When a file cannot be read or written.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let mut found = false;
    for path in paths(&arguments.paths)? {
        found |= if path == Path::new("-") {
            layout_input(arguments.check, console)?
        } else {
            layout(&path, arguments.check, console)?
        };
    }
    Ok(Outcome::findings_if(found))
}

fn paths(given: &[PathBuf]) -> Result<Vec<PathBuf>, CliError> {
    let here = [PathBuf::from(".")];
    let given = if given.is_empty() { &here } else { given };
    let mut paths = Vec::new();
    for path in given {
        match files::kind(path) {
            Kind::Folder => paths.extend(files::plan_files(path)),
            _ => paths.push(path.clone()),
        }
    }
    if paths.is_empty() {
        let error = CliError::new(FILE_NOT_FOUND, "there is no `.mig` file here");
        return Err(error.help("start a plan with `whimbrel init`"));
    }
    Ok(paths)
}

/// Lays out one file; whether there is something to complain about.
fn layout(path: &Path, check: bool, console: &mut Console) -> Result<bool, CliError> {
    let shown = path.display().to_string();
    let shown = shown.strip_prefix("./").unwrap_or(&shown);
    let bytes = files::read_source(path)?;
    let Some((before, after)) = formatted(&bytes, shown, console)? else {
        return Ok(true);
    };
    if before == after {
        return Ok(false);
    }
    if check {
        difference(shown, &before, &after, console)?;
        return Ok(true);
    }
    let target = files::canonical(path)?;
    Staged::write(&target, after.as_bytes(), Mode::Keep)?.place()?;
    writeln!(console.err, "laid out {shown}")?;
    Ok(false)
}

/// Lays out standard input; what cannot be read as a plan is not written back.
fn layout_input(check: bool, console: &mut Console) -> Result<bool, CliError> {
    let bytes = files::read_input()?;
    let Some((before, after)) = formatted(&bytes, INPUT, console)? else {
        return Ok(true);
    };
    if !check {
        console.out.write_all(after.as_bytes())?;
        return Ok(false);
    }
    if before != after {
        difference(INPUT, &before, &after, console)?;
    }
    Ok(before != after)
}

/// What would change, as a unified diff.
fn difference(
    shown: &str,
    before: &str,
    after: &str,
    console: &mut Console,
) -> Result<(), CliError> {
    let diff = TextDiff::from_lines(before, after);
    let (old, new) = (format!("a/{shown}"), format!("b/{shown}"));
    let text = diff.unified_diff().header(&old, &new).to_string();
    for line in text.split_inclusive('\n') {
        let (line, end) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        let tone = match line.bytes().next() {
            Some(b'+') => Some(Tone::Good),
            Some(b'-') => Some(Tone::Bad),
            Some(b'@') => Some(Tone::Faint),
            _ => None,
        };
        let line = tone.map_or_else(|| line.to_owned(), |tone| console.paint.tone(tone, line));
        write!(console.out, "{line}{end}")?;
    }
    Ok(())
}

/// The text before and after; nothing if it cannot be read as a plan, which is told.
fn formatted(
    bytes: &[u8],
    shown: &str,
    console: &mut Console,
) -> Result<Option<(String, String)>, CliError> {
    let mut sources = Sources::default();
    let (id, garbled) = whimbrel_lang::add_bytes(&mut sources, shown, bytes);
    let formatted = match garbled {
        Some(garbled) => Err(vec![garbled]),
        None => whimbrel_lang::format(&sources, id),
    };
    let diagnostics = match formatted {
        Ok(after) => {
            let before = String::from_utf8_lossy(bytes).into_owned();
            return Ok(Some((before, after)));
        }
        Err(diagnostics) => diagnostics,
    };
    let findings = Findings {
        sources: &sources,
        diagnostics: &diagnostics,
        prefix: "",
    };
    findings.graphical(&mut console.err, console.err_paint, console.width)?;
    Ok(None)
}
