//! The comparison as people read it: the variants in a table, how each differs from the baseline, and
//! which is best by what.

use std::fmt::Write as _;

use jiff::Timestamp;
use whimbrel_plan::NO_CURRENCY;
use whimbrel_simulator::{Best, Estimates, Measured, Pair, PairedFigure};

use super::variants::{Variant, Way};
use super::{Report, Simulated};
use crate::commands::plan::{agrees, strategy};
use crate::console::{Paint, Tone};
use crate::render::number::{self, DAY, TimeUnit, half_width};
use crate::render::paired::{Apart, is_less_better, label};
use crate::render::table::{Align, Table, wrap};

/// What a variant can be best by.
pub struct Criterion {
    /// The figure.
    pub figure: &'static str,
    /// Whether less of it is better.
    pub least: bool,
    /// What the best does.
    does: &'static str,
    /// What none does more than another.
    none: &'static str,
}

/// The criteria, the first asked about first.
pub const CRITERIA: [Criterion; 5] = [
    Criterion {
        figure: "finish.p80",
        least: true,
        does: "finishes first at P80",
        none: "finishes earlier at P80 than another",
    },
    Criterion {
        figure: "cost.mean",
        least: true,
        does: "costs least in the mean",
        none: "costs less in the mean than another",
    },
    Criterion {
        figure: "blast_radius.services.mean",
        least: true,
        does: "hurts the fewest services at once in the mean",
        none: "hurts fewer services at once in the mean than another",
    },
    Criterion {
        figure: "deadline_probability",
        least: false,
        does: "is likeliest to meet the deadline",
        none: "is likelier to meet the deadline than another",
    },
    Criterion {
        figure: "budget_probability",
        least: false,
        does: "is likeliest to stay within the budget",
        none: "is likelier to stay within the budget than another",
    },
];

/// The figures that are held against the baseline.
const HELD: [&str; 7] = [
    "finish.p80",
    "finish.mean",
    "cost.p80",
    "cost.mean",
    "blast_radius.services.mean",
    "deadline_probability",
    "budget_probability",
];

/// What is said of what the trials cannot tell.
const CAVEAT: &str = "Each interval holds with 95 % by itself: of twenty such, one is expected to \
                      miss. What is called best holds for all pairs together (Bonferroni). More \
                      trials tell smaller differences apart.";

/// What is shown, and how.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    /// What was compared.
    pub report: &'a Report<'a>,
    /// Columns of text.
    pub width: usize,
    /// Colours.
    pub paint: Paint,
}

impl Page<'_> {
    /// The whole page.
    pub fn render(self) -> String {
        let sections = [
            self.title(),
            self.side_by_side(),
            self.against(),
            self.best(),
            self.failed(),
        ];
        let sections = sections.into_iter().filter(|section| !section.is_empty());
        sections.collect::<Vec<_>>().join("\n")
    }

    fn heading(self, text: &str) -> String {
        format!("{}\n", self.paint.tone(Tone::Heading, text))
    }

    fn paragraph(self, text: &mut String, prose: &str) {
        for line in wrap(prose, self.width.saturating_sub(2)) {
            let _ = writeln!(text, "  {line}");
        }
    }

    fn title(self) -> String {
        let report = self.report;
        let name = report.simulated(report.baseline);
        let name = name.map_or("", |it| it.plan.migration.name.as_str());
        let variants = number::count(report.simulated.len(), "plan");
        #[expect(clippy::cast_precision_loss, reason = "trials are far below 2^52")]
        let count = |trials: u64| number::number(trials as f64, 0.0, 1.0);
        let (trials, asked) = (count(report.comparison.trials), count(report.trials_asked));
        let seed = report.seed;
        let noun = if report.comparison.trials == 1 {
            "trial"
        } else {
            "trials"
        };
        let plain = format!(
            "{name}: {variants}, {trials} {noun} of each on common random numbers, seed {seed}"
        );
        let painted = self.paint.tone(Tone::Heading, name);
        let mut text = wrap(&plain, self.width)
            .join("\n")
            .replacen(name, &painted, 1);
        text.push('\n');
        if report.is_interrupted() {
            let sentence = format!(
                "interrupted after {trials} of {asked} trials of each: what follows is from those"
            );
            let _ = writeln!(text, "{}", self.paint.tone(Tone::Warning, &sentence));
        }
        text
    }

    fn side_by_side(self) -> String {
        let report = self.report;
        let mut table = Table::new(&COLUMNS);
        let unit = self.unit();
        for one in &report.simulated {
            table.row(row(one, unit));
        }
        let mut text = self.heading("Side by side");
        text.push_str(&columns(&table, self.width, self.paint));
        self.paragraph(&mut text, &self.legend());
        for variant in report.variants {
            if let (Ok(_), Some(same)) = (&variant.plan, &variant.same_as) {
                let _ = writeln!(text, "  {} is the same plan as {same}", variant.name);
            }
        }
        text
    }

    /// The unit that suits the longest of them.
    fn unit(self) -> TimeUnit {
        let all = self.report.simulated.iter();
        let longest = all.filter_map(|it| it.estimates.duration_days.p80);
        TimeUnit::of(longest.fold(0.0, f64::max) * DAY)
    }

    /// What the columns are of, and what the plan as written is.
    fn legend(self) -> String {
        let mut text =
            "runs twice: for how long something does, in the mean; hurt: services at once; \
                        deadline and budget: the chance to keep it"
                .to_owned();
        let simulated = &self.report.simulated;
        if simulated.iter().any(|it| it.estimates.cost.at_least) {
            text += ", the budget as far as costs are known";
        }
        let written = |variant: &&Variant| variant.way == Way::AsWritten;
        let written = self.report.variants.iter().find(written);
        if let Some((name, plan)) = written.and_then(|it| Some((&it.name, it.plan.as_ref().ok()?)))
        {
            let strategy = strategy(plan.migration.strategy);
            let by_hand = plan.batches.values().any(|batch| batch.handwritten);
            let _ = match (
                by_hand,
                plan.batches
                    .values()
                    .all(|batch| agrees(batch, plan.migration.strategy)),
            ) {
                (false, _) => write!(text, "; {name} is {strategy}"),
                (true, true) => {
                    write!(text, "; {name} is {strategy}, with batches written by hand")
                }
                (true, false) => write!(text, "; {name} has batches written by hand"),
            };
        }
        text
    }

    fn against(self) -> String {
        let report = self.report;
        let mut table = Table::new(&DIFFERENCES);
        for one in report
            .simulated
            .iter()
            .filter(|it| it.at != report.baseline)
        {
            self.differences(one, &mut table);
        }
        if table.is_empty() {
            return String::new();
        }
        let mut text = self.heading(&format!("Against {}", report.name(report.baseline)));
        text.push_str(&table.render(self.width, self.paint));
        self.paragraph(&mut text, "what no trial makes different is left out");
        for one in &report.simulated {
            let estimates = one.estimates;
            if estimates.unfinished > 0.0 {
                let share = number::chance(estimates.unfinished, estimates.error.unfinished);
                let name = one.name;
                let said = format!(
                    "of {name} {share} of the trials never finish; means are over those that finish on \
                     both sides"
                );
                self.paragraph(&mut text, &said);
            }
        }
        text
    }

    /// The rows of one variant against the baseline.
    fn differences(self, one: &Simulated<'_>, table: &mut Table) {
        let baseline = self.report.baseline;
        let is = |pair: &&Pair| (pair.a, pair.b) == (one.at.min(baseline), one.at.max(baseline));
        let Some(pair) = self.report.comparison.pairs.iter().find(is) else {
            return;
        };
        let figures = HELD.iter().filter_map(|name| pair.figure(name));
        let figures = figures.filter(|figure| figure.of != Measured::Money || states_money(one));
        let mut name = one.name;
        for figure in figures.filter(|figure| !figure.is_nothing()) {
            let figure = if pair.a == baseline {
                figure.clone()
            } else {
                figure.turned()
            };
            let Some(apart) = Apart::of(&figure, &one.estimates.currency) else {
                continue;
            };
            table.row([
                std::mem::take(&mut name).to_owned(),
                label(figure.name).to_owned(),
                apart.difference,
                apart.interval.unwrap_or_else(|| without_interval(&figure)),
                verdict(&figure).to_owned(),
            ]);
        }
        if !name.is_empty() {
            table.row([name, "no figure differs"]);
        }
    }

    fn best(self) -> String {
        let report = self.report;
        if report.simulated.len() < 2 {
            return String::new();
        }
        let mut text = self.heading("Best");
        let money = report.simulated.iter().any(states_money);
        let criteria = CRITERIA.iter();
        for criterion in criteria.filter(|it| money || it.figure != "cost.mean") {
            if let Some(best) = report.comparison.best(criterion.figure, criterion.least) {
                self.paragraph(&mut text, &self.sentence(criterion, &best));
            }
        }
        text.push('\n');
        let caveat = if self.is_certain() {
            "Nothing in these plans is uncertain: every difference is exact."
        } else {
            CAVEAT
        };
        for line in wrap(caveat, self.width) {
            let _ = writeln!(text, "{line}");
        }
        text
    }

    /// Whether every trial of each variant is the same.
    fn is_certain(self) -> bool {
        self.report.simulated.iter().all(|it| it.estimates.certain)
    }

    fn sentence(self, criterion: &Criterion, best: &Best) -> String {
        let report = self.report;
        let name = report.name(best.variant);
        let does = criterion.does;
        let same = |at: &usize| self.is_same(criterion.figure, best.variant, *at);
        let (same, apart): (Vec<usize>, Vec<usize>) = best.rivals.iter().partition(|at| same(at));
        let names = |of: &[usize]| {
            let names = of.iter().map(|at| report.name(*at));
            names.collect::<Vec<_>>().join(", ")
        };
        if best.rivals.len() + 1 == report.simulated.len() {
            let known = if apart.is_empty() {
                ": it is the same in every trial"
            } else if self.is_certain() {
                ""
            } else {
                ", as far as these trials can tell"
            };
            return format!("no variant {}{known}", criterion.none);
        }
        let mut text = format!("{name} {does}");
        if !same.is_empty() {
            let _ = write!(text, ", the same in every trial as {}", names(&same));
        }
        if !apart.is_empty() {
            let _ = write!(text, ", not distinguishable from {}", names(&apart));
        }
        text
    }

    /// Whether no trial makes a figure of two variants different; of a quantile that is told by its mean.
    fn is_same(self, figure: &str, a: usize, b: usize) -> bool {
        let mut pairs = self.report.comparison.pairs.iter();
        let pair = pairs.find(|pair| (pair.a, pair.b) == (a.min(b), a.max(b)));
        let none = |name: &str| {
            let figure = pair.and_then(|pair| pair.figure(name));
            figure.is_some_and(|it| it.constant && it.difference == Some(0.0))
        };
        let mean = figure.replace(".p80", ".mean");
        let ends = pair.is_some_and(|pair| pair.paired.unfinished == [0.0; 2]);
        none(&mean) && (ends || mean == figure)
    }

    fn failed(self) -> String {
        let mut text = String::new();
        for variant in self.report.variants {
            let Err(problem) = &variant.plan else {
                continue;
            };
            let place = problem.place.as_ref();
            let place = place.map_or_else(String::new, |place| format!(" ({place})"));
            let (name, code, message) = (&variant.name, &problem.code, &problem.message);
            self.paragraph(&mut text, &format!("{name}: {code} {message}{place}"));
            if let Some(help) = &problem.help {
                self.paragraph(&mut text, &format!("help: {help}"));
            }
        }
        if text.is_empty() {
            text
        } else {
            self.heading("Not simulated") + &text
        }
    }
}

/// What is told of each variant.
const COLUMNS: [(&str, Align); 8] = [
    ("variant", Align::Left),
    ("finish P50", Align::Left),
    ("finish P80", Align::Left),
    ("cost P80", Align::Right),
    ("runs twice", Align::Right),
    ("hurt P95", Align::Right),
    ("deadline", Align::Right),
    ("budget", Align::Right),
];

/// What is told of each difference from the baseline.
const DIFFERENCES: [(&str, Align); 5] = [
    ("variant", Align::Left),
    ("", Align::Left),
    ("difference", Align::Right),
    ("95 % interval", Align::Left),
    ("verdict", Align::Left),
];

/// The two tables that a narrow terminal gets: time and its promise, then the rest.
const NARROW: [&[usize]; 2] = [&[0, 1, 2, 6], &[0, 3, 7, 4, 5]];

/// The table of all columns where there is room for it, or else two.
fn columns(table: &Table, width: usize, paint: Paint) -> String {
    if table.fits(width) {
        return table.render(width, paint);
    }
    NARROW
        .map(|columns| table.only(columns).render(width, paint))
        .join("\n")
}

fn row(one: &Simulated<'_>, unit: TimeUnit) -> [String; 8] {
    let estimates = one.estimates;
    let (start, zone) = (one.plan.migration.start, one.plan.migration.time_zone());
    let date = |at: Option<Timestamp>| match at {
        None => "never".to_owned(),
        Some(at) if unit.is_days() => number::end_day(at, start, &zone),
        Some(at) => number::end_moment(at, start, &zone),
    };
    let none = || "–".to_owned();
    let chance = |chance: Option<f64>, interval| {
        chance.map_or_else(none, |chance| number::likelihood(chance, interval))
    };
    let cost = &estimates.cost.total;
    let cost = cost
        .p80
        .filter(|_| states_money(one))
        .map(|p80| number::money(p80, half_width(cost.error.p80), &estimates.currency))
        .map(|told| match estimates.cost.at_least {
            true => format!("at least {told}"),
            false => told,
        });
    [
        one.name.to_owned(),
        date(estimates.finish.p50),
        date(estimates.finish.p80),
        if states_money(one) {
            cost.unwrap_or_else(none)
        } else {
            "unknown".to_owned()
        },
        runs_twice(estimates),
        hurt(estimates),
        chance(
            estimates.deadline_probability,
            estimates.error.deadline_probability,
        ),
        chance(
            estimates.budget_probability,
            estimates.error.budget_probability,
        ),
    ]
}

fn runs_twice(estimates: &Estimates) -> String {
    let dual = &estimates.dual_running_days;
    dual.mean.map_or_else(
        || "–".to_owned(),
        |mean| number::span(mean * DAY, half_width(dual.error.mean) * DAY),
    )
}

fn hurt(estimates: &Estimates) -> String {
    let services = &estimates.blast_radius.services;
    services.p95.map_or_else(
        || "–".to_owned(),
        |p95| number::tally(p95, half_width(services.error.p95)),
    )
}

/// What stands in the place of an interval: all pairs may differ by the same.
fn without_interval(figure: &PairedFigure) -> String {
    let said = if figure.constant {
        "in every trial"
    } else {
        "–"
    };
    said.to_owned()
}

/// Whether the plan of a variant states any amount of money.
fn states_money(one: &Simulated<'_>) -> bool {
    one.estimates.currency != NO_CURRENCY
}

/// Whether the difference is real, and if so what it means.
fn verdict(figure: &PairedFigure) -> &'static str {
    if figure.interval.is_none() {
        return "too few trials to tell";
    }
    if !figure.comparable {
        return "not the same is known of both";
    }
    if !figure.is_real() {
        return "not distinguishable";
    }
    let less = figure.difference.is_some_and(|difference| difference < 0.0);
    match (figure.name.split('.').next(), less) {
        (Some("finish"), true) => "real: earlier",
        (Some("finish"), false) => "real: later",
        (Some("cost"), true) => "real: cheaper",
        (Some("cost"), false) => "real: dearer",
        _ if less == is_less_better(figure.name) => "real: better",
        _ => "real: worse",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The widest that the cells of a plan of millions with unknown costs are.
    #[test]
    fn eighty_columns_hold_the_variants_side_by_side() {
        let mut table = Table::new(&COLUMNS);
        table.row([
            "regions_side_by_side",
            "2027-07-08",
            "2027-07-15",
            "at least $1,250,000",
            "225.0 days",
            "12",
            "above 99.2 %",
            "above 99.2 %",
        ]);
        let paint = Paint { on: false };
        // 20, 10, 10, 19, 10, 8, 12 and 12 columns, two before them and two between each: 117.
        assert_eq!(columns(&table, 117, paint).lines().count(), 2);
        let narrow = columns(&table, 80, paint);
        let expected = [
            "  variant               finish P50  finish P80      deadline",
            "  regions_side_by_side  2027-07-08  2027-07-15  above 99.2 %",
            "",
            "  variant                          cost P80        budget  runs twice  hurt P95",
            "  regions_side_by_side  at least $1,250,000  above 99.2 %  225.0 days        12",
        ];
        assert_eq!(narrow.lines().collect::<Vec<_>>(), expected);
        let mut against = Table::new(&DIFFERENCES);
        against.row([
            "regions_side_by_side",
            "mean blast radius, services",
            "-100.0 points",
            "-$1,262,000 to -$1,248,000",
            "not distinguishable",
        ]);
        let longest = against.render(80, paint).lines().map(str::len).max();
        assert!(longest <= Some(80), "{longest:?}");
    }
}
