//! A parallel batch so large that undoing all of it is likely.

use rustc_hash::FxHashMap;
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Batch, BatchId, BatchMode, CutoverMode, Plan, Step};

use super::context::{counted, percent};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0506",
        name: "batch-too-large",
    },
    level: Level::Warning,
    summary: "a batch that rolls back whole is more likely to fail than not",
    page: include_str!("../../rules/batch-too-large.md"),
    check: Check::Plan(check),
};

/// Up to so many units a batch can be undone and tried again by one team in one go.
const UNITS: usize = 20;
/// Above this chance the first attempt is expected to fail.
const CHANCE: f64 = 0.5;

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let large: Vec<(BatchId, &Batch)> = plan
        .batches
        .iter()
        .filter(|(_, batch)| goes_back_whole(batch) && batch.units.len() > UNITS)
        .collect();
    if large.is_empty() {
        return;
    }
    let unharmed = unharmed(plan);
    for (id, batch) in large {
        let chance = 1.0 - unharmed.get(&id).map_or(1.0, |(chance, _)| *chance);
        let steps = unharmed.get(&id).map_or(0, |(_, steps)| *steps);
        if chance <= CHANCE {
            continue;
        }
        let span = if batch.handwritten {
            context.origins.attribute(Entity::Batch(id), "members")
        } else {
            context.migration_span()
        };
        let finding = RULE
            .finding(
                span,
                format!(
                    "batch `{}` rolls back whole, and with {} a first attempt fails with a chance of {}",
                    batch.name,
                    counted(batch.units.len(), "unit"),
                    percent(chance)
                ),
            )
            .note(format!(
                "1 − Π(1 − chance of failure) over its {}",
                counted(steps, "fallible step")
            ))
            .help(help(batch));
        findings.report([batch.name.as_str()], finding);
    }
}

/// Side by side, with one cutover and no flag that takes a single member out.
fn goes_back_whole(batch: &Batch) -> bool {
    batch.mode == BatchMode::Parallel && batch.cutover == CutoverMode::Together && !batch.isolate
}

/// For each batch the chance that none of its steps fails at the first attempt, and how many may.
fn unharmed(plan: &Plan) -> FxHashMap<BatchId, (f64, usize)> {
    let mut unharmed: FxHashMap<BatchId, (f64, usize)> = FxHashMap::default();
    for step in plan.steps.values().filter(|step| !step.added) {
        let chance = chance(step);
        if let (Some(batch), true) = (step.batch, chance > 0.0) {
            let (product, steps) = unharmed.entry(batch).or_insert((1.0, 0));
            *product *= 1.0 - chance;
            *steps += 1;
        }
    }
    unharmed
}

/// The chance that the step fails: as it is given, or that its hazard strikes during the soak.
fn chance(step: &Step) -> f64 {
    match &step.failure.hazard {
        Some(hazard) => -f64::exp_m1(-hazard.mean() * step.soak.mean()),
        None => step.failure.chance.mean(),
    }
}

fn help(batch: &Batch) -> &'static str {
    if batch.handwritten {
        "split it into smaller batches, or let flags take one member out: `isolate = flags`"
    } else {
        "let the compiler make smaller batches: `batch_size = 10` in the migration"
    }
}
