//! The codes that no rule of the compiler stands behind: those of this crate, of the simulator and
//! of the hand-off. Each is declared where it is raised; this only lists them.

use include_dir::{Dir, include_dir};
use whimbrel_compiler::explain::first_sentence;
use whimbrel_handoff::HandoffError;
use whimbrel_simulator::SimulationError;

use crate::error;

/// A page for each, by its name.
static PAGES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/codes");

/// A code, and what is known of it without an occasion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherCode {
    /// `MG1501`.
    pub number: &'static str,
    /// `file-not-found`.
    pub name: &'static str,
    /// What to do, in a line.
    pub help: Option<&'static str>,
}

impl OtherCode {
    /// The page of the code, in Markdown.
    pub fn page(&self) -> String {
        let start = "## Example\nIt begins with the files that `whimbrel init` writes.\n\n";
        self.text().replacen("## Example\n", start, 1)
    }

    fn text(&self) -> &'static str {
        let file = PAGES.get_file(format!("{}.md", self.name));
        let text = file.and_then(|file| file.contents_utf8());
        text.unwrap_or_default()
    }

    /// What it means: the first sentence of its page, without its full stop.
    pub fn summary(&self) -> String {
        first_sentence(self.text())
    }
}

/// All of them, by number.
pub fn all() -> Vec<OtherCode> {
    let ours = error::TABLE.iter().map(|(code, help)| OtherCode {
        number: code.number,
        name: code.name,
        help: Some(help),
    });
    let simulator = SimulationError::table().iter();
    let simulator = simulator.map(|&(number, name, help)| OtherCode {
        number,
        name,
        help: Some(help),
    });
    let handoff = handoff().into_iter().map(|error| OtherCode {
        number: error.code(),
        name: error.name(),
        help: error.help(),
    });
    ours.chain(simulator).chain(handoff).collect()
}

/// The code of this number or name, in any case.
pub fn find(topic: &str) -> Option<OtherCode> {
    all().into_iter().find(|code| {
        let known = [code.number, code.name];
        known.iter().any(|known| known.eq_ignore_ascii_case(topic))
    })
}

/// One error of each kind.
fn handoff() -> [HandoffError; 14] {
    let some = || "…".to_owned();
    [
        HandoffError::Json(some()),
        HandoffError::MissingTemplate {
            executor: some(),
            template: some(),
        },
        HandoffError::Template {
            template: some(),
            place: None,
            reason: some(),
        },
        HandoffError::UnknownLanguage(some()),
        HandoffError::OutsidePath(some()),
        HandoffError::Duplicate(some()),
        HandoffError::OtherPlan {
            plan: some(),
            estimates: some(),
        },
        HandoffError::MissingExecutor(some()),
        HandoffError::Cycle(some()),
        HandoffError::Unmeasured {
            measure: some(),
            subject: some(),
        },
        HandoffError::Refused {
            executor: some(),
            reason: some(),
        },
        HandoffError::UnknownInTemplate {
            template: some(),
            name: some(),
        },
        HandoffError::UnusedSetting {
            executor: some(),
            setting: some(),
        },
        HandoffError::UnusedTemplate {
            executor: some(),
            template: some(),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_there_once_in_order() {
        let numbers: Vec<&str> = all().iter().map(|code| code.number).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        for family in ["MG15", "MG16", "MG17"] {
            let of_family = numbers.iter().filter(|code| code.starts_with(family));
            let last = of_family.clone().next_back().unwrap();
            // They are numbered from 1 without a gap.
            assert_eq!(*last, format!("{family}{:02}", of_family.count()));
        }
    }
}
