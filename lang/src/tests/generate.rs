//! Programs in any layout, for properties of the parser and the formatter.

use proptest::prelude::*;

type Texts = BoxedStrategy<String>;
type Gaps = BoxedStrategy<&'static str>;

fn name() -> Texts {
    prop_oneof![
        4 => "[a-z][a-z0-9_]{0,8}(-[a-z0-9]{1,4})?"
            .prop_filter("reserved", |name| name != "remaining"),
        1 => "\"[a-z. #{}]{1,10}\"",
    ]
    .prop_filter("forms of their own", |name| {
        let forms = ["use", "import", "let", "pattern", "for", "require", "waive"];
        !forms.contains(&name.as_str())
    })
    .boxed()
}

fn keyword() -> Texts {
    prop::sample::select(vec![
        "service", "calls", "step", "x", "weights", "team", "on_call",
    ])
    .prop_map(str::to_owned)
    .boxed()
}

fn blank() -> Gaps {
    prop::sample::select(vec!["", " ", "  "]).boxed()
}

/// What may stand inside brackets wherever a blank may.
fn gap() -> Gaps {
    prop::sample::select(vec!["", " ", "", " ", "\n", "\n    ", " # in here\n"]).boxed()
}

fn leaf() -> Texts {
    let literals = vec![
        "3",
        "0.25",
        "12_500",
        "2.8M",
        "99.95%",
        "true",
        "90s",
        "15min",
        "6mo",
        "3wd",
        "50TB",
        "4GiB",
        "400rps",
        "10Gbps",
        "12_500/s",
        "$1_200",
        "USD 95",
        "$2.8M/y",
        "12%/y",
        "2027-01-11",
        "2027-01-11T22:00",
        "22:00",
        "\"text # {\"",
        "\"shift_${w + 1}\"",
        "\"\"\"\n    one\n      two\n    \"\"\"",
        "\"\"\"\n    ${w}: # text\n    \\\"\\\"\\\" {\n    \"\"\"",
        "error_rate  <1%",
        "mon..fri",
        "09:00..17:00",
        "2027-03-05T22:00",
        "\"${a}${b.first}\"",
        "[]",
        "remaining",
        "\"quoted.name\"",
    ];
    prop_oneof![
        3 => prop::sample::select(literals).prop_map(str::to_owned),
        2 => name(),
        1 => (name(), name()).prop_map(|(a, b)| format!("{a}.{b}")),
        1 => (name(), name()).prop_map(|(a, b)| format!("{a}  -> {b}")),
        1 => name().prop_map(|team| format!("2 of  {team}")),
    ]
    .boxed()
}

/// An expression; `gaps` says what separates the elements of lists.
fn expression(gaps: Gaps) -> Texts {
    leaf()
        .prop_recursive(3, 24, 5, move |inner| {
            let gaps = gaps.clone();
            let element = (gaps.clone(), inner.clone(), gaps.clone())
                .prop_map(|(before, value, after)| format!("{before}{value}{after}"));
            let list = prop::collection::vec(element.clone(), 0..6).prop_map(|all| all.join(","));
            let named = (element.clone(), any::<bool>()).prop_map(|(value, named)| {
                if named {
                    format!("key: {value}")
                } else {
                    value
                }
            });
            let arguments = prop::collection::vec(named, 0..4).prop_map(|all| all.join(", "));
            let pair = (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} : {b}"));
            let weighted = prop::collection::vec(pair, 1..4).prop_map(|all| all.join(", "));
            let sign = prop::sample::select(vec![" + ", " - ", "*", " * ", " / ", ".."]);
            let group = inner.clone().prop_map(|value| format!("( {value} )"));
            let plain = (group.clone(), sign, group.clone())
                .prop_map(|(left, sign, right)| format!("{left}{sign}{right}"));
            prop_oneof![
                list.prop_map(|list| format!("[{list}]")),
                arguments.prop_map(|list| format!("call.it( {list})")),
                weighted.prop_map(|list| format!("[{list}]")),
                group.clone().prop_map(|value| format!("-{value}")),
                plain,
                group,
            ]
        })
        .boxed()
}

fn comment() -> Texts {
    prop_oneof![
        3 => Just(String::new()),
        1 => "[a-z #{}\"]{0,12}".prop_map(|text| format!("#{text}\n").replace("##", "# ")),
        1 => "[a-z]{0,12}".prop_map(|text| format!("## {text}\n")),
        1 => Just("\n\n".to_owned()),
    ]
    .boxed()
}

fn end() -> Gaps {
    prop::sample::select(vec!["\n", "\n\n\n", ";", " # behind\n", ";\n"]).boxed()
}

fn head(gaps: Gaps) -> Texts {
    let attribute = (keyword(), blank(), blank(), expression(gaps.clone()))
        .prop_map(|(key, a, b, value)| format!("{key}{a}={b}{value}"))
        .boxed();
    let reason = attribute
        .clone()
        .prop_map(|attribute| format!("{attribute}  because \"of it\""));
    let words = (keyword(), prop::collection::vec(name(), 0..3))
        .prop_map(|(key, words)| format!("{key} {}", words.join("  ")));
    let arrow = (keyword(), name(), name()).prop_map(|(key, a, b)| format!("{key} {a}  ->  {b}"));
    let binding = (expression(gaps.clone()), any::<bool>()).prop_map(|(value, reason)| {
        let reason = if reason { " because \"so\"" } else { "" };
        format!("let  x = {value}{reason}")
    });
    // In brackets: the value may be a comparison, and comparisons do not chain.
    let require =
        expression(gaps).prop_map(|value| format!("require ({value}) > 1 , \"no ${{x}}\""));
    let fixed = prop::sample::select(vec![
        "use std.patterns.{ a,b }",
        "use std.patterns.canary",
        "use std.patterns.{a_name_of_some_length, another_name_of_some_length, a_third_name_of_some_length, b}",
        "require weights.last==100%, \"no ${x} init\"",
        "import \"other.mig\"",
        "waive a-b  on x.y until 2027-03-01 because \"ADR 14\"",
        "waive MG0301",
    ]);
    prop_oneof![
        4 => attribute,
        1 => reason,
        2 => words,
        1 => arrow,
        1 => binding,
        1 => require,
        1 => fixed.prop_map(str::to_owned),
    ]
    .boxed()
}

fn statements(gaps: Gaps) -> Texts {
    let lone = (comment(), head(gaps.clone()), end())
        .prop_map(|(comment, head, end)| format!("{comment}{head}{end}"))
        .boxed();
    let first = prop::collection::vec(lone.clone(), 0..5).prop_map(|all| all.concat());
    first
        .prop_recursive(3, 24, 4, move |inner| {
            let opening = prop_oneof![
                (keyword(), name()).prop_map(|(key, name)| format!("{key} {name}")),
                expression(gaps.clone()).prop_map(|list| format!("for w in {list}")),
                expression(gaps.clone()).prop_map(|value| format!(
                    "pattern p(a: list<ratio>={value},b : x) for service"
                )),
                expression(gaps.clone()).prop_map(|value| format!(
                    "pattern p(\n## Doc.\na: list<ratio>={value}, # why\n## Two\n## lines.\nb : x,\n) for queue"
                )),
                Just("step \"shift_${w}\"".to_owned()),
                Just("link a  ->b".to_owned()),
                Just("together".to_owned()),
            ];
            let open = prop::sample::select(vec!["{", "{ ", "{\n", "{ # open\n"]);
            let block = (comment(), opening, open, inner.clone(), comment(), end()).prop_map(
                |(comment, opening, open, inner, last, end)| {
                    format!("{comment}{opening} {open}{inner}\n{last}}}{end}")
                },
            );
            let one_line = (head(blank()), head(blank())).prop_filter_map("lines", |(a, b)| {
                let text = format!("  step s {{ {a};{b} }}\n");
                (text.lines().count() == 1).then_some(text)
            });
            prop::collection::vec(prop_oneof![lone.clone(), block, one_line], 0..5)
                .prop_map(|all| all.concat())
        })
        .boxed()
}

/// A program without errors and without comments inside its expressions.
pub(super) fn program() -> Texts {
    indented(statements(
        prop::sample::select(vec!["", " ", "\n", "\n    "]).boxed(),
    ))
    .boxed()
}

/// A program without errors, with comments anywhere.
pub(super) fn commented_program() -> Texts {
    indented(statements(gap())).boxed()
}

/// Moves every line off the first column, where keywords end what is open.
fn indented(text: Texts) -> Texts {
    text.prop_map(|text| format!(" {}", text.replace('\n', "\n ")))
        .boxed()
}
