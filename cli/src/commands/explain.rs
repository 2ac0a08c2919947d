//! `explain`: a code's page, a block or attribute, a type, a statement, the scoring table; without
//! a topic, what there is. What the compiler has no page for is looked for among the other codes,
//! and among attributes by the end of their path.

use std::io::Write as _;

use clap::Args;

use whimbrel_compiler::explain::explain;

use crate::codes;
use crate::console::Console;
use crate::error::{CliError, UNKNOWN_TOPIC};
use crate::outcome::{Ending, Outcome};
use crate::render::markdown;

/// Explains a rule, a block, an attribute, a type, a verb or the checklist
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel explain
  whimbrel explain MG0301
  whimbrel explain service.traffic
  whimbrel explain calls.rate
  whimbrel explain \"working duration\"
  whimbrel explain checklist")]
pub struct Arguments {
    /// A code or its name, `BLOCK`, `BLOCK.ATTRIBUTE`, a type, a unit, a verb, a pattern, a
    /// keyword, or `checklist`
    #[arg(default_value = "plan")]
    topic: String,
}

/// How many paths are named where several end alike.
const NAMED: usize = 8;

/// Runs the command.
///
/// # Errors
/// When nothing of that name can be explained.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let topic = &arguments.topic;
    let page = page(topic)?;
    let shown = markdown::render(&page, console.width, console.paint);
    write!(console.out, "{shown}")?;
    Ok(Outcome::Clean)
}

/// The page of a topic, as it is written, as a code in lower case, or as the end of one path.
fn page(topic: &str) -> Result<String, CliError> {
    let upper = topic.to_ascii_uppercase();
    let exact = explain(topic).or_else(|| explain(&upper));
    let known = exact.or_else(|| Some(codes::find(topic)?.page()));
    if let Some(page) = known {
        return Ok(page);
    }
    let mut topics = whimbrel_compiler::explain::topics();
    let end = format!(".{topic}");
    let nested: Vec<String> = topics
        .iter()
        .filter(|known| known.ends_with(&end))
        .cloned()
        .collect();
    if let [only] = nested.as_slice() {
        return explain(only).ok_or_else(|| unknown(topic, &topics));
    }
    if !nested.is_empty() {
        return Err(ambiguous(topic, &nested));
    }
    let others = codes::all().into_iter();
    topics.extend(
        others
            .flat_map(|code| [code.number, code.name])
            .map(str::to_owned),
    );
    Err(unknown(topic, &topics))
}

fn ambiguous(topic: &str, nested: &[String]) -> CliError {
    let many = nested.len();
    let named: Vec<String> = nested
        .iter()
        .take(NAMED)
        .map(|path| format!("`{path}`"))
        .collect();
    let rest = if many > NAMED { ", …" } else { "" };
    CliError::new(UNKNOWN_TOPIC, format!("{many} things are called `{topic}`"))
        .help(format!("name one of them: {}{rest}", named.join(", ")))
}

fn unknown(topic: &str, topics: &[String]) -> CliError {
    let error = CliError::new(UNKNOWN_TOPIC, format!("there is nothing called `{topic}`"));
    match whimbrel_lang::nearest(topic, topics.iter().map(String::as_str)) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error
            .help("`whimbrel explain` lists what there is, and `whimbrel rules` lists the codes"),
    }
}
