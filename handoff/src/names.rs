//! File and object names made from the plan's names, which may hold anything.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// SHA-256 in lower-case hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// How many hexadecimal digits tell apart names that look alike once cleaned.
const DIGEST: usize = 10;

/// A name fit for files, sockets and database objects: `[a-z0-9_-]`, at most 51 characters.
/// Different names give different results: whatever had to be changed, or already looks as if it
/// had been, gets a digest of the original.
#[must_use]
pub fn slug(name: &str) -> String {
    let clean = readable(name, 40);
    if clean == name && !looks_digested(name) {
        return clean;
    }
    let digest = sha256(name.as_bytes());
    format!("{clean}-{}", digest.get(..DIGEST).unwrap_or_default())
}

/// As [`slug`], in `[a-z0-9_]`, for database objects.
#[must_use]
pub fn object_name(name: &str) -> String {
    slug(name).replace('-', "_")
}

/// The readable part of a name, in `[a-z0-9_-]`, for places where something else tells names
/// apart.
#[must_use]
pub fn readable(name: &str, longest: usize) -> String {
    let mut clean = String::new();
    for c in name.chars().map(|c| c.to_ascii_lowercase()) {
        let c = if c.is_ascii_alphanumeric() || c == '_' {
            c
        } else {
            '-'
        };
        if c != '-' || !(clean.is_empty() || clean.ends_with('-')) {
            clean.push(c);
        }
        if clean.len() == longest {
            break;
        }
    }
    let clean = clean.trim_end_matches('-');
    if clean.is_empty() {
        "x".to_owned()
    } else {
        clean.to_owned()
    }
}

fn looks_digested(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(_, tail)| {
        tail.len() == DIGEST && tail.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_stay() {
        for name in ["orders", "orders_db", "a-b", "x1"] {
            assert_eq!(slug(name), name);
        }
    }

    #[test]
    fn names_that_clean_alike_stay_apart() {
        let names = [
            "a/b", "a b", "a.b", "A-b", "a--b", "-a-b", "a-b-", "a-b", "", "-", "é", "../x",
        ];
        let slugs: std::collections::BTreeSet<_> = names.iter().map(|name| slug(name)).collect();
        assert_eq!(slugs.len(), names.len());
    }

    #[test]
    fn a_name_that_looks_like_a_slug_of_another_does_not_meet_it() {
        let forged = slug("a/b");
        assert_ne!(slug(&forged), forged);
    }

    #[test]
    fn nothing_but_safe_characters_and_bounded() {
        let long = "x\"; rm -rf / #\n$(id)`id`{{ 7 }}|é".repeat(20);
        let slug = slug(&long);
        assert!(slug.len() <= 51);
        assert!(
            slug.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c))
        );
    }
}
