//! What must hold of any bytes whatever: the targets of the fuzzer, and the test that goes over
//! the cases it once found.

use jiff::civil::date;
use whimbrel_compiler::{Options, Provider, ReadError};
use whimbrel_lang::ast::{Block, Body, File, Statement, StatementKind};
use whimbrel_lang::{Diagnostic, SourceId, Sources, add_bytes, strip_spans};

/// Behind this byte the text of a second file, `other.mig`, begins.
const NEXT_FILE: u8 = 0x0c;

/// Parsing gives a tree, and every error has a place in the text.
pub fn parse(bytes: &[u8]) {
    let mut sources = Sources::default();
    let (id, garbled) = add_bytes(&mut sources, "plan.mig", bytes);
    let parsed = whimbrel_lang::parse(&sources, id);
    for found in garbled.iter().chain(&parsed.diagnostics) {
        points_into_the_text(&sources, found);
    }
}

/// A text that can be read is laid out without a change of meaning, and stays as it is then.
pub fn format(bytes: &[u8]) {
    let mut sources = Sources::default();
    let (id, garbled) = add_bytes(&mut sources, "plan.mig", bytes);
    if garbled.is_some() {
        return;
    }
    let Ok(once) = whimbrel_lang::format(&sources, id) else {
        return;
    };
    let again = sources.add("again.mig", once.clone());
    let twice = whimbrel_lang::format(&sources, again);
    assert_eq!(twice.as_ref(), Ok(&once), "laid out twice");
    assert_eq!(
        tree(&sources, again),
        tree(&sources, id),
        "laid out as\n{once}"
    );
}

/// Compiling gives findings that point into the texts, whatever they say.
pub fn compile(bytes: &[u8]) {
    let mut texts = bytes.splitn(2, |byte| *byte == NEXT_FILE);
    let plan = texts.next().unwrap_or_default();
    let project = Project {
        plan,
        other: texts.next(),
    };
    let options = Options::new(date(2026, 11, 21));
    let compilation = whimbrel_compiler::compile(&project, "plan.mig", &options);
    for found in &compilation.diagnostics {
        points_into_the_text(&compilation.sources, found);
    }
}

struct Project<'a> {
    plan: &'a [u8],
    other: Option<&'a [u8]>,
}

impl Provider for Project<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let text = match path {
            "plan.mig" => Some(self.plan),
            "other.mig" => self.other,
            _ => None,
        };
        text.map(<[u8]>::to_vec).ok_or(ReadError::NotFound)
    }
}

fn points_into_the_text(sources: &Sources, found: &Diagnostic) {
    assert!(!found.message.is_empty(), "{found:?}");
    let labels = std::iter::once(&found.primary).chain(&found.labels);
    let edits = found.fix.iter().flat_map(|fix| &fix.edits);
    let spans = labels
        .map(|label| label.span)
        .chain(edits.map(|edit| edit.span));
    for span in spans {
        let text = sources.get(span.source).text();
        let (start, end) = (span.start as usize, span.end as usize);
        assert!(start <= end && end <= text.len(), "{found:?}");
        assert!(
            text.is_char_boundary(start) && text.is_char_boundary(end),
            "{found:?}"
        );
    }
}

/// The tree of a source without places, comments and empty lines.
fn tree(sources: &Sources, id: SourceId) -> File {
    let mut file = whimbrel_lang::parse(sources, id).file;
    let first = sources.iter().next().map_or(id, |(first, _)| first);
    strip_spans(&mut file, first);
    strip_comments(&mut file.statements);
    file.trailing_comments.clear();
    file
}

fn strip_comments(statements: &mut [Statement]) {
    for statement in statements {
        if let Some(remarks) = &mut statement.remarks {
            remarks.comments.clear();
            remarks.trailing = None;
        }
        statement.remarks.take_if(|remarks| remarks.doc.is_empty());
        statement.blank_before = false;
        if let Some(block) = block(&mut statement.kind) {
            block.trailing_comments.clear();
            strip_comments(&mut block.statements);
        }
    }
}

fn block(kind: &mut StatementKind) -> Option<&mut Block> {
    match kind {
        StatementKind::Plain(plain) => match &mut plain.body {
            Body::Block(block) => Some(block),
            _ => None,
        },
        StatementKind::Pattern(pattern) => Some(&mut pattern.body),
        StatementKind::For { body, .. } => Some(body),
        _ => None,
    }
}
