//! Quoting: whatever the plan says lands in a file as data of that file's language.
//!
//! No function here ever lets a line break through, so a value can neither end a comment, a
//! here-document nor a fenced block.

use std::fmt::Write as _;

/// A word of bash.
#[must_use]
pub fn bash(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_./:@%+,-".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    if !text.chars().any(|c| c == '\'' || is_hidden(c)) {
        return format!("'{text}'");
    }
    let mut quoted = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\0' => quoted.push('\u{fffd}'),
            c if is_hidden(c) => escape_bytes(&mut quoted, c),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// Octal escapes, of always three digits, so that what follows is never taken for part of them.
fn escape_bytes(out: &mut String, c: char) {
    let mut buffer = [0; 4];
    for byte in c.encode_utf8(&mut buffer).bytes() {
        let _ = write!(out, "\\{byte:03o}");
    }
}

/// A string of standard SQL as PostgreSQL reads it.
#[must_use]
pub fn sql_literal(text: &str) -> String {
    if !text.chars().any(|c| c == '\\' || is_hidden(c)) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let mut quoted = String::from("E'");
    for c in text.chars() {
        match c {
            '\'' => quoted.push_str("''"),
            '\\' => quoted.push_str("\\\\"),
            '\0' => quoted.push('\u{fffd}'),
            c if is_hidden(c) => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// A name of an SQL object.
#[must_use]
pub fn sql_identifier(text: &str) -> String {
    if !text.chars().any(is_hidden) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    let mut quoted = String::from("U&\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\"\""),
            '\\' => quoted.push_str("\\\\"),
            '\0' => quoted.push('\u{fffd}'),
            c if is_hidden(c) => {
                let _ = write!(quoted, "\\+{:06X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A JSON string; YAML reads it too.
#[must_use]
pub fn json(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            // Angle brackets and ampersands are escaped so that the JSON may stand in HTML.
            '<' | '>' | '&' => escape_utf16(&mut quoted, c),
            c if is_hidden(c) => escape_utf16(&mut quoted, c),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn escape_utf16(out: &mut String, c: char) {
    let mut buffer = [0; 2];
    for unit in c.encode_utf16(&mut buffer) {
        let _ = write!(out, "\\u{unit:04x}");
    }
}

/// A string of PromQL inside a YAML string is quoted twice: this is the inner quoting.
#[must_use]
pub fn promql(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            // PromQL takes U+FFFD for broken text, and nothing is lost by escaping the rest, too.
            c if is_hidden(c) || !c.is_ascii() => {
                let _ = write!(quoted, "\\U{:08x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A label or an annotation of an alert: a YAML string in which Prometheus looks for templates.
#[must_use]
pub fn alert(text: &str) -> String {
    json(&text.replace("{{", "{{`{{`}}"))
}

/// Text of Markdown.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut quoted = String::new();
    for c in text.chars() {
        match c {
            '\n' => quoted.push(' '),
            '<' => quoted.push_str("&lt;"),
            '>' => quoted.push_str("&gt;"),
            '&' => quoted.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '$' | '!' => {
                quoted.extend(['\\', c]);
            }
            c if is_hidden(c) => quoted.push('\u{fffd}'),
            c => quoted.push(c),
        }
    }
    quoted
}

/// A code span of Markdown, in a table or not.
#[must_use]
pub fn code(text: &str) -> String {
    let shown: String = text
        .chars()
        .map(|c| if is_hidden(c) { '\u{fffd}' } else { c })
        .collect();
    if shown.contains(['`', '|', '\\']) {
        return format!(
            "<code>{}</code>",
            html(&shown).replace('|', "&#124;").replace('`', "&#96;")
        );
    }
    if shown.trim().is_empty() {
        "` `".to_owned()
    } else {
        format!("`{shown}`")
    }
}

/// Text or an attribute of HTML.
#[must_use]
pub fn html(text: &str) -> String {
    let mut quoted = String::new();
    for c in text.chars() {
        match c {
            '<' | '>' | '&' | '"' | '\'' | '\\' | '*' | '_' => {
                let _ = write!(quoted, "&#{};", u32::from(c));
            }
            c if is_hidden(c) => quoted.push('\u{fffd}'),
            c => quoted.push(c),
        }
    }
    quoted
}

/// A word of HAProxy's configuration.
#[must_use]
pub fn haproxy(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' | '$' => quoted.extend(['\\', c]),
            c if is_hidden(c) => quoted.push('\u{fffd}'),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A field of CSV (RFC 4180). A field that a spreadsheet would take for a formula gets an
/// apostrophe.
#[must_use]
pub fn csv(text: &str) -> String {
    let shown: String = text
        .chars()
        .map(|c| if is_hidden(c) { ' ' } else { c })
        .collect();
    let formula = shown.starts_with(['=', '+', '-', '@']) && shown.parse::<f64>().is_err();
    let guard = if formula { "'" } else { "" };
    format!("\"{guard}{}\"", shown.replace('"', "\"\""))
}

/// Text of a comment that runs to the end of its line, in any language.
#[must_use]
pub fn comment(text: &str) -> String {
    text.chars()
        .map(|c| if is_hidden(c) { '\u{fffd}' } else { c })
        .collect()
}

/// A name or a path where no quoting exists: other characters become underscores.
#[must_use]
pub fn token(text: &str) -> String {
    let kept = |c: char| c.is_ascii_alphanumeric() || "_./:-".contains(c);
    text.chars()
        .map(|c| if kept(c) { c } else { '_' })
        .collect()
}

/// What ends lines, is not seen, or reorders what is seen.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bash_words() {
        for (text, word) in [
            ("orders_db.orders", "orders_db.orders"),
            ("", "''"),
            ("a b", "'a b'"),
            ("$(id)", "'$(id)'"),
            ("it's", "$'it\\'s'"),
            ("a\nb", "$'a\\nb'"),
            ("\u{7}1", "$'\\0071'"),
        ] {
            assert_eq!(bash(text), word);
        }
    }

    #[test]
    fn sql_strings_and_names() {
        assert_eq!(sql_literal("it's"), "'it''s'");
        assert_eq!(sql_literal("a\\b\n"), "E'a\\\\b\\U0000000A'");
        assert_eq!(sql_identifier("a\"b"), "\"a\"\"b\"");
        assert_eq!(sql_identifier("a\nb"), "U&\"a\\+00000Ab\"");
    }

    #[test]
    fn json_survives_a_parser() {
        for text in ["a\"b\\c\n\t", "\u{2028}", "</script>", "😀\u{202e}"] {
            assert_eq!(serde_json::from_str::<String>(&json(text)).unwrap(), text);
        }
    }

    #[test]
    fn spreadsheets_calculate_nothing() {
        assert_eq!(csv("=cmd()"), "\"'=cmd()\"");
        assert_eq!(csv("-1.5"), "\"-1.5\"");
        assert_eq!(csv("a\"b\nc"), "\"a\"\"b c\"");
    }

    #[test]
    fn no_quoting_lets_a_line_break_through() {
        let all = [
            bash,
            sql_literal,
            sql_identifier,
            json,
            promql,
            alert,
            markdown,
            code,
            html,
            haproxy,
            csv,
            comment,
            token,
        ];
        for quote in all {
            let quoted = quote("a\nb\rc\u{2028}d\u{85}e\u{0}");
            assert!(
                !quoted.contains(['\n', '\r', '\u{2028}', '\u{85}', '\0']),
                "{quoted}"
            );
        }
    }
}
