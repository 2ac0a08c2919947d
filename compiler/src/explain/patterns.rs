//! Patterns of the standard library: their pages, made from their text.

use std::fmt::Write as _;

use whimbrel_lang::Sources;
use whimbrel_lang::ast::{self, Parameter, Pattern, Statement, StatementKind};

use super::source::{self, code, first_sentence, prose, split};
use super::{Topic, quoted};
use crate::schema::SUBJECTS;

const FOLDER: &str = "patterns";

pub(super) fn topics() -> Vec<Topic> {
    let names = source::names(FOLDER).into_iter();
    names
        .filter_map(|name| {
            let (_, statement) = source::read(FOLDER, &name)?;
            Some(Topic::new(name, first_sentence(&statement)))
        })
        .collect()
}

pub(super) fn page(topic: &str) -> Option<String> {
    let name = topic
        .strip_prefix("std.patterns.")
        .or_else(|| topic.strip_prefix("pattern."))
        .unwrap_or(topic);
    let (sources, statement) = source::read(FOLDER, name)?;
    describe(&sources, &statement)
}

/// All of them on one page, by what they move.
pub(super) fn reference() -> String {
    let mut out = String::from(
        "# The standard patterns\n\nA pattern says how things of one kind move. `use \
         std.patterns.{NAME, NAME}` brings patterns in, `move = NAME(…)` moves a thing by one. All \
         of them are written in the language; a pattern of your own is written in the same way.\n",
    );
    let all: Vec<(Sources, Statement)> = source::names(FOLDER)
        .iter()
        .filter_map(|name| source::read(FOLDER, name))
        .collect();
    for kind in SUBJECTS {
        let of = all
            .iter()
            .filter_map(|(_, statement)| match &statement.kind {
                StatementKind::Pattern(pattern) if pattern.subject.value == kind.keyword() => {
                    Some(pattern.name.value.as_str())
                }
                _ => None,
            });
        let links: Vec<String> = of.map(|name| format!("[{name}](#{name})")).collect();
        if !links.is_empty() {
            let _ = write!(
                out,
                "\n**For a {}**: {}\n",
                kind.keyword(),
                links.join(" · ")
            );
        }
    }
    for (sources, statement) in &all {
        if let Some(page) = describe(sources, statement) {
            let _ = write!(out, "\n{}\n", super::reference::deepen(page.trim_end(), 1));
        }
    }
    out
}

fn describe(sources: &Sources, statement: &Statement) -> Option<String> {
    let StatementKind::Pattern(pattern) = &statement.kind else {
        return None;
    };
    let (doc, example) = split(statement.doc());
    let mut out = format!(
        "# {}\n\n{doc}\n\nIt is for a {}.\n",
        pattern.name.value, pattern.subject.value
    );
    parameters(sources, pattern, &mut out);
    requirements(sources, pattern, &mut out);
    out.push_str("\n**What is done**, one after another:\n\n");
    steps(sources, &pattern.body.statements, "", &mut out);
    let _ = write!(out, "\n**For example**\n\n```mig\n{example}\n```\n");
    Some(out)
}

fn parameters(sources: &Sources, pattern: &Pattern, out: &mut String) {
    if pattern.parameters.is_empty() {
        return;
    }
    out.push_str("\n| parameter | takes | default | what it is |\n|---|---|---|---|\n");
    for parameter in &pattern.parameters {
        let default = parameter.default.as_ref().map_or_else(
            || "required".to_owned(),
            |default| format!("`{}`", code(sources, default.span)),
        );
        let _ = writeln!(
            out,
            "| `{}` | {} | {default} | {} |",
            parameter.name.value,
            takes(parameter),
            prose(&parameter.doc)
        );
    }
}

/// `list of ratio`; the types have pages of their own.
fn takes(parameter: &Parameter) -> String {
    match &parameter.ty.argument {
        Some(inner) => format!("{} of {}", parameter.ty.name.value, inner.name.value),
        None => parameter.ty.name.value.to_string(),
    }
}

fn requirements(sources: &Sources, pattern: &Pattern, out: &mut String) {
    let mut found = Vec::new();
    collect(&pattern.body.statements, &mut found);
    if found.is_empty() {
        return;
    }
    out.push_str("\n**What it requires**\n\n");
    for (condition, message) in found {
        let condition = code(sources, condition.span);
        let message = code(sources, message.span);
        let message = message.trim_matches('"').replace("${", "").replace('}', "");
        let _ = writeln!(out, "- `{condition}`: {message}");
    }
}

fn collect<'a>(
    statements: &'a [Statement],
    out: &mut Vec<(
        &'a ast::Expr,
        &'a whimbrel_lang::Spanned<Vec<ast::StringPart>>,
    )>,
) {
    for statement in statements {
        match &statement.kind {
            StatementKind::Require { condition, message } => out.push((condition, message)),
            StatementKind::For { body, .. } => collect(&body.statements, out),
            _ => {}
        }
    }
}

/// The steps in their order; what repeats or goes side by side is set in.
fn steps(sources: &Sources, statements: &[Statement], indent: &str, out: &mut String) {
    let deeper = format!("{indent}  ");
    for statement in statements {
        match &statement.kind {
            StatementKind::For {
                variable,
                list,
                body,
            } => {
                let _ = writeln!(
                    out,
                    "{indent}- for each `{}` of `{}`:",
                    variable.value,
                    code(sources, list.span)
                );
                steps(sources, &body.statements, &deeper, out);
            }
            StatementKind::Plain(plain) => match (plain.keyword.value.as_str(), &plain.body) {
                ("together", ast::Body::Block(block)) => {
                    let _ = writeln!(out, "{indent}- side by side:");
                    steps(sources, &block.statements, &deeper, out);
                }
                (keyword, ast::Body::Block(block)) => {
                    let line = step(sources, statement, plain, keyword, &block.statements);
                    let _ = writeln!(out, "{indent}- {line}");
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// One step or gate in a line or two.
fn step(
    sources: &Sources,
    statement: &Statement,
    plain: &ast::Plain,
    keyword: &str,
    body: &[Statement],
) -> String {
    let says = |wanted: &str| {
        body.iter().find_map(|inner| match &inner.kind {
            StatementKind::Plain(plain) if plain.keyword.value == wanted => match &plain.body {
                ast::Body::Value { value, .. } => Some(code(sources, value.span)),
                _ => None,
            },
            _ => None,
        })
    };
    let name = plain
        .words
        .first()
        .map_or_else(String::new, |word| code(sources, word.span()));
    let name = name.trim_matches('"');
    let kind = says("kind").unwrap_or_else(|| keyword.to_owned());
    let mut out = format!("`{name}` ({kind}): {}", prose(statement.doc()));
    let mut facts: Vec<String> = Vec::new();
    for (attribute, words) in FACTS {
        if let Some(value) = says(attribute) {
            let value = shortened(&value);
            facts.push(format!("{words} {}", quoted([value.as_str()])));
        }
    }
    if says("irreversible").as_deref() == Some("true") {
        facts.push("there is no way back".to_owned());
    }
    if !facts.is_empty() {
        let _ = write!(out, " *{}.*", facts.join("; "));
    }
    out
}

/// What a page says of a step, and how.
const FACTS: &[(&str, &str)] = &[
    ("does", "does"),
    ("takes", "takes"),
    ("soak", "watched for"),
    ("verify", "checked by"),
    ("every", "every"),
    ("undo", "undone by"),
    ("undo_takes", "which takes"),
    ("approve", "decided by"),
    ("not_by", "not by"),
    ("when", "when"),
    ("within", "answered within"),
    ("owner", "owner"),
];

/// What a person is told to do is told by the doc comment already.
fn shortened(value: &str) -> String {
    if value.starts_with("manual(") {
        return "manual(…)".to_owned();
    }
    value.to_owned()
}
