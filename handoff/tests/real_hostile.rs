//! Whatever a plan says is data: hostile names go through every template, and neither reading nor
//! running what comes out carries out a word of them.
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

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use proptest::prelude::*;
use support::{Builder, action, everything, executor, text, write};
use whimbrel_handoff::LocalTemplates;
use whimbrel_plan::*;

/// Each tries to leave the quoting of some language.
const PAYLOADS: [&str; 14] = [
    "x\"; touch PWNED; #",
    "x'; touch PWNED; '",
    "$(touch PWNED)",
    "`touch PWNED`",
    "a\ntouch PWNED\nb",
    "SQL\ntouch PWNED\n",
    "{{ 7 * 7 }}{% raw %}",
    "#} {# | safe",
    "\\'; touch PWNED; \\'",
    "${IFS}touch${IFS}PWNED",
    "]]; touch PWNED; [[ a",
    "a[$(touch PWNED)]",
    "--> <script>touch PWNED</script> | x ```\ntouch PWNED\n```",
    "\u{202e}é\u{0}\u{1b}[31m\r\ttouch PWNED",
];

fn files(folder: &Path, wanted: &dyn Fn(&Path) -> bool) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if wanted(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn is_script(path: &Path) -> bool {
    std::fs::read(path)
        .unwrap()
        .starts_with(b"#!/usr/bin/env bash")
}

/// Folder of tools that do nothing and fail.
fn stubs(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let stubs = folder.join("stubs");
    std::fs::create_dir(&stubs).unwrap();
    for tool in [
        "socat",
        "psql",
        "curl",
        "promtool",
        "redis-cli",
        "sleep",
        "ssh-keygen",
    ] {
        let path = stubs.join(tool);
        std::fs::write(&path, "#!/bin/sh\ncat >/dev/null\nexit 1\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// Runs each script with an option, with the stubs before the real tools.
fn run_each(folder: &Path, scripts: &[PathBuf], option: &str) {
    let each = format!("for file; do \"$file\" {option} </dev/null >/dev/null 2>&1; done; true");
    let path = format!(
        "{}:{}",
        folder.join("stubs").display(),
        std::env::var("PATH").unwrap()
    );
    let wanted = scripts
        .iter()
        .filter(|path| !path.ends_with("run") || option == "--dry-run");
    let status = Command::new("bash")
        .args(["-c", &each, "bash"])
        .args(wanted)
        .current_dir(folder)
        .env("PATH", path)
        .env("WHIMBREL_OLD_DSN", "host=127.0.0.1")
        .env("WHIMBREL_NEW_DSN", "host=127.0.0.1")
        .env("WHIMBREL_OLD_REDIS", "127.0.0.1:1")
        .env("WHIMBREL_NEW_REDIS", "127.0.0.1:1")
        .env("WHIMBREL_STATE", folder.join("state"))
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}

/// Writes the hand-off, reads every script, tries its options, and runs it with tools that do
/// nothing: no payload may come to life.
fn is_harmless(name: &str) {
    let folder = tempfile::tempdir().unwrap();
    let dist = folder.path().join("dist");
    write(&everything(name).generate(), &dist);
    let scripts = files(&dist, &is_script);
    assert!(scripts.len() > 100);
    let syntax = "for file; do bash -n -- \"$file\" || exit 1; done";
    let mut read = Command::new("bash");
    passes(read.args(["-c", syntax, "bash"]).args(&scripts), name);
    stubs(folder.path());
    for option in ["--dry-run", "--help", ""] {
        run_each(folder.path(), &scripts, option);
    }
    let born = files(folder.path(), &|path| path.ends_with("PWNED"));
    assert_eq!(born, Vec::<PathBuf>::new(), "{name:?} was carried out");
    let rules = dist.join("executors/prometheus/rules.yml");
    passes(
        Command::new("promtool").args(["check", "rules"]).arg(rules),
        name,
    );
}

#[track_caller]
fn passes(command: &mut Command, name: &str) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{name:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn known_tricks_do_nothing() {
    // Half of them beside the other half: each has a folder of its own.
    std::thread::scope(|scope| {
        for half in PAYLOADS.chunks(PAYLOADS.len() / 2) {
            scope.spawn(move || half.iter().for_each(|payload| is_harmless(payload)));
        }
    });
}

#[test]
fn names_of_hosts_and_services_cannot_break_the_proxy_s_configuration() {
    for payload in PAYLOADS {
        let folder = tempfile::tempdir().unwrap();
        let map = folder.path().join("map");
        let mut builder = Builder::new(payload, payload);
        let haproxy = builder.executor(executor(
            "haproxy",
            &[("map_file", text(map.to_str().unwrap()))],
        ));
        let service = builder.service(payload, "127.0.0.1:9001", "127.0.0.1:9002");
        builder.shifts(service, haproxy, &[1.0], 1.0);
        write(&builder.generate(), &folder.path().join("dist"));
        let files = folder.path().join("dist/executors/haproxy");
        std::fs::copy(files.join("whimbrel.map"), &map).unwrap();
        let check = Command::new("haproxy")
            .args(["-c", "-f"])
            .arg(files.join("haproxy.cfg"))
            .output()
            .unwrap();
        assert!(
            check.status.success(),
            "{payload:?}: {}",
            String::from_utf8_lossy(&check.stderr)
        );
    }
}

#[test]
fn a_template_of_the_user_s_quotes_by_itself() {
    let mut builder = Builder::new("move", "core");
    let mut own = executor("bash", &[("script", text("x"))]);
    own.local = true;
    own.folder = "mine".to_owned();
    let own = builder.executor(own);
    let service = builder.service("$(touch PWNED)", "a:1", "b:1");
    builder.step(
        "x/deploy",
        Subject::Service(service),
        StepKind::Deploy,
        |step| {
            step.action = Some(action(
                "deploy.apply",
                Some(Node::Service(service)),
                Some(own),
                &[],
            ));
            step.irreversible = true;
        },
    );
    let mut templates = LocalTemplates::new();
    for file in ["act.sh.tera", "check.sh.tera"] {
        templates.insert(
            format!("mine/{file}"),
            "echo {{ subject.name }}\n".to_owned(),
        );
    }
    let estimates = support::estimates(&builder.plan);
    let files = whimbrel_handoff::generate(&builder.plan, &estimates, &templates).unwrap();
    let act = files.get("scripts/01-core/01-x-deploy/act").unwrap();
    assert!(String::from_utf8_lossy(&act.bytes).ends_with("echo '$(touch PWNED)'\n"));
    templates.remove("mine/check.sh.tera");
    let missing = whimbrel_handoff::generate(&builder.plan, &estimates, &templates).unwrap_err();
    assert_eq!(missing.code(), "MG1702");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_name_is_harmless(parts in prop::collection::vec((prop::sample::select(&PAYLOADS[..]), "\\PC{0,8}"), 1..4)) {
        let name: String = parts.iter().map(|(payload, noise)| format!("{payload}{noise}")).collect();
        is_harmless(&name);
    }
}
