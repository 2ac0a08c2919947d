//! What can go wrong while artefacts are made, each with its code and advice.

use thiserror::Error;

/// Why artefacts cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HandoffError {
    /// The plan cannot be written as JSON.
    #[error("the plan cannot be written as JSON: {0}")]
    Json(String),
    /// A verb names a template that its executor's folder lacks.
    #[error("executor `{executor}` has no template `{template}`")]
    MissingTemplate {
        /// The executor's folder.
        executor: String,
        /// The file.
        template: String,
    },
    /// A template cannot be read or filled in.
    #[error("template `{template}` cannot be filled in{}: {reason}", at(*place))]
    Template {
        /// The file.
        template: String,
        /// Line and column, both from 1.
        place: Option<(usize, usize)>,
        /// What the template engine said.
        reason: String,
    },
    /// A template found the plan wanting: it called `refuse`.
    #[error("executor `{executor}` cannot carry the plan out: {reason}")]
    Refused {
        /// The executor's folder.
        executor: String,
        /// What the template said.
        reason: String,
    },
    /// A template whose name does not say which language it makes.
    #[error("the name of template `{0}` does not say which language it makes")]
    UnknownLanguage(String),
    /// A file that would land outside the output folder.
    #[error("`{0}` is not a path below the output folder")]
    OutsidePath(String),
    /// Two files of the same path.
    #[error("`{0}` would be written twice")]
    Duplicate(String),
    /// Estimates of another plan.
    #[error("the estimates belong to plan `{estimates}`, not to plan `{plan}`")]
    OtherPlan {
        /// Hash of the plan.
        plan: String,
        /// Hash the estimates carry.
        estimates: String,
    },
    /// An executor index the plan does not have.
    #[error("step `{0}` names an executor that the plan does not have")]
    MissingExecutor(String),
    /// Steps that wait for each other.
    #[error("the steps of batch `{0}` wait for each other")]
    Cycle(String),
    /// Steps that cannot be undone by a measure, since nothing measures it.
    #[error("nothing measures `{measure}` for `{subject}`")]
    Unmeasured {
        /// The measure.
        measure: String,
        /// The service or resource.
        subject: String,
    },
    /// A template names what it is not given.
    #[error("template `{template}` cannot use `{name}`")]
    UnknownInTemplate {
        /// The file.
        template: String,
        /// The name.
        name: String,
    },
    /// A setting that no template reads.
    #[error("no template of executor `{executor}` reads its setting `{setting}`")]
    UnusedSetting {
        /// The executor's folder.
        executor: String,
        /// The setting.
        setting: String,
    },
    /// A template that nothing names.
    #[error("executor `{executor}` does not name its template `{template}`")]
    UnusedTemplate {
        /// The executor's folder.
        executor: String,
        /// The file.
        template: String,
    },
}

fn at(place: Option<(usize, usize)>) -> String {
    place.map_or_else(String::new, |(line, column)| {
        format!(" at line {line}, column {column}")
    })
}

impl HandoffError {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code_and_name().0
    }

    /// The short name of its code.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.code_and_name().1
    }

    fn code_and_name(&self) -> (&'static str, &'static str) {
        match self {
            Self::Json(_) => ("MG1701", "plan-not-written"),
            Self::MissingTemplate { .. } => ("MG1702", "missing-template"),
            Self::Template { .. } => ("MG1703", "broken-template"),
            Self::UnknownLanguage(_) => ("MG1704", "unknown-language"),
            Self::OutsidePath(_) => ("MG1705", "outside-output"),
            Self::Duplicate(_) => ("MG1706", "written-twice"),
            Self::OtherPlan { .. } => ("MG1707", "other-plan"),
            Self::MissingExecutor(_) => ("MG1708", "missing-executor"),
            Self::Cycle(_) => ("MG1709", "circular-steps"),
            Self::Unmeasured { .. } => ("MG1710", "unmeasured"),
            Self::Refused { .. } => ("MG1711", "refused-by-executor"),
            Self::UnknownInTemplate { .. } => ("MG1712", "unknown-in-template"),
            Self::UnusedSetting { .. } => ("MG1713", "unused-setting"),
            Self::UnusedTemplate { .. } => ("MG1714", "unused-template"),
        }
    }

    /// Whether everything can be made all the same.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        matches!(
            self,
            Self::UnusedSetting { .. } | Self::UnusedTemplate { .. }
        )
    }

    /// What it says.
    #[must_use]
    pub fn message(&self) -> String {
        self.to_string()
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::Json(_) | Self::MissingExecutor(_) => "compile the plan again",
            Self::MissingTemplate { .. } => {
                "write the template, or take the verb out of the executor's `.mig` file"
            }
            Self::Template { .. } => "correct the template in that place",
            Self::UnknownLanguage(_) => {
                "end its name in `.sh.tera`, `.sql.tera`, `.yml.tera`, `.json.tera`, `.md.tera`, \
                 `.html.tera`, `.csv.tera`, `.cfg.tera` or `.map.tera`"
            }
            Self::Refused { .. } => {
                "give the plan what the executor asks for, or name another executor for the verb"
            }
            Self::UnknownInTemplate { .. } => {
                "`whimbrel explain executors` lists what templates may use"
            }
            Self::UnusedSetting { .. } => "use it in a template, or take it out",
            Self::UnusedTemplate { .. } => "name it in `executor.mig`, or remove the file",
            Self::OutsidePath(_) => "use a relative path without `..`",
            Self::Duplicate(_) => "give one of the two another path",
            Self::OtherPlan { .. } => "simulate the plan again",
            Self::Cycle(_) => "take one of the `after` out",
            Self::Unmeasured { .. } => {
                "name an executor for the `monitor` family of its platform, or take the trigger out"
            }
        })
    }
}
