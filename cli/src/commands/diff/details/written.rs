//! What somebody wrote: things and their attributes, batches, steps.

use whimbrel_plan::difference::{Changed, Difference, StepOf, Thing, Wait};

use super::super::said::{Line, Mood, Section, Sign};
use super::super::words::{self, NAMES_SHOWN};

pub fn things(difference: &Difference) -> Section {
    let things = &difference.things;
    let mut lines = Vec::new();
    let renamed = things.renamed.iter().map(|one| {
        Line::new(Sign::Tilde)
            .text(format!("{} ", one.kind))
            .given(&one.before)
            .text(" is called ")
            .given(&one.after)
            .text(" now")
    });
    lines.extend(renamed);
    lines.extend(one_sided(Sign::Plus, &things.gained));
    lines.extend(one_sided(Sign::Minus, &things.lost));
    lines.extend(things.changed.iter().map(|one| changed(one, &heading(one))));
    Section {
        heading: "What the plan says",
        lines,
    }
}

/// What one kind of things is told by; a relation's name says what it is.
fn heading(changed: &Changed) -> String {
    match changed.kind.as_str() {
        kind if is_relation(kind) => String::new(),
        kind => format!("{kind} "),
    }
}

fn is_relation(kind: &str) -> bool {
    let kinds = [
        "calls",
        "reads",
        "writes",
        "publishes",
        "consumes",
        "pins",
        "seen",
    ];
    kinds.contains(&kind)
}

/// Things of one kind in one line; relations one by one.
fn one_sided(sign: Sign, things: &[Thing]) -> Vec<Line> {
    let mut lines = Vec::new();
    for chunk in things.chunk_by(|one, other| one.kind == other.kind) {
        // What moves or no longer moves is told with the batches.
        let Some(first) = chunk.first().filter(|first| first.kind != "move") else {
            continue;
        };
        if is_relation(&first.kind) {
            lines.extend(chunk.iter().map(|one| Line::new(sign).given(&one.name)));
            continue;
        }
        let names: Vec<&str> = chunk.iter().map(|one| one.name.as_str()).collect();
        let kind = &first.kind;
        let line = Line::new(sign).text(match names.as_slice() {
            [""] => kind.clone(),
            _ => format!("{kind} "),
        });
        lines.push(match names.as_slice() {
            [""] => line,
            names => line.names(names, NAMES_SHOWN),
        });
    }
    lines
}

fn changed(changed: &Changed, kind: &str) -> Line {
    let line = Line::new(Sign::Tilde);
    let line = match changed.names.as_slice() {
        [name] if name.is_empty() => line.text(kind.trim_end()),
        names => line.text(kind).names(names, NAMES_SHOWN),
    };
    words::attributes(line.text(": "), &changed.attributes)
}

pub fn batches(difference: &Difference) -> Section {
    let batches = &difference.batches;
    let mut lines = Vec::new();
    for one in &batches.renamed {
        lines.push(
            Line::new(Sign::Tilde)
                .given(&one.before)
                .text(" is called ")
                .given(&one.after)
                .text(" now"),
        );
    }
    let named = |sign, name: &String| Line::new(sign).text("batch ").given(name);
    lines.extend(batches.gained.iter().map(|name| named(Sign::Plus, name)));
    lines.extend(batches.lost.iter().map(|name| named(Sign::Minus, name)));
    if batches.reordered {
        lines.push(Line::new(Sign::Tilde).text("the batches stand in another order"));
    }
    lines.extend(batches.changed.iter().map(|one| changed(one, "batch ")));
    for one in &batches.moved {
        let sign = match (&one.before, &one.after) {
            (None, _) => Sign::Plus,
            (_, None) => Sign::Minus,
            _ => Sign::Tilde,
        };
        let line = Line::new(sign).given(&one.name).text(": ");
        let side = |line: Line, batch: &Option<String>| match batch {
            Some(name) => line.given(name),
            None => line.text("in no batch"),
        };
        let line = side(side(line, &one.before).text(" → "), &one.after);
        lines.push(match &one.reason {
            Some(reason) => line.text(" (").quoting(reason).text(")"),
            None => line,
        });
    }
    Section {
        heading: "Batches",
        lines,
    }
}

pub fn steps(difference: &Difference) -> Section {
    let steps = &difference.steps;
    let mut lines = Vec::new();
    lines.extend(one_sided_steps(Sign::Plus, &steps.gained));
    lines.extend(one_sided_steps(Sign::Minus, &steps.lost));
    // The same change of several steps of the same things is one.
    let alike = |one: &Changed, other: &Changed| {
        (&one.names, &one.attributes) == (&other.names, &other.attributes)
    };
    for chunk in steps.changed.chunk_by(alike) {
        let kinds: Vec<&str> = chunk.iter().map(|one| one.kind.as_str()).collect();
        if let Some(first) = chunk.first() {
            let line = of(Line::new(Sign::Tilde), &kinds, &first.names);
            lines.push(words::attributes(line.text(": "), &first.attributes));
        }
    }
    Section {
        heading: "Steps",
        lines,
    }
}

/// Steps of the same things in one line.
fn one_sided_steps(sign: Sign, steps: &[StepOf]) -> Vec<Line> {
    steps
        .chunk_by(|one, other| one.of == other.of)
        .filter_map(|chunk| {
            let steps: Vec<&str> = chunk.iter().map(|one| one.step.as_str()).collect();
            Some(of(Line::new(sign), &steps, &chunk.first()?.of))
        })
        .collect()
}

/// `shift_5, shift_25 of orders, billing`; a step of the migration is of itself.
fn of(line: Line, steps: &[&str], of: &[String]) -> Line {
    let line = line.names(steps, STEPS_SHOWN);
    match (steps, of) {
        ([step], [own]) if own == step => line,
        (_, names) => line.text(" of ").names(names, NAMES_SHOWN),
    }
}

/// As many steps as a pattern usually has.
const STEPS_SHOWN: usize = 24;

pub fn order(difference: &Difference) -> Section {
    let steps = &difference.steps;
    let mut lines = waits(Sign::Plus, "waits for", &steps.waits_gained);
    lines.extend(waits(Sign::Minus, "waits no more for", &steps.waits_lost));
    Section {
        heading: "Order of steps",
        lines,
    }
}

/// Waits by the step that waits.
fn waits(sign: Sign, verb: &str, waits: &[Wait]) -> Vec<Line> {
    waits
        .chunk_by(|one, other| one.step == other.step)
        .filter_map(|chunk| {
            let first = chunk.first()?;
            let names: Vec<&str> = chunk.iter().map(|one| one.waits_for.as_str()).collect();
            let line = Line::new(sign).mood(Mood::Plain).given(&first.step);
            Some(line.text(format!(" {verb} ")).names(&names, NAMES_SHOWN))
        })
        .collect()
}
