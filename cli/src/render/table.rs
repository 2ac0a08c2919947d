//! Aligned tables for terminals. The last column wraps where the line would be too long.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use crate::console::{Paint, Tone};

/// Which side a column keeps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// Rows under headings, two spaces between columns.
#[derive(Clone, Debug)]
pub struct Table {
    headings: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

/// What stands before each line of a table.
const INDENT: &str = "  ";

/// What stands between two columns.
const GAP: &str = "  ";

/// A last column narrower than this is not wrapped any further.
const NARROWEST: usize = 24;

impl Table {
    /// A table with `headings`; no heading line is printed when all are empty.
    pub fn new(headings: &[(&str, Align)]) -> Self {
        let headings = headings
            .iter()
            .map(|(heading, align)| ((*heading).to_owned(), *align))
            .collect();
        Self {
            headings,
            rows: Vec::new(),
        }
    }

    /// Adds a row; missing cells are empty.
    pub fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn widths(&self) -> Vec<usize> {
        let cell_width = |row: &Vec<String>, at: usize| row.get(at).map_or(0, |cell| cell.width());
        self.headings
            .iter()
            .enumerate()
            .map(|(at, (heading, _))| {
                let rows = self.rows.iter().map(|row| cell_width(row, at));
                rows.fold(heading.width(), usize::max)
            })
            .collect()
    }

    /// Its text, in lines of at most `width` columns where that can be.
    pub fn render(&self, width: usize, paint: Paint) -> String {
        let widths = self.widths();
        let mut text = String::new();
        if self.headings.iter().any(|(heading, _)| !heading.is_empty()) {
            let headings: Vec<String> =
                self.headings.iter().map(|(name, _)| name.clone()).collect();
            let line = self.line(&headings, &widths);
            let _ = writeln!(text, "{}", paint.tone(Tone::Faint, line.trim_end()));
        }
        for row in &self.rows {
            self.wrapped(&mut text, row, &widths, width);
        }
        text
    }

    fn line(&self, cells: &[String], widths: &[usize]) -> String {
        let mut line = INDENT.to_owned();
        let columns = self.headings.iter().zip(widths).enumerate();
        for (at, ((_, align), width)) in columns {
            let cell = cells.get(at).map_or("", String::as_str);
            let fill = " ".repeat(width.saturating_sub(cell.width()));
            if at > 0 {
                line.push_str(GAP);
            }
            match align {
                Align::Left => line.extend([cell, &fill]),
                Align::Right => line.extend([fill.as_str(), cell]),
            }
        }
        line
    }

    fn wrapped(&self, text: &mut String, row: &[String], widths: &[usize], width: usize) {
        let before: usize = widths.split_last().map_or(0, |(_, rest)| {
            rest.iter().map(|width| width + GAP.len()).sum()
        });
        let room = width.saturating_sub(before + INDENT.len()).max(NARROWEST);
        let (last, rest) = match row.split_last() {
            Some((last, rest)) if row.len() == widths.len() => (last.as_str(), rest),
            _ => ("", row),
        };
        let right = self
            .headings
            .last()
            .is_some_and(|(_, align)| *align == Align::Right);
        if right || last.width() <= room {
            let _ = writeln!(text, "{}", self.line(row, widths).trim_end());
            return;
        }
        let blank = Vec::new();
        for (at, part) in wrap(last, room).into_iter().enumerate() {
            let mut cells = if at == 0 {
                rest.to_vec()
            } else {
                blank.clone()
            };
            cells.resize(widths.len().saturating_sub(1), String::new());
            cells.push(part);
            let _ = writeln!(text, "{}", self.line(&cells, widths).trim_end());
        }
    }
}

/// `text` in lines of at most `width` columns, broken at spaces.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Paint = Paint { on: false };

    #[test]
    fn columns_align_and_trailing_spaces_go() {
        let mut table = Table::new(&[("name", Align::Left), ("days", Align::Right)]);
        table.row(["checkout", "3"]);
        table.row(["ad", "12"]);
        let text = table.render(80, PLAIN);
        assert_eq!(
            text,
            "  name      days\n  checkout     3\n  ad          12\n"
        );
    }

    #[test]
    fn the_last_column_wraps_under_itself() {
        let mut table = Table::new(&[("a", Align::Left), ("why", Align::Left)]);
        table.row(["x", "one two three four five six seven"]);
        // Two of indent, one of `x`, two of gap leave 25 of 30 columns.
        let text = table.render(30, PLAIN);
        assert_eq!(
            text,
            "  a  why\n  x  one two three four five\n     six seven\n"
        );
    }
}
