//! `simulate --why`: one trial as people read it. Of a large plan it tells what takes the most of the
//! time; `--format plain` has every piece of the chain, `--format json` all there is.

mod incidents;
mod stretches;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;

use jiff::Timestamp;
use whimbrel_plan::{Gate, NO_CURRENCY, Plan};
use whimbrel_simulator::{Drawn, Event, Settings, Watch, WhichTrial, Why, why};

use self::incidents::{Incident, Others};
use self::stretches::Stretch;
use super::refused;
use crate::console::{Console, Paint, Tone};
use crate::error::{CliError, OUTPUT_FAILED};
use crate::options::Format;
use crate::render::number::{self, DAY};
use crate::render::table::{Align, Table, wrap};
use crate::watched::watched;

/// How many waits are told, and how many incidents: those that took longest.
const MOST: usize = 8;
/// How many stretches of the chain are told.
const MOST_STRETCHES: usize = 12;
/// Kinds that are together no more than this share of a stretch of a long chain are its rest.
const REST: f64 = 0.25;

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
    /// All that went wrong, and the chain piece by piece rather than what moves after what moves.
    every_piece: bool,
}

impl<'a> Page<'a> {
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

    /// When the trial ends, or is given up, which is no end.
    fn end(self) -> String {
        let (at, start) = (self.why.end, self.why.start);
        if self.why.unfinished.is_some() {
            return self.moment(at);
        }
        number::end_moment(at, start, &self.plan.migration.time_zone())
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
        let end = self.end();
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
            #[expect(clippy::float_cmp, reason = "the same microsecond, or another")]
            (Some(days), Some(median)) if days == median => {
                let which = why.median.trial;
                let _ = write!(
                    text,
                    " That is as long as the median trial, {which}, takes."
                );
            }
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
            table.row([
                format!("{kind}{}{again}", drawn.name),
                value,
                median,
                percentiles(drawn),
            ]);
        }
        self.section("Drawn unusually", &table)
    }

    fn events(self) -> String {
        let steps = &self.plan.steps;
        let batches: HashMap<&str, _> = steps
            .values()
            .filter_map(|step| Some((step.name.as_str(), step.batch?)))
            .collect();
        let together = |a: &str, b: &str| batches.get(a) == batches.get(b);
        let all = incidents::gather(&self.why.events, together);
        let count = all.len();
        let most = if self.every_piece { count } else { MOST };
        let (told, others) = incidents::gravest(all, &self.why.chain, most);
        let mut table = Table::new(&[("", Align::Left), ("", Align::Left), ("", Align::Left)]);
        for incident in &told {
            let first = incident.first;
            let said = self.said(incident);
            table.row([self.moment(first.at), first.step.clone(), said]);
        }
        let mut text = self.section("What went wrong", &table);
        if others.count > 0 {
            let said = unlisted(&others);
            let said = format!("and {said}; `--format plain` lists all {count}");
            for line in wrap(&said, self.width.saturating_sub(2)) {
                let _ = writeln!(text, "  {line}");
            }
        }
        text
    }

    fn said(self, incident: &Incident<'_>) -> String {
        let event = incident.first;
        let mut text = self.happened(event);
        if let Some(last) = incident.undone.iter().filter_map(|it| it.until).max() {
            let others = number::count(incident.undone.len(), "other");
            let _ = write!(text, ", {others} with it in {}", length(event.at, last));
        }
        if let Some(fixed) = incident.fixed {
            let _ = write!(text, "; fixed {}", self.moment(fixed.at));
        }
        if let Some(escalated) = incident.escalated {
            let _ = write!(text, "; {}", self.happened(escalated));
        }
        let again = event.again_from.as_ref();
        if let Some(again) = again.filter(|from| **from != event.step) {
            let (thing, step) = again.rsplit_once('/').unwrap_or(("", again));
            let same = event.step.rsplit_once('/').is_some_and(|it| it.0 == thing);
            let _ = write!(text, "; again from {}", if same { step } else { again });
        }
        text
    }

    /// An event in words.
    fn happened(self, event: &Event) -> String {
        let until = event.until.map(|until| length(event.at, until));
        let until = until.unwrap_or_default();
        match event.kind.as_str() {
            "failed" => format!("{}; undone in {until}", self.cause(event)),
            "undone" => format!("undone for the failure of another in {until}"),
            "fixed" => "fixed".to_owned(),
            "escalated" => format!("failed too often: a decision takes {until}"),
            _ => format!("{}; asked again after {until}", self.unanswered(event)),
        }
    }

    /// Why an attempt failed, in words.
    fn cause(self, event: &Event) -> String {
        match event.cause.as_deref() {
            Some("window") => {
                let window = event.window.as_deref().unwrap_or_default();
                format!("cut off: its window {window} closed on it")
            }
            Some("unanswered") => self.unanswered(event),
            Some("held") => {
                let most = self.gate(event).and_then(|gate| gate.max_hold);
                let most = number::duration(most.unwrap_or_default());
                format!("no answer while traffic may be held, {most}")
            }
            _ => match event.since.filter(|since| *since < event.at) {
                None => "failed, noticed at once".to_owned(),
                Some(since) => {
                    format!("failed, noticed after {}", length(since, event.at))
                }
            },
        }
    }

    fn unanswered(self, event: &Event) -> String {
        let within = self.gate(event).map_or(0.0, |gate| gate.within);
        format!("nobody answered within {}", number::duration(within))
    }

    fn gate(self, event: &Event) -> Option<&'a Gate> {
        let mut steps = self.plan.steps.values();
        steps.find(|step| step.name == event.step)?.gate.as_ref()
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
        // What never ends is not longer than what does.
        let ends = self.why.duration_days.is_some() && self.why.median.duration_days.is_some();
        let table = if ends { table } else { table.only(&[0, 1]) };
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
            let own = [
                "work",
                "transfer",
                "soak",
                "detection",
                "undo",
                "fix",
                "stuck",
            ];
            !own.contains(&kind)
        };
        let chain = self.why.chain.iter();
        let mut longest: Vec<_> = chain.filter(|piece| waits(&piece.kind)).collect();
        longest.sort_by(|a, b| b.days.total_cmp(&a.days));
        let mut table = Table::new(&[("", Align::Left), ("", Align::Right), ("", Align::Left)]);
        for piece in longest.iter().take(MOST) {
            table.row([piece.step.clone(), span(piece.days), waited(piece)]);
        }
        let mut text = self.section("Who waited for whom, the longest first", &table);
        if longest.len() > MOST {
            let rest = longest.iter().skip(MOST);
            let rest: f64 = rest.map(|piece| piece.days).sum();
            let count = number::count(longest.len() - MOST, "shorter wait");
            let _ = writeln!(text, "  and {count}, {} together", span(rest));
        }
        text
    }

    /// The chain, what moves after what moves.
    fn things(self) -> String {
        let chain = &self.why.chain;
        let mut stretches = stretches::by_thing(chain);
        let long = stretches.len() > MOST_STRETCHES;
        if long {
            stretches = stretches::folded(chain, &stretches, MOST_STRETCHES);
        }
        let mut table = Table::new(&[
            ("from", Align::Left),
            ("for", Align::Right),
            ("", Align::Left),
            ("of that", Align::Left),
        ]);
        for stretch in &stretches {
            let Some(first) = stretch.pieces.first() else {
                continue;
            };
            let parts = parts(stretch, if long { REST } else { 0.0 });
            let (from, days) = (self.moment(first.from), stretch.days());
            table.row([from, span(days), stretch.name(), parts]);
        }
        let mut text = self.section("The critical chain", &table);
        let count = number::count(chain.len(), "piece");
        let _ = writeln!(text, "  {}; `--format plain` lists all {count}", self.end());
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
        let _ = writeln!(text, "  {}", self.end());
        text
    }
}

fn span(days: f64) -> String {
    number::duration(days * DAY)
}

fn length(from: Timestamp, to: Timestamp) -> String {
    number::duration(to.duration_since(from).as_secs_f64())
}

/// What went wrong and is not told one by one: how many, of what, and how much of the chain it takes.
fn unlisted(others: &Others<'_>) -> String {
    let of = if others.steps == 1 {
        others.step.to_owned()
    } else {
        number::count(others.steps, "step")
    };
    let on_chain = match others.on_chain {
        0 => "none of them on the critical chain".to_owned(),
        some => {
            let which = if some == others.count {
                "all".to_owned()
            } else {
                format!("{some} of them")
            };
            format!("{which} on the critical chain, {} of it", span(others.days))
        }
    };
    format!("{} more, of {of}, {on_chain}", others.count)
}

/// Where in its law something was drawn; several percentiles where they have one value.
fn percentiles(drawn: &Drawn) -> String {
    match drawn.lump {
        Some([from, to]) if from == 0.0 && to == 1.0 => "–".to_owned(),
        Some([from, to]) => {
            let percent = |share: f64| (share * 100.0).round();
            format!("P{}–{}", percent(from), percent(to))
        }
        None => {
            // The last percentile is that of everything above it.
            let percent = (drawn.percentile * 100.0).floor().clamp(1.0, 99.0);
            format!("P{percent}")
        }
    }
}

/// The kinds of a stretch, the most first; what is together no more than `rest` of it is its rest.
fn parts(stretch: &Stretch<'_>, rest: f64) -> String {
    let kinds = stretch.kinds();
    let most = rest * stretch.days();
    let told = |kinds: &[(&str, f64)]| {
        let parts = kinds
            .iter()
            .map(|(kind, days)| format!("{} {}", label(kind), span(*days)));
        parts.collect::<Vec<_>>().join(", ")
    };
    let sum = |from: usize| -> f64 { kinds.iter().skip(from).map(|(_, days)| days).sum() };
    let from = (1..kinds.len()).find(|from| sum(*from) <= most);
    // One kind says as much as its being the rest.
    match from.and_then(|from| kinds.split_at_checked(from)) {
        Some((first, others)) if others.len() > 1 => {
            let others: f64 = others.iter().map(|(_, days)| days).sum();
            format!("{}, the rest {}", told(first), span(others))
        }
        _ => told(&kinds),
    }
}

/// What is drawn and its median: factors of drivers, lengths of steps, multiples of inputs.
fn values(drawn: &Drawn) -> (String, String) {
    let times = |factor: f64| format!("× {}", number::number(factor, 0.0, 0.01));
    match drawn.kind.as_str() {
        "driver" => (times(drawn.value), times(drawn.median)),
        "step" => {
            let of = |days| match drawn.hours_per_day {
                Some(hours) => number::work(days * DAY, hours),
                None => span(days),
            };
            (of(drawn.value), of(drawn.median))
        }
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
    if piece.closed_days > 0.0 {
        let _ = write!(text, ", {} of it closed hours", span(piece.closed_days));
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
        "escalation" => "decision",
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_of_a_stretch_is_its_rest() {
        let kinds = [("work", 5.0), ("soak", 3.0), ("fix", 1.5), ("undo", 0.5)];
        let chain: Vec<_> = kinds
            .iter()
            .map(|(kind, days)| whimbrel_simulator::Link {
                kind: (*kind).to_owned(),
                step: "a".to_owned(),
                attempt: 1,
                from: Timestamp::UNIX_EPOCH,
                to: Timestamp::UNIX_EPOCH,
                days: *days,
                closed_days: 0.0,
                waits_for: None,
                held_by: None,
            })
            .collect();
        let stretch = Stretch {
            pieces: &chain,
            things: 1,
        };
        let all = "work 5.0 days, soak 3.0 days, fix 36.0 h, undo 12.0 h";
        assert_eq!(parts(&stretch, 0.0), all);
        // A tenth of ten days is one kind alone, which is as short to name.
        assert_eq!(parts(&stretch, 0.1), all);
        let rest = "work 5.0 days, soak 3.0 days, the rest 2.0 days";
        assert_eq!(parts(&stretch, 0.2), rest);
    }
}
