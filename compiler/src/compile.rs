//! The pipeline: load, check, build, analyse, batch, lower, lint.

use jiff::civil::Date;
use rustc_hash::FxHashSet;
use whimbrel_lang::ast::{ExprKind, File};
use whimbrel_lang::{Currency, Diagnostic, Level, SourceId, Sources, Span};
use whimbrel_plan::{Graph, Inventory, Lint, NO_CURRENCY, Node, Plan, Strategy};

use crate::analysis::cuts::{Cuts, Weights};
use crate::analysis::graph::{self, GraphInput};
use crate::build::inventory::Built;
use crate::build::waits::{self, Wait};
use crate::build::{self, bridges};
use crate::codes;
use crate::executors::{OwnExecutor, Reader};
use crate::fixes;
use crate::follow_ups::Unread;
use crate::lint;
use crate::modules::{self, Provider};
use crate::origins::{Entity, Origins};
use crate::pipeline::Pipeline;
use crate::rules;
use crate::top::{self, Chosen, Top};
use crate::uses;
use crate::walk;

/// What compiling depends on beside the texts.
#[derive(Clone, Debug)]
pub struct Options {
    /// The day that waivers and observations age to.
    pub today: Date,
    /// The scenario that is laid over the plan; one the plan does not have changes nothing, and
    /// [`Compilation::scenarios`] says which there are.
    pub scenario: Option<String>,
    /// The strategy in place of the plan's. The batches that are written by hand are dropped, since
    /// they are one answer to the question that it asks.
    pub strategy: Option<Strategy>,
    /// Whether nothing is said of the scenarios that are not laid over the plan.
    pub alone: bool,
}

impl Options {
    /// The plan as it stands, on that day.
    #[must_use]
    pub fn new(today: Date) -> Self {
        Self {
            today,
            scenario: None,
            strategy: None,
            alone: false,
        }
    }

    /// The plan as it would be under a scenario.
    #[must_use]
    pub fn scenario(mut self, name: impl Into<String>) -> Self {
        self.scenario = Some(name.into());
        self
    }

    /// The plan as it would be under another strategy, with batches of the compiler's.
    #[must_use]
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.strategy = Some(strategy);
        self
    }

    /// The plan without what its other scenarios have wrong.
    #[must_use]
    pub fn alone(mut self) -> Self {
        self.alone = true;
        self
    }

    fn chosen(&self) -> Chosen<'_> {
        Chosen {
            scenario: self.scenario.as_deref(),
            strategy: self.strategy,
            alone: self.alone,
        }
    }
}

/// What compiling gives: always everything that could be made, and everything found.
#[derive(Debug)]
pub struct Compilation {
    /// The texts, for rendering.
    pub sources: Sources,
    /// The plan, when the text has a migration; rest it on [`Compilation::is_runnable`].
    pub plan: Option<Plan>,
    /// The names of the plan's scenarios, in the order written.
    pub scenarios: Vec<String>,
    /// What was found, waived findings left out: by place, errors first at one place.
    pub diagnostics: Vec<Diagnostic>,
    /// The project's own executors in use, by name.
    pub own_executors: Vec<OwnExecutor>,
    /// Where each of the plan's executors is first named.
    pub executor_places: Vec<Option<Span>>,
    /// What exists and how it hangs together, where no plan holds it.
    bare: Option<(Inventory, Graph)>,
    weights: Weights,
    lints: Vec<Lint>,
}

impl Compilation {
    /// What exists; `None` when the text says nothing.
    #[must_use]
    pub fn inventory(&self) -> Option<&Inventory> {
        let bare = || self.bare.as_ref().map(|(inventory, _)| inventory);
        self.plan.as_ref().map(|plan| &plan.inventory).or_else(bare)
    }

    /// How it hangs together; `None` when the text says nothing.
    #[must_use]
    pub fn graph(&self) -> Option<&Graph> {
        let bare = || self.bare.as_ref().map(|(_, graph)| graph);
        self.plan.as_ref().map(|plan| &plan.graph).or_else(bare)
    }

    /// What to bridge so that the graph's components fall apart; `None` when the text says nothing.
    /// It takes up to some tens of milliseconds, and few commands ask for it.
    #[must_use]
    pub fn cuts(&self) -> Option<Cuts> {
        Some(Cuts::of(self.graph()?, self.inventory()?, &self.weights))
    }

    /// What is found in a text that says nothing.
    fn nothing(sources: Sources, diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            sources,
            plan: None,
            bare: None,
            weights: Weights::default(),
            scenarios: Vec::new(),
            diagnostics,
            own_executors: Vec::new(),
            executor_places: Vec::new(),
            lints: Vec::new(),
        }
    }

    /// Whether the plan means what its author wrote, so that numbers can be made from it: no
    /// errors of syntax, names, types or order.
    #[must_use]
    pub fn is_runnable(&self) -> bool {
        self.plan.is_some() && self.obstacle().is_none()
    }

    /// The first error that keeps the plan from meaning what its author wrote.
    #[must_use]
    pub fn obstacle(&self) -> Option<&Diagnostic> {
        self.diagnostics.iter().find(|found| blocks(found))
    }

    /// Adds what others found in the plan's files, each at its place and as loud as `lint` wants it.
    pub fn add(&mut self, found: Vec<Diagnostic>) {
        if !found.is_empty() {
            self.diagnostics.extend(lint::heard(&self.lints, found));
            sort(&mut self.diagnostics, &self.sources);
        }
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
    run(provider, entry, options, true)
}

/// As [`compile`], with the findings of the language alone: what is needed to make numbers from a
/// plan that has been checked.
#[must_use]
pub fn compile_without_rules(
    provider: &dyn Provider,
    entry: &str,
    options: &Options,
) -> Compilation {
    run(provider, entry, options, false)
}

/// The whole way, with or without the rules.
fn run(provider: &dyn Provider, entry: &str, options: &Options, with_rules: bool) -> Compilation {
    let loaded = modules::load(provider, entry);
    let (mut sources, files, mut found) = (loaded.sources, loaded.files, loaded.found);
    let currency = currency(&files, &mut found);
    let top = top::read(&files, options.chosen(), &mut found);
    let executors = Reader::new(provider, &mut sources, &top.names, &mut found).read(&top.objects);
    let Some(fallback) = start(&files, &sources) else {
        return Compilation::nothing(sources, found);
    };
    let mut origins = Origins::new(fallback);
    origins.set_all(Entity::Executor, &executors.places);
    let (mut built, route) = build::inventory::build(&top, &mut origins);
    build::relations::build(&mut built, &top, &sources, &mut origins);
    build::contradictions::find(&top, &built, &route, &mut found);
    let graph = dependency_graph(&built, &top, &mut found);
    let weights = bridges::weights(&graph, &built, &top);
    let pipeline = Pipeline {
        top: &top,
        built: &mut built,
        route: &route,
        executors: &executors,
        origins: &mut origins,
        found: &mut found,
        currency: &currency,
    };
    let (plan, schedule, graph) = match pipeline.plan(graph) {
        Ok((plan, schedule)) => (Some(plan), schedule, Graph::default()),
        Err(graph) => (None, None, graph),
    };
    if with_rules {
        let unused = uses::unused(&top, &files, &sources);
        let context = rules::Context {
            inventory: plan.as_ref().map_or(&built.inventory, |one| &one.inventory),
            graph: plan.as_ref().map_or(&graph, |plan| &plan.graph),
            weights: &weights,
            plan: plan.as_ref(),
            schedule: schedule.as_ref(),
            origins: &origins,
            sources: &sources,
            unused: &unused,
            today: options.today,
            own_file: entry_file(&files).filter(|_| top.scenarios.is_empty()),
        };
        found.extend(Unread::new(&top, &found).keep(rules::run(&context)));
    }
    let mut found = lint::heard(&top.lints, found);
    fixes::settle(&mut found, &files, &sources);
    sort(&mut found, &sources);
    let bare = plan.is_none().then_some((built.inventory, graph));
    Compilation {
        bare,
        weights,
        plan,
        scenarios: top.scenarios,
        diagnostics: found,
        sources,
        own_executors: executors.own,
        executor_places: executors.places,
        lints: top.lints,
    }
}

/// The plan's entry: what it imports is loaded before it.
fn entry_file(files: &[(SourceId, File)]) -> Option<SourceId> {
    files.last().map(|(id, _)| *id)
}

/// The start of the plan's entry: the place of what stands nowhere.
fn start(files: &[(SourceId, File)], sources: &Sources) -> Option<Span> {
    let first = || sources.iter().next().map(|(id, _)| id);
    entry_file(files)
        .or_else(first)
        .map(|id| Span::new(id, 0, 0))
}

/// The plan's own files first, in the order they were loaded; at one place errors first.
fn sort(found: &mut Vec<Diagnostic>, sources: &Sources) {
    let standard: FxHashSet<SourceId> = sources
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
        || NO_CURRENCY.to_owned(),
        |(currency, _)| String::from_utf8_lossy(&currency.0).into_owned(),
    )
}

fn dependency_graph(built: &Built<'_>, top: &Top, found: &mut Vec<Diagnostic>) -> Graph {
    let bridges = bridges::specs(built, top);
    let graph = |waits: &[Wait]| {
        let orders: Vec<(Node, Node)> = waits.iter().map(|wait| (wait.from, wait.to)).collect();
        graph::build(&GraphInput {
            inventory: &built.inventory,
            bridges: &bridges,
            orders: &orders,
        })
    };
    let mut waits = waits::waits(built);
    let whole = graph(&waits);
    let count = waits.len();
    if count > 0 {
        waits::take_out_circles(&mut waits, &built.inventory, &whole, found);
    }
    if waits.len() == count {
        whole
    } else {
        graph(&waits)
    }
}
