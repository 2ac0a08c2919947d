//! Executors: the contract of a folder, and a page for each of the standard library.

use std::fmt::Write as _;

use super::source::first_sentence_of;
use super::{Topic, blocks};
use crate::executors;
use crate::modules::{standard_executors, standard_text};
use crate::schema::{self, GivenTo};

pub(super) fn topics() -> Vec<Topic> {
    let contract = Topic::new("executors", "what an executor's folder holds");
    let mut topics = vec![contract];
    topics.extend(standard_executors().into_iter().map(|name| {
        let text = standard_text(&format!("executors/{name}/executor.mig"));
        Topic::new(name, first_sentence_of(text.unwrap_or_default()))
    }));
    topics
}

pub(super) fn page(topic: &str) -> Option<String> {
    if topic == "executors" {
        return Some(contract());
    }
    executors::page(topic)
}

/// All pages as one, in Markdown: the contract, then each executor of the standard library.
#[must_use]
pub fn executor_reference() -> String {
    let mut out = contract();
    for page in standard_executors().iter().filter_map(|name| page(name)) {
        let _ = write!(out, "\n{}\n", page.trim_end().replacen("# ", "## ", 1));
    }
    out
}

/// The contract of an executor's folder, and the ones of the standard library.
fn contract() -> String {
    let mut out = String::from(
        "# Executors\n\nAn executor is a folder with a file `executor.mig` and the templates that \
         it names: in the standard library, or `executors/NAME/` beside the plan. A platform or an \
         instance names one for each family of verbs: `traffic = haproxy()`. Where both have one of \
         a name, the project's own is taken, and a note says so.\n",
    );
    for (path, _) in schema::all() {
        if path == "executor" || path.starts_with("executor.") {
            let page = blocks::page(&path).unwrap_or_default();
            let _ = write!(out, "\n{}", page.replacen("# ", "## ", 1));
        }
    }
    meant(&mut out);
    given(&mut out);
    let names: Vec<String> = standard_executors();
    let names = super::quoted(names.iter().map(String::as_str));
    let _ = writeln!(out, "\n## In the standard library\n\n{names}.");
    out
}

fn meant(out: &mut String) {
    out.push_str("\n## Settings with a meaning\n\nThese are read beside the templates.\n\n");
    out.push_str("| setting | type | read as |\n|---|---|---|\n");
    for (name, ty, meaning) in schema::MEANT_SETTINGS {
        let _ = writeln!(out, "| `{name}` | {ty} | {meaning} |");
    }
    let _ = writeln!(
        out,
        "| `…{}` | text | the name of an environment variable that must be set before a batch begins |",
        schema::VARIABLE_SUFFIX
    );
}

fn given(out: &mut String) {
    out.push_str(
        "\n## What templates may use\n\n| name | given to | what it is |\n|---|---|---|\n",
    );
    for (name, given, doc) in schema::TEMPLATE_VALUES {
        let given = match given {
            GivenTo::Scripts => "scripts",
            GivenTo::Files => "files",
            GivenTo::Both => "both",
        };
        let _ = writeln!(out, "| `{name}` | {given} | {doc} |");
    }
}
