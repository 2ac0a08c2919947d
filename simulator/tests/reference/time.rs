//! Civil time as plain lists of open spans, in microseconds since the start of the migration.
//! Written for itself: it shares no code with the calendars of the plan.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use whimbrel_plan::{Calendar, CivilTime, Freeze, HoursRange, Weekday, Window, WindowSpan};

/// How far the spans reach; the random plans end long before.
const DAYS: i32 = 3 * 366;

/// Open spans [open, close), ascending and apart; none is always open.
#[derive(Clone, Debug)]
pub struct Open(pub Option<Vec<(i64, i64)>>);

impl Open {
    pub const ALWAYS: Self = Self(None);

    pub fn at(&self, now: i64) -> bool {
        self.span(now).is_some()
    }

    /// The span that is open now.
    pub fn span(&self, now: i64) -> Option<(i64, i64)> {
        match &self.0 {
            None => Some((i64::MIN, i64::MAX)),
            Some(spans) => spans
                .iter()
                .copied()
                .find(|&(open, close)| open <= now && now < close),
        }
    }

    /// When so much open time has passed since `from`.
    pub fn advance(&self, from: i64, mut work: i64) -> i64 {
        let Some(spans) = &self.0 else {
            return from + work;
        };
        if work == 0 {
            return from;
        }
        for &(open, close) in spans {
            let begin = open.max(from);
            if begin >= close {
                continue;
            }
            if work <= close - begin {
                return begin + work;
            }
            work -= close - begin;
        }
        panic!("a random plan ran past its calendars");
    }

    /// Open time between two instants.
    pub fn between(&self, from: i64, to: i64) -> i64 {
        match &self.0 {
            None => to - from,
            Some(spans) => spans
                .iter()
                .map(|&(open, close)| (close.min(to) - open.max(from)).max(0))
                .sum(),
        }
    }

    /// Open when either is.
    pub fn or(&self, other: &Self) -> Self {
        let (Some(left), Some(right)) = (&self.0, &other.0) else {
            return Self::ALWAYS;
        };
        let mut all: Vec<(i64, i64)> = left.iter().chain(right).copied().collect();
        all.sort_unstable();
        let mut either: Vec<(i64, i64)> = vec![];
        for (open, close) in all {
            match either.last_mut() {
                Some(last) if open <= last.1 => last.1 = last.1.max(close),
                _ => either.push((open, close)),
            }
        }
        Self(Some(either))
    }

    /// Open when both are.
    pub fn and(&self, other: &Self) -> Self {
        match (&self.0, &other.0) {
            (None, _) => other.clone(),
            (_, None) => self.clone(),
            (Some(left), Some(right)) => {
                let mut both = vec![];
                for &(open, close) in left {
                    for &(begin, end) in right {
                        if open.max(begin) < close.min(end) {
                            both.push((open.max(begin), close.min(end)));
                        }
                        if begin >= close {
                            break;
                        }
                    }
                }
                Self(Some(both))
            }
        }
    }
}

/// In a gap the later instant, in a fold the earlier.
fn instant(zone: &TimeZone, day: Date, minutes: CivilTime) -> i64 {
    let day = if minutes >= 1440 {
        day.tomorrow().unwrap()
    } else {
        day
    };
    let minutes = minutes % 1440;
    let time = Time::new((minutes / 60) as i8, (minutes % 60) as i8, 0, 0).unwrap();
    let civil = day.to_datetime(time);
    let instant = zone.to_ambiguous_zoned(civil).compatible().unwrap();
    instant.timestamp().as_microsecond()
}

fn is(day: Date, weekday: Weekday) -> bool {
    let name = format!("{:?}", day.weekday());
    name.starts_with(&format!("{weekday:?}"))
}

fn weekly(
    zone: &str,
    start: Timestamp,
    hours: HoursRange,
    works: impl Fn(Date) -> bool,
) -> Vec<(i64, i64)> {
    let zone = TimeZone::get(zone).unwrap();
    let origin = start.as_microsecond();
    let first = start.to_zoned(zone.clone()).date() - 2.days();
    let mut spans: Vec<(i64, i64)> = vec![];
    for number in 0..DAYS {
        let day = first + number.days();
        if !works(day) {
            continue;
        }
        let last = if hours.to > hours.from {
            day
        } else {
            day.tomorrow().unwrap()
        };
        let open = instant(&zone, day, hours.from) - origin;
        let close = instant(&zone, last, hours.to) - origin;
        match spans.last_mut() {
            Some(before) if open <= before.1 => before.1 = before.1.max(close),
            _ => spans.push((open, close)),
        }
    }
    spans
}

pub fn calendar(calendar: &Calendar, start: Timestamp) -> Open {
    let works = |day: Date| {
        calendar.days.iter().any(|&open| is(day, open)) && !calendar.holidays.contains(&day)
    };
    Open(Some(weekly(&calendar.zone, start, calendar.hours, works)))
}

/// Whether a calendar is open in a minute of the week that begins on Monday in UTC, by the offset
/// its zone has at the start.
pub fn is_open_in_week(calendar: &Calendar, start: Timestamp, minute: i64) -> bool {
    let zone = TimeZone::get(&calendar.zone).unwrap();
    let offset = i64::from(start.to_zoned(zone).offset().seconds()) / 60;
    let local = (minute + offset).rem_euclid(7 * 1440);
    let (day, time) = (local / 1440, (local % 1440) as u16);
    let works = |day: i64| calendar.days.iter().any(|open| *open as i64 == day);
    let hours = calendar.hours;
    if hours.to > hours.from {
        return works(day) && hours.from <= time && time < hours.to;
    }
    let yesterday = (day + 6) % 7;
    works(day) && hours.from <= time || works(yesterday) && time < hours.to
}

pub fn window(window: &Window, start: Timestamp) -> Open {
    match &window.span {
        WindowSpan::Weekly { days, hours } => {
            let works = |day: Date| days.iter().any(|&open| is(day, open));
            Open(Some(weekly(&window.zone, start, *hours, works)))
        }
        WindowSpan::Once { from, to } => {
            let zone = TimeZone::get(&window.zone).unwrap();
            let at = |civil: jiff::civil::DateTime| {
                let zoned = zone.to_ambiguous_zoned(civil).compatible().unwrap();
                zoned.timestamp().as_microsecond() - start.as_microsecond()
            };
            Open(Some(vec![(at(*from), at(*to))]))
        }
    }
}

/// From the first midnight to the one that ends the last day.
pub fn freeze(freeze: &Freeze, start: Timestamp) -> (i64, i64) {
    let zone = TimeZone::get(&freeze.zone).unwrap();
    let origin = start.as_microsecond();
    (
        instant(&zone, freeze.from, 0) - origin,
        instant(&zone, freeze.to, 1440) - origin,
    )
}
