//! Civil time: working calendars, windows and freezes, and the UTC intervals they become.
//!
//! Civil instants in a gap (clocks go forward) take the later instant, in a fold (clocks go back)
//! the earlier. The time zone database is compiled in, so every machine agrees.

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, Zoned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::StepKind;

mod intervals;
#[cfg(test)]
mod tests;

/// The day that is over at an instant, where one is: at midnight, the day before.
#[must_use]
pub fn day_ended(at: &Zoned) -> Option<Date> {
    let midnight = at.start_of_day().ok()?;
    (midnight == *at).then(|| at.date().yesterday().ok())?
}

/// A day of the week, Monday first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Weekday {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

/// A time of day in minutes after midnight, 0 to 1440.
pub type CivilTime = u16;

/// Hours of a day, [from, to); `to` at or before `from` means the following day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HoursRange {
    /// Opens, minutes after midnight.
    pub from: CivilTime,
    /// Closes, minutes after midnight.
    pub to: CivilTime,
}

impl HoursRange {
    /// Length in minutes of a day without a clock change.
    #[must_use]
    pub fn minutes(self) -> u32 {
        let (from, to) = (u32::from(self.from), u32::from(self.to));
        if to > from {
            to - from
        } else {
            to + 1440 - from
        }
    }
}

/// When a team works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Calendar {
    /// Name.
    pub name: String,
    /// IANA time zone.
    pub zone: String,
    /// Working days, ascending.
    pub days: Vec<Weekday>,
    /// Working hours of such a day.
    pub hours: HoursRange,
    /// Days off, ascending.
    pub holidays: Vec<Date>,
}

impl Calendar {
    /// Open hours of one working day: what `1wd` is worth.
    #[must_use]
    pub fn hours_per_day(&self) -> f64 {
        f64::from(self.hours.minutes()) / 60.0
    }

    /// Open hours of a week without holidays.
    #[must_use]
    pub fn hours_per_week(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "at most seven days")]
        let days = self.days.len() as f64;
        self.hours_per_day() * days
    }
}

/// Open hours of a week in which any of these is open, without holidays, by the offsets that their
/// zones have at an instant; a week of 168 hours when there are none.
///
/// # Errors
/// When a zone is unknown.
pub fn hours_of_any(calendars: &[&Calendar], at: Timestamp) -> Result<f64, CalendarError> {
    if calendars.is_empty() {
        return Ok(168.0);
    }
    let mut open = Vec::new();
    for calendar in calendars {
        let zone = jiff::tz::TimeZone::get(&calendar.zone)
            .map_err(|_| CalendarError::UnknownZone(calendar.zone.clone()))?;
        let offset = i64::from(zone.to_offset(at).seconds());
        for day in &calendar.days {
            let midnight = *day as i64 * 86_400 - offset;
            let from = midnight + i64::from(calendar.hours.from) * 60;
            let to = from + i64::from(calendar.hours.minutes()) * 60;
            // Turned into the week that begins on Monday in UTC; what reaches beyond it comes again
            // at its beginning.
            let from_monday = from.rem_euclid(WEEK);
            let to_monday = from_monday + (to - from);
            open.push((from_monday, to_monday.min(WEEK)));
            open.push((0, to_monday - WEEK));
        }
    }
    let open = Intervals::new(open);
    let seconds: i64 = open.as_slice().iter().map(|(from, to)| to - from).sum();
    #[expect(clippy::cast_precision_loss, reason = "at most the seconds of a week")]
    let hours = seconds as f64 / 3600.0;
    Ok(hours)
}

/// Seconds of a week.
const WEEK: i64 = 7 * 86_400;

/// When something may happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Window {
    /// Name.
    pub name: String,
    /// IANA time zone its civil times are in.
    pub zone: String,
    /// When it is open.
    pub span: WindowSpan,
}

/// Once or every week.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WindowSpan {
    /// Once, [from, to).
    Once {
        /// Opens.
        from: DateTime,
        /// Closes.
        to: DateTime,
    },
    /// On these days at these hours; intervals that touch are one.
    Weekly {
        /// Days, ascending.
        days: Vec<Weekday>,
        /// Hours.
        hours: HoursRange,
    },
}

/// When kinds of steps may not start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Freeze {
    /// Name.
    pub name: String,
    /// IANA time zone its dates are in.
    pub zone: String,
    /// First day.
    pub from: Date,
    /// Last day, included.
    pub to: Date,
    /// What it blocks; empty blocks everything.
    pub blocks: Vec<StepKind>,
}

/// Open intervals [open, close), ascending and apart, in microseconds from an origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intervals(Vec<(i64, i64)>);

impl Intervals {
    /// Sorts, drops empty ones and merges those that overlap or touch.
    #[must_use]
    pub fn new(mut intervals: Vec<(i64, i64)>) -> Self {
        intervals.retain(|(open, close)| open < close);
        intervals.sort_unstable();
        let mut merged: Vec<(i64, i64)> = Vec::with_capacity(intervals.len());
        for (open, close) in intervals {
            match merged.last_mut() {
                Some(last) if open <= last.1 => last.1 = last.1.max(close),
                _ => merged.push((open, close)),
            }
        }
        Self(merged)
    }

    /// The intervals.
    #[must_use]
    pub fn as_slice(&self) -> &[(i64, i64)] {
        &self.0
    }
}

/// Why civil times do not become instants.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum CalendarError {
    /// Not a name of the IANA database.
    #[error("there is no time zone `{0}`")]
    UnknownZone(String),
    /// Outside the years jiff can express.
    #[error("`{0}` is outside the range of dates")]
    OutOfRange(String),
}

/// The instant of a civil time in a zone (gap: the later, fold: the earlier instant).
///
/// # Errors
/// When the zone is unknown or the instant cannot be expressed.
pub fn instant(zone: &str, at: DateTime) -> Result<Timestamp, CalendarError> {
    let zone =
        jiff::tz::TimeZone::get(zone).map_err(|_| CalendarError::UnknownZone(zone.to_owned()))?;
    zone.to_ambiguous_timestamp(at)
        .compatible()
        .map_err(|_| CalendarError::OutOfRange(at.to_string()))
}
