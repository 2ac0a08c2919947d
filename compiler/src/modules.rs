//! Loads a plan's files: the entry, what it imports, and what it takes from the standard library.

use std::collections::HashMap;

use include_dir::{Dir, include_dir};
use whimbrel_lang::ast::{File, Name, Statement, StatementKind};
use whimbrel_lang::{Diagnostic, SourceId, Sources, Span, Spanned, nearest};

use crate::codes;

/// The standard library's text.
static STANDARD: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../stdlib");

/// Hands the compiler the texts of a project. The compiler itself does no I/O.
pub trait Provider {
    /// The bytes of a file; `path` is relative to the project's root, with `/` between folders.
    ///
    /// # Errors
    /// Says why the file cannot be had.
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError>;
}

/// Why a file cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// There is none.
    NotFound,
    /// It is a folder.
    Directory,
    /// It, or a link on the way, leads out of the project's root.
    OutsideRoot,
    /// Anything else, in words.
    Denied(String),
}

/// The files of a plan, imported ones before their importers.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub sources: Sources,
    pub files: Vec<(SourceId, File)>,
    pub found: Vec<Diagnostic>,
}

/// Loads `entry` and everything it brings in.
pub(crate) fn load(provider: &dyn Provider, entry: &str) -> Loaded {
    let mut loader = Loader {
        provider,
        loaded: Loaded::default(),
        states: HashMap::new(),
        path: Vec::new(),
    };
    loader.entry(entry);
    loader.loaded
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Loading,
    Done,
}

struct Loader<'a> {
    provider: &'a dyn Provider,
    loaded: Loaded,
    states: HashMap<String, State>,
    /// The files being loaded, each importing the next.
    path: Vec<String>,
}

impl Loader<'_> {
    fn entry(&mut self, entry: &str) {
        match self.provider.read(entry) {
            Ok(bytes) => self.text(entry, &bytes),
            Err(error) => {
                let id = self.loaded.sources.add(entry, "");
                let (message, help) = describe(entry, &error);
                let diagnostic =
                    Diagnostic::error(codes::MISSING_FILE, Span::new(id, 0, 0), message);
                self.loaded.found.push(diagnostic.help(help));
            }
        }
    }

    fn text(&mut self, path: &str, bytes: &[u8]) {
        let (id, found) = add_bytes(&mut self.loaded.sources, path, bytes);
        if let Some(diagnostic) = found {
            self.loaded.found.push(diagnostic);
            return;
        }
        self.states.insert(path.to_owned(), State::Loading);
        self.path.push(path.to_owned());
        let parsed = whimbrel_lang::parse(&self.loaded.sources, id);
        self.loaded.found.extend(parsed.diagnostics);
        for statement in &parsed.file.statements {
            self.module(path, statement);
        }
        self.path.pop();
        self.states.insert(path.to_owned(), State::Done);
        self.loaded.files.push((id, parsed.file));
    }

    fn module(&mut self, from: &str, statement: &Statement) {
        match &statement.kind {
            StatementKind::Import { path } => self.import(from, path),
            StatementKind::Use { path, names } => self.standard(path, names, statement.span),
            _ => {}
        }
    }

    fn import(&mut self, from: &str, path: &Spanned<String>) {
        if path.value.contains("://") {
            self.loaded.found.push(remote(path));
            return;
        }
        let Some(target) = resolve(from, &path.value) else {
            self.loaded.found.push(outside(path));
            return;
        };
        match self.states.get(&target) {
            Some(State::Done) => return,
            Some(State::Loading) => {
                self.loaded.found.push(self.cycle(&target, path.span));
                return;
            }
            None => {}
        }
        match self.provider.read(&target) {
            Ok(bytes) => self.text(&target, &bytes),
            Err(ReadError::OutsideRoot) => self.loaded.found.push(outside(path)),
            Err(error) => {
                let (message, help) = describe(&target, &error);
                let help = match path.value.strip_prefix("std.") {
                    Some(_) => format!("write `use {}`", path.value),
                    None => help.to_owned(),
                };
                self.loaded
                    .found
                    .push(Diagnostic::error(codes::MISSING_FILE, path.span, message).help(help));
            }
        }
    }

    fn cycle(&self, target: &str, span: Span) -> Diagnostic {
        let start = self
            .path
            .iter()
            .position(|path| path == target)
            .unwrap_or(0);
        let mut hops: Vec<&str> = self.path.iter().skip(start).map(String::as_str).collect();
        hops.push(target);
        Diagnostic::error(
            codes::IMPORT_CYCLE,
            span,
            "these files import each other in a circle",
        )
        .here("this import closes the circle")
        .note(hops.join(" → "))
        .help("move what both need into a file of its own, or merge the files")
    }

    fn standard(&mut self, path: &[Spanned<Name>], names: &[Spanned<Name>], span: Span) {
        let words: Vec<&str> = path.iter().map(|segment| segment.value.as_str()).collect();
        let ["std", folder] = words.as_slice() else {
            if words == ["std"] {
                self.loaded.found.extend(names.first().map(unnamed));
                return;
            }
            self.loaded.found.push(
                Diagnostic::error(
                    codes::UNKNOWN_NAME,
                    span,
                    format!("there is no module `{}`", words.join(".")),
                )
                .help("write `use std.patterns.{…}`, or `import \"file.mig\"` for your own files"),
            );
            return;
        };
        if !MODULES.contains(folder) {
            let at = path.last().map_or(span, |segment| segment.span);
            self.loaded.found.push(unknown_module(folder, at));
            return;
        }
        for name in names {
            let path = format!("{folder}/{}.mig", name.value);
            let shown = format!("std/{path}");
            if self.states.contains_key(&shown) {
                continue;
            }
            match STANDARD.get_file(&path) {
                Some(file) => self.text(&shown, file.contents()),
                None => self.loaded.found.push(unknown_standard(folder, name)),
            }
        }
    }
}

/// `use std.patterns`: a folder, and nothing in it.
fn unnamed(folder: &Spanned<Name>) -> Diagnostic {
    let example = standard_names(&folder.value).into_iter().next();
    Diagnostic::error(
        codes::UNKNOWN_NAME,
        folder.span,
        format!("`std.{}` is not something to use by itself", folder.value),
    )
    .help(match example {
        Some(name) => format!(
            "name what is used: `use std.{}.{{{name}, …}}`",
            folder.value
        ),
        None => "patterns are in `std.patterns`, published figures in `std.classes`".to_owned(),
    })
}

/// The folders of the standard library that `use` takes names from.
const MODULES: [&str; 2] = ["patterns", "classes"];

fn unknown_module(folder: &str, span: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_NAME,
        span,
        format!("the standard library has no `std.{folder}`"),
    );
    if folder == "executors" {
        return diagnostic
            .help("an executor is named where it acts, such as `traffic = haproxy` on a platform");
    }
    let near = nearest(folder, MODULES);
    let asked = near.map(|near| format!("did you mean `std.{near}`?"));
    let mut diagnostic = diagnostic.meant(folder, MODULES);
    diagnostic.help = asked;
    diagnostic.or_help(|| "patterns are in `std.patterns`, published figures in `std.classes`")
}

fn unknown_standard(folder: &str, name: &Spanned<Name>) -> Diagnostic {
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_NAME,
        name.span,
        format!("the standard library has no `std.{folder}.{}`", name.value),
    );
    let elsewhere = MODULES.into_iter().find(|module| {
        standard_names(module)
            .iter()
            .any(|known| *known == name.value)
    });
    if let Some(module) = elsewhere {
        return diagnostic.help(format!("it is in `std.{module}`"));
    }
    let known = standard_names(folder);
    diagnostic
        .meant(&name.value, known.iter().map(String::as_str))
        .or_help(|| format!("`std.{folder}` has {}", known.join(", ")))
}

/// The modules of a folder of the standard library, by name.
pub(crate) fn standard_names(folder: &str) -> Vec<String> {
    let Some(dir) = STANDARD.get_dir(folder) else {
        return Vec::new();
    };
    let mut names: Vec<String> = dir
        .files()
        .filter_map(|file| file.path().file_stem()?.to_str().map(str::to_owned))
        .collect();
    names.sort_unstable();
    names
}

/// The text of a file of the standard library.
pub(crate) fn standard_text(path: &str) -> Option<&'static str> {
    STANDARD.get_file(path)?.contents_utf8()
}

/// Folders of the standard library's executors.
pub(crate) fn standard_executors() -> Vec<String> {
    let Some(dir) = STANDARD.get_dir("executors") else {
        return Vec::new();
    };
    let mut names: Vec<String> = dir
        .dirs()
        .filter(|dir| dir.get_file(dir.path().join("executor.mig")).is_some())
        .filter_map(|dir| dir.path().file_name()?.to_str().map(str::to_owned))
        .collect();
    names.sort_unstable();
    names
}

/// Adds the text of a file, or says why it is none.
pub(crate) fn add_bytes(
    sources: &mut Sources,
    path: &str,
    bytes: &[u8],
) -> (SourceId, Option<Diagnostic>) {
    match whimbrel_lang::decode(bytes) {
        Ok(text) => (sources.add(path, text), None),
        Err(error) => {
            let id = sources.add(path, "");
            (id, Some(error.diagnostic(id)))
        }
    }
}

/// The path `relative` means in the file `from`; `None` when it leads above the root.
fn resolve(from: &str, relative: &str) -> Option<String> {
    let absolute = relative.starts_with(['/', '\\']) || relative.as_bytes().get(1) == Some(&b':');
    if absolute {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

fn outside(path: &Spanned<String>) -> Diagnostic {
    Diagnostic::error(
        codes::IMPORT_OUTSIDE_ROOT,
        path.span,
        format!("`{}` is outside the project", path.value),
    )
    .help("imports stay inside the folder of the plan; move the file there")
}

fn remote(path: &Spanned<String>) -> Diagnostic {
    Diagnostic::error(
        codes::IMPORT_OUTSIDE_ROOT,
        path.span,
        "an import is a file of the project, not an address",
    )
    .help("put the file into the plan's folder, and import it from there")
}

/// What is wrong with a file that cannot be read, and what to do.
pub(crate) fn describe(path: &str, error: &ReadError) -> (String, &'static str) {
    match error {
        ReadError::NotFound => (
            format!("there is no file `{path}`"),
            "check the spelling; paths are relative to the importing file",
        ),
        ReadError::Directory => (
            format!("`{path}` is a folder"),
            "name a file, such as `inventory.mig`",
        ),
        ReadError::OutsideRoot => (
            format!("`{path}` is outside the project"),
            "move the file into the plan's folder",
        ),
        ReadError::Denied(why) => (
            format!("`{path}` cannot be read: {why}"),
            "make the file readable",
        ),
    }
}
