//! The list scheduler against PSPLIB (Kolisch and Sprecher 1996): 480 projects of 30 tasks and 480
//! of 60, with four resources and published bounds.
#![allow(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::collections::HashMap;

use rayon::prelude::*;
use whimbrel_simulator::scheduling::{Project, Schedule, Task};
use whimbrel_tests::checked::at_most;
use whimbrel_tests::real;

struct Instance {
    name: String,
    project: Project,
    /// Published bounds of the makespan.
    low: i64,
    high: i64,
}

/// The 480 instances of a set, with bounds.
fn instances(set: &str) -> Vec<Instance> {
    let bounds = real::read("psplib/bounds.csv");
    let bounds: HashMap<&str, (i64, i64)> = bounds
        .lines()
        .skip(1)
        .map(|line| {
            let columns: Vec<&str> = line.split(',').collect();
            let bound = |at: usize| columns[at].parse().unwrap();
            (columns[0], (bound(1), bound(2)))
        })
        .collect();
    let mut all = Vec::new();
    for group in 1..=48 {
        for number in 1..=10 {
            // `j30_10_1.rcp` is `j3010_1` in the table of bounds.
            let name = format!("{set}{group}_{number}");
            let text = real::read(format!("psplib/{set}/{set}_{group}_{number}.rcp"));
            let (low, high) = bounds[name.as_str()];
            all.push(Instance {
                project: project(&text),
                name,
                low,
                high,
            });
        }
    }
    all
}

/// The Patterson format: tasks and resources; capacities; then for each task its duration, its
/// demands, and how many successors, which are counted from 1.
fn project(text: &str) -> Project {
    let numbers = text.split_whitespace();
    let mut numbers = numbers.map(|one| one.parse::<u32>().unwrap());
    let mut next = || numbers.next().unwrap();
    let (count, kinds) = (next() as usize, next() as usize);
    let capacities: Vec<u32> = (0..kinds).map(|_| next()).collect();
    let mut tasks = vec![Task::default(); count];
    for at in 0..count {
        let task = &mut tasks[at];
        task.duration = next();
        task.demands = (0..kinds).map(|_| next()).collect();
        for _ in 0..next() {
            tasks[next() as usize - 1].predecessors.push(at);
        }
    }
    Project::new(&tasks, &capacities).unwrap()
}

/// Schedules each instance, sees that what comes out is feasible and above its lower bound, and
/// gives the mean deviation from `base` in per cent.
fn deviation(
    instances: &[Instance],
    base: impl Fn(&Instance) -> i64 + Sync,
    schedule: impl Fn(&Project) -> Schedule + Sync,
) -> f64 {
    let deviations: Vec<f64> = instances
        .par_iter()
        .map(|instance| {
            let made = schedule(&instance.project);
            assert_eq!(instance.project.verify(&made), Ok(()), "{}", instance.name);
            assert!(made.makespan >= instance.low, "{}", instance.name);
            assert!(made.makespan >= instance.project.lower_bound());
            let base = base(instance) as f64;
            (made.makespan as f64 - base) / base * 100.0
        })
        .collect();
    deviations.iter().sum::<f64>() / deviations.len() as f64
}

fn optimum(instance: &Instance) -> i64 {
    assert_eq!(instance.low, instance.high, "J30 is solved");
    instance.high
}

fn critical_path(instance: &Instance) -> i64 {
    instance.project.critical_path()
}

/// 2.44 % and 14.42 % are what a reference program measured.
#[test]
fn one_justified_pass() {
    let short = deviation(&instances("j30"), optimum, Project::schedule);
    let long = deviation(&instances("j60"), critical_path, Project::schedule);
    at_most(
        "parallel, justified: mean % above the optimum of J30",
        short,
        2.5,
    );
    at_most(
        "parallel, justified: mean % above the longest path of J60",
        long,
        14.5,
    );
}

/// 3.87 % and 16.07 % are what a reference program measured: the serial scheme is worse.
#[test]
fn one_serial_justified_pass() {
    let justified = |project: &Project| project.justify(&project.serial());
    let short = deviation(&instances("j30"), optimum, justified);
    let long = deviation(&instances("j60"), critical_path, justified);
    at_most(
        "serial, justified: mean % above the optimum of J30",
        short,
        4.0,
    );
    at_most(
        "serial, justified: mean % above the longest path of J60",
        long,
        16.5,
    );
}

/// 0.32 % and 12.17 % are what a reference program measured.
#[test]
fn the_best_of_a_thousand() {
    let best = |project: &Project| project.best_of(1_000, 1);
    let short = deviation(&instances("j30"), optimum, best);
    let long = deviation(&instances("j60"), critical_path, best);
    at_most("best of 1,000: mean % above the optimum of J30", short, 0.5);
    at_most(
        "best of 1,000: mean % above the longest path of J60",
        long,
        12.5,
    );
}
