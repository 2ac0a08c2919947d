//! Findings as a GitLab code quality report.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use whimbrel_lang::{Diagnostic, Level};

use super::diagnostics::Findings;

/// The report of several plans.
pub fn report<'a>(findings: impl Iterator<Item = Findings<'a>>) -> Value {
    let mut rows: Vec<Value> = Vec::new();
    for of_plan in findings {
        // The same finding on two lines has two fingerprints; one that moves keeps its own.
        let mut seen = std::collections::HashMap::new();
        for found in of_plan.diagnostics {
            let path = of_plan.path(found.primary.span);
            let same = (found.code.number, path.clone(), found.message.clone());
            let earlier: &mut u32 = seen.entry(same).or_default();
            rows.push(row(&of_plan, found, &path, *earlier));
            *earlier += 1;
        }
    }
    rows.into()
}

fn row(findings: &Findings<'_>, found: &Diagnostic, path: &str, earlier: u32) -> Value {
    let (start, end) = findings.range(found.primary.span);
    let help = found.help.as_ref();
    json!({
        "description": help.map_or_else(
            || found.message.clone(),
            |help| format!("{}: {help}", found.message),
        ),
        "check_name": format!("{}/{}", found.code.number, found.code.name),
        "fingerprint": fingerprint(found, path, earlier),
        "severity": match found.level {
            Level::Error => "critical",
            Level::Warning => "minor",
            Level::Note => "info",
        },
        "location": {
            "path": path,
            "lines": { "begin": start.line, "end": end.line },
        },
    })
}

fn fingerprint(found: &Diagnostic, path: &str, earlier: u32) -> String {
    let parts = [
        found.code.number,
        path,
        &found.message,
        &earlier.to_string(),
    ];
    let digest = Sha256::digest(parts.join("\0"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
