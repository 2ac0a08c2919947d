//! From plain data to what people and programs read. Nothing here decides anything.

pub mod annotations;
pub mod chart;
pub mod code_quality;
pub mod diagnostics;
pub mod error;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod number;
pub mod paired;
pub mod sarif;
pub mod table;
