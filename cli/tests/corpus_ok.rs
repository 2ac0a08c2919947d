//! Right plans, one corner of the language each, through every stage: `tests/corpus/ok/NAME.mig`,
//! and in a folder for each stage what came of it:
//!
//! - `layout/`: the text as `fmt` lays it out;
//! - `plan/`: the compiled plan, an element a line;
//! - `estimates/`: what `simulate` tells of 256 trials with seed 1;
//! - `artefacts/`: the files that `build` writes, and the index of the runbooks.
//!
//! `SNAPSHOTS=overwrite cargo test -p whimbrel --test corpus_ok` writes them anew.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start the program, read the repository's files, and fail by panicking"
)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use common::{files, whimbrel};
use serde_json::Value;
use snapbox::Assert;
use snapbox::data::{Data, DataFormat};
use tempfile::TempDir;

const STAGES: [&str; 4] = ["layout", "plan", "estimates", "artefacts"];
const TODAY: [&str; 2] = ["--today", "2026-11-21"];
const TRIALS: [&str; 4] = ["--trials", "256", "--seed", "1"];

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus/ok")
}

/// The names of the plans. What stands in folders is for plans to import.
fn names() -> Vec<String> {
    let paths = fs::read_dir(corpus()).unwrap();
    let paths = paths.map(|entry| entry.unwrap().path());
    let plans = paths.filter(|path| path.extension().is_some_and(|extension| extension == "mig"));
    let mut names: Vec<String> = plans
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    names
}

/// A plan beside what it imports, in a folder of its own.
fn project(name: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(
        corpus().join(name).with_extension("mig"),
        folder.path().join("plan.mig"),
    )
    .unwrap();
    if let Ok(files) = fs::read_dir(corpus().join(name)) {
        fs::create_dir(folder.path().join(name)).unwrap();
        for file in files {
            let file = file.unwrap();
            fs::copy(file.path(), folder.path().join(name).join(file.file_name())).unwrap();
        }
    }
    folder
}

/// Runs a command that must do its work, and gives what it prints.
fn done(folder: &Path, arguments: &[&str]) -> String {
    let run = whimbrel(folder, arguments);
    assert_eq!(run.code, Some(0), "{arguments:?}\n{}{}", run.err, run.out);
    run.out
}

/// The JSON that a command prints.
fn json(folder: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&done(folder, &[arguments, &TODAY].concat())).unwrap()
}

fn hash(folder: &Path) -> String {
    let plan = json(folder, &["plan", "--format", "json"]);
    plan.get("plan_hash").unwrap().to_string()
}

/// The plan's hash changes with every word of it; what hangs on it is told by the other lines.
fn without_hash(text: &str, hash: &str) -> String {
    let hash = hash.trim_matches('"');
    let short: String = hash.chars().take(12).collect();
    text.replace(hash, "[HASH]").replace(&short, "[HASH]")
}

/// JSON with an element of a list, or of an object of lists, a line.
fn by_elements(value: &Value) -> String {
    let mut text = String::new();
    for (key, value) in value.as_object().unwrap() {
        match value {
            Value::Array(elements) => {
                writeln!(text, "{key}").unwrap();
                for element in elements {
                    writeln!(text, "  {element}").unwrap();
                }
            }
            Value::Object(fields) if fields.values().any(Value::is_array) => {
                writeln!(text, "{key}").unwrap();
                let inner = by_elements(value);
                for line in inner.lines() {
                    writeln!(text, "  {line}").unwrap();
                }
            }
            _ => writeln!(text, "{key} {value}").unwrap(),
        }
    }
    text
}

fn artefacts(folder: &Path) -> String {
    let out = folder.join("out");
    done(
        folder,
        &[["build", "--out", "out"].as_slice(), &TRIALS, &TODAY].concat(),
    );
    let paths: Vec<String> = files(&out).into_iter().map(|(path, _)| path).collect();
    let index = fs::read_to_string(out.join("runbook/index.md")).unwrap();
    format!("{}\n\n{index}", paths.join("\n"))
}

#[test]
fn every_right_plan_goes_through_every_stage() {
    let overwrite = std::env::var("SNAPSHOTS").is_ok_and(|action| action == "overwrite");
    let compare = Assert::new();
    let mut wrong = Vec::new();
    let names = names();
    assert!(names.len() > 10, "{names:?}");
    for name in &names {
        let project = project(name);
        let folder = project.path();
        let plan = json(folder, &["compile", "--emit", "plan"]);
        let before = hash(folder);
        let estimates = done(folder, &[["simulate"].as_slice(), &TRIALS, &TODAY].concat());
        let artefacts = artefacts(folder);
        done(folder, &["fmt"]);
        let layout = fs::read_to_string(folder.join("plan.mig")).unwrap();
        assert_eq!(hash(folder), before, "{name}: the layout changes the plan");
        let unnamed = |text: String| without_hash(&text, &before);
        let stages = [
            layout,
            by_elements(&plan),
            unnamed(estimates),
            unnamed(artefacts),
        ];
        for (stage, text) in STAGES.iter().zip(stages) {
            let extension = if *stage == "layout" { "mig" } else { "txt" };
            let beside = corpus().join(stage).join(name).with_extension(extension);
            if overwrite {
                fs::create_dir_all(beside.parent().unwrap()).unwrap();
                fs::write(&beside, &text).unwrap();
            }
            let snapshot = Data::read_from(&beside, Some(DataFormat::Text)).raw();
            let label = format!("{stage}/{name}");
            if let Err(difference) = compare.try_eq(Some(&label), text.into(), snapshot) {
                wrong.push(difference.to_string());
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_snapshot_has_its_plan() {
    let names = names();
    for stage in STAGES {
        for file in fs::read_dir(corpus().join(stage)).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                names.iter().any(|known| known == name),
                "{}",
                path.display()
            );
        }
    }
}
