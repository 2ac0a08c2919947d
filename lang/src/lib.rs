//! The plan language: text to syntax tree and back.
//!
//! Knows the concrete syntax, units and positions, and nothing about what keywords mean: that is
//! the schema's business, in the compiler. Parsing always returns a tree *and* diagnostics.

pub mod ast;
mod diagnostic;
mod quantity;
mod source;

pub use diagnostic::{Code, Diagnostic, Edit, Fix, Label, Level};
pub use quantity::{Currency, Dimension, Quantity, QuantityError};
pub use source::{LineColumn, Source, SourceId, Sources, Span, Spanned};
