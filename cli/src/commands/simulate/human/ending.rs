//! How a run ended that was not simply one of so many trials.

use whimbrel_simulator::{Convergence, ConvergenceFigure, Estimates};

use crate::console::{Paint, Tone};
use crate::render::number;

/// A line for each thing to know; none for a run of all the trials asked for.
pub fn sentences(estimates: &Estimates, paint: Paint) -> String {
    let mut text = String::new();
    let mut say = |tone, sentence: &str| {
        text.push_str(&paint.tone(tone, sentence));
        text.push('\n');
    };
    if estimates.certain {
        let sentence =
            "nothing in the plan is uncertain: every trial is the same, so the figures are exact";
        say(Tone::Good, sentence);
    }
    if estimates.interrupted {
        let (done, asked) = (count(estimates.trials), count(estimates.trials_asked));
        let sentence =
            format!("interrupted after {done} of {asked} trials: what follows is from those");
        say(Tone::Warning, &sentence);
    }
    if estimates.unfinished > 0.0 && estimates.unfinished < 1.0 {
        let sentence = "some trials never finish: means of time, cost and hours are over those that \
                        do; percentiles, rollbacks and harm are over all";
        say(Tone::Warning, sentence);
    }
    if let Some(convergence) = &estimates.convergence {
        let tone = if convergence.converged {
            Tone::Good
        } else {
            Tone::Warning
        };
        say(tone, &converged(convergence, estimates));
    }
    text
}

/// That a run ended without what it was to find out, where it did.
pub fn unconverged(estimates: &Estimates) -> Option<String> {
    let convergence = estimates.convergence.as_ref();
    let short = convergence.filter(|convergence| !convergence.converged)?;
    Some(converged(short, estimates))
}

fn converged(convergence: &Convergence, estimates: &Estimates) -> String {
    let figures: Vec<String> = convergence.figures.iter().map(figure).collect();
    let figures = figures.join(", ");
    if convergence.converged {
        return format!("converged: {figures}");
    }
    let wanted = number::percent(convergence.tolerance, 0.0);
    let advice = if figures.contains(UNDEFINED) {
        "; too many trials never finish"
    } else if estimates.interrupted || estimates.trials < estimates.trials_asked {
        ""
    } else {
        "; `--trials` allows more"
    };
    format!("not converged to ± {wanted}: {figures}{advice}")
}

const UNDEFINED: &str = "not defined";

fn figure(figure: &ConvergenceFigure) -> String {
    let known = figure.error.map_or_else(
        || UNDEFINED.to_owned(),
        |error| format!("± {}", number::percent(error, error / 10.0)),
    );
    format!("`{}` {known}", figure.name)
}

fn count(trials: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "trials are far below 2^52")]
    number::number(trials as f64, 0.0, 1.0)
}
