//! Why a command could not do its work: coded like findings, but about files and arguments rather
//! than the plan's text.

use whimbrel_lang::Code;

/// Declares the codes of this crate, each once: what it means, and what mostly helps. The pages of
/// the codes, `cli/codes/NAME.md`, say it at length.
macro_rules! codes {
    ($(#[doc = $doc:literal] $constant:ident = $number:literal $name:literal $help:literal;)*) => {
        $(
            #[doc = $doc]
            pub const $constant: Code = Code { number: $number, name: $name };
        )*
        /// Every code of this crate with its advice, in order.
        pub const TABLE: &[(Code, &str)] = &[$(($constant, $help)),*];
    };
}

codes! {
    /// There is no such file.
    FILE_NOT_FOUND = "MG1501" "file-not-found"
        "name a file that exists, or start one with `whimbrel init`";
    /// A folder, or something else that is no file, where a file is expected.
    NOT_A_FILE = "MG1502" "not-a-file"
        "name a plan file, or a folder with a `plan.mig`";
    /// A path that leads out of where it must stay.
    OUTSIDE_ROOT = "MG1503" "outside-root"
        "keep imports, links and outputs below their folder";
    /// The system does not let us read it.
    UNREADABLE = "MG1504" "unreadable"
        "give yourself the right to read it";
    /// The system does not let us write it.
    UNWRITABLE = "MG1505" "unwritable"
        "give yourself the right to write it, or name another folder";
    /// `--out` is a file.
    OUT_IS_A_FILE = "MG1506" "out-is-a-file"
        "name a folder";
    /// `--out` holds things that no build wrote.
    OUT_NOT_OURS = "MG1507" "out-not-ours"
        "name a new or empty folder, or one that an earlier build wrote";
    /// The plan has errors, so nothing is built from it.
    PLAN_HAS_ERRORS = "MG1508" "plan-has-errors"
        "mend what `whimbrel check` finds";
    /// A walk of another plan is under way in `--out`.
    OPEN_JOURNAL = "MG1509" "open-journal"
        "finish or abandon that walk first, or build into another folder";
    /// Something is there already.
    WOULD_OVERWRITE = "MG1510" "would-overwrite"
        "name another place, or move away what is there";
    /// Nothing of that name can be explained.
    UNKNOWN_TOPIC = "MG1511" "unknown-topic"
        "`whimbrel rules` lists the codes, `whimbrel explain plan` the blocks";
    /// The text does not compile to a plan that could be worked with.
    NO_PLAN = "MG1512" "no-plan"
        "mend the errors, and say what is to happen with a `migration` block";
    /// An argument that cannot be understood.
    BAD_ARGUMENT = "MG1513" "bad-argument"
        "`--help` after the command says what it takes";
    /// A journal whose chain does not verify.
    BROKEN_JOURNAL = "MG1514" "broken-journal"
        "compare the journal with its backup: lines were changed, lost or added";
    /// Output that cannot be written to the terminal or pipe.
    OUTPUT_FAILED = "MG1515" "output-failed"
        "look for a full disk or a closed terminal";
    /// The plan has no scenario of that name.
    UNKNOWN_SCENARIO = "MG1516" "unknown-scenario"
        "name one that the plan has: `scenario NAME { … }`";
    /// The program that lays pictures out is missing.
    NO_GRAPHVIZ = "MG1517" "no-graphviz"
        "install Graphviz, or take `--as dot` or `--as mermaid`";
    /// A picture that the program for it could not lay out.
    LAYOUT_FAILED = "MG1518" "layout-failed"
        "narrow it with `--around NAME` or `--batch NAME`";
    /// A picture of more than anyone could read.
    PICTURE_TOO_LARGE = "MG1519" "picture-too-large"
        "narrow it with `--around NAME` or `--batch NAME`, or take `--as dot`";
    /// Where a revision is asked for and there is no git repository.
    NOT_A_REPOSITORY = "MG1520" "not-a-repository"
        "compare two files or folders, or go where the repository is";
    /// A revision that the repository does not have.
    UNKNOWN_REVISION = "MG1521" "unknown-revision"
        "name a branch, a tag or a commit, and fetch what only the server has";
    /// A file or folder that the revision does not have.
    NOT_IN_REVISION = "MG1522" "not-in-revision"
        "name the path it had then: `REVISION:PATH`";
    /// There is no `git` on this machine.
    GIT_MISSING = "MG1523" "git-missing"
        "install git, or compare two files or folders";
    /// `git` does not do what is asked of it.
    GIT_FAILED = "MG1524" "git-failed"
        "mend what git complains of; `git status` tells it, too";
    /// A file that is no whole shard of a simulation.
    BROKEN_SHARD = "MG1525" "broken-shard"
        "run that shard again: `whimbrel simulate --shard I/N`";
    /// Shards of different simulations, or run by different programs.
    OTHER_SHARD = "MG1526" "other-shard"
        "run all shards of the same plan with the same seed, trials and number of shards, by the \
         whimbrel that joins them";
    /// The same shard twice.
    DOUBLED_SHARD = "MG1527" "doubled-shard"
        "name each shard once";
    /// Shards that were not named.
    MISSING_SHARD = "MG1528" "missing-shard"
        "run what is missing, or name its file, too";
    /// A picture's file whose name does not say how to write it.
    UNKNOWN_NOTATION = "MG1529" "unknown-notation"
        "end its name in `.dot`, `.gv`, `.mmd`, `.mermaid` or `.svg`, or say `--as`";
}

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

    /// An error about files or arguments, with what mostly helps.
    pub fn advised(code: Code, message: impl Into<String>) -> Self {
        let row = TABLE.iter().find(|(row, _)| *row == code);
        Self {
            help: row.map(|(_, advice)| (*advice).to_owned()),
            ..Self::new(code, message)
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
                    .help("name a file that exists")
            }
            ErrorKind::IsADirectory => {
                Self::new(NOT_A_FILE, format!("`{shown}` is a folder, not a file"))
                    .help("name a file")
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
        Self::new(
            OUTPUT_FAILED,
            format!("the output cannot be written: {}", reason(&problem)),
        )
    }
}
