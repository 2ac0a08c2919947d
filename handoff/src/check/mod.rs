//! Executors checked before anything is built: what their templates say, and whether they can be
//! filled in with what the plan gives them.

mod names;

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;
use whimbrel_plan::{Action, Executor, Plan, Step, VerbTemplates};

use crate::engine::{self, Engine, LocalTemplates};
use crate::error::HandoffError;
use crate::rows::Courses;
use crate::scripts::Writer;
use crate::values;
use crate::{Artefacts, about};

/// A template, and what it is for.
#[derive(Clone, Debug)]
pub struct TemplateUse<'a> {
    /// `EXECUTOR/FILE`.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Names of the executor's settings.
    pub settings: Vec<&'a str>,
    /// Names of the arguments of the verbs it serves.
    pub arguments: Vec<&'a str>,
    /// Whether it serves a verb.
    pub is_script: bool,
    /// Whether it makes a file for the whole plan.
    pub is_file: bool,
}

/// What is wrong with a template, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub error: HandoffError,
    /// The bytes of the template it is about.
    pub range: Range<usize>,
    /// What could be meant: the names known in that place.
    pub known: Vec<String>,
}

impl Problem {
    /// The name that is not among those known.
    #[must_use]
    pub fn unknown(&self) -> Option<&str> {
        match &self.error {
            HandoffError::UnknownInTemplate { name, .. } => {
                Some(name.rsplit_once('.').map_or(name, |(_, field)| field))
            }
            HandoffError::Template { reason, .. } => reason.split('`').nth(1),
            _ => None,
        }
    }
}

/// What is wrong with a template whatever the plan: it does not parse, or uses what it is not given.
#[must_use]
pub fn check_template(template: &TemplateUse<'_>) -> Vec<Problem> {
    let none = LocalTemplates::default();
    let mut engine = Engine::new(&none);
    let faults = match engine.faults(template.name, template.text) {
        Ok(faults) => faults,
        Err(error) => return vec![whole(error)],
    };
    if !faults.is_empty() {
        let placed = faults.into_iter().map(|fault| Problem {
            range: range(template.text, fault.place),
            known: known_instead(&fault.reason),
            error: fault.of(template.name),
        });
        return placed.collect();
    }
    let mut roots = Vec::new();
    for (wanted, is_file) in [(template.is_script, false), (template.is_file, true)] {
        if wanted {
            roots.push(values::usable(is_file));
        }
    }
    let uses = names::used(template.text).into_iter();
    uses.filter_map(|used| unknown(template, &roots, &used))
        .collect()
}

/// What could stand in the place of a filter or function that nobody knows.
fn known_instead(reason: &str) -> Vec<String> {
    let known = if reason.starts_with("unknown filter") {
        engine::filters()
    } else if reason.starts_with("unknown function") {
        vec![engine::REFUSE]
    } else {
        Vec::new()
    };
    known.into_iter().map(str::to_owned).collect()
}

/// The settings a template reads; all of `settings` when it takes them one after another.
#[must_use]
pub fn settings_read<'a>(text: &str, settings: &[&'a str]) -> BTreeSet<&'a str> {
    let mut read = BTreeSet::new();
    for used in names::used(text) {
        if used.root != "settings" {
            continue;
        }
        let is_it = |name: &&&str| used.field.as_deref().is_none_or(|field| field == **name);
        read.extend(settings.iter().filter(is_it));
    }
    read
}

/// What a use names that it is not given, if so.
fn unknown(template: &TemplateUse<'_>, roots: &[Value], used: &names::Used) -> Option<Problem> {
    let told = |name: String, known: Vec<String>| {
        Some(Problem {
            error: HandoffError::UnknownInTemplate {
                template: template.name.to_owned(),
                name,
            },
            range: used.range.clone(),
            known,
        })
    };
    for root in roots {
        let Some(value) = root.get(&used.root) else {
            return told(used.root.clone(), keys(root));
        };
        let Some(field) = &used.field else { continue };
        let known = match used.root.as_str() {
            "settings" => template
                .settings
                .iter()
                .map(|name| (*name).to_owned())
                .collect(),
            "args" => template
                .arguments
                .iter()
                .map(|name| (*name).to_owned())
                .collect(),
            _ => keys(value),
        };
        // A list or a word has fields of the template language, such as its length.
        if value.is_object() && !known.contains(field) {
            return told(format!("{}.{field}", used.root), known);
        }
    }
    None
}

fn keys(value: &Value) -> Vec<String> {
    value
        .as_object()
        .map(|fields| fields.keys().cloned().collect())
        .unwrap_or_default()
}

fn whole(error: HandoffError) -> Problem {
    Problem {
        error,
        range: 0..0,
        known: Vec::new(),
    }
}

/// The byte at a line and a column, as an empty range.
fn range(text: &str, place: Option<(usize, usize)>) -> Range<usize> {
    let Some((line, column)) = place else {
        return 0..0;
    };
    let mut start = 0;
    for (number, content) in text.split_inclusive('\n').enumerate() {
        if number + 1 == line {
            let before = content.chars().take(column.saturating_sub(1));
            let at = start + before.map(char::len_utf8).sum::<usize>();
            return at..at;
        }
        start += content.len();
    }
    text.len()..text.len()
}

/// Fills every template in once for each executor and verb that the plan uses it for, and says what
/// does not work, with the executor's index.
#[must_use]
pub fn trial(plan: &Plan, templates: &LocalTemplates) -> Vec<(usize, Problem)> {
    let mut trial = Trial {
        writer: Writer {
            plan,
            courses: Courses::new(plan),
            about: about(plan, String::new()),
            engine: Engine::new(templates),
            files: Artefacts::default(),
        },
        templates,
        seen: BTreeSet::new(),
        found: Vec::new(),
    };
    for step in plan.steps.values() {
        for action in [&step.action, &step.verify, &step.undo]
            .into_iter()
            .flatten()
        {
            trial.action(step, action);
        }
    }
    for (index, executor) in plan.executors.iter().enumerate() {
        for file in &executor.files {
            let context = trial.writer.file_values(index, executor);
            trial.fill(index, executor, &file.template, &context);
        }
    }
    trial.found
}

struct Trial<'a> {
    writer: Writer<'a, 'a>,
    templates: &'a LocalTemplates,
    /// Executor, verb and template.
    seen: BTreeSet<(usize, &'a str, &'a str)>,
    found: Vec<(usize, Problem)>,
}

impl<'a> Trial<'a> {
    fn action(&mut self, step: &'a Step, action: &'a Action) {
        let plan = self.writer.plan;
        let Some(index) = action.executor else { return };
        let Some(executor) = plan.executors.get(index) else {
            return;
        };
        let Some(verb) = executor.verbs.get(&action.verb) else {
            return;
        };
        for template in files(verb) {
            if !self.seen.insert((index, &action.verb, template)) {
                continue;
            }
            let context = values::script(
                &self.writer.about,
                &step.name,
                ("act", values::sentence(plan, action)),
                executor,
                action,
                &values::subject(plan, &step.subject, action.on),
            );
            self.fill(index, executor, template, &context);
        }
    }

    fn fill(&mut self, index: usize, executor: &Executor, template: &str, context: &Value) {
        let engine = &mut self.writer.engine;
        let filled = engine.executor(&executor.folder, executor.local, template, context);
        let Err(error) = filled else { return };
        let path = format!("{}/{template}", executor.folder);
        let text = self.templates.get(&path).map_or("", String::as_str);
        let place = match &error {
            HandoffError::Template { place, .. } => *place,
            _ => None,
        };
        let problem = Problem {
            range: range(text, place),
            error,
            known: Vec::new(),
        };
        self.found.push((index, problem));
    }
}

fn files(verb: &VerbTemplates) -> impl Iterator<Item = &str> {
    let optional = [&verb.check, &verb.undo, &verb.dry_run].into_iter();
    std::iter::once(verb.act.as_str()).chain(optional.flatten().map(String::as_str))
}
