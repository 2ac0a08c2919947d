//! How far a figure may be off: its 95 % interval, where the estimates give one.
//!
//! Chances, means and percentiles have the one beside them in the estimates, given enough trials.
//! Nothing else has an interval, unless all trials agree, or nothing in the plan is uncertain, so that
//! everything is exact.

use serde_json::Value;

use crate::Estimates;

/// Fields that are settings rather than estimates.
pub(super) const EXACT: [&str; 3] = ["version", "seed", "trials"];

/// The figures of one quantity, and how many trials they come from.
pub(super) struct Sample<'a> {
    figures: &'a Value,
    pub(super) trials: u64,
    /// Whether every trial gave the same.
    same: bool,
    /// Whether no trial could give anything else.
    exact: bool,
}

impl<'a> Sample<'a> {
    pub(super) fn new(figures: &'a Value, estimates: &Estimates) -> Self {
        // Figures of the trials with an incident come from fewer trials than there are.
        let counts = figures
            .pointer("/histogram/counts")
            .and_then(Value::as_array);
        let counted = counts.map(|counts| counts.iter().filter_map(Value::as_u64).sum());
        let sd = figures.get("sd").and_then(Value::as_f64);
        let all_finish = estimates.unfinished == 0.0;
        Self {
            figures,
            trials: counted.filter(|_| all_finish).unwrap_or(estimates.trials),
            same: sd == Some(0.0) && all_finish,
            exact: estimates.certain && all_finish,
        }
    }

    /// The interval the estimates state for `name`.
    fn stated(&self, name: &str) -> Option<[f64; 2]> {
        let ends = self.figures.get("error")?.get(name)?.as_array()?;
        match ends.as_slice() {
            [low, high] => Some([low.as_f64()?, high.as_f64()?]),
            _ => None,
        }
    }
}

/// The 95 % interval of the figure `name`, which is `value`.
pub(super) fn interval(sample: &Sample<'_>, name: &str, value: f64) -> Option<[f64; 2]> {
    if sample.exact {
        return Some([value, value]);
    }
    if name == "sd" {
        return sample.same.then_some([value, value]);
    }
    sample.stated(name)
}

/// The 95 % interval of the share of trials that never finish.
pub(super) fn unfinished(estimates: &Estimates) -> [f64; 2] {
    estimates.error.unfinished.unwrap_or([0.0, 1.0])
}
