//! Patterns of the standard library: their text, which is their documentation.

use super::Topic;
use crate::modules::{standard_names, standard_text};

pub(super) fn topics() -> Vec<Topic> {
    let names = standard_names("patterns").into_iter();
    names
        .map(|name| Topic::new(name.clone(), first_sentence(&text(&name))))
        .collect()
}

pub(super) fn page(topic: &str) -> Option<String> {
    let text = standard_text(&format!("patterns/{topic}.mig"))?;
    Some(format!("# {topic}\n\n```mig\n{text}```\n"))
}

fn text(name: &str) -> String {
    standard_text(&format!("patterns/{name}.mig")).map_or_else(String::new, Into::into)
}

/// What the doc comment of a file says first, in lower case and without its full stop.
pub(super) fn first_sentence(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("##"));
    let doc = lines.map(str::trim).collect::<Vec<_>>().join(" ");
    let first = doc
        .split_once(". ")
        .map_or(doc.as_str(), |(first, _)| first);
    let mut characters = first.trim_end_matches('.').chars();
    characters.next().map_or_else(String::new, |initial| {
        initial.to_lowercase().chain(characters).collect()
    })
}
