//! Civil time to intervals of instants.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::{Calendar, CalendarError, CivilTime, Freeze, HoursRange, Intervals, Weekday};
use super::{Window, WindowSpan};

/// Instants of civil times in one zone, in microseconds since an origin.
struct Clock {
    zone: TimeZone,
    from: i64,
    to: i64,
}

impl Clock {
    fn new(zone: &str, from: Timestamp, to: Timestamp) -> Result<Self, CalendarError> {
        let zone = TimeZone::get(zone).map_err(|_| CalendarError::UnknownZone(zone.to_owned()))?;
        Ok(Self {
            zone,
            from: from.as_microsecond(),
            to: to.as_microsecond(),
        })
    }

    /// In a gap the later instant, in a fold the earlier.
    fn microsecond(&self, at: DateTime) -> Result<i64, CalendarError> {
        let instant = self.zone.to_ambiguous_timestamp(at).compatible();
        let instant = instant.map_err(|_| CalendarError::OutOfRange(at.to_string()))?;
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
