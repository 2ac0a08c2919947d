//! The value of an attribute, read with its type in mind: a word that the attribute takes, or the
//! name of what it refers to, is itself also where a `let` has its name. So a `let keep` of a plan
//! changes no step of the library, and a `let payments = 3d` hides no team.

use std::rc::Rc;

use whimbrel_lang::ast::{Expr, ExprKind, Path};
use whimbrel_lang::{Diagnostic, Spanned};

use super::eval::{Scope, eval, is_error};
use super::names::Names;
use super::value::Value;
use crate::schema::{Kind, Type};

/// What an attribute of type `ty` is given.
pub(crate) fn written(
    ty: Type,
    expr: &Expr,
    names: &Names,
    scope: &Scope,
    found: &mut Vec<Diagnostic>,
) -> Value {
    match ty {
        Type::Choice(words) | Type::Choices(words) => {
            each(expr, scope, found, &|word, _| words.contains(&word))
        }
        Type::Reference(kinds) | Type::References(kinds) => named(expr, kinds, names, scope, found),
        Type::Destination => named(expr, &[Kind::Platform], names, scope, found),
        Type::Members => named(expr, Kind::MOVABLE, names, scope, found),
        _ => eval(expr, scope, found),
    }
}

/// A name of `kinds` is itself, unless what it stands for in scope can be a name, too.
fn named(
    expr: &Expr,
    kinds: &[Kind],
    names: &Names,
    scope: &Scope,
    found: &mut Vec<Diagnostic>,
) -> Value {
    each(expr, scope, found, &|word, value| {
        let names_something = matches!(
            value,
            Some(Value::Name(_) | Value::Text(_) | Value::Record(_) | Value::List(_))
        );
        let defined = |kind: &Kind| names.span(*kind, word).is_some();
        value.is_some() && !names_something && kinds.iter().any(defined)
    })
}

/// The value of an expression, or of each element of a list, where a bare word of which `is_itself`
/// holds, given what it stands for in scope, is a name.
fn each(
    expr: &Expr,
    scope: &Scope,
    found: &mut Vec<Diagnostic>,
    is_itself: &dyn Fn(&str, Option<&Value>) -> bool,
) -> Value {
    match &expr.kind {
        ExprKind::Path(path) if bare(path).is_some_and(|word| is_itself(word, scope.get(word))) => {
            Value::Name(path.clone())
        }
        ExprKind::List(items) => {
            let items: Vec<Spanned<Value>> = items
                .iter()
                .map(|item| Spanned::new(each(item, scope, found, is_itself), item.span))
                .collect();
            if items.iter().any(is_error) {
                return Value::Error;
            }
            Value::List(Rc::new(items))
        }
        _ => eval(expr, scope, found),
    }
}

/// The one unquoted word that a path is.
pub(super) fn bare(path: &Path) -> Option<&str> {
    match path.segments.as_slice() {
        [only] if !only.quoted => Some(&only.name),
        _ => None,
    }
}
