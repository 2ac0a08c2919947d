//! The project's own executors: their templates for the hand-off, and what is wrong with them.

use std::collections::BTreeSet;

use whimbrel_compiler::schema::{MEANT_SETTINGS, VARIABLE_SUFFIX};
use whimbrel_compiler::{Compilation, OwnExecutor, OwnTemplate};
use whimbrel_handoff::{HandoffError, LocalTemplates, Problem, TemplateUse};
use whimbrel_lang::{Code, Diagnostic, Level, Span, nearest};

use crate::files::Tree;

/// Most names that are listed where none is near.
const LISTED: usize = 16;

/// The texts of the templates, by `executor/file`.
pub fn templates(compilation: &Compilation) -> LocalTemplates {
    let mut templates = LocalTemplates::default();
    for own in &compilation.own_executors {
        for (name, template) in &own.templates {
            let text = compilation.sources.get(template.source).text();
            templates.insert(format!("{}/{name}", own.name), text.to_owned());
        }
    }
    templates
}

/// Adds what is wrong with the executors in use: their templates and settings and, when nothing
/// else is wrong, what does not work with this plan.
pub fn check(folder: &dyn Tree, compilation: &mut Compilation) {
    let mut found = Vec::new();
    for own in &compilation.own_executors {
        let mut in_folder = Vec::new();
        for (name, template) in &own.templates {
            in_folder.extend(in_template(compilation, own, name, template));
        }
        // What cannot be read may use all the rest.
        if in_folder.is_empty() && !has_errors(compilation, own) {
            in_folder.extend(unused_settings(compilation, own));
            in_folder.extend(unused_templates(folder, own));
        }
        found.extend(in_folder);
    }
    let errors = found.iter().any(|one| one.level == Level::Error);
    if !errors && compilation.errors() == 0 {
        found.extend(trial(compilation));
    }
    compilation.add(found);
}

fn has_errors(compilation: &Compilation, own: &OwnExecutor) -> bool {
    let folder = format!("executors/{}/", own.name);
    let inside = |span: Span| {
        let source = compilation.sources.get(span.source);
        source.path().starts_with(&folder)
    };
    let mut diagnostics = compilation.diagnostics.iter();
    diagnostics.any(|found| found.level == Level::Error && inside(found.primary.span))
}

fn in_template(
    compilation: &Compilation,
    own: &OwnExecutor,
    name: &str,
    template: &OwnTemplate,
) -> Vec<Diagnostic> {
    let path = format!("{}/{name}", own.name);
    let arguments = template.verbs.iter().flat_map(|verb| verb.parameters);
    let wanted = TemplateUse {
        name: &path,
        text: compilation.sources.get(template.source).text(),
        settings: own.settings.keys().map(String::as_str).collect(),
        arguments: arguments.map(|parameter| parameter.name).collect(),
        is_script: !template.verbs.is_empty(),
        is_file: template.is_file,
    };
    whimbrel_handoff::check_template(&wanted)
        .iter()
        .map(|problem| told(problem, place(template, problem)))
        .collect()
}

/// In the template; of a template whose language nobody knows, where it is named.
fn place(template: &OwnTemplate, problem: &Problem) -> Span {
    match problem.error {
        HandoffError::UnknownLanguage(_) => template.span,
        _ => Span::new(template.source, problem.range.start, problem.range.end),
    }
}

fn told(problem: &Problem, span: Span) -> Diagnostic {
    let error = &problem.error;
    let code = Code {
        number: error.code(),
        name: error.name(),
    };
    let level = if error.is_warning() {
        Level::Warning
    } else {
        Level::Error
    };
    let message = match error {
        // The place is shown beside it.
        HandoffError::Template { reason, .. } => {
            format!("the template cannot be filled in: {reason}")
        }
        HandoffError::UnknownInTemplate { name, .. } => {
            format!("there is no `{name}` for this template")
        }
        other => other.message(),
    };
    let diagnostic = Diagnostic::new(code, level, span, message);
    match advice(problem) {
        Some(advice) => diagnostic.help(advice),
        None => diagnostic,
    }
}

/// The nearest of the names known in that place; some of them; what the error advises.
fn advice(problem: &Problem) -> Option<String> {
    let known = || problem.known.iter().map(String::as_str);
    if let Some(near) = problem.unknown().and_then(|name| nearest(name, known())) {
        return Some(format!("did you mean `{near}`?"));
    }
    let some: Vec<String> = known().map(|name| format!("`{name}`")).collect();
    if (1..=LISTED).contains(&some.len()) {
        return Some(format!("there is {}", some.join(", ")));
    }
    problem.error.help().map(str::to_owned)
}

fn unused_settings(compilation: &Compilation, own: &OwnExecutor) -> Vec<Diagnostic> {
    let names: Vec<&str> = own.settings.keys().map(String::as_str).collect();
    let mut read: BTreeSet<&str> = BTreeSet::new();
    for template in own.templates.values() {
        let text = compilation.sources.get(template.source).text();
        read.extend(whimbrel_handoff::settings_read(text, &names));
    }
    let meant = |name: &str| {
        name.ends_with(VARIABLE_SUFFIX) || MEANT_SETTINGS.iter().any(|(known, ..)| *known == name)
    };
    own.settings
        .iter()
        .filter(|(name, _)| !meant(name) && !read.contains(name.as_str()))
        .map(|(name, span)| {
            let error = HandoffError::UnusedSetting {
                executor: own.name.clone(),
                setting: name.clone(),
            };
            told(&problem(error), *span)
        })
        .collect()
}

fn unused_templates(folder: &dyn Tree, own: &OwnExecutor) -> Vec<Diagnostic> {
    let names = folder.names(&format!("executors/{}", own.name));
    names
        .into_iter()
        .filter(|name| name.ends_with(".tera") && !own.templates.contains_key(name))
        .map(|template| {
            let executor = own.name.clone();
            told(
                &problem(HandoffError::UnusedTemplate { executor, template }),
                own.span,
            )
        })
        .collect()
}

fn problem(error: HandoffError) -> Problem {
    Problem {
        error,
        range: 0..0,
        known: Vec::new(),
    }
}

/// What does not work with this plan: told in the project's own template, else where the executor
/// is named.
fn trial(compilation: &Compilation) -> Vec<Diagnostic> {
    let Some(plan) = &compilation.plan else {
        return Vec::new();
    };
    let problems = whimbrel_handoff::trial(plan, &templates(compilation));
    let told = problems.iter().filter_map(|(index, problem)| {
        let own = own_template(compilation, problem).map(|template| place(template, problem));
        let named = compilation.executor_places.get(*index).copied().flatten();
        Some(told(problem, own.or(named)?))
    });
    told.collect()
}

fn own_template<'a>(compilation: &'a Compilation, problem: &Problem) -> Option<&'a OwnTemplate> {
    let HandoffError::Template { template, .. } = &problem.error else {
        return None;
    };
    let (executor, name) = template.split_once('/')?;
    let mut own = compilation.own_executors.iter();
    own.find(|own| own.name == executor)?.templates.get(name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;
    use whimbrel_compiler::schema::{GivenTo, TEMPLATE_VALUES};

    /// `name`, or `name.field` for each field.
    fn names(values: &Value) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for (name, value) in values.as_object().unwrap() {
            match value.as_object().filter(|fields| !fields.is_empty()) {
                Some(fields) => names.extend(fields.keys().map(|field| format!("{name}.{field}"))),
                None => drop(names.insert(name.clone())),
            }
        }
        names
    }

    #[test]
    fn the_reference_lists_what_templates_are_given() {
        for (is_file, other) in [(false, GivenTo::Files), (true, GivenTo::Scripts)] {
            let listed = TEMPLATE_VALUES
                .iter()
                .filter(|(_, given, _)| *given != other);
            let listed: BTreeSet<String> = listed.map(|(name, ..)| (*name).to_owned()).collect();
            assert_eq!(names(&whimbrel_handoff::usable(is_file)), listed);
        }
    }
}
