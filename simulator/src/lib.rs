//! Plan to estimates.
//!
//! Takes the compiled plan only: it never sees syntax and never draws a picture. The same plan,
//! seed and number of trials give the same estimates for any number of threads.

mod estimates;

pub use estimates::{
    BatchEstimates, BlastRadius, Breach, CostEstimates, CostKinds, DriverEstimates, Estimates,
    FinishError, FinishSummary, Histogram, SlaEstimates, StepEstimates, Summary, SummaryError,
};
