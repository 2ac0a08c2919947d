//! The JSON schema of values: what an attribute of each type may be given.

use serde_json::{Value, json};

use crate::schema::{Attribute, DISTRIBUTIONS, FUNCTIONS, Type, VERBS, Verb};

/// Bounds beyond this are there for arithmetic, not for people.
const ENDLESS: f64 = 1e15;
const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What the value of a row may be.
pub(super) fn row(row: &Attribute) -> Value {
    of_type(row.ty, row.bounds)
}

/// What a value of a type may be. A variable may stand anywhere, and so may a function: what they
/// hold is known only when the plan is compiled.
fn of_type(ty: Type, bounds: Option<(f64, f64)>) -> Value {
    let (alternatives, listed) = alternatives(ty, bounds);
    let mut any = alternatives;
    any.extend([reference("variable"), reference("function")]);
    if !listed {
        return json!({ "anyOf": any });
    }
    let item = json!({ "anyOf": any.clone() });
    any.push(list(&item));
    json!({ "anyOf": any })
}

/// The forms of one value, and whether several may stand in a list.
fn alternatives(ty: Type, bounds: Option<(f64, f64)>) -> (Vec<Value>, bool) {
    let one = |shapes: Vec<Value>| (shapes, false);
    let listed = |shapes: Vec<Value>| (shapes, true);
    let numbers = |kinds: &[&str]| {
        let mut shapes: Vec<Value> = kinds.iter().map(|kind| number(kind, bounds)).collect();
        shapes.push(reference("operation"));
        shapes
    };
    if ty.of_certain() != ty {
        let (mut shapes, _) = alternatives(ty.of_certain(), bounds);
        shapes.push(reference("distribution"));
        return one(shapes);
    }
    match ty {
        Type::Text | Type::Zone => one(strings()),
        Type::Address => one(address()),
        Type::Texts => listed(strings()),
        Type::Word | Type::StepName => one(names()),
        Type::WordList => listed(names()),
        Type::Choice(words) => one(choice(words)),
        Type::Choices(words) => listed(choice(words)),
        Type::Boolean => one(vec![reference("boolean")]),
        Type::Number | Type::Ratio => one(numbers(&["number", "ratio"])),
        Type::Integer => one(integer(bounds)),
        Type::Duration => one(numbers(&["duration"])),
        Type::Effort => {
            let mut shapes = numbers(&["duration"]);
            shapes.push(reference("distribution"));
            shapes.push(reference("working_duration"));
            one(shapes)
        }
        Type::Size => one(numbers(&["size"])),
        Type::Rate | Type::Growth => one(numbers(&["rate", "growth"])),
        Type::Bandwidth => one(numbers(&["bandwidth"])),
        Type::Money => one(numbers(&["money"])),
        Type::MoneyPerTime => one(numbers(&["money_per_time"])),
        Type::MoneyPerSize => one(numbers(&["money_per_size"])),
        Type::Date => one(vec![reference("date")]),
        Type::Dates => listed(vec![reference("date")]),
        Type::Moment => one(vec![reference("date"), reference("moment")]),
        Type::Days => listed(days()),
        Type::Hours => one(vec![range(&reference("time"))]),
        Type::Reference(_) | Type::Destination => one(names()),
        Type::References(_) | Type::Members => listed(names()),
        Type::Over => {
            let mut shapes = names();
            shapes.push(reference("edge"));
            one(shapes)
        }
        Type::Pattern | Type::Executor => one(vec![reference("name"), reference("call")]),
        Type::Verb => one(vec![reference("act")]),
        Type::People => listed(vec![reference("people")]),
        Type::Condition => one(vec![reference("comparison")]),
        Type::Conditions => listed(vec![reference("comparison")]),
        _ => one(vec![reference("expression")]),
    }
}

/// The name of a definition, where a reference must be a URI.
pub(super) fn key(name: &str) -> String {
    name.replace(' ', "_")
}

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{}", key(name)) })
}

pub(super) fn list(item: &Value) -> Value {
    json!({
        "type": "object",
        "properties": { "type": { "const": "list" }, "items": { "type": "array", "items": item } },
        "required": ["type", "items"],
        "additionalProperties": false,
    })
}

fn strings() -> Vec<Value> {
    vec![reference("text"), reference("template")]
}

fn names() -> Vec<Value> {
    vec![reference("name"), reference("text"), reference("template")]
}

fn address() -> Vec<Value> {
    let written =
        json!({ "properties": { "value": { "pattern": "^[A-Za-z0-9._:\\[\\]-]+:[0-9]{1,5}$" } } });
    vec![
        json!({ "allOf": [reference("text"), written] }),
        reference("template"),
    ]
}

fn integer(bounds: Option<(f64, f64)>) -> Vec<Value> {
    let whole = json!({ "properties": { "value": { "multipleOf": 1 } } });
    let shape = json!({ "allOf": [number("number", bounds), whole] });
    vec![shape, reference("operation")]
}

/// One of these words, bare or quoted.
fn choice(words: &[&str]) -> Vec<Value> {
    vec![
        json!({ "allOf": [
            reference("name"),
            { "properties": { "path": { "items": { "enum": words }, "maxItems": 1 } } },
        ] }),
        json!({ "allOf": [reference("text"), { "properties": { "value": { "enum": words } } }] }),
        reference("template"),
    ]
}

fn days() -> Vec<Value> {
    let mut shapes = choice(&WEEK);
    shapes.push(range(&json!({ "anyOf": choice(&WEEK) })));
    shapes
}

fn range(end: &Value) -> Value {
    json!({ "allOf": [reference("range"), { "properties": { "from": end, "to": end } }] })
}

/// A number of a kind within bounds, which are in the same base units.
fn number(kind: &str, bounds: Option<(f64, f64)>) -> Value {
    let Some((low, high)) = bounds else {
        return reference(kind);
    };
    let limits = if high < ENDLESS {
        json!({ "minimum": low, "maximum": high })
    } else {
        json!({ "minimum": low })
    };
    json!({ "allOf": [reference(kind), { "properties": { "value": limits } }] })
}

/// Numbers with a unit, and their base units.
const MEASURED: &[(&str, &str)] = &[
    ("number", "a plain number"),
    ("ratio", "a share: 5% is 0.05"),
    ("duration", "elapsed time in seconds"),
    ("size", "bytes"),
    ("rate", "times per second"),
    ("growth", "a ratio per second"),
    ("bandwidth", "bytes per second"),
    ("money", "an amount of `currency`"),
    ("money_per_time", "an amount of `currency` per second"),
    ("money_per_size", "an amount of `currency` per byte"),
];

fn measured(kind: &str, what: &str) -> Value {
    json!({
        "description": what,
        "type": "object",
        "properties": {
            "type": { "const": kind },
            "value": { "type": "number" },
            "currency": { "type": "string", "pattern": "^[A-Z]{3}$" },
            "text": { "type": "string", "description": "as it is written" },
        },
        "required": ["type", "value", "text"],
        "additionalProperties": false,
    })
}

/// The values that stand by themselves, by name.
pub(super) fn literals() -> Vec<(&'static str, Value)> {
    let numbers = MEASURED.iter();
    let mut out: Vec<(&str, Value)> = numbers
        .map(|(kind, what)| (*kind, measured(kind, what)))
        .collect();
    out.push((
        "working_duration",
        object(
            "working_duration",
            "working time: hours, and days as long as the team's calendar says",
            &json!({
                "hours": { "type": "number" },
                "days": { "type": "number" },
                "text": { "type": "string", "description": "as it is written" },
            }),
        ),
    ));
    let written = |kind: &'static str, what: &str, value: Value| {
        (kind, object(kind, what, &json!({ "value": value })))
    };
    out.extend([
        written("boolean", "yes or no", json!({ "type": "boolean" })),
        written("text", "a string", json!({ "type": "string" })),
        written(
            "date",
            "a day",
            json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        ),
        written(
            "moment",
            "a day and a time of day",
            json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$" }),
        ),
        written(
            "time",
            "a time of day",
            json!({ "type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$" }),
        ),
    ]);
    out
}

/// Strings that interpolate, names, and what is made of names.
fn referring() -> Vec<(&'static str, Value)> {
    let expression = || reference("expression");
    let many = |item: Value| json!({ "type": "array", "items": item });
    let path = reference("path");
    let shape = |kind: &'static str, what: &str, fields: Value| (kind, object(kind, what, &fields));
    vec![
        shape(
            "template",
            "a string that interpolates",
            json!({ "parts": many(expression()) }),
        ),
        shape(
            "name",
            "a name, or what is reached from it",
            json!({ "path": path }),
        ),
        shape(
            "variable",
            "what a `let`, a `for` or a pattern gives a value, or what is reached from it",
            json!({ "path": path }),
        ),
        shape(
            "edge",
            "from one service to another",
            json!({ "from": path, "to": path }),
        ),
        shape(
            "people",
            "so many people of a team",
            json!({ "count": expression(), "of": path }),
        ),
        shape(
            "range",
            "from one end to the other",
            json!({ "from": expression(), "to": expression() }),
        ),
    ]
}

/// Values that are worked out, drawn or carried out.
fn computed() -> Vec<(&'static str, Value)> {
    let expression = || reference("expression");
    let many = |item: Value| json!({ "type": "array", "items": item });
    let shape = |kind: &'static str, what: &str, fields: Value| (kind, object(kind, what, &fields));
    vec![
        shape(
            "operation",
            "a computed value",
            json!({ "operator": { "enum": ["*", "/", "+", "-"] }, "operands": many(expression()) }),
        ),
        shape(
            "comparison",
            "a condition",
            json!({
                "operator": { "enum": ["<", "<=", ">", ">=", "==", "!="] },
                "left": expression(),
                "right": expression(),
            }),
        ),
        shape(
            "weighted",
            "values with their chances",
            json!({ "items": many(json!({
                "type": "object",
                "properties": { "value": expression(), "chance": expression() },
                "required": ["value", "chance"],
                "additionalProperties": false,
            })) }),
        ),
        shape(
            "distribution",
            "an uncertain value",
            json!({ "law": { "enum": DISTRIBUTIONS.iter().map(|law| law.name).collect::<Vec<_>>() }, "arguments": many(reference("argument")) }),
        ),
        shape(
            "function",
            "what a function makes of its arguments",
            json!({ "function": { "enum": FUNCTIONS.iter().map(|one| one.name).collect::<Vec<_>>() }, "arguments": many(reference("argument")) }),
        ),
        shape(
            "call",
            "a pattern, an executor or a verb with its arguments",
            json!({ "callee": { "type": "string" }, "arguments": many(reference("argument")) }),
        ),
    ]
}

/// The values that are made of others, by name.
pub(super) fn composed() -> Vec<(&'static str, Value)> {
    let mut all = referring();
    all.extend(computed());
    all
}

/// A verb with its arguments.
pub(super) fn act() -> Value {
    let named = |verb: &Verb| {
        let names: Vec<&str> = verb.parameters.iter().map(|row| row.name).collect();
        json!({
            "if": { "properties": { "callee": { "const": verb.name } } },
            "then": { "description": verb.doc, "properties": { "arguments": {
                "items": { "properties": { "name": { "enum": names } } },
                "maxItems": verb.parameters.len() + usize::from(verb.subject),
            } } },
        })
    };
    let verbs: Vec<&str> = VERBS.iter().map(|verb| verb.name).collect();
    let mut all = vec![
        reference("call"),
        json!({ "properties": { "callee": { "enum": verbs } } }),
    ];
    all.extend(VERBS.iter().map(named));
    json!({
        "description": "what a step does",
        "anyOf": [{ "allOf": all }, reference("name")],
    })
}

/// An object of these fields, all of which it has.
fn object(kind: &str, what: &str, fields: &Value) -> Value {
    let mut properties = json!({ "type": { "const": kind } });
    let mut required = vec!["type".to_owned()];
    if let (Some(all), Some(fields)) = (properties.as_object_mut(), fields.as_object()) {
        for (name, shape) in fields {
            required.push(name.clone());
            all.insert(name.clone(), shape.clone());
        }
    }
    json!({
        "description": what,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}
