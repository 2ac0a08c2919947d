//! `compare`: strategies and scenarios side by side.

mod document;
mod human;
mod variants;

use std::io::Write as _;

use clap::{Args, ValueEnum};
use whimbrel_plan::{Plan, Strategy};
use whimbrel_simulator::{Comparison, Estimates, SimulationError, Watch};

use super::simulate::refused;
use super::standing;
use crate::console::Console;
use crate::error::{CliError, NO_PLAN};
use crate::options::{Format, JudgingOptions, OutputOptions, PlanPath, SimulationOptions};
use crate::outcome::{Ending, Outcome};
use crate::project::Project;
use crate::watched::watched;
use variants::{Problem, Variant};

/// Shows strategies and scenarios side by side
///
/// Plays the plan as it is written, under each strategy and under each of its scenarios, all on
/// common random numbers: the same step has the same luck in each, so that what is left is the
/// difference of the plans. Says by how much they differ, with 95 % intervals, and which differences
/// the trials cannot tell from chance. A strategy drops the batches that are written by hand. A
/// variant that cannot be simulated is told with its reason (exit 1), and the rest go on.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel compare shop
  whimbrel compare shop --scenario big_team --scenario in_batches
  whimbrel compare shop --strategy parallel --strategy hybrid --baseline parallel
  whimbrel compare shop --format json | jq '.paired[] | {a, b, cost}'")]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanPath,

    /// The plan under this strategy, with batches of the compiler's; may be repeated [default: all,
    /// and all scenarios]
    #[arg(long, value_enum, value_name = "STRATEGY", help_heading = "Comparison")]
    strategy: Vec<Way>,

    /// The plan under this scenario; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Comparison")]
    scenario: Vec<String>,

    /// What the others are held against: a strategy, a scenario, or the plan `as-written`
    #[arg(
        long,
        default_value = variants::AS_WRITTEN,
        value_name = "NAME",
        help_heading = "Comparison"
    )]
    baseline: String,

    #[command(flatten)]
    simulation: SimulationOptions,

    #[command(flatten)]
    judging: JudgingOptions,

    #[command(flatten)]
    output: OutputOptions,
}

/// A strategy, as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Way {
    /// One unit after another
    Sequential,
    /// Independent units side by side
    Parallel,
    /// Core and stateful ones in sequence, the rest side by side
    Hybrid,
}

impl From<Way> for Strategy {
    fn from(way: Way) -> Self {
        match way {
            Way::Sequential => Self::Sequential,
            Way::Parallel => Self::Parallel,
            Way::Hybrid => Self::Hybrid,
        }
    }
}

/// What was compared, of which the formats are renderings.
pub struct Report<'a> {
    /// All variants, in their order.
    variants: &'a [Variant],
    /// Those that are like no other before them and were simulated.
    simulated: Vec<Simulated<'a>>,
    /// What these come to.
    comparison: &'a Comparison,
    /// Position in the comparison of the one that the others are held against.
    baseline: usize,
    /// How many trials of each were asked for; the comparison knows how many were run.
    trials_asked: u64,
    seed: u64,
}

/// A variant that was simulated.
struct Simulated<'a> {
    /// Its position in the comparison.
    at: usize,
    name: &'a str,
    plan: &'a Plan,
    estimates: &'a Estimates,
}

impl Report<'_> {
    /// The one at a position in the comparison.
    fn simulated(&self, at: usize) -> Option<&Simulated<'_>> {
        self.simulated.iter().find(|it| it.at == at)
    }

    /// Whether somebody ended the run.
    fn is_interrupted(&self) -> bool {
        self.comparison.trials < self.trials_asked
    }

    /// Whether all trials were run that were asked for.
    fn whole(&self) -> Result<(), CliError> {
        if !self.is_interrupted() {
            return Ok(());
        }
        Err(refused(&SimulationError::Interrupted {
            done: self.comparison.trials,
            asked: self.trials_asked,
            plans: self.simulated.len(),
        }))
    }

    fn name(&self, at: usize) -> &str {
        self.simulated(at).map_or("", |it| it.name)
    }
}

/// Runs the command.
///
/// # Errors
/// When there is nothing to compare, or an argument makes no sense.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let project = Project::open(arguments.plan.path.as_deref())?;
    let options = arguments.judging.compiling();
    let written = project.clone().compile(&options)?;
    let format = arguments.output.format;
    standing::tell(&written, console)?;
    let strategies: Vec<Strategy> = arguments.strategy.iter().map(|way| (*way).into()).collect();
    let asked = variants::Asked {
        strategies: &strategies,
        scenarios: &arguments.scenario,
        baseline: &arguments.baseline,
    };
    let mut variants =
        variants::compile(&project, &written.compilation.scenarios, &asked, &options)?;
    if variants.iter().all(|variant| variant.plan.is_err()) {
        // What is wrong with the plan is told as by the other commands.
        standing::runnable(&written, format, console)?;
    }
    let comparison = simulate(&mut variants, arguments, console)?;
    let report = report(&variants, &comparison, arguments)?;
    match format {
        Format::Json => writeln!(console.out, "{:#}", document::of(&report)?)?,
        Format::Human | Format::Plain => {
            let page = human::Page {
                report: &report,
                width: console.width,
                paint: console.paint,
            };
            write!(console.out, "{}", page.render())?;
        }
    }
    report.whole()?;
    let failed = variants.iter().any(|variant| variant.plan.is_err());
    let standing = standing::outcome(&written, &arguments.judging);
    Ok(if failed { Outcome::Findings } else { standing })
}

/// Plays each plan once, and returns the positions of the variants that were played. Those that
/// cannot be carried out become problems.
fn simulate(
    variants: &mut [Variant],
    arguments: &Arguments,
    console: &Console,
) -> Result<(Vec<usize>, Comparison), CliError> {
    let settings = arguments.simulation.settings();
    let (places, plans): (Vec<usize>, Vec<&Plan>) = variants::distinct(variants).unzip();
    let seen = arguments.output.format == Format::Human;
    let run = |watch: &Watch| whimbrel_simulator::compare(&plans, &settings, Some(watch));
    let comparison = watched(seen, console, run).map_err(|error| refused(&error))?;
    for (at, outcome) in places.iter().zip(&comparison.variants) {
        if let (Err(error), Some(variant)) = (outcome, variants.get(*at)) {
            let name = variant.name.clone();
            variants::fail(variants, &name, &problem(error));
        }
    }
    Ok((places, comparison))
}

fn problem(error: &SimulationError) -> Problem {
    Problem {
        code: error.code().to_owned(),
        message: error.to_string(),
        place: None,
        help: Some(error.help().to_owned()),
    }
}

fn report<'a>(
    variants: &'a [Variant],
    (places, comparison): &'a (Vec<usize>, Comparison),
    arguments: &Arguments,
) -> Result<Report<'a>, CliError> {
    let outcomes = places.iter().zip(&comparison.variants).enumerate();
    let simulated = outcomes.filter_map(|(at, (place, estimates))| {
        let variant = variants.get(*place)?;
        Some(Simulated {
            at,
            name: &variant.name,
            plan: variant.plan.as_ref().ok()?,
            estimates: estimates.as_ref().ok()?,
        })
    });
    let simulated: Vec<Simulated<'_>> = simulated.collect();
    let asked = &arguments.baseline;
    let baseline = variants.iter().find(|variant| variant.name == *asked);
    let found = baseline.and_then(|variant| {
        let name = variant.same_as.as_ref().unwrap_or(&variant.name);
        simulated.iter().find(|it| it.name == name)
    });
    let Some(found) = found else {
        let problem = baseline.and_then(|variant| variant.plan.as_ref().err());
        return Err(without_baseline(asked, problem));
    };
    Ok(Report {
        variants,
        baseline: found.at,
        simulated,
        comparison,
        trials_asked: arguments.simulation.settings().trials,
        seed: arguments.simulation.seed,
    })
}

fn without_baseline(name: &str, problem: Option<&Problem>) -> CliError {
    let why = problem.map_or_else(String::new, |problem| format!(": {}", problem.message));
    let code = problem.map_or(NO_PLAN.number, |problem| problem.code.as_str());
    CliError::finding(
        code,
        format!("nothing can be held against `{name}`, which cannot be simulated{why}"),
    )
    .help("mend it, or hold the others against another: `--baseline NAME`")
}
