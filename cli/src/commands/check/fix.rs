//! `check --fix`: the certain remedies of findings, written into the plan's files.
//!
//! What one remedy brings to light may have a remedy itself, so a plan is compiled and mended until
//! nothing is left to mend.

use std::io::Write as _;
use std::path::PathBuf;

use whimbrel_compiler::Options;
use whimbrel_lang::{Diagnostic, SourceId, apply};

use crate::console::{Console, Tone};
use crate::error::{CliError, UNWRITABLE};
use crate::files::{self, Mode, Staged};
use crate::project::{Compiled, Project};

/// More rounds than any plan needs: remedies that call for each other end here.
const MOST_ROUNDS: usize = 100;

/// What an editor may have put before a text, and the compiler does not see.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Mends a plan's files, and says what it did.
///
/// # Errors
/// When a file cannot be read or written; the files of that round are then as they were.
pub fn mend(project: &Project, options: &Options, console: &mut Console) -> Result<(), CliError> {
    for _ in 0..MOST_ROUNDS {
        let compiled = project.clone().compile(options)?;
        if !once(&compiled, console)? {
            break;
        }
    }
    Ok(())
}

/// Applies what can be applied together; whether there was anything.
fn once(compiled: &Compiled, console: &mut Console) -> Result<bool, CliError> {
    let sources = &compiled.compilation.sources;
    let mendable: Vec<&Diagnostic> = {
        let found = compiled.compilation.diagnostics.iter();
        found.filter(|found| found.fix.is_some()).collect()
    };
    let applied = apply(
        sources,
        mendable.iter().filter_map(|found| found.fix.as_ref()),
    );
    let staged: Vec<Staged> = applied
        .texts
        .iter()
        .map(|(id, text)| stage(compiled, *id, text))
        .collect::<Result<_, _>>()?;
    for file in staged {
        file.place()?;
    }
    let findings = compiled.findings();
    for index in &applied.taken {
        let Some((found, fix)) = mendable
            .get(*index)
            .and_then(|found| Some((found, found.fix.as_ref()?)))
        else {
            continue;
        };
        let place = findings.place(found.primary.span);
        let (number, name) = (found.code.number, found.code.name);
        let fixed = console.err_paint.tone(Tone::Good, "fixed");
        writeln!(
            console.err,
            "{fixed} {place}: {number} {name}: {}",
            fix.title
        )?;
    }
    Ok(!applied.taken.is_empty())
}

/// Writes the new text of a source beside its file.
fn stage(compiled: &Compiled, id: SourceId, text: &str) -> Result<Staged, CliError> {
    let path = compiled.compilation.sources.get(id).path();
    let shown = format!("{}{path}", compiled.project.prefix);
    let target: PathBuf = compiled
        .project
        .folder
        .file(path)
        .ok_or_else(|| CliError::new(UNWRITABLE, format!("`{shown}` cannot be written")))?;
    if files::is_read_only(&target) {
        let message = format!("`{shown}` cannot be written: it is read-only");
        return Err(CliError::new(UNWRITABLE, message)
            .help("make it writable, or leave `--fix` out and mend it by hand"));
    }
    let marked = files::read_text(&target)?.starts_with(BYTE_ORDER_MARK);
    let mark = if marked { BYTE_ORDER_MARK } else { "" };
    Staged::write(&target, format!("{mark}{text}").as_bytes(), Mode::Keep)
}
