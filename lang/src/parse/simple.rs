//! The simplest heads, read without the grammar: `keyword words` and `keyword words = value`, the
//! value a literal, a name, a string, or a list or call of such on one line.
//!
//! They are most of a large inventory, and the grammar takes many times longer to say the same.
//! What is not plainly of this shape, and whatever is wrong, is left to the grammar; a property
//! test holds that both read the same.

use super::Reader;
use crate::ast::{
    Body, CallArgument, Expr, ExprKind, Name, Path, Plain, Segment, StringPart, Word,
};
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
                Some(_) if blank => {
                    let path = self.simple_path(&mut cursor)?;
                    // Most heads have one word or none.
                    words.reserve_exact(usize::from(words.is_empty()));
                    words.push(Word::Path(path));
                }
                Some(_) => return None,
            }
        }
        cursor.at += 1;
        cursor.skip_blanks();
        let value = self.value(&mut cursor)?;
        if cursor.at < head.len() {
            return None;
        }
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
                name: cursor.head.get(start..end)?.into(),
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

    /// A value that ends where `cursor` then stands; what may follow it is for the caller to know.
    fn value(&self, cursor: &mut Cursor<'_>) -> Option<Expr> {
        let start = cursor.at;
        let kind = match cursor.peek()? {
            b'0'..=b'9' | b'$' => simple_literal(cursor)?,
            b'"' => simple_text(cursor)?,
            b'[' => {
                let mut values = Vec::new();
                self.elements(cursor, b']', |cursor| {
                    values.push(self.value(cursor)?);
                    Some(())
                })?;
                ExprKind::List(values)
            }
            _ => self.named_or_called(cursor)?,
        };
        Some(Expr {
            kind,
            span: self.at(start, cursor.at),
        })
    }

    fn named_or_called(&self, cursor: &mut Cursor<'_>) -> Option<ExprKind> {
        let start = cursor.at;
        let path = self.simple_path(cursor)?;
        if cursor.peek() != Some(b'(') {
            return Some(match cursor.head.get(start..cursor.at)? {
                "true" => ExprKind::Boolean(true),
                "false" => ExprKind::Boolean(false),
                _ => ExprKind::Path(path),
            });
        }
        let mut arguments = Vec::new();
        self.elements(cursor, b')', |cursor| {
            arguments.push(CallArgument {
                name: self.argument_name(cursor),
                value: self.value(cursor)?,
            });
            Some(())
        })?;
        Some(ExprKind::Call {
            callee: Box::new(path),
            arguments,
        })
    }

    /// `name:`; without it the cursor stays where it is.
    fn argument_name(&self, cursor: &mut Cursor<'_>) -> Option<Spanned<Name>> {
        let before = cursor.at;
        let name = cursor.identifier();
        cursor.skip_blanks();
        match (name, cursor.peek()) {
            (Some((start, end)), Some(b':')) => {
                cursor.at += 1;
                cursor.skip_blanks();
                self.text_at(cursor.head, start, end)
            }
            _ => {
                cursor.at = before;
                None
            }
        }
    }

    /// Elements between the bracket that the cursor stands on and `close`, with commas between
    /// them and perhaps one behind the last.
    fn elements<'h>(
        &self,
        cursor: &mut Cursor<'h>,
        close: u8,
        mut element: impl FnMut(&mut Cursor<'h>) -> Option<()>,
    ) -> Option<()> {
        cursor.at += 1;
        loop {
            cursor.skip_blanks();
            if cursor.peek() == Some(close) {
                break;
            }
            element(cursor)?;
            cursor.skip_blanks();
            match cursor.peek()? {
                b',' => cursor.at += 1,
                byte if byte == close => break,
                _ => return None,
            }
        }
        cursor.at += 1;
        Some(())
    }

    fn at(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, self.base + start, self.base + end)
    }

    fn text_at(&self, head: &str, start: usize, end: usize) -> Option<Spanned<Name>> {
        let text = head.get(start..end)?;
        Some(Spanned::new(text.into(), self.at(start, end)))
    }
}

/// A number with its unit, a date or a time.
fn simple_literal(cursor: &mut Cursor<'_>) -> Option<ExprKind> {
    let sign = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'%' | b'.' | b'/' | b'-' | b':')
    };
    let rest = cursor.rest();
    let money = usize::from(rest.starts_with('$'));
    let length = rest
        .bytes()
        .skip(money)
        .take_while(|byte| sign(*byte))
        .count();
    let text = rest.get(..money + length)?;
    let number = text.as_bytes().get(money).is_some_and(u8::is_ascii_digit);
    cursor.at += text.len();
    number.then(|| literal::read(text).ok()).flatten()
}

/// A string on one line without escapes and interpolation.
fn simple_text(cursor: &mut Cursor<'_>) -> Option<ExprKind> {
    let (text, behind) = cursor.rest().get(1..)?.split_once('"')?;
    if text.contains(['\\', '$', '\n']) || behind.starts_with(['"', '.']) {
        return None;
    }
    cursor.at += text.len() + 2;
    let part = (!text.is_empty()).then(|| StringPart::Text(text.to_owned()));
    Some(ExprKind::Text(part.into_iter().collect()))
}
