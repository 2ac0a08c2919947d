use jiff::Timestamp;
use jiff::civil::date;

use super::{Calendar, CalendarError, Freeze, HoursRange, Weekday, Window, WindowSpan, instant};

const NEW_YORK: &str = "America/New_York";
const HOUR: i64 = 3_600_000_000;
const WEEK: [Weekday; 7] = [
    Weekday::Mon,
    Weekday::Tue,
    Weekday::Wed,
    Weekday::Thu,
    Weekday::Fri,
    Weekday::Sat,
    Weekday::Sun,
];

fn midnight(month: i8, day: i8) -> Timestamp {
    instant(NEW_YORK, date(2027, month, day).at(0, 0, 0, 0)).unwrap()
}

fn hours(from: u16, to: u16) -> HoursRange {
    HoursRange {
        from: from * 60,
        to: to * 60,
    }
}

/// Open hours since midnight of 2027-`from` until midnight of 2027-`to`.
fn open(days: &[Weekday], range: HoursRange, from: (i8, i8), to: (i8, i8)) -> Vec<(i64, i64)> {
    let calendar = Calendar {
        name: "c".to_owned(),
        zone: NEW_YORK.to_owned(),
        days: days.to_vec(),
        hours: range,
        holidays: vec![date(2027, 3, 12)],
    };
    let intervals = calendar
        .intervals(midnight(from.0, from.1), midnight(to.0, to.1))
        .unwrap();
    let in_hours = |&(open, close): &(i64, i64)| (open / HOUR, close / HOUR);
    intervals.as_slice().iter().map(in_hours).collect()
}

/// Friday 2027-03-12 is a holiday, clocks go forward on Sunday the 14th at 2:00: that day has 23
/// hours, so Monday 9:00 is 24 + 24 + 23 + 9 = 80 hours after Friday 0:00.
#[test]
fn a_weekend_with_a_spring_change() {
    let days = &WEEK[..5];
    assert_eq!(open(days, hours(9, 17), (3, 12), (3, 16)), [(80, 88)]);
}

/// Clocks go back on Sunday 2027-11-07 at 2:00, a day of 25 hours: Friday 9–17, and Monday 9:00
/// is 24 + 24 + 25 + 9 = 82 hours after Friday 0:00.
#[test]
fn a_weekend_with_an_autumn_change() {
    let days = &WEEK[..5];
    assert_eq!(
        open(days, hours(9, 17), (11, 5), (11, 9)),
        [(9, 17), (82, 90)]
    );
}

/// Hours 22–6 from Saturday evening: seven hours of the night of the 14th exist, nine of the
/// night of November 7th.
#[test]
fn nights_shrink_and_grow() {
    let saturday = &WEEK[5..6];
    assert_eq!(open(saturday, hours(22, 6), (3, 13), (3, 16)), [(22, 29)]);
    assert_eq!(open(saturday, hours(22, 6), (11, 6), (11, 9)), [(22, 31)]);
}

/// 2:30 does not exist on the 14th of March: the later instant is 3:30 daylight time: the
/// clock read 2:00 two hours after midnight, and 3:30 comes half an hour after that. 1:30 happens
/// twice on November 7th: the earlier is one and a half hours after midnight.
#[test]
fn gaps_take_the_later_and_folds_the_earlier_instant() {
    let minutes = |month, day, hour| {
        let at = instant(NEW_YORK, date(2027, month, day).at(hour, 30, 0, 0)).unwrap();
        at.duration_since(midnight(month, day)).as_mins()
    };
    assert_eq!(minutes(3, 14, 2), 150);
    assert_eq!(minutes(11, 7, 1), 90);
}

#[test]
fn hours_that_touch_are_one_interval() {
    // Around the clock through the 23-hour day: 23 + 24 hours from Sunday to Tuesday.
    assert_eq!(open(&WEEK, hours(0, 24), (3, 14), (3, 16)), [(0, 47)]);
    // 6:00 to 6:00 the next day, cut at both ends.
    assert_eq!(open(&WEEK, hours(6, 6), (3, 14), (3, 16)), [(0, 47)]);
}

#[test]
fn a_shift_that_began_the_day_before_is_open_at_the_origin() {
    let friday = &WEEK[4..5];
    // The night from Friday 2027-03-19 to Saturday, seen from Saturday's midnight.
    assert_eq!(open(friday, hours(22, 6), (3, 20), (3, 22)), [(0, 6)]);
    // A holiday closes the shift that begins on it (Friday 2027-03-12).
    assert_eq!(open(friday, hours(22, 6), (3, 12), (3, 15)), []);
}

#[test]
fn a_weekly_window_merges_neighbouring_days() {
    let window = Window {
        name: "w".to_owned(),
        zone: NEW_YORK.to_owned(),
        span: WindowSpan::Weekly {
            days: WEEK[5..].to_vec(),
            hours: hours(0, 24),
        },
    };
    let intervals = window.intervals(midnight(3, 12), midnight(3, 22)).unwrap();
    // Saturday 0:00 is 24 hours in; that weekend has 47 hours, the next 48, starting at 24 + 47 +
    // 5 · 24 = 191.
    assert_eq!(
        intervals.as_slice(),
        [(24 * HOUR, 71 * HOUR), (191 * HOUR, 239 * HOUR)]
    );
}

#[test]
fn a_window_once_is_cut_to_what_is_asked() {
    let window = Window {
        name: "w".to_owned(),
        zone: NEW_YORK.to_owned(),
        span: WindowSpan::Once {
            from: date(2027, 3, 5).at(22, 0, 0, 0),
            to: date(2027, 3, 7).at(22, 0, 0, 0),
        },
    };
    let intervals = window.intervals(midnight(3, 6), midnight(3, 22)).unwrap();
    assert_eq!(intervals.as_slice(), [(0, 46 * HOUR)]);
}

#[test]
fn a_freeze_ends_with_its_last_day() {
    let freeze = Freeze {
        name: "f".to_owned(),
        zone: NEW_YORK.to_owned(),
        from: date(2027, 3, 13),
        to: date(2027, 3, 14),
        blocks: vec![],
    };
    let intervals = freeze.intervals(midnight(3, 12), midnight(3, 22)).unwrap();
    assert_eq!(intervals.as_slice(), [(24 * HOUR, 71 * HOUR)]);
}

#[test]
fn an_unknown_zone_is_an_error() {
    assert_eq!(
        instant("Mars/Olympus", date(2027, 1, 1).at(0, 0, 0, 0)),
        Err(CalendarError::UnknownZone("Mars/Olympus".to_owned()))
    );
}
