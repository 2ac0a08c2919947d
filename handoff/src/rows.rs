//! What the walker knows of each step: a row of the tables that `run` carries.

use std::collections::BTreeSet;

use indexmap::IndexSet;
use serde_json::{Value, json};
use whimbrel_plan::{Argument, CalendarId, Mover, NoAnswer, Node, Plan, Step, StepId, StepKind};

use crate::hours;
use crate::layout::{Stage, StageStep};
use crate::undo::Undo;
use crate::values;

/// Time limit of an act whose executor sets none, seconds.
const DEFAULT_LIMIT: f64 = 3600.0;

/// What the walker knows of a step.
pub fn row(
    plan: &Plan,
    stage: &Stage,
    place: &StageStep,
    members: &IndexSet<Node>,
    calendars: &IndexSet<CalendarId>,
    has: &str,
) -> Value {
    let step = &plan.steps[place.id];
    let node = step.subject.node();
    let mover = plan
        .movers
        .iter()
        .find(|mover| mover.steps.contains(&place.id));
    let position = |id: &StepId| stage.steps.iter().position(|step| step.id == *id);
    let outside = outside_ids(plan, stage);
    let needs = step.predecessors.iter().filter_map(|id| {
        let outer = || Some(stage.steps.len() + outside.iter().position(|other| other == id)?);
        position(id).or_else(outer)
    });
    let mut row = json!({
        "id": step.name,
        "folder": place.folder,
        "kind": kind(step.kind),
        "way": way(step),
        "has": has,
        "member": node.and_then(|node| members.get_index_of(&node)).map_or(-1, signed),
        "unit": mover.map_or(-1, |mover| signed(mover.unit)),
        "cutover": i32::from(mover.is_some_and(|mover| mover.cutover == place.id)),
        "final": i32::from(step.irreversible),
        "before": i32::from(mover.is_some_and(|mover| is_before_cutover(mover, place.id))),
        "needs": needs.map(|index| index.to_string()).collect::<Vec<_>>().join(" "),
        "soak": hundredths(step.soak.mean()),
        "every": hundredths(step.every.unwrap_or(15.0).min((step.soak.mean() / 4.0).clamp(0.2, 15.0))),
        "limit": act_limit(plan, step),
        "weight": step.weight.map(|weight| weight.to_string()).unwrap_or_default(),
        "effect": step.action.as_ref().map(|action| format!("{} {:?}", action.verb, action.on)),
        "undo": match Undo::of(plan, place.id) {
            Undo::Named(undo) => Some(format!("{undo:?} {:?}", step.subject)),
            _ => None,
        },
        "retry": position(&step.retry_from).or_else(|| position(&place.id)),
        "text": person_text(plan, step),
    });
    if let (Value::Object(row), Value::Object(gate)) = (&mut row, gate(plan, calendars, step)) {
        row.extend(gate);
    }
    row
}

/// Whether a step makes its member ready for the cutover.
fn is_before_cutover(mover: &Mover, id: StepId) -> bool {
    let position = |wanted| mover.steps.iter().position(|step| *step == wanted);
    position(id) < position(mover.cutover)
}

fn signed(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

fn way(step: &Step) -> &'static str {
    match &step.action {
        _ if step.gate.is_some() => "gate",
        Some(action) if action.executor.is_some() || action.verb == "run" => "auto",
        Some(_) => "person",
        None => "none",
    }
}

/// A step kind's name in the language.
pub fn kind(kind: StepKind) -> String {
    format!("{kind:?}").to_lowercase()
}

fn act_limit(plan: &Plan, step: &Step) -> i64 {
    let executor = step
        .action
        .as_ref()
        .and_then(|action| plan.executors.get(action.executor?));
    match executor.and_then(|executor| executor.settings.get("timeout")) {
        Some(Argument::Duration(seconds)) => hundredths(*seconds) / 100 + 1,
        _ => hundredths(DEFAULT_LIMIT) / 100,
    }
}

fn person_text(plan: &Plan, step: &Step) -> String {
    match &step.action {
        Some(action) if way(step) == "person" => values::sentence(plan, action),
        _ if step.gate.is_some() => step.doc.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

fn gate(plan: &Plan, calendars: &IndexSet<CalendarId>, step: &Step) -> Value {
    let Some(gate) = &step.gate else {
        return json!({"gate_when": "", "gate_names": "", "gate_not_by": "", "gate_within": 0,
            "gate_calendar": "", "gate_limit": "", "gate_else": "", "gate_hold": ""});
    };
    let when: Vec<String> = gate
        .when
        .iter()
        .map(|condition| {
            let name = plan.measure_name(condition.measure);
            format!(
                "{name} {} {}",
                values::comparison(condition.comparison),
                condition.limit
            )
        })
        .collect();
    let role = gate.approve.map(|id| &plan.roles[id]);
    let names: Vec<&str> = role
        .iter()
        .flat_map(|role| [&role.who, &role.backup])
        .flatten()
        .map(String::as_str)
        .collect();
    let otherwise = match gate.otherwise {
        NoAnswer::Stop => "stop",
        NoAnswer::Undo => "undo",
    };
    json!({
        "gate_when": when.join("\n"),
        "gate_names": names.join("\n"),
        "gate_not_by": gate.not_by.clone().unwrap_or_default(),
        "gate_within": hundredths(gate.within),
        "gate_calendar": hours::calendar(plan, gate)
            .and_then(|id| calendars.get_index_of(&id))
            .map(|index| index.to_string())
            .unwrap_or_default(),
        "gate_limit": hours::limit(plan, gate),
        "gate_else": otherwise,
        "gate_hold": gate.max_hold.map(|hold| hundredths(hold).to_string()).unwrap_or_default(),
    })
}

/// Effects and undos as small numbers: steps that change the same thing share one.
pub fn number_effects(rows: &mut [Value]) {
    for field in ["effect", "undo"] {
        let mut seen = IndexSet::new();
        for (index, row) in rows.iter_mut().enumerate() {
            let Value::Object(row) = row else { continue };
            let own = || format!("own {index}");
            let text = match row.get(field) {
                Some(Value::String(text)) => text.clone(),
                _ if field == "undo" => own(),
                _ => String::new(),
            };
            let number = if text.is_empty() {
                String::new()
            } else {
                seen.insert_full(text).0.to_string()
            };
            row.insert(field.to_owned(), Value::from(number));
        }
    }
}

/// Hundredths of a second, rounded up.
pub fn hundredths(seconds: f64) -> i64 {
    let scaled = (seconds * 100.0).ceil();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, which is long enough"
    )]
    let whole = scaled as i64;
    whole.max(0)
}

/// Steps of other stages that steps of this one wait for.
fn outside_ids(plan: &Plan, stage: &Stage) -> BTreeSet<StepId> {
    let own: BTreeSet<StepId> = stage.steps.iter().map(|step| step.id).collect();
    let all = stage
        .steps
        .iter()
        .flat_map(|step| &plan.steps[step.id].predecessors);
    all.filter(|id| !own.contains(id)).copied().collect()
}

/// Their names.
pub fn outside(plan: &Plan, stage: &Stage) -> Vec<String> {
    outside_ids(plan, stage)
        .into_iter()
        .map(|id| plan.steps[id].name.clone())
        .collect()
}
