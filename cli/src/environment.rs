//! The outside that is not files: clock, environment variables and terminals.
#![expect(
    clippy::disallowed_methods,
    reason = "the command line is the room that touches the outside"
)]

use std::io::IsTerminal as _;
use std::path::PathBuf;

use jiff::civil::Date;

/// Columns where nothing says otherwise: pipes, files, snapshots.
pub const DEFAULT_WIDTH: usize = 100;

/// Wider lines are hard to read.
const MAX_WIDTH: usize = 120;

/// The day of the run.
pub fn today() -> Date {
    jiff::Zoned::now().date()
}

/// What standard output and error are.
#[derive(Clone, Copy, Debug)]
pub struct Terminals {
    /// Standard output is a terminal.
    pub out: bool,
    /// Standard error is a terminal.
    pub err: bool,
    /// `NO_COLOR` is set and not empty, or the terminal is dumb.
    pub no_color: bool,
    /// Columns of text.
    pub width: usize,
}

/// Looks at standard output and error.
pub fn terminals() -> Terminals {
    let set = |name| std::env::var(name).is_ok_and(|value| !value.is_empty());
    let out = std::io::stdout().is_terminal();
    let size = terminal_size::terminal_size().filter(|_| out);
    Terminals {
        out,
        err: std::io::stderr().is_terminal(),
        no_color: set("NO_COLOR") || std::env::var("TERM").is_ok_and(|term| term == "dumb"),
        width: size.map_or(DEFAULT_WIDTH, |(terminal_size::Width(columns), _)| {
            usize::from(columns).clamp(40, MAX_WIDTH)
        }),
    }
}

/// Where walkers keep their journals: the folder that `WHIMBREL_STATE` names for one migration,
/// and the folder that holds one for each migration of this user.
pub fn state_folders() -> (Option<PathBuf>, Option<PathBuf>) {
    let folder = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = || Some(PathBuf::from(folder("HOME")?).join(".local/state"));
    let states = folder("XDG_STATE_HOME").map(PathBuf::from).or_else(home);
    (
        folder("WHIMBREL_STATE").map(PathBuf::from),
        states.map(|states| states.join("whimbrel")),
    )
}
