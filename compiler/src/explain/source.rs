//! The standard library's text, as pages show it.

use whimbrel_lang::ast::Statement;
use whimbrel_lang::{Sources, Span, Spanned};

use crate::modules::{standard_names, standard_text};

/// What a folder of the library has.
pub(super) fn names(folder: &str) -> Vec<String> {
    standard_names(folder)
}

/// The one statement of a file of the library.
pub(super) fn read(folder: &str, name: &str) -> Option<(Sources, Statement)> {
    let text = standard_text(&format!("{folder}/{name}.mig"))?;
    let mut sources = Sources::default();
    let id = sources.add(format!("std/{folder}/{name}.mig"), text);
    let parsed = whimbrel_lang::parse(&sources, id);
    let statement = parsed.file.statements.into_iter().next()?;
    Some((sources, statement))
}

/// The text of a span on one line.
pub(super) fn code(sources: &Sources, span: Span) -> String {
    let words: Vec<&str> = sources.slice(span).split_whitespace().collect();
    words
        .join(" ")
        .replace("( ", "(")
        .replace(", )", ")")
        .replace("[ ", "[")
        .replace(", ]", "]")
}

/// A doc comment in one paragraph.
pub(super) fn prose(doc: &[Spanned<String>]) -> String {
    let lines: Vec<&str> = doc.iter().map(|line| line.value.trim()).collect();
    lines.join(" ")
}

/// A doc comment: what it says, and the fenced example in it.
pub(super) fn split(doc: &[Spanned<String>]) -> (String, String) {
    let mut said = Vec::new();
    let mut example = Vec::new();
    let mut fenced = false;
    for line in doc {
        let line = line.value.as_str();
        match (line.starts_with("```"), fenced) {
            (true, _) => fenced = !fenced,
            (false, true) => example.push(line),
            (false, false) => said.push(line),
        }
    }
    (said.join("\n").trim().to_owned(), example.join("\n"))
}

/// What a doc comment says first, in lower case and without its full stop.
pub(super) fn first_sentence(statement: &Statement) -> String {
    let (doc, _) = split(statement.doc());
    opening(&doc.replace('\n', " "))
}

/// The same of a file's text, which its first statement may not be read from.
pub(super) fn first_sentence_of(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("##"));
    opening(&lines.map(str::trim).collect::<Vec<_>>().join(" "))
}

fn opening(doc: &str) -> String {
    let first = doc.split_once(". ").map_or(doc, |(first, _)| first);
    let mut characters = first.trim_end_matches('.').chars();
    characters.next().map_or_else(String::new, |initial| {
        initial.to_lowercase().chain(characters).collect()
    })
}
