//! Compiling and checking a plan, against its size: n services, 4n relations, ten teams, patterns of
//! the standard library, batches of the compiler's. After the measurements the exponent is printed
//! that time grows with.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the clock and says what it found"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use jiff::civil::date;
use whimbrel_compiler::{Compilation, Options, Provider, ReadError, compile};

const SIZES: [usize; 3] = [100, 1_000, 10_000];
/// Services to a database, each with a table of its own.
const GROUP: usize = 10;

struct Text(String);

impl Provider for Text {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == "plan.mig" {
            Ok(self.0.clone().into_bytes())
        } else {
            Err(ReadError::NotFound)
        }
    }
}

const HEAD: &str = r#"use std.patterns.{canary, cdc_replication, strangler_fig}
platform old { traffic = haproxy(); deploy = bash(script: "deploy.sh"); data = postgresql() }
platform new { monitor = prometheus(); deploy = bash(script: "deploy.sh") }
link old -> new { bandwidth = 10Gbps; latency = 2ms; private = true }
calendar office { zone = "America/New_York" }
role migration_lead { who = "lead"; backup = "second"; team = team0 }
role infrastructure_engineer { who = "engineer"; backup = "second"; team = team0 }
role database_engineer { who = "engineer"; backup = "second"; team = team0 }
role communications_owner { who = "speaker"; backup = "second"; team = team0 }
migration all {
  from = old; to = new; zone = "America/New_York"; start = 2027-01-11; strategy = hybrid
  objective { sla = 99.9%; rpo = 1min; rto = 1h }
}
trigger errors { when = error_rate > 1%; for = 5min }
"#;

/// The text of a plan: each service calls two that stand before it, writes its own table and reads
/// a neighbour's; every third database moves, and every second service.
fn text(services: usize) -> String {
    let mut out = HEAD.to_owned();
    for team in 0..10 {
        let _ = writeln!(
            out,
            "team team{team} {{ engineers = 5; rate = $95/h; calendar = office }}"
        );
    }
    for base in (0..services).step_by(GROUP) {
        let end = services.min(base + GROUP);
        let number = base / GROUP;
        let team = number % 10;
        let _ = writeln!(
            out,
            "datastore db{number} {{\n  team = team{team}; size = 200GB; change_rate = 1MB/s"
        );
        if number.is_multiple_of(3) {
            out.push_str("  move = cdc_replication(parallel_run: 2w)\n");
        }
        for table in base..end {
            let _ = writeln!(out, "  table t{table}");
        }
        out.push_str("}\n");
    }
    for service in 0..services {
        let number = service / GROUP;
        let first = number * GROUP;
        let next = first + (service - first + 1) % GROUP.min(services - first);
        let team = service % 10;
        let pattern = if service % 4 == 0 {
            "strangler_fig"
        } else {
            "canary"
        };
        let _ = writeln!(
            out,
            "## Serves number {service}.\nservice s{service} {{\n  team = team{team}; traffic = 100rps"
        );
        if service % 2 == 0 {
            let _ = writeln!(out, "  move = {pattern}()");
        }
        let _ = writeln!(
            out,
            "  writes db{number}.t{service}\n  reads db{number}.t{next} {{ need = soft }}"
        );
        for (back, need) in [(7, "hard"), (31, "soft")] {
            let callee = (service + services - back) % services;
            let _ = writeln!(out, "  calls s{callee} {{ rate = 5rps; need = {need} }}");
        }
        out.push_str("  cost { old = $100/mo; new = $80/mo }\n}\n");
    }
    out
}

fn compiled(text: &Text) -> Compilation {
    let options = Options {
        today: date(2026, 11, 21),
    };
    compile(black_box(text), "plan.mig", &options)
}

fn check(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10);
    for size in SIZES {
        let text = Text(text(size));
        let compilation = compiled(&text);
        assert!(compilation.is_runnable(), "the plan must be one");
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| compiled(&text));
        });
    }
    group.finish();
}

criterion_group!(benches, check);

/// The least of three runs, seconds.
fn seconds(size: usize) -> f64 {
    let text = Text(text(size));
    let runs = (0..3).map(|_| {
        let start = Instant::now();
        black_box(compiled(&text));
        start.elapsed().as_secs_f64()
    });
    runs.fold(f64::INFINITY, f64::min)
}

/// Slope of the least-squares line through (log size, log time).
fn exponent(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let over: f64 = points.iter().map(|(a, b)| (a - x) * (b - y)).sum();
    over / points.iter().map(|(a, _)| (a - x).powi(2)).sum::<f64>()
}

fn main() {
    benches();
    if std::env::args().any(|argument| argument == "--test" || argument == "--profile-time") {
        return;
    }
    Criterion::default().configure_from_args().final_summary();
    let points: Vec<(f64, f64)> = SIZES
        .iter()
        .map(|size| ((*size as f64).ln(), seconds(*size).ln()))
        .collect();
    println!("time grows with size to the power {:.2}", exponent(&points));
}
