//! Data of real systems and published instances. They are no part of the repository:
//! `WHIMBREL_REAL` names the folder that holds them.
#![expect(
    clippy::disallowed_methods,
    reason = "what is read stands outside the repository"
)]

use std::path::{Path, PathBuf};

/// The folder of all of it.
#[must_use]
pub fn folder() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/real");
    std::env::var_os("WHIMBREL_REAL").map_or_else(beside, PathBuf::from)
}

/// What a file says.
///
/// # Panics
/// When it is not there.
#[must_use]
#[expect(clippy::panic, reason = "for tests, which fail without the data")]
pub fn read(path: impl AsRef<Path>) -> String {
    let path = folder().join(path);
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; set WHIMBREL_REAL", path.display()))
}

/// A task of the reference workload: its triangular duration in days, which of ten teams of two does
/// it, and what comes before it.
#[derive(Clone, Debug)]
pub struct ReferenceTask {
    /// Least, most likely and longest duration.
    pub duration: [f64; 3],
    /// Whose task it is.
    pub team: usize,
    /// Its predecessors, by position.
    pub predecessors: Vec<usize>,
}

/// The reference workload, `bench/dag.txt`.
///
/// # Panics
/// When it is not there or reads otherwise.
#[must_use]
#[expect(clippy::unwrap_used, reason = "for tests, which fail without the data")]
pub fn reference_tasks() -> Vec<ReferenceTask> {
    let dag = read("bench/dag.txt");
    let mut lines = dag.lines();
    let count = lines.next().unwrap().split_once(' ').unwrap().0;
    let task = |line: &str| {
        let mut columns = line.split_whitespace();
        let duration = [(); 3].map(|()| columns.next().unwrap().parse().unwrap());
        let mut positions = columns.map(|column| column.parse().unwrap());
        let team = positions.next().unwrap();
        ReferenceTask {
            duration,
            team,
            // How many there are comes first.
            predecessors: positions.skip(1).collect(),
        }
    };
    lines.take(count.parse().unwrap()).map(task).collect()
}

/// The reference workload as a plan: its tasks are services that move alone, each in a batch after
/// those of its predecessors, in days around the clock; with its teams, or without limits. Names
/// have three digits: where two tasks are equally urgent, the first goes first.
///
/// # Panics
/// When the workload is not there or reads otherwise.
#[must_use]
pub fn reference_plan(teams: bool) -> String {
    let mut plan = String::from(
        "platform old { }\nplatform new { }\n\
         migration reference { from = old; to = new; zone = \"UTC\"; start = 2027-01-01; keep_old = 0s }\n\
         pattern work() for service {\n  \
           step act { kind = deploy; does = manual(\"work\"); takes = 1d; cutover = true }\n}\n",
    );
    for team in (0..10).filter(|_| teams) {
        plan += &format!("team t{team} {{ engineers = 2 }}\n");
    }
    for (number, task) in reference_tasks().iter().enumerate() {
        let [min, mode, max] = task.duration;
        let before = task.predecessors.iter().map(|p| format!("batch{p:03}"));
        let before: Vec<String> = before.collect();
        let before = before.join(", ");
        let needs = if teams {
            format!("; needs = [1 of t{}]", task.team)
        } else {
            String::new()
        };
        plan += &format!(
            "batch batch{number:03} {{ members = [task{number:03}]; after = [{before}] }}\n\
             service task{number:03} {{ on = old; move = work(); \
             step act {{ takes = triangular({min}d, {mode}d, {max}d){needs} }} }}\n"
        );
    }
    plan
}
