//! The difference for a terminal.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use super::said::{Line, Mood, Piece, Section, Sign};
use super::{Report, details, headline};
use crate::console::{Paint, Tone};
use crate::render::table::wrap;

/// Where and how it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Columns of text.
    pub width: usize,
    /// Colours.
    pub paint: Paint,
    /// Lines of a section that are shown.
    pub most: usize,
}

impl Page {
    /// All of it; of two plans that mean the same one line.
    pub fn render(self, report: &Report<'_>) -> String {
        let (before, after) = (&report.before.shown, &report.after.shown);
        let mut text = self.paint.tone(Tone::Faint, &format!("{before} → {after}"));
        text.push('\n');
        if report.is_empty() {
            let same = self.paint.tone(Tone::Good, "no change in meaning");
            let _ = writeln!(text, "{same}");
            return text;
        }
        if report.difference.is_none() {
            let told = "one of them says nothing that could be compared; here are its findings";
            let _ = writeln!(text, "{}", self.paint.tone(Tone::Warning, told));
        }
        for line in headline::lines(report) {
            self.line(&mut text, &line, "");
        }
        for section in details::sections(report) {
            self.section(&mut text, &section);
        }
        text
    }

    fn section(self, text: &mut String, section: &Section) {
        let heading = self.paint.tone(Tone::Heading, section.heading);
        let _ = writeln!(text, "\n{heading}");
        for line in section.lines.iter().take(self.most) {
            self.line(text, line, "  ");
        }
        let more = section.lines.len().saturating_sub(self.most);
        if more > 0 {
            let told = format!("  … and {more} more lines; `--all` shows them");
            let _ = writeln!(text, "{}", self.paint.tone(Tone::Faint, &told));
        }
    }

    fn line(self, text: &mut String, line: &Line, indent: &str) {
        let sign = match line.sign {
            Sign::Plus => "+",
            Sign::Minus => "-",
            Sign::Tilde => "~",
            Sign::More => " ",
        };
        let words: String = line.pieces.iter().map(plain).collect();
        let tone = match line.mood {
            Mood::Plain => None,
            Mood::Good => Some(Tone::Good),
            Mood::Warning => Some(Tone::Warning),
            Mood::Bad => Some(Tone::Bad),
        };
        let room = self.width.saturating_sub(indent.width() + 2).max(24);
        for (at, part) in wrap(&words, room).iter().enumerate() {
            let mark = if at == 0 { sign } else { " " };
            let part = format!("{mark} {part}");
            let part = match tone {
                Some(tone) => self.paint.tone(tone, part.trim_end()),
                None => part.trim_end().to_owned(),
            };
            let _ = writeln!(text, "{indent}{part}");
        }
    }
}

/// What a terminal shows: no control characters of the plan's.
fn plain(piece: &Piece) -> String {
    let shown = |text: &str| -> String {
        text.chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .collect()
    };
    match piece {
        Piece::Text(text) | Piece::Given(text) => shown(text),
        Piece::Quoted(text) => format!("`{}`", shown(text)),
    }
}
