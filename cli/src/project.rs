//! From a PATH argument to a compiled plan.

use std::path::{Path, PathBuf};

use whimbrel_compiler::{Compilation, Options, Provider as _};
use whimbrel_lang::{Diagnostic, Sources, Span, nearest};

use crate::error::{
    CliError, FILE_NOT_FOUND, NO_PLAN, NOT_A_FILE, UNKNOWN_SCENARIO, WOULD_OVERWRITE,
};
use crate::executors;
use crate::files::{self, Folder, Kind, Tree};
use crate::render::diagnostics::{Findings, Tally};

/// The plan of a folder.
pub const PLAN_FILE: &str = "plan.mig";

/// A plan file and the folder it may import from.
#[derive(Clone, Debug)]
pub struct Project {
    /// The folder.
    pub folder: Folder,
    /// The plan file in it.
    pub entry: String,
    /// What to put before the project's paths so that they can be opened from here.
    pub prefix: String,
}

impl Project {
    /// The project of a file, of a folder's plan, or of the plan here.
    ///
    /// # Errors
    /// When there is no such file.
    pub fn open(path: Option<&Path>) -> Result<Self, CliError> {
        let file = Self::file(path.unwrap_or(Path::new(".")))?;
        // A link is followed first, so that imports stand beside the file that names them.
        let file = if files::is_link(&file) {
            files::canonical(&file)?
        } else {
            file
        };
        let parent = file.parent().unwrap_or(Path::new(""));
        let name = file.file_name().and_then(|name| name.to_str());
        let entry = name.ok_or_else(|| {
            let shown = file.display();
            CliError::new(
                NOT_A_FILE,
                format!("`{shown}` has a name that is not UTF-8"),
            )
        })?;
        let project = Self {
            folder: Folder::open(parent)?,
            entry: entry.to_owned(),
            prefix: prefix(parent),
        };
        if project.folder.read(entry).is_err() {
            files::read_source(&file)?;
        }
        Ok(project)
    }

    fn file(path: &Path) -> Result<PathBuf, CliError> {
        let shown = path.display();
        match files::kind(path) {
            Kind::File => Ok(path.to_path_buf()),
            Kind::Folder => {
                let plan = path.join(PLAN_FILE);
                match files::kind(&plan) {
                    Kind::File => Ok(plan),
                    Kind::Nothing => Err(CliError::new(
                        FILE_NOT_FOUND,
                        format!("there is no `{PLAN_FILE}` in the folder `{shown}`"),
                    )
                    .help("name a plan file, or start one with `whimbrel init`")),
                    Kind::Folder | Kind::Other => Err(not_a_file(&plan)),
                }
            }
            Kind::Other => Err(not_a_file(path)),
            Kind::Nothing => Err(CliError::new(
                FILE_NOT_FOUND,
                format!("there is no file or folder `{shown}`"),
            )
            .help("start a plan with `whimbrel init`")),
        }
    }

    /// The plan file, to be opened from here.
    pub fn shown(&self) -> String {
        format!("{}{}", self.prefix, self.entry)
    }

    /// Compiles it.
    ///
    /// # Errors
    /// When it has no scenario of the name asked for.
    pub fn compile(self, options: &Options) -> Result<Compiled, CliError> {
        let compilation = compile(&self.folder, &self.entry, &self.shown(), options)?;
        Ok(Compiled {
            project: self,
            compilation,
        })
    }
}

/// Compiles the plan file `entry` of a folder, called `shown` where it is told of.
///
/// # Errors
/// When it has no scenario of the name asked for.
pub fn compile(
    folder: &dyn Tree,
    entry: &str,
    shown: &str,
    options: &Options,
) -> Result<Compilation, CliError> {
    let mut compilation = whimbrel_compiler::compile(folder, entry, options);
    if let Some(asked) = &options.scenario {
        has_scenario(shown, asked, &compilation)?;
    }
    executors::check(folder, &mut compilation);
    if compilation.diagnostics.is_empty() {
        let empty = empty(&compilation.sources, entry);
        compilation.diagnostics.extend(empty);
    }
    Ok(compilation)
}

fn has_scenario(shown: &str, asked: &str, compilation: &Compilation) -> Result<(), CliError> {
    let known = &compilation.scenarios;
    if known.iter().any(|name| name == asked) {
        return Ok(());
    }
    let help = match nearest(asked, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => {
            "write one: `scenario NAME { team payments { engineers = 9 } }`".to_owned()
        }
        None => format!("its scenarios are {}", known.join(", ")),
    };
    let message = format!("`{shown}` has no scenario `{asked}`");
    Err(CliError::new(UNKNOWN_SCENARIO, message).help(help))
}

/// That the plan file says nothing, if so: a slip for whoever checks it, though an import may be
/// empty.
fn empty(sources: &Sources, entry: &str) -> Option<Diagnostic> {
    let (id, source) = sources.iter().find(|(_, source)| source.path() == entry)?;
    let silent = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    source.text().lines().all(silent).then(|| {
        Diagnostic::error(NO_PLAN, Span::new(id, 0, 0), "the plan says nothing")
            .help("say what there is and what is to happen, or start with `whimbrel init`")
    })
}

fn not_a_file(path: &Path) -> CliError {
    CliError::new(NOT_A_FILE, format!("`{}` is not a file", path.display()))
        .help("name a plan file, or a folder with a `plan.mig`")
}

fn prefix(parent: &Path) -> String {
    let shown = parent.display().to_string();
    match shown.strip_prefix("./").unwrap_or(&shown) {
        "" | "." => String::new(),
        inner => format!("{}/", inner.trim_end_matches('/')),
    }
}

/// A project and what came of compiling it.
#[derive(Debug)]
pub struct Compiled {
    /// Where it came from.
    pub project: Project,
    /// What came of it.
    pub compilation: Compilation,
}

impl Compiled {
    /// Its findings.
    pub fn findings(&self) -> Findings<'_> {
        Findings {
            sources: &self.compilation.sources,
            diagnostics: &self.compilation.diagnostics,
            prefix: &self.project.prefix,
        }
    }

    /// Refuses to write to `out` where that is a file of a plan: this one's, be it a template of an
    /// executor or reached through a link, or any that is named as one.
    ///
    /// # Errors
    /// When it is one.
    pub fn refuse_source(&self, out: &Path) -> Result<(), CliError> {
        let Ok(file) = files::canonical(out) else {
            return Ok(());
        };
        let named = file.extension().is_some_and(|end| end == "mig");
        let mut sources = self.compilation.sources.iter();
        let folder = &self.project.folder;
        if !named && !sources.any(|(_, source)| folder.file(source.path()).as_ref() == Some(&file))
        {
            return Ok(());
        }
        let message = format!("`{}` is a file of a plan", out.display());
        Err(CliError::new(WOULD_OVERWRITE, message).help("name another file"))
    }

    /// How many of each level.
    pub fn tally(&self) -> Tally {
        Tally::of(&self.compilation.diagnostics)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_lead_to_the_file_from_here() {
        for (parent, expected) in [
            ("", ""),
            (".", ""),
            ("./plans", "plans/"),
            ("a/b/", "a/b/"),
            ("/", "/"),
        ] {
            assert_eq!(prefix(Path::new(parent)), expected, "{parent}");
        }
    }
}
