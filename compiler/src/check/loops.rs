//! Runs `for`: the statements of a body, each with the scope it stands in.

use whimbrel_lang::ast::{Statement, StatementKind};
use whimbrel_lang::{Diagnostic, Dimension, Quantity, Span};

use super::eval::{Scope, eval, mismatch};
use super::limits;
use super::object::Checker;
use super::value::Value;
use crate::codes;

/// Whether a statement is a `for`.
pub(super) fn is_loop(statement: &Statement) -> bool {
    matches!(statement.kind, StatementKind::For { .. })
}

impl Checker<'_> {
    /// The statements with every `for` run: each with the scope it stands in.
    pub fn flatten<'s>(
        &mut self,
        statements: &'s [Statement],
        scope: &Scope,
    ) -> Vec<(&'s Statement, Scope)> {
        let mut out = Vec::with_capacity(statements.len());
        for statement in statements {
            match &statement.kind {
                StatementKind::For {
                    variable,
                    list,
                    body,
                } => {
                    let value = eval(list, scope, self.found);
                    let Some((items, turns)) = self.items(&value, list.span, scope) else {
                        continue;
                    };
                    for item in items {
                        let scope = scope.turn(&variable.value, item, turns);
                        out.extend(self.flatten(&body.statements, &scope));
                    }
                }
                _ => out.push((statement, scope.clone())),
            }
        }
        out
    }

    /// The elements of a list, group or range, and how many turns a loop over them makes together
    /// with those around it.
    fn items(&mut self, value: &Value, span: Span, scope: &Scope) -> Option<(Vec<Value>, usize)> {
        let group = match value {
            Value::Name(path) => scope.group(path),
            _ => None,
        };
        match group.unwrap_or(value) {
            Value::List(items) => {
                let turns = self.turns(items.len(), span, scope)?;
                let items = items.iter().map(|item| item.value.clone());
                Some((items.collect(), turns))
            }
            Value::Range(ends) => match (whole(&ends.0.value), whole(&ends.1.value)) {
                (Some(from), Some(to)) => {
                    let count = self.count(from, to, span)?;
                    let turns = self.turns(count, span, scope)?;
                    Some(((from..=to).map(number).collect(), turns))
                }
                _ => self.no_items(value, span),
            },
            Value::Error => None,
            other => self.no_items(other, span),
        }
    }

    fn turns(&mut self, items: usize, span: Span, scope: &Scope) -> Option<usize> {
        match limits::turns(items, scope.turns(), span) {
            Ok(turns) => Some(turns),
            Err(diagnostic) => {
                // Every turn of the loop around comes here.
                if self.found.last() != Some(&*diagnostic) {
                    self.found.push(*diagnostic);
                }
                None
            }
        }
    }

    fn count(&mut self, from: i32, to: i32, span: Span) -> Option<usize> {
        if to < from {
            let message = "this range ends before it begins";
            self.found.push(
                Diagnostic::error(codes::OUT_OF_RANGE, span, message)
                    .help(format!("a range ascends: write `{to}..{from}`")),
            );
            return None;
        }
        usize::try_from(i64::from(to) - i64::from(from) + 1).ok()
    }

    fn no_items(&mut self, value: &Value, span: Span) -> Option<(Vec<Value>, usize)> {
        let wanted = "a list, a group, or a range such as `1..5`";
        self.found.push(*mismatch(span, wanted, value));
        None
    }
}

fn whole(value: &Value) -> Option<i32> {
    match value {
        Value::Quantity(quantity)
            if quantity.dimension == Dimension::default()
                && quantity.amount.fract() == 0.0
                && quantity.amount.abs() < 1e9 =>
        {
            #[expect(clippy::cast_possible_truncation, reason = "bounded above")]
            let whole = quantity.amount as i32;
            Some(whole)
        }
        _ => None,
    }
}

fn number(value: i32) -> Value {
    Value::Quantity(Quantity::number(f64::from(value)))
}
