//! Parsing, formatting, compiling and checking a plan, against its size. After the measurements it
//! prints for each stage the least time, the rate of the text, and the exponent that time grows
//! with.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    reason = "a benchmark reads the clock and says what it found"
)]

mod growth;
mod text;

use std::any::Any;
use std::hint::black_box;
use std::time::Instant;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use growth::exponent;
use jiff::civil::date;
use text::Files;
use whimbrel_compiler::{Compilation, Options, compile, compile_without_rules, difference};
use whimbrel_lang::Sources;
use whimbrel_plan::difference::Difference;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SIZES: [usize; 3] = [100, 1_000, 10_000];
/// How often the summary measures each stage; the least counts.
const RUNS: usize = 7;

/// What a stage makes. Taking it apart again is not measured: a command does so when it has answered.
type Made = Box<dyn Any>;

/// A stage: its name, and one run of it.
type Stage = (&'static str, fn(&Files) -> Made);

const STAGES: [Stage; 5] = [
    ("parse", parse),
    ("format", format),
    ("parse and compile", |files| Box::new(compiled(files))),
    ("check with all rules", |files| Box::new(checked(files))),
    ("diff with a changed plan", |files| {
        Box::new(differing(files))
    }),
];

fn parse(files: &Files) -> Made {
    let mut sources = Sources::default();
    let parsed = files.iter().map(|(path, text)| {
        let id = sources.add(path, text);
        whimbrel_lang::parse(&sources, id)
    });
    Box::new(parsed.collect::<Vec<_>>())
}

fn format(files: &Files) -> Made {
    let mut sources = Sources::default();
    let formatted = files.iter().map(|(path, text)| {
        let id = sources.add(path, text);
        match whimbrel_lang::format(&sources, id) {
            Ok(text) => text,
            Err(found) => panic!("the plan cannot be formatted: {found:?}"),
        }
    });
    Box::new(formatted.collect::<Vec<_>>())
}

fn compiled(files: &Files) -> Compilation {
    let options = Options::new(date(2026, 11, 21));
    compile_without_rules(black_box(files), "plan.mig", &options)
}

fn checked(files: &Files) -> Compilation {
    let options = Options::new(date(2026, 11, 21));
    compile(black_box(files), "plan.mig", &options)
}

/// As `whimbrel diff` does it: both sides at once, then what is otherwise.
fn differing(files: &Files) -> (Compilation, Compilation, Difference) {
    let changed = files.changed();
    let (before, after) = rayon::join(|| checked(files), || checked(&changed));
    let (Some(old), Some(new)) = (&before.plan, &after.plan) else {
        panic!("the plan must be one");
    };
    let difference = Difference::between(&old.into(), &new.into());
    let findings = difference::findings(&before, &after, &difference.things.renamed);
    assert_eq!(difference.things.changed.len(), 1, "the traffic is told");
    black_box(findings.gained.len());
    (before, after, difference)
}

fn stages(criterion: &mut Criterion) {
    for (name, run) in STAGES {
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        for size in SIZES {
            let files = Files::new(size);
            assert!(checked(&files).is_runnable(), "the plan must be one");
            group.throughput(Throughput::Bytes(files.size() as u64));
            group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
                bencher.iter_with_large_drop(|| run(&files));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, stages);

/// The least of several runs, seconds.
fn seconds(files: &Files, run: fn(&Files) -> Made) -> f64 {
    let runs = (0..RUNS).map(|_| {
        let start = Instant::now();
        let made = black_box(run(files));
        let taken = start.elapsed().as_secs_f64();
        drop(made);
        taken
    });
    runs.fold(f64::INFINITY, f64::min)
}

fn summary(of: &[&str]) {
    let wanted = |(name, _): &Stage| of.is_empty() || of.contains(name);
    for (name, run) in STAGES.into_iter().filter(wanted) {
        let mut points = Vec::new();
        for size in SIZES {
            let files = Files::new(size);
            let (bytes, least) = (files.size() as f64, seconds(&files, run));
            points.push((bytes, least));
            println!(
                "{name}: {size} services, {:.2} MB: {:.2} ms, {:.1} MB/s",
                bytes / 1e6,
                least * 1e3,
                bytes / 1e6 / least
            );
        }
        println!(
            "{name}: time grows with the text to the power {:.2}",
            exponent(&points)
        );
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        // `cargo bench --bench compile -- summary parse`: the summary alone, of some stages or all.
        ["summary", of @ .., "--bench"] | ["summary", of @ ..] => summary(of),
        ["write", folder, services, ..] => write(folder, &of_size(services)),
        ["once", stage, services, ..] => once(stage, &of_size(services)),
        arguments => {
            benches();
            if !arguments.contains(&"--test") && !arguments.contains(&"--profile-time") {
                Criterion::default().configure_from_args().final_summary();
                summary(&[]);
            }
        }
    }
}

fn of_size(services: &str) -> Files {
    match services.parse() {
        Ok(services) => Files::new(services),
        Err(error) => panic!("`{services}` is no number of services: {error}"),
    }
}

/// `… -- write FOLDER SERVICES`: the plan as files, for other tools to measure with.
fn write(folder: &str, files: &Files) {
    for (path, text) in files.iter() {
        let path = std::path::Path::new(folder).join(path);
        if let Err(error) = std::fs::write(&path, text) {
            panic!("{}: {error}", path.display());
        }
    }
}

/// `… -- once STAGE SERVICES`: one run of a stage, for a profiler to watch.
fn once(stage: &str, files: &Files) {
    match STAGES.iter().find(|(name, _)| *name == stage) {
        Some((_, run)) => drop(black_box(run(files))),
        None => panic!("there is no stage `{stage}`"),
    }
}
