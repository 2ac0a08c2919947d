//! `rules`: all rules in a table, and the other codes in a second one.

use std::io::Write as _;

use clap::Args;
use serde_json::{Value, json};

use crate::codes;
use crate::console::{Console, Tone};
use crate::options::{Format, OutputOptions};
use crate::outcome::{Ending, Outcome};
use crate::render::diagnostics::level;
use crate::render::json::VERSION;
use crate::render::table::{Align, Table};

/// Lists all rules
///
/// Each with its code, its name, its level and what it finds; then the codes that stand for what
/// commands, simulation and hand-off cannot do.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel rules
  whimbrel rules --format json")]
pub struct Arguments {
    #[command(flatten)]
    output: OutputOptions,
}

/// Runs the command.
///
/// # Errors
/// When the table cannot be written.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let rules = whimbrel_compiler::rules::RULES;
    if arguments.output.format == Format::Json {
        let rows: Vec<Value> = rules
            .iter()
            .map(|rule| {
                json!({
                    "code": rule.code.number,
                    "name": rule.code.name,
                    "level": level(rule.level),
                    "summary": rule.summary,
                })
            })
            .collect();
        writeln!(
            console.out,
            "{:#}",
            json!({ "version": VERSION, "rules": rows, "other_codes": others() })
        )?;
        return Ok(Outcome::Clean);
    }
    let columns = ["code", "name", "level", "finds"].map(|name| (name, Align::Left));
    let mut table = Table::new(&columns);
    for rule in rules {
        let (number, name) = (rule.code.number, rule.code.name);
        table.row([number, name, level(rule.level), rule.summary]);
    }
    write!(
        console.out,
        "{}",
        table.render(console.width, console.paint)
    )?;
    let heading = console.paint.tone(Tone::Heading, "Other codes");
    write!(console.out, "\n{heading}\n{}", other_codes(console))?;
    Ok(Outcome::Clean)
}

/// The codes that no rule stands behind.
fn other_codes(console: &Console) -> String {
    let columns = ["code", "name", "means"].map(|name| (name, Align::Left));
    let mut table = Table::new(&columns);
    for code in codes::all() {
        table.row([code.number, code.name, &code.summary()]);
    }
    table.render(console.width, console.paint)
}

fn others() -> Vec<Value> {
    let others = codes::all().into_iter().map(|code| {
        json!({
            "code": code.number,
            "name": code.name,
            "message": code.summary(),
            "help": code.help,
        })
    });
    others.collect()
}
