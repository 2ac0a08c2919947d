//! Figures of two plans and their differences, as people and programs read them.

use whimbrel_simulator::{Measured, PairedFigure};

use super::number::{self, DAY, TimeUnit};

/// What people call the figure of that name.
pub fn label(name: &str) -> &str {
    match name {
        "finish.p80" => "P80 finish",
        "finish.mean" => "mean finish",
        "cost.p80" => "P80 cost",
        "cost.mean" => "mean cost",
        "effort_hours.mean" => "mean effort",
        "blast_radius.services.mean" => "mean blast radius, services",
        "blast_radius.request_share.mean" => "mean blast radius, share of requests",
        "incident_probability" => "chance of an incident",
        "deadline_probability" => "chance to meet the deadline",
        "budget_probability" => "chance to stay within the budget",
        other => other,
    }
}

/// Whether less of it is better: of all but the chances to keep a promise.
pub fn is_less_better(name: &str) -> bool {
    !matches!(name, "deadline_probability" | "budget_probability")
}

/// What programs call the unit.
pub fn unit(of: Measured) -> &'static str {
    match of {
        Measured::Finish => "days",
        Measured::Money => "money",
        Measured::Services => "services",
        Measured::Share | Measured::Chance => "share",
        Measured::Hours => "person_hours",
    }
}

/// A value that lies in `interval`; the same as all trials have where that has no width.
pub fn value(of: Measured, value: f64, interval: Option<[f64; 2]>, currency: &str) -> String {
    let error = number::half_width(interval);
    match of {
        Measured::Finish => number::span(value * DAY, error * DAY),
        Measured::Money => number::money(value, error, currency),
        Measured::Services => number::tally(value, error),
        Measured::Share => number::percent(value, error),
        Measured::Chance => number::likelihood(value, interval),
        Measured::Hours => hours(value, error),
    }
}

fn hours(value: f64, error: f64) -> String {
    format!("{} person-hours", number::number(value, error, 1.0))
}

/// A difference in words, each with its sign; spans in the unit that suits the longest of them.
pub struct Apart {
    /// By how much it is more.
    pub difference: String,
    /// Between which values that lies; none where it is not known, or where all pairs differ by the same.
    pub interval: Option<String>,
}

impl Apart {
    /// Of a figure; none where one side has no such figure.
    pub fn of(figure: &PairedFigure, currency: &str) -> Option<Self> {
        let difference = figure.difference?;
        let error = precision(figure);
        let all = figure.interval.into_iter().flatten().chain([difference]);
        let longest = all.map(f64::abs).fold(0.0, f64::max);
        let say = |apart: f64| {
            let text = match figure.of {
                Measured::Finish => {
                    let unit = TimeUnit::of(longest * DAY);
                    unit.text(apart * DAY, error * DAY)
                }
                Measured::Money => number::money(apart, error, currency),
                // Not rounded to whole ones: it is a difference of means.
                Measured::Services if apart.fract() != 0.0 => number::number(apart, error, 1e-6),
                Measured::Services => number::tally(apart, error),
                Measured::Share | Measured::Chance => number::points(apart, error),
                Measured::Hours => hours(apart, error),
            };
            number::signed(text, apart)
        };
        Some(Self {
            difference: say(difference),
            interval: figure
                .interval
                .filter(|_| !figure.constant)
                .map(|ends| between(&ends.map(say))),
        })
    }
}

/// `-141.9 to -140.1 days`: a unit that both ends have is said once.
fn between([low, high]: &[String; 2]) -> String {
    match (low.rsplit_once(' '), high.rsplit_once(' ')) {
        (Some((low, unit)), Some((_, same))) if unit == same => format!("{low} to {high}"),
        _ => format!("{low} to {high}"),
    }
}

/// The error that digits are cut by. One that is real does not end at what reads as zero.
fn precision(figure: &PairedFigure) -> f64 {
    let half = number::half_width(figure.interval);
    match figure.interval {
        Some([low, high]) if figure.is_real() => half.min(low.abs()).min(high.abs()),
        _ => half,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(of: Measured, difference: f64, interval: [f64; 2]) -> String {
        let figure = PairedFigure {
            name: "",
            of,
            before: Some(0.0),
            after: Some(difference),
            sides: [None; 2],
            difference: Some(difference),
            interval: Some(interval),
            freedom: 19,
            constant: interval[0] == interval[1],
            counts: None,
            comparable: true,
        };
        let apart = Apart::of(&figure, "USD").unwrap();
        format!("{}, {}", apart.difference, apart.interval.unwrap())
    }

    #[test]
    fn a_difference_has_one_unit_and_one_precision() {
        let days = |difference, interval| told(Measured::Finish, difference, interval);
        assert_eq!(
            days(-12.34, [-13.0, -11.7]),
            "-12.3 days, -13.0 to -11.7 days"
        );
        assert_eq!(days(1.52, [1.0, 2.04]), "+1.5 days, +1.0 day to +2.0 days");
        // Half a day beside an interval of up to 1.4 days: hours.
        assert_eq!(days(0.5, [-0.4, 1.4]), "+10 h, -10 to +30 h");
    }

    #[test]
    fn what_is_real_does_not_read_as_if_it_could_be_zero() {
        let services = |difference, interval| told(Measured::Services, difference, interval);
        assert_eq!(services(0.03, [0.002, 0.058]), "+0.030, +0.002 to +0.058");
        assert_eq!(services(0.03, [-0.002, 0.062]), "+0.03, 0.00 to +0.06");
        assert_eq!(services(2.0, [1.6, 2.4]), "+2, +1.6 to +2.4");
    }

    #[test]
    fn chances_differ_by_points_not_by_per_cent() {
        assert_eq!(
            told(Measured::Chance, -0.553, [-0.576, -0.53]),
            "-55 points, -58 to -53 points"
        );
    }
}
