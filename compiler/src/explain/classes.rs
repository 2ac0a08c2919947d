//! Reference classes of the standard library: published figures as values.

use std::fmt::Write as _;

use whimbrel_lang::Sources;
use whimbrel_lang::ast::{Statement, StatementKind};

use super::Topic;
use super::source::{self, code, first_sentence, split};

const FOLDER: &str = "classes";

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
        .strip_prefix("std.classes.")
        .or_else(|| topic.strip_prefix("class."))
        .unwrap_or(topic);
    let (sources, statement) = source::read(FOLDER, name)?;
    describe(&sources, &statement)
}

/// All of them on one page.
pub(super) fn reference() -> String {
    let mut out = String::from(
        "# The reference classes\n\nPublished figures as values: what a plan takes until it has \
         figures of its own. `use std.classes.{NAME, NAME}` brings them in. Each says what was \
         published and how the value follows from it.\n\n| class | value | what it is |\n|---|---|---|\n",
    );
    let all: Vec<(Sources, Statement)> = source::names(FOLDER)
        .iter()
        .filter_map(|name| source::read(FOLDER, name))
        .collect();
    for (sources, statement) in &all {
        if let StatementKind::Let { name, value, .. } = &statement.kind {
            let name = &name.value;
            let value = code(sources, value.span);
            let doc = first_sentence(statement);
            let _ = writeln!(out, "| [{name}](#{name}) | `{value}` | {doc} |");
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
    let StatementKind::Let { name, .. } = &statement.kind else {
        return None;
    };
    let (doc, example) = split(statement.doc());
    let value = code(sources, statement.span);
    Some(format!(
        "# {}\n\n{doc}\n\n```mig\n{value}\n```\n\n**For example**\n\n```mig\n{example}\n```\n",
        name.value
    ))
}
