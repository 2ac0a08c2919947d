//! Text to tree. The scanner cuts, the grammar reads each statement's head, and what is read here
//! becomes the tree; what cannot be read is reported and the next statement goes on.

mod advice;
mod expression;
mod simple;
mod statement;
mod text;
mod unexpected;

use crate::ast::{Block, File, Statement};
use crate::scanner::{self, ERROR_LIMIT, InnerComment, RawBlock, RawStatement};
use crate::{Diagnostic, SourceId, Sources, Span, codes};

/// The largest file that is read, in bytes.
pub const FILE_SIZE_LIMIT: usize = 8 * 1024 * 1024;

/// A tree and what is wrong with the text it came from.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// Whatever could be read.
    pub file: File,
    /// In the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a source. Always returns a tree; statements that cannot be read are reported and left
/// out, or have [`crate::ast::ExprKind::Error`] for their value.
#[must_use]
pub fn parse(sources: &Sources, id: SourceId) -> Parsed {
    parse_with_comments(sources, id).0
}

/// As [`parse`], with the comments that stand inside brackets, which the tree does not hold.
pub(crate) fn parse_with_comments(sources: &Sources, id: SourceId) -> (Parsed, Vec<InnerComment>) {
    read(sources, id, true)
}

/// As [`parse`], with every head read by the grammar.
#[cfg(test)]
pub(crate) fn parse_by_grammar(sources: &Sources, id: SourceId) -> Parsed {
    read(sources, id, false).0
}

fn read(sources: &Sources, id: SourceId, shortcut: bool) -> (Parsed, Vec<InnerComment>) {
    let text = sources.get(id).text();
    if text.len() > FILE_SIZE_LIMIT {
        let diagnostics = vec![too_large(id, text.len())];
        let file = File::default();
        return (Parsed { file, diagnostics }, Vec::new());
    }
    let skeleton = scanner::scan(id, text);
    let mut reader = Reader {
        source: id,
        text,
        inner_comments: &skeleton.inner_comments,
        diagnostics: skeleton.diagnostics,
        base: 0,
        chained: 0,
        depth: 0,
        shortcut,
    };
    let file = File {
        statements: reader.statements(skeleton.statements),
        trailing_comments: skeleton.trailing_comments,
    };
    let mut diagnostics = reader.diagnostics;
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span.start);
    if diagnostics.len() > ERROR_LIMIT {
        diagnostics.truncate(ERROR_LIMIT);
        if let Some(last) = diagnostics.last_mut() {
            last.notes
                .push(format!("after {ERROR_LIMIT} errors, the rest is not shown"));
        }
    }
    (Parsed { file, diagnostics }, skeleton.inner_comments)
}

fn too_large(id: SourceId, size: usize) -> Diagnostic {
    let limit = FILE_SIZE_LIMIT / (1024 * 1024);
    Diagnostic::error(
        codes::TOO_LARGE,
        Span::new(id, 0, 0),
        format!("the file has {size} bytes; at most {limit} MiB are read"),
    )
    .help("divide it into files and `import` them")
}

/// Reads the heads that the scanner cut.
pub(crate) struct Reader<'a> {
    source: SourceId,
    text: &'a str,
    inner_comments: &'a [InnerComment],
    diagnostics: Vec<Diagnostic>,
    /// Where the head that is being read starts.
    base: usize,
    /// Operators around the expression that is being read.
    chained: usize,
    /// How many blocks it is in.
    depth: usize,
    /// Whether the simplest heads are read without the grammar.
    shortcut: bool,
}

impl Reader<'_> {
    fn statements(&mut self, raw: Vec<RawStatement>) -> Vec<Statement> {
        let mut statements = Vec::with_capacity(raw.len());
        statements.extend(raw.into_iter().filter_map(|raw| self.statement(raw)));
        statements
    }

    fn block(&mut self, raw: RawBlock) -> Block {
        self.depth += 1;
        let statements = self.statements(raw.statements);
        self.depth -= 1;
        Block {
            span: Span::new(self.source, raw.open, raw.end),
            statements,
            trailing_comments: raw.trailing_comments,
        }
    }

    /// The place of a range of the head that is being read.
    fn span(&self, range: pest::Span<'_>) -> Span {
        Span::new(
            self.source,
            self.base + range.start(),
            self.base + range.end(),
        )
    }

    fn error(&mut self, span: Span, message: impl Into<String>) {
        self.report(Diagnostic::error(codes::UNEXPECTED_TOKEN, span, message));
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() <= 2 * ERROR_LIMIT {
            self.diagnostics.push(diagnostic);
        }
    }
}
