//! A generated batch really runs, byte for byte as generated: two small applications, a real
//! HAProxy on loopback, and a client that never retries.
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
#[path = "../../tests/src/traffic.rs"]
mod traffic;

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use support::{Builder, action, executor, text, write};
use traffic::{Application, Client, free_port, request};
use whimbrel_handoff::{MANIFEST, Manifest, audit};
use whimbrel_plan::{Argument, Measure, Node, StepKind, Subject};

const WEIGHTS: [f64; 5] = [0.01, 0.05, 0.25, 0.5, 1.0];

/// Everything a run needs: applications, HAProxy, the hand-off on disk, a state folder.
struct Scene {
    old: Application,
    new: Application,
    port: u16,
    folder: tempfile::TempDir,
    haproxy: Child,
}

impl Scene {
    fn start(soak: f64) -> Self {
        let (old, new, port) = (Application::start(), Application::start(), free_port());
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let mut builder = Builder::new("payments platform", "core");
        let settings = [
            ("admin_socket", text(&path("admin.sock"))),
            ("map_file", text(&path("whimbrel.map"))),
            ("base_port", Argument::Number(f64::from(port))),
            ("window", Argument::Duration(1.0)),
            ("min_requests", Argument::Number(1.0)),
            ("observe", Argument::Duration(0.2)),
        ];
        let haproxy = builder.executor(executor("haproxy", &settings));
        builder.trigger("errors", Measure::ErrorRate, 0.01, 0.3);
        let address = |app: &Application| format!("127.0.0.1:{}", app.port);
        let orders = builder.service("orders", &address(&old), &address(&new));
        builder.shifts(orders, haproxy, &WEIGHTS, soak);
        write(&builder.generate(), &folder.path().join("dist"));
        let files = folder.path().join("dist/executors/haproxy");
        std::fs::copy(files.join("whimbrel.map"), path("whimbrel.map")).unwrap();
        std::fs::copy(files.join("whimbrel-mirror.conf"), path("mirror.conf")).unwrap();
        let config = files.join("haproxy.cfg");
        let check = Command::new("haproxy")
            .args(["-c", "-f"])
            .arg(&config)
            .output()
            .unwrap();
        assert!(
            check.status.success(),
            "{}",
            String::from_utf8_lossy(&check.stderr)
        );
        let haproxy = Command::new("haproxy")
            .args(["-db", "-f"])
            .arg(&config)
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let scene = Self {
            old,
            new,
            port,
            folder,
            haproxy,
        };
        let ready = Instant::now() + Duration::from_secs(10);
        while request(port, 0) != Some(200) {
            assert!(Instant::now() < ready, "HAProxy does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        scene
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.folder.path().join("dist/scripts/01-core/run"));
        command
            .args(arguments)
            .arg("--state")
            .arg(self.folder.path().join("state"))
            .env("WHIMBREL_WHO", "tester")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn journal_path(&self) -> PathBuf {
        self.folder.path().join("state/journal.jsonl")
    }

    fn journal(&self) -> String {
        std::fs::read_to_string(self.journal_path()).unwrap_or_default()
    }

    /// The share as HAProxy uses it, in ten-thousandths.
    fn share(&self) -> String {
        let map = std::fs::read_to_string(self.folder.path().join("whimbrel.map")).unwrap();
        map.lines()
            .find_map(|line| line.strip_prefix("orders "))
            .unwrap()
            .to_owned()
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        let _ = self.haproxy.kill();
        let _ = self.haproxy.wait();
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every file is as the manifest says, and there is no other.
fn check_manifest(folder: &Path) {
    let manifest: Manifest =
        serde_json::from_slice(&std::fs::read(folder.join(MANIFEST)).unwrap()).unwrap();
    for file in &manifest.files {
        let output = Command::new("sha256sum")
            .arg(folder.join(&file.path))
            .output()
            .unwrap();
        let sum = String::from_utf8(output.stdout).unwrap();
        assert!(sum.contains(&file.sha256), "{} has changed", file.path);
    }
}

/// The steps that ended, in order.
fn ended(journal: &str) -> Vec<String> {
    let entries = journal
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let ends = entries.filter(|entry| entry["event"] == "end");
    ends.map(|entry| entry["step"].as_str().unwrap().to_owned())
        .collect()
}

const ALL: [&str; 6] = [
    "orders/shift_1",
    "orders/shift_5",
    "orders/shift_25",
    "orders/shift_50",
    "orders/shift_100",
    "orders/keep_old",
];

#[test]
fn a_batch_runs_to_the_end_without_a_failed_request() {
    let scene = Scene::start(1.0);
    check_manifest(&scene.folder.path().join("dist"));
    let client = Client::start(scene.port);
    let output = scene.run(&[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(client.failed(), 0);
    assert!(client.sent.load(Ordering::SeqCst) > 500);
    let before = scene.old.served.load(Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(
        scene.old.served.load(Ordering::SeqCst),
        before,
        "the old side still gets requests"
    );
    assert_eq!(ended(&scene.journal()), ALL);
    assert_eq!(scene.share(), "10000");
    let report = audit(&scene.journal()).unwrap();
    assert_eq!(report.entries, scene.journal().lines().count());
    let again = scene.run(&[]);
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    assert_eq!(ended(&scene.journal()), ALL, "a second run does nothing");
    check_manifest(&scene.folder.path().join("dist"));
}

#[test]
fn a_failing_new_side_is_rolled_back_within_the_recovery_time() {
    let scene = Scene::start(1.0);
    let client = Client::start(scene.port);
    let mut run = scene.command(&[]).stderr(Stdio::piped()).spawn().unwrap();
    wait_for(&scene, "\"event\":\"acted\",\"step\":\"orders/shift_25\"");
    let fault = Instant::now();
    scene.new.status.store(500, Ordering::SeqCst);
    let code = run.wait().unwrap().code();
    // The plan's RTO is 30 s, detection included.
    assert!(fault.elapsed() < Duration::from_secs(30));
    assert_eq!(code, Some(2), "{}", scene.journal());
    assert_eq!(scene.share(), "0");
    std::thread::sleep(Duration::from_millis(200));
    let (failed, served) = (client.failed(), scene.new.served.load(Ordering::SeqCst));
    assert!(failed > 0, "the fault was never met");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(client.failed(), failed);
    assert_eq!(
        scene.new.served.load(Ordering::SeqCst),
        served,
        "the observed share is not zero"
    );
    audit(&scene.journal()).unwrap();
    assert_eq!(
        scene.run(&[]).status.code(),
        Some(2),
        "it stays rolled back"
    );
    scene.new.status.store(200, Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(1200));
    let retry = scene.run(&["--retry"]);
    assert_eq!(retry.status.code(), Some(0), "{}", said(&retry));
    assert_eq!(scene.share(), "10000");
    audit(&scene.journal()).unwrap();
}

fn wait_for(scene: &Scene, text: &str) {
    let end = Instant::now() + Duration::from_secs(60);
    while !scene.journal().contains(text) {
        assert!(
            Instant::now() < end,
            "{text} does not come:\n{}",
            scene.journal()
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Runs until `stop` says so, kills the walker and all it has started, resumes, and expects the end
/// that an undisturbed run has.
fn killed_and_resumed(scene: &Scene, client: &Client, stop: impl Fn(&Scene) -> bool) {
    let mut run = scene
        .command(&[])
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    while !stop(scene) && run.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let group = format!("-{}", run.id());
    let _ = Command::new("kill")
        .args(["-KILL", "--", &group])
        .stderr(Stdio::null())
        .status();
    run.wait().unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let output = scene.run(&[]);
        match output.status.code() {
            Some(0) => break,
            // An act that outlived the walker still holds the lock.
            Some(6) => assert!(Instant::now() < end, "the lock is never free"),
            code => panic!("{code:?}: {}\n{}", said(&output), scene.journal()),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(ended(&scene.journal()), ALL, "{}", scene.journal());
    assert_eq!(scene.share(), "10000");
    assert_eq!(client.failed(), 0);
    audit(&scene.journal()).unwrap();
}

/// Back to where the first run began: nothing shifted, no journal.
fn reset(scene: &Scene) {
    let undo = scene
        .folder
        .path()
        .join("dist/scripts/01-core/01-orders-shift_1/undo");
    assert!(Command::new(undo).status().unwrap().success());
    let _ = std::fs::remove_dir_all(scene.folder.path().join("state"));
}

/// How many scenes are killed side by side: a walk is mostly waiting.
const LANES: usize = 4;

/// Shares the cases out among scenes side by side. Each lane first walks undisturbed, and the case is told
/// how long that took.
fn in_lanes<T: Sync>(cases: &[T], stop: impl Fn(&Scene, &T, Instant, Duration) -> bool + Sync) {
    std::thread::scope(|scope| {
        for lane in 0..LANES {
            let stop = &stop;
            scope.spawn(move || {
                let scene = Scene::start(0.2);
                let client = Client::start(scene.port);
                let begin = Instant::now();
                assert_eq!(scene.run(&[]).status.code(), Some(0));
                let whole = begin.elapsed();
                for case in cases.iter().skip(lane).step_by(LANES) {
                    reset(&scene);
                    let begin = Instant::now();
                    killed_and_resumed(&scene, &client, |scene| stop(scene, case, begin, whole));
                }
            });
        }
    });
}

#[test]
fn killed_at_every_boundary_of_the_journal_it_resumes_and_ends_the_same() {
    let scene = Scene::start(0.2);
    let _client = Client::start(scene.port);
    assert_eq!(scene.run(&[]).status.code(), Some(0));
    let boundaries: Vec<usize> = (0..=scene.journal().lines().count()).collect();
    drop(scene);
    in_lanes(&boundaries, |scene, boundary, _, _| {
        scene.journal().lines().count() >= *boundary
    });
}

#[test]
fn killed_at_fifty_instants_it_resumes_and_ends_the_same() {
    // A linear congruential generator (Knuth's MMIX constants), so that the instants are the same
    // every time.
    let mut seed = 2027_u64;
    let shares: Vec<f64> = (0..50)
        .map(|_| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            f64::from(u32::try_from(seed >> 32).unwrap()) / f64::from(u32::MAX)
        })
        .collect();
    in_lanes(&shares, |_, share, begin, whole| {
        begin.elapsed() >= whole.mul_f64(*share)
    });
}

#[test]
fn http2_and_mirroring_make_a_valid_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| text(folder.path().join(name).to_str().unwrap());
    let mut builder = Builder::new("move", "core");
    let settings = [
        ("protocol", text("h2")),
        ("http1", Argument::List(vec![text("pages")])),
        ("map_file", path("map")),
        ("mirror_file", path("mirror.conf")),
    ];
    let haproxy = builder.executor(executor("haproxy", &settings));
    let orders = builder.service("orders", "127.0.0.1:9001", "127.0.0.1:9002");
    let node = Some(Node::Service(orders));
    builder.step(
        "orders/shadow",
        Subject::Service(orders),
        StepKind::Validate,
        |step| {
            step.action = Some(action("traffic.mirror", node, Some(haproxy), &[]));
        },
    );
    builder.shifts(orders, haproxy, &[1.0], 1.0);
    let pages = builder.service("pages", "127.0.0.1:9003", "127.0.0.1:9004");
    builder.shifts(pages, haproxy, &[1.0], 1.0);
    write(&builder.generate(), &folder.path().join("dist"));
    let files = folder.path().join("dist/executors/haproxy");
    std::fs::copy(files.join("whimbrel.map"), folder.path().join("map")).unwrap();
    std::fs::copy(
        files.join("whimbrel-mirror.conf"),
        folder.path().join("mirror.conf"),
    )
    .unwrap();
    let config = std::fs::read_to_string(files.join("haproxy.cfg")).unwrap();
    assert_eq!(config.matches(" proto h2").count(), 3, "{config}");
    assert!(config.contains("filter spoe"));
    let check = Command::new("haproxy")
        .args(["-c", "-f"])
        .arg(files.join("haproxy.cfg"))
        .output()
        .unwrap();
    assert!(
        check.status.success(),
        "{}",
        String::from_utf8_lossy(&check.stderr)
    );
}
