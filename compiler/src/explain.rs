//! Pages on request: a rule, a block, an attribute, a verb, a pattern, the checklist.
//!
//! Everything but the rules' pages is made from the tables that check plans.

use std::fmt::Write as _;

use crate::analysis::checklist;
use crate::modules::{standard_names, standard_text};
use crate::rules;
use crate::schema::{self, Attribute, Block, Family, VERBS, Words};

/// The page of a topic, in Markdown: a rule's code or name, a block (`service`, `service.calls`),
/// an attribute (`service.traffic`), a verb (`traffic.shift`), a pattern (`strangler_fig`),
/// `plan`, `verbs` or `checklist`.
#[must_use]
pub fn explain(topic: &str) -> Option<String> {
    match topic {
        "checklist" => return Some(checklist::explain()),
        "plan" => return Some(plan()),
        "verbs" => return Some(verbs()),
        _ => {}
    }
    if let Some(rule) = rules::find(topic) {
        return Some(rule.page.to_owned());
    }
    let blocks = schema::all();
    if let Some((path, block)) = blocks.iter().find(|(path, _)| path == topic) {
        return Some(block_page(path, block));
    }
    if let Some((path, row)) = attribute(&blocks, topic) {
        return Some(attribute_page(&path, row));
    }
    if let Some(verb) = schema::verb(topic) {
        return Some(verb_page(verb));
    }
    standard_text(&format!("patterns/{topic}.mig"))
        .map(|text| format!("# {topic}\n\n```mig\n{text}```\n"))
}

/// Every topic [`explain`] knows.
#[must_use]
pub fn topics() -> Vec<String> {
    let mut out = vec![
        "plan".to_owned(),
        "checklist".to_owned(),
        "verbs".to_owned(),
    ];
    for (path, block) in schema::all() {
        out.extend(
            block
                .attributes
                .iter()
                .map(|row| format!("{path}.{}", row.name)),
        );
        out.push(path);
    }
    out.extend(VERBS.iter().map(|verb| verb.name.to_owned()));
    out.extend(standard_names("patterns"));
    for rule in rules::RULES {
        out.push(rule.code.number.to_owned());
        out.push(rule.code.name.to_owned());
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn attribute(
    blocks: &[(String, &'static Block)],
    topic: &str,
) -> Option<(String, &'static Attribute)> {
    let (path, name) = topic.rsplit_once('.')?;
    let (_, block) = blocks.iter().find(|(known, _)| known == path)?;
    Some((topic.to_owned(), block.attribute(name)?))
}

fn plan() -> String {
    let mut out = String::from("# A plan\n\nA plan file takes these blocks.\n\n");
    for block in schema::TOP {
        let _ = writeln!(out, "- `{}`: {}", block.keyword, block.doc);
    }
    out
}

fn words(block: &Block) -> String {
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

fn block_page(path: &str, block: &Block) -> String {
    let mut out = format!("# {path}\n\n{}.\n\n", sentence(block.doc));
    let _ = writeln!(out, "```mig\n{} {{ … }}\n```", words(block));
    if !block.attributes.is_empty() {
        out.push_str("\n| attribute | takes | default | what it is |\n|---|---|---|---|\n");
    }
    for row in block.attributes {
        let default = match (row.required, row.default) {
            (true, _) => "required".to_owned(),
            (false, Some(default)) => default.to_owned(),
            (false, None) => "–".to_owned(),
        };
        let takes = row.ty.to_string().replace('|', "\\|");
        let _ = writeln!(
            out,
            "| `{}` | {takes} | {default} | {} |",
            row.name, row.doc
        );
    }
    if !block.blocks.is_empty() {
        out.push_str("\nInside it:\n\n");
    }
    for inner in block.blocks {
        let _ = writeln!(out, "- `{}`: {}", words(inner), inner.doc);
    }
    out
}

fn attribute_page(path: &str, row: &Attribute) -> String {
    let mut out = format!(
        "# {path}\n\n{}.\n\nIt takes {}.\n",
        sentence(row.doc),
        row.ty
    );
    if row.required {
        out.push_str("\nIt must be given.\n");
    }
    if let Some(default) = row.default {
        let _ = writeln!(out, "\nDefault: {default}.");
    }
    out
}

fn verbs() -> String {
    let mut out = String::from(
        "# Verbs\n\nWhat steps can do. The first argument is the thing the pattern moves.\n\n",
    );
    for verb in VERBS {
        let _ = writeln!(out, "- `{}`: {}", signature(verb), verb.doc);
    }
    out
}

fn signature(verb: &schema::Verb) -> String {
    let mut parts: Vec<String> = Vec::new();
    if verb.subject {
        parts.push("it".to_owned());
    }
    for parameter in verb.parameters {
        let mark = if parameter.required { "" } else { "?" };
        parts.push(format!("{}{mark}: …", parameter.name));
    }
    format!("{}({})", verb.name, parts.join(", "))
}

fn verb_page(verb: &schema::Verb) -> String {
    let mut out = format!("# {}\n\n{}.\n\n", verb.name, sentence(verb.doc));
    let _ = writeln!(out, "```mig\n{}\n```\n", signature(verb));
    for parameter in verb.parameters {
        let need = if parameter.required {
            "required"
        } else {
            "may be left out"
        };
        let _ = writeln!(out, "- `{}`: {}, {need}", parameter.name, parameter.ty);
    }
    let who = match (verb.family, verb.family.attribute()) {
        (Family::Person, _) => "A person carries it out.".to_owned(),
        (_, Some(attribute)) => format!("The executor named by `{attribute}` carries it out."),
        (_, None) => "The `bash` executor carries it out.".to_owned(),
    };
    let _ = writeln!(out, "{who}");
    out
}

fn sentence(doc: &str) -> String {
    let mut characters = doc.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}
