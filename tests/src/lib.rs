//! What several test files share.

pub mod binary;
pub mod real;
pub mod traffic;
