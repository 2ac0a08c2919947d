//! What several test files share.

pub mod binary;
pub mod checked;
pub mod real;
pub mod traffic;
