//! What to do about a head that cannot be read, where a habit from elsewhere explains it.

use std::ops::Range;

use crate::literal;

/// Words for units are shorter than this, and so is what anybody writes of a number.
const LONGEST: usize = 40;

/// What to do, and the change to the head that does it, where nothing else can be meant.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Advice {
    pub(super) help: String,
    pub(super) change: Option<Change>,
}

/// What to write for a range of bytes of the head.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Advice {
    fn new(help: impl Into<String>) -> Self {
        Self {
            help: help.into(),
            change: None,
        }
    }

    fn write(mut self, text: impl Into<String>, range: Range<usize>) -> Self {
        let text = text.into();
        self.change = Some(Change { range, text });
        self
    }
}

/// Advice on `token`, found at byte `at` of `head` where one of `things` could stand; `nested` in a
/// block, where attributes are.
pub(super) fn advice(
    (head, nested): (&str, bool),
    at: usize,
    token: &str,
    things: &[&str],
) -> Option<Advice> {
    let before = head.get(..at)?.trim_end();
    let place = Place {
        before,
        rest: head.get(at..)?,
        token,
        at,
        inside: is_inside_brackets(before),
        nested,
    };
    form(head, token, things)
        .map(Advice::new)
        .or_else(|| module(head, place.rest))
        .or_else(|| grouped(&place))
        .or_else(|| unit(&place))
        .or_else(|| currency(&place))
        .or_else(|| symbol(&place).map(Advice::new))
        .or_else(|| moment(before, token).map(Advice::new))
        .or_else(|| assigned(&place))
        .or_else(|| sign(&place).map(Advice::new))
        .or_else(|| second_attribute(&place))
        .or_else(|| name(before, token, things).map(Advice::new))
        .or_else(|| element(things).map(Advice::new))
}

/// Where a head cannot be read on.
struct Place<'a> {
    /// What stands before, without the blanks behind it.
    before: &'a str,
    /// What stands there, from the token on.
    rest: &'a str,
    token: &'a str,
    at: usize,
    inside: bool,
    nested: bool,
}

impl Place<'_> {
    /// The token, and the blanks before it.
    fn with_blanks(&self) -> Range<usize> {
        self.before.len()..self.at + self.token.len()
    }

    /// From the number before the token until `end`.
    fn with_number(&self, number: &str, end: usize) -> Range<usize> {
        self.before.len() - number.len()..end
    }
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

/// `$180,000`; in brackets it may be two numbers.
fn grouped(place: &Place<'_>) -> Option<Advice> {
    let number = number_at_end(place.before)?;
    let mut whole = number.to_owned();
    let mut groups = place.rest.split(',').skip(1);
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
    let advice = (place.token == ",")
        .then(|| Advice::new(format!("digits are grouped with `_`: write `{whole}`")))?;
    let end = place.at + whole.len() - number.len();
    Some(if place.inside {
        advice
    } else {
        advice.write(whole, place.with_number(number, end))
    })
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

/// `tier: critical`, and `canary(soak = 4h)`.
fn assigned(place: &Place<'_>) -> Option<Advice> {
    let value = place.rest.get(1..)?;
    let gap = if value.starts_with(' ') { "" } else { " " };
    let range = place.with_blanks();
    let (help, sign, certain) = match place.token {
        ":" if !place.inside => {
            let certain = place.nested && !value.trim().is_empty();
            ("attributes are given with `=`", " =", certain)
        }
        "=" if place.inside => {
            let open = place.before.rfind(['(', '['])?;
            let called = place.before.get(open..=open) == Some("(");
            ("inside a call, arguments are given with `:`", ":", called)
        }
        _ => return None,
    };
    let advice = Advice::new(help);
    Some(if certain {
        advice.write(format!("{sign}{gap}"), range)
    } else {
        advice
    })
}

fn sign(place: &Place<'_>) -> Option<String> {
    let Place { before, rest, .. } = *place;
    let advice = match place.token {
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
        _ => return None,
    };
    Some(advice.to_owned())
}

/// `tier = critical, kind = stateless`, or the same without the comma.
fn second_attribute(place: &Place<'_>) -> Option<Advice> {
    let Place { rest, token, .. } = *place;
    let first = !place.before.contains('=');
    let after = rest.get(token.len()..).unwrap_or_default().trim_start();
    let assigns = after.starts_with('=') && !after.starts_with("==");
    let names = token.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let another = token == "," || (names && assigns);
    if place.inside || first || !another {
        return None;
    }
    let advice = Advice::new("end an attribute with a newline or `;`");
    let end = place.before.len();
    Some(match token {
        "," if after.is_empty() => advice.write("", place.with_blanks()),
        "," if is_assignment(after) => advice.write(";", place.with_blanks()),
        "," => advice,
        _ => advice.write(";", end..end),
    })
}

/// Whether a text begins with `name =`.
fn is_assignment(text: &str) -> bool {
    let name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let after = text.trim_start_matches(name).trim_start();
    let named = text.starts_with(|letter: char| letter.is_ascii_alphabetic());
    named && after.starts_with('=') && !after.starts_with("==")
}

/// `import` and `use`, taken for each other or without quotes.
fn module(head: &str, rest: &str) -> Option<Advice> {
    let (keyword, target) = head.split_once(|letter: char| letter.is_ascii_whitespace())?;
    let target = target.trim();
    if rest.trim() != target || target.len() > LONGEST || target.contains(char::is_whitespace) {
        return None;
    }
    let whole = match keyword {
        "import" if target.starts_with("std.") => format!("use {target}"),
        "import" if !target.contains('"') => format!("import \"{target}\""),
        "use" if target.starts_with('"') => format!("import {target}"),
        _ => return None,
    };
    Some(Advice::new(format!("write `{whole}`")).write(whole, 0..head.trim_end().len()))
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
fn unit(place: &Place<'_>) -> Option<Advice> {
    let token = place.token;
    let number = number_at_end(place.before)?;
    let divisor = divisor(place.rest, token);
    let money = number.starts_with(|letter: char| !letter.is_ascii_digit());
    let units = literal::meant_units(token, money);
    let whole: Vec<String> = units
        .iter()
        .map(|unit| format!("`{number}{unit}{divisor}`"))
        .collect();
    let advice = Advice::new(format!(
        "a unit touches its number: write {}",
        whole.join(" or ")
    ));
    match units.as_slice() {
        [] => None,
        [unit] if *unit == token || literal::is_spelling_of(token, unit) => {
            Some(advice.write(*unit, place.with_blanks()))
        }
        _ => Some(advice),
    }
}

/// `95 USD`, `95$`.
fn currency(place: &Place<'_>) -> Option<Advice> {
    let token = place.token;
    let number = number_at_end(place.before)?;
    let code = token.len() == 3 && token.bytes().all(|byte| byte.is_ascii_uppercase());
    let space = if code { " " } else { "" };
    (code || ["$", "€", "£", "¥"].contains(&token)).then(|| {
        let divisor = divisor(place.rest, token);
        let whole = format!("{token}{space}{number}{divisor}");
        let range = place.with_number(number, place.at + token.len() + divisor.len());
        Advice::new(format!(
            "a currency stands before its amount: write `{whole}`"
        ))
        .write(whole, range)
    })
}

/// `$-5`, `$ 5`.
fn symbol(place: &Place<'_>) -> Option<String> {
    let after = place.rest.get(place.token.len()..)?;
    let symbol = ["$", "€", "£", "¥"].contains(&place.token);
    symbol.then(|| amount(place.token, after))?
}

/// How money is written of which `text` stands behind the currency.
pub(super) fn amount(currency: &str, text: &str) -> Option<String> {
    let text = text.trim_start();
    let signed = text.starts_with(['-', '+']);
    let digits = text.trim_start_matches(['-', '+']).trim_start();
    let number = |letter: &char| letter.is_ascii_digit() || matches!(letter, '_' | '.');
    let digits: String = digits.chars().take(LONGEST).take_while(number).collect();
    let space = if currency.len() == 3 && currency.is_ascii() {
        " "
    } else {
        ""
    };
    let whole = format!("{currency}{space}{digits}");
    let number = digits.starts_with(|first: char| first.is_ascii_digit());
    number.then(|| match signed {
        true => format!(
            "an amount of money has no sign inside it: write `{whole}`, or `-{whole}` where it may \
             be below zero"
        ),
        false => format!("a currency touches its amount: write `{whole}`"),
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
