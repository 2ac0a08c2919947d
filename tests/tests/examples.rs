//! The plans in `examples/` and the patterns in `stdlib/`, taken through every stage.
#![expect(
    clippy::disallowed_methods,
    reason = "tests read the repository's own files"
)]

use std::fs;
use std::path::{Path, PathBuf};

use whimbrel_lang::{Sources, parse};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn plan_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(plan_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "mig") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn every_shipped_text_parses() {
    let files: Vec<PathBuf> = ["examples", "stdlib"]
        .iter()
        .flat_map(|folder| plan_files(&repository().join(folder)))
        .collect();
    assert!(files.len() >= 14, "ten patterns and four plans: {files:?}");
    for file in files {
        let mut sources = Sources::default();
        let id = sources.add(file.display().to_string(), fs::read_to_string(&file).unwrap());
        let found: Vec<String> = parse(&sources, id)
            .diagnostics
            .iter()
            .map(|diagnostic| {
                let line = sources.line_column(id, diagnostic.primary.span.start).line;
                format!("{}:{line}: {}", file.display(), diagnostic.message)
            })
            .collect();
        assert_eq!(found, Vec::<String>::new());
    }
}
