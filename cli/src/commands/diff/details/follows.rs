//! What follows from what is written, without simulating.

use whimbrel_plan::difference::{
    Carrier, ComponentChange, Difference, EdgeName, Outcome, Return, WayBackChange,
};

use super::super::said::{Line, Mood, Section, Sign};
use super::super::words::{self, NAMES_SHOWN};
use crate::commands::plan::{criterion, strategy};
use crate::render::number::{self, count};

pub fn cycles(difference: &Difference) -> Section {
    let mut lines = Vec::new();
    for change in &difference.components {
        lines.push(component(change));
        if change.outcome != Outcome::Lost {
            lines.extend(change.cycle.iter().map(words::hop));
        }
    }
    Section {
        heading: "Cycles",
        lines,
    }
}

fn component(change: &ComponentChange) -> Line {
    let many = count(change.members.len(), "service");
    let hidden = if change.is_hidden || (change.outcome == Outcome::Lost && change.was_hidden) {
        "hidden cycle"
    } else {
        "cycle"
    };
    match change.outcome {
        Outcome::Gained => {
            let mood = if change.is_hidden {
                Mood::Bad
            } else {
                Mood::Warning
            };
            let line = Line::new(Sign::Plus).mood(mood);
            line.text(format!("{hidden} among {many}: "))
                .names(&change.members, NAMES_SHOWN)
                .text("; the shortest:")
        }
        Outcome::Lost => Line::new(Sign::Minus)
            .mood(Mood::Good)
            .text(format!("{hidden} among {many}: "))
            .names(&change.members, NAMES_SHOWN),
        Outcome::Changed => changed_component(change, hidden, &many),
    }
}

fn changed_component(change: &ComponentChange, hidden: &str, many: &str) -> Line {
    let line = Line::new(Sign::Tilde).text(format!("{hidden} among {many}"));
    let line = match change.joined.as_slice() {
        [] => line,
        joined => line.text(", joined by ").names(joined, NAMES_SHOWN),
    };
    let line = match change.left.as_slice() {
        [] => line,
        left => line.text(", left by ").names(left, NAMES_SHOWN),
    };
    let line = match (change.was_hidden, change.is_hidden) {
        (false, true) => line.mood(Mood::Bad).text(", hidden now"),
        (true, false) => line.mood(Mood::Good).text(", hidden no more"),
        _ => line,
    };
    let line = match (change.was_binding, change.is_binding) {
        (false, true) => line.text(", binding now"),
        (true, false) => line.text(", binding no more"),
        _ => line,
    };
    line.text("; the shortest:")
}

pub fn dependencies(difference: &Difference) -> Section {
    let edges = &difference.edges;
    let mut lines = Vec::new();
    // What is declared stands with what is written: here is what follows.
    let hidden = |sign, mood, edges: &[EdgeName]| -> Vec<Line> {
        let hidden = edges.iter().filter(|edge| edge.hidden);
        hidden
            .map(|edge| told(sign, edge).mood(mood).text(", hidden"))
            .collect()
    };
    lines.extend(hidden(Sign::Plus, Mood::Warning, &edges.gained));
    lines.extend(hidden(Sign::Minus, Mood::Good, &edges.lost));
    for change in &edges.changed {
        let line = told(Sign::Tilde, &change.edge).text(": ");
        lines.push(words::attributes(line, &change.attributes));
    }
    let orders = |sign, edges: &[EdgeName]| -> Vec<Line> {
        let orders = edges.iter();
        let orders = orders.filter(|edge| edge.kind == whimbrel_plan::EdgeKind::Order);
        orders.map(|edge| told(sign, edge)).collect()
    };
    lines.extend(orders(Sign::Plus, &edges.gained));
    lines.extend(orders(Sign::Minus, &edges.lost));
    Section {
        heading: "Dependencies",
        lines,
    }
}

fn told(sign: Sign, edge: &EdgeName) -> Line {
    Line::new(sign)
        .given(&edge.from)
        .text(" → ")
        .given(&edge.to)
        .text(format!(" {}", words::edge_kind(edge.kind)))
}

pub fn seam(difference: &Difference) -> Section {
    let told = difference.seam.iter().map(|change| {
        let (sign, mood) = match (&change.before, &change.after) {
            (Carrier::By(_), Carrier::Nothing) => (Sign::Tilde, Mood::Bad),
            (Carrier::Apart, Carrier::Nothing) => (Sign::Plus, Mood::Warning),
            (Carrier::Nothing, Carrier::By(_)) => (Sign::Tilde, Mood::Good),
            (Carrier::Apart, _) => (Sign::Plus, Mood::Plain),
            (_, Carrier::Apart) => (Sign::Minus, Mood::Plain),
            _ => (Sign::Tilde, Mood::Plain),
        };
        let line = Line::new(sign).mood(mood).given(&change.from).text(" → ");
        let line = line.given(&change.to).text(": ");
        words::carrier(
            words::carrier(line, &change.before).text(" → "),
            &change.after,
        )
    });
    Section {
        heading: "Seam",
        lines: told.collect(),
    }
}

pub fn ways_back(difference: &Difference) -> Section {
    let mut lines = Vec::new();
    for change in &difference.ways_back {
        lines.extend(way_back(change));
    }
    Section {
        heading: "Ways back",
        lines,
    }
}

fn way_back(change: &WayBackChange) -> Vec<Line> {
    let (before, after) = (&change.before, &change.after);
    let about = |sign| {
        let line = Line::new(sign);
        match &change.member {
            Some(member) => line.given(member).text(" in ").given(&change.batch),
            None => line.given(&change.batch),
        }
    };
    let mut lines = Vec::new();
    let (was, is) = (words::p90(before), words::p90(after));
    if was != is || before.beyond_rto != after.beyond_rto {
        let against = after.rto.map_or_else(String::new, |rto| {
            let beyond = if after.beyond_rto { ", beyond it" } else { "" };
            format!("; RTO {}{beyond}", number::duration(rto))
        });
        let mood = match (before.beyond_rto, after.beyond_rto) {
            (_, true) => Mood::Bad,
            (true, false) => Mood::Good,
            _ => Mood::Plain,
        };
        let line = about(Sign::Tilde).mood(mood);
        lines.push(line.text(format!(": P90 {}{against}", words::from_to(&was, &is))));
    }
    if (&before.until, &before.why) != (&after.until, &after.why) {
        let line = end(about(Sign::Tilde).text(": until "), before);
        lines.push(end(line.text(" → "), after));
    }
    lines
}

fn end(line: Line, of: &Return) -> Line {
    match (&of.until, &of.why) {
        (Some(step), Some(why)) => line.given(step).text(" (").quoting(why).text(")"),
        _ => line.text("the end"),
    }
}

/// `14 of 30, hybrid`.
fn verdict(of: &whimbrel_plan::Checklist) -> String {
    format!("{} of 30, {}", of.total, strategy(of.verdict))
}

pub fn checklist(difference: &Difference) -> Section {
    let mut lines = Vec::new();
    if let Some(change) = &difference.checklist {
        for score in &change.scores {
            let line = Line::new(Sign::Tilde).text(criterion(score.criterion));
            let (was, is) = (score.before.score, score.after.score);
            let line = if was == is {
                line.text(format!(" {is} as before: "))
            } else {
                line.text(format!(" {was} → {is}: "))
            };
            lines.push(line.quoting(&score.after.reason));
        }
        let (before, after) = (&change.before, &change.after);
        if (before.total, before.verdict) != (after.total, after.verdict) {
            let text = format!("{} → {}", verdict(before), verdict(after));
            lines.push(Line::new(Sign::Tilde).text(text));
        }
        if before.flip != after.flip {
            let line = Line::new(Sign::Tilde).text("one change would flip it: ");
            lines.push(line.text(after.flip.clone().unwrap_or_else(|| "none".to_owned())));
        }
        let apart = |one: &[String], other: &[String]| -> Vec<String> {
            one.iter()
                .filter(|note| !other.contains(note))
                .cloned()
                .collect()
        };
        let gained = apart(&after.notes, &before.notes);
        lines.extend(
            gained
                .iter()
                .map(|note| Line::new(Sign::Plus).quoting(note)),
        );
        let lost = apart(&before.notes, &after.notes);
        lines.extend(lost.iter().map(|note| Line::new(Sign::Minus).quoting(note)));
    }
    for change in &difference.batch_checklists {
        let (before, after) = (&change.checklist.before, &change.checklist.after);
        if (before.total, before.verdict) != (after.total, after.verdict) {
            let line = Line::new(Sign::Tilde).given(&change.batch);
            let text = format!(": {} → {}", verdict(before), verdict(after));
            lines.push(line.text(text));
        }
    }
    Section {
        heading: "Decision checklist",
        lines,
    }
}

pub fn critical_path(difference: &Difference) -> Section {
    let mut lines = Vec::new();
    if let Some(change) = &difference.critical_path {
        let by = |before: f64, after: f64, say: fn(f64) -> String| {
            let apart = number::signed(say(after - before), after - before);
            format!("{} → {} ({apart})", say(before), say(after))
        };
        let hours = |hours: f64| format!("{} person-hours", number::number(hours, 0.0, 1.0));
        if change.duration_before != change.duration_after {
            let text = by(
                change.duration_before,
                change.duration_after,
                number::duration,
            );
            lines.push(Line::new(Sign::Tilde).text(text));
        }
        if hours(change.effort_before) != hours(change.effort_after) {
            let text = by(change.effort_before, change.effort_after, hours);
            lines.push(Line::new(Sign::Tilde).text(text));
        }
        let steps = |sign, steps: &[String]| {
            let by_thing = steps.chunk_by(|one, other| thing(one) == thing(other));
            by_thing
                .filter_map(|steps| {
                    let first = steps.first()?;
                    let acts: Vec<&str> = steps.iter().map(|step| act(step)).collect();
                    let line = Line::new(sign).given(thing(first));
                    Some(if acts == [first.as_str()] {
                        line
                    } else {
                        line.text(": ").names(&acts, NAMES_SHOWN)
                    })
                })
                .collect::<Vec<_>>()
        };
        lines.extend(steps(Sign::Plus, &change.joined));
        lines.extend(steps(Sign::Minus, &change.left));
    }
    Section {
        heading: "Critical path at mean durations",
        lines,
    }
}

fn thing(step: &str) -> &str {
    step.split_once('/').map_or(step, |(thing, _)| thing)
}

fn act(step: &str) -> &str {
    step.split_once('/').map_or(step, |(_, act)| act)
}

pub fn unknown(difference: &Difference) -> Section {
    let unknown = &difference.unknown;
    let gained = unknown.gained.iter();
    let gained = gained.map(|text| Line::new(Sign::Plus).mood(Mood::Warning).quoting(text));
    let lost = unknown.lost.iter();
    let lost = lost.map(|text| Line::new(Sign::Minus).mood(Mood::Good).quoting(text));
    Section {
        heading: "Unknown",
        lines: gained.chain(lost).collect(),
    }
}
