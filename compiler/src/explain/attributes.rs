//! Attributes: `service.traffic`, `migration.objective.rto`.

use std::fmt::Write as _;

use super::{Topic, bounds, sentence};
use crate::schema::{self, Attribute, Block};

pub(super) fn topics() -> Vec<Topic> {
    let rows = |(path, block): (String, &'static Block)| {
        let rows = block.attributes.iter();
        rows.map(move |row| Topic::new(format!("{path}.{}", row.name), row.doc))
    };
    schema::all().into_iter().flat_map(rows).collect()
}

/// The page of an attribute, by its path or by the end of its path where that is enough.
pub(super) fn page(topic: &str) -> Option<String> {
    let (path, name) = topic.rsplit_once('.')?;
    let end = format!(".{path}");
    let blocks = schema::all();
    let exact = blocks.iter().find(|(known, _)| known == path);
    let (path, block) = exact.or_else(|| {
        let mut near = blocks.iter().filter(|(known, _)| known.ends_with(&end));
        let first = near.next()?;
        near.all(|(_, other)| std::ptr::eq(*other, first.1))
            .then_some(first)
    })?;
    Some(describe(
        &format!("{path}.{name}"),
        block,
        block.attribute(name)?,
    ))
}

fn describe(path: &str, block: &Block, row: &Attribute) -> String {
    let mut out = format!("# {path}\n\n{}.\n", sentence(row.doc));
    let _ = write!(
        out,
        "\n```mig\n{} {{ {} }}\n```\n\n",
        block.example_head(),
        row.example_line()
    );
    let mut tell = |what: &str, text: &str| {
        let _ = writeln!(out, "- {what}: {text}");
    };
    tell("takes", &row.ty.to_string());
    if let Some(what) = row.certain {
        tell("no distribution", &format!("{what} is certain"));
    }
    match (row.required, row.default, row.otherwise) {
        (true, ..) => tell("must be given", "it has no default"),
        (_, Some(default), _) => tell("default", &format!("`{default}`")),
        (_, _, Some(words)) => tell("left out", words),
        _ => tell("left out", "nothing is said of it"),
    }
    if let Some(limits) = bounds::limits(row) {
        tell("bounds", &limits);
    }
    if row.name == "evidence" {
        tell(
            "reports",
            "facts that are observed or guessed are marked wherever a finding rests on them",
        );
    } else if block.attribute("evidence").is_some() {
        tell("evidence", "declared, unless the relation says otherwise");
    }
    out
}
