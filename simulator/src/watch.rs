//! What whoever started a run may see of it, and how they end it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Shared between a run and whoever watches it: how far it is, and whether it is to stop.
///
/// A run that is told to stop begins no further block of trials, gives up those under way that no
/// later block waits for, and comes to what the whole blocks before them say.
#[derive(Debug, Default)]
pub struct Watch {
    done: AtomicU64,
    goal: AtomicU64,
    stop: Arc<AtomicBool>,
}

impl Watch {
    /// A watch that ends the run once `stop` is set, which a signal handler may do.
    #[must_use]
    pub fn new(stop: Arc<AtomicBool>) -> Self {
        Self {
            stop,
            ..Self::default()
        }
    }

    /// How many trials are done.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// How many are to be done as far as is known; it may grow.
    #[must_use]
    pub fn goal(&self) -> u64 {
        self.goal.load(Ordering::Relaxed)
    }

    /// Ends the run.
    pub fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Whether the run is to end.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(crate) fn plan(&self, further: usize) {
        self.goal.fetch_add(further as u64, Ordering::Relaxed);
    }

    pub(crate) fn count(&self, trials: usize) {
        self.done.fetch_add(trials as u64, Ordering::Relaxed);
    }

    /// Takes back what was counted of trials that must be run again.
    pub(crate) fn discount(&self, trials: usize) {
        self.done.fetch_sub(trials as u64, Ordering::Relaxed);
    }
}
