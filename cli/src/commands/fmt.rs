//! `fmt`: the one layout.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use similar::TextDiff;
use whimbrel_lang::{Diagnostic, Sources};

use crate::console::Console;
use crate::error::{CliError, FILE_NOT_FOUND};
use crate::files::{self, Kind, Mode, Staged};
use crate::outcome::{Ending, Outcome};
use crate::render::diagnostics::Findings;

/// Brings plan files into the one layout
///
/// Rewrites them in place. A folder means all `.mig` files below it.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel fmt
  whimbrel fmt --check plans")]
pub struct Arguments {
    /// Plan files, or folders of them [default: here]
    paths: Vec<PathBuf>,

    /// Changes nothing, prints what would change, and exits 1 if anything would
    #[arg(long, help_heading = "Checking")]
    check: bool,
}

/// Runs the command.
///
/// # Errors
/// When a file cannot be read or written.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let mut found = false;
    for path in paths(&arguments.paths)? {
        found |= layout(&path, arguments.check, console)?;
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
    let mut sources = Sources::default();
    let formatted = formatted(path, shown, &mut sources)?;
    match formatted {
        Err(diagnostics) => {
            let findings = Findings {
                sources: &sources,
                diagnostics: &diagnostics,
                prefix: "",
            };
            findings.graphical(&mut console.err, console.err_paint, console.width)?;
            Ok(true)
        }
        Ok((before, after)) if before == after => Ok(false),
        Ok((before, after)) if check => {
            let diff = TextDiff::from_lines(&before, &after);
            let (old, new) = (format!("a/{shown}"), format!("b/{shown}"));
            write!(console.out, "{}", diff.unified_diff().header(&old, &new))?;
            Ok(true)
        }
        Ok((_, after)) => {
            let target = files::canonical(path)?;
            Staged::write(&target, after.as_bytes(), Mode::Keep)?.place()?;
            writeln!(console.err, "laid out {shown}")?;
            Ok(false)
        }
    }
}

type Formatted = Result<(String, String), Vec<Diagnostic>>;

/// The text before and after, or why it cannot be read as a plan.
fn formatted(path: &Path, shown: &str, sources: &mut Sources) -> Result<Formatted, CliError> {
    let bytes = files::read_source(path)?;
    let (id, garbled) = whimbrel_lang::add_bytes(sources, shown, &bytes);
    if let Some(garbled) = garbled {
        return Ok(Err(vec![garbled]));
    }
    let before = String::from_utf8_lossy(&bytes).into_owned();
    Ok(whimbrel_lang::format(sources, id).map(|after| (before, after)))
}
