//! `compile`: the contracts, as programs read them.

use std::io::Write as _;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use whimbrel_compiler::plan_text;

use super::standing;
use crate::console::Console;
use crate::error::CliError;
use crate::options::{CheckOptions, Format, PlanPath};
use crate::outcome::{Ending, Outcome};
use crate::project::Project;

/// What to print.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Emit {
    /// The compiled plan.
    #[default]
    Plan,
    /// The plan text as data: what each file says.
    Ast,
    /// The JSON schema of both.
    Schema,
}

/// Prints the compiled plan, the plan text as data, or their JSON schema
///
/// All three are contracts: versioned, and fields are added, never renamed. The plan text is what
/// the files say, value by value with its unit and its place; the compiled plan is what follows
/// from it.
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
        writeln!(console.out, "{:#}", schema())?;
        return Ok(Outcome::Clean);
    }
    let project = Project::open(arguments.plan.path.as_deref())?;
    let compiled = project.compile(&arguments.checking.compiling())?;
    let document = if arguments.emit == Emit::Ast {
        plan_text::document(&compiled.compilation.sources)
    } else {
        let plan = standing::plan(&compiled, Format::Plain, console)?;
        serde_json::to_value(plan)
            .map_err(|error| CliError::finding("MG1512", error.to_string()))?
    };
    standing::tell(&compiled, console)?;
    writeln!(console.out, "{document:#}")?;
    Ok(standing::outcome(&compiled, &arguments.checking.judging))
}

/// One schema for what `plan` and `ast` print: only the latter has files.
fn schema() -> Value {
    let named = |id: &str, mut schema: Value| {
        if let Some(fields) = schema.as_object_mut() {
            fields.insert("$id".to_owned(), id.into());
        }
        schema
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Whimbrel",
        "description": "What `whimbrel compile` prints: the compiled plan, or the plan text",
        "if": { "required": ["files"] },
        "then": { "$ref": "plan-text.schema.json" },
        "else": { "$ref": "plan.schema.json" },
        "$defs": {
            "plan": named("plan.schema.json", whimbrel_compiler::plan_schema()),
            "text": named("plan-text.schema.json", plan_text::schema()),
        },
    })
}
