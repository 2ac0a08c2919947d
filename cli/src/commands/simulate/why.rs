//! `simulate --why`: one trial as people read it.

use std::fmt::Write as _;
use std::io::Write as _;

use jiff::Timestamp;
use whimbrel_plan::{NO_CURRENCY, Plan};
use whimbrel_simulator::{Drawn, Event, Settings, Watch, WhichTrial, Why, why};

use super::refused;
use crate::console::{Console, Paint, Tone};
use crate::error::{CliError, OUTPUT_FAILED};
use crate::options::Format;
use crate::render::number::{self, DAY};
use crate::render::table::{Align, Table, wrap};
use crate::watched::watched;

/// How many waits are told, the longest first.
const MOST_WAITS: usize = 8;

/// Runs the trials, and tells one of them.
///
/// # Errors
/// When the plan cannot be simulated, or somebody ends the run.
pub fn run(
    plan: &Plan,
    settings: &Settings,
    which: WhichTrial,
    format: Format,
    console: &mut Console,
) -> Result<(), CliError> {
    let run = |watch: &Watch| why(plan, settings, which, Some(watch));
    let told = watched(format == Format::Human, console, run).map_err(|error| refused(&error))?;
    if format == Format::Json {
        let document = serde_json::to_string_pretty(&told)
            .map_err(|error| CliError::finding(OUTPUT_FAILED.number, error.to_string()))?;
        writeln!(console.out, "{document}")?;
        return Ok(());
    }
    let page = Page {
        plan,
        why: &told,
        width: console.width,
        paint: console.paint,
        every_piece: format == Format::Plain,
    };
    write!(console.out, "{}", page.render())?;
    Ok(())
}

/// What is shown, and how.
#[derive(Clone, Copy)]
struct Page<'a> {
    plan: &'a Plan,
    why: &'a Why,
    width: usize,
    paint: Paint,
    /// The chain piece by piece, rather than what moves after what moves.
    every_piece: bool,
}

impl Page<'_> {
    fn render(self) -> String {
        let chain = if self.every_piece {
            self.pieces()
        } else {
            self.things()
        };
        let sections = [
            self.title(),
            self.summary(),
            self.drawn(),
            self.events(),
            self.shares(),
            self.longer(),
            self.waits(),
            chain,
        ];
        let sections = sections.into_iter().filter(|section| !section.is_empty());
        sections.collect::<Vec<_>>().join("\n")
    }

    fn heading(self, text: &str) -> String {
        format!("{}\n", self.paint.tone(Tone::Heading, text))
    }

    fn section(self, heading: &str, table: &Table) -> String {
        if table.is_empty() {
            return String::new();
        }
        self.heading(heading) + &table.render(self.width, self.paint)
    }

    fn moment(self, at: Timestamp) -> String {
        number::moment(at, &self.plan.migration.time_zone())
    }

    fn title(self) -> String {
        let why = self.why;
        let name = self.paint.tone(Tone::Heading, &self.plan.title());
        let which = why
            .percentile
            .map_or_else(String::new, |p| format!(", the P{p}"));
        #[expect(clippy::cast_precision_loss, reason = "trials are far below 2^52")]
        let trials = number::number(why.trials as f64, 0.0, 1.0);
        let among = if u64::from(why.trial) < why.trials {
            " of"
        } else {
            ", beside"
        };
        let hash: String = why.plan_hash.chars().take(12).collect();
        let (trial, seed) = (why.trial, why.seed);
        format!("{name}: trial {trial}{which}{among} {trials} trials, seed {seed}, plan {hash}\n")
    }

    fn summary(self) -> String {
        let why = self.why;
        let end = self.moment(why.end);
        let mut text = match (&why.unfinished, why.duration_days) {
            (Some(given_up), _) => format!(
                "It never ends: `{}` holds it up, for {}. It was given up at {end}.",
                given_up.step, given_up.reason
            ),
            (None, days) => {
                let days = span(days.unwrap_or_default());
                let share = number::percent(why.no_later, 0.0);
                format!("It ends on {end}, after {days}; {share} of the trials end no later.")
            }
        };
        match (why.duration_days, why.median.duration_days) {
            _ if why.median.trial == why.trial => text.push_str(" It is the median trial."),
            (Some(days), Some(median)) => {
                let (apart, which) = (days - median, why.median.trial);
                let word = if apart < 0.0 { "earlier" } else { "later" };
                let apart = span(apart.abs());
                let _ = write!(
                    text,
                    " That is {apart} {word} than the median trial, {which}."
                );
            }
            _ => {}
        }
        if let Some(cost) = why
            .cost
            .filter(|_| self.plan.migration.currency != NO_CURRENCY)
        {
            let cost = number::money(cost, 0.0, &self.plan.migration.currency);
            let _ = write!(text, " It costs {cost}.");
        }
        let mut text = wrap(&text, self.width).join("\n");
        text.push('\n');
        let zone = &self.plan.migration.zone;
        let _ = writeln!(text, "Times are those of {zone}.");
        text
    }

    fn drawn(self) -> String {
        let mut table = Table::new(&[
            ("", Align::Left),
            ("drawn", Align::Right),
            ("median", Align::Right),
            ("at", Align::Right),
        ]);
        for drawn in &self.why.drawn {
            let (value, median) = values(drawn);
            let again = drawn.attempt.filter(|attempt| *attempt > 1);
            let again = again.map_or_else(String::new, |attempt| format!(", attempt {attempt}"));
            let kind = if drawn.kind == "driver" {
                "driver/"
            } else {
                ""
            };
            // The last percentile is that of everything above it.
            let percent = (drawn.percentile * 100.0).floor().clamp(1.0, 99.0);
            table.row([
                format!("{kind}{}{again}", drawn.name),
                value,
                median,
                format!("P{percent}"),
            ]);
        }
        self.section("Drawn unusually", &table)
    }

    fn events(self) -> String {
        let mut table = Table::new(&[("", Align::Left), ("", Align::Left), ("", Align::Left)]);
        for event in &self.why.events {
            let said = self.said(event);
            table.row([self.moment(event.at), event.step.clone(), said]);
        }
        self.section("What went wrong", &table)
    }

    fn said(self, event: &Event) -> String {
        let length = |from: Timestamp, to: Timestamp| {
            number::duration(to.duration_since(from).as_secs_f64())
        };
        let until = event.until.map(|until| length(event.at, until));
        let until = until.unwrap_or_default();
        match event.kind.as_str() {
            "failed" => {
                let since = event.since.filter(|since| *since < event.at);
                let since = since.map_or_else(
                    || "failed, noticed at once".to_owned(),
                    |since| format!("failed {} before it was noticed", length(since, event.at)),
                );
                format!("{since}; undone in {until}")
            }
            "undone" => format!("undone for the failure of another in {until}"),
            "fixed" => "fixed".to_owned(),
            "escalated" => format!("failed too often: a decision takes {until}"),
            _ => format!("nobody answered; asked again after {until}"),
        }
    }

    fn shares(self) -> String {
        let mut table = Table::new(&[
            ("", Align::Left),
            ("here", Align::Right),
            ("median trial", Align::Right),
            ("difference", Align::Right),
        ]);
        let mut shares: Vec<_> = self.why.shares.iter().collect();
        shares.sort_by(|a, b| b.days.total_cmp(&a.days));
        let mut row = |label: &str, days: f64, median: f64| {
            let apart = number::signed(span(days - median), days - median);
            table.row([label.to_owned(), span(days), span(median), apart]);
        };
        for share in &shares {
            row(label(&share.kind), share.days, share.median_days);
        }
        let sum = |of: fn(&whimbrel_simulator::Share) -> f64| shares.iter().map(|it| of(it)).sum();
        row("together", sum(|it| it.days), sum(|it| it.median_days));
        self.section("Where the time went, along the critical chain", &table)
    }

    fn longer(self) -> String {
        let mut table = Table::new(&[
            ("", Align::Left),
            ("here", Align::Right),
            ("median trial", Align::Right),
            ("difference", Align::Right),
        ]);
        for step in &self.why.longer {
            let apart = step.days - step.median_days;
            table.row([
                step.step.clone(),
                span(step.days),
                span(step.median_days),
                number::signed(span(apart), apart),
            ]);
        }
        self.section("Steps of the chain that took longer", &table)
    }

    fn waits(self) -> String {
        let waits = |kind: &str| {
            let own = ["work", "transfer", "soak", "undo", "fix", "stuck"];
            !own.contains(&kind)
        };
        let chain = self.why.chain.iter();
        let mut longest: Vec<_> = chain.filter(|piece| waits(&piece.kind)).collect();
        longest.sort_by(|a, b| b.days.total_cmp(&a.days));
        let mut table = Table::new(&[("", Align::Left), ("", Align::Right), ("", Align::Left)]);
        for piece in longest.iter().take(MOST_WAITS) {
            table.row([piece.step.clone(), span(piece.days), waited(piece)]);
        }
        let mut text = self.section("Who waited for whom, the longest first", &table);
        if longest.len() > MOST_WAITS {
            let rest = longest.iter().skip(MOST_WAITS);
            let rest: f64 = rest.map(|piece| piece.days).sum();
            let count = number::count(longest.len() - MOST_WAITS, "shorter wait");
            let _ = writeln!(text, "  and {count}, {} together", span(rest));
        }
        text
    }

    /// The chain, what moves after what moves.
    fn things(self) -> String {
        let thing = |step: &str| {
            step.rsplit_once('/')
                .map_or(step, |(thing, _)| thing)
                .to_owned()
        };
        let mut table = Table::new(&[
            ("from", Align::Left),
            ("for", Align::Right),
            ("", Align::Left),
            ("of that", Align::Left),
        ]);
        let same = |a: &whimbrel_simulator::Link, b: &whimbrel_simulator::Link| {
            thing(&a.step) == thing(&b.step)
        };
        for pieces in self.why.chain.chunk_by(same) {
            let Some(first) = pieces.first() else {
                continue;
            };
            let mut parts: Vec<(&str, f64)> = Vec::new();
            for piece in pieces {
                match parts.iter_mut().find(|(kind, _)| *kind == piece.kind) {
                    Some((_, days)) => *days += piece.days,
                    None => parts.push((&piece.kind, piece.days)),
                }
            }
            parts.sort_by(|a, b| b.1.total_cmp(&a.1));
            let parts = parts
                .iter()
                .map(|(kind, days)| format!("{} {}", label(kind), span(*days)));
            table.row([
                self.moment(first.from),
                span(pieces.iter().map(|piece| piece.days).sum()),
                thing(&first.step),
                parts.collect::<Vec<_>>().join(", "),
            ]);
        }
        let mut text = self.section("The critical chain", &table);
        let count = number::count(self.why.chain.len(), "piece");
        let _ = writeln!(
            text,
            "  {}; `--format plain` lists all {count}",
            self.moment(self.why.end)
        );
        text
    }

    /// The chain, piece by piece.
    fn pieces(self) -> String {
        let mut table = Table::new(&[
            ("from", Align::Left),
            ("for", Align::Right),
            ("step", Align::Left),
            ("", Align::Left),
        ]);
        for piece in &self.why.chain {
            table.row([
                self.moment(piece.from),
                span(piece.days),
                piece.step.clone(),
                waited(piece),
            ]);
        }
        let mut text = self.section("The critical chain", &table);
        let _ = writeln!(text, "  {}", self.moment(self.why.end));
        text
    }
}

fn span(days: f64) -> String {
    number::duration(days * DAY)
}

/// What is drawn and its median: factors of drivers, lengths of steps, multiples of inputs.
fn values(drawn: &Drawn) -> (String, String) {
    let times = |factor: f64| format!("× {}", number::number(factor, 0.0, 0.01));
    match drawn.kind.as_str() {
        "driver" => (times(drawn.value), times(drawn.median)),
        "step" => (span(drawn.value), span(drawn.median)),
        _ if drawn.median == 0.0 => (number::number(drawn.value, 0.0, 0.001), "0".to_owned()),
        _ => (times(drawn.value / drawn.median), times(1.0)),
    }
}

/// A piece in words: `people of shop, last at orders/deploy`.
fn waited(piece: &whimbrel_simulator::Link) -> String {
    let mut text = label(&piece.kind).to_owned();
    if let Some(what) = &piece.waits_for {
        let _ = write!(text, " of {what}");
    }
    if let Some(by) = &piece.held_by {
        let _ = write!(text, ", last at {by}");
    }
    if piece.attempt > 1 {
        let _ = write!(text, " (attempt {})", piece.attempt);
    }
    text
}

/// What a piece of the chain is called.
fn label(kind: &str) -> &str {
    match kind {
        "transfer" => "copying",
        "gate" => "approval",
        "soak" => "soak",
        "undo" => "undo",
        "fix_people" => "people to fix it",
        "escalation" => "decision after too many failures",
        "rollback" => "rollback",
        "people" => "people",
        "link" => "the link",
        "place" => "a place in the batch",
        "hours" => "closed hours",
        "window" => "window",
        "freeze" => "freeze",
        "stuck" => "never over",
        other => other,
    }
}
