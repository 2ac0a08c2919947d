//! The plan language: text to syntax tree and back.
//!
//! Knows the concrete syntax, units and positions, and nothing about what keywords mean: that is
//! the schema's business, in the compiler. Parsing always returns a tree *and* diagnostics.

pub mod ast;
pub mod codes;
mod decode;
mod diagnostic;
mod edits;
mod format;
mod grammar;
mod literal;
mod name;
mod nearest;
mod parse;
mod quantity;
mod scanner;
mod source;
mod strip;
mod units;

pub use decode::{NotUtf8, add_bytes, decode};
pub use diagnostic::{Code, Diagnostic, Edit, Fix, Label, Level, shown};
pub use edits::{Applied, apply};
pub use format::format;
pub use name::written;
pub use nearest::{Meant, is_one_slip_away, meant, nearest};
pub use parse::{FILE_SIZE_LIMIT, Parsed, parse};
pub use quantity::{Currency, Dimension, Quantity, QuantityError};
pub use scanner::{NESTING_LIMIT, TOP_LEVEL_KEYWORDS};
pub use source::{LineColumn, Source, SourceId, Sources, Span, Spanned};
pub use strip::strip_spans;
pub use units::{SCALES, UNITS, Unit};

#[cfg(test)]
mod tests;
