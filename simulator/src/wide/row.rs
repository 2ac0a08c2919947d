//! One number for each of the trials that run side by side.

use std::ops::{Deref, DerefMut};

/// How many trials run side by side: a whole fraction of a block, many vectors of any width, and
/// few enough that the rows of a thousand steps stay in the cache of a core.
pub(crate) const LANES: usize = 64;

/// One number for each trial, on a line of the cache.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Row([f64; LANES]);

impl Default for Row {
    fn default() -> Self {
        Self([0.0; LANES])
    }
}

impl Deref for Row {
    type Target = [f64; LANES];

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Row {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

impl Row {
    /// The number of one lane; zero where there is none.
    pub(crate) fn lane(&self, lane: usize) -> f64 {
        self.get(lane).copied().unwrap_or(0.0)
    }

    /// Raises each to at least that of `other`. No number is missing, so a comparison is enough.
    #[inline(always)]
    pub(crate) fn raise(&mut self, other: &Self) {
        for (value, other) in self.iter_mut().zip(other.iter()) {
            *value = if *other > *value { *other } else { *value };
        }
    }

    /// Lowers each to at most that of `other`.
    #[inline(always)]
    pub(crate) fn lower(&mut self, other: &Self) {
        for (value, other) in self.iter_mut().zip(other.iter()) {
            *value = if *other < *value { *other } else { *value };
        }
    }

    #[inline(always)]
    pub(crate) fn add(&mut self, other: &Self) {
        for (value, other) in self.iter_mut().zip(other.iter()) {
            *value += other;
        }
    }

    #[inline(always)]
    pub(crate) fn subtract(&mut self, other: &Self) {
        for (value, other) in self.iter_mut().zip(other.iter()) {
            *value -= other;
        }
    }

    #[inline(always)]
    pub(crate) fn multiply(&mut self, other: &Self) {
        for (value, other) in self.iter_mut().zip(other.iter()) {
            *value *= other;
        }
    }

    /// Adds so many times `other`.
    #[inline(always)]
    pub(crate) fn add_times(&mut self, times: f64, other: &Self) {
        for (value, other) in self.iter_mut().zip(other.iter()) {
            *value += times * other;
        }
    }
}
