//! Which code runs the trials, and how it comes to wide instructions.
//!
//! Programs are built for the instructions that every machine of their architecture has; what may
//! use wider ones is compiled once for each level, and the level is chosen at run time. No level
//! changes a result: sums and roots are rounded as IEEE 754 says at any width, and no level joins
//! a multiplication and an addition into one rounding.

use pulp::NullaryFnOnce;

/// Which code runs the trials. It never changes a result: tests compare them, benchmarks race them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// The event loop, whatever the plan.
    Events,
    /// Many trials at once where the plan allows it, with the instructions that every machine of
    /// this architecture has.
    Baseline,
    /// The same with AVX2 (the level x86-64-v3).
    Avx2,
    /// The same with AVX-512 (the level x86-64-v4).
    Avx512,
    /// The widest of these that the machine has.
    #[default]
    Widest,
}

impl Engine {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Events,
        Self::Baseline,
        Self::Avx2,
        Self::Avx512,
        Self::Widest,
    ];

    /// What it is called where one is asked for: `events`, `baseline`, `avx2`, `avx512`, `widest`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Baseline => "baseline",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
            Self::Widest => "widest",
        }
    }

    /// Whether this machine has its instructions. One that is not available runs as [`Self::Baseline`].
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Events | Self::Baseline | Self::Widest => true,
            Self::Avx2 => has_avx2(),
            Self::Avx512 => has_avx512(),
        }
    }

    /// Calls `work` with the instructions of this engine.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn vectorize<F: NullaryFnOnce>(self, work: F) -> F::Output {
        let widest = self == Self::Widest;
        if (widest || self == Self::Avx512)
            && let Some(level) = pulp::x86::V4::try_new()
        {
            return level.vectorize(work);
        }
        if (widest || self == Self::Avx2)
            && let Some(level) = pulp::x86::V3::try_new()
        {
            return level.vectorize(work);
        }
        work.call()
    }

    /// Calls `work` with the instructions of this engine.
    #[cfg(not(target_arch = "x86_64"))]
    pub(crate) fn vectorize<F: NullaryFnOnce>(self, work: F) -> F::Output {
        work.call()
    }
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    pulp::x86::V3::is_available()
}

#[cfg(target_arch = "x86_64")]
fn has_avx512() -> bool {
    pulp::x86::V4::is_available()
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx2() -> bool {
    false
}

#[cfg(not(target_arch = "x86_64"))]
fn has_avx512() -> bool {
    false
}
