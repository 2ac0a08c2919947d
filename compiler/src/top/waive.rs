//! `waive`: who, on what, until when, and why.

use whimbrel_lang::Diagnostic;
use whimbrel_lang::ast::StatementKind;

use super::Waive;
use crate::check::eval::{self, eval, text};
use crate::check::object::Checker;
use crate::check::overlay::Laid;
use crate::check::value::{Value, dotted};
use crate::codes;

impl Checker<'_> {
    /// The waiver a statement gives.
    pub(super) fn waive(&mut self, entry: &Laid<'_>) -> Option<Waive> {
        let span = entry.statement.span;
        let StatementKind::Waive {
            code,
            on,
            until,
            because,
        } = &entry.statement.kind
        else {
            return None;
        };
        let missing = match (on, until, because) {
            (None, ..) => "on what (`on`)",
            (_, None, _) => "until when (`until`)",
            _ => "why (`because`)",
        };
        let (Some(on), Some(until), Some(because)) = (on, until, because) else {
            self.found.push(
                Diagnostic::error(
                    codes::MISSING_ATTRIBUTE,
                    span,
                    format!("a waiver must say {missing}"),
                )
                .help("write `waive CODE on TARGET until 2027-03-01 because \"…\"`"),
            );
            return None;
        };
        let reason = text(&because.value, &entry.scope, self.found);
        if reason.trim().is_empty() {
            self.found.push(
                Diagnostic::error(
                    codes::MISSING_ATTRIBUTE,
                    because.span,
                    "a waiver must say why",
                )
                .help("write who decided it and where, such as `because \"ADR 14\"`"),
            );
            return None;
        }
        let until = match eval(until, &entry.scope, self.found) {
            Value::Date(date) => date,
            other => {
                self.found
                    .push(*eval::mismatch(until.span, "a date", &other));
                return None;
            }
        };
        Some(Waive {
            code: code.value.to_string(),
            on: dotted(on),
            until,
            because: reason,
            span,
        })
    }
}
