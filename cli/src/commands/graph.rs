//! `graph`: the dependency graph or the steps, as a picture.

mod dependencies;
mod dot;
mod focus;
mod layout;
mod mermaid;
mod picture;
mod steps;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use self::focus::Focus;
use self::picture::Picture;
use super::standing;
use crate::console::Console;
use crate::error::{CliError, UNKNOWN_NOTATION};
use crate::files;
use crate::options::{CheckOptions, Format, PlanPath};
use crate::outcome::Ending;
use crate::project::{Compiled, Project};

/// What to draw.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Of {
    /// Who needs whom.
    #[default]
    Dependencies,
    /// What is done after what.
    Steps,
}

/// How to write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum As {
    /// For Graphviz.
    Dot,
    /// A flowchart that GitHub, GitLab and many wikis draw.
    Mermaid,
    /// A picture; needs Graphviz.
    Svg,
}

impl As {
    /// What a file of that name holds; DOT where its name has no end, as a pipe's.
    fn of(path: &Path) -> Result<Self, CliError> {
        let Some(end) = path.extension() else {
            return Ok(Self::Dot);
        };
        match end.to_string_lossy().to_ascii_lowercase().as_str() {
            "dot" | "gv" => Ok(Self::Dot),
            "mmd" | "mermaid" => Ok(Self::Mermaid),
            "svg" => Ok(Self::Svg),
            end => {
                let shown = path.display();
                let message = format!("`{shown}` ends in `.{end}`, which `graph` does not write");
                let help = if ["png", "pdf", "jpg", "jpeg"].contains(&end) {
                    format!(
                        "{ENDS}; Graphviz makes others: `whimbrel graph | dot -T{end} -o {shown}`"
                    )
                } else {
                    ENDS.to_owned()
                };
                Err(CliError::new(UNKNOWN_NOTATION, message).help(help))
            }
        }
    }
}

/// What the ends of names say.
const ENDS: &str = "end it in `.dot` or `.gv` (DOT), `.mmd` or `.mermaid` (Mermaid) or `.svg`, or say \
                    what to write: `--as dot`";

/// Draws the dependency graph or the steps as DOT, Mermaid or SVG
///
/// Arrows lead from who needs to whom, or from a step to the next. What nobody declared is dashed;
/// cycles that no bridge answers, and the critical path, are red; batches of several are frames. A
/// resource of one service alone is drawn with `--all`. Large plans are read in parts: `--around`
/// and `--batch` narrow the picture, `--depth` says how far. It draws what it can even where errors
/// stand (exit 1).
#[derive(Args, Debug)]
#[command(after_long_help = "Examples:
  whimbrel graph shop --out shop.svg
  whimbrel graph shop --as mermaid --around orders --depth 2
  whimbrel graph shop --of steps --batch batch-2 --out batch-2.svg
  whimbrel graph shop | dot -Tpdf -o shop.pdf")]
pub struct Arguments {
    #[command(flatten)]
    plan: PlanPath,

    /// What to draw
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "WHAT",
        help_heading = "Picture"
    )]
    of: Of,

    /// Only this service, resource or step, and what is near it; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Picture")]
    around: Vec<String>,

    /// Only this batch, and what is near it; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Picture")]
    batch: Vec<String>,

    /// How far from it; what shares a table with it is as near as what it calls
    #[arg(long, default_value_t = 1, value_name = "N", help_heading = "Picture")]
    depth: usize,

    /// Resources of one service alone, too
    #[arg(long, help_heading = "Picture")]
    all: bool,

    #[command(flatten)]
    checking: CheckOptions,

    /// How to write it [default: as the name of the file ends, else dot]
    #[arg(
        long = "as",
        value_enum,
        value_name = "NOTATION",
        help_heading = "Output"
    )]
    notation: Option<As>,

    /// Into this file, instead of to standard output
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
}

/// Runs the command.
///
/// # Errors
/// When there is nothing to draw, or it cannot be laid out or written.
pub fn run(arguments: &Arguments, console: &mut Console) -> Ending {
    let by_name = || arguments.out.as_deref().map_or(Ok(As::Dot), As::of);
    let notation = arguments.notation.map_or_else(by_name, Ok)?;
    let project = Project::open(arguments.plan.path.as_deref())?;
    let compiled = project.compile(&arguments.checking.compiling())?;
    if let Some(out) = &arguments.out {
        compiled.refuse_source(out)?;
    }
    let mut picture = draw(&compiled, arguments, console)?;
    standing::tell(&compiled, console)?;
    let focus = Focus {
        around: &arguments.around,
        batches: &arguments.batch,
        depth: arguments.depth,
    };
    focus::narrow(&mut picture, focus)?;
    let text = match notation {
        As::Dot => dot::text(&picture),
        As::Mermaid => mermaid::text(&picture),
        As::Svg => layout::svg(&picture, &dot::text(&picture))?,
    };
    if notation == As::Mermaid && picture.arrows.len() > mermaid::MOST_ARROWS {
        let many = picture.arrows.len();
        let most = mermaid::MOST_ARROWS;
        writeln!(
            console.err,
            "{many} arrows; Mermaid draws {most} unless its `maxEdges` is raised: narrow it with `--around` or `--batch`"
        )?;
    }
    match &arguments.out {
        Some(path) => files::write_out(path, text.as_bytes())?,
        None => write!(console.out, "{text}")?,
    }
    Ok(standing::outcome(&compiled, &arguments.checking.judging))
}

/// The whole picture.
fn draw(
    compiled: &Compiled,
    arguments: &Arguments,
    console: &mut Console,
) -> Result<Picture, CliError> {
    let compilation = &compiled.compilation;
    let parts = (compilation.inventory(), compilation.graph());
    let (Of::Dependencies, (Some(inventory), Some(graph))) = (arguments.of, parts) else {
        let plan = standing::plan(compiled, Format::Plain, console)?;
        return Ok(steps::picture(plan));
    };
    let plan = compilation.plan.as_ref();
    let mut resources = inventory.resources.values();
    let all = arguments.all || resources.any(|one| arguments.around.contains(&one.name));
    Ok(dependencies::picture(inventory, graph, plan, all))
}
