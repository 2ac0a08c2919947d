//! An executor's folder: `executor.mig`, and the templates that it names.
//!
//! What the templates say is not looked at here: the hand-off knows their language.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use whimbrel_lang::{Diagnostic, FILE_SIZE_LIMIT, SourceId, Span, codes as syntax};
use whimbrel_plan::{Argument, ExecutorFile, VerbTemplates};

use super::{Reader, argument, unknown_executor};
use crate::check::coerce;
use crate::check::object::Object;
use crate::check::typed::Typed;
use crate::codes;
use crate::modules::{ReadError, add_bytes, describe, standard_text};
use crate::schema::{self, MEANT_SETTINGS, Type, Verb};
use crate::top::{self, Chosen};

/// A folder in the project's `executors/` that the plan uses, with the texts of its templates
/// among the compilation's sources.
#[derive(Clone, Debug)]
pub struct OwnExecutor {
    /// Its name, and its folder's.
    pub name: String,
    /// Where its file defines it.
    pub span: Span,
    /// Its settings by name, and where they are defined.
    pub settings: IndexMap<String, Span>,
    /// The templates it names and that can be read, by name.
    pub templates: IndexMap<String, OwnTemplate>,
}

/// A template of the project's own.
#[derive(Clone, Debug)]
pub struct OwnTemplate {
    /// Its text.
    pub source: SourceId,
    /// Where it is named first.
    pub span: Span,
    /// The verbs it serves.
    pub verbs: Vec<&'static Verb>,
    /// Whether it makes a file for the whole plan.
    pub is_file: bool,
}

/// An executor's folder, read.
pub(super) struct Folder {
    pub verified: &'static str,
    pub engines: Vec<String>,
    pub measures: Vec<String>,
    pub queries: bool,
    pub settings: Vec<Setting>,
    pub verbs: IndexMap<String, VerbTemplates, FxBuildHasher>,
    pub files: Vec<ExecutorFile>,
    /// What the project's own folder has beside it.
    pub own: Option<OwnExecutor>,
}

pub(super) struct Setting {
    pub name: String,
    pub ty: Type,
    pub default: Option<Argument>,
    /// Whether a default is given that is wrong; its own file is told.
    pub broken: bool,
}

/// The attributes of a verb that name templates.
const ROLES: [&str; 4] = ["act", "check", "undo", "dry_run"];

impl Reader<'_> {
    /// The folder of that name: the project's own, else the standard library's.
    pub(super) fn load(&mut self, name: &str, span: Option<Span>) -> Option<Folder> {
        let own = format!("executors/{name}/executor.mig");
        let standard = standard_text(&own);
        let (path, bytes, local) = match (self.provider.read(&own), standard) {
            (Ok(bytes), _) => (own, bytes, true),
            (Err(ReadError::NotFound), Some(text)) => {
                (format!("std/{own}"), text.as_bytes().to_vec(), false)
            }
            (Err(error), _) => {
                if let Some(span) = span {
                    let found = self.unreadable(name, &own, &error, span);
                    self.found.push(found);
                }
                return None;
            }
        };
        let (id, problem) = add_bytes(self.sources, &path, &bytes);
        if let Some(problem) = problem {
            self.found.push(problem);
            return None;
        }
        let parsed = whimbrel_lang::parse(self.sources, id);
        self.found.extend(parsed.diagnostics);
        let top = top::read(&[(id, parsed.file)], Chosen::default(), self.found);
        let Some(object) = top.of("executor").find(|object| object.name() == name) else {
            let other = top.of("executor").next();
            self.found.push(misnamed(name, id, other));
            return None;
        };
        if local && standard.is_some() {
            self.found.push(hides_standard(name, object.span));
        }
        Some(self.describe(name, object, local))
    }

    fn unreadable(&self, name: &str, own: &str, error: &ReadError, span: Span) -> Diagnostic {
        let folder = format!("executors/{name}");
        match error {
            ReadError::NotFound if self.provider.read(&folder) == Err(ReadError::Directory) => {
                Diagnostic::error(
                    codes::MISSING_FILE,
                    span,
                    format!("the folder `{folder}` has no `executor.mig`"),
                )
                .help(format!(
                    "write one: `executor {name} {{ verified = run … }}`; `whimbrel explain executor` lists what it takes"
                ))
            }
            ReadError::NotFound => unknown_executor(name, span),
            ReadError::OutsideRoot => outside(span, own),
            ReadError::Directory | ReadError::Denied(_) => {
                let (message, help) = describe(own, error);
                Diagnostic::error(codes::MISSING_FILE, span, message).help(help)
            }
        }
    }

    fn describe(&mut self, name: &str, object: &Object, local: bool) -> Folder {
        let mut own = local.then(|| OwnExecutor {
            name: name.to_owned(),
            span: object.span,
            settings: IndexMap::new(),
            templates: IndexMap::new(),
        });
        for keyword in ["setting", "verb", "file"] {
            self.once_each(object, keyword);
        }
        let settings: Vec<Setting> = object
            .children("setting")
            .map(|setting| self.setting(setting))
            .collect();
        if let Some(own) = &mut own {
            let placed = object.children("setting");
            own.settings = placed
                .map(|one| (one.name().to_owned(), one.span))
                .collect();
        }
        let mut verbs = IndexMap::default();
        for child in object.children("verb") {
            let Some(verb) = self.verb(child) else {
                continue;
            };
            verbs.insert(verb.name.to_owned(), templates(child));
            for role in ROLES {
                self.template(own.as_mut(), child, role, Some(verb));
            }
        }
        let mut files = Vec::new();
        for child in object.children("file") {
            if !is_inside(child.name()) {
                self.found.push(outside_output(child));
            }
            self.template(own.as_mut(), child, "template", None);
            files.push(ExecutorFile {
                path: child.name().to_owned(),
                template: text(child, "template").unwrap_or_default(),
            });
        }
        Folder {
            verified: match object.get("verified") {
                Some(Typed::Choice(word)) => word,
                _ => "schema-checked",
            },
            engines: words(object, "engines"),
            measures: words(object, "measures"),
            queries: object.flag("queries").unwrap_or(false),
            settings,
            verbs,
            files,
            own,
        }
    }

    fn once_each(&mut self, object: &Object, keyword: &str) {
        let mut seen: IndexMap<&str, Span> = IndexMap::new();
        for child in object.children(keyword) {
            if let Some(first) = seen.get(child.name()) {
                self.found.push(
                    Diagnostic::error(
                        codes::DUPLICATE_NAME,
                        child.span,
                        format!("{keyword} `{}` is given twice", child.name()),
                    )
                    .label(*first, "first given here")
                    .help("keep one of the two"),
                );
            } else {
                seen.insert(child.name(), child.span);
            }
        }
    }

    fn setting(&mut self, setting: &Object) -> Setting {
        let (ty, word) = setting_type(setting);
        self.meant(setting, word);
        let given = setting.attributes.get("default");
        let typed = given.filter(|_| setting.attributes.contains_key("type"));
        let default = typed.and_then(|given| {
            let value = whimbrel_lang::Spanned::new(given.value.clone(), given.span);
            match coerce::coerce(ty, &value, self.names) {
                Ok(typed) => Some(argument(ty, &typed)),
                Err(diagnostic) => {
                    self.found.push(*diagnostic);
                    None
                }
            }
        });
        Setting {
            name: setting.name().to_owned(),
            ty,
            broken: default.is_none() && given.is_some(),
            default,
        }
    }

    /// A setting whose name means something must have the type that is read.
    fn meant(&mut self, setting: &Object, word: &str) {
        let of_name = |row: &&(&str, &str, &str)| row.0 == setting.name();
        let variable = setting.name().ends_with(schema::VARIABLE_SUFFIX);
        let wanted = match MEANT_SETTINGS.iter().find(of_name) {
            Some((_, wanted, why)) => Some((*wanted, *why)),
            None if variable => Some(("text", "the name of a variable that must be set")),
            None => None,
        };
        let Some((wanted, why)) = wanted.filter(|(wanted, _)| *wanted != word) else {
            return;
        };
        if setting.attributes.contains_key("type") {
            self.found.push(
                Diagnostic::error(
                    codes::TYPE_MISMATCH,
                    setting.place("type"),
                    format!("the setting `{}` is of type `{wanted}`", setting.name()),
                )
                .note(format!("it has a meaning of its own: {why}"))
                .help(format!(
                    "write `type = {wanted}`, or give the setting another name"
                )),
            );
        }
    }

    /// The verb of that name; one that nobody knows would never be asked for.
    fn verb(&mut self, object: &Object) -> Option<&'static Verb> {
        let name = object.name();
        let known = schema::verb(name);
        if known.is_none() {
            let all = schema::VERBS.iter().map(|verb| verb.name);
            let diagnostic = Diagnostic::error(
                codes::UNKNOWN_NAME,
                object.span,
                format!("there is no verb `{name}`"),
            );
            self.found.push(
                diagnostic
                    .meant(name, all)
                    .or_help(|| "`whimbrel explain verbs` lists them"),
            );
        }
        known
    }

    /// Reads a template of the project's own that `object` names.
    fn template(
        &mut self,
        own: Option<&mut OwnExecutor>,
        object: &Object,
        role: &str,
        verb: Option<&'static Verb>,
    ) {
        let (Some(own), Some(name)) = (own, text(object, role)) else {
            return;
        };
        let place = object.place(role);
        if !own.templates.contains_key(&name) {
            let Some(source) = self.template_text(&own.name, &name, place) else {
                return;
            };
            let read = OwnTemplate {
                source,
                span: place,
                verbs: Vec::new(),
                is_file: false,
            };
            own.templates.insert(name.clone(), read);
        }
        if let Some(known) = own.templates.get_mut(&name) {
            known.is_file |= verb.is_none();
            known.verbs.extend(verb);
        }
    }

    fn template_text(&mut self, folder: &str, name: &str, place: Span) -> Option<SourceId> {
        if !is_inside(name) {
            self.found.push(outside(place, name));
            return None;
        }
        let path = format!("executors/{folder}/{name}");
        let bytes = match self.provider.read(&path) {
            Ok(bytes) => bytes,
            Err(ReadError::OutsideRoot) => {
                self.found.push(outside(place, &path));
                return None;
            }
            Err(error) => {
                let (message, help) = describe(&path, &error);
                let help = match error {
                    ReadError::NotFound => "write the template, or correct its name",
                    _ => help,
                };
                let found = Diagnostic::error(codes::MISSING_FILE, place, message);
                self.found.push(found.help(help));
                return None;
            }
        };
        let (id, problem) = add_bytes(self.sources, &path, &bytes);
        let problem = problem.or_else(|| (bytes.len() > FILE_SIZE_LIMIT).then(|| too_large(id)));
        match problem {
            None => Some(id),
            Some(problem) => {
                self.found
                    .push(problem.label(place, "the template is named here"));
                None
            }
        }
    }
}

fn templates(verb: &Object) -> VerbTemplates {
    VerbTemplates {
        act: text(verb, "act").unwrap_or_default(),
        check: text(verb, "check"),
        undo: text(verb, "undo"),
        dry_run: text(verb, "dry_run"),
        requires: words(verb, "requires"),
    }
}

fn text(object: &Object, name: &str) -> Option<String> {
    match object.get(name) {
        Some(Typed::Text(text)) => Some(text.to_string()),
        _ => None,
    }
}

fn words(object: &Object, name: &str) -> Vec<String> {
    match object.get(name) {
        Some(Typed::Texts(words)) => words.clone(),
        Some(Typed::Choices(words)) => words.iter().map(|word| (*word).to_owned()).collect(),
        _ => Vec::new(),
    }
}

/// The type a setting's word means.
fn setting_type(setting: &Object) -> (Type, &'static str) {
    let word = match setting.get("type") {
        Some(Typed::Choice(word)) => word,
        _ => "text",
    };
    let ty = match word {
        "number" => Type::Number,
        "ratio" => Type::Ratio,
        "duration" => Type::Duration,
        "size" => Type::Size,
        "rate" => Type::Rate,
        "boolean" => Type::Boolean,
        "list" => Type::Texts,
        _ => Type::Text,
    };
    (ty, word)
}

/// Whether a path stays in its folder.
fn is_inside(path: &str) -> bool {
    let part = |part: &str| !matches!(part, "" | "." | "..");
    !path.contains(['\\', ':']) && path.split('/').all(part)
}

fn outside(place: Span, path: &str) -> Diagnostic {
    Diagnostic::error(
        codes::IMPORT_OUTSIDE_ROOT,
        place,
        format!("`{path}` is outside the executor's folder"),
    )
    .help("templates stand in the folder of their executor; move the file there")
}

fn outside_output(file: &Object) -> Diagnostic {
    Diagnostic::error(
        codes::IMPORT_OUTSIDE_ROOT,
        file.span,
        format!("`{}` is no path below the output folder", file.name()),
    )
    .help("name it relative to the executor's folder in the output, without `..`")
}

fn too_large(id: SourceId) -> Diagnostic {
    let most = FILE_SIZE_LIMIT / (1024 * 1024);
    Diagnostic::error(
        syntax::TOO_LARGE,
        Span::new(id, 0, 0),
        format!("the template has more than {most} MiB"),
    )
    .help("split it")
}

fn misnamed(name: &str, id: SourceId, other: Option<&Object>) -> Diagnostic {
    let place = other.map_or(Span::new(id, 0, 0), |object| object.span);
    let found = Diagnostic::error(
        codes::MISSING_ATTRIBUTE,
        place,
        format!("this file defines no executor `{name}`"),
    );
    let found = match other {
        Some(other) => found.here(format!("it defines `{}`", other.name())),
        None => found,
    };
    found.help(format!(
        "write `executor {name} {{ … }}`, the name of its folder"
    ))
}

fn hides_standard(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        codes::HIDES_STANDARD,
        whimbrel_lang::Level::Note,
        span,
        format!("this executor takes the place of the standard library's `{name}`"),
    )
    .help("rename it and its folder to have both")
}
