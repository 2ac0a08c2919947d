//! What templates may use of the plan, as plain JSON values.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value, json};
use whimbrel_plan::{Action, Argument, Executor, Measure, Node, Plan, ResourceKind, Subject};

use crate::names::{object_name, slug};
use crate::text;

/// The plan, in every context.
#[derive(Clone, Serialize)]
pub struct PlanValues {
    /// Its hash.
    pub hash: String,
    /// Name of the migration.
    pub name: String,
    /// Its time zone.
    pub zone: String,
}

/// An argument or setting as a value: numbers in base units, whole ones without a point.
pub fn value(argument: &Argument) -> Value {
    match argument {
        Argument::Number(n)
        | Argument::Ratio(n)
        | Argument::Duration(n)
        | Argument::Size(n)
        | Argument::Rate(n) => number(*n),
        Argument::Text(text) => Value::from(text.as_str()),
        Argument::Boolean(truth) => Value::from(*truth),
        Argument::List(items) => items.iter().map(value).collect(),
    }
}

/// A number, whole ones without a point.
pub fn number(n: f64) -> Value {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and small enough to be exact"
    )]
    if n.fract() == 0.0 && n.abs() < 9e15 {
        Value::from(n as i64)
    } else {
        Value::from(n)
    }
}

/// Arguments or settings by name.
pub fn values(arguments: &IndexMap<String, Argument>) -> Value {
    let fields = arguments
        .iter()
        .map(|(name, argument)| (name.clone(), value(argument)));
    Value::Object(fields.collect())
}

/// `name=value` for each argument, for scripts of the user's.
pub fn words(arguments: &IndexMap<String, Argument>) -> Vec<String> {
    let word = |(name, argument): (&String, &Argument)| {
        let shown = match value(argument) {
            Value::String(text) => text,
            other => other.to_string(),
        };
        format!("{name}={shown}")
    };
    arguments.iter().map(word).collect()
}

/// The first text among arguments: the file or script that a verb names.
pub fn first_text(arguments: &IndexMap<String, Argument>) -> &str {
    let mut texts = arguments.values().filter_map(|argument| match argument {
        Argument::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.next().unwrap_or_default()
}

/// An argument as people read it.
pub fn shown(argument: &Argument) -> String {
    match argument {
        Argument::Number(n) => text::count_of(&n.to_string()),
        Argument::Ratio(n) => text::percent(*n),
        Argument::Duration(n) => text::seconds(*n),
        Argument::Size(n) => format!("{n} bytes"),
        Argument::Rate(n) => format!("{n} per second"),
        Argument::Text(text) => text.clone(),
        Argument::Boolean(truth) => truth.to_string(),
        Argument::List(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
    }
}

/// What an action does, in words: `traffic.shift orders, to 25 %`.
pub fn sentence(plan: &Plan, action: &Action) -> String {
    if matches!(action.verb.as_str(), "manual" | "run") {
        let texts: Vec<_> = action.arguments.values().map(shown).collect();
        if !texts.is_empty() {
            return texts.join(", ");
        }
    }
    let mut text = action.verb.clone();
    if let Some(node) = action.on {
        text.push(' ');
        text.push_str(plan.name(node));
    }
    for (name, argument) in &action.arguments {
        text.push_str(&format!(", {name} {}", shown(argument)));
    }
    text
}

/// A setting that is a list of texts.
pub fn list(executor: &Executor, setting: &str) -> Vec<String> {
    match executor.settings.get(setting) {
        Some(Argument::List(items)) => items.iter().map(shown).collect(),
        _ => Vec::new(),
    }
}

/// The node a step is about.
pub fn node(subject: &Subject) -> Option<Node> {
    match subject {
        Subject::Service(id) => Some(Node::Service(*id)),
        Subject::Resource(id) => Some(Node::Resource(*id)),
        Subject::Migration(_) => None,
    }
}

/// What a script acts on.
pub fn subject(plan: &Plan, subject: &Subject, on: Option<Node>) -> Value {
    match on.or_else(|| node(subject)) {
        Some(node @ Node::Service(id)) => {
            let service = &plan.inventory.services[id];
            let mut fields = named(plan.name(node), "service");
            merge(
                &mut fields,
                json!({"old": service.endpoint, "new": service.new_endpoint}),
            );
            fields
        }
        Some(node @ Node::Resource(id)) => {
            let resource = &plan.inventory.resources[id];
            let mut fields = named(plan.name(node), "resource");
            let tables: Vec<&str> = plan
                .inventory
                .resources
                .iter()
                .filter(|(table, child)| {
                    child.kind == ResourceKind::Table && (*table == id || child.parent == Some(id))
                })
                .map(|(_, child)| {
                    child
                        .name
                        .rsplit_once('.')
                        .map_or(child.name.as_str(), |(_, name)| name)
                })
                .collect();
            merge(
                &mut fields,
                json!({"tables": tables, "engine": resource.engine}),
            );
            fields
        }
        None => match subject {
            Subject::Migration(name) => named(name, "migration"),
            _ => named("", "migration"),
        },
    }
}

fn named(name: &str, kind: &str) -> Value {
    json!({"name": name, "slug": slug(name), "object": object_name(name), "kind": kind,
        "old": null, "new": null, "tables": []})
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

/// A measure's name in the language.
pub fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::ErrorRate => "error_rate",
        Measure::P50 => "p50",
        Measure::P95 => "p95",
        Measure::P99 => "p99",
        Measure::Mismatch => "mismatch",
        Measure::Lag => "lag",
        Measure::Backlog => "backlog",
        Measure::Throughput => "throughput",
    }
}

/// A comparison's sign.
pub fn comparison(comparison: whimbrel_plan::Comparison) -> &'static str {
    use whimbrel_plan::Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
    match comparison {
        Less => "<",
        LessOrEqual => "<=",
        Greater => ">",
        GreaterOrEqual => ">=",
        Equal => "==",
    }
}

/// The limit of a condition as people read it.
pub fn limit(measured: Measure, limit: f64) -> String {
    match measured {
        Measure::ErrorRate | Measure::Mismatch => text::percent(limit),
        Measure::P50 | Measure::P95 | Measure::P99 if limit < 1.0 => {
            format!("{} ms", text::count_of(&(limit * 1000.0).to_string()))
        }
        Measure::P50 | Measure::P95 | Measure::P99 | Measure::Lag => text::seconds(limit),
        Measure::Backlog => text::count_of(&limit.to_string()),
        Measure::Throughput => format!("{} per second", text::count_of(&limit.to_string())),
    }
}
