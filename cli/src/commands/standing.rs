//! What commands that make numbers say first: which findings stand.

use std::io::Write as _;

use whimbrel_plan::Plan;

use crate::console::{Console, Tone};
use crate::error::{CliError, NO_PLAN};
use crate::options::{Format, JudgingOptions};
use crate::outcome::Outcome;
use crate::project::Compiled;

/// Tells on standard error how many errors stand, a draft being when people ask *what if*.
///
/// # Errors
/// When it cannot be written.
pub fn tell(compiled: &Compiled, console: &mut Console) -> Result<(), CliError> {
    let errors = compiled.tally().errors;
    if errors == 0 {
        return Ok(());
    }
    let many = if errors == 1 {
        "1 error stands".to_owned()
    } else {
        format!("{errors} errors stand")
    };
    let label = console.err_paint.tone(Tone::Warning, &many);
    let entry = format!("{}{}", compiled.project.prefix, compiled.project.entry);
    writeln!(
        console.err,
        "{label} in `{entry}`; `whimbrel check` shows them"
    )?;
    Ok(())
}

/// The outcome of a command on a plan with these findings.
pub fn outcome(compiled: &Compiled, options: &JudgingOptions) -> Outcome {
    let tally = compiled.tally();
    Outcome::findings_if(tally.errors > 0 || (options.deny_warnings && tally.warnings > 0))
}

/// The plan, where numbers can be made from it; else all findings on standard error.
///
/// # Errors
/// When there is none, or errors of syntax, names, types or order stand.
pub fn runnable<'a>(
    compiled: &'a Compiled,
    format: Format,
    console: &mut Console,
) -> Result<&'a Plan, CliError> {
    let found = plan(compiled, format, console)?;
    if compiled.compilation.is_runnable() {
        return Ok(found);
    }
    show(compiled, format, console)?;
    let tally = compiled.tally();
    Err(CliError::finding(
        NO_PLAN.number,
        format!("the plan does not say clearly enough what is to happen: {tally}"),
    ))
}

/// The plan; where there is none, all findings on standard error and why.
///
/// # Errors
/// When there is none.
pub fn plan<'a>(
    compiled: &'a Compiled,
    format: Format,
    console: &mut Console,
) -> Result<&'a Plan, CliError> {
    if let Some(plan) = &compiled.compilation.plan {
        return Ok(plan);
    }
    show(compiled, format, console)?;
    let tally = compiled.tally();
    let error = if tally.errors > 0 {
        CliError::finding(
            NO_PLAN.number,
            format!("there is no plan to work with: {tally}"),
        )
    } else {
        CliError::finding(NO_PLAN.number, "there is no `migration` to work with")
            .help("say what is to happen: `migration NAME { from = …; to = …; start = … }`")
    };
    Err(error)
}

/// All findings, on standard error.
///
/// # Errors
/// When they cannot be written.
pub fn show(compiled: &Compiled, format: Format, console: &mut Console) -> Result<(), CliError> {
    let findings = compiled.findings();
    let paint = console.err_paint;
    match format {
        Format::Human => findings.graphical(&mut console.err, paint, console.width)?,
        Format::Plain | Format::Json => findings.plain(&mut console.err)?,
    }
    Ok(())
}
