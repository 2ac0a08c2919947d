//! One batch from the text of a plan to the last request: the built binary writes the hand-off, and
//! its scripts move two small services behind a real HAProxy.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test runs real tools on real files, and panics when it fails"
)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use whimbrel_handoff::{MANIFEST, Manifest};
use whimbrel_tests::binary::whimbrel;
use whimbrel_tests::traffic::{Application, Client, free_port, request};

/// Keeps a file for each thing that is done; removing the new side undoes its installation.
const DEPLOY: &str = r#"#!/usr/bin/env bash
set -euo pipefail
flag=done-$2-$3
case $1 in
  act)
    touch "$flag"
    [[ $* != "act deploy.remove $3" ]] || rm -f "done-deploy.apply-$3"
    ;;
  check) [[ -e $flag ]] ;;
esac
"#;

struct Scene {
    whimbrel: PathBuf,
    folder: tempfile::TempDir,
    old: Application,
    new: Application,
    port: u16,
    haproxy: Option<Child>,
}

impl Scene {
    /// A plan whose orders move by strangler fig with soaks of a second; its hand-off, built; and
    /// the generated configuration in use.
    fn start() -> Self {
        let mut scene = Self {
            whimbrel: whimbrel(),
            folder: tempfile::tempdir().unwrap(),
            old: Application::start(),
            new: Application::start(),
            port: free_port(),
            haproxy: None,
        };
        scene.put("plan.mig", &scene.plan());
        scene.put("deploy.sh", DEPLOY);
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(scene.path("deploy.sh"), mode).unwrap();
        let check = scene.whimbrel(&["check"]);
        assert_eq!(check.status.code(), Some(0), "{}", said(&check));
        let build = scene.whimbrel(&["build", "--out", "dist", "--trials", "200"]);
        assert_eq!(build.status.code(), Some(0), "{}", said(&build));
        for file in ["whimbrel.map", "whimbrel-mirror.conf"] {
            let from = scene.path("dist/executors/haproxy").join(file);
            std::fs::copy(from, scene.path(file)).unwrap();
        }
        let haproxy = Command::new("haproxy")
            .args(["-db", "-f"])
            .arg(scene.path("dist/executors/haproxy/haproxy.cfg"))
            .stderr(Stdio::null())
            .spawn();
        scene.haproxy = Some(haproxy.unwrap());
        let end = Instant::now() + Duration::from_secs(10);
        while request(scene.port, 0) != Some(200) {
            assert!(Instant::now() < end, "HAProxy does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        scene
    }

    fn plan(&self) -> String {
        let at = self.folder.path().display();
        let (port, old, new) = (self.port, self.old.port, self.new.port);
        format!(
            r#"use std.patterns.strangler_fig

let front = haproxy(
  admin_socket: "{at}/admin.sock",
  map_file: "{at}/whimbrel.map",
  mirror_file: "{at}/whimbrel-mirror.conf",
  base_port: {port},
  window: 1s,
  observe: 300ms,
  min_requests: 1,
)
let deploys = bash(script: "./deploy.sh", timeout: 30s)

platform vms {{ traffic = front; monitor = front; deploy = deploys }}
platform kubernetes {{ traffic = front; monitor = front; deploy = deploys }}

role migration_lead {{ who = "ana"; backup = "ben" }}

## Takes orders.
service orders {{
  traffic      = 100rps
  endpoint     = "127.0.0.1:{old}"
  new_endpoint = "127.0.0.1:{new}"
  move         = strangler_fig(soak: 1s)
  without load_test
  without shadow
}}

migration shop {{
  from      = vms
  to        = kubernetes
  start     = 2027-01-11
  objective {{ sla = 99%; rpo = 1min; rto = 20s }}
  keep_old  = 1s
}}

batch core {{ members = [orders]; mode = sequential }}

trigger errors {{ when = error_rate > 5%; for = 300ms }}
"#
        )
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn whimbrel(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(&self.whimbrel);
        command.args(arguments).current_dir(self.folder.path());
        command.output().unwrap()
    }

    /// The walker as the runbook calls it.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("scripts/01-core/run");
        command
            .args(arguments)
            .current_dir(self.path("dist"))
            .env("WHIMBREL_PROJECT", self.folder.path())
            .env("WHIMBREL_STATE", self.path("state"))
            .env("WHIMBREL_WHO", "walter")
            .stdin(Stdio::null());
        command
    }

    #[track_caller]
    fn ends_with(&self, arguments: &[&str], code: i32) -> String {
        let output = self.command(arguments).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {}",
            said(&output)
        );
        said(&output)
    }

    /// Up to the gate, which is approved. Nothing has measured the new side yet.
    fn approved(&self) {
        let asked = self.ends_with(&[], 3);
        assert!(asked.contains("--approve orders/go --by"), "{asked}");
        let by = ["--approve", "orders/go", "--by", "ana"];
        let refused = self.ends_with(&by, 1);
        assert!(refused.contains("--despite"), "{refused}");
        let despite = [&by[..], &["--despite", "no requests yet"]].concat();
        self.ends_with(&despite, 0);
    }

    fn journal(&self) -> String {
        std::fs::read_to_string(self.path("state/journal.jsonl")).unwrap_or_default()
    }

    fn share(&self) -> String {
        let map = std::fs::read_to_string(self.path("whimbrel.map")).unwrap();
        let mut lines = map.lines();
        let share = lines.find_map(|line| line.strip_prefix("orders "));
        share.unwrap().to_owned()
    }

    #[track_caller]
    fn audit(&self) {
        let audit = self.whimbrel(&["audit", "state/journal.jsonl"]);
        assert_eq!(audit.status.code(), Some(0), "{}", said(&audit));
    }

    /// Every file is as the manifest says, and there is no other.
    fn check_manifest(&self) {
        let folder = self.path("dist");
        let text = std::fs::read(folder.join(MANIFEST)).unwrap();
        let manifest: Manifest = serde_json::from_slice(&text).unwrap();
        for file in &manifest.files {
            let sum = Command::new("sha256sum")
                .arg(folder.join(&file.path))
                .output()
                .unwrap();
            let sum = String::from_utf8(sum.stdout).unwrap();
            assert!(sum.contains(&file.sha256), "{} has changed", file.path);
        }
        assert_eq!(count_files(&folder), manifest.files.len() + 1);
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        if let Some(haproxy) = &mut self.haproxy {
            let _ = haproxy.kill();
            let _ = haproxy.wait();
        }
    }
}

fn count_files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { count_files(&path) } else { 1 })
        .sum()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The shares that were reached, in order, from the names of the steps that ended.
fn shares(journal: &str) -> Vec<String> {
    let entries = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let ends = entries.filter(|entry: &serde_json::Value| entry["event"] == "end");
    let steps = ends.map(|entry| entry["step"].as_str().unwrap().to_owned());
    let shares = steps.filter_map(|step| step.strip_prefix("orders/shift_").map(str::to_owned));
    shares.collect()
}

#[test]
fn from_plan_text_a_batch_reaches_all_traffic_without_a_failed_request() {
    let scene = Scene::start();
    scene.check_manifest();
    let client = Client::start(scene.port);
    scene.approved();
    scene.ends_with(&[], 3);
    assert_eq!(shares(&scene.journal()), ["1", "5", "25", "50", "100"]);
    assert_eq!(scene.share(), "10000");
    // The gate that lets the old side go can be measured now.
    scene.ends_with(&["--approve", "orders/retire", "--by", "ben"], 0);
    let asked = scene.ends_with(&[], 3);
    assert!(asked.contains("--done orders/tidy --by"), "{asked}");
    scene.ends_with(&["--done", "orders/tidy", "--by", "ana"], 0);
    scene.ends_with(&[], 0);
    assert!(scene.path("done-deploy.remove-orders").exists());
    assert_eq!(client.failed(), 0);
    assert!(client.sent.load(Ordering::SeqCst) > 500);
    scene.audit();
    scene.check_manifest();
}

#[test]
fn from_plan_text_a_failing_new_side_is_rolled_back_within_the_rto() {
    let scene = Scene::start();
    let client = Client::start(scene.port);
    scene.approved();
    let mut run = scene.command(&[]).stderr(Stdio::null()).spawn().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while !scene
        .journal()
        .contains(r#""event":"acted","step":"orders/shift_25""#)
    {
        assert!(Instant::now() < end, "{}", scene.journal());
        std::thread::sleep(Duration::from_millis(5));
    }
    let fault = Instant::now();
    scene.new.status.store(500, Ordering::SeqCst);
    assert_eq!(run.wait().unwrap().code(), Some(2), "{}", scene.journal());
    assert!(
        fault.elapsed() < Duration::from_secs(20),
        "over the RTO of the plan"
    );
    assert_eq!(scene.share(), "0");
    assert!(client.failed() > 0, "the fault was never met");
    let served = scene.new.served.load(Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(
        scene.new.served.load(Ordering::SeqCst),
        served,
        "the observed share is not zero"
    );
    scene.audit();
    // A line changed afterwards is found.
    let forged = scene
        .journal()
        .replacen("orders/shift_5", "orders/shift_1", 1);
    scene.put("state/journal.jsonl", &forged);
    assert_eq!(
        scene
            .whimbrel(&["audit", "state/journal.jsonl"])
            .status
            .code(),
        Some(1)
    );
}

#[test]
fn a_project_without_its_scripts_is_refused_before_the_first_step() {
    let scene = Scene::start();
    let mut command = scene.command(&[]);
    let output = command.env_remove("WHIMBREL_PROJECT").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(
        said(&output).contains("WHIMBREL_PROJECT"),
        "{}",
        said(&output)
    );
    assert_eq!(scene.journal(), "");
}

#[test]
fn a_new_side_that_takes_no_connections_is_no_healthy_deployment() {
    let mut scene = Scene::start();
    let empty = free_port();
    scene.new = Application::start();
    let plan = scene.plan().replace(
        &format!("new_endpoint = \"127.0.0.1:{}\"", scene.new.port),
        &format!("new_endpoint = \"127.0.0.1:{empty}\""),
    );
    scene.put("plan.mig", &plan);
    let build = scene.whimbrel(&["build", "--out", "dist", "--trials", "200"]);
    assert_eq!(build.status.code(), Some(0), "{}", said(&build));
    let said = scene.ends_with(&[], 2);
    assert!(
        said.contains(&format!("nothing takes connections at 127.0.0.1:{empty}")),
        "{said}"
    );
    assert!(!scene.path("done-deploy.apply-orders").exists());
}
