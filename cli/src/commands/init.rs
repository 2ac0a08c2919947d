//! `init`: a plan to start from.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use include_dir::{Dir, include_dir};

use crate::console::Console;
use crate::error::{BAD_ARGUMENT, CliError, NOT_A_FILE, WOULD_OVERWRITE};
use crate::files::{self, Kind, Mode, Staged};
use crate::outcome::{Ending, Outcome};
use crate::project::PLAN_FILE;

/// The examples of the repository, each a folder with a plan.
static EXAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../examples");

/// Starts a plan that passes `check`
///
/// Writes the files of an example. Nothing that is there is overwritten.
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel init shop
  whimbrel init boutique --from online-boutique")]
pub struct Arguments {
    /// The folder to write to; made where it is missing
    #[arg(default_value = ".")]
    dir: PathBuf,

    /// The example to start from
    #[arg(long, value_name = "EXAMPLE", default_value = "starter")]
    from: String,
}

/// Runs the command.
///
/// # Errors
/// When there is no such example, or something is in the way.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let example = example(&arguments.from)?;
    let written = write(example, &arguments.dir)?;
    for path in &written {
        writeln!(console.out, "wrote {}", path.display())?;
    }
    let folder = arguments.dir.display().to_string();
    let shown = if folder == "." {
        String::new()
    } else {
        format!(" {folder}")
    };
    writeln!(console.err, "next: whimbrel check{shown}")?;
    Ok(Outcome::Clean)
}

fn example(name: &str) -> Result<&'static Dir<'static>, CliError> {
    let known: Vec<&'static Dir<'static>> = EXAMPLES
        .dirs()
        .filter(|folder| folder.get_file(folder.path().join(PLAN_FILE)).is_some())
        .collect();
    let named = |folder: &&&Dir<'_>| folder.path() == Path::new(name);
    known.iter().find(named).copied().ok_or_else(|| {
        let names: Vec<String> = known
            .iter()
            .map(|folder| format!("`{}`", folder.path().display()))
            .collect();
        CliError::new(BAD_ARGUMENT, format!("there is no example `{name}`"))
            .help(format!("there are {}", names.join(", ")))
    })
}

/// Writes the files of `example` below `to`: all, or none where one is in the way.
fn write(example: &'static Dir<'static>, to: &Path) -> Result<Vec<PathBuf>, CliError> {
    if files::kind(to) == Kind::File {
        let shown = to.display();
        return Err(CliError::new(
            NOT_A_FILE,
            format!("`{shown}` is a file, not a folder"),
        ));
    }
    let mut found = Vec::new();
    gather(example, example.path(), to, &mut found);
    if let Some((taken, _)) = found
        .iter()
        .find(|(path, _)| files::kind(path) != Kind::Nothing)
    {
        let shown = taken.display();
        return Err(
            CliError::new(WOULD_OVERWRITE, format!("`{shown}` is there already"))
                .help("name another folder: `whimbrel init DIR`"),
        );
    }
    let mut staged = Vec::new();
    for (path, bytes) in &found {
        files::create_folders(path.parent().unwrap_or(to))?;
        staged.push(Staged::write(path, bytes, Mode::Text)?);
    }
    for file in staged {
        file.place()?;
    }
    Ok(found.into_iter().map(|(path, _)| path).collect())
}

fn gather(
    folder: &'static Dir<'static>,
    root: &Path,
    to: &Path,
    found: &mut Vec<(PathBuf, &'static [u8])>,
) {
    for file in folder.files() {
        let path = file.path().strip_prefix(root).unwrap_or(file.path());
        found.push((to.join(path), file.contents()));
    }
    for inner in folder.dirs() {
        gather(inner, root, to, found);
    }
}
