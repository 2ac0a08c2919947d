//! What things take that move alone, one after another: what the checklist asks of the patterns.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use whimbrel_plan::{Action, Amount, Node, PlatformId, RunningCost, Step, StepKind, TeamId};

use super::inventory::Built;
use super::movers::MoverDraft;
use super::statics::durations;
use super::templates::Expansion;
use super::values::DAY;
use crate::top::Top;

/// What one thing takes.
#[derive(Clone, Debug)]
pub(crate) struct Alone {
    pub node: Node,
    /// Mean seconds from its first step to its cutover, waiting for nobody.
    seconds: f64,
    /// Steps that act, and those whose act, check and undo are all carried out by an executor.
    acts: u32,
    automated: u32,
    /// The cost of its new side until the cutover, and of its old side while it is kept.
    dual_running: f64,
    /// What it costs to run today, per day.
    running: Option<f64>,
    /// Whether any of the two is known.
    cost_known: bool,
    /// Whose people it needs.
    teams: Vec<TeamId>,
}

/// Each mover, with its steps.
pub(crate) fn alone(movers: &[MoverDraft], lowered: &[Vec<Step>], built: &Built<'_>) -> Vec<Alone> {
    let movers = movers.iter().zip(lowered);
    movers
        .map(|(mover, steps)| {
            let cost = running_cost(built, mover.node);
            let seconds = until_settled(mover, steps, built);
            let kept: f64 = steps
                .iter()
                .filter(|step| step.kind == StepKind::Keep)
                .map(|step| step.soak.mean())
                .sum();
            let (acts, automated) = automation(steps);
            let mut teams: Vec<TeamId> = steps
                .iter()
                .flat_map(|step| step.needs.iter().map(|need| need.team))
                .collect();
            teams.sort_unstable();
            teams.dedup();
            Alone {
                node: mover.node,
                seconds,
                acts,
                automated,
                dual_running: seconds / DAY * mean(cost.new_per_day.as_ref())
                    + kept / DAY * mean(cost.old_per_day.as_ref()),
                running: cost.old_per_day.as_ref().map(Amount::mean),
                cost_known: cost.old_per_day.is_some() || cost.new_per_day.is_some(),
                teams,
            }
        })
        .collect()
}

fn running_cost<'a>(built: &'a Built<'_>, node: Node) -> &'a RunningCost {
    match node {
        Node::Service(id) => &built.inventory.services[id].cost,
        Node::Resource(id) => &built.inventory.resources[id].cost,
    }
}

/// The mean; zero when it is not known.
fn mean(amount: Option<&Amount>) -> f64 {
    amount.map_or(0.0, Amount::mean)
}

/// Mean seconds from the first step of a mover to its cutover.
fn until_settled(mover: &MoverDraft, steps: &[Step], built: &Built<'_>) -> f64 {
    let ends = ends(&mover.expansion, steps, built);
    ends.get(mover.cutover).copied().unwrap_or(0.0)
}

/// When each step of a pattern ends. Groups of steps follow one another; a group lasts as long as its
/// longest step.
fn ends(expansion: &Expansion, steps: &[Step], built: &Built<'_>) -> Vec<f64> {
    let durations = durations(built);
    let (mut start, mut latest) = (0.0_f64, 0.0_f64);
    let mut group = None;
    let steps = expansion.drafts().iter().zip(steps);
    let ends = steps.map(|(draft, step)| {
        if group != Some(draft.group) {
            start = latest;
            latest = 0.0;
            group = Some(draft.group);
        }
        let end = start + durations.mean(step);
        latest = latest.max(end);
        end
    });
    ends.collect()
}

/// Mean days of the phases, which follow one another and come before all else; `drafts` are those of
/// phases that have a pattern.
pub(crate) fn phase_days(
    top: &Top,
    (drafts, lowered): (&FxHashMap<String, Expansion>, &[Vec<Step>]),
    built: &Built<'_>,
) -> f64 {
    let phases = top.of("phase").zip(lowered);
    let seconds = phases.map(|(phase, steps)| match drafts.get(phase.name()) {
        Some(expansion) => ends(expansion, steps, built)
            .into_iter()
            .fold(0.0, f64::max),
        None => steps.iter().map(|step| durations(built).mean(step)).sum(),
    });
    seconds.sum::<f64>() / DAY
}

fn automation(steps: &[Step]) -> (u32, u32) {
    let (mut all, mut automated) = (0, 0);
    let by_executor = |action: &Action| action.executor.is_some();
    for step in steps {
        let Some(act) = &step.action else { continue };
        all += 1;
        let check = step.verify.as_ref().is_none_or(by_executor);
        let undo = step.undo.as_ref().is_none_or(by_executor);
        automated += u32::from(by_executor(act) && check && undo);
    }
    (all, automated)
}

/// Several things, one after another.
#[derive(Clone, Debug, Default)]
pub(crate) struct InSequence {
    movers: usize,
    seconds: f64,
    acts: u32,
    automated: u32,
    dual_running: f64,
    running: Option<f64>,
    cost_known: bool,
    pub teams: BTreeSet<TeamId>,
}

impl<'a> Extend<&'a Alone> for InSequence {
    fn extend<T: IntoIterator<Item = &'a Alone>>(&mut self, all: T) {
        for one in all {
            self.movers += 1;
            self.seconds += one.seconds;
            self.acts += one.acts;
            self.automated += one.automated;
            self.dual_running += one.dual_running;
            self.cost_known |= one.cost_known;
            self.teams.extend(&one.teams);
            self.running = match (self.running, one.running) {
                (Some(sum), Some(running)) => Some(sum + running),
                (sum, running) => sum.or(running),
            };
        }
    }
}

impl InSequence {
    /// Mean days until all are settled; none when nothing moves.
    pub fn days(&self) -> Option<f64> {
        (self.movers > 0).then_some(self.seconds / DAY)
    }

    /// Share of the steps that act whose act, check and undo are all carried out by an executor;
    /// none without such steps.
    pub fn automation_share(&self) -> Option<f64> {
        (self.acts > 0).then(|| f64::from(self.automated) / f64::from(self.acts))
    }

    /// Dual-running cost: each thing's own, and the new platforms' fixed cost throughout. None when
    /// no cost is known.
    pub fn dual_running(&self, fixed_per_day: f64) -> Option<f64> {
        let known = self.cost_known || fixed_per_day > 0.0;
        known.then_some(self.dual_running + fixed_per_day * self.seconds / DAY)
    }

    /// A year of what runs today; none when no cost is known.
    pub fn year(&self) -> Option<f64> {
        self.running.map(|running| running * 365.25)
    }
}

/// Fixed cost of platforms, per day.
pub(crate) fn fixed_per_day(built: &Built<'_>, platforms: &[PlatformId]) -> f64 {
    let platforms = platforms.iter().map(|id| &built.inventory.platforms[*id]);
    platforms.map(|one| mean(one.cost_per_day.as_ref())).sum()
}
