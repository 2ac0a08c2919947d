//! Tests of the language through what it offers: text in, tree, errors or layout out.

mod format;
mod generate;
mod hostile;
mod literals;
mod quantities;
mod recovery;
mod statements;

use crate::ast::{Body, Expr, ExprKind, File, Statement, StatementKind};
use crate::{Parsed, Sources, parse};

/// Parses a text and returns its tree and its errors, one line each: `2:3 MG0001 message`.
fn read(text: &str) -> (File, Vec<String>) {
    let mut sources = Sources::default();
    let id = sources.add("plan.mig", text);
    let Parsed { file, diagnostics } = parse(&sources, id);
    let errors = diagnostics.iter().map(|diagnostic| {
        let place = sources.line_column(id, diagnostic.primary.span.start);
        let (code, message) = (diagnostic.code.number, &diagnostic.message);
        format!("{}:{} {code} {message}", place.line, place.column)
    });
    let errors = errors.collect();
    (file, errors)
}

/// Parses a text that has no errors.
fn read_clean(text: &str) -> File {
    let (file, errors) = read(text);
    assert_eq!(errors, Vec::<String>::new(), "in\n{text}");
    file
}

/// Says that a text has exactly these errors.
fn check(text: &str, expected: &[&str]) {
    assert_eq!(read(text).1, expected, "in\n{text}");
}

/// The only statement of a text.
fn only(text: &str) -> Statement {
    let mut statements = read_clean(text).statements;
    assert_eq!(statements.len(), 1, "in\n{text}");
    statements.remove(0)
}

/// The value of an attribute written `a = text`.
fn value(text: &str) -> Expr {
    match only(&format!("a = {text}")).kind {
        StatementKind::Plain(plain) => match plain.body {
            Body::Value { value, .. } => value,
            other => panic!("{text}: {other:?}"),
        },
        other => panic!("{text}: {other:?}"),
    }
}

fn kind(text: &str) -> ExprKind {
    value(text).kind
}

/// The help given with the first error of `a = text`.
fn help(text: &str) -> String {
    let mut sources = Sources::default();
    let id = sources.add("plan.mig", format!("a = {text}"));
    let first = parse(&sources, id).diagnostics.into_iter().next();
    first.and_then(|first| first.help).unwrap_or_default()
}
