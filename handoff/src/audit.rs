//! The journal of a walk, verified: every entry names the hash of the one before it.

use serde::Deserialize;
use thiserror::Error;

use crate::names::sha256;

/// What a sound journal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// Hash of the plan that was walked; empty for a journal without entries.
    pub plan_hash: String,
    /// How many entries there are.
    pub entries: usize,
    /// SHA-256 of the last entry: compare it with the one given out, since a journal that was cut
    /// short is sound in itself.
    pub head: String,
    /// Whether the last line was being written when the power went.
    pub torn: bool,
    /// The last event of each step, in order of appearance.
    pub steps: Vec<StepReport>,
    /// How many rollbacks there were.
    pub rollbacks: usize,
}

/// What the journal last says of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepReport {
    /// The step.
    pub step: String,
    /// The last event: `begin`, `acted`, `end`, `undone` and so on.
    pub event: String,
    /// Its attempt.
    pub attempt: u64,
}

/// Why a journal is not sound. Lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AuditError {
    /// Not an entry.
    #[error("line {0} is not an entry of a journal")]
    NotAnEntry(usize),
    /// The chain is broken.
    #[error("line {0} does not name the hash of the line before it")]
    Broken(usize),
    /// An entry is missing or there twice.
    #[error("line {line} has number {number}")]
    Number {
        /// The line.
        line: usize,
        /// The number it has.
        number: u64,
    },
    /// Entries of another plan.
    #[error("line {0} belongs to another plan than the first")]
    OtherPlan(usize),
}

#[derive(Deserialize)]
struct Entry {
    seq: u64,
    prev: String,
    plan: String,
    event: String,
    step: String,
    attempt: u64,
}

/// Verifies the hash chain of a journal and sums it up.
///
/// # Errors
/// At the first line that is not sound.
pub fn audit(journal: &str) -> Result<AuditReport, AuditError> {
    let (complete, rest) = match journal.rfind('\n') {
        Some(end) => journal.split_at(end + 1),
        None => ("", journal),
    };
    let mut report = AuditReport {
        plan_hash: String::new(),
        entries: 0,
        head: "0".repeat(64),
        torn: !rest.is_empty(),
        steps: Vec::new(),
        rollbacks: 0,
    };
    for (index, line) in complete.lines().enumerate() {
        let entry = read(line, index + 1, &report)?;
        note(&mut report, entry);
        report.head = sha256(line.as_bytes());
        report.entries = index + 1;
    }
    Ok(report)
}

fn read(line: &str, number: usize, so_far: &AuditReport) -> Result<Entry, AuditError> {
    let entry: Entry = serde_json::from_str(line).map_err(|_| AuditError::NotAnEntry(number))?;
    if entry.prev != so_far.head {
        return Err(AuditError::Broken(number));
    }
    if usize::try_from(entry.seq) != Ok(number) {
        return Err(AuditError::Number {
            line: number,
            number: entry.seq,
        });
    }
    if number > 1 && entry.plan != so_far.plan_hash {
        return Err(AuditError::OtherPlan(number));
    }
    Ok(entry)
}

fn note(report: &mut AuditReport, entry: Entry) {
    report.plan_hash = entry.plan;
    if entry.event == "rollback" {
        report.rollbacks += 1;
    }
    if entry.step.is_empty() {
        return;
    }
    let said = StepReport {
        step: entry.step,
        event: entry.event,
        attempt: entry.attempt,
    };
    match report.steps.iter_mut().find(|step| step.step == said.step) {
        Some(step) => *step = said,
        None => report.steps.push(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(entries: &[(&str, &str)]) -> String {
        let mut text = String::new();
        let mut prev = "0".repeat(64);
        for (index, (event, step)) in entries.iter().enumerate() {
            let line =
                serde_json::json!({"seq": index + 1, "prev": prev, "plan": "ab", "event": event,
                "step": step, "attempt": 1})
                .to_string();
            prev = sha256(line.as_bytes());
            text.push_str(&line);
            text.push('\n');
        }
        text
    }

    #[test]
    fn a_sound_journal_is_summed_up() {
        let report = audit(&journal(&[
            ("open", ""),
            ("begin", "a"),
            ("end", "a"),
            ("rollback", "a"),
        ]))
        .unwrap();
        assert_eq!(
            (report.entries, report.rollbacks, report.torn),
            (4, 1, false)
        );
        assert_eq!(report.steps[0].event, "rollback");
    }

    #[test]
    fn an_empty_journal_is_sound() {
        assert_eq!(audit("").unwrap().entries, 0);
    }

    #[test]
    fn a_torn_last_line_is_not_tampering() {
        let report = audit(&(journal(&[("open", "")]) + "{\"seq\":2,\"pr")).unwrap();
        assert!(report.torn);
        assert_eq!(report.entries, 1);
    }

    #[test]
    fn a_changed_line_breaks_the_chain_after_it() {
        let text = journal(&[("open", ""), ("begin", "a"), ("end", "a")]).replace("begin", "start");
        assert_eq!(audit(&text), Err(AuditError::Broken(3)));
    }

    #[test]
    fn a_line_taken_out_or_turned_round_is_found() {
        let text = journal(&[("open", ""), ("begin", "a"), ("end", "a")]);
        let lines: Vec<&str> = text.lines().collect();
        let without = format!("{}\n{}\n", lines[0], lines[2]);
        assert_eq!(audit(&without), Err(AuditError::Broken(2)));
        let turned = format!("{}\n{}\n", lines[1], lines[0]);
        assert_eq!(audit(&turned), Err(AuditError::Broken(1)));
    }

    #[test]
    fn what_is_no_entry_is_refused() {
        assert_eq!(audit("hello\n"), Err(AuditError::NotAnEntry(1)));
    }
}
