//! The book, and the pages of the codes, run: every `mig` block is checked, every `console` block is
//! typed and its output compared.
//!
//! A page has a folder of its own. Its blocks are carried out in order:
//!
//! - `<!-- start: examples/shop-data -->` begins anew with the files of that folder, and
//!   `<!-- start: empty -->` with none;
//! - `mig` adds to `plan.mig`; a statement of the same kind and name replaces the one before. The
//!   plan then has no error. `mig file=NAME` adds to another file;
//! - `mig bad MG0101` would add an error of that code on the line that ends with `# error`; the
//!   plan is left as it was;
//! - `console` has commands (`$ …`), perhaps an exit code (`? 1`), and what they print. `...`
//!   stands for any lines, `[..]` for anything in a line;
//! - `bash file=NAME` writes a program;
//! - `sh` is not run, so no `whimbrel` may stand there; `bash`, `json`, `promql`, `python`, `text` and
//!   `yaml` are shown alone.
//!
//! The page of a code (`cli/codes`) begins with the files of `examples/starter`, and its `mig` blocks
//! may make a plan that has errors; what they come to, its `console` block tells.
//!
//! `TRYCMD=overwrite` puts what is printed into the pages, as it does for the transcripts.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start the program, write its files, and fail by panicking"
)]

mod codes;
mod console;
mod page;
mod splice;

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use page::{Item, Page};
use serde_json::Value;
use tempfile::TempDir;

/// Pages that are generated, and tested where they come from, or are not for readers of the book.
const NOT_RUN: &[&str] = &["reference", "dev", "theme"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(std::ffi::OsStr::to_str);
        if path.is_dir() {
            if !NOT_RUN.contains(&name.unwrap_or_default()) {
                pages(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.sort();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// A page's folder while the page is carried out.
struct Desk {
    folder: TempDir,
    /// Whether plans must have no errors.
    strict: bool,
}

impl Desk {
    fn new(start: Option<&str>, strict: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        if let Some(start) = start.filter(|start| *start != "empty") {
            copy(&root().join(start), folder.path());
        }
        Self { folder, strict }
    }

    /// Adds `text` to `file`, checks where plans must have no errors, and says what is wrong.
    fn add(&self, file: &str, text: &str) -> Result<(), String> {
        let path = self.folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        std::fs::write(&path, splice::splice(&before, text)?).unwrap();
        let errors = match self.strict {
            true => self.errors(file)?,
            false => Vec::new(),
        };
        if errors.is_empty() {
            Ok(())
        } else {
            Err(format!("the plan has errors: {errors:?}"))
        }
    }

    /// Writes a program.
    fn script(&self, file: &str, text: &str) {
        let path = self.folder.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }

    /// `text` as `fmt` lays it out.
    fn laid_out(&self, text: &str) -> String {
        let path = self.folder.path().join(".layout.mig");
        std::fs::write(&path, text).unwrap();
        let program = env!("CARGO_BIN_EXE_whimbrel");
        let output = Command::new(program)
            .arg("fmt")
            .arg(&path)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        text
    }

    /// Adds `text`, expects `code` at the line marked, and takes it back.
    fn refuse(&self, code: &str, text: &str) -> Result<(), String> {
        let path = self.folder.path().join("plan.mig");
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        let plan = splice::splice(&before, text)?;
        std::fs::write(&path, &plan).unwrap();
        let found = self.findings("plan.mig");
        std::fs::write(&path, before).unwrap();
        let line = plan.lines().position(|line| line.ends_with("# error"));
        let line = line.ok_or("no line ends with `# error`")? + 1;
        let wanted = (code.to_owned(), line);
        let found = found?;
        let told = found
            .iter()
            .any(|(_, code, line)| (code, line) == (&wanted.0, &wanted.1));
        if told {
            Ok(())
        } else {
            Err(format!("wants {wanted:?}, found {found:?}"))
        }
    }

    fn errors(&self, file: &str) -> Result<Vec<(String, usize)>, String> {
        let found = self.findings(file)?.into_iter();
        let errors = found.filter(|(level, _, _)| level == "error");
        Ok(errors.map(|(_, code, line)| (code, line)).collect())
    }

    /// (level, code, line) of what `check` finds.
    fn findings(&self, file: &str) -> Result<Vec<(String, String, usize)>, String> {
        let output = Command::new(env!("CARGO_BIN_EXE_whimbrel"))
            .args(["check", "--format", "json", file])
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let json: Value = serde_json::from_slice(&output.stdout)
            .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?;
        let found = json.get("diagnostics").and_then(Value::as_array);
        let text = |item: &Value, key: &str| {
            item.get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let line = |item: &Value| {
            let line = item.get("line").and_then(Value::as_u64).unwrap_or_default();
            usize::try_from(line).unwrap()
        };
        Ok(found
            .into_iter()
            .flatten()
            .map(|item| (text(item, "level"), text(item, "code"), line(item)))
            .collect())
    }
}

/// Carries a page out; what is wrong with it, and the page as it should be.
fn run(page: &Page, mut desk: Desk, overwrite: bool) -> (Vec<String>, String) {
    let mut faults = Vec::new();
    let mut mended = page.text.clone();
    // From the last to the first, so that places stay true.
    let mut replacements = Vec::new();
    for item in &page.items {
        if let Item::Plan { text, range, .. } | Item::Bad { text, range, .. } = item {
            let shown = desk.laid_out(text);
            if shown != *text {
                replacements.push((range.clone(), shown));
                if !overwrite {
                    let (path, line) = (page.path.display(), item.line());
                    faults.push(format!("{path}:{line}: not as `fmt` lays it out"));
                }
            }
        }
        let fault = match item {
            Item::Start(from) => {
                desk = Desk::new(Some(from), true);
                Ok(())
            }
            Item::Plan { file, text, .. } => desk.add(file, text),
            Item::Bad { code, text, .. } => desk.refuse(code, text),
            Item::Script { file, text, .. } => {
                desk.script(file, text);
                Ok(())
            }
            Item::Unrun { text, .. } if text.contains("whimbrel ") => {
                Err("a command of `whimbrel` that is not run".to_owned())
            }
            Item::Unrun { .. } => Ok(()),
            Item::Unknown { fence, .. } => Err(format!("no such fence: `{fence}`")),
            Item::Console { text, range, .. } => {
                let (shown, fault) = console::run(desk.folder.path(), text);
                if fault.is_err() {
                    replacements.push((range.clone(), shown));
                }
                if overwrite { Ok(()) } else { fault }
            }
        };
        if let Err(fault) = fault {
            faults.push(format!("{}:{}: {fault}", page.path.display(), item.line()));
        }
    }
    for (range, shown) in replacements.into_iter().rev() {
        mended.replace_range(range, &shown);
    }
    (faults, mended)
}

#[test]
fn every_block_of_the_book_is_true() {
    let mut paths = Vec::new();
    pages(&root().join("docs"), &mut paths);
    assert!(!paths.is_empty());
    carried_out(&paths, || Desk::new(None, true));
}

#[test]
fn every_example_of_a_code_is_true() {
    let paths = codes::pages();
    carried_out(&paths, || Desk::new(Some("examples/starter"), false));
}

/// Carries pages out, each on a desk of its own.
fn carried_out(paths: &[PathBuf], desk: impl Fn() -> Desk + Sync) {
    let overwrite = std::env::var("TRYCMD").is_ok_and(|value| value == "overwrite");
    let judge = |path: &PathBuf| {
        let page = Page::read(path, std::fs::read_to_string(path).unwrap());
        let (faults, mended) = run(&page, desk(), overwrite);
        if overwrite && mended != page.text {
            std::fs::write(path, mended).unwrap();
        }
        faults
    };
    let faults: Vec<String> = std::thread::scope(|scope| {
        let threads = paths
            .chunks(paths.len().div_ceil(4))
            .map(|some| scope.spawn(move || some.iter().flat_map(judge).collect::<Vec<_>>()));
        let threads: Vec<_> = threads.collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
