//! Findings as workflow commands of GitHub Actions, which shows them beside the lines of a pull
//! request.

use std::io::{self, Write};

use whimbrel_lang::Level;

use super::diagnostics::{Findings, prose};

/// One `::error file=…::…` for each finding.
///
/// # Errors
/// When they cannot be written.
pub fn write(to: &mut dyn Write, findings: &Findings<'_>) -> io::Result<()> {
    for found in findings.diagnostics {
        let (start, end) = findings.range(found.primary.span);
        let (start_line, start_column) = (start.line, start.column);
        let (end_line, end_column) = (end.line, end.column);
        let command = match found.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "notice",
        };
        let path = property(&findings.path(found.primary.span));
        let title = property(&format!("{} {}", found.code.number, found.code.name));
        // Columns are shown for findings of one line only; with others they are refused.
        let columns = if start_line == end_line {
            format!(",col={start_column},endColumn={end_column}")
        } else {
            String::new()
        };
        let text = data(&prose(found));
        writeln!(
            to,
            "::{command} file={path},line={start_line},endLine={end_line}{columns},title={title}::{text}"
        )?;
    }
    Ok(())
}

/// What stands behind the second `::`: a line break would end the command.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property: a comma or a colon would end it, too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn nothing_in_a_finding_ends_its_command() {
        assert_eq!(data("100 %\r\n::error::x"), "100 %25%0D%0A::error::x");
        assert_eq!(property("a,b: 5 %\n"), "a%2Cb%3A 5 %25%0A");
    }
}
