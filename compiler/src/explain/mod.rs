//! Pages on request: a rule, a block, an attribute, a verb, a type, a keyword, a pattern, the
//! checklist.
//!
//! Everything but the rules' pages is made from the tables that check plans. A kind of topic is a
//! module here and one row of `SECTIONS`: finding a page, the index and the list behind
//! did-you-mean read that list and nothing else.

mod attributes;
mod blocks;
mod bounds;
mod classes;
mod executors;
mod expressions;
mod forms;
mod index;
mod patterns;
mod reference;
mod source;
mod values;
mod verbs;

pub use executors::executor_reference;
pub use reference::reference;

use crate::analysis::checklist;
use crate::rules;

/// Something there is a page for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// What one asks for.
    pub name: String,
    /// One sentence, without its full stop.
    pub doc: String,
}

impl Topic {
    fn new(name: impl Into<String>, doc: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            doc: doc.into(),
        }
    }
}

/// A kind of topic.
struct Section {
    /// Its heading in the index; `None` leaves it out, since there are too many.
    title: Option<&'static str>,
    /// What there is, in the order of the index.
    topics: fn() -> Vec<Topic>,
    /// The page of one of them.
    page: fn(&str) -> Option<String>,
}

/// Every kind of topic. Where two know a name, the earlier one has it.
static SECTIONS: &[Section] = &[
    Section {
        title: None,
        topics: index::topics,
        page: index::page,
    },
    Section {
        title: Some("The checklist"),
        topics: scoring,
        page: scoring_page,
    },
    Section {
        title: Some("What exists"),
        topics: blocks::existing,
        page: blocks::page,
    },
    Section {
        title: Some("What is to happen"),
        topics: blocks::happening,
        page: blocks::page,
    },
    Section {
        title: Some("Patterns and executors"),
        topics: blocks::library,
        page: blocks::page,
    },
    Section {
        title: Some("Inside blocks"),
        topics: blocks::nested,
        page: blocks::page,
    },
    Section {
        title: Some("Other statements"),
        topics: forms::topics,
        page: forms::page,
    },
    Section {
        title: Some("Types of values"),
        topics: values::topics,
        page: values::page,
    },
    Section {
        title: Some("Standard patterns"),
        topics: patterns::topics,
        page: patterns::page,
    },
    Section {
        title: Some("Reference classes"),
        topics: classes::topics,
        page: classes::page,
    },
    Section {
        title: Some("Distributions"),
        topics: expressions::distributions,
        page: expressions::distribution_page,
    },
    Section {
        title: Some("Functions"),
        topics: expressions::functions,
        page: expressions::function_page,
    },
    Section {
        title: Some("Parts of a list"),
        topics: expressions::parts,
        page: expressions::part_page,
    },
    Section {
        title: Some("Measures"),
        topics: expressions::measures,
        page: expressions::measure_page,
    },
    Section {
        title: Some("Standard executors"),
        topics: executors::topics,
        page: executors::page,
    },
    Section {
        title: Some("Verbs"),
        topics: verbs::topics,
        page: verbs::page,
    },
    Section {
        title: None,
        topics: attributes::topics,
        page: attributes::page,
    },
    Section {
        title: Some("Units"),
        topics: values::units,
        page: values::unit_page,
    },
    Section {
        title: None,
        topics: rule_topics,
        page: |topic| Some(rules::find(topic)?.page.to_owned()),
    },
];

/// The page of a topic, in Markdown: a rule's code or name, a block (`service`, `service.calls`),
/// an attribute (`service.traffic`), a verb (`traffic.shift`), a type or unit (`duration`, `wd`),
/// a statement (`for`), a pattern (`strangler_fig`), a reference class (`std.classes.service_cycle`),
/// a distribution (`pert`), a measure (`error_rate`), an executor (`haproxy`), `plan`, `verbs`,
/// `executors` or `checklist`.
#[must_use]
pub fn explain(topic: &str) -> Option<String> {
    SECTIONS.iter().find_map(|section| (section.page)(topic))
}

/// The standard patterns on one page.
#[must_use]
pub fn pattern_reference() -> String {
    patterns::reference()
}

/// The reference classes on one page.
#[must_use]
pub fn class_reference() -> String {
    classes::reference()
}

/// Every topic [`explain`] knows, by name.
#[must_use]
pub fn topics() -> Vec<String> {
    let mut names: Vec<String> = SECTIONS
        .iter()
        .flat_map(|section| (section.topics)())
        .map(|topic| topic.name)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn scoring() -> Vec<Topic> {
    vec![Topic::new(
        "checklist",
        "how the answers are scored and what the sum says",
    )]
}

/// The scoring tables, and how answers are declared.
fn scoring_page(topic: &str) -> Option<String> {
    if topic != "checklist" {
        return None;
    }
    let declared = blocks::page(topic)?;
    let declared = declared.replace("# checklist", "## Declared in a plan");
    Some(format!("{}\n{declared}", checklist::explain()))
}

fn rule_topics() -> Vec<Topic> {
    let of = |rule: &&rules::Rule| {
        [rule.code.number, rule.code.name].map(|name| Topic::new(name, rule.summary))
    };
    rules::RULES
        .iter()
        .collect::<Vec<_>>()
        .iter()
        .flat_map(of)
        .collect()
}

/// What a page says first under `## What`: its first sentence, without the full stop.
#[must_use]
pub fn first_sentence(page: &str) -> String {
    let (_, what) = page.split_once("## What\n").unwrap_or_default();
    let what = what.split("\n\n").next().unwrap_or_default();
    let what = what.replace('\n', " ");
    let sentence = what.split(". ").next().unwrap_or_default();
    sentence.trim_end_matches('.').to_owned()
}

/// A sentence of the schema as a sentence of a page.
fn sentence(doc: &str) -> String {
    let mut characters = doc.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// Names as a list in a sentence, each in backticks.
fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::first_sentence;

    #[test]
    fn the_first_sentence_of_a_page_is_cut_out() {
        let page = "# X y\n\n## What\nOne, `a.mig`\nand two. Three.\n\n## Why\nA. B.\n";
        assert_eq!(first_sentence(page), "One, `a.mig` and two");
        assert_eq!(first_sentence("## What\nOnly one.\n"), "Only one");
    }
}
