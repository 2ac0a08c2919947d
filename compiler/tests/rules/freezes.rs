//! Which steps a freeze stops, and what is said of it.

use super::{codes_in, compiled};

#[test]
fn a_freeze_that_ends_before_the_step_is_due_stops_nothing() {
    // Monday 2027-01-11: the deployment takes at least two working hours and the shadow two days,
    // so no shift is due before Wednesday the 13th.
    let frozen = |to: &str| {
        format!(
            "freeze f {{ from = 2027-01-01; to = {to}; blocks = [shift] }}\nservice mailer {{ move = strangler_fig() }}"
        )
    };
    assert_eq!(codes_in(&frozen("2027-01-12")), [] as [&str; 0]);
    assert_eq!(codes_in(&frozen("2027-01-31")), ["freeze-overlap"]);
}

/// What is said of `freeze f { ITS }` in a plan from Monday 2027-03-01 in UTC: a copy of `copy`, then
/// a cutover of 12 to 24 h (mean 18 h, 90th percentile 22.8 h), then two hours of office work.
fn said_of_a_freeze(its: &str, copy: &str) -> Vec<String> {
    let plan = format!(
        r#"
platform old {{ }}
platform new {{ }}
calendar office {{ zone = "UTC"; days = mon..fri; hours = 09:00..17:00 }}
team shop {{ engineers = 3; calendar = office }}
migration m {{ from = old; to = new; zone = "UTC"; start = 2027-03-01 }}
freeze f {{ {its} }}
pattern turn() for service {{
  step copy {{ kind = prepare; does = manual("Copy it."); takes = {copy} }}
  step turn {{ kind = cutover; does = manual("Turn."); takes = uniform(12h, 24h); undo = manual("Turn back.") }}
  step tidy {{ kind = tidy; does = manual("Tidy."); takes = 2wh; needs = [1 of shop] }}
}}
service mailer {{ team = shop; move = turn() }}
"#
    );
    let found = compiled(plan).diagnostics;
    let of_freezes = found
        .into_iter()
        .filter(|found| found.code.name == "freeze-overlap");
    of_freezes
        .flat_map(|found| std::iter::once(found.message).chain(found.notes))
        .collect()
}

#[test]
fn a_freeze_stops_what_does_not_fit_before_it() {
    // The cutover starts on Wednesday at 02:00 and may last until Thursday at 00:48.
    let late = "`mailer/turn` is due on 2027-03-03 at mean durations, and has no room before freeze `f` (2027-03-04 to 2027-03-09)";
    assert_eq!(
        said_of_a_freeze("from = 2027-03-04; to = 2027-03-09", "50h"),
        [
            late,
            "it starts only where its 90th percentile, 22h 48min, ends before the freeze",
            "`mailer/turn` waits 6d 22h for its end",
        ]
    );
    // Two hours earlier it fits, and ends at 18:00: nobody tidies up before Thursday.
    let tidy = "`mailer/tidy` is due on 2027-03-03 at mean durations, and has no room before freeze `f` (2027-03-04 to 2027-03-09)";
    assert_eq!(
        said_of_a_freeze("from = 2027-03-04; to = 2027-03-09", "48h"),
        [
            tidy,
            "nobody it needs works between then and the freeze",
            "`mailer/tidy` waits 6d 6h for its end",
        ]
    );
    let none = said_of_a_freeze("from = 2027-03-05; to = 2027-03-09", "48h");
    assert!(none.is_empty(), "{none:#?}");
    assert_eq!(
        said_of_a_freeze("from = 2027-03-03; to = 2027-03-09", "48h"),
        [
            "`mailer/turn` is due on 2027-03-03 at mean durations, inside freeze `f` (2027-03-03 to 2027-03-09)",
            "`mailer/turn` waits 7d for its end",
        ]
    );
}

#[test]
fn a_freeze_of_more_than_five_years_leaves_a_step_no_room() {
    // Due on 2027-03-03: five years of 366 days are over on 2032-03-06.
    let until = |to: &str| {
        let said = said_of_a_freeze(
            &format!("from = 2027-03-03; to = {to}; blocks = [cutover]"),
            "48h",
        );
        said.last().unwrap().clone()
    };
    assert_eq!(until("2032-03-05"), "`mailer/turn` waits 1830d for its end");
    assert_eq!(
        until("2032-03-06"),
        "nothing after `mailer/turn` is ever done"
    );
}
