//! What the walker knows of each step: a row of the tables that `run` carries.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexSet;
use serde_json::{Value, json};
use whimbrel_plan::{Argument, CalendarId, Mover, NoAnswer, Node, Plan, Step, StepId, StepKind};

use crate::hours;
use crate::layout::{Stage, StageStep};
use crate::undo::Undo;
use crate::values;

/// Time limit of an act whose executor sets none, seconds.
const DEFAULT_LIMIT: f64 = 3600.0;

/// Which member's course a step is part of, and at which place of it: by step.
pub struct Courses<'a>(Vec<Option<(&'a Mover, usize)>>);

impl<'a> Courses<'a> {
    /// Those of a plan.
    pub fn new(plan: &'a Plan) -> Self {
        let mut courses = vec![None; plan.steps.len()];
        for mover in &plan.movers {
            for (place, step) in mover.steps.iter().enumerate() {
                if let Some(course) = courses.get_mut(step.index()) {
                    course.get_or_insert((mover, place));
                }
            }
        }
        Self(courses)
    }

    fn of(&self, step: StepId) -> Option<(&'a Mover, usize)> {
        self.0.get(step.index()).copied().flatten()
    }

    /// The member a step moves.
    pub fn mover(&self, step: StepId) -> Option<&'a Mover> {
        self.of(step).map(|(mover, _)| mover)
    }

    /// Whether a step makes its member ready for the cutover.
    fn is_before_cutover(&self, step: StepId) -> bool {
        let place = |step| self.of(step).map(|(_, place)| place);
        let cutover = self.mover(step).map(|mover| mover.cutover);
        cutover.is_some_and(|cutover| place(step) < place(cutover))
    }
}

/// What the rows of a stage have in common.
pub struct Rows<'a> {
    plan: &'a Plan,
    courses: &'a Courses<'a>,
    members: &'a IndexSet<Node>,
    calendars: &'a IndexSet<CalendarId>,
    /// The numbers of the stage's steps, and after them those of others that some wait for.
    numbers: BTreeMap<StepId, usize>,
    steps: usize,
}

impl<'a> Rows<'a> {
    /// Those of a stage.
    pub fn new(
        plan: &'a Plan,
        stage: &Stage,
        courses: &'a Courses<'a>,
        members: &'a IndexSet<Node>,
        calendars: &'a IndexSet<CalendarId>,
    ) -> Self {
        let own = stage.steps.iter().map(|step| step.id);
        let all = own.chain(outside_ids(plan, stage));
        Self {
            plan,
            courses,
            members,
            calendars,
            numbers: all.enumerate().map(|(number, id)| (id, number)).collect(),
            steps: stage.steps.len(),
        }
    }

    /// The number of a step of the stage.
    fn own(&self, id: StepId) -> Option<usize> {
        let number = self.numbers.get(&id).copied();
        number.filter(|number| *number < self.steps)
    }

    /// What the walker knows of a step.
    pub fn row(&self, place: &StageStep, has: &str) -> Value {
        let plan = self.plan;
        let step = &plan.steps[place.id];
        let node = step.subject.node();
        let mover = self.courses.mover(place.id);
        let needs = step
            .predecessors
            .iter()
            .filter_map(|id| self.numbers.get(id));
        let mut row = json!({
            "id": step.name,
            "folder": place.folder,
            "kind": kind(step.kind),
            "way": way(step),
            "has": has,
            "member": node.and_then(|node| self.members.get_index_of(&node)).map_or(-1, signed),
            "unit": mover.map_or(-1, |mover| signed(mover.unit)),
            "cutover": i32::from(mover.is_some_and(|mover| mover.cutover == place.id)),
            "final": i32::from(step.irreversible),
            "before": i32::from(self.courses.is_before_cutover(place.id)),
            "needs": needs.map(usize::to_string).collect::<Vec<_>>().join(" "),
            "soak": hundredths(step.soak.mean()),
            "every": hundredths(step.every.unwrap_or(15.0).min((step.soak.mean() / 4.0).clamp(0.2, 15.0))),
            "limit": act_limit(plan, step),
            "weight": step.weight.map(|weight| weight.to_string()).unwrap_or_default(),
            "effect": step.action.as_ref().map(|action| format!("{} {:?}", action.verb, action.on)),
            "undo": match Undo::of(plan, place.id) {
                Undo::Named(undo) => Some(format!("{undo:?} {:?}", step.subject)),
                _ => None,
            },
            "retry": self.own(step.retry_from).or_else(|| self.own(place.id)),
            "text": person_text(plan, step),
        });
        if let (Value::Object(row), Value::Object(gate)) =
            (&mut row, gate(plan, self.calendars, step))
        {
            row.extend(gate);
        }
        row
    }
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
