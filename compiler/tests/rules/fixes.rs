//! Fixes, applied: each silences its finding and adds none, but for warnings of rules on what could
//! not be read before. Held to the pages of the rules and to the corpus of wrong plans.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::civil::date;
use whimbrel_compiler::{Compilation, Options, Provider, ReadError, compile};
use whimbrel_lang::{Diagnostic, Fix, Level, apply, decode};

/// A folder, one file of which may have another text.
struct Folder {
    root: PathBuf,
    changed: BTreeMap<String, String>,
}

impl Provider for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        match self.changed.get(path) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => std::fs::read(self.root.join(path)).map_err(|_| ReadError::NotFound),
        }
    }
}

/// Texts that refer to files beside them.
struct Case {
    name: String,
    folder: Folder,
    entry: String,
}

impl Case {
    fn compiled(&self) -> Compilation {
        let options = Options::new(date(2026, 11, 21));
        compile(&self.folder, &self.entry, &options)
    }

    /// The same with one fix applied.
    fn mended(&self, compilation: &Compilation, fix: &Fix) -> Self {
        let mut changed = self.folder.changed.clone();
        for (id, text) in apply(&compilation.sources, [fix]).texts {
            changed.insert(compilation.sources.get(id).path().to_owned(), text);
        }
        Self {
            name: self.name.clone(),
            folder: Folder {
                root: self.folder.root.clone(),
                changed,
            },
            entry: self.entry.clone(),
        }
    }
}

/// How often each finding is told, wherever it stands: the errors, or all.
fn told(compilation: &Compilation, all: bool) -> BTreeMap<(&'static str, &str), usize> {
    let mut counts = BTreeMap::new();
    let found = compilation.diagnostics.iter();
    for found in found.filter(|found| all || found.level == Level::Error) {
        *counts
            .entry((found.code.name, found.message.as_str()))
            .or_default() += 1;
    }
    counts
}

/// What is wrong with the fix of a finding.
fn fault(case: &Case, compilation: &Compilation, found: &Diagnostic, fix: &Fix) -> Option<String> {
    let after = case.mended(compilation, fix).compiled();
    let unread = ["MG00", "MG01", "MG02"].iter();
    let unread = { unread }.any(|family| found.code.number.starts_with(family));
    let before = told(compilation, true);
    let key = (found.code.name, found.message.as_str());
    let silenced = told(&after, true).get(&key) < before.get(&key);
    let after = told(&after, !unread);
    let added: Vec<_> = after
        .iter()
        .filter(|(key, count)| before.get(*key).is_none_or(|before| before < *count))
        .map(|(key, _)| key)
        .collect();
    (!silenced || !added.is_empty()).then(|| {
        format!(
            "{}: {}: {} ({})\n  silenced: {silenced}, added: {added:?}",
            case.name, found.code.number, found.message, fix.title
        )
    })
}

fn corpus() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/err");
    let entries = |folder: &Path| {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let groups = entries(&root).into_iter().filter(|path| path.is_dir());
    let plans = groups.flat_map(|group| entries(&group));
    let plans = plans.filter(|path| path.extension().is_some_and(|found| found == "mig"));
    // Bytes that are no text are their own fault.
    let plans = plans.filter(|path| decode(&std::fs::read(path).unwrap()).is_ok());
    plans
        .map(|path| Case {
            name: path.strip_prefix(&root).unwrap().display().to_string(),
            folder: Folder {
                root: path.parent().unwrap().to_path_buf(),
                changed: BTreeMap::new(),
            },
            entry: path.file_name().unwrap().to_str().unwrap().to_owned(),
        })
        .collect()
}

fn pages() -> Vec<Case> {
    let rules = whimbrel_compiler::rules::RULES.iter();
    let examples = rules.flat_map(|rule| {
        let examples = super::examples(rule.page).into_iter();
        examples.map(|example| Case {
            name: rule.code.name.to_owned(),
            folder: Folder {
                root: PathBuf::new(),
                changed: BTreeMap::from([("plan.mig".to_owned(), example.plan())]),
            },
            entry: "plan.mig".to_owned(),
        })
    });
    examples.collect()
}

#[test]
fn every_fix_silences_its_finding_and_adds_none() {
    let mut wrong = Vec::new();
    let mut codes = BTreeSet::new();
    let mut fixes = 0;
    for case in pages().into_iter().chain(corpus()) {
        let compilation = case.compiled();
        for found in &compilation.diagnostics {
            if let Some(fix) = &found.fix {
                fixes += 1;
                codes.insert(found.code.name);
                wrong.extend(fault(&case, &compilation, found, fix));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(fixes > 60 && codes.len() >= 7, "{fixes} fixes of {codes:?}");
}
