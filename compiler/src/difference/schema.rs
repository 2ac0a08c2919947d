//! The JSON schema of a difference: the plans' part is read from its types, the rest of the document
//! is the command line's.

use serde_json::{Map, Value, json};
use whimbrel_plan::difference::Difference;

/// The schema of `diff --format json`.
#[must_use]
pub fn schema() -> Value {
    let mut difference = schemars::schema_for!(Difference).to_value();
    let parts = difference.as_object_mut();
    let definitions = parts.and_then(|parts| {
        parts.remove("$schema");
        parts.remove("$defs")
    });
    let mut definitions = match definitions {
        Some(Value::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    let own = [
        ("Difference", difference),
        ("Side", side()),
        ("Place", place()),
        ("Finding", finding()),
        ("Figure", figure()),
    ];
    definitions.extend(own.map(|(name, schema)| (name.to_owned(), schema)));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What a change of a plan means",
        "description": "The output of `whimbrel diff --format json`. Fields are added, never renamed.",
        "type": "object",
        "required": ["version", "same", "before", "after", "difference", "findings", "estimates"],
        "properties": {
            "version": {"const": 1},
            "same": {"type": "boolean", "description": "Whether both mean the same and have the same findings."},
            "before": {"$ref": "#/$defs/Side"},
            "after": {"$ref": "#/$defs/Side"},
            "difference": {
                "description": "What is otherwise about the plans; null where a side says nothing that could be compared.",
                "anyOf": [{"$ref": "#/$defs/Difference"}, {"type": "null"}],
            },
            "findings": findings(),
            "estimates": {
                "description": "With `--simulate`: both plans on common random numbers.",
                "anyOf": [estimates(), {"type": "null"}],
            },
        },
        "$defs": definitions,
    })
}

fn nullable(of: &str, description: &str) -> Value {
    json!({"type": [of, "null"], "description": description})
}

fn side() -> Value {
    json!({
        "description": "One of the two.",
        "type": "object",
        "required": ["path", "plan_hash", "migration", "scenario"],
        "properties": {
            "path": {"type": "string", "description": "The plan file, behind its revision where it has one."},
            "plan_hash": nullable("string", "SHA-256 of the compiled plan; null without one."),
            "migration": nullable("string", "The migration's name."),
            "scenario": nullable("string", "The scenario it is compiled under."),
        },
    })
}

fn findings() -> Value {
    let list = |of: Value| json!({"type": "array", "items": of});
    let finding = json!({"$ref": "#/$defs/Finding"});
    json!({
        "description": "What is otherwise about the findings.",
        "type": "object",
        "required": ["new_errors", "new_warnings", "gained", "lost", "changed"],
        "properties": {
            "new_errors": {"type": "integer", "description": "Errors that are new, or were less."},
            "new_warnings": {"type": "integer", "description": "Warnings that are new, or were notes."},
            "gained": list(finding.clone()),
            "lost": list(finding.clone()),
            "changed": list(json!({
                "description": "The same finding at another level or with other numbers.",
                "type": "object",
                "required": ["before", "after"],
                "properties": {"before": finding, "after": {"$ref": "#/$defs/Finding"}},
            })),
        },
    })
}

fn place() -> Value {
    let line = json!({"type": "integer", "minimum": 1});
    json!({
        "description": "A place in a text; lines and columns from 1.",
        "type": "object",
        "required": ["file", "line", "column", "end_line", "end_column"],
        "properties": {
            "file": {"type": "string"},
            "line": line, "column": line, "end_line": line, "end_column": line,
        },
    })
}

fn finding() -> Value {
    json!({
        "description": "A finding, as `check --format json` has it.",
        "allOf": [{"$ref": "#/$defs/Place"}],
        "required": ["code", "name", "level", "message"],
        "properties": {
            "code": {"type": "string"},
            "name": {"type": "string"},
            "level": {"enum": ["error", "warning", "note"]},
            "message": {"type": "string"},
            "label": {"type": "string"},
            "labels": {"type": "array", "items": {"$ref": "#/$defs/Place"}},
            "help": nullable("string", "What to do."),
            "notes": {"type": "array", "items": {"type": "string"}},
            "fix": nullable("object", "A certain remedy."),
            "of": {
                "type": "array", "items": {"type": "string"},
                "description": "Of a finding that one side has: the names it is new of, or no more of.",
            },
        },
    })
}

fn estimates() -> Value {
    let share = json!({"type": "number", "minimum": 0, "maximum": 1});
    let interval = interval("From, to.");
    json!({
        "type": "object",
        "required": ["trials", "seed", "start", "unfinished", "unfinished_interval", "figures"],
        "properties": {
            "trials": {"type": "integer"},
            "seed": {"type": "integer"},
            "start": {"type": "string", "description": "The start of the plan that was, from which days are counted."},
            "unfinished": {
                "description": "Shares of trials that never finish, before and after.",
                "type": "array", "prefixItems": [share, share], "minItems": 2, "maxItems": 2,
            },
            "unfinished_interval": {
                "description": "95 % intervals of these shares.",
                "type": "array", "prefixItems": [interval, interval], "minItems": 2, "maxItems": 2,
            },
            "figures": {"type": "array", "items": {"$ref": "#/$defs/Figure"}},
        },
    })
}

fn figure() -> Value {
    json!({
        "description": "A figure of both plans.",
        "type": "object",
        "required": [
            "name", "unit", "before", "after", "before_interval", "after_interval", "difference",
            "interval", "comparable", "real",
        ],
        "properties": {
            "name": {"type": "string", "description": "As in `simulate --format json`: `finish.p80`."},
            "unit": {"enum": ["days", "money", "services", "share", "person_hours"]},
            "before": nullable("number", "In the plan that was; null where it is not defined."),
            "after": nullable("number", "In the plan that is."),
            "difference": nullable("number", "By how much it is more."),
            "before_interval": interval("95 % interval of `before`; null where the trials are too few."),
            "after_interval": interval("95 % interval of `after`."),
            "interval": interval("95 % interval of the difference; null where the trials are too few."),
            "comparable": {
                "type": "boolean",
                "description": "Whether the same is known of both plans; where it is not, costs differ by what is known.",
            },
            "real": {"type": "boolean", "description": "Whether the interval leaves out zero, of what is comparable."},
        },
    })
}

fn interval(description: &str) -> Value {
    json!({
        "description": description,
        "type": ["array", "null"], "items": {"type": "number"}, "minItems": 2, "maxItems": 2,
    })
}
