//! Comments, and what they belong to.

use super::{InnerComment, Scanner};
use crate::ast::{Comment, Remarks};
use crate::{Span, Spanned};

impl Scanner<'_> {
    /// At `#`: takes the rest of the line.
    pub(super) fn comment(&mut self) {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let length = rest.iter().take_while(|byte| **byte != b'\n').count();
        self.at = start + length;
        let line = self.text.get(start..self.at).unwrap_or_default();
        let line = line.trim_end();
        let doc = line.starts_with("##");
        let text = line.trim_start_matches('#').to_owned();
        let text = if doc || !line.starts_with('#') {
            text
        } else {
            line.get(1..).unwrap_or_default().to_owned()
        };
        let text = text.strip_prefix(' ').unwrap_or(&text).to_owned();
        let span = Span::new(self.source, start, start + line.len());
        let own_line = self.indent == Some(start - self.line_start);
        let comment = Comment {
            text,
            span,
            blank_before: own_line && self.breaks > 1,
        };
        self.breaks = 0;
        self.place(comment, doc, own_line);
    }

    fn place(&mut self, comment: Comment, doc: bool, own_line: bool) {
        if !self.in_block() {
            self.inner_comments.push(InnerComment {
                comment,
                doc,
                own_line,
            });
            return;
        }
        if !own_line {
            self.place_behind(comment);
            return;
        }
        let frame = self.frame();
        if doc {
            if frame.comments.is_empty() && frame.doc.is_empty() {
                frame.blank = comment.blank_before;
            }
            frame.doc.push(comment);
            return;
        }
        if frame.comments.is_empty() && frame.doc.is_empty() {
            frame.blank = comment.blank_before;
        }
        frame.comments.push(comment);
    }

    /// A comment with something before it on its line.
    fn place_behind(&mut self, comment: Comment) {
        self.end_head();
        let opens_block = self.frame().statements.is_empty() && self.frames.len() > 1;
        let parent = self.frames.len().saturating_sub(2);
        let owner = if opens_block {
            self.frames
                .get_mut(parent)
                .and_then(|frame| frame.statements.last_mut())
        } else {
            self.frame().statements.last_mut()
        };
        let free = |remarks: &Remarks| remarks.trailing.is_none();
        match owner {
            Some(statement) if statement.remarks.as_deref().is_none_or(free) => {
                statement.remarks.get_or_insert_default().trailing = Some(comment);
            }
            _ => self.frame().comments.push(comment),
        }
    }
}

/// A doc comment that was taken for a statement's and is none's after all.
pub(super) fn from_doc(doc: Spanned<String>) -> Comment {
    Comment {
        text: doc.value,
        span: doc.span,
        blank_before: false,
    }
}
