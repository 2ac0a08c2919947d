//! Findings as JSON: the contract of `check --format json`. Fields are added, never renamed.

use serde_json::{Map, Value, json};
use whimbrel_lang::{Diagnostic, Span};

use super::diagnostics::{Findings, Tally, level};

/// Version of the JSON of this crate's commands.
pub const VERSION: u32 = 1;

/// One document for the findings of several plans.
pub fn check<'a>(findings: impl Iterator<Item = Findings<'a>>) -> Value {
    let mut diagnostics = Vec::new();
    let mut tally = Tally::default();
    for of_plan in findings {
        tally = tally.plus(Tally::of(of_plan.diagnostics));
        let rows = of_plan.diagnostics.iter();
        diagnostics.extend(rows.map(|found| diagnostic(&of_plan, found)));
    }
    json!({
        "version": VERSION,
        "diagnostics": diagnostics,
        "summary": {
            "errors": tally.errors,
            "warnings": tally.warnings,
            "notes": tally.notes,
        },
    })
}

/// One finding.
pub fn diagnostic(findings: &Findings<'_>, found: &Diagnostic) -> Value {
    let mut fields = Map::new();
    fields.insert("code".to_owned(), found.code.number.into());
    fields.insert("name".to_owned(), found.code.name.into());
    fields.insert("level".to_owned(), level(found.level).into());
    fields.insert("message".to_owned(), found.message.clone().into());
    place(&mut fields, findings, found.primary.span);
    fields.insert("label".to_owned(), found.primary.message.clone().into());
    let labels = found.labels.iter().map(|label| {
        let mut fields = Map::new();
        fields.insert("message".to_owned(), label.message.clone().into());
        place(&mut fields, findings, label.span);
        Value::Object(fields)
    });
    fields.insert("labels".to_owned(), labels.collect());
    fields.insert("help".to_owned(), found.help.clone().into());
    fields.insert("notes".to_owned(), found.notes.clone().into());
    fields.insert("fix".to_owned(), fix(findings, found));
    Value::Object(fields)
}

fn place(fields: &mut Map<String, Value>, findings: &Findings<'_>, span: Span) {
    let (start, end) = findings.range(span);
    fields.insert("file".to_owned(), findings.path(span).into());
    fields.insert("line".to_owned(), start.line.into());
    fields.insert("column".to_owned(), start.column.into());
    fields.insert("end_line".to_owned(), end.line.into());
    fields.insert("end_column".to_owned(), end.column.into());
}

fn fix(findings: &Findings<'_>, found: &Diagnostic) -> Value {
    let Some(fix) = &found.fix else {
        return Value::Null;
    };
    let edits = fix.edits.iter().map(|edit| {
        let mut fields = Map::new();
        place(&mut fields, findings, edit.span);
        fields.insert("text".to_owned(), edit.text.clone().into());
        Value::Object(fields)
    });
    json!({ "title": fix.title, "edits": edits.collect::<Vec<_>>() })
}
