//! Civil time to intervals of instants.

use std::cell::Cell;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone, TimeZoneTransition};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::{Calendar, CalendarError, CivilTime, Freeze, HoursRange, Intervals, Weekday};
use super::{Window, WindowSpan};

/// Instants of civil times in one zone, in microseconds since an origin.
struct Clock {
    zone: TimeZone,
    from: i64,
    to: i64,
    /// The last one that was met: to ask a zone for each of thousands of days takes far longer.
    steady: Cell<Option<Steady>>,
}

/// Civil times that one offset holds for, none of them in a gap or a fold.
#[derive(Clone, Copy)]
struct Steady {
    from: DateTime,
    to: DateTime,
    offset: Offset,
}

impl Steady {
    /// Around an instant, up to a day from the transitions before and after it: no gap and no fold
    /// is longer. None beside a transition.
    fn around(zone: &TimeZone, at: Timestamp) -> Option<Self> {
        let offset = zone.to_offset(at);
        let civil = |transition: TimeZoneTransition<'_>| offset.to_datetime(transition.timestamp());
        // A transition at the instant itself is one before it.
        let later = at.checked_add(SignedDuration::from_nanos(1)).ok()?;
        let before = zone.preceding(later).next().map(civil);
        let after = zone.following(at).next().map(civil);
        let from = before.map_or(Some(DateTime::MIN), |it| it.checked_add(1.day()).ok())?;
        let to = after.map_or(Some(DateTime::MAX), |it| it.checked_sub(1.day()).ok())?;
        (from < to).then_some(Self { from, to, offset })
    }

    fn covers(&self, at: DateTime) -> bool {
        self.from <= at && at < self.to
    }
}

impl Clock {
    fn new(zone: &str, from: Timestamp, to: Timestamp) -> Result<Self, CalendarError> {
        let zone = TimeZone::get(zone).map_err(|_| CalendarError::UnknownZone(zone.to_owned()))?;
        Ok(Self {
            zone,
            from: from.as_microsecond(),
            to: to.as_microsecond(),
            steady: Cell::new(None),
        })
    }

    /// In a gap the later instant, in a fold the earlier.
    fn microsecond(&self, at: DateTime) -> Result<i64, CalendarError> {
        let out_of_range = |_| CalendarError::OutOfRange(at.to_string());
        if let Some(steady) = self.steady.get().filter(|it| it.covers(at)) {
            let instant = steady.offset.to_timestamp(at).map_err(out_of_range)?;
            return Ok(instant.as_microsecond());
        }
        let instant = self.zone.to_ambiguous_timestamp(at).compatible();
        let instant = instant.map_err(out_of_range)?;
        self.steady.set(Steady::around(&self.zone, instant));
        Ok(instant.as_microsecond())
    }

    /// The first day that can matter: hours that run overnight begin the day before.
    fn first_day(&self, origin: Timestamp) -> Date {
        let day = origin.to_zoned(self.zone.clone()).date();
        day.yesterday().unwrap_or(day)
    }

    /// [open, close) of `hours` on `day`.
    fn hours(&self, day: Date, hours: HoursRange) -> Result<(i64, i64), CalendarError> {
        let closing = if hours.to > hours.from {
            day
        } else {
            next(day)?
        };
        Ok((
            self.microsecond(at(day, hours.from)?)?,
            self.microsecond(at(closing, hours.to)?)?,
        ))
    }

    /// The open hours of the days that `open` accepts, from the first that can matter.
    fn days(
        &self,
        origin: Timestamp,
        hours: HoursRange,
        open: impl Fn(Date) -> bool,
    ) -> Result<Vec<(i64, i64)>, CalendarError> {
        let mut intervals = Vec::new();
        let mut day = self.first_day(origin);
        loop {
            let (opens, closes) = self.hours(day, hours)?;
            if opens >= self.to {
                return Ok(intervals);
            }
            if open(day) {
                intervals.push((opens, closes));
            }
            day = next(day)?;
        }
    }

    /// Cut to [from, to) and counted from `from`.
    fn relative(&self, intervals: Vec<(i64, i64)>) -> Intervals {
        let cut = |at: i64| at.clamp(self.from, self.to) - self.from;
        Intervals::new(
            intervals
                .into_iter()
                .map(|(open, close)| (cut(open), cut(close)))
                .collect(),
        )
    }
}

/// A time of day; 1440 minutes is the following midnight.
fn at(day: Date, minutes: CivilTime) -> Result<DateTime, CalendarError> {
    if minutes >= 1440 {
        return Ok(next(day)?.to_datetime(Time::midnight()));
    }
    let out_of_range = |_| CalendarError::OutOfRange(format!("{day} + {minutes} min"));
    let hour = i8::try_from(minutes / 60).unwrap_or(i8::MAX);
    let minute = i8::try_from(minutes % 60).unwrap_or(i8::MAX);
    let time = Time::new(hour, minute, 0, 0).map_err(out_of_range)?;
    Ok(day.to_datetime(time))
}

fn next(day: Date) -> Result<Date, CalendarError> {
    day.tomorrow()
        .map_err(|_| CalendarError::OutOfRange(day.to_string()))
}

fn weekday(day: Date) -> Weekday {
    match day.weekday() {
        jiff::civil::Weekday::Monday => Weekday::Mon,
        jiff::civil::Weekday::Tuesday => Weekday::Tue,
        jiff::civil::Weekday::Wednesday => Weekday::Wed,
        jiff::civil::Weekday::Thursday => Weekday::Thu,
        jiff::civil::Weekday::Friday => Weekday::Fri,
        jiff::civil::Weekday::Saturday => Weekday::Sat,
        jiff::civil::Weekday::Sunday => Weekday::Sun,
    }
}

impl Calendar {
    /// Working hours between two instants, in microseconds since `from`. A holiday closes the
    /// shift that begins on it.
    ///
    /// # Errors
    /// When the zone is unknown or a date leaves the range of dates.
    pub fn intervals(&self, from: Timestamp, to: Timestamp) -> Result<Intervals, CalendarError> {
        let clock = Clock::new(&self.zone, from, to)?;
        let open = |day| self.days.contains(&weekday(day)) && !self.holidays.contains(&day);
        Ok(clock.relative(clock.days(from, self.hours, open)?))
    }
}

impl Window {
    /// When it is open between two instants, in microseconds since `from`.
    ///
    /// # Errors
    /// When the zone is unknown or a date leaves the range of dates.
    pub fn intervals(&self, from: Timestamp, to: Timestamp) -> Result<Intervals, CalendarError> {
        let clock = Clock::new(&self.zone, from, to)?;
        let intervals = match &self.span {
            WindowSpan::Once { from, to } => {
                vec![(clock.microsecond(*from)?, clock.microsecond(*to)?)]
            }
            WindowSpan::Weekly { days, hours } => {
                clock.days(from, *hours, |day| days.contains(&weekday(day)))?
            }
        };
        Ok(clock.relative(intervals))
    }
}

impl Freeze {
    /// When it holds between two instants, in microseconds since `from`: from the first midnight
    /// to the end of the last day.
    ///
    /// # Errors
    /// When the zone is unknown or a date leaves the range of dates.
    pub fn intervals(&self, from: Timestamp, to: Timestamp) -> Result<Intervals, CalendarError> {
        let clock = Clock::new(&self.zone, from, to)?;
        let whole = (
            clock.microsecond(at(self.from, 0)?)?,
            clock.microsecond(at(self.to, 1440)?)?,
        );
        Ok(clock.relative(vec![whole]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days without a transition, with one to and from summer time, and the day that Samoa left out
    /// at the end of 2011, by the half hour: what is kept of a zone is what the zone says.
    #[test]
    fn steady_times_are_the_zones() {
        for (zone, from, days) in [
            ("Europe/Berlin", jiff::civil::date(2027, 1, 1), 730),
            ("America/New_York", jiff::civil::date(2040, 2, 1), 400),
            ("Australia/Lord_Howe", jiff::civil::date(2027, 1, 1), 400),
            ("Pacific/Apia", jiff::civil::date(2011, 9, 1), 200),
            ("Africa/Casablanca", jiff::civil::date(2027, 1, 1), 400),
            ("UTC", jiff::civil::date(2027, 1, 1), 10),
        ] {
            let clock = Clock::new(zone, Timestamp::MIN, Timestamp::MAX).unwrap();
            let mut kept = 0;
            // From the first to the last and back: transitions are met from either side.
            for half_hour in (0..48 * days).chain((0..48 * days).rev()) {
                let passed = (30 * half_hour).minutes();
                let at = from.at(0, 0, 0, 0).checked_add(passed).unwrap();
                kept += i32::from(clock.steady.get().is_some_and(|it| it.covers(at)));
                let known = clock.zone.to_ambiguous_timestamp(at).compatible().unwrap();
                assert_eq!(
                    clock.microsecond(at).unwrap(),
                    known.as_microsecond(),
                    "{zone} {at}"
                );
            }
            assert!(kept > 48 * days, "{zone}: {kept}");
        }
    }

    #[test]
    fn the_last_days_there_are_have_their_times() {
        let clock = Clock::new("Asia/Tokyo", Timestamp::MIN, Timestamp::MAX).unwrap();
        for at in [DateTime::MAX, DateTime::MIN] {
            let known = clock.zone.to_ambiguous_timestamp(at).compatible();
            let known = known.ok().map(Timestamp::as_microsecond);
            for _ in 0..2 {
                assert_eq!(clock.microsecond(at).ok(), known, "{at}");
            }
        }
    }
}
