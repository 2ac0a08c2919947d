//! `compile`: the contracts, as programs read them.

use std::io::Write as _;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::standing;
use crate::console::Console;
use crate::error::CliError;
use crate::options::{CheckOptions, Format, PlanPath};
use crate::outcome::{Ending, Outcome};
use crate::project::{Compiled, Project};
use crate::render::json::VERSION;

/// What to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Emit {
    /// The compiled plan.
    #[default]
    Plan,
    /// The syntax tree of each source.
    Ast,
    /// The JSON schema of the compiled plan.
    Schema,
}

/// Prints the compiled plan, the syntax trees or the schema
///
/// The plan and its schema are a contract; the syntax trees are for people who work on the
/// language.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel compile shop > plan.json
  whimbrel compile --emit schema
  whimbrel compile --emit ast shop/plan.mig")]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanPath,

    /// What to print
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "WHAT",
        help_heading = "Output"
    )]
    emit: Emit,

    #[command(flatten)]
    checking: CheckOptions,
}

/// Runs the command.
///
/// # Errors
/// When the plan cannot be read or compiled.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    if arguments.emit == Emit::Schema {
        writeln!(console.out, "{:#}", whimbrel_compiler::plan_schema())?;
        return Ok(Outcome::Clean);
    }
    let project = Project::open(arguments.plan.path.as_deref())?;
    let compiled = project.compile(arguments.checking.day());
    let document = if arguments.emit == Emit::Ast {
        trees(&compiled)
    } else {
        let plan = standing::plan(&compiled, Format::Plain, console)?;
        serde_json::to_value(plan)
            .map_err(|error| CliError::finding("MG1512", error.to_string()))?
    };
    standing::tell(&compiled, console)?;
    writeln!(console.out, "{document:#}")?;
    Ok(standing::outcome(&compiled, &arguments.checking))
}

/// The trees in Rust's notation: they are for people who work on the language, and no contract.
fn trees(compiled: &Compiled) -> Value {
    let sources = &compiled.compilation.sources;
    let files: Vec<Value> = sources
        .iter()
        .map(|(id, source)| {
            let tree = format!("{:#?}", whimbrel_lang::parse(sources, id).file);
            json!({ "path": source.path(), "tree": tree.lines().collect::<Vec<_>>() })
        })
        .collect();
    json!({ "version": VERSION, "files": files })
}
