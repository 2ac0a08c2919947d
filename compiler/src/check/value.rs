//! What expressions evaluate to, before an attribute's type says what they mean.

use std::cell::Cell;
use std::rc::Rc;

use jiff::civil::{Date, DateTime};
use rustc_hash::FxHashMap;
use whimbrel_lang::ast::{Name, Operator, Path};
use whimbrel_lang::{Quantity, Spanned};

use super::law::Law;

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Quantity(Quantity),
    Law(Rc<Law>),
    Boolean(bool),
    Text(Rc<str>),
    Date(Date),
    DateTime(DateTime),
    /// Minutes after midnight.
    Time(u16),
    /// A name nothing in scope stands for: the attribute's type says what it refers to.
    Name(Path),
    /// One of these words: an attribute that takes a choice.
    Choice(&'static [&'static str], &'static str),
    List(Rc<Vec<Spanned<Value>>>),
    /// `[v: p, …]`, the argument of `discrete`.
    Weighted(Rc<Vec<(Spanned<Value>, Spanned<Value>)>>),
    Range(Rc<(Spanned<Value>, Spanned<Value>)>),
    Arrow(Rc<(Path, Path)>),
    Of(u32, Box<Path>),
    Call(Rc<Call>),
    /// A comparison of a measure with a limit.
    Comparison(Rc<Comparison>),
    /// The thing a pattern moves, or the migration.
    Record(Rc<Record>),
    /// A diagnostic has been given.
    Error,
}

/// A call that is not a distribution: a verb, a pattern or an executor.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub callee: Path,
    pub arguments: Vec<Argument>,
}

/// An argument of a call.
#[derive(Clone, Debug)]
pub(crate) struct Argument {
    pub name: Option<Spanned<Name>>,
    pub value: Spanned<Value>,
}

/// `error_rate > 1%`: what is measured, or a value in scope; who reads it decides.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    /// The bare name on the left, which conditions take for a measure.
    pub measure: Option<Spanned<Name>>,
    pub left: Spanned<Value>,
    pub operator: Spanned<Operator>,
    pub right: Spanned<Value>,
}

/// Named fields of the thing a pattern moves, or of the migration.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// `service`, `migration`.
    pub keyword: &'static str,
    name: String,
    fields: FxHashMap<String, Value>,
    consulted: Cell<bool>,
}

impl Record {
    /// The record of a thing.
    pub fn new(keyword: &'static str, name: String, fields: FxHashMap<String, Value>) -> Self {
        Self {
            keyword,
            name,
            fields,
            consulted: Cell::new(false),
        }
    }

    /// The thing's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A field.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.consulted.set(true);
        self.fields.get(name)
    }

    /// The names of its fields, sorted.
    pub fn names(&self) -> Vec<&str> {
        self.consulted.set(true);
        let mut names: Vec<&str> = self.fields.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Whether more than its name was asked for.
    pub fn was_consulted(&self) -> bool {
        self.consulted.get()
    }
}

impl Value {
    /// What it is, for messages: «found a duration».
    pub fn describe(&self) -> String {
        match self {
            Self::Quantity(quantity) if quantity.ratio => "a ratio".to_owned(),
            Self::Quantity(quantity) => quantity.dimension.name().to_owned(),
            Self::Law(law) => format!("a distribution of {}", law.describe()),
            Self::Boolean(_) => "a boolean".to_owned(),
            Self::Text(_) => "a string".to_owned(),
            Self::Date(_) => "a date".to_owned(),
            Self::DateTime(_) => "a date with a time".to_owned(),
            Self::Time(_) => "a time of day".to_owned(),
            Self::Name(path) => format!("the name `{}`", dotted(path)),
            Self::Choice(_, word) => format!("the word `{word}`"),
            Self::List(_) => "a list".to_owned(),
            Self::Weighted(_) => "a list of chances".to_owned(),
            Self::Range(_) => "a range".to_owned(),
            Self::Arrow(..) => "an edge".to_owned(),
            Self::Of(..) => "a number of people".to_owned(),
            Self::Call(call) => format!("a call of `{}`", dotted(&call.callee)),
            Self::Comparison(_) => "a comparison".to_owned(),
            Self::Record(record) => format!("the {} `{}`", record.keyword, record.name()),
            Self::Error => "an error".to_owned(),
        }
    }
}

/// A path as it is written, quotes left out.
pub(crate) fn dotted(path: &Path) -> String {
    if let [only] = path.segments.as_slice() {
        return only.name.to_string();
    }
    let names = path.segments.iter().map(|segment| segment.name.as_str());
    names.collect::<Vec<&str>>().join(".")
}
