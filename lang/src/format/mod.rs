//! The one canonical layout.
//!
//! Two spaces for each level, one statement a line, `=` aligned within a run of consecutive
//! attributes, at most one blank line in a row, lists longer than a line one element a line. A
//! block that was written on one line stays on it, joined by `; `, while it fits. Comments stay
//! where they are; one inside an expression that has no lines of its own moves above the
//! statement. Numbers and strings keep their spelling. Formatting twice changes nothing more.

mod expression;

use crate::ast::{Block, Body, Comment, File, Plain, Statement, StatementKind, Word};
use crate::parse::parse_with_comments;
use crate::scanner::InnerComment;
use crate::{Diagnostic, Level, SourceId, Sources, Span};

/// The longest line that layout decides about.
const WIDTH: usize = 100;

/// Lays a source out.
///
/// # Errors
/// What is wrong with a text that cannot be read whole; it is better left as it is.
pub fn format(sources: &Sources, id: SourceId) -> Result<String, Vec<Diagnostic>> {
    let (parsed, inner_comments) = parse_with_comments(sources, id);
    let broken = |diagnostic: &Diagnostic| diagnostic.level == Level::Error;
    if parsed.diagnostics.iter().any(broken) {
        return Err(parsed.diagnostics);
    }
    Ok(layout(sources, &parsed.file, &inner_comments))
}

fn layout(sources: &Sources, file: &File, inner_comments: &[InnerComment]) -> String {
    let mut formatter = Formatter {
        sources,
        inner_comments,
        claimed: Vec::new(),
        out: String::new(),
    };
    formatter.statements(&file.statements, &file.trailing_comments, 0);
    formatter.out
}

struct Formatter<'a> {
    sources: &'a Sources,
    inner_comments: &'a [InnerComment],
    /// Where the inner comments of this statement start that found a place, in order.
    claimed: Vec<u32>,
    out: String,
}

impl Formatter<'_> {
    fn statements(&mut self, statements: &[Statement], trailing: &[Comment], indent: usize) {
        let mut aligned = 0;
        let mut width = 0;
        for (index, statement) in statements.iter().enumerate() {
            if index >= aligned {
                let rest = statements.get(index..).unwrap_or_default();
                let run = self.run_of_attributes(rest);
                aligned = index + run.max(1);
                let keys = rest.iter().take(run).map(|one| self.key_width(one));
                width = keys.max().unwrap_or(0);
            }
            self.statement(statement, indent, width, index == 0);
        }
        for (index, comment) in trailing.iter().enumerate() {
            let first = index == 0 && statements.is_empty();
            self.blank_line(comment.blank_before && !first);
            self.comment_line(&comment.text, false, indent);
        }
    }

    /// How many attributes follow each other with nothing between them.
    fn run_of_attributes(&mut self, statements: &[Statement]) -> usize {
        let mut run = 0;
        for statement in statements {
            let apart = statement.blank_before
                || !statement.comments().is_empty()
                || !statement.doc().is_empty()
                || self.sends_comments_up(statement);
            if !is_attribute(statement) || (run > 0 && apart) {
                break;
            }
            run += 1;
        }
        run
    }

    /// Whether a comment inside a statement's head will stand above it.
    fn sends_comments_up(&mut self, statement: &Statement) -> bool {
        let span = statement.span;
        if self.inner_comments_in(span.start, span.end).is_empty() {
            return false;
        }
        self.claimed.clear();
        self.head(statement, 0, 0);
        !self.homeless(statement).is_empty()
    }

    fn statement(&mut self, statement: &Statement, indent: usize, width: usize, first: bool) {
        self.claimed.clear();
        let text = self.head(statement, indent, width);
        self.blank_line(statement.blank_before && !first);
        self.comments_before(statement, indent);
        for comment in self.homeless(statement) {
            self.comment_line(&comment.text, false, indent);
        }
        self.indentation(indent);
        self.out.push_str(&text);
        self.body(statement, indent);
    }

    /// The `#` and `##` lines before a statement, as they were ordered. A comment keeps the empty
    /// lines around it; a doc comment stands on what it documents.
    fn comments_before(&mut self, statement: &Statement, indent: usize) {
        let comments = statement.comments().iter();
        let comments = comments.map(|comment| (comment.span, &comment.text, false));
        let docs = statement
            .doc()
            .iter()
            .map(|doc| (doc.span, &doc.value, true));
        let mut lines: Vec<(Span, &String, bool)> = comments.chain(docs).collect();
        lines.sort_by_key(|(span, ..)| span.start);
        let mut before: Option<(Span, bool)> = None;
        for (span, text, doc) in lines {
            if let Some((last, last_doc)) = before {
                self.blank_line(!(doc && last_doc) && self.apart(last, span));
            }
            self.comment_line(text, doc, indent);
            before = Some((span, doc));
        }
        if let Some((last, false)) = before {
            self.blank_line(self.apart(last, statement.span));
        }
    }

    /// What follows the head: a block or nothing, the comment behind it, the end of the line.
    fn body(&mut self, statement: &Statement, indent: usize) {
        let Some(block) = block_of(statement) else {
            self.trailing(statement);
            return;
        };
        let used = indent + last_line(&self.out, indent);
        if let Some(line) = self.one_line(block, used) {
            self.out.push_str(&line);
            self.trailing(statement);
            return;
        }
        let behind = statement.trailing();
        let behind = behind.is_some_and(|comment| comment.span.start >= block.span.end);
        self.out.push_str(" {");
        if behind {
            self.out.push('\n');
        } else {
            self.trailing(statement);
        }
        self.statements(&block.statements, &block.trailing_comments, indent + 2);
        self.indentation(indent);
        self.out.push('}');
        if behind {
            self.trailing(statement);
        } else {
            self.out.push('\n');
        }
    }

    fn trailing(&mut self, statement: &Statement) {
        if let Some(comment) = statement.trailing() {
            self.out.push_str("  ");
            self.out.push_str(&comment_text(&comment.text, false));
        }
        self.out.push('\n');
    }

    /// ` { a; b }`, if that is how the block was written and it still fits.
    fn one_line(&self, block: &Block, used: usize) -> Option<String> {
        if block.statements.is_empty() && block.trailing_comments.is_empty() {
            return Some(" { }".to_owned());
        }
        let source = self.sources.slice(block.span);
        if source.contains('\n') {
            return None;
        }
        let line = self.flat_block(block);
        (used + line.chars().count() <= WIDTH).then_some(line)
    }

    fn flat_block(&self, block: &Block) -> String {
        let statements = block.statements.iter().map(|statement| {
            let mut text = self.flat_head(statement);
            if let Some(block) = block_of(statement) {
                text.push_str(&self.flat_block(block));
            }
            text
        });
        let statements: Vec<String> = statements.collect();
        if statements.is_empty() {
            return " { }".to_owned();
        }
        format!(" {{ {} }}", statements.join("; "))
    }

    fn key_width(&self, statement: &Statement) -> usize {
        match &statement.kind {
            StatementKind::Plain(plain) => self.key(plain).chars().count(),
            _ => 0,
        }
    }

    /// The keyword and its words.
    fn key(&self, plain: &Plain) -> String {
        let mut key = plain.keyword.value.to_string();
        for word in &plain.words {
            key.push(' ');
            match word {
                Word::Arrow(_) => key.push_str("->"),
                word => key.push_str(&self.source(word.span())),
            }
        }
        key
    }

    /// The comments of a statement's head that no list took in.
    fn homeless(&self, statement: &Statement) -> Vec<Comment> {
        let end = block_of(statement).map_or(statement.span.end, |block| block.span.start);
        self.inner_comments_in(statement.span.start, end)
            .iter()
            .filter(|inner| {
                self.claimed
                    .binary_search(&inner.comment.span.start)
                    .is_err()
            })
            .map(|inner| inner.comment.clone())
            .collect()
    }

    fn inner_comments_in(&self, start: u32, end: u32) -> &[InnerComment] {
        let at = |offset: u32| {
            self.inner_comments
                .partition_point(|inner| inner.comment.span.start < offset)
        };
        self.inner_comments
            .get(at(start)..at(end.max(start)))
            .unwrap_or_default()
    }

    /// Whether an empty line stands between a comment and what follows it.
    fn apart(&self, comment: Span, next: Span) -> bool {
        let gap = Span {
            start: comment.end,
            end: next.start,
            ..next
        };
        self.sources.slice(gap).matches('\n').count() > 1
    }

    fn comment_line(&mut self, text: &str, doc: bool, indent: usize) {
        self.indentation(indent);
        self.out.push_str(&comment_text(text, doc));
        self.out.push('\n');
    }

    fn blank_line(&mut self, wanted: bool) {
        if wanted && !self.out.is_empty() {
            self.out.push('\n');
        }
    }

    fn indentation(&mut self, indent: usize) {
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// The text as it was written.
    fn source(&self, span: Span) -> String {
        self.sources.slice(span).replace("\r\n", "\n")
    }
}

fn is_attribute(statement: &Statement) -> bool {
    match &statement.kind {
        StatementKind::Plain(plain) => matches!(plain.body, Body::Value { .. }),
        _ => false,
    }
}

fn block_of(statement: &Statement) -> Option<&Block> {
    match &statement.kind {
        StatementKind::Plain(plain) => match &plain.body {
            Body::Block(block) => Some(block),
            _ => None,
        },
        StatementKind::Pattern(pattern) => Some(&pattern.body),
        StatementKind::For { body, .. } => Some(body),
        _ => None,
    }
}

fn comment_text(text: &str, doc: bool) -> String {
    let sign = if doc { "##" } else { "#" };
    if text.is_empty() {
        return sign.to_owned();
    }
    format!("{sign} {text}")
}

/// How far the last line of `text` reaches beyond `indent`.
fn last_line(text: &str, indent: usize) -> usize {
    let line = text.rsplit('\n').next().unwrap_or_default();
    line.chars().count().saturating_sub(indent)
}
