//! The simplest heads, read without the grammar: `keyword words` and `keyword words = leaf`.
//!
//! They are most of a large inventory, and the grammar takes many times longer to say the same.
//! What is not plainly of this shape, and whatever is wrong, is left to the grammar; a property
//! test holds that both read the same.

use super::Reader;
use crate::ast::{Body, Expr, ExprKind, Path, Plain, Segment, StringPart, Word};
use crate::{Span, Spanned, literal};

/// A place in a head.
struct Cursor<'h> {
    head: &'h str,
    at: usize,
}

impl<'h> Cursor<'h> {
    fn peek(&self) -> Option<u8> {
        self.head.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'h str {
        self.head.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
    }

    /// `[A-Za-z][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*`
    fn identifier(&mut self) -> Option<(usize, usize)> {
        let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let bytes = self.head.as_bytes();
        if !self.peek()?.is_ascii_alphabetic() {
            return None;
        }
        let start = self.at;
        loop {
            let rest = bytes.get(self.at..)?;
            self.at += rest.iter().take_while(|byte| word(byte)).count();
            if self.peek() != Some(b'-') || !bytes.get(self.at + 1).is_some_and(word) {
                return Some((start, self.at));
            }
            self.at += 1;
        }
    }
}

impl Reader<'_> {
    /// A head that is plainly words and perhaps one literal, name or string behind `=`.
    pub(super) fn simple(&self, head: &str, has_block: bool) -> Option<Plain> {
        let mut cursor = Cursor { head, at: 0 };
        let (start, end) = cursor.identifier()?;
        let keyword = self.text_at(head, start, end)?;
        let mut words = Vec::new();
        loop {
            let before = cursor.at;
            cursor.skip_blanks();
            let blank = cursor.at > before;
            match cursor.peek() {
                None => {
                    let body = Body::None;
                    return Some(Plain {
                        keyword,
                        words,
                        body,
                    });
                }
                Some(b'=') if !has_block => break,
                Some(b'-') if cursor.rest().starts_with("->") => {
                    words.push(Word::Arrow(self.at(cursor.at, cursor.at + 2)));
                    cursor.at += 2;
                }
                Some(_) if blank => words.push(Word::Path(self.simple_path(&mut cursor)?)),
                Some(_) => return None,
            }
        }
        cursor.at += 1;
        cursor.skip_blanks();
        let value = self.leaf(&mut cursor)?;
        let because = None;
        Some(Plain {
            keyword,
            words,
            body: Body::Value { value, because },
        })
    }

    fn simple_path(&self, cursor: &mut Cursor<'_>) -> Option<Path> {
        let first = cursor.at;
        let mut segments = Vec::with_capacity(1);
        loop {
            let (start, end) = cursor.identifier()?;
            segments.push(Segment {
                name: cursor.head.get(start..end)?.to_owned(),
                quoted: false,
                span: self.at(start, end),
            });
            if cursor.peek() != Some(b'.') {
                break;
            }
            cursor.at += 1;
        }
        let reserved = |segment: &Segment| segment.name == "remaining";
        if segments.len() == 1 && segments.iter().any(reserved) {
            return None;
        }
        let span = self.at(first, cursor.at);
        Some(Path { segments, span })
    }

    fn leaf(&self, cursor: &mut Cursor<'_>) -> Option<Expr> {
        let start = cursor.at;
        let rest = cursor.rest();
        let kind = match cursor.peek()? {
            b'0'..=b'9' | b'$' => Self::simple_literal(rest)?,
            b'"' => simple_text(rest)?,
            _ => {
                let path = self.simple_path(cursor)?;
                if cursor.at < cursor.head.len() {
                    return None;
                }
                match rest {
                    "true" => ExprKind::Boolean(true),
                    "false" => ExprKind::Boolean(false),
                    _ => ExprKind::Path(path),
                }
            }
        };
        Some(Expr {
            kind,
            span: self.at(start, cursor.head.len()),
        })
    }

    fn simple_literal(rest: &str) -> Option<ExprKind> {
        let sign =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'%' | b'.' | b'/');
        let dated = |byte: u8| sign(byte) || matches!(byte, b'-' | b':');
        let (first, others) = rest.split_at_checked(1)?;
        let plain = first == "$" && others.starts_with(|next: char| next.is_ascii_digit());
        let plain = plain || first != "$";
        (plain && others.bytes().all(dated))
            .then(|| literal::read(rest).ok())
            .flatten()
    }

    fn at(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, self.base + start, self.base + end)
    }

    fn text_at(&self, head: &str, start: usize, end: usize) -> Option<Spanned<String>> {
        let text = head.get(start..end)?.to_owned();
        Some(Spanned::new(text, self.at(start, end)))
    }
}

/// A string on one line without escapes and interpolation.
fn simple_text(rest: &str) -> Option<ExprKind> {
    let text = rest.strip_prefix('"')?.strip_suffix('"')?;
    if text.contains(['"', '\\', '$', '\n']) {
        return None;
    }
    let part = (!text.is_empty()).then(|| StringPart::Text(text.to_owned()));
    Some(ExprKind::Text(part.into_iter().collect()))
}
