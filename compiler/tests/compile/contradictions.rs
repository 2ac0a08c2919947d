//! What each block may say alone and cannot mean together; and slips told where they were made.

use whimbrel_lang::Level;

use crate::support::{COPY, HOP, MOVE, compiled, shown};

/// The errors of a text beside [`MOVE`], as (code, the text the finding points at).
fn errors(text: &str) -> Vec<(String, String)> {
    let compilation = compiled(&format!("{MOVE}{HOP}{COPY}{text}"));
    let errors = compilation.diagnostics.iter().filter(|found| {
        let families = ["MG00", "MG01", "MG02"];
        let mut families = families.iter();
        found.level == Level::Error && families.any(|family| found.code.number.starts_with(family))
    });
    errors
        .map(|found| {
            let span = found.primary.span;
            let standard = compilation
                .sources
                .get(span.source)
                .path()
                .starts_with("std/");
            assert!(!standard, "told in the library: {}", found.message);
            (
                found.code.number.to_owned(),
                shown(&compilation, span).to_owned(),
            )
        })
        .collect()
}

/// A text, the code of its one error, and the text it points at.
const CASES: &[(&str, &str, &str)] = &[
    (
        "freeze f { from = 2027-03-01; to = 2027-02-01 }",
        "MG0204",
        "to = 2027-02-01",
    ),
    ("window w { }", "MG0204", "window w"),
    (
        "window w { from = 2027-01-05; to = 2027-01-02 }",
        "MG0204",
        "to = 2027-01-02",
    ),
    (
        "window w { days = [sat]; hours = 01:00..05:00; from = 2027-01-05; to = 2027-01-06 }",
        "MG0204",
        "window w",
    ),
    (
        "calendar c { hours = 09:00..09:00 }",
        "MG0204",
        "hours = 09:00..09:00",
    ),
    ("calendar c { days = [] }", "MG0204", "days = []"),
    ("service s { calls s }", "MG0204", "calls s"),
    ("service s { }\nseen s -> s { }", "MG0204", "seen s -> s"),
    (
        "service s { }\nbridge b { over = s -> s; by = proxy }",
        "MG0204",
        "over = s -> s",
    ),
    (
        "topic t { }\nbridge b { over = t; by = cdc }",
        "MG0204",
        "by = cdc",
    ),
    (
        "datastore d { table r }\nbridge b { over = d.r; by = mirror }",
        "MG0204",
        "by = mirror",
    ),
    (
        "service s { calls u }\nservice u { }\nbridge b { over = s -> u; by = proxy; lag = 2s }",
        "MG0204",
        "lag = 2s",
    ),
    (
        "datastore d { }\nbridge b { over = d; by = back_sync; source = old }",
        "MG0204",
        "source = old",
    ),
    (
        "datastore d { }\nbridge b { over = d; by = cdc }\nbridge c { over = d; by = dual_write }",
        "MG0102",
        "over = d",
    ),
    (
        "service s { calls u }\nservice u { }\nbridge b { over = s -> u; by = proxy }\nbridge c { over = s -> u; by = adapter }",
        "MG0102",
        "over = s -> u",
    ),
    (
        "service s { move = hop(); to = stay }",
        "MG0204",
        "to = stay",
    ),
    (
        "service s { on = new; to = new; move = hop() }",
        "MG0204",
        "move = hop()",
    ),
    (
        "platform far { }\nservice s { on = far; move = hop() }",
        "MG0104",
        "move = hop()",
    ),
    (
        "service s { step shift { takes = 3d } }",
        "MG0104",
        "step shift",
    ),
    (
        "service s { move = hop() }\nbatch b { members = [s, s] }",
        "MG0102",
        "s",
    ),
    (
        "service s { move = hop() }\nbatch b { members = [s]; at_once = 2 }",
        "MG0204",
        "at_once = 2",
    ),
    (
        "licence l { of = []; cost = $1/mo; until = 2020-01-01 }",
        "MG0204",
        "until = 2020-01-01",
    ),
    (
        "service s { endpoint = \"10.0.0.1:99999\" }",
        "MG0204",
        "\"10.0.0.1:99999\"",
    ),
    (
        "service s { endpoint = \"hello world\" }",
        "MG0204",
        "\"hello world\"",
    ),
    (
        "service s { endpoint = \"h:80\" }\nservice u { endpoint = \"h:80\" }",
        "MG0102",
        "endpoint = \"h:80\"",
    ),
    ("team t { rate = -$80/h }", "MG0204", "-$80/h"),
    ("service s { cost { old = -$5/mo } }", "MG0204", "-$5/mo"),
    (
        "waive no-undo on s until 2027-01-01 because \"\"",
        "MG0104",
        "\"\"",
    ),
];

/// One contradiction, one finding, at the part that is wrong.
#[test]
fn contradictions_are_refused_once_and_in_place() {
    for (text, code, place) in CASES {
        assert_eq!(
            errors(text),
            [((*code).to_owned(), (*place).to_owned())],
            "{text}"
        );
    }
}

/// What goes there and what comes back are two bridges; so are two calls of one pair.
#[test]
fn bridges_that_differ_may_stand_together() {
    let services = "service s { calls u; move = hop() }\nservice u { calls s; move = hop() }\n\
                    datastore d { table r }\n";
    for bridges in [
        "bridge b { over = d; by = cdc }\nbridge c { over = d; by = back_sync }",
        "bridge b { over = s -> u; by = proxy }\nbridge c { over = u -> s; by = proxy }",
        "bridge b { over = d; by = cdc }\nbridge c { over = d.r; by = cdc }",
    ] {
        assert_eq!(errors(&format!("{services}{bridges}")), [], "{bridges}");
    }
}

/// Migrations: dates and platforms that cannot be.
#[test]
fn a_migration_goes_from_one_platform_to_another_within_its_time() {
    let migration = |text: &str| {
        let plan = format!("platform a {{ }}\nplatform b {{ }}\nmigration m {{ {text} }}\n");
        let found = compiled(&plan).diagnostics;
        let errors = found
            .iter()
            .filter(|found| found.code.number.starts_with("MG02"));
        errors
            .map(|found| found.message.clone())
            .collect::<Vec<_>>()
    };
    assert!(migration("from = a; to = b; start = 2027-01-11; deadline = 2027-01-11").is_empty());
    for (text, message) in [
        (
            "from = a; to = b; start = 2200-01-01",
            "a migration starts between 1970 and 2199",
        ),
        (
            "from = a; to = b; start = 2027-01-11; deadline = 2026-01-11",
            "the deadline is before the start",
        ),
        (
            "from = a; to = a; start = 2027-01-11",
            "the migration goes from `a` to itself",
        ),
    ] {
        assert!(
            migration(text).contains(&message.to_owned()),
            "{text}: {:?}",
            migration(text)
        );
    }
}

/// A value that cannot be read is told once, and not called missing as well.
#[test]
fn what_is_given_and_wrong_is_not_missing() {
    assert_eq!(errors("risk r { tier = criticl }").len(), 1);
    assert_eq!(errors("trigger t { when = eror_rate > 1% }").len(), 1);
}

/// A role that is nearly one of the known ones is a slip; one that is not is asked for by a rule.
#[test]
fn a_role_that_is_misspelt_is_told_where_it_stands() {
    let service =
        |owner: &str| format!("service s {{ move = hop(); step shift {{ owner = {owner} }} }}");
    let slip = [("MG0101".to_owned(), "infrastructure_enginer".to_owned())];
    assert_eq!(errors(&service("infrastructure_enginer")), slip);
    assert!(errors(&service("infrastructure_engineer")).is_empty());
    assert!(errors(&service("harbour_master")).is_empty());
}

/// What the arguments of a standard pattern make wrong is told at the arguments.
#[test]
fn a_standard_pattern_is_not_blamed_for_its_arguments() {
    let text = "use std.patterns.strangler_fig\n\
                service s { move = strangler_fig(weights: [50%, 50%, 100%]) }";
    let place = "move = strangler_fig(weights: [50%, 50%, 100%])";
    assert_eq!(errors(text), [("MG0206".to_owned(), place.to_owned())]);
    let twice = "use std.patterns.strangler_fig\n\
                 service s { move = strangler_fig(soak: 1h, soak: 2h) }";
    assert_eq!(errors(twice), [("MG0102".to_owned(), "2h".to_owned())]);
}

/// In a service's own step the keyword stands for the service, as it does in patterns.
#[test]
fn a_services_own_step_can_name_the_service() {
    assert!(
        errors("service s { move = hop(); step shift { undo = traffic.shift(service, to: 0%) } }")
            .is_empty()
    );
}
