//! From plain data to what people and programs read. Nothing here decides anything.

pub mod chart;
pub mod diagnostics;
pub mod error;
pub mod json;
pub mod markdown;
pub mod number;
pub mod table;
