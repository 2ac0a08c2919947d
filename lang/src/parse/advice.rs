//! What to do about a head that cannot be read, where a habit from elsewhere explains it.

use crate::literal;

/// Words for units are shorter than this, and so is what anybody writes of a number.
const LONGEST: usize = 40;

/// Advice on `token`, found at byte `at` of `head` where one of `things` could stand.
pub(super) fn advice(head: &str, at: usize, token: &str, things: &[&str]) -> Option<String> {
    let before = head.get(..at)?.trim_end();
    let rest = head.get(at..)?;
    let inside = is_inside_brackets(before);
    form(head, token, things)
        .or_else(|| module(head, rest))
        .or_else(|| grouped(before, rest, token))
        .or_else(|| unit(before, rest, token))
        .or_else(|| currency(before, rest, token))
        .or_else(|| moment(before, token))
        .or_else(|| sign(before, rest, token, inside))
        .or_else(|| second_attribute(before, rest, token, inside))
        .or_else(|| name(before, token, things))
        .or_else(|| element(things))
}

/// What the fixed forms of statements look like.
fn form(head: &str, token: &str, things: &[&str]) -> Option<String> {
    let keyword = head
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .next()?;
    let wants = |thing: &str| things.contains(&thing);
    let advice = match keyword {
        "" if head.is_empty() && token.is_empty() => {
            "a block opens on the line of its keyword, as in `service orders {`"
        }
        "" if head.starts_with('"') => "keywords stand without quotes: `tier = critical`",
        "" if head.starts_with('[') => "a block is written `service orders { … }`",
        "pattern" if wants("`:`") && token == "=" => {
            "a parameter has a type: `soak: duration = 4h`"
        }
        "pattern" if wants("`for`") => "say what it moves: `pattern NAME() for service {`",
        "for" if wants("`in`") => "say over what: `for w in [1%, 50%, 100%] {`",
        "require" if wants("`,`") => {
            "say what to tell when it does not hold: `require …, \"message\"`"
        }
        "use" if token == "*" => "name what is used: `use std.patterns.{strangler_fig, canary}`",
        _ if things == ["a value"] && token.is_empty() && head.ends_with(['+', '-', '*', '/']) => {
            "a value follows the operator"
        }
        _ if things == ["a value"] && token.is_empty() && head.ends_with('=') => {
            "write the value behind the `=`"
        }
        "waive" if things == ["a string"] => "the reason stands in quotes: `because \"ADR 14\"`",
        _ => return None,
    };
    Some(advice.to_owned())
}

/// What a name is made of, where one is given.
fn name(before: &str, token: &str, things: &[&str]) -> Option<String> {
    let first = token.chars().next()?;
    let wordlike = first.is_alphanumeric() || !first.is_ascii() || matches!(first, '_' | '-' | '/');
    let named = things.contains(&"a name") && !before.is_empty() && !before.contains('=');
    (named && wordlike).then(|| {
        "a name starts with a letter and goes on with a–z, digits, `_` and `-`; any other name \
         stands in quotes"
            .to_owned()
    })
}

/// `[1%, 5% 25%]`, `[1%,, 5%]`
fn element(things: &[&str]) -> Option<String> {
    let listed = things.contains(&"`]`");
    listed.then(|| "elements of a list stand with one comma between them".to_owned())
}

/// `$180,000`
fn grouped(before: &str, rest: &str, token: &str) -> Option<String> {
    let number = number_at_end(before)?;
    let mut whole = number.to_owned();
    let mut groups = rest.split(',').skip(1);
    let group = |text: &str| {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        text.get(..digits)
            .filter(|_| digits == 3)
            .map(str::to_owned)
    };
    let first = groups.next().and_then(group)?;
    whole.push('_');
    whole.push_str(&first);
    for next in groups.map_while(group) {
        whole.push('_');
        whole.push_str(&next);
    }
    (token == ",").then(|| format!("digits are grouped with `_`: write `{whole}`"))
}

/// `2027-01-11T22:00:00Z`
fn moment(before: &str, token: &str) -> Option<String> {
    let last = before.rsplit(' ').next()?;
    let dated = last.len() == 16 && last.contains('T') && last.contains('-');
    (dated && matches!(token, ":" | "+" | "Z")).then(|| {
        format!("a time has no seconds and no zone; it is in the migration's: write `{last}`")
    })
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
        "`" => "take the lines with backticks out; they are not part of the plan",
        "-" if before.is_empty() && rest.starts_with("-- ") => "a comment begins with `#`",
        "&" | "|" => "conditions that must all hold stand in a list: `[error_rate < 1%, lag < 5s]`",
        "?" => "there is no choice between values; name the value with `let` and change it there",
        "[" => "a list has `.first`, `.last` and `.length`",
        "+" if rest.starts_with("+=") => "attributes are given with `=`, once each",
        "." if rest
            .get(1..)?
            .starts_with(|next: char| next.is_ascii_digit()) =>
        {
            "a number starts with a digit, as in `0.5`"
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

/// The `/s` behind `token`, if there is one.
fn divisor(rest: &str, token: &str) -> String {
    let name = |letter: &char| letter.is_ascii_alphanumeric();
    let divisor = rest.get(token.len()..).unwrap_or_default();
    match divisor.strip_prefix('/') {
        Some(divisor) if divisor.starts_with(|letter: char| letter.is_ascii_alphabetic()) => {
            let name = divisor.chars().take(LONGEST).take_while(name);
            std::iter::once('/').chain(name).collect()
        }
        _ => String::new(),
    }
}

/// `3 d`, `100 GB`, `200 MB/s`.
fn unit(before: &str, rest: &str, token: &str) -> Option<String> {
    let number = number_at_end(before)?;
    let divisor = divisor(rest, token);
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
fn currency(before: &str, rest: &str, token: &str) -> Option<String> {
    let number = number_at_end(before)?;
    let code = token.len() == 3 && token.bytes().all(|byte| byte.is_ascii_uppercase());
    let space = if code { " " } else { "" };
    (code || ["$", "€", "£", "¥"].contains(&token)).then(|| {
        let divisor = divisor(rest, token);
        format!("a currency stands before its amount: write `{token}{space}{number}{divisor}`")
    })
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
