//! Blocks and relations: `service`, `service.calls`.

use std::fmt::Write as _;
use std::ptr;

use super::{Topic, bounds, quoted, sentence};
use crate::schema::{self, Attribute, Block, Words};

/// The blocks that say what exists.
pub(super) fn existing() -> Vec<Topic> {
    named(schema::groups().0)
}

/// The blocks that say what is to happen.
pub(super) fn happening() -> Vec<Topic> {
    named(schema::groups().1)
}

/// The blocks of patterns and executors.
pub(super) fn library() -> Vec<Topic> {
    let mut topics = named(schema::PATTERN_BODY);
    topics.extend(named(&[schema::EXECUTOR]));
    topics
}

/// The blocks that stand inside others, each by its own keyword or by its path.
pub(super) fn nested() -> Vec<Topic> {
    let paths = schema::all()
        .into_iter()
        .filter(|(path, _)| path.contains('.'));
    paths
        .map(|(path, block)| Topic::new(path, block.doc))
        .collect()
}

fn named(blocks: &[&Block]) -> Vec<Topic> {
    let topics = blocks.iter();
    topics
        .map(|block| Topic::new(block.keyword, block.doc))
        .collect()
}

/// The page of a block: by its path, or by its keyword where one block alone has it.
pub(super) fn page(topic: &str) -> Option<String> {
    let blocks = schema::all();
    if let Some((path, block)) = blocks.iter().find(|(path, _)| path == topic) {
        return Some(describe(path, block));
    }
    let end = format!(".{topic}");
    let mut found = blocks.iter().filter(|(path, _)| path.ends_with(&end));
    let (path, block) = found.next()?;
    let mut several = false;
    for (_, other) in found {
        if !ptr::eq(*other, *block) {
            return None;
        }
        several = true;
    }
    let title = if several { topic } else { path };
    Some(describe(title, block))
}

/// Where a block may stand, as the paths of the blocks around it.
pub(super) fn places(block: &Block) -> Vec<String> {
    let found = schema::all().into_iter();
    let mut places: Vec<String> = found
        .filter(|(_, other)| ptr::eq(*other, block))
        .filter_map(|(path, _)| Some(path.rsplit_once('.')?.0.to_owned()))
        .collect();
    places.sort();
    places
}

/// `calls SERVICE`
pub(super) fn head(block: &Block) -> String {
    match block.words {
        Words::None => block.keyword.to_owned(),
        Words::Name | Words::StepName => format!("{} NAME", block.keyword),
        Words::Address => format!("{} \"HOST:PORT\"", block.keyword),
        Words::Arrow(_) => format!("{} A -> B", block.keyword),
        Words::Reference(kinds) => {
            let kinds: Vec<&str> = kinds.iter().map(|kind| kind.keyword()).collect();
            format!("{} {}", block.keyword, kinds.join("|").to_uppercase())
        }
    }
}

pub(super) fn describe(title: &str, block: &Block) -> String {
    let mut out = format!("# {title}\n\n{}.\n", sentence(block.doc));
    let _ = write!(out, "\n```mig\n{}\n```\n", block.example());
    let place = standing(block);
    if !place.is_empty() {
        let _ = write!(out, "\n{place}\n");
    }
    if !block.attributes.is_empty() {
        out.push_str("\n| attribute | takes | default | what it is |\n|---|---|---|---|\n");
    }
    for row in block.attributes {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} |",
            row.name,
            takes(row).replace('|', "\\|"),
            left_out(row),
            row.doc
        );
    }
    if !block.blocks.is_empty() {
        out.push_str("\nInside it:\n\n");
    }
    for inner in block.blocks {
        let _ = writeln!(out, "- `{}`: {}", head(inner), inner.doc);
    }
    out
}

/// Where it stands, how often, and how its fact is known.
fn standing(block: &Block) -> String {
    let mut said = Vec::new();
    let own = [schema::TOP, schema::PATTERN_BODY].concat();
    let top = own.iter().any(|other| ptr::eq(*other, block));
    let places = places(block);
    if !top && !places.is_empty() {
        said.push(format!(
            "It stands inside {}.",
            quoted(places.iter().map(String::as_str))
        ));
    }
    if !block.repeats {
        said.push("There is at most one.".to_owned());
    }
    if block.attribute("evidence").is_some() {
        said.push(
            "The fact counts as declared, unless `evidence` says how else it is known.".to_owned(),
        );
    }
    said.join(" ")
}

/// The type of a row, with the bounds that are worth a word.
fn takes(row: &Attribute) -> String {
    match bounds::notable(row) {
        Some(limits) => format!("{}; {limits}", row.ty),
        None => row.ty.to_string(),
    }
}

/// What holds when a row is left out.
fn left_out(row: &Attribute) -> String {
    match (row.required, row.default, row.otherwise) {
        (true, ..) => "required".to_owned(),
        (_, Some(default), _) => format!("`{default}`"),
        (_, _, Some(words)) => words.to_owned(),
        _ => "–".to_owned(),
    }
}
