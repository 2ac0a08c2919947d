//! What attributes hold once their type has been checked.

use std::rc::Rc;

use jiff::civil::{Date, DateTime};
use whimbrel_lang::Spanned;
use whimbrel_plan::{Condition, HoursRange, Weekday};

use super::law::Law;
use super::names::Reference;
use super::value::Call;
use crate::schema::Verb;

/// A checked value.
#[derive(Clone, Debug)]
pub(crate) enum Typed {
    Text(Rc<str>),
    Texts(Vec<String>),
    Choice(&'static str),
    Choices(Vec<&'static str>),
    Boolean(bool),
    /// Any plain quantity in base units.
    Number(f64),
    Law(Rc<Law>),
    Date(Date),
    Dates(Vec<Date>),
    Moment(DateTime),
    Days(Vec<Weekday>),
    Hours(HoursRange),
    Reference(Reference),
    References(Vec<Reference>),
    /// `stay`.
    Stay,
    /// `remaining`.
    Remaining,
    Edge(Rc<(Reference, Reference)>),
    /// A pattern or an executor with its arguments.
    Call(Rc<Call>),
    Action(Rc<VerbCall>),
    People(Vec<(u32, Reference)>),
    Conditions(Vec<Condition>),
    /// Anything: whoever reads it applies a type of its own to the value.
    Any,
}

/// A verb with checked arguments.
#[derive(Clone, Debug)]
pub(crate) struct VerbCall {
    pub verb: &'static Verb,
    /// Whether the first argument named the thing the pattern moves.
    pub on_subject: bool,
    pub arguments: Vec<(&'static str, Spanned<Typed>)>,
}
