//! Brackets and braces: what opens, what closes, and what never does.

use super::comments::from_doc;
use super::{Frame, NESTING_LIMIT, Open, RawBlock, Scanner, Shape};
use crate::{Diagnostic, Span, codes};

impl Scanner<'_> {
    pub(super) fn push_open(&mut self, shape: Shape) {
        if !matches!(shape, Shape::Text | Shape::MultiLine) {
            self.depth += 1;
        }
        self.open.push(Open {
            shape,
            at: self.at,
            line_start: self.line_start,
            indent: self.indent.unwrap_or(0),
        });
    }

    pub(super) fn pop_open(&mut self) -> Option<Open> {
        let open = self.open.pop()?;
        if !matches!(open.shape, Shape::Text | Shape::MultiLine) {
            self.depth = self.depth.saturating_sub(1);
        }
        Some(open)
    }

    pub(super) fn open_bracket(&mut self, shape: Shape) {
        self.extend_head();
        if self.depth + self.minuses >= NESTING_LIMIT {
            self.too_deep(self.at);
            return;
        }
        self.push_open(shape);
        self.minuses = 0;
        self.at += 1;
        self.reach_head(self.at);
    }

    pub(super) fn open_brace(&mut self) {
        let after_dot = self.at > 0 && self.bytes.get(self.at - 1) == Some(&b'.');
        if self.inside_interpolation() || (after_dot && self.head.is_some()) {
            self.open_bracket(Shape::Brace);
            return;
        }
        if !self.in_block() && self.unclosed_before_brace() {
            return;
        }
        self.extend_head();
        if self.depth >= NESTING_LIMIT {
            self.too_deep(self.at);
            return;
        }
        self.end_head();
        let open = self.at;
        if let Some(statement) = self.frame().statements.last_mut() {
            statement.block = Some(Box::new(RawBlock {
                open,
                ..RawBlock::default()
            }));
        }
        self.push_open(Shape::Block);
        self.frames.push(Frame::default());
        self.breaks = 0;
        self.at += 1;
    }

    /// A block opens inside brackets: they were never closed. Whether to read this line again.
    fn unclosed_before_brace(&mut self) -> bool {
        let earlier = self
            .open
            .last()
            .is_some_and(|open| open.line_start < self.line_start);
        if earlier {
            // What this line says is a statement of its own; the one before it ended earlier.
            let end = self.line_start;
            let kept = self
                .bytes
                .get(..end)
                .unwrap_or_default()
                .trim_ascii_end()
                .len();
            self.reach_head(kept);
            self.at = self.line_start;
            self.indent = None;
            while self
                .inner_comments
                .last()
                .is_some_and(|inner| inner.comment.span.start as usize >= end)
            {
                self.inner_comments.pop();
            }
        }
        self.unclosed_bracket();
        earlier
    }

    /// Reports the innermost bracket as never closed, and ends its statement here.
    pub(super) fn unclosed_bracket(&mut self) {
        let mut reported = false;
        while self
            .open
            .last()
            .is_some_and(|open| open.shape != Shape::Block)
        {
            let Some(open) = self.pop_open() else {
                break;
            };
            if !reported {
                reported = true;
                self.report_unclosed(open);
            }
        }
        self.texts = 0;
        self.damage_head();
        if reported && self.peek(0) != Some(b'{') {
            self.end_head();
        }
    }

    fn report_unclosed(&mut self, open: Open) {
        let (sign, close) = match open.shape {
            Shape::Parenthesis => ("(", ")"),
            Shape::Bracket => ("[", "]"),
            _ => ("{", "}"),
        };
        let span = Span::new(self.source, open.at, open.at + 1);
        self.report(
            Diagnostic::error(
                codes::UNCLOSED_BLOCK,
                span,
                format!("this `{sign}` is never closed"),
            )
            .help(format!("add the missing `{close}`")),
        );
    }

    pub(super) fn close_bracket(&mut self, shape: Shape) {
        let sign = if shape == Shape::Parenthesis {
            "`)`"
        } else {
            "`]`"
        };
        let fits = self
            .open
            .iter()
            .rposition(|open| matches!(open.shape, Shape::Block | Shape::Interpolation))
            .map_or(0, |index| index + 1);
        let inner = self.open.get(fits..).unwrap_or_default();
        let Some(index) = inner.iter().rposition(|open| open.shape == shape) else {
            let other = inner.last().is_some_and(|open| open.shape != Shape::Brace);
            self.extend_head();
            if other {
                self.wrong_bracket(sign);
                return;
            }
            let message = format!("unexpected {sign}: nothing is open that it closes");
            self.report_here(&message, "delete it, or open what it closes");
            self.damage_head();
            self.at += 1;
            self.reach_head(self.at);
            return;
        };
        let index = fits + index;
        if self.open.len() > index + 1 {
            if let Some(open) = self.open.last().copied() {
                self.report_unclosed(open);
            }
            self.damage_head();
        }
        while self.open.len() > index {
            self.pop_open();
        }
        self.at += 1;
        self.reach_head(self.at);
    }

    /// The innermost bracket is closed by one of the other kind.
    fn wrong_bracket(&mut self, found: &str) {
        let Some(open) = self.pop_open() else {
            return;
        };
        let expected = if found == "`)`" { "`]`" } else { "`)`" };
        let span = Span::new(self.source, self.at, self.at + 1);
        let opened = Span::new(self.source, open.at, open.at + 1);
        self.report(
            Diagnostic::error(
                codes::UNEXPECTED_TOKEN,
                span,
                format!("expected {expected}, found {found}"),
            )
            .label(opened, "opened here")
            .help(format!("write {expected}")),
        );
        self.damage_head();
        self.at += 1;
        self.reach_head(self.at);
    }

    pub(super) fn close_brace(&mut self) {
        match self.open.last().map(|open| open.shape) {
            Some(Shape::Interpolation | Shape::Brace) => {
                self.pop_open();
                self.at += 1;
                self.reach_head(self.at);
            }
            Some(Shape::Block) => self.close_block(self.at + 1),
            None => {
                self.end_head();
                self.report_here(
                    "unexpected `}`: no block is open",
                    "delete it, or open the block that it closes",
                );
                self.at += 1;
            }
            Some(_) => self.close_brace_inside_brackets(),
        }
    }

    fn close_brace_inside_brackets(&mut self) {
        let outer = self
            .open
            .iter()
            .rposition(|open| matches!(open.shape, Shape::Interpolation | Shape::Brace));
        let block = self
            .open
            .iter()
            .rposition(|open| open.shape == Shape::Block);
        match outer {
            Some(index) if block.is_none_or(|block| block < index) => {
                if let Some(open) = self.open.last().copied() {
                    self.report_unclosed(open);
                }
                self.damage_head();
                while self.open.len() > index + 1 {
                    self.pop_open();
                }
            }
            _ => self.unclosed_bracket(),
        }
    }

    /// Closes the innermost block; its text ends at `end`.
    fn close_block(&mut self, end: usize) {
        self.end_head();
        self.pop_open();
        let mut frame = self.frames.pop().unwrap_or_default();
        let trailing_comments = frame.dangling_comments();
        if let Some(block) = self
            .frame()
            .statements
            .last_mut()
            .and_then(|statement| statement.block.as_mut())
        {
            block.end = end;
            block.statements = frame.statements;
            block.trailing_comments = trailing_comments;
        }
        self.just_closed = true;
        self.breaks = 0;
        self.at = self.at.max(end);
    }

    /// Compares a line with the block it stands in. When braces alone count, a mismatch is
    /// noted; when indentation counts, it closes the block.
    pub(super) fn check_indentation(&mut self, indent: usize, byte: u8) {
        while let Some(open) = self.open.last().copied() {
            let inside = open.indent < indent || (open.indent == indent && byte == b'}');
            if inside || open.line_start == self.line_start {
                return;
            }
            self.suspicious = true;
            let Some(left) = self.by_indentation.filter(|left| *left > 0) else {
                return;
            };
            self.by_indentation = Some(left - 1);
            self.report_unclosed(open);
            let breaks = self.breaks;
            self.close_block(self.at);
            self.just_closed = false;
            self.breaks = breaks;
        }
    }

    /// Something is open where a statement of the file begins, or the file ends. Reads the
    /// statement again by its indentation if that can tell where a brace is missing, else
    /// reports and closes. Whether the text goes on elsewhere.
    pub(super) fn close_everything(&mut self) -> bool {
        if self.open.is_empty() {
            return false;
        }
        if !self.in_block() {
            self.unclosed_bracket();
        }
        let missing = self.open.len();
        if self.suspicious && self.by_indentation.is_none() && missing > 0 {
            self.rewind(missing);
            return true;
        }
        let mut opened: Vec<Open> = Vec::new();
        while let Some(open) = self.open.last().copied() {
            opened.push(open);
            let breaks = self.breaks;
            self.close_block(self.at);
            self.breaks = breaks;
        }
        self.just_closed = false;
        let mut opened = opened.into_iter();
        if let Some(innermost) = opened.next() {
            self.report_unclosed(innermost);
            if let Some(diagnostic) = self.diagnostics.last_mut() {
                for open in opened {
                    diagnostic.labels.push(crate::Label {
                        span: Span::new(self.source, open.at, open.at + 1),
                        message: "this one is open too".to_owned(),
                    });
                }
            }
        }
        false
    }

    fn rewind(&mut self, missing: usize) {
        let checkpoint = self.checkpoint;
        self.open.clear();
        self.depth = 0;
        self.texts = 0;
        self.head = None;
        self.frames.truncate(1);
        self.inner_comments.truncate(checkpoint.inner_comments);
        self.diagnostics.truncate(checkpoint.diagnostics);
        self.at = checkpoint.at;
        let before = self.bytes.get(..self.at).unwrap_or_default();
        self.line_start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |newline| newline + 1);
        self.indent = Some(self.at - self.line_start);
        self.breaks = 0;
        self.just_closed = false;
        self.by_indentation = Some(missing);
        self.suspicious = false;
        let frame = self.frame();
        let first = frame.statements.drain(checkpoint.statements..).next();
        if let Some(first) = first {
            frame.blank = first.blank_before;
            let remarks = first.remarks.map(|remarks| *remarks).unwrap_or_default();
            frame.doc = remarks.doc.into_iter().map(from_doc).collect();
            frame.comments = remarks.comments;
            self.breaks = if first.blank_before { 2 } else { 0 };
        }
    }
}
