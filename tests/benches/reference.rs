//! The command line beside NumPy on the reference workload, in one run: a million trials of
//! `whimbrel simulate` at each level of instructions that this machine has, and `np_bench.py`, in
//! turn. Machines are shared and warm up, so only ratios of the best of one run say anything.
//!
//! A run of the command line is timed as a whole, NumPy without its start. Four million trials show
//! what a trial costs when there are so many that the start hardly counts.
//!
//! `cargo bench -p whimbrel-tests --bench reference [-- ROUNDS]`; needs `WHIMBREL_REAL`, and a
//! `python3` with NumPy.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a benchmark of programs"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use whimbrel_simulator::Engine;
use whimbrel_tests::{binary, real};

const TRIALS: u64 = 1_000_000;
const MANY_TRIALS: u64 = 4_000_000;
const ROUNDS: usize = 5;

/// A run that is timed from start to end: its plan, engine and threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    teams: bool,
    engine: &'static str,
    threads: u32,
    trials: u64,
}

fn runs() -> Vec<Run> {
    let mut runs = Vec::new();
    let available = Engine::ALL.into_iter().filter(|e| e.is_available());
    for engine in available.map(Engine::name) {
        let many = (false, MANY_TRIALS);
        let many = (engine != Engine::Events.name()).then_some(many);
        for (teams, trials) in [(false, TRIALS), (true, TRIALS)].into_iter().chain(many) {
            runs.extend([1, 2].map(|threads| Run {
                teams,
                engine,
                threads,
                trials,
            }));
        }
    }
    runs
}

/// Trials per second, start-up, compilation and report included.
fn rate(binary: &Path, folder: &Path, run: Run) -> f64 {
    let plan = folder.join(if run.teams { "teams.mig" } else { "plan.mig" });
    let started = Instant::now();
    let output = Command::new(binary)
        .arg("simulate")
        .arg(plan)
        .args(["--trials", &run.trials.to_string(), "--format", "json"])
        .args(["--threads", &run.threads.to_string()])
        .args(["--engine", run.engine])
        .output()
        .unwrap();
    let seconds = started.elapsed().as_secs_f64();
    assert!(output.status.success(), "{output:?}");
    run.trials as f64 / seconds
}

/// Trials per second of NumPy in two processes, as it prints them: start-up excluded.
fn numpy() -> f64 {
    let script: PathBuf = real::folder().join("bench/np_bench.py");
    let output = Command::new("python3")
        .arg(script)
        .arg("2")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rate = text.split_once(": ").and_then(|(_, rest)| {
        let (rate, _) = rest.split_once(" trials/s")?;
        rate.replace(',', "").parse().ok()
    });
    assert!(rate.is_some(), "no NumPy: {output:?}");
    rate.unwrap()
}

fn main() {
    let rounds = std::env::args().find_map(|argument| argument.parse().ok());
    let binary = binary::released();
    let folder = tempfile::tempdir().unwrap();
    for (name, teams) in [("plan.mig", false), ("teams.mig", true)] {
        std::fs::write(folder.path().join(name), real::reference_plan(teams)).unwrap();
    }
    let mut best: BTreeMap<Run, f64> = BTreeMap::new();
    let mut yardstick: f64 = 0.0;
    for _ in 0..rounds.unwrap_or(ROUNDS) {
        yardstick = yardstick.max(numpy());
        for run in runs() {
            let rate = rate(&binary, folder.path(), run);
            let best = best.entry(run).or_default();
            *best = best.max(rate);
        }
    }
    println!("NumPy, two processes: {yardstick:.0} trials/s");
    for (run, rate) in &best {
        let plan = if run.teams { "teams" } else { "precedence" };
        let alone = best[&Run { threads: 1, ..*run }];
        println!(
            "{plan:<10} {:<8} {} million, {} threads: {rate:>9.0} trials/s, {:>5.2} × NumPy, {:.2} × one thread",
            run.engine,
            run.trials / TRIALS,
            run.threads,
            rate / yardstick,
            rate / alone,
        );
    }
}
