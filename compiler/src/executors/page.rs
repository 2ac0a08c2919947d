//! The page of a standard executor, made from its own file.

use std::fmt::Write as _;

use whimbrel_lang::Sources;

use crate::check::object::Object;
use crate::check::typed::Typed;
use crate::modules::{standard_executors, standard_text};
use crate::top::{self, Chosen};

/// The page of a standard executor, in Markdown.
pub(crate) fn page(name: &str) -> Option<String> {
    let (sources, object) = read(name)?;
    let mut out = format!("# {name}\n");
    if let Some(doc) = &object.doc {
        let _ = write!(out, "\n{doc}\n");
    }
    out.push('\n');
    let _ = writeln!(out, "Verified: {}.", choice(&object, "verified"));
    for (attribute, lead) in [("engines", "Serves"), ("measures", "Measures")] {
        let words = listed(object.get(attribute));
        if !words.is_empty() {
            let _ = writeln!(out, "{lead} {words}.");
        }
    }
    if object.flag("queries") == Some(true) {
        out.push_str("Runs the queries of a plan's own measures.\n");
    }
    verbs(&object, &mut out);
    settings(&object, &sources, &mut out);
    files(&object, &mut out);
    Some(out)
}

/// The standard executors that carry out a verb.
pub(crate) fn carriers(verb: &str) -> Vec<String> {
    let carries = |name: &String| {
        let Some((_, object)) = read(name) else {
            return false;
        };
        object.children("verb").any(|known| known.name() == verb)
    };
    standard_executors().into_iter().filter(carries).collect()
}

fn read(name: &str) -> Option<(Sources, Object)> {
    let path = format!("executors/{name}/executor.mig");
    let mut sources = Sources::default();
    let id = sources.add(&path, standard_text(&path)?);
    let parsed = whimbrel_lang::parse(&sources, id);
    let top = top::read(&[(id, parsed.file)], Chosen::default(), &mut Vec::new());
    let mut objects = top.objects.into_iter();
    let object = objects.find(|object| object.name() == name)?;
    Some((sources, object))
}

fn verbs(object: &Object, out: &mut String) {
    out.push_str("\n| verb | check | undo | dry run | requires |\n|---|---|---|---|---|\n");
    for verb in object.children("verb") {
        let mark = |role| {
            if verb.get(role).is_some() {
                "yes"
            } else {
                "–"
            }
        };
        let requires = listed(verb.get("requires"));
        let requires = if requires.is_empty() {
            "–"
        } else {
            &requires
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {requires} |",
            verb.name(),
            mark("check"),
            mark("undo"),
            mark("dry_run")
        );
    }
}

fn settings(object: &Object, sources: &Sources, out: &mut String) {
    out.push_str("\n| setting | type | default | what it is |\n|---|---|---|---|\n");
    for setting in object.children("setting") {
        let written = setting.attributes.get("default").map(|given| {
            let text = sources.slice(given.span);
            let value = text.split_once('=').map_or(text, |(_, value)| value);
            format!("`{}`", value.trim())
        });
        let doc = setting
            .doc
            .as_deref()
            .unwrap_or_default()
            .replace('\n', " ");
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {doc} |",
            setting.name(),
            choice(setting, "type"),
            written.as_deref().unwrap_or("required")
        );
    }
}

fn files(object: &Object, out: &mut String) {
    let names: Vec<String> = object
        .children("file")
        .map(|file| format!("`{}`", file.name()))
        .collect();
    if !names.is_empty() {
        let _ = writeln!(out, "\nWrites {} for the whole plan.", names.join(", "));
    }
}

fn choice(object: &Object, name: &str) -> &'static str {
    match object.get(name) {
        Some(Typed::Choice(word)) => word,
        _ => "",
    }
}

fn listed(typed: Option<&Typed>) -> String {
    let quoted = |word: &str| format!("`{word}`");
    let words: Vec<String> = match typed {
        Some(Typed::Texts(words)) => words.iter().map(|word| quoted(word)).collect(),
        Some(Typed::Choices(words)) => words.iter().map(|word| quoted(word)).collect(),
        _ => Vec::new(),
    };
    words.join(", ")
}
