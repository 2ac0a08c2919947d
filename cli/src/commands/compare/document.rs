//! The comparison as JSON: the contract of `compare --format json`. Fields are added, never renamed.

use serde_json::{Value, json};
use whimbrel_simulator::{Estimates, Pair, PairedFigure};

use super::human::CRITERIA;
use super::variants::{Problem, Variant};
use super::{Report, Simulated};
use crate::commands::plan::strategy;
use crate::error::{CliError, OUTPUT_FAILED};
use crate::render::json::VERSION;
use crate::render::paired::unit;

/// The document.
///
/// # Errors
/// When a number cannot be written.
pub fn of(report: &Report<'_>) -> Result<Value, CliError> {
    let rows = report.variants.iter();
    let rows: Result<Vec<Value>, _> = rows.filter_map(|variant| row(report, variant)).collect();
    let rows = rows.map_err(|problem| {
        let message = format!("the comparison cannot be written: {problem}");
        CliError::new(OUTPUT_FAILED, message)
    })?;
    let failed = report.variants.iter();
    let failed =
        failed.filter_map(|variant| Some(failed_row(variant, variant.plan.as_ref().err()?)));
    let pairs = report.comparison.pairs.iter();
    Ok(json!({
        "version": VERSION,
        "trials": report.comparison.trials,
        "trials_asked": report.trials_asked,
        "interrupted": report.is_interrupted(),
        "seed": report.seed,
        "baseline": report.name(report.baseline),
        "variants": rows,
        "failed": failed.collect::<Vec<_>>(),
        "paired": pairs.map(|it| pair(report, it)).collect::<Vec<_>>(),
        "best": best(report),
    }))
}

/// A variant with its estimates: the object of `simulate --format json`, and what is said of it here.
/// One that has the plan of another has its estimates, under its own hash.
fn row(report: &Report<'_>, variant: &Variant) -> Option<serde_json::Result<Value>> {
    let plan = variant.plan.as_ref().ok()?;
    let same_as = variant.same_as.as_deref();
    let of = same_as.unwrap_or(&variant.name);
    let simulated: &Simulated<'_> = report.simulated.iter().find(|it| it.name == of)?;
    let estimates = Estimates {
        plan_hash: plan.hash().ok()?,
        scenario: plan.scenario.clone(),
        ..simulated.estimates.clone()
    };
    let mut row = json!({
        "name": variant.name,
        "kind": variant.way.kind(),
        "strategy": strategy(plan.migration.strategy),
        "same_as": same_as,
    });
    Some(serde_json::to_value(estimates).map(|estimates| {
        if let (Value::Object(row), Value::Object(estimates)) = (&mut row, estimates) {
            row.extend(estimates);
        }
        row
    }))
}

fn failed_row(variant: &Variant, problem: &Problem) -> Value {
    json!({
        "name": variant.name,
        "kind": variant.way.kind(),
        "code": problem.code,
        "message": problem.message,
        "place": problem.place,
        "help": problem.help,
    })
}

fn pair(report: &Report<'_>, pair: &Pair) -> Value {
    let interval = |figure: Option<&PairedFigure>| {
        let [low, high] = figure
            .and_then(|it| it.interval)
            .map_or([None; 2], |ends| ends.map(Some));
        json!({
            "mean": figure.and_then(|it| it.difference),
            "low": low,
            "high": high,
        })
    };
    let figures = pair.paired.figures.iter().map(|figure| {
        json!({
            "name": figure.name,
            "unit": unit(figure.of),
            "a": figure.before,
            "b": figure.after,
            "difference": figure.difference,
            "interval": figure.interval,
            "comparable": figure.comparable,
            "real": figure.is_real(),
        })
    });
    json!({
        "a": report.name(pair.a),
        "b": report.name(pair.b),
        "duration_days": interval(Some(&pair.duration)),
        "cost": interval(pair.figure("cost.mean")),
        "figures": figures.collect::<Vec<_>>(),
        "unfinished": pair.paired.unfinished,
    })
}

fn best(report: &Report<'_>) -> Vec<Value> {
    let found = CRITERIA.iter().filter_map(|criterion| {
        let best = report.comparison.best(criterion.figure, criterion.least)?;
        let rivals = best.rivals.iter().map(|at| report.name(*at));
        Some(json!({
            "figure": criterion.figure,
            "name": report.name(best.variant),
            "not_told_apart": rivals.collect::<Vec<_>>(),
        }))
    });
    found.collect()
}
