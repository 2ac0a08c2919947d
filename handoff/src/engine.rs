//! The template engine: one for each language, so that a value that no filter names is quoted for
//! the language it lands in.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

use include_dir::{Dir, include_dir};
use serde::Serialize;
use tera::{Context, ErrorKind, Kwargs, State, Tera, Value};

use crate::error::HandoffError;
use crate::{names, quote, text};

static STANDARD: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../stdlib/executors");
static OWN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// Templates of the project's own executors, by `executor/file`.
pub type LocalTemplates = BTreeMap<String, String>;

type Quote = fn(&str) -> String;

/// What the end of a template's name says about its language.
const LANGUAGES: [(&str, Quote); 10] = [
    (".sh.tera", quote::bash),
    (".sql.tera", quote::sql_literal),
    (".yml.tera", quote::json),
    (".yaml.tera", quote::json),
    (".json.tera", quote::json),
    (".md.tera", quote::markdown),
    (".html.tera", quote::html),
    (".csv.tera", quote::csv),
    (".cfg.tera", quote::haproxy),
    (".map.tera", quote::comment),
];

/// Filters by name; each marks what it returns as quoted.
const FILTERS: [(&str, Quote); 21] = [
    ("bash", quote::bash),
    ("sql_literal", quote::sql_literal),
    ("sql_identifier", quote::sql_identifier),
    ("yaml", quote::json),
    ("json", quote::json),
    ("promql", quote::promql),
    ("alert", quote::alert),
    ("markdown", quote::markdown),
    ("code", quote::code),
    ("html", quote::html),
    ("haproxy", quote::haproxy),
    ("csv", quote::csv),
    ("comment", quote::comment),
    ("token", quote::token),
    ("slug", names::slug),
    ("object_name", names::object_name),
    ("seconds", text::seconds_of),
    ("days", text::days_of),
    ("percent", text::percent_of),
    ("count", text::count_of),
    ("whole", text::whole_of),
];

/// The function by which a template refuses a plan.
pub const REFUSE: &str = "refuse";

/// Names of the filters that quote and format.
pub fn filters() -> Vec<&'static str> {
    FILTERS.iter().map(|(name, _)| *name).collect()
}

/// Fills in templates.
pub struct Engine<'a> {
    local: &'a LocalTemplates,
    refusal: Refusal,
    languages: Vec<(&'static str, Tera)>,
}

impl<'a> Engine<'a> {
    /// An engine that knows the standard library's templates and these.
    pub fn new(local: &'a LocalTemplates) -> Self {
        let refusal = Refusal::default();
        let languages = LANGUAGES
            .iter()
            .enumerate()
            .map(|(index, (suffix, _))| (*suffix, language(index, &refusal)))
            .collect();
        Self {
            local,
            refusal,
            languages,
        }
    }

    /// Fills in a template of this crate.
    pub fn own<T: Serialize>(&mut self, file: &str, values: &T) -> Result<String, HandoffError> {
        let source = own_file(file).ok_or_else(|| missing("the hand-off", file))?;
        self.fill(&format!("handoff/{file}"), source, values)
    }

    /// Fills in a template of an executor.
    pub fn executor<T: Serialize>(
        &mut self,
        folder: &str,
        local: bool,
        file: &str,
        values: &T,
    ) -> Result<String, HandoffError> {
        let path = format!("{folder}/{file}");
        let source = if local {
            self.local.get(&path).map(String::as_str)
        } else {
            STANDARD
                .get_file(&path)
                .and_then(include_dir::File::contents_utf8)
        };
        let source = source.ok_or_else(|| missing(folder, file))?.to_owned();
        self.fill(&path, &source, values)
    }

    fn fill<T: Serialize>(
        &mut self,
        name: &str,
        source: &str,
        values: &T,
    ) -> Result<String, HandoffError> {
        let refusal = Arc::clone(&self.refusal);
        let failed = |error: tera::Error| match refusal.lock().ok().and_then(|mut said| said.take())
        {
            Some(reason) => HandoffError::Refused {
                executor: name.split('/').next().unwrap_or(name).to_owned(),
                reason,
            },
            None => faults(&error).remove(0).of(name),
        };
        let tera = self.language(name)?;
        if !tera.contains_template(name) {
            tera.add_raw_template(name, source).map_err(failed)?;
        }
        let context = Context::from_serialize(values).map_err(failed)?;
        tera.render(name, &context).map_err(failed)
    }

    /// What is wrong with a template before anything is filled in.
    ///
    /// # Errors
    /// When its name does not say which language it makes.
    pub fn faults(&mut self, name: &str, source: &str) -> Result<Vec<Fault>, HandoffError> {
        let tera = self.language(name)?;
        Ok(match tera.add_raw_template(name, source) {
            Ok(()) => Vec::new(),
            Err(error) => faults(&error),
        })
    }

    fn language(&mut self, name: &str) -> Result<&mut Tera, HandoffError> {
        self.languages
            .iter_mut()
            .find(|(suffix, _)| name.ends_with(suffix))
            .map(|(_, tera)| tera)
            .ok_or_else(|| HandoffError::UnknownLanguage(name.to_owned()))
    }
}

/// A place in a template, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line and column, both from 1; the column counts characters.
    pub place: Option<(usize, usize)>,
    /// As a clause.
    pub reason: String,
}

impl Fault {
    /// It as an error of a template.
    pub fn of(self, template: &str) -> HandoffError {
        HandoffError::Template {
            template: template.to_owned(),
            place: self.place,
            reason: self.reason,
        }
    }
}

/// What the template engine says, one by one; at least one.
fn faults(error: &tera::Error) -> Vec<Fault> {
    let of_report = |report: &tera::ReportError| Fault {
        place: Some((report.span().start_line, report.span().start_col + 1)),
        reason: clause(report.message()),
    };
    match error.kind() {
        ErrorKind::SyntaxError(report) | ErrorKind::RenderingError(report) => {
            vec![of_report(report)]
        }
        other => other.to_string().split("\n\n").map(listed).collect(),
    }
}

/// One of several faults, which the engine hands over as a text with its place on the second line.
fn listed(report: &str) -> Fault {
    let mut lines = report.lines();
    let first = lines.next().unwrap_or_default();
    let place = lines.next().and_then(|line| {
        let mut parts = line.trim().strip_prefix("--> ")?.rsplitn(3, ':');
        let column = parts.next()?.parse().ok()?;
        Some((parts.next()?.parse().ok()?, column))
    });
    Fault {
        place,
        reason: clause(first.strip_prefix("error: ").unwrap_or(first)),
    }
}

/// A message in the form of ours: lower case, no full stop, one sentence.
fn clause(message: &str) -> String {
    if message == "Unexpected end of input" {
        return "it ends inside of a tag or of a block".to_owned();
    }
    if message.starts_with("Unknown template") {
        return "it names another template, and each stands alone".to_owned();
    }
    let first = message.split(". ").next().unwrap_or(message);
    let mut letters = first.trim_end_matches('.').chars();
    letters.next().map_or_else(String::new, |letter| {
        letter.to_lowercase().chain(letters).collect()
    })
}

/// A file of this crate that is written as it stands.
pub fn own_file(file: &str) -> Option<&'static str> {
    OWN.get_file(file)?.contents_utf8()
}

fn missing(executor: &str, template: &str) -> HandoffError {
    HandoffError::MissingTemplate {
        executor: executor.to_owned(),
        template: template.to_owned(),
    }
}

/// What a template said when it called `refuse(message="…")`: the plan lacks what it needs, and the
/// place in the template is of no interest to the plan's author.
type Refusal = Arc<Mutex<Option<String>>>;

fn language(index: usize, refusal: &Refusal) -> Tera {
    let mut tera = Tera::new();
    let said = Arc::clone(refusal);
    tera.register_function(
        REFUSE,
        move |arguments: Kwargs, _: &State<'_>| -> tera::TeraResult<bool> {
            let message = arguments.must_get::<&str>("message")?.to_owned();
            if let Ok(mut said) = said.lock() {
                *said = Some(message.clone());
            }
            Err(tera::Error::message(message))
        },
    );
    // Every name ends in nothing, so everything is quoted.
    tera.autoescape_on([""]);
    tera.set_escape_fn(ESCAPES.get(index).copied().unwrap_or(escape::<0>));
    for (name, filter) in FILTERS {
        tera.register_filter(name, move |value: Value, _: Kwargs, _: &State<'_>| {
            Value::safe_string(&filter(&value.to_string()))
        });
    }
    tera
}

type Escape = fn(&str, &mut dyn Write) -> std::io::Result<()>;

/// The engine takes plain functions only, hence one for each row of [`LANGUAGES`].
const ESCAPES: [Escape; LANGUAGES.len()] = [
    escape::<0>,
    escape::<1>,
    escape::<2>,
    escape::<3>,
    escape::<4>,
    escape::<5>,
    escape::<6>,
    escape::<7>,
    escape::<8>,
    escape::<9>,
];

fn escape<const LANGUAGE: usize>(text: &str, out: &mut dyn Write) -> std::io::Result<()> {
    let (_, quote) = LANGUAGES
        .get(LANGUAGE)
        .copied()
        .unwrap_or(("", quote::comment));
    out.write_all(quote(text).as_bytes())
}
