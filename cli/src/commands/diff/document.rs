//! The difference as JSON: the contract of `diff --format json`, whose schema is
//! `docs/reference/diff.schema.json`. Fields are added, never renamed.

use serde_json::{Value, json};
use whimbrel_compiler::difference::{OneSided, TwoSided};
use whimbrel_lang::{Diagnostic, Level};

use super::{Compiled, Report};
use crate::error::{CliError, OUTPUT_FAILED};
use crate::render::json::{VERSION, diagnostic};

/// The document.
///
/// # Errors
/// When a number of the plan cannot be written.
pub fn of(report: &Report<'_>) -> Result<Value, CliError> {
    let findings = report.findings;
    let sided = |side: &Compiled, found: &[OneSided<'_>]| -> Vec<Value> {
        let rows = found.iter();
        rows.map(|one| {
            let mut row = told(side, one.finding);
            if let Some(fields) = row.as_object_mut() {
                fields.insert("of".to_owned(), json!(one.of));
            }
            row
        })
        .collect()
    };
    let changed = |pair: &TwoSided<'_>| {
        json!({
            "before": told(report.before, pair.before),
            "after": told(report.after, pair.after),
        })
    };
    let difference = report.difference.map(serde_json::to_value).transpose();
    Ok(json!({
        "version": VERSION,
        "same": report.is_empty(),
        "before": side(report.before)?,
        "after": side(report.after)?,
        "estimates": report.estimates.map(super::Estimates::document),
        "difference": difference.map_err(|problem| unwritten(&problem))?,
        "findings": {
            "new_errors": findings.new_at(Level::Error),
            "new_warnings": findings.new_at(Level::Warning),
            "gained": sided(report.after, &findings.gained),
            "lost": sided(report.before, &findings.lost),
            "changed": findings.changed.iter().map(changed).collect::<Vec<_>>(),
        },
    }))
}

fn side(side: &Compiled) -> Result<Value, CliError> {
    let plan = side.compilation.plan.as_ref();
    let hash = plan.map(whimbrel_plan::Plan::hash).transpose();
    Ok(json!({
        "path": side.shown,
        "plan_hash": hash.map_err(|problem| unwritten(&problem))?,
        "migration": plan.map(|plan| plan.migration.name.clone()),
        "scenario": plan.and_then(|plan| plan.scenario.clone()),
    }))
}

fn told(side: &Compiled, finding: &Diagnostic) -> Value {
    diagnostic(&side.findings(), finding)
}

fn unwritten(problem: &serde_json::Error) -> CliError {
    CliError::new(
        OUTPUT_FAILED,
        format!("the difference cannot be written: {problem}"),
    )
}
