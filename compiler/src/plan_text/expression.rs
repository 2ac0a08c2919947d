//! Expressions as data: every value with its type.

use serde_json::{Value, json};
use whimbrel_lang::ast::{
    CallArgument, CivilDate, CivilMinute, Expr, ExprKind, Name, Operator, Path, Segment, StringPart,
};
use whimbrel_lang::{Dimension, Quantity, Sources};

use crate::check::law_call::is_law;
use crate::check::value::dotted;
use crate::schema::FUNCTIONS;

/// The names that stand for values where an expression stands.
#[derive(Clone, Default)]
pub(super) struct Variables(Vec<Name>);

impl Variables {
    /// These and more.
    pub fn with<'a>(&self, more: impl IntoIterator<Item = &'a str>) -> Self {
        let mut names = self.0.clone();
        names.extend(more.into_iter().map(Name::from));
        names.sort_unstable();
        names.dedup();
        Self(names)
    }

    fn has(&self, path: &Path) -> bool {
        let first = path.segments.first().filter(|first| !first.quoted);
        first.is_some_and(|first| self.0.binary_search(&first.name).is_ok())
    }
}

/// What an expression says.
pub(super) fn value(expr: &Expr, sources: &Sources, variables: &Variables) -> Value {
    let inner = |expr: &Expr| value(expr, sources, variables);
    match &expr.kind {
        ExprKind::Text(parts) => text(parts, sources, variables),
        ExprKind::Path(path) if variables.has(path) => {
            json!({ "type": "variable", "path": names(path) })
        }
        ExprKind::Path(path) => json!({ "type": "name", "path": names(path) }),
        ExprKind::List(items) => {
            let items: Vec<Value> = items.iter().map(inner).collect();
            json!({ "type": "list", "items": items })
        }
        ExprKind::Weighted(pairs) => {
            let items: Vec<Value> = pairs
                .iter()
                .map(|(value, chance)| json!({ "value": inner(value), "chance": inner(chance) }))
                .collect();
            json!({ "type": "weighted", "items": items })
        }
        ExprKind::Call { callee, arguments } => call(callee, arguments, inner),
        ExprKind::Negate(of) => {
            json!({ "type": "operation", "operator": "-", "operands": [inner(of)] })
        }
        ExprKind::Binary {
            operator,
            left,
            right,
        } => binary(operator.value, &inner(left), &inner(right)),
        ExprKind::Range(from, to) => {
            json!({ "type": "range", "from": inner(from), "to": inner(to) })
        }
        ExprKind::Of { count, team } => {
            json!({ "type": "people", "count": inner(count), "of": names(team) })
        }
        ExprKind::Group(of) => inner(of),
        _ => simple(expr, sources),
    }
}

/// What holds no other expression.
fn simple(expr: &Expr, sources: &Sources) -> Value {
    match &expr.kind {
        ExprKind::Quantity(quantity) => {
            let mut out = literal(quantity);
            if let Some(fields) = out.as_object_mut() {
                fields.insert("text".to_owned(), sources.slice(expr.span).into());
            }
            out
        }
        ExprKind::Boolean(value) => json!({ "type": "boolean", "value": value }),
        ExprKind::Date(day) => json!({ "type": "date", "value": date(*day) }),
        ExprKind::DateTime(day, minute) => {
            json!({ "type": "moment", "value": format!("{}T{}", date(*day), time(*minute)) })
        }
        ExprKind::Time(minute) => json!({ "type": "time", "value": time(*minute) }),
        ExprKind::Arrow(ends) => {
            let (from, to) = &**ends;
            json!({ "type": "edge", "from": names(from), "to": names(to) })
        }
        _ => json!({ "type": "unreadable" }),
    }
}

fn call(callee: &Path, arguments: &[CallArgument], inner: impl Fn(&Expr) -> Value) -> Value {
    let arguments: Vec<Value> = arguments
        .iter()
        .map(|argument| match &argument.name {
            Some(name) => json!({ "name": name.value.as_str(), "value": inner(&argument.value) }),
            None => json!({ "value": inner(&argument.value) }),
        })
        .collect();
    let callee = dotted(callee);
    if FUNCTIONS.iter().any(|function| function.name == callee) {
        json!({ "type": "function", "function": callee, "arguments": arguments })
    } else if is_law(&callee) {
        json!({ "type": "distribution", "law": callee, "arguments": arguments })
    } else {
        json!({ "type": "call", "callee": callee, "arguments": arguments })
    }
}

fn binary(operator: Operator, left: &Value, right: &Value) -> Value {
    let (sign, compares) = match operator {
        Operator::Multiply => ("*", false),
        Operator::Divide => ("/", false),
        Operator::Add => ("+", false),
        Operator::Subtract => ("-", false),
        Operator::Less => ("<", true),
        Operator::LessOrEqual => ("<=", true),
        Operator::Greater => (">", true),
        Operator::GreaterOrEqual => (">=", true),
        Operator::Equal => ("==", true),
        Operator::NotEqual => ("!=", true),
    };
    if compares {
        json!({ "type": "comparison", "operator": sign, "left": left, "right": right })
    } else {
        json!({ "type": "operation", "operator": sign, "operands": [left, right] })
    }
}

/// A string: plain, or a template where it interpolates.
pub(super) fn text(parts: &[StringPart], sources: &Sources, variables: &Variables) -> Value {
    let plain: Option<String> = parts
        .iter()
        .map(|part| match part {
            StringPart::Text(text) => Some(text.as_str()),
            StringPart::Interpolation(_) => None,
        })
        .collect();
    if let Some(plain) = plain {
        return json!({ "type": "text", "value": plain });
    }
    let parts: Vec<Value> = parts
        .iter()
        .map(|part| match part {
            StringPart::Text(text) => json!({ "type": "text", "value": text }),
            StringPart::Interpolation(expr) => value(expr, sources, variables),
        })
        .collect();
    json!({ "type": "template", "parts": parts })
}

/// The segments of a path. A quoted one keeps its dots.
pub(super) fn names(path: &Path) -> Vec<&str> {
    let segments = path.segments.iter();
    segments.map(|Segment { name, .. }| name.as_str()).collect()
}

/// A number in base units: seconds, bytes, per second, and the currency as it is.
fn literal(quantity: &Quantity) -> Value {
    let amount = quantity.amount;
    let kind = match quantity.dimension {
        Dimension::NUMBER if quantity.ratio => "ratio",
        Dimension::NUMBER => "number",
        Dimension::DURATION => "duration",
        Dimension::WORKING => {
            return json!({
                "type": "working_duration",
                "hours": amount / 3600.0,
                "days": quantity.working_days,
            });
        }
        Dimension::SIZE => "size",
        Dimension::RATE if quantity.ratio => "growth",
        Dimension::RATE => "rate",
        Dimension::BYTE_RATE => "bandwidth",
        Dimension::MONEY => "money",
        Dimension::MONEY_RATE => "money_per_time",
        Dimension::MONEY_PER_SIZE => "money_per_size",
        _ => return json!({ "type": "unreadable" }),
    };
    match quantity.currency {
        Some(currency) => json!({ "type": kind, "value": amount, "currency": currency.code() }),
        None => json!({ "type": kind, "value": amount }),
    }
}

fn date(day: CivilDate) -> String {
    format!("{:04}-{:02}-{:02}", day.year, day.month, day.day)
}

fn time(minute: CivilMinute) -> String {
    format!("{:02}:{:02}", minute.0 / 60, minute.0 % 60)
}
