//! A rollback that takes longer than the migration promises.
//!
//! The rollback of a step is `detect` and then `undo_takes`. In a parallel batch without
//! isolation all members with traffic are undone side by side, so it is `detect` and then the
//! slowest undo. The 90th percentile of such sums and maxima is taken over equal slices of each
//! law, which is exact for certain durations.

use whimbrel_lang::{Code, Level};
use whimbrel_plan::{BatchId, BatchMode, Distribution, Plan, Step, StepId, StepKind};

use super::context::{duration, p90, steps_of};
use super::{Check, Context, Findings, Rule};
use crate::origins::Entity;

pub(super) const RULE: Rule = Rule {
    code: Code {
        number: "MG0602",
        name: "rollback-exceeds-rto",
    },
    level: Level::Warning,
    summary: "a rollback takes longer than the RTO",
    page: include_str!("../../rules/rollback-exceeds-rto.md"),
    check: Check::Plan(check),
};

fn check(context: &Context<'_>, plan: &Plan, findings: &mut Findings) {
    let Some(rto) = plan.migration.objectives.rto else {
        return;
    };
    for batch in plan.batches.ids() {
        if let Some(worst) = worst(plan, batch).filter(|worst| worst.seconds > rto) {
            report(context, plan, &worst, rto, findings);
        }
    }
    for (index, rehearsal) in plan.rehearsals.iter().enumerate() {
        if rehearsal.passed && rehearsal.took > rto {
            let span = context.origins.attribute(Entity::Rehearsal(index), "took");
            let message = format!(
                "the rehearsed rollback of `{}` took {}, over the RTO of {}",
                plan.batches[rehearsal.of].name,
                duration(rehearsal.took),
                duration(rto)
            );
            let finding = RULE.finding(span, message).help(HELP);
            findings.report([&rehearsal.name], finding);
        }
    }
}

const HELP: &str = "notice sooner or take back faster, with automatic triggers or smaller batches; or state the RTO the plan can keep";

/// The slowest rollback of a batch.
struct Worst {
    batch: BatchId,
    seconds: f64,
    failing: StepId,
    slowest: StepId,
}

fn report(context: &Context<'_>, plan: &Plan, worst: &Worst, rto: f64, findings: &mut Findings) {
    let batch = plan.batches[worst.batch].name.as_str();
    let (failing, slowest) = (&plan.steps[worst.failing], &plan.steps[worst.slowest]);
    let finding = RULE
        .finding(
            context.origins.of(Entity::Step(worst.slowest)),
            format!(
                "rolling back batch `{batch}` takes {} in nine of ten cases, over the RTO of {}",
                duration(worst.seconds),
                duration(rto)
            ),
        )
        .note(format!(
            "at P90: {} until a failure of `{}` is noticed, {} until `{}` is undone",
            duration(p90(&failing.failure.detect)),
            failing.name,
            duration(p90(&slowest.failure.undo_takes)),
            slowest.name
        ))
        .help(HELP);
    findings.report([batch, slowest.name.as_str()], finding);
}

/// A step that may be rolled back while it serves.
struct Undoable<'a> {
    id: StepId,
    step: &'a Step,
}

fn worst(plan: &Plan, batch: BatchId) -> Option<Worst> {
    let members: Vec<Vec<Undoable<'_>>> = plan
        .movers
        .iter()
        .filter(|mover| mover.batch == batch)
        .map(|mover| {
            steps_of(plan, mover)
                .filter(|(_, step)| serves(step))
                .map(|(id, step)| Undoable { id, step })
                .collect()
        })
        .collect();
    let content = &plan.batches[batch];
    if content.mode == BatchMode::Parallel && !content.isolate {
        whole(batch, &members)
    } else {
        single(batch, &members)
    }
}

/// Whether users or writers are on the new side once it is done, and it can be undone.
fn serves(step: &Step) -> bool {
    let moves = matches!(step.kind, StepKind::Shift | StepKind::Cutover)
        || step.weight.is_some_and(|weight| weight > 0.0);
    moves && !step.irreversible && step.undo.is_some()
}

/// One member is undone.
fn single(batch: BatchId, members: &[Vec<Undoable<'_>>]) -> Option<Worst> {
    let mut known: Vec<(&Distribution, &Distribution)> = Vec::new();
    let mut worst: Option<Worst> = None;
    for one in members.iter().flatten() {
        let (detect, undo) = (&one.step.failure.detect, &one.step.failure.undo_takes);
        let same = known
            .iter()
            .any(|(before, after)| *before == detect && *after == undo);
        if same {
            continue;
        }
        let seconds = Slices::of(detect).then(&Slices::of(undo)).p90();
        known.push((detect, undo));
        if worst.as_ref().is_none_or(|worst| seconds > worst.seconds) {
            worst = Some(Worst {
                batch,
                seconds,
                failing: one.id,
                slowest: one.id,
            });
        }
    }
    worst
}

/// A law, its 90th percentile, the first step that has it and how many members do.
struct Kind<'a> {
    law: &'a Distribution,
    p90: f64,
    step: StepId,
    members: u32,
}

/// The different laws among `laws`, each computed once.
fn kinds<'a>(laws: impl Iterator<Item = (StepId, &'a Distribution)>) -> Vec<Kind<'a>> {
    let mut kinds: Vec<Kind<'_>> = Vec::new();
    for (step, law) in laws {
        match kinds.iter_mut().find(|kind| kind.law == law) {
            Some(kind) => kind.members += 1,
            None => kinds.push(Kind {
                law,
                p90: p90(law),
                step,
                members: 1,
            }),
        }
    }
    kinds
}

fn slowest<'k, 'a>(kinds: &'k [Kind<'a>]) -> Option<&'k Kind<'a>> {
    kinds.iter().reduce(|slowest, kind| {
        if kind.p90 > slowest.p90 {
            kind
        } else {
            slowest
        }
    })
}

/// All members are undone, each at its slowest, once the slowest failure to notice is noticed.
fn whole(batch: BatchId, members: &[Vec<Undoable<'_>>]) -> Option<Worst> {
    let steps = members.iter().flatten();
    let detects = kinds(steps.clone().map(|one| (one.id, &one.step.failure.detect)));
    let failing = slowest(&detects)?;
    let undos = kinds(steps.map(|one| (one.id, &one.step.failure.undo_takes)));
    let p90_of = |law: &Distribution| {
        undos
            .iter()
            .find(|kind| kind.law == law)
            .map_or(0.0, |kind| kind.p90)
    };
    let slowest_of = |steps: &Vec<Undoable<'_>>| {
        steps
            .iter()
            .map(|one| (one.id, p90_of(&one.step.failure.undo_takes)))
            .reduce(|slowest, one| if one.1 > slowest.1 { one } else { slowest })
            .map(|(id, _)| id)
    };
    let undone: Vec<(StepId, &Distribution)> = members
        .iter()
        .filter_map(|steps| {
            let id = slowest_of(steps)?;
            let one = steps.iter().find(|one| one.id == id)?;
            Some((id, &one.step.failure.undo_takes))
        })
        .collect();
    let undone = kinds(undone.into_iter());
    let undo = undone
        .iter()
        .map(|kind| Slices::of_slowest(kind.law, kind.members))
        .reduce(|one, other| one.slower(&other))?;
    Some(Worst {
        batch,
        seconds: Slices::of(failing.law).then(&undo).p90(),
        failing: failing.step,
        slowest: slowest(&undone)?.step,
    })
}

/// A law as the middles of equally likely slices, ascending.
struct Slices(Vec<f64>);

impl Slices {
    const COUNT: u32 = 40;

    fn of(law: &Distribution) -> Self {
        Self::of_slowest(law, 1)
    }

    /// The slowest of `count` draws, whose distribution function is the law's to that power.
    fn of_slowest(law: &Distribution, count: u32) -> Self {
        let middle = |slice: u32| {
            let chance = (f64::from(slice) + 0.5) / f64::from(Self::COUNT);
            chance.powf(1.0 / f64::from(count))
        };
        Self(if law.is_certain() {
            vec![law.mean()]
        } else {
            (0..Self::COUNT)
                .map(|slice| law.quantile(middle(slice)))
                .collect()
        })
    }

    /// One after the other.
    fn then(&self, other: &Self) -> Self {
        self.combined(other, |one, other| one + other)
    }

    /// Side by side, until both are done.
    fn slower(&self, other: &Self) -> Self {
        self.combined(other, f64::max)
    }

    /// All pairs, thinned to equally likely slices again.
    fn combined(&self, other: &Self, by: impl Fn(f64, f64) -> f64) -> Self {
        let pairs = self
            .0
            .iter()
            .flat_map(|one| other.0.iter().map(|other| by(*one, *other)));
        let mut all: Vec<f64> = pairs.collect();
        all.sort_unstable_by(f64::total_cmp);
        let every = all.len().div_ceil(self.0.len().max(other.0.len()).max(1));
        Self(
            all.into_iter()
                .skip(every / 2)
                .step_by(every.max(1))
                .collect(),
        )
    }

    /// The order statistic at nine tenths.
    fn p90(&self) -> f64 {
        let rank = (self.0.len() * 9).div_ceil(10).saturating_sub(1);
        self.0.get(rank).copied().unwrap_or(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certain_durations_combine_exactly() {
        let five = Slices::of(&Distribution::constant(5.0));
        let seven = Slices::of(&Distribution::constant(7.0));
        assert_eq!(five.then(&seven).p90().to_bits(), 12.0_f64.to_bits());
        assert_eq!(five.slower(&seven).p90().to_bits(), 7.0_f64.to_bits());
    }

    #[test]
    fn slices_follow_the_closed_forms() {
        let uniform = Slices::of(&Distribution::uniform(0.0, 1.0).unwrap());
        // The larger of two uniforms has F(x) = x², the sum has 1 - F(x) = (2 - x)² / 2. A slice
        // is a fortieth wide.
        let slice = 1.0 / 40.0;
        assert!((uniform.p90() - 0.9).abs() <= slice);
        assert!((uniform.slower(&uniform).p90() - 0.9_f64.sqrt()).abs() <= slice);
        let ten = Slices::of_slowest(&Distribution::uniform(0.0, 1.0).unwrap(), 10);
        assert!((ten.p90() - 0.9_f64.powf(0.1)).abs() <= slice);
        assert!((uniform.then(&uniform).p90() - (2.0 - 0.2_f64.sqrt())).abs() <= 2.0 * slice);
    }
}
