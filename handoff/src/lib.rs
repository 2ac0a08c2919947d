//! Plan and estimates to artefacts: runbooks, scripts, executor files, monitoring.
//!
//! Takes the compiled plan and the simulator's results only, does no I/O, and never sees syntax.
//! What the plan says is data in every file written: see [`quote`].

mod artefacts;
mod audit;
mod check;
mod engine;
mod error;
mod executors;
mod hours;
mod layout;
mod measures;
mod names;
pub mod quote;
mod rows;
mod runbook;
mod scripts;
mod text;
mod undo;
mod values;

pub use artefacts::{Artefact, Artefacts, MANIFEST, Manifest, ManifestFile};
pub use audit::{AuditError, AuditReport, StepReport, audit};
pub use check::{Problem, TemplateUse, check_template, settings_read, trial};
pub use engine::LocalTemplates;
pub use error::HandoffError;
pub use values::usable;

use engine::Engine;
use rows::Courses;
use scripts::Writer;
use values::PlanValues;
use whimbrel_plan::Plan;
use whimbrel_simulator::Estimates;

/// Makes all artefacts of a plan.
///
/// # Errors
/// When the estimates belong to another plan, a template is missing or cannot be filled in, or a
/// trigger cannot be measured.
pub fn generate(
    plan: &Plan,
    estimates: &Estimates,
    templates: &LocalTemplates,
) -> Result<Artefacts, HandoffError> {
    let hash = plan
        .hash()
        .map_err(|error| HandoffError::Json(error.to_string()))?;
    if estimates.plan_hash != hash {
        return Err(HandoffError::OtherPlan {
            plan: hash,
            estimates: estimates.plan_hash.clone(),
        });
    }
    let about = about(plan, hash.clone());
    let engine = Engine::new(templates);
    let mut writer = Writer {
        plan,
        courses: Courses::new(plan),
        about,
        engine,
        files: Artefacts::default(),
    };
    let stages = layout::stages(plan)?;
    writer.library()?;
    for stage in &stages {
        writer.stage(stage)?;
    }
    writer.executors()?;
    writer.runbooks(estimates, &stages)?;
    let json = serde_json::to_string_pretty(plan)
        .map_err(|error| HandoffError::Json(error.to_string()))?;
    writer.files.text("plan.json", json + "\n")?;
    writer.files.seal(&hash, estimates.seed)?;
    Ok(writer.files)
}

fn about(plan: &Plan, hash: String) -> PlanValues {
    PlanValues {
        hash,
        name: plan.title(),
        zone: plan.migration.zone.clone(),
    }
}
