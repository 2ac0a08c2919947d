//! The plans in `examples/`, taken through every stage.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read the repository's own files and fail by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::civil::date;
use whimbrel_compiler::{Compilation, Options, Provider, ReadError, compile};
use whimbrel_handoff::LocalTemplates;
use whimbrel_lang::{Diagnostic, Level, Sources, parse};
use whimbrel_plan::{Action, Argument, Executor, Plan, Step};
use whimbrel_simulator::{Estimates, Settings, simulate};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

struct Folder(PathBuf);

impl Provider for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        fs::read(self.0.join(path)).map_err(|error| match error.kind() {
            ErrorKind::NotFound => ReadError::NotFound,
            _ => ReadError::Denied(error.to_string()),
        })
    }
}

/// Compiled on the day the examples were written for: rehearsals and sightings are then fresh.
fn compiled(provider: &dyn Provider) -> Compilation {
    let today = date(2026, 11, 21);
    compile(provider, "plan.mig", &Options::new(today))
}

fn example(name: &str) -> Compilation {
    compiled(&Folder(repository().join("examples").join(name)))
}

fn told(compilation: &Compilation, diagnostic: &Diagnostic) -> String {
    let span = diagnostic.primary.span;
    let place = compilation.sources.line_column(span.source, span.start);
    let path = compilation.sources.get(span.source).path();
    format!(
        "{path}:{} {} {}",
        place.line, diagnostic.code.number, diagnostic.message
    )
}

fn findings(compilation: &Compilation) -> Vec<String> {
    let all = compilation.diagnostics.iter();
    all.map(|diagnostic| told(compilation, diagnostic))
        .collect()
}

fn plan(name: &str) -> Plan {
    let compilation = example(name);
    let found = findings(&compilation);
    compilation
        .plan
        .unwrap_or_else(|| panic!("{name} does not compile: {found:?}"))
}

fn estimates(plan: &Plan, threads: usize) -> Estimates {
    let settings = Settings {
        trials: 512,
        seed: 1,
        threads: Some(threads),
    };
    simulate(plan, &settings, None).unwrap()
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
    assert!(files.len() >= 27, "22 patterns and five plans: {files:?}");
    for file in files {
        let mut sources = Sources::default();
        let id = sources.add(
            file.display().to_string(),
            fs::read_to_string(&file).unwrap(),
        );
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

/// A newcomer's plan may be warned of what it leaves out, but it compiles without an error.
#[test]
fn complete_examples_are_clean_and_the_newcomers_has_no_error() {
    for name in ["online-boutique", "shop-data", "own-executor"] {
        assert_eq!(findings(&example(name)), Vec::<String>::new(), "{name}");
    }
    let minimal = example("minimal");
    let errors: Vec<String> = minimal
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.level == Level::Error)
        .map(|diagnostic| told(&minimal, diagnostic))
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

/// What is checked can be simulated, too: each trial of each example finishes, or some do.
#[test]
fn every_example_but_the_broken_one_is_simulated() {
    let mut simulated = 0;
    for folder in fs::read_dir(repository().join("examples")).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        if name == "online-boutique-broken" {
            continue;
        }
        let settings = Settings {
            trials: 64,
            seed: 1,
            threads: Some(1),
        };
        let estimates = simulate(&plan(&name), &settings, None);
        let estimates = estimates.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(estimates.unfinished < 0.05, "{name} does not finish");
        simulated += 1;
    }
    assert!(simulated > 0);
}

/// Code and line of each `# MG0301 MG0302` at the end of a line.
fn planted(text: &str) -> BTreeSet<(String, usize)> {
    let mut planted = BTreeSet::new();
    for (index, line) in text.lines().enumerate() {
        let Some((_, comment)) = line.rsplit_once(" # ") else {
            continue;
        };
        let codes = comment.split(' ').filter(|word| word.starts_with("MG"));
        planted.extend(codes.map(|code| (code.to_owned(), index + 1)));
    }
    planted
}

#[test]
fn every_planted_fault_is_found_and_nothing_else() {
    let name = "online-boutique-broken";
    let file = repository().join("examples").join(name).join("plan.mig");
    let planted = planted(&fs::read_to_string(file).unwrap());
    assert!(planted.len() >= 20, "{planted:?}");
    let compilation = example(name);
    let found: BTreeSet<(String, usize)> = compilation
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let span = diagnostic.primary.span;
            let place = compilation.sources.line_column(span.source, span.start);
            (diagnostic.code.number.to_owned(), place.line as usize)
        })
        .collect();
    let all = findings(&compilation).join("\n");
    assert_eq!(found, planted, "{all}");
    assert_eq!(
        compilation.diagnostics.len(),
        planted.len(),
        "one finding each:\n{all}"
    );
    for diagnostic in &compilation.diagnostics {
        assert!(
            diagnostic.help.is_some(),
            "no help: {}",
            told(&compilation, diagnostic)
        );
    }
}

/// The table of the broken copy's README names each code with its line.
#[test]
fn the_readme_of_the_broken_copy_names_every_fault() {
    let folder = repository().join("examples/online-boutique-broken");
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    let named: BTreeSet<(String, usize)> = readme
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            let code = cells.next()?.strip_prefix("MG")?;
            Some((format!("MG{code}"), cells.next()?.parse().ok()?))
        })
        .collect();
    assert_eq!(
        named,
        planted(&fs::read_to_string(folder.join("plan.mig")).unwrap())
    );
}

#[test]
fn an_example_gives_the_same_bytes_on_every_run_and_any_number_of_threads() {
    for name in ["online-boutique", "shop-data", "minimal"] {
        let first = plan(name);
        let again = plan(name);
        assert_eq!(first.hash().unwrap(), again.hash().unwrap(), "{name}");
        let one = estimates(&first, 1);
        let two = estimates(&again, 2);
        let text = |estimates: &Estimates| serde_json::to_string(estimates).unwrap();
        assert_eq!(text(&one), text(&two), "{name}");
        let templates = LocalTemplates::default();
        let built = whimbrel_handoff::generate(&first, &one, &templates).unwrap();
        let rebuilt = whimbrel_handoff::generate(&again, &two, &templates).unwrap();
        assert_eq!(built, rebuilt, "{name}");
    }
}

/// What a rollback asks the executor of a step to take back, because the plan names no undo.
fn asked_to_undo<'a>(plan: &'a Plan, step: &'a Step) -> Option<(&'a Action, &'a Executor)> {
    let action = step.action.as_ref()?;
    let executor = plan.executors.get(action.executor?)?;
    executor.verbs.get(&action.verb)?.undo.as_ref()?;
    let asked = step.undo.is_none() && !step.irreversible && executor.folder == "bash";
    asked.then_some((action, executor))
}

fn words<'a>(executor: &'a Executor, setting: &str) -> Vec<&'a str> {
    let Some(Argument::List(items)) = executor.settings.get(setting) else {
        return Vec::new();
    };
    let words = items.iter().filter_map(|item| match item {
        Argument::Text(word) => Some(word.as_str()),
        _ => None,
    });
    words.collect()
}

/// At three in the morning a script that answers "cannot" leaves the undo incomplete. The tools that
/// the scripts use are stood in for by ones that succeed.
#[test]
fn real_the_scripts_of_the_examples_can_undo_what_a_rollback_asks_of_them() {
    let mut asked = BTreeSet::new();
    for name in ["forty-services", "global-finance", "market", "shop-data"] {
        let folder = fs::canonicalize(repository().join("examples").join(name)).unwrap();
        let plan = plan(name);
        for step in plan.steps.values() {
            let Some((action, executor)) = asked_to_undo(&plan, step) else {
                continue;
            };
            let Some(Argument::Text(script)) = executor.settings.get("script") else {
                panic!("{}: no script", step.name);
            };
            let tools = tempfile::tempdir().unwrap();
            for tool in ["ssh", "psql", "ora2pg", "kubectl", "ansible"] {
                let path = tools.path().join(tool);
                fs::write(&path, "#!/bin/sh\n").unwrap();
                fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
            }
            let subject = action.on.or_else(|| step.subject.node()).unwrap();
            let path = std::env::var("PATH").unwrap();
            let output = Command::new(folder.join(script))
                .args(["undo", &action.verb, plan.name(subject)])
                .current_dir(tools.path())
                .env("PATH", format!("{}:{path}", tools.path().display()))
                .envs(
                    words(executor, "environment")
                        .iter()
                        .map(|name| (*name, "x")),
                )
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {said}", step.name);
            asked.insert((name, action.verb.clone()));
        }
    }
    for (name, verb) in [
        ("global-finance", "data.bootstrap"),
        ("global-finance", "data.cdc_stop"),
        ("market", "queue.drain"),
    ] {
        assert!(asked.contains(&(name, verb.to_owned())), "{name} {verb}");
    }
}
