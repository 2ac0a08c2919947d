//! What follows from the inventory alone: who needs whom, which needs are cycles, what a cut of
//! them costs, who moves in which batch, what crosses the seam, which verdict the checklist gives.
//!
//! Pure functions over the types of the compiled plan. They know no syntax and make no
//! diagnostics: rules read what they return. All but the exact cuts of small components are
//! near-linear in services and edges.

pub mod batching;
pub mod checklist;
pub mod cuts;
pub mod cycles;
pub mod durations;
pub mod graph;
pub mod hops;
pub mod hubs;
pub mod nodes;
pub mod reversal;
pub mod schedule;
pub mod seam;

#[cfg(test)]
mod fixture;

/// `1 service`, `2 services`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        _ => format!("{count} {noun}s"),
    }
}
