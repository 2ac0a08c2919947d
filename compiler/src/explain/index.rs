//! The index: what there is to explain.

use std::fmt::Write as _;

use super::{SECTIONS, Topic, verbs};

pub(super) fn topics() -> Vec<Topic> {
    vec![
        Topic::new("plan", "this list"),
        Topic::new("verbs", "every verb with its arguments"),
    ]
}

pub(super) fn page(topic: &str) -> Option<String> {
    match topic {
        "plan" => Some(index()),
        "verbs" => Some(verbs::all()),
        _ => None,
    }
}

fn index() -> String {
    let mut page = String::from(
        "# What there is to explain\n\n\
         `whimbrel explain TOPIC` shows a page. Attributes are explained by their path, such as \
         `service.traffic`, and rules by their code or name, such as `MG0301`; `whimbrel rules` \
         lists those.\n",
    );
    for section in SECTIONS {
        let Some(title) = section.title else {
            continue;
        };
        let _ = write!(page, "\n## {title}\n\n| | |\n|---|---|\n");
        for topic in (section.topics)() {
            let doc = topic.doc.replace('|', "\\|");
            let _ = writeln!(page, "| {} | {doc} |", topic.name);
        }
    }
    page
}
