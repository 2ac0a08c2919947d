//! From the dependency graph to the plan: patterns, checklist, batches, steps.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use whimbrel_lang::Diagnostic;
use whimbrel_plan::{
    Arena, Batch, BatchId, Checklist, Driver, DriverId, Graph, Inventory, MeasureId, Migration,
    Node, OwnMeasure, PLAN_VERSION, Plan, Rehearsal, Reversal, Role, RoleId, SeamState, Step,
    StepId, TeamId, Waiver,
};

use crate::analysis::batching::{BatchingInput, batches};
use crate::analysis::checklist::{self, BatchFigures, ChecklistInput};
use crate::analysis::reversal::{ReversalInput, reversals};
use crate::analysis::schedule::Schedule;
use crate::analysis::seam::{self, SeamBridge, SeamInput};
use crate::build::alone::{self, Alone, InSequence};
use crate::build::inventory::{Built, Route};
use crate::build::lower::Lowering;
use crate::build::movers::{self, MoverDraft};
use crate::build::steps::{Assembly, Steps};
use crate::build::templates::Expansion;
use crate::build::values::DAY;
use crate::build::{self, migration, statics};
use crate::check::names::Reference;
use crate::check::object::Object;
use crate::check::typed::Typed;
use crate::codes;
use crate::executors::Executors;
use crate::lint;
use crate::measures;
use crate::origins::{Entity, Origins};
use crate::rules;
use crate::schema::Kind;
use crate::top::Top;

/// What the stages after the dependency graph work on.
pub(crate) struct Pipeline<'a, 't> {
    pub top: &'t Top,
    pub built: &'a mut Built<'t>,
    pub route: &'a Route,
    pub executors: &'a Executors,
    pub origins: &'a mut Origins<'t>,
    pub found: &'a mut Vec<Diagnostic>,
    pub currency: &'a str,
}

type RoleIds = FxHashMap<Rc<str>, RoleId>;

/// What moves with the steps of each, and the phases that have a pattern with the steps of all.
type Drafts<'a> = (
    (&'a [MoverDraft], Vec<Vec<Step>>),
    (&'a FxHashMap<String, Expansion>, Vec<Vec<Step>>),
);

/// What has been decided before the plan is put together.
struct Parts {
    migration: Migration,
    roles: (Arena<RoleId, Role>, RoleIds),
    checklist: Checklist,
    batch_checklists: Vec<Checklist>,
    batches: Arena<BatchId, Batch>,
    rehearsals: Vec<Rehearsal>,
    steps: Steps,
    schedule: Option<Schedule>,
}

impl<'t> Pipeline<'_, 't> {
    /// The plan, and where its steps stand at mean durations unless they wait for one another.
    ///
    /// # Errors
    /// Gives the graph back when the text has no migration that starts some day.
    pub fn plan(mut self, graph: Graph) -> Result<(Plan, Option<Schedule>), Graph> {
        let Some((object, mut migration)) = self.migration() else {
            return Err(graph);
        };
        let drafts = movers::expand(self.built, self.top, object, self.found);
        let phases = movers::expand_phases(self.built, self.top, object, self.found);
        let referred = referred(self.top, &drafts, &phases);
        let roles = migration::roles(self.top, self.built, referred, self.origins);
        let declared = migration::declared_scores(self.top, self.origins, self.found);
        let lowered = self.lowering(&roles.1).movers(&drafts);
        let top = self.top;
        let lowered_phases = self.lowering(&roles.1).phases(top, &phases);
        let phase_days = alone::phase_days(top, (&phases, &lowered_phases), self.built);
        let alone = (alone::alone(&drafts, &lowered, self.built), phase_days);
        let checklist = checklist::score(&self.asked(&graph, &migration, &alone, &declared));
        if !migration.strategy_declared {
            migration.strategy = checklist.verdict;
        }
        migration.strategy = self.top.strategy.unwrap_or(migration.strategy);
        let batches = self.batches(&graph, &migration, &drafts, &lowered);
        let steps = self.assemble(
            &graph,
            &batches,
            ((&drafts, lowered), (&phases, lowered_phases)),
            &roles.1,
        );
        let rehearsals = migration::rehearsals(self.top, &batches, self.origins, self.found);
        let schedule = self.schedule(&steps);
        let figures = self.figures(
            &migration,
            &alone.0,
            (&batches, &rehearsals),
            (&steps, schedule.as_ref()),
        );
        let asked = self.asked(&graph, &migration, &alone, &declared);
        let batch_checklists = checklist::score_batches(&asked, &batches, &figures);
        Ok(self.finish(
            Parts {
                migration,
                roles,
                checklist,
                batch_checklists,
                batches,
                rehearsals,
                steps,
                schedule,
            },
            graph,
        ))
    }

    /// What the text says of the migration, and that.
    fn migration(&mut self) -> Option<(&'t Object, Migration)> {
        let object = self.top.of("migration").next()?;
        self.one_migration();
        let migration = migration::migration(
            object,
            self.built,
            self.route,
            self.currency,
            self.origins,
            self.found,
        )?;
        Some((object, migration))
    }

    fn finish(mut self, parts: Parts, graph: Graph) -> (Plan, Option<Schedule>) {
        let Parts {
            migration,
            roles: (roles, role_ids),
            checklist,
            batch_checklists,
            batches,
            rehearsals,
            steps,
            schedule,
        } = parts;
        let drivers = self.drivers(&batches, &steps);
        let inventory = &self.built.inventory;
        let seam = seam(inventory, &graph, &batches, &steps);
        let critical = schedule.as_ref().map(Schedule::critical_path);
        let (critical_path, critical_path_duration) = critical.unwrap_or_default();
        let measures = self.measures(&steps);
        let effort_hours = statics::effort_hours(&steps.steps, self.built);
        let inventory = &self.built.inventory;
        let reversals = ways_back(inventory, &graph, &batches, &steps, schedule.as_ref());
        let inventory = self.inventory(&steps);
        let mut plan = Plan {
            version: PLAN_VERSION,
            scenario: self.top.scenario.clone(),
            migration,
            inventory,
            graph,
            calendars: self.built.calendars.clone(),
            windows: self.built.windows.clone(),
            freezes: self.built.freezes.clone(),
            roles,
            rehearsals,
            batches,
            movers: steps.movers,
            effort_hours,
            steps: steps.steps,
            bridges: steps.bridges,
            drivers,
            measures,
            triggers: migration::triggers(self.top, self.origins),
            risks: migration::risks(self.top, &role_ids, self.origins),
            announcements: steps.announcements,
            retrospective: steps.retrospective,
            environments: migration::environments(self.top),
            waivers: self.waivers(),
            lints: self.top.lints.clone(),
            executors: self.executors.used.clone(),
            automation_cost: steps.automation_cost,
            checklist,
            batch_checklists,
            seam,
            reversals,
            critical_path,
            critical_path_duration,
            unknown: Vec::new(),
        };
        plan.unknown = statics::unknown(&plan);
        (plan, schedule)
    }

    fn measures(&mut self, steps: &Steps) -> Arena<MeasureId, OwnMeasure> {
        let moving: Vec<Node> = steps.movers.iter().map(|mover| mover.node).collect();
        measures::measures(self.top, self.built, &moving, self.found)
    }

    fn drivers(
        &mut self,
        batches: &Arena<BatchId, Batch>,
        steps: &Steps,
    ) -> Arena<DriverId, Driver> {
        build::drivers::drivers(
            self.top,
            self.built,
            batches,
            steps,
            self.origins,
            self.found,
        )
    }

    /// What exists, taken out of what was built, with the licences.
    fn inventory(&mut self, steps: &Steps) -> Inventory {
        let licences = build::drivers::licences(
            self.top,
            self.built,
            &self.route.zone,
            &steps.movers,
            self.origins,
        );
        let mut inventory = std::mem::take(&mut self.built.inventory);
        inventory.licences = licences;
        inventory
    }

    /// Where steps stand at mean durations; none when they wait for one another.
    fn schedule(&mut self, steps: &Steps) -> Option<Schedule> {
        let durations = statics::durations(self.built);
        match Schedule::new(&steps.steps, |id| durations.mean(&steps.steps[id])) {
            Ok(schedule) => Some(schedule),
            Err(circle) => {
                self.circular(&circle.steps, steps);
                None
            }
        }
    }

    fn one_migration(&mut self) {
        let mut migrations = self.top.of("migration");
        let first = migrations.next();
        for second in migrations {
            let found = Diagnostic::error(
                codes::DUPLICATE_NAME,
                second.span,
                "a plan has one migration",
            )
            .help("merge the two, or make a plan of each");
            self.found.push(match first {
                Some(first) => found.label(first.span, "the first one"),
                None => found,
            });
        }
    }

    fn lowering<'b>(&'b mut self, roles: &'b RoleIds) -> Lowering<'b> {
        Lowering {
            built: self.built,
            executors: self.executors,
            roles,
            found: self.found,
            known: FxHashMap::default(),
        }
    }

    /// What the checklist is answered from, without batches: so that checklist, strategy and steps do
    /// not go in a circle.
    fn asked<'b>(
        &'b self,
        graph: &'b Graph,
        migration: &'b Migration,
        (alone, phase_days): &(Vec<Alone>, f64),
        declared: &'b [(whimbrel_plan::Criterion, u8, String)],
    ) -> ChecklistInput<'b> {
        let mut all = InSequence::default();
        all.extend(alone);
        ChecklistInput {
            declared,
            inventory: &self.built.inventory,
            graph,
            teams: &migration.teams,
            start: migration.start,
            deadline: migration.deadline,
            budget: migration.budget,
            currency: &migration.currency,
            automation_share: all.automation_share(),
            rehearsal_passed: self
                .top
                .of("rehearsal")
                .any(|r| r.flag("passed") == Some(true)),
            sequential_duration_days: all.days().map(|days| phase_days + days),
            phase_days: *phase_days,
            sequential_dual_running_cost: all.dual_running(self.fixed_per_day(migration)),
            year_running_cost: statics::year_running_cost(&self.built.inventory),
        }
    }

    fn fixed_per_day(&self, migration: &Migration) -> f64 {
        alone::fixed_per_day(self.built, &migration.to)
    }

    /// What the checklist asks of each batch.
    fn figures(
        &self,
        migration: &Migration,
        alone: &[Alone],
        (batches, rehearsals): (&Arena<BatchId, Batch>, &[Rehearsal]),
        (steps, schedule): (&Steps, Option<&Schedule>),
    ) -> Arena<BatchId, BatchFigures> {
        let by_node: FxHashMap<Node, &Alone> = alone.iter().map(|one| (one.node, one)).collect();
        let mut members: Arena<BatchId, InSequence> =
            batches.ids().map(|_| InSequence::default()).collect();
        let mut spans: Arena<BatchId, Option<(f64, f64)>> = batches.ids().map(|_| None).collect();
        for mover in &steps.movers {
            members[mover.batch].extend(by_node.get(&mover.node).copied());
            if let (Some(schedule), Some(first)) = (schedule, mover.steps.first()) {
                let (start, end) = (schedule.start(*first), schedule.finish(mover.cutover));
                let span = &mut spans[mover.batch];
                *span =
                    Some(span.map_or((start, end), |(from, to)| (from.min(start), to.max(end))));
            }
        }
        let spare = migration
            .deadline
            .zip(schedule)
            .map(|(deadline, schedule)| {
                let left = deadline.duration_since(migration.start).as_secs_f64();
                (left - schedule.critical_path().1) / DAY
            });
        let fixed = self.fixed_per_day(migration);
        let figures = members.iter().zip(spans.values());
        figures
            .map(|((id, members), span)| {
                let days = members.days().unwrap_or(0.0);
                let passed = |one: &Rehearsal| one.of == id && one.passed;
                let works = |team: &TeamId| migration.teams.contains(team);
                BatchFigures {
                    teams: members.teams.iter().copied().filter(works).collect(),
                    automation_share: members.automation_share(),
                    rehearsal_passed: rehearsals.iter().any(passed),
                    sequential_days: days,
                    planned_days: span.map_or(days, |(from, to)| (to - from) / DAY),
                    spare_days: spare,
                    dual_running_cost: members.dual_running(fixed),
                    year_running_cost: members.year(),
                }
            })
            .collect()
    }

    fn batches(
        &mut self,
        graph: &Graph,
        migration: &Migration,
        drafts: &[MoverDraft],
        lowered: &[Vec<Step>],
    ) -> Arena<BatchId, Batch> {
        if self.top.of("batch").next().is_some() {
            return build::batches::handwritten(
                self.top,
                self.built,
                graph,
                drafts,
                self.origins,
                self.found,
            );
        }
        let watched = self.top.of("trigger").next().is_some();
        let passed = self
            .top
            .of("rehearsal")
            .any(|r| r.flag("passed") == Some(true));
        let rehearsed: FxHashSet<Node> = if passed {
            drafts.iter().map(|draft| draft.node).collect()
        } else {
            FxHashSet::default()
        };
        let traits = movers::traits(self.built, drafts, lowered, &rehearsed, watched);
        batches(&BatchingInput {
            inventory: &self.built.inventory,
            graph,
            strategy: migration.strategy,
            traits: &traits,
            at_once: Some(migration.batch_size),
        })
    }

    fn assemble(
        &mut self,
        graph: &Graph,
        batches: &Arena<BatchId, Batch>,
        ((drafts, lowered), (phase_drafts, lowered_phases)): Drafts<'_>,
        roles: &RoleIds,
    ) -> Steps {
        Assembly {
            top: self.top,
            built: self.built,
            graph,
            batches,
            drafts,
            lowered,
            lowered_phases,
            phase_drafts,
            lowering: Lowering {
                built: self.built,
                executors: self.executors,
                roles,
                found: self.found,
                known: FxHashMap::default(),
            },
            origins: self.origins,
            out: Steps::default(),
        }
        .assemble()
    }

    fn circular(&mut self, circle: &[StepId], steps: &Steps) {
        let names: Vec<&str> = circle
            .iter()
            .map(|id| steps.steps[*id].name.as_str())
            .collect();
        let span = circle.first().map_or_else(
            || self.origins.of(Entity::Migration),
            |id| self.origins.of(Entity::Step(*id)),
        );
        self.found.push(
            Diagnostic::error(
                codes::IMPOSSIBLE_ORDER,
                span,
                "these steps wait for one another",
            )
            .note(names.join(" → "))
            .help("take one `after` out of the circle, or bridge one of the needs"),
        );
    }

    fn waivers(&mut self) -> Vec<Waiver> {
        let mut out = Vec::new();
        for waive in &self.top.waives {
            if rules::find(&waive.code).is_none() {
                self.found.push(lint::unknown(&waive.code, waive.span));
                continue;
            }
            self.origins.set(Entity::Waiver(out.len()), waive.span);
            out.push(Waiver {
                code: waive.code.clone(),
                on: waive.on.clone(),
                until: waive.until,
                because: waive.because.clone(),
            });
        }
        out
    }
}

fn ways_back(
    inventory: &Inventory,
    graph: &Graph,
    batches: &Arena<BatchId, Batch>,
    steps: &Steps,
    schedule: Option<&Schedule>,
) -> Vec<Reversal> {
    schedule.map_or_else(Vec::new, |schedule| {
        reversals(&ReversalInput {
            inventory,
            graph,
            batches,
            movers: &steps.movers,
            steps: &steps.steps,
            bridges: &steps.bridges,
            schedule,
        })
    })
}

fn seam(
    inventory: &Inventory,
    graph: &Graph,
    batches: &Arena<BatchId, Batch>,
    steps: &Steps,
) -> Vec<SeamState> {
    let bridges: Vec<SeamBridge> = steps
        .bridges
        .iter()
        .map(|(id, bridge)| SeamBridge {
            id,
            name: bridge.name.as_str().into(),
            until: bridge
                .until
                .first()
                .and_then(|&last| steps.steps[last].batch),
        })
        .collect();
    seam::states(&SeamInput {
        inventory,
        graph,
        bridges: &bridges,
        batches,
    })
}

/// Every role that something refers to.
fn referred(
    top: &Top,
    drafts: &[MoverDraft],
    phases: &FxHashMap<String, Expansion>,
) -> Vec<Reference> {
    fn visit(object: &Object, out: &mut Vec<Reference>) {
        for given in object.attributes.values() {
            if let Typed::Reference(reference) = &given.typed
                && reference.kind == Kind::Role
            {
                out.push(reference.clone());
            }
        }
        object.children.iter().for_each(|child| visit(child, out));
    }
    let mut out = Vec::new();
    top.objects
        .iter()
        .for_each(|object| visit(object, &mut out));
    let moving = drafts.iter().map(|draft| &draft.expansion);
    let phases = top.of("phase").filter_map(|phase| phases.get(phase.name()));
    let mut seen = FxHashSet::default();
    for expansion in moving.chain(phases) {
        let template = &expansion.template;
        if seen.insert(Rc::as_ptr(template)) {
            let steps = template.drafts.iter();
            steps.for_each(|step| visit(&step.object, &mut out));
        }
    }
    out
}
