//! Gives a value the type its attribute asks for.

mod civil;
mod condition;
mod number;
mod verb;

use std::collections::HashSet;
use std::rc::Rc;

use whimbrel_lang::ast::Path;
use whimbrel_lang::{Diagnostic, Span, Spanned, meant, shown};

use super::advice::{self, name, unfit};
use super::eval::mismatch;
use super::names::{Names, Reference};
use super::typed::Typed;
use super::value::{Call, Value, dotted};
use crate::codes;
use crate::schema::{Attribute, Kind, ROLES, Type};
use civil::{dates, days, hours, moment, unknown_day, zone};
use condition::condition;
use number::{law, number, within};
use verb::action;

type Coerced<T> = Result<T, Box<Diagnostic>>;

/// The typed value of an attribute.
pub(crate) fn attribute(row: &Attribute, value: &Spanned<Value>, names: &Names) -> Coerced<Typed> {
    if let (Some(what), Value::Law(_)) = (row.certain, &value.value) {
        return Err(must_be_certain(row, what, value.span));
    }
    let typed = coerce(row.ty, value, names)?;
    if let Some((low, high)) = row.bounds {
        within(row, &typed, low, high, value)?;
    }
    Ok(typed)
}

fn must_be_certain(row: &Attribute, what: &str, span: Span) -> Box<Diagnostic> {
    let message = format!("{what} is certain, so `{}` takes no distribution", row.name);
    Box::new(
        Diagnostic::error(codes::TYPE_MISMATCH, span, message)
            .here("this is uncertain")
            .help(format!("write {}", row.ty)),
    )
}

/// The value of type `ty`.
pub(crate) fn coerce(ty: Type, value: &Spanned<Value>, names: &Names) -> Coerced<Typed> {
    let wrong = || unfit(ty, &value.value, value.span);
    Ok(match ty {
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
        ty if ty.takes_distribution() => Typed::Law(law(ty, value)?),
        Type::Reference(_)
        | Type::References(_)
        | Type::Destination
        | Type::Members
        | Type::Over
        | Type::People => named(ty, value, names)?,
        Type::Pattern | Type::Executor => Typed::Call(callable(&value.value).ok_or_else(wrong)?),
        Type::Verb => Typed::Action(Rc::new(action(value, names)?)),
        Type::Condition => Typed::Conditions(vec![condition(value, names)?]),
        Type::Conditions => Typed::Conditions(each(value, |item| condition(item, names))?),
        Type::Any => Typed::Any,
        _ => plain(ty, value)?,
    })
}

/// Words, strings and civil times: what needs neither units nor names.
fn plain(ty: Type, value: &Spanned<Value>) -> Coerced<Typed> {
    let wrong = || unfit(ty, &value.value, value.span);
    Ok(match (ty, &value.value) {
        (Type::Text, other) => Typed::Text(text(other).ok_or_else(wrong)?),
        (Type::Zone, _) => Typed::Text(zone(value).ok_or_else(wrong)??),
        (Type::Address, _) => Typed::Text(address(value)?),
        (Type::Texts, _) => Typed::Texts(each(value, |item| {
            text(&item.value)
                .map(|text| text.to_string())
                .ok_or_else(wrong)
        })?),
        (Type::Word | Type::StepName, other) => Typed::Text(word(other).ok_or_else(wrong)?.into()),
        (Type::WordList, _) => {
            Typed::Texts(each(value, |item| word(&item.value).ok_or_else(wrong))?)
        }
        (Type::Choice(words), _) => Typed::Choice(choice(words, value)?),
        (Type::Choices(words), _) => Typed::Choices(each(value, |item| choice(words, item))?),
        (Type::Boolean, Value::Boolean(value)) => Typed::Boolean(*value),
        (Type::Date, Value::Date(date)) => Typed::Date(*date),
        (Type::Dates, _) => Typed::Dates(dates(value).ok_or_else(wrong)?),
        (Type::Moment, other) => Typed::Moment(moment(other).ok_or_else(wrong)?),
        (Type::Days, _) => {
            Typed::Days(days(value).ok_or_else(|| unknown_day(value).unwrap_or_else(wrong))?)
        }
        (Type::Hours, other) => Typed::Hours(hours(other).ok_or_else(wrong)?),
        _ => return Err(wrong()),
    })
}

/// What refers to something by its name.
fn named(ty: Type, value: &Spanned<Value>, names: &Names) -> Coerced<Typed> {
    let bare = |word: &str| matches!(&value.value, Value::Name(path) if dotted(path) == word);
    Ok(match (ty, &value.value) {
        (Type::Reference(kinds), _) => Typed::Reference(reference(kinds, value, names)?),
        (Type::References(kinds), _) => Typed::References(references(kinds, value, names)?),
        (Type::Destination, _) if bare("stay") => Typed::Stay,
        (Type::Destination, _) => Typed::Reference(reference(&[Kind::Platform], value, names)?),
        (Type::Members, _) if bare("remaining") => Typed::Remaining,
        (Type::Members, _) => Typed::References(references(Kind::MOVABLE, value, names)?),
        (Type::Over, Value::Arrow(ends)) => Typed::Edge(Rc::new((
            names.resolve(&ends.0, &[Kind::Service])?,
            names.resolve(&ends.1, &[Kind::Service])?,
        ))),
        (Type::Over, _) => Typed::Reference(reference(Kind::SHARED, value, names)?),
        _ => Typed::People(each(value, |item| match &item.value {
            Value::Of(count, team) => Ok((*count, names.resolve(team, &[Kind::Team])?)),
            other => Err(mismatch(item.span, &ty.to_string(), other)),
        })?),
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

/// The things a list names, a group standing for its members. What a scenario takes out is out of
/// every list.
fn references(kinds: &[Kind], value: &Spanned<Value>, names: &Names) -> Coerced<Vec<Reference>> {
    let mut out: Vec<Reference> = Vec::new();
    let mut grouped = false;
    for listed in each(value, |item| one_or_group(kinds, item, names))? {
        grouped |= listed.len() != 1;
        out.extend(listed);
    }
    if grouped {
        let mut seen = HashSet::new();
        out.retain(|reference| seen.insert((reference.kind, Rc::clone(&reference.name))));
    }
    Ok(out)
}

fn one_or_group(kinds: &[Kind], item: &Spanned<Value>, names: &Names) -> Coerced<Vec<Reference>> {
    let Value::Name(path) = &item.value else {
        return Ok(vec![reference(kinds, item, names)?]);
    };
    if names.is_taken_out(path, kinds) {
        return Ok(Vec::new());
    }
    let Some(members) = names.group(path, kinds)? else {
        return Ok(vec![reference(kinds, item, names)?]);
    };
    let mut out = Vec::with_capacity(members.len());
    for member in members.iter() {
        match &member.value {
            Value::Name(path) if names.is_taken_out(path, kinds) => continue,
            _ => {}
        }
        let found = reference(kinds, member, names).map_err(|found| in_group(found, item.span))?;
        out.push(Reference {
            span: item.span,
            ..found
        });
    }
    Ok(out)
}

/// What is wrong with a member is told where the group is used; it may be right elsewhere.
fn in_group(mut found: Box<Diagnostic>, used: Span) -> Box<Diagnostic> {
    let member = std::mem::replace(&mut found.primary.span, used);
    found.primary.message = "this group has a member that does not fit here".to_owned();
    found.label(member, "the member").into()
}

fn text(value: &Value) -> Option<Rc<str>> {
    match value {
        Value::Text(text) => Some(Rc::clone(text)),
        _ => None,
    }
}

/// A host and a port.
fn address(value: &Spanned<Value>) -> Coerced<Rc<str>> {
    let Some(text) = text(&value.value) else {
        return Err(mismatch(
            value.span,
            &Type::Address.to_string(),
            &value.value,
        ));
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    let fits = text.rsplit_once(':').is_some_and(|(host, port)| {
        let port = port.parse::<u16>().is_ok_and(|port| port > 0);
        port && !host.is_empty() && host.chars().all(plain)
    });
    if fits {
        return Ok(text);
    }
    Err(Box::new(
        Diagnostic::error(
            codes::OUT_OF_RANGE,
            value.span,
            format!("`{text}` is no address"),
        )
        .help("write a host and a port from 1 to 65535, such as `\"10.1.4.20:8080\"`"),
    ))
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::Name(path) => Some(dotted(path)),
        Value::Choice(_, word) => Some((*word).to_owned()),
        Value::Text(text) => Some(text.to_string()),
        _ => None,
    }
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
            diagnostic
                .meant(found.trim_matches('`'), words.iter().copied())
                .or_help(|| format!("write one of {list}")),
        )
    };
    let Some(found) = word(&value.value) else {
        return Err(wrong(&value.value.describe()));
    };
    words
        .iter()
        .copied()
        .find(|word| *word == found)
        .ok_or_else(|| {
            let mut diagnostic = wrong(&format!("`{}`", shown(&found)));
            diagnostic.help = name(&found).or(diagnostic.help);
            diagnostic
        })
}

/// The thing a value names; the thing a pattern moves is a reference to itself.
pub(crate) fn reference(
    kinds: &[Kind],
    value: &Spanned<Value>,
    names: &Names,
) -> Coerced<Reference> {
    match &value.value {
        Value::Name(path) if kinds == [Kind::Role] => role(path, names),
        // Batches may be the compiler's: they are looked up once they are made.
        Value::Name(path) if kinds == [Kind::Batch] && names.of(Kind::Batch).is_empty() => {
            Ok(Reference {
                kind: Kind::Batch,
                name: dotted(path).into(),
                span: path.span,
            })
        }
        Value::Name(path) => names.resolve(path, kinds),
        Value::Text(text) => {
            let segment = whimbrel_lang::ast::Segment {
                name: (&**text).into(),
                quoted: true,
                span: value.span,
            };
            let path = Path {
                segments: vec![segment],
                span: value.span,
            };
            names.resolve(&path, kinds)
        }
        other => {
            let wanted = Type::Reference(kinds_of(kinds)).to_string();
            let help = match other {
                Value::Arrow(ends) if kinds.contains(&Kind::Link) => {
                    advice::link(&dotted(&ends.0), &dotted(&ends.1))
                }
                _ => format!("name a {} here", advice::kinds_of(kinds)),
            };
            Err(Box::new(mismatch(value.span, &wanted, other).help(help)))
        }
    }
}

/// A role may be left undefined, since patterns name them too: a rule then asks for it. What is
/// nearly the name of one is a slip.
fn role(path: &Path, names: &Names) -> Coerced<Reference> {
    let name = dotted(path);
    let is_known = names.span(Kind::Role, &name).is_some() || ROLES.contains(&name.as_str());
    let candidates = || names.others(Kind::Role, &name).chain(ROLES);
    if !is_known && let Some(near) = meant(&name, candidates()) {
        return Err(Box::new(
            Diagnostic::error(
                codes::UNKNOWN_NAME,
                path.span,
                format!("there is no role called `{name}`"),
            )
            .here("not defined")
            .asks(&name, near),
        ));
    }
    Ok(Reference {
        kind: Kind::Role,
        name: name.into(),
        span: path.span,
    })
}

/// The static list equal to `kinds`; all lists the schema uses are static.
fn kinds_of(kinds: &[Kind]) -> &'static [Kind] {
    const ALL: &[&[Kind]] = &[
        Kind::SHARED,
        Kind::MOVABLE,
        Kind::LICENSED,
        Kind::DRIVEN,
        Kind::GROUPED,
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
