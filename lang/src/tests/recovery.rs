//! Broken texts: every broken statement is reported, where it is broken.

use super::{check, read};
use crate::ast::{Body, ExprKind, File, StatementKind, Word};
use crate::{Sources, parse};

const BROKEN: [(&str, &[&str]); 20] = [
    (
        "a = ",
        &["1:4 MG0001 expected a value, found the end of the line"],
    ),
    ("a = 1 2", &["1:7 MG0001 unexpected `2` after `1`"]),
    ("a = [1 2]", &["1:8 MG0001 expected `,` or `]`, found `2`"]),
    ("a = (1", &["1:5 MG0002 this `(` is never closed"]),
    ("a = f(x", &["1:6 MG0002 this `(` is never closed"]),
    ("a = [f(1]", &["1:7 MG0002 this `(` is never closed"]),
    (
        "a = 1)",
        &["1:6 MG0001 unexpected `)`: nothing is open that it closes"],
    ),
    (
        "a = \"x",
        &["1:5 MG0003 this string is not closed on its line"],
    ),
    ("a = \"\"\"x", &["1:5 MG0003 this string is not closed"]),
    ("}", &["1:1 MG0001 unexpected `}`: no block is open"]),
    (
        "a { } b",
        &["1:7 MG0001 expected a new line or `;` after `}`"],
    ),
    (
        "a = 3 -2",
        &["1:7 MG0001 expected a space before and behind `-`"],
    ),
    (
        "a = 3d-1d",
        &["1:7 MG0001 expected a space before and behind `-`"],
    ),
    ("a = 1 < 2 < 3", &["1:11 MG0001 comparisons do not chain"]),
    ("a = 1..2..3", &["1:9 MG0001 a range has two ends"]),
    (
        "a = [1: 2, 3]",
        &["1:12 MG0001 either every element of a list has a weight behind `:`, or none"],
    ),
    ("a = 1 { }", &["1:7 MG0001 unexpected `{` after a value"]),
    (
        "import \"x\" { }",
        &["1:12 MG0001 unexpected `{`: `import` has no block"],
    ),
    (
        "for x in y",
        &["1:11 MG0001 expected `{`, found the end of the line"],
    ),
    (
        "use patterns",
        &["1:1 MG0001 expected a module and a name in it"],
    ),
];

#[test]
fn unexpected_words_and_signs() {
    let wrong: Vec<(&str, Vec<String>)> = BROKEN
        .iter()
        .map(|(text, expected)| (*text, *expected, read(text).1))
        .filter(|(_, expected, found)| found != expected)
        .map(|(text, _, found)| (text, found))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The only error of a text and the help given with it.
fn error_and_help(text: &str) -> (String, String) {
    let errors = read(text).1;
    assert_eq!(errors.len(), 1, "{errors:?} in\n{text}");
    let mut sources = Sources::default();
    let id = sources.add("plan.mig", text);
    let help = parse(&sources, id).diagnostics.remove(0).help;
    (errors[0].clone(), help.unwrap_or_default())
}

const ENDS: &str = "end an attribute with a newline or `;`";

/// A text, its only error and the help given with it.
const HABITS: [(&str, &str, &str); 13] = [
    (
        "service = \"x\" {\n  tier = critical\n}",
        "1:9 MG0001 unexpected `=` before the name of a block",
        "write `service x {`",
    ),
    (
        "service = \"x.v1\" { }",
        "1:9 MG0001 unexpected `=` before the name of a block",
        "write `service \"x.v1\" {`",
    ),
    (
        "a = 1 { }",
        "1:7 MG0001 unexpected `{` after a value",
        "a value has no block; end the line before it",
    ),
    (
        "tier = critical, kind = stateless",
        "1:16 MG0001 unexpected `,` after `critical`",
        ENDS,
    ),
    (
        "weights = [1, 2], kind = stateless",
        "1:17 MG0001 unexpected `,` after `]`",
        ENDS,
    ),
    (
        "traffic = 3rps kind = stateless",
        "1:16 MG0001 unexpected `kind` after `3rps`",
        ENDS,
    ),
    (
        "import std.patterns.x",
        "1:8 MG0001 expected a string, found `std`",
        "write `use std.patterns.x`",
    ),
    (
        "import ./more.mig",
        "1:8 MG0001 expected a string, found `.`",
        "write `import \"./more.mig\"`",
    ),
    (
        "use \"more.mig\"",
        "1:5 MG0001 expected a name, found `\"more.mig\"`",
        "write `import \"more.mig\"`",
    ),
    (
        "import \".\"",
        "1:8 MG0001 expected the path of a file, found `\".\"`",
        "name a file, as in `import \"inventory.mig\"`",
    ),
    (
        "import \"\"",
        "1:8 MG0001 expected the path of a file, found `\"\"`",
        "name a file, as in `import \"inventory.mig\"`",
    ),
    (
        "a = 1 // b",
        "1:7 MG0001 `//` does not begin a comment",
        "a comment begins with `#` and ends with its line",
    ),
    (
        "a = 1 /* b */",
        "1:7 MG0001 `/*` does not begin a comment",
        "a comment begins with `#` and ends with its line",
    ),
];

#[test]
fn habits_from_elsewhere_get_help() {
    for (text, error, help) in HABITS {
        let found = error_and_help(text);
        assert_eq!(found, (error.to_owned(), help.to_owned()), "in\n{text}");
    }
}

#[test]
fn a_block_behind_a_value_keeps_its_name_and_statements() {
    let (file, _) = read("service = \"x\" {\n  tier = critical\n}");
    let (expected, _) = read("service \"x\" {\n  tier = critical\n}");
    let words = |file: &File| match &file.statements[0].kind {
        StatementKind::Plain(plain) => match (&plain.words[0], &plain.body) {
            (Word::Path(path), Body::Block(block)) => {
                (path.segments[0].name.clone(), block.statements.len())
            }
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    assert_eq!(words(&file), words(&expected));
}

#[test]
fn a_bad_literal_leaves_its_statement_in_the_tree() {
    let cases = [
        (
            "start = 2027-02-30",
            "1:9 MG0003 `2027-02-30` does not exist",
        ),
        ("start = 3 d", "1:11 MG0001 unexpected `d` after `3`"),
    ];
    for (text, error) in cases {
        let (file, errors) = read(text);
        assert_eq!(errors, [error]);
        let StatementKind::Plain(start) = &file.statements[0].kind else {
            panic!("not plain");
        };
        assert_eq!(start.keyword.value, "start");
        let Body::Value { value, .. } = &start.body else {
            panic!("no value");
        };
        assert_eq!(value.kind, ExprKind::Error);
    }
}

#[test]
fn one_run_reports_every_broken_statement() {
    let text = "service a {\n  team = = 1\n  tier = critical\n  traffic = 4zz\n  calls b { rate = ! }\n}\nteam {\n  x = [1,,2]\n}\nlet = \nservice c { kind = stateless }\n";
    let (file, errors) = read(text);
    let places: Vec<&str> = errors
        .iter()
        .filter_map(|error| error.split(' ').next())
        .collect();
    assert_eq!(places, ["2:10", "4:13", "5:20", "8:10", "10:6"]);
    // The statements around them are all there.
    assert_eq!(file.statements.len(), 4);
}

#[test]
fn a_missing_brace_is_reported_where_its_block_opened() {
    let cases: [(&str, &[&str]); 6] = [
        (
            "service a {\n  x = 1\n\nservice b { }\n",
            &["1:11 MG0002 this `{` is never closed"],
        ),
        (
            "service a {\n  calls b {\n    rate = 1\n}\nservice c { }\n",
            &["2:11 MG0002 this `{` is never closed"],
        ),
        (
            "service a {\n  calls b {\n    rate = 1\n  team = x\n  tier = y\n}\nservice c { }\n",
            &["2:11 MG0002 this `{` is never closed"],
        ),
        (
            "service a {\n  x = 1\nservice b {\n  y = 2\nservice c { }\n",
            &[
                "1:11 MG0002 this `{` is never closed",
                "3:11 MG0002 this `{` is never closed",
            ],
        ),
        (
            "service a {\n  x = 1\n",
            &["1:11 MG0002 this `{` is never closed"],
        ),
        // Odd indentation alone is no error.
        (
            "service a {\nx = 1\n    calls b {\n  y = 2\n}\n  }\nservice c { }\n",
            &[],
        ),
    ];
    for (text, expected) in cases {
        check(text, expected);
    }
}

#[test]
fn what_follows_a_missing_brace_is_kept() {
    let text = "## Doc.\n# comment\nservice a {\n  calls b {\n    rate = 1\n  team = x\n}\n\nservice c { }\n";
    let (file, errors) = read(text);
    assert_eq!(errors, ["4:11 MG0002 this `{` is never closed"]);
    assert_eq!(file.statements.len(), 2);
    assert_eq!(file.statements[0].doc().len(), 1);
    assert_eq!(file.statements[0].comments().len(), 1);
    assert!(file.statements[1].blank_before);
    let StatementKind::Plain(service) = &file.statements[0].kind else {
        panic!("not plain");
    };
    let Body::Block(block) = &service.body else {
        panic!("no block");
    };
    // `team` belongs to the service again.
    assert_eq!(block.statements.len(), 2);
}

#[test]
fn a_missing_bracket_does_not_swallow_what_follows() {
    let text = "service a {\n  weights = [1%, 5%\n  soak = 4h\n  calls b { rate = 3zz }\n}\nteam t { x = 4qq }\n";
    check(
        text,
        &[
            "2:13 MG0002 this `[` is never closed",
            "4:20 MG0003 `zz` is not a unit",
            "6:14 MG0003 `qq` is not a unit",
        ],
    );
    check(
        "a = f(1\nservice b { x = 4qq }\n",
        &[
            "1:6 MG0002 this `(` is never closed",
            "2:17 MG0003 `qq` is not a unit",
        ],
    );
    check(
        "a {\n  b = f(1\n  c d {\n    x = 4qq\n  }\n}\n",
        &[
            "2:8 MG0002 this `(` is never closed",
            "4:9 MG0003 `qq` is not a unit",
        ],
    );
    check(
        "a { b = [\"x }\n}\nteam c { x = 4qq }\n",
        &[
            "1:10 MG0003 this string is not closed on its line",
            "3:14 MG0003 `qq` is not a unit",
        ],
    );
}

#[test]
fn messages_never_name_the_grammar() {
    let texts = [
        "a b = ",
        "use",
        "use a.",
        "let x",
        "pattern",
        "pattern p(",
        "pattern p(x) for y { }",
        "waive",
        "waive x on",
        "waive x until",
        "require 1",
        "for x y { }",
        "a = f(x: )",
        "a = 1 of",
        "a = b ->",
        "a = ${x}",
        "a = \"${}\"",
        "a = 'x'",
        "a: 1",
        "?",
        "a = [",
        "a = 1 +",
        "é = 1",
    ];
    for text in texts {
        let (_, errors) = read(text);
        assert!(!errors.is_empty(), "{text}");
        for error in errors {
            let names = [
                "operand",
                "word_",
                "EOI",
                "Rule",
                "named",
                "negate",
                "_parenthesis",
            ];
            assert!(
                !names.iter().any(|name| error.contains(name)),
                "{text}: {error}"
            );
        }
    }
}
