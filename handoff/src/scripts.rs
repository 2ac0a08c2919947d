//! The scripts of a batch: one folder for each step, the measures of its members, and `run`.

use std::collections::BTreeSet;

use indexmap::IndexSet;
use serde_json::{Value, json};
use whimbrel_plan::{Action, Argument, BatchMode, Call, Node, Plan, Step, StepId, Subject};

use crate::artefacts::Artefacts;
use crate::engine::{Engine, own_file};
use crate::error::HandoffError;
use crate::hours;
use crate::layout::{Stage, StageStep};
use crate::measures;
use crate::names::slug;
use crate::rows::{Courses, Rows, hundredths, number_effects, outside};
use crate::undo::Undo;
use crate::values::{self, PlanValues};

/// Files of the walker, in the order in which they are read.
const LIBRARY: [&str; 7] = [
    "step.sh",
    "journal.sh",
    "watch.sh",
    "calendar.sh",
    "answers.sh",
    "steps.sh",
    "walker.sh",
];

/// Recovery time when the plan promises none, seconds.
pub const DEFAULT_RTO: f64 = 1800.0;

/// What making scripts needs.
pub struct Writer<'a, 'b> {
    /// The plan.
    pub plan: &'a Plan,
    /// Which member each of its steps moves.
    pub courses: Courses<'a>,
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
        let calendars = hours::calendars(self.plan, stage);
        let mut has = Vec::new();
        for step in &stage.steps {
            has.push(self.step(stage, step, &members)?);
        }
        let all = Rows::new(self.plan, stage, &self.courses, &members, &calendars);
        let rows = stage.steps.iter().zip(&has);
        let mut rows: Vec<Value> = rows.map(|(step, has)| all.row(step, has)).collect();
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
            if let Some(script) = script(plan, step, action, "dry run")? {
                self.write(&format!("{folder}/dry-run"), step, &script)?;
            }
            if action.verb == "run" && action.executor.is_none() {
                self.own_script(&format!("{folder}/act"), step, action)?;
                has.push('a');
            }
        }
        has.push_str(self.undo(&folder, place.id)?);
        has.push_str(self.verify(&folder, step, members)?);
        Ok(has)
    }

    /// The undo of a step, and what sees that it is complete.
    fn undo(&mut self, folder: &str, id: StepId) -> Result<&'static str, HandoffError> {
        let plan = self.plan;
        let step = &plan.steps[id];
        let undo = match Undo::of(plan, id) {
            Undo::Nothing => return Ok(""),
            Undo::Brought(action, _) => {
                let Some(script) = script(plan, step, action, "undo")? else {
                    return Ok("");
                };
                self.write(&format!("{folder}/undo"), step, &script)?;
                return Ok("u");
            }
            Undo::Named(undo) => undo,
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
        let node = step.subject.node().filter(|node| members.contains(node));
        let source = node.and_then(|node| plan.measurer(node));
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

    /// A member's name, the scripts that measure it, and the triggers that concern it.
    fn member(&mut self, stage: &Stage, index: usize, node: Node) -> Result<Value, HandoffError> {
        let plan = self.plan;
        let name = plan.name(node);
        let takers = measures::takers(plan, stage, node);
        let executors: BTreeSet<usize> = plan
            .measurer(node)
            .into_iter()
            .chain(takers.values().copied())
            .collect();
        for executor in executors {
            let path = measure_path(plan, index, node, executor);
            self.measure(&format!("scripts/{}/{path}", stage.folder), node, executor)?;
        }
        let pairs = takers.iter().map(|(measure, executor)| {
            let path = measure_path(plan, index, node, *executor);
            format!("{}={path}", plan.measure_name(*measure))
        });
        let measures = pairs.collect::<Vec<_>>().join(" ");
        let triggers = measures::triggers(plan, node)?;
        let triggers: Vec<String> = triggers.iter().map(usize::to_string).collect();
        Ok(json!({"name": name, "measures": measures, "triggers": triggers.join(" ")}))
    }

    /// The script that takes measures of a member.
    fn measure(&mut self, path: &str, node: Node, executor: usize) -> Result<(), HandoffError> {
        let plan = self.plan;
        let call = Call {
            verb: "health".to_owned(),
            arguments: indexmap::IndexMap::new(),
            executor: Some(executor),
        };
        let action = Action::new(Some(node), call);
        let script = Script {
            role: "measure",
            action: &action,
            template: health_template(plan, executor),
            executor,
        };
        let subject = match node {
            Node::Service(id) => Subject::Service(id),
            Node::Resource(id) => Subject::Resource(id),
        };
        self.write_for(path, plan.name(node), &subject, &script)
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
        let mut context = values::script(
            &self.about,
            step_name,
            (script.role, values::sentence(plan, script.action)),
            executor,
            script.action,
            &values::subject(plan, subject, script.action.on),
        );
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
                    "measure": plan.measure_name(trigger.when.measure),
                    "comparison": values::comparison(trigger.when.comparison),
                    "limit": trigger.when.limit,
                    "hold": hundredths(trigger.hold),
                })
            })
            .collect();
        let (commands, environment) = needed(plan, stage);
        let calendars = hours::calendars(plan, stage).into_iter();
        let calendars: Vec<Value> = calendars.map(|id| hours::values(plan, id)).collect();
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
                "scripts": scripts(plan, stage),
            },
            "triggers": triggers,
            "calendars": calendars,
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
        "dry run" => templates.dry_run.clone(),
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

/// Where the script by which an executor measures a member stands, in the folder of its batch.
pub fn measure_path(plan: &Plan, index: usize, node: Node, executor: usize) -> String {
    let name = slug(plan.name(node));
    let own = plan.measurer(node) != Some(executor);
    let by = plan.executors.get(executor).filter(|_| own);
    let by = by.map_or_else(String::new, |by| format!("-{}", slug(&by.name)));
    format!("measure/{:02}-{name}{by}", index + 1)
}

/// The services and resources whose steps stand in a stage, in order of appearance.
pub fn members(plan: &Plan, stage: &Stage) -> IndexSet<Node> {
    let steps = stage.steps.iter().map(|step| &plan.steps[step.id]);
    steps.filter_map(|step| step.subject.node()).collect()
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

/// Paths of the user's own scripts that a stage calls: they must be there before it begins.
fn scripts(plan: &Plan, stage: &Stage) -> BTreeSet<String> {
    let steps = stage.steps.iter().map(|step| &plan.steps[step.id]);
    let actions = steps
        .flat_map(|step| [&step.action, &step.undo, &step.verify])
        .flatten();
    actions
        .filter_map(|action| own_script(plan, action))
        .filter(|path| path.contains('/'))
        .map(str::to_owned)
        .collect()
}

/// The script of the user's that carries out an action, if one does.
fn own_script<'a>(plan: &'a Plan, action: &'a Action) -> Option<&'a str> {
    if action.verb == "run" {
        return Some(values::first_text(&action.arguments));
    }
    let executor = plan.executors.get(action.executor?)?;
    match executor.settings.get("script") {
        Some(Argument::Text(path)) => Some(path),
        _ => None,
    }
}

fn is_variable(name: &str) -> bool {
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    first && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
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
