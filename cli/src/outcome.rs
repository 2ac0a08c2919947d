//! What a command's end means to the shell.

use std::process::ExitCode;

use crate::error::CliError;

/// How a command ended, when it could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to complain about: exit 0.
    Clean,
    /// Findings, an unmet requirement, a difference: exit 1.
    Findings,
}

/// What a command returns.
pub type Ending = Result<Outcome, CliError>;

impl Outcome {
    /// Findings if `found`.
    pub fn findings_if(found: bool) -> Self {
        if found { Self::Findings } else { Self::Clean }
    }
}

/// The exit code of an ending: 0 clean, 1 findings, 2 the command could not do its work.
pub fn exit_code(ending: &Ending) -> ExitCode {
    ExitCode::from(match ending {
        Ok(Outcome::Clean) => 0,
        Ok(Outcome::Findings) => 1,
        Err(error) if error.finding => 1,
        Err(_) => 2,
    })
}
