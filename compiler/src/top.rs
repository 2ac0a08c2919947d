//! Top-level statements: names first, then objects.

mod defaults;
mod lets;
mod waive;

use std::collections::hash_map::Entry;

use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use whimbrel_lang::ast::{File, Path, Pattern, Plain, Statement, StatementKind, Word};
use whimbrel_lang::{Diagnostic, SourceId, Span};
use whimbrel_plan::{Lint, Strategy};

use crate::check::advice;
use crate::check::eval::{Scope, text};
use crate::check::names::Names;
use crate::check::object::{Checker, Object};
use crate::check::overlay::Laid;
use crate::check::pattern_head;
use crate::check::value::dotted;
use crate::codes;
use crate::groups;
use crate::lint;
use crate::measures;
use crate::scenario::{self, Overlaid, Scenario};
use crate::schema::{self, Block, Kind, Words};
use crate::uses::Uses;
use defaults::{Defaults, apply_defaults, is_defaults};
use lets::lets;

/// A `waive`.
#[derive(Clone, Debug)]
pub(crate) struct Waive {
    pub code: String,
    pub on: String,
    pub until: jiff::civil::Date,
    pub because: String,
    pub span: Span,
}

/// Everything the files say, names resolved and types checked.
pub(crate) struct Top {
    pub names: Names,
    pub objects: Vec<Object>,
    pub patterns: IndexMap<String, Pattern>,
    pub waives: Vec<Waive>,
    /// Rules that are louder or quieter than usual.
    pub lints: Vec<Lint>,
    /// The `let`s, in which patterns are expanded.
    pub scope: Scope,
    /// The scenario that is laid over the plan.
    pub scenario: Option<String>,
    /// The strategy that is asked for in place of the plan's.
    pub strategy: Option<Strategy>,
    /// All scenarios, in the order written.
    pub scenarios: Vec<String>,
    /// What the plan refers to, and each of its scenarios.
    pub uses: Uses,
}

impl Top {
    /// The objects of a keyword, in the order written.
    pub fn of<'a>(&'a self, keyword: &'a str) -> impl Iterator<Item = &'a Object> {
        self.objects
            .iter()
            .filter(move |object| object.block.keyword == keyword)
    }
}

/// What is asked for in place of the plan as it stands.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Chosen<'a> {
    pub scenario: Option<&'a str>,
    /// Drops the batches that are written by hand, in the scenario too.
    pub strategy: Option<Strategy>,
    /// Says nothing of the other scenarios.
    pub alone: bool,
}

/// Checks the statements of all files, with what is chosen laid over them.
pub(crate) fn read(
    files: &[(SourceId, File)],
    chosen: Chosen<'_>,
    found: &mut Vec<Diagnostic>,
) -> Top {
    let scenarios = scenario::all(files, found);
    let mut uses = Uses::default();
    for other in &scenarios {
        if chosen.scenario != Some(other.name.as_str()) {
            let mut unheard = Vec::new();
            let found = if chosen.alone {
                &mut unheard
            } else {
                &mut *found
            };
            let other = World::new(files, Some(other), None, found).check(found);
            uses.add(&other);
        }
    }
    let scenario = scenarios
        .iter()
        .find(|one| chosen.scenario == Some(one.name.as_str()));
    let mut top = World::new(files, scenario, chosen.strategy, found).read(found);
    top.strategy = chosen.strategy;
    top.scenario = scenario.map(|scenario| scenario.name.clone());
    uses.add(&top.objects);
    top.uses = uses;
    top.scenarios = scenarios.into_iter().map(|one| one.name).collect();
    top
}

/// The statements of all files, perhaps under a scenario, and their names.
struct World<'a> {
    placed: Vec<Laid<'a>>,
    names: Names,
    patterns: IndexMap<String, Pattern>,
    scope: Scope,
    /// Whether what the scenario does can change statements that it does not touch.
    reaches_far: bool,
}

impl<'a> World<'a> {
    fn new(
        files: &'a [(SourceId, File)],
        scenario: Option<&Scenario<'a>>,
        strategy: Option<Strategy>,
        found: &mut Vec<Diagnostic>,
    ) -> Self {
        let (scope, lets_changed) = lets(files, scenario, found);
        let scope = groups::in_scope(files, scenario, &scope);
        let placed = place(files, &scope, found);
        if scenario.is_none() && strategy.is_none() {
            let (names, patterns) = define_all(&placed, found);
            return Self {
                placed,
                names,
                patterns,
                scope,
                reaches_far: false,
            };
        }
        // What is wrong with these names is told without the scenario.
        let (before, _) = define_all(&placed, &mut Vec::new());
        let mut overlaid = match scenario {
            Some(scenario) => scenario::lay(placed, scenario, &scope, &before, found),
            None => Overlaid::of(placed),
        };
        if strategy.is_some() {
            overlaid.drop_batches();
        }
        let (mut names, patterns) = define_all(&overlaid.statements, found);
        let taken_out = !overlaid.gone.is_empty();
        names.take_out(scenario::gone_names(&overlaid, &before, &names, scenario));
        if let Some(scenario) = scenario {
            scenario::take_out_unknown(&mut overlaid.statements, files, scenario, &names, found);
        }
        Self {
            placed: overlaid.statements,
            names,
            patterns,
            scope,
            reaches_far: taken_out || lets_changed,
        }
    }

    /// Checks what a scenario that is not chosen says: what it touches, or everything when it
    /// takes something out or changes a `let`.
    fn check(mut self, found: &mut Vec<Diagnostic>) -> Vec<Object> {
        if !self.reaches_far {
            let part = |laid: &Laid<'_>| laid.is_touched() || is_defaults(laid);
            self.placed.retain(part);
        }
        self.read(found).objects
    }

    fn read(self, found: &mut Vec<Diagnostic>) -> Top {
        let Self {
            placed,
            names,
            patterns,
            scope,
            ..
        } = self;
        let mut checker = Checker {
            names: &names,
            found,
        };
        let defaults = checker.defaults(&placed);
        let mut objects = Vec::with_capacity(placed.len());
        let mut waives = Vec::new();
        for laid in &placed {
            match &laid.statement.kind {
                StatementKind::Plain(plain) => objects.extend(checker.top(laid, plain, &defaults)),
                StatementKind::Waive { .. } => waives.extend(checker.waive(laid)),
                StatementKind::Require { .. } => {
                    checker.misplaced(laid.statement, "outside a pattern");
                }
                _ => {}
            }
        }
        one_of_each(&objects, checker.found);
        let lints = lint::lints(&objects, checker.found);
        names.forget_dropped(&mut objects);
        Top {
            names,
            objects,
            patterns,
            waives,
            lints,
            scope,
            scenario: None,
            strategy: None,
            scenarios: Vec::new(),
            uses: Uses::default(),
        }
    }
}

/// Tells of blocks without a name that are given twice.
fn one_of_each(objects: &[Object], found: &mut Vec<Diagnostic>) {
    let mut first: FxHashMap<&str, &Object> = FxHashMap::default();
    let single = |object: &&Object| object.block.words == Words::None && !object.block.repeats;
    for object in objects.iter().filter(single) {
        let keyword = object.block.keyword;
        match first.entry(keyword) {
            Entry::Vacant(free) => {
                free.insert(object);
            }
            Entry::Occupied(first) => found.push(
                Diagnostic::error(
                    codes::DUPLICATE_NAME,
                    object.span,
                    format!("`{keyword}` is given twice"),
                )
                .label(first.get().span, "first given here")
                .help("merge the two blocks"),
            ),
        }
    }
}

fn place<'a>(
    files: &'a [(SourceId, File)],
    scope: &Scope,
    found: &mut Vec<Diagnostic>,
) -> Vec<Laid<'a>> {
    let names = Names::default();
    let mut checker = Checker {
        names: &names,
        found,
    };
    let mut placed = Vec::new();
    for (_, content) in files {
        let flat = checker.flatten(&content.statements, scope).into_iter();
        // One in a loop is no statement of the file, and is told when it is checked.
        let of_file = |one: &Statement| content.statements.iter().any(|own| std::ptr::eq(own, one));
        let own = flat.filter(|(one, _)| !(scenario::is_scenario(one) && of_file(one)));
        placed.extend(own.map(|(statement, scope)| Laid::plain(statement, scope)));
    }
    placed
}

fn define_all(
    placed: &[Laid<'_>],
    found: &mut Vec<Diagnostic>,
) -> (Names, IndexMap<String, Pattern>) {
    let mut names = Names::default();
    let mut patterns = IndexMap::new();
    for laid in placed {
        match &laid.statement.kind {
            StatementKind::Plain(_) => define(laid, None, &mut names, found),
            StatementKind::Pattern(pattern) => {
                add_pattern(pattern, &mut names, &mut patterns, found);
            }
            _ => {}
        }
    }
    groups::fill(placed, &mut names, found);
    measures::fill(placed, &mut names, found);
    (names, patterns)
}

impl Checker<'_> {
    fn top(&mut self, laid: &Laid<'_>, plain: &Plain, defaults: &Defaults) -> Option<Object> {
        let keyword = plain.keyword.value.as_str();
        if keyword == "defaults" {
            return None;
        }
        let Some(block) =
            schema::top(keyword).or((keyword == "executor").then_some(schema::EXECUTOR))
        else {
            self.unknown_top(plain);
            return None;
        };
        if keyword == "scenario" {
            self.misplaced(laid.statement, "in a loop");
            return None;
        }
        if self.is_about_what_is_gone(block, plain) {
            return None;
        }
        let over = laid.over.as_deref();
        let mut object = self.laid(block, (laid.statement, over), plain, &laid.scope)?;
        let id = laid.statement.span.source;
        if let Some(defaults) = defaults.of(id, block.keyword) {
            apply_defaults(&mut object, defaults);
        }
        self.require(&object);
        self.nested(id, &mut object, defaults);
        Some(object)
    }

    /// Whether it says that something was seen calling, or called, that a scenario takes out.
    fn is_about_what_is_gone(&self, block: &Block, plain: &Plain) -> bool {
        let gone = |path: &Path| self.names.is_taken_out(path, &[Kind::Service]);
        block.keyword == "seen"
            && plain
                .words
                .iter()
                .any(|word| matches!(word, Word::Path(path) if gone(path)))
    }

    /// Applies the file's defaults to datastores, topics … inside an instance.
    fn nested(&mut self, id: SourceId, object: &mut Object, defaults: &Defaults) {
        if object.block.keyword != "instance" {
            return;
        }
        for child in &mut object.children {
            if let Some(defaults) = defaults.of(id, child.block.keyword) {
                apply_defaults(child, defaults);
            }
        }
    }

    fn unknown_top(&mut self, plain: &Plain) {
        let keyword = plain.keyword.value.as_str();
        let span = plain.keyword.span;
        let known = schema::TOP.iter().map(|block| block.keyword);
        let diagnostic = Diagnostic::error(
            codes::UNKNOWN_ATTRIBUTE,
            span,
            format!("a plan has no `{keyword}`"),
        );
        self.found
            .push(diagnostic.meant(keyword, known).or_help(|| {
                advice::keyword(keyword)
                    .unwrap_or_else(|| "`whimbrel explain plan` lists what a plan takes".to_owned())
            }));
    }
}

/// Defines what a statement names. `parent` is the block it stands in, and that one's name.
fn define(
    laid: &Laid<'_>,
    parent: Option<(&'static Block, &str)>,
    names: &mut Names,
    found: &mut Vec<Diagnostic>,
) {
    let Some(plain) = laid.as_plain() else {
        return;
    };
    let keyword = plain.keyword.value.as_str();
    let block = match parent {
        None => schema::top(keyword),
        Some((parent, _)) => parent.block(keyword),
    };
    let Some((block, kind)) = block.and_then(|block| Some((block, block.kind?))) else {
        return;
    };
    let Some((name, span)) = name_of(block, plain, &laid.scope, found) else {
        return;
    };
    let full = match (kind, parent) {
        (Kind::Table, Some((_, parent))) => [parent, ".", &name].concat(),
        _ => name.clone(),
    };
    if let Err(diagnostic) = names.define(kind, &full, span) {
        found.push(*diagnostic);
    }
    if matches!(kind, Kind::Instance | Kind::Datastore) {
        for inner in laid.inside(block) {
            define(&inner, Some((block, &name)), names, found);
        }
    }
}

fn name_of(
    block: &Block,
    plain: &Plain,
    scope: &Scope,
    found: &mut Vec<Diagnostic>,
) -> Option<(String, Span)> {
    match (block.words, plain.words.as_slice()) {
        (Words::Name, [Word::Path(path)]) if path.segments.len() == 1 => {
            Some((dotted(path), path.span))
        }
        (Words::Name, [Word::Template(parts)]) => {
            Some((text(&parts.value, scope, found), parts.span))
        }
        (Words::Arrow(_), [from, Word::Arrow(_), to]) if block.kind == Some(Kind::Link) => {
            let mut end = |word: &Word| match word {
                Word::Path(path) => dotted(path),
                Word::Template(parts) => text(&parts.value, scope, found),
                Word::Arrow(_) => String::new(),
            };
            Some((
                format!("{} -> {}", end(from), end(to)),
                from.span().to(to.span()),
            ))
        }
        _ => None,
    }
}

fn add_pattern(
    pattern: &Pattern,
    names: &mut Names,
    patterns: &mut IndexMap<String, Pattern>,
    found: &mut Vec<Diagnostic>,
) {
    pattern_head::check(pattern, found);
    match names.define(Kind::Pattern, &pattern.name.value, pattern.name.span) {
        Ok(()) => {
            patterns.insert(pattern.name.value.to_string(), pattern.clone());
        }
        Err(diagnostic) => found.push(*diagnostic),
    }
}
