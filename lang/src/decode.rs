//! Bytes to text.

use thiserror::Error;

use crate::{Diagnostic, SourceId, Sources, Span, codes};

/// Bytes that are not UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line} is not valid UTF-8, from byte {} of the file on{}", offset + 1, likely(*.utf16))]
pub struct NotUtf8 {
    /// How many bytes before it are valid.
    pub offset: usize,
    /// Its line, from 1.
    pub line: usize,
    /// Whether the file begins as texts in UTF-16 do.
    pub utf16: bool,
}

fn likely(utf16: bool) -> &'static str {
    if utf16 { "; it looks like UTF-16" } else { "" }
}

impl NotUtf8 {
    /// As a finding on a source, which may be empty: there is no text to point into.
    #[must_use]
    pub fn diagnostic(&self, source: SourceId) -> Diagnostic {
        Diagnostic::error(
            codes::NOT_UTF8,
            Span::new(source, 0, 0),
            format!("the file is not text: {self}"),
        )
        .help("save it as UTF-8")
    }
}

/// The text of a file, without a byte order mark.
///
/// # Errors
/// The first byte that is not UTF-8.
pub fn decode(bytes: &[u8]) -> Result<String, NotUtf8> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').unwrap_or(text).to_owned()),
        Err(error) => {
            let offset = error.valid_up_to();
            let before = bytes.get(..offset).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            let utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
            Err(NotUtf8 {
                offset,
                line,
                utf16,
            })
        }
    }
}

/// Adds the bytes of a file to `sources`: its text or, with an error, an empty one.
pub fn add_bytes(
    sources: &mut Sources,
    path: impl Into<String>,
    bytes: &[u8],
) -> (SourceId, Option<Diagnostic>) {
    match decode(bytes) {
        Ok(text) => (sources.add(path, text), None),
        Err(error) => {
            let id = sources.add(path, "");
            let diagnostic = error.diagnostic(id);
            (id, Some(diagnostic))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn a_byte_order_mark_goes_and_bad_bytes_are_placed() {
        assert_eq!(decode(b"\xef\xbb\xbfteam a").as_deref(), Ok("team a"));
        assert_eq!(decode(b"").as_deref(), Ok(""));
        let error = decode(b"ab\ncd\xff").unwrap_err();
        assert_eq!((error.offset, error.line), (5, 2));
        let first = decode(b"\xff").unwrap_err();
        assert_eq!(
            first.to_string(),
            "line 1 is not valid UTF-8, from byte 1 of the file on"
        );
    }
}
