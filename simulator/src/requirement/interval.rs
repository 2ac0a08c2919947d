//! How far a figure may be off: its 95 % interval, where the estimates give one.
//!
//! Chances, means, P50, P80 and P95 have the one beside them in the estimates. Another quantile lies
//! between those: P90 is not below the P80's low end nor above the P95's high end, each with 97.5 %.
//! What is below the median or above the P95 is held from one side. Nothing else has an interval,
//! unless all trials agree, or nothing in the plan is uncertain, so that everything is exact.

use serde_json::Value;

use crate::Estimates;
use crate::statistics::interval_ranks;

/// Fields that are settings rather than estimates.
pub(super) const EXACT: [&str; 3] = ["version", "seed", "trials"];

/// Quantiles without an interval of their own, in per cent, between those that have one.
const BETWEEN: [(&str, u32, Option<&str>, Option<&str>); 6] = [
    ("p5", 5, None, Some("p50")),
    ("p10", 10, None, Some("p50")),
    ("p25", 25, None, Some("p50")),
    ("p75", 75, Some("p50"), Some("p80")),
    ("p90", 90, Some("p80"), Some("p95")),
    ("p99", 99, Some("p95"), None),
];

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

    /// Whether so many trials give an interval of this percentile at all.
    fn has_ranks(&self, percent: u32) -> bool {
        let trials = usize::try_from(self.trials).ok();
        trials.is_some_and(|n| interval_ranks(n, f64::from(percent) / 100.0).is_some())
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
    match BETWEEN.iter().find(|(known, ..)| *known == name) {
        Some(&(_, percent, ..)) if sample.same && sample.has_ranks(percent) => Some([value, value]),
        Some(&(_, _, below, above)) => between(sample, below, above),
        None => sample.stated(name),
    }
}

/// From the low end of one quantile to the high end of another; none where a needed end is
/// missing.
fn between(sample: &Sample<'_>, below: Option<&str>, above: Option<&str>) -> Option<[f64; 2]> {
    let [low, high] = [below, above].map(|name| name.map(|name| sample.stated(name)));
    Some([
        low.map_or(Some(f64::NEG_INFINITY), |ends| Some(ends?[0]))?,
        high.map_or(Some(f64::INFINITY), |ends| Some(ends?[1]))?,
    ])
}

/// The 95 % interval of the share of trials that never finish.
pub(super) fn unfinished(estimates: &Estimates) -> [f64; 2] {
    estimates.error.unfinished.unwrap_or([0.0, 1.0])
}
