//! `simulate`: the estimates.

mod human;

use std::io::Write as _;
use std::sync::Mutex;

use clap::Args;
use whimbrel_plan::Plan;
use whimbrel_simulator::{Estimates, Judgement, Outcome as Verdict, Requirement, SimulationError};

use super::standing;
use crate::console::{Console, Tone};
use crate::error::CliError;
use crate::options::{CheckOptions, Format, OutputOptions, PlanPath, SimulationOptions};
use crate::outcome::{Ending, Outcome};
use crate::project::Project;

/// Estimates dates, cost and risk
///
/// Plays the migration through many times and shows when it ends, what it costs and what may
/// break, each with its 95 % interval.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel simulate shop
  whimbrel simulate shop --trials 100000 --seed 7 --format json
  whimbrel simulate shop --require 'deadline_probability >= 0.8' --require 'cost.p80 <= 60000'")]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanPath,

    #[command(flatten)]
    simulation: SimulationOptions,

    /// Exits 1 unless this certainly holds; may be repeated. A dotted field of the JSON, a
    /// comparison and a number: `deadline_probability >= 0.8`, `blast_radius.services.p95 <= 3`
    #[arg(long, value_name = "EXPR", help_heading = "Checking")]
    require: Vec<String>,

    #[command(flatten)]
    checking: CheckOptions,

    #[command(flatten)]
    output: OutputOptions,
}

/// Runs the command.
///
/// # Errors
/// When there is no plan to simulate, or an argument makes no sense.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let requirements = requirements(&arguments.require)?;
    let project = Project::open(arguments.plan.path.as_deref())?;
    let compiled = project.compile(&arguments.checking.compiling())?;
    let format = arguments.output.format;
    let plan = standing::runnable(&compiled, format, console)?;
    standing::tell(&compiled, console)?;
    let estimates = estimate(plan, &arguments.simulation, format, console)?;
    let judgements = judge(&requirements, &estimates)?;
    write(plan, &estimates, format, console)?;
    let met = tell(&judgements, console)?;
    let standing = standing::outcome(&compiled, &arguments.checking);
    Ok(if met { standing } else { Outcome::Findings })
}

fn requirements(texts: &[String]) -> Result<Vec<Requirement>, CliError> {
    let parse = |text: &String| Requirement::parse(text).map_err(|error| misread(&error));
    texts.iter().map(parse).collect()
}

/// A requirement that makes no sense: the argument is at fault, not the plan.
fn misread(error: &SimulationError) -> CliError {
    CliError {
        finding: false,
        ..refused(error)
    }
}

/// Simulates `plan`, with progress where somebody sees it.
///
/// # Errors
/// When the plan cannot be simulated.
pub fn estimate(
    plan: &Plan,
    options: &SimulationOptions,
    format: Format,
    console: &mut Console,
) -> Result<Estimates, CliError> {
    let settings = options.settings();
    let run = |progress: Option<&(dyn Fn(u64) + Sync)>| {
        whimbrel_simulator::simulate(plan, &settings, progress)
    };
    let progress = format == Format::Human;
    let estimates = progressing(settings.trials, progress, console, run)?;
    estimates.map_err(|error| refused(&error))
}

/// Runs so many trials, with progress where somebody sees it and `wanted`.
///
/// # Errors
/// When the terminal cannot be written to.
pub fn progressing<T>(
    trials: u64,
    wanted: bool,
    console: &mut Console,
    run: impl FnOnce(Option<&(dyn Fn(u64) + Sync)>) -> T,
) -> Result<T, CliError> {
    if !console.progress || !wanted {
        return Ok(run(None));
    }
    let shown = Mutex::new(0_u64);
    let progress = move |done: u64| tell_progress(&shown, done, trials);
    let made = run(Some(&progress));
    write!(console.err, "\r\x1b[K")?;
    Ok(made)
}

/// Rewrites the progress line when another hundredth is done.
fn tell_progress(shown: &Mutex<u64>, done: u64, trials: u64) {
    let Ok(mut shown) = shown.try_lock() else {
        return;
    };
    let hundredth = done.saturating_mul(100) / trials.max(1);
    if hundredth > *shown {
        *shown = hundredth;
        let _ = write!(std::io::stderr(), "\rsimulating: {hundredth} %");
    }
}

/// Most often the plan is at fault; else it is the number of trials or threads asked for.
pub fn refused(error: &SimulationError) -> CliError {
    use SimulationError::{NoTrials, Threads, TooManyTrials};
    let argument = matches!(error, NoTrials | TooManyTrials(_) | Threads(_));
    CliError {
        finding: !argument,
        ..CliError::finding(error.code(), error.to_string()).help(error.help())
    }
}

fn write(
    plan: &Plan,
    estimates: &Estimates,
    format: Format,
    console: &mut Console,
) -> Result<(), CliError> {
    if format == Format::Json {
        let document = serde_json::to_string_pretty(estimates)
            .map_err(|error| CliError::finding("MG1512", error.to_string()))?;
        writeln!(console.out, "{document}")?;
        return Ok(());
    }
    let page = human::Page {
        plan,
        estimates,
        width: console.width,
        paint: console.paint,
        charts: format == Format::Human,
    };
    write!(console.out, "{}", page.render())?;
    Ok(())
}

fn judge(requirements: &[Requirement], estimates: &Estimates) -> Result<Vec<Judgement>, CliError> {
    let judge = |requirement: &Requirement| {
        let judgement = requirement.judge(estimates);
        judgement.map_err(|error| misread(&error))
    };
    requirements.iter().map(judge).collect()
}

/// Says of each requirement whether it holds; whether all do.
fn tell(judgements: &[Judgement], console: &mut Console) -> Result<bool, CliError> {
    console.out.flush()?;
    for judgement in judgements {
        let tone = match judgement.outcome {
            Verdict::Met => Tone::Good,
            Verdict::Unmet => Tone::Bad,
            Verdict::Undecided => Tone::Warning,
        };
        let told = console.err_paint.tone(tone, &judgement.sentence);
        writeln!(console.err, "{told}")?;
    }
    let mut verdicts = judgements.iter().map(|judgement| judgement.outcome);
    Ok(verdicts.all(|verdict| verdict == Verdict::Met))
}
