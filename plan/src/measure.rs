//! What can be measured, and conditions on it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{MeasureId, Node};

/// What can be measured.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Share of failed requests.
    ErrorRate,
    /// Median latency, seconds.
    P50,
    /// 95th percentile of latency, seconds.
    P95,
    /// 99th percentile of latency, seconds.
    P99,
    /// Share of compared answers or rows that differ.
    Mismatch,
    /// Replication lag, seconds.
    Lag,
    /// Messages waiting.
    Backlog,
    /// Requests per second.
    Throughput,
    /// A measure of the plan's own.
    Own(MeasureId),
}

impl Measure {
    /// Those of the language.
    pub const STANDARD: [Self; 8] = [
        Self::ErrorRate,
        Self::P50,
        Self::P95,
        Self::P99,
        Self::Mismatch,
        Self::Lag,
        Self::Backlog,
        Self::Throughput,
    ];

    /// Its name in the language; a measure of the plan's own has it in the plan
    /// ([`crate::Plan::measure_name`]).
    #[must_use]
    pub fn standard_name(self) -> Option<&'static str> {
        Some(match self {
            Self::ErrorRate => "error_rate",
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Mismatch => "mismatch",
            Self::Lag => "lag",
            Self::Backlog => "backlog",
            Self::Throughput => "throughput",
            Self::Own(_) => return None,
        })
    }

    /// Whether it is counted over requests, which services answer and data does not.
    #[must_use]
    pub fn is_of_requests(self) -> bool {
        matches!(
            self,
            Self::ErrorRate | Self::P50 | Self::P95 | Self::P99 | Self::Throughput
        )
    }
}

/// What a number that a query gives is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeasureUnit {
    /// Nothing but itself.
    Number,
    /// A whole, from 0 to 1.
    Ratio,
    /// Seconds.
    Duration,
    /// Times per second.
    Rate,
}

/// A part of a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueryPart {
    /// Text as it is.
    Text(String),
    /// The name of what is measured, inside a string of the query.
    Subject,
}

/// A measure of the plan's own: what a monitoring system answers to a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OwnMeasure {
    /// Name.
    pub name: String,
    /// Documentation.
    pub doc: Option<String>,
    /// What is asked; the answer is one number.
    pub query: Vec<QueryPart>,
    /// What the number is of.
    pub unit: MeasureUnit,
    /// What it is measured of; empty is everything that moves.
    pub of: Vec<Node>,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `==`
    Equal,
}

/// `error_rate < 1%`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// What is measured.
    pub measure: Measure,
    /// How it is compared.
    pub comparison: Comparison,
    /// With what, in the measure's unit.
    pub limit: f64,
}
