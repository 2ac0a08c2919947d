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

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use support::{Builder, action, executor, text, write};
use whimbrel_handoff::{MANIFEST, Manifest, audit};
use whimbrel_plan::{Argument, Measure, Node, StepKind, Subject};

const WEIGHTS: [f64; 5] = [0.01, 0.05, 0.25, 0.5, 1.0];

/// An application that answers every request with one status, which can be changed.
struct Application {
    port: u16,
    status: Arc<AtomicU16>,
    served: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Application {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let status = Arc::new(AtomicU16::new(200));
        let served = Arc::new(AtomicU64::new(0));
        let stop = Arc::new(AtomicBool::new(false));
        let (their_status, their_served, their_stop) =
            (status.clone(), served.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if their_stop.load(Ordering::SeqCst) {
                    return;
                }
                let (status, served) = (their_status.clone(), their_served.clone());
                std::thread::spawn(move || serve(stream.unwrap(), &status, &served));
            }
        });
        Self {
            port,
            status,
            served,
            stop,
            thread: Some(thread),
        }
    }
}

fn serve(stream: TcpStream, status: &AtomicU16, served: &AtomicU64) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    loop {
        let mut line = String::new();
        let mut any = false;
        while reader.read_line(&mut line).unwrap_or(0) > 0 {
            any = true;
            if line.trim().is_empty() {
                break;
            }
            line.clear();
        }
        if !any {
            return;
        }
        served.fetch_add(1, Ordering::SeqCst);
        let status = status.load(Ordering::SeqCst);
        let answer = format!("HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\nok");
        if writer.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Requests of two hundred users in turn, on one connection; never retried.
struct Client {
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
    failed: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Client {
    fn start(port: u16) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let sent = Arc::new(AtomicU64::new(0));
        let failed = Arc::new(AtomicU64::new(0));
        let (their_stop, their_sent, their_failed) = (stop.clone(), sent.clone(), failed.clone());
        let thread = std::thread::spawn(move || {
            let mut user = 0;
            while !their_stop.load(Ordering::SeqCst) {
                user = (user + 1) % 200;
                their_sent.fetch_add(1, Ordering::SeqCst);
                if request(port, user) != Some(200) {
                    their_failed.fetch_add(1, Ordering::SeqCst);
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        Self {
            stop,
            sent,
            failed,
            thread: Some(thread),
        }
    }

    fn failed(&self) -> u64 {
        self.failed.load(Ordering::SeqCst)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn request(port: u16, user: u32) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let text =
        format!("GET / HTTP/1.1\r\nHost: x\r\nX-User: user-{user}\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split_whitespace().nth(1)?.parse().ok()
}

/// Everything a run needs: applications, HAProxy, the hand-off on disk, a state folder.
struct Scene {
    old: Application,
    new: Application,
    port: u16,
    folder: tempfile::TempDir,
    haproxy: Child,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
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

#[test]
fn killed_at_every_boundary_of_the_journal_it_resumes_and_ends_the_same() {
    let scene = Scene::start(0.2);
    let client = Client::start(scene.port);
    assert_eq!(scene.run(&[]).status.code(), Some(0));
    let lines = scene.journal().lines().count();
    for boundary in 0..=lines {
        reset(&scene);
        killed_and_resumed(&scene, &client, |scene| {
            scene.journal().lines().count() >= boundary
        });
    }
}

#[test]
fn killed_at_fifty_instants_it_resumes_and_ends_the_same() {
    let scene = Scene::start(0.2);
    let client = Client::start(scene.port);
    let begin = Instant::now();
    assert_eq!(scene.run(&[]).status.code(), Some(0));
    let whole = begin.elapsed();
    // A linear congruential generator (Knuth's MMIX constants), so that the instants are the same
    // every time.
    let mut seed = 2027_u64;
    for _ in 0..50 {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let share = f64::from(u32::try_from(seed >> 32).unwrap()) / f64::from(u32::MAX);
        reset(&scene);
        let instant = Instant::now() + whole.mul_f64(share);
        killed_and_resumed(&scene, &client, |_| Instant::now() >= instant);
    }
}

#[test]
fn http2_and_mirroring_make_a_valid_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| text(folder.path().join(name).to_str().unwrap());
    let mut builder = Builder::new("move", "core");
    let settings = [
        ("protocol", text("h2")),
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
