//! Vectors indexed by positions that the model hands out.

use std::ops::{Index, IndexMut};

/// A vector whose indices come from the model it was built with, so indexing cannot fail.
#[derive(Clone, Debug)]
pub(crate) struct Column<T>(Vec<T>);

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Column<T> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.0.iter_mut()
    }

    pub(crate) fn push(&mut self, item: T) -> u32 {
        let index = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(item);
        index
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The first so many, and the rest.
    pub(crate) fn split_at_mut(&mut self, first: usize) -> (&mut [T], &mut [T]) {
        let first = first.min(self.0.len());
        self.0.split_at_mut(first)
    }
}

impl<T: Clone> Column<T> {
    pub(crate) fn filled(item: T, len: usize) -> Self {
        Self(vec![item; len])
    }

    /// Takes over the values of `from`, without a new allocation when the length is the same.
    pub(crate) fn copy_from(&mut self, from: &Self) {
        self.0.clone_from(&from.0);
    }

    pub(crate) fn resize(&mut self, len: usize, item: T) {
        self.0.resize(len, item);
    }

    /// Sets every value to `item`.
    pub(crate) fn fill(&mut self, item: &T) {
        self.0.fill(item.clone());
    }
}

impl<T> FromIterator<T> for Column<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl<T> Index<usize> for Column<T> {
    type Output = T;
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "positions come from the model the column was built with"
    )]
    fn index(&self, index: usize) -> &T {
        &self.0[index]
    }
}

impl<T> IndexMut<usize> for Column<T> {
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "positions come from the model the column was built with"
    )]
    fn index_mut(&mut self, index: usize) -> &mut T {
        &mut self.0[index]
    }
}

/// Lists of indices, one per row, in one allocation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lists {
    /// Where each row begins, and where the last ends.
    bounds: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    pub(crate) fn push(&mut self, items: impl IntoIterator<Item = u32>) {
        self.items.extend(items);
        if self.bounds.is_empty() {
            self.bounds.push(0);
        }
        self.bounds
            .push(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.bounds.len().saturating_sub(1)
    }

    /// The list of `row`; empty when there is no such row.
    #[inline]
    pub(crate) fn of(&self, row: usize) -> &[u32] {
        match self.bounds.get(row..row + 2) {
            Some(&[start, end]) => self.items.get(start as usize..end as usize).unwrap_or(&[]),
            _ => &[],
        }
    }
}

impl<A: IntoIterator<Item = u32>> FromIterator<A> for Lists {
    fn from_iter<I: IntoIterator<Item = A>>(rows: I) -> Self {
        let mut lists = Self::default();
        for row in rows {
            lists.push(row);
        }
        lists
    }
}
