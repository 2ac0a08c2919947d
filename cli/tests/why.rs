//! `simulate --why`: one trial told, and what is said to words that name none.

mod common;

use common::{Run, starter, whimbrel};
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
