//! `diff`: two files, two folders, and git repositories as people have them.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests start programs, write their files, and fail by panicking"
)]

mod common;

use std::path::Path;
use std::process::Command;

use common::{Run, folder, whimbrel};
use serde_json::Value;
use tempfile::TempDir;

const PLAN: &str = r#"use std.patterns.strangler_fig
platform old { }
platform new { }
link old -> new { bandwidth = 1Gbps; latency = 2ms; private = true }
team shop { engineers = 2; rate = $90/h }
datastore db { table orders; table invoices }
service orders {
  team = shop; traffic = 20rps; move = strangler_fig()
  calls billing { rate = 20rps; need = hard }
  writes db.orders
}
service billing { team = shop; traffic = 20rps; move = strangler_fig(); writes db.invoices }
migration shop { from = old; to = new; start = 2027-01-11 }
"#;

/// The change of a reviewer's nightmare: billing reads what orders writes, a hidden cycle.
fn hidden() -> String {
    PLAN.replace(
        "writes db.invoices }",
        "writes db.invoices; reads db.orders }",
    )
}

fn git(at: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .arg("-C")
        .arg(at)
        .args(["-c", "user.name=Tests", "-c", "user.email=tests@localhost"])
        .args([
            "-c",
            "commit.gpgsign=false",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {told}");
}

fn commit(at: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = at.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    git(at, &["add", "-A"]);
    git(at, &["commit", "-q", "-m", "a change"]);
}

/// A repository whose first commit has these files.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "-q"]);
    commit(folder.path(), files);
    folder
}

fn diff(at: &Path, arguments: &[&str]) -> Run {
    whimbrel(
        at,
        &[&["diff", "--today", "2026-11-21"], arguments].concat(),
    )
}

/// Every document keeps the contract.
fn assert_valid(document: &Value) {
    let schema = include_str!("../../docs/reference/diff.schema.json");
    let schema: Value = serde_json::from_str(schema).unwrap();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .unwrap()
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

/// The difference of two texts, human and JSON.
fn of(before: &str, after: &str, options: &[&str]) -> (Run, Value) {
    let folder = folder(&[("a.mig", before.as_bytes()), ("b.mig", after.as_bytes())]);
    let human = diff(folder.path(), &[&["a.mig", "b.mig"], options].concat());
    let json = diff(
        folder.path(),
        &[&["a.mig", "b.mig", "--format", "json"], options].concat(),
    );
    let json = serde_json::from_str(&json.out).unwrap();
    assert_valid(&json);
    (human, json)
}

#[test]
fn comments_layout_and_order_mean_nothing() {
    let mut statements: Vec<&str> = PLAN.lines().collect();
    let services = statements.split_off(6);
    let (orders, rest) = services.split_at(5);
    let text = format!(
        "# Another order.\n{}\n\n{}\n{}\n# the end\n",
        statements.join("\n\n"),
        rest.join("\n"),
        orders.join("\n")
    );
    let (human, json) = of(PLAN, &text, &[]);
    assert_eq!(human.code, Some(0), "{}", human.out);
    assert_eq!(human.out, "a.mig → b.mig\nno change in meaning\n");
    assert_eq!(json["same"], true);
    assert_eq!(json["before"]["plan_hash"], json["after"]["plan_hash"]);
}

#[test]
fn days_read_as_they_were_written() {
    let text = |start: &str, deadline: &str| {
        let start = format!("start = {start}; zone = \"America/New_York\"; deadline = {deadline}");
        PLAN.replace("start = 2027-01-11", &start)
    };
    let was = text("2027-01-11", "2027-06-30");
    let is = text("2027-01-12T08:30", "2027-09-30");
    let (human, json) = of(&was, &is, &[]);
    for told in [
        "start 2027-01-11 → 2027-01-12T08:30",
        "deadline 2027-06-30 → 2027-09-30",
    ] {
        assert!(human.out.contains(told), "{}", human.out);
    }
    assert!(!json.to_string().contains("T04:00:00Z"), "{json:#}");
}

#[test]
fn a_hidden_cycle_is_told_first_and_hop_by_hop() {
    let (human, json) = of(PLAN, &hidden(), &["--deny-warnings"]);
    assert_eq!(human.code, Some(1), "{}", human.out);
    let cycle = "+ a hidden cycle among 2 services: billing, orders\n";
    assert!(human.out.contains(cycle), "{}", human.out);
    assert!(
        human
            .out
            .contains("billing → orders read through db.orders ← hidden"),
        "{}",
        human.out
    );
    let change = &json["difference"]["components"][0];
    assert_eq!(change["outcome"], "gained");
    assert_eq!(
        (&change["was_hidden"], &change["is_hidden"]),
        (&false.into(), &true.into())
    );
    // The other way the change takes the cycle away, and brings nothing.
    let (back, json) = of(&hidden(), PLAN, &["--deny-warnings"]);
    assert_eq!(back.code, Some(0), "{}", back.out);
    assert_eq!(json["difference"]["components"][0]["outcome"], "lost");
    assert!(!json["findings"]["lost"].as_array().unwrap().is_empty());
}

#[test]
fn only_what_is_new_fails() {
    let broken = format!("{PLAN}service x {{ calls nobody }}\n");
    assert_eq!(of(PLAN, &broken, &[]).0.code, Some(1));
    let (moved, json) = of(
        &broken,
        &format!("\n# lower\n\n{broken}"),
        &["--deny-warnings"],
    );
    assert_eq!(moved.code, Some(0), "{}", moved.out);
    assert_eq!(json["same"], true, "a shift of lines is no change");
    // A second finding of the same rule in other words is new.
    let worse = format!("{broken}service y {{ calls nobody_else }}\n");
    assert_eq!(of(&broken, &worse, &[]).0.code, Some(1));
    // A plan that no longer parses brings errors, and the rest is compared.
    let (cut, json) = of(PLAN, &format!("{PLAN}service z {{\n"), &[]);
    assert_eq!(cut.code, Some(1));
    assert_eq!(json["difference"]["things"]["gained"][0]["name"], "z");
}

#[test]
fn a_finding_that_stands_for_several_is_new_for_the_one_that_joins() {
    let third = "service ads { team = shop; traffic = 1rps; move = strangler_fig() }\n";
    let (human, json) = of(PLAN, &format!("{PLAN}{third}"), &["--deny-warnings"]);
    assert_eq!(human.code, Some(1), "{}", human.out);
    let gained = json["findings"]["gained"].as_array().unwrap();
    let baseline: Vec<&Value> = gained
        .iter()
        .filter(|one| one["name"] == "no-baseline")
        .collect();
    assert_eq!(baseline.len(), 1, "{json:#}");
    assert_eq!(baseline[0]["of"], serde_json::json!(["ads"]));
    let lost = json["findings"]["lost"].as_array().unwrap();
    assert!(
        lost.iter().all(|one| one["name"] != "no-baseline"),
        "{json:#}"
    );
}

#[test]
fn a_rename_is_one_line_and_brings_no_findings() {
    let renamed = hidden().replace("billing", "invoicing");
    let (human, json) = of(&hidden(), &renamed, &["--deny-warnings"]);
    assert_eq!(human.code, Some(0), "{}", human.out);
    let things = &json["difference"]["things"];
    assert_eq!(things["renamed"][0]["before"], "billing");
    assert_eq!(things["gained"], Value::Array(Vec::new()));
    assert_eq!(human.out.lines().count(), 4, "{}", human.out);
    // Of two that are alike nobody can say which one it was.
    let twins = "service t1 { calls orders }\nservice t2 { calls orders }\n";
    let others = twins.replace("t1", "u1").replace("t2", "u2");
    let (_, json) = of(&format!("{PLAN}{twins}"), &format!("{PLAN}{others}"), &[]);
    assert_eq!(
        json["difference"]["things"]["renamed"],
        Value::Array(Vec::new())
    );
}

#[test]
fn a_member_that_changes_its_batch_is_told_with_its_reason() {
    let batches = |first: &str, second: &str| {
        format!("{PLAN}batch one {{ members = [{first}] }}\nbatch two {{ members = [{second}] }}\n")
    };
    let plan = PLAN.replace("  calls billing { rate = 20rps; need = hard }\n", "");
    let with = |text: String| text.replace("  calls billing { rate = 20rps; need = hard }\n", "");
    let more = "service ads { team = shop; move = strangler_fig() }\n";
    let before = format!("{}{more}", with(batches("orders, ads", "billing")));
    let after = format!("{}{more}", with(batches("orders", "billing, ads")));
    assert!(!plan.contains("calls"));
    let (human, json) = of(&before, &after, &[]);
    let moved = &json["difference"]["batches"]["moved"];
    assert_eq!(moved.as_array().unwrap().len(), 1, "{moved}");
    assert_eq!(
        (&moved[0]["name"], &moved[0]["before"], &moved[0]["after"]),
        (&"ads".into(), &"one".into(), &"two".into())
    );
    assert!(
        human.out.contains("~ ads: one → two (named in the plan"),
        "{}",
        human.out
    );
}

#[test]
fn a_revision_is_compared_with_what_stands_here() {
    let repository = repository(&[("plans/shop/plan.mig", PLAN)]);
    let root = repository.path();
    let shop = root.join("plans/shop");
    std::fs::write(
        shop.join("plan.mig"),
        PLAN.replace(
            "orders {\n  team = shop; traffic = 20rps",
            "orders {\n  team = shop; traffic = 1200rps",
        ),
    )
    .unwrap();
    let expected = "service orders: traffic 20rps → 1200rps";
    for (at, arguments) in [
        (root, &["HEAD", "plans/shop"][..]),
        (root, &["HEAD:plans/shop"]),
        (root, &["main:plans/shop/plan.mig", "plans/shop/plan.mig"]),
        (shop.as_path(), &["HEAD"]),
        (&shop, &["main:./plan.mig"]),
        (&shop, &["HEAD:", "."]),
        (&shop, &["HEAD:plans/shop/plan.mig"]),
        (&root.join("plans"), &["HEAD:../plans/shop"]),
    ] {
        let run = diff(at, arguments);
        assert_eq!(run.code, Some(0), "{arguments:?}: {}", run.err);
        assert!(run.out.contains(expected), "{arguments:?}: {}", run.out);
    }
    let back = diff(&shop, &["plan.mig", "HEAD"]);
    assert!(back.out.contains("traffic 1200rps → 20rps"), "{}", back.out);
}

#[test]
fn all_files_are_those_of_the_revision() {
    let plan = PLAN.replace(
        "use std.patterns.strangler_fig",
        "import \"things.mig\"\nuse std.patterns.strangler_fig",
    );
    let repository = repository(&[
        ("plan.mig", &plan),
        ("things.mig", "service ads { traffic = 1rps }\n"),
    ]);
    let root = repository.path();
    commit(root, &[("things.mig", "service ads { traffic = 2rps }\n")]);
    std::fs::write(root.join("things.mig"), "service ads { traffic = 3rps }\n").unwrap();
    for (arguments, expected) in [
        (&["HEAD~1", "HEAD"][..], "traffic 1rps → 2rps"),
        (&["HEAD"], "traffic 2rps → 3rps"),
        (&["HEAD~1"], "traffic 1rps → 3rps"),
    ] {
        let run = diff(root, arguments);
        assert!(
            run.out.contains(expected),
            "{arguments:?}: {} {}",
            run.out,
            run.err
        );
    }
    // A file that came later is missing then, whatever stands here.
    git(root, &["checkout", "-q", "--", "things.mig"]);
    let more = plan.replace("things.mig", "more.mig");
    commit(root, &[("plan.mig", &more)]);
    std::fs::write(root.join("more.mig"), "service ads { traffic = 2rps }\n").unwrap();
    let run = diff(root, &["HEAD", "--format", "json"]);
    let json: Value = serde_json::from_str(&run.out).unwrap();
    let lost = json["findings"]["lost"].as_array().unwrap();
    assert!(
        lost.iter().any(|one| one["name"] == "missing-file"),
        "{json:#}"
    );
    assert_eq!(lost[0]["file"], "HEAD:plan.mig");
}

#[cfg(unix)]
#[test]
fn links_are_followed_in_the_folder_and_not_out_of_it() {
    let repository = repository(&[
        (
            "shop/plan.mig",
            &format!("import \"inner.mig\"\nimport \"outer.mig\"\n{PLAN}"),
        ),
        ("shop/real.mig", "service ads { traffic = 1rps }\n"),
        ("secret.mig", "service hidden { }\n"),
    ]);
    let shop = repository.path().join("shop");
    std::os::unix::fs::symlink("real.mig", shop.join("inner.mig")).unwrap();
    std::os::unix::fs::symlink("../secret.mig", shop.join("outer.mig")).unwrap();
    git(&shop, &["add", "-A"]);
    git(&shop, &["commit", "-q", "-m", "links"]);
    let run = diff(&shop, &["HEAD"]);
    assert!(
        run.out.ends_with("no change in meaning\n"),
        "{}{}",
        run.out,
        run.err
    );
}

#[test]
fn what_cannot_be_compared_is_told_with_its_code() {
    let repository = repository(&[("shop/plan.mig", PLAN), ("README.md", "")]);
    let root = repository.path();
    for (arguments, code, words) in [
        (&["nowhere", "shop"][..], "MG1521", "no file or folder here"),
        (&["HEAD~7", "shop"], "MG1521", "HEAD~7"),
        (&["HEAD:gone", "shop"], "MG1522", "`HEAD` has no `gone`"),
        (&["HEAD"], "MG1501", "no `plan.mig`"),
        (&["HEAD:../x", "shop"], "MG1503", "out of the repository"),
        (&["shop"], "MG1513", "whimbrel diff HEAD: shop"),
        (&["HEAD:", "nope.mig"], "MG1521", "nope.mig"),
        (&["--", "-h", "shop"], "MG1521", "-h"),
        (&["--", "--output=x", "shop"], "MG1521", "--output=x"),
    ] {
        let run = diff(root, arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {}{}", run.out, run.err);
        assert!(run.err.starts_with(code), "{arguments:?}: {}", run.err);
        assert!(run.err.contains(words), "{arguments:?}: {}", run.err);
    }
    let nowhere = diff(root, &["HEAD:nope.mig"]);
    assert!(
        nowhere
            .err
            .starts_with("MG1522 error: `HEAD` has no `nope.mig`"),
        "{}",
        nowhere.err
    );
    std::fs::remove_file(root.join("shop/plan.mig")).unwrap();
    let gone = diff(root, &["HEAD:shop/plan.mig"]);
    let told = "MG1501 error: `HEAD` has `shop/plan.mig`, and there is no `shop/plan.mig` now";
    assert!(gone.err.starts_with(told), "{}", gone.err);
    std::fs::write(root.join("shop/plan.mig"), PLAN).unwrap();
    let alone = folder(&[("plan.mig", PLAN.as_bytes())]);
    let outside = diff(alone.path(), &["HEAD"]);
    assert!(outside.err.starts_with("MG1520"), "{}", outside.err);
    let typo = diff(alone.path(), &["plan.mig", "plam"]);
    assert!(typo.err.starts_with("MG1520"), "{}", typo.err);
    assert!(
        typo.err.contains("no file or folder `plam`"),
        "{}",
        typo.err
    );
    let output = Command::new(env!("CARGO_BIN_EXE_whimbrel"))
        .args(["diff", "HEAD", "shop"])
        .current_dir(root)
        .env("PATH", "/nowhere")
        .output()
        .unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(err.starts_with("MG1523"), "{err}");
}

/// What a plan says becomes no Markdown, no HTML and no mention.
#[test]
fn a_comment_shows_names_as_data() {
    let evil = "@everyone <img src=x onerror=alert(1)> | `x` [y](http://z) **b**";
    let plan = format!(
        "{PLAN}trigger t {{ when = error_rate > 1% }}\nrisk r {{ tier = low; mitigation = \"{evil}\" }}\n"
    );
    let before = plan.replace(evil, "none");
    let files = [("a.mig", before.as_bytes()), ("b.mig", plan.as_bytes())];
    let folder = folder(&files);
    let run = diff(folder.path(), &["a.mig", "b.mig", "--format", "markdown"]);
    assert!(
        run.out.starts_with("### What `a.mig` → `b.mig`"),
        "{}",
        run.out
    );
    let line = run
        .out
        .lines()
        .find(|line| line.contains("everyone"))
        .unwrap();
    assert!(line.contains(&format!("``\"{evil}\"``")), "{line}");
}

#[test]
fn the_same_seed_says_which_differences_are_real() {
    let slower = PLAN.replace("strangler_fig()\n", "strangler_fig(soak: 48h)\n");
    let options = ["--simulate", "--trials", "600", "--seed", "3"];
    let (human, json) = of(PLAN, &slower, &options);
    let figures = json["estimates"]["figures"].as_array().unwrap();
    let figure = |name: &str| figures.iter().find(|one| one["name"] == name).unwrap();
    let finish = figure("finish.mean");
    assert_eq!(finish["real"], true, "{finish}");
    // Five shares watched 44 h longer come to 9.2 days of waiting, and nights and failures to more.
    assert!(finish["difference"].as_f64().unwrap() > 5.0, "{finish}");
    assert!(human.out.contains(": real\n"), "{}", human.out);
    let (_, same) = of(PLAN, PLAN, &options);
    for figure in same["estimates"]["figures"].as_array().unwrap() {
        assert_eq!(
            (&figure["difference"], &figure["real"]),
            (&0.0.into(), &false.into())
        );
    }
    let (_, again) = of(PLAN, &slower, &[&options[..], &["--threads", "3"]].concat());
    assert_eq!(again, json, "threads change nothing");
    let cannot = of(PLAN, &format!("{PLAN}service x {{ calls nobody }}\n"), &[]).0;
    assert_eq!(cannot.code, Some(1));
}
