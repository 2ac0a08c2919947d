//! What stands in expressions: distributions, functions, parts of a list; and what conditions
//! measure.

use super::{Topic, sentence};
use crate::schema::{DISTRIBUTIONS, FUNCTIONS, LIST_PARTS, MEASURES, Term};

fn of(terms: &[Term]) -> Vec<Topic> {
    terms
        .iter()
        .map(|term| Topic::new(term.name, term.doc))
        .collect()
}

pub(super) fn distributions() -> Vec<Topic> {
    of(DISTRIBUTIONS)
}

pub(super) fn distribution_page(topic: &str) -> Option<String> {
    let term = crate::schema::distribution(topic)?;
    Some(format!(
        "# {}\n\nA distribution: {}. It goes wherever an uncertain value goes.\n\n```mig\nlet some = {}\n```\n",
        term.name, term.doc, term.example
    ))
}

pub(super) fn functions() -> Vec<Topic> {
    of(FUNCTIONS)
}

pub(super) fn function_page(topic: &str) -> Option<String> {
    let term = FUNCTIONS.iter().find(|term| term.name == topic)?;
    Some(format!(
        "# {}\n\n{}.\n\n```text\n{}\n```\n",
        term.name,
        sentence(term.doc),
        term.example
    ))
}

pub(super) fn parts() -> Vec<Topic> {
    LIST_PARTS
        .iter()
        .map(|term| Topic::new(format!("list.{}", term.name), term.doc))
        .collect()
}

pub(super) fn part_page(topic: &str) -> Option<String> {
    let name = topic.strip_prefix("list.")?;
    let term = LIST_PARTS.iter().find(|term| term.name == name)?;
    Some(format!(
        "# {topic}\n\nOf a list, {}.\n\n```text\n{}\n```\n",
        term.doc, term.example
    ))
}

pub(super) fn measures() -> Vec<Topic> {
    MEASURES
        .iter()
        .map(|row| Topic::new(row.name, row.doc))
        .collect()
}

pub(super) fn measure_page(topic: &str) -> Option<String> {
    let row = MEASURES.iter().find(|row| row.name == topic)?;
    let limit = row.ty.example();
    Some(format!(
        "# {}\n\nA measure: {}. It is compared with {}, in the `when` of a gate or a trigger.\n\n\
         ```mig\ntrigger limit {{ when = {} > {limit} }}\n```\n",
        row.name, row.doc, row.ty, row.name
    ))
}

/// A table of each for the reference.
pub(super) fn tables() -> Vec<String> {
    let table = |title: &str, rows: Vec<(String, &str)>| {
        let rows: String = rows
            .into_iter()
            .map(|(written, doc)| format!("| `{written}` | {doc} |\n"))
            .collect();
        format!("# {title}\n\n| written | is |\n|---|---|\n{rows}")
    };
    let terms = |terms: &'static [Term]| {
        terms
            .iter()
            .map(|term| (term.example.to_owned(), term.doc))
            .collect()
    };
    let measured = MEASURES
        .iter()
        .map(|row| (format!("{} > {}", row.name, row.ty.example()), row.doc))
        .collect();
    vec![
        table("distributions", terms(DISTRIBUTIONS)),
        table("functions", terms(FUNCTIONS)),
        table("parts of a list", terms(LIST_PARTS)),
        table("measures", measured),
    ]
}
