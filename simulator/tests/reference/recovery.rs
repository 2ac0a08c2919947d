//! A failure: undo, fix, escalation, and the way back; alone, or with the whole batch.

use whimbrel_plan::*;

use crate::philox::Purpose;
use crate::setup::micros;
use crate::trial::{Hurt, Phase, Trial};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stage {
    Undoing(i64),
    /// The fix waits for its people.
    ToFix,
    Fixing(i64),
    /// The batch stops until its owner decides.
    Escalated(i64),
    Over,
}

/// A step that is undone, and fixed if it had failed.
#[derive(Clone, Debug)]
pub struct Repair {
    pub step: StepId,
    pub stage: Stage,
    /// Working time of the fix; none where nothing had failed.
    fix: Option<i64>,
    fix_started: i64,
    /// The steps to go again.
    back: Vec<StepId>,
}

/// All that has to be over before anything goes on again.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// The batch that is rolled back whole.
    batch: Option<BatchId>,
    pub repairs: Vec<Repair>,
}

impl Trial<'_> {
    /// Whether a step must wait for a recovery.
    pub fn is_held(&self, id: StepId) -> bool {
        self.recoveries.iter().any(|recovery| {
            let goes_again = recovery
                .repairs
                .iter()
                .any(|repair| repair.back.contains(&id));
            let first_shift = self.setup.mover(id).is_some_and(|mover| {
                recovery.batch == Some(self.setup.plan.movers[mover].batch)
                    && self.weights[mover] == 0.0
                    && self.setup.after_first_shift(mover).contains(&id)
            });
            goes_again || first_shift
        })
    }

    /// A failure is noticed, or (without an onset) a gate asks for a rollback.
    pub fn fail(&mut self, id: StepId, onset: Option<i64>) {
        self.log.rollbacks += 1;
        let batch = self.setup.collective(id);
        let mut repairs = vec![];
        if let Some(batch) = batch {
            repairs = self.roll_back_others(id, batch);
        }
        let undo = self.undo_ends(id);
        if let Some(onset) = onset {
            self.incident(id, onset, undo);
        }
        let back = self.way_back(id, onset.is_some());
        repairs.push(Repair {
            step: id,
            stage: Stage::Undoing(undo),
            fix: Some(self.fix(id)),
            fix_started: 0,
            back,
        });
        *self.phase(id) = Phase::Failed;
        self.steps[id.index()].asked_since = None;
        self.hold_to_objectives(&repairs, onset.unwrap_or(self.now));
        self.count_failure(id, batch);
        self.open(batch, repairs);
    }

    fn open(&mut self, batch: Option<BatchId>, repairs: Vec<Repair>) {
        let running = self
            .recoveries
            .iter_mut()
            .find(|recovery| batch.is_some() && recovery.batch == batch);
        match running {
            Some(running) => running.repairs.extend(repairs),
            None => self.recoveries.push(Recovery { batch, repairs }),
        }
    }

    fn count_failure(&mut self, id: StepId, batch: Option<BatchId>) {
        let state = &mut self.steps[id.index()];
        state.failures += 1;
        let mut all = state.failures;
        if let Some(batch) = batch {
            let (failures, since) = &mut self.batch_failures[batch.index()];
            *failures += 1;
            *since += 1;
            all = all.max(*failures);
        } else {
            state.since_escalation += 1;
        }
        if all >= 20 {
            self.unfinished = true;
        }
    }

    /// What follows a fix: the escalation, when it was one failure too many.
    fn after_fix(&mut self, id: StepId) -> Stage {
        let step = self.setup.step(id);
        let state = &mut self.steps[id.index()];
        let (name, number, since) = match self.setup.collective(id) {
            Some(batch) => {
                let (failures, since) = &mut self.batch_failures[batch.index()];
                let name = format!("batch/{}", self.setup.plan.batches[batch].name);
                (name, *failures, since)
            }
            None => (step.name.clone(), state.starts, &mut state.since_escalation),
        };
        if *since < step.failure.attempts {
            return Stage::Over;
        }
        *since = 0;
        let law = &step.failure.escalate;
        let delay = self.setup.draw(law, &name, Purpose::Escalation, number);
        Stage::Escalated(self.now + micros(delay))
    }

    fn undo_ends(&self, id: StepId) -> i64 {
        let attempt = self.steps[id.index()].starts;
        let law = &self.setup.step(id).failure.undo_takes;
        self.now + self.setup.duration(id, law, Purpose::Undo, attempt)
    }

    fn fix(&self, id: StepId) -> i64 {
        let attempt = self.steps[id.index()].starts;
        let law = &self.setup.step(id).failure.fix;
        self.setup.duration(id, law, Purpose::Fix, attempt)
    }

    /// The steps to go again after a failure.
    fn way_back(&self, id: StepId, failed: bool) -> Vec<StepId> {
        let from = self.setup.step(id).retry_from;
        let before = self.setup.ancestors(id);
        let mut back: Vec<StepId> = before
            .iter()
            .copied()
            .filter(|&step| step == from || self.setup.ancestors(step).contains(&from))
            .filter(|_| from != id)
            .collect();
        // A refused gate takes all traffic back: it has to be shifted again.
        if let Some(mover) = self.setup.mover(id)
            && !failed
            && self.setup.after_first_shift(mover).contains(&id)
        {
            back.extend(self.setup.after_first_shift(mover));
        }
        back.push(id);
        back
    }

    fn incident(&mut self, id: StepId, onset: i64, undo_ends: i64) {
        self.log.incidents += 1;
        let step = self.setup.step(id);
        let mover = self.setup.mover(id);
        let weight = mover.map_or(0.0, |mover| {
            let cutover = self.setup.plan.movers[mover].cutover == id;
            if cutover { 1.0 } else { self.weights[mover] }
        });
        self.log.hurts.push(Hurt {
            node: mover.map(|mover| self.setup.plan.movers[mover].node),
            level: weight
                * self.setup.of_attempt(
                    &step.failure.severity,
                    &step.name,
                    Purpose::Severity,
                    self.steps[id.index()].starts,
                ),
            from: onset,
            to: undo_ends,
            incident: true,
        });
        if let (Some(mover), Some(rpo)) = (mover, self.setup.plan.migration.objectives.rpo) {
            let lost = self.data_lost(mover, onset);
            self.log.rpo_broken |= lost.is_some_and(|lost| lost > micros(rpo));
        }
    }

    /// Data a failure at `onset` loses, in microseconds of writes.
    fn data_lost(&self, number: usize, onset: i64) -> Option<i64> {
        let mover = &self.setup.plan.movers[number];
        let Node::Resource(resource) = mover.node else {
            return None;
        };
        let written = onset - self.writes_since[number]?;
        let backup = self.setup.plan.inventory.resources[resource].backup_every;
        let unsaved = backup.map_or(written, |every| written.min(micros(every)));
        let done = |step: StepId| self.is_done(step) && self.steps[step.index()].finished <= onset;
        let own = mover.copies.iter().map(|copy| {
            let until: Vec<StepId> = copy.until.into_iter().collect();
            (copy.lag, copy.from, until)
        });
        let bridges = self.setup.plan.bridges.values().filter_map(|bridge| {
            let carries = matches!(
                bridge.by,
                BridgeTechnique::BackSync | BridgeTechnique::Cdc | BridgeTechnique::DualWrite
            );
            let lag = match bridge.by {
                BridgeTechnique::DualWrite => bridge.lag.as_ref().map_or(0.0, Amount::mean),
                _ => bridge.lag.as_ref()?.mean(),
            };
            let over = bridge.over == BridgeOver::Resource(resource);
            (over && carries).then(|| (lag, bridge.built_by, bridge.until.clone()))
        });
        let standing = own.chain(bridges).filter(|(_, from, until)| {
            let gone = !until.is_empty() && until.iter().all(|step| done(*step));
            done(*from) && !gone
        });
        let lag = standing.map(|(lag, ..)| micros(lag)).min();
        Some(lag.unwrap_or(unsaved))
    }

    /// Every other member with traffic and a way back starts its own undo.
    fn roll_back_others(&mut self, failed: StepId, batch: BatchId) -> Vec<Repair> {
        let mut repairs = vec![];
        for (mover, member) in self.setup.plan.movers.iter().enumerate() {
            let irreversible = member
                .steps
                .iter()
                .any(|&step| self.setup.step(step).irreversible && self.is_done(step));
            if member.batch == batch
                && !member.steps.contains(&failed)
                && self.weights[mover] > 0.0
                && !irreversible
                && !self.is_in_repair(mover)
            {
                repairs.push(self.roll_back(mover));
            }
        }
        repairs
    }

    fn is_in_repair(&self, mover: usize) -> bool {
        let mut repairs = self.recoveries.iter().flat_map(|r| &r.repairs);
        repairs.any(|repair| self.setup.mover(repair.step) == Some(mover))
    }

    fn roll_back(&mut self, mover: usize) -> Repair {
        let member = &self.setup.plan.movers[mover];
        let mut undone = self.last_shift(mover);
        let mut fix = None;
        for &id in &member.steps {
            match self.phase(id).clone() {
                Phase::Acting { .. } | Phase::Relay { .. } => self.release(id),
                Phase::Soaking {
                    onset: Some(onset), ..
                } if onset <= self.now => {
                    undone = id;
                    let ends = self.undo_ends(id);
                    self.incident(id, onset, ends);
                    self.steps[id.index()].failures += 1;
                    fix = Some(self.fix(id));
                    self.rto(onset, ends);
                }
                _ => {}
            }
        }
        let stage = Stage::Undoing(self.undo_ends(undone));
        let mut back = self.setup.after_first_shift(mover);
        if fix.is_some() {
            back = self.way_back(undone, true);
        }
        for &id in &member.steps {
            let waits = matches!(self.phase(id), Phase::Done | Phase::Waiting);
            if !waits {
                *self.phase(id) = Phase::Failed;
            }
        }
        Repair {
            step: undone,
            stage,
            fix,
            fix_started: 0,
            back,
        }
    }

    /// The step that gave a member the traffic it has.
    fn last_shift(&self, mover: usize) -> StepId {
        let member = &self.setup.plan.movers[mover];
        let mut last_first = member.steps.iter().copied().rev();
        let gave = last_first.find(|&id| {
            let phase = &self.steps[id.index()].phase;
            let acted = matches!(phase, Phase::Done | Phase::Soaking { .. });
            acted && self.setup.step(id).weight.is_some()
        });
        gave.unwrap()
    }

    fn set_back(&mut self, steps: &[StepId]) {
        for &id in steps {
            *self.phase(id) = Phase::Waiting;
            self.steps[id.index()].asked_since = None;
        }
    }

    fn hold_to_objectives(&mut self, repairs: &[Repair], onset: i64) {
        for repair in repairs {
            if let Stage::Undoing(ends) = repair.stage {
                self.rto(onset, ends);
            }
        }
    }

    fn rto(&mut self, onset: i64, undone: i64) {
        let rto = self.setup.plan.migration.objectives.rto;
        self.log.rto_broken |= rto.is_some_and(|rto| undone - onset > micros(rto));
    }

    /// What ends now in the recoveries; whether anything did.
    pub fn recover(&mut self) -> bool {
        let mut any = false;
        for at in 0..self.recoveries.len() {
            for repair in 0..self.recoveries[at].repairs.len() {
                any |= self.repair_ends(at, repair);
            }
        }
        let (over, running) = std::mem::take(&mut self.recoveries)
            .into_iter()
            .partition(|recovery| recovery.repairs.iter().all(|r| r.stage == Stage::Over));
        self.recoveries = running;
        for recovery in &over {
            for repair in &recovery.repairs {
                self.set_back(&repair.back);
            }
            any = true;
        }
        any
    }

    fn repair_ends(&mut self, recovery: usize, at: usize) -> bool {
        let repair = self.recoveries[recovery].repairs[at].clone();
        let crew = self.setup.crew(repair.step);
        let stage = match repair.stage {
            Stage::Undoing(ends) if ends == self.now => {
                let attempt = self.steps[repair.step.index()].starts;
                let law = &self.setup.step(repair.step).failure.undo_takes;
                let took = self
                    .setup
                    .duration(repair.step, law, Purpose::Undo, attempt);
                self.bill(&crew, took);
                self.without_traffic(repair.step);
                match repair.fix {
                    None => Stage::Over,
                    Some(0) => self.after_fix(repair.step),
                    Some(_) => Stage::ToFix,
                }
            }
            Stage::Fixing(ends) if ends == self.now => {
                self.give_back(&crew);
                self.bill(&crew, repair.fix.unwrap());
                self.after_fix(repair.step)
            }
            Stage::Escalated(ends) if ends == self.now => Stage::Over,
            _ => return false,
        };
        self.recoveries[recovery].repairs[at].stage = stage;
        true
    }

    /// Undoing what moves traffic, a whole batch, or what a gate refused leaves none on the new side.
    fn without_traffic(&mut self, id: StepId) {
        let step = self.setup.step(id);
        let all = self.setup.collective(id).is_some() || step.gate.is_some();
        if let Some(mover) = self.setup.mover(id)
            && (step.weight.is_some() || all)
        {
            self.weights[mover] = 0.0;
            self.writes_since[mover] = None;
        }
    }

    /// Starts the fixes of a step whose people are there; whether it did.
    pub fn start_fixes(&mut self, id: StepId) -> bool {
        let team = self.setup.step(id).team;
        let hours = team.map_or(crate::time::Open::ALWAYS, |team| {
            self.setup.team_hours(team)
        });
        let crew = self.setup.crew(id);
        let mut any = false;
        for recovery in 0..self.recoveries.len() {
            for at in 0..self.recoveries[recovery].repairs.len() {
                let repair = self.recoveries[recovery].repairs[at].clone();
                if repair.step != id || repair.stage != Stage::ToFix {
                    continue;
                }
                if hours.at(self.now) && self.has_people(&crew) {
                    self.take_people(&crew);
                    let ends = hours.advance(self.now, repair.fix.unwrap());
                    let repair = &mut self.recoveries[recovery].repairs[at];
                    repair.stage = Stage::Fixing(ends);
                    repair.fix_started = self.now;
                    any = true;
                }
            }
        }
        any
    }
}
