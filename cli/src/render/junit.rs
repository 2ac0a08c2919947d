//! Findings as JUnit XML: a suite for each plan, a failed case for each finding.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use whimbrel_lang::{Diagnostic, Level};

use super::diagnostics::{Findings, level, prose};

/// The report of several plans; a plan is named by its file. Findings that make `check` fail are
/// failures, others pass with what was found as their output.
///
/// # Errors
/// When the report cannot be written as XML.
pub fn report<'a>(
    plans: impl Iterator<Item = (String, Findings<'a>)>,
    deny_warnings: bool,
) -> Result<String, String> {
    let mut report = Report::new("whimbrel check");
    for (plan, findings) in plans {
        let mut suite = TestSuite::new(plan);
        let rows = findings.diagnostics.iter();
        suite.add_test_cases(rows.map(|found| case(&findings, found, deny_warnings)));
        if findings.diagnostics.is_empty() {
            suite.add_test_case(TestCase::new("check", TestCaseStatus::success()));
        }
        report.add_test_suite(suite);
    }
    report.to_string().map_err(|error| error.to_string())
}

fn case(findings: &Findings<'_>, found: &Diagnostic, deny_warnings: bool) -> TestCase {
    let (start, _) = findings.range(found.primary.span);
    let path = findings.path(found.primary.span);
    let name = format!("{} {path}:{}", found.code.number, start.line);
    let fails = match found.level {
        Level::Error => true,
        Level::Warning => deny_warnings,
        Level::Note => false,
    };
    let text = format!("{}: {}", level(found.level), prose(found));
    let mut case = if fails {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(found.message.clone());
        status.set_type(level(found.level));
        status.set_description(text);
        TestCase::new(name, status)
    } else {
        let mut case = TestCase::new(name, TestCaseStatus::success());
        case.set_system_out(text);
        case
    };
    case.set_classname(found.code.name);
    case
}
