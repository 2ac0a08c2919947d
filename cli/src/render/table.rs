//! Aligned tables for terminals. Where a line would be too long, columns of text wrap, the widest first.

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

/// A column is not made narrower than this, or than its longest word.
const NARROWEST: usize = 10;

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

    /// The texts of a column, its heading first.
    fn column(&self, at: usize) -> impl Iterator<Item = &str> {
        let heading = self.headings.get(at).map(|(heading, _)| heading.as_str());
        let rows = self.rows.iter();
        heading
            .into_iter()
            .chain(rows.filter_map(move |row| row.get(at).map(String::as_str)))
    }

    /// Whether no cell has to be broken in lines of `width` columns.
    pub fn fits(&self, width: usize) -> bool {
        let widths = self.widths();
        let between = INDENT.len() + GAP.len() * widths.len().saturating_sub(1);
        let wide: usize = widths.iter().map(|(wide, _)| wide).sum();
        wide + between <= width
    }

    /// The table of these columns alone.
    pub fn only(&self, columns: &[usize]) -> Self {
        let headings = columns
            .iter()
            .filter_map(|at| self.headings.get(*at).cloned());
        let cells = |row: &Vec<String>| {
            let cells = columns.iter();
            cells
                .map(|at| row.get(*at).cloned().unwrap_or_default())
                .collect()
        };
        Self {
            headings: headings.collect(),
            rows: self.rows.iter().map(cells).collect(),
        }
    }

    /// How wide each column is, and how narrow it may become.
    fn widths(&self) -> Vec<(usize, usize)> {
        let columns = self.headings.iter().enumerate();
        columns
            .map(|(at, (_, align))| {
                let longest = |width: fn(&str) -> usize| self.column(at).map(width).max();
                let wide = longest(str::width).unwrap_or_default();
                let word =
                    longest(|text| text.split_whitespace().map(str::width).max().unwrap_or(0));
                let narrow = match align {
                    Align::Left => word.unwrap_or_default().max(NARROWEST).min(wide),
                    Align::Right => wide,
                };
                (wide, narrow)
            })
            .collect()
    }

    /// The widths at which lines have at most `width` columns, where that can be.
    fn fitted(&self, width: usize) -> Vec<usize> {
        let mut widths = self.widths();
        let between = INDENT.len() + GAP.len() * widths.len().saturating_sub(1);
        let wide: usize = widths.iter().map(|(wide, _)| wide).sum();
        for _ in width..wide + between {
            let can = widths.iter_mut().filter(|(wide, narrow)| wide > narrow);
            match can.max_by_key(|(wide, _)| *wide) {
                Some((widest, _)) => *widest -= 1,
                None => break,
            }
        }
        widths.into_iter().map(|(wide, _)| wide).collect()
    }

    /// Its text, in lines of at most `width` columns where that can be.
    pub fn render(&self, width: usize, paint: Paint) -> String {
        let widths = self.fitted(width);
        let mut text = String::new();
        if self.headings.iter().any(|(heading, _)| !heading.is_empty()) {
            let headings: Vec<String> =
                self.headings.iter().map(|(name, _)| name.clone()).collect();
            for line in self.lines(&headings, &widths) {
                let _ = writeln!(text, "{}", paint.tone(Tone::Faint, &line));
            }
        }
        for line in self.rows.iter().flat_map(|row| self.lines(row, &widths)) {
            let _ = writeln!(text, "{line}");
        }
        text
    }

    /// A row in as many lines as its longest cell takes.
    fn lines(&self, row: &[String], widths: &[usize]) -> Vec<String> {
        let cells: Vec<Vec<String>> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| {
                if cell.width() <= *width {
                    vec![cell.clone()]
                } else {
                    wrap(cell, *width)
                }
            })
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or_default();
        let part = |at: usize| {
            cells
                .iter()
                .map(move |cell| cell.get(at).map_or("", String::as_str))
        };
        let line = |at| self.line(&part(at).collect::<Vec<_>>(), widths);
        (0..height).map(line).collect()
    }

    fn line(&self, cells: &[&str], widths: &[usize]) -> String {
        let mut line = INDENT.to_owned();
        let columns = self.headings.iter().zip(widths).enumerate();
        for (at, ((_, align), width)) in columns {
            let cell = cells.get(at).copied().unwrap_or_default();
            let fill = " ".repeat(width.saturating_sub(cell.width()));
            if at > 0 {
                line.push_str(GAP);
            }
            match align {
                Align::Left => line.extend([cell, &fill]),
                Align::Right => line.extend([fill.as_str(), cell]),
            }
        }
        line.trim_end().to_owned()
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

    #[test]
    fn wide_columns_share_what_room_there_is() {
        let mut table = Table::new(&[
            ("attribute", Align::Left),
            ("takes one of these", Align::Left),
            ("days", Align::Right),
            ("what it is", Align::Left),
        ]);
        table.row([
            "tier",
            "supporting, important",
            "1,000",
            "how much it matters",
        ]);
        table.row(["a_long_name_of_one_word", "any", "2", "-"]);
        // Of 60 columns 8 stand between, 23 are the name and 5 the days, neither of which can be
        // broken: twelve are left for each of the two others.
        let text = table.render(60, PLAIN);
        let expected = [
            "  attribute                takes one of   days  what it is",
            "                           these",
            "  tier                     supporting,   1,000  how much it",
            "                           important            matters",
            "  a_long_name_of_one_word  any               2  -",
        ];
        assert_eq!(text.lines().collect::<Vec<_>>(), expected);
        // Eleven, for `supporting,`, and ten are the least, and nothing is cut off.
        let least = table.render(57, PLAIN);
        assert!(least.lines().all(|line| line.len() <= 57), "{least}");
        assert_eq!(table.render(20, PLAIN), least);
        // Unbroken the columns are 23, 21, 5 and 19 wide.
        assert_eq!(table.render(76, PLAIN).lines().count(), 3);
        assert!(table.render(75, PLAIN).lines().count() > 3);
    }
}
