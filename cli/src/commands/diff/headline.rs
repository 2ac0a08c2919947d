//! What a reader must see first: what got worse, what got better, and by how much.

use whimbrel_lang::Level;
use whimbrel_plan::difference::{Carrier, ComponentChange, Difference, Outcome};

use super::Report;
use super::said::{Line, Mood, Sign};
use super::words::{self, NAMES_SHOWN};
use crate::commands::plan::strategy;
use crate::render::number::{self, count};

/// The lines, the worst first.
pub fn lines(report: &Report<'_>) -> Vec<Line> {
    let mut lines = findings(report);
    if let Some(difference) = report.difference {
        lines.extend(cycles(difference));
        lines.extend(verdict(difference));
        lines.extend(rollbacks(difference));
        lines.extend(seam(difference));
        lines.extend(path(difference));
        lines.extend(moves(difference));
    }
    lines.extend(
        report
            .estimates
            .into_iter()
            .flat_map(super::Estimates::headline),
    );
    lines.sort_by_key(|line| match line.mood {
        Mood::Bad => 0,
        Mood::Warning => 1,
        Mood::Plain => 2,
        Mood::Good => 3,
    });
    lines
}

fn findings(report: &Report<'_>) -> Vec<Line> {
    let findings = report.findings;
    let gained = [
        (Level::Error, "error", Mood::Bad),
        (Level::Warning, "warning", Mood::Warning),
    ];
    let mut lines = Vec::new();
    for (level, what, mood) in gained {
        let many = findings.new_at(level);
        if many > 0 {
            let new = count(many, &format!("new {what}"));
            lines.push(Line::new(Sign::Plus).mood(mood).text(new));
        }
        let gone = findings.lost.iter();
        let gone = gone.filter(|one| one.finding.level == level).count();
        if gone > 0 {
            let text = format!("{} fewer", count(gone, what));
            lines.push(Line::new(Sign::Minus).mood(Mood::Good).text(text));
        }
    }
    lines
}

fn cycles(difference: &Difference) -> Vec<Line> {
    let hidden = difference.components.iter();
    let told = hidden.filter_map(|change| {
        let members = change.members.len();
        let about = |line: Line| line.names(&change.members, NAMES_SHOWN);
        match (change.was_hidden, change.is_hidden) {
            (false, true) => Some(about(Line::new(Sign::Plus).mood(Mood::Bad).text(format!(
                "a hidden cycle among {}: ",
                count(members, "service")
            )))),
            (true, false) => Some(about(
                Line::new(Sign::Minus)
                    .mood(Mood::Good)
                    .text("no hidden cycle any more among "),
            )),
            (true, true) if change.outcome == Outcome::Changed && grew(change) => Some(
                Line::new(Sign::Tilde)
                    .mood(Mood::Warning)
                    .text(format!(
                        "a hidden cycle grows to {}: ",
                        count(members, "service")
                    ))
                    .names(&change.joined, NAMES_SHOWN)
                    .text(if change.joined.len() == 1 {
                        " joins"
                    } else {
                        " join"
                    }),
            ),
            _ => None,
        }
    });
    told.collect()
}

fn grew(change: &ComponentChange) -> bool {
    !change.joined.is_empty()
}

fn verdict(difference: &Difference) -> Option<Line> {
    let change = difference.checklist.as_ref()?;
    let (before, after) = (&change.before, &change.after);
    (before.verdict != after.verdict).then(|| {
        let (was, is) = (strategy(before.verdict), strategy(after.verdict));
        Line::new(Sign::Tilde).mood(Mood::Warning).text(format!(
            "the checklist says {is} instead of {was} ({} → {} of 30)",
            before.total, after.total
        ))
    })
}

fn rollbacks(difference: &Difference) -> Vec<Line> {
    let of_batches = difference
        .ways_back
        .iter()
        .filter(|way| way.member.is_none());
    let told = of_batches.filter_map(|way| {
        let (before, after) = (&way.before, &way.after);
        let limit = after.rto.map(number::duration).unwrap_or_default();
        let line = |mood, text: &str| {
            Line::new(Sign::Tilde)
                .mood(mood)
                .text("rolling back ")
                .given(&way.batch)
                .text(format!(" {text}"))
        };
        if after.beyond_rto && !before.beyond_rto {
            let takes = words::from_to(&words::p90(before), &words::p90(after));
            let text = format!("takes {takes}, now beyond the RTO of {limit}");
            return Some(line(Mood::Bad, &text));
        }
        if before.beyond_rto && !after.beyond_rto {
            return Some(line(
                Mood::Good,
                &format!("is within the RTO of {limit} now"),
            ));
        }
        (after.p90.is_none() && before.p90.is_some())
            .then(|| line(Mood::Bad, "is not possible any more while it serves"))
    });
    told.collect()
}

fn seam(difference: &Difference) -> Option<Line> {
    // What has just begun to cross where nothing is known of links is told by its own section.
    let bare = difference.seam.iter().filter(|change| {
        change.after == Carrier::Nothing && matches!(change.before, Carrier::By(_))
    });
    let bare: Vec<String> = bare
        .map(|one| format!("{} → {}", one.from, one.to))
        .collect();
    (!bare.is_empty()).then(|| {
        Line::new(Sign::Plus)
            .mood(Mood::Bad)
            .text("nothing carries over the seam any more: ")
            .names(&bare, NAMES_SHOWN)
    })
}

fn path(difference: &Difference) -> Option<Line> {
    let change = difference.critical_path.as_ref()?;
    let (before, after) = (change.duration_before, change.duration_after);
    let (was, is) = (number::duration(before), number::duration(after));
    (was != is).then(|| {
        let by = number::signed(number::duration(after - before), after - before);
        Line::new(Sign::Tilde).text(format!("{was} → {is} at mean durations ({by})"))
    })
}

fn moves(difference: &Difference) -> Option<Line> {
    let between = difference.batches.moved.iter();
    let between = between.filter(|one| one.before.is_some() && one.after.is_some());
    let names: Vec<&str> = between.map(|one| one.name.as_str()).collect();
    (!names.is_empty()).then(|| {
        Line::new(Sign::Tilde)
            .text("in another batch: ")
            .names(&names, NAMES_SHOWN)
    })
}
