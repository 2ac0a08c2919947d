//! What several test files share.

pub mod binary;
pub mod traffic;
