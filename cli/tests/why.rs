//! `simulate --why`: one trial told, and what is said to words that name none.

#![expect(
    clippy::disallowed_methods,
    reason = "tests start the program, read its files, and fail by panicking"
)]

mod common;

use common::{Run, folder, starter, whimbrel};
use serde_json::Value;

fn why(which: &str, arguments: &[&str]) -> Run {
    let folder = starter();
    let fixed = [
        "simulate",
        "--today",
        "2026-11-21",
        "--trials",
        "200",
        "--why",
        which,
    ];
    whimbrel(folder.path(), &[&fixed, arguments].concat())
}

#[test]
fn a_percentile_and_its_number_are_one_trial() {
    let by_percentile: Value =
        serde_json::from_str(&why("p95", &["--format", "json"]).out).unwrap();
    let number = by_percentile["trial"].to_string();
    let mut by_number: Value =
        serde_json::from_str(&why(&number, &["--format", "json"]).out).unwrap();
    assert_eq!(by_number["percentile"], Value::Null);
    by_number["percentile"] = 95.into();
    assert_eq!(by_percentile, by_number);
}

#[test]
fn the_story_has_its_parts_and_plain_every_piece() {
    let human = why("p95", &[]);
    for part in [
        ", the P95 of 200 trials, seed 1, plan ",
        "\nIt ends on ",
        "\nWhere the time went, along the critical chain\n",
        "  together ",
        "\nThe critical chain\n",
    ] {
        assert!(human.out.contains(part), "{part}: {}", human.out);
    }
    let json: Value = serde_json::from_str(&why("p95", &["--format", "json"]).out).unwrap();
    let pieces = json["chain"].as_array().unwrap().len();
    let plain = why("p95", &["--format", "plain"]).out;
    let chain = plain.split_once("\nThe critical chain\n").unwrap().1;
    // A heading, and the end.
    let lines = chain
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("     "));
    assert_eq!(lines.count(), pieces + 2, "{chain}");
}

/// Sixty services in batches of ten, each after the one that it calls, and shifts that often fail.
fn sixty_services() -> String {
    let mut plan = String::from(
        "use std.patterns.canary\nplatform old { }\nplatform new { }\n\
         calendar office { zone = \"UTC\" }\nteam crew { engineers = 9; calendar = office }\n\
         migration many { from = old; to = new; zone = \"UTC\"; start = 2027-01-11 }\n",
    );
    for number in 0..60 {
        let calls = match number {
            0 => String::new(),
            _ => format!("; calls s{} {{ rate = 5rps; need = hard }}", number - 1),
        };
        plan += &format!(
            "service s{number} {{ team = crew; traffic = 100rps; move = canary(fails: 2%){calls} }}\n"
        );
    }
    plan
}

#[test]
fn the_story_of_a_large_plan_fits_two_screens() {
    let folder = folder(&[("plan.mig", sixty_services().as_bytes())]);
    let told = |format: &str| {
        let format = format!("--format={format}");
        let arguments = [
            "simulate",
            "--trials=200",
            "--why=p95",
            "--today=2026-11-21",
            &format,
        ];
        whimbrel(folder.path(), &arguments).out
    };
    let json: Value = serde_json::from_str(&told("json")).unwrap();
    let of_kind = |kind: &str| {
        let events = json["events"].as_array().unwrap().iter();
        events.filter(|event| event["kind"] == kind).count()
    };
    let (failed, undone) = (of_kind("failed"), of_kind("undone"));
    assert!(failed > 8 && undone > failed, "{failed} {undone}");
    let (human, plain) = (told("human"), told("plain"));
    assert!(human.lines().count() <= 100, "{human}");
    let more = format!("\n  and {} more, ", failed - 8);
    assert!(human.contains(&more), "{human}");
    let heading = "\nWhat went wrong\n";
    let section = plain.split_once(heading).unwrap().1;
    let section = section.split_once("\n\n").unwrap().0;
    assert_eq!(section.matches(", noticed after ").count(), failed);
}

/// A plan of one service `s` with these steps.
fn told(which: &str, steps: &str, more: &str) -> String {
    let plan = format!(
        "platform old {{ }}\nplatform new {{ }}\nteam t {{ engineers = 2 }}\nrole lead {{ team = t }}\n\
         migration m {{ from = old; to = new; start = 2027-01-11 }}\n\
         pattern p() for service {{ {steps} }}\n\
         service s {{ team = t; move = p(); traffic = 1rps }}\n{more}\n"
    );
    let folder = folder(&[("plan.mig", plan.as_bytes())]);
    let arguments = [
        "simulate",
        "--today=2026-11-21",
        "--trials=500",
        "--why",
        which,
    ];
    let run = whimbrel(folder.path(), &arguments);
    assert!(run.out.contains("\nThe critical chain\n"), "{}", run.err);
    run.out
}

/// Twenty attempts of ten hours, and an hour of decision after every third, are the whole chain; the
/// eight that are told are the six with a decision and the first two of the others.
#[test]
fn what_is_left_out_is_counted_on_the_chain() {
    let step = "step d { kind = deploy; takes = 10h; fails = 100%; escalate = 1h }";
    let told = told("0", step, "");
    let more = "  and 12 more, of s/d, all on the critical chain, 5.0 days of it; ";
    assert!(told.contains(more), "{told}");
    // It is not held against a trial that ends, and none does.
    assert!(!told.contains("difference"), "{told}");
}

#[test]
fn a_window_that_closes_on_a_step_is_named() {
    let step = "step d { kind = deploy; takes = discrete([2h: 95%, 6h: 5%]); within = w }";
    let window = "window w { days = mon..sun; hours = 01:00..04:00 }";
    let told = told("p99", step, window);
    let cut = "  Mon 2027-01-11 04:00  s/d  cut off: its window w closed on it; undone in 0 s\n";
    assert!(told.contains(cut), "{told}");
    // Of two values the longer one is all of the last five percentiles.
    let drawn = "  s/d  6.0 h   2.0 h  P95–100\n";
    assert!(told.contains(drawn), "{told}");
}

#[test]
fn a_gate_that_nobody_answers_says_how_long_it_waited_and_what_is_done_again() {
    let steps = "step c { kind = shift; does = traffic.shift(service, to: 10%); takes = 1h }\n\
        gate g { approve = lead; within = 4h; takes = discrete([1h: 60%, 5h: 40%]); else = undo }\n\
        step e { kind = shift; does = traffic.shift(service, to: 100%); takes = 1h }";
    let told = told("p95", steps, "");
    let said = "s/g  nobody answered within 4.0 h; undone in 0 s; again from c\n";
    assert!(told.contains(said), "{told}");
}

#[test]
fn a_trial_that_ends_with_the_median_is_not_later_than_it() {
    let told = told("7", "step d { kind = deploy; takes = 2h }", "");
    let told = told.replace('\n', " ");
    let said = " That is as long as the median trial, 249, takes. ";
    assert!(told.contains(said), "{told}");
}

#[test]
fn a_trial_beyond_those_that_are_run_has_a_story_too() {
    let run = why("4294967295", &[]);
    let beyond = ": trial 4294967295, beside 200 trials";
    assert!(run.out.contains(beyond), "{}{}", run.out, run.err);
    for (among, title) in [
        ("199", ": trial 199 of 200"),
        ("200", ": trial 200, beside 200"),
    ] {
        let run = why(among, &[]);
        assert!(run.out.contains(title), "{}", run.out);
    }
}

#[test]
fn wrong_words_are_told_what_is_right() {
    for which in ["worst", "p100", "p0", "4294967296", "p9.5"] {
        let run = why(which, &[]);
        assert_eq!(run.code, Some(2), "{which}");
        assert!(
            run.err.contains(
                "name a percentile of the finish, `p1` to `p99`, or the number of a trial"
            ),
            "{}",
            run.err
        );
    }
    let both = why("p95", &["--require", "cost.p80 <= 1"]);
    assert_eq!(both.code, Some(2));
}

/// Three weeks from Monday the 11th on end with Sunday the 31st, the last day of the deadline: on every
/// page the day that is over, where an instant at midnight would read as the day after.
#[test]
fn what_ends_at_midnight_ends_on_the_day_that_is_over() {
    let plan = "platform old { }\nplatform new { }\n\
        migration move {\n  from = old; to = new; zone = \"America/New_York\"\n  \
        start = 2027-01-11; deadline = 2027-01-31\n}\n\
        phase discovery { takes = constant(21d) }\n\
        scenario longer { phase discovery { takes = constant(22d) } }\n";
    let folder = folder(&[("plan.mig", plan.as_bytes())]);
    let run = |arguments: &[&str]| {
        let fixed = ["--today", "2026-11-21", "--trials", "10"];
        whimbrel(folder.path(), &[arguments, &fixed].concat()).out
    };
    let page = run(&["simulate"]);
    for said in [
        "P50  Sun 2027-01-31  21.0 days",
        "finished by Sun 2027-01-31  100 %",
    ] {
        assert!(page.contains(said), "{page}");
    }
    let told = run(&["simulate", "--why", "p50"]);
    assert!(
        told.contains("It ends on Sun 2027-01-31 24:00, after"),
        "{told}"
    );
    let compared = run(&["compare"]);
    assert!(
        compared.contains("as-written  2027-01-31  2027-01-31 "),
        "{compared}"
    );
    run(&["build", "--out", "dist"]);
    let index = std::fs::read_to_string(folder.path().join("dist/runbook/index.md")).unwrap();
    for said in [
        "| start | Mon 2027-01-11 00:00 EST |",
        "| finish, P80 | Sun 2027-01-31 24:00 EST |",
    ] {
        assert!(index.contains(said), "{index}");
    }
}

/// A plan that takes no time ends when it starts, not the day before; and one that fails twenty times in no
/// time is given up then, which is no end.
#[test]
fn midnight_is_the_day_before_of_an_end_only() {
    let plan = |more: &str| {
        let plan = format!(
            "platform old {{ }}\nplatform new {{ }}\nteam t {{ engineers = 2 }}\n\
             migration move {{ from = old; to = new; start = 2027-01-11 }}\n{more}\n"
        );
        let folder = folder(&[("plan.mig", plan.as_bytes())]);
        let run = |arguments: &[&str]| {
            let fixed = ["simulate", "--today=2026-11-21", "--trials=10"];
            whimbrel(folder.path(), &[&fixed, arguments].concat())
        };
        (run(&[]), run(&["--why=p50"]))
    };
    let (page, told) = plan("phase discovery { takes = constant(0s) }");
    let p50 = "P50  Mon 2027-01-11 00:00       0 s";
    assert!(page.out.contains(p50), "{}{}", page.out, page.err);
    assert!(
        told.out.contains("It ends on Mon 2027-01-11 00:00, after"),
        "{}",
        told.out
    );
    let (page, told) = plan(
        "pattern p() for service { step go { kind = cutover; takes = 0s; fails = 100%; escalate = 0s } }\n\
         service s { team = t; move = p() }",
    );
    assert_eq!(page.code, Some(1), "{}", page.out);
    let given_up = "It was given up at Mon 2027-01-11 00:00.";
    let said = told.out.replace('\n', " ");
    assert!(said.contains(given_up), "{}{}", told.out, told.err);
}
