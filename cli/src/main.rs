//! The command line: files, terminals, exit codes. The only room that touches the outside; what a
//! plan means, costs or becomes is decided in the other crates.

mod commands;
mod console;
mod environment;
mod error;
mod files;
mod options;
mod outcome;
mod project;
mod render;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::commands::Arguments;
use crate::console::Console;
use crate::outcome::{Ending, Outcome};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut console = Console::new(environment::terminals(), arguments.color);
    let ending = commands::run(&arguments.command, &mut console);
    let ending = flushed(ending, &mut console);
    if let Err(error) = &ending {
        let paint = console.err_paint;
        let _ = render::error::write(&mut *console.err, error, paint);
    }
    outcome::exit_code(&ending)
}

/// The ending once everything is written. A reader that went away (`whimbrel rules | head`) has
/// what it wanted.
fn flushed(ending: Ending, console: &mut Console) -> Ending {
    match (ending, console.out.flush()) {
        (Ok(_), Err(problem)) if problem.kind() == std::io::ErrorKind::BrokenPipe => {
            Ok(Outcome::Clean)
        }
        (Ok(_), Err(problem)) => Err(problem.into()),
        (Err(error), _) if error.code == error::OUTPUT_CLOSED => Ok(Outcome::Clean),
        (ending, _) => ending,
    }
}
