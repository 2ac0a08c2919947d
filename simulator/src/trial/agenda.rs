//! What is to happen, in its order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

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
    Wake,
}

const HAPPENINGS: [Happening; 13] = [
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
    Happening::Wake,
];

impl Happening {
    pub(super) fn is_of_step(self) -> bool {
        !matches!(self, Self::MemberUndone | Self::Wake)
    }

    /// Whether it takes back what was done: all such come together, by priority.
    pub(super) fn is_abort(self) -> bool {
        matches!(self, Self::Detect | Self::Overrun | Self::GateUndo)
    }

    /// Its place among what happens at one instant.
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
/// Whom is the rank of the step where it is an abort, else the index of what it happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Event(u128);

const EPOCHS: u32 = (1 << 20) - 1;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "fields of a packed number, times are not negative"
)]
impl Event {
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

/// All that is to happen, from the present instant on: a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan,
/// *Faster algorithms for the shortest path problem*, 1990). What comes later is sorted by the highest
/// bit in which its time differs from the present, and more finely as the present comes closer.
#[derive(Debug)]
pub(super) struct Agenda {
    now: i64,
    /// What happens at the present instant.
    due: BinaryHeap<Reverse<Event>>,
    later: [Vec<Event>; BITS],
    /// Which of `later` have any.
    filled: u64,
}

/// Of a time.
const BITS: usize = 64;

impl Agenda {
    pub(super) fn new() -> Self {
        Self {
            now: 0,
            due: BinaryHeap::new(),
            later: [const { Vec::new() }; BITS],
            filled: 0,
        }
    }

    /// Back to the start, with nothing to happen.
    pub(super) fn clear(&mut self) {
        self.now = 0;
        self.due.clear();
        self.later.iter_mut().for_each(Vec::clear);
        self.filled = 0;
    }

    /// Adds what is not in the past.
    #[inline]
    pub(super) fn push(&mut self, event: Event) {
        match (event.time() ^ self.now).checked_ilog2() {
            None => self.due.push(Reverse(event)),
            Some(bit) => {
                if let Some(later) = self.later.get_mut(bit as usize) {
                    later.push(event);
                    self.filled |= 1 << bit;
                }
            }
        }
    }

    /// Goes to the next instant at which something happens, which may be the present one.
    pub(super) fn advance(&mut self) -> Option<i64> {
        if self.due.is_empty() {
            let bit = self.filled.trailing_zeros();
            let mut next = std::mem::take(self.later.get_mut(bit as usize)?);
            self.filled &= !(1 << bit);
            self.now = next.iter().map(|event| event.time()).min()?;
            next.drain(..).for_each(|event| self.push(event));
            // All of it went to lower places; its memory serves again.
            if let Some(later) = self.later.get_mut(bit as usize) {
                *later = next;
            }
        }
        Some(self.now)
    }

    /// Takes what happens next at the present instant.
    #[inline]
    pub(super) fn take(&mut self) -> Option<Event> {
        self.due.pop().map(|Reverse(event)| event)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Against a heap of the standard library, with pushes from the present on between takes.
        #[test]
        fn it_is_a_queue_in_order(
            rounds in prop::collection::vec(
                prop::collection::vec((0_u32..45, 0_i64..1 << 40, 0_u32..4), 0..6),
                0..60,
            ),
        ) {
            let (mut agenda, mut known) = (Agenda::new(), BinaryHeap::new());
            let mut now = 0;
            for round in rounds {
                for (shift, after, whom) in round {
                    let time = now + (after >> shift.min(40));
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
