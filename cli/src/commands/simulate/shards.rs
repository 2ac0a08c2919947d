//! A simulation on many machines: one shard of it, or what runs them all.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use whimbrel_plan::Plan;
use whimbrel_simulator::{Shard, ShardError, ShardHeader, Watch, simulate_shard};

use super::kubernetes::{DEFAULT_CLAIM, Job};
use super::{Arguments, refused};
use crate::console::Console;
use crate::error::{BAD_ARGUMENT, CliError, NOT_A_FILE, UNWRITABLE, WOULD_OVERWRITE};
use crate::files::{self, Kind};
use crate::options::Format;
use crate::outcome::{Ending, Outcome};
use crate::project::Compiled;
use crate::watched::watched;

/// Options about many machines.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Many machines")]
pub struct ShardOptions {
    /// Runs one part of the trials, the third of sixteen, say, and writes what `whimbrel merge` joins
    #[arg(long, value_name = "I/N", conflicts_with = "shards")]
    pub shard: Option<Shard>,

    /// Where --shard writes to [default: standard output]
    #[arg(long, value_name = "FILE", requires = "shard")]
    pub out: Option<PathBuf>,

    /// How many shards what --emit prints is for
    #[arg(long, value_name = "N", requires = "emit", allow_negative_numbers = true,
          value_parser = count)]
    pub shards: Option<u32>,

    /// Prints what runs all shards; runs none
    #[arg(long, value_enum, value_name = "WHAT", requires = "shards")]
    pub emit: Option<Emit>,

    /// The image that has `whimbrel` and a shell
    #[arg(long, value_name = "IMAGE", requires = "emit",
          default_value = concat!("whimbrel:", env!("CARGO_PKG_VERSION")))]
    pub image: String,

    /// The persistent volume claim that has the plan in `plan` and is given `shards`
    #[arg(long, value_name = "NAME", requires = "emit", default_value = DEFAULT_CLAIM)]
    pub claim: String,
}

fn count(text: &str) -> Result<u32, String> {
    let shards = text.parse().ok().filter(|shards| *shards > 0);
    shards.ok_or_else(|| format!("expected a whole number from 1 to {}", u32::MAX))
}

/// The longest subdomain name.
const LONGEST_NAME: usize = 253;

/// What runs shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Emit {
    /// An Indexed Job of Kubernetes, as YAML.
    KubernetesJob,
}

/// A whole that a part of the trials says nothing about.
pub fn refuse_wholes(arguments: &Arguments) -> Result<(), CliError> {
    let options = &arguments.sharding;
    if options.shard.is_none() && options.emit.is_none() {
        return Ok(());
    }
    let refusal = if arguments.until_converged {
        (
            "a shard cannot tell whether the whole has converged, so `--until-converged` does not \
             go with shards",
            "say how many trials they have together: `--trials N`",
        )
    } else if !arguments.requirements.is_empty() {
        (
            "`--require` is about all trials, and a shard has some of them",
            "give it to `whimbrel merge`",
        )
    } else if arguments.output.format == Format::Json && options.emit.is_some() {
        ("`--emit` prints YAML, not JSON", "leave `--format` out")
    } else if arguments.output.format == Format::Json {
        (
            "a shard is a file for `whimbrel merge`, not JSON",
            "leave `--format` out, and give it to `whimbrel merge`",
        )
    } else {
        return Ok(());
    };
    let (message, help) = refusal;
    Err(CliError::new(BAD_ARGUMENT, message).help(help))
}

/// Whether the shard can be written, asked before it is run.
fn refuse_unwritable(out: Option<&Path>, console: &Console) -> Result<(), CliError> {
    let Some(out) = out else {
        if console.out_is_terminal {
            let message = "a shard is not for reading, and standard output is a terminal";
            return Err(CliError::new(BAD_ARGUMENT, message).help("name a file: `--out FILE`"));
        }
        return Ok(());
    };
    let shown = out.display();
    if matches!(files::kind(out), Kind::Folder | Kind::Other) {
        let message = format!("`{shown}` is there and is not a file");
        return Err(CliError::new(NOT_A_FILE, message).help("name a file"));
    }
    let above = out
        .ancestors()
        .skip(1)
        .filter(|above| !above.as_os_str().is_empty());
    let there = above.map(|above| (above, files::kind(above)));
    let mut there = there.filter(|(_, kind)| *kind != Kind::Nothing);
    if let Some((above, kind)) = there.next()
        && kind != Kind::Folder
    {
        let above = above.display();
        let message = format!("`{shown}` cannot be written: `{above}` is not a folder");
        return Err(CliError::new(UNWRITABLE, message).help("name a file in a folder"));
    }
    Ok(())
}

/// Refuses to replace a file that is no shard; an empty one holds nothing that could be lost.
fn refuse_other_file(out: &Path) -> Result<(), CliError> {
    if files::kind(out) != Kind::File {
        return Ok(());
    }
    let is_other = |bytes: Vec<u8>| ShardHeader::read(&bytes) == Err(ShardError::NotAShard);
    if !is_other(files::beginning(out)?) {
        return Ok(());
    }
    let message = format!("`{}` is there and is not a shard", out.display());
    Err(CliError::new(WOULD_OVERWRITE, message).help("name another file, or move it away"))
}

/// Runs one shard and writes it. Findings of the plan are told by `merge`, so that no scheduler
/// takes them for a failure of the shard.
///
/// # Errors
/// When it cannot be run to its end, or not be written.
pub fn run(
    shard: Shard,
    arguments: &Arguments,
    (plan, compiled): (&Plan, &Compiled),
    console: &mut Console,
) -> Ending {
    let out = arguments.sharding.out.as_deref();
    refuse_unwritable(out, console)?;
    if let Some(out) = out {
        compiled.refuse_source(out)?;
        refuse_other_file(out)?;
    }
    let settings = arguments.simulation.settings();
    refuse_empty(shard.of(), settings.trials)?;
    let errors = compiled.tally().errors as u64;
    let progress = arguments.output.format == Format::Human;
    let bytes = watched(progress, console, |watch: &Watch| {
        simulate_shard(plan, &settings, shard, errors, Some(watch))
    });
    let bytes = bytes.map_err(|error| refused(&error))?;
    match out {
        Some(out) => files::write_out(out, &bytes)?,
        None => console.out.write_all(&bytes)?,
    }
    Ok(Outcome::Clean)
}

/// Refuses so many shards that some would have no trials.
fn refuse_empty(shards: u32, trials: u64) -> Result<(), CliError> {
    let most = Shard::most(trials);
    if u64::from(shards) <= most {
        return Ok(());
    }
    let message = format!("{trials} trials are too few for {shards} shards");
    let help = format!("ask for {most} shards or fewer, or for more trials");
    Err(CliError::new(BAD_ARGUMENT, message).help(help))
}

/// Whether a cluster can do with these what is asked for.
fn refuse_senseless(arguments: &Arguments) -> Result<(), CliError> {
    let options = &arguments.sharding;
    let trials = arguments.simulation.settings().trials;
    refuse_empty(options.shards.unwrap_or(1), trials)?;
    let (message, help) = if !is_image(&options.image) {
        (
            format!("`{}` is no reference to an image", options.image),
            "write it as `registry.example.org/whimbrel:1.0`".to_owned(),
        )
    } else if !is_name(&options.claim) {
        (
            format!("`{}` cannot be the name of a claim", options.claim),
            "use lower-case letters, digits, `-` and `.`, and begin and end with a letter or digit"
                .to_owned(),
        )
    } else {
        return Ok(());
    };
    Err(CliError::new(BAD_ARGUMENT, message).help(help))
}

/// Whether it can be a reference to an image: parts between `/`, `:` and `@`, each of letters, digits
/// and, inside, `.`, `_` and `-`.
fn is_image(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric();
    let part = |part: &str| {
        part.starts_with(plain)
            && part.ends_with(plain)
            && part
                .chars()
                .all(|letter| plain(letter) || "._-".contains(letter))
    };
    text.split(['/', ':', '@']).all(part)
}

/// Whether it is a subdomain name of RFC 1123, as Kubernetes names claims.
fn is_name(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let label = |label: &str| {
        label.starts_with(plain)
            && label.ends_with(plain)
            && label.chars().all(|letter| plain(letter) || letter == '-')
    };
    text.len() <= LONGEST_NAME && text.split('.').all(label)
}

/// Prints what runs all shards.
///
/// # Errors
/// When it cannot be written.
pub fn emit(what: Emit, arguments: &Arguments, plan: &Plan, console: &mut Console) -> Ending {
    let Emit::KubernetesJob = what;
    refuse_senseless(arguments)?;
    let job = Job {
        plan,
        shards: arguments.sharding.shards.unwrap_or(1),
        image: &arguments.sharding.image,
        claim: &arguments.sharding.claim,
        path: arguments.plan.path.as_deref(),
        simulation: &arguments.simulation,
        checking: &arguments.checking,
    };
    write!(console.out, "{}", job.manifest()?)?;
    Ok(Outcome::Clean)
}
