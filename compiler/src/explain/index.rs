//! The index: what there is to explain.

use std::fmt::Write as _;

use super::{SECTIONS, Topic, verbs};

/// Names longer than this do not widen the column of names.
const COLUMN: usize = 24;

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
        let _ = write!(page, "\n## {title}\n\n```text\n");
        for topic in (section.topics)() {
            let name = &topic.name;
            let width = COLUMN.max(name.len());
            let _ = writeln!(page, "{name:width$}  {}", topic.doc);
        }
        page.push_str("```\n");
    }
    page
}
