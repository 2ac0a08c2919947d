//! The output folder: everything is written beside its place first and renamed into it last, so a
//! build that fails leaves what was there. Nothing outside the folder is ever touched.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use whimbrel_handoff::Artefacts;

use crate::error::{
    CliError, OPEN_JOURNAL, OUT_IS_A_FILE, OUT_NOT_OURS, OUTSIDE_ROOT, UNWRITABLE, WOULD_OVERWRITE,
};
use crate::files::{self, Kind, Mode, Staged};

use super::journal;

/// The list of what a build wrote.
const MANIFEST: &str = "MANIFEST.json";

/// What a build did, paths below the folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// New or changed.
    pub written: Vec<String>,
    /// No longer generated.
    pub removed: Vec<String>,
}

/// What an earlier build wrote.
#[derive(Debug, Default)]
pub struct Former {
    plan_hash: Option<String>,
    /// Path to SHA-256; none for the manifest itself.
    files: BTreeMap<String, String>,
}

/// Brings `out` to hold exactly `artefacts` beside what is not ours; `former` is what
/// [`former`] found in it.
///
/// # Errors
/// When something is in the way, or the folder cannot be written to.
pub fn write(out: &Path, artefacts: &Artefacts, former: &Former) -> Result<Done, CliError> {
    let changed = changed(out, artefacts, former)?;
    let gone = gone(out, artefacts, former)?;
    let made = files::create_folders(out)?;
    let done = replace(out, &changed, gone);
    if done.is_err()
        && let Some(made) = made
    {
        files::remove_empty_folders(&made);
    }
    done
}

/// What an earlier build wrote to `out`.
///
/// # Errors
/// When it is no folder, or holds what no build wrote.
pub fn former(out: &Path) -> Result<Former, CliError> {
    let shown = out.display();
    match files::kind(out) {
        Kind::Nothing => return Ok(Former::default()),
        Kind::Folder => {}
        Kind::File | Kind::Other => {
            let error = CliError::new(OUT_IS_A_FILE, format!("`{shown}` is not a folder"));
            return Err(error.help("`--out` takes a folder"));
        }
    }
    let manifest = out.join(MANIFEST);
    if files::kind(&manifest) == Kind::File {
        return parse(&files::read_text(&manifest)?).ok_or_else(|| {
            let message = format!("`{}` is not a manifest of a build", manifest.display());
            CliError::new(OUT_NOT_OURS, message).help("name another folder")
        });
    }
    if files::is_empty(out)? {
        return Ok(Former::default());
    }
    let message = format!("`{shown}` holds things that no build wrote");
    Err(CliError::new(OUT_NOT_OURS, message).help("name a new or an empty folder"))
}

fn parse(manifest: &str) -> Option<Former> {
    let manifest: Value = serde_json::from_str(manifest).ok()?;
    let mut files = BTreeMap::new();
    for row in manifest.get("files")?.as_array()? {
        let path = row.get("path")?.as_str()?.to_owned();
        files.insert(path, row.get("sha256")?.as_str()?.to_owned());
    }
    let plan_hash = manifest.get("plan_hash")?.as_str()?.to_owned();
    Some(Former {
        plan_hash: Some(plan_hash),
        files,
    })
}

/// The compiled plan among the artefacts.
const PLAN: &str = "plan.json";

/// Refuses to build the plan `plan_hash` over a walk of another that is under way.
///
/// # Errors
/// When there is one.
pub fn refuse_open_journal(out: &Path, former: &Former, plan_hash: &str) -> Result<(), CliError> {
    let Some(other) = former.plan_hash.as_ref().filter(|hash| *hash != plan_hash) else {
        return Ok(());
    };
    let Some(journal) = journal::open(&out.join(PLAN), other)? else {
        return Ok(());
    };
    let message = format!(
        "a walk of the plan that `{}` was built from is under way: `{}`",
        out.display(),
        journal.display()
    );
    Err(CliError::new(OPEN_JOURNAL, message)
        .help("finish or undo that walk first, or build into another folder"))
}

/// Refuses to build the migration `name` over the hand-off of another.
///
/// # Errors
/// When `out` holds one.
pub fn refuse_other_migration(out: &Path, former: &Former, name: &str) -> Result<(), CliError> {
    let plan = out.join(PLAN);
    if former.plan_hash.is_none() || files::kind(&plan) != Kind::File {
        return Ok(());
    }
    let plan: Option<Value> = serde_json::from_str(&files::read_text(&plan)?).ok();
    let other = plan
        .as_ref()
        .and_then(|plan| plan.pointer("/migration/name")?.as_str());
    let Some(other) = other.filter(|other| *other != name) else {
        return Ok(());
    };
    let message = format!(
        "`{}` holds the hand-off of the migration `{other}`, not of `{name}`",
        out.display()
    );
    Err(CliError::new(OUT_NOT_OURS, message).help("name another folder, or remove that one first"))
}

struct Changed<'a> {
    path: &'a str,
    bytes: &'a [u8],
    mode: Mode,
}

/// What differs from what is there.
fn changed<'a>(
    out: &Path,
    artefacts: &'a Artefacts,
    former: &Former,
) -> Result<Vec<Changed<'a>>, CliError> {
    let mut changed = Vec::new();
    for (path, artefact) in artefacts.iter() {
        let target = inside(out, path)?;
        let mode = if artefact.executable {
            Mode::Executable
        } else {
            Mode::Text
        };
        let ours = path == MANIFEST || former.files.contains_key(path);
        match files::kind(&target) {
            Kind::Nothing => {}
            Kind::File if files::read(&target)? == artefact.bytes => {
                if files::has_mode(&target, mode) {
                    continue;
                }
            }
            Kind::File if ours => {}
            _ => return Err(in_the_way(&target)),
        }
        let bytes = &artefact.bytes;
        changed.push(Changed { path, bytes, mode });
    }
    Ok(changed)
}

fn in_the_way(target: &Path) -> CliError {
    let message = format!(
        "`{}` is in the way, and no build wrote it",
        target.display()
    );
    CliError::new(WOULD_OVERWRITE, message).help("move it away, or name another folder")
}

/// What an earlier build wrote, nobody changed since, and this one does not write.
fn gone(out: &Path, artefacts: &Artefacts, former: &Former) -> Result<Vec<String>, CliError> {
    let mut gone = Vec::new();
    for (path, hash) in &former.files {
        if artefacts.get(path).is_some() {
            continue;
        }
        let target = inside(out, path)?;
        if files::kind(&target) == Kind::File && sha256(&files::read(&target)?) == *hash {
            gone.push(path.clone());
        }
    }
    Ok(gone)
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `path` below `out`, refused where it would leave it, be it through a symbolic link.
fn inside(out: &Path, path: &str) -> Result<PathBuf, CliError> {
    let leaves = |why: &str| CliError::new(OUTSIDE_ROOT, format!("`{path}` {why}"));
    let mut target = out.to_path_buf();
    for part in path.split('/') {
        if matches!(part, "" | "." | "..") || part.contains('\\') {
            return Err(leaves("leads out of the output folder"));
        }
        target.push(part);
        if files::is_link(&target) {
            let error = leaves("is reached through a symbolic link in the output folder");
            return Err(error.help("remove the link"));
        }
    }
    Ok(target)
}

/// Stages everything, then puts it in place and removes what is gone; the manifest comes last, so
/// that whatever interrupts this, the next build knows every file that is ours.
fn replace(out: &Path, changed: &[Changed<'_>], gone: Vec<String>) -> Result<Done, CliError> {
    let mut done = Done::default();
    let mut staged = Vec::new();
    let mut manifest = None;
    for file in changed {
        let beside = stage(out, file)?;
        if file.path == MANIFEST {
            manifest = Some(beside);
        } else {
            staged.push(beside);
        }
        done.written.push(file.path.to_owned());
    }
    for file in staged {
        file.place()?;
    }
    for path in &gone {
        let target = inside(out, path)?;
        files::remove(&target)?;
        if let Some(folder) = target.parent().filter(|folder| *folder != out) {
            files::remove_empty_folders(folder);
        }
    }
    if let Some(manifest) = manifest {
        manifest.place()?;
    }
    done.removed = gone;
    Ok(done)
}

fn stage(out: &Path, file: &Changed<'_>) -> Result<Staged, CliError> {
    let target = inside(out, file.path)?;
    let folder = target.parent().ok_or_else(|| {
        CliError::new(UNWRITABLE, format!("`{}` has no folder", target.display()))
    })?;
    files::create_folders(folder)?;
    Staged::write(&target, file.bytes, file.mode)
}
