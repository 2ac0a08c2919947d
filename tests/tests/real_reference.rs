//! The reference workload through the command line: 200 tasks, 599 edges, triangular durations, on
//! whose figures five independent implementations agree.
//!
//! A million trials of a standard deviation of seven days know the mean to 0.007 days, the median to
//! 0.009 and the P95 to 0.015: the tolerances are about three of these standard errors.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use std::process::Command;

use jiff::civil::date;
use serde_json::Value;
use whimbrel_compiler::{Options, Provider, ReadError, compile};
use whimbrel_tests::{binary, real};

fn estimates() -> Value {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.mig");
    std::fs::write(&plan, real::reference_plan(false)).unwrap();
    let output = Command::new(binary::released())
        .args(["simulate", "--trials", "1000000", "--format", "json"])
        .arg(&plan)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn assert_near(estimates: &Value, at: &str, expected: f64, tolerance: f64) {
    let found = estimates.pointer(at).and_then(Value::as_f64).unwrap();
    assert!(
        (found - expected).abs() <= tolerance,
        "{at} is {found}, expected {expected} ± {tolerance}"
    );
}

#[test]
fn real_reference_by_precedence() {
    let estimates = estimates();
    assert_near(&estimates, "/duration_days/mean", 189.30, 0.02);
    assert_near(&estimates, "/duration_days/p50", 189.1, 0.05);
    assert_near(&estimates, "/duration_days/p80", 195.0, 0.05);
    assert_near(&estimates, "/duration_days/p95", 200.8, 0.05);
    // Of the critical path at mean durations.
    assert_near(&estimates, "/critical_path_percentile", 0.001, 0.0005);
    // A million trials know a share of a half to 0.0005; the expected ones are rounded to 0.001.
    let steps = estimates["steps"].as_array().unwrap().iter();
    let mut shares: Vec<f64> = steps
        .filter(|step| step["id"].as_str().unwrap().ends_with("/act"))
        .map(|step| step["criticality"].as_f64().unwrap())
        .collect();
    shares.sort_unstable_by(|a, b| b.total_cmp(a));
    for (found, expected) in shares.iter().zip([0.520, 0.505, 0.485, 0.464]) {
        assert!((found - expected).abs() <= 0.002, "{shares:?}");
    }
}

struct Text(String);

impl Provider for Text {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        let here = (path == "plan.mig").then(|| self.0.clone().into_bytes());
        here.ok_or(ReadError::NotFound)
    }
}

#[test]
fn real_reference_at_mean_durations() {
    let text = Text(real::reference_plan(false));
    let compiled = compile(&text, "plan.mig", &Options::new(date(2026, 11, 21)));
    let days = compiled.plan.unwrap().critical_path_duration / 86_400.0;
    assert!((days - 168.96).abs() <= 0.005, "{days}");
}
