//! What templates may use of the plan, as plain JSON values.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::{Value, json};
use whimbrel_plan::{
    Action, Argument, Call, Executor, Measure, MeasureUnit, Node, Plan, ResourceKind, Subject,
};

use crate::measures;
use crate::names::{object_name, slug};
use crate::quote;
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

/// What a script acts on.
pub fn subject(plan: &Plan, subject: &Subject, on: Option<Node>) -> Value {
    match on.or_else(|| subject.node()) {
        Some(node @ Node::Service(id)) => {
            let service = &plan.inventory.services[id];
            let (old, new) = (&service.endpoint, &service.new_endpoint);
            let subject = service_subject(plan.name(node), old.as_deref(), new.as_deref());
            asked(plan, node, subject)
        }
        Some(node @ Node::Resource(id)) => {
            let resource = &plan.inventory.resources[id];
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
            let engine = resource.engine.as_deref();
            asked(
                plan,
                node,
                resource_subject(plan.name(node), &tables, engine),
            )
        }
        None => match subject {
            Subject::Migration(name) => named(name, "migration"),
            _ => named("", "migration"),
        },
    }
}

/// With the queries of the plan's own measures.
fn asked(plan: &Plan, node: Node, mut subject: Value) -> Value {
    merge(
        &mut subject,
        json!({"queries": measures::queries(plan, node)}),
    );
    subject
}

fn service_subject(name: &str, old: Option<&str>, new: Option<&str>) -> Value {
    let mut fields = named(name, "service");
    merge(&mut fields, json!({"old": old, "new": new}));
    fields
}

fn resource_subject(name: &str, tables: &[&str], engine: Option<&str>) -> Value {
    let mut fields = named(name, "resource");
    merge(&mut fields, json!({"tables": tables, "engine": engine}));
    fields
}

fn named(name: &str, kind: &str) -> Value {
    json!({"name": name, "slug": slug(name), "object": object_name(name), "kind": kind,
        "old": null, "new": null, "tables": [], "queries": []})
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

/// What the template of a step's script is filled in with.
pub fn script(
    about: &PlanValues,
    step: &str,
    (role, sentence): (&str, String),
    executor: &Executor,
    action: &Action,
    subject: &Value,
) -> Value {
    json!({
        "plan": about,
        "step": {"name": step},
        "role": role,
        "sentence": sentence,
        "verb": action.verb,
        "executor": {"name": executor.name, "verified": executor.verified},
        "settings": values(&executor.settings),
        "subject": subject,
        "args": values(&action.arguments),
        "arguments": words(&action.arguments),
        "file": first_text(&action.arguments),
        "up": "../..",
        "executor_path": format!("../../../executors/{}", slug(&executor.name)),
    })
}

/// What the template of a file for the whole plan is filled in with.
pub struct FileValues {
    /// Every service, and whether the executor acts on it.
    pub services: Vec<Value>,
    /// Everything that moves.
    pub members: Vec<Value>,
    /// The plan's triggers.
    pub triggers: Vec<Value>,
    /// Whether a service is mirrored.
    pub mirrors: bool,
}

/// What the template of a file for the whole plan is filled in with.
pub fn file(about: &PlanValues, executor: &Executor, of_plan: &FileValues) -> Value {
    let new_side = executor.settings.get("new_side").map(shown);
    json!({
        "plan": about,
        "executor": {"name": executor.name, "verified": executor.verified},
        "settings": values(&executor.settings),
        "services": of_plan.services,
        "members": of_plan.members,
        "triggers": of_plan.triggers,
        "migration_quoted": quote::promql(&slug(&about.name)),
        "new_side": quote::promql(&new_side.unwrap_or_default()),
        "mirrors": of_plan.mirrors,
    })
}

/// What a template may use by name, with a value for each field: of a script, or of a file for the
/// whole plan.
pub fn usable(is_file: bool) -> Value {
    let about = PlanValues {
        hash: String::new(),
        name: String::new(),
        zone: String::new(),
    };
    let executor = Executor {
        name: String::new(),
        folder: String::new(),
        local: true,
        verified: String::new(),
        used_by: Vec::new(),
        engines: Vec::new(),
        measures: Vec::new(),
        queries: false,
        settings: IndexMap::new(),
        verbs: IndexMap::default(),
        files: Vec::new(),
    };
    if is_file {
        let of_plan = FileValues {
            services: Vec::new(),
            members: Vec::new(),
            triggers: Vec::new(),
            mirrors: false,
        };
        return file(&about, &executor, &of_plan);
    }
    let call = Call {
        verb: String::new(),
        arguments: IndexMap::new(),
        executor: None,
    };
    let action = Action::new(None, call);
    let mut subject = service_subject("", None, None);
    merge(&mut subject, resource_subject("", &[], None));
    script(
        &about,
        "",
        ("", String::new()),
        &executor,
        &action,
        &subject,
    )
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
pub fn limit(plan: &Plan, measured: Measure, limit: f64) -> String {
    let seconds = || match limit < 1.0 && measured != Measure::Lag {
        true => format!("{} ms", text::count_of(&(limit * 1000.0).to_string())),
        false => text::seconds(limit),
    };
    let unit = match measured {
        Measure::ErrorRate | Measure::Mismatch => MeasureUnit::Ratio,
        Measure::P50 | Measure::P95 | Measure::P99 | Measure::Lag => MeasureUnit::Duration,
        Measure::Backlog => MeasureUnit::Number,
        Measure::Throughput => MeasureUnit::Rate,
        Measure::Own(id) => plan.measures[id].unit,
    };
    match unit {
        MeasureUnit::Ratio => text::percent(limit),
        MeasureUnit::Duration => seconds(),
        MeasureUnit::Number => text::count_of(&limit.to_string()),
        MeasureUnit::Rate => format!("{} per second", text::count_of(&limit.to_string())),
    }
}
