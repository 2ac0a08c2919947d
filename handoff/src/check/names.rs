//! Which names a template uses, in all its branches, without filling it in.
//!
//! Reads what stands between `{{ }}` and `{% %}` word by word. Names that the template binds itself
//! (`for`, `set`) are its own affair.

use std::collections::BTreeSet;
use std::ops::Range;

/// A name with what is asked of it: `settings.port`, with the bytes it stands at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// The name.
    pub root: String,
    /// The field, when one is named.
    pub field: Option<String>,
    /// Where it stands, root and field.
    pub range: Range<usize>,
}

/// Words that are no names.
const KEYWORDS: [&str; 34] = [
    "true",
    "True",
    "false",
    "False",
    "none",
    "None",
    "null",
    "loop",
    "self",
    "and",
    "or",
    "not",
    "is",
    "in",
    "if",
    "elif",
    "else",
    "endif",
    "for",
    "endfor",
    "set",
    "endset",
    "set_global",
    "break",
    "continue",
    "filter",
    "endfilter",
    "block",
    "endblock",
    "extends",
    "include",
    "raw",
    "endraw",
    "super",
];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str, usize),
    Sign(char),
    /// A string or a number.
    Value,
    /// The end of a tag.
    End,
}

/// The names a template is given from outside, in the order they stand.
pub fn used(text: &str) -> Vec<Used> {
    let tokens = tokens(text);
    let own = bound(&tokens);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word, start) = token else {
            continue;
        };
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let next = tokens.get(at + 1);
        if KEYWORDS.contains(word) || own.contains(word) || !is_name(before, next, &tokens, at) {
            continue;
        }
        let field = match (next, tokens.get(at + 2)) {
            (Some(Token::Sign('.')), Some(Token::Word(field, from))) => Some((*field, *from)),
            _ => None,
        };
        let end = field.map_or(start + word.len(), |(field, from)| from + field.len());
        found.push(Used {
            root: (*word).to_owned(),
            field: field.map(|(field, _)| field.to_owned()),
            range: *start..end,
        });
    }
    found
}

/// Whether a word is a name, rather than a field, a filter, a test, a function or an argument.
fn is_name(
    before: Option<&Token<'_>>,
    next: Option<&Token<'_>>,
    tokens: &[Token<'_>],
    at: usize,
) -> bool {
    let after_is = |back: usize| {
        let word = at.checked_sub(back).and_then(|at| tokens.get(at));
        matches!(word, Some(Token::Word("is", _)))
    };
    match before {
        Some(Token::Sign('.' | '|')) => return false,
        Some(Token::Word("is" | "filter" | "block", _)) => return false,
        Some(Token::Word("not", _)) if after_is(2) => return false,
        _ => {}
    }
    match next {
        Some(Token::Sign('(')) => false,
        Some(Token::Sign('=')) => matches!(tokens.get(at + 2), Some(Token::Sign('='))),
        _ => true,
    }
}

/// The names that the template binds itself.
fn bound<'a>(tokens: &[Token<'a>]) -> BTreeSet<&'a str> {
    let mut own = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word("for" | "set" | "set_global", _) = token else {
            continue;
        };
        let mut rest = tokens.iter().skip(at + 1);
        while let Some(Token::Word(word, _)) = rest.next() {
            own.insert(*word);
            if rest.next() != Some(&Token::Sign(',')) {
                break;
            }
        }
    }
    own
}

/// What stands inside the tags of a template.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(start) = next_tag(text, at) {
        let opened = text.get(start..start + 2).unwrap_or_default();
        let close = match opened {
            "{{" => "}}",
            "{#" => "#}",
            _ => "%}",
        };
        at = start + 2;
        if opened == "{#" {
            at = after(text, at, close);
            continue;
        }
        let first = tokens.len();
        at = inside(text, at, close, &mut tokens);
        tokens.push(Token::End);
        if matches!(tokens.get(first), Some(Token::Word("raw", _))) {
            at = end_of_raw(text, at);
        }
    }
    tokens
}

fn next_tag(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    ["{{", "{%", "{#"]
        .iter()
        .filter_map(|opening| rest.find(opening))
        .min()
        .map(|found| from + found)
}

/// The place behind the next `close`, or the end.
fn after(text: &str, from: usize, close: &str) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    rest.find(close)
        .map_or(text.len(), |found| from + found + close.len())
}

/// The place of the tag that ends a raw part.
fn end_of_raw(text: &str, from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let word = rest.find("endraw").map_or(text.len(), |found| from + found);
    let before = text.get(from..word).unwrap_or_default();
    before.rfind("{%").map_or(word, |found| from + found)
}

/// Reads the words of one tag; returns the place behind it.
fn inside<'a>(text: &'a str, mut at: usize, close: &str, tokens: &mut Vec<Token<'a>>) -> usize {
    while let Some(rest) = text.get(at..) {
        if rest.starts_with(close) {
            return at + close.len();
        }
        let Some(first) = rest.chars().next() else {
            break;
        };
        let length = match first {
            '"' | '\'' | '`' => string(rest, first),
            c if c.is_ascii_digit() => {
                run(rest, |c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
            }
            c if c.is_alphabetic() || c == '_' => run(rest, |c| c.is_alphanumeric() || c == '_'),
            c => c.len_utf8(),
        };
        let word = rest.get(..length).unwrap_or_default();
        match first {
            c if c.is_whitespace() => {}
            '"' | '\'' | '`' => tokens.push(Token::Value),
            c if c.is_ascii_digit() => tokens.push(Token::Value),
            c if c.is_alphabetic() || c == '_' => tokens.push(Token::Word(word, at)),
            // `a?.b` asks for a field as `a.b` does.
            '?' | '-' if rest.starts_with("?.") => {}
            c => tokens.push(Token::Sign(c)),
        }
        at += length;
    }
    text.len()
}

fn run(rest: &str, belongs: fn(char) -> bool) -> usize {
    rest.find(|c| !belongs(c)).unwrap_or(rest.len())
}

/// The length of a string with its quotes.
fn string(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::used;

    fn names(text: &str) -> Vec<String> {
        used(text)
            .into_iter()
            .map(|used| match used.field {
                Some(field) => format!("{}.{field}", used.root),
                None => used.root,
            })
            .collect()
    }

    #[test]
    fn names_and_fields_are_found_in_every_branch() {
        let text = "a {{ settings.port }} {% if args.to > 1.5 %}{{ x }}{% else %}{{ plan?.hash | slug }}{% endif %}";
        assert_eq!(names(text), ["settings.port", "args.to", "x", "plan.hash"]);
    }

    #[test]
    fn filters_tests_functions_arguments_and_strings_are_no_names() {
        let text = "{{ a | default(value=b) }}{% if c is not defined and d is odd %}{{ refuse(message=\"e.f\") }}{% endif %}";
        assert_eq!(names(text), ["a", "b", "c", "d"]);
    }

    #[test]
    fn what_the_template_binds_is_its_own() {
        let text = "{% for k, v in settings %}{{ k }}{{ v.x }}{{ loop.index }}{% endfor %}{% set y = z %}{{ y }}";
        assert_eq!(names(text), ["settings", "z"]);
    }

    #[test]
    fn comments_and_raw_parts_say_nothing() {
        let text = "{# {{ a }} #}{% raw %}{{ b }}{% endraw %}{{- c -}}{{ d == e }}";
        assert_eq!(names(text), ["c", "d", "e"]);
    }

    #[test]
    fn places_are_bytes() {
        let text = "é {{ settings.port }}";
        let found = used(text).remove(0);
        assert_eq!(&text[found.range], "settings.port");
    }

    #[test]
    fn what_is_never_closed_ends_somewhere() {
        for text in [
            "{{",
            "{% raw %}",
            "{{ \"a",
            "{#",
            "{{ a.",
            "{% for",
            "{% set a",
        ] {
            let _ = used(text);
        }
    }
}
