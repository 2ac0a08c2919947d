//! Findings as SARIF 2.1.0, which code scanning services read.

use serde_json::Value;
use serde_sarif::sarif::{
    ArtifactChange, ArtifactContent, ArtifactLocation, Fix, Location, Message,
    MultiformatMessageString, PhysicalLocation, Region, Replacement, ReportingConfiguration,
    ReportingDescriptor, Result as Row, ResultLevel, Run, SCHEMA_URL, Sarif, Tool, ToolComponent,
};
use whimbrel_compiler::rules::{RULES, Rule};
use whimbrel_lang::{Code, Diagnostic, Edit, Level, Span};

use super::diagnostics::{Findings, level, prose};

/// One run over several plans.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn report<'a>(findings: impl Iterator<Item = Findings<'a>>) -> serde_json::Result<Value> {
    let findings: Vec<Findings<'_>> = findings.collect();
    let mut codes: Vec<Code> = findings
        .iter()
        .flat_map(|of_plan| of_plan.diagnostics)
        .map(|found| found.code)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    let rows = findings.iter().flat_map(|of_plan| {
        let rows = of_plan.diagnostics.iter();
        rows.map(|found| row(of_plan, found, &codes))
    });
    let driver = ToolComponent::builder()
        .name("whimbrel")
        .semantic_version(env!("CARGO_PKG_VERSION"))
        .rules(
            codes
                .iter()
                .map(|code| descriptor(*code))
                .collect::<Vec<_>>(),
        )
        .build();
    let run = Run::builder()
        .tool(Tool::builder().driver(driver).build())
        .column_kind("unicodeCodePoints")
        .results(rows.collect::<Vec<_>>())
        .build();
    let sarif = Sarif::builder()
        .schema(SCHEMA_URL)
        .version("2.1.0")
        .runs(vec![run])
        .build();
    serde_json::to_value(sarif)
}

fn descriptor(code: Code) -> ReportingDescriptor {
    let rule = RULES.iter().find(|rule| rule.code == code);
    ReportingDescriptor::builder()
        .id(code.number)
        .name(code.name)
        .opt_short_description(rule.map(|rule| plain(rule.summary)))
        .opt_help(rule.map(help))
        .opt_default_configuration(rule.map(|rule| {
            ReportingConfiguration::builder()
                .level(level(rule.level))
                .build()
        }))
        .build()
}

fn plain(text: &str) -> MultiformatMessageString {
    MultiformatMessageString::builder().text(text).build()
}

fn help(rule: &Rule) -> MultiformatMessageString {
    MultiformatMessageString::builder()
        .text(rule.summary)
        .markdown(rule.page)
        .build()
}

fn row(findings: &Findings<'_>, found: &Diagnostic, codes: &[Code]) -> Row {
    let labels = found.labels.iter().enumerate().map(|(index, label)| {
        Location::builder()
            .id(i64::try_from(index).unwrap_or(i64::MAX))
            .physical_location(place(findings, label.span))
            .message(message(&label.message))
            .build()
    });
    let index = codes.binary_search(&found.code).ok();
    Row::builder()
        .rule_id(found.code.number)
        .opt_rule_index(index.and_then(|index| i64::try_from(index).ok()))
        .level(match found.level {
            Level::Error => ResultLevel::Error,
            Level::Warning => ResultLevel::Warning,
            Level::Note => ResultLevel::Note,
        })
        .message(message(&prose(found)))
        .locations(vec![
            Location::builder()
                .physical_location(place(findings, found.primary.span))
                .build(),
        ])
        .related_locations(labels.collect::<Vec<_>>())
        .opt_fixes(found.fix.as_ref().map(|fix| {
            let changes = fix.edits.iter().map(|edit| change(findings, edit));
            vec![
                Fix::builder()
                    .description(message(&fix.title))
                    .artifact_changes(changes.collect::<Vec<_>>())
                    .build(),
            ]
        }))
        .build()
}

fn message(text: &str) -> Message {
    Message::builder().text(text).build()
}

fn file(findings: &Findings<'_>, span: Span) -> ArtifactLocation {
    ArtifactLocation::builder()
        .uri(uri(&findings.path(span)))
        .build()
}

/// A path as a relative reference (RFC 3986): what is not plain is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(char::from(byte));
            }
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

fn place(findings: &Findings<'_>, span: Span) -> PhysicalLocation {
    PhysicalLocation::builder()
        .artifact_location(file(findings, span))
        .region(region(findings, span))
        .build()
}

fn region(findings: &Findings<'_>, span: Span) -> Region {
    let (start, end) = findings.range(span);
    Region::builder()
        .start_line(i64::from(start.line))
        .start_column(i64::from(start.column))
        .end_line(i64::from(end.line))
        .end_column(i64::from(end.column))
        .build()
}

fn change(findings: &Findings<'_>, edit: &Edit) -> ArtifactChange {
    let replacement = Replacement::builder()
        .deleted_region(region(findings, edit.span))
        .inserted_content(ArtifactContent::builder().text(edit.text.clone()).build())
        .build();
    ArtifactChange::builder()
        .artifact_location(file(findings, edit.span))
        .replacements(vec![replacement])
        .build()
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_is_a_relative_reference() {
        assert_eq!(uri("plans/a b#1?.mig"), "plans/a%20b%231%3F.mig");
        assert_eq!(uri("größe.mig"), "gr%C3%B6%C3%9Fe.mig");
    }
}
