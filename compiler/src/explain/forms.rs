//! Fixed forms of the language: `use`, `for`, `waive`.

use super::{Topic, sentence};
use crate::schema::{FORMS, Form};

pub(super) fn topics() -> Vec<Topic> {
    let forms = FORMS.iter();
    forms
        .map(|form| Topic::new(form.keyword, form.doc))
        .collect()
}

pub(super) fn page(topic: &str) -> Option<String> {
    FORMS
        .iter()
        .find(|form| form.keyword == topic)
        .map(describe)
}

pub(super) fn describe(form: &Form) -> String {
    format!(
        "# {}\n\n{}.\n\n```text\n{}\n```\n\n{}\n\n```mig\n{}\n```\n",
        form.keyword,
        sentence(form.doc),
        form.shape,
        form.more,
        form.example
    )
}
