//! The breakpoints of derived scores, and the page that prints them.

use std::fmt::Write as _;

use whimbrel_plan::Criterion;

use super::{CRITERIA, HYBRID_FROM, PARALLEL_FROM, UNREHEARSED_AUTOMATION, name};

/// How one number becomes a score.
#[derive(Clone, Copy, Debug)]
pub struct Breakpoints {
    /// The criterion it counts for; of several numbers of one criterion the least score counts.
    pub criterion: Criterion,
    /// What the number is.
    pub what: &'static str,
    /// Whether the number is a ratio, printed in percent.
    pub ratio: bool,
    /// Up to and including the number, the score; ascending, the last without end.
    pub bands: &'static [(f64, u8)],
}

impl Breakpoints {
    /// The score of `value`.
    #[must_use]
    pub fn score(&self, value: f64) -> u8 {
        let band = self.bands.iter().find(|(up_to, _)| value <= *up_to);
        band.or(self.bands.last()).map_or(1, |(_, score)| *score)
    }
}

const END: f64 = f64::INFINITY;

pub(super) const COUPLED: Breakpoints = Breakpoints {
    criterion: Criterion::Coupling,
    what: "share of services in a cycle or sharing a written table",
    ratio: true,
    bands: &[(0.05, 5), (0.15, 4), (0.3, 3), (0.5, 2), (END, 1)],
};
pub(super) const HARD_EDGES: Breakpoints = Breakpoints {
    criterion: Criterion::Coupling,
    what: "hard edges between services, per service",
    ratio: false,
    bands: &[(0.5, 5), (1.0, 4), (2.0, 3), (4.0, 2), (END, 1)],
};
pub(super) const ENGINEERS: Breakpoints = Breakpoints {
    criterion: Criterion::TeamSize,
    what: "engineers of the migration's teams",
    ratio: false,
    bands: &[(2.0, 2), (5.0, 3), (9.0, 4), (END, 5)],
};
pub(super) const AUTOMATED: Breakpoints = Breakpoints {
    criterion: Criterion::Automation,
    what: "share of steps whose act, check and undo an executor carries out",
    ratio: true,
    bands: &[(0.2, 1), (0.4, 2), (0.6, 3), (0.8, 4), (END, 5)],
};
pub(super) const ABOVE_SUPPORTING: Breakpoints = Breakpoints {
    criterion: Criterion::RiskTolerance,
    what: "share of what moves that is important or critical",
    ratio: true,
    bands: &[(0.0, 5), (END, 4)],
};
pub(super) const CRITICAL: Breakpoints = Breakpoints {
    criterion: Criterion::RiskTolerance,
    what: "share of what moves that is critical",
    ratio: true,
    bands: &[(0.0, 5), (0.25, 3), (END, 2)],
};
pub(super) const REVENUE: Breakpoints = Breakpoints {
    criterion: Criterion::RiskTolerance,
    what: "revenue per hour of what moves, in the plan's currency",
    ratio: false,
    bands: &[
        (0.0, 5),
        (1_000.0, 4),
        (50_000.0, 3),
        (500_000.0, 2),
        (END, 1),
    ],
};
pub(super) const TIME_USED: Breakpoints = Breakpoints {
    criterion: Criterion::Timeline,
    what: "sequential duration at mean values, phases included, over the time available",
    ratio: true,
    bands: &[(0.25, 1), (0.5, 2), (0.8, 3), (1.0, 4), (END, 5)],
};
pub(super) const DUAL_RUNNING: Breakpoints = Breakpoints {
    criterion: Criterion::DualRunning,
    what: "sequential dual-running cost over the budget, or over a year's running cost",
    ratio: true,
    bands: &[(0.02, 1), (0.1, 2), (0.25, 3), (0.5, 4), (END, 5)],
};

/// All of them.
pub const BREAKPOINTS: [Breakpoints; 9] = [
    COUPLED,
    HARD_EDGES,
    ENGINEERS,
    AUTOMATED,
    ABOVE_SUPPORTING,
    CRITICAL,
    REVENUE,
    TIME_USED,
    DUAL_RUNNING,
];

/// Rules data may be under, of one sort.
#[derive(Clone, Copy, Debug)]
pub struct Regimes {
    /// What they protect.
    pub what: &'static str,
    /// What they are called in plans.
    pub names: &'static [&'static str],
    /// The risk tolerance they leave.
    pub score: u8,
    /// The same beside something critical that moves.
    pub score_if_critical: u8,
}

/// Regimes by what they protect. One that stands nowhere here counts as the first.
pub const REGIMES: [Regimes; 4] = [
    Regimes {
        what: "finance",
        names: &["sox", "psd2", "dora", "basel", "glba", "mifid", "mas"],
        score: 2,
        score_if_critical: 1,
    },
    Regimes {
        what: "health",
        names: &["hipaa", "hitech", "hds"],
        score: 2,
        score_if_critical: 1,
    },
    Regimes {
        what: "card data",
        names: &["pci", "pci_dss"],
        score: 2,
        score_if_critical: 1,
    },
    Regimes {
        what: "personal data",
        names: &["gdpr", "ccpa", "lgpd", "pdpa", "appi", "pipeda"],
        score: 3,
        score_if_critical: 3,
    },
];

/// Every derivation and its breakpoints, in Markdown.
#[must_use]
pub fn explain() -> String {
    let mut page = format!(
        "# The decision checklist\n\n\
         Six answers from 1 (sequential) to 5 (parallel). 6–{}: sequential; {HYBRID_FROM}–{}: \
         hybrid; {PARALLEL_FROM}–30: parallel. A 1 for service coupling or risk tolerance caps the \
         verdict at hybrid.\n\nAn answer the plan does not give is derived. What is not known \
         scores 1, the timeline 2. Where one answer has several numbers, the least score counts.\n",
        HYBRID_FROM - 1,
        PARALLEL_FROM - 1,
    );
    page.push_str(
        "\nThe margin is how many points the total is from the nearest other verdict; the flip is the \
         smallest change of one score that gives another verdict, caps included, and of equals that of \
         the first criterion here.\n",
    );
    for criterion in CRITERIA {
        let _ = write!(page, "\n## {}\n", name(criterion));
        for table in BREAKPOINTS
            .iter()
            .filter(|table| table.criterion == criterion)
        {
            explain_table(&mut page, table);
        }
        match criterion {
            Criterion::Automation => {
                let _ = writeln!(
                    page,
                    "\nAt most {UNREHEARSED_AUTOMATION} until a rehearsal has passed."
                );
            }
            Criterion::RiskTolerance => explain_regimes(&mut page),
            Criterion::Timeline => page.push_str("\nWithout a deadline: 2.\n"),
            _ => {}
        }
    }
    page.push_str(BATCHES);
    page
}

/// What is different for a batch.
const BATCHES: &str = "
## Batch by batch

A hybrid plan is several decisions, so each batch has its scores too, by the same tables. What the
plan answers itself holds for all of them. Of the rest a batch has

- the coupling of its services among themselves,
- the engineers of the teams its steps need,
- the automation of its steps, at most 3 until a rehearsal of this batch has passed,
- the risk tolerance of what it moves,
- the time it takes in sequence over what it takes as planned and what is to spare until the deadline,
- the dual running of what it moves in sequence over its part of the budget, which is its part of the
  time all takes in sequence, or over a year's running cost of what it moves.
";

fn explain_table(page: &mut String, table: &Breakpoints) {
    let _ = write!(page, "\n| {} | score |\n|---|---|\n", table.what);
    let shown = |number: f64| match table.ratio {
        true => format!("{} %", number * 100.0),
        false => number.to_string(),
    };
    let mut above = None;
    for &(up_to, score) in table.bands {
        let band = match above {
            _ if up_to.is_finite() => format!("up to {}", shown(up_to)),
            Some(above) => format!("above {}", shown(above)),
            None => "any".to_owned(),
        };
        let _ = writeln!(page, "| {band} | {score} |");
        above = Some(up_to);
    }
}

fn explain_regimes(page: &mut String) {
    page.push_str(
        "\n| data that moves is under | score | beside something critical |\n|---|---|---|\n",
    );
    for regimes in &REGIMES {
        let _ = writeln!(
            page,
            "| {} ({}) | {} | {} |",
            regimes.what,
            regimes.names.join(", "),
            regimes.score,
            regimes.score_if_critical,
        );
    }
    if let Some(first) = REGIMES.first() {
        let _ = writeln!(page, "\nA regime not named here counts as {}.", first.what);
    }
    page.push_str(
        "Where nothing that moves has a tier above supporting, a revenue or a regime, the \
         tolerance is unknown.\n",
    );
}
