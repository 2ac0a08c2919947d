//! The JSON schema of the plan text, from the schema table.

use serde_json::{Map, Value, json};

use super::expression::{self, Variables};
use super::shapes::{self, list, reference};
use super::{VERSION, forms};
use crate::schema::{self, Attribute, Block, Words};

/// The JSON schema of [`document`](super::document).
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let mut define = |name: &str, shape: Value| {
        definitions.insert(shapes::key(name), shape);
    };
    define("file", file());
    define("statement", statement());
    define("complete statement", complete());
    for (name, shape) in forms::all() {
        define(&name, shape);
    }
    for (name, block) in blocks() {
        define(&format!("{name} attributes"), attributes(block));
        define(&format!("{name} statement"), inner(&name, block));
        define(&format!("{name} for"), repeated(&name));
        define(&name, shape(&name, block));
    }
    for (name, shape) in shapes::literals().into_iter().chain(shapes::composed()) {
        define(name, shape);
    }
    define("act", shapes::act());
    define("expression", expression());
    define("argument", argument());
    define("given", given(&reference("expression")));
    define(
        "string",
        json!({ "anyOf": [reference("text"), reference("template")] }),
    );
    define(
        "named",
        json!({ "anyOf": [{ "type": "string" }, reference("template")] }),
    );
    define(
        "path",
        json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 }),
    );
    define("place", place());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Plan text",
        "description": "What the files of a plan say, as `whimbrel compile --emit ast` prints it",
        "type": "object",
        "properties": {
            "version": { "const": VERSION },
            "files": { "type": "array", "items": reference("file") },
        },
        "required": ["version", "files"],
        "$defs": definitions,
    })
}

/// Fixed forms that are statements of a file.
const FORM_NAMES: &[&str] = &[
    "use", "import", "let", "defaults", "for", "pattern", "waive", "scenario",
];

/// Every block once, by the name of its definition: its path, or its keyword where it stands in
/// several others.
pub(super) fn blocks() -> Vec<(String, &'static Block)> {
    let mut out: Vec<(String, &'static Block)> = Vec::new();
    let all = schema::all();
    for (path, block) in &all {
        if out.iter().any(|(_, known)| std::ptr::eq(*known, *block)) {
            continue;
        }
        let shared = all.iter().filter(|(_, other)| std::ptr::eq(*other, *block));
        let name = if shared.count() > 1 {
            block.keyword
        } else {
            path
        };
        out.push((name.to_owned(), block));
    }
    out
}

pub(super) fn name_of(block: &Block) -> String {
    let found = blocks().into_iter();
    found
        .filter(|(_, known)| std::ptr::eq(*known, block))
        .map(|(name, _)| name)
        .next()
        .unwrap_or_default()
}

fn at_the_top() -> Vec<&'static Block> {
    let top = schema::TOP.iter().copied();
    top.chain([schema::EXECUTOR]).collect()
}

/// The blocks by keyword and definition.
pub(super) fn cases(blocks: &[&Block]) -> Vec<(String, String)> {
    let blocks = blocks.iter();
    blocks
        .map(|block| (block.keyword.to_owned(), name_of(block)))
        .collect()
}

/// A statement that begins with one of these keywords, each with its definition.
pub(super) fn among(what: &str, named: &[(String, String)]) -> Value {
    let keywords: Vec<&str> = named.iter().map(|(keyword, _)| keyword.as_str()).collect();
    let cases: Vec<Value> = named
        .iter()
        .map(|(keyword, name)| when(keyword, &reference(name)))
        .collect();
    json!({
        "description": what,
        "type": "object",
        "properties": { "keyword": { "enum": keywords } },
        "required": ["keyword", "at"],
        "allOf": cases,
    })
}

/// Every statement that a file may have.
fn statement() -> Value {
    let mut named = cases(&at_the_top());
    for form in FORM_NAMES {
        named.push(((*form).to_owned(), form_name(form)));
    }
    among("a statement of a file", &named)
}

pub(super) fn form_name(keyword: &str) -> String {
    format!("{keyword} statement of a file")
}

pub(super) fn when(keyword: &str, then: &Value) -> Value {
    json!({ "if": { "properties": { "keyword": { "const": keyword } } }, "then": then })
}

/// A file: where it fills in defaults, its blocks may leave out what must be given.
fn file() -> Value {
    let fills_in = json!({ "properties": { "statements": {
        "contains": { "properties": { "keyword": { "const": "defaults" } } },
    } } });
    json!({
        "type": "object",
        "properties": {
            "path": { "type": "string" },
            "complete": {
                "const": true,
                "description": "whether everything in it could be read",
            },
            "statements": { "type": "array", "items": reference("statement") },
        },
        "required": ["path", "complete", "statements"],
        "additionalProperties": false,
        "if": { "not": fills_in },
        "then": { "properties": { "statements": { "items": reference("complete statement") } } },
    })
}

/// What must be given in the blocks of a file.
fn complete() -> Value {
    let mut cases: Vec<Value> = at_the_top()
        .into_iter()
        .filter_map(|block| Some(when(block.keyword, &required(block)?)))
        .collect();
    let again =
        json!({ "properties": { "statements": { "items": reference("complete statement") } } });
    cases.push(when("for", &again));
    json!({ "description": "what must be given", "allOf": cases })
}

/// That what must be given is; a `for` may give it too.
fn required(block: &Block) -> Option<Value> {
    let rows = block.attributes.iter().filter(|row| row.required);
    let names: Vec<&str> = rows.map(|row| row.name).collect();
    if names.is_empty() {
        return None;
    }
    let repeats = json!({ "contains": { "properties": { "keyword": { "const": "for" } } } });
    Some(json!({ "anyOf": [
        { "properties": { "attributes": { "required": names } } },
        { "properties": { "statements": repeats } },
    ] }))
}

/// What refers to something: its name, perhaps with variables.
fn named() -> Value {
    json!({ "anyOf": [reference("path"), reference("template")] })
}

fn shape(name: &str, block: &'static Block) -> Value {
    let mut properties = common(block.keyword);
    let words: &[(&str, Value)] = &match block.words {
        Words::None => vec![],
        Words::Name | Words::StepName => vec![("name", reference("named"))],
        Words::Address => vec![("address", reference("named"))],
        Words::Reference(_) => vec![("target", named())],
        Words::Arrow(_) => vec![("from", named()), ("to", named())],
    };
    let mut needed = vec!["keyword", "attributes", "statements", "at"];
    for (word, shape) in words {
        properties.insert((*word).to_owned(), shape.clone());
        needed.push(word);
    }
    let attributes = reference(&format!("{name} attributes"));
    let statements = json!({ "type": "array", "items": reference(&format!("{name} statement")) });
    properties.insert("attributes".to_owned(), attributes);
    properties.insert("statements".to_owned(), statements);
    let mut out = json!({
        "title": name,
        "description": block.doc,
        "type": "object",
        "properties": properties,
        "required": needed,
        "additionalProperties": false,
        "examples": [block.example()],
    });
    // What a file's defaults fill in is asked for by the file.
    let top = at_the_top().iter().any(|other| std::ptr::eq(*other, block));
    if let (false, Some(asked), Some(out)) = (top, required(block), out.as_object_mut()) {
        out.insert("allOf".to_owned(), json!([asked]));
    }
    out
}

/// What every statement has.
pub(super) fn common(keyword: &str) -> Map<String, Value> {
    let mut properties = Map::new();
    properties.insert("keyword".to_owned(), json!({ "const": keyword }));
    properties.insert("doc".to_owned(), json!({ "type": "string" }));
    properties.insert("at".to_owned(), reference("place"));
    properties
}

fn attributes(block: &Block) -> Value {
    let rows = block.attributes.iter();
    let properties: Map<String, Value> = rows
        .map(|row| (row.name.to_owned(), attribute(row)))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn attribute(row: &Attribute) -> Value {
    let mut out = given(&shapes::row(row));
    let takes = row.ty.to_string();
    let description = match row.otherwise {
        Some(words) => format!("{}; it takes {takes}; left out: {words}", row.doc),
        None => format!("{}; it takes {takes}", row.doc),
    };
    if let Some(fields) = out.as_object_mut() {
        fields.insert("title".to_owned(), row.name.into());
        fields.insert("description".to_owned(), description.into());
        if let Some(default) = row.default.and_then(written) {
            fields.insert("default".to_owned(), default);
        }
        if let Some(example) = written(&row.example_value()) {
            fields.insert("examples".to_owned(), json!([example]));
        }
    }
    out
}

/// A value as an attribute has it, from how one writes it.
fn written(text: &str) -> Option<Value> {
    let mut sources = whimbrel_lang::Sources::default();
    let id = sources.add("row.mig", format!("let it = {text}\n"));
    let parsed = whimbrel_lang::parse(&sources, id);
    let statement = parsed.file.statements.first()?;
    match &statement.kind {
        whimbrel_lang::ast::StatementKind::Let { value, .. } => {
            let value = expression::value(value, &sources, &Variables::default());
            Some(json!({ "value": value }))
        }
        _ => None,
    }
}

fn given(value: &Value) -> Value {
    json!({
        "type": "object",
        "properties": {
            "value": value,
            "because": reference("string"),
            "doc": { "type": "string" },
            "at": reference("place"),
        },
        "required": ["value"],
        "additionalProperties": false,
    })
}

/// The statements of a block, beside its attributes.
fn inner(name: &str, block: &Block) -> Value {
    let mut named = cases(block.blocks);
    named.push(("for".to_owned(), format!("{name} for")));
    among(&format!("a statement inside `{}`", block.keyword), &named)
}

/// A `for` inside a block, whose statements are those of the block.
fn repeated(name: &str) -> Value {
    let mut properties = repeats();
    let attributes = reference(&format!("{name} attributes"));
    let statements = json!({ "type": "array", "items": reference(&format!("{name} statement")) });
    properties.insert("attributes".to_owned(), attributes);
    properties.insert("statements".to_owned(), statements);
    closed(
        &properties,
        &["variable", "list", "attributes", "statements"],
    )
}

pub(super) fn repeats() -> Map<String, Value> {
    let mut properties = common("for");
    properties.insert("variable".to_owned(), json!({ "type": "string" }));
    let listed = [
        list(&reference("expression")),
        reference("range"),
        reference("variable"),
    ];
    properties.insert("list".to_owned(), json!({ "anyOf": listed }));
    properties
}

pub(super) fn closed(properties: &Map<String, Value>, needed: &[&str]) -> Value {
    let mut required = vec!["keyword", "at"];
    required.extend(needed);
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn expression() -> Value {
    let made = shapes::literals().into_iter().chain(shapes::composed());
    let mut any: Vec<Value> = made.map(|(name, _)| reference(name)).collect();
    any.push(list(&reference("expression")));
    json!({ "anyOf": any })
}

fn argument() -> Value {
    json!({
        "type": "object",
        "properties": { "name": { "type": "string" }, "value": reference("expression") },
        "required": ["value"],
        "additionalProperties": false,
    })
}

fn place() -> Value {
    let whole = json!({ "type": "integer", "minimum": 1 });
    json!({
        "description": "from its first word to its end; lines and columns count from 1",
        "type": "object",
        "properties": { "line": whole, "column": whole, "end_line": whole, "end_column": whole },
        "required": ["line", "column", "end_line", "end_column"],
        "additionalProperties": false,
    })
}
