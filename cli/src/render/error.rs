//! The one way an error of a command is shown.

use std::io::{self, Write};

use crate::console::{Paint, Tone};
use crate::error::CliError;

/// Writes `error` with its help.
///
/// # Errors
/// When it cannot be written.
pub fn write(to: &mut dyn Write, error: &CliError, paint: Paint) -> io::Result<()> {
    let label = paint.tone(Tone::Bad, "error");
    writeln!(to, "{} {label}: {}", error.code, error.message)?;
    match &error.help {
        Some(help) => writeln!(to, "  help: {help}"),
        None => Ok(()),
    }
}
