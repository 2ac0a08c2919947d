//! Names as they are written.

/// Whether a name can stand without quotes.
pub(crate) fn is_identifier(text: &str) -> bool {
    let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(|letter| word(letter) || letter == '-')
        && !text.ends_with('-')
        && !text.contains("--")
}

/// A name as a reference or a definition writes it: in quotes where it would not be one name
/// otherwise.
#[must_use]
pub fn written(name: &str) -> String {
    if is_identifier(name) && name != "remaining" {
        return name.to_owned();
    }
    let mut text = String::from("\"");
    for letter in name.chars() {
        match letter {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\\' | '"' | '$' => {
                text.push('\\');
                text.push(letter);
            }
            other => text.push(other),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_one_word_needs_no_quotes() {
        for name in ["orders", "b2-x_y", "A"] {
            assert_eq!(written(name), name);
        }
    }

    #[test]
    fn what_is_not_is_quoted_and_escaped() {
        for (name, text) in [
            ("orders.v1", r#""orders.v1""#),
            ("2nd", r#""2nd""#),
            ("a-", r#""a-""#),
            ("a--b", r#""a--b""#),
            ("remaining", r#""remaining""#),
            ("", r#""""#),
            ("é", r#""é""#),
            ("say \"hi\" ${x}\\\n", r#""say \"hi\" \${x}\\\n""#),
        ] {
            assert_eq!(written(name), text);
        }
    }
}
