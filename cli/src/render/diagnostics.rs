//! Findings for people: graphical, or one line each. The only place that knows miette.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Write};

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceSpan, SpanContents,
};
use whimbrel_lang::{Code, Diagnostic, Label, Level, LineColumn, SourceId, Sources, Span};

use super::number;
use crate::console::{Paint, Tone};

/// Bytes of the longest line that is shown: nobody reads further, and miette cannot draw further
/// than 65,535 columns.
const LONGEST_LINE: usize = 2_000;

/// Most findings of one code that are shown at length: nobody reads on, and what mends the first
/// often mends the rest.
const MOST_OF_A_CODE: usize = 100;

/// How many places are told of a finding without an excerpt.
const PLACES_SHOWN: usize = 10;

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

/// A finding as paragraphs of plain text: what is wrong, what to do, what else is known.
pub fn prose(found: &Diagnostic) -> String {
    let help = found.help.iter().map(|help| format!("help: {help}"));
    let notes = found.notes.iter().map(|note| format!("note: {note}"));
    let lines = std::iter::once(found.message.clone())
        .chain(help)
        .chain(notes);
    lines.collect::<Vec<_>>().join("\n")
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

    /// Where `span` begins: `plan.mig:3:5`.
    pub fn place(&self, span: Span) -> String {
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

    /// Each finding with the text it points at: the first [`MOST_OF_A_CODE`] of a code, and how many
    /// there are beyond.
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
        let mut counted: BTreeMap<Code, usize> = BTreeMap::new();
        for found in self.diagnostics {
            let count = counted.entry(found.code).or_default();
            *count += 1;
            if *count > MOST_OF_A_CODE {
                continue;
            }
            let mut text = String::new();
            let report = Report::new(self, found);
            if handler.render_report(&mut text, &report).is_err() {
                return self.plain(to);
            }
            writeln!(to, "{}", text.trim_end())?;
            let places = report.excerpt.is_none().then(|| self.places(found));
            for note in places.into_iter().flatten().chain(self.notes(found)) {
                writeln!(
                    to,
                    "  {} {}",
                    paint.tone(Tone::Faint, "note:"),
                    indented(&note)
                )?;
            }
            writeln!(to)?;
        }
        for (code, count) in counted {
            if let Some(more @ 1..) = count.checked_sub(MOST_OF_A_CODE) {
                let Code { number, name } = code;
                let more = number::number(number::as_f64(more), 0.0, 1.0);
                let all = "`whimbrel check --format plain` lists them all";
                writeln!(to, "and {more} more of {number} {name}; {all}\n")?;
            }
        }
        Ok(())
    }

    /// Where its labels stand, for want of an excerpt.
    fn places(&self, found: &Diagnostic) -> Vec<String> {
        let here = labels_here(found).take(PLACES_SHOWN);
        here.map(|label| {
            let place = self.place(label.span);
            if label.message.is_empty() {
                format!("at {place}")
            } else {
                format!("at {place}: {}", label.message)
            }
        })
        .collect()
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

/// Its labels in the file it is about, the primary one first.
fn labels_here(found: &Diagnostic) -> impl Iterator<Item = &Label> {
    let source = found.primary.span.source;
    let others = found.labels.iter();
    std::iter::once(&found.primary).chain(others.filter(move |label| label.span.source == source))
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
    /// Where it is: excerpts go by their order in the file, and another may come first.
    place: String,
    /// Nothing where the text is not fit to be shown.
    excerpt: Option<Text<'a>>,
}

/// A source text. It finds the lines of an excerpt itself: miette looks for them from the beginning
/// of the file each time, takes excerpts far apart for neighbours, and prints everything between
/// them.
#[derive(Debug)]
struct Text<'a> {
    path: String,
    sources: &'a Sources,
    id: SourceId,
}

impl SourceCode for Text<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let text = self.sources.get(self.id).text();
        let line = |offset| {
            self.sources
                .line(self.id, u32::try_from(offset).unwrap_or(u32::MAX))
        };
        let start = |line| self.sources.line_start(self.id, line) as usize;
        let count = |lines: usize| u32::try_from(lines).unwrap_or(u32::MAX);
        let first = line(span.offset()).saturating_sub(count(before)).max(1);
        let last = line(span.offset() + span.len()).saturating_add(count(after));
        let from = start(first);
        let around = text.get(from..start(last.saturating_add(1)));
        let around = around.ok_or(MietteError::OutOfBounds)?;
        let within = SourceSpan::from((span.offset() - from, span.len()));
        let excerpt = around.read_span(&within, before, after)?;
        let lines = excerpt.data().split(|byte| *byte == b'\n').count();
        Ok(Box::new(MietteSpanContents::new_named(
            self.path.clone(),
            excerpt.data(),
            (excerpt.span().offset() + from, excerpt.span().len()).into(),
            excerpt.line() + first as usize - 1,
            excerpt.column(),
            lines,
        )))
    }
}

impl<'a> Report<'a> {
    fn new(findings: &Findings<'a>, found: &'a Diagnostic) -> Self {
        let span = found.primary.span;
        let text = findings.sources.get(span.source).text();
        let fits = labels_here(found).all(|label| fits(text, label.span));
        let excerpt = fits.then(|| Text {
            path: findings.path(span),
            sources: findings.sources,
            id: span.source,
        });
        let place = findings.place(span);
        Self {
            found,
            place,
            excerpt,
        }
    }
}

/// Whether the lines of `span`, and the two around them, are short enough to be shown.
fn fits(text: &str, span: Span) -> bool {
    let before = text.get(..span.start as usize).unwrap_or_default();
    let after = text.get(span.end as usize..).unwrap_or_default();
    let first = before.rmatch_indices('\n').nth(1).map_or(0, |(at, _)| at);
    let last = after.match_indices('\n').nth(1);
    let end = last.map_or(text.len(), |(at, _)| span.end as usize + at);
    let shown = text.get(first..end).unwrap_or_default();
    shown.lines().all(|line| line.len() <= LONGEST_LINE)
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
        let (level, place) = (level(self.found.level), &self.place);
        let (number, name) = (code.number, code.name);
        Some(Box::new(format!("{level} {number} {name} at {place}")))
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
        self.excerpt.as_ref().map(|text| text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let primary = &self.found.primary;
        Some(Box::new(labels_here(self.found).map(move |label| {
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
        // Line 30 is shown first; the finding is on line 40.
        assert!(
            shown.starts_with("error MG0000 test at plan.mig:40:1\n"),
            "{shown}"
        );
    }

    #[test]
    fn of_many_findings_of_a_code_the_first_are_shown_and_the_rest_counted() {
        let mut sources = Sources::default();
        let id = sources.add("plan.mig", "x\n".repeat(2_000));
        let code = |number, name| Code { number, name };
        let found = |line: usize| {
            let code = match line % 2 {
                0 => code("MG0000", "many"),
                _ => code("MG0001", "more"),
            };
            Diagnostic::error(code, Span::new(id, 2 * line, 2 * line + 1), "message")
        };
        let mut diagnostics: Vec<Diagnostic> = (0..1_300).map(found).collect();
        let span = Span::new(id, 2_600, 2_601);
        diagnostics.push(Diagnostic::error(code("MG0002", "last"), span, "message"));
        let findings = Findings {
            sources: &sources,
            diagnostics: &diagnostics,
            prefix: "",
        };
        let (mut shown, mut plain) = (Vec::new(), Vec::new());
        let paint = Paint { on: false };
        findings.graphical(&mut shown, paint, 80).unwrap();
        let shown = String::from_utf8(shown).unwrap();
        assert_eq!(
            shown.matches(" at plan.mig:").count(),
            2 * MOST_OF_A_CODE + 1
        );
        assert!(shown.contains("and 550 more of MG0000 many; "), "{shown}");
        assert!(shown.contains("and 550 more of MG0001 more; "), "{shown}");
        assert!(!shown.contains("more of MG0002"), "{shown}");
        findings.plain(&mut plain).unwrap();
        assert_eq!(plain.iter().filter(|byte| **byte == b'\n').count(), 1_301);
    }
}
