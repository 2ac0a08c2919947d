//! Options that several commands share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use whimbrel_compiler::Options;
use whimbrel_simulator::{MAX_TRIALS, Settings};

use crate::environment;

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// For people and `grep`: one line a finding, no drawings.
    Plain,
    /// For programs; the field names are a contract.
    Json,
}

/// How findings are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum FindingsFormat {
    /// For people.
    #[default]
    Human,
    /// For people and `grep`: one line a finding, no drawings.
    Plain,
    /// For programs; the field names are a contract.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
    /// JUnit XML: a suite for each plan.
    Junit,
}

/// Options about the output.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub struct OutputOptions {
    /// How results are written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,
}

/// Options about how findings are judged.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Checking")]
pub struct JudgingOptions {
    /// The day that waivers and observations are compared with [default: the day of the run]
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub today: Option<Date>,

    /// Exit 1 on warnings, too
    #[arg(long)]
    pub deny_warnings: bool,
}

impl JudgingOptions {
    /// What to compile with.
    pub fn compiling(&self) -> Options {
        Options::new(self.today.unwrap_or_else(environment::today))
    }
}

/// Options about what is checked, and how.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Checking")]
pub struct CheckOptions {
    /// How findings are judged.
    #[command(flatten)]
    pub judging: JudgingOptions,

    /// Lay this scenario over the plan
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
}

impl CheckOptions {
    /// What to compile with.
    pub fn compiling(&self) -> Options {
        let mut options = self.judging.compiling();
        options.scenario.clone_from(&self.scenario);
        options
    }
}

/// One plan.
#[derive(Args, Clone, Debug)]
pub struct PlanPath {
    /// A plan file, or a folder with a `plan.mig` [default: here]
    pub path: Option<PathBuf>,
}

/// Options about a simulation.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Simulation")]
pub struct SimulationOptions {
    /// How often the migration is played through [default: 10000]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = trials)]
    pub trials: Option<u64>,

    /// Which random numbers; the same seed gives the same bytes
    #[arg(long, default_value_t = 1, value_name = "N", allow_negative_numbers = true,
          value_parser = seed)]
    pub seed: u64,

    /// Threads; the result does not depend on them [default: one for each core]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    pub threads: Option<u32>,
}

fn trials(text: &str) -> Result<u64, String> {
    let trials = text.parse().ok();
    let trials = trials.filter(|trials| (1..=MAX_TRIALS).contains(trials));
    trials.ok_or_else(|| format!("expected a whole number from 1 to {MAX_TRIALS}"))
}

/// Reads how many threads.
pub fn threads(text: &str) -> Result<u32, String> {
    let threads = text.parse().ok();
    let threads = threads.filter(|threads| (1..=1024).contains(threads));
    threads.ok_or_else(|| "expected a whole number from 1 to 1024".to_owned())
}

fn day(text: &str) -> Result<Date, String> {
    let expected = |_| "expected a day of the calendar, written as `2027-01-31`".to_owned();
    text.parse().map_err(expected)
}

fn seed(text: &str) -> Result<u64, String> {
    let expected = |_| format!("expected a whole number from 0 to {}", u64::MAX);
    text.parse().map_err(expected)
}

impl SimulationOptions {
    /// What to run.
    pub fn settings(&self) -> Settings {
        self.settings_with(10_000)
    }

    /// What to run, with so many trials where nothing else is said.
    pub fn settings_with(&self, trials: u64) -> Settings {
        Settings {
            trials: self.trials.unwrap_or(trials),
            seed: self.seed,
            threads: self.threads.map(|threads| threads as usize),
        }
    }
}
