//! Whether what a pattern requires holds. Of what is uncertain it holds when it is certain: whatever
//! the draw.

use whimbrel_lang::ast::Operator;
use whimbrel_lang::{Diagnostic, Quantity, QuantityError, Span, Spanned};
use whimbrel_plan::Distribution;

use super::eval::{arithmetic, mismatch};
use super::law::Law;
use super::value::{Comparison, Value, dotted};
use crate::codes;

/// Hours of a short and of the longest working day: what holds for both holds between them.
const WORKING_DAYS: [f64; 2] = [4.0, 24.0];

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
        (Value::Law(law), Value::Quantity(other)) => {
            certain(comparison.operator.value, law, &Law::Certain(*other))
                .map_err(|error| arithmetic(span, left, right, &error))
        }
        (Value::Quantity(other), Value::Law(law)) => {
            certain(comparison.operator.value, &Law::Certain(*other), law)
                .map_err(|error| arithmetic(span, left, right, &error))
        }
        (Value::Law(a), Value::Law(b)) => certain(comparison.operator.value, a, b)
            .map_err(|error| arithmetic(span, left, right, &error)),
        (Value::Quantity(_) | Value::Law(_), other) => {
            Err(mismatch(right.span, "a quantity", other))
        }
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

/// Whether it holds of any two draws, in a working day of any usual length.
fn certain(operator: Operator, a: &Law, b: &Law) -> Result<bool, QuantityError> {
    if let (Some(a), Some(b)) = (a.sample(), b.sample()) {
        // Only for its dimensions and currencies.
        a.sub(&b)?;
    }
    let resolved = |law: &Law, hours| {
        law.resolve(hours)
            .map(|law| Reach::of(&law))
            .map_err(|error| QuantityError::Meaningless(error.to_string()))
    };
    for hours in WORKING_DAYS {
        let (a, b) = (resolved(a, hours)?, resolved(b, hours)?);
        let holds = match operator {
            Operator::Less => a.is_below(&b),
            Operator::LessOrEqual => a.high <= b.low,
            Operator::Greater => b.is_below(&a),
            Operator::GreaterOrEqual => b.high <= a.low,
            Operator::NotEqual => a.is_below(&b) || b.is_below(&a),
            _ => a.low == b.high && a.high == b.low,
        };
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

/// How far a law reaches, and whether its ends are ever drawn: an exponential is never 0.
struct Reach {
    low: f64,
    takes_low: bool,
    high: f64,
    takes_high: bool,
}

impl Reach {
    fn of(law: &Distribution) -> Self {
        let (low, high) = law.support();
        Self {
            low,
            takes_low: law.cdf(low) > 0.0,
            high,
            takes_high: law.below(high) < 1.0,
        }
    }

    fn is_below(&self, other: &Self) -> bool {
        self.high < other.low || self.high == other.low && !(self.takes_high && other.takes_low)
    }
}
