//! Typed ids and the arenas that mint them.

use std::fmt;
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A typed index into an [`Arena`].
pub trait Id: Copy + Eq {
    /// The id at position `index`.
    fn new(index: usize) -> Self;
    /// The position in its arena.
    fn index(self) -> usize;
}

// Not `serde(transparent)`: serialisers are told the type, and JSON is the same number.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        pub struct $name(u32);

        impl Id for $name {
            fn new(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }
            fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl $name {
            /// The id at position `index` of its arena.
            #[must_use]
            pub fn new(index: usize) -> Self {
                <Self as Id>::new(index)
            }
            /// The position in its arena.
            #[must_use]
            pub fn index(self) -> usize {
                <Self as Id>::index(self)
            }
        }
    )*};
}

ids! {
    /// A batch.
    BatchId,
    /// A bridge over an edge of the seam.
    BridgeId,
    /// A working calendar.
    CalendarId,
    /// A shared driver of uncertainty.
    DriverId,
    /// A freeze.
    FreezeId,
    /// A network link between two platforms.
    LinkId,
    /// A measure of the plan's own.
    MeasureId,
    /// A platform.
    PlatformId,
    /// A declared or observed relation.
    RelationId,
    /// A resource: instance, datastore, table, topic, queue, cache, volume or external system.
    ResourceId,
    /// A role people hold during the migration.
    RoleId,
    /// A service.
    ServiceId,
    /// A step.
    StepId,
    /// A team.
    TeamId,
    /// A window in which something may happen.
    WindowId,
}

/// A vector indexed by a typed id. Ids come from [`Arena::push`] of the same arena only, so
/// indexing with them cannot fail.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Arena<I, T> {
    items: Vec<T>,
    #[serde(skip)]
    #[schemars(skip)]
    id: PhantomData<fn(I) -> I>,
}

impl<I, T> Default for Arena<I, T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            id: PhantomData,
        }
    }
}

impl<I, T: fmt::Debug> fmt::Debug for Arena<I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items.fmt(f)
    }
}

impl<I: Id, T> Arena<I, T> {
    /// Adds `item` and returns its id.
    pub fn push(&mut self, item: T) -> I {
        let id = I::new(self.items.len());
        self.items.push(item);
        id
    }

    /// Makes room for so many more items.
    pub fn reserve(&mut self, additional: usize) {
        self.items.reserve(additional);
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items in id order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (I, &T)> + ExactSizeIterator {
        self.items
            .iter()
            .enumerate()
            .map(|(index, item)| (I::new(index), item))
    }

    /// The items in id order, to change.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (I, &mut T)> + ExactSizeIterator {
        self.items
            .iter_mut()
            .enumerate()
            .map(|(index, item)| (I::new(index), item))
    }

    /// The ids in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = I> + ExactSizeIterator + use<I, T> {
        (0..self.items.len()).map(I::new)
    }

    /// The items without their ids.
    pub fn values(&self) -> std::slice::Iter<'_, T> {
        self.items.iter()
    }
}

impl<I: Id, T> FromIterator<T> for Arena<I, T> {
    fn from_iter<A: IntoIterator<Item = T>>(items: A) -> Self {
        Self {
            items: items.into_iter().collect(),
            id: PhantomData,
        }
    }
}

impl<I: Id, T> Index<I> for Arena<I, T> {
    type Output = T;
    #[expect(
        clippy::indexing_slicing,
        reason = "ids are minted by the arena they index"
    )]
    fn index(&self, id: I) -> &T {
        &self.items[id.index()]
    }
}

impl<I: Id, T> IndexMut<I> for Arena<I, T> {
    #[expect(
        clippy::indexing_slicing,
        reason = "ids are minted by the arena they index"
    )]
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.items[id.index()]
    }
}
