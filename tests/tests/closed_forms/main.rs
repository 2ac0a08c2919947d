//! Estimates against numbers known in closed form, from the text of a plan to the JSON of
//! `whimbrel simulate`: the program is run as its users run it, and nothing of it is called.
//!
//! Seeds are fixed, so a test passes or fails for good. Where chance is involved, an estimate may
//! lie four standard errors from the exact figure: one estimate in sixteen thousand would lie
//! farther under another seed. What is certain is compared to the microsecond.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests start the program, write its files, and fail by panicking"
)]

mod calendars;
mod failures;
mod laws;
mod money;
mod networks;
mod program;
mod report;
mod sensitivity;
mod uncertain;
