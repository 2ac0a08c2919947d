//! Names, types and units: from statements to typed [`object::Object`]s.

pub(crate) mod advice;
pub(crate) mod attributes;
pub(crate) mod coerce;
pub(crate) mod eval;
pub(crate) mod law;
pub(crate) mod law_call;
pub(crate) mod limits;
mod loops;
pub(crate) mod names;
pub(crate) mod object;
pub(crate) mod overlay;
mod parts;
pub(crate) mod pattern_head;
mod spelling;
pub(crate) mod truth;
pub(crate) mod typed;
pub(crate) mod value;
mod written;
