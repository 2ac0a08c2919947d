//! The JSON schema of the fixed forms: `use`, `let`, `for`, `pattern` …

use serde_json::{Map, Value, json};

use super::schema::{among, cases, closed, common, form_name, name_of, repeats};
use super::shapes::reference;
use crate::schema::{self, FORMS, PARAMETER_TYPES};

/// Every form by the name of its definition.
pub(super) fn all() -> Vec<(String, Value)> {
    let names = json!({ "type": "array", "items": { "type": "string" }, "minItems": 1 });
    let text = json!({ "type": "string" });
    let mut pattern_statement = cases(schema::PATTERN_BODY);
    pattern_statement.push(("for".to_owned(), "pattern for".to_owned()));
    pattern_statement.push(("require".to_owned(), "require".to_owned()));
    let top = |keyword: &str, fields: Value| (form_name(keyword), form(keyword, fields, &[]));
    vec![
        top("use", json!({ "module": names, "names": names })),
        top("import", json!({ "file": text })),
        (form_name("let"), binding(&text)),
        (form_name("defaults"), defaults()),
        (form_name("for"), repeated("statement")),
        (form_name("scenario"), scenario(&text)),
        top("pattern", pattern()),
        top(
            "waive",
            json!({
                "rule": text,
                "target": reference("path"),
                "until": { "anyOf": [reference("date"), reference("variable")] },
                "because": reference("string"),
            }),
        ),
        (
            "require".to_owned(),
            form(
                "require",
                json!({ "condition": reference("expression"), "message": reference("string") }),
                &[],
            ),
        ),
        ("pattern for".to_owned(), repeated("pattern statement")),
        (
            "pattern statement".to_owned(),
            among("a statement of a pattern", &pattern_statement),
        ),
    ]
}

/// What is laid over the plan: its blocks may leave out names and what must be given.
fn scenario(text: &Value) -> Value {
    let laid = json!({
        "description": "a statement of a file, as far as it differs",
        "type": "object",
        "properties": { "keyword": { "type": "string" } },
        "required": ["keyword", "at"],
    });
    let fields = json!({
        "name": text,
        "statements": { "type": "array", "items": laid },
    });
    form("scenario", fields, &[])
}

/// A form of these fields, which it has but for some.
fn form(keyword: &str, fields: Value, perhaps: &[&str]) -> Value {
    let mut properties = common(keyword);
    let fields: Map<String, Value> = match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    };
    let needed: Vec<&str> = fields
        .keys()
        .map(String::as_str)
        .filter(|name| !perhaps.contains(name))
        .collect();
    properties.extend(fields.clone());
    let mut out = closed(&properties, &needed);
    let known = FORMS.iter().find(|form| form.keyword == keyword);
    if let (Some(out), Some(known)) = (out.as_object_mut(), known) {
        out.insert("description".to_owned(), known.doc.into());
    }
    out
}

fn binding(text: &Value) -> Value {
    let fields = json!({
        "name": text,
        "value": reference("expression"),
        "because": reference("string"),
    });
    form("let", fields, &["because"])
}

/// A `for` over statements of this kind.
fn repeated(statement: &str) -> Value {
    let mut properties = repeats();
    let statements = json!({ "type": "array", "items": reference(statement) });
    properties.insert("statements".to_owned(), statements);
    closed(&properties, &["variable", "list", "statements"])
}

fn pattern() -> Value {
    let types: Vec<&str> = PARAMETER_TYPES.iter().map(|(name, _)| *name).collect();
    let types = types.join("|");
    let parameter = json!({
        "type": "object",
        "properties": {
            "name": { "type": "string" },
            "type": { "type": "string", "pattern": format!("^(list<)*({types}|list)>*$") },
            "default": reference("expression"),
            "doc": { "type": "string" },
        },
        "required": ["name", "type"],
        "additionalProperties": false,
    });
    json!({
        "name": { "type": "string" },
        "parameters": { "type": "array", "items": parameter },
        "for": { "type": "string" },
        "statements": { "type": "array", "items": reference("pattern statement") },
    })
}

/// `defaults service { … }`: the attributes and statements of the block it names.
fn defaults() -> Value {
    let cases: Vec<Value> = schema::TOP
        .iter()
        .map(|block| {
            let name = name_of(block);
            json!({
                "if": { "properties": { "block": { "const": block.keyword } } },
                "then": { "properties": {
                    "attributes": reference(&format!("{name} attributes")),
                    "statements": { "items": reference(&format!("{name} statement")) },
                } },
            })
        })
        .collect();
    let keywords: Vec<&str> = schema::TOP.iter().map(|block| block.keyword).collect();
    let fields = json!({
        "block": { "enum": keywords },
        "attributes": { "type": "object" },
        "statements": { "type": "array" },
    });
    let mut out = form("defaults", fields, &[]);
    if let Some(out) = out.as_object_mut() {
        out.insert("allOf".to_owned(), cases.into());
    }
    out
}
