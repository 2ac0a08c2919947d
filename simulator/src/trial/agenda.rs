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

/// All that is to happen. What is to happen at once is kept apart: it is nearly half of all, and need
/// not find its way through what comes later.
#[derive(Debug)]
pub(super) struct Agenda {
    later: BinaryHeap<Reverse<Event>>,
    /// At the present instant.
    due: BinaryHeap<Reverse<Event>>,
}

impl Agenda {
    /// Nothing yet, with room for so many events.
    pub(super) fn with_capacity(events: usize) -> Self {
        Self {
            later: BinaryHeap::with_capacity(events),
            due: BinaryHeap::new(),
        }
    }

    pub(super) fn clear(&mut self) {
        self.later.clear();
        self.due.clear();
    }

    #[inline]
    pub(super) fn push(&mut self, event: Event, now: i64) {
        if event.time() == now {
            self.due.push(Reverse(event));
        } else {
            self.later.push(Reverse(event));
        }
    }

    /// The next instant at which something happens, from `now` on.
    #[inline]
    pub(super) fn next_instant(&self, now: i64) -> Option<i64> {
        if self.due.is_empty() {
            self.later.peek().map(|Reverse(event)| event.time())
        } else {
            Some(now)
        }
    }

    /// Takes what happens next at the instant `now`.
    #[inline]
    pub(super) fn take(&mut self, now: i64) -> Option<Event> {
        let later = self.later.peek().filter(|event| event.0.time() == now);
        let from_later = match (later, self.due.peek()) {
            // The greater of two reversed events comes first.
            (Some(later), Some(due)) => later > due,
            (later, _) => later.is_some(),
        };
        let events = if from_later {
            &mut self.later
        } else {
            &mut self.due
        };
        events.pop().map(|Reverse(event)| event)
    }
}
