//! The library's files, their trees, and plans compiled from a text.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::civil::date;
use whimbrel_compiler::{Compilation, Options, Provider, ReadError, compile};
use whimbrel_lang::ast::{File, Parameter, Pattern, Statement, StatementKind, StringPart};
use whimbrel_lang::{Sources, Spanned, parse};

/// The files of a folder of the standard library, by name.
pub fn folder(name: &str) -> Vec<(String, String)> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../stdlib")
        .join(name);
    let mut files: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// The tree of a text without errors.
pub fn tree(name: &str, text: &str) -> File {
    let mut sources = Sources::default();
    let id = sources.add(name, text);
    let parsed = parse(&sources, id);
    assert!(
        parsed.diagnostics.is_empty(),
        "{name}: {:?}",
        parsed.diagnostics
    );
    parsed.file
}

/// The one statement of a file, which defines what the file is called.
pub fn only(name: &str, text: &str) -> Statement {
    let mut statements = tree(name, text).statements;
    assert_eq!(statements.len(), 1, "{name} defines one thing");
    statements.remove(0)
}

/// The pattern of a file.
pub fn pattern(name: &str, text: &str) -> Pattern {
    let StatementKind::Pattern(pattern) = only(name, text).kind else {
        panic!("{name} defines no pattern");
    };
    assert_eq!(pattern.name.value, name, "a file is called as its pattern");
    *pattern
}

/// A doc comment, line by line.
pub fn doc(lines: &[Spanned<String>]) -> Vec<&str> {
    lines.iter().map(|line| line.value.as_str()).collect()
}

/// The fenced plan in the doc comment of the first statement of a file.
pub fn example(name: &str, text: &str) -> String {
    let statement = only(name, text);
    let mut lines = doc(statement.doc()).into_iter();
    assert!(
        lines.by_ref().any(|line| line == "```mig"),
        "{name} has no example"
    );
    let body: Vec<&str> = lines.take_while(|line| *line != "```").collect();
    body.join("\n")
}

/// `kind name: type`, to tell which parameter lacks something.
pub fn told(pattern: &Pattern, parameter: &Parameter) -> String {
    format!("{}({})", pattern.name.value, parameter.name.value)
}

/// All statements of a body, `for` and `together` opened.
pub fn inside<'a>(statements: &'a [Statement], out: &mut Vec<&'a Statement>) {
    for statement in statements {
        match &statement.kind {
            StatementKind::For { body, .. } => inside(&body.statements, out),
            StatementKind::Plain(plain) if plain.keyword.value == "together" => {
                let whimbrel_lang::ast::Body::Block(block) = &plain.body else {
                    continue;
                };
                inside(&block.statements, out);
            }
            _ => out.push(statement),
        }
    }
}

/// The text of a string without interpolations.
pub fn plain(parts: &[StringPart]) -> String {
    parts
        .iter()
        .map(|part| match part {
            StringPart::Text(text) => text.as_str(),
            StringPart::Interpolation(_) => "…",
        })
        .collect()
}

struct Text(String);

impl Provider for Text {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match path {
            "plan.mig" => Ok(self.0.clone().into_bytes()),
            _ => Err(ReadError::NotFound),
        }
    }
}

/// One file and nothing beside it.
pub fn compiled(text: &str) -> Compilation {
    let options = Options::new(date(2026, 11, 21));
    compile(&Text(text.to_owned()), "plan.mig", &options)
}

/// What was found, as `file:line name message`.
pub fn findings(compilation: &Compilation) -> Vec<String> {
    let all = compilation.diagnostics.iter();
    all.map(|found| {
        let span = found.primary.span;
        let line = compilation
            .sources
            .line_column(span.source, span.start)
            .line;
        let path = compilation.sources.get(span.source).path();
        format!("{path}:{line} {} {}", found.code.name, found.message)
    })
    .collect()
}
