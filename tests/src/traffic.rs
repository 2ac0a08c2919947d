//! What tests of real traffic use: applications whose answers can be changed, and a client that
//! never retries.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::unwrap_used,
    missing_docs,
    reason = "a helper of tests on real sockets, which panics when a test fails"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// An application that answers every request with one status, which can be changed.
pub struct Application {
    pub port: u16,
    pub status: Arc<AtomicU16>,
    pub served: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Application {
    pub fn start() -> Self {
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
pub struct Client {
    stop: Arc<AtomicBool>,
    pub sent: Arc<AtomicU64>,
    failed: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

impl Client {
    pub fn start(port: u16) -> Self {
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

    pub fn failed(&self) -> u64 {
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

/// The status that one user's request is answered with.
pub fn request(port: u16, user: u32) -> Option<u16> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let text =
        format!("GET / HTTP/1.1\r\nHost: x\r\nX-User: user-{user}\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.split_whitespace().nth(1)?.parse().ok()
}

/// A port that nothing listens on at this moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
