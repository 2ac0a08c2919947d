//! Visits every expression of a syntax tree.

use whimbrel_lang::ast::{Body, Expr, ExprKind, Path, Statement, StatementKind, StringPart};

/// Calls `visit` on `expr` and everything in it.
pub(crate) fn expressions<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::Text(parts) => strings(parts, visit),
        ExprKind::List(items) => items.iter().for_each(|item| expressions(item, visit)),
        ExprKind::Weighted(pairs) => {
            for (value, chance) in pairs {
                expressions(value, visit);
                expressions(chance, visit);
            }
        }
        ExprKind::Call { arguments, .. } => {
            arguments
                .iter()
                .for_each(|argument| expressions(&argument.value, visit));
        }
        ExprKind::Negate(inner) | ExprKind::Group(inner) => expressions(inner, visit),
        ExprKind::Of { count, .. } => expressions(count, visit),
        ExprKind::Binary { left, right, .. } | ExprKind::Range(left, right) => {
            expressions(left, visit);
            expressions(right, visit);
        }
        ExprKind::Quantity(_)
        | ExprKind::Boolean(_)
        | ExprKind::Date(_)
        | ExprKind::DateTime(..)
        | ExprKind::Time(_)
        | ExprKind::Path(_)
        | ExprKind::Arrow(..)
        | ExprKind::Error => {}
    }
}

/// Calls `visit` on every path in `expr` that may stand for a value.
pub(crate) fn paths<'a>(expr: &'a Expr, visit: &mut dyn FnMut(&'a Path)) {
    expressions(expr, &mut |expr| {
        if let ExprKind::Path(path) = &expr.kind {
            visit(path);
        }
    });
}

/// Calls `visit` on every expression of the statements.
pub(crate) fn statements<'a>(list: &'a [Statement], visit: &mut dyn FnMut(&'a Expr)) {
    for statement in list {
        own_expressions(statement, visit);
        match &statement.kind {
            StatementKind::Plain(plain) => {
                if let Body::Block(block) = &plain.body {
                    statements(&block.statements, visit);
                }
            }
            StatementKind::For { body, .. } => statements(&body.statements, visit),
            _ => {}
        }
    }
}

/// Calls `visit` on every expression of a statement but those of the statements in its block; a
/// pattern is taken as a whole.
pub(crate) fn own_expressions<'a>(statement: &'a Statement, visit: &mut dyn FnMut(&'a Expr)) {
    match &statement.kind {
        StatementKind::Plain(plain) => {
            if let Body::Value { value, .. } = &plain.body {
                expressions(value, visit);
            }
        }
        StatementKind::Let { value, .. } => expressions(value, visit),
        StatementKind::Pattern(pattern) => {
            for parameter in &pattern.parameters {
                if let Some(default) = &parameter.default {
                    expressions(default, visit);
                }
            }
            statements(&pattern.body.statements, visit);
        }
        StatementKind::For { list, .. } => expressions(list, visit),
        StatementKind::Require { condition, .. } => expressions(condition, visit),
        StatementKind::Waive {
            until: Some(until), ..
        } => expressions(until, visit),
        StatementKind::Use { .. } | StatementKind::Import { .. } | StatementKind::Waive { .. } => {}
    }
}

fn strings<'a>(parts: &'a [StringPart], visit: &mut dyn FnMut(&'a Expr)) {
    for part in parts {
        if let StringPart::Interpolation(expr) = part {
            expressions(expr, visit);
        }
    }
}
