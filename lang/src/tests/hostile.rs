//! Texts that nobody would write: limits, garbage, and never a panic.

use proptest::prelude::*;

use super::{check, read};
use crate::{FILE_SIZE_LIMIT, NESTING_LIMIT, Sources, add_bytes, format};

#[test]
fn nesting_is_bounded() {
    let deepest = |open: &str, close: &str, inner: &str| {
        let text = |levels: usize| {
            format!(
                "let x = {}{inner}{}",
                open.repeat(levels),
                close.repeat(levels)
            )
        };
        let column = 9 + open.len() * NESTING_LIMIT;
        check(&text(NESTING_LIMIT), &[]);
        let error = format!("1:{column} MG0004 nesting is deeper than 64 levels");
        check(&text(NESTING_LIMIT + 1), &[&error]);
        check(&text(10_000), &[&error]);
    };
    deepest("[", "]", "1");
    deepest("(", ")", "1");
    deepest("-", "", "1");
}

#[test]
fn blocks_and_interpolations_nest_no_deeper() {
    let blocks = "a {\n".repeat(10_000);
    check(&blocks, &["65:3 MG0004 nesting is deeper than 64 levels"]);
    let (_, errors) = read(&format!("a = {}", "\"${".repeat(10_000)));
    assert!(errors[0].contains("MG0004"), "{errors:?}");
    let follows = format!("{}\nservice a {{ x = 4zz }}\n", "[".repeat(10_000));
    check(
        &follows,
        &[
            "1:65 MG0004 nesting is deeper than 64 levels",
            "2:17 MG0003 `zz` is not a unit",
        ],
    );
}

#[test]
fn long_chains_are_bounded() {
    let chain = |operators: usize| format!("a = 1{}", " + 1".repeat(operators));
    check(&chain(256), &[]);
    check(
        &chain(257),
        &["1:5 MG0004 more than 256 operators in one expression"],
    );
    check(
        &chain(20_000),
        &["1:5 MG0004 more than 256 operators in one expression"],
    );
    check(&format!("a = [{}]", "1 + 1, ".repeat(1_000)), &[]);
}

#[test]
fn large_files_are_refused() {
    let fits = format!("#{}", " ".repeat(FILE_SIZE_LIMIT - 1));
    check(&fits, &[]);
    let (file, errors) = read(&"a = 1\n".repeat(10_000_000 / 6));
    assert!(file.statements.is_empty());
    assert_eq!(
        errors,
        ["1:1 MG0005 the file has 9999996 bytes; at most 8 MiB are read"]
    );
}

#[test]
fn errors_are_bounded() {
    let (_, errors) = read(&"a = =\n".repeat(5_000));
    assert_eq!(errors.len(), 1_000);
}

#[test]
fn binary_files_are_refused_with_a_code() {
    let mut sources = Sources::default();
    let (_, error) = add_bytes(&mut sources, "a.mig", b"\x7fELF\x02\xff\xfe");
    assert_eq!(error.unwrap().code, crate::codes::NOT_UTF8);
}

/// Reads and lays out whatever it is given.
fn survive(text: &str) {
    let mut sources = Sources::default();
    let id = sources.add("plan.mig", text);
    let parsed = crate::parse(&sources, id);
    for diagnostic in &parsed.diagnostics {
        let span = diagnostic.primary.span;
        assert!(
            span.start <= span.end && span.end as usize <= text.len() + 1,
            "{text:?}"
        );
    }
    if let Ok(laid_out) = format(&sources, id) {
        let again = sources.add("again.mig", laid_out.clone());
        assert_eq!(
            format(&sources, again).as_deref(),
            Ok(laid_out.as_str()),
            "{text:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        survive(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn random_pieces_never_panic(pieces in prop::collection::vec(piece(), 0..60)) {
        survive(&pieces.concat());
    }
}

/// What plans are made of, in any order.
fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "service ",
        "a",
        "b.c",
        " = ",
        "{",
        "}",
        "\n",
        "\n",
        "  ",
        ";",
        "[",
        "]",
        "(",
        ")",
        ",",
        ":",
        "\"",
        "\"\"\"",
        "${",
        "}",
        "#",
        "## d\n",
        "# c\n",
        "1%",
        "3d",
        "2027-01-11",
        "22:00",
        "..",
        "->",
        " - ",
        "-",
        "\\",
        "use ",
        "pattern ",
        "for ",
        "in ",
        "let ",
        "waive ",
        " because ",
        " of ",
        "é",
        "\r\n",
        "\t",
        "$5",
        "\u{0}",
        "require ",
        "a { b = 1 }\n",
        "x = [1, 2]\n",
        "team t { }\n",
    ])
}
