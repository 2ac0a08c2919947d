//! Cutting a component too large to be cut exactly: 42 of 49 services, and thousands. Before the
//! measurements it prints what the cuts of the former cost beside what none costs less than.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark reads what it made and says what it found"
)]

mod system;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use system::{bridged, chosen, cost, lower_bound, system};
use whimbrel_compiler::analysis::cuts::{Cut, Weights, rank};
use whimbrel_compiler::analysis::hops::Reading;
use whimbrel_plan::{Graph, Inventory};

/// Services, those of them in one component, and the ways across its ring.
const SIZES: [(usize, usize, usize); 4] = [
    (49, 42, 45),
    (49, 42, 95),
    (1_000, 900, 1_800),
    (10_000, 5_000, 10_000),
];

fn cuts(inventory: &Inventory, graph: &Graph) -> Vec<Cut> {
    let components = &graph.components;
    rank(
        &graph.edges,
        inventory,
        components,
        Reading::All,
        &Weights::default(),
    )
}

fn ranking(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("rank the cuts");
    group.sample_size(20);
    for (services, tangled, further) in SIZES {
        let compiled = system(1, services, tangled, further);
        let inventory = compiled.inventory().expect("there is an inventory").clone();
        let graph = compiled.graph().expect("there is a graph").clone();
        let name = format!("{tangled} of {services}, {further} across");
        if tangled < 100 {
            let all = bridged(&graph, &graph.components[0]);
            let bound = lower_bound(&all, &graph.components[0]);
            for cut in cuts(&inventory, &graph) {
                let cost = cost(&all, &chosen(&all, &cut));
                println!(
                    "{name}: {:?} leaves {}, costs {cost:.2}; no full cut costs less than {bound:.2}",
                    cut.kind, cut.largest
                );
            }
        }
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| black_box(cuts(&inventory, &graph)));
        });
    }
    group.finish();
}

criterion_group!(benches, ranking);
criterion_main!(benches);
