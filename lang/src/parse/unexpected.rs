//! Heads that cannot be read: what stands there, what could, and what to write.

use super::Reader;
use super::advice::{Advice, Change, advice, visible};
use super::statement::{WantsBlock, first_word};
use crate::ast::{Name, Path};
use crate::grammar::Expected;
use crate::name::is_identifier;
use crate::{Diagnostic, Edit, Span, Spanned, codes};

impl Reader<'_> {
    /// Whether a form has the block it wants, and none that it does not; says so if not.
    pub(super) fn has_its_block(
        &mut self,
        head: &str,
        wants: WantsBlock,
        open: Option<usize>,
    ) -> bool {
        let word = first_word(head);
        let (span, message, help) = match (wants, open) {
            (WantsBlock::Always, None) => {
                let end = self.base + head.len();
                let span = Span::new(self.source, end, end);
                let message = format!("expected `{{`, found {}", self.end_of(head));
                (span, message, "a block opens on the line of its keyword")
            }
            (WantsBlock::Never, Some(open)) => {
                let span = Span::new(self.source, open, open + 1);
                let help = match word {
                    "import" => "it takes the path of a file, as in `import \"inventory.mig\"`",
                    "use" => "write `use std.patterns.{strangler_fig, canary}`",
                    _ => "end the line before it",
                };
                let message = format!("unexpected `{{`: `{word}` has no block");
                (span, message, help)
            }
            _ => return true,
        };
        self.report(Diagnostic::error(codes::UNEXPECTED_TOKEN, span, message).help(help));
        false
    }

    /// `cost = { … }`
    pub(super) fn assigned_block(&mut self, before: &str, open: usize) {
        let end = self.base + before.len();
        let sign = self.text.get(end..open).and_then(|gap| gap.find('='));
        let at = end + sign.unwrap_or(0);
        let edit = Edit {
            span: Span::new(self.source, end, open),
            text: " ".to_owned(),
        };
        self.report(
            Diagnostic::error(
                codes::UNEXPECTED_TOKEN,
                Span::new(self.source, at, at + 1),
                "unexpected `=` before a block",
            )
            .help(format!("write `{} {{`", visible(before)))
            .fix("take out the `=`", vec![edit]),
        );
    }

    /// `service = "orders" { … }`, or a block behind something that is no name.
    pub(super) fn block_after_value(
        &mut self,
        open: Option<usize>,
        keyword: &Spanned<Name>,
        name: Option<&Path>,
    ) {
        let open = open.unwrap_or(self.base);
        let from = keyword.span.end as usize;
        let sign = self.text.get(from..open).and_then(|gap| gap.find('='));
        let named = name.zip(sign).and_then(|(name, sign)| {
            let range = name.span.start as usize..name.span.end as usize;
            Some((self.text.get(range)?, from + sign))
        });
        let error = |at: usize, message: &str| {
            let span = Span::new(self.source, at, at + 1);
            Diagnostic::error(codes::UNEXPECTED_TOKEN, span, message)
        };
        let Some((written, at)) = named else {
            let diagnostic = error(open, "unexpected `{` after a value");
            self.report(diagnostic.help("a value has no block; end the line before it"));
            return;
        };
        let bare = written.trim_matches('"');
        let written = if is_identifier(bare) { bare } else { written };
        let edit = Edit {
            span: Span::new(self.source, from, open),
            text: format!(" {written} "),
        };
        let diagnostic = error(at, "unexpected `=` before the name of a block")
            .help(format!("write `{} {written} {{`", keyword.value))
            .fix("take out the `=`", vec![edit]);
        self.report(diagnostic);
    }

    /// What a head ends with: its line, or the sign behind it.
    fn end_of(&self, head: &str) -> &'static str {
        let rest = self.text.get(self.base + head.len()..).unwrap_or_default();
        match rest.trim_start_matches([' ', '\t']).bytes().next() {
            Some(b';') => "`;`",
            Some(b'}') => "`}`",
            _ => "the end of the line",
        }
    }

    pub(super) fn unexpected(&mut self, head: &str, expected: &Expected, open: Option<usize>) {
        let rest = head.get(expected.at..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start().len();
        let at = start_of_word(head, expected.at + blank);
        let token = token(head.get(at..).unwrap_or_default());
        let start = self.base + at;
        let place = Span::new(self.source, start, start + token.len());
        let (found, span) = match (token, open) {
            ("", Some(open)) => ("`{`".to_owned(), Span::new(self.source, open, open + 1)),
            ("", None) => {
                let end = self.base + head.len();
                let span = Span::new(self.source, end, end);
                (self.end_of(head).to_owned(), span)
            }
            ("`", _) => ("a backtick".to_owned(), place),
            _ => (format!("`{}`", visible(token)), place),
        };
        let things: Vec<&str> = expected.likely().filter(|thing| *thing != found).collect();
        let message = if things.is_empty() {
            let before = head.get(..at).unwrap_or_default();
            format!("unexpected {found}{}", behind(before))
        } else {
            format!("expected {}, found {found}", one_of(&things))
        };
        let mut diagnostic = Diagnostic::error(codes::UNEXPECTED_TOKEN, span, message);
        let advice = advice((head, self.depth > 0), at, token, &expected.things);
        if let Some(Advice { help, change }) = advice {
            diagnostic = diagnostic.help(help);
            if let Some(Change { range, text }) = change {
                let was = head.get(range.clone()).unwrap_or_default().trim();
                let title = match text.trim() {
                    "" => format!("take out `{was}`"),
                    text => format!("write `{text}`"),
                };
                let (start, end) = (self.base + range.start, self.base + range.end);
                let span = Span::new(self.source, start, end);
                diagnostic = diagnostic.fix(title, vec![Edit { span, text }]);
            }
        }
        self.report(diagnostic);
    }
}

/// The last thing before a place, to find it by.
fn behind(before: &str) -> String {
    const LONGEST: usize = 40;
    let before = before.trim_end();
    let word = |letter: char| letter.is_alphanumeric() || "_-.%$/:€£¥".contains(letter);
    let start = before.trim_end_matches(word).len();
    let last = before.get(start..).unwrap_or_default();
    match before.bytes().next_back() {
        Some(b'"') => " after a string".to_owned(),
        Some(sign @ (b')' | b']')) => format!(" after `{}`", char::from(sign)),
        _ if last.is_empty() || last.len() > LONGEST => String::new(),
        _ => format!(" after `{last}`"),
    }
}

/// Where the word begins that the grammar stopped inside of, at a letter it does not know.
fn start_of_word(head: &str, at: usize) -> usize {
    let (before, rest) = head.split_at_checked(at).unwrap_or((head, ""));
    let word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let inside = rest.starts_with(|letter: char| word(letter) && !letter.is_ascii());
    if inside {
        before.trim_end_matches(word).len()
    } else {
        at
    }
}

/// The first word, number, string or sign of a text; empty at its end.
fn token(text: &str) -> &str {
    const LONGEST: usize = 40;
    let Some(first) = text.chars().next() else {
        return "";
    };
    let length = if first.is_alphanumeric() || first == '_' {
        let word = |letter: &char| letter.is_alphanumeric() || matches!(letter, '_' | '-');
        text.chars()
            .take(LONGEST)
            .take_while(word)
            .map(char::len_utf8)
            .sum()
    } else if first == '"' {
        text.chars()
            .take(LONGEST)
            .skip(1)
            .take_while(|letter| !matches!(letter, '"' | '\n'))
            .map(char::len_utf8)
            .sum::<usize>()
            + 1
            + usize::from(
                text.chars()
                    .skip(1)
                    .take(LONGEST)
                    .any(|letter| letter == '"'),
            )
    } else {
        let pair = text.get(..2).unwrap_or_default();
        if ["..", "->", "==", "!=", "<=", ">="].contains(&pair) {
            2
        } else {
            first.len_utf8()
        }
    };
    text.get(..length).unwrap_or(text)
}

fn one_of(things: &[&str]) -> String {
    match things {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [several @ .., last] => format!("{} or {last}", several.join(", ")),
    }
}
