//! `check`: all rules over plans.

mod fix;

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::console::{Console, Tone};
use crate::error::{CliError, OUTPUT_FAILED};
use crate::options::{CheckOptions, FindingsFormat};
use crate::outcome::{Ending, Outcome};
use crate::project::{Compiled, Project};
use crate::render::diagnostics::Tally;
use crate::render::{annotations, code_quality, json, junit, number, sarif};

/// Runs all rules over plans
///
/// What CI runs. Exits 1 when there is an error, or a warning with `--deny-warnings`. `--fix` first
/// writes the remedies that are certain into the files, and then tells what is left.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel check
  whimbrel check plans/shop plans/bank --deny-warnings
  whimbrel check --fix
  whimbrel check --format json shop/plan.mig
  whimbrel check --format sarif > whimbrel.sarif")]
pub struct Arguments {
    /// Plan files, or folders with a `plan.mig` [default: here]
    paths: Vec<PathBuf>,

    /// Mends what has a certain remedy, in place, and says what it mended
    #[arg(long, help_heading = "Checking")]
    fix: bool,

    #[command(flatten)]
    checking: CheckOptions,

    /// How findings are written
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    format: FindingsFormat,
}

/// Runs the command.
///
/// # Errors
/// When a plan cannot be read.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let plans = compile_all(arguments, console)?;
    let tally = plans
        .iter()
        .map(Compiled::tally)
        .fold(Tally::default(), Tally::plus);
    write(arguments, &plans, tally, console)?;
    let denied = arguments.checking.judging.deny_warnings && tally.warnings > 0;
    Ok(Outcome::findings_if(tally.errors > 0 || denied))
}

fn compile_all(arguments: &Arguments, console: &mut Console) -> Result<Vec<Compiled>, CliError> {
    let options = arguments.checking.compiling();
    let projects: Vec<Project> = if arguments.paths.is_empty() {
        vec![Project::open(None)?]
    } else {
        let paths = arguments.paths.iter();
        paths
            .map(|path| Project::open(Some(path)))
            .collect::<Result<_, _>>()?
    };
    if arguments.fix {
        for project in &projects {
            fix::mend(project, &options, console)?;
        }
    }
    projects
        .into_iter()
        .map(|project| project.compile(&options))
        .collect()
}

fn write(
    arguments: &Arguments,
    plans: &[Compiled],
    tally: Tally,
    console: &mut Console,
) -> Result<(), CliError> {
    let findings = plans.iter().map(Compiled::findings);
    match arguments.format {
        FindingsFormat::Json => writeln!(console.out, "{:#}", json::check(findings))?,
        FindingsFormat::Sarif => {
            let report = sarif::report(findings).map_err(|problem| unwritten(&problem))?;
            writeln!(console.out, "{report:#}")?;
        }
        FindingsFormat::Gitlab => {
            writeln!(console.out, "{:#}", code_quality::report(findings))?;
        }
        FindingsFormat::Junit => {
            let denied = arguments.checking.judging.deny_warnings;
            let named = plans
                .iter()
                .map(|plan| (plan.project.shown(), plan.findings()));
            let report = junit::report(named, denied).map_err(|problem| unwritten(&problem))?;
            writeln!(console.out, "{}", report.trim_end())?;
        }
        FindingsFormat::Github => {
            for of_plan in findings {
                annotations::write(&mut console.out, &of_plan)?;
            }
            writeln!(console.out, "{tally}")?;
        }
        FindingsFormat::Plain => {
            for of_plan in findings {
                of_plan.plain(&mut console.out)?;
            }
            writeln!(console.out, "{tally}")?;
        }
        FindingsFormat::Human => {
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
            let found = plans.iter().flat_map(|plan| &plan.compilation.diagnostics);
            let mendable = found.filter(|found| found.fix.is_some()).count();
            if mendable > 0 {
                let told = format!("`--fix` mends {}", number::count(mendable, "finding"));
                writeln!(console.out, "{}", console.paint.tone(Tone::Faint, &told))?;
            }
        }
    }
    Ok(())
}

fn unwritten(problem: &dyn std::fmt::Display) -> CliError {
    CliError::new(
        OUTPUT_FAILED,
        format!("the findings cannot be written: {problem}"),
    )
}
