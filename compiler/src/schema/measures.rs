//! What a condition can measure.

use whimbrel_plan::Measure;

use super::Type;

/// A measure.
#[derive(Debug)]
pub struct MeasureRow {
    /// Its name in conditions.
    pub name: &'static str,
    /// What the plan calls it.
    pub measure: Measure,
    /// What it is compared with.
    pub ty: Type,
    /// One sentence.
    pub doc: &'static str,
}

const fn row(name: &'static str, measure: Measure, ty: Type, doc: &'static str) -> MeasureRow {
    MeasureRow {
        name,
        measure,
        ty,
        doc,
    }
}

/// The measures that every executor may know.
pub static MEASURES: &[MeasureRow] = &[
    row(
        "error_rate",
        Measure::ErrorRate,
        Type::Ratio,
        "share of the requests that fail",
    ),
    row(
        "p50",
        Measure::P50,
        Type::Duration,
        "time within which half of the requests are answered",
    ),
    row(
        "p95",
        Measure::P95,
        Type::Duration,
        "time within which 95 % of the requests are answered",
    ),
    row(
        "p99",
        Measure::P99,
        Type::Duration,
        "time within which 99 % of the requests are answered",
    ),
    row(
        "mismatch",
        Measure::Mismatch,
        Type::Ratio,
        "share of what was compared in which old and new differ",
    ),
    row(
        "lag",
        Measure::Lag,
        Type::Duration,
        "how far the copy is behind",
    ),
    row(
        "backlog",
        Measure::Backlog,
        Type::Number,
        "messages or transactions that still wait",
    ),
    row(
        "throughput",
        Measure::Throughput,
        Type::Rate,
        "requests answered in a second",
    ),
];
