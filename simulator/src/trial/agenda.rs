//! What is to happen, in its order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::bits::BitSet;

/// What happens. Completions come before detections and aborts, these before openings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Happening {
    ActEnd,
    ShiftEnd,
    SoakEnd,
    UndoEnd,
    MemberUndone,
    FixEnd,
    Resume,
    GateExpire,
    GateAsk,
    Detect,
    Overrun,
    GateUndo,
    GateHeld,
    Wake,
}

const HAPPENINGS: [Happening; 14] = [
    Happening::ActEnd,
    Happening::ShiftEnd,
    Happening::SoakEnd,
    Happening::UndoEnd,
    Happening::MemberUndone,
    Happening::FixEnd,
    Happening::Resume,
    Happening::GateExpire,
    Happening::GateAsk,
    Happening::Detect,
    Happening::Overrun,
    Happening::GateUndo,
    Happening::GateHeld,
    Happening::Wake,
];

impl Happening {
    #[inline(always)]
    pub(super) fn is_of_step(self) -> bool {
        !matches!(self, Self::MemberUndone | Self::Wake)
    }

    /// Whether it takes back what was done: all such come together, by priority.
    #[inline(always)]
    fn is_abort(self) -> bool {
        matches!(
            self,
            Self::Detect | Self::Overrun | Self::GateUndo | Self::GateHeld
        )
    }

    /// Its place among what happens at one instant.
    #[inline(always)]
    fn turn(self) -> u8 {
        if self.is_abort() {
            Self::Detect as u8
        } else {
            self as u8
        }
    }
}

/// Time, turn, whom, what and the epoch in which it holds, packed so that comparing events is
/// comparing numbers.
///
/// Whom is the rank of a step, or the number of a mover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event(u128);

const EPOCHS: u32 = (1 << 20) - 1;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "fields of a packed number, times are not negative"
)]
impl Event {
    /// After all others.
    const NEVER: Self = Self(u128::MAX);

    #[inline(always)]
    pub(super) fn new(time: i64, happening: Happening, whom: u32, epoch: u32) -> Self {
        Self(
            (time as u64 as u128) << 64
                | u128::from(happening.turn()) << 56
                | u128::from(whom) << 24
                | (happening as u128) << 20
                | u128::from(epoch & EPOCHS),
        )
    }

    pub(super) fn time(self) -> i64 {
        (self.0 >> 64) as i64
    }

    pub(super) fn happening(self) -> Happening {
        let kind = (self.0 >> 20) as usize & 0xf;
        HAPPENINGS.get(kind).copied().unwrap_or(Happening::Wake)
    }

    pub(super) fn whom(self) -> usize {
        (self.0 >> 24) as u32 as usize
    }

    pub(super) fn is_current(self, epoch: u32) -> bool {
        self.0 as u32 & EPOCHS == epoch & EPOCHS
    }
}

/// All that is to happen, from the present instant on: a calendar queue (Brown, *Calendar queues: a fast
/// O(1) priority queue implementation for the simulation event set problem*, 1988). What comes later
/// waits unsorted in stretches of time, and only the present stretch is in order.
#[derive(Debug)]
pub(super) struct Agenda {
    now: i64,
    /// What happens at the present instant, the first first.
    present: Vec<Event>,
    /// How many of these have been taken.
    taken: usize,
    /// What waited for the present stretch, the last first.
    near: Vec<Event>,
    /// What was added for the present stretch since it began; beyond all of them, for its first
    /// instant.
    soon: BinaryHeap<Reverse<Event>>,
    /// Which stretch it is: beyond all of them in the end.
    stretch: usize,
    /// By stretch of time: the first of what waits for it in `pool`; [`NONE`] where nothing does.
    later: Vec<u32>,
    /// Which of `later` have any.
    filled: BitSet,
    /// What waits, each with the place of the next that waits for the same stretch, or with that of
    /// the next place that is free. What is freed is filled first: few places are ever used.
    pool: Vec<(Event, u32)>,
    free: u32,
    /// What lies beyond all stretches.
    far: BinaryHeap<Reverse<Event>>,
}

/// Binary digits of the length of a stretch, in microseconds: some two hours.
const STRETCH: u32 = 33;
/// How many there are: some two years.
const STRETCHES: usize = 8192;
/// No place.
const NONE: u32 = u32::MAX;

impl Agenda {
    pub(super) fn new() -> Self {
        Self {
            now: 0,
            present: Vec::new(),
            taken: 0,
            near: Vec::new(),
            soon: BinaryHeap::new(),
            stretch: 0,
            later: vec![NONE; STRETCHES],
            filled: BitSet::new(STRETCHES),
            pool: Vec::new(),
            free: NONE,
            far: BinaryHeap::new(),
        }
    }

    /// Back to the start, with nothing to happen.
    pub(super) fn clear(&mut self) {
        self.now = 0;
        self.present.clear();
        self.taken = 0;
        self.near.clear();
        self.soon.clear();
        while let Some(stretch) = self.filled.next(0) {
            self.filled.remove(stretch);
            self.later
                .get_mut(stretch)
                .into_iter()
                .for_each(|it| *it = NONE);
        }
        self.pool.clear();
        self.free = NONE;
        self.stretch = 0;
        self.far.clear();
    }

    /// Adds what is not in the past.
    #[inline]
    pub(super) fn push(&mut self, event: Event) {
        if event.time() == self.now {
            return self.push_at_once(event);
        }
        let stretch = (event.time() >> STRETCH) as usize;
        if stretch == self.stretch {
            self.soon.push(Reverse(event));
        } else if let Some(first) = self.later.get_mut(stretch) {
            let entry = (event, *first);
            if let Some(place) = self.pool.get_mut(self.free as usize) {
                *first = self.free;
                self.free = place.1;
                *place = entry;
            } else {
                *first = self.pool.len() as u32;
                self.pool.push(entry);
            }
            self.filled.insert(stretch);
        } else {
            self.far.push(Reverse(event));
        }
    }

    /// Adds what happens at the present instant, which mostly comes in order.
    #[inline]
    fn push_at_once(&mut self, event: Event) {
        if self.present.last().is_none_or(|last| *last <= event) {
            return self.present.push(event);
        }
        let left = self.present.get(self.taken..).unwrap_or_default();
        let place = left.partition_point(|other| *other <= event);
        self.present.insert(self.taken + place, event);
    }

    /// Goes to the next instant at which something happens, which may be the present one.
    #[inline]
    pub(super) fn advance(&mut self) -> Option<i64> {
        if self.taken < self.present.len() {
            return Some(self.now);
        }
        self.present.clear();
        self.taken = 0;
        if self.near.is_empty() && self.soon.is_empty() {
            self.next_stretch();
        }
        let first = self.next();
        if first == Event::NEVER {
            return None;
        }
        self.now = first.time();
        let mut next = first;
        while next.time() == self.now {
            self.present.push(next);
            if self.near.last() == Some(&next) {
                self.near.pop();
            } else {
                self.soon.pop();
            }
            next = self.next();
        }
        Some(self.now)
    }

    /// What happens next after the present instant, in this stretch.
    #[inline]
    fn next(&self) -> Event {
        let near = self.near.last().copied().unwrap_or(Event::NEVER);
        match self.soon.peek() {
            Some(soon) => near.min(soon.0),
            None => near,
        }
    }

    fn next_stretch(&mut self) {
        let Some(stretch) = self.filled.next(0) else {
            self.stretch = usize::MAX;
            let next = self.far.peek().map(|event| event.0.time());
            while let Some(event) = self.far.peek()
                && Some(event.0.time()) == next
            {
                self.soon.extend(self.far.pop());
            }
            return;
        };
        self.filled.remove(stretch);
        self.stretch = stretch;
        if let Some(first) = self.later.get_mut(stretch) {
            let mut next = std::mem::replace(first, NONE);
            while let Some((event, after)) = self.pool.get_mut(next as usize) {
                self.near.push(*event);
                let place = next;
                next = std::mem::replace(after, self.free);
                self.free = place;
            }
        }
        self.near.sort_unstable_by(|one, other| other.cmp(one));
    }

    /// Takes what happens next at the present instant.
    #[inline]
    pub(super) fn take(&mut self) -> Option<Event> {
        let next = *self.present.get(self.taken)?;
        self.taken += 1;
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn places_are_used_again() {
        let mut agenda = Agenda::new();
        for day in 1..200_i64 {
            for minute in 0..5 {
                let time = (day * 1440 + minute) * 60_000_000;
                agenda.push(Event::new(time, Happening::ActEnd, 0, 0));
            }
            for _ in 0..5 {
                assert!(agenda.advance().is_some());
                assert!(agenda.take().is_some());
            }
        }
        assert_eq!(agenda.pool.len(), 5);
    }

    proptest! {
        /// Against a heap of the standard library, with pushes from the present on between takes.
        #[test]
        fn it_is_a_queue_in_order(
            rounds in prop::collection::vec(
                prop::collection::vec((0_u32..60, 0_i64..1 << 49, 0_u32..4), 0..6),
                0..60,
            ),
        ) {
            let (mut agenda, mut known) = (Agenda::new(), BinaryHeap::new());
            let mut now = 0;
            for round in rounds {
                for (shift, after, whom) in round {
                    let time = now + (after >> shift);
                    let event = Event::new(time, Happening::ActEnd, whom, 0);
                    agenda.push(event);
                    known.push(Reverse(event));
                }
                if let Some(Reverse(event)) = known.pop() {
                    now = event.time();
                    prop_assert_eq!(agenda.advance(), Some(now));
                    prop_assert_eq!(agenda.take(), Some(event));
                }
            }
            while let Some(Reverse(event)) = known.pop() {
                prop_assert_eq!(agenda.advance(), Some(event.time()));
                prop_assert_eq!(agenda.take(), Some(event));
            }
            prop_assert_eq!(agenda.advance(), None);
        }
    }
}
