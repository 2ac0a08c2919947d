//! Trials per second on a reference workload: 200 tasks, three predecessors each where there are
//! that many, triangular durations; alone, and with ten teams of two.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

#[path = "../tests/common/mod.rs"]
mod common;

use common::{needs, plan, step, team};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use whimbrel_plan::{Act, Distribution, Plan, StepId, TeamId};
use whimbrel_simulator::{Settings, simulate};

const TASKS: u64 = 200;
const TRIALS: u64 = 65_536;

/// A small multiplicative generator: the workload is the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % limit
    }
}

fn reference() -> Plan {
    let mut numbers = Numbers(1);
    let mut plan = plan();
    for task in 0..TASKS {
        let mode = (2 + numbers.below(20)) as f64 * 86_400.0;
        let law = Distribution::triangular(0.6 * mode, mode, 2.0 * mode).unwrap();
        let mut before: Vec<StepId> = (0..3.min(task))
            .map(|_| {
                let back = 1 + numbers.below(task.min(30));
                StepId::new((task - back) as usize)
            })
            .collect();
        before.sort_unstable();
        before.dedup();
        step(
            &mut plan,
            &format!("task{task:03}"),
            Act::Elapsed(law),
            &before,
        );
    }
    plan
}

fn with_teams() -> Plan {
    let mut plan = reference();
    let teams: Vec<TeamId> = (0..10).map(|_| team(&mut plan, 2, None)).collect();
    for (id, team) in plan.steps.ids().zip(teams.into_iter().cycle()) {
        needs(&mut plan, id, team, 1);
    }
    plan
}

fn trials(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("trials");
    group
        .throughput(Throughput::Elements(TRIALS))
        .sample_size(10);
    for (name, plan) in [("precedence", reference()), ("teams", with_teams())] {
        for threads in [1, 2] {
            let settings = Settings {
                trials: TRIALS,
                seed: 1,
                threads: Some(threads),
            };
            group.bench_function(format!("{name}/{threads}"), |bencher| {
                bencher.iter(|| simulate(&plan, &settings, None).unwrap());
            });
        }
    }
    group.finish();
}

criterion_group!(benches, trials);
criterion_main!(benches);
