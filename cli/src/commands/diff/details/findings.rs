//! Findings that came and went.

use whimbrel_compiler::difference::{OneSided, TwoSided};
use whimbrel_lang::{Diagnostic, Level};

use super::super::said::{Line, Mood, Section, Sign};
use super::super::words::NAMES_SHOWN;
use super::super::{Compiled, Report};
use crate::render::diagnostics::level;

pub fn section(report: &Report<'_>) -> Section {
    let findings = report.findings;
    let mut gained: Vec<&OneSided<'_>> = findings.gained.iter().collect();
    gained.sort_by_key(|one| std::cmp::Reverse(one.finding.level));
    let mut lines: Vec<Line> = Vec::new();
    for one in gained {
        let mood = mood(one.finding.level);
        lines.extend(told(report.after, one, Line::new(Sign::Plus).mood(mood)));
    }
    lines.extend(findings.changed.iter().map(|pair| changed(report, pair)));
    for one in &findings.lost {
        let line = Line::new(Sign::Minus).mood(Mood::Good);
        lines.extend(told(report.before, one, line).into_iter().take(1));
    }
    Section {
        heading: "Findings",
        lines,
    }
}

fn mood(level: Level) -> Mood {
    match level {
        Level::Error => Mood::Bad,
        Level::Warning => Mood::Warning,
        Level::Note => Mood::Plain,
    }
}

/// The finding, and what to do.
fn told(side: &Compiled, one: &OneSided<'_>, line: Line) -> Vec<Line> {
    let found = one.finding;
    let first = found.about.first().map(String::as_str);
    let line = named(line, found).quoting(&found.message);
    // The first that it is about stands in its words.
    let others: Vec<&str> = one
        .of
        .iter()
        .copied()
        .filter(|name| Some(*name) != first)
        .collect();
    let line = match (others.as_slice(), one.of.len() == others.len()) {
        ([], _) => line,
        (others, true) => line.text("; new of ").names(others, NAMES_SHOWN),
        (others, false) => line.text("; so of ").names(others, NAMES_SHOWN),
    };
    let findings = side.findings();
    let (start, _) = findings.range(found.primary.span);
    let place = format!(
        "{}:{}:{}",
        findings.path(found.primary.span),
        start.line,
        start.column
    );
    let mut lines = vec![line.text(" at ").given(place)];
    if found.level == Level::Error {
        let help = found.help.iter();
        lines.extend(help.map(|help| Line::new(Sign::More).text("help: ").quoting(help)));
    }
    lines
}

fn named(line: Line, found: &Diagnostic) -> Line {
    let code = found.code;
    line.text(format!(
        "{} {} {}: ",
        level(found.level),
        code.number,
        code.name
    ))
}

fn changed(report: &Report<'_>, pair: &TwoSided<'_>) -> Line {
    let (before, after) = (pair.before, pair.after);
    let line = Line::new(Sign::Tilde);
    let line = if before.level < after.level {
        line.mood(mood(after.level))
    } else {
        line
    };
    let line = named(line, after).quoting(&after.message);
    let line = if before.level == after.level {
        line.text(" (before: ").quoting(&before.message).text(")")
    } else {
        line.text(format!(" (was {})", article(before.level)))
    };
    let findings = report.after.findings();
    let (start, _) = findings.range(after.primary.span);
    line.text(" at ").given(format!(
        "{}:{}",
        findings.path(after.primary.span),
        start.line
    ))
}

fn article(of: Level) -> String {
    match of {
        Level::Error => "an error".to_owned(),
        other => format!("a {}", level(other)),
    }
}
