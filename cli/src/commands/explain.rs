//! `explain`: a rule's page, an attribute, the scoring table.

use std::io::Write as _;

use clap::Args;

use crate::console::Console;
use crate::error::{CliError, UNKNOWN_TOPIC};
use crate::outcome::{Ending, Outcome};
use crate::render::markdown;

/// Explains a rule, a block or attribute of the language, or the checklist
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel explain MG0301
  whimbrel explain service.traffic
  whimbrel explain checklist")]
pub struct Arguments {
    /// A rule's code or name, `BLOCK`, `BLOCK.ATTRIBUTE`, or `checklist`
    topic: String,
}

/// Runs the command.
///
/// # Errors
/// When nothing of that name can be explained.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let topic = &arguments.topic;
    let page = whimbrel_compiler::explain::explain(topic).ok_or_else(|| unknown(topic))?;
    let shown = markdown::render(&page, console.width, console.paint);
    write!(console.out, "{shown}")?;
    Ok(Outcome::Clean)
}

fn unknown(topic: &str) -> CliError {
    let topics = whimbrel_compiler::explain::topics();
    let error = CliError::new(UNKNOWN_TOPIC, format!("there is nothing called `{topic}`"));
    match whimbrel_lang::nearest(topic, topics.iter().map(String::as_str)) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("`whimbrel rules` lists the rules"),
    }
}
