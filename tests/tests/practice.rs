//! The page that maps the practice to the language is true: every row is there, what it names
//! exists, and so do the tests it names.
#![expect(
    clippy::disallowed_methods,
    reason = "tests read the repository's files"
)]

use std::path::{Path, PathBuf};

use whimbrel_compiler::{rules, schema};

const PAGE: &str = include_str!("../../docs/practice.md");

/// Tables and their numbers of rows.
const ROWS: &[(char, usize)] = &[('B', 5), ('C', 21), ('D', 11), ('E', 7)];

struct Row<'a> {
    id: &'a str,
    said: Vec<&'a str>,
    used: Vec<(&'a str, &'a str)>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What stands between backquotes.
fn spans(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// `` [`name`](file) ``
fn links(cell: &str) -> Vec<(&str, &str)> {
    cell.split("[`")
        .skip(1)
        .filter_map(|rest| rest.split_once("`]("))
        .filter_map(|(name, rest)| Some((name, rest.split_once(')')?.0)))
        .collect()
}

fn rows() -> Vec<Row<'static>> {
    let cells = |line: &'static str| -> Vec<&'static str> { line.split(" | ").collect() };
    PAGE.lines()
        .filter_map(|line| line.strip_prefix("| "))
        .map(cells)
        .filter_map(|cells| match cells.as_slice() {
            [id, _, said, used] if *id != "row" => Some(Row {
                id,
                said: spans(said),
                used: links(used),
            }),
            _ => None,
        })
        .collect()
}

/// A pattern or one of its parameters, or a class.
fn is_in_library(name: &str) -> bool {
    let (name, parameter) = match name.strip_suffix(')').and_then(|name| name.split_once('(')) {
        Some((name, parameter)) => (name, format!("\n  {parameter}: ")),
        None => (name, String::new()),
    };
    let file = root().join(format!("stdlib/{}.mig", name.replace('.', "/")));
    std::fs::read_to_string(file).is_ok_and(|text| text.contains(&parameter))
}

/// An attribute, a block or another statement, a part of the library, a rule, a verb or a command.
fn exists(construct: &str) -> bool {
    if let Some(name) = construct.strip_prefix("std.") {
        return is_in_library(name);
    }
    if let Some(name) = construct.strip_prefix("whimbrel ") {
        return root().join(format!("cli/src/commands/{name}.rs")).exists();
    }
    let (block, attribute) = construct.rsplit_once('.').unwrap_or((construct, ""));
    let is_row = schema::all().into_iter().any(|(path, row)| {
        path == construct || path == block && row.attribute(attribute).is_some()
    });
    let is_form = schema::FORMS.iter().any(|form| form.keyword == construct);
    let is_verb = construct != "manual" && schema::verb(construct).is_some();
    is_row || is_form || is_verb || rules::find(construct).is_some()
}

/// A test of that name, or a plan or page that has it.
fn is_there(name: &str, link: &str) -> bool {
    let Ok(text) = std::fs::read_to_string(root().join("docs").join(link)) else {
        return false;
    };
    match link.strip_suffix(".rs") {
        Some(_) => text.contains(&format!("fn {name}()")),
        None => text.contains(name),
    }
}

#[test]
fn every_row_of_the_practice_is_on_the_page_once() {
    let ids: Vec<&str> = rows().iter().map(|row| row.id).collect();
    for (table, count) in ROWS {
        for number in 1..=*count {
            let id = format!("{table}{number}");
            let found = ids.iter().filter(|found| **found == id).count();
            assert_eq!(found, 1, "{id}");
        }
    }
}

#[test]
fn what_the_page_names_exists() {
    let mut missing = Vec::new();
    for row in rows() {
        let id = row.id;
        assert!(!row.said.is_empty(), "{id} names no construct");
        assert!(!row.used.is_empty(), "{id} names no test");
        let said = row.said.iter().filter(|construct| !exists(construct));
        missing.extend(said.map(|construct| format!("{id}: `{construct}`")));
        let used = row.used.iter().filter(|(name, link)| !is_there(name, link));
        missing.extend(used.map(|(name, link)| format!("{id}: `{name}` in {link}")));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn what_is_not_there_is_told() {
    assert!(exists("migration.objective.rto") && exists("run") && exists("never-rehearsed"));
    for wrong in [
        "manual",
        "migration.objective.rtoo",
        "std.patterns.nothing",
        "std.patterns.dual_publish(duplicated)",
        "std.classes.dual_publish",
        "a-rule",
    ] {
        assert!(!exists(wrong), "{wrong}");
    }
    assert!(!is_there("no_such_test", "../tests/tests/practice.rs"));
    assert_eq!(rows().first().unwrap().id, "A1");
}
