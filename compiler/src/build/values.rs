//! Reads typed attributes of objects.

use std::rc::Rc;

use jiff::civil::{Date, DateTime};

use whimbrel_plan::Amount;

use crate::check::law::Law;
use crate::check::names::Reference;
use crate::check::object::Object;
use crate::check::typed::{Typed, VerbCall};

/// Seconds in a day.
pub(crate) const DAY: f64 = 86_400.0;

impl Object {
    /// A number in base units.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            Some(Typed::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// A whole number.
    pub fn whole(&self, name: &str) -> Option<u32> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole and bounded by the schema"
        )]
        self.number(name).map(|number| number as u32)
    }

    /// A string.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.get(name) {
            Some(Typed::Text(text)) => Some(text.to_string()),
            _ => None,
        }
    }

    /// Strings.
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.get(name) {
            Some(Typed::Texts(texts)) => texts.clone(),
            _ => Vec::new(),
        }
    }

    /// A word of a choice.
    pub fn choice(&self, name: &str) -> Option<&'static str> {
        match self.get(name) {
            Some(Typed::Choice(word)) => Some(word),
            _ => None,
        }
    }

    /// A boolean.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name) {
            Some(Typed::Boolean(value)) => Some(*value),
            _ => None,
        }
    }

    /// A quantity that may be uncertain.
    pub fn law(&self, name: &str) -> Option<&Rc<Law>> {
        match self.get(name) {
            Some(Typed::Law(law)) => Some(law),
            _ => None,
        }
    }

    /// A number in base units that may be uncertain.
    pub fn amount(&self, name: &str) -> Option<Amount> {
        match self.law(name)?.as_ref() {
            Law::Certain(quantity) => Some(quantity.amount.into()),
            // No working day is in what is not work, so its length does not matter.
            law => law.resolve(24.0).ok().map(Amount::from),
        }
    }

    /// A verb.
    pub fn action(&self, name: &str) -> Option<&Rc<VerbCall>> {
        match self.get(name) {
            Some(Typed::Action(action)) => Some(action),
            _ => None,
        }
    }

    /// A date.
    pub fn date(&self, name: &str) -> Option<Date> {
        match self.get(name) {
            Some(Typed::Date(date)) => Some(*date),
            _ => None,
        }
    }

    /// A date with a time.
    pub fn moment(&self, name: &str) -> Option<DateTime> {
        match self.get(name) {
            Some(Typed::Moment(at)) => Some(*at),
            _ => None,
        }
    }

    /// A reference.
    pub fn reference(&self, name: &str) -> Option<&Reference> {
        match self.get(name) {
            Some(Typed::Reference(reference)) => Some(reference),
            _ => None,
        }
    }

    /// References.
    pub fn references(&self, name: &str) -> &[Reference] {
        match self.get(name) {
            Some(Typed::References(references)) => references,
            _ => &[],
        }
    }

    /// People by team.
    pub fn people(&self, name: &str) -> Option<&[(u32, Reference)]> {
        match self.get(name) {
            Some(Typed::People(people)) => Some(people),
            _ => None,
        }
    }
}
