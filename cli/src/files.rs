//! Files: reading the plan's folder without leaving it, and writing so that nothing is ever seen
//! half-written.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the command line is the room that touches the outside"
)]

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};

use tempfile::NamedTempFile;
use walkdir::WalkDir;
use whimbrel_compiler::{Provider, ReadError};

use crate::error::{CliError, FILE_NOT_FOUND, NOT_A_FILE, UNREADABLE, UNWRITABLE};

/// More than any source may have, so that what is cut off here is refused as too large.
pub const MOST_BYTES: u64 = 16 << 20;

/// A folder of files, wherever it is kept.
pub trait Tree: Provider {
    /// Names of what stands directly in `folder`, sorted; none when it cannot be listed.
    fn names(&self, folder: &str) -> Vec<String>;
}

/// A path without `.`; none of one that leads out of the folder it is in.
pub fn inner_path(path: &str) -> Option<String> {
    let mut parts = Vec::new();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(part) => parts.push(part.to_str()?),
            Component::CurDir => {}
            _ => return None,
        }
    }
    Some(parts.join("/"))
}

/// A folder that reads do not leave, symbolic links included.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at `root`.
    ///
    /// # Errors
    /// When it does not exist or cannot be looked at.
    pub fn open(root: &Path) -> Result<Self, CliError> {
        let root = if root.as_os_str().is_empty() {
            Path::new(".")
        } else {
            root
        };
        let root = canonical(root)?;
        Ok(Self { root })
    }

    fn locate(&self, path: &str) -> Result<PathBuf, ReadError> {
        if inner_path(path).is_none() {
            return Err(ReadError::OutsideRoot);
        }
        let found = fs::canonicalize(self.root.join(path)).map_err(|error| refused(&error))?;
        if found.starts_with(&self.root) {
            Ok(found)
        } else {
            Err(ReadError::OutsideRoot)
        }
    }

    /// The true path of a file in it, to be opened from anywhere; none where there is none inside.
    pub fn file(&self, path: &str) -> Option<PathBuf> {
        self.locate(path).ok()
    }
}

impl Tree for Folder {
    fn names(&self, folder: &str) -> Vec<String> {
        let found = self.locate(folder).ok();
        found
            .and_then(|found| names(&found).ok())
            .unwrap_or_default()
    }
}

impl Provider for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let found = self.locate(path)?;
        if !fs::metadata(&found)
            .map_err(|error| refused(&error))?
            .is_file()
        {
            return Err(ReadError::Directory);
        }
        read_some(&found).map_err(|error| refused(&error))
    }
}

fn refused(error: &io::Error) -> ReadError {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::NotFound,
        io::ErrorKind::IsADirectory => ReadError::Directory,
        _ => ReadError::Denied(error.to_string()),
    }
}

fn names(folder: &Path) -> Result<Vec<String>, CliError> {
    let named = |error| CliError::io(UNREADABLE, folder, &error);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(named)? {
        names.extend(entry.map_err(named)?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

fn read_some(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String, CliError> {
    String::from_utf8(bytes).map_err(|_| {
        let shown = path.display();
        CliError::new(UNREADABLE, format!("`{shown}` is not UTF-8 text"))
    })
}

/// The true path of what is there.
///
/// # Errors
/// When nothing is there, or it cannot be looked at.
pub fn canonical(path: &Path) -> Result<PathBuf, CliError> {
    fs::canonicalize(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => CliError::new(
            FILE_NOT_FOUND,
            format!("there is no file or folder `{}`", path.display()),
        )
        .help("name one that exists"),
        _ => CliError::io(UNREADABLE, path, &error),
    })
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    Nothing,
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A device, a pipe, a link to nothing.
    Other,
}

/// What stands at `path`, links followed.
pub fn kind(path: &Path) -> Kind {
    match fs::metadata(path) {
        Ok(found) if found.is_file() => Kind::File,
        Ok(found) if found.is_dir() => Kind::Folder,
        Ok(_) => Kind::Other,
        Err(_) if fs::symlink_metadata(path).is_ok() => Kind::Other,
        Err(_) => Kind::Nothing,
    }
}

/// Whether `path` itself is a symbolic link.
pub fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink())
}

/// Whether nobody may write the file at `path`, whoever runs us.
pub fn is_read_only(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.permissions().readonly())
}

/// Whether there is nothing in the folder `path`.
///
/// # Errors
/// When it cannot be listed.
pub fn is_empty(path: &Path) -> Result<bool, CliError> {
    Ok(names(path)?.is_empty())
}

/// The folders in a folder, by name; none when it cannot be listed.
pub fn folders(path: &Path) -> Vec<PathBuf> {
    let inner = names(path).unwrap_or_default().into_iter();
    inner
        .map(|name| path.join(name))
        .filter(|inner| kind(inner) == Kind::Folder)
        .collect()
}

/// The bytes of a file.
///
/// # Errors
/// When it is no file or cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    match kind(path) {
        Kind::Folder | Kind::Other => Err(CliError::new(
            NOT_A_FILE,
            format!("`{}` is not a file", path.display()),
        )
        .help("name a file")),
        Kind::File | Kind::Nothing => {
            fs::read(path).map_err(|error| CliError::io(UNREADABLE, path, &error))
        }
    }
}

/// The text of a file, however long.
///
/// # Errors
/// As [`read`], and when it is not UTF-8.
pub fn read_text(path: &Path) -> Result<String, CliError> {
    text(path, read(path)?)
}

/// The bytes of a source, cut where it is too large to be one anyway.
///
/// # Errors
/// As [`read`].
pub fn read_source(path: &Path) -> Result<Vec<u8>, CliError> {
    match kind(path) {
        Kind::Folder | Kind::Other => read(path),
        _ => read_some(path).map_err(|error| CliError::io(UNREADABLE, path, &error)),
    }
}

/// How a file begins: enough to tell what kind of file it is.
///
/// # Errors
/// As [`read`].
pub fn beginning(path: &Path) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(64).read_to_end(&mut bytes));
    read.map_err(|error| CliError::io(UNREADABLE, path, &error))?;
    Ok(bytes)
}

/// Standard input, as far as a plan may go.
///
/// # Errors
/// When it cannot be read.
pub fn read_input() -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let read = io::stdin().take(MOST_BYTES).read_to_end(&mut bytes);
    read.map_err(|error| CliError::io(UNREADABLE, Path::new("<stdin>"), &error))?;
    Ok(bytes)
}

/// Plan files below a folder, sorted; hidden folders and build output are left out.
pub fn plan_files(folder: &Path) -> Vec<PathBuf> {
    let skipped = |name: &str| name == "target" || (name.starts_with('.') && name.len() > 1);
    let mut found: Vec<PathBuf> = WalkDir::new(folder)
        .into_iter()
        .filter_entry(|entry| {
            entry.depth() == 0 || !entry.file_name().to_str().is_some_and(skipped)
        })
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|extension| extension == "mig"))
        .collect();
    found.sort();
    found
}

/// A file written beside its place; [`Staged::place`] puts it there at once, dropping it leaves
/// nothing behind.
#[derive(Debug)]
pub struct Staged {
    file: NamedTempFile,
    to: PathBuf,
}

impl Staged {
    /// Writes `bytes` beside `to`, with the permissions of what is there or else `mode`.
    ///
    /// # Errors
    /// When the folder of `to` cannot be written to.
    pub fn write(to: &Path, bytes: &[u8], mode: Mode) -> Result<Self, CliError> {
        let named = |error| CliError::io(UNWRITABLE, to, &error);
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut file = tempfile::Builder::new()
            .prefix(".whimbrel-")
            .tempfile_in(folder.unwrap_or(Path::new(".")))
            .map_err(named)?;
        file.write_all(bytes).map_err(named)?;
        set_mode(file.path(), to, mode).map_err(named)?;
        file.as_file().sync_all().map_err(named)?;
        Ok(Self {
            file,
            to: to.to_path_buf(),
        })
    }

    /// Puts it in its place.
    ///
    /// # Errors
    /// When the system does not let us rename.
    pub fn place(self) -> Result<(), CliError> {
        let to = self.to;
        self.file
            .persist(&to)
            .map(drop)
            .map_err(|error| CliError::io(UNWRITABLE, &to, &error.error))
    }
}

/// Permissions of a written file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Those of the file it replaces, else those of text.
    Keep,
    /// Read and written by its owner, read by all.
    Text,
    /// As text, and run by all.
    Executable,
}

fn set_mode(file: &Path, replaced: &Path, mode: Mode) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let kept = fs::metadata(replaced).map(|found| found.permissions());
    let permissions = match (mode, kept) {
        (Mode::Keep, Ok(kept)) => kept,
        (Mode::Executable, _) => fs::Permissions::from_mode(0o755),
        _ => fs::Permissions::from_mode(0o644),
    };
    fs::set_permissions(file, permissions)
}

/// Whether a file has the permissions of `mode`.
pub fn has_mode(path: &Path, mode: Mode) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let executable = fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o100 != 0);
    match mode {
        Mode::Keep => true,
        Mode::Text => !executable,
        Mode::Executable => executable,
    }
}

/// Writes what a command was asked to write to a file, and makes the folders above it. A link is
/// followed, and what is no file (a pipe, a device) is written into: neither is replaced.
///
/// # Errors
/// When a folder cannot be made or the file not be written; no folder is left behind then.
pub fn write_out(to: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let followed = match kind(to) {
        Kind::Other if fs::metadata(to).is_ok() => {
            let opened = File::options().write(true).open(to);
            let written = opened.and_then(|mut file| file.write_all(bytes));
            return written.map_err(|error| CliError::io(UNWRITABLE, to, &error));
        }
        Kind::Other => {
            let message = format!("`{}` is a link to nothing", to.display());
            return Err(CliError::new(NOT_A_FILE, message).help("remove the link, or name a file"));
        }
        Kind::File if is_link(to) => Some(canonical(to)?),
        _ => None,
    };
    let to = followed.as_deref().unwrap_or(to);
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map(create_folders).transpose()?.flatten();
    let written = Staged::write(to, bytes, Mode::Keep).and_then(Staged::place);
    if let (Err(_), Some(made)) = (&written, &made) {
        remove_empty_folders(made);
    }
    written
}

/// Makes a folder and those above it; returns the topmost one that it made.
///
/// # Errors
/// When one cannot be made.
pub fn create_folders(path: &Path) -> Result<Option<PathBuf>, CliError> {
    let made = path
        .ancestors()
        .take_while(|above| !above.as_os_str().is_empty() && kind(above) == Kind::Nothing)
        .last()
        .map(Path::to_path_buf);
    fs::create_dir_all(path).map_err(|error| {
        if let Some(made) = &made {
            remove_empty_folders(made);
        }
        CliError::io(UNWRITABLE, path, &error)
    })?;
    Ok(made)
}

/// Removes a file.
///
/// # Errors
/// When the system does not let us.
pub fn remove(path: &Path) -> Result<(), CliError> {
    fs::remove_file(path).map_err(|error| CliError::io(UNWRITABLE, path, &error))
}

/// Removes `folder` and the folders in it as far as they are empty.
pub fn remove_empty_folders(folder: &Path) {
    let folders = WalkDir::new(folder).contents_first(true).into_iter();
    for entry in folders.filter_map(Result::ok) {
        if entry.file_type().is_dir() {
            let _ = fs::remove_dir(entry.path());
        }
    }
}
