//! The pipeline: load, check, build, analyse, batch, lower, lint.

use std::collections::HashSet;

use jiff::civil::Date;
use whimbrel_lang::ast::{ExprKind, File};
use whimbrel_lang::{Currency, Diagnostic, Level, SourceId, Sources, Span};
use whimbrel_plan::{
    Arena, Batch, BatchId, BridgeId, BridgeOver, Graph, Inventory, Node, PLAN_VERSION, Plan,
    Strategy, Waiver,
};

use crate::analysis::batching::{BatchingInput, batches};
use crate::analysis::checklist::{self, ChecklistInput};
use crate::analysis::critical_path::critical_path;
use crate::analysis::graph::{self, GraphInput};
use crate::analysis::seam::{self, SeamInput};
use crate::build::inventory::{Built, Route, remember};
use crate::build::lower::Lowering;
use crate::build::movers::{self, MoverDraft};
use crate::build::steps::{Assembly, Steps};
use crate::build::{self, migration, statics};
use crate::check::names::Reference;
use crate::check::object::Object;
use crate::check::typed::Typed;
use crate::codes;
use crate::executors::{Executors, Reader};
use crate::modules::{self, Provider};
use crate::origins::{Entity, Origins};
use crate::rules;
use crate::schema::Kind;
use crate::top::{self, Top};
use crate::walk;

/// What compiling depends on beside the texts.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The day that waivers and observations age to.
    pub today: Date,
}

/// What compiling gives: always everything that could be made, and everything found.
#[derive(Debug)]
pub struct Compilation {
    /// The texts, for rendering.
    pub sources: Sources,
    /// The plan, when the text has a migration; rest it on [`Compilation::is_runnable`].
    pub plan: Option<Plan>,
    /// What exists.
    pub inventory: Option<Inventory>,
    /// How it hangs together.
    pub graph: Option<Graph>,
    /// What was found, waived findings left out: by place, errors first at one place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Compilation {
    /// Whether the plan means what its author wrote, so that numbers can be made from it: no
    /// errors of syntax, names, types or order.
    #[must_use]
    pub fn is_runnable(&self) -> bool {
        self.plan.is_some() && !self.diagnostics.iter().any(blocks)
    }

    /// How many findings are errors.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.diagnostics
            .iter()
            .filter(|found| found.level == Level::Error)
            .count()
    }
}

fn blocks(found: &Diagnostic) -> bool {
    let families = ["MG00", "MG01", "MG02"];
    found.level == Level::Error
        && families
            .iter()
            .any(|family| found.code.number.starts_with(family))
}

/// Compiles the plan whose first file is `entry`.
#[must_use]
pub fn compile(provider: &dyn Provider, entry: &str, options: &Options) -> Compilation {
    let modules::Loaded {
        mut sources,
        files,
        mut found,
    } = modules::load(provider, entry);
    let currency = currency(&files, &mut found);
    let top = top::read(&files, &mut found);
    let executors = Reader::new(provider, &mut sources, &top.names, &mut found).read(&top.objects);
    let fallback = files.last().map_or_else(
        || sources.iter().next().map(|(id, _)| Span::new(id, 0, 0)),
        |(id, _)| Some(Span::new(*id, 0, 0)),
    );
    let Some(fallback) = fallback else {
        return Compilation {
            sources,
            plan: None,
            inventory: None,
            graph: None,
            diagnostics: found,
        };
    };
    let mut origins = Origins::new(fallback);
    let (mut built, route) = build::inventory::build(&top, &mut origins);
    build::relations::build(&mut built, &top, &sources, &mut origins);
    let graph = dependency_graph(&built, &top);
    let mut pipeline = Pipeline {
        top: &top,
        built: &built,
        route: &route,
        executors: &executors,
        origins: &mut origins,
        found: &mut found,
        currency: &currency,
    };
    let plan = pipeline.plan(&graph);
    let inventory = plan
        .as_ref()
        .map_or(&built.inventory, |plan| &plan.inventory);
    let graph = plan.as_ref().map_or(&graph, |plan| &plan.graph);
    let context = rules::Context {
        inventory,
        graph,
        plan: plan.as_ref(),
        origins: &origins,
        sources: &sources,
        today: options.today,
    };
    found.extend(rules::run(&context));
    sort(&mut found, &sources);
    let (inventory, graph) = (Some(inventory.clone()), Some(graph.clone()));
    Compilation {
        inventory,
        graph,
        plan,
        diagnostics: found,
        sources,
    }
}

/// The plan's own files first, in the order they were loaded; at one place errors first.
fn sort(found: &mut Vec<Diagnostic>, sources: &Sources) {
    let standard: HashSet<SourceId> = sources
        .iter()
        .filter(|(_, source)| source.path().starts_with("std/"))
        .map(|(id, _)| id)
        .collect();
    found.sort_by(|a, b| {
        let key = |d: &Diagnostic| {
            let span = d.primary.span;
            (
                standard.contains(&span.source),
                span,
                std::cmp::Reverse(d.level),
                d.code.number,
            )
        };
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
    found.dedup();
}

/// The one currency of a plan; the first that stands in it.
fn currency(files: &[(SourceId, File)], found: &mut Vec<Diagnostic>) -> String {
    let mut first: Option<(Currency, Span)> = None;
    for (_, file) in files {
        walk::statements(&file.statements, &mut |expr| {
            let ExprKind::Quantity(quantity) = &expr.kind else {
                return;
            };
            let Some(currency) = quantity.currency else {
                return;
            };
            match first {
                None => first = Some((currency, expr.span)),
                Some((known, at)) if known != currency => found.push(
                    Diagnostic::error(codes::MIXED_CURRENCY, expr.span, "a plan has one currency")
                        .here("another currency")
                        .label(at, "the first amount is in this one")
                        .help("convert the amount, and say the rate in a comment"),
                ),
                Some(_) => {}
            }
        });
    }
    first.map_or_else(
        || "XXX".to_owned(),
        |(currency, _)| String::from_utf8_lossy(&currency.0).into_owned(),
    )
}

fn bridge_specs(built: &Built<'_>, top: &Top) -> Vec<(BridgeId, BridgeOver)> {
    let objects = build::inventory::sorted(top, "bridge");
    let overs = objects
        .into_iter()
        .filter_map(|object| migration::over(object, built));
    overs
        .enumerate()
        .map(|(index, over)| (BridgeId::new(index), over))
        .collect()
}

fn orders(built: &Built<'_>) -> Vec<(Node, Node)> {
    let services = built.inventory.services.ids().map(Node::Service);
    let resources = built.inventory.resources.ids().map(Node::Resource);
    let mut out = Vec::new();
    for node in services.chain(resources) {
        let Some(object) = built.object(node) else {
            continue;
        };
        let before = object.references("after").iter();
        out.extend(
            before
                .filter_map(|name| built.ids.node(name))
                .map(|other| (node, other)),
        );
    }
    out
}

fn dependency_graph(built: &Built<'_>, top: &Top) -> Graph {
    graph::build(&GraphInput {
        inventory: &built.inventory,
        bridges: &bridge_specs(built, top),
        orders: &orders(built),
    })
}

struct Pipeline<'a> {
    top: &'a Top,
    built: &'a Built<'a>,
    route: &'a Route,
    executors: &'a Executors,
    origins: &'a mut Origins,
    found: &'a mut Vec<Diagnostic>,
    currency: &'a str,
}

impl Pipeline<'_> {
    fn plan(&mut self, graph: &Graph) -> Option<Plan> {
        let object = self.top.of("migration").next()?;
        self.one_migration();
        let mut migration = migration::migration(
            object,
            self.built,
            self.route,
            self.currency,
            self.origins,
            self.found,
        )?;
        let drafts = movers::expand(self.built, self.top, object, self.found);
        let (roles, role_ids) = migration::roles(
            self.top,
            self.built,
            referred(self.top, &drafts),
            self.origins,
        );
        let declared = migration::declared_scores(self.top, self.origins, self.found);
        let answers = self.answers(graph, &migration, &drafts, &role_ids, declared);
        if !migration.strategy_declared {
            migration.strategy = answers.verdict;
        }
        let batches = self.batches(graph, migration.strategy, &drafts);
        let steps = self.assemble(graph, &batches, &drafts, &role_ids);
        let drivers = build::drivers::drivers(
            self.top,
            self.built,
            &batches,
            &steps,
            self.origins,
            self.found,
        );
        let mut inventory = self.built.inventory.clone();
        inventory.licences = build::drivers::licences(
            self.top,
            self.built,
            &self.route.zone,
            &steps.movers,
            self.origins,
        );
        let bridges: Vec<(BridgeId, String)> = steps
            .bridges
            .iter()
            .map(|(id, bridge)| (id, bridge.name.clone()))
            .collect();
        let seam = seam::states(&SeamInput {
            inventory: &inventory,
            graph,
            bridges: &bridges,
            batches: &batches,
        });
        let graph = graph.clone();
        let mean = |id| statics::mean_duration(&steps.steps[id], self.built);
        let (path, length) = match critical_path(&steps.steps, mean) {
            Ok(found) => found,
            Err(circle) => {
                self.circular(&circle.steps, &steps);
                (Vec::new(), 0.0)
            }
        };
        let effort_hours = statics::effort_hours(&steps.steps, self.built);
        let rehearsals = migration::rehearsals(self.top, &batches, self.origins, self.found);
        let mut plan = Plan {
            version: PLAN_VERSION,
            migration,
            inventory,
            graph,
            calendars: self.built.calendars.clone(),
            windows: self.built.windows.clone(),
            freezes: self.built.freezes.clone(),
            roles,
            batches,
            movers: steps.movers,
            steps: steps.steps,
            bridges: steps.bridges,
            drivers,
            triggers: migration::triggers(self.top, self.origins),
            risks: migration::risks(self.top, &role_ids, self.origins),
            announcements: steps.announcements,
            environments: migration::environments(self.top),
            rehearsals,
            waivers: self.waivers(),
            executors: self.executors.used.clone(),
            automation_cost: steps.automation_cost,
            checklist: answers,
            seam,
            critical_path: path,
            critical_path_duration: length,
            effort_hours,
            unknown: Vec::new(),
        };
        plan.unknown = statics::unknown(&plan);
        Some(plan)
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

    /// Answers the checklist from the patterns, before batches: so that checklist, strategy and
    /// steps do not go in a circle.
    fn answers(
        &mut self,
        graph: &Graph,
        migration: &whimbrel_plan::Migration,
        drafts: &[MoverDraft],
        roles: &std::collections::HashMap<std::rc::Rc<str>, whimbrel_plan::RoleId>,
        declared: Vec<(whimbrel_plan::Criterion, u8, String)>,
    ) -> whimbrel_plan::Checklist {
        let one_batch = single_batch(drafts);
        let mut origins = Origins::new(self.origins.of(Entity::Migration));
        let mut quiet = Vec::new();
        let steps = Assembly {
            top: self.top,
            built: self.built,
            graph,
            batches: &one_batch,
            drafts,
            lowering: Lowering {
                built: self.built,
                executors: self.executors,
                roles,
                found: &mut quiet,
            },
            origins: &mut origins,
            out: Steps::default(),
        };
        let steps = steps.assemble();
        let days = statics::sequential_duration(&steps.movers, &steps.steps, self.built);
        checklist::score(&ChecklistInput {
            declared: &declared,
            inventory: &self.built.inventory,
            graph,
            teams: &migration.teams,
            start: migration.start,
            deadline: migration.deadline,
            budget: migration.budget,
            automation_share: statics::automation_share(drafts, self.built, self.executors),
            rehearsal_passed: self
                .top
                .of("rehearsal")
                .any(|r| r.flag("passed") == Some(true)),
            sequential_duration_days: (!drafts.is_empty()).then_some(days / 86_400.0),
            sequential_dual_running_cost: statics::sequential_dual_running(
                &steps.movers,
                &steps.steps,
                self.built,
                &migration.to,
            ),
            year_running_cost: statics::year_running_cost(&self.built.inventory),
        })
    }

    fn batches(
        &mut self,
        graph: &Graph,
        strategy: Strategy,
        drafts: &[MoverDraft],
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
        let rehearsed: HashSet<Node> = if passed {
            drafts.iter().map(|draft| draft.node).collect()
        } else {
            HashSet::new()
        };
        let traits = movers::traits(self.built, drafts, self.executors, &rehearsed, watched);
        batches(&BatchingInput {
            inventory: &self.built.inventory,
            graph,
            strategy,
            traits: &traits,
            at_once: None,
        })
    }

    fn assemble(
        &mut self,
        graph: &Graph,
        batches: &Arena<BatchId, Batch>,
        drafts: &[MoverDraft],
        roles: &std::collections::HashMap<std::rc::Rc<str>, whimbrel_plan::RoleId>,
    ) -> Steps {
        Assembly {
            top: self.top,
            built: self.built,
            graph,
            batches,
            drafts,
            lowering: Lowering {
                built: self.built,
                executors: self.executors,
                roles,
                found: self.found,
            },
            origins: self.origins,
            out: Steps::default(),
        }
        .assemble()
    }

    fn circular(&mut self, circle: &[whimbrel_plan::StepId], steps: &Steps) {
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
                self.found.push(
                    Diagnostic::error(
                        codes::UNKNOWN_NAME,
                        waive.span,
                        format!("there is no rule `{}`", waive.code),
                    )
                    .help("`whimbrel rules` lists their codes and names"),
                );
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

/// All movers in one parallel batch: the frame in which the checklist weighs them.
fn single_batch(drafts: &[MoverDraft]) -> Arena<BatchId, Batch> {
    let units = drafts
        .iter()
        .map(|draft| whimbrel_plan::Unit {
            members: vec![whimbrel_plan::BatchMember {
                node: draft.node,
                reason: String::new(),
            }],
        })
        .collect();
    std::iter::once(Batch {
        name: String::new(),
        doc: None,
        mode: whimbrel_plan::BatchMode::Parallel,
        at_once: None,
        isolate: false,
        cutover: whimbrel_plan::CutoverMode::Each,
        after: Vec::new(),
        units,
        handwritten: false,
    })
    .collect()
}

/// Every role that something refers to.
fn referred(top: &Top, drafts: &[MoverDraft]) -> Vec<Reference> {
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
    for draft in drafts {
        draft
            .expansion
            .drafts
            .iter()
            .for_each(|step| visit(&step.object, &mut out));
    }
    out
}
