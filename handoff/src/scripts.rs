//! The scripts of a batch: one folder for each step, the measures of its members, and `run`.

use std::collections::BTreeSet;

use indexmap::IndexSet;
use serde_json::{Value, json};
use whimbrel_plan::{Action, Argument, BatchMode, Mover, Node, Plan, Step, StepId, Subject};

use crate::artefacts::Artefacts;
use crate::engine::{Engine, own_file};
use crate::error::HandoffError;
use crate::layout::{Stage, StageStep};
use crate::measures;
use crate::names::slug;
use crate::values::{self, PlanValues};

/// Files of the walker, in the order in which they are read.
const LIBRARY: [&str; 6] = [
    "step.sh",
    "journal.sh",
    "watch.sh",
    "answers.sh",
    "steps.sh",
    "walker.sh",
];

/// Recovery time when the plan promises none, seconds.
pub const DEFAULT_RTO: f64 = 1800.0;

/// Time limit of an act whose executor sets none, seconds.
const DEFAULT_LIMIT: f64 = 3600.0;

/// What making scripts needs.
pub struct Writer<'a, 'b> {
    /// The plan.
    pub plan: &'a Plan,
    /// What every context says of it.
    pub about: PlanValues,
    /// The templates.
    pub engine: Engine<'b>,
    /// Where files go.
    pub files: Artefacts,
}

/// A script to be made: what it does and which template does it.
struct Script<'a> {
    role: &'static str,
    action: &'a Action,
    template: String,
    executor: usize,
}

impl Writer<'_, '_> {
    /// The walker's own files.
    pub fn library(&mut self) -> Result<(), HandoffError> {
        for file in LIBRARY {
            let text = own_file(&format!("lib/{file}")).unwrap_or_default();
            self.files
                .text(format!("scripts/lib/{file}"), text.to_owned())?;
        }
        Ok(())
    }

    /// All scripts of a batch.
    pub fn stage(&mut self, stage: &Stage) -> Result<(), HandoffError> {
        let members = members(self.plan, stage);
        let mut rows = Vec::new();
        for step in &stage.steps {
            let has = self.step(stage, step, &members)?;
            rows.push(row(self.plan, stage, step, &members, &has));
        }
        number_effects(&mut rows);
        let mut measured = Vec::new();
        for (index, node) in members.iter().enumerate() {
            measured.push(self.member(stage, index, *node)?);
        }
        let context = self.run_values(stage, &rows, &measured);
        let text = self.engine.own("run.sh.tera", &context)?;
        self.files
            .script(format!("scripts/{}/run", stage.folder), tidy(&text))
    }

    /// The scripts of one step; returns which there are: a(ct) c(heck) u(ndo) n (undone) v(erify),
    /// and p when a person has to verify.
    fn step(
        &mut self,
        stage: &Stage,
        place: &StageStep,
        members: &IndexSet<Node>,
    ) -> Result<String, HandoffError> {
        let plan = self.plan;
        let step = &plan.steps[place.id];
        let folder = format!("scripts/{}/{}", stage.folder, place.folder);
        let mut has = String::new();
        if let Some(action) = &step.action {
            for (file, mark) in [("act", 'a'), ("check", 'c')] {
                if let Some(script) = script(plan, step, action, file)? {
                    self.write(&format!("{folder}/{file}"), step, &script)?;
                    has.push(mark);
                }
            }
            if action.verb == "run" && action.executor.is_none() {
                self.own_script(&format!("{folder}/act"), step, action)?;
                has.push('a');
            }
        }
        has.push_str(self.undo(&folder, step)?);
        has.push_str(self.verify(&folder, step, members)?);
        Ok(has)
    }

    /// The undo the plan names, else the one the verb brings along.
    fn undo(&mut self, folder: &str, step: &Step) -> Result<&'static str, HandoffError> {
        let plan = self.plan;
        let Some(undo) = &step.undo else {
            let own = step.action.as_ref().filter(|_| !step.irreversible);
            let Some(action) = own else { return Ok("") };
            let Some(script) = script(plan, step, action, "undo")? else {
                return Ok("");
            };
            self.write(&format!("{folder}/undo"), step, &script)?;
            return Ok("u");
        };
        let Some(mut act) = script(plan, step, undo, "act")? else {
            self.person_script(&format!("{folder}/undo"), step, undo)?;
            return Ok("u");
        };
        act.role = "undo";
        self.write(&format!("{folder}/undo"), step, &act)?;
        let Some(mut check) = script(plan, step, undo, "check")? else {
            return Ok("u");
        };
        check.role = "check that the undo is complete";
        self.write(&format!("{folder}/undone"), step, &check)?;
        Ok("un")
    }

    fn verify(
        &mut self,
        folder: &str,
        step: &Step,
        members: &IndexSet<Node>,
    ) -> Result<&'static str, HandoffError> {
        let plan = self.plan;
        let Some(action) = &step.verify else {
            return Ok("");
        };
        if let Some(mut script) = script(plan, step, action, "act")? {
            script.role = "verification";
            self.write(&format!("{folder}/verify"), step, &script)?;
            return Ok("v");
        }
        let node = values::node(&step.subject).filter(|node| members.contains(node));
        let source = node.and_then(|node| measures::source(plan, node));
        let Some(executor) = source.filter(|_| action.verb == "health") else {
            return Ok("p");
        };
        let template = health_template(plan, executor);
        let script = Script {
            role: "verification",
            action,
            template,
            executor,
        };
        self.write(&format!("{folder}/verify"), step, &script)?;
        Ok("v")
    }

    /// A member's name, the script that measures it, and the triggers that concern it.
    fn member(&mut self, stage: &Stage, index: usize, node: Node) -> Result<Value, HandoffError> {
        let plan = self.plan;
        let name = plan.name(node);
        let mut measure = String::new();
        if let Some(executor) = measures::source(plan, node) {
            measure = format!("measure/{:02}-{}", index + 1, slug(name));
            let action = Action {
                verb: "health".to_owned(),
                on: Some(node),
                arguments: indexmap::IndexMap::new(),
                executor: Some(executor),
            };
            let template = health_template(plan, executor);
            let script = Script {
                role: "measure",
                action: &action,
                template,
                executor,
            };
            let subject = match node {
                Node::Service(id) => Subject::Service(id),
                Node::Resource(id) => Subject::Resource(id),
            };
            let path = format!("scripts/{}/{measure}", stage.folder);
            self.write_for(&path, name, &subject, &script)?;
        }
        let triggers = measures::triggers(plan, node)?;
        let triggers: Vec<String> = triggers.iter().map(usize::to_string).collect();
        Ok(json!({"name": name, "measure": measure, "triggers": triggers.join(" ")}))
    }

    fn write(&mut self, path: &str, step: &Step, script: &Script<'_>) -> Result<(), HandoffError> {
        self.write_for(path, &step.name, &step.subject, script)
    }

    fn write_for(
        &mut self,
        path: &str,
        step_name: &str,
        subject: &Subject,
        script: &Script<'_>,
    ) -> Result<(), HandoffError> {
        let plan = self.plan;
        let executor = plan
            .executors
            .get(script.executor)
            .ok_or_else(|| HandoffError::MissingExecutor(step_name.to_owned()))?;
        let mut context = json!({
            "plan": self.about,
            "step": {"name": step_name},
            "role": script.role,
            "sentence": values::sentence(plan, script.action),
            "verb": script.action.verb,
            "executor": {"name": executor.name, "verified": executor.verified},
            "settings": values::values(&executor.settings),
            "subject": values::subject(plan, subject, script.action.on),
            "args": values::values(&script.action.arguments),
            "arguments": values::words(&script.action.arguments),
            "file": values::first_text(&script.action.arguments),
            "up": "../..",
            "executor_path": format!("../../../executors/{}", slug(&executor.name)),
        });
        let body =
            self.engine
                .executor(&executor.folder, executor.local, &script.template, &context)?;
        put(&mut context, "body", Value::from(body.trim_end()));
        self.finish_script(path, &context)
    }

    fn finish_script(&mut self, path: &str, context: &Value) -> Result<(), HandoffError> {
        let text = self.engine.own("step.sh.tera", context)?;
        self.files.script(path, tidy(&text))
    }

    /// A script of the user's, which the walker runs itself.
    fn own_script(&mut self, path: &str, step: &Step, action: &Action) -> Result<(), HandoffError> {
        let context = self.bare_values(step, action, "act", "the walker");
        let body = self.engine.own("own.sh.tera", &context)?;
        self.with_body(path, context, &body)
    }

    /// What only a person can do: says so, and does not pretend.
    fn person_script(
        &mut self,
        path: &str,
        step: &Step,
        action: &Action,
    ) -> Result<(), HandoffError> {
        let context = self.bare_values(step, action, "undo", "a person");
        let body = self.engine.own("person.sh.tera", &context)?;
        self.with_body(path, context, &body)
    }

    fn with_body(
        &mut self,
        path: &str,
        mut context: Value,
        body: &str,
    ) -> Result<(), HandoffError> {
        put(&mut context, "body", Value::from(body.trim_end()));
        self.finish_script(path, &context)
    }

    fn bare_values(&self, step: &Step, action: &Action, role: &str, by: &str) -> Value {
        json!({
            "plan": self.about,
            "step": {"name": step.name},
            "role": role,
            "sentence": values::sentence(self.plan, action),
            "executor": {"name": by, "verified": "run"},
            "script": values::first_text(&action.arguments),
            "subject": values::subject(self.plan, &step.subject, action.on),
            "up": "../..",
        })
    }

    fn run_values(&self, stage: &Stage, rows: &[Value], members: &[Value]) -> Value {
        let plan = self.plan;
        let batch = stage.batch.map(|id| &plan.batches[id]);
        let sequential = batch.is_some_and(|batch| batch.mode == BatchMode::Sequential);
        let unit_limit = batch.map_or(1000, |batch| match (batch.mode, batch.at_once) {
            (BatchMode::Sequential, _) => 1,
            (BatchMode::Parallel, at_once) => at_once.unwrap_or(1000),
        });
        let triggers: Vec<Value> = plan
            .triggers
            .iter()
            .map(|trigger| {
                json!({
                    "name": trigger.name,
                    "measure": values::measure(trigger.when.measure),
                    "comparison": values::comparison(trigger.when.comparison),
                    "limit": trigger.when.limit,
                    "hold": hundredths(trigger.hold),
                })
            })
            .collect();
        let (commands, environment) = needed(plan, stage);
        json!({
            "plan": self.about,
            "batch": {
                "name": stage.name,
                "folder": stage.folder,
                "rto": hundredths(plan.migration.objectives.rto.unwrap_or(DEFAULT_RTO)),
                "unit_limit": unit_limit,
                "unit_until": if sequential { "settled" } else { "ready" },
                "isolate": i32::from(batch.is_some_and(|batch| batch.isolate)),
                "members": members,
                "commands": commands,
                "environment": environment,
            },
            "triggers": triggers,
            "steps": rows,
            "outside": outside(plan, stage),
            "library": LIBRARY,
        })
    }
}

fn put(context: &mut Value, name: &str, value: Value) {
    if let Value::Object(fields) = context {
        fields.insert(name.to_owned(), value);
    }
}

/// The template of an action's `act`, `check` or `undo`, when an executor carries it out.
fn script<'a>(
    plan: &Plan,
    step: &Step,
    action: &'a Action,
    role: &'static str,
) -> Result<Option<Script<'a>>, HandoffError> {
    let Some(index) = action.executor else {
        return Ok(None);
    };
    let missing = || HandoffError::MissingExecutor(step.name.clone());
    let executor = plan.executors.get(index).ok_or_else(missing)?;
    let templates = executor.verbs.get(&action.verb).ok_or_else(missing)?;
    let template = match role {
        "act" => Some(templates.act.clone()),
        "check" => templates.check.clone(),
        _ => templates.undo.clone(),
    };
    Ok(template.map(|template| Script {
        role,
        action,
        template,
        executor: index,
    }))
}

fn health_template(plan: &Plan, executor: usize) -> String {
    let executor = plan.executors.get(executor);
    let verb = executor.and_then(|executor| executor.verbs.get("health"));
    verb.map_or_else(String::new, |verb| verb.act.clone())
}

/// The services and resources whose steps stand in a stage, in order of appearance.
fn members(plan: &Plan, stage: &Stage) -> IndexSet<Node> {
    let steps = stage.steps.iter().map(|step| &plan.steps[step.id]);
    steps
        .filter_map(|step| values::node(&step.subject))
        .collect()
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

fn outside(plan: &Plan, stage: &Stage) -> Vec<String> {
    outside_ids(plan, stage)
        .into_iter()
        .map(|id| plan.steps[id].name.clone())
        .collect()
}

/// Commands and environment variables that the executors of a stage need.
pub fn needed(plan: &Plan, stage: &Stage) -> (BTreeSet<String>, BTreeSet<String>) {
    let steps = stage.steps.iter().map(|step| &plan.steps[step.id]);
    let actions = steps.flat_map(|step| [&step.action, &step.undo, &step.verify]);
    let executors = actions
        .flatten()
        .filter_map(|action| plan.executors.get(action.executor?));
    let (mut commands, mut environment) = (BTreeSet::new(), BTreeSet::new());
    for executor in executors {
        commands.extend(values::list(executor, "commands"));
        environment.extend(values::list(executor, "environment"));
        for (name, setting) in &executor.settings {
            if let (true, Argument::Text(variable)) = (name.ends_with("_env"), setting) {
                environment.insert(variable.clone());
            }
        }
    }
    environment.retain(|name| is_variable(name));
    (commands, environment)
}

fn is_variable(name: &str) -> bool {
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    first && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// What the walker knows of a step.
fn row(
    plan: &Plan,
    stage: &Stage,
    place: &StageStep,
    members: &IndexSet<Node>,
    has: &str,
) -> Value {
    let step = &plan.steps[place.id];
    let node = values::node(&step.subject);
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
        "soak": hundredths(step.soak),
        "every": hundredths(step.every.unwrap_or(15.0).min((step.soak / 4.0).clamp(0.2, 15.0))),
        "limit": act_limit(plan, step),
        "weight": step.weight.map(|weight| weight.to_string()).unwrap_or_default(),
        "effect": step.action.as_ref().map(|action| format!("{} {:?}", action.verb, action.on)),
        "undo": step.undo.as_ref().map(|undo| format!("{undo:?} {:?}", step.subject)),
        "retry": position(&step.failure.retry_from).or_else(|| position(&place.id)),
        "text": person_text(plan, step),
    });
    if let (Value::Object(row), Value::Object(gate)) = (&mut row, gate(plan, step)) {
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
pub fn kind(kind: whimbrel_plan::StepKind) -> String {
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

fn gate(plan: &Plan, step: &Step) -> Value {
    let Some(gate) = &step.gate else {
        return json!({"gate_when": "", "gate_names": "", "gate_not_by": "", "gate_within": 0,
            "gate_else": "", "gate_hold": ""});
    };
    let when: Vec<String> = gate
        .when
        .iter()
        .map(|condition| {
            let name = values::measure(condition.measure);
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
        whimbrel_plan::NoAnswer::Stop => "stop",
        whimbrel_plan::NoAnswer::Undo => "undo",
    };
    json!({
        "gate_when": when.join("\n"),
        "gate_names": names.join("\n"),
        "gate_not_by": gate.not_by.clone().unwrap_or_default(),
        "gate_within": hundredths(gate.within),
        "gate_else": otherwise,
        "gate_hold": gate.max_hold.map(|hold| hundredths(hold).to_string()).unwrap_or_default(),
    })
}

/// Effects and undos as small numbers: steps that change the same thing share one.
fn number_effects(rows: &mut [Value]) {
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
fn hundredths(seconds: f64) -> i64 {
    let scaled = (seconds * 100.0).ceil();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, which is long enough"
    )]
    let whole = scaled as i64;
    whole.max(0)
}

/// Runs of blank lines that templates leave behind become one; the file ends with one line break.
pub fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut blank = false;
    for line in text.trim().lines().map(str::trim_end) {
        if line.is_empty() {
            blank = true;
            continue;
        }
        if std::mem::take(&mut blank) {
            tidy.push('\n');
        }
        tidy.push_str(line);
        tidy.push('\n');
    }
    tidy
}
