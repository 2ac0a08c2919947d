//! The commands, one file each.

mod audit;
mod build;
mod check;
mod compare;
mod compile;
mod completions;
mod diff;
mod explain;
mod fmt;
mod graph;
mod init;
mod merge;
mod plan;
mod rules;
mod simulate;
mod standing;

use clap::{Parser, Subcommand};

use crate::console::{ColorChoice, Console};
use crate::outcome::Ending;

/// Compiles and simulates system migrations.
#[derive(Debug, Parser)]
#[command(
    name = "whimbrel",
    version,
    about,
    after_help = "Exit codes: 0 clean, 1 findings, 2 the command could not do its work.",
    after_long_help = "Exit codes: 0 clean, 1 findings, 2 the command could not do its work.

Examples:
  whimbrel init shop && whimbrel check shop
  whimbrel simulate shop --require 'deadline_probability >= 0.8'
  whimbrel build shop --out dist"
)]
pub struct Arguments {
    /// When to colour the output
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        help_heading = "Output"
    )]
    pub color: ColorChoice,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands; what each does is said where its arguments are.
#[derive(Debug, Subcommand)]
pub enum Command {
    Init(init::Arguments),
    Check(check::Arguments),
    Fmt(fmt::Arguments),
    Plan(plan::Arguments),
    Graph(graph::Arguments),
    Simulate(simulate::Arguments),
    Merge(merge::Arguments),
    Compare(compare::Arguments),
    Diff(diff::Arguments),
    Build(build::Arguments),
    Explain(explain::Arguments),
    Rules(rules::Arguments),
    Compile(compile::Arguments),
    Audit(audit::Arguments),
    Completions(completions::Arguments),
}

/// Runs a command.
///
/// # Errors
/// When it could not do its work.
pub fn run(command: &Command, console: &mut Console) -> Ending {
    match command {
        Command::Init(arguments) => init::run(arguments, console),
        Command::Check(arguments) => check::run(arguments, console),
        Command::Fmt(arguments) => fmt::run(arguments, console),
        Command::Plan(arguments) => plan::run(arguments, console),
        Command::Graph(arguments) => graph::run(arguments, console),
        Command::Simulate(arguments) => simulate::run(arguments, console),
        Command::Merge(arguments) => merge::run(arguments, console),
        Command::Compare(arguments) => compare::run(arguments, console),
        Command::Diff(arguments) => diff::run(arguments, console),
        Command::Build(arguments) => build::run(arguments, console),
        Command::Explain(arguments) => explain::run(arguments, console),
        Command::Rules(arguments) => rules::run(arguments, console),
        Command::Compile(arguments) => compile::run(arguments, console),
        Command::Audit(arguments) => audit::run(arguments, console),
        Command::Completions(arguments) => completions::run(arguments, console),
    }
}
