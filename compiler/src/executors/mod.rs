//! Executors: their folders, and which of them carries out a verb for whom.

mod folder;
mod page;

use std::collections::HashMap;
use std::rc::Rc;

use indexmap::IndexMap;
use whimbrel_lang::{Diagnostic, Sources, Span};
use whimbrel_plan::{Argument, Executor};

use crate::check::names::Names;
use crate::check::object::Object;
use crate::check::typed::Typed;
use crate::check::value::{Call, dotted};
use crate::check::{coerce, value};
use crate::codes;
use crate::modules::{Provider, standard_executors};
use crate::schema::{Family, Kind, Type};

use folder::Folder;

pub use folder::{OwnExecutor, OwnTemplate};
pub(crate) use page::{carriers, page};

/// Executors in use and who names them.
#[derive(Debug, Default)]
pub(crate) struct Executors {
    pub used: Vec<Executor>,
    /// Where each of `used` is first named; the `bash` of `run(…)` need not be.
    pub places: Vec<Option<Span>>,
    /// The project's own folders among them.
    pub own: Vec<OwnExecutor>,
    /// (kind, name, attribute) → index into `used`.
    named: HashMap<(Kind, Rc<str>, &'static str), usize>,
    /// The `bash` executor that `run(…)` uses without being named.
    script: Option<usize>,
}

impl Executors {
    /// The executor something names for a family of verbs.
    pub fn of(&self, kind: Kind, name: &str, family: Family) -> Option<usize> {
        self.named
            .get(&(kind, Rc::from(name), family.attribute()?))
            .copied()
    }

    /// Whether an executor carries out a verb.
    pub fn carries_out(&self, index: usize, verb: &str) -> bool {
        self.used
            .get(index)
            .is_some_and(|executor| executor.verbs.contains_key(verb))
    }

    /// The executor of `run`.
    pub fn script(&self) -> Option<usize> {
        self.script
    }
}

/// Reads the executors that `objects` name.
pub(crate) struct Reader<'a> {
    pub provider: &'a dyn Provider,
    pub sources: &'a mut Sources,
    pub names: &'a Names,
    pub found: &'a mut Vec<Diagnostic>,
    folders: HashMap<String, Option<Rc<Folder>>>,
    out: Executors,
}

impl<'a> Reader<'a> {
    /// A reader that has read nothing.
    pub fn new(
        provider: &'a dyn Provider,
        sources: &'a mut Sources,
        names: &'a Names,
        found: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Self {
            provider,
            sources,
            names,
            found,
            folders: HashMap::new(),
            out: Executors::default(),
        }
    }

    /// All executors that the objects (and those inside them) name.
    pub fn read(mut self, objects: &[Object]) -> Executors {
        for object in objects {
            self.object(object);
        }
        if let Some(folder) = self.folder("bash", None) {
            let settings = defaults(&folder);
            self.out.script =
                settings.map(|settings| self.add("bash", &folder, settings, None, ""));
        }
        let mut own: Vec<&OwnExecutor> = Vec::new();
        own.extend(
            self.folders
                .values()
                .flatten()
                .filter_map(|folder| folder.own.as_ref()),
        );
        own.sort_by(|a, b| a.name.cmp(&b.name));
        self.out.own = own.into_iter().cloned().collect();
        self.out
    }

    fn object(&mut self, object: &Object) {
        if let Some(kind) = object.block.kind {
            for row in object
                .block
                .attributes
                .iter()
                .filter(|row| row.ty == Type::Executor)
            {
                if let Some(Typed::Call(call)) = object.get(row.name) {
                    let call = Rc::clone(call);
                    let name = object.name().to_owned();
                    if let Some(index) = self.named(&call, &name) {
                        self.out.named.insert((kind, name.into(), row.name), index);
                    }
                }
            }
        }
        for child in &object.children {
            self.object(child);
        }
    }

    fn named(&mut self, call: &Call, owner: &str) -> Option<usize> {
        let name = dotted(&call.callee);
        let folder = self.folder(&name, Some(call.callee.span))?;
        let settings = self.settings(&name, &folder, call)?;
        Some(self.add(&name, &folder, settings, Some(call.callee.span), owner))
    }

    fn add(
        &mut self,
        name: &str,
        folder: &Folder,
        settings: IndexMap<String, Argument>,
        place: Option<Span>,
        owner: &str,
    ) -> usize {
        let same = |used: &Executor| used.folder == name && used.settings == settings;
        let existing = self
            .out
            .used
            .iter_mut()
            .enumerate()
            .find(|(_, used)| same(used));
        if let Some((index, executor)) = existing {
            if let Some(known) = self.out.places.get_mut(index) {
                *known = known.or(place);
            }
            if !owner.is_empty() && !executor.used_by.iter().any(|known| known == owner) {
                executor.used_by.push(owner.to_owned());
                executor.used_by.sort_unstable();
            }
            return index;
        }
        let uses = self
            .out
            .used
            .iter()
            .filter(|used| used.folder == name)
            .count();
        let label = if uses == 0 {
            name.to_owned()
        } else {
            format!("{name}-{}", uses + 1)
        };
        self.out.places.push(place);
        self.out.used.push(Executor {
            name: label,
            folder: name.to_owned(),
            local: folder.own.is_some(),
            verified: folder.verified.to_owned(),
            used_by: if owner.is_empty() {
                Vec::new()
            } else {
                vec![owner.to_owned()]
            },
            engines: folder.engines.clone(),
            measures: folder.measures.clone(),
            queries: folder.queries,
            settings,
            verbs: folder.verbs.clone(),
            files: folder.files.clone(),
        });
        self.out.used.len() - 1
    }

    fn settings(
        &mut self,
        name: &str,
        folder: &Folder,
        call: &Call,
    ) -> Option<IndexMap<String, Argument>> {
        let mut given: HashMap<&str, Argument> = HashMap::new();
        let mut fine = true;
        for argument in &call.arguments {
            let setting = argument.name.as_ref().and_then(|given| {
                folder
                    .settings
                    .iter()
                    .find(|known| known.name == given.value)
            });
            let Some(setting) = setting else {
                self.found.push(unknown_setting(name, folder, argument));
                fine = false;
                continue;
            };
            match coerce::coerce(setting.ty, &argument.value, self.names) {
                Ok(typed) => {
                    given.insert(&setting.name, self::argument(setting.ty, &typed));
                }
                Err(diagnostic) => {
                    self.found.push(*diagnostic);
                    fine = false;
                }
            }
        }
        let mut out = IndexMap::new();
        for setting in &folder.settings {
            match given
                .remove(setting.name.as_str())
                .or_else(|| setting.default.clone())
            {
                Some(value) => {
                    out.insert(setting.name.clone(), value);
                }
                None if setting.broken => fine = false,
                None => {
                    self.found.push(
                        Diagnostic::error(
                            codes::MISSING_ATTRIBUTE,
                            call.callee.span,
                            format!("the executor `{name}` needs `{}`", setting.name),
                        )
                        .help(format!(
                            "write `{name}({}: …)`, {}",
                            setting.name, setting.ty
                        )),
                    );
                    fine = false;
                }
            }
        }
        fine.then_some(out)
    }

    fn folder(&mut self, name: &str, span: Option<Span>) -> Option<Rc<Folder>> {
        if let Some(known) = self.folders.get(name) {
            return known.clone();
        }
        let folder = self.load(name, span).map(Rc::new);
        self.folders.insert(name.to_owned(), folder.clone());
        folder
    }
}

fn defaults(folder: &Folder) -> Option<IndexMap<String, Argument>> {
    folder
        .settings
        .iter()
        .map(|setting| Some((setting.name.clone(), setting.default.clone()?)))
        .collect()
}

/// A checked value as data for templates.
pub(crate) fn argument(ty: Type, typed: &Typed) -> Argument {
    match typed {
        Typed::Text(text) => Argument::Text(text.to_string()),
        Typed::Texts(texts) => Argument::List(texts.iter().cloned().map(Argument::Text).collect()),
        Typed::Boolean(value) => Argument::Boolean(*value),
        Typed::Number(number) => match ty {
            Type::Ratio => Argument::Ratio(*number),
            Type::Duration => Argument::Duration(*number),
            Type::Size => Argument::Size(*number),
            Type::Rate => Argument::Rate(*number),
            _ => Argument::Number(*number),
        },
        _ => Argument::Text(String::new()),
    }
}

fn unknown_executor(name: &str, span: Span) -> Diagnostic {
    let known = standard_executors();
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_NAME,
        span,
        format!("there is no executor `{name}`"),
    );
    diagnostic
        .meant(name, known.iter().map(String::as_str))
        .or_help(|| {
            format!(
                "the standard library has {}; your own stand in `executors/{name}/`",
                known.join(", ")
            )
        })
}

fn unknown_setting(name: &str, folder: &Folder, argument: &value::Argument) -> Diagnostic {
    let known: Vec<&str> = folder
        .settings
        .iter()
        .map(|setting| setting.name.as_str())
        .collect();
    let Some(given) = &argument.name else {
        return Diagnostic::error(
            codes::TYPE_MISMATCH,
            argument.value.span,
            format!("settings of `{name}` are given by name"),
        )
        .help(format!("it takes {}", known.join(", ")));
    };
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_ATTRIBUTE,
        given.span,
        format!("the executor `{name}` has no `{}`", given.value),
    );
    diagnostic
        .meant(&given.value, known.iter().copied())
        .or_help(|| format!("it takes {}", known.join(", ")))
}
