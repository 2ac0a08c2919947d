//! Why some trials never finish.

use whimbrel_simulator::{Estimates, Lack, Missed};

use crate::render::number;

/// How many steps that wait in vain are told.
const MOST_STEPS: usize = 5;

const FAILED: &str = "it never finishes where a step or batch failed twenty times; smaller batches \
                      or `isolate = flags` help";

/// A sentence for each reason; none where all trials finish.
pub fn sentences(estimates: &Estimates) -> Vec<String> {
    let missed = &estimates.missed;
    let told = missed.iter().take(MOST_STEPS);
    let mut sentences: Vec<String> = told.map(|it| in_vain(it, estimates.trials)).collect();
    let more = missed.len().saturating_sub(MOST_STEPS);
    if more > 0 {
        let steps = number::count(more, "further step");
        sentences.push(format!("{steps} in fewer trials; `--format json` has all"));
    }
    let others = estimates.unfinished - missed.iter().map(|it| it.share).sum::<f64>();
    // Shares are whole trials, and what sums leave over is far less than one.
    if others * number::as_f64(usize::try_from(estimates.trials).unwrap_or(usize::MAX)) > 0.5 {
        sentences.push(FAILED.to_owned());
    }
    sentences
}

fn in_vain(missed: &Missed, trials: u64) -> String {
    let why = match (missed.lack, &missed.window) {
        (Lack::Window, window) => {
            let window = window.as_deref().unwrap_or_default();
            format!("once ready, it fits into no opening of `{window}` within five years")
        }
        (Lack::Freeze, _) => "once ready, freezes leave it no room within five years".to_owned(),
        (Lack::Calendar, _) => {
            "its calendars have too few open hours within two hundred years".to_owned()
        }
    };
    let share = number::chance(missed.share, trials);
    format!("`{}` holds up {share} of the trials: {why}", missed.step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_for_what_and_how_often_is_said() {
        for (lack, window, why) in [
            (
                Lack::Window,
                Some("night"),
                "once ready, it fits into no opening of `night` within five years",
            ),
            (
                Lack::Freeze,
                None,
                "once ready, freezes leave it no room within five years",
            ),
            (
                Lack::Calendar,
                None,
                "its calendars have too few open hours within two hundred years",
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
            assert_eq!(in_vain(&missed, 10_000), expected);
        }
    }
}
