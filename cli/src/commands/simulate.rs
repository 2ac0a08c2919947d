//! `simulate`: the estimates.

mod human;
mod kubernetes;
mod shards;
mod why;

use std::io::{self, Write as _};

use clap::Args;
use whimbrel_plan::Plan;
use whimbrel_simulator::{
    Engine, Estimates, Judgement, Outcome as Verdict, Requirement, Settings, SimulationError,
    Watch, WhichTrial, simulate, simulate_by, simulate_until_converged,
};

use self::shards::ShardOptions;
use super::standing;
use crate::console::{Console, Tone};
use crate::error::CliError;
use crate::options::{CheckOptions, Format, OutputOptions, PlanPath, SimulationOptions};
use crate::outcome::{Ending, Outcome};
use crate::project::Project;
use crate::watched::watched;

/// The most trials of a run that goes on until it converges: 1,024 · 2¹⁰. A P80 that is not known
/// by then needs another plan rather than more trials.
const MOST_UNTIL_CONVERGED: u64 = 1 << 20;

/// Estimates dates, cost and risk
///
/// Plays the migration through many times and shows when it ends, what it costs and what may
/// break, each with its 95 % interval.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel simulate shop
  whimbrel simulate shop --trials 100000 --seed 7 --format json
  whimbrel simulate shop --until-converged
  whimbrel simulate shop --shard 3/16 --out 3.shard
  whimbrel simulate shop --shards 16 --emit kubernetes-job --claim migration
  whimbrel simulate shop --why p95
  whimbrel simulate shop --require 'deadline_probability >= 0.8' --require 'cost.p80 <= 60000'")]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanPath,

    #[command(flatten)]
    simulation: SimulationOptions,

    /// Runs until the P80 of the duration, and of the cost where the plan has a currency, is known:
    /// the ends of its 95 % interval are within 1 % of it. Looks at 1,024 trials, then at twice as
    /// many as before; `--trials` is the most [default: 1048576]
    #[arg(long, help_heading = "Simulation")]
    until_converged: bool,

    /// Tells one trial instead: the one at a percentile of the finish (`p95`), or the one with a
    /// number, also beyond those that are run. What was drawn, what went wrong, who waited for
    /// whom, and its critical chain beside that of the median trial
    #[arg(
        long,
        value_name = "TRIAL",
        allow_negative_numbers = true,
        conflicts_with_all = ["until_converged", "require", "shard", "emit"],
        help_heading = "Simulation"
    )]
    why: Option<WhichTrial>,

    #[command(flatten)]
    sharding: ShardOptions,

    /// Which code runs the trials, for benchmarks: never changes a result
    #[arg(long, hide = true, default_value = "widest", value_name = "NAME", value_parser = engine)]
    engine: Engine,

    #[command(flatten)]
    requirements: Requirements,

    #[command(flatten)]
    checking: CheckOptions,

    #[command(flatten)]
    output: OutputOptions,
}

/// What the estimates must show.
#[derive(Args, Clone, Debug)]
pub struct Requirements {
    /// Exits 1 unless this certainly holds; may be repeated. A dotted field of the JSON, a
    /// comparison and a number: `deadline_probability >= 0.8`, `blast_radius.services.p95 <= 3`
    #[arg(long, value_name = "EXPR", help_heading = "Checking")]
    require: Vec<String>,
}

impl Requirements {
    /// Whether nothing is asked for.
    fn is_empty(&self) -> bool {
        self.require.is_empty()
    }

    /// Reads them.
    ///
    /// # Errors
    /// When one makes no sense.
    pub fn parse(&self) -> Result<Vec<Requirement>, CliError> {
        let parse = |text: &String| Requirement::parse(text).map_err(|error| misread(&error));
        self.require.iter().map(parse).collect()
    }
}

fn engine(name: &str) -> Result<Engine, String> {
    let mut engines = Engine::ALL.into_iter();
    let engine = engines.find(|engine| engine.name() == name);
    let engine = engine.ok_or_else(|| {
        let names = Engine::ALL.map(Engine::name).join(", ");
        format!("expected one of {names}")
    })?;
    if engine.is_available() {
        Ok(engine)
    } else {
        Err("this machine does not have its instructions".to_owned())
    }
}

/// Runs the command.
///
/// # Errors
/// When there is no plan to simulate, or an argument makes no sense.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let requirements = arguments.requirements.parse()?;
    shards::refuse_wholes(arguments)?;
    let project = Project::open(arguments.plan.path.as_deref())?;
    let compiled = project.compile(&arguments.checking.compiling())?;
    let format = arguments.output.format;
    let plan = standing::runnable(&compiled, format, console)?;
    standing::tell(&compiled, console)?;
    let sharding = &arguments.sharding;
    if let Some(what) = sharding.emit {
        return shards::emit(what, arguments, plan, console);
    }
    if let Some(shard) = sharding.shard {
        return shards::run(shard, arguments, (plan, &compiled), console);
    }
    if let Some(which) = arguments.why {
        let settings = arguments.simulation.settings();
        why::run(plan, &settings, which, format, console)?;
        return Ok(standing::outcome(&compiled, &arguments.checking.judging));
    }
    let estimates = if arguments.until_converged {
        let settings = arguments.simulation.settings_with(MOST_UNTIL_CONVERGED);
        run_trials(simulate_until_converged, plan, &settings, format, console)?
    } else {
        let settings = arguments.simulation.settings();
        let simulate = |plan: &Plan, settings: &Settings, watch: Option<&Watch>| {
            simulate_by(arguments.engine, plan, settings, watch)
        };
        run_trials(simulate, plan, &settings, format, console)?
    };
    let met = conclude(plan, &estimates, &requirements, format, console)?;
    // The page says it itself; who reads the document by a program may look at the exit code alone.
    if let (Format::Json, Some(said)) = (format, human::unconverged(&estimates)) {
        let said = console.err_paint.tone(Tone::Warning, &said);
        writeln!(console.err, "{said}")?;
    }
    whole(&estimates)?;
    let standing = standing::outcome(&compiled, &arguments.checking.judging);
    Ok(if met { standing } else { Outcome::Findings })
}

/// Prints the estimates and says of each requirement whether it holds; whether all do.
///
/// # Errors
/// When a requirement is about nothing, or nothing can be written.
pub fn conclude(
    plan: &Plan,
    estimates: &Estimates,
    requirements: &[Requirement],
    format: Format,
    console: &mut Console,
) -> Result<bool, CliError> {
    let judgements = judge(requirements, estimates)?;
    write(plan, estimates, format, console)?;
    tell(&judgements, console)
}

/// A requirement that makes no sense: the argument is at fault, not the plan.
fn misread(error: &SimulationError) -> CliError {
    CliError {
        finding: false,
        ..refused(error)
    }
}

/// Simulates `plan`, with progress where somebody sees it. All trials, or none are of use.
///
/// # Errors
/// When the plan cannot be simulated, or somebody ends the run.
pub fn estimate(
    plan: &Plan,
    options: &SimulationOptions,
    console: &Console,
) -> Result<Estimates, CliError> {
    let estimates = run_trials(simulate, plan, &options.settings(), Format::Human, console)?;
    whole(&estimates)?;
    Ok(estimates)
}

fn run_trials(
    simulate: impl Fn(&Plan, &Settings, Option<&Watch>) -> Result<Estimates, SimulationError>,
    plan: &Plan,
    settings: &Settings,
    format: Format,
    console: &Console,
) -> Result<Estimates, CliError> {
    let run = |watch: &Watch| simulate(plan, settings, Some(watch));
    let estimates = watched(format == Format::Human, console, run);
    estimates.map_err(|error| refused(&error))
}

/// Whether all trials were run that were asked for.
fn whole(estimates: &Estimates) -> Result<(), CliError> {
    if !estimates.interrupted {
        return Ok(());
    }
    Err(refused(&SimulationError::Interrupted {
        done: estimates.trials,
        asked: estimates.trials_asked,
        plans: 1,
    }))
}

/// Most often the plan is at fault; else it is the number of trials or threads asked for, or
/// somebody ended the run.
pub fn refused(error: &SimulationError) -> CliError {
    use SimulationError::{Interrupted, NoTrials, Threads, TooManyTrials};
    let outside = matches!(
        error,
        NoTrials | TooManyTrials(_) | Threads(_) | Interrupted { .. }
    );
    CliError {
        finding: !outside,
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
        // Thousands of steps make megabytes of it: nobody waits for the whole.
        serde_json::to_writer_pretty(&mut console.out, estimates).map_err(io::Error::from)?;
        writeln!(console.out)?;
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
