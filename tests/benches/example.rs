//! The main job on the real example: check, and 10,000 trials on one and on two threads, side by
//! side in one run.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a benchmark reads the example and fails by panicking"
)]

use std::path::PathBuf;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::civil::date;
use whimbrel_compiler::{Compilation, Options, Provider, ReadError, compile};
use whimbrel_simulator::{Settings, simulate};

const TRIALS: u64 = 10_000;

struct Folder(PathBuf);

impl Provider for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        std::fs::read(self.0.join(path)).map_err(|_| ReadError::NotFound)
    }
}

fn example() -> Compilation {
    let folder = Folder(concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/online-boutique").into());
    compile(&folder, "plan.mig", &Options::new(date(2026, 11, 21)))
}

fn check(criterion: &mut Criterion) {
    criterion.bench_function("check online-boutique", |bench| bench.iter(example));
}

fn trials(criterion: &mut Criterion) {
    let plan = example().plan.expect("the example compiles");
    let mut group = criterion.benchmark_group("online-boutique, 10,000 trials");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(TRIALS));
    for threads in [1, 2] {
        let settings = Settings {
            trials: TRIALS,
            seed: 1,
            threads: Some(threads),
        };
        group.bench_function(format!("{threads} threads"), |bench| {
            bench.iter(|| simulate(&plan, &settings, None).expect("the example can be simulated"));
        });
    }
    group.finish();
}

criterion_group!(benches, check, trials);
criterion_main!(benches);
