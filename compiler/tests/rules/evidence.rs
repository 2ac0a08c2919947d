//! What rules make of evidence: of many observations at once, and of the day they are looked at.

use std::fmt::Write as _;

use jiff::civil::{Date, date};
use whimbrel_compiler::{Options, compile};

use super::{Project, base, compiled};

/// The messages of one rule's findings, with their notes.
fn told_by(rule: &str, text: String, today: Date) -> Vec<(String, Vec<String>)> {
    let compilation = compile(
        &Project(text.into(), std::collections::BTreeMap::new()),
        "plan.mig",
        &Options::new(today),
    );
    let found = compilation.diagnostics.into_iter();
    let found = found.filter(|found| found.code.name == rule);
    found.map(|found| (found.message, found.notes)).collect()
}

/// `count` services that each call `ledger` with the declared rate and were seen to with another.
fn calls(count: usize, declared: &str, seen: impl Fn(usize) -> String) -> String {
    let mut text = base() + "service ledger { to = stay }\n";
    for n in 0..count {
        let rate = format!("rate = {declared}");
        writeln!(
            text,
            "service s{n} {{ calls ledger {{ {rate}; need = soft }}; move = strangler_fig() }}"
        )
        .unwrap();
        writeln!(text, "seen s{n} -> ledger {{ {} }}", seen(n)).unwrap();
    }
    text
}

#[test]
fn many_stale_calls_of_one_source_are_one_finding_at_the_oldest() {
    let text = calls(12, "1rps", |n| {
        format!("source = \"traces\"; at = 2026-07-{:02}", 20 - n)
    });
    let found = told_by("stale-observation", text, date(2026, 11, 21));
    let message = "12 calls were last seen by traces more than 90 days ago, the oldest, `s11` → \
                   `ledger`, on 2026-07-09";
    assert_eq!(found, [(message.to_owned(), Vec::new())]);
}

#[test]
fn an_observation_ages_until_the_start_and_no_further() {
    // 2027-01-11 is the start; 90 days before it is 2026-10-13.
    let seen = |day: &str| calls(1, "1rps", |_| format!("at = {day}"));
    let long_after = date(2028, 6, 1);
    let fresh = seen("2026-10-13");
    assert_eq!(told_by("stale-observation", fresh, long_after), []);
    let found = told_by("stale-observation", seen("2026-10-12"), long_after);
    let message = "`s0` was last seen calling `ledger` on 2026-10-12, 91 days before the start";
    assert_eq!(found, [(message.to_owned(), Vec::new())]);
    // Without a migration only today counts.
    let inventory = "service a { calls b }\nservice b { }\nseen a -> b { at = 2026-10-13 }\n";
    let found = told_by("stale-observation", inventory.to_owned(), long_after);
    assert_eq!(found.len(), 1);
}

#[test]
fn what_an_old_observation_does_not_show_is_not_held_against_a_call() {
    let plan = |day: &str| {
        base()
            + "service a { calls b { need = soft }; calls c { need = soft }; move = strangler_fig() }\n"
            + "service b { to = stay }\nservice c { to = stay }\n"
            + &format!("seen a -> b {{ at = {day} }}\n")
    };
    let rule = "declared-never-observed";
    let today = date(2026, 11, 21);
    assert_eq!(told_by(rule, plan("2026-08-22"), today), []);
    let message = "`a` declares calls to `c`, and was seen calling others but never it";
    let found = told_by(rule, plan("2026-08-23"), today);
    assert_eq!(found, [(message.to_owned(), Vec::new())]);
}

#[test]
fn a_source_that_is_wrong_about_most_calls_is_told_once() {
    // Eight calls: five lower by more than a factor of two, three as declared.
    let rates = |wrong: usize| {
        move |n: usize| {
            let rate = if n < wrong { 10 + n } else { 100 };
            format!("source = \"traces\"; rate = {rate}rps; at = 2026-11-02")
        }
    };
    let today = date(2026, 11, 21);
    let found = told_by("rates-disagree", calls(8, "100rps", rates(5)), today);
    let message =
        "traces disagrees by more than a factor of two about 5 of 8 calls, all of them lower";
    let note = "the farthest: `s0` → `ledger`, 10/s against 100/s";
    assert_eq!(found, [(message.to_owned(), vec![note.to_owned()])]);
    // Half of them is not most, and of seven calls each is told.
    let found = told_by("rates-disagree", calls(8, "100rps", rates(4)), today);
    assert_eq!(found.len(), 4);
    assert_eq!(
        found[0].0,
        "100/s is declared for the calls of `s0` to `ledger`, and traces saw 10/s"
    );
    let found = told_by("rates-disagree", calls(7, "100rps", rates(7)), today);
    assert_eq!(found.len(), 7);
}

#[test]
fn never_and_often_disagree() {
    let seen = |rate: &str| calls(1, "0rps", |_| format!("rate = {rate}"));
    let today = date(2026, 11, 21);
    assert_eq!(told_by("rates-disagree", seen("0rps"), today), []);
    assert_eq!(told_by("rates-disagree", seen("1rps"), today).len(), 1);
}

#[test]
fn a_call_between_many_is_declared_in_pieces() {
    let text = base()
        + "service a { calls b { rate = 30rps; need = soft }; calls b { rate = 30rps; need = soft; mode = async }; move = strangler_fig() }\n"
        + "service b { to = stay }\nseen a -> b { rate = 60rps }\n";
    assert_eq!(told_by("rates-disagree", text, date(2026, 11, 21)), []);
}

#[test]
fn all_that_is_left_in_doubt_is_one_finding_at_the_migration() {
    let text = base()
        + "datastore db { table orders; table items }\nservice ledger { }\n"
        + "service a { calls ledger { need = hard }; reads db.orders; writes db.items; move = strangler_fig() }\n"
        + "service b { calls ledger { need = hard }; move = strangler_fig() }\n";
    let found = told_by("needs-outside-plan", text, date(2026, 11, 21));
    let message = "`a` and `b` need `ledger`, which neither moves nor is said to stay on `old`";
    let note = "the same holds of `db`";
    assert_eq!(found, [(message.to_owned(), vec![note.to_owned()])]);
}

#[test]
fn all_who_have_an_address_written_down_are_one_finding() {
    let pinned = |n: usize| format!("service s{n} {{ pins \"h:80\"; move = strangler_fig() }}\n");
    let text = base()
        + "service ledger { endpoint = \"h:80\"; move = strangler_fig() }\n"
        + &(0..10).map(pinned).collect::<String>();
    let compilation = compiled(text);
    let found: Vec<_> = compilation.diagnostics.iter().collect();
    assert_eq!(found.len(), 1, "{found:?}");
    let message = "`h:80` is written down in `s0`, `s1`, `s2`, `s3`, `s4`, `s5`, `s6`, `s7` and 2 \
                   more, and `ledger` moves away from it";
    assert_eq!(found[0].message, message);
}

/// `count` services of which each was seen calling `each` others that it does not declare.
fn undeclared(count: usize, each: usize) -> Vec<(String, Vec<String>)> {
    let mut text = base();
    for n in 0..each {
        writeln!(text, "service t{n} {{ to = stay }}").unwrap();
    }
    for n in 0..count {
        writeln!(text, "service s{n} {{ move = strangler_fig() }}").unwrap();
        for to in 0..each {
            writeln!(
                text,
                "seen s{n} -> t{to} {{ rate = {}rps; source = \"traces\" }}",
                n + to
            )
            .unwrap();
        }
    }
    told_by("undeclared-observed", text, date(2026, 11, 21))
}

#[test]
fn many_undeclared_calls_are_few_findings() {
    assert_eq!(undeclared(3, 4).len(), 12, "each by itself");
    let found = undeclared(3, 5);
    assert_eq!(found.len(), 3, "each caller by itself");
    let message = "`s0` was seen calling 5 services that it does not declare: `t4`, `t3`, `t2`, `t1` and `t0`";
    assert_eq!(found[0].0, message);
    assert_eq!(undeclared(200, 5).len(), 200);
    let found = undeclared(201, 5);
    let message = "1005 calls were seen by traces that nothing declares, in 201 services all told";
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, message);
    assert!(
        found[0].1[0].starts_with("the heaviest: `s200 -> t4`, "),
        "{:?}",
        found[0].1
    );
}

#[test]
fn a_bridge_over_what_others_share_as_well_is_told_what_to_be_over() {
    // Two writers and two readers: neither side of the pair's way is its own.
    let text = base()
        + "datastore db { table t; to = stay }\n"
        + "service a { writes db.t; move = strangler_fig() }\nservice b { writes db.t; move = strangler_fig() }\n"
        + "service c { reads db.t; move = strangler_fig() }\nservice d { reads db.t; move = strangler_fig() }\n"
        + "bridge rows { over = c -> a; by = cdc }\n";
    let found = told_by("bridge-over-nothing", text, date(2026, 11, 21));
    let message = "`c` needs `a` by way of `db.t` alone, which others use as well, so the bridge carries nothing";
    assert_eq!(found, [(message.to_owned(), Vec::new())]);
}

#[test]
fn a_second_bridge_over_a_need_is_told_as_that_alone() {
    // Each needs the other, so that turning `y` round would be over a need, too.
    let text = base()
        + "service a { calls b { need = hard }; move = strangler_fig() }\n"
        + "service b { calls a { need = hard }; move = strangler_fig() }\n"
        + "bridge x { over = a -> b; by = proxy }\nbridge y { over = a -> b; by = proxy }\n";
    let again = told_by("duplicate-name", text.clone(), date(2026, 11, 21));
    let messages: Vec<&str> = again.iter().map(|(message, _)| message.as_str()).collect();
    assert_eq!(messages, ["`y` carries what `x` carries already"]);
    let nothing = told_by("bridge-over-nothing", text, date(2026, 11, 21));
    assert!(nothing.is_empty(), "{nothing:#?}");
}
