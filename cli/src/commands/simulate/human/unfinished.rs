//! Why some trials never finish.

use whimbrel_simulator::{Estimates, Missed};

use crate::render::number;

/// How many steps are told.
const MOST_STEPS: usize = 5;

/// A sentence for each reason; none where all trials finish.
pub fn sentences(estimates: &Estimates) -> Vec<String> {
    let missed = &estimates.missed;
    let told = missed.iter().take(MOST_STEPS);
    let mut sentences: Vec<String> = told.map(Missed::sentence).collect();
    let more = missed.len().saturating_sub(MOST_STEPS);
    if more > 0 {
        let steps = number::count(more, "further step");
        sentences.push(format!("{steps} in fewer trials; `--format json` has all"));
    }
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;
    use whimbrel_simulator::{Lack, MissedError};

    #[test]
    fn which_step_why_and_how_often_is_said() {
        for (lack, window, why) in [
            (
                Lack::Window,
                Some("night"),
                "it fits into no opening of its window `night` within five years of being ready",
            ),
            (
                Lack::Transfer,
                None,
                "it never catches up with what changes meanwhile",
            ),
        ] {
            let missed = Missed {
                step: "a/b".to_owned(),
                lack,
                window: window.map(str::to_owned),
                freezes: Vec::new(),
                share: 0.03,
                error: MissedError {
                    share: Some([0.027, 0.034]),
                },
            };
            let expected = format!("`a/b` holds up 3.0 % ± 0.4 % of the trials: {why}");
            assert_eq!(missed.sentence(), expected);
        }
    }
}
