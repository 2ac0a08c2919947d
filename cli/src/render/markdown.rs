//! Markdown for a terminal: headings and code set apart, tables aligned, paragraphs that are too wide
//! broken anew, the rest as it is.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::table::{Align, Table, wrap};
use crate::console::{Paint, Tone};

/// `text` for lines of `width` columns.
pub fn render(text: &str, width: usize, paint: Paint) -> String {
    let mut shown = String::new();
    let mut fenced = false;
    let mut table = Vec::new();
    let mut paragraph = Vec::new();
    for line in text.lines() {
        if !fenced && line.starts_with('|') {
            write_paragraph(&mut shown, &mut paragraph, width);
            table.push(line);
            continue;
        }
        flush(&mut shown, &mut table, width, paint);
        if !fenced && is_prose(line) {
            if marker(line) > 0 {
                write_paragraph(&mut shown, &mut paragraph, width);
            }
            paragraph.push(line);
            continue;
        }
        write_paragraph(&mut shown, &mut paragraph, width);
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
    write_paragraph(&mut shown, &mut paragraph, width);
    shown
}

/// Whether a line is of a paragraph or an item of a list.
fn is_prose(line: &str) -> bool {
    !line.trim().is_empty() && !line.starts_with(['#', '<', '>']) && !line.starts_with("```")
}

/// How many bytes stand before the text of a line that begins an item of a list.
fn marker(line: &str) -> usize {
    let text = line.trim_start();
    let rest = text.strip_prefix("- ").or_else(|| {
        let number = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
        number
            .strip_prefix(". ")
            .filter(|_| number.len() < text.len())
    });
    rest.map_or(0, |rest| line.len() - rest.len())
}

/// Writes the lines gathered so far as they are, or anew where one is too wide.
fn write_paragraph(shown: &mut String, lines: &mut Vec<&str>, width: usize) {
    if lines.iter().all(|line| line.width() <= width) {
        for line in lines.drain(..) {
            let _ = writeln!(shown, "{line}");
        }
        return;
    }
    let first = lines.first().copied().unwrap_or_default();
    let (mark, _) = first.split_at_checked(marker(first)).unwrap_or_default();
    let text = std::mem::take(lines).join(" ");
    let text = text.strip_prefix(mark).unwrap_or(&text);
    let blank = " ".repeat(mark.len());
    for (at, line) in wrap(text, width.saturating_sub(mark.len()))
        .iter()
        .enumerate()
    {
        let before = if at == 0 { mark } else { &blank };
        let _ = writeln!(shown, "{before}{line}");
    }
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

    #[test]
    fn paragraphs_are_broken_where_they_are_too_wide() {
        let page = "Short lines\nstay as they are.\n\n\
                    This one is too wide for its\nterminal.\n\n\
                    - an item that is too wide for it\n- one\n  more\n\n\
                    12. and a numbered one of these\n\n\
                    ```text\ncode is never broken anywhere\n```\n";
        let expected = [
            "Short lines",
            "stay as they are.",
            "",
            "This one is too wide",
            "for its terminal.",
            "",
            "- an item that is",
            "  too wide for it",
            "- one",
            "  more",
            "",
            "12. and a numbered",
            "    one of these",
            "",
            "    code is never broken anywhere",
        ];
        let shown = render(page, 20, Paint { on: false });
        assert_eq!(shown.lines().collect::<Vec<_>>(), expected);
    }
}
