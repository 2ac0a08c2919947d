//! An Indexed Job of Kubernetes that runs all shards, one a pod.
//!
//! A claim is the pods' common folder: it has the plan in `plan`, and gets the shards in `shards`.
//! What the user gives is an argument of the shell's script and no part of it.

use std::path::Path;

use serde_json::{Value, json};
use whimbrel_plan::Plan;

use crate::error::{CliError, NO_PLAN};
use crate::options::{CheckOptions, SimulationOptions};

/// The claim where nothing else is said.
pub const DEFAULT_CLAIM: &str = "whimbrel";
/// Where the claim is mounted.
const MOUNT: &str = "/work";
/// Names of Kubernetes end here.
const LONGEST_NAME: usize = 63;
/// Kubernetes counts from 0, shards from 1. The shell's first argument is how many there are.
const SCRIPT: &str = r#"of=$1; shift
shard=$((JOB_COMPLETION_INDEX + 1))
mkdir -p shards
exec whimbrel simulate "$@" --shard "$shard/$of" --out "shards/$shard.shard""#;

/// What the job is of.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// How many shards.
    pub shards: u32,
    /// The image that has `whimbrel`.
    pub image: &'a str,
    /// The claim.
    pub claim: &'a str,
    /// Where the plan is here.
    pub path: Option<&'a Path>,
    /// Trials, seed and threads.
    pub simulation: &'a SimulationOptions,
    /// The scenario and the day.
    pub checking: &'a CheckOptions,
}

impl Job<'_> {
    /// The manifest, as YAML.
    ///
    /// # Errors
    /// When the plan has no hash.
    pub fn manifest(self) -> Result<String, CliError> {
        let problem = |error: String| CliError::finding(NO_PLAN.number, error);
        let hash = self
            .plan
            .hash()
            .map_err(|error| problem(error.to_string()))?;
        serde_saphyr::to_string(&self.document(&hash)).map_err(|error| problem(error.to_string()))
    }

    fn document(self, hash: &str) -> Value {
        let labels = json!({ "app.kubernetes.io/name": "whimbrel" });
        json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {
                "name": name(&self.plan.title()),
                "labels": labels,
                "annotations": { "whimbrel/plan-hash": hash },
            },
            "spec": {
                "completions": self.shards,
                "parallelism": self.shards,
                "completionMode": "Indexed",
                "backoffLimitPerIndex": 3,
                "template": {
                    "metadata": { "labels": labels },
                    "spec": {
                        "restartPolicy": "Never",
                        "containers": [self.container()],
                        "volumes": [{
                            "name": "work",
                            "persistentVolumeClaim": { "claimName": self.claim },
                        }],
                    },
                },
            },
        })
    }

    fn container(self) -> Value {
        let mut container = json!({
            "name": "whimbrel",
            "image": self.image,
            "command": ["/bin/sh", "-ec", SCRIPT, "whimbrel"],
            "args": self.arguments(),
            "workingDir": MOUNT,
            "volumeMounts": [{ "name": "work", "mountPath": MOUNT }],
        });
        if let (Some(threads), Some(container)) =
            (self.simulation.threads, container.as_object_mut())
        {
            let cpu = threads.to_string();
            container.insert(
                "resources".to_owned(),
                json!({ "requests": { "cpu": cpu } }),
            );
        }
        container
    }

    fn arguments(self) -> Vec<String> {
        let settings = self.simulation.settings();
        let mut arguments = vec![
            self.shards.to_string(),
            format!("--trials={}", settings.trials),
            format!("--seed={}", settings.seed),
        ];
        let options = [
            (
                "threads",
                self.simulation.threads.map(|threads| threads.to_string()),
            ),
            ("scenario", self.checking.scenario.clone()),
            (
                "today",
                self.checking.judging.today.map(|today| today.to_string()),
            ),
        ];
        for (option, value) in options {
            arguments.extend(value.map(|value| format!("--{option}={value}")));
        }
        arguments.push(plan_path(self.path));
        // Kubernetes reads $(NAME) as a variable, and $$ as a dollar.
        let literal = |argument: String| argument.replace('$', "$$");
        arguments.into_iter().map(literal).collect()
    }
}

/// Where the plan is in the claim: its folder is `plan`.
fn plan_path(path: Option<&Path>) -> String {
    let file = path.filter(|path| path.extension().is_some_and(|extension| extension == "mig"));
    let name = file
        .and_then(Path::file_name)
        .map(|name| name.to_string_lossy());
    name.map_or_else(|| "plan".to_owned(), |name| format!("plan/{name}"))
}

/// A name that Kubernetes takes: lower-case letters, digits and single dashes.
fn name(title: &str) -> String {
    let mut name = "whimbrel".to_owned();
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric());
    for word in words.filter(|word| !word.is_empty()) {
        name.push('-');
        name.extend(word.chars().map(|letter| letter.to_ascii_lowercase()));
    }
    name.truncate(LONGEST_NAME);
    name.trim_end_matches('-').to_owned()
}
