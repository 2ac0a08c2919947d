//! The codes that no rule of the compiler stands behind: those of this crate, of the simulator and
//! of the hand-off. Each is declared where it is raised; this only lists them.

use whimbrel_handoff::HandoffError;
use whimbrel_simulator::SimulationError;

use crate::error;

/// A code, and what is known of it without an occasion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherCode {
    /// `MG1501`.
    pub number: &'static str,
    /// `file-not-found`.
    pub name: Option<&'static str>,
    /// What it says, `…` standing for names of the plan.
    pub message: Option<String>,
    /// What to do.
    pub help: Option<&'static str>,
}

impl OtherCode {
    /// The page of the code, in Markdown.
    pub fn page(&self) -> String {
        let title = self.name.map_or(String::new(), |name| format!(" {name}"));
        let mut page = format!("# {}{title}\n", self.number);
        for paragraph in [self.message.as_deref(), self.help].into_iter().flatten() {
            page.push_str(&format!("\n{paragraph}\n"));
        }
        page
    }

    /// What it means in a line.
    pub fn summary(&self) -> &str {
        let message = self.message.as_deref();
        message.or(self.help).unwrap_or_default()
    }
}

/// All of them, by number.
pub fn all() -> Vec<OtherCode> {
    let ours = error::TABLE.iter().map(|(code, doc, help)| OtherCode {
        number: code.number,
        name: Some(code.name),
        message: Some(doc.trim().to_owned()),
        help: Some(help),
    });
    let simulator = SimulationError::table().iter();
    let simulator = simulator.map(|&(number, name, help)| OtherCode {
        number,
        name: Some(name),
        message: None,
        help: Some(help),
    });
    let handoff = handoff().into_iter().map(|error| OtherCode {
        number: error.code(),
        name: Some(error.name()),
        message: Some(error.message()),
        help: error.help(),
    });
    ours.chain(simulator).chain(handoff).collect()
}

/// The code of this number or name, in any case.
pub fn find(topic: &str) -> Option<OtherCode> {
    all().into_iter().find(|code| {
        let name = code.name.unwrap_or_default();
        [code.number, name]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(topic))
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
