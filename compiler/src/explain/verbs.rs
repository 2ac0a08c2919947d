//! Verbs: what a step can do.

use std::fmt::Write as _;

use super::{Topic, quoted, sentence};
use crate::executors;
use crate::schema::{self, Family, VERBS, Verb};

pub(super) fn topics() -> Vec<Topic> {
    VERBS
        .iter()
        .map(|verb| Topic::new(verb.name, verb.doc))
        .collect()
}

pub(super) fn page(topic: &str) -> Option<String> {
    schema::verb(topic).map(describe)
}

/// All of them, in a line each.
pub(super) fn all() -> String {
    let mut out = String::from(
        "# Verbs\n\nWhat steps can do. The first argument, `it`, is the thing the pattern moves; \
         `?` marks what may be left out.\n\n",
    );
    for verb in VERBS {
        let _ = writeln!(out, "- `{}`: {}", signature(verb), verb.doc);
    }
    out
}

fn signature(verb: &Verb) -> String {
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

/// A step that does it, with every parameter given.
fn example(verb: &Verb) -> String {
    let subject = match verb.family {
        Family::Data => "datastore",
        Family::Queue => "queue",
        Family::Cache | Family::Session => "cache",
        _ => "service",
    };
    let mut parts: Vec<String> = Vec::new();
    if verb.subject {
        parts.push(subject.to_owned());
    }
    for parameter in verb.parameters {
        let value = match (parameter.name, parameter.ty) {
            ("script" | "file", _) => "\"ops/step.sh\"".to_owned(),
            (_, ty) => ty.example(),
        };
        parts.push(format!("{}: {value}", parameter.name));
    }
    format!("step act {{ does = {}({}) }}", verb.name, parts.join(", "))
}

fn describe(verb: &Verb) -> String {
    let mut out = format!("# {}\n\n{}.\n\n", verb.name, sentence(verb.doc));
    let _ = writeln!(out, "```mig\n{}\n```\n", example(verb));
    for parameter in verb.parameters {
        let need = if parameter.required {
            "required"
        } else {
            "may be left out"
        };
        let _ = writeln!(out, "- `{}`: {}, {need}", parameter.name, parameter.ty);
    }
    if !verb.parameters.is_empty() {
        out.push('\n');
    }
    let who = match (verb.family, verb.family.attribute()) {
        (Family::Person, _) => "A person carries it out.".to_owned(),
        (_, Some(attribute)) => format!(
            "The executor named by `{attribute}` of the platform or instance carries it out."
        ),
        (_, None) => "The `bash` executor carries it out.".to_owned(),
    };
    let _ = writeln!(
        out,
        "{who} A step that does it is of kind `{}`, unless it says otherwise.",
        verb.kind
    );
    let carriers = executors::carriers(verb.name);
    if !carriers.is_empty() {
        let names = quoted(carriers.iter().map(String::as_str));
        let _ = writeln!(out, "\nIn the standard library: {names}.");
    }
    out
}
