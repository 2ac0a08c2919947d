//! Passwords, tokens and keys in the plan's text.
//!
//! Everything of a plan is read by everybody: the text is in version control, and what it says is
//! printed in runbooks and scripts. Secrets are found by their shape, in comments, too; the message
//! never repeats them.

use std::sync::LazyLock;

use regex::{Regex, RegexSet};
use whimbrel_lang::{Code, Level, Source, SourceId, Span};

use super::{Check, Context, Findings, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG1102",
        name: "secret-in-plan",
    },
    level: Level::Warning,
    summary: "a secret stands in the plan",
    page: include_str!("../../rules/secret-in-plan.md"),
    check: Check::Inventory(check),
};

/// What a secret looks like. The part called `secret`, where there is one, is not one when it only
/// says where the secret is.
const SHAPES: [(&str, &str); 8] = [
    (
        "a password in an address",
        r#"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@"']*:(?P<secret>[^\s/@"']+)@"#,
    ),
    (
        "a password",
        r#"(?i)(?-u:\b)(?:password|passwd|pwd|passphrase)\s*[:=]\s*["']?(?P<secret>[^\s"',;)]+)"#,
    ),
    (
        "a token",
        r#"(?i)(?-u:\b)(?:token|secret|api_?key|access_?key|secret_?key|private_?key|client_?secret)\s*[:=]\s*["'](?P<secret>[^"']+)"#,
    ),
    ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    (
        "an access key of a cloud",
        r"(?-u:\b)(?:AKIA|ASIA)[0-9A-Z]{16}(?-u:\b)|(?-u:\b)AIza[0-9A-Za-z_-]{35}",
    ),
    (
        "a token of a code host",
        r"(?-u:\b)(?:gh[opsu]_[0-9A-Za-z]{36}|github_pat_[0-9A-Za-z_]{22}|glpat-[0-9A-Za-z_-]{20})",
    ),
    (
        "a token of a service",
        r"(?-u:\b)(?:xox[abeprs]-[0-9A-Za-z-]{10}|sk_live_[0-9A-Za-z]{16}|hooks\.slack\.com/services/T[0-9A-Z]+/)",
    ),
    (
        "a signed token",
        r"(?-u:\b)eyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.",
    ),
];

/// All shapes at once, to pass by the texts that have none, and each by itself.
struct Shapes {
    any: RegexSet,
    each: Vec<Regex>,
}

static COMPILED: LazyLock<Option<Shapes>> = LazyLock::new(|| {
    let patterns = SHAPES.map(|(_, pattern)| pattern);
    let each: Result<Vec<Regex>, regex::Error> =
        patterns.iter().map(|pattern| Regex::new(pattern)).collect();
    Some(Shapes {
        any: RegexSet::new(patterns).ok()?,
        each: each.ok()?,
    })
});

fn check(context: &Context<'_>, findings: &mut Findings) {
    for (id, source) in context.sources.iter() {
        if source.path().starts_with("std/") {
            continue;
        }
        for (what, span) in secrets(id, source) {
            let finding = RULE
                .finding(
                    span,
                    format!("this looks like {what}, and everybody reads a plan"),
                )
                .help("name the environment variable that holds it (`old_dsn_env: \"OLD_DATABASE\"`), and change the secret: it stays in the history");
            let name = enclosing(source.text(), span.start as usize);
            findings.report(name.into_iter().chain([source.path()]), finding);
        }
    }
}

/// Every secret of a text with what it looks like, from the first to the last, none twice.
fn secrets(id: SourceId, source: &Source) -> Vec<(&'static str, Span)> {
    let Some(shapes) = &*COMPILED else {
        return Vec::new();
    };
    let text = source.text();
    let mut found: Vec<(&'static str, Span)> = Vec::new();
    for index in shapes.any.matches(text) {
        let (Some((what, _)), Some(shape)) = (SHAPES.get(index), shapes.each.get(index)) else {
            continue;
        };
        for captures in shape.captures_iter(text) {
            let said = captures.name("secret");
            let (Some(all), false) = (
                captures.get(0),
                said.is_some_and(|said| refers(said.as_str())),
            ) else {
                continue;
            };
            found.push((what, Span::new(id, all.start(), all.end())));
        }
    }
    found.sort_by_key(|(_, span)| (span.start, span.end));
    found.dedup_by(|later, earlier| later.1.start < earlier.1.end);
    found
}

/// Whether it only says where a secret is: a variable, a file, an entry of a store, a blank.
fn refers(said: &str) -> bool {
    let variable = said
        .chars()
        .all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_');
    let stores = [
        "env:", "file:", "vault:", "ssm:", "sops:", "arn:", "ref+", "op://",
    ];
    variable
        || said.starts_with(['$', '/', '<', '%', '{', '…', '*', '.'])
        || stores.iter().any(|store| said.starts_with(store))
}

/// The name that the statement around a place gives: `ec2` in `platform ec2 { … }`.
fn enclosing(text: &str, at: usize) -> Option<&str> {
    let before = text.get(..at)?;
    let begins = |line: &&str| line.starts_with(|first: char| first.is_ascii_alphabetic());
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text.get(start..)?.lines().next().filter(begins);
    let head = line.or_else(|| before.lines().rev().skip(1).find(begins))?;
    let name = head.split_whitespace().nth(1)?;
    Some(name.trim_matches(['"', '{']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use whimbrel_lang::Sources;

    fn found(text: &str) -> Vec<&'static str> {
        let mut sources = Sources::default();
        let id = sources.add("plan.mig", text);
        let all = secrets(id, sources.get(id));
        all.into_iter().map(|(what, _)| what).collect()
    }

    #[test]
    fn shapes_are_known() {
        assert!(COMPILED.is_some());
        // Put together here, so that the repository has nothing that looks like one.
        let long = "a1B2".repeat(10);
        let cases = [
            (
                "postgres://app:hunter2@10.0.0.1/orders".to_owned(),
                "a password in an address",
            ),
            ("amqp://:hunter2@mq".to_owned(), "a password in an address"),
            (
                "\"host=db password=hunter2 user=app\"".to_owned(),
                "a password",
            ),
            ("passwd: \"hunter2\"".to_owned(), "a password"),
            ("api_key = \"hunter2\"".to_owned(), "a token"),
            (
                format!("-----BEGIN {}PRIVATE KEY-----", "RSA "),
                "a private key",
            ),
            (
                format!("AKIA{}", "A1B2C3D4E5F6G7H8"),
                "an access key of a cloud",
            ),
            (format!("ghp_{}", &long[..36]), "a token of a code host"),
            (format!("xoxb-{}", &long[..12]), "a token of a service"),
            (
                format!("eyJ{}.eyJ{}.x", &long[..12], &long[..12]),
                "a signed token",
            ),
        ];
        for (text, what) in cases {
            assert_eq!(found(&text), [what], "{text}");
        }
    }

    #[test]
    fn what_only_refers_to_a_secret_is_none() {
        for text in [
            "old_dsn_env: \"OLD_DATABASE\"",
            "password: \"DB_PASSWORD\"",
            "password=$PGPASSWORD host=db",
            "postgres://app:${DB_PASSWORD}@10.0.0.1/orders",
            "token: \"vault:secret/data/proxy\"",
            "token: \"/run/secrets/proxy\"",
            "endpoint = \"10.1.4.20:8080\"",
            "url = \"http://metrics.internal:9090\"",
            "## The token of a session is kept for an hour.",
            "service token { }",
            "password = …",
        ] {
            assert_eq!(found(text), [] as [&str; 0], "{text}");
        }
    }

    #[test]
    fn one_secret_of_two_shapes_is_told_once() {
        let text = "dsn: \"postgres://app:password=x@db\"\ntoken: \"abc\"";
        assert_eq!(found(text), ["a password in an address", "a token"]);
    }

    #[test]
    fn a_secret_is_waived_by_the_name_of_its_statement() {
        let text = "team a { }\nplatform ec2 {\n  x = \"secret\"\n}\nlet key = \"secret\"\n";
        let at = |nth: usize| text.match_indices("secret").nth(nth).map(|(at, _)| at);
        assert_eq!(at(0).and_then(|at| enclosing(text, at)), Some("ec2"));
        assert_eq!(at(1).and_then(|at| enclosing(text, at)), Some("key"));
    }
}
