//! Why some trials never finish.

use whimbrel_simulator::{Estimates, Missed};

use crate::render::number;

/// How many steps are told.
const MOST_STEPS: usize = 5;

/// A sentence for each reason; none where all trials finish.
pub fn sentences(estimates: &Estimates) -> Vec<String> {
    let missed = &estimates.missed;
    let told = missed.iter().take(MOST_STEPS);
    let mut sentences: Vec<String> = told.map(|it| sentence(it, estimates.trials)).collect();
    let more = missed.len().saturating_sub(MOST_STEPS);
    if more > 0 {
        let steps = number::count(more, "further step");
        sentences.push(format!("{steps} in fewer trials; `--format json` has all"));
    }
    sentences
}

fn sentence(missed: &Missed, trials: u64) -> String {
    let share = number::chance(missed.share, trials);
    let (step, reason) = (&missed.step, missed.reason());
    format!("`{step}` holds up {share} of the trials: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use whimbrel_simulator::Lack;

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
                share: 0.03,
            };
            // 1.96 √(0.03 · 0.97 / 10,000) is 0.33 %.
            let expected = format!("`a/b` holds up 3.0 % ± 0.3 % of the trials: {why}");
            assert_eq!(sentence(&missed, 10_000), expected);
        }
    }
}
