//! `build`: what people and tools carry out, in a folder.

mod journal;
mod output;

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use whimbrel_handoff::Artefacts;
use whimbrel_plan::Plan;
use whimbrel_simulator::{Estimates, Missed};

use super::{simulate, standing};
use crate::console::Console;
use crate::error::{CliError, NO_PLAN, PLAN_HAS_ERRORS};
use crate::executors;
use crate::options::{CheckOptions, Format, PlanPath, SimulationOptions};
use crate::outcome::Ending;
use crate::project::{Compiled, Project};
use crate::render::number;

/// Writes runbooks, scripts and executor files
///
/// A plan with errors is refused. Building again writes only what changed and removes only what
/// an earlier build wrote.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel build --out dist
  whimbrel build shop --out dist --trials 20000 --seed 7")]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanPath,

    /// The folder to write to; new, empty, or written by an earlier build
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: PathBuf,

    #[command(flatten)]
    simulation: SimulationOptions,

    #[command(flatten)]
    checking: CheckOptions,
}

/// Runs the command.
///
/// # Errors
/// When the plan has errors, or the folder cannot be written.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let project = Project::open(arguments.plan.path.as_deref())?;
    let compiled = project.compile(&arguments.checking.compiling())?;
    refuse_errors(&compiled, console)?;
    let plan = standing::runnable(&compiled, Format::Human, console)?;
    let former = output::former(&arguments.out)?;
    output::refuse_other_migration(&arguments.out, &former, &plan.migration.name)?;
    output::refuse_open_journal(&arguments.out, &former, &hash(plan)?)?;
    let estimates = simulate::estimate(plan, &arguments.simulation, console)?;
    let templates = executors::templates(&compiled.compilation);
    let artefacts = whimbrel_handoff::generate(plan, &estimates, &templates)
        .map_err(|error| refused(&error))?;
    let done = output::write(&arguments.out, &artefacts, &former)?;
    for path in &done.written {
        writeln!(console.out, "wrote   {path}")?;
    }
    for path in &done.removed {
        writeln!(console.out, "removed {path}")?;
    }
    tell(arguments, &artefacts, &estimates, &done, console)?;
    Ok(standing::outcome(&compiled, &arguments.checking.judging))
}

fn hash(plan: &Plan) -> Result<String, CliError> {
    plan.hash().map_err(|error| {
        CliError::finding(
            NO_PLAN.number,
            format!("the plan cannot be written: {error}"),
        )
    })
}

fn tell(
    arguments: &Arguments,
    artefacts: &Artefacts,
    estimates: &Estimates,
    done: &output::Done,
    console: &mut Console,
) -> Result<(), CliError> {
    if estimates.unfinished > 0.0 {
        let share = number::chance(estimates.unfinished, estimates.error.unfinished);
        let missed: Vec<String> = estimates
            .missed
            .iter()
            .take(1)
            .map(Missed::sentence)
            .collect();
        writeln!(
            console.err,
            "warning: the migration never finishes in {share} of the trials, as the runbooks say. {}",
            missed.join("")
        )?;
    }
    let unchanged = artefacts.len().saturating_sub(done.written.len());
    writeln!(
        console.err,
        "{} written, {} removed, {unchanged} unchanged in `{}`",
        done.written.len(),
        done.removed.len(),
        arguments.out.display()
    )?;
    Ok(())
}

fn refuse_errors(compiled: &Compiled, console: &mut Console) -> Result<(), CliError> {
    let tally = compiled.tally();
    if tally.errors == 0 {
        return Ok(());
    }
    standing::show(compiled, Format::Human, console)?;
    Err(CliError::finding(
        PLAN_HAS_ERRORS.number,
        format!("nothing is built from a plan with errors: {tally}"),
    ))
}

fn refused(error: &whimbrel_handoff::HandoffError) -> CliError {
    let refusal = CliError::finding(error.code(), error.to_string());
    match error.help() {
        Some(help) => refusal.help(help),
        None => refusal,
    }
}
