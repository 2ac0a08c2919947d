//! `merge`: the shards of one simulation joined.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use whimbrel_simulator::{MergeError, Merged, Merger, ShardHeader};

use super::simulate::{self, Requirements};
use crate::console::{Console, Tone};
use crate::error::{
    BROKEN_SHARD, CliError, DOUBLED_SHARD, FILE_NOT_FOUND, MISSING_SHARD, NOT_A_FILE, OTHER_SHARD,
};
use crate::files;
use crate::options::{OutputOptions, threads};
use crate::outcome::{Ending, Outcome};
use crate::render::number;

/// Joins the shards of one simulation
///
/// What comes out is what `simulate` would have printed had it run all trials itself, to the byte.
/// The files hold the plan, too, so nothing else is needed.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel merge shards/*.shard
  whimbrel merge shards/*.shard --format json --require 'deadline_probability >= 0.8'")]
pub struct Arguments {
    /// What `whimbrel simulate --shard` wrote, all of it, in any order
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Threads; the result does not depend on them [default: one for each core]
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = threads)]
    threads: Option<u32>,

    #[command(flatten)]
    requirements: Requirements,

    #[command(flatten)]
    output: OutputOptions,
}

/// Runs the command.
///
/// # Errors
/// When a file cannot be read, or they are not the shards of one simulation.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let requirements = arguments.requirements.parse()?;
    let merged = joined(&arguments.files, arguments.threads)?;
    let (plan, estimates) = (&merged.plan, &merged.estimates);
    let format = arguments.output.format;
    let met = simulate::conclude(plan, estimates, &requirements, format, console)?;
    if merged.errors > 0 {
        let errors = usize::try_from(merged.errors).unwrap_or(usize::MAX);
        let many = format!("{} in the plan", number::count(errors, "error"));
        let many = console.err_paint.tone(Tone::Warning, &many);
        writeln!(console.err, "{many} when the shards were run")?;
    }
    Ok(Outcome::findings_if(!met || merged.errors > 0))
}

fn joined(paths: &[PathBuf], threads: Option<u32>) -> Result<Merged, CliError> {
    let refused = |error: MergeError| refused(&error, paths);
    let headers = paths.iter().enumerate().map(|(file, path)| {
        let header = ShardHeader::read(&read(path)?);
        header.map_err(|problem| refused(MergeError::Unreadable { file, problem }))
    });
    let headers: Vec<ShardHeader> = headers.collect::<Result<_, _>>()?;
    let mut merger = Merger::new(&headers).map_err(refused)?;
    while let Some(path) = merger.next().and_then(|file| paths.get(file)) {
        merger.add(&read(path)?).map_err(refused)?;
    }
    let threads = threads.map(|threads| threads as usize);
    merger.finish(threads).map_err(refused)
}

/// The bytes of what is to be a shard.
fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    let wrong = [FILE_NOT_FOUND.number, NOT_A_FILE.number];
    files::read(path).map_err(|error| match error {
        error if wrong.contains(&&*error.code) => {
            error.help("name what `whimbrel simulate --shard I/N --out FILE` wrote")
        }
        error => error,
    })
}

/// The error, with the names of the files it is about.
fn refused(error: &MergeError, paths: &[PathBuf]) -> CliError {
    let name = |file: usize| {
        let path = paths.get(file).map(PathBuf::as_path);
        path.unwrap_or(Path::new("")).display().to_string()
    };
    let code = match error {
        MergeError::Simulation(error) => return simulate::refused(error),
        MergeError::Unreadable { .. } => BROKEN_SHARD,
        MergeError::Different { .. }
        | MergeError::OtherEngine { .. }
        | MergeError::OtherNumbers { .. } => OTHER_SHARD,
        MergeError::Doubled { .. } => DOUBLED_SHARD,
        MergeError::Missing { .. } | MergeError::Nothing => MISSING_SHARD,
    };
    let message = match error {
        MergeError::Doubled {
            file,
            other,
            shard,
            of,
        } => {
            let (file, other) = (name(*file), name(*other));
            format!("`{other}` and `{file}` are both shard {shard}/{of}")
        }
        MergeError::Different {
            file,
            what,
            here,
            there,
        } => {
            let (file, first) = (name(*file), name(0));
            format!("`{file}` and `{first}` differ in {what}: {here} and {there}")
        }
        error => match error.file() {
            Some(file) => format!("`{}`: {error}", name(file)),
            None => error.to_string(),
        },
    };
    CliError::advised(code, message)
}
