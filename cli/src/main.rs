//! The command line: files, terminals, exit codes. The only room that touches the outside; what a
//! plan means, costs or becomes is decided in the other crates.

mod codes;
mod commands;
mod console;
mod environment;
mod error;
mod executors;
mod files;
mod git;
mod options;
mod outcome;
mod project;
mod render;
mod watched;

use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser as _;

use crate::commands::Arguments;
use crate::console::Console;
use crate::outcome::Ending;

/// A plan of ten thousand services is millions of small values, and the system's allocator takes a
/// quarter of the time of compiling it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let terminals = environment::terminals();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misused(&error, terminals.err && !terminals.no_color),
    };
    let mut console = Console::new(terminals, arguments.color);
    let ending = commands::run(&arguments.command, &mut console);
    let ending = flushed(ending, &mut console);
    if let Err(error) = &ending {
        let paint = console.err_paint;
        let _ = render::error::write(&mut *console.err, error, paint);
    }
    outcome::exit_code(&ending)
}

/// Says what is wrong with the arguments, in clap's words under our code; help that was asked for
/// is shown as it is.
fn misused(error: &clap::Error, colored: bool) -> ExitCode {
    use clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand as Bare;
    if !error.use_stderr() || error.kind() == Bare {
        error.exit();
    }
    let text = error.render();
    let text = if colored {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    let _ = write!(std::io::stderr(), "{} {text}", error::BAD_ARGUMENT.number);
    ExitCode::from(2)
}

/// The ending once everything is written.
fn flushed(ending: Ending, console: &mut Console) -> Ending {
    match (ending, console.out.flush()) {
        (Ok(_), Err(problem)) => Err(problem.into()),
        (ending, _) => ending,
    }
}
