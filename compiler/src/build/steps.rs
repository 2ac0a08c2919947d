//! All steps and their order: patterns, batches, phases, automation, bridges, announcements.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_lang::Diagnostic;
use whimbrel_plan::{
    Act, Action, Amount, Announcement, Arena, Batch, BatchId, Bridge, BridgeId, Call, Graph, Mover,
    Node, Relation, RelationKind, Retrospective, Step, StepId, StepKind, Subject, Target, Wording,
    Work,
};

use super::bridges::{over, technique};
use super::copies::copies;
use super::inventory::{Built, sorted};
use super::lower::{Frame, Lowering};
use super::migration::batch;
use super::movers::MoverDraft;
use super::order::Order;
use super::templates::{Draft, Expansion};
use crate::check::object::Object;
use crate::check::typed::Typed;
use crate::codes;
use crate::origins::{Definition, Entity, Origins};
use crate::schema::{Family, Kind};
use crate::top::Top;

/// By when a retrospective is held: within a week.
const WITHIN: f64 = 7.0 * super::values::DAY;

/// Everything about steps that the plan needs.
#[derive(Default)]
pub(crate) struct Steps {
    pub steps: Arena<StepId, Step>,
    pub movers: Vec<Mover>,
    pub bridges: Arena<BridgeId, Bridge>,
    pub announcements: Vec<Announcement>,
    pub retrospective: Option<Retrospective>,
    pub automation_cost: Option<Amount>,
    /// Steps of phases, by name of the phase.
    pub phases: FxHashMap<String, Vec<StepId>>,
    /// The lead-time step of each external.
    pub lead_times: FxHashMap<Node, StepId>,
}

/// Builds all steps.
pub(crate) struct Assembly<'a, 'b, 't> {
    pub top: &'t Top,
    pub built: &'a Built<'a>,
    pub graph: &'a Graph,
    pub batches: &'a Arena<BatchId, Batch>,
    pub drafts: &'a [MoverDraft],
    /// The steps of each draft.
    pub lowered: Vec<Vec<Step>>,
    /// The steps of each phase.
    pub lowered_phases: Vec<Vec<Step>>,
    /// The steps of phases that have a pattern.
    pub phase_drafts: &'a FxHashMap<String, Expansion>,
    pub lowering: Lowering<'b>,
    pub origins: &'a mut Origins<'t>,
    pub out: Steps,
}

impl<'t> Assembly<'_, '_, 't> {
    /// Makes the steps in their canonical order and ties them together.
    pub fn assemble(mut self) -> Steps {
        let phases = self.phases();
        let automation = self.automation(&phases);
        let trainings = self.trainings(&phases);
        let monitoring = self.monitoring(&phases);
        self.lead_times();
        self.bridge_steps();
        self.announce_steps();
        self.mover_steps();
        let heads: Vec<StepId> = phases.into_iter().chain(monitoring).collect();
        let order = Order::new(self.built, self.graph, self.batches, &self.out.movers);
        order.tie(&mut self.out.steps, &self.out.movers, &heads);
        self.tie_automation(automation, &order);
        self.tie_trainings(&trainings, &order);
        self.tie_lead_times();
        self.tie_bridges(&order, &heads);
        self.tie_announcements(&order);
        order.cut_over_together(&mut self.out.steps, &self.out.movers);
        self.retrospective();
        for (_, step) in self.out.steps.iter_mut() {
            step.predecessors.sort_unstable();
            step.predecessors.dedup();
        }
        self.out
    }

    fn push(&mut self, step: Step, origin: whimbrel_lang::Span) -> StepId {
        let definition = Rc::new(Definition::bare(origin));
        self.origins.push_step(origin, definition);
        self.out.steps.push(step)
    }

    pub(super) fn plain(
        &mut self,
        object: &'t Object,
        name: String,
        subject: &str,
        kind: StepKind,
    ) -> StepId {
        let frame = Frame {
            name,
            subject: Subject::Migration(subject.to_owned()),
            node: None,
            team: self.lowering.team_needed(object),
        };
        let step = self.lowering.step(object, kind, &frame);
        let id = self.push(step, object.span);
        self.origins.remember(Entity::Step(id), object);
        id
    }

    /// Phases follow one another; the last steps of the last one precede everything.
    fn phases(&mut self) -> Vec<StepId> {
        let mut before: Vec<StepId> = Vec::new();
        let lowered = std::mem::take(&mut self.lowered_phases);
        for (object, steps) in self.top.of("phase").zip(lowered) {
            let (all, last) = match self.phase_drafts.get(object.name()) {
                Some(expansion) => self.patterned(expansion, steps, &before),
                None => {
                    let ids = steps.into_iter().map(|mut step| {
                        step.predecessors.extend_from_slice(&before);
                        let id = self.push(step, object.span);
                        self.origins.remember(Entity::Step(id), object);
                        id
                    });
                    let ids: Vec<StepId> = ids.collect();
                    (ids.clone(), ids)
                }
            };
            self.out.phases.insert(object.name().to_owned(), all);
            before = last;
        }
        before
    }

    /// The steps that a phase's pattern makes, and the last of them.
    fn patterned(
        &mut self,
        expansion: &Expansion,
        steps: Vec<Step>,
        before: &[StepId],
    ) -> (Vec<StepId>, Vec<StepId>) {
        let drafts = expansion.drafts();
        let steps = drafts.iter().zip(steps);
        let ids = steps.map(|(draft, step)| self.drafted(expansion, draft, step));
        let ids: Vec<StepId> = ids.collect();
        let last = self.chain(drafts, &ids, before).to_vec();
        self.retries(drafts, &ids);
        (ids, last)
    }

    fn automation(&mut self, phases: &[StepId]) -> Option<StepId> {
        let object = self.top.of("automation").next()?;
        self.origins.remember(Entity::Automation, object);
        let id = self.plain(
            object,
            "automation".to_owned(),
            "automation",
            StepKind::Prepare,
        );
        self.out.steps[id].predecessors.extend_from_slice(phases);
        self.out.automation_cost = object.amount("cost");
        Some(id)
    }

    fn added(&mut self, name: &str, kind: StepKind, action: Option<Action>) -> StepId {
        let span = self.origins.of(Entity::Migration);
        let step = blank(name, kind, action);
        self.push(step, span)
    }

    /// Alerts and dashboards stand before anything moves, where a platform names who installs them.
    fn monitoring(&mut self, phases: &[StepId]) -> Option<StepId> {
        let executors = self.lowering.executors;
        let executor = self
            .built
            .inventory
            .platforms
            .values()
            .filter_map(|platform| executors.of(Kind::Platform, &platform.name, Family::Monitor))
            .find(|index| executors.carries_out(*index, "monitor.install"))?;
        let call = Call {
            verb: "monitor.install".to_owned(),
            arguments: indexmap::IndexMap::new(),
            executor: Some(executor),
        };
        let action = Action::new(None, call);
        let id = self.added("migration/monitoring", StepKind::Deploy, Some(action));
        self.out.steps[id].predecessors.extend_from_slice(phases);
        Some(id)
    }

    fn lead_times(&mut self) {
        for (id, resource) in self.built.inventory.resources.iter() {
            let Some(lead_time) = resource.lead_time.clone() else {
                continue;
            };
            let name = format!("external/{}/lead_time", resource.name);
            let mut step = blank(&name, StepKind::Prepare, None);
            step.added = false;
            step.subject = Subject::Resource(id);
            step.act = Act::Elapsed(lead_time);
            let span = self
                .origins
                .attribute(Entity::Resource(id), "change_lead_time");
            let step = self.push(step, span);
            self.out.lead_times.insert(Node::Resource(id), step);
        }
    }

    fn bridge_steps(&mut self) {
        for object in sorted(self.top, "bridge") {
            let Some(over) = over(object, self.built) else {
                continue;
            };
            let name = format!("bridge/{}", object.name());
            let built_by = self.plain(object, name, object.name(), StepKind::Deploy);
            let id = self.out.bridges.push(Bridge {
                name: object.name().to_owned(),
                doc: object.doc.clone(),
                over,
                by: technique(object),
                lag: object.amount("lag"),
                source_is_new: object.choice("source") == Some("new"),
                deduplicates: object.flag("deduplicates") == Some(true),
                breaks: object.text("breaks"),
                cost_per_day: object
                    .amount("cost")
                    .map(|cost| cost.times(super::values::DAY)),
                built_by,
                until: Vec::new(),
            });
            self.origins.remember(Entity::Bridge(id), object);
        }
    }

    fn announce_steps(&mut self) {
        for object in sorted(self.top, "announce") {
            let name = format!("announce/{}", object.name());
            let step = self.plain(object, name, object.name(), StepKind::Notify);
            let before = object.number("before").unwrap_or(0.0);
            self.out.steps[step].soak = before.into();
            self.origins
                .remember(Entity::Announcement(self.out.announcements.len()), object);
            self.out.announcements.push(Announcement {
                name: object.name().to_owned(),
                doc: object.doc.clone(),
                before,
                channel: object.text("channel").unwrap_or_default(),
                wording: wording(object),
                step,
            });
        }
    }

    fn mover_steps(&mut self) {
        let drafts = self.drafts;
        let lowered = std::mem::take(&mut self.lowered);
        let many = lowered.iter().map(Vec::len).sum();
        self.out.steps.reserve(many);
        let mut by_node: FxHashMap<Node, (&MoverDraft, Vec<Step>)> = drafts
            .iter()
            .zip(lowered)
            .map(|(draft, steps)| (draft.node, (draft, steps)))
            .collect();
        for (batch, content) in self.batches.iter() {
            for (unit, members) in content.units.iter().enumerate() {
                for member in &members.members {
                    // Named in two batches: a rule says so, the first one counts.
                    if let Some((draft, steps)) = by_node.remove(&member.node) {
                        self.mover(draft, steps, batch, unit);
                    }
                }
            }
        }
    }

    fn mover(&mut self, mover: &MoverDraft, steps: Vec<Step>, batch: BatchId, unit: usize) {
        let drafts = mover.expansion.drafts();
        let mut ids: Vec<StepId> = Vec::with_capacity(drafts.len());
        for (draft, mut step) in drafts.iter().zip(steps) {
            step.batch = Some(batch);
            ids.push(self.drafted(&mover.expansion, draft, step));
        }
        let Some(cutover) = ids.get(mover.cutover).copied() else {
            return;
        };
        self.chain(drafts, &ids, &[]);
        self.retries(drafts, &ids);
        let steps = &self.out.steps;
        let find =
            |wanted: &dyn Fn(&Step) -> bool| ids.iter().copied().find(|id| wanted(&steps[*id]));
        let deploying = |step: &Step| matches!(step.kind, StepKind::Deploy | StepKind::Bootstrap);
        let record = Mover {
            node: mover.node,
            batch,
            unit,
            pattern: mover.expansion.pattern.clone(),
            first_deploy: find(&deploying),
            first_shift: find(&|step| step.weight.is_some_and(|weight| weight > 0.0)),
            cutover,
            decommission: ids
                .iter()
                .rev()
                .copied()
                .find(|id| steps[*id].kind == StepKind::Decommission),
            copies: copies(&ids, steps),
            steps: ids,
        };
        self.out.movers.push(record);
    }

    /// Adds the step of a draft, with where it comes from.
    fn drafted(&mut self, expansion: &Expansion, draft: &Draft, step: Step) -> StepId {
        let origin = draft.overridden.unwrap_or(expansion.given);
        self.origins.push_step(origin, Rc::clone(&draft.definition));
        self.out.steps.push(step)
    }

    /// Each group of a pattern follows the one before it, the first one `before`; the last one.
    fn chain<'i>(
        &mut self,
        drafts: &[Draft],
        ids: &'i [StepId],
        before: &[StepId],
    ) -> &'i [StepId] {
        let (mut last, mut rest): (Option<&'i [StepId]>, _) = (None, ids);
        for group in drafts.chunk_by(|one, next| one.group == next.group) {
            let (current, others) = rest.split_at(group.len().min(rest.len()));
            for id in current {
                let predecessors = &mut self.out.steps[*id].predecessors;
                predecessors.extend_from_slice(last.unwrap_or(before));
            }
            (last, rest) = (Some(current), others);
        }
        last.unwrap_or_default()
    }

    fn retries(&mut self, drafts: &[Draft], ids: &[StepId]) {
        for (place, (draft, id)) in drafts.iter().zip(ids).enumerate() {
            self.out.steps[*id].retry_from = *id;
            let Some(Typed::Text(name)) = draft.object.get("retry_from") else {
                continue;
            };
            let target = drafts
                .iter()
                .position(|other| other.object.name() == &**name);
            match target
                .filter(|target| *target <= place)
                .and_then(|target| ids.get(target))
            {
                Some(target) => self.out.steps[*id].retry_from = *target,
                None => self.lowering.found.push(
                    Diagnostic::error(
                        codes::UNKNOWN_NAME,
                        draft.object.place("retry_from"),
                        format!(
                            "there is no step `{name}` at or before `{}`",
                            draft.object.name()
                        ),
                    )
                    .help("name this step or one before it"),
                ),
            }
        }
    }

    /// The automation precedes the first batch in which an executor acts.
    fn tie_automation(&mut self, automation: Option<StepId>, order: &Order<'_>) {
        let Some(automation) = automation else { return };
        let acts = |mover: &Mover| {
            mover.steps.iter().any(|id| {
                let action = self.out.steps[*id].action.as_ref();
                action.is_some_and(|action| action.executor.is_some())
            })
        };
        let acting = self.out.movers.iter().filter(|mover| acts(mover));
        let acting: FxHashSet<BatchId> = acting.map(|mover| mover.batch).collect();
        let first = order.firsts_of(&acting);
        let firsts: Vec<StepId> = self
            .out
            .movers
            .iter()
            .filter(|mover| first.contains(&mover.batch))
            .flat_map(|mover| order.firsts(mover, &self.out.steps))
            .collect();
        for id in firsts {
            self.out.steps[id].predecessors.push(automation);
        }
    }

    /// Who calls a third party cuts over after its lead time.
    fn tie_lead_times(&mut self) {
        let movers: FxHashMap<Node, (StepId, StepId)> = self
            .out
            .movers
            .iter()
            .map(|mover| {
                (
                    mover.node,
                    (mover.first_shift.unwrap_or(mover.cutover), mover.cutover),
                )
            })
            .collect();
        for relation in self.built.inventory.relations.values() {
            let Some((external, caller)) = external_call(relation) else {
                continue;
            };
            let lead = self.out.lead_times.get(&external).copied();
            if let (Some(lead), Some((shift, _))) = (lead, movers.get(&caller)) {
                self.out.steps[*shift].predecessors.push(lead);
            }
        }
    }

    /// A bridge is built with the first batch it is for, before either end takes traffic on the
    /// new side, and stands until its last batch is settled.
    fn tie_bridges(&mut self, order: &Order<'_>, heads: &[StepId]) {
        let objects: Vec<&Object> = sorted(self.top, "bridge")
            .into_iter()
            .filter(|object| over(object, self.built).is_some())
            .collect();
        for (id, object) in self.out.bridges.ids().zip(objects).collect::<Vec<_>>() {
            let ends = order.ends(&self.out.bridges[id].over);
            let touching: Vec<Mover> = self
                .out
                .movers
                .iter()
                .filter(|mover| ends.contains(&mover.node))
                .cloned()
                .collect();
            let built_by = self.out.bridges[id].built_by;
            let first = touching.iter().min_by_key(|mover| order.rank(mover.batch));
            let mut before: Vec<StepId> = heads.to_vec();
            if let Some(first) = first {
                before.extend(order.cutovers_before(first.batch));
            }
            self.out.steps[built_by].predecessors.extend(before);
            for mover in &touching {
                let gate = mover.first_shift.unwrap_or(mover.cutover);
                self.out.steps[gate].predecessors.push(built_by);
            }
            let until = match object.reference("until") {
                Some(name) => batch(name, self.batches, self.lowering.found),
                None => self.batches.ids().max_by_key(|batch| order.rank(*batch)),
            };
            if let Some(until) = until {
                self.out.bridges[id].until = self
                    .out
                    .movers
                    .iter()
                    .filter(|mover| mover.batch == until)
                    .map(|mover| mover.cutover)
                    .collect();
            }
        }
    }

    fn tie_announcements(&mut self, order: &Order<'_>) {
        let steps: Vec<StepId> = self
            .out
            .announcements
            .iter()
            .map(|announcement| announcement.step)
            .collect();
        let firsts: Vec<StepId> = self
            .out
            .movers
            .iter()
            .filter(|mover| order.rank(mover.batch) == 0)
            .map(|mover| mover.cutover)
            .collect();
        for id in firsts {
            self.out.steps[id].predecessors.extend_from_slice(&steps);
        }
    }

    /// The no-blame retrospective ends the migration.
    fn retrospective(&mut self) {
        let mut needed: Arena<StepId, bool> = self.out.steps.ids().map(|_| false).collect();
        for step in self.out.steps.values() {
            for before in &step.predecessors {
                needed[*before] = true;
            }
        }
        let last: Vec<StepId> = needed.ids().filter(|id| !needed[*id]).collect();
        if last.is_empty() {
            return;
        }
        let name = "migration/retrospective";
        let id = match self.top.of("retrospective").next() {
            Some(object) => {
                let step = self.plain(object, name.to_owned(), "retrospective", StepKind::Tidy);
                self.origins.remember(Entity::Retrospective, object);
                let within = object.number("within").unwrap_or(WITHIN);
                self.out.retrospective = Some(Retrospective { within, step });
                step
            }
            None => self.added(name, StepKind::Tidy, None),
        };
        self.out.steps[id].predecessors = last;
    }
}

fn external_call(relation: &Relation) -> Option<(Node, Node)> {
    match (relation.kind, &relation.to) {
        (RelationKind::Calls, Target::Resource(id)) => {
            Some((Node::Resource(*id), Node::Service(relation.from)))
        }
        _ => None,
    }
}

/// A step the compiler adds: it takes neither time nor money.
fn blank(name: &str, kind: StepKind, action: Option<Action>) -> Step {
    let subject = Subject::Migration(name.rsplit('/').next().unwrap_or(name).to_owned());
    let mut work = Work::instant(kind);
    work.added = true;
    let mut step = Step::new(name, subject, work, StepId::new(0));
    step.action = action;
    step
}

fn wording(object: &Object) -> Wording {
    Wording {
        what: object.text("what"),
        why: object.text("why"),
        risk: object.text("risk"),
        noticed: object.text("noticed"),
        contact: object.text("contact"),
    }
}
