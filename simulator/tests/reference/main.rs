//! A slow, naive trial written from the specification alone, against the simulator on random
//! plans. They share the generator and the samplers, nothing else.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unreachable,
    clippy::indexing_slicing,
    reason = "a test"
)]

#[path = "../common/mod.rs"]
mod common;
mod compare;
mod exposure;
mod gate;
mod limits;
mod money;
#[path = "../../src/philox.rs"]
mod philox;
mod random_inventory;
mod random_plan;
mod recovery;
mod relay;
#[path = "../../src/sampler.rs"]
#[expect(dead_code, reason = "nothing is made ahead here")]
mod sampler;
mod setup;
mod side_by_side;
mod story;
#[path = "../../src/table.rs"]
mod table;
mod time;
mod trial;
mod world;

use random_plan::Feature;

macro_rules! agree {
    ($($name:ident: $feature:ident, $plans:expr;)*) => {$(
        #[test]
        fn $name() {
            compare::check(Feature::$feature, $plans);
        }
    )*};
}

agree! {
    precedence: Precedence, 0..10;
    people: People, 0..10;
    calendars: Calendars, 0..10;
    windows: Windows, 0..10;
    gates: Gates, 0..10;
    failures: Failures, 0..10;
    batches: Batches, 0..10;
    hurt: Exposure, 0..10;
    cost: Money, 0..10;
    everything: Drivers, 100..200;
    uncertain: Uncertainty, 200..280;
    two_gates_give_up_at_once: Uncertainty, 1_641..1_642;
    a_rate_of_calls_is_paid_for_and_hurts: Uncertainty, 1_914..1_915;
}

#[test]
fn steps_that_wait_in_vain() {
    compare::check_late(0..60);
}

#[test]
fn every_trial_can_be_told() {
    story::check(Feature::Calendars, 0..5);
    story::check(Feature::Batches, 0..10);
    story::check(Feature::Drivers, 300..320);
    story::check(Feature::Uncertainty, 400..430);
    story::check_late(0..30);
}

#[test]
fn later_trials() {
    compare::check_later_trials(Feature::Drivers, 0..15);
    compare::check_later_trials(Feature::Uncertainty, 15..30);
}

/// `cargo nextest run -p whimbrel-simulator --test reference --run-ignored only`
#[test]
#[ignore = "takes minutes: CI runs it with `cargo xtask verification`"]
fn a_thousand_plans() {
    compare::check(Feature::Drivers, 1_000..1_500);
    compare::check(Feature::Uncertainty, 1_500..2_000);
}
