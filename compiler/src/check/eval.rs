//! Evaluates expressions: units, distributions, names in scope.

use std::rc::Rc;

use jiff::civil::{Date, DateTime};
use whimbrel_lang::ast::{
    CallArgument, CivilDate, CivilMinute, Expr, ExprKind, Name, Operator, Path, StringPart,
};
use whimbrel_lang::{Diagnostic, Quantity, QuantityError, Span, Spanned};

use super::law::Law;
use super::limits;
use super::parts::{field, known};
use super::value::{Argument, Call, Comparison, Value, dotted};
use crate::codes;
use crate::fixes;
use crate::modules::standard_names;

/// Names that stand for values: `let`s, parameters, loop variables, the thing moved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope(Option<Rc<Frame>>);

#[derive(Debug)]
struct Frame {
    /// By name: mostly one or two, where a map would be slower.
    bindings: Vec<(String, Value)>,
    parent: Scope,
    /// How many turns the loops around make altogether.
    turns: usize,
}

impl Scope {
    /// A scope inside this one.
    pub fn with(&self, bindings: Vec<(String, Value)>) -> Self {
        self.frame(bindings, self.turns())
    }

    fn frame(&self, mut bindings: Vec<(String, Value)>, turns: usize) -> Self {
        bindings.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self(Some(Rc::new(Frame {
            bindings,
            parent: self.clone(),
            turns,
        })))
    }

    /// The scope of one turn of a loop, which makes `turns` with the loops around it.
    pub fn turn(&self, name: &str, value: Value, turns: usize) -> Self {
        self.frame(vec![(name.to_owned(), value)], turns)
    }

    /// How many turns the loops around make altogether.
    pub fn turns(&self) -> usize {
        self.0.as_deref().map_or(1, |frame| frame.turns)
    }

    /// A scope with one more name.
    pub fn bind(&self, name: &str, value: Value) -> Self {
        self.with(vec![(name.to_owned(), value)])
    }

    /// A scope in which loops can run over groups. No name has a space in it, so that a group and
    /// a value of one name do not meet.
    pub fn with_groups(&self, groups: impl Iterator<Item = (String, Value)>) -> Self {
        let named = groups.map(|(name, members)| (format!("group {name}"), members));
        self.with(named.collect())
    }

    /// The members of the group a path names.
    pub fn group(&self, path: &Path) -> Option<&Value> {
        let name = dotted(path);
        let name = name.strip_prefix("group.").unwrap_or(&name);
        self.get(&format!("group {name}"))
    }

    /// What a name stands for.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let mut scope = self;
        while let Some(frame) = scope.0.as_deref() {
            let place = frame
                .bindings
                .binary_search_by(|(known, _)| known.as_str().cmp(name));
            match place.ok().and_then(|place| frame.bindings.get(place)) {
                Some((_, value)) => return Some(value),
                None => scope = &frame.parent,
            }
        }
        None
    }
}

/// Evaluates `expr`; what is wrong goes to `found` and the value is [`Value::Error`].
pub(crate) fn eval(expr: &Expr, scope: &Scope, found: &mut Vec<Diagnostic>) -> Value {
    match evaluate(expr, scope, found) {
        Ok(value) => value,
        Err(diagnostic) => {
            found.push(*diagnostic);
            Value::Error
        }
    }
}

pub(super) type Evaluated = Result<Value, Box<Diagnostic>>;

fn evaluate(expr: &Expr, scope: &Scope, found: &mut Vec<Diagnostic>) -> Evaluated {
    Ok(match &expr.kind {
        ExprKind::Quantity(quantity) => Value::Quantity(*quantity),
        ExprKind::Boolean(value) => Value::Boolean(*value),
        ExprKind::Text(parts) => {
            let text = text(parts, scope, found);
            limits::text(text.len(), expr.span)?;
            Value::Text(text.into())
        }
        ExprKind::Date(day) => Value::Date(date(*day, expr.span)?),
        ExprKind::DateTime(day, minute) => {
            Value::DateTime(date_time(date(*day, expr.span)?, *minute))
        }
        ExprKind::Time(minute) => Value::Time(minute.0),
        ExprKind::Path(path) => return lookup(path, scope),
        ExprKind::List(items) => return list(items, expr.span, scope, found),
        ExprKind::Weighted(pairs) => Value::Weighted(Rc::new(
            pairs
                .iter()
                .map(|(value, chance)| {
                    (spanned(value, scope, found), spanned(chance, scope, found))
                })
                .collect(),
        )),
        ExprKind::Call { callee, arguments } => {
            return call(expr.span, callee, arguments, scope, found);
        }
        ExprKind::Negate(inner) => match eval(inner, scope, found) {
            Value::Quantity(quantity) => Value::Quantity(quantity.negate()),
            Value::Error => Value::Error,
            other => return Err(mismatch(expr.span, "a number", &other)),
        },
        ExprKind::Binary {
            operator,
            left,
            right,
        } => {
            return operation(operator, left, right, scope, found);
        }
        ExprKind::Range(from, to) => range(from, to, scope, found),
        ExprKind::Arrow(ends) => Value::Arrow(Rc::new((**ends).clone())),
        ExprKind::Of { count, team } => match eval(count, scope, found) {
            Value::Quantity(quantity) => Value::Of(people(&quantity, count.span)?, team.clone()),
            Value::Error => Value::Error,
            other => {
                let wrong = mismatch(count.span, "a number of people", &other);
                let help = "people are written `[2 of payments]`; a text stands in quotes";
                return Err(Box::new(wrong.help(help)));
            }
        },
        ExprKind::Group(inner) => return evaluate(inner, scope, found),
        ExprKind::Error => Value::Error,
    })
}

fn list(items: &[Expr], span: Span, scope: &Scope, found: &mut Vec<Diagnostic>) -> Evaluated {
    let items: Vec<Spanned<Value>> = items
        .iter()
        .map(|item| spanned(item, scope, found))
        .collect();
    if items.iter().any(is_error) {
        return Ok(Value::Error);
    }
    limits::list(&items, span)?;
    Ok(Value::List(Rc::new(items)))
}

fn range(from: &Expr, to: &Expr, scope: &Scope, found: &mut Vec<Diagnostic>) -> Value {
    let (from, to) = (spanned(from, scope, found), spanned(to, scope, found));
    if is_error(&from) || is_error(&to) {
        return Value::Error;
    }
    Value::Range(Rc::new((from, to)))
}

/// Whether what is wrong with a value has been said.
pub(super) fn is_error(value: &Spanned<Value>) -> bool {
    matches!(value.value, Value::Error)
}

fn spanned(expr: &Expr, scope: &Scope, found: &mut Vec<Diagnostic>) -> Spanned<Value> {
    Spanned::new(eval(expr, scope, found), expr.span)
}

/// The text of a string with its interpolations.
pub(crate) fn text(parts: &[StringPart], scope: &Scope, found: &mut Vec<Diagnostic>) -> String {
    let mut out = String::new();
    for part in parts {
        match part {
            StringPart::Text(text) => out.push_str(text),
            StringPart::Interpolation(expr) => {
                let value = eval(expr, scope, found);
                match render(&value) {
                    Some(text) => out.push_str(&text),
                    None if matches!(value, Value::Error) => {}
                    None => found.push(*mismatch(expr.span, "a number, a ratio or a name", &value)),
                }
            }
        }
    }
    out
}

/// A value inside a string; a ratio without its sign: `25`, `0.5`.
fn render(value: &Value) -> Option<String> {
    Some(match value {
        Value::Quantity(quantity) if quantity.ratio => {
            // Twelve decimals take the noise of binary fractions out of 0.07 × 100.
            format!("{}", (quantity.amount * 100.0 * 1e12).round() / 1e12)
        }
        Value::Quantity(quantity) => quantity.to_string(),
        Value::Text(text) => text.to_string(),
        Value::Boolean(value) => value.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Name(path) => dotted(path),
        Value::Choice(_, word) => (*word).to_owned(),
        Value::Record(record) => record.name().to_owned(),
        _ => return None,
    })
}

fn lookup(path: &Path, scope: &Scope) -> Evaluated {
    let Some((first, rest)) = path.segments.split_first() else {
        return Ok(Value::Error);
    };
    if first.quoted {
        return Ok(Value::Name(path.clone()));
    }
    let Some(mut value) = scope.get(&first.name).cloned() else {
        return Ok(Value::Name(path.clone()));
    };
    for segment in rest {
        value = field(&value, &segment.name, segment.span)?;
    }
    Ok(value)
}

fn people(quantity: &Quantity, span: Span) -> Result<u32, Box<Diagnostic>> {
    let amount = quantity.amount;
    let whole = quantity.dimension == whimbrel_lang::Dimension::default()
        && amount.fract() == 0.0
        && (1.0..=100_000.0).contains(&amount);
    if whole {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded"
        )]
        return Ok(amount as u32);
    }
    Err(Box::new(
        Diagnostic::error(
            codes::OUT_OF_RANGE,
            span,
            "a number of people must be a whole number above zero",
        )
        .help("write for example `2 of payments`"),
    ))
}

/// The year from which on calendars cannot be laid out: a migration may take two centuries, and dates
/// end with the year 9999.
const TOO_LATE: i16 = 9_000;

/// A calendar date; the parser has checked that it exists.
pub(crate) fn date(day: CivilDate, span: Span) -> Result<Date, Box<Diagnostic>> {
    if day.year >= TOO_LATE {
        let message = format!("a date must be before the year {TOO_LATE}");
        let help = "for what never ends, write a date beyond the migration, such as 2100-01-01";
        return Err(Box::new(
            Diagnostic::error(codes::OUT_OF_RANGE, span, message).help(help),
        ));
    }
    Date::new(day.year, day.month, day.day).map_err(|_| {
        Box::new(Diagnostic::error(
            codes::OUT_OF_RANGE,
            span,
            "there is no such date",
        ))
    })
}

fn date_time(date: Date, minute: CivilMinute) -> DateTime {
    let minutes = i64::from(minute.0);
    let midnight = date.to_datetime(jiff::civil::Time::midnight());
    midnight
        .checked_add(jiff::SignedDuration::from_mins(minutes))
        .unwrap_or(midnight)
}

/// «expected …, found …».
pub(crate) fn mismatch(span: Span, expected: &str, found: &Value) -> Box<Diagnostic> {
    let what = found.describe();
    let diagnostic = Diagnostic::error(
        codes::TYPE_MISMATCH,
        span,
        format!("expected {expected}, found {what}"),
    )
    .here(format!("this is {what}"));
    let class = match found {
        Value::Name(path) => Some(dotted(path)),
        _ => None,
    };
    Box::new(match class {
        Some(name) if standard_names("classes").contains(&name) => {
            fixes::using(diagnostic, &format!("std.classes.{name}"))
        }
        _ => diagnostic,
    })
}

fn binary(
    operator: &Spanned<Operator>,
    left: &Spanned<Value>,
    right: &Spanned<Value>,
) -> Evaluated {
    use Operator::{Add, Divide, Multiply, Subtract};
    let span = operator.span;
    let made = |law: Result<Law, QuantityError>| {
        let law = law.map_err(|error| arithmetic(span, left, right, &error))?;
        Ok(Value::Law(Rc::new(limits::law(law, span)?)))
    };
    match (operator.value, &left.value, &right.value) {
        (Add | Subtract | Multiply | Divide, Value::Quantity(a), Value::Quantity(b)) => {
            let result = match operator.value {
                Add => a.add(b),
                Subtract => a.sub(b),
                Multiply => a.mul(b),
                _ => a.div(b),
            };
            result
                .map(Value::Quantity)
                .map_err(|error| arithmetic(span, left, right, &error))
        }
        (Add, Value::Law(law), Value::Quantity(by))
        | (Add, Value::Quantity(by), Value::Law(law)) => made(shifted(law, *by)),
        (Subtract, Value::Law(law), Value::Quantity(by)) => made(shifted(law, by.negate())),
        (Multiply, Value::Law(law), Value::Quantity(by))
        | (Multiply, Value::Quantity(by), Value::Law(law)) => made(scaled(law, *by)),
        (Divide, Value::Law(law), Value::Quantity(by)) => {
            let factor = Quantity::number(1.0).div(by);
            made(factor.and_then(|factor| scaled(law, factor)))
        }
        (Add | Subtract | Multiply | Divide, Value::Quantity(_) | Value::Law(_), other)
        | (Add | Subtract | Multiply | Divide, other, _) => {
            let at = if matches!(left.value, Value::Quantity(_) | Value::Law(_)) {
                right.span
            } else {
                left.span
            };
            Err(mismatch(at, "a number or a quantity", other))
        }
        (_, left, _) => Err(mismatch(span, "a number or a quantity", left)),
    }
}

fn operation(
    operator: &Spanned<Operator>,
    left: &Expr,
    right: &Expr,
    scope: &Scope,
    found: &mut Vec<Diagnostic>,
) -> Evaluated {
    let measure = if is_comparison(operator.value) {
        bare_name(left)
    } else {
        None
    };
    let (left, right) = (spanned(left, scope, found), spanned(right, scope, found));
    if matches!(left.value, Value::Error) || matches!(right.value, Value::Error) {
        return Ok(Value::Error);
    }
    if !is_comparison(operator.value) {
        return binary(operator, &left, &right);
    }
    let operator = operator.clone();
    Ok(Value::Comparison(Rc::new(Comparison {
        measure,
        left,
        operator,
        right,
    })))
}

fn is_comparison(operator: Operator) -> bool {
    !matches!(
        operator,
        Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide
    )
}

fn bare_name(expr: &Expr) -> Option<Spanned<Name>> {
    match &expr.kind {
        ExprKind::Path(path) => match path.segments.as_slice() {
            [only] if !only.quoted => Some(Spanned::new(only.name.clone(), only.span)),
            _ => None,
        },
        _ => None,
    }
}

fn shifted(law: &Law, by: Quantity) -> Result<Law, QuantityError> {
    law.clone().shift(by)
}

fn scaled(law: &Law, factor: Quantity) -> Result<Law, QuantityError> {
    law.sample().map(|sample| sample.mul(&factor)).transpose()?;
    Ok(Law::Scaled(Box::new(law.clone()), factor))
}

pub(super) fn arithmetic(
    span: Span,
    left: &Spanned<Value>,
    right: &Spanned<Value>,
    error: &QuantityError,
) -> Box<Diagnostic> {
    let code = match error {
        QuantityError::Currencies(..) => codes::MIXED_CURRENCY,
        QuantityError::DivisionByZero => codes::OUT_OF_RANGE,
        _ => codes::DIMENSION_MISMATCH,
    };
    Box::new(
        Diagnostic::error(code, span, error.to_string())
            .label(left.span, format!("this is {}", left.value.describe()))
            .label(right.span, format!("this is {}", right.value.describe()))
            .help(match error {
                QuantityError::DivisionByZero => "divide by something else",
                _ => "give both sides the same unit",
            }),
    )
}

fn call(
    span: Span,
    callee: &Path,
    arguments: &[CallArgument],
    scope: &Scope,
    found: &mut Vec<Diagnostic>,
) -> Evaluated {
    if let [only] = callee.segments.as_slice()
        && only.name == "known"
    {
        return known(span, arguments, scope, found);
    }
    let arguments: Vec<Argument> = arguments
        .iter()
        .map(|argument| Argument {
            name: argument.name.clone(),
            value: spanned(&argument.value, scope, found),
        })
        .collect();
    if arguments
        .iter()
        .any(|argument| matches!(argument.value.value, Value::Error))
    {
        return Ok(Value::Error);
    }
    if let [only] = callee.segments.as_slice()
        && super::law_call::is_law(&only.name)
    {
        let law = super::law_call::law(&only.name, span, &arguments)?;
        return Ok(Value::Law(Rc::new(law)));
    }
    Ok(Value::Call(Rc::new(Call {
        callee: callee.clone(),
        arguments,
    })))
}
