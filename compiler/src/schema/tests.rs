//! The schema itself: every row says what it must, and what it says is true.

use std::rc::Rc;

use whimbrel_lang::ast::{Body, StatementKind};
use whimbrel_lang::{Diagnostic, Sources, Span, Spanned};

use super::{Attribute, Block, FORMS, Kind, TOP, VALUES, VERBS, all};
use crate::check::coerce;
use crate::check::eval::{Scope, eval};
use crate::check::names::Names;
use crate::check::object::Checker;
use crate::check::value::{Record, Value};
use crate::{Options, Provider, ReadError, compile};

const KINDS: &[Kind] = &[
    Kind::Platform,
    Kind::Team,
    Kind::Calendar,
    Kind::Window,
    Kind::Service,
    Kind::Instance,
    Kind::Datastore,
    Kind::Topic,
    Kind::Queue,
    Kind::Cache,
    Kind::Volume,
    Kind::External,
    Kind::Batch,
    Kind::Phase,
    Kind::Environment,
    Kind::Role,
    Kind::Trigger,
];

/// The names of the examples' world.
fn names(sources: &mut Sources) -> Names {
    let nowhere = Span::new(sources.add("world.mig", ""), 0, 0);
    let mut names = Names::default();
    for kind in KINDS {
        names.define(*kind, kind.example(), nowhere).unwrap();
    }
    names.define(Kind::Platform, "kubernetes", nowhere).unwrap();
    names.define(Kind::Service, "ledger", nowhere).unwrap();
    names
        .define(Kind::Table, "orders_db.customers", nowhere)
        .unwrap();
    names
}

/// What a pattern's body knows beside: the thing it moves.
fn inside_a_pattern() -> Scope {
    let name = Kind::Service.example().to_owned();
    let record = Record::new("service", name, rustc_hash::FxHashMap::default());
    Scope::default().bind("service", Value::Record(Rc::new(record)))
}

/// What is wrong with a value of a row.
fn refused(row: &Attribute, value: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let names = names(&mut sources);
    let id = sources.add("row.mig", format!("let value = {value}\n"));
    let parsed = whimbrel_lang::parse(&sources, id);
    let mut found: Vec<Diagnostic> = parsed.diagnostics;
    for statement in &parsed.file.statements {
        let StatementKind::Let { value, .. } = &statement.kind else {
            panic!("not a let");
        };
        let given = Spanned::new(eval(value, &inside_a_pattern(), &mut found), value.span);
        found.extend(coerce::attribute(row, &given, &names).err().map(|one| *one));
    }
    found.into_iter().map(|one| one.message).collect()
}

fn rows() -> impl Iterator<Item = (String, &'static Attribute)> {
    all().into_iter().flat_map(|(path, block)| {
        let rows = block.attributes.iter();
        rows.map(move |row| (format!("{path}.{}", row.name), row))
    })
}

#[test]
fn every_row_has_a_sentence() {
    let docs = rows()
        .map(|(path, row)| (path, row.doc))
        .chain(all().into_iter().map(|(path, block)| (path, block.doc)))
        .chain(FORMS.iter().map(|form| (form.keyword.to_owned(), form.doc)))
        .chain(
            VALUES
                .iter()
                .map(|value| (value.name.to_owned(), value.doc)),
        )
        .chain(VERBS.iter().map(|verb| (verb.name.to_owned(), verb.doc)));
    for (path, doc) in docs {
        let plain = doc.len() > 4 && doc.trim() == doc && !doc.ends_with('.');
        let lower = doc.starts_with(|first: char| !first.is_uppercase());
        assert!(plain && lower, "{path}: `{doc}`");
    }
}

#[test]
fn every_default_is_a_value_of_its_row() {
    for (path, row) in rows() {
        let ways = [row.required, row.default.is_some(), row.otherwise.is_some()];
        let said = ways.iter().filter(|said| **said).count();
        assert!(said <= 1, "{path} says in two ways what holds without it");
        if let Some(default) = row.default {
            assert_eq!(refused(row, default), [""; 0], "{path} = {default}");
        }
    }
}

#[test]
fn bounds_ascend_and_stand_on_what_has_an_order() {
    for (path, row) in rows() {
        let Some((low, high)) = row.bounds else {
            continue;
        };
        assert!(low < high, "{path}: {low}..{high}");
    }
}

/// An example outside its bounds, of the wrong type or with a name nobody defined teaches a
/// mistake.
#[test]
fn every_example_of_a_row_is_a_value_of_it() {
    for (path, row) in rows() {
        let example = row.example_value();
        assert_eq!(refused(row, &example), [""; 0], "{path} = {example}");
        assert_ne!(
            Some(example.as_str()),
            row.default,
            "{path} shows its default"
        );
    }
}

fn object(block: &'static Block, text: &str) -> Vec<String> {
    let mut sources = Sources::default();
    let names = names(&mut sources);
    let id = sources.add("block.mig", text);
    let parsed = whimbrel_lang::parse(&sources, id);
    let mut found = parsed.diagnostics;
    let statement = parsed.file.statements.first().unwrap();
    let StatementKind::Plain(plain) = &statement.kind else {
        panic!("{text}");
    };
    assert!(!matches!(plain.body, Body::Value { .. }), "{text}");
    let mut checker = Checker {
        names: &names,
        found: &mut found,
    };
    if let Some(object) = checker.object(block, statement, plain, &inside_a_pattern()) {
        checker.require(&object);
    }
    found.into_iter().map(|one| one.message).collect()
}

#[test]
fn every_example_of_a_block_is_one() {
    for (path, block) in all() {
        let example = block.example();
        assert_eq!(object(block, &example), [""; 0], "{path}: {example}");
    }
}

struct One<'a>(&'a str);

impl Provider for One<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match path {
            "plan.mig" => Ok(self.0.as_bytes().to_vec()),
            "inventory.mig" => Ok(Vec::new()),
            _ => Err(ReadError::NotFound),
        }
    }
}

/// Findings that the text cannot be read as it is meant.
fn misread(text: &str) -> Vec<String> {
    let options = Options::new(jiff::civil::date(2026, 11, 21));
    let families = ["MG00", "MG01", "MG02"];
    let found = compile(&One(text), "plan.mig", &options).diagnostics;
    found
        .into_iter()
        .filter(|one| {
            families
                .iter()
                .any(|family| one.code.number.starts_with(family))
        })
        .map(|one| one.message)
        .collect()
}

#[test]
fn every_example_of_a_form_stands_by_itself() {
    for form in FORMS {
        assert_eq!(misread(form.example), [""; 0], "{}", form.keyword);
        assert!(form.example.contains(form.keyword), "{}", form.keyword);
    }
}

#[test]
fn every_literal_is_one() {
    for value in VALUES {
        for example in value.examples {
            assert_eq!(
                misread(&format!("let it = {example}\n")),
                [""; 0],
                "{example}"
            );
        }
    }
}

/// The scanner knows by heart what may begin a statement of a file: that is what it recovers at.
#[test]
fn the_scanner_knows_the_words_that_begin_a_statement() {
    let mut known = whimbrel_lang::TOP_LEVEL_KEYWORDS.to_vec();
    known.sort_unstable();
    // A `for` stands in blocks and patterns too: in the first column it ends nothing.
    let forms = FORMS
        .iter()
        .filter(|form| form.top && form.keyword != "for")
        .map(|form| form.keyword);
    let blocks = TOP.iter().map(|block| block.keyword);
    let mut said: Vec<&str> = forms.chain(blocks).chain(["executor"]).collect();
    // A `table` in the first column ends what was open before it, and is told to move inside.
    said.push("table");
    said.sort_unstable();
    assert_eq!(known, said);
}
