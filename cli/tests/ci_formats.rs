//! The formats that other programs read, held against `check --format json`.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests start the program, write its files, and fail by panicking"
)]

mod common;

use std::collections::BTreeSet;

use common::{Run, folder, whimbrel};
use quick_junit::{Report, TestCaseStatus};
use serde_json::Value;
use serde_sarif::sarif::Sarif;
use tempfile::TempDir;

/// An error here, and a warning in a file whose name has what each format must escape.
const PLAN: &[u8] = b"import \"it's 100 %, <a&b>.mig\"\nservice a { calls b }\n";

fn project() -> TempDir {
    folder(&[
        ("plan.mig", PLAN),
        (
            "it's 100 %, <a&b>.mig",
            b"datastore x { table t }\nservice p { writes x.t }\nservice q { writes x.t }\n",
        ),
    ])
}

fn check(project: &TempDir, format: &str) -> Run {
    let run = whimbrel(
        project.path(),
        &["check", "--format", format, "--today", "2026-11-21"],
    );
    assert_eq!(run.code, Some(1), "{format}: {}", run.err);
    assert_eq!(run.err, "", "{format}");
    run
}

fn findings(project: &TempDir) -> Vec<Value> {
    let document: Value = serde_json::from_str(&check(project, "json").out).unwrap();
    let rows = document["diagnostics"].as_array().unwrap().clone();
    let levels: BTreeSet<&str> = rows
        .iter()
        .filter_map(|row| row["level"].as_str())
        .collect();
    assert_eq!(levels, BTreeSet::from(["error", "warning"]), "{rows:?}");
    rows
}

#[test]
fn sarif_has_each_finding_in_its_place() {
    let project = project();
    let text = check(&project, "sarif").out;
    // The type is made from the schema of SARIF 2.1.0.
    let sarif: Sarif = serde_json::from_str(&text).unwrap();
    let run = &sarif.runs[0];
    let rules = run.tool.driver.rules.as_ref().unwrap();
    let rows = run.results.as_ref().unwrap();
    let findings = findings(&project);
    assert_eq!(rows.len(), findings.len());
    for (row, finding) in rows.iter().zip(&findings) {
        let place = row.locations.as_ref().unwrap()[0]
            .physical_location
            .as_ref()
            .unwrap();
        let region = place.region.as_ref().unwrap();
        assert_eq!(region.start_line, finding["line"].as_i64());
        assert_eq!(region.start_column, finding["column"].as_i64());
        assert_eq!(region.end_line, finding["end_line"].as_i64());
        assert_eq!(region.end_column, finding["end_column"].as_i64());
        let index = usize::try_from(row.rule_index.unwrap()).unwrap();
        assert_eq!(rules[index].id, finding["code"]);
        assert_eq!(row.rule_id.as_deref(), finding["code"].as_str());
        let uri = place.artifact_location.as_ref().unwrap().uri.as_ref();
        let uri = uri.unwrap();
        match finding["file"].as_str().unwrap() {
            "plan.mig" => assert_eq!(uri, "plan.mig"),
            _ => assert_eq!(uri, "it%27s%20100%20%25%2C%20%3Ca%26b%3E.mig"),
        }
    }
}

#[test]
fn annotations_are_one_line_each() {
    let project = project();
    let text = check(&project, "github").out;
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("::")).collect();
    let findings = findings(&project);
    assert_eq!(lines.len(), findings.len(), "{text}");
    for (line, finding) in lines.iter().zip(&findings) {
        let command = line.split("::").nth(1).unwrap();
        let (level, properties) = command.split_once(' ').unwrap();
        assert_eq!(level, finding["level"]);
        let properties: Vec<&str> = properties.split(',').collect();
        assert!(
            properties.contains(&format!("line={}", finding["line"]).as_str()),
            "{line}"
        );
        assert!(properties.iter().all(|one| one.contains('=')), "{line}");
    }
}

#[test]
fn each_row_of_a_code_quality_report_has_a_fingerprint_of_its_own() {
    let project = project();
    let rows: Vec<Value> = serde_json::from_str(&check(&project, "gitlab").out).unwrap();
    let findings = findings(&project);
    assert_eq!(rows.len(), findings.len());
    let fingerprints: BTreeSet<&str> = rows
        .iter()
        .map(|row| row["fingerprint"].as_str().unwrap())
        .collect();
    assert_eq!(fingerprints.len(), rows.len());
    for (row, finding) in rows.iter().zip(&findings) {
        assert_eq!(row["location"]["path"], finding["file"]);
        assert_eq!(row["location"]["lines"]["begin"], finding["line"]);
        let severities = ["info", "minor", "major", "critical", "blocker"];
        assert!(severities.contains(&row["severity"].as_str().unwrap()));
    }
}

#[test]
fn a_finding_that_moves_keeps_its_fingerprint() {
    let moved = folder(&[("plan.mig", b"# a comment\n\nservice a { calls b }\n")]);
    let still = folder(&[("plan.mig", b"service a { calls b }\n")]);
    let fingerprint = |project: &TempDir| {
        let rows: Vec<Value> = serde_json::from_str(&check(project, "gitlab").out).unwrap();
        rows[0]["fingerprint"].clone()
    };
    assert_eq!(fingerprint(&moved), fingerprint(&still));
}

#[test]
fn what_makes_check_fail_is_a_failed_case_and_nothing_else_is() {
    let project = project();
    let text = check(&project, "junit").out;
    let report = Report::deserialize_from_str(&text).unwrap();
    let cases = &report.test_suites[0].test_cases;
    let findings = findings(&project);
    assert_eq!(cases.len(), findings.len());
    for (case, finding) in cases.iter().zip(&findings) {
        let failed = !matches!(case.status, TestCaseStatus::Success { .. });
        assert_eq!(failed, finding["level"] == "error", "{finding}");
    }
}

#[test]
fn a_clean_plan_is_an_empty_report_and_one_passed_case() {
    let clean = folder(&[("plan.mig", b"service a { }\n")]);
    let run = |format| whimbrel(clean.path(), &["check", "--format", format]);
    let sarif: Value = serde_json::from_str(&run("sarif").out).unwrap();
    assert_eq!(sarif["runs"][0]["results"], Value::Array(Vec::new()));
    assert_eq!(run("gitlab").out.trim(), "[]");
    assert!(!run("github").out.contains("::"));
    let report = Report::deserialize_from_str(&run("junit").out).unwrap();
    assert_eq!(report.test_suites[0].test_cases.len(), 1);
    assert_eq!(report.failures, 0);
}
