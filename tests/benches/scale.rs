//! The full model against the size of the plan: calendars, people, failures, batches and costs.
//! For each size it prints the time of a trial on one thread and on two, then the exponent that it
//! grows with by the number of steps.
//!
//! `cargo bench -p whimbrel-tests --bench scale [-- SERVICES TRIALS]`: one size alone, in one run
//! each, with the whole time of it.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a benchmark reads the clock and says what it found"
)]

#[path = "../../compiler/benches/compile/growth.rs"]
mod growth;
#[path = "../../compiler/benches/compile/text.rs"]
#[allow(
    dead_code,
    reason = "plans are generated here and neither changed nor measured"
)]
mod text;

use std::time::Instant;

use jiff::civil::date;
use text::Files;
use whimbrel_compiler::{Options, compile_without_rules};
use whimbrel_plan::Plan;
use whimbrel_simulator::{Settings, simulate};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Half of the services move, and every thirtieth of them with a database.
const SERVICES: [usize; 4] = [125, 250, 500, 1_000];
/// So many that the preparation of a run does not count.
const TRIALS: u64 = 2_048;
/// How often each is measured; the least counts.
const RUNS: usize = 3;

fn plan(services: usize) -> Plan {
    let options = Options::new(date(2026, 11, 21));
    let compiled = compile_without_rules(&Files::new(services), "plan.mig", &options);
    match compiled.plan {
        Some(plan) => plan,
        None => panic!("the plan must be one"),
    }
}

/// How long a run takes, seconds.
fn seconds(plan: &Plan, trials: u64, threads: usize) -> f64 {
    let settings = Settings {
        trials,
        seed: 1,
        threads: Some(threads),
    };
    let start = Instant::now();
    if let Err(error) = simulate(plan, &settings, None) {
        panic!("{error}");
    }
    start.elapsed().as_secs_f64()
}

fn growth() {
    let mut points = Vec::new();
    for services in SERVICES {
        let plan = plan(services);
        let least = |threads| {
            let runs = (0..RUNS).map(|_| seconds(&plan, TRIALS, threads));
            runs.fold(f64::INFINITY, f64::min)
        };
        let (one, two) = (least(1), least(2));
        let steps = plan.steps.len() as f64;
        let trial = one / TRIALS as f64;
        println!(
            "{} movers, {steps} steps: {:.3} ms a trial, {:.0} ns a step; two threads {:.2} × one",
            plan.movers.len(),
            trial * 1e3,
            trial / steps * 1e9,
            one / two,
        );
        points.push((steps, one));
    }
    println!(
        "time grows with the steps to the power {:.2}",
        growth::exponent(&points)
    );
}

fn main() {
    let numbers: Vec<u64> = std::env::args().filter_map(|it| it.parse().ok()).collect();
    match numbers.as_slice() {
        [services, trials] => {
            let plan = plan(usize::try_from(*services).unwrap_or(usize::MAX));
            for threads in [1, 2] {
                let taken = seconds(&plan, *trials, threads);
                println!(
                    "{} steps, {trials} trials, {threads} threads: {taken:.2} s",
                    plan.steps.len()
                );
            }
        }
        _ => growth(),
    }
}
