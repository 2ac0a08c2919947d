//! Every sampler against its distribution function and against `rand_distr`, by
//! Kolmogorov–Smirnov. Seeds are fixed: a pass is a pass on every run.

use whimbrel_plan::Distribution as D;

use super::Samplers;
use crate::philox::{Draws, Entity, Purpose};

const N: u32 = 20_000;
/// The 99.9 % point of Kolmogorov's law.
const CRITICAL: f64 = 1.95;

fn uniforms(name: &str) -> impl Iterator<Item = f64> + use<> {
    let entity = Entity::new(name);
    (0..N).map(move |trial| Draws::new(11, trial).uniform(entity, Purpose::Duration, 1))
}

fn draws(law: &D) -> Vec<f64> {
    let sampler = Samplers::default().make(law);
    let mut values: Vec<f64> = uniforms(&format!("{law:?}"))
        .map(|u| sampler.sample(u))
        .collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The largest distance between the sample's steps and the distribution function.
fn distance(sorted: &[f64], law: &D) -> f64 {
    let n = f64::from(N);
    let mut largest: f64 = 0.0;
    let mut before = 0;
    for equal in sorted.chunk_by(|a, b| a == b) {
        let after = before + equal.len();
        largest = largest
            .max((law.below(equal[0]) - before as f64 / n).abs())
            .max((law.cdf(equal[0]) - after as f64 / n).abs());
        before = after;
    }
    largest
}

fn laws() -> Vec<D> {
    let exponential = D::exponential(3.0).unwrap();
    vec![
        D::uniform(1.0, 4.0).unwrap(),
        D::triangular(1.0, 2.0, 6.0).unwrap(),
        D::triangular(1.0, 1.0, 6.0).unwrap(),
        D::pert(1.0, 2.0, 6.0).unwrap(),
        D::normal(2.0, 1.5).unwrap(),
        D::lognormal_quantiles(4.0, 9.0).unwrap(),
        exponential.clone(),
        D::gamma(0.7, 2.0).unwrap(),
        D::gamma(9.0, 2.0).unwrap(),
        D::weibull(1.7, 2.0).unwrap(),
        D::beta(2.0, 3.0, 1.0, 5.0).unwrap(),
        D::discrete(vec![(1.0, 0.2), (2.0, 0.5), (7.0, 0.3)]).unwrap(),
        D::empirical(vec![3.0, 1.0, 4.0, 1.0, 5.0]).unwrap(),
        exponential.clone().shifted(2.0).unwrap(),
        exponential.clone().scaled(2.0).unwrap(),
        exponential.truncated(1.0, 5.0).unwrap(),
    ]
}

/// Asserts that a sample is no farther from its law than chance allows, and says how far it is in
/// a line that `cargo xtask verification` gathers.
fn close(what: &str, sample: &[f64], law: &D) {
    let (d, limit) = (distance(sample, law), CRITICAL / f64::from(N).sqrt());
    assert!(d < limit, "{law:?}: {d}");
    let test = std::thread::current();
    let test = test.name().unwrap_or_default();
    println!("checked | {test} | {what}{law:?} | {limit:.5} | {d:.5} | at most");
}

#[test]
fn samples_follow_their_distribution_function() {
    for law in laws() {
        close("", &draws(&law), &law);
    }
}

#[test]
fn a_sampler_rises_with_its_uniform() {
    for law in laws() {
        let sampler = Samplers::default().make(&law);
        let values: Vec<f64> = (1..2000)
            .map(|i| sampler.sample(f64::from(i) / 2000.0))
            .collect();
        assert!(values.is_sorted(), "{law:?}");
    }
}

/// `rand_distr` through the same generator, each draw from its own stream.
fn theirs<R: rand_distr::Distribution<f64>>(law: &R) -> Vec<f64> {
    let entity = Entity::new("theirs");
    let mut values: Vec<f64> = (0..N)
        .map(|trial| law.sample(&mut Draws::new(11, trial).stream(entity, Purpose::Duration, 1)))
        .collect();
    values.sort_by(f64::total_cmp);
    values
}

#[test]
fn rand_distr_agrees() {
    let close = |law: D, sample: Vec<f64>| close("`rand_distr`: ", &sample, &law);
    close(
        D::triangular(1.0, 2.0, 6.0).unwrap(),
        theirs(&rand_distr::Triangular::new(1.0, 6.0, 2.0).unwrap()),
    );
    close(
        D::pert(1.0, 2.0, 6.0).unwrap(),
        theirs(&rand_distr::Pert::new(1.0, 6.0).with_mode(2.0).unwrap()),
    );
    close(
        D::exponential(3.0).unwrap(),
        theirs(&rand_distr::Exp::new(1.0 / 3.0).unwrap()),
    );
    close(
        D::gamma(0.7, 2.0).unwrap(),
        theirs(&rand_distr::Gamma::new(0.7, 2.0).unwrap()),
    );
    close(
        D::weibull(1.7, 2.0).unwrap(),
        theirs(&rand_distr::Weibull::new(2.0, 1.7).unwrap()),
    );
    close(
        D::beta(2.0, 3.0, 0.0, 1.0).unwrap(),
        theirs(&rand_distr::Beta::new(2.0, 3.0).unwrap()),
    );
    close(
        D::lognormal(1.0, 0.5).unwrap(),
        theirs(&rand_distr::LogNormal::new(1.0, 0.5).unwrap()),
    );
    // Ten standard deviations from zero the truncation is out of sight.
    close(
        D::normal(20.0, 2.0).unwrap(),
        theirs(&rand_distr::Normal::new(20.0, 2.0).unwrap()),
    );
}
