//! Signs of other languages and keyboards: what they were meant to be, and where to go on.
//!
//! Each is one error, and what follows from it is passed over: a comment in the style of C, a
//! heredoc, the marks of a merge conflict, typographic quotes, letters that look like others.

use super::Scanner;
use crate::{Diagnostic, Edit, Span, codes};

/// How a merge tool marks the lines of a conflict.
const MARK: usize = 7;

impl Scanner<'_> {
    /// At `/`: whether a comment in the style of other languages begins here, which is passed.
    pub(super) fn foreign_comment(&mut self) -> bool {
        if self.inside_interpolation() {
            return false;
        }
        let sign = match self.peek(1) {
            Some(b'/') => "//",
            Some(b'*') => "/*",
            _ => return false,
        };
        let span = Span::new(self.source, self.at, self.at + 2);
        let mut diagnostic = Diagnostic::error(
            codes::UNEXPECTED_TOKEN,
            span,
            format!("`{sign}` does not begin a comment"),
        )
        .help("a comment begins with `#` and ends with its line");
        let rest = self.text.get(self.at..).unwrap_or_default();
        let line = rest.find('\n').unwrap_or(rest.len());
        let length = if sign == "//" {
            let text = "#".to_owned();
            diagnostic = diagnostic.fix("begin the comment with `#`", vec![Edit { span, text }]);
            line
        } else {
            let end = rest.get(2..).and_then(|rest| rest.find("*/"));
            end.map_or(line, |end| end + 4)
        };
        self.report(diagnostic);
        self.pass(length);
        true
    }

    /// At `<`: whether a heredoc begins here, which is passed with its text.
    pub(super) fn heredoc(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (line, below) = rest.split_once('\n').unwrap_or((rest, ""));
        let Some(tag) = line.trim_end().strip_prefix("<<") else {
            return false;
        };
        let tag = tag.trim_start_matches(['-', '~']).trim_matches('"');
        let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        if tag.is_empty() || !tag.chars().all(word) {
            return false;
        }
        let shown = line.trim_end().len();
        let span = Span::new(self.source, self.at, self.at + shown);
        self.report(
            Diagnostic::error(
                codes::UNEXPECTED_TOKEN,
                span,
                format!("`<<{tag}` does not begin a text"),
            )
            .help("text of several lines stands between `\"\"\"`"),
        );
        self.extend_head();
        self.damage_head();
        let mut length = line.len();
        for text in below.split('\n') {
            length += 1 + text.len();
            if text.trim() == tag {
                self.reach_head(self.at + shown);
                self.pass(length);
                return true;
            }
        }
        self.reach_head(self.at + shown);
        self.pass(line.len());
        true
    }

    /// At the start of a line: whether it is the mark of a merge conflict, which is passed with
    /// the side of the conflict that comes second.
    pub(super) fn conflict(&mut self, byte: u8) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let marks = rest.bytes().take_while(|next| *next == byte).count();
        if marks != MARK || !matches!(byte, b'<' | b'=' | b'>' | b'|') {
            return false;
        }
        let (line, below) = rest.split_once('\n').unwrap_or((rest, ""));
        let span = Span::new(self.source, self.at, self.at + line.trim_end().len());
        let mut length = line.len();
        if byte == b'<' || !self.in_conflict {
            self.report(
                Diagnostic::error(
                    codes::UNEXPECTED_TOKEN,
                    span,
                    "a merge conflict was left here",
                )
                .help("keep one of the two sides, and delete the lines of `<`, `=` and `>`"),
            );
        }
        if matches!(byte, b'=' | b'|') && self.in_conflict {
            let end = below.find(">>>>>>>");
            length = end.map_or(length, |end| line.len() + 1 + end);
            if let Some(last) = end.and_then(|end| below.get(end..)) {
                length += last.find('\n').unwrap_or(last.len());
            }
        }
        self.in_conflict = byte == b'<';
        self.pass(length);
        true
    }

    /// At a sign that no plan is written with, outside texts and comments: says what it looks
    /// like, once in a statement, and passes it.
    pub(super) fn unusual(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(letter) = rest.chars().next() else {
            self.at += 1;
            return;
        };
        let end = self.at + letter.len_utf8();
        if letter == '\r' {
            self.carriage_return();
            return;
        }
        self.extend_head();
        let told = self.head.as_ref().is_some_and(|head| head.damaged);
        if let Some(meant) = meant(letter).filter(|_| !told) {
            let span = Span::new(self.source, self.at, end);
            self.report(meant.diagnostic(letter, span));
            self.damage_head();
            if matches!(letter, '｛' | '｝') {
                self.at = end;
                self.abandon();
                return;
            }
        }
        self.at = end;
        self.reach_head(end);
    }

    /// At a carriage return that no line feed follows: it ends a line all the same.
    fn carriage_return(&mut self) {
        let span = Span::new(self.source, self.at, self.at + 1);
        let diagnostic = Diagnostic::error(
            codes::UNEXPECTED_TOKEN,
            span,
            "a carriage return stands here without a line feed",
        );
        self.report(diagnostic.help("save the file with line feeds at the ends of its lines"));
        if self.in_block() {
            self.end_head();
        }
        self.just_closed = false;
        self.at += 1;
    }

    /// Goes on `length` bytes further, on the line that is there.
    fn pass(&mut self, length: usize) {
        let passed = self.bytes.get(self.at..self.at + length);
        let newline = passed.and_then(|passed| passed.iter().rposition(|byte| *byte == b'\n'));
        if let Some(newline) = newline {
            self.line_start = self.at + newline + 1;
        }
        self.at = (self.at + length).min(self.bytes.len());
        self.indent = self.indent.or(Some(usize::MAX));
    }
}

/// What was meant by a sign from elsewhere.
enum Meant {
    /// A sign, or a letter, that is typed otherwise.
    Sign(String),
    Space,
    Nothing,
}

impl Meant {
    fn diagnostic(self, letter: char, span: Span) -> Diagnostic {
        let number = format!("U+{:04X}", u32::from(letter));
        let error = |message: String| Diagnostic::error(codes::UNEXPECTED_TOKEN, span, message);
        match self {
            Self::Sign(sign) => {
                let text = sign.clone();
                let diagnostic = error(format!(
                    "`{letter}` ({number}) looks like `{sign}` and is another sign"
                ))
                .help(format!("type `{sign}` instead"));
                if sign == "\"" {
                    return diagnostic;
                }
                diagnostic.fix(format!("write `{sign}`"), vec![Edit { span, text }])
            }
            Self::Space => {
                let text = " ".to_owned();
                error(format!("this blank is not a plain space ({number})"))
                    .help("type a space instead")
                    .fix("write a space", vec![Edit { span, text }])
            }
            Self::Nothing => {
                let text = String::new();
                error(format!(
                    "a character that nobody sees stands here ({number})"
                ))
                .help("delete it")
                .fix("delete it", vec![Edit { span, text }])
            }
        }
    }
}

fn meant(letter: char) -> Option<Meant> {
    let sign = |sign: &str| Some(Meant::Sign(sign.to_owned()));
    match letter {
        '“' | '”' | '„' | '«' | '»' | '‘' | '’' => sign("\""),
        '–' | '—' | '−' | '‐' | '‑' => sign("-"),
        '→' | '⟶' | '➜' => sign("->"),
        '×' => sign("*"),
        '÷' => sign("/"),
        '≤' => sign("<="),
        '≥' => sign(">="),
        '≠' => sign("!="),
        '…' => sign(".."),
        '\u{ff01}'..='\u{ff5e}' => {
            let plain = u32::from(letter) - 0xff01 + u32::from('!');
            sign(&char::from_u32(plain)?.to_string())
        }
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            Some(Meant::Space)
        }
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\0'..='\u{1f}'
        | '\u{7f}'..='\u{9f}' => Some(Meant::Nothing),
        _ => sign(latin(letter)?),
    }
}

/// The Latin letter that one of another alphabet is drawn like.
fn latin(letter: char) -> Option<&'static str> {
    const CYRILLIC: (&str, &str) = ("аеорсхуіѕјԁһАВЕКМНОРСТХІЅЈ", "aeopcxyisjdhABEKMHOPCTXISJ");
    const GREEK: (&str, &str) = ("ονΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ovABEZHIKMNOPTYX");
    [CYRILLIC, GREEK].iter().find_map(|(letters, plain)| {
        let at = letters.chars().position(|known| known == letter)?;
        plain.get(at..=at)
    })
}
