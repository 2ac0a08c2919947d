//! Gives a value the type its attribute asks for.

use std::rc::Rc;

use jiff::civil::{Date, DateTime};
use whimbrel_lang::ast::{Operator, Path};
use whimbrel_lang::{Diagnostic, Dimension, Quantity, Span, Spanned, nearest};
use whimbrel_plan::{Comparison, Condition, Distribution, HoursRange, Measure, Weekday};

use super::eval::mismatch;
use super::law::Law;
use super::names::{Names, Reference};
use super::typed::{Typed, VerbCall};
use super::value::{Call, Value, dotted};
use crate::codes;
use crate::schema::{Attribute, Kind, Type, VERBS, verb};

type Coerced<T> = Result<T, Box<Diagnostic>>;

const TIME: Dimension = Dimension {
    time: 1,
    working: 0,
    bytes: 0,
    money: 0,
};
const WORKING: Dimension = Dimension {
    time: 0,
    working: 1,
    bytes: 0,
    money: 0,
};
const PER_TIME: Dimension = Dimension {
    time: -1,
    working: 0,
    bytes: 0,
    money: 0,
};
const SIZE: Dimension = Dimension {
    time: 0,
    working: 0,
    bytes: 1,
    money: 0,
};
const BANDWIDTH: Dimension = Dimension {
    time: -1,
    working: 0,
    bytes: 1,
    money: 0,
};
const MONEY: Dimension = Dimension {
    time: 0,
    working: 0,
    bytes: 0,
    money: 1,
};
const MONEY_PER_TIME: Dimension = Dimension {
    time: -1,
    working: 0,
    bytes: 0,
    money: 1,
};
const MONEY_PER_SIZE: Dimension = Dimension {
    time: 0,
    working: 0,
    bytes: -1,
    money: 1,
};

/// The typed value of an attribute.
pub(crate) fn attribute(row: &Attribute, value: &Spanned<Value>, names: &Names) -> Coerced<Typed> {
    let typed = coerce(row.ty, value, names)?;
    if let Some((low, high)) = row.bounds {
        within(row, &typed, low, high, value.span)?;
    }
    Ok(typed)
}

fn within(row: &Attribute, typed: &Typed, low: f64, high: f64, span: Span) -> Coerced<()> {
    let (least, greatest) = match typed {
        Typed::Number(number) => (*number, *number),
        Typed::Law(law) => match law.resolve(8.0) {
            Ok(law) => law.support(),
            Err(_) => return Ok(()),
        },
        _ => return Ok(()),
    };
    if least >= low && (greatest <= high || greatest.is_infinite() || least.is_infinite()) {
        return Ok(());
    }
    let message = if least < low {
        format!("`{}` must be at least {}", row.name, bound(row.ty, low))
    } else {
        format!("`{}` must be at most {}", row.name, bound(row.ty, high))
    };
    Err(Box::new(
        Diagnostic::error(codes::OUT_OF_RANGE, span, message)
            .help(format!("`{}`: {}", row.name, row.doc)),
    ))
}

fn bound(ty: Type, value: f64) -> String {
    match ty {
        Type::Duration | Type::UncertainDuration | Type::Effort => {
            if value == 0.0 {
                "0s".to_owned()
            } else {
                whimbrel_lang::Quantity::of(value, TIME).to_string()
            }
        }
        Type::Ratio => format!("{} %", value * 100.0),
        _ => format!("{value}"),
    }
}

/// The value of type `ty`.
pub(crate) fn coerce(ty: Type, value: &Spanned<Value>, names: &Names) -> Coerced<Typed> {
    let span = value.span;
    let wrong = || mismatch(span, &ty.to_string(), &value.value);
    Ok(match ty {
        Type::Text => Typed::Text(text(&value.value).ok_or_else(wrong)?),
        Type::Zone => Typed::Text(zone(value).ok_or_else(wrong)??),
        Type::Texts => Typed::Texts(each(value, |item| {
            text(&item.value)
                .map(|text| text.to_string())
                .ok_or_else(wrong)
        })?),
        Type::Word => Typed::Text(word(&value.value).ok_or_else(wrong)?.into()),
        Type::WordList => Typed::Texts(each(value, |item| word(&item.value).ok_or_else(wrong))?),
        Type::Choice(words) => Typed::Choice(choice(words, value)?),
        Type::Choices(words) => Typed::Choices(each(value, |item| choice(words, item))?),
        Type::Boolean => match value.value {
            Value::Boolean(value) => Typed::Boolean(value),
            _ => return Err(wrong()),
        },
        Type::Number
        | Type::Integer
        | Type::Ratio
        | Type::Duration
        | Type::Size
        | Type::Rate
        | Type::Growth
        | Type::Bandwidth
        | Type::Money
        | Type::MoneyPerTime
        | Type::MoneyPerSize => Typed::Number(number(ty, value)?),
        Type::UncertainDuration | Type::Effort | Type::UncertainNumber => {
            Typed::Law(law(ty, value)?)
        }
        Type::Date => match value.value {
            Value::Date(date) => Typed::Date(date),
            _ => return Err(wrong()),
        },
        Type::Dates => Typed::Dates(dates(value).ok_or_else(wrong)?),
        Type::Moment => Typed::Moment(moment(&value.value).ok_or_else(wrong)?),
        Type::Days => Typed::Days(days(value).ok_or_else(wrong)?),
        Type::Hours => Typed::Hours(hours(&value.value).ok_or_else(wrong)?),
        Type::Reference(kinds) => Typed::Reference(reference(kinds, value, names)?),
        Type::References(kinds) => {
            Typed::References(each(value, |item| reference(kinds, item, names))?)
        }
        Type::Destination => match &value.value {
            Value::Name(path) if dotted(path) == "stay" => Typed::Stay,
            _ => Typed::Reference(reference(&[Kind::Platform], value, names)?),
        },
        Type::Members => match &value.value {
            Value::Name(path) if dotted(path) == "remaining" => Typed::Remaining,
            _ => Typed::References(each(value, |item| reference(Kind::MOVABLE, item, names))?),
        },
        Type::Over => match &value.value {
            Value::Arrow(from, to) => Typed::Edge(
                names.resolve(from, &[Kind::Service])?,
                names.resolve(to, &[Kind::Service])?,
            ),
            _ => Typed::Reference(reference(Kind::SHARED, value, names)?),
        },
        Type::Pattern | Type::Executor => Typed::Call(callable(&value.value).ok_or_else(wrong)?),
        Type::Verb => Typed::Action(Rc::new(action(value, names)?)),
        Type::People => Typed::People(each(value, |item| match &item.value {
            Value::Of(count, team) => Ok((*count, names.resolve(team, &[Kind::Team])?)),
            _ => Err(wrong()),
        })?),
        Type::Condition => Typed::Conditions(vec![condition(value)?]),
        Type::Conditions => Typed::Conditions(each(value, condition)?),
        Type::StepName => Typed::Text(
            text(&value.value)
                .or_else(|| word(&value.value).map(Into::into))
                .ok_or_else(wrong)?,
        ),
        Type::Any => Typed::Any(value.value.clone()),
    })
}

/// Applies `read` to each element of a list; a single value is a list of one.
fn each<T>(
    value: &Spanned<Value>,
    mut read: impl FnMut(&Spanned<Value>) -> Coerced<T>,
) -> Coerced<Vec<T>> {
    match &value.value {
        Value::List(items) => items.iter().map(read).collect(),
        _ => Ok(vec![read(value)?]),
    }
}

fn text(value: &Value) -> Option<Rc<str>> {
    match value {
        Value::Text(text) => Some(Rc::clone(text)),
        _ => None,
    }
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::Name(path) => Some(dotted(path)),
        Value::Text(text) => Some(text.to_string()),
        _ => None,
    }
}

fn zone(value: &Spanned<Value>) -> Option<Coerced<Rc<str>>> {
    let name = text(&value.value)?;
    if jiff::tz::TimeZone::get(&name).is_ok() {
        return Some(Ok(name));
    }
    let known: Vec<String> = jiff::tz::db()
        .available()
        .map(|zone| zone.to_string())
        .collect();
    let diagnostic = Diagnostic::error(
        codes::UNKNOWN_NAME,
        value.span,
        format!("there is no time zone `{name}`"),
    );
    let near = nearest(&name, known.iter().map(String::as_str));
    Some(Err(Box::new(match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("use an IANA name such as `Europe/Paris`"),
    })))
}

fn choice(words: &[&'static str], value: &Spanned<Value>) -> Coerced<&'static str> {
    let wrong = |found: &str| {
        let list = words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(", ");
        let diagnostic = Diagnostic::error(
            codes::TYPE_MISMATCH,
            value.span,
            format!("expected one of {list}, found {found}"),
        );
        Box::new(
            match nearest(found.trim_matches('`'), words.iter().copied()) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic.help(format!("write one of {list}")),
            },
        )
    };
    let Some(found) = word(&value.value) else {
        return Err(wrong(&value.value.describe()));
    };
    words
        .iter()
        .copied()
        .find(|word| *word == found)
        .ok_or_else(|| wrong(&format!("`{found}`")))
}

fn dimension(ty: Type) -> Dimension {
    match ty {
        Type::Duration => TIME,
        Type::Size => SIZE,
        Type::Rate | Type::Growth => PER_TIME,
        Type::Bandwidth => BANDWIDTH,
        Type::Money => MONEY,
        Type::MoneyPerTime => MONEY_PER_TIME,
        Type::MoneyPerSize => MONEY_PER_SIZE,
        _ => Dimension::default(),
    }
}

fn number(ty: Type, value: &Spanned<Value>) -> Coerced<f64> {
    let quantity = match &value.value {
        Value::Quantity(quantity) => quantity,
        Value::Law(_) => {
            return Err(Box::new(
                Diagnostic::error(
                    codes::NOT_SUPPORTED_YET,
                    value.span,
                    "a distribution is not simulated here yet",
                )
                .help(format!("give a certain value: {ty}")),
            ));
        }
        other => return Err(mismatch(value.span, &ty.to_string(), other)),
    };
    if quantity.dimension != dimension(ty) {
        return Err(wrong_dimension(ty, quantity, value.span));
    }
    if ty == Type::Integer && quantity.amount.fract() != 0.0 {
        return Err(Box::new(Diagnostic::error(
            codes::OUT_OF_RANGE,
            value.span,
            "expected a whole number",
        )));
    }
    Ok(quantity.amount)
}

fn wrong_dimension(ty: Type, quantity: &Quantity, span: Span) -> Box<Diagnostic> {
    let found = Value::Quantity(*quantity).describe();
    let diagnostic = Diagnostic::error(
        codes::DIMENSION_MISMATCH,
        span,
        format!("expected {ty}, found {found}"),
    )
    .here(format!("this is {found}"));
    let working = quantity.dimension == WORKING;
    Box::new(match ty {
        Type::Duration | Type::UncertainDuration if working => diagnostic.help(
            "working time runs only while a team works; here elapsed time is meant, such as `8h`",
        ),
        Type::MoneyPerTime if quantity.dimension == MONEY => {
            diagnostic.help("say per what time, such as `$1_200/mo`")
        }
        _ => diagnostic.help(format!("write {ty}")),
    })
}

fn law(ty: Type, value: &Spanned<Value>) -> Coerced<Rc<Law>> {
    let law = match &value.value {
        Value::Quantity(quantity) => Rc::new(Law::Certain(*quantity)),
        Value::Law(law) => Rc::clone(law),
        other => return Err(mismatch(value.span, &ty.to_string(), other)),
    };
    let found = law.dimension();
    let fits = match ty {
        Type::UncertainDuration => found == TIME,
        Type::Effort => found == TIME || found == WORKING,
        _ => found == Dimension::default(),
    };
    if !fits {
        let sample = Quantity::of(0.0, found);
        return Err(wrong_dimension(ty, &sample, value.span));
    }
    if let Ok(resolved) = law.resolve(8.0) {
        not_negative(&resolved, value.span)?;
    }
    Ok(law)
}

fn not_negative(law: &Distribution, span: Span) -> Coerced<()> {
    law.require_non_negative().map_err(|error| {
        Box::new(
            Diagnostic::error(codes::OUT_OF_RANGE, span, error.to_string())
                .help("move or truncate the distribution so that it cannot go below zero"),
        )
    })
}

fn dates(value: &Spanned<Value>) -> Option<Vec<Date>> {
    let mut dates = match &value.value {
        Value::Date(date) => vec![*date],
        Value::List(items) => items
            .iter()
            .map(|item| match item.value {
                Value::Date(date) => Some(date),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()?,
        _ => return None,
    };
    dates.sort_unstable();
    dates.dedup();
    Some(dates)
}

fn moment(value: &Value) -> Option<DateTime> {
    match value {
        Value::Date(date) => Some(date.to_datetime(jiff::civil::Time::midnight())),
        Value::DateTime(at) => Some(*at),
        _ => None,
    }
}

const WEEK: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

fn day(value: &Value) -> Option<usize> {
    let name = word(value)?;
    WEEK.iter().position(|(known, _)| *known == name)
}

fn days(value: &Spanned<Value>) -> Option<Vec<Weekday>> {
    let mut places: Vec<usize> = match &value.value {
        Value::Range(ends) => {
            let (from, to) = (day(&ends.0.value)?, day(&ends.1.value)?);
            if from <= to {
                (from..=to).collect()
            } else {
                (from..7).chain(0..=to).collect()
            }
        }
        Value::List(items) => {
            let mut places = Vec::new();
            for item in items.iter() {
                match &item.value {
                    Value::Range(_) => {
                        places.extend(days(item)?.into_iter().map(|day| day as usize));
                    }
                    single => places.push(day(single)?),
                }
            }
            places
        }
        single => vec![day(single)?],
    };
    places.sort_unstable();
    places.dedup();
    places
        .iter()
        .map(|place| WEEK.get(*place).map(|(_, day)| *day))
        .collect()
}

fn hours(value: &Value) -> Option<HoursRange> {
    let Value::Range(ends) = value else {
        return None;
    };
    match (&ends.0.value, &ends.1.value) {
        (Value::Time(from), Value::Time(to)) => Some(HoursRange {
            from: *from,
            to: *to,
        }),
        _ => None,
    }
}

/// The thing a value names; the thing a pattern moves is a reference to itself.
pub(crate) fn reference(
    kinds: &[Kind],
    value: &Spanned<Value>,
    names: &Names,
) -> Coerced<Reference> {
    match &value.value {
        // Roles may be left undefined: a rule asks for them, since patterns name them too.
        Value::Name(path) if kinds == [Kind::Role] => Ok(Reference {
            kind: Kind::Role,
            name: dotted(path).into(),
            span: path.span,
        }),
        Value::Name(path) => names.resolve(path, kinds).map_err(Box::new),
        Value::Text(text) => {
            let segment = whimbrel_lang::ast::Segment {
                name: text.to_string(),
                quoted: true,
                span: value.span,
            };
            let path = Path {
                segments: vec![segment],
                span: value.span,
            };
            names.resolve(&path, kinds).map_err(Box::new)
        }
        other => Err(mismatch(
            value.span,
            &Type::Reference(kinds_of(kinds)).to_string(),
            other,
        )),
    }
}

/// The static list equal to `kinds`; all lists the schema uses are static.
fn kinds_of(kinds: &[Kind]) -> &'static [Kind] {
    const ALL: &[&[Kind]] = &[
        Kind::SHARED,
        Kind::MOVABLE,
        Kind::LICENSED,
        Kind::DRIVEN,
        &[Kind::Platform],
        &[Kind::Team],
        &[Kind::Calendar],
        &[Kind::Batch],
        &[Kind::Environment],
        &[Kind::Window],
    ];
    ALL.iter()
        .copied()
        .find(|list| *list == kinds)
        .unwrap_or(&[Kind::Service])
}

fn callable(value: &Value) -> Option<Rc<Call>> {
    match value {
        Value::Call(call) => Some(Rc::clone(call)),
        Value::Name(path) => Some(Rc::new(Call {
            callee: path.clone(),
            arguments: Vec::new(),
        })),
        _ => None,
    }
}

const MEASURES: [(&str, Measure, Type); 8] = [
    ("error_rate", Measure::ErrorRate, Type::Ratio),
    ("p50", Measure::P50, Type::Duration),
    ("p95", Measure::P95, Type::Duration),
    ("p99", Measure::P99, Type::Duration),
    ("mismatch", Measure::Mismatch, Type::Ratio),
    ("lag", Measure::Lag, Type::Duration),
    ("backlog", Measure::Backlog, Type::Number),
    ("throughput", Measure::Throughput, Type::Rate),
];

fn condition(value: &Spanned<Value>) -> Coerced<Condition> {
    let Value::Comparison(comparison) = &value.value else {
        return Err(mismatch(
            value.span,
            &Type::Condition.to_string(),
            &value.value,
        ));
    };
    let name = comparison
        .measure
        .as_ref()
        .map(|name| name.value.clone())
        .unwrap_or_default();
    let Some((_, measure, ty)) = MEASURES.iter().find(|(known, ..)| *known == name) else {
        let known = MEASURES.iter().map(|(known, ..)| *known);
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_NAME,
            comparison.left.span,
            format!("there is no measure called `{name}`"),
        );
        return Err(Box::new(match nearest(&name, known.clone()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!(
                "the measures are {}",
                known.collect::<Vec<_>>().join(", ")
            )),
        }));
    };
    let compare = match comparison.operator.value {
        Operator::Less => Comparison::Less,
        Operator::LessOrEqual => Comparison::LessOrEqual,
        Operator::Greater => Comparison::Greater,
        Operator::GreaterOrEqual => Comparison::GreaterOrEqual,
        Operator::Equal => Comparison::Equal,
        _ => {
            return Err(Box::new(
                Diagnostic::error(
                    codes::TYPE_MISMATCH,
                    comparison.operator.span,
                    "a measure is compared with `<`, `<=`, `>`, `>=` or `==`",
                )
                .help("write for example `error_rate > 1%`"),
            ));
        }
    };
    let limit = number(*ty, &comparison.right)?;
    Ok(Condition {
        measure: *measure,
        comparison: compare,
        limit,
    })
}

fn action(value: &Spanned<Value>, names: &Names) -> Coerced<VerbCall> {
    let Some(call) = callable(&value.value) else {
        return Err(mismatch(value.span, &Type::Verb.to_string(), &value.value));
    };
    let name = dotted(&call.callee);
    let Some(verb) = verb(&name) else {
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_NAME,
            call.callee.span,
            format!("there is no verb called `{name}`"),
        );
        return Err(Box::new(
            match nearest(&name, VERBS.iter().map(|verb| verb.name)) {
                Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
                None => diagnostic
                    .help("`whimbrel explain verbs` lists them; use `manual(\"…\")` for a person"),
            },
        ));
    };
    let mut out = VerbCall {
        verb,
        span: value.span,
        on_subject: false,
        arguments: Vec::new(),
    };
    let mut place = 0;
    for (index, argument) in call.arguments.iter().enumerate() {
        if index == 0 && verb.subject && argument.name.is_none() {
            if !matches!(argument.value.value, Value::Record(_)) {
                return Err(mismatch(
                    argument.value.span,
                    "the thing the pattern moves",
                    &argument.value.value,
                ));
            }
            out.on_subject = true;
            continue;
        }
        let parameter = match &argument.name {
            Some(given) => verb
                .parameters
                .iter()
                .find(|known| known.name == given.value),
            None => {
                place += 1;
                verb.parameters.get(place - 1)
            }
        };
        let Some(parameter) = parameter else {
            return Err(wrong_argument(verb, argument.value.span));
        };
        let typed = coerce(parameter.ty, &argument.value, names)?;
        out.arguments
            .push((parameter.name, Spanned::new(typed, argument.value.span)));
    }
    let given = |name: &str| out.arguments.iter().any(|(known, _)| *known == name);
    if let Some(missing) = verb
        .parameters
        .iter()
        .find(|row| row.required && !given(row.name))
    {
        return Err(Box::new(
            Diagnostic::error(
                codes::MISSING_ATTRIBUTE,
                value.span,
                format!("`{name}` needs `{}`", missing.name),
            )
            .help(format!("add `{}: …`, {}", missing.name, missing.ty)),
        ));
    }
    Ok(out)
}

fn wrong_argument(verb: &crate::schema::Verb, span: Span) -> Box<Diagnostic> {
    let names: Vec<String> = verb
        .parameters
        .iter()
        .map(|parameter| format!("`{}`", parameter.name))
        .collect();
    let help = if names.is_empty() {
        format!("`{}` takes no further arguments", verb.name)
    } else {
        format!("`{}` takes {}", verb.name, names.join(", "))
    };
    Box::new(
        Diagnostic::error(
            codes::UNKNOWN_ATTRIBUTE,
            span,
            format!("`{}` has no such argument", verb.name),
        )
        .help(help),
    )
}
