//! Strings: where they end, and what it means when they do not.

use super::{NESTING_LIMIT, Open, RESTARTS, Scanner, Shape};
use crate::{Diagnostic, Span, codes};

impl Scanner<'_> {
    pub(super) fn open_text(&mut self) {
        self.extend_head();
        let multi_line = self.peek(1) == Some(b'"') && self.peek(2) == Some(b'"');
        let (shape, length) = if multi_line {
            (Shape::MultiLine, 3)
        } else {
            self.texts += 1;
            (Shape::Text, 1)
        };
        self.push_open(shape);
        self.at += length;
        self.reach_head(self.at);
    }

    /// One step inside a string.
    pub(super) fn in_text(&mut self, byte: u8) {
        let multi_line = self.open.last().map(|open| open.shape) == Some(Shape::MultiLine);
        match byte {
            b'\n' if self.texts > 0 => {
                self.unclosed_text();
                return;
            }
            b'\n' => {
                self.at += 1;
                self.line_start = self.at;
                self.indent = None;
            }
            b'\\' if self.peek(1).is_some_and(|next| next != b'\n') => self.at += 2,
            b'$' if self.peek(1) == Some(b'{') => self.open_interpolation(),
            b'"' if !multi_line => self.close_text(1),
            b'"' if self.peek(1) == Some(b'"') && self.peek(2) == Some(b'"') => self.close_text(3),
            _ => self.at += 1,
        }
        self.reach_head(self.at);
    }

    fn close_text(&mut self, length: usize) {
        if self.pop_open().map(|open| open.shape) == Some(Shape::Text) {
            self.texts = self.texts.saturating_sub(1);
        }
        self.at += length;
        // Behind a string the line has begun, wherever the string did.
        self.indent = self.indent.or(Some(usize::MAX));
    }

    fn open_interpolation(&mut self) {
        if self.depth >= NESTING_LIMIT {
            self.too_deep(self.at);
            return;
        }
        self.push_open(Shape::Interpolation);
        self.minuses = 0;
        self.at += 2;
        self.indent = self.indent.or(Some(usize::MAX));
    }

    /// At the end of a line inside a string that should have ended on it.
    pub(super) fn unclosed_text(&mut self) {
        let mut first: Option<Open> = None;
        let mut interpolation: Option<Open> = None;
        while self.texts > 0 {
            let Some(open) = self.pop_open() else {
                break;
            };
            if open.shape == Shape::Interpolation {
                interpolation = Some(open);
            }
            if open.shape == Shape::Text {
                self.texts = self.texts.saturating_sub(1);
                first = Some(open);
            }
        }
        self.texts = 0;
        let Some(open) = first else {
            return;
        };
        self.report(match interpolation {
            Some(inner) => Diagnostic::error(
                codes::BAD_LITERAL,
                Span::new(self.source, inner.at, inner.at + 2),
                "this `${` is not closed in its string",
            )
            .help("add the missing `}`; a `$` that is only a sign is written `\\$`"),
            None => Diagnostic::error(
                codes::BAD_LITERAL,
                Span::new(self.source, open.at, self.at),
                "this string is not closed on its line",
            )
            .help("close it with `\"`; text of several lines stands between `\"\"\"`"),
        });
        self.damage_head();
        // Brackets that this line opened were most likely closed in what was taken for text.
        while self
            .open
            .last()
            .is_some_and(|last| last.shape != Shape::Block && last.line_start == open.line_start)
        {
            self.pop_open();
        }
    }

    /// At the end of the text inside `"""`: reports it and goes on behind the line it opened on.
    pub(super) fn multi_line_unclosed(&mut self) -> bool {
        let Some(index) = self
            .open
            .iter()
            .position(|open| open.shape == Shape::MultiLine)
        else {
            return false;
        };
        let Some(open) = self.open.get(index).copied() else {
            return false;
        };
        while self.open.len() > index {
            self.pop_open();
        }
        self.report(
            Diagnostic::error(
                codes::BAD_LITERAL,
                Span::new(self.source, open.at, open.at + 3),
                "this string is not closed",
            )
            .help("close it with `\"\"\"`"),
        );
        self.damage_head();
        self.restarts += 1;
        let rest = self.bytes.get(open.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == b'\n');
        let length = length.map(|length| length + text_below(rest, length, open.indent));
        match length {
            Some(length) if self.restarts <= RESTARTS => {
                self.at = open.at + length;
                self.line_start = open.line_start;
                self.indent = Some(open.indent);
                self.breaks = 0;
                while self.open.last().is_some_and(|last| {
                    last.shape != Shape::Block && last.line_start == open.line_start
                }) {
                    self.pop_open();
                }
            }
            _ => self.abandon_to_end(),
        }
        true
    }

    fn abandon_to_end(&mut self) {
        self.at = self.bytes.len();
        self.abandon();
    }
}

/// How many bytes behind a line, which ends after `length` bytes, are lines further in than
/// `indent`: they are most likely the text that was begun on it. Nothing if all are.
fn text_below(rest: &[u8], length: usize, indent: usize) -> usize {
    let mut passed = 0;
    let below = rest.get(length + 1..).unwrap_or_default();
    for line in below.split(|byte| *byte == b'\n') {
        let blanks = line.iter().take_while(|byte| **byte == b' ').count();
        if blanks < line.len() && blanks <= indent {
            return passed;
        }
        passed += line.len() + 1;
    }
    0
}
