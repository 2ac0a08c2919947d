//! What to do about a head that cannot be read, where a habit from elsewhere explains it.

use crate::literal;

/// Words for units are shorter than this, and so is what anybody writes of a number.
const LONGEST: usize = 40;

/// Advice on `token`, found at byte `at` of `head`.
pub(super) fn advice(head: &str, at: usize, token: &str) -> Option<String> {
    let before = head.get(..at)?.trim_end();
    let rest = head.get(at..)?;
    let inside = is_inside_brackets(before);
    module(head, rest)
        .or_else(|| unit(before, rest, token))
        .or_else(|| currency(before, token))
        .or_else(|| sign(before, rest, token, inside))
        .or_else(|| second_attribute(before, rest, token, inside))
}

/// A text as it was written, with what would not show as an escape.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '"' | '\'' | '\\') {
            out.push(letter);
        } else {
            out.extend(letter.escape_debug());
        }
    }
    out
}

fn is_inside_brackets(before: &str) -> bool {
    let count = |signs: [char; 2]| before.matches(signs).count();
    count(['(', '[']) > count([')', ']'])
}

fn sign(before: &str, rest: &str, token: &str, inside: bool) -> Option<String> {
    let advice = match token {
        "'" => "strings stand between double quotes",
        "/" | "*" if before.ends_with('/') || rest.starts_with("//") || rest.starts_with("/*") => {
            "a comment starts with `#`"
        }
        ":" if !inside => "attributes are given with `=`",
        "=" if inside => "inside a call, arguments are given with `:`",
        _ => return None,
    };
    Some(advice.to_owned())
}

/// `tier = critical, kind = stateless`, or the same without the comma.
fn second_attribute(before: &str, rest: &str, token: &str, inside: bool) -> Option<String> {
    let first = !before.contains('=');
    let after = rest.get(token.len()..).unwrap_or_default().trim_start();
    let assigns = after.starts_with('=') && !after.starts_with("==");
    let names = token.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let another = token == "," || (names && assigns);
    (!inside && !first && another).then(|| "end an attribute with a newline or `;`".to_owned())
}

/// `import` and `use`, taken for each other or without quotes.
fn module(head: &str, rest: &str) -> Option<String> {
    let (keyword, target) = head.split_once(|letter: char| letter.is_ascii_whitespace())?;
    let target = target.trim();
    if rest.trim() != target || target.len() > LONGEST || target.contains(char::is_whitespace) {
        return None;
    }
    match keyword {
        "import" if target.starts_with("std.") => Some(format!("write `use {target}`")),
        "import" if !target.contains('"') => Some(format!("write `import \"{target}\"`")),
        "use" if target.starts_with('"') => Some(format!("write `import {target}`")),
        _ => None,
    }
}

/// `3 d`, `100 GB`, `200 MB/s`.
fn unit(before: &str, rest: &str, token: &str) -> Option<String> {
    let number = number_at_end(before)?;
    let divisor = rest.get(token.len()..).unwrap_or_default();
    let name = |letter: &char| letter.is_ascii_alphanumeric();
    let divisor: String = match divisor.strip_prefix('/') {
        Some(divisor) if divisor.starts_with(|letter: char| letter.is_ascii_alphabetic()) => {
            let name = divisor.chars().take(LONGEST).take_while(name);
            std::iter::once('/').chain(name).collect()
        }
        _ => String::new(),
    };
    let money = number.starts_with(|letter: char| !letter.is_ascii_digit());
    let units = literal::meant_units(token, money);
    let whole: Vec<String> = units
        .iter()
        .map(|unit| format!("`{number}{unit}{divisor}`"))
        .collect();
    let whole = whole.join(" or ");
    (!units.is_empty()).then(|| format!("a unit touches its number: write {whole}"))
}

/// `95 USD`, `95$`.
fn currency(before: &str, token: &str) -> Option<String> {
    let number = number_at_end(before)?;
    let code = token.len() == 3 && token.bytes().all(|byte| byte.is_ascii_uppercase());
    let space = if code { " " } else { "" };
    (code || ["$", "€", "£", "¥"].contains(&token))
        .then(|| format!("a currency stands before its amount: write `{token}{space}{number}`"))
}

/// The bare number that a text ends with, and the sign of its currency.
fn number_at_end(text: &str) -> Option<&str> {
    let digit = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'_' | b'.');
    let length = text.bytes().rev().take_while(digit).count();
    let (before, number) = text.split_at_checked(text.len() - length)?;
    let last = before.chars().next_back();
    let bare = number.starts_with(|letter: char| letter.is_ascii_digit());
    let whole = !last.is_some_and(|last| last.is_alphanumeric() || matches!(last, '-' | ':'));
    if !bare || !whole || length > LONGEST {
        return None;
    }
    let sign = last.filter(|last| matches!(last, '$' | '€' | '£' | '¥'));
    text.get(before.len() - sign.map_or(0, char::len_utf8)..)
}
