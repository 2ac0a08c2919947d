//! A rollback that takes longer than the migration promises.
//!
//! The rollback of a step is `detect` and then `undo_takes`. In a parallel batch without
//! isolation all members with traffic are undone side by side, so it is `detect` and then the
//! slowest undo. The 90th percentile of such sums and maxima is taken over equal slices of each
//! law, which is exact for certain durations.

use std::rc::Rc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};
use whimbrel_lang::{Code, Level};
use whimbrel_plan::{Arena, BatchId, BatchMode, Distribution, Plan, Step, StepId, StepKind};

use super::context::{duration, p90 as p90_of, steps_of};
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
    let mut laws = Laws::default();
    for (batch, members) in members(plan).iter() {
        let worst = worst(plan, batch, members, &mut laws);
        if let Some(worst) = worst.filter(|worst| worst.seconds > rto) {
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
            duration(p90_of(&failing.failure.detect)),
            failing.name,
            duration(p90_of(&slowest.failure.undo_takes)),
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

/// The members of each batch that may be rolled back, each with its steps.
fn members(plan: &Plan) -> Arena<BatchId, Vec<Vec<Undoable<'_>>>> {
    let mut out: Arena<BatchId, Vec<_>> = plan.batches.ids().map(|_| Vec::new()).collect();
    for mover in &plan.movers {
        let steps = steps_of(plan, mover).filter(|(_, step)| serves(step));
        out[mover.batch].push(steps.map(|(id, step)| Undoable { id, step }).collect());
    }
    out
}

fn worst<'a>(
    plan: &Plan,
    batch: BatchId,
    members: &[Vec<Undoable<'a>>],
    laws: &mut Laws<'a>,
) -> Option<Worst> {
    let content = &plan.batches[batch];
    if content.mode == BatchMode::Parallel && !content.isolate {
        whole(batch, members, laws)
    } else {
        single(batch, members, laws)
    }
}

/// Whether users or writers are on the new side once it is done, and it can be undone.
fn serves(step: &Step) -> bool {
    let moves = matches!(step.kind, StepKind::Shift | StepKind::Cutover)
        || step.weight.is_some_and(|weight| weight > 0.0);
    moves && !step.irreversible && step.undo.is_some()
}

/// The different laws of a plan: few for its thousands of steps, so what is worked out of a law is
/// worked out once.
#[derive(Default)]
struct Laws<'a> {
    all: Vec<&'a Distribution>,
    /// By the mean, which equal laws share.
    by_mean: FxHashMap<u64, Vec<usize>>,
    p90: FxHashMap<usize, f64>,
    slowest: FxHashMap<(usize, u32), Rc<Slices>>,
    /// The 90th percentile of one law after another.
    in_turn: FxHashMap<(usize, usize), f64>,
}

impl<'a> Laws<'a> {
    /// The number of a law.
    fn number(&mut self, law: &'a Distribution) -> usize {
        let alike = self.by_mean.entry(law.mean().to_bits()).or_default();
        let known = |at: &&usize| self.all.get(**at).is_some_and(|known| *known == law);
        if let Some(at) = alike.iter().find(known) {
            return *at;
        }
        let next = self.all.len();
        alike.push(next);
        self.all.push(law);
        next
    }

    fn p90(&mut self, law: usize) -> f64 {
        let of = self.all.get(law);
        let p90 = self.p90.entry(law);
        *p90.or_insert_with(|| of.map_or(0.0, |law| p90_of(law)))
    }

    fn slowest(&mut self, law: usize, count: u32) -> Rc<Slices> {
        let of = self.all.get(law);
        let slices = self.slowest.entry((law, count)).or_insert_with(|| {
            let slices = of.map_or_else(Slices::none, |law| Slices::of_slowest(law, count));
            Rc::new(slices)
        });
        Rc::clone(slices)
    }

    /// Seconds at the 90th percentile of `first` and then `second`.
    fn in_turn(&mut self, first: usize, second: usize) -> f64 {
        if let Some(known) = self.in_turn.get(&(first, second)) {
            return *known;
        }
        let seconds = self.slowest(first, 1).then(&self.slowest(second, 1)).p90();
        self.in_turn.insert((first, second), seconds);
        seconds
    }
}

/// One member is undone.
fn single<'a>(batch: BatchId, members: &[Vec<Undoable<'a>>], laws: &mut Laws<'a>) -> Option<Worst> {
    let mut worst: Option<Worst> = None;
    for one in members.iter().flatten() {
        let detect = laws.number(&one.step.failure.detect);
        let undo = laws.number(&one.step.failure.undo_takes);
        let seconds = laws.in_turn(detect, undo);
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
struct Kind {
    law: usize,
    p90: f64,
    step: StepId,
    members: u32,
}

/// The different laws of some steps, in the order of the steps.
fn kinds<'a>(
    steps: impl Iterator<Item = (StepId, &'a Distribution)>,
    laws: &mut Laws<'a>,
) -> Vec<Kind> {
    let mut kinds: IndexMap<usize, Kind, FxBuildHasher> = IndexMap::default();
    for (step, law) in steps {
        let law = laws.number(law);
        let kind = kinds.entry(law).or_insert_with(|| Kind {
            law,
            p90: laws.p90(law),
            step,
            members: 0,
        });
        kind.members += 1;
    }
    kinds.into_values().collect()
}

fn slowest(kinds: &[Kind]) -> Option<&Kind> {
    kinds.iter().reduce(|slowest, kind| {
        if kind.p90 > slowest.p90 {
            kind
        } else {
            slowest
        }
    })
}

/// All members are undone, each at its slowest, once the slowest failure to notice is noticed.
fn whole<'a>(batch: BatchId, members: &[Vec<Undoable<'a>>], laws: &mut Laws<'a>) -> Option<Worst> {
    let steps = members.iter().flatten();
    let detects = kinds(steps.map(|one| (one.id, &one.step.failure.detect)), laws);
    let failing = slowest(&detects)?;
    let mut undone: Vec<(StepId, &Distribution)> = Vec::with_capacity(members.len());
    for steps in members {
        let mut slowest: Option<(f64, &Undoable<'a>)> = None;
        for one in steps {
            let law = laws.number(&one.step.failure.undo_takes);
            let p90 = laws.p90(law);
            if slowest.is_none_or(|(before, _)| p90 > before) {
                slowest = Some((p90, one));
            }
        }
        undone.extend(slowest.map(|(_, one)| (one.id, &one.step.failure.undo_takes)));
    }
    let undone = kinds(undone.into_iter(), laws);
    let undo = undone
        .iter()
        .map(|kind| laws.slowest(kind.law, kind.members))
        .reduce(|one, other| Rc::new(one.slower(&other)))?;
    Some(Worst {
        batch,
        seconds: laws.slowest(failing.law, 1).then(&undo).p90(),
        failing: failing.step,
        slowest: slowest(&undone)?.step,
    })
}

/// A law as the middles of equally likely slices, ascending.
struct Slices(Vec<f64>);

impl Slices {
    const COUNT: u32 = 40;

    fn none() -> Self {
        Self(Vec::new())
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

    fn of(law: &Distribution) -> Slices {
        Slices::of_slowest(law, 1)
    }

    #[test]
    fn certain_durations_combine_exactly() {
        let five = of(&Distribution::constant(5.0));
        let seven = of(&Distribution::constant(7.0));
        assert_eq!(five.then(&seven).p90().to_bits(), 12.0_f64.to_bits());
        assert_eq!(five.slower(&seven).p90().to_bits(), 7.0_f64.to_bits());
    }

    #[test]
    fn slices_follow_the_closed_forms() {
        let uniform = of(&Distribution::uniform(0.0, 1.0).unwrap());
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
