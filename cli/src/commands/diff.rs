//! `diff`: what a change means.

mod details;
mod document;
mod estimates;
mod headline;
mod human;
mod markdown;
mod said;
mod sides;
mod words;

use std::io::Write as _;

use clap::{Args, ValueEnum};
use whimbrel_compiler::difference::{self, FindingChanges};
use whimbrel_lang::Level;
use whimbrel_plan::difference::{Difference, Side as Compared};

use crate::console::Console;
use crate::error::CliError;
use crate::options::{CheckOptions, SimulationOptions};
use crate::outcome::{Ending, Outcome};
use estimates::Estimates;
use sides::Compiled;

/// How the difference is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Human,
    /// For the comment of a pull request.
    Markdown,
    /// For programs; the field names are a contract.
    Json,
}

/// Shows what a change of a plan means
///
/// Compares two plans by what they mean: what is new, gone, renamed or otherwise, and what follows
/// for dependencies, batches, rollbacks, the checklist and the findings. Comments, layout and the
/// order of statements mean nothing. Exits 1 when the change brings an error, or a warning with
/// `--deny-warnings`; what stood before is no fault of the change.
///
/// OLD and NEW are files or folders, or git revisions: `main`, `HEAD~1`, `main:plans/shop`. A
/// revision without a path is that of the other side, and without NEW it is compared with what
/// stands now. As with git, a path behind `:` begins at the root of the repository, or with `./`
/// here. What is both a file here and a revision is the file; `main:` is the revision.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel diff main
  whimbrel diff origin/main: plans/shop --deny-warnings
  whimbrel diff v1.2 v1.3:./plan.mig
  whimbrel diff plan.mig draft.mig --simulate
  whimbrel diff origin/main --format markdown > comment.md")]
pub struct Arguments {
    /// What was: a plan file, a folder with a `plan.mig`, or a revision
    old: String,

    /// What is [default: what stands at the path of OLD]
    new: Option<String>,

    /// Show every line, however many
    #[arg(long, help_heading = "Output")]
    all: bool,

    /// Play both through, and say by how much dates, cost and risk differ
    #[arg(long, help_heading = "Simulation")]
    simulate: bool,

    #[command(flatten)]
    simulation: SimulationOptions,

    #[command(flatten)]
    checking: CheckOptions,

    /// How the difference is written
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    format: Format,
}

/// Everything that is otherwise, of which the formats are renderings.
pub struct Report<'a> {
    /// What was.
    pub before: &'a Compiled,
    /// What is.
    pub after: &'a Compiled,
    /// What is otherwise about the plans; none where a side has nothing to compare.
    pub difference: Option<&'a Difference>,
    /// What is otherwise about the findings.
    pub findings: &'a FindingChanges<'a>,
    /// What is otherwise about dates, cost and risk, where both are simulated.
    pub estimates: Option<&'a Estimates<'a>>,
}

impl Report<'_> {
    /// Whether both mean the same.
    pub fn is_empty(&self) -> bool {
        let findings = self.findings;
        let same =
            findings.gained.is_empty() && findings.lost.is_empty() && findings.changed.is_empty();
        same && self.difference.is_some_and(Difference::is_empty)
    }
}

/// Runs the command.
///
/// # Errors
/// When a side names nothing, or cannot be read.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let options = arguments.checking.compiling();
    let (old, new) = sides::open(&arguments.old, arguments.new.as_deref())?;
    let (before, after) = rayon::join(|| old.compile(&options), || new.compile(&options));
    let (before, after) = (before?, after?);
    let plans = compared(&before).zip(compared(&after));
    let difference = plans.map(|(before, after)| Difference::between(&before, &after));
    let renamed = difference.as_ref().map_or(&[][..], |it| &it.things.renamed);
    let findings = difference::findings(&before.compilation, &after.compilation, renamed);
    let estimates = simulated(arguments, [&before, &after], console);
    let report = Report {
        before: &before,
        after: &after,
        difference: difference.as_ref(),
        findings: &findings,
        estimates: estimates.as_ref().ok().and_then(Option::as_ref),
    };
    write(&report, arguments, console)?;
    // What could be compared is shown before it is said why the rest could not.
    console.out.flush()?;
    estimates?;
    let denied = arguments.checking.judging.deny_warnings && findings.new_at(Level::Warning) > 0;
    Ok(Outcome::findings_if(
        findings.new_at(Level::Error) > 0 || denied,
    ))
}

/// The estimates, where they are asked for.
fn simulated<'a>(
    arguments: &Arguments,
    sides: [&'a Compiled; 2],
    console: &mut Console,
) -> Result<Option<Estimates<'a>>, CliError> {
    if !arguments.simulate {
        return Ok(None);
    }
    let progress = arguments.format == Format::Human;
    estimates::estimate(sides, &arguments.simulation, progress, console).map(Some)
}

/// What of a side can be compared.
fn compared(side: &Compiled) -> Option<Compared<'_>> {
    Some(Compared {
        inventory: side.compilation.inventory()?,
        graph: side.compilation.graph()?,
        plan: side.compilation.plan.as_ref(),
    })
}

fn write(
    report: &Report<'_>,
    arguments: &Arguments,
    console: &mut Console,
) -> Result<(), CliError> {
    let most = if arguments.all {
        usize::MAX
    } else {
        MOST_LINES
    };
    let text = match arguments.format {
        Format::Json => format!("{:#}\n", document::of(report)?),
        Format::Markdown => markdown::render(report, most),
        Format::Human => human::Page {
            width: console.width,
            paint: console.paint,
            most,
        }
        .render(report),
    };
    write!(console.out, "{text}")?;
    Ok(())
}

/// Lines of a section that are shown unless all are asked for.
const MOST_LINES: usize = 12;
