//! What a git repository holds at a revision, read by running `git`. Whatever a user names goes to it
//! as data: one argument, or a line of a request, never through a shell and never as an option.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is the room that touches the outside"
)]

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::Mutex;

use whimbrel_compiler::{Provider, ReadError};

use crate::error::{CliError, GIT_FAILED, GIT_MISSING, NOT_A_REPOSITORY, UNKNOWN_REVISION};
use crate::files::{MOST_BYTES, Tree, inner_path};

/// A repository, seen from a folder in it.
#[derive(Clone, Debug)]
pub struct Repository {
    folder: PathBuf,
    /// From the root to the folder: `plans/shop/`, or nothing.
    pub prefix: String,
    /// From the folder to the root: `../../`, or nothing.
    pub up: String,
}

impl Repository {
    /// The repository that `folder` is in.
    ///
    /// # Errors
    /// When there is none, or no `git`.
    pub fn around(folder: &Path) -> Result<Self, CliError> {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let output = run(folder, &["rev-parse", "--show-prefix", "--show-cdup"])?;
        if !output.status.success() {
            return Err(refused(folder, &output));
        }
        let text = text(folder, output.stdout)?;
        let mut lines = text.lines().map(str::to_owned);
        Ok(Self {
            folder: folder.to_path_buf(),
            prefix: lines.next().unwrap_or_default(),
            up: lines.next().unwrap_or_default(),
        })
    }

    /// The commit that a revision stands for.
    ///
    /// # Errors
    /// When the repository has none of that name.
    pub fn commit(&self, revision: &str) -> Result<String, CliError> {
        let wanted = format!("{revision}^{{commit}}");
        let found = if is_sane(revision) {
            self.object(&wanted)?
        } else {
            None
        };
        found.ok_or_else(|| {
            let message = format!("there is no revision `{revision}` in the repository");
            CliError::new(UNKNOWN_REVISION, message).help(
                "name a branch, a tag or a commit; one that only the server has is fetched first: \
                 `git fetch origin BRANCH`, and with `--unshallow` where the history was cut",
            )
        })
    }

    /// What the folder `path` holds at a commit; `None` where there is no such folder.
    ///
    /// # Errors
    /// When `git` fails.
    pub fn tree(&self, commit: &str, path: &str) -> Result<Option<Snapshot>, CliError> {
        let tree = self.object(&format!("{commit}:{path}"))?;
        tree.map(|tree| Snapshot::open(&self.folder, tree))
            .transpose()
    }

    /// The name of an object; `None` where there is none.
    fn object(&self, expression: &str) -> Result<Option<String>, CliError> {
        let arguments = ["rev-parse", "--verify", "--quiet", expression];
        let output = run(&self.folder, &arguments)?;
        let name = text(&self.folder, output.stdout)?.trim().to_owned();
        Ok((output.status.success() && !name.is_empty()).then_some(name))
    }
}

/// Whether `git` cannot take it for anything but a revision.
fn is_sane(revision: &str) -> bool {
    let first = revision.chars().next();
    !matches!(first, None | Some('-')) && !revision.contains(['\0', '\n'])
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null());
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Result<Output, CliError> {
    command(folder)
        .args(arguments)
        .output()
        .map_err(|problem| unrun(&problem))
}

fn unrun(problem: &io::Error) -> CliError {
    match problem.kind() {
        io::ErrorKind::NotFound => {
            CliError::new(GIT_MISSING, "there is no `git` to read revisions with")
                .help("install git, or compare two files or folders")
        }
        _ => CliError::new(GIT_FAILED, format!("`git` cannot be run: {problem}")),
    }
}

/// Why `git` knows no repository there, in its own words where they are not the usual ones.
fn refused(folder: &Path, output: &Output) -> CliError {
    let words = String::from_utf8_lossy(&output.stderr);
    let shown = folder.display();
    if words.contains("not a git repository") {
        return CliError::new(
            NOT_A_REPOSITORY,
            format!("`{shown}` is in no git repository"),
        )
        .help("compare two files or folders, or go where the repository is");
    }
    let first = words.lines().next().unwrap_or_default();
    let first = first.trim_start_matches("fatal: ").trim_end_matches('.');
    CliError::new(
        GIT_FAILED,
        format!("`git` does not read `{shown}`: {first}"),
    )
}

fn text(folder: &Path, bytes: Vec<u8>) -> Result<String, CliError> {
    String::from_utf8(bytes).map_err(|_| {
        let shown = folder.display();
        CliError::new(
            GIT_FAILED,
            format!("a path above `{shown}` is not UTF-8 text"),
        )
    })
}

/// A folder at a commit, which reads do not leave, symbolic links included.
#[derive(Debug)]
pub struct Snapshot {
    folder: PathBuf,
    tree: String,
    process: Mutex<Process>,
}

/// What stands at a path of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file with these bytes, cut where it is too large for a source anyway.
    File(Vec<u8>),
    /// A folder.
    Folder,
    /// Nothing.
    Nothing,
    /// A link that leads out.
    Outside,
}

/// `git cat-file --batch`, which answers one request after another.
#[derive(Debug)]
struct Process {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Drop for Process {
    fn drop(&mut self) {
        // It ends when nobody asks any more.
        drop(self.requests.take());
        let _ = self.child.wait();
    }
}

impl Snapshot {
    fn open(folder: &Path, tree: String) -> Result<Self, CliError> {
        let mut child = command(folder)
            .args(["cat-file", "--batch", "--follow-symlinks"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|problem| unrun(&problem))?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(CliError::new(GIT_FAILED, "`git` has no streams"));
        };
        Ok(Self {
            folder: folder.to_path_buf(),
            tree,
            process: Mutex::new(Process {
                child,
                requests: Some(requests),
                answers: BufReader::new(answers),
            }),
        })
    }

    /// What stands at `path`.
    ///
    /// # Errors
    /// When `git` does not answer.
    pub fn find(&self, path: &str) -> io::Result<Found> {
        let Some(path) = inner_path(path) else {
            return Ok(Found::Outside);
        };
        if path.contains(['\n', '\r']) {
            return Ok(Found::Nothing);
        }
        let mut process = self
            .process
            .lock()
            .map_err(|_| io::Error::other("`git` was left"))?;
        process.ask(&format!("{}:{path}", self.tree))
    }
}

impl Process {
    fn ask(&mut self, object: &str) -> io::Result<Found> {
        let requests = self.requests.as_mut();
        let requests = requests.ok_or_else(|| io::Error::other("`git` was left"))?;
        writeln!(requests, "{object}")?;
        requests.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let line = line.trim_end();
        let words: Vec<&str> = line.rsplitn(3, ' ').collect();
        match words.as_slice() {
            ["missing" | "ambiguous" | "submodule", ..] => Ok(Found::Nothing),
            [size, "symlink"] => self.rest(size).map(|_| Found::Outside),
            [size, "dangling" | "loop" | "notdir"] => self.rest(size).map(|_| Found::Nothing),
            [size, "blob", _] => self.rest(size).map(Found::File),
            [size, "tree", _] => self.rest(size).map(|_| Found::Folder),
            _ => Err(io::Error::other(format!("`git` answers `{line}`"))),
        }
    }

    /// So many bytes and the end of their line.
    fn rest(&mut self, size: &str) -> io::Result<Vec<u8>> {
        let size: u64 = size.parse().map_err(io::Error::other)?;
        let mut bytes = Vec::new();
        let kept = size.min(MOST_BYTES);
        (&mut self.answers).take(kept).read_to_end(&mut bytes)?;
        let left = size - kept + 1;
        io::copy(&mut (&mut self.answers).take(left), &mut io::sink())?;
        Ok(bytes)
    }
}

impl Provider for Snapshot {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.find(path) {
            Ok(Found::File(bytes)) => Ok(bytes),
            Ok(Found::Folder) => Err(ReadError::Directory),
            Ok(Found::Nothing) => Err(ReadError::NotFound),
            Ok(Found::Outside) => Err(ReadError::OutsideRoot),
            Err(problem) => Err(ReadError::Denied(problem.to_string())),
        }
    }
}

impl Tree for Snapshot {
    fn names(&self, folder: &str) -> Vec<String> {
        let Some(path) = inner_path(folder) else {
            return Vec::new();
        };
        let tree = format!("{}:{path}", self.tree);
        let output = run(&self.folder, &["ls-tree", "-z", "--name-only", &tree]);
        let bytes = output.map(|output| output.stdout).unwrap_or_default();
        let mut names: Vec<String> = bytes
            .split(|byte| *byte == 0)
            .filter(|name| !name.is_empty())
            .filter_map(|name| String::from_utf8(name.to_vec()).ok())
            .collect();
        names.sort();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::is_sane;

    #[test]
    fn what_git_could_take_for_an_option_is_no_revision() {
        for revision in ["", "-h", "--upload-pack=touch x", "a\nb"] {
            assert!(!is_sane(revision), "{revision:?}");
        }
        for revision in [
            "HEAD~1",
            "origin/main",
            "main@{yesterday}",
            "HEAD^{/fix: it}",
        ] {
            assert!(is_sane(revision), "{revision:?}");
        }
    }
}
