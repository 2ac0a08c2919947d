//! One derivation for each criterion: the score and its reason with numbers, or why it is unknown.

use whimbrel_plan::{Criterion, money};

use super::super::counted;
use super::UNREHEARSED_AUTOMATION;
use super::facts::{Facts, Time};
use super::tables::{
    ABOVE_SUPPORTING, AUTOMATED, COUPLED, CRITICAL, DUAL_RUNNING, ENGINEERS, HARD_EDGES, REGIMES,
    REVENUE, Regimes, TIME_USED,
};

type Derived = Result<(u8, String), String>;

const SECONDS_PER_HOUR: f64 = 3_600.0;

pub(super) fn derive(facts: &Facts<'_>, criterion: Criterion) -> Derived {
    match criterion {
        Criterion::Coupling => coupling(facts),
        Criterion::TeamSize => team_size(facts),
        Criterion::Automation => automation(facts),
        Criterion::RiskTolerance => risk_tolerance(facts),
        Criterion::Timeline => timeline(facts),
        Criterion::DualRunning => dual_running(facts),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of what a plan names")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn percent(ratio: f64) -> String {
    format!("{:.0} %", ratio * 100.0)
}

/// The lower score of the share of coupled services and the hard edges per service.
fn coupling(facts: &Facts<'_>) -> Derived {
    let known = facts
        .coupling
        .ok_or_else(|| "no dependency is known".to_owned())?;
    let share = ratio(known.coupled, known.services);
    let each = ratio(known.hard, known.services);
    let score = COUPLED.score(share).min(HARD_EDGES.score(each));
    let reason = format!(
        "{} of {} services ({}) are in a cycle or share a written table; {each:.1} hard edges per \
         service",
        known.coupled,
        known.services,
        percent(share)
    );
    Ok((score, reason))
}

/// The engineers who are known; teams of unknown size do not help.
fn team_size(facts: &Facts<'_>) -> Derived {
    let known: Vec<u32> = facts.engineers.iter().copied().flatten().collect();
    if known.is_empty() {
        return Err("no team of the migration says how many engineers it has".to_owned());
    }
    let engineers: u32 = known.iter().sum();
    let unknown = facts.engineers.len() - known.len();
    let more = match unknown {
        0 => String::new(),
        _ => format!(", without {} of unknown size", counted(unknown, "team")),
    };
    let reason = format!(
        "{} in {}{more}",
        counted(engineers as usize, "engineer"),
        counted(known.len(), "team")
    );
    Ok((ENGINEERS.score(f64::from(engineers)), reason))
}

fn automation(facts: &Facts<'_>) -> Derived {
    let share = facts
        .automation_share
        .ok_or_else(|| "no steps to look at".to_owned())?;
    let score = AUTOMATED.score(share);
    let reason = format!(
        "{} of the steps are carried out, checked and undone by an executor",
        percent(share)
    );
    if score > UNREHEARSED_AUTOMATION && !facts.rehearsal_passed {
        let reason = format!("{reason}; held at {UNREHEARSED_AUTOMATION} until a rehearsal passes");
        return Ok((UNREHEARSED_AUTOMATION, reason));
    }
    Ok((score, reason))
}

/// The least score that tiers, revenue and regimes of what moves leave.
fn risk_tolerance(facts: &Facts<'_>) -> Derived {
    let exposed = &facts.exposed;
    if exposed.is_silent() {
        return Err("nothing that moves has a tier, a revenue or a regime".to_owned());
    }
    let critical = ratio(exposed.critical, exposed.count);
    let above = ratio(exposed.above_supporting, exposed.count);
    let mut score = CRITICAL.score(critical).min(ABOVE_SUPPORTING.score(above));
    let mut reason = format!(
        "{} of {} that move are critical",
        exposed.critical, exposed.count
    );
    if let Some(revenue) = exposed.revenue {
        score = score.min(REVENUE.score(revenue * SECONDS_PER_HOUR));
        let revenue = money(revenue * SECONDS_PER_HOUR, facts.currency);
        reason += &format!("; revenue of {revenue} an hour");
    }
    for name in &exposed.regimes {
        let regimes = regimes_of(name);
        let left = regimes.map_or(1, |regimes| match exposed.critical {
            0 => regimes.score,
            _ => regimes.score_if_critical,
        });
        score = score.min(left);
        let what = regimes.map_or("", |regimes| regimes.what);
        reason += &format!("; `{name}`: {what}");
    }
    Ok((score, reason))
}

fn regimes_of(name: &str) -> Option<&'static Regimes> {
    let name = name.to_lowercase().replace('-', "_");
    let named = REGIMES
        .iter()
        .find(|regimes| regimes.names.contains(&name.as_str()));
    named.or(REGIMES.first())
}

fn timeline(facts: &Facts<'_>) -> Derived {
    let Some(time) = facts.time else {
        return Ok((2, "there is no deadline".to_owned()));
    };
    let days = facts
        .sequential_days
        .ok_or_else(|| "the sequential duration is unknown".to_owned())?;
    let (available, what) = match time {
        Time::UntilDeadline(days) => (days, "days until the deadline"),
        Time::PlannedAndSpare(days) => (days, "days as planned and to spare"),
    };
    let used = if available > 0.0 {
        days / available
    } else {
        f64::INFINITY
    };
    let phases = if facts.phase_days > 0.0 {
        format!(" with {:.0} of phases", facts.phase_days)
    } else {
        String::new()
    };
    let reason = format!("{days:.0} days in sequence{phases}, {available:.0} {what}");
    Ok((TIME_USED.score(used), reason))
}

fn dual_running(facts: &Facts<'_>) -> Derived {
    let cost = facts
        .dual_running_cost
        .ok_or_else(|| "what dual running costs is unknown".to_owned())?;
    let (whole, what) = facts
        .whole
        .ok_or_else(|| "neither a budget nor a running cost is known".to_owned())?;
    if whole <= 0.0 {
        return Err(format!("a share {what} cannot be taken: it is zero"));
    }
    let share = cost / whole;
    let reason = format!(
        "{} of dual running in sequence, {} {what} of {}",
        money(cost, facts.currency),
        percent(share),
        money(whole, facts.currency)
    );
    Ok((DUAL_RUNNING.score(share), reason))
}
