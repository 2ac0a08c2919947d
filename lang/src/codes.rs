//! The codes of what can be wrong with a text before anybody asks what it means.

use crate::Code;

/// A word, sign or value stands where it cannot.
pub const UNEXPECTED_TOKEN: Code = code("MG0001", "unexpected-token");
/// A brace, bracket or parenthesis is never closed.
pub const UNCLOSED_BLOCK: Code = code("MG0002", "unclosed-block");
/// A number, date, time or string that cannot be read.
pub const BAD_LITERAL: Code = code("MG0003", "bad-literal");
/// Nesting beyond [`crate::NESTING_LIMIT`].
pub const TOO_DEEP: Code = code("MG0004", "too-deep");
/// A file beyond [`crate::FILE_SIZE_LIMIT`].
pub const TOO_LARGE: Code = code("MG0005", "too-large");
/// Bytes that are not UTF-8.
pub const NOT_UTF8: Code = code("MG0006", "not-utf8");

/// All codes of this crate, in order.
pub const ALL: [Code; 6] = [
    UNEXPECTED_TOKEN,
    UNCLOSED_BLOCK,
    BAD_LITERAL,
    TOO_DEEP,
    TOO_LARGE,
    NOT_UTF8,
];

const fn code(number: &'static str, name: &'static str) -> Code {
    Code { number, name }
}
