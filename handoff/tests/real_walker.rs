//! The walker on the night: gates, people, locks, signals, tampering, and an undo that fails.
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

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use support::{Builder, action, executor, gate, text, write};
use whimbrel_handoff::{AuditError, audit};
use whimbrel_plan::*;

/// The user's script: keeps what was last done of each verb in a file, and can be told to fail.
const SCRIPT: &str = r#"#!/usr/bin/env bash
[[ ! -e fail-$1 ]] || exit 9
[[ $2 != health || ! -e blind ]] || exit 2
case $1 in
  act) printf '%s\n' "${*:3}" >"did-$2" ;;
  check) [[ $(cat "did-$2") == "${*:3}" ]] ;;
esac
"#;

struct Scene {
    folder: tempfile::TempDir,
}

impl Scene {
    /// deploy → gate → shift to half → shift to all, with these changes to the steps.
    fn start(soak: f64, change: impl FnOnce(&mut Builder)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut builder = Builder::new("move", "core");
        builder.plan.migration.objectives.rto = Some(4.0);
        let role = builder.role("lead", "ana", Some("ben"));
        let bash = builder.executor(executor("bash", &[("script", text("./service"))]));
        let service = builder.service("orders", "a:1", "b:1");
        let node = Some(Node::Service(service));
        let subject = Subject::Service(service);
        let mut ids = Vec::new();
        ids.push(
            builder.step("orders/deploy", subject.clone(), StepKind::Deploy, |step| {
                step.action = Some(action("deploy.apply", node, Some(bash), &[]));
            }),
        );
        ids.push(
            builder.step("orders/go", subject.clone(), StepKind::Gate, |step| {
                step.gate = Some(gate(role, "executor", Vec::new()));
            }),
        );
        for weight in [0.5, 1.0] {
            ids.push(builder.step(
                &format!("orders/shift_{}", weight * 100.0),
                subject.clone(),
                StepKind::Shift,
                |step| {
                    let to = |ratio| [("to", Argument::Ratio(ratio))];
                    step.action = Some(action("traffic.shift", node, Some(bash), &to(weight)));
                    step.undo = Some(action("traffic.shift", node, Some(bash), &to(0.0)));
                    step.weight = Some(weight);
                    step.soak = soak.into();
                    step.retry_from = ids[0];
                },
            ));
        }
        builder.mover(Node::Service(service), ids.clone(), ids[2], ids[3]);
        change(&mut builder);
        write(&builder.generate(), &folder.path().join("dist"));
        let scene = Self { folder };
        scene.put("service", SCRIPT);
        assert!(
            Command::new("chmod")
                .arg("+x")
                .arg(scene.path("service"))
                .status()
                .unwrap()
                .success()
        );
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.path("dist/scripts/01-core/run"));
        command
            .args(arguments)
            .env("WHIMBREL_STATE", self.path("state"))
            .env("WHIMBREL_PROJECT", self.folder.path())
            .env("WHIMBREL_WHO", "walter")
            .stdin(Stdio::null());
        command
    }

    #[track_caller]
    fn ends_with(&self, arguments: &[&str], code: i32) -> String {
        let output: Output = self.command(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        said
    }

    fn approve(&self) {
        self.ends_with(&["--approve", "orders/go", "--by", "ana"], 0);
    }

    fn journal(&self) -> String {
        self.read("state/journal.jsonl")
    }

    fn wait_for(&self, text: &str) {
        let end = Instant::now() + Duration::from_secs(30);
        while !self.journal().contains(text) {
            assert!(
                Instant::now() < end,
                "{text} does not come:\n{}",
                self.journal()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

#[test]
fn a_gate_waits_for_one_of_those_whom_the_plan_names() {
    let scene = Scene::start(0.1, |_| {});
    let said = scene.ends_with(&[], 3);
    assert!(said.contains("--approve orders/go --by WHO"), "{said}");
    assert_eq!(scene.read("did-deploy.apply"), "orders\n");
    scene.ends_with(&[], 3);
    scene.ends_with(&["--approve", "orders/go", "--by", "eve"], 1);
    scene.ends_with(&["--approve", "orders/deploy", "--by", "ana"], 1);
    scene.ends_with(&["--approve", "orders/nothing", "--by", "ana"], 1);
    scene.approve();
    scene.ends_with(&[], 0);
    assert_eq!(scene.read("did-traffic.shift"), "orders to=1\n");
    assert!(
        scene
            .journal()
            .contains("\"by\":\"ana\",\"measured\":{},\"despite\":\"\"")
    );
    assert!(scene.journal().contains("\"signature\":\"unsigned\""));
}

/// The date in UTC so many days from now.
fn day(later: i64) -> jiff::civil::Date {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    today.date() + jiff::Span::new().days(later)
}

/// Lets the answer at the gate come from a team that works around the clock, but not before `first`.
fn works_from(builder: &mut Builder, first: jiff::civil::Date) {
    use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
    let off = (-1..10).map(day).filter(|day| *day < first);
    let holidays = off.collect();
    let plan = &mut builder.plan;
    let calendar = plan.calendars.push(Calendar {
        name: "hours".to_owned(),
        zone: "UTC".to_owned(),
        days: vec![Mon, Tue, Wed, Thu, Fri, Sat, Sun],
        hours: HoursRange { from: 0, to: 1440 },
        holidays,
    });
    let team = plan.inventory.teams.push(Team {
        name: "leads".to_owned(),
        doc: None,
        engineers: None,
        rate_per_hour: None,
        calendar: Some(calendar),
        oncall: None,
    });
    plan.roles[RoleId::new(0)].team = Some(team);
    let gate = plan.steps[StepId::new(1)].gate.as_mut().unwrap();
    (gate.within, gate.otherwise) = (1.0, NoAnswer::Undo);
}

/// A second of the hours of those who are asked: it is over soon where they are there, and not
/// before they come where they are not.
#[test]
fn silence_counts_in_the_hours_of_those_who_are_asked() {
    let there = Scene::start(0.1, |builder| works_from(builder, day(-1)));
    let away = Scene::start(0.1, |builder| works_from(builder, day(3)));
    for (scene, days) in [(&there, 0), (&away, 3)] {
        let said = scene.ends_with(&[], 3);
        let by = day(days).strftime(" %F ").to_string();
        let line = said
            .lines()
            .find(|line| line.contains("answer by "))
            .unwrap();
        assert!(line.contains(&by), "{by}: {line}");
        let how = "UTC (1 s, counted while leads works (00:00–24:00 UTC, ";
        assert!(
            line.contains(how) && line.ends_with("; then it is undone"),
            "{line}"
        );
    }
    let status = away.command(&["--status"]).output().unwrap();
    let status = String::from_utf8_lossy(&status.stdout).into_owned();
    let expected = day(3)
        .strftime("orders/go, answer by %a %F 00:00 UTC")
        .to_string();
    assert!(status.contains(&expected), "{status}");
    std::thread::sleep(Duration::from_secs(3));
    let said = there.ends_with(&[], 2);
    assert!(said.contains("nobody has answered in time"), "{said}");
    away.ends_with(&[], 3);
}

/// An approval from outside the hours of the one who gives it is good until theirs are over, as the
/// question is open; by the clock it would be over after a second.
#[test]
fn an_approval_lasts_for_the_hours_in_which_it_is_asked_for() {
    let scene = Scene::start(0.1, |builder| works_from(builder, day(3)));
    scene.ends_with(&[], 3);
    scene.approve();
    std::thread::sleep(Duration::from_secs(3));
    scene.ends_with(&[], 0);
    let journal = scene.journal();
    let expires = journal.split_once("\"expires\":").unwrap().1;
    let expires: i64 = expires.split_once(',').unwrap().0.parse().unwrap();
    // One second after they come to work.
    let opens = day(3).to_zoned(jiff::tz::TimeZone::UTC).unwrap();
    assert_eq!(expires, opens.timestamp().as_second() + 1);
}

/// A second is held what is on the new side, and nothing before the first shift.
#[test]
fn only_what_has_shifted_is_held_too_long() {
    let held = |builder: &mut Builder| {
        let gate = builder.plan.steps[StepId::new(1)].gate.as_mut();
        gate.unwrap().max_hold = Some(1.0);
    };
    let before = Scene::start(0.1, held);
    before.ends_with(&[], 3);
    std::thread::sleep(Duration::from_secs(2));
    before.ends_with(&[], 3);
    let between = Scene::start(0.1, |builder| {
        held(builder);
        let [deploy, gate, half, all] = [0, 1, 2, 3].map(StepId::new);
        for (step, after) in [(half, deploy), (gate, half), (all, gate)] {
            builder.plan.steps[step].predecessors = vec![after];
        }
    });
    let said = between.ends_with(&[], 2);
    assert!(said.contains("held for too long"), "{said}");
    assert_eq!(between.read("did-traffic.shift"), "orders to=0\n");
}

/// Where silence stops the batch, each further stretch of it is told, as the first is.
#[test]
fn a_question_is_asked_again_and_again() {
    let scene = Scene::start(0.1, |builder| {
        builder.plan.steps[StepId::new(1)]
            .gate
            .as_mut()
            .unwrap()
            .within = 4.0;
    });
    let mut run = scene.command(&["--stay"]);
    let run = run.stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(12));
    scene.approve();
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let asked = said
        .matches("nobody has answered in time; ask again")
        .count();
    // Twelve seconds have three of them; the clock's own second may make it one less.
    assert!((2..=3).contains(&asked), "{asked}: {said}");
}

#[test]
fn the_one_who_walks_does_not_approve() {
    let scene = Scene::start(0.1, |_| {});
    scene.ends_with(&[], 3);
    let mut walker = scene.command(&["--approve", "orders/go", "--by", "ana"]);
    assert_eq!(walker.status().unwrap().code(), Some(0));
    std::fs::remove_dir_all(scene.path("state")).unwrap();
    let code = scene
        .command(&[])
        .env("WHIMBREL_WHO", "ana")
        .status()
        .unwrap()
        .code();
    assert_eq!(code, Some(3));
    scene.ends_with(&["--approve", "orders/go", "--by", "ana"], 1);
    scene.ends_with(&["--approve", "orders/go", "--by", "ben"], 0);
    scene.ends_with(&[], 0);
}

#[test]
fn a_signed_approval_is_verified_and_a_changed_one_refused() {
    let scene = Scene::start(0.1, |_| {});
    scene.ends_with(&[], 3);
    let key = scene.path("key");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&key)
        .status();
    assert!(made.unwrap().success());
    let signers = scene.path("signers");
    scene.put("signers", &format!("ana {}", scene.read("key.pub")));
    let approve = || {
        let mut command = scene.command(&["--approve", "orders/go", "--by", "ana"]);
        assert!(
            command
                .env("WHIMBREL_SIGNING_KEY", &key)
                .status()
                .unwrap()
                .success()
        );
    };
    let run = || {
        scene
            .command(&[])
            .env("WHIMBREL_ALLOWED_SIGNERS", &signers)
            .status()
            .unwrap()
            .code()
    };
    approve();
    let answer = "state/answers/01-core-02-orders-go-1.json";
    let changed = scene
        .read(answer)
        .replace("\"despite\":\"\"", "\"despite\":\"x\"");
    scene.put(answer, &changed);
    assert_eq!(run(), Some(3));
    assert!(scene.path(&format!("{answer}.refused")).exists());
    approve();
    assert_eq!(run(), Some(0));
    assert!(scene.journal().contains("\"signature\":\"verified\""));
}

#[test]
fn what_a_person_does_waits_for_their_word() {
    let scene = Scene::start(0.1, |builder| {
        builder.step(
            "orders/tell",
            Subject::Migration("m".into()),
            StepKind::Notify,
            |step| {
                step.action = Some(action(
                    "manual",
                    None,
                    None,
                    &[("text", text("tell the users"))],
                ));
            },
        );
    });
    let said = scene.ends_with(&[], 3);
    assert!(said.contains("tell the users"), "{said}");
    scene.approve();
    scene.ends_with(&[], 3);
    scene.ends_with(&["--done", "orders/tell", "--by", "ben"], 0);
    scene.ends_with(&[], 0);
}

#[test]
fn a_journal_that_was_changed_stops_everything() {
    let scene = Scene::start(0.1, |_| {});
    scene.ends_with(&[], 3);
    let sound = scene.journal();
    scene.put(
        "state/journal.jsonl",
        &sound.replacen("walter", "nobody", 1),
    );
    scene.ends_with(&[], 7);
    assert_eq!(audit(&scene.journal()), Err(AuditError::Broken(2)));
    // A torn last line is no tampering: it is cut, and said.
    scene.put("state/journal.jsonl", &format!("{sound}{{\"seq\":99,"));
    assert!(audit(&scene.journal()).unwrap().torn);
    scene.approve();
    scene.ends_with(&[], 0);
    assert!(scene.journal().contains("\"event\":\"torn\""));
    audit(&scene.journal()).unwrap();
}

#[test]
fn one_walks_at_a_time_and_a_signal_holds_the_weight() {
    let scene = Scene::start(3.0, |_| {});
    scene.ends_with(&[], 3);
    scene.approve();
    let mut run = scene.command(&[]).stderr(Stdio::null()).spawn().unwrap();
    scene.wait_for("\"event\":\"acted\",\"step\":\"orders/shift_50\"");
    scene.ends_with(&[], 6);
    let term = Command::new("kill")
        .args(["-TERM", &run.id().to_string()])
        .status();
    assert!(term.unwrap().success());
    assert_eq!(run.wait().unwrap().code(), Some(5));
    assert_eq!(scene.read("did-traffic.shift"), "orders to=0.5\n");
    assert!(scene.journal().contains("signal TERM"));
    scene.ends_with(&[], 0);
    audit(&scene.journal()).unwrap();
}

#[test]
fn what_is_not_as_the_journal_says_stops_the_walk() {
    let scene = Scene::start(3.0, |_| {});
    scene.ends_with(&[], 3);
    scene.approve();
    let mut run = scene.command(&[]).stderr(Stdio::null()).spawn().unwrap();
    scene.wait_for("\"event\":\"acted\",\"step\":\"orders/shift_50\"");
    run.kill().unwrap();
    run.wait().unwrap();
    scene.put("did-traffic.shift", "orders to=0.7\n");
    let end = Instant::now() + Duration::from_secs(20);
    while scene.command(&[]).status().unwrap().code() == Some(6) {
        assert!(Instant::now() < end);
    }
    let said = scene.ends_with(&[], 5);
    assert!(said.contains("orders/shift_50"), "{said}");
    assert_eq!(scene.read("did-traffic.shift"), "orders to=0.7\n");
}

#[test]
fn an_undo_by_hand_and_one_that_cannot_be_done() {
    let scene = Scene::start(0.1, |_| {});
    scene.ends_with(&[], 3);
    scene.approve();
    scene.ends_with(&[], 0);
    scene.put("fail-act", "");
    let begin = Instant::now();
    let said = scene.ends_with(&["--rollback", "a drill"], 4);
    // The recovery time is 4 s; what is over it is the walker's own work.
    assert!(begin.elapsed() < Duration::from_secs(20));
    assert!(said.contains("04-orders-shift_100/undo"), "{said}");
    assert!(
        scene
            .read("state/heartbeat.prom")
            .contains("whimbrel_rollback_incomplete{migration=\"move\",batch=\"01-core\"} 1")
    );
    scene.ends_with(&[], 4);
    std::fs::remove_file(scene.path("fail-act")).unwrap();
    scene.ends_with(&["--rollback", "the drill again"], 2);
    assert_eq!(scene.read("did-traffic.shift"), "orders to=0\n");
    audit(&scene.journal()).unwrap();
}

#[test]
fn a_shift_that_nothing_undoes_is_left_to_a_person_at_once() {
    let scene = Scene::start(0.1, |builder| {
        let bash = &mut builder.plan.executors[0];
        bash.verbs.get_mut("traffic.shift").unwrap().undo = None;
        for id in [2, 3] {
            builder.plan.steps[StepId::new(id)].undo = None;
        }
    });
    scene.ends_with(&[], 3);
    scene.approve();
    scene.ends_with(&[], 0);
    let said = scene.ends_with(&["--rollback", "a drill"], 4);
    let by_hand = "nothing undoes orders/shift_100: take its traffic back by hand";
    assert!(said.contains(by_hand), "{said}");
    assert!(!said.contains("try 1"), "{said}");
}

#[test]
fn past_the_point_of_no_return_nothing_is_sent_back() {
    let scene = Scene::start(0.1, |builder| {
        let service = ServiceId::new(0);
        let node = Some(Node::Service(service));
        builder.step(
            "orders/decommission",
            Subject::Service(service),
            StepKind::Decommission,
            |step| {
                step.action = Some(action("deploy.remove", node, Some(0), &[]));
                step.irreversible = true;
            },
        );
    });
    scene.ends_with(&[], 3);
    scene.approve();
    scene.ends_with(&[], 0);
    let said = scene.ends_with(&["--rollback", "too late"], 1);
    assert!(
        said.contains("nothing of this batch can be undone"),
        "{said}"
    );
    assert_eq!(scene.read("did-traffic.shift"), "orders to=1\n");
}

#[test]
fn a_side_that_nothing_can_judge_without_traffic_is_looked_at_by_a_person() {
    let scene = Scene::start(0.1, |builder| {
        let node = Some(Node::Service(ServiceId::new(0)));
        let deploy = &mut builder.plan.steps[StepId::new(0)];
        deploy.verify = Some(action("health", node, Some(0), &[]));
    });
    scene.put("blind", "");
    let asked = scene.ends_with(&[], 3);
    assert!(asked.contains("01-orders-deploy/verify"), "{asked}");
    assert!(asked.contains("--done orders/deploy --by WHO"), "{asked}");
    scene.ends_with(&["--done", "orders/deploy", "--by", "ana"], 0);
    let next = scene.ends_with(&[], 3);
    assert!(next.contains("--approve orders/go --by WHO"), "{next}");
}
