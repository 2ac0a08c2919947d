//! The decision checklist, of the plan and of each batch.

use std::fmt::Write as _;

use whimbrel_plan::{Batch, BatchMode, Checklist, ChecklistScore, Plan, ScoreSource, Strategy};

use super::{Page, criterion, strategy};
use crate::console::Tone;
use crate::render::table::{Align, Table};

/// Above so many batches only those are shown that do not move as their scores say.
const BATCHES_SHOWN: usize = 20;

impl Page {
    pub(super) fn checklist(self, plan: &Plan) -> String {
        let checklist = &plan.checklist;
        let mut table = Table::new(&[
            ("criterion", Align::Left),
            ("score", Align::Right),
            ("", Align::Left),
            ("source", Align::Left),
            ("reason", Align::Left),
        ]);
        for score in &checklist.scores {
            let dots = "●".repeat(usize::from(score.score));
            let dots = format!(
                "{dots}{}",
                "·".repeat(5_usize.saturating_sub(score.score.into()))
            );
            table.row([
                criterion(score.criterion).to_owned(),
                score.score.to_string(),
                dots,
                source(score.source).to_owned(),
                score.reason.clone(),
            ]);
        }
        let mut text = self.heading("Decision checklist");
        text.push_str(&table.render(self.width, self.paint));
        let verdict = strategy(checklist.verdict);
        let verdict = self.paint.tone(Tone::Heading, verdict);
        let (total, margin) = (checklist.total, checklist.margin);
        let points = if margin == 1 { "point" } else { "points" };
        let _ = writeln!(
            text,
            "  total {total} of 30: {verdict}, {margin} {points} from the nearest other verdict"
        );
        let flip = checklist
            .flip
            .iter()
            .map(|flip| format!("one change would flip it: {flip}"));
        for line in flip.chain(checklist.notes.iter().cloned()) {
            self.paragraph(&mut text, &line);
        }
        text.push_str(&self.batch_by_batch(plan));
        text
    }

    /// The scores of the batches, where there are several: of many those that do not move as their
    /// scores say.
    fn batch_by_batch(self, plan: &Plan) -> String {
        let batches: Vec<(&Batch, &Checklist)> =
            plan.batches.values().zip(&plan.batch_checklists).collect();
        if batches.len() < 2 {
            return String::new();
        }
        let all = batches.len() <= BATCHES_SHOWN;
        let shown: Vec<_> = batches
            .iter()
            .filter(|(batch, checklist)| all || !agrees(batch, checklist.verdict))
            .take(BATCHES_SHOWN)
            .collect();
        let mut table = Table::new(&[
            ("batch", Align::Left),
            ("coupling", Align::Right),
            ("team", Align::Right),
            ("automation", Align::Right),
            ("risk", Align::Right),
            ("time", Align::Right),
            ("dual", Align::Right),
            ("total", Align::Right),
            ("verdict", Align::Left),
        ]);
        for (batch, checklist) in &shown {
            let mut row = vec![batch.name.clone()];
            row.extend(checklist.scores.iter().map(figure));
            row.push(checklist.total.to_string());
            let verdict = strategy(checklist.verdict);
            row.push(if agrees(batch, checklist.verdict) {
                verdict.to_owned()
            } else {
                format!("{verdict} (moves {})", mode(batch.mode))
            });
            table.row(row);
        }
        let mut text = String::from("\n");
        let others = batches.len() - shown.len();
        if shown.is_empty() {
            let _ = writeln!(
                text,
                "  each of the {others} batches moves as its own scores say"
            );
            return text;
        }
        text.push_str(&table.render(self.width, self.paint));
        if others > 0 {
            let _ = writeln!(text, "  and {others} others");
        }
        let unknown = shown.iter().flat_map(|(_, checklist)| &checklist.scores);
        if unknown
            .clone()
            .any(|score| score.source == ScoreSource::Unknown)
        {
            text.push_str("  ? is not known, and counts as little as it can\n");
        }
        text
    }
}

/// `3`, and `1?` of what is not known.
fn figure(score: &ChecklistScore) -> String {
    let mark = if score.source == ScoreSource::Unknown {
        "?"
    } else {
        ""
    };
    format!("{}{mark}", score.score)
}

/// Whether a batch goes as a strategy would have it: hybrid allows both orders, and one unit alone has
/// none.
pub fn agrees(batch: &Batch, verdict: Strategy) -> bool {
    let alone = batch.units.len() < 2;
    match verdict {
        Strategy::Sequential => alone || batch.mode == BatchMode::Sequential,
        Strategy::Parallel => alone || batch.mode == BatchMode::Parallel,
        Strategy::Hybrid => true,
    }
}

fn mode(mode: BatchMode) -> &'static str {
    match mode {
        BatchMode::Sequential => "in sequence",
        BatchMode::Parallel => "in parallel",
    }
}

fn source(source: ScoreSource) -> &'static str {
    match source {
        ScoreSource::Declared => "declared",
        ScoreSource::Derived => "derived",
        ScoreSource::Unknown => "unknown",
    }
}
