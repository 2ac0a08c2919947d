//! Why a command could not do its work: coded like findings, but about files and arguments rather
//! than the plan's text.

use whimbrel_lang::Code;

/// Declares the codes of this crate, each once.
macro_rules! codes {
    ($($(#[$doc:meta])* $constant:ident = $number:literal $name:literal;)*) => {$(
        $(#[$doc])*
        pub const $constant: Code = Code { number: $number, name: $name };
    )*};
}

codes! {
    /// There is no such file.
    FILE_NOT_FOUND = "MG1501" "file-not-found";
    /// A folder, or something else that is no file, where a file is expected.
    NOT_A_FILE = "MG1502" "not-a-file";
    /// A path that leads out of where it must stay.
    OUTSIDE_ROOT = "MG1503" "outside-root";
    /// The system does not let us read it.
    UNREADABLE = "MG1504" "unreadable";
    /// The system does not let us write it.
    UNWRITABLE = "MG1505" "unwritable";
    /// `--out` is a file.
    OUT_IS_A_FILE = "MG1506" "out-is-a-file";
    /// `--out` holds things that no build wrote.
    OUT_NOT_OURS = "MG1507" "out-not-ours";
    /// The plan has errors, so nothing is built from it.
    PLAN_HAS_ERRORS = "MG1508" "plan-has-errors";
    /// A walk of another plan is under way in `--out`.
    OPEN_JOURNAL = "MG1509" "open-journal";
    /// Something is there already.
    WOULD_OVERWRITE = "MG1510" "would-overwrite";
    /// Nothing of that name can be explained.
    UNKNOWN_TOPIC = "MG1511" "unknown-topic";
    /// The text does not compile to a plan that could be worked with.
    NO_PLAN = "MG1512" "no-plan";
    /// An argument that cannot be understood.
    BAD_ARGUMENT = "MG1513" "bad-argument";
    /// A journal whose chain does not verify.
    BROKEN_JOURNAL = "MG1514" "broken-journal";
    /// Output that cannot be written to the terminal or pipe.
    OUTPUT_FAILED = "MG1515" "output-failed";
}

/// Told by nobody: the reader of the output went away.
pub const OUTPUT_CLOSED: &str = "closed";

/// A coded error of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CliError {
    /// Its code: `MG1501`.
    pub code: String,
    /// Lower case, no full stop, user text in backticks.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Whether the plan is at fault (exit 1) rather than the files or arguments (exit 2).
    pub finding: bool,
}

impl CliError {
    /// An error about files or arguments.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code: code.number.to_owned(),
            message: message.into(),
            help: None,
            finding: false,
        }
    }

    /// An error about the plan: told like a finding.
    pub fn finding(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            help: None,
            finding: true,
        }
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// `problem` while reading or writing `path`, coded by what the system said.
    pub fn io(fallback: Code, path: &std::path::Path, problem: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let shown = path.display();
        match problem.kind() {
            ErrorKind::NotFound if fallback == UNREADABLE => {
                Self::new(FILE_NOT_FOUND, format!("there is no file `{shown}`"))
            }
            ErrorKind::IsADirectory => {
                Self::new(NOT_A_FILE, format!("`{shown}` is a folder, not a file"))
            }
            _ => {
                let verb = if fallback == UNREADABLE {
                    "read"
                } else {
                    "written"
                };
                Self::new(
                    fallback,
                    format!("`{shown}` cannot be {verb}: {}", reason(problem)),
                )
            }
        }
    }
}

/// What the system says, without its error number, as a clause.
fn reason(problem: &std::io::Error) -> String {
    let text = problem.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

impl From<std::io::Error> for CliError {
    /// Only writes to standard output reach this: file errors are named by [`CliError::io`].
    fn from(problem: std::io::Error) -> Self {
        if problem.kind() == std::io::ErrorKind::BrokenPipe {
            return Self::finding(OUTPUT_CLOSED, "");
        }
        Self::new(
            OUTPUT_FAILED,
            format!("the output cannot be written: {}", reason(&problem)),
        )
    }
}
