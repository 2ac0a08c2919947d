//! Markdown for a terminal: headings and code set apart, tables aligned, the rest as it is.

use std::fmt::Write as _;

use super::table::{Align, Table};
use crate::console::{Paint, Tone};

/// `text` for lines of `width` columns.
pub fn render(text: &str, width: usize, paint: Paint) -> String {
    let mut shown = String::new();
    let mut fenced = false;
    let mut table = Vec::new();
    for line in text.lines() {
        if !fenced && line.starts_with('|') {
            table.push(line);
            continue;
        }
        flush(&mut shown, &mut table, width, paint);
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            let _ = writeln!(shown, "    {line}");
        } else if line.starts_with('#') {
            let heading = line.trim_start_matches('#').trim();
            let _ = writeln!(shown, "{}", paint.tone(Tone::Heading, heading));
        } else {
            let _ = writeln!(shown, "{line}");
        }
    }
    flush(&mut shown, &mut table, width, paint);
    shown
}

/// Writes the table gathered so far, if any.
fn flush(shown: &mut String, lines: &mut Vec<&str>, width: usize, paint: Paint) {
    let rows: Vec<Vec<String>> = lines.drain(..).map(cells).collect();
    let Some((headings, rows)) = rows.split_first() else {
        return;
    };
    let headings: Vec<(&str, Align)> = headings
        .iter()
        .map(|heading| (heading.as_str(), Align::Left))
        .collect();
    let mut table = Table::new(&headings);
    let rule = |row: &&Vec<String>| {
        !row.iter()
            .all(|cell| cell.chars().all(|c| "-: ".contains(c)))
    };
    for row in rows.iter().filter(rule) {
        table.row(row.iter().cloned());
    }
    shown.push_str(&table.render(width, paint));
}

/// The cells of a table's line; `\|` is a bar that does not divide.
fn cells(line: &str) -> Vec<String> {
    const BAR: &str = "\u{0}";
    let line = line.replace("\\|", BAR);
    let inner = line.trim().trim_start_matches('|').trim_end_matches('|');
    inner
        .split('|')
        .map(|cell| cell.trim().replace(BAR, "|"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_without_its_marks() {
        let page =
            "# Title\n\ntext\n```mig\nteam a { }\n```\n| a | b |\n|---|---|\n| x \\| y | z |";
        assert_eq!(
            render(page, 80, Paint { on: false }),
            "Title\n\ntext\n    team a { }\n  a      b\n  x | y  z\n"
        );
    }
}
