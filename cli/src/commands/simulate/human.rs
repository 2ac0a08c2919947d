//! The estimates as people read them: dates beside durations, each number with its unit and no
//! more digits than its error supports.

mod chances;
mod ending;

use std::fmt::Write as _;

pub use ending::unconverged;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use whimbrel_plan::{DriverEffect, Plan};
use whimbrel_simulator::{DriverEstimates, Estimates, Summary};

use crate::console::{Paint, Tone};
use crate::render::chart;
use crate::render::number::{self, DAY, TimeUnit, half_width, precision};
use crate::render::table::{Align, Table, wrap};

/// What is shown, and how.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    /// The plan simulated.
    pub plan: &'a Plan,
    /// Its estimates.
    pub estimates: &'a Estimates,
    /// Columns of text.
    pub width: usize,
    /// Colours.
    pub paint: Paint,
    /// Whether charts are drawn.
    pub charts: bool,
}

/// Rows of the histogram and the curve.
const CHART_HEIGHT: usize = 6;

/// Cells of the longest bar.
const BAR_WIDTH: usize = 24;

/// How many drivers are shown.
const DRIVERS: usize = 3;

/// From which rank correlation on an input tells something of the cost.
const TELLING: f64 = 0.1;

/// A quantile: its name, its value, and its 95 % interval where the contract has one.
type Quantile = (&'static str, Option<f64>, Option<[f64; 2]>);

fn quantiles(summary: &Summary) -> [Quantile; 4] {
    let error = &summary.error;
    [
        ("P50", summary.p50, error.p50),
        ("P80", summary.p80, error.p80),
        ("P90", summary.p90, None),
        ("P95", summary.p95, error.p95),
    ]
}

impl Page<'_> {
    /// The whole page.
    pub fn render(self) -> String {
        [
            self.title(),
            self.finish(),
            self.chart(),
            self.cost(),
            chances::section(self),
            self.blast(),
            self.batches(),
            self.drivers(),
            self.unknown(),
        ]
        .into_iter()
        .filter(|section| !section.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
    }

    fn zone(self) -> TimeZone {
        self.plan.migration.time_zone()
    }

    /// When the plan starts.
    fn start(self) -> String {
        let shown = if self.unit().is_days() {
            number::date
        } else {
            number::moment
        };
        shown(self.plan.migration.start, &self.zone())
    }

    /// When something ends.
    fn end(self, at: Option<Timestamp>) -> String {
        let shown = if self.unit().is_days() {
            number::end_date
        } else {
            number::end_moment
        };
        at.map_or_else(
            || "never".to_owned(),
            |at| shown(at, self.plan.migration.start, &self.zone()),
        )
    }

    /// The unit that suits how long it takes.
    fn unit(self) -> TimeUnit {
        let days = &self.estimates.duration_days;
        let longest = days.p95.or(days.p90).or(days.p80).or(days.p50);
        TimeUnit::of(longest.unwrap_or(0.0) * DAY)
    }

    fn heading(self, text: &str) -> String {
        format!("{}\n", self.paint.tone(Tone::Heading, text))
    }

    fn money(self, value: f64, error: f64) -> String {
        number::money(value, error, &self.estimates.currency)
    }

    fn cost_heading(self) -> &'static str {
        if self.estimates.cost.at_least {
            "Cost relative to not migrating, at least: what is unknown is left out"
        } else {
            "Cost relative to not migrating"
        }
    }

    fn title(self) -> String {
        let name = self.paint.tone(Tone::Heading, &self.plan.title());
        let estimates = self.estimates;
        #[expect(clippy::cast_precision_loss, reason = "trials are far below 2^52")]
        let trials = number::number(estimates.trials as f64, 0.0, 1.0);
        let hash: String = estimates.plan_hash.chars().take(12).collect();
        let seed = estimates.seed;
        let noun = if estimates.trials == 1 {
            "trial"
        } else {
            "trials"
        };
        let title = format!("{name}: {trials} {noun}, seed {seed}, plan {hash}\n");
        title + &ending::sentences(estimates, self.paint)
    }

    fn finish(self) -> String {
        let (finish, days) = (&self.estimates.finish, &self.estimates.duration_days);
        let dates = [finish.p50, finish.p80, finish.p90, finish.p95];
        let mut table = Table::new(&[
            ("", Align::Left),
            ("date", Align::Left),
            ("duration", Align::Right),
            ("95 % interval", Align::Left),
        ]);
        let (unit, error) = (self.unit(), precision(days) * DAY);
        let text = |days: f64| unit.text(days * DAY, error);
        for (date, (name, value, interval)) in dates.into_iter().zip(quantiles(days)) {
            let duration = value.map_or_else(|| "–".to_owned(), text);
            let open = self.estimates.unfinished > 0.0 && value.is_some() && name != "P90";
            let none = || if open { "no upper end" } else { "" }.to_owned();
            let interval = interval.map_or_else(none, |[low, high]| {
                format!("{} to {}", unit.number(low * DAY, error), text(high))
            });
            table.row([name.to_owned(), self.end(date), duration, interval]);
        }
        let zone = &self.plan.migration.zone;
        let mut text = self.heading("Finish");
        text.push_str(&table.render(self.width, self.paint));
        let start = self.start();
        let _ = writeln!(text, "  from {start}, dates in {zone}");
        let percentile = number::chance(
            self.estimates.critical_path_percentile,
            self.estimates.error.critical_path_percentile,
        );
        let path = number::duration(self.plan.critical_path_duration);
        let mut drivers = self.plan.drivers.values();
        let drivers =
            drivers.any(|it| it.affects == DriverEffect::Duration && !it.steps.is_empty());
        let without = if drivers { ", without drivers," } else { "" };
        let said = format!(
            "the critical path at mean durations{without} is {path}; {percentile} of the trials take no \
             longer"
        );
        for line in wrap(&said, self.width.saturating_sub(2)) {
            let _ = writeln!(text, "  {line}");
        }
        text
    }

    fn chart(self) -> String {
        let histogram = &self.estimates.duration_days.histogram;
        if !self.charts || histogram.counts.len() < 2 || histogram.high <= histogram.low {
            return String::new();
        }
        let bins = histogram.counts.len();
        let left = chart::columns(&chart::heights(histogram), CHART_HEIGHT);
        let right = chart::columns(
            &chart::cumulative(histogram, self.estimates.trials),
            CHART_HEIGHT,
        );
        let mut text = String::new();
        let _ = writeln!(text, "  {:<bins$}          finished by then", "how often");
        for (row, (often, by_then)) in left.iter().zip(&right).enumerate() {
            let label = match row {
                0 => "100 %",
                row if row == CHART_HEIGHT / 2 => "50 %",
                _ => "",
            };
            let often = self.paint.tone(Tone::Bar, often);
            let by_then = self.paint.tone(Tone::Bar, by_then);
            let _ = writeln!(text, "  {often}   {label:>5} │{by_then}");
        }
        let axis = self.axis(bins);
        let _ = writeln!(text, "  {}         └{}", "─".repeat(bins), "─".repeat(bins));
        let _ = writeln!(text, "  {axis}          {axis}");
        text
    }

    /// The first and last day under a chart of `bins` columns.
    fn axis(self, bins: usize) -> String {
        let histogram = &self.estimates.duration_days.histogram;
        let unit = TimeUnit::of(histogram.high * DAY);
        let low = unit.number(histogram.low * DAY, 0.0);
        let high = unit.text(histogram.high * DAY, 0.0);
        let gap = bins.saturating_sub(low.len() + high.len()).max(1);
        format!("{low}{}{high}", " ".repeat(gap))
    }

    fn cost(self) -> String {
        if self.estimates.currency == whimbrel_plan::NO_CURRENCY {
            let mut text = self.heading("Cost");
            let _ = writeln!(text, "  {}", number::COST_UNKNOWN);
            self.effort(&mut text);
            return text;
        }
        let cost = &self.estimates.cost;
        let kinds = &cost.kinds;
        let mut rows = vec![
            ("dual running", &kinds.dual_running),
            ("engineering", &kinds.engineering),
            ("automation", &kinds.automation),
            ("bridges", &kinds.bridges),
            ("network", &kinds.network),
            ("licences", &kinds.licences),
            ("lost revenue", &kinds.lost_revenue),
        ];
        rows.retain(|(_, kind)| kind.mean.is_some_and(|mean| mean != 0.0));
        rows.push(("together", &cost.total));
        let mut table = Table::new(&[
            ("", Align::Left),
            ("mean", Align::Right),
            ("P50", Align::Right),
            ("P80", Align::Right),
            ("P95", Align::Right),
        ]);
        for (name, kind) in rows {
            let error = &kind.error;
            let precision = precision(kind);
            let shown = |value: Option<f64>, error: f64| {
                value.map_or_else(|| "–".to_owned(), |value| self.money(value, error))
            };
            table.row([
                name.to_owned(),
                shown(kind.mean, half_width(error.mean)),
                shown(kind.p50, precision),
                shown(kind.p80, precision),
                shown(kind.p95, precision),
            ]);
        }
        let mut text = self.heading(self.cost_heading());
        text.push_str(&table.render(self.width, self.paint));
        if let (Some(p80), Some([low, high])) = (cost.total.p80, cost.total.error.p80) {
            let error = precision(&cost.total);
            let p80 = self.money(p80, error);
            let (low, high) = (self.money(low, error), self.money(high, error));
            let _ = writeln!(text, "  P80 {p80}, between {low} and {high} at 95 %");
        }
        self.effort(&mut text);
        text
    }

    fn effort(self, text: &mut String) {
        let at_least = self.estimates.effort_hours.at_least;
        let effort = &self.estimates.effort_hours.total;
        let dual = &self.estimates.dual_running_days;
        let hours = effort.mean.map(|mean| {
            let hours = number::number(mean, half_width(effort.error.mean), 1.0);
            match (at_least, mean > 0.0) {
                (false, _) => format!("{hours} person-hours"),
                (true, true) => format!("at least {hours} person-hours"),
                (true, false) => "person-hours unknown".to_owned(),
            }
        });
        let wasted = &self.estimates.wasted_hours;
        let again = wasted.mean.filter(|mean| *mean > 0.0).map(|mean| {
            let hours = number::number(mean, half_width(wasted.error.mean), 0.1);
            format!("{hours} of them on work that is done again")
        });
        let days = dual.mean.map(|mean| {
            if mean == 0.0 {
                return "nothing runs twice".to_owned();
            }
            let span = number::span(mean * DAY, half_width(dual.error.mean) * DAY);
            format!("something runs twice for {span}")
        });
        let known: Vec<String> = hours.into_iter().chain(again).chain(days).collect();
        if !known.is_empty() {
            let _ = writeln!(text, "  {} in the mean", known.join(", "));
        }
    }

    fn blast(self) -> String {
        let blast = &self.estimates.blast_radius;
        let mut table = Table::new(&[
            ("", Align::Left),
            ("mean", Align::Right),
            ("P50", Align::Right),
            ("P95", Align::Right),
            ("P95 given an incident", Align::Right),
        ]);
        let whole = |value: Option<f64>, shown: &dyn Fn(f64, f64) -> String, error: f64| {
            value.map_or_else(|| "–".to_owned(), |value| shown(value, error))
        };
        let mut row = |name: &str,
                       all: &Summary,
                       given: Option<&Summary>,
                       shown: &dyn Fn(f64, f64) -> String| {
            let given = given.map(|given| (given.p95, given.error.p95));
            let (given, of_given) = given.unwrap_or_default();
            let error = number::shared_error([all.error.p50, all.error.p95, of_given]);
            table.row([
                name.to_owned(),
                whole(all.mean, shown, half_width(all.error.mean)),
                whole(all.p50, shown, error),
                whole(all.p95, shown, error),
                whole(given, shown, error),
            ]);
        };
        row(
            "services at once",
            &blast.services,
            blast.services_given_incident.as_ref(),
            &number::tally,
        );
        if let Some(share) = &blast.request_share {
            let given = blast.request_share_given_incident.as_ref();
            row("share of requests at once", share, given, &number::percent);
        }
        row(
            if blast.requests_lost_at_least {
                "requests lost, at least"
            } else {
                "requests lost"
            },
            &blast.requests_lost,
            None,
            &|value, error| number::number(value, error, 1.0),
        );
        row("rollbacks", &self.estimates.rollbacks, None, &number::tally);
        self.heading("Blast radius") + &table.render(self.width, self.paint)
    }

    fn batches(self) -> String {
        let mut table = Table::new(&[
            ("batch", Align::Left),
            ("P50", Align::Left),
            ("P80", Align::Left),
            ("P95", Align::Left),
        ]);
        for batch in &self.estimates.batches {
            let finish = &batch.finish;
            table.row([
                batch.name.clone(),
                self.end(finish.p50),
                self.end(finish.p80),
                self.end(finish.p95),
            ]);
        }
        if table.is_empty() {
            return String::new();
        }
        self.heading("Batches settled") + &table.render(self.width, self.paint)
    }

    fn drivers(self) -> String {
        // Twice the standard error of a rank correlation of what has nothing to do with each other.
        #[expect(clippy::cast_precision_loss, reason = "trials are far below 2^52")]
        let chance = 2.0 / (self.estimates.trials.saturating_sub(1).max(1) as f64).sqrt();
        let tells = |correlation: Option<f64>, least: f64| {
            correlation.unwrap_or(0.0).abs() >= least.max(chance)
        };
        let finish = self.largest(
            "What moves the finish most, from its P10 to its P90",
            |driver| {
                let swing = driver.swing_days;
                let tells = tells(driver.rank_correlation_finish, 0.0);
                swing.filter(|_| tells).unwrap_or(0.0)
            },
            |swing| number::duration(swing * DAY),
        );
        let currency = &self.estimates.currency;
        let cost = self.largest(
            "What moves the cost most, from its P10 to its P90",
            |driver| {
                let tells = tells(driver.rank_correlation_cost, TELLING);
                driver.swing_cost.filter(|_| tells).unwrap_or(0.0)
            },
            |swing| number::money(swing, swing.abs() / 50.0, currency),
        );
        finish + &cost
    }

    /// The inputs with the largest swings.
    fn largest(
        self,
        heading: &str,
        swing: impl Fn(&DriverEstimates) -> f64,
        say: impl Fn(f64) -> String,
    ) -> String {
        let mut largest: Vec<_> = self.estimates.drivers.iter().collect();
        largest.retain(|driver| swing(driver) != 0.0);
        largest.sort_by(|a, b| swing(b).abs().total_cmp(&swing(a).abs()));
        largest.truncate(DRIVERS);
        let Some(most) = largest.first().map(|driver| swing(driver).abs()) else {
            return String::new();
        };
        let mut table = Table::new(&[("", Align::Left), ("", Align::Right), ("", Align::Left)]);
        for driver in largest {
            let swing = swing(driver);
            let bar = if self.charts {
                chart::bar(swing.abs() / most, BAR_WIDTH)
            } else {
                String::new()
            };
            table.row([driver.name.clone(), say(swing), bar]);
        }
        let mut text = self.heading(heading);
        text.push_str(&table.render(self.width, self.paint));
        text
    }

    fn unknown(self) -> String {
        if self.estimates.unknown.is_empty() {
            return String::new();
        }
        let mut text = self.heading("Unknown");
        for line in &self.estimates.unknown {
            for (at, part) in wrap(line, self.width.saturating_sub(4)).iter().enumerate() {
                let mark = if at == 0 { "- " } else { "  " };
                let _ = writeln!(text, "  {mark}{part}");
            }
        }
        text
    }
}
