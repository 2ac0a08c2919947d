//! Cuts a text into statements, before anything is parsed.
//!
//! Knows strings, comments and brackets, and nothing of what stands between them. What it yields
//! is the skeleton of the file: each statement's head as a range of bytes, its block, its
//! comments. It bounds nesting, so that the recursive parser behind it cannot be led astray, and
//! it reports what never closes. Every byte is read once, or twice in a statement whose braces
//! do not match: the second time indentation says which of them is missing.

mod brackets;
mod comments;
mod foreign;
mod strings;

use crate::ast::{Comment, Remarks};
use crate::{Diagnostic, SourceId, Span, Spanned, codes};

/// Brackets, braces, interpolations and minus signs that may stand inside each other.
pub const NESTING_LIMIT: usize = 64;

/// The words that start a statement of a file. One of them in the first column ends whatever
/// was open before it.
pub const TOP_LEVEL_KEYWORDS: [&str; 43] = [
    "use",
    "import",
    "let",
    "pattern",
    "executor",
    "defaults",
    "platform",
    "link",
    "team",
    "calendar",
    "freeze",
    "window",
    "instance",
    "datastore",
    "table",
    "topic",
    "queue",
    "cache",
    "volume",
    "external",
    "licence",
    "service",
    "seen",
    "migration",
    "phase",
    "automation",
    "batch",
    "bridge",
    "checklist",
    "trigger",
    "risk",
    "driver",
    "role",
    "environment",
    "rehearsal",
    "announce",
    "training",
    "retrospective",
    "waive",
    "scenario",
    "group",
    "measure",
    "lint",
];

/// How many errors of one file are reported.
pub(crate) const ERROR_LIMIT: usize = 1000;

/// How often an unclosed `"""` may make the scanner start again behind it.
const RESTARTS: u32 = 8;

/// A file, cut.
#[derive(Debug, Default)]
pub(crate) struct Skeleton {
    pub(crate) statements: Vec<RawStatement>,
    pub(crate) trailing_comments: Vec<Comment>,
    /// Comments inside brackets, in order.
    pub(crate) inner_comments: Vec<InnerComment>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A comment inside brackets.
#[derive(Clone, Debug)]
pub(crate) struct InnerComment {
    pub(crate) comment: Comment,
    /// Whether it was written `##`.
    pub(crate) doc: bool,
    /// Whether nothing but blanks stands before it on its line.
    pub(crate) own_line: bool,
}

/// A statement, cut but not read.
#[derive(Debug)]
pub(crate) struct RawStatement {
    pub(crate) remarks: Option<Box<Remarks>>,
    pub(crate) blank_before: bool,
    /// From its first byte to the end of what stands before its block.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) block: Option<Box<RawBlock>>,
    /// Something in its head has been reported; there is nothing to gain from reading it.
    pub(crate) damaged: bool,
}

/// A block, cut.
#[derive(Debug, Default)]
pub(crate) struct RawBlock {
    pub(crate) open: usize,
    /// The byte after its brace.
    pub(crate) end: usize,
    pub(crate) statements: Vec<RawStatement>,
    pub(crate) trailing_comments: Vec<Comment>,
}

/// What is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// `{` of a block.
    Block,
    /// `(`.
    Parenthesis,
    /// `[`.
    Bracket,
    /// `{` inside a statement: `use std.{…}`.
    Brace,
    /// `"`.
    Text,
    /// `"""`.
    MultiLine,
    /// `${`.
    Interpolation,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    shape: Shape,
    at: usize,
    /// Where the line of its opening starts, and how far that line is indented.
    line_start: usize,
    indent: usize,
}

/// The statements of a block under construction; its own statement is the parent's last.
#[derive(Debug, Default)]
struct Frame {
    statements: Vec<RawStatement>,
    doc: Vec<Comment>,
    comments: Vec<Comment>,
    blank: bool,
}

impl Frame {
    /// The comments behind the last statement; a doc comment that documents nothing is one.
    fn dangling_comments(&mut self) -> Vec<Comment> {
        let mut comments = std::mem::take(&mut self.comments);
        comments.append(&mut self.doc);
        comments.sort_by_key(|comment| comment.span.start);
        if self.statements.is_empty()
            && let Some(first) = comments.first_mut()
        {
            first.blank_before = false;
        }
        comments
    }
}

#[derive(Debug)]
struct Head {
    start: usize,
    end: usize,
    damaged: bool,
}

/// Where a statement of the file began, to come back to.
#[derive(Clone, Copy, Debug)]
struct Checkpoint {
    at: usize,
    statements: usize,
    inner_comments: usize,
    diagnostics: usize,
}

struct Scanner<'a> {
    source: SourceId,
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    line_start: usize,
    /// Indentation of this line, once something other than blanks was seen on it.
    indent: Option<usize>,
    /// Line breaks since the last thing that was not blank.
    breaks: usize,
    open: Vec<Open>,
    depth: usize,
    minuses: usize,
    /// Texts that must end on their line, among `open`.
    texts: usize,
    frames: Vec<Frame>,
    head: Option<Head>,
    /// The statement that a comment on this line would stand behind has ended.
    just_closed: bool,
    inner_comments: Vec<InnerComment>,
    diagnostics: Vec<Diagnostic>,
    checkpoint: Checkpoint,
    /// Some brace of this statement does not fit the indentation.
    suspicious: bool,
    /// How many unclosed blocks indentation may still point out; `None`: braces alone count.
    by_indentation: Option<usize>,
    restarts: u32,
    /// Between the first two marks of a merge conflict.
    in_conflict: bool,
}

/// Cuts `text` into statements.
pub(crate) fn scan(source: SourceId, text: &str) -> Skeleton {
    let mut scanner = Scanner::new(source, text);
    scanner.run();
    let root = scanner.frames.pop().unwrap_or_default();
    Skeleton {
        statements: root.statements,
        trailing_comments: root.comments,
        inner_comments: scanner.inner_comments,
        diagnostics: scanner.diagnostics,
    }
}

impl<'a> Scanner<'a> {
    fn new(source: SourceId, text: &'a str) -> Self {
        Self {
            source,
            text,
            bytes: text.as_bytes(),
            at: 0,
            line_start: 0,
            indent: None,
            breaks: 0,
            open: Vec::new(),
            depth: 0,
            minuses: 0,
            texts: 0,
            frames: vec![Frame::default()],
            head: None,
            just_closed: false,
            inner_comments: Vec::new(),
            diagnostics: Vec::new(),
            checkpoint: Checkpoint {
                at: 0,
                statements: 0,
                inner_comments: 0,
                diagnostics: 0,
            },
            suspicious: false,
            by_indentation: None,
            restarts: 0,
            in_conflict: false,
        }
    }

    fn run(&mut self) {
        loop {
            let Some(byte) = self.peek(0) else {
                if self.finish() {
                    return;
                }
                continue;
            };
            match self.open.last().map(|open| open.shape) {
                Some(Shape::Text | Shape::MultiLine) => self.in_text(byte),
                _ => self.in_code(byte),
            }
        }
    }

    /// At the end of the text: whether that is really the end.
    fn finish(&mut self) -> bool {
        if self.texts > 0 {
            self.unclosed_text();
        }
        if self.multi_line_unclosed() || self.close_everything() {
            return false;
        }
        self.end_head();
        let frame = self.frame();
        frame.comments = frame.dangling_comments();
        true
    }

    fn in_code(&mut self, byte: u8) {
        match byte {
            b'\n' => self.line_break(),
            b' ' | b'\t' => self.at += 1,
            b'\r' if matches!(self.peek(1), Some(b'\n') | None) => self.at += 1,
            _ => {
                if self.indent.is_none() && self.line_begins(byte) {
                    return;
                }
                if byte != b'-' {
                    self.minuses = 0;
                }
                self.sign(byte);
            }
        }
    }

    fn sign(&mut self, byte: u8) {
        match byte {
            b'#' if !self.inside_interpolation() => self.comment(),
            b'"' => self.open_text(),
            b'(' => self.open_bracket(Shape::Parenthesis),
            b'[' => self.open_bracket(Shape::Bracket),
            b'{' => self.open_brace(),
            b')' => self.close_bracket(Shape::Parenthesis),
            b']' => self.close_bracket(Shape::Bracket),
            b'}' => self.close_brace(),
            b';' => self.semicolon(),
            b'-' => self.minus(),
            b'/' if self.foreign_comment() => {}
            b'<' if self.heredoc() => {}
            0x80.. | ..0x20 | 0x7f => self.unusual(),
            _ => {
                self.extend_head();
                self.skip_word(byte);
            }
        }
    }

    /// Passes a run of word bytes at once.
    fn skip_word(&mut self, first: u8) {
        self.at += 1;
        if is_plain_word(first) {
            while self.peek(0).is_some_and(is_plain_word) {
                self.at += 1;
            }
        }
        self.reach_head(self.at);
    }

    fn line_break(&mut self) {
        if self.texts > 0 {
            self.unclosed_text();
            return;
        }
        if self.in_block() {
            self.end_head();
        }
        self.just_closed = false;
        self.breaks += 1;
        self.at += 1;
        self.line_start = self.at;
        self.indent = None;
    }

    /// At the first byte of a line that is not blank: whether the text goes on elsewhere.
    fn line_begins(&mut self, byte: u8) -> bool {
        let indent = self.at - self.line_start;
        self.indent = Some(indent);
        if byte == b'#' {
            return false;
        }
        if indent == 0 && self.conflict(byte) {
            return true;
        }
        if indent == 0 && !self.open.is_empty() && self.starts_statement(self.at) {
            return self.close_everything();
        }
        if self.in_block() {
            self.check_indentation(indent, byte);
        } else if self.reads_like_attribute() {
            self.unclosed_bracket();
        }
        if self.open.is_empty() && self.head.is_none() {
            self.mark();
        }
        false
    }

    /// Remembers this place as the start of a statement of the file.
    fn mark(&mut self) {
        self.suspicious = false;
        if self.checkpoint.at != self.at {
            self.by_indentation = None;
        }
        self.checkpoint = Checkpoint {
            at: self.at,
            statements: self.frames.first().map_or(0, |root| root.statements.len()),
            inner_comments: self.inner_comments.len(),
            diagnostics: self.diagnostics.len(),
        };
    }

    /// Whether a known keyword stands at `at`, and something a statement could go on with.
    fn starts_statement(&self, at: usize) -> bool {
        let rest = self.bytes.get(at..).unwrap_or_default();
        let length = rest
            .iter()
            .take_while(|byte| is_word(**byte) || **byte == b'-')
            .count();
        let word = self.text.get(at..at + length).unwrap_or_default();
        if !TOP_LEVEL_KEYWORDS.contains(&word) {
            return false;
        }
        let next = rest
            .iter()
            .skip(length)
            .find(|byte| !matches!(byte, b' ' | b'\t'));
        next.is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'"' | b'{'))
    }

    /// Whether this line starts `word =`, which never stands inside brackets.
    fn reads_like_attribute(&self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let word = rest.iter().take_while(|byte| is_word(**byte)).count();
        let mut after = rest
            .iter()
            .skip(word)
            .skip_while(|byte| matches!(byte, b' ' | b'\t'));
        word > 0 && after.next() == Some(&b'=') && after.next() != Some(&b'=')
    }

    /// The head goes on here, or begins.
    fn extend_head(&mut self) {
        if self.head.is_some() {
            return;
        }
        if self.just_closed {
            self.report_here(
                "expected a new line or `;` after `}`",
                "begin the next statement on a line of its own",
            );
            self.just_closed = false;
        }
        if self.frames.len() == 1 && self.checkpoint.at < self.line_start {
            self.mark();
        }
        let blank = self.breaks > 1;
        let frame = self.frame();
        if frame.comments.is_empty() && frame.doc.is_empty() {
            frame.blank = blank;
        }
        self.breaks = 0;
        self.head = Some(Head {
            start: self.at,
            end: self.at,
            damaged: false,
        });
    }

    fn reach_head(&mut self, end: usize) {
        self.breaks = 0;
        if let Some(head) = &mut self.head {
            head.end = end;
        }
    }

    fn damage_head(&mut self) {
        if let Some(head) = &mut self.head {
            head.damaged = true;
        }
    }

    /// Makes a statement of the head, if there is one.
    fn end_head(&mut self) {
        let Some(head) = self.head.take() else {
            return;
        };
        let frame = self.frame();
        let blank_before = std::mem::take(&mut frame.blank) && !frame.statements.is_empty();
        let mut comments = std::mem::take(&mut frame.comments);
        if let Some(first) = comments.first_mut() {
            first.blank_before = blank_before;
        }
        let docs = std::mem::take(&mut frame.doc).into_iter();
        let doc: Vec<_> = docs.map(|doc| Spanned::new(doc.text, doc.span)).collect();
        let remarked = !doc.is_empty() || !comments.is_empty();
        let remarks = remarked.then_some(Remarks {
            doc,
            comments,
            trailing: None,
        });
        let statement = RawStatement {
            remarks: remarks.map(Box::new),
            blank_before,
            start: head.start,
            end: head.end,
            block: None,
            damaged: head.damaged,
        };
        frame.statements.push(statement);
    }

    fn semicolon(&mut self) {
        if !self.in_block() {
            self.unclosed_bracket();
        }
        self.end_head();
        self.just_closed = false;
        self.breaks = 0;
        self.at += 1;
    }

    fn minus(&mut self) {
        self.extend_head();
        self.minuses += 1;
        self.at += 1;
        self.reach_head(self.at);
        if self.depth + self.minuses > NESTING_LIMIT {
            self.too_deep(self.at - 1);
        }
    }

    /// Gives up on the current statement of the file: goes on at the next one.
    fn too_deep(&mut self, at: usize) {
        self.report(
            Diagnostic::error(
                codes::TOO_DEEP,
                Span::new(self.source, at, at + 1),
                format!("nesting is deeper than {NESTING_LIMIT} levels"),
            )
            .help("take inner parts out, or name them with `let`"),
        );
        self.abandon();
    }

    fn abandon(&mut self) {
        self.frames.truncate(1);
        self.open.clear();
        self.depth = 0;
        self.minuses = 0;
        self.texts = 0;
        self.head = None;
        let keep = self.checkpoint.statements;
        self.frame().statements.truncate(keep);
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let next = rest
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .map(|(index, _)| self.at + index + 1)
            .find(|start| self.starts_statement(*start));
        self.at = next.unwrap_or(self.bytes.len());
        self.line_start = self.at;
        self.indent = None;
        self.just_closed = false;
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn in_block(&self) -> bool {
        self.open
            .last()
            .is_none_or(|open| open.shape == Shape::Block)
    }

    fn inside_interpolation(&self) -> bool {
        self.open
            .iter()
            .rev()
            .take_while(|open| open.shape != Shape::Block)
            .any(|open| open.shape == Shape::Interpolation)
    }

    fn frame(&mut self) -> &mut Frame {
        if self.frames.is_empty() {
            self.frames.push(Frame::default());
        }
        let last = self.frames.len() - 1;
        #[expect(clippy::indexing_slicing, reason = "made sure of just above")]
        &mut self.frames[last]
    }

    /// Notes an error, unless there are more already than anybody will be shown.
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() <= ERROR_LIMIT {
            self.diagnostics.push(diagnostic);
        }
    }

    fn report_here(&mut self, message: &str, help: &str) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.chars().next().map_or(0, char::len_utf8);
        let span = Span::new(self.source, self.at, self.at + length);
        self.report(Diagnostic::error(codes::UNEXPECTED_TOKEN, span, message).help(help));
    }
}

fn is_word(byte: u8) -> bool {
    is_plain_word(byte) || byte >= 0x80
}

fn is_plain_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
