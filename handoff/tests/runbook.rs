//! Runbooks: all their parts, no placeholder, and no number but those of the estimates.
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

use std::collections::BTreeSet;

use serde_json::Value;
use support::{Builder, action, everything, executor, read, sample, text};
use whimbrel_handoff::{HandoffError, LocalTemplates, MANIFEST, generate};
use whimbrel_plan::*;

/// The JSON that a runbook carries in its comments.
fn data(runbook: &str) -> Vec<Value> {
    let comments = runbook.split("<!-- whimbrel ").skip(1);
    comments
        .map(|text| serde_json::from_str(text.split(" -->").next().unwrap()).unwrap())
        .collect()
}

#[test]
fn every_part_is_there_and_in_order() {
    let runbook = read(&sample().generate(), "runbook/01-core.md");
    let parts: Vec<&str> = runbook
        .lines()
        .filter(|line| line.starts_with("## "))
        .collect();
    let expected = [
        "## 1 Header",
        "## 2 Summary",
        "## 3 Roles",
        "## 4 T-minus",
        "## 5 Gates",
        "## 6 Steps",
        "## 7 Critical path and slack",
        "## 8 Rollback",
        "## 9 Texts",
        "## 10 Afterwards",
        "## 11 Log",
    ];
    assert_eq!(parts, expected);
}

#[test]
fn what_people_need_at_night_is_said() {
    let runbook = read(&sample().generate(), "runbook/01-core.md");
    for said in [
        "Approver: lead; not the executor. Answer within 4 h, counted day and night; on silence: the walker undoes; what is on the new side is held for 2 h by the clock, then undone.",
        "| p99 | &lt; 300 ms |",
        "scripts/01-core/run --approve orders/go --by ana",
        "scripts/01-core/run --step orders/shift_25",
        "- errors: error\\_rate &gt; 1 % for 5 min",
        "| point of no return | orders/tidy, planned for Tue 2027-01-12 09:00 EST |",
        // 0.0025 days are 216 s, and the objective is 30 s.
        "| orders/shift\\_25 | Tue 2027-01-12 11:00 EST | 3.6 min |",
        "remove the flags",
    ] {
        assert!(runbook.contains(said), "{said} is missing:\n{runbook}");
    }
}

/// When, and what, of the list of a batch.
fn before(builder: &Builder) -> Vec<(String, String)> {
    let runbook = read(&builder.generate(), "runbook/01-core.md");
    let list = runbook.split_once("## 4 T-minus").unwrap().1;
    let list = list.split_once("Rehearsals:").unwrap().0;
    let rows = list.lines().filter(|line| line.starts_with("| "));
    rows.skip(1)
        .map(|line| {
            let mut cells = line.trim_matches('|').split(" | ");
            let mut cell = || cells.next().unwrap().trim().to_owned();
            (cell(), cell())
        })
        .collect()
}

/// The sample, and what it waits for.
fn sample_that_waits() -> Builder {
    use StepKind::{Notify, Prepare};
    let mut builder = sample();
    // Not of the batch, and so done before it.
    let mut outside = |name: &str, kind: StepKind| {
        let subject = Subject::Migration(name.to_owned());
        builder.step(name, subject, kind, |step| step.batch = None)
    };
    let told = outside("announce/users", Notify);
    let trained = outside("training", Prepare);
    let kept = outside("billing/keep_old", Prepare);
    let plan = &mut builder.plan;
    plan.announcements.push(Announcement {
        name: "users".to_owned(),
        doc: None,
        before: 14.0 * 86_400.0,
        channel: "status page".to_owned(),
        wording: Wording::default(),
        step: told,
    });
    let named = |plan: &Plan, name: &str| {
        let mut steps = plan.steps.iter();
        steps.find(|(_, step)| step.name == name).unwrap().0
    };
    let (first, last) = (named(plan, "orders/go"), named(plan, "orders/tidy"));
    plan.steps[first].predecessors = vec![trained, told];
    // What is done at the start need not be said again.
    plan.steps[last].predecessors.extend([kept, trained]);
    builder
}

/// All steps of the sample are planned for the 12th of January, 09:00 to 11:00 in New York.
#[test]
fn what_concerns_the_batch_beforehand_is_listed_in_order_of_time() {
    use StepKind::{Decommission, Deploy, Prepare, Shift, Tidy};
    let mut builder = sample_that_waits();
    for (name, from, to, blocks) in [
        ("over", (1, 1), (1, 11), vec![]),
        ("of_others", (1, 1), (1, 31), vec![Decommission, Deploy]),
        ("later", (1, 13), (1, 14), vec![Shift]),
        ("met", (1, 5), (1, 12), vec![Tidy, Deploy, Shift]),
    ] {
        let day = |(month, day)| jiff::civil::date(2027, month, day);
        builder.plan.freezes.push(Freeze {
            name: name.to_owned(),
            zone: "America/New_York".to_owned(),
            from: day(from),
            to: day(to),
            blocks,
        });
    }
    for name in ["ledger", "orders db"] {
        let id = builder.resource(name, ResourceKind::Datastore, None);
        builder.plan.inventory.resources[id].backup_every = Some(3_600.0);
    }
    let subject = Subject::Resource(ResourceId::new(1));
    builder.step("orders db/expand", subject, Prepare, |_| ());
    let listed = before(&builder);
    let whens: Vec<&str> = listed.iter().map(|(when, _)| when.as_str()).collect();
    let (day, hour) = ("1 d before the start", "1 h before the start");
    assert_eq!(
        whens,
        [
            "14 d before the first cutover",
            "2027-01-05 to 2027-01-12",
            day,
            day,
            day,
            day,
            hour,
            "at the start",
            "before orders/tidy",
        ]
    );
    for (at, what) in [
        (0, "announced to users through status page"),
        (1, "freeze met: no step of kind shift, tidy starts"),
        (
            3,
            "the backup of orders db restored somewhere else, and read",
        ),
        (7, "training is done"),
        (8, "billing/keep\\_old is done"),
    ] {
        assert_eq!(listed[at].1, what);
    }
}

/// Where nothing moves nobody needs names that change quickly, or room for the load.
#[test]
fn a_batch_that_moves_nothing_is_asked_for_less() {
    let mut builder = sample();
    for id in builder.plan.steps.ids().collect::<Vec<_>>() {
        let step = &mut builder.plan.steps[id];
        (step.kind, step.weight) = (StepKind::Prepare, None);
    }
    let listed = before(&builder);
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert!(listed[0].1.starts_with("access tried: "), "{listed:?}");
}

#[test]
fn an_undo_over_the_objective_is_marked() {
    let runbook = read(&sample().generate(), "runbook/01-core.md");
    let row = runbook
        .lines()
        .find(|line| line.starts_with("| orders/shift\\_25 | Tue"))
        .unwrap();
    assert!(row.contains("| **over 30 s** |"), "{row}");
}

/// As in the simulator: the time runs only while the approver's team works.
#[test]
fn a_gate_says_in_whose_hours_its_time_counts() {
    use Weekday::{Fri, Mon, Thu, Tue, Wed};
    let mut builder = sample();
    let plan = &mut builder.plan;
    let holidays = (1..=12).map(|month| jiff::civil::date(2027, month, 1));
    let calendar = plan.calendars.push(Calendar {
        name: "berlin".to_owned(),
        zone: "Europe/Berlin".to_owned(),
        days: vec![Mon, Tue, Wed, Thu, Fri],
        hours: HoursRange {
            from: 9 * 60,
            to: 17 * 60,
        },
        holidays: holidays.collect(),
    });
    let team = plan.inventory.teams.push(Team {
        name: "dba".to_owned(),
        doc: None,
        engineers: None,
        rate_per_hour: None,
        calendar: Some(calendar),
        oncall: None,
    });
    plan.roles[RoleId::new(0)].team = Some(team);
    let files = builder.generate();
    // The migration starts in January, after its first day.
    let off = (2..=9).map(|month| format!("2027-{month:02}-01"));
    let off: Vec<String> = off.collect();
    let counted = format!(
        "counted while dba works (09:00–17:00 Europe/Berlin, mon tue wed thu fri; not on {} and 3 \
         later days)",
        off.join(", ")
    );
    let runbook = read(&files, "runbook/01-core.md");
    let said = format!("Answer within 4 h, {counted}; on silence: the walker undoes;");
    assert!(runbook.contains(&said), "{said}:\n{runbook}");
    let run = read(&files, "scripts/01-core/run");
    assert!(
        run.contains(&format!("gate_limits+=('4 h, {counted}')")),
        "{run}"
    );
    // 2027-01-01 is day 20,819; Berlin is an hour ahead of UTC in January.
    for line in [
        "calendar_zones=(Europe/Berlin)",
        "calendar_days=('1 2 3 4 5')",
        "calendar_opens=(540)",
        "calendar_closes=(1020)",
        "calendar_holidays=('20819 20850 ",
    ] {
        assert!(run.contains(line), "{line}:\n{run}");
    }
    let start = builder.plan.migration.start.as_second();
    let probe = format!("calendar_probes=('{start} 3600')");
    assert!(run.contains(&probe), "{probe}:\n{run}");
    // A day and a half of the clock are four and a half of work.
    let gate = builder.plan.steps[StepId::new(0)].gate.as_mut().unwrap();
    gate.within = 36.0 * 3_600.0;
    let runbook = read(&builder.generate(), "runbook/01-core.md");
    let said = "Answer within 36 h (4.5 working days), counted while dba works";
    assert!(runbook.contains(said), "{said}:\n{runbook}");
}

#[test]
fn a_gate_names_what_measures_it_or_says_that_nothing_does() {
    let mut builder = sample();
    let gate = builder.plan.steps[StepId::new(0)].gate.as_mut().unwrap();
    gate.when.push(Condition {
        measure: Measure::ErrorRate,
        comparison: Comparison::Less,
        limit: 0.01,
    });
    let files = builder.generate();
    let runbook = read(&files, "runbook/01-core.md");
    // HAProxy counts answers and their errors; it keeps no percentiles.
    assert!(runbook.contains("| p99 | &lt; 300 ms | nothing measures it: look yourself |"));
    let script = "scripts/01-core/measure/01-orders";
    let row = format!("| error\\_rate | &lt; 1 % | `{script} --measure error_rate` |");
    assert!(runbook.contains(&row), "{runbook}");
    assert!(files.get(script).is_some_and(|file| file.executable));
}

#[test]
fn what_waits_for_people_says_how_to_answer() {
    let runbook = read(&sample().generate(), "runbook/01-core.md");
    for answer in [
        "scripts/01-core/run --approve orders/go --by ana",
        "scripts/01-core/run --done orders/tidy --by owner",
    ] {
        let waits = format!("until somebody answers; then start it again:\n\n```bash\n{answer}\n");
        assert!(runbook.contains(&waits), "{answer}:\n{runbook}");
    }
}

#[test]
fn by_hand_traffic_is_withdrawn_first_and_each_undo_is_named_once() {
    let mut builder = sample();
    let bash = builder.executor(executor("bash", &[("script", text("./s"))]));
    let service = Subject::Service(ServiceId::new(0));
    for (name, has_undo) in [("orders/late", true), ("orders/later", false)] {
        builder.step(name, service.clone(), StepKind::Deploy, |step| {
            let node = Some(Node::Service(ServiceId::new(0)));
            let act = |verb| action(verb, node, Some(bash), &[]);
            step.action = Some(act("deploy.apply"));
            step.undo = has_undo.then(|| act("deploy.remove"));
        });
    }
    let files = builder.generate();
    let runbook = read(&files, "runbook/01-core.md");
    // Steps: go, three shifts, keep, tidy, late, later. One route change takes back all three shifts.
    // The last has no undo in the plan, and the executor's is a step like any other.
    let undos = "```bash\nscripts/01-core/04-orders-shift_100/undo\nscripts/01-core/08-orders-later/undo\n\
                 scripts/01-core/07-orders-late/undo\n```";
    assert!(runbook.contains(undos), "{runbook}");
    assert!(runbook.contains("`export WHIMBREL_PROJECT=/path/to/the/plan`"));
    for path in ["04-orders-shift_100", "08-orders-later", "07-orders-late"] {
        let path = format!("scripts/01-core/{path}/undo");
        assert!(files.get(&path).is_some(), "{path}");
    }
}

#[test]
fn numbers_are_those_of_the_estimates() {
    let builder = sample();
    let estimates = serde_json::to_value(support::estimates(&builder.plan)).unwrap();
    let files = builder.generate();
    let runbook = read(&files, "runbook/01-core.md");
    let steps: Vec<Value> = data(&runbook)
        .into_iter()
        .filter_map(|value| value.get("step").cloned())
        .collect();
    assert_eq!(Value::from(steps), estimates["steps"]);
    let index = data(&read(&files, "runbook/index.md"));
    assert_eq!(
        index[0]["duration_days"]["p80"],
        estimates["duration_days"]["p80"]
    );
    assert_eq!(index[0]["cost"]["p50"], estimates["cost"]["p50"]);
    let csv = read(&files, "runbook/steps.csv");
    assert_eq!(csv.lines().count(), builder.plan.steps.len() + 1);
    assert!(csv.contains("\"0.0416667\",\"0.0833333\""), "{csv}");
}

#[test]
fn there_is_no_placeholder() {
    let mut kept = BTreeSet::new();
    for builder in [sample(), everything("orders")] {
        for (path, file) in builder
            .generate()
            .iter()
            .filter(|(path, _)| path.ends_with(".md"))
        {
            let text = String::from_utf8_lossy(&file.bytes).into_owned();
            kept.insert(path.to_owned());
            for word in [
                "TODO",
                "TBD",
                "FIXME",
                "XXX",
                "{{",
                "{%",
                "undefined",
                "Some(",
                "None",
                "NaN",
            ] {
                assert!(!text.contains(word), "{path} holds {word}");
            }
        }
    }
    assert!(kept.contains("runbook/01-core.md"));
}

#[test]
fn commands_name_scripts_that_are_there() {
    let files = sample().generate();
    let runbook = read(&files, "runbook/01-core.md");
    let commands = runbook.lines().filter(|line| line.starts_with("scripts/"));
    let paths: BTreeSet<&str> = commands.filter_map(|line| line.split(' ').next()).collect();
    assert!(paths.len() > 5);
    for path in paths {
        assert!(
            files.get(path).is_some_and(|file| file.executable),
            "{path}"
        );
    }
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    assert_eq!(sample().generate(), sample().generate());
}

#[test]
fn every_file_carries_the_hash_of_its_plan() {
    let builder = sample();
    let hash = builder.plan.hash().unwrap();
    for (path, file) in builder.generate().iter() {
        let shared =
            path.starts_with("scripts/lib/") || path.ends_with(".csv") || path == "plan.json";
        let plain = path.ends_with(".map") || path.ends_with(".conf");
        let text = String::from_utf8_lossy(&file.bytes);
        assert!(shared || plain || text.contains(&hash), "{path}");
    }
    assert!(read(&builder.generate(), MANIFEST).contains(&hash));
}

#[test]
fn estimates_of_another_plan_are_refused() {
    let builder = sample();
    let mut estimates = support::estimates(&builder.plan);
    estimates.plan_hash = "0".repeat(64);
    let error = generate(&builder.plan, &estimates, &LocalTemplates::new()).unwrap_err();
    assert_eq!(error.code(), "MG1707");
}

/// A measure of the plan's own is asked of the monitor that runs queries, though the proxy measures
/// the rest: by a script of its own, and in the alert rules.
#[test]
fn a_query_of_the_plan_is_run_where_queries_are() {
    let mut builder = sample();
    builder.executor(executor("prometheus", &[]));
    let carts = builder.measure("lost_carts", ["lost{s=\"$x", "\"}"]);
    builder.trigger("losing", carts, 0.02, 60.0);
    let gate = builder.plan.steps[StepId::new(0)].gate.as_mut().unwrap();
    let comparison = Comparison::Less;
    gate.when.push(Condition {
        measure: carts,
        comparison,
        limit: 0.01,
    });
    let files = builder.generate();
    let script = "scripts/01-core/measure/01-orders-prometheus";
    let query = r#"query 'lost{s="$xorders"}'"#;
    assert!(read(&files, script).contains(&format!("  lost_carts)\n    {query}\n    exit\n")));
    let runbook = read(&files, "runbook/01-core.md");
    let row = format!("| lost\\_carts | &lt; 1 % | `{script} --measure lost_carts` |");
    assert!(runbook.contains(&row), "{runbook}");
    let run = read(&files, "scripts/01-core/run");
    // Percentiles, which a proxy does not keep, come from the monitor too.
    let measures = "member_measures=('error_rate=measure/01-orders \
                    lost_carts=measure/01-orders-prometheus p99=measure/01-orders-prometheus')";
    assert!(run.contains(measures), "{run}");
    let rules = read(&files, "executors/prometheus/rules.yml");
    let expr = r#"expr: "(lost{s=\"$xorders\"}) \u003e 0.02""#;
    assert!(rules.contains(expr), "{rules}");
    assert!(rules.contains(r"lost_carts \u003e 2 % on the new side of orders"));
}

/// A proxy that measures runs no queries: without a monitor that does, the trigger could not fire.
#[test]
fn a_query_that_nothing_runs_is_refused() {
    let mut builder = sample();
    let carts = builder.measure("lost_carts", ["lost{s=\"", "\"}"]);
    builder.trigger("losing", carts, 0.02, 60.0);
    let estimates = support::estimates(&builder.plan);
    let error = generate(&builder.plan, &estimates, &LocalTemplates::new()).unwrap_err();
    let wanted = HandoffError::Unmeasured {
        measure: "lost_carts".into(),
        subject: "orders".into(),
    };
    assert_eq!(error, wanted);
}

#[test]
fn a_trigger_that_nothing_measures_is_refused() {
    let mut builder = sample();
    builder.trigger("slow", Measure::P99, 0.3, 60.0);
    let estimates = support::estimates(&builder.plan);
    let error = generate(&builder.plan, &estimates, &LocalTemplates::new()).unwrap_err();
    let wanted = HandoffError::Unmeasured {
        measure: "p99".into(),
        subject: "orders".into(),
    };
    assert_eq!(error, wanted);
}

#[test]
fn a_service_without_addresses_cannot_be_bridged() {
    let mut builder = sample();
    for (_, service) in builder.plan.inventory.services.iter_mut() {
        service.new_endpoint = None;
    }
    let estimates = support::estimates(&builder.plan);
    let error = generate(&builder.plan, &estimates, &LocalTemplates::new()).unwrap_err();
    assert_eq!(error.code(), "MG1711");
    assert_eq!(
        error.message(),
        "executor `haproxy` cannot carry the plan out: \
         service `orders` needs its `endpoint` and its `new_endpoint`"
    );
}

#[test]
fn two_tables_are_not_run_into_one() {
    let mut builder = sample();
    let risk = Risk {
        name: "loss".into(),
        doc: None,
        tier: RiskTier::High,
        mitigation: None,
        alert: None,
        owner: None,
    };
    builder.plan.risks.push(risk);
    let index = read(&builder.generate(), "runbook/index.md");
    assert!(
        index.contains(
            "| risk | tier | mitigation | alert | owner |\n|---|---|---|---|---|\n| loss |"
        ),
        "{index}"
    );
    assert!(
        index.contains("|\n\n| runbook | members | finish, P50 | finish, P80 |\n|---|---|---|---|\n| [core](01-core.md) |"),
        "{index}"
    );
}
