//! The generated scripts for caches and sessions against two real Redis servers on loopback.
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

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use support::{Builder, action, executor, text, write};
use whimbrel_plan::{Argument, Node, ResourceKind, StepKind, Subject};

struct Server {
    process: Child,
    port: u16,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--repl-diskless-sync-delay", "0"])
            .args(["--port", &port.to_string()])
            .arg("--dir")
            .arg(folder)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { process, port };
        let end = Instant::now() + Duration::from_secs(10);
        while server.ask(&["ping"]) != "PONG" {
            assert!(Instant::now() < end, "redis-server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    fn ask(&self, words: &[&str]) -> String {
        let port = self.port.to_string();
        let output = Command::new("redis-cli")
            .args(["-p", &port])
            .args(words)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Scene {
    old: Server,
    new: Server,
    folder: tempfile::TempDir,
}

const STEPS: [(&str, &str); 4] = [
    ("warm", "cache.warm"),
    ("flush", "cache.flush"),
    ("version", "cache.version"),
    ("reset", "session.reset"),
];

impl Scene {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut builder = Builder::new("shop", "core");
        let settings = [("timeout", Argument::Duration(20.0))];
        let redis = builder.executor(executor("redis", &settings));
        let cache = builder.resource("sessions", ResourceKind::Cache, None);
        let node = Node::Resource(cache);
        for (name, verb) in STEPS {
            let prefix = [("prefix", text("v2"))];
            let arguments = if verb == "cache.version" {
                &prefix[..]
            } else {
                &[]
            };
            let done = action(verb, Some(node), Some(redis), arguments);
            builder.step(name, Subject::Resource(cache), StepKind::Deploy, |step| {
                step.action = Some(done);
                step.verify = Some(action("health", Some(node), Some(redis), &[]));
            });
        }
        write(&builder.generate(), &folder.path().join("dist"));
        Self {
            old: Server::start(folder.path()),
            new: Server::start(folder.path()),
            folder,
        }
    }

    /// Runs a script of a step; what it ends with and what it says.
    fn run(&self, step: &str, script: &str, options: &[&str]) -> (i32, String) {
        let place = STEPS.iter().position(|(name, _)| *name == step).unwrap() + 1;
        let stage = self.folder.path().join("dist/scripts/01-core");
        let found = std::fs::read_dir(&stage)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let number = format!("{place:02}-");
        let folder = found
            .filter(|path| path.is_dir())
            .find(|path| {
                path.file_name()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .starts_with(&number)
            })
            .unwrap();
        let address = |server: &Server| format!("127.0.0.1:{}", server.port);
        let output: Output = Command::new(folder.join(script))
            .args(options)
            .env("WHIMBREL_OLD_REDIS", address(&self.old))
            .env("WHIMBREL_NEW_REDIS", address(&self.new))
            .output()
            .unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), said.into_owned())
    }

    #[track_caller]
    fn ends(&self, step: &str, script: &str, code: i32) {
        let (found, said) = self.run(step, script, &[]);
        assert_eq!(found, code, "{step} {script}: {said}");
    }
}

/// Keys of the old side come over and go on coming; the undo empties the new side and leaves the
/// old one as it was.
#[test]
fn a_cache_is_filled_and_emptied_again() {
    let scene = Scene::start();
    for key in 0..200 {
        scene.old.ask(&["set", &format!("key:{key}"), "x"]);
    }
    scene.ends("warm", "check", 1);
    scene.ends("warm", "act", 0);
    scene.ends("warm", "check", 0);
    assert_eq!(scene.new.ask(&["dbsize"]), "200");
    scene.old.ask(&["set", "late", "y"]);
    let end = Instant::now() + Duration::from_secs(10);
    while scene.new.ask(&["get", "late"]) != "y" {
        assert!(
            Instant::now() < end,
            "what is written later does not come over"
        );
    }
    let (code, said) = scene.run("warm", "act", &[]);
    assert!(code == 0 && said.contains("already"), "{code} {said}");
    scene.ends("warm", "verify", 0);
    let (code, lag) = scene.run("warm", "verify", &["--measure", "lag"]);
    assert!(
        code == 0 && lag.trim().parse::<u32>().unwrap() < 20,
        "{code} {lag}"
    );
    scene.ends("warm", "undo", 0);
    scene.ends("warm", "check", 1);
    assert_eq!(scene.new.ask(&["dbsize"]), "0");
    assert_eq!(scene.old.ask(&["dbsize"]), "201");
}

/// What the new side holds by itself is not thrown away by filling it.
#[test]
fn a_cache_with_keys_of_its_own_is_not_overwritten() {
    let scene = Scene::start();
    scene.new.ask(&["set", "own", "x"]);
    let (code, said) = scene.run("warm", "act", &[]);
    assert!(code == 1 && said.contains("holds 1 keys"), "{code} {said}");
    assert_eq!(scene.new.ask(&["get", "own"]), "x");
    scene.ends("flush", "check", 1);
    scene.ends("flush", "act", 0);
    scene.ends("flush", "check", 0);
    scene.ends("flush", "act", 0);
}

#[test]
fn a_prefix_is_changed_and_taken_back() {
    let scene = Scene::start();
    scene.new.ask(&["set", "whimbrel:prefix", "v1"]);
    scene.ends("version", "check", 1);
    scene.ends("version", "act", 0);
    scene.ends("version", "act", 0);
    scene.ends("version", "check", 0);
    assert_eq!(scene.new.ask(&["get", "whimbrel:prefix"]), "v2");
    scene.ends("version", "undo", 0);
    scene.ends("version", "undo", 0);
    assert_eq!(scene.new.ask(&["get", "whimbrel:prefix"]), "v1");
}

/// Sessions end, whatever their names hold; nothing else does. While the new side still follows,
/// they would come back, so it is refused.
#[test]
fn sessions_end_and_nothing_else() {
    let scene = Scene::start();
    for name in [
        "session:1",
        "session:a b",
        "session:\"; flushall",
        "session:$(x)",
        "cart:1",
    ] {
        scene.old.ask(&["set", name, "x"]);
    }
    scene.ends("warm", "act", 0);
    scene.ends("reset", "act", 1);
    scene.ends("reset", "check", 1);
    scene.new.ask(&["replicaof", "no", "one"]);
    scene.ends("reset", "check", 1);
    scene.ends("reset", "act", 0);
    scene.ends("reset", "check", 0);
    assert_eq!(scene.new.ask(&["keys", "*"]), "cart:1");
    assert_eq!(scene.old.ask(&["dbsize"]), "5");
}

/// A server that does not answer is not an empty one.
#[test]
fn a_dead_server_is_unknown() {
    let mut scene = Scene::start();
    let (code, said) = scene.run("flush", "act", &["--dry-run"]);
    assert!(code == 0 && said.contains("new: 0 keys, master"), "{said}");
    scene.new.process.kill().unwrap();
    scene.new.process.wait().unwrap();
    for (step, _) in STEPS {
        scene.ends(step, "check", 2);
        scene.ends(step, "verify", 2);
    }
    scene.ends("flush", "act", 2);
    scene.ends("reset", "act", 2);
}
