//! Each command does its work: exit codes, JSON, files.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests start the program, write its files, and fail by panicking"
)]

mod common;

use std::process::{Command, Stdio};

use common::{STARTER, files, folder, starter, whimbrel};
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_fresh_plan_passes_check() {
    let folder = folder(&[]);
    let run = whimbrel(folder.path(), &["init", "shop"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let arguments = ["check", "shop", "--deny-warnings", "--today", "2027-01-11"];
    let run = whimbrel(folder.path(), &arguments);
    assert_eq!(run.code, Some(0), "{}{}", run.out, run.err);
    let run = whimbrel(folder.path(), &["fmt", "--check", "shop"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{}", run.err);
}

/// Each attempt of the only step fails, and twenty of them are the end of a trial.
#[test]
fn building_what_never_finishes_warns_and_says_what_holds_it_up() {
    let plan = "platform old { }\nplatform new { }\n\
        migration move { from = old; to = new; start = 2027-01-11 }\n\
        pattern turn() for service {\n  step turn {\n    kind = cutover; takes = 1h; fails = FAILS\n    \
        does = manual(\"Turn it.\"); undo = manual(\"Turn it back.\")\n  }\n}\n\
        service orders { move = turn() }\n";
    let build = |fails: &str| {
        let folder = folder(&[("plan.mig", plan.replace("FAILS", fails).as_bytes())]);
        let arguments = [
            "build",
            "--out",
            "dist",
            "--trials",
            "100",
            "--today",
            "2026-11-21",
        ];
        let run = whimbrel(folder.path(), &arguments);
        assert_eq!(run.code, Some(0), "{}", run.err);
        run.err
    };
    let warning = "warning: the migration never finishes in ";
    let sound = build("0%");
    assert!(!sound.contains(warning), "{sound}");
    // 0.95²⁰ = 36 % of the trials.
    let told = build("95%");
    let line = told.lines().find(|line| line.starts_with(warning)).unwrap();
    let parts = [
        " % of the trials",
        ", as the runbooks say. `orders/turn` holds up ",
        "it failed twenty times",
    ];
    for part in parts {
        assert!(line.contains(part), "{part}: {line}");
    }
}

#[test]
fn init_overwrites_nothing() {
    let folder = folder(&[("plan.mig", b"# mine\n")]);
    let run = whimbrel(folder.path(), &["init"]);
    assert!(run.err.starts_with("MG1510"), "{}", run.err);
    assert_eq!(run.code, Some(2));
    let left = files(folder.path());
    assert_eq!(left, [("plan.mig".to_owned(), b"# mine\n".to_vec())]);
}

#[test]
fn findings_exit_1_and_point_at_their_place() {
    let plan = STARTER.replace("team    = shop\n  kind", "team    = shap\n  kind");
    let line = 1 + plan.lines().position(|line| line.contains("shap")).unwrap();
    let folder = folder(&[("sub/plan.mig", plan.as_bytes())]);
    let run = whimbrel(folder.path(), &["check", "sub", "--format", "json"]);
    assert_eq!(run.code, Some(1), "{}", run.err);
    let document = json(&run.out);
    assert_eq!(document["version"], 1);
    let errors: Vec<&Value> = document["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["level"] == "error")
        .collect();
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0]["code"], "MG0101");
    assert_eq!(errors[0]["file"], "sub/plan.mig");
    assert_eq!(errors[0]["line"], line);
    // `  team    = shap`: the name begins in column 13 and the column after it is 17.
    assert_eq!(errors[0]["column"], 13);
    assert_eq!(errors[0]["end_column"], 17);
    assert!(errors[0]["help"].as_str().unwrap().contains("shop"));
    assert_eq!(document["summary"]["errors"], 1);
}

#[test]
fn warnings_exit_0_unless_denied() {
    // Two weeks' notice is the rule, and the plan gives a day.
    let plan = STARTER.replace("before  = 14d", "before  = 1d");
    let folder = folder(&[("plan.mig", plan.as_bytes())]);
    let run = whimbrel(folder.path(), &["check", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.out);
    let warnings = json(&run.out)["summary"]["warnings"].as_u64().unwrap();
    assert!(warnings > 0, "{}", run.out);
    let run = whimbrel(folder.path(), &["check", "--deny-warnings"]);
    assert_eq!(run.code, Some(1));
}

#[test]
fn several_plans_are_checked_at_once() {
    let broken = STARTER.replace("engine = postgresql", "engin = postgresql");
    let folder = folder(&[
        ("a/plan.mig", STARTER.as_bytes()),
        ("b/plan.mig", broken.as_bytes()),
    ]);
    let run = whimbrel(folder.path(), &["check", "a", "b", "--format", "plain"]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("b/plan.mig:"), "{}", run.out);
    assert!(!run.out.contains("a/plan.mig:"), "{}", run.out);
}

#[test]
fn plan_json_has_names_and_the_promised_fields() {
    let folder = starter();
    let run = whimbrel(folder.path(), &["plan", "--format", "json"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let document = json(&run.out);
    for field in [
        "version",
        "plan_hash",
        "strategy",
        "batches",
        "checklist",
        "graph",
        "seam",
        "critical_path",
        "duration_days",
        "effort_hours",
        "blast_radius",
    ] {
        assert!(document.get(field).is_some(), "{field}");
    }
    let members: Vec<&str> = document["batches"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|batch| batch["services"].as_array().unwrap())
        .map(|service| service["name"].as_str().unwrap())
        .collect();
    let mut sorted = members.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["mailer", "orders_api", "storefront"]);
    assert_eq!(document["checklist"]["scores"].as_array().unwrap().len(), 6);
    // Storefront calls orders_api and fails without it, mailer does not: the worst move hurts two.
    assert_eq!(document["blast_radius"]["services"], 2);
}

#[test]
fn plan_is_shown_though_errors_stand() {
    let plan = STARTER.replace("[shop]", "[shap]");
    let folder = folder(&[("plan.mig", plan.as_bytes())]);
    let run = whimbrel(folder.path(), &["plan", "--format", "json"]);
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(run.err.contains("1 error stands"), "{}", run.err);
    let services = json(&run.out)["graph"]["services"].clone();
    assert_eq!(services.as_array().unwrap().len(), 3);
}

#[test]
fn simulation_does_not_depend_on_threads_or_runs() {
    let folder = starter();
    let simulate = |threads: &str| {
        let arguments = [
            "simulate",
            "--trials",
            "1000",
            "--format",
            "json",
            "--threads",
            threads,
        ];
        let run = whimbrel(folder.path(), &arguments);
        assert_eq!(run.code, Some(0), "{}", run.err);
        run.out
    };
    let one = simulate("1");
    assert_eq!(one, simulate("2"));
    assert_eq!(one, simulate("1"));
    let document = json(&one);
    assert_eq!(document["trials"], 1000);
    assert_eq!(document["seed"], 1);
}

#[test]
fn requirements_decide_the_exit_code() {
    let folder = starter();
    let simulate = |requirement: &str| {
        let arguments = ["simulate", "--trials", "500", "--require", requirement];
        whimbrel(folder.path(), &arguments)
    };
    let met = simulate("duration_days.p80 >= 0");
    assert_eq!(met.code, Some(0), "{}", met.err);
    assert!(met.err.contains("met"), "{}", met.err);
    let unmet = simulate("duration_days.p80 <= 0.001");
    assert_eq!(unmet.code, Some(1), "{}", unmet.err);
    assert!(unmet.err.contains("unmet"), "{}", unmet.err);
}

#[test]
fn building_again_changes_nothing() {
    let folder = starter();
    let build = || {
        whimbrel(
            folder.path(),
            &["build", "--out", "dist", "--trials", "200"],
        )
    };
    let first = build();
    assert_eq!(first.code, Some(0), "{}", first.err);
    assert!(first.out.contains("wrote   MANIFEST.json"), "{}", first.out);
    let before = files(&folder.path().join("dist"));
    let second = build();
    assert_eq!((second.code, second.out.as_str()), (Some(0), ""));
    assert_eq!(files(&folder.path().join("dist")), before);
}

#[test]
fn building_removes_only_what_a_build_wrote() {
    let folder = starter();
    let dist = folder.path().join("dist");
    let build = || {
        whimbrel(
            folder.path(),
            &["build", "--out", "dist", "--trials", "200"],
        )
    };
    assert_eq!(build().code, Some(0));
    let first = files(&dist);
    std::fs::write(dist.join("notes.txt"), "mine").unwrap();
    let without = STARTER.replace("service mailer {", "service postman {");
    std::fs::write(folder.path().join("plan.mig"), without).unwrap();
    let second = build();
    assert_eq!(second.code, Some(0), "{}", second.err);
    let left = files(&dist);
    let holds = |name: &str| left.iter().any(|(path, _)| path.contains(name));
    assert!(first.iter().any(|(path, _)| path.contains("mailer")));
    assert!(!holds("mailer"), "the former service is gone");
    assert!(holds("postman"), "the new one is there");
    assert!(holds("notes.txt"), "what is not ours stays");
}

/// A journal of the plan that `dist` was built from, with these events of batches.
fn journal(folder: &std::path::Path, events: &[(&str, &str)]) {
    let manifest = std::fs::read_to_string(folder.join("dist/MANIFEST.json")).unwrap();
    let plan = &json(&manifest)["plan_hash"];
    let lines: Vec<String> = events
        .iter()
        .map(|(event, batch)| {
            serde_json::json!({ "plan": plan, "event": event, "batch": batch }).to_string()
        })
        .collect();
    let state = folder.join(".state/whimbrel/shop_to_cluster");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::write(state.join("journal.jsonl"), lines.join("\n")).unwrap();
}

#[test]
fn an_open_walk_is_not_built_over() {
    let folder = starter();
    let build = || {
        whimbrel(
            folder.path(),
            &["build", "--out", "dist", "--trials", "200"],
        )
    };
    assert_eq!(build().code, Some(0));
    journal(folder.path(), &[("open", "")]);
    assert_eq!(build().code, Some(0), "the same plan may be built again");
    let before = files(&folder.path().join("dist"));
    let plan = folder.path().join("plan.mig");
    std::fs::write(&plan, STARTER.replace("keep_old = 72h", "keep_old = 96h")).unwrap();
    let refused = build();
    assert!(refused.err.contains("MG1509"), "{}", refused.err);
    assert_eq!(refused.code, Some(2));
    assert_eq!(files(&folder.path().join("dist")), before);
    let shown = whimbrel(folder.path(), &["plan", "--format", "json"]);
    let batches = json(&shown.out)["batches"].clone();
    let names = batches.as_array().unwrap().iter();
    let done: Vec<(&str, &str)> = names
        .map(|batch| ("batch_done", batch["name"].as_str().unwrap()))
        .collect();
    journal(folder.path(), &done);
    assert_eq!(build().code, Some(0), "a walk that is done is no hindrance");
}

#[test]
fn a_journal_is_audited() {
    let folder = folder(&[("empty.jsonl", b""), ("broken.jsonl", b"{}\n")]);
    let sound = whimbrel(folder.path(), &["audit", "empty.jsonl"]);
    assert_eq!(sound.code, Some(0), "{}", sound.err);
    let broken = whimbrel(folder.path(), &["audit", "broken.jsonl"]);
    assert!(broken.err.starts_with("MG1514"), "{}", broken.err);
    assert_eq!(broken.code, Some(1));
    let missing = whimbrel(folder.path(), &["audit", "nowhere.jsonl"]);
    assert_eq!(missing.code, Some(2));
}

#[test]
fn a_link_in_the_output_is_not_followed() {
    let folder = starter();
    let build = || {
        whimbrel(
            folder.path(),
            &["build", "--out", "dist", "--trials", "200"],
        )
    };
    assert_eq!(build().code, Some(0));
    let dist = folder.path().join("dist");
    let outside = folder.path().join("outside");
    std::fs::rename(dist.join("scripts"), &outside).unwrap();
    std::os::unix::fs::symlink(&outside, dist.join("scripts")).unwrap();
    let before = files(&outside);
    let run = build();
    assert!(run.err.contains("MG1503"), "{}", run.err);
    assert_eq!(run.code, Some(2));
    assert_eq!(files(&outside), before);
}

#[test]
fn fmt_rewrites_in_place_and_keeps_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder(&[("plan.mig", b"team   a   {engineers=3}\n")]);
    let plan = folder.path().join("plan.mig");
    std::fs::set_permissions(&plan, std::fs::Permissions::from_mode(0o640)).unwrap();
    let run = whimbrel(folder.path(), &["fmt", "--check"]);
    assert_eq!(run.code, Some(1));
    assert!(run.out.contains("-team   a   {engineers=3}"), "{}", run.out);
    let run = whimbrel(folder.path(), &["fmt"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let text = std::fs::read_to_string(&plan).unwrap();
    assert_eq!(text, "team a { engineers = 3 }\n");
    let mode = std::fs::metadata(&plan).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert_eq!(whimbrel(folder.path(), &["fmt", "--check"]).code, Some(0));
}

#[test]
fn fmt_leaves_a_broken_file_as_it_is() {
    let folder = folder(&[("plan.mig", b"team a {\n")]);
    let run = whimbrel(folder.path(), &["fmt"]);
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("MG0002"), "{}", run.err);
    let left = files(folder.path());
    assert_eq!(left, [("plan.mig".to_owned(), b"team a {\n".to_vec())]);
}

#[test]
fn a_compiled_plan_is_json_of_its_version() {
    let folder = starter();
    let run = whimbrel(folder.path(), &["compile"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let document = json(&run.out);
    assert_eq!(document["version"], 1);
    assert_eq!(document["migration"]["name"], "shop_to_cluster");
    let schema = whimbrel(folder.path(), &["compile", "--emit", "schema"]);
    let schema = json(&schema.out);
    assert!(schema["$defs"]["plan"]["properties"]["migration"].is_object());
    assert!(schema["$defs"]["text"]["properties"]["files"].is_object());
}

#[test]
fn every_rule_can_be_explained() {
    let folder = folder(&[]);
    let rules = whimbrel(folder.path(), &["rules", "--format", "json"]);
    let rules = json(&rules.out);
    let rules = rules["rules"].as_array().unwrap();
    assert!(!rules.is_empty());
    for rule in rules {
        for topic in [&rule["code"], &rule["name"]] {
            let run = whimbrel(folder.path(), &["explain", topic.as_str().unwrap()]);
            assert_eq!(run.code, Some(0), "{topic}: {}", run.err);
            assert!(!run.out.is_empty(), "{topic}");
        }
    }
}

#[test]
fn an_unknown_topic_names_the_nearest() {
    let folder = folder(&[]);
    let run = whimbrel(folder.path(), &["explain", "checklst"]);
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("`checklist`"), "{}", run.err);
}

#[test]
fn no_colour_where_there_is_no_terminal() {
    let folder = folder(&[("plan.mig", b"team a { nonsense = 3 }\n")]);
    let plain = whimbrel(folder.path(), &["check"]);
    assert!(!plain.err.contains('\u{1b}'), "{}", plain.err);
    let colored = whimbrel(folder.path(), &["check", "--color", "always"]);
    assert!(colored.err.contains('\u{1b}'), "{}", colored.err);
}

/// One service that surely fails at its cutover; its caller loses half of its own requests.
const HALF_HURT: &str = "use std.patterns.canary
platform old { }
platform new { }
service front { traffic = 100rps; calls t1 { rate = 50rps; need = hard } }
service t1 { traffic = 80rps; move = canary(weights: [100%], fails: 100%) }
migration m { from = old; to = new; start = 2027-01-11 }
";

#[test]
fn the_static_blast_radius_is_what_a_certain_failure_does() {
    let folder = folder(&[("plan.mig", HALF_HURT.as_bytes())]);
    let shown = whimbrel(folder.path(), &["plan", "--format", "json"]);
    // From outside come 100 to front and 80 - 50 to t1; all of t1 and 50/100 of front fail.
    let expected = (30.0 + 100.0 * 0.5) / 130.0;
    let blast = &json(&shown.out)["blast_radius"];
    assert_eq!(blast["services"], 2, "{}", shown.err);
    assert!((blast["share"].as_f64().unwrap() - expected).abs() < 1e-12);
    let arguments = ["simulate", "--trials", "300", "--format", "json"];
    let run = whimbrel(folder.path(), &arguments);
    let share = &json(&run.out)["blast_radius"]["request_share"];
    for quantile in ["p5", "p99"] {
        let simulated = share[quantile].as_f64().unwrap();
        assert!((simulated - expected).abs() < 1e-9, "{quantile}: {share}");
    }
}

#[test]
fn a_plan_without_money_has_an_unknown_cost() {
    let folder = folder(&[("plan.mig", HALF_HURT.as_bytes())]);
    for command in [&["plan"][..], &["simulate", "--trials", "100"]] {
        let run = whimbrel(folder.path(), command);
        assert!(
            run.out
                .contains("cost unknown: the plan states no amount of money")
        );
        assert!(!run.out.contains("XXX"), "{}", run.out);
    }
}

#[test]
fn a_plan_that_never_finishes_says_why() {
    let hopeless = "pattern hopeless() for service {
  step cut {
    kind  = shift
    owner = lead
    does  = traffic.shift(service, to: 100%)
    soak  = 1h
    fails = 100%
    undo  = traffic.shift(service, to: 0%)
  }
}
role lead { who = \"somebody\" }
";
    let moved = HALF_HURT.replace("canary(weights: [100%], fails: 100%)", "hopeless()");
    let plan = moved.replace("platform old", &format!("{hopeless}platform old"));
    let folder = folder(&[("plan.mig", plan.as_bytes())]);
    let run = whimbrel(folder.path(), &["simulate", "--trials", "100"]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    let refused = "MG1616 error: none of 100 trials finishes; in all of them `t1/cut` holds it up: \
                   it failed twenty times";
    assert!(run.err.contains(refused), "{}", run.err);
    // What the help names does tell it.
    let run = whimbrel(
        folder.path(),
        &["simulate", "--trials", "100", "--why", "0"],
    );
    assert!(run.out.contains("it failed twenty times"), "{}", run.out);
    // 0.98²⁰ = 0.67.
    let plan = plan.replace("fails = 100%", "fails = 98%");
    std::fs::write(folder.path().join("plan.mig"), plan).unwrap();
    let run = whimbrel(folder.path(), &["simulate", "--trials", "100"]);
    let held = |line: &str| line.contains("`t1/cut` holds up") && line.contains("% of the trials");
    assert!(run.out.lines().any(held), "{}{}", run.out, run.err);
}

#[test]
fn every_other_code_and_nested_block_is_explained() {
    let folder = folder(&[]);
    let rules = whimbrel(folder.path(), &["rules", "--format", "json"]);
    let rules = json(&rules.out);
    let others = rules["other_codes"].as_array().unwrap().iter();
    let codes: Vec<&str> = others.map(|row| row["code"].as_str().unwrap()).collect();
    for family in ["MG15", "MG16", "MG17"] {
        assert!(
            codes.iter().any(|code| code.starts_with(family)),
            "{codes:?}"
        );
    }
    for (topic, says) in [
        ("mg0301", "MG0301"),
        ("MG1602", "too-many-trials"),
        ("bad-argument", "MG1513"),
        ("mg1703", "cannot be filled in"),
        ("calls", "service.calls"),
        ("calls.rate", "service.calls.rate"),
    ] {
        let run = whimbrel(folder.path(), &["explain", topic]);
        assert_eq!(run.code, Some(0), "{topic}: {}", run.err);
        assert!(run.out.contains(says), "{topic}: {}", run.out);
    }
    let several = whimbrel(folder.path(), &["explain", "traffic"]);
    assert_eq!(several.code, Some(2));
    assert!(
        several
            .err
            .contains("`platform.traffic`, `service.traffic`"),
        "{}",
        several.err
    );
}

#[test]
fn too_few_trials_do_not_meet_a_requirement() {
    let folder = starter();
    let requirement = "duration_days.p95 <= 100000";
    let arguments = ["simulate", "--trials", "20", "--require", requirement];
    let run = whimbrel(folder.path(), &arguments);
    assert_eq!(run.code, Some(1), "{}", run.err);
    assert!(run.err.contains("undecided"), "{}", run.err);
}

#[test]
fn a_reader_that_goes_away_does_not_make_a_broken_plan_clean() {
    let folder = folder(&[("plan.mig", b"service a { calls b }\n")]);
    for arguments in [
        vec!["check"],
        vec!["check", "--format", "json"],
        vec!["plan"],
    ] {
        let mut started = Command::new(env!("CARGO_BIN_EXE_whimbrel"))
            .args(&arguments)
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Nobody reads either stream.
        drop((started.stdout.take(), started.stderr.take()));
        assert_eq!(started.wait().unwrap().code(), Some(1), "{arguments:?}");
    }
    let rules = Command::new(env!("CARGO_BIN_EXE_whimbrel"))
        .arg("rules")
        .stdout(Stdio::piped())
        .spawn()
        .map(|mut started| {
            drop(started.stdout.take());
            started.wait().unwrap()
        });
    assert_eq!(
        rules.unwrap().code(),
        Some(0),
        "what is not read is no failure"
    );
}

/// A cycle that bridges answer is still shown, and said to be answered.
#[test]
fn plan_tells_which_cycles_are_bridged() {
    let text = "platform old { }
platform new { }
datastore db { table t; to = stay }
pattern hop() for service { step go { does = traffic.shift(service, to: 100%); takes = 1h } }
service a { writes db.t; calls b; move = hop() }
service b { reads db.t; move = hop() }
migration m { from = old; to = new; start = 2027-01-11 }
";
    let cycles = |text: &str| {
        let folder = folder(&[("plan.mig", text.as_bytes())]);
        whimbrel(folder.path(), &["plan"]).out
    };
    let open = cycles(text);
    assert!(open.contains("among 2 services, the shortest:"), "{open}");
    let bridged = cycles(&format!("{text}bridge sync {{ over = db.t; by = cdc }}\n"));
    let told = "among 2 services, all bridged, the shortest:";
    assert!(bridged.contains(told), "{bridged}");
}
