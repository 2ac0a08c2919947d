//! Every trial can be told: it is the same trial, and its chain leaves no moment out.

use std::ops::Range;

use whimbrel_simulator::{Settings, SimulationError, WhichTrial, Why, simulate, why};

use crate::random_plan::{Feature, late, plan};

/// Tells the first trials of random plans.
pub fn check(feature: Feature, plans: Range<u64>) {
    for number in plans {
        let plan = plan(number, feature);
        let settings = Settings {
            trials: 1,
            seed: number,
            threads: Some(1),
        };
        let told = why(&plan, &settings, WhichTrial::Trial(0), None).unwrap();
        let place = format!("{feature:?} plan {number}");
        let alone = match simulate(&plan, &settings, None) {
            Err(SimulationError::NeverFinishes { step, why, .. }) => {
                let given_up = told.unfinished.as_ref().map(|it| (&*it.step, &*it.reason));
                assert_eq!(given_up, Some((&*step, why)), "{place}");
                whole(&told, &place);
                continue;
            }
            Err(SimulationError::WindowCloses { step, .. }) => {
                let given_up = told.unfinished.as_ref().map(|it| &*it.step);
                assert_eq!(given_up, Some(&*step), "{place}");
                whole(&told, &place);
                continue;
            }
            alone => alone.unwrap(),
        };
        assert_eq!(told.duration_days, alone.duration_days.p50, "{place}");
        assert_eq!(told.cost, alone.cost.total.p50, "{place}");
        assert_eq!(
            Some(f64::from(told.rollbacks)),
            alone.rollbacks.p50,
            "{place}"
        );
        assert_eq!(
            told.incidents > 0,
            alone.incident_probability > 0.0,
            "{place}"
        );
        assert_eq!(told.unfinished.is_some(), alone.unfinished > 0.0, "{place}");
        whole(&told, &place);
        // One that was not run has a story, too.
        let beyond = why(&plan, &settings, WhichTrial::Trial(u32::MAX), None).unwrap();
        whole(&beyond, &place);
    }
}

/// Tells the first trials of plans that may be unfinished for a step that waits in vain.
pub fn check_late(plans: Range<u64>) {
    for number in plans {
        let settings = Settings {
            trials: 1,
            seed: number,
            threads: Some(1),
        };
        let told = why(&late(number), &settings, WhichTrial::Trial(0), None).unwrap();
        whole(&told, &format!("late plan {number}"));
    }
}

/// The chain goes from the start to the end, and every piece of it is known.
fn whole(told: &Why, place: &str) {
    let mut at = told.start;
    for piece in &told.chain {
        assert_eq!(piece.from, at, "{place}: {piece:#?}");
        assert!(piece.to > piece.from, "{place}: {piece:#?}");
        let stuck = piece.kind == "stuck" && told.unfinished.is_none();
        assert!(!stuck, "{place}: {piece:#?}");
        at = piece.to;
    }
    assert_eq!(at, told.end, "{place}: the chain ends early");
    let days = told.end.duration_since(told.start).as_secs_f64() / 86_400.0;
    let sum: f64 = told.shares.iter().map(|share| share.days).sum();
    assert!((sum - days).abs() < 1e-6, "{place}: {sum} of {days} days");
}
