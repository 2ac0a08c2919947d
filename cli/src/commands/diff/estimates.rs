//! `--simulate`: what the change does to dates, cost and risk, on common random numbers.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use whimbrel_plan::Plan;
use whimbrel_simulator::{Measured, Paired, PairedFigure, Settings, Which};

use super::said::{Line, Mood, Section, Sign};
use super::sides::Compiled;
use crate::commands::simulate::refused;
use crate::console::Console;
use crate::error::{CliError, NO_PLAN};
use crate::options::SimulationOptions;
use crate::render::number;
use crate::render::paired::{self, Apart};
use crate::watched::watched;

/// What both plans come to.
pub struct Estimates<'a> {
    paired: Paired,
    settings: Settings,
    before: &'a Plan,
    after: &'a Plan,
}

/// Runs the trials of both sides.
///
/// # Errors
/// When one of them cannot be simulated.
pub fn estimate<'a>(
    sides: [&'a Compiled; 2],
    options: &SimulationOptions,
    progress: bool,
    console: &Console,
) -> Result<Estimates<'a>, CliError> {
    let [before, after] = sides.map(runnable);
    let (before, after) = (before?, after?);
    let settings = options.settings();
    let paired = watched(progress, console, |watch| {
        whimbrel_simulator::paired(before, after, &settings, Some(watch))
    });
    let paired = paired.map_err(|(which, error)| {
        let mut told = refused(&error);
        let side = which.map(|which| match which {
            Which::Before => &sides[0].shown,
            Which::After => &sides[1].shown,
        });
        if let Some(side) = side {
            told.message = format!("`{side}`: {}", told.message);
        }
        told
    })?;
    Ok(Estimates {
        paired,
        settings,
        before,
        after,
    })
}

fn runnable(side: &Compiled) -> Result<&Plan, CliError> {
    let plan = side.compilation.plan.as_ref();
    plan.filter(|_| side.compilation.is_runnable())
        .ok_or_else(|| {
            let shown = &side.shown;
            let message =
                format!("`{shown}` does not say clearly enough what is to happen to be simulated");
            CliError::finding(NO_PLAN.number, message).help(
                "mend the errors of its syntax, names and types, which `whimbrel check` shows",
            )
        })
}

impl Estimates<'_> {
    /// The figures, each with its interval.
    pub fn section(&self) -> Section {
        let mut lines: Vec<Line> = self
            .paired
            .figures
            .iter()
            .filter(|figure| figure.before.is_some() || figure.after.is_some())
            .map(|figure| self.line(figure))
            .collect();
        lines.extend(self.unfinished());
        Section {
            heading: "Estimates",
            lines,
        }
    }

    /// How many trials never finish, where any does.
    fn unfinished(&self) -> Option<Line> {
        let [was, is] = self.paired.unfinished;
        let [was_interval, is_interval] = self.paired.unfinished_interval;
        let text = format!(
            "trials that never finish: {} → {}; means are over those that finish on both sides",
            number::likelihood(was, was_interval),
            number::likelihood(is, is_interval)
        );
        let line = Line::new(Sign::Tilde).mood(Mood::Warning).text(text);
        (was > 0.0 || is > 0.0).then_some(line)
    }

    /// The figures that a reader must see first, where they differ for certain.
    pub fn headline(&self) -> Vec<Line> {
        let first = ["finish.p80", "cost.p80", "deadline_probability"];
        let told = self.paired.figures.iter();
        let told = told.filter(|figure| first.contains(&figure.name) && figure.is_real());
        let lines = self.unfinished().into_iter();
        lines.chain(told.map(|figure| self.line(figure))).collect()
    }

    fn line(&self, figure: &PairedFigure) -> Line {
        let difference = figure.difference.unwrap_or_default();
        let worse = (difference > 0.0) == paired::is_less_better(figure.name);
        let mood = match (figure.is_real(), worse) {
            (false, _) => Mood::Plain,
            (true, true) => Mood::Warning,
            (true, false) => Mood::Good,
        };
        let [was, is] = figure.sides;
        let [was_at_least, is_at_least] = match figure.of {
            Measured::Money => self.paired.at_least,
            Measured::Hours => self.paired.effort_at_least,
            _ => [false; 2],
        };
        let missing = if figure.of == Measured::Finish {
            "never"
        } else {
            "unknown"
        };
        let side = |value: Option<f64>, interval, plan: &Plan, at_least| {
            let Some(value) = value else {
                return missing.to_owned();
            };
            let told = self.value(figure.of, value, interval, plan);
            if at_least {
                format!("at least {told}")
            } else {
                told
            }
        };
        let (was, is) = (
            side(figure.before, was, self.before, was_at_least),
            side(figure.after, is, self.after, is_at_least),
        );
        let line = Line::new(Sign::Tilde).mood(mood);
        line.text(format!(
            "{}: {was} → {is}, {}",
            paired::label(figure.name),
            self.judged(figure)
        ))
    }

    /// The difference with its interval, and whether it is one.
    fn judged(&self, figure: &PairedFigure) -> String {
        let Some(apart) = Apart::of(figure, &self.after.migration.currency) else {
            return "not defined on both sides".to_owned();
        };
        let told = apart.difference;
        if !figure.comparable {
            return format!("{told} of what is known, which is not the same on both sides");
        }
        if figure.is_nothing() {
            return "no difference".to_owned();
        }
        if figure.constant {
            return format!("{told} in every trial");
        }
        let Some(interval) = apart.interval else {
            return format!("{told}; too few trials to say whether that is chance");
        };
        let verdict = if figure.is_real() {
            "real"
        } else {
            "may be chance"
        };
        format!("{told} ({interval}): {verdict}")
    }

    fn value(&self, of: Measured, value: f64, interval: Option<[f64; 2]>, plan: &Plan) -> String {
        match of {
            Measured::Finish => {
                let zone = plan.migration.time_zone();
                number::end_date(self.instant(value), plan.migration.start, &zone)
            }
            of => paired::value(of, value, interval, &plan.migration.currency),
        }
    }

    /// The instant so many days after the start of the plan that was.
    fn instant(&self, days: f64) -> Timestamp {
        let since = SignedDuration::try_from_secs_f64(days * number::DAY);
        let start = self.before.migration.start;
        let since = since.unwrap_or(SignedDuration::ZERO);
        start.checked_add(since).unwrap_or(Timestamp::MAX)
    }

    /// The rows of the document. Days count from the start of the plan that was.
    pub fn document(&self) -> Value {
        let figures = self.paired.figures.iter().map(|figure| {
            json!({
                "name": figure.name,
                "unit": paired::unit(figure.of),
                "before": figure.before,
                "after": figure.after,
                "before_interval": figure.sides[0],
                "after_interval": figure.sides[1],
                "difference": figure.difference,
                "interval": figure.interval,
                "comparable": figure.comparable,
                "real": figure.is_real(),
            })
        });
        json!({
            "trials": self.settings.trials,
            "seed": self.settings.seed,
            "start": self.before.migration.start,
            "unfinished": self.paired.unfinished,
            "unfinished_interval": self.paired.unfinished_interval,
            "figures": figures.collect::<Vec<_>>(),
        })
    }
}
