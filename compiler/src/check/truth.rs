//! Whether what a pattern requires holds.

use whimbrel_lang::ast::Operator;
use whimbrel_lang::{Diagnostic, Quantity, QuantityError, Span, Spanned};

use super::eval::{arithmetic, mismatch};
use super::value::{Comparison, Value, dotted};
use crate::codes;

/// Whether a condition holds: a boolean, or a comparison of two quantities, words, strings or
/// booleans.
pub(crate) fn truth(value: &Value, span: Span) -> Result<bool, Box<Diagnostic>> {
    match value {
        Value::Boolean(value) => Ok(*value),
        Value::Comparison(comparison) => compared(comparison, span),
        other => Err(mismatch(
            span,
            "a condition such as `weights.length > 0`",
            other,
        )),
    }
}

fn compared(comparison: &Comparison, span: Span) -> Result<bool, Box<Diagnostic>> {
    let (left, right) = (&comparison.left, &comparison.right);
    match (&left.value, &right.value) {
        (Value::Quantity(a), Value::Quantity(b)) => ordered(comparison.operator.value, a, b)
            .map_err(|error| arithmetic(span, left, right, &error)),
        (Value::Quantity(_), other) => Err(mismatch(right.span, "a quantity", other)),
        (Value::Choice(words, word), _) => {
            let other = in_vocabulary(words, right)?;
            equal(comparison, *word == other)
        }
        (_, Value::Choice(words, word)) => {
            let other = in_vocabulary(words, left)?;
            equal(comparison, *word == other)
        }
        (Value::Text(a), Value::Text(b)) => equal(comparison, a == b),
        (Value::Boolean(a), Value::Boolean(b)) => equal(comparison, a == b),
        (Value::Text(_), other) => Err(mismatch(right.span, "a string", other)),
        (Value::Boolean(_), other) => Err(mismatch(right.span, "a boolean", other)),
        (Value::Name(a), Value::Name(b)) => equal(comparison, dotted(a) == dotted(b)),
        (other, _) => Err(mismatch(
            left.span,
            "a quantity, a word, a string or a boolean",
            other,
        )),
    }
}

/// The word that is compared with a choice: one that the choice does not have is a slip.
fn in_vocabulary(
    words: &'static [&'static str],
    found: &Spanned<Value>,
) -> Result<&'static str, Box<Diagnostic>> {
    let name = match &found.value {
        Value::Name(path) => dotted(path),
        Value::Choice(_, word) => (*word).to_owned(),
        other => return Err(mismatch(found.span, "a word", other)),
    };
    if let Some(word) = words.iter().find(|word| **word == name) {
        return Ok(word);
    }
    let list: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let list = list.join(", ");
    let diagnostic = Diagnostic::error(
        codes::TYPE_MISMATCH,
        found.span,
        format!("this is never `{name}`: it is one of {list}"),
    );
    Err(Box::new(
        diagnostic
            .meant(&name, words.iter().copied())
            .or_help(|| format!("compare it with one of {list}")),
    ))
}

fn equal(comparison: &Comparison, same: bool) -> Result<bool, Box<Diagnostic>> {
    match comparison.operator.value {
        Operator::Equal => Ok(same),
        Operator::NotEqual => Ok(!same),
        _ => Err(Box::new(
            Diagnostic::error(
                codes::TYPE_MISMATCH,
                comparison.operator.span,
                "words, strings and booleans have no order",
            )
            .help("compare them with `==` or `!=`"),
        )),
    }
}

fn ordered(operator: Operator, a: &Quantity, b: &Quantity) -> Result<bool, QuantityError> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let ordering = a.compare(b)?;
    Ok(match operator {
        Operator::Less => ordering == Less,
        Operator::LessOrEqual => ordering != Greater,
        Operator::Greater => ordering == Greater,
        Operator::GreaterOrEqual => ordering != Less,
        Operator::NotEqual => ordering != Equal,
        _ => ordering == Equal,
    })
}
