//! `plan`: what is known without simulating.

mod blast;
mod cuts;
mod human;
mod json;

use std::io::Write as _;

use clap::Args;

pub use human::{agrees, criterion, strategy};

use super::standing;
use crate::console::Console;
use crate::error::CliError;
use crate::options::{CheckOptions, Format, OutputOptions, PlanPath};
use crate::outcome::Ending;
use crate::project::{Compiled, Project};

/// Shows batches with reasons, checklist, critical path, seam and blast radius
///
/// All that is known without simulating: why each member is in its batch, how the decision
/// checklist is answered, the critical path at mean durations, what crosses the seam after each
/// batch, and how much one move can hurt.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel plan shop
  whimbrel plan shop --format json | jq '.batches[].name'")]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanPath,

    #[command(flatten)]
    checking: CheckOptions,

    #[command(flatten)]
    output: OutputOptions,
}

/// Runs the command.
///
/// # Errors
/// When there is nothing to show.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let project = Project::open(arguments.plan.path.as_deref())?;
    let compiled = project.compile(&arguments.checking.compiling())?;
    standing::tell(&compiled, console)?;
    write(&compiled, arguments.output.format, console)?;
    Ok(standing::outcome(&compiled, &arguments.checking.judging))
}

/// The plan, or as much of it as there is: a graph with a cycle in it is what its author needs to
/// see.
fn write(compiled: &Compiled, format: Format, console: &mut Console) -> Result<(), CliError> {
    let compilation = &compiled.compilation;
    let plan = compilation.plan.as_ref();
    let parts = (
        compilation.inventory(),
        compilation.graph(),
        compilation.cuts(),
    );
    let (Some(inventory), Some(graph), Some(cuts)) = parts else {
        return standing::plan(compiled, format, console).map(drop);
    };
    if format == Format::Json {
        let document = json::document(plan, inventory, graph, &cuts)?;
        writeln!(console.out, "{document:#}")?;
        return Ok(());
    }
    if plan.is_none() && compiled.tally().errors > 0 {
        standing::show(compiled, format, console)?;
    }
    let page = human::Page {
        width: console.width,
        paint: console.paint,
    };
    let text = match plan {
        Some(plan) => page.plan(plan, &cuts),
        None => page.graph(inventory, graph, &cuts),
    };
    write!(console.out, "{text}")?;
    Ok(())
}
