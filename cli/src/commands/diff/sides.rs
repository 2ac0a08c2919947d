//! What OLD and NEW name: files and folders as they stand, or as they stood at a git revision.

use std::path::{Path, PathBuf};

use whimbrel_compiler::{Compilation, Options};

use crate::error::{
    BAD_ARGUMENT, CliError, FILE_NOT_FOUND, GIT_FAILED, NOT_A_FILE, NOT_A_REPOSITORY,
    NOT_IN_REVISION, OUTSIDE_ROOT,
};
use crate::files::{self, Kind};
use crate::git::{Found, Repository, Snapshot};
use crate::project::{self, PLAN_FILE, Project};
use crate::render::diagnostics::Findings;

/// One side, to be compiled.
pub struct Side {
    source: Source,
    entry: String,
    /// What to put before the paths of its files.
    prefix: String,
}

enum Source {
    Files(Project),
    Revision(Snapshot),
}

/// One side, compiled.
pub struct Compiled {
    /// What came of it.
    pub compilation: Compilation,
    /// How it is called: a path, or a revision and a path.
    pub shown: String,
    prefix: String,
}

impl Compiled {
    /// Its findings.
    pub fn findings(&self) -> Findings<'_> {
        Findings {
            sources: &self.compilation.sources,
            diagnostics: &self.compilation.diagnostics,
            prefix: &self.prefix,
        }
    }
}

impl Side {
    /// Compiles it.
    ///
    /// # Errors
    /// When it has no scenario of the name asked for.
    pub fn compile(self, options: &Options) -> Result<Compiled, CliError> {
        let shown = format!("{}{}", self.prefix, self.entry);
        let compilation = match &self.source {
            Source::Files(project) => {
                project::compile(&project.folder, &self.entry, &shown, options)?
            }
            Source::Revision(snapshot) => project::compile(snapshot, &self.entry, &shown, options)?,
        };
        Ok(Compiled {
            compilation,
            shown,
            prefix: self.prefix,
        })
    }
}

/// What one argument names.
enum Named {
    /// A file or folder as it stands.
    Path(PathBuf),
    /// What a revision has, at a path of its own or that of the other side.
    Revision(String, Option<String>),
}

/// Both sides; without NEW it is what stands at the path of OLD.
///
/// # Errors
/// When one of them names nothing that there is.
pub fn open(old: &str, new: Option<&str>) -> Result<(Side, Side), CliError> {
    let old = named(old);
    let new = match (&old, new) {
        (_, Some(new)) => named(new),
        (Named::Revision(_, path), None) => Named::Path(here(path.as_deref())?),
        (Named::Path(path), None) => return Err(alone(path)),
    };
    match (old, new) {
        (Named::Path(old), Named::Path(new)) => Ok((standing(&old)?, standing(&new)?)),
        (Named::Revision(revision, Some(path)), Named::Path(new))
            if files::kind(&new) == Kind::Nothing =>
        {
            Err(nowhere(&revision, &path, &new))
        }
        (Named::Revision(revision, path), Named::Path(new)) => {
            let standing = standing(&new)?;
            Ok((beside(&new, &revision, path.as_deref())?, standing))
        }
        (Named::Path(old), Named::Revision(revision, path)) => {
            let standing = standing(&old)?;
            Ok((standing, beside(&old, &revision, path.as_deref())?))
        }
        (Named::Revision(old, old_path), Named::Revision(new, new_path)) => {
            let repository = around(Path::new("."), &old, old_path.as_deref())?;
            known(&repository, &old)?;
            known(&repository, &new)?;
            let either = |one: &Option<String>, other: &Option<String>| {
                let path = one.as_ref().or(other.as_ref());
                rooted(path.map_or("./", String::as_str))
            };
            let paths = (either(&old_path, &new_path)?, either(&new_path, &old_path)?);
            Ok((
                at(&repository, &old, &paths.0)?,
                at(&repository, &new, &paths.1)?,
            ))
        }
    }
}

/// What a revision has, at a path of its own or that of what stands at `other`.
fn beside(other: &Path, revision: &str, path: Option<&str>) -> Result<Side, CliError> {
    let repository = around(folder_of(other), revision, path)?;
    let path = match path {
        Some(path) => rooted(path)?,
        None => same(&repository, other)?,
    };
    at(&repository, revision, &path)
}

/// The repository around a folder. Where there is none, what was taken for a revision may have been
/// meant for a file.
fn around(folder: &Path, revision: &str, path: Option<&str>) -> Result<Repository, CliError> {
    Repository::around(folder).map_err(|error| {
        if path.is_some() || error.code != NOT_A_REPOSITORY.number {
            return error;
        }
        let message = format!(
            "there is no file or folder `{revision}`, and no git repository that could have such a \
             revision"
        );
        // What looks like neither may be either.
        let file = revision.contains('/') || revision.contains('.');
        let code = if file {
            FILE_NOT_FOUND
        } else {
            NOT_A_REPOSITORY
        };
        CliError::new(code, message)
    })
}

/// What is there is a path; all else is a revision, with a path behind its first `:` that stands in
/// no braces (`HEAD^{/fix: it}`).
fn named(argument: &str) -> Named {
    if files::kind(Path::new(argument)) != Kind::Nothing {
        return Named::Path(PathBuf::from(argument));
    }
    let mut depth = 0_u32;
    let colon = argument.char_indices().find(|(_, letter)| {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        *letter == ':' && depth == 0
    });
    let (revision, path) = match colon {
        Some((at, _)) => {
            let path = argument.get(at + 1..).filter(|path| !path.is_empty());
            (argument.get(..at).unwrap_or_default(), path)
        }
        None => (argument, None),
    };
    Named::Revision(revision.to_owned(), path.map(str::to_owned))
}

/// A path that is alone, with nothing to compare it with.
fn alone(path: &Path) -> CliError {
    let shown = path.display();
    let message = format!("`{shown}` is compared with nothing");
    CliError::new(BAD_ARGUMENT, message).help(format!(
        "name a second file or folder, or a revision before it: `whimbrel diff HEAD: {shown}`"
    ))
}

/// NEW is not there, as may be when only OLD was named and stands in its revision alone or nowhere.
fn nowhere(revision: &str, path: &str, new: &Path) -> CliError {
    let shown = new.display();
    let there = rooted(path).and_then(|path| {
        let repository = around(Path::new("."), revision, Some(&path))?;
        at(&repository, revision, &path)
    });
    if let Err(error) = there {
        return error;
    }
    CliError::new(
        FILE_NOT_FOUND,
        format!("`{revision}` has `{path}`, and there is no `{shown}` now to compare it with"),
    )
    .help(format!(
        "name where it stands now: `whimbrel diff {revision}:{path} PATH`"
    ))
}

fn folder_of(path: &Path) -> &Path {
    match files::kind(path) {
        Kind::Folder => path,
        _ => path.parent().unwrap_or(Path::new(".")),
    }
}

/// The path of what stands here, from the root of its repository.
fn same(repository: &Repository, path: &Path) -> Result<String, CliError> {
    if files::kind(path) == Kind::Folder {
        return Ok(repository.prefix.clone());
    }
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| {
        let shown = path.display();
        CliError::new(
            NOT_A_FILE,
            format!("`{shown}` has a name that is not UTF-8"),
        )
    })?;
    Ok(format!("{}{name}", repository.prefix))
}

/// A path as `git` reads it behind a `:`, from the root: `./` and `../` begin here.
fn rooted(path: &str) -> Result<String, CliError> {
    let relative = path.starts_with("./") || path.starts_with("../") || matches!(path, "." | "..");
    let prefix = if relative {
        Repository::around(Path::new("."))?.prefix
    } else {
        String::new()
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in prefix.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop().ok_or_else(|| {
                    let message = format!("`{path}` leads out of the repository");
                    CliError::new(OUTSIDE_ROOT, message)
                })?;
            }
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// What stands at a path behind a `:` now, to be opened from here.
fn here(path: Option<&str>) -> Result<PathBuf, CliError> {
    let Some(path) = path else {
        return Ok(PathBuf::from("."));
    };
    let repository = Repository::around(Path::new("."))?;
    let path = rooted(path)?;
    let folder = repository.prefix.trim_end_matches('/');
    let beside = path.strip_prefix(&repository.prefix);
    Ok(PathBuf::from(match beside {
        _ if path == folder => ".".to_owned(),
        Some(beside) => beside.to_owned(),
        None => format!("{}{path}", repository.up),
    }))
}

fn standing(path: &Path) -> Result<Side, CliError> {
    let project = Project::open(Some(path))?;
    Ok(Side {
        entry: project.entry.clone(),
        prefix: project.prefix.clone(),
        source: Source::Files(project),
    })
}

/// The commit of a revision, which is no file: those are looked for first.
fn known(repository: &Repository, revision: &str) -> Result<String, CliError> {
    repository.commit(revision).map_err(|error| CliError {
        message: format!("`{revision}` is no file or folder here, and no revision"),
        ..error
    })
}

fn at(repository: &Repository, revision: &str, path: &str) -> Result<Side, CliError> {
    let commit = known(repository, revision)?;
    let gone = |path: &str| {
        CliError::new(
            NOT_IN_REVISION,
            format!("`{revision}` has no `{path}`"),
        )
        .help(format!(
            "name the path it had then: `{revision}:PATH`; what was not there yet has nothing to be compared with"
        ))
    };
    let path = path.trim_end_matches('/');
    let root = repository.tree(&commit, "")?.ok_or_else(|| gone(path))?;
    let unread = |problem: std::io::Error| {
        CliError::new(
            GIT_FAILED,
            format!("`{revision}` cannot be read: {problem}"),
        )
    };
    let file = match root.find(path).map_err(unread)? {
        Found::File(_) => path.to_owned(),
        Found::Folder if path.is_empty() => PLAN_FILE.to_owned(),
        Found::Folder => format!("{path}/{PLAN_FILE}"),
        Found::Nothing | Found::Outside => return Err(gone(path)),
    };
    if !matches!(root.find(&file).map_err(unread)?, Found::File(_)) {
        return Err(gone(&file));
    }
    let (folder, entry) = file.rsplit_once('/').unwrap_or(("", &file));
    let snapshot = repository
        .tree(&commit, folder)?
        .ok_or_else(|| gone(&file))?;
    let slash = if folder.is_empty() { "" } else { "/" };
    Ok(Side {
        source: Source::Revision(snapshot),
        entry: entry.to_owned(),
        prefix: format!("{revision}:{folder}{slash}"),
    })
}
