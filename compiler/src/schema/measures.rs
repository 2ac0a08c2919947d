//! What a condition can measure.

use whimbrel_plan::Measure;

use super::{Attribute, Block, Kind, Type, Words};

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

/// `measure`
pub static MEASURE: Block = Block {
    keyword: "measure",
    kind: Some(Kind::Measure),
    words: Words::Name,
    repeats: true,
    attributes: &[
        Attribute::new(
            "query",
            Type::Text,
            "what the monitoring system is asked; it answers with one number. `${subject}` is the name of what is measured",
        )
        .example("\"sum(rate(carts_lost_total{service=\\\"${subject}\\\"}[5m]))\"")
        .required(),
        Attribute::new(
            "type",
            Type::Choice(&["number", "ratio", "duration", "rate"]),
            "what the number is: a duration in seconds, a rate per second",
        )
        .default("number"),
        Attribute::new(
            "of",
            Type::References(Kind::MOVABLE),
            "what it is measured of",
        )
        .otherwise("everything that moves"),
    ],
    blocks: &[],
    doc: "a measure of your own, for `when` of triggers and gates: a query that the monitor of the thing runs",
};
