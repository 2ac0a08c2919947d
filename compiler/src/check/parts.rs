//! What stands behind a dot: the parts of a list, the attributes of the thing a pattern moves. And
//! `known`, which asks whether the plan gives them.

use whimbrel_lang::ast::{CallArgument, Expr, ExprKind};
use whimbrel_lang::{Diagnostic, Quantity, Span, Spanned};

use super::eval::{Evaluated, Scope, arithmetic, eval, mismatch};
use super::value::{Record, Value};
use crate::codes;
use crate::schema::{self, LIST_PARTS};

/// The part `name` of a value.
pub(super) fn field(value: &Value, name: &str, span: Span) -> Evaluated {
    match value {
        Value::List(items) => list_part(items, name, span),
        Value::Record(record) => match record.field(name) {
            Some(value) => Ok(value.clone()),
            None => Err(no_field(record, name, span)),
        },
        Value::Error => Ok(Value::Error),
        other => Err(mismatch(span, "something with parts", other)),
    }
}

fn list_part(items: &[Spanned<Value>], name: &str, span: Span) -> Evaluated {
    let value = match name {
        "length" => return Ok(Value::Quantity(count(items.len()))),
        "increasing" => return increasing(items).map(Value::Boolean),
        "first" => items.first(),
        "last" => items.last(),
        "least" => extreme(items, std::cmp::Ordering::Less)?,
        "greatest" => extreme(items, std::cmp::Ordering::Greater)?,
        _ => return Err(no_part(name, span)),
    };
    value.map(|item| item.value.clone()).ok_or_else(|| {
        Box::new(
            Diagnostic::error(
                codes::OUT_OF_RANGE,
                span,
                format!("the list is empty, so it has no `{name}`"),
            )
            .help("give the list at least one element"),
        )
    })
}

fn no_part(name: &str, span: Span) -> Box<Diagnostic> {
    let names = || LIST_PARTS.iter().map(|part| part.name);
    let diagnostic =
        Diagnostic::error(codes::UNKNOWN_NAME, span, format!("a list has no `{name}`"));
    Box::new(diagnostic.meant(name, names()).or_help(|| {
        let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
        format!("a list has {}", names.join(", "))
    }))
}

fn increasing(items: &[Spanned<Value>]) -> Result<bool, Box<Diagnostic>> {
    for (one, next) in items.iter().zip(items.iter().skip(1)) {
        if order(one, next)? != std::cmp::Ordering::Less {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The element that comes out of every comparison with `wanted`; the first of equals.
fn extreme(
    items: &[Spanned<Value>],
    wanted: std::cmp::Ordering,
) -> Result<Option<&Spanned<Value>>, Box<Diagnostic>> {
    let mut best: Option<&Spanned<Value>> = None;
    for item in items {
        best = match best {
            Some(known) if order(item, known)? != wanted => Some(known),
            _ => Some(item),
        };
    }
    Ok(best)
}

fn order(
    one: &Spanned<Value>,
    other: &Spanned<Value>,
) -> Result<std::cmp::Ordering, Box<Diagnostic>> {
    match (&one.value, &other.value) {
        (Value::Quantity(a), Value::Quantity(b)) => a
            .compare(b)
            .map_err(|error| arithmetic(other.span, one, other, &error)),
        (Value::Quantity(_), found) => Err(mismatch(other.span, "a quantity", found)),
        (found, _) => Err(mismatch(one.span, "a quantity", found)),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "lists are far shorter than 2^53"
)]
fn count(n: usize) -> Quantity {
    Quantity::number(n as f64)
}

/// Whether a record is of a block that takes the attribute `name`, given or not.
fn takes(record: &Record, name: &str) -> bool {
    schema::top(record.keyword).is_some_and(|block| block.attribute(name).is_some())
}

fn no_field(record: &Record, name: &str, span: Span) -> Box<Diagnostic> {
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_NAME,
        span,
        format!("the {} `{}` has no `{name}`", record.keyword, record.name()),
    );
    if takes(record, name) {
        return Box::new(
            diagnostic.help(format!("set `{name}` on the {}", record.keyword)).note(format!(
                "in a pattern of your own, `known({}.{name}, …)` says what holds when it is not given",
                record.keyword
            )),
        );
    }
    let mut names: Vec<&str> = record.names();
    if let Some(block) = schema::top(record.keyword) {
        names.extend(block.attributes.iter().map(|row| row.name));
    }
    names.sort_unstable();
    Box::new(
        diagnostic
            .meant(name, names)
            .or_help(|| format!("`whimbrel explain {}` lists what it has", record.keyword)),
    )
}

/// `known(service.traffic, 0rps)`: the first that the plan gives.
pub(super) fn known(
    span: Span,
    arguments: &[CallArgument],
    scope: &Scope,
    found: &mut Vec<Diagnostic>,
) -> Evaluated {
    let wrong = arguments.len() < 2 || arguments.iter().any(|argument| argument.name.is_some());
    if wrong {
        return Err(Box::new(
            Diagnostic::error(
                codes::TYPE_MISMATCH,
                span,
                "`known` takes what may be given, and what holds otherwise",
            )
            .help("write for example `known(phase.takes, 10wd)`"),
        ));
    }
    let given = arguments
        .iter()
        .find(|argument| !absent(&argument.value, scope))
        .or(arguments.last());
    Ok(given.map_or(Value::Error, |given| eval(&given.value, scope, found)))
}

/// Whether an expression is an attribute that the plan may give and does not.
fn absent(expr: &Expr, scope: &Scope) -> bool {
    let ExprKind::Path(path) = &expr.kind else {
        return false;
    };
    let [first, name] = path.segments.as_slice() else {
        return false;
    };
    match scope.get(&first.name) {
        Some(Value::Record(record)) if !first.quoted => {
            record.field(&name.name).is_none() && takes(record, &name.name)
        }
        _ => false,
    }
}
