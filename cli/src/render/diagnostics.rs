//! Findings for people: graphical, or one line each. The only place that knows miette.

use std::fmt;
use std::io::{self, Write};

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceSpan, SpanContents,
};
use whimbrel_lang::{Diagnostic, Level, LineColumn, Sources, Span};

use super::number;
use crate::console::{Paint, Tone};

/// Findings with the texts they point into.
#[derive(Clone, Copy, Debug)]
pub struct Findings<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The findings, in the order they are shown.
    pub diagnostics: &'a [Diagnostic],
    /// What stands before the paths of the project's files, so that they can be opened from here.
    pub prefix: &'a str,
}

/// How many findings of each level.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
}

impl Tally {
    /// Counts `diagnostics`.
    pub fn of(diagnostics: &[Diagnostic]) -> Self {
        let count = |level| {
            diagnostics
                .iter()
                .filter(|found| found.level == level)
                .count()
        };
        Self {
            errors: count(Level::Error),
            warnings: count(Level::Warning),
            notes: count(Level::Note),
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            errors: self.errors + other.errors,
            warnings: self.warnings + other.warnings,
            notes: self.notes + other.notes,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.errors, "error"),
            (self.warnings, "warning"),
            (self.notes, "note"),
        ];
        let told: Vec<String> = parts
            .iter()
            .filter(|(many, _)| *many > 0)
            .map(|(many, what)| number::count(*many, what))
            .collect();
        if told.is_empty() {
            write!(to, "no findings")
        } else {
            write!(to, "{}", told.join(", "))
        }
    }
}

/// The name of a level.
pub fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

impl Findings<'_> {
    /// The path of the source of `span`, to be opened from here.
    pub fn path(&self, span: Span) -> String {
        let path = self.sources.get(span.source).path();
        if path.starts_with("std/") {
            path.to_owned()
        } else {
            format!("{}{path}", self.prefix)
        }
    }

    /// Where `span` begins and ends.
    pub fn range(&self, span: Span) -> (LineColumn, LineColumn) {
        let at = |offset| self.sources.line_column(span.source, offset);
        (at(span.start), at(span.end))
    }

    fn place(&self, span: Span) -> String {
        let (start, _) = self.range(span);
        format!("{}:{}:{}", self.path(span), start.line, start.column)
    }

    /// One line for each finding: `plan.mig:3:5: error MG0101 unknown-name: …`.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn plain(&self, to: &mut dyn Write) -> io::Result<()> {
        for found in self.diagnostics {
            let place = self.place(found.primary.span);
            let (level, code) = (level(found.level), found.code);
            let help = found.help.as_ref();
            let help = help.map_or_else(String::new, |help| format!(" ({})", one_line(help)));
            let (number, name) = (code.number, code.name);
            let message = one_line(&found.message);
            writeln!(to, "{place}: {level} {number} {name}: {message}{help}")?;
        }
        Ok(())
    }

    /// Each finding with the text it points at.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn graphical(&self, to: &mut dyn Write, paint: Paint, width: usize) -> io::Result<()> {
        let theme = if paint.on {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .with_width(width)
            .with_context_lines(1);
        for found in self.diagnostics {
            let mut text = String::new();
            let report = Report::new(self, found);
            if handler.render_report(&mut text, &report).is_err() {
                return self.plain(to);
            }
            writeln!(to, "{}", text.trim_end())?;
            for note in self.notes(found) {
                writeln!(
                    to,
                    "  {} {}",
                    paint.tone(Tone::Faint, "note:"),
                    indented(&note)
                )?;
            }
            writeln!(to)?;
        }
        Ok(())
    }

    /// Its notes, and its labels in other files.
    fn notes(&self, found: &Diagnostic) -> Vec<String> {
        let elsewhere = found
            .labels
            .iter()
            .filter(|label| label.span.source != found.primary.span.source)
            .map(|label| format!("{} ({})", label.message, self.place(label.span)));
        found.notes.iter().cloned().chain(elsewhere).collect()
    }
}

/// Continuation lines stand under the first.
fn indented(text: &str) -> String {
    text.replace('\n', "\n        ")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A finding as miette wants it.
#[derive(Debug)]
struct Report<'a> {
    found: &'a Diagnostic,
    source: Text,
}

/// A source text. It counts the lines of an excerpt itself: miette counts from the beginning of
/// the file, takes excerpts far apart for neighbours, and prints everything between them.
#[derive(Debug)]
struct Text {
    path: String,
    text: String,
}

impl SourceCode for Text {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let excerpt = self.text.read_span(span, before, after)?;
        let lines = excerpt.data().split(|byte| *byte == b'\n').count();
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.clone(),
            excerpt.data(),
            *excerpt.span(),
            excerpt.line(),
            excerpt.column(),
            lines,
        )))
    }
}

impl<'a> Report<'a> {
    fn new(findings: &Findings<'_>, found: &'a Diagnostic) -> Self {
        let span = found.primary.span;
        let text = findings.sources.get(span.source).text();
        Self {
            found,
            source: Text {
                path: findings.path(span),
                text: text.to_owned(),
            },
        }
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}", self.found.message)
    }
}

impl std::error::Error for Report<'_> {}

impl miette::Diagnostic for Report<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let code = self.found.code;
        let level = level(self.found.level);
        Some(Box::new(format!("{level} {} {}", code.number, code.name)))
    }

    fn severity(&self) -> Option<Severity> {
        Some(match self.found.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Note => Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.found.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let primary = &self.found.primary;
        let here = std::iter::once(primary).chain(
            self.found
                .labels
                .iter()
                .filter(|label| label.span.source == primary.span.source),
        );
        Some(Box::new(here.map(move |label| {
            let message = Some(label.message.clone()).filter(|message| !message.is_empty());
            let (start, end) = (label.span.start as usize, label.span.end as usize);
            let length = end.saturating_sub(start);
            if std::ptr::eq(label, primary) {
                LabeledSpan::new_primary_with_span(message, (start, length))
            } else {
                LabeledSpan::new(message, start, length)
            }
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whimbrel_lang::Code;

    #[test]
    fn what_lies_between_two_labels_is_left_out() {
        let mut sources = Sources::default();
        let lines: Vec<String> = (1..=40).map(|line| format!("line_{line:02}")).collect();
        let id = sources.add("plan.mig", lines.join("\n"));
        // Each line has eight bytes with its end: lines 30 and 40 begin at 29 · 8 and 39 · 8.
        let at = |line: usize| Span::new(id, (line - 1) * 8, (line - 1) * 8 + 7);
        let code = Code {
            number: "MG0000",
            name: "test",
        };
        let found = Diagnostic::error(code, at(40), "message").label(at(30), "the other");
        let findings = Findings {
            sources: &sources,
            diagnostics: &[found],
            prefix: "",
        };
        let mut shown = Vec::new();
        let plain = Paint { on: false };
        findings.graphical(&mut shown, plain, 80).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        assert!(
            shown.contains("line_30") && shown.contains("line_40"),
            "{shown}"
        );
        assert!(!shown.contains("line_35"), "{shown}");
    }
}
