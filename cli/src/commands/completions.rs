//! `completions`: what a shell needs to complete the command line.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::console::Console;
use crate::outcome::{Ending, Outcome};

/// Prints the completions of a shell
///
/// To be sourced by it.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel completions bash > ~/.local/share/bash-completion/completions/whimbrel
  whimbrel completions fish > ~/.config/fish/completions/whimbrel.fish")]
pub struct Arguments {
    /// The shell
    shell: Shell,
}

/// Runs the command.
///
/// # Errors
/// When they cannot be written.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let mut script = Vec::new();
    let mut command = super::Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "whimbrel", &mut script);
    console.out.write_all(&script)?;
    Ok(Outcome::Clean)
}
