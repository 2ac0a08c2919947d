//! `check`: all rules over plans.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::console::{Console, Tone};
use crate::error::CliError;
use crate::options::{CheckOptions, Format, OutputOptions};
use crate::outcome::{Ending, Outcome};
use crate::project::{Compiled, Project};
use crate::render::diagnostics::Tally;
use crate::render::json;

/// Runs all rules over plans
///
/// What CI runs. Exits 1 when there is an error, or a warning with `--deny-warnings`.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel check
  whimbrel check plans/shop plans/bank --deny-warnings
  whimbrel check --format json shop/plan.mig")]
pub struct Arguments {
    /// Plan files, or folders with a `plan.mig` [default: here]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    checking: CheckOptions,

    #[command(flatten)]
    output: OutputOptions,
}

/// Runs the command.
///
/// # Errors
/// When a plan cannot be read.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let plans = compile_all(arguments)?;
    let tally = plans
        .iter()
        .map(Compiled::tally)
        .fold(Tally::default(), Tally::plus);
    write(arguments, &plans, tally, console)?;
    let denied = arguments.checking.deny_warnings && tally.warnings > 0;
    Ok(Outcome::findings_if(tally.errors > 0 || denied))
}

fn compile_all(arguments: &Arguments) -> Result<Vec<Compiled>, CliError> {
    let today = arguments.checking.day();
    let projects: Vec<Project> = if arguments.paths.is_empty() {
        vec![Project::open(None)?]
    } else {
        let paths = arguments.paths.iter();
        paths
            .map(|path| Project::open(Some(path)))
            .collect::<Result<_, _>>()?
    };
    Ok(projects
        .into_iter()
        .map(|project| project.compile(today))
        .collect())
}

fn write(
    arguments: &Arguments,
    plans: &[Compiled],
    tally: Tally,
    console: &mut Console,
) -> Result<(), CliError> {
    let findings = plans.iter().map(Compiled::findings);
    match arguments.output.format {
        Format::Json => writeln!(console.out, "{:#}", json::check(findings))?,
        Format::Plain => {
            for of_plan in findings {
                of_plan.plain(&mut console.err)?;
            }
            writeln!(console.out, "{tally}")?;
        }
        Format::Human => {
            for of_plan in findings {
                of_plan.graphical(&mut console.err, console.err_paint, console.width)?;
            }
            let tone = match tally {
                Tally { errors: 1.., .. } => Tone::Bad,
                Tally { warnings: 1.., .. } => Tone::Warning,
                _ => Tone::Good,
            };
            let told = console.paint.tone(tone, &tally.to_string());
            writeln!(console.out, "{told}")?;
        }
    }
    Ok(())
}
