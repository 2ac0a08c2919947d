//! Requirements on estimates: `deadline_probability >= 0.8`.
//!
//! Any numeric field of `simulate --format json` by its dotted path (`cost.p80`,
//! `cost.kinds.network.mean`, `batches.core.finish` is no number). A requirement is met or unmet
//! only where the 95 % interval of the estimate lies on one side of the limit. The intervals are
//! the business of `interval`; where there is none, the requirement is undecided.

mod interval;

use serde_json::Value;
use whimbrel_plan::NO_CURRENCY;

use crate::{Estimates, SimulationError};
use interval::{EXACT, Sample, interval, unfinished};

/// Which figures can be held against a limit.
const WITH_INTERVAL: &str = "chances, means and quantiles have one";

/// What helps where an interval straddles the limit.
const NARROWED: &str = "; more trials narrow it";

/// Shares of trials that are named otherwise than `…_probability`.
const SHARES: [&str; 3] = ["unfinished", "criticality", "critical_path_percentile"];

/// What defines the figures that begin so.
const DEFINED_BY: [(&str, &str); 7] = [
    ("deadline_probability", "a `deadline`"),
    ("budget_probability", "a `budget`"),
    ("joint_probability", "a `deadline` and a `budget`"),
    ("sla.", "an `objective { sla = … }`"),
    ("rto.", "an `objective { rto = … }`"),
    ("rpo.", "an `objective { rpo = … }`"),
    ("cost.", "a `currency`, and prices to what it costs"),
];

/// What is without end where a trial never finishes.
const OF_THE_END: [&str; 5] = [
    "duration_days",
    "cost",
    "dual_running_days",
    "effort_hours",
    "wasted_hours",
];

/// Figures of [`OF_THE_END`] that are over the trials that finish.
const MOMENTS: [&str; 2] = ["mean", "sd"];

/// How an estimate is compared with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Self::Less => value < limit,
            Self::LessOrEqual => value <= limit,
            Self::Greater => value > limit,
            Self::GreaterOrEqual => value >= limit,
        }
    }
}

/// What a simulation must show.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    text: String,
    field: String,
    comparison: Comparison,
    limit: f64,
}

/// Whether a requirement is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The whole interval satisfies it.
    Met,
    /// No part of the interval does.
    Unmet,
    /// The interval straddles the limit, or there is no estimate.
    Undecided,
}

/// The answer to a requirement.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// Met, unmet or undecided.
    pub outcome: Outcome,
    /// Why, in a sentence.
    pub sentence: String,
}

impl Requirement {
    /// Reads `FIELD COMPARISON NUMBER`; the number may be a ratio (`80%`) and have `_` in it.
    ///
    /// # Errors
    /// When the text is not of that form.
    pub fn parse(text: &str) -> Result<Self, SimulationError> {
        let wrong = || SimulationError::RequirementSyntax(text.to_owned());
        let at = text.find(['<', '>']).ok_or_else(wrong)?;
        let (field, rest) = text.split_at_checked(at).ok_or_else(wrong)?;
        let comparisons = [
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let found = comparisons
            .into_iter()
            .find_map(|(sign, comparison)| Some((comparison, rest.strip_prefix(sign)?)));
        let (comparison, limit) = found.ok_or_else(wrong)?;
        let field = field.trim();
        if field.is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            text: text.trim().to_owned(),
            field: field.to_owned(),
            comparison,
            limit: number(limit.trim()).ok_or_else(wrong)?,
        })
    }

    /// Holds the estimates against the requirement.
    ///
    /// # Errors
    /// When there is no numeric estimate of that name.
    pub fn judge(&self, estimates: &Estimates) -> Result<Judgement, SimulationError> {
        let unknown = || SimulationError::UnknownEstimate(self.field.clone());
        let root = serde_json::to_value(estimates).map_err(|_| unknown())?;
        let (parent, name) = match self.field.rsplit_once('.') {
            Some((parent, name)) => (lookup(&root, parent).ok_or_else(unknown)?, name),
            None => (&root, self.field.as_str()),
        };
        let money = self.field.starts_with("cost.");
        let whole = self.field.split('.').next().unwrap_or_default();
        let endless = estimates.unfinished > 0.0 && OF_THE_END.contains(&whole);
        let value = match parent.get(name) {
            Some(Value::Number(_)) if money && estimates.currency == NO_CURRENCY => {
                return Ok(self.undefined());
            }
            Some(Value::Number(value)) => value.as_f64().ok_or_else(unknown)?,
            Some(Value::Null) => {
                let share = name.strip_prefix('p').and_then(|it| it.parse::<f64>().ok());
                return Ok(match share.filter(|_| endless) {
                    Some(percent) => {
                        let [fewest, _] = unfinished(estimates);
                        let certain = fewest > 1.0 - percent / 100.0;
                        let found = format!("`{}` is among those", self.field);
                        self.endless(certain, estimates, &found)
                    }
                    None => self.undefined(),
                });
            }
            _ => return Err(unknown()),
        };
        if self.field == name && EXACT.contains(&name) {
            return Ok(self.compare(value, [value, value]));
        }
        let sample = Sample::new(parent, estimates);
        if endless && MOMENTS.contains(&name) {
            let field = &self.field;
            let found = format!("`{field}` is {} over those that do", short(value));
            return Ok(self.endless(true, estimates, &found));
        }
        Ok(match interval(&sample, name, value) {
            Some(ends) => self.compare_known(value, ends, estimates),
            None => self.open(value, sample.trials),
        })
    }

    /// As [`Self::compare`]; but where not every cost is known, costs are lower bounds, and chances to
    /// pay no more than the budget are upper ones; so is effort where some work is nobody's, and what
    /// requests are lost where some traffic is unknown.
    fn compare_known(&self, value: f64, [low, high]: [f64; 2], estimates: &Estimates) -> Judgement {
        let (costs, effort) = (estimates.cost.at_least, &estimates.effort_hours);
        let requests = estimates.blast_radius.requests_lost_at_least
            && self.field.starts_with("blast_radius.requests_lost.");
        let bounded = match self.field.as_str() {
            _ if requests => [low, f64::INFINITY],
            field if costs && field.starts_with("cost.") => [low, f64::INFINITY],
            field if effort.at_least && field.starts_with("effort_hours.") => [low, f64::INFINITY],
            "budget_probability" | "joint_probability" if costs => [f64::NEG_INFINITY, high],
            _ => return self.compare(value, [low, high]),
        };
        let mut judgement = self.compare(value, bounded);
        if judgement.outcome == Outcome::Undecided {
            judgement.sentence = judgement.sentence.replace(NARROWED, "");
        }
        judgement.sentence += &match effort.without_team.as_slice() {
            [first, more @ ..] if self.field.starts_with("effort_hours.") => uncounted(first, more),
            _ if requests => "; not all traffic is known, `unknown` says whose is not".to_owned(),
            _ => "; not every cost is known, `unknown` says which are not".to_owned(),
        };
        judgement
    }

    /// Nothing says how far the figure may be off.
    fn open(&self, value: f64, trials: u64) -> Judgement {
        let (text, field, value) = (&self.text, &self.field, short(value));
        Judgement {
            outcome: Outcome::Undecided,
            sentence: format!(
                "`{text}` is undecided: `{field}` is {value}, without a 95 % interval from \
                 {trials} trials; {WITH_INTERVAL}, given enough trials that finish"
            ),
        }
    }

    /// The figure counts trials that never finish, so it is beyond every limit, if that is certain.
    fn endless(&self, certain: bool, estimates: &Estimates, found: &str) -> Judgement {
        let (outcome, answer, advice) =
            match (certain, self.comparison.holds(f64::INFINITY, self.limit)) {
                (true, true) => (Outcome::Met, "met", ""),
                (true, false) => (Outcome::Unmet, "unmet", ""),
                (false, _) => (Outcome::Undecided, "undecided", NARROWED),
            };
        let [low, high] = unfinished(estimates).map(|share| short(100.0 * share));
        let (text, share) = (&self.text, short(100.0 * estimates.unfinished));
        Judgement {
            outcome,
            sentence: format!(
                "`{text}` is {answer}: {share} % of the trials never finish, 95 % interval {low} \
                 to {high} %, and {found}{advice}"
            ),
        }
    }

    fn undefined(&self) -> Judgement {
        let (text, field) = (&self.text, &self.field);
        let defined_by = DEFINED_BY.iter().find(|(name, _)| field.starts_with(name));
        let advice = defined_by.map_or_else(String::new, |(_, what)| {
            format!(": give the migration {what}")
        });
        Judgement {
            outcome: Outcome::Undecided,
            sentence: format!(
                "`{text}` is undecided: `{field}` is not defined for this plan{advice}"
            ),
        }
    }

    /// What helps where the interval straddles the limit.
    fn advice(&self, value: f64, [low, high]: [f64; 2]) -> String {
        let name = self.field.rsplit('.').next().unwrap_or_default();
        let is_share = name.ends_with("_probability") || SHARES.contains(&name);
        let sure = [0.0, 1.0].into_iter().find(|end| *end == value);
        match sure.filter(|end| is_share && *end == self.limit) {
            Some(end) => {
                let (sign, room) = if end == 0.0 {
                    ("<=", (high * 1e4).ceil() / 1e4)
                } else {
                    (">=", (low * 1e4).floor() / 1e4)
                };
                let field = &self.field;
                format!(
                    "; trials never show a chance of exactly {end}: leave room for error, as in \
                     `{field} {sign} {room:.4}`"
                )
            }
            None => NARROWED.to_owned(),
        }
    }

    fn compare(&self, value: f64, [low, high]: [f64; 2]) -> Judgement {
        let holds = |value| self.comparison.holds(value, self.limit);
        let (outcome, answer, advice) = match (holds(low), holds(high)) {
            (true, true) => (Outcome::Met, "met", String::new()),
            (false, false) => (Outcome::Unmet, "unmet", String::new()),
            _ => (
                Outcome::Undecided,
                "undecided",
                self.advice(value, [low, high]),
            ),
        };
        let (value, range) = with_range(value, [low, high]);
        let (text, field) = (&self.text, &self.field);
        Judgement {
            outcome,
            sentence: format!("`{text}` is {answer}: `{field}` is {value}{range}{advice}"),
        }
    }
}

/// Whose work is not in the hours, and what to do about it.
fn uncounted(first: &str, more: &[String]) -> String {
    let others = match more {
        [] => String::new(),
        [_] => " and of 1 more step".to_owned(),
        more => format!(" and of {} more steps", more.len()),
    };
    format!("; the work of `{first}`{others} is not counted: give it a `team`")
}

/// The value, and its interval in words: nothing where it is certain. Digits are as many as tell them
/// apart.
fn with_range(value: f64, [low, high]: [f64; 2]) -> (String, String) {
    let all = [value, low, high];
    let finite = all.into_iter().filter(|value| value.is_finite());
    let fewest = finite.map(digits).max().unwrap_or(0);
    let told_apart = |digits: &usize| {
        let told = |value: f64| format!("{value:.digits$}");
        [low, high]
            .iter()
            .all(|end| *end == value || told(*end) != told(value))
    };
    let digits = (fewest..9).find(told_apart).unwrap_or(9);
    let told = |value: f64| format!("{value:.digits$}");
    let range = match (low.is_finite(), high.is_finite()) {
        (true, true) if low < high => format!(", 95 % interval {} to {}", told(low), told(high)),
        (true, false) => format!(", at 95 % at least {}", told(low)),
        (false, true) => format!(", at 95 % at most {}", told(high)),
        _ => String::new(),
    };
    (told(value), range)
}

fn number(text: &str) -> Option<f64> {
    let text = text.replace('_', "");
    let value = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok()? / 100.0,
        None => text.parse().ok()?,
    };
    value.is_finite().then_some(value)
}

/// Follows a dotted path; in a list, an item by its name or id, which may hold dots itself.
fn lookup<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    if path.is_empty() {
        return Some(value);
    }
    if let Value::Array(items) = value {
        return items.iter().find_map(|item| {
            let name = item.get("name").or(item.get("id"))?.as_str()?;
            let rest = path.strip_prefix(name)?;
            match rest.strip_prefix('.') {
                Some(rest) => lookup(item, rest),
                None => rest.is_empty().then_some(item),
            }
        });
    }
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    lookup(value.get(first)?, rest)
}

/// Four significant digits, more for large numbers.
fn short(value: f64) -> String {
    let digits = digits(value);
    format!("{value:.digits$}")
}

fn digits(value: f64) -> usize {
    match value.abs() {
        1000.0.. => 0,
        1.0.. => 2,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_requirement() {
        for text in [
            "",
            "cost",
            "cost.p80 <",
            "< 3",
            "cost.p80 = 3",
            "a < b",
            "a < inf",
        ] {
            let wrong = Err(SimulationError::RequirementSyntax(text.to_owned()));
            assert_eq!(Requirement::parse(text), wrong);
        }
    }

    #[test]
    fn numbers_may_be_ratios_and_have_underscores() {
        assert_eq!(Requirement::parse("a >= 80%").unwrap().limit, 0.8);
        assert_eq!(
            Requirement::parse("cost.p80<180_000").unwrap().limit,
            180_000.0
        );
    }
}
