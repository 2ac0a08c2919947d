//! Calendars, windows and freezes as clocks, each distinct set once.

use std::collections::HashMap;

use jiff::Timestamp;
use whimbrel_plan::{
    Calendar, CalendarError, CalendarId, Intervals, Plan, Step, StepKind, WindowId,
};

use crate::SimulationError;
use crate::clock::{Clock, intersect};
use crate::column::Column;

/// When several calendars are open together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Join {
    All,
    Any,
}

/// Makes clocks for one plan.
pub(super) struct Clocks<'p> {
    plan: &'p Plan,
    from: Timestamp,
    to: Timestamp,
    pub(super) clocks: Column<Clock>,
    /// By whether all of them must be open, or any.
    calendars: HashMap<(Join, Vec<CalendarId>), u32>,
    windows: HashMap<WindowId, u32>,
    freezes: HashMap<StepKind, Option<u32>>,
}

fn impossible(error: &CalendarError) -> SimulationError {
    SimulationError::Calendar(error.to_string())
}

impl<'p> Clocks<'p> {
    pub(super) fn new(plan: &'p Plan, years: i32) -> Result<Self, SimulationError> {
        let from = plan.migration.start;
        let length = jiff::SignedDuration::from_secs(i64::from(years) * 31_557_600);
        let to = from
            .checked_add(length)
            .map_err(|_| impossible(&CalendarError::OutOfRange(from.to_string())))?;
        Ok(Self {
            plan,
            from,
            to,
            clocks: Column::default(),
            calendars: HashMap::new(),
            windows: HashMap::new(),
            freezes: HashMap::new(),
        })
    }

    /// How far the clocks reach, in microseconds.
    pub(super) fn horizon(&self) -> i64 {
        self.to.as_microsecond() - self.from.as_microsecond()
    }

    /// The clock that runs while all of `calendars` are open; none when there are none.
    pub(super) fn calendars(
        &mut self,
        calendars: Vec<CalendarId>,
        step: &str,
    ) -> Result<Option<u32>, SimulationError> {
        self.clock(calendars, step, Join::All)
    }

    /// The clock that runs while any of `calendars` is open; none when there are none.
    pub(super) fn any_of(
        &mut self,
        calendars: Vec<CalendarId>,
        step: &str,
    ) -> Result<Option<u32>, SimulationError> {
        self.clock(calendars, step, Join::Any)
    }

    fn clock(
        &mut self,
        mut calendars: Vec<CalendarId>,
        step: &str,
        join: Join,
    ) -> Result<Option<u32>, SimulationError> {
        calendars.sort_unstable();
        calendars.dedup();
        if calendars.is_empty() {
            return Ok(None);
        }
        let key = (join, calendars);
        if let Some(clock) = self.calendars.get(&key) {
            return Ok(Some(*clock));
        }
        let mut open: Option<Intervals> = None;
        for id in &key.1 {
            let calendar: &Calendar = &self.plan.calendars[*id];
            let next = calendar
                .intervals(self.from, self.to)
                .map_err(|error| impossible(&error))?;
            open = Some(match open {
                None => next,
                Some(open) => match join {
                    Join::All => intersect(&open, &next),
                    Join::Any => Intervals::new([open.as_slice(), next.as_slice()].concat()),
                },
            });
        }
        let open = open.unwrap_or_default();
        if open.as_slice().is_empty() {
            return Err(SimulationError::NeverOpen {
                step: step.to_owned(),
            });
        }
        let clock = self.clocks.push(Clock::new(&open));
        self.calendars.insert(key, clock);
        Ok(Some(clock))
    }

    /// The clock of a window.
    pub(super) fn window(&mut self, id: Option<WindowId>) -> Result<Option<u32>, SimulationError> {
        let Some(id) = id else { return Ok(None) };
        if let Some(clock) = self.windows.get(&id) {
            return Ok(Some(*clock));
        }
        let open = self.plan.windows[id]
            .intervals(self.from, self.to)
            .map_err(|error| impossible(&error))?;
        let clock = self.clocks.push(Clock::new(&open));
        self.windows.insert(id, clock);
        Ok(Some(clock))
    }

    /// The clock that runs while steps of this kind are frozen; none when they never are.
    pub(super) fn freezes(&mut self, step: &Step) -> Result<Option<u32>, SimulationError> {
        if let Some(clock) = self.freezes.get(&step.kind) {
            return Ok(*clock);
        }
        let mut frozen = Vec::new();
        for (_, freeze) in self.plan.freezes.iter() {
            if freeze.blocks.is_empty() || freeze.blocks.contains(&step.kind) {
                let intervals = freeze
                    .intervals(self.from, self.to)
                    .map_err(|error| impossible(&error))?;
                frozen.extend_from_slice(intervals.as_slice());
            }
        }
        let frozen = Intervals::new(frozen);
        let clock = if frozen.as_slice().is_empty() {
            None
        } else {
            Some(self.clocks.push(Clock::new(&frozen)))
        };
        self.freezes.insert(step.kind, clock);
        Ok(clock)
    }
}
