//! The JSON schemas of what a simulation says: estimates and stories are read from their types, the rest
//! of a comparison is the command line's.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::report::VERSION;
use crate::why::VERSION as STORY_VERSION;
use crate::{Estimates, Why};

/// The schema of `simulate --format json`.
#[must_use]
pub fn estimates() -> Value {
    let (estimates, definitions) = parts();
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Estimates of a plan",
        "description": "The output of `whimbrel simulate --format json`. Durations are in days, money \
                        in the plan's currency, ratios and chances from 0 to 1; what is not defined is \
                        null. Fields are added, never renamed.",
    });
    if let (Some(schema), Value::Object(mut estimates)) = (schema.as_object_mut(), estimates) {
        estimates.shift_remove("description");
        schema.extend(estimates);
        schema.insert("$defs".to_owned(), Value::Object(definitions));
    }
    schema
}

/// The schema of `simulate --why … --format json`.
#[must_use]
pub fn story() -> Value {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A trial, told",
        "description": "The output of `whimbrel simulate --why TRIAL --format json`. Lengths are in days \
                        unless a field says otherwise, money in the plan's currency, shares from 0 to 1; \
                        what is not defined is null. Fields are added, never renamed.",
    });
    let mut story = of::<Why>();
    if let Some(properties) = story.get_mut("properties") {
        properties["version"] = json!({"const": STORY_VERSION});
    }
    if let (Some(schema), Value::Object(mut story)) = (schema.as_object_mut(), story) {
        for own in ["$schema", "title", "description"] {
            story.shift_remove(own);
        }
        schema.extend(story);
    }
    schema
}

/// The schema of `compare --format json`.
#[must_use]
pub fn comparison() -> Value {
    let (estimates, mut definitions) = parts();
    let own = [
        ("Variant", variant(estimates)),
        ("Failed", failed()),
        ("Pair", pair()),
        ("Figure", figure()),
        ("Difference", difference()),
        ("Best", best()),
    ];
    definitions.extend(own.map(|(name, schema)| (name.to_owned(), schema)));
    let list = |of: &str| json!({"type": "array", "items": {"$ref": format!("#/$defs/{of}")}});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Variants of a plan side by side",
        "description": "The output of `whimbrel compare --format json`. Fields are added, never renamed.",
        "type": "object",
        "required": [
            "version", "trials", "trials_asked", "interrupted", "seed", "baseline", "variants", "failed",
            "paired", "best",
        ],
        "properties": {
            "version": {"const": 1},
            "trials": {"type": "integer", "description": "How many of each variant."},
            "trials_asked": {"type": "integer", "description": "How many were asked for; a run that was stopped has fewer."},
            "interrupted": {"type": "boolean", "description": "Whether the run was stopped before it had them all."},
            "seed": {"type": "integer", "description": "The same for all."},
            "baseline": {"type": "string", "description": "The variant that the others are held against."},
            "variants": list("Variant"),
            "failed": list("Failed"),
            "paired": list("Pair"),
            "best": list("Best"),
        },
        "$defs": definitions,
    })
}

/// The schema of estimates, and what it refers to.
fn parts() -> (Value, Map<String, Value>) {
    let mut schema = of::<Estimates>();
    let parts = schema.as_object_mut();
    let definitions = parts.and_then(|parts| {
        parts.shift_remove("$schema");
        parts.shift_remove("title");
        let properties = parts.get_mut("properties")?.as_object_mut()?;
        properties.insert("version".to_owned(), json!({"const": VERSION}));
        parts.shift_remove("$defs")
    });
    match definitions {
        Some(Value::Object(definitions)) => (schema, definitions),
        _ => (schema, Map::new()),
    }
}

/// The schema of what is written, in the words of JSON.
fn of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value();
    reword(&mut schema);
    schema
}

/// The comments of types are of Rust: what is `None` there is null here, links lead nowhere, and lines
/// end where a file's do.
fn reword(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == "description" => {
                        let plain = text.replace('\n', " ").replace("`None`", "null");
                        *text = plain.replace("[`", "`").replace("`]", "`");
                    }
                    _ => reword(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(reword),
        _ => {}
    }
}

/// Estimates, and what a comparison says of them.
fn variant(mut estimates: Value) -> Value {
    let own = json!({
        "name": {"type": "string", "description": "Like no other's."},
        "kind": kind(),
        "strategy": {"enum": ["sequential", "parallel", "hybrid"]},
        "same_as": nullable("string", "The variant before it that has the same plan."),
    });
    let Some(fields) = estimates.as_object_mut() else {
        return estimates;
    };
    fields.insert(
        "description".to_owned(),
        "A variant: the object of `whimbrel simulate --format json`, and which it is.".into(),
    );
    if let Some(Value::Array(required)) = fields.get_mut("required") {
        let names = ["name", "kind", "strategy", "same_as"];
        required.extend(names.map(Value::from));
    }
    if let (Some(Value::Object(properties)), Value::Object(own)) =
        (fields.get_mut("properties"), own)
    {
        properties.extend(own);
    }
    estimates
}

fn kind() -> Value {
    json!({"enum": ["plan", "strategy", "scenario"], "description": "What is otherwise in it."})
}

fn nullable(of: &str, description: &str) -> Value {
    json!({"type": [of, "null"], "description": description})
}

fn failed() -> Value {
    json!({
        "description": "A variant that could not be simulated.",
        "type": "object",
        "required": ["name", "kind", "code", "message", "place", "help"],
        "properties": {
            "name": {"type": "string"},
            "kind": kind(),
            "code": {"type": "string", "description": "Of the finding or error: `MG1606`."},
            "message": {"type": "string"},
            "place": nullable("string", "Where it stands: `plan.mig:12:3`."),
            "help": nullable("string", "What to do."),
        },
    })
}

fn pair() -> Value {
    let share = json!({"type": "number", "minimum": 0, "maximum": 1});
    let difference = json!({"$ref": "#/$defs/Difference"});
    json!({
        "description": "Two variants. Differences say by how much `b` is more.",
        "type": "object",
        "required": ["a", "b", "duration_days", "cost", "figures", "unfinished"],
        "properties": {
            "a": {"type": "string", "description": "The name of the one that comes first."},
            "b": {"type": "string", "description": "The name of the other."},
            "duration_days": difference,
            "cost": difference,
            "figures": {"type": "array", "items": {"$ref": "#/$defs/Figure"}},
            "unfinished": {
                "description": "Shares of trials that never finish.",
                "type": "array", "prefixItems": [share, share], "minItems": 2, "maxItems": 2,
            },
        },
    })
}

fn difference() -> Value {
    json!({
        "description": "By how much more, each from its own start; null where it is not defined.",
        "type": "object",
        "required": ["mean", "low", "high"],
        "properties": {
            "mean": nullable("number", "In the mean."),
            "low": nullable("number", "Lower end of its 95 % interval."),
            "high": nullable("number", "Upper end of it."),
        },
    })
}

fn figure() -> Value {
    json!({
        "description": "A figure of both. Finishes are days from the start of `a`.",
        "type": "object",
        "required": [
            "name", "unit", "a", "b", "difference", "interval", "comparable", "real",
        ],
        "properties": {
            "name": {"type": "string", "description": "As in the estimates: `finish.p80`."},
            "unit": {"enum": ["days", "money", "services", "share", "person_hours"]},
            "a": nullable("number", "In the first; null where it is not defined."),
            "b": nullable("number", "In the other."),
            "difference": nullable("number", "By how much `b` is more."),
            "interval": {
                "description": "95 % interval of the difference; null where the trials are too few.",
                "type": ["array", "null"], "items": {"type": "number"}, "minItems": 2, "maxItems": 2,
            },
            "comparable": {
                "type": "boolean",
                "description": "Whether the same is known of both plans; where it is not, costs differ by what is known.",
            },
            "real": {"type": "boolean", "description": "Whether the interval leaves out zero, of what is comparable."},
        },
    })
}

fn best() -> Value {
    json!({
        "description": "Which variant is best by one figure.",
        "type": "object",
        "required": ["figure", "name", "not_told_apart"],
        "properties": {
            "figure": {"type": "string", "description": "Its dotted path among the estimates."},
            "name": {"type": "string"},
            "not_told_apart": {
                "description": "The variants that may be as good.",
                "type": "array", "items": {"type": "string"},
            },
        },
    })
}
