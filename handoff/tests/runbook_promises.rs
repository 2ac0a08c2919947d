//! What runbooks promise: when, with which interruption, and until when there is a way back.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test runs real tools on real files, and panics when it fails"
)]

mod support;

use support::{Builder, action, executor, read, sample};
use whimbrel_handoff::{LocalTemplates, generate};
use whimbrel_plan::*;
use whimbrel_simulator::{Lack, Missed, MissedError};

#[test]
fn the_texts_announce_the_downtime_that_is_planned() {
    let none = "No interruption is planned.";
    let mut builder = sample();
    assert!(read(&builder.generate(), "runbook/01-core.md").contains(none));
    // After go and the shift to 1 %.
    let step = &mut builder.plan.steps[StepId::new(2)];
    step.downtime = 900.0.into();
    let runbook = read(&builder.generate(), "runbook/01-core.md");
    assert!(!runbook.contains(none), "{runbook}");
    let said = "confidence. Planned interruption: orders for 15 min (step orders/shift\\_25).";
    assert!(runbook.contains(said), "{runbook}");
}

/// The sample with a member that goes back until its last step, and alone until the shift to 25 %.
fn sample_that_goes_back(loss: Option<Loss>) -> Builder {
    let mut builder = sample();
    let plan = &mut builder.plan;
    let (batch, of) = (BatchId::new(0), Node::Service(ServiceId::new(0)));
    let (shift, tidy) = (StepId::new(2), StepId::new(5));
    let end = |from, at, why| NoReturn { of, from, at, why };
    let last = end(tidy, 2.0, NoWayBack::Irreversible);
    let needed = end(shift, 1.0, NoWayBack::Needed { by: of, batch });
    let way = WayBack {
        after: shift,
        undo: vec![shift],
        mean: 60.0,
        p90: 90.0,
        serves: true,
        loss,
    };
    plan.reversals.push(Reversal {
        batch,
        slowest: None,
        no_return: Some(last.clone()),
        members: vec![MemberReversal {
            node: of,
            ways_back: vec![way],
            ends: vec![needed, last],
        }],
    });
    builder
}

#[test]
fn that_nothing_is_lost_is_said_only_where_no_rollback_loses_anything() {
    for (loss, safe) in [
        (Some(Loss::Nothing), true),
        (Some(Loss::Lag(Some(1.0))), false),
        (Some(Loss::Since(StepId::new(2))), false),
        (None, false),
    ] {
        let runbook = read(
            &sample_that_goes_back(loss).generate(),
            "runbook/01-core.md",
        );
        assert_eq!(
            runbook.contains("Nothing is lost; traffic is held"),
            safe,
            "{loss:?}"
        );
        assert_eq!(
            runbook.contains("planned. Traffic is held"),
            !safe,
            "{loss:?}"
        );
    }
}

/// What the batch takes along does not end its way back: the summary and the table name one end.
#[test]
fn a_member_goes_back_with_what_needs_it_in_its_batch() {
    let runbook = read(
        &sample_that_goes_back(None).generate(),
        "runbook/01-core.md",
    );
    let at = |step: &str| format!("{step}, planned for Tue 2027-01-12 09:00 EST");
    let (tidy, shift) = (at("orders/tidy"), at("orders/shift\\_25"));
    let summary = format!("| point of no return | {tidy}: \\`orders/tidy\\` is irreversible |");
    assert!(runbook.contains(&summary), "{runbook}");
    let row = format!("| orders | {tidy}; alone only until {shift} |");
    assert!(runbook.contains(&row), "{runbook}");
}

/// All steps of the sample start at once, and its batch is settled two hours later.
#[test]
fn the_window_says_what_it_is_of_and_which_step_starts_last() {
    let builder = sample();
    let mut estimates = support::estimates(&builder.plan);
    let tidy = estimates
        .steps
        .iter_mut()
        .find(|step| step.id == "orders/tidy");
    tidy.unwrap().start_p50 = Some("2027-02-01T14:00:00Z".parse().unwrap());
    let files = generate(&builder.plan, &estimates, &LocalTemplates::new()).unwrap();
    let runbook = read(&files, "runbook/01-core.md");
    for said in [
        "| window | Tue 2027-01-12 09:00 EST to Tue 2027-01-12 11:00 EST (America/New\\_York): the cutover, ",
        "| last to start | orders/tidy, planned for Mon 2027-02-01 09:00 EST |",
    ] {
        assert!(runbook.contains(said), "{said}:\n{runbook}");
    }
}

/// Where too many trials never finish there is no date; what is known is said, and what holds them up.
#[test]
fn no_date_is_promised_that_does_not_exist() {
    let builder = sample();
    for (p50, promise) in [
        (
            true,
            "We expect to finish by Tue 2027-01-12 11:00 EST, but no date can be promised.",
        ),
        (false, "core is next: orders. No date can be promised."),
    ] {
        let mut estimates = support::estimates(&builder.plan);
        estimates.unfinished = 0.25;
        estimates.missed = vec![Missed {
            step: "orders/tidy".to_owned(),
            lack: Lack::Transfer,
            window: None,
            freezes: Vec::new(),
            share: 0.25,
            error: MissedError::default(),
        }];
        let batch = &mut estimates.batches[0].finish;
        for finish in [&mut estimates.finish, batch] {
            finish.p80 = None;
            finish.p50 = finish.p50.filter(|_| p50);
        }
        let files = generate(&builder.plan, &estimates, &LocalTemplates::new()).unwrap();
        let (index, runbook) = ("runbook/index.md", "runbook/01-core.md");
        let [index, runbook] = [index, runbook].map(|path| read(&files, path));
        assert!(runbook.contains(promise), "{runbook}");
        assert!(
            runbook.contains("watched. No new date can be promised."),
            "{runbook}"
        );
        for text in [index, runbook] {
            assert!(!text.contains("by never"), "{text}");
            assert!(text.contains("| finish, P80 | no date |"), "{text}");
            let held = "finish | 25.0 %; \\`orders/tidy\\` holds up 25.0 % of the trials: it never catches up";
            assert!(
                text.replace("finishes |", "finish |").contains(held),
                "{text}"
            );
        }
    }
}

/// The section on the rollback of a runbook: the row of a step, and the scripts listed after the table.
fn rollback<'a>(runbook: &'a str, step: &str) -> (&'a str, Vec<&'a str>) {
    let section = runbook.split_once("## 8 Rollback").unwrap().1;
    let section = section.split_once("## 9 Texts").unwrap().0;
    let row = section
        .lines()
        .find(|line| line.starts_with(&format!("| {step} |")));
    let scripts = section.lines().filter(|line| line.ends_with("/undo"));
    (row.unwrap(), scripts.collect())
}

/// What the walker knows of a step: the letters of its scripts.
fn has<'a>(run: &'a str, step: &str) -> &'a str {
    let row = run
        .split_once(&format!("step_ids+=('{step}')"))
        .or_else(|| run.split_once(&format!("step_ids+=({step})")));
    let row = row.unwrap().1.split_once("step_has+=(").unwrap().1;
    row.split_once(')').unwrap().0
}

/// PostgreSQL's executor takes back a first copy where the plan names no undo, and brings nothing for
/// a comparison: runbook, walker and scripts say the same of both.
#[test]
fn what_an_executor_takes_back_is_told_as_the_walker_does_it() {
    let mut builder = sample();
    let postgresql = builder.executor(executor("postgresql", &[]));
    let database = builder.resource("ledger", ResourceKind::Datastore, None);
    let node = Some(Node::Resource(database));
    for (name, kind, verb) in [
        ("ledger/copy", StepKind::Bootstrap, "data.bootstrap"),
        ("ledger/counts", StepKind::Validate, "validate.counts"),
    ] {
        builder.step(name, Subject::Resource(database), kind, |step| {
            step.action = Some(action(verb, node, Some(postgresql), &[]));
        });
    }
    let files = builder.generate();
    let (runbook, run) = (
        read(&files, "runbook/01-core.md"),
        read(&files, "scripts/01-core/run"),
    );

    let (row, scripts) = rollback(&runbook, "ledger/copy");
    let verdict = "undone by the executor postgresql; the plan gives no time for it";
    assert!(row.contains(verdict), "{row}");
    let undo = "scripts/01-core/07-ledger-copy/undo";
    assert!(scripts.contains(&undo), "{scripts:?}");
    assert!(files.get(undo).is_some());
    assert!(has(&run, "ledger/copy").contains('u'), "{run}");
    let failure = "the walker undoes (as the executor postgresql takes back data.bootstrap), then";
    assert!(runbook.contains(failure), "{runbook}");

    let (row, scripts) = rollback(&runbook, "ledger/counts");
    assert!(row.contains("nothing to undo"), "{row}");
    assert!(
        !scripts.iter().any(|path| path.contains("ledger-counts")),
        "{scripts:?}"
    );
    let undo = "scripts/01-core/08-ledger-counts/undo";
    assert!(files.get(undo).is_none());
    assert!(!has(&run, "ledger/counts").contains('u'), "{run}");
}

/// The undo of a shift moves all the member's traffic: a later shift needs none of its own. Where no
/// shift has one, a person is told to do it.
#[test]
fn a_shift_without_an_undo_goes_back_with_one_before_it_or_by_hand() {
    let mut builder = sample();
    let all = StepId::new(3);
    assert_eq!(builder.plan.steps[all].name, "orders/shift_100");
    builder.plan.steps[all].undo = None;
    let told = |builder: &Builder| {
        let files = builder.generate();
        let runbook = read(&files, "runbook/01-core.md");
        let (row, scripts) = rollback(&runbook, "orders/shift\\_100");
        let run = read(&files, "scripts/01-core/run");
        (
            row.to_owned(),
            scripts.len(),
            has(&run, "orders/shift_100").to_owned(),
        )
    };
    let (row, scripts, has) = told(&builder);
    assert!(row.contains("undone with the shift before it"), "{row}");
    // One script takes back all three shifts, and the walker knows how to see that it did.
    assert_eq!(scripts, 1);
    assert!(has.contains("un"), "{has}");

    for id in [1, 2] {
        builder.plan.steps[StepId::new(id)].undo = None;
    }
    let (row, scripts, has) = told(&builder);
    assert!(
        row.contains("nothing undoes it: take its traffic back by hand"),
        "{row}"
    );
    assert_eq!(scripts, 0);
    assert!(!has.contains('u'), "{has}");
}
