//! The integrations, run as their hosts run them: the steps of the GitHub action with the shell and
//! the files that a runner gives them, the GitLab job by `gitlab-ci-local`, the hooks by `pre-commit`.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test runs real tools on real files, and panics when it fails"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde::Deserialize;
use serde_json::Value;
use tempfile::TempDir;
use whimbrel_tests::binary::whimbrel;

fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap().to_owned()
}

const STARTER: &str = include_str!("../../examples/starter/plan.mig");
/// The starter, and a call of what does not exist.
const BROKEN: &str = "service returns { calls nobody }\n";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn executable(path: &Path, text: &str) {
    write(path, text);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A folder on whose PATH `whimbrel` is, before the folders of this process.
fn on_path(folder: &Path) -> String {
    fs::create_dir_all(folder.join("bin")).unwrap();
    symlink(whimbrel(), folder.join("bin/whimbrel")).unwrap();
    let path = std::env::var("PATH").unwrap();
    format!("{}:{path}", folder.join("bin").display())
}

#[derive(Deserialize)]
struct Action {
    inputs: BTreeMap<String, Input>,
    runs: Runs,
}

#[derive(Deserialize)]
struct Input {
    default: String,
}

#[derive(Deserialize)]
struct Runs {
    using: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    id: String,
    shell: String,
    env: BTreeMap<String, String>,
    run: String,
}

/// A workspace in which the action runs.
struct Workspace {
    folder: TempDir,
    path: String,
}

/// What a run of the action left.
struct Ran {
    code: Option<i32>,
    log: String,
    outputs: BTreeMap<String, String>,
}

impl Workspace {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            write(&folder.path().join("work").join(path), text);
        }
        let path = on_path(folder.path());
        Self { folder, path }
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Runs the steps until one fails, with `given` for the inputs it names.
    fn action(&self, given: &[(&str, &str)]) -> Ran {
        let text = fs::read_to_string(repository().join("action.yml")).unwrap();
        let action: Action = serde_saphyr::from_str(&text).unwrap();
        assert_eq!(action.runs.using, "composite");
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for (name, input) in &action.inputs {
            known.insert(format!("inputs.{name}"), input.default.clone());
        }
        for (name, value) in given {
            let before = known.insert(format!("inputs.{name}"), (*value).to_owned());
            assert!(before.is_some(), "the action has no input `{name}`");
        }
        let mut ran = Ran {
            code: Some(0),
            log: String::new(),
            outputs: BTreeMap::new(),
        };
        for step in &action.runs.steps {
            let output = self.step(step, &known);
            ran.code = code(&output);
            ran.log += &text_of(&output);
            ran.outputs = self.outputs(step);
            for (name, value) in &ran.outputs {
                known.insert(format!("steps.{}.outputs.{name}", step.id), value.clone());
            }
            if ran.code != Some(0) {
                break;
            }
        }
        ran
    }

    /// A step, by the command that a runner documents for `shell: bash`.
    fn step(&self, step: &Step, known: &BTreeMap<String, String>) -> Output {
        assert_eq!(step.shell, "bash");
        assert!(!step.run.contains("${{"), "inputs are data, not script");
        let script = self.folder.path().join("step.sh");
        write(&script, &step.run);
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail"])
            .arg(&script)
            .current_dir(self.work())
            .env("PATH", &self.path)
            .env("GITHUB_ACTION_PATH", repository())
            .env("GITHUB_OUTPUT", self.output_file(step))
            .env("GITHUB_STEP_SUMMARY", self.folder.path().join("summary.md"))
            .env("RUNNER_TEMP", self.folder.path().join("temp"))
            .env_remove("GITHUB_BASE_REF");
        for (name, value) in &step.env {
            let expression = value
                .strip_prefix("${{ ")
                .and_then(|rest| rest.strip_suffix(" }}"));
            let value = expression.map_or(value, |expression| &known[expression]);
            command.env(name, value);
        }
        command.output().unwrap()
    }

    fn output_file(&self, step: &Step) -> PathBuf {
        self.folder.path().join(format!("output-{}", step.id))
    }

    /// `name=value` lines, and `name<<mark … mark` for texts of several lines.
    fn outputs(&self, step: &Step) -> BTreeMap<String, String> {
        let text = fs::read_to_string(self.output_file(step)).unwrap_or_default();
        let _ = fs::remove_file(self.output_file(step));
        let mut lines = text.lines();
        let mut found = BTreeMap::new();
        while let Some(line) = lines.next() {
            if let Some((name, mark)) = line.split_once("<<") {
                let value: Vec<&str> = lines.by_ref().take_while(|line| *line != mark).collect();
                found.insert(name.to_owned(), value.join("\n"));
            } else if let Some((name, value)) = line.split_once('=') {
                found.insert(name.to_owned(), value.to_owned());
            }
        }
        found
    }
}

fn text_of(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn the_action_passes_what_is_right() {
    let workspace = Workspace::new(&[("plan.mig", STARTER), ("a b/plan.mig", STARTER)]);
    let ran = workspace.action(&[
        ("paths", "\n  plan.mig\n\n a b \n"),
        ("deny-warnings", "true"),
        ("sarif", "found.sarif"),
        ("require", "unfinished <= 0.5\nincident_probability <= 1"),
        ("trials", "256"),
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.log);
    // Two conditions for each of two plans.
    assert_eq!(ran.log.matches("is met").count(), 4, "{}", ran.log);
    let findings: Value = serde_json::from_str(&ran.outputs["findings"]).unwrap();
    assert_eq!(findings["summary"]["errors"], 0);
    let sarif = fs::read_to_string(workspace.work().join("found.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
}

#[test]
fn the_action_marks_what_is_wrong_and_goes_on() {
    let broken = STARTER.to_owned() + BROKEN;
    let workspace = Workspace::new(&[("broken/plan.mig", &broken), ("right/plan.mig", STARTER)]);
    let ran = workspace.action(&[
        ("paths", "broken\nright"),
        ("sarif", "found.sarif"),
        ("require", "incident_probability <= 0"),
        ("trials", "256"),
    ]);
    assert_eq!(ran.code, Some(1), "{}", ran.log);
    let line = broken.lines().count();
    let annotation = format!("::error file=broken/plan.mig,line={line},");
    assert!(ran.log.contains(&annotation), "{}", ran.log);
    assert!(ran.log.contains("MG0101"), "{}", ran.log);
    // The right one is asked for its promise all the same.
    assert!(ran.log.contains("is unmet"), "{}", ran.log);
    let findings: Value = serde_json::from_str(&ran.outputs["findings"]).unwrap();
    assert_eq!(findings["diagnostics"][0]["code"], "MG0101");
    let sarif = fs::read_to_string(workspace.work().join("found.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "MG0101");
}

#[test]
fn the_action_takes_its_inputs_as_data_and_says_what_it_cannot_do() {
    let workspace = Workspace::new(&[("plan.mig", STARTER)]);
    let ran = workspace.action(&[("paths", "$(touch pwned); `touch pwned`")]);
    assert_eq!(ran.code, Some(2), "{}", ran.log);
    assert!(!workspace.work().join("pwned").exists());
    let ran = workspace.action(&[("paths", "--help")]);
    assert_eq!(ran.code, Some(2), "{}", ran.log);
    let ran = workspace.action(&[("deny-warnings", "yes")]);
    assert_eq!(ran.code, Some(2), "{}", ran.log);
    assert!(ran.log.contains("not `yes`"), "{}", ran.log);
    let ran = workspace.action(&[("whimbrel", "/nowhere/whimbrel")]);
    assert_eq!(ran.code, Some(2), "{}", ran.log);
    assert!(ran.log.contains("does not run"), "{}", ran.log);
    let crooked = STARTER.replacen("platform ", "platform   ", 1);
    let workspace = Workspace::new(&[("plan.mig", &crooked)]);
    assert_eq!(workspace.action(&[]).code, Some(1));
    assert_eq!(workspace.action(&[("fmt", "false")]).code, Some(0));
}

/// What stood before the change is marked and let stand; what the change brings fails the run.
#[test]
fn the_action_tells_what_a_change_means_and_can_fail_on_what_is_new_only() {
    let workspace = Workspace::new(&[]);
    let broken = STARTER.to_owned() + BROKEN;
    git(&workspace.work(), &[("plan.mig", &broken)]);
    let summary = || fs::read_to_string(workspace.folder.path().join("summary.md")).unwrap();

    let slower = broken.replacen("traffic = 50rps", "traffic = 75rps", 1);
    fs::write(workspace.work().join("plan.mig"), &slower).unwrap();
    let ran = workspace.action(&[("against", "main"), ("fmt", "false")]);
    assert_eq!(ran.code, Some(1), "{}", ran.log);
    assert!(summary().contains("75rps"), "{}", summary());
    let inputs = [("against", "main"), ("only-new", "true"), ("fmt", "false")];
    let ran = workspace.action(&inputs);
    assert_eq!(ran.code, Some(0), "{}", ran.log);
    assert!(ran.log.contains("::error file=plan.mig"), "{}", ran.log);

    let worse = slower + "service refunds { calls nowhere }\n";
    fs::write(workspace.work().join("plan.mig"), &worse).unwrap();
    let ran = workspace.action(&inputs);
    assert_eq!(ran.code, Some(1), "{}", ran.log);
    assert!(summary().contains("nowhere"), "{}", summary());

    let ran = workspace.action(&[("against", "--output=x"), ("only-new", "true")]);
    assert_eq!(ran.code, Some(2), "{}", ran.log);
    assert!(ran.log.contains("fetch-depth: 0"), "{}", ran.log);
    let ran = workspace.action(&[("only-new", "true")]);
    assert_eq!(ran.code, Some(2), "{}", ran.log);
}

/// Without a program it is built from the action's own source; the build itself is the release's.
#[test]
fn the_action_builds_the_program_when_there_is_none() {
    let mut workspace = Workspace::new(&[("plan.mig", STARTER)]);
    fs::remove_file(workspace.folder.path().join("bin/whimbrel")).unwrap();
    let cargo = format!(
        "#!/usr/bin/env bash\nset -eu\n[[ $1 $2 $3 $5 == \"install --locked --path --root\" ]]\n\
         grep -q 'name = \"whimbrel\"' \"$4/Cargo.toml\"\nmkdir -p \"$6/bin\"\n\
         ln -s '{}' \"$6/bin/whimbrel\"\n",
        whimbrel().display()
    );
    let cargo = cargo.replace("[[ $1 $2 $3 $5 ==", "[[ \"$1 $2 $3 $5\" ==");
    executable(&workspace.folder.path().join("bin/cargo"), &cargo);
    workspace.path = format!(
        "{}:/usr/bin:/bin",
        workspace.folder.path().join("bin").display()
    );
    let ran = workspace.action(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.log);
    assert!(
        ran.log.contains("/temp/whimbrel/bin/whimbrel: whimbrel "),
        "{}",
        ran.log
    );
}

fn tool(name: &str) -> PathBuf {
    repository()
        .join("integrations/node_modules/.bin")
        .join(name)
}

#[test]
fn the_action_fits_its_schema() {
    let output = Command::new(tool("action-validator"))
        .arg(repository().join("action.yml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text_of(&output));
}

/// A repository with these files, committed.
fn git(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        write(&folder.join(path), text);
    }
    for arguments in [
        ["init", "--quiet", "--initial-branch=main"].as_slice(),
        &["add", "--all"],
        &[
            "-c",
            "user.name=tests",
            "-c",
            "user.email=tests@localhost",
            "commit",
            "--quiet",
            "--message=plans",
        ],
    ] {
        let mut command = Command::new("git");
        let output = command
            .args(arguments)
            .current_dir(folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text_of(&output));
    }
}

/// Runs the GitLab job in a repository; the log, whether it passed, and the reports.
fn gitlab(plan: &str, variables: &[&str]) -> (String, Option<i32>, Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = on_path(folder.path());
    let template = repository().join("integrations/gitlab/whimbrel.gitlab-ci.yml");
    let template = fs::read_to_string(template).unwrap();
    let work = folder.path().join("work");
    git(
        &work,
        &[("plans/shop/plan.mig", plan), (".gitlab-ci.yml", &template)],
    );
    let mut command = Command::new(tool("gitlab-ci-local"));
    command
        .args(["--shell-executor-no-image", "--force-shell-executor"])
        .args(["--variable", "WHIMBREL_PATHS=plans/shop"]);
    for variable in variables {
        command.args(["--variable", variable]);
    }
    let output = command
        .arg("whimbrel")
        .current_dir(&work)
        .env("PATH", path)
        .env("HOME", folder.path())
        .output()
        .unwrap();
    let log = text_of(&output);
    let reports = work.join(".gitlab-ci-local/artifacts/whimbrel");
    let read = |name: &str| {
        let report = fs::read_to_string(reports.join(name));
        report.unwrap_or_else(|error| format!("{name}: {error}\n{log}"))
    };
    let quality = read("whimbrel-quality.json");
    let quality = serde_json::from_str(&quality).unwrap_or(Value::String(quality));
    (
        log.clone(),
        code(&output),
        quality,
        read("whimbrel-junit.xml"),
    )
}

#[test]
fn the_gitlab_job_passes_what_is_right_and_reports_what_is_wrong() {
    let (log, code, quality, _) = gitlab(STARTER, &["WHIMBREL_REQUIRE=unfinished <= 0.5"]);
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("is met"), "{log}");
    assert_eq!(quality, Value::Array(Vec::new()), "{log}");

    let (log, code, quality, junit) = gitlab(&(STARTER.to_owned() + BROKEN), &[]);
    assert_eq!(code, Some(1), "{log}");
    assert!(log.contains("MG0101"), "{log}");
    assert_eq!(quality[0]["check_name"], "MG0101/unknown-name", "{quality}");
    assert!(junit.contains("MG0101"), "{junit}");
}

#[test]
fn the_hooks_lay_out_and_check() {
    let folder = tempfile::tempdir().unwrap();
    let path = on_path(folder.path());
    let hooks = folder.path().join("hooks");
    let declared = fs::read_to_string(repository().join(".pre-commit-hooks.yaml")).unwrap();
    git(&hooks, &[(".pre-commit-hooks.yaml", &declared)]);
    let work = folder.path().join("work");
    let crooked = STARTER.replacen("platform ", "platform   ", 1);
    git(&work, &[("plan.mig", &crooked), ("README.md", "plans\n")]);
    let hook = |name: &str| {
        let mut command = Command::new("pre-commit");
        let output = command
            .args(["try-repo", hooks.to_str().unwrap(), name, "--all-files"])
            .current_dir(&work)
            .env("PATH", &path)
            .env("HOME", folder.path())
            .output()
            .unwrap();
        (code(&output), text_of(&output))
    };
    let (laid_out, log) = hook("whimbrel-fmt");
    assert_eq!(laid_out, Some(1), "{log}");
    assert_eq!(fs::read_to_string(work.join("plan.mig")).unwrap(), STARTER);
    let (laid_out, log) = hook("whimbrel-fmt");
    assert_eq!(laid_out, Some(0), "{log}");
    let (checked, log) = hook("whimbrel-check");
    assert_eq!(checked, Some(0), "{log}");
    fs::write(work.join("plan.mig"), STARTER.to_owned() + BROKEN).unwrap();
    let (checked, log) = hook("whimbrel-check");
    assert_eq!(checked, Some(1), "{log}");
    assert!(log.contains("MG0101"), "{log}");
}
