//! Scenarios: what a plan would be if. A scenario is laid over the plan's statements by kind and
//! name, before names resolve.

mod unknown;

use std::collections::{HashMap, HashSet};

use rustc_hash::FxHashMap;
use whimbrel_lang::ast::{Block, Body, File, Plain, Statement, StatementKind, Word};
use whimbrel_lang::{Diagnostic, SourceId, Span};

use crate::check::eval::Scope;
use crate::check::names::Names;
use crate::check::object::Checker;
use crate::check::overlay::{self, Identity, Laid, identity, removal};
use crate::check::value::dotted;
use crate::codes;
use crate::schema::{self, Kind};

pub(crate) use unknown::take_out_unknown;

/// A scenario of the plan.
#[derive(Clone, Debug)]
pub(crate) struct Scenario<'a> {
    pub name: String,
    /// Its name in the text.
    pub span: Span,
    pub statements: &'a [Statement],
}

/// Whether a statement is a scenario, and so no part of the plan as it stands.
pub(crate) fn is_scenario(statement: &Statement) -> bool {
    matches!(&statement.kind, StatementKind::Plain(plain) if plain.keyword.value == "scenario")
}

/// The scenarios of all files, in the order written.
pub(crate) fn all<'a>(
    files: &'a [(SourceId, File)],
    found: &mut Vec<Diagnostic>,
) -> Vec<Scenario<'a>> {
    let mut out: Vec<Scenario<'a>> = Vec::new();
    let statements = files.iter().flat_map(|(_, file)| &file.statements);
    for statement in statements.filter(|statement| is_scenario(statement)) {
        let StatementKind::Plain(plain) = &statement.kind else {
            continue;
        };
        match scenario(plain) {
            Some(scenario) => match out.iter().find(|first| first.name == scenario.name) {
                None => out.push(scenario),
                Some(first) => found.push(written_twice(&scenario, first)),
            },
            None => found.push(
                Diagnostic::error(
                    codes::TYPE_MISMATCH,
                    plain.keyword.span,
                    "`scenario` takes one name and a block",
                )
                .help("write for example `scenario big_team { team payments { engineers = 9 } }`"),
            ),
        }
    }
    out
}

fn scenario(plain: &Plain) -> Option<Scenario<'_>> {
    let Body::Block(Block { statements, .. }) = &plain.body else {
        return None;
    };
    match plain.words.as_slice() {
        [Word::Path(path)] if path.segments.len() == 1 => Some(Scenario {
            name: dotted(path),
            span: path.span,
            statements,
        }),
        _ => None,
    }
}

fn written_twice(second: &Scenario<'_>, first: &Scenario<'_>) -> Diagnostic {
    Diagnostic::error(
        codes::DUPLICATE_NAME,
        second.span,
        format!("the scenario `{}` is defined twice", second.name),
    )
    .here("defined again here")
    .label(first.span, "first defined here")
    .help("rename one of them, or merge the two blocks")
}

/// The plan's statements with a scenario laid over them, and what the scenario took out.
pub(crate) struct Overlaid<'a> {
    pub statements: Vec<Laid<'a>>,
    /// Each `without`, and the `strategy` that drops the batches, by what it took out.
    pub gone: HashMap<Identity, Gone>,
}

impl<'a> Overlaid<'a> {
    /// The plan's statements as they stand.
    pub fn of(statements: Vec<Laid<'a>>) -> Self {
        Self {
            statements,
            gone: HashMap::new(),
        }
    }

    /// Leaves the batches to the compiler.
    pub fn drop_batches(&mut self) {
        drop_batches(&mut self.statements, &mut self.gone);
    }
}

/// How something went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gone {
    /// A `without` at this place took it out.
    TakenOut(Span),
    /// It is a batch, and the strategy asked for leaves batches to the compiler.
    Dropped,
}

/// Lays a scenario over the plan's statements.
pub(crate) fn lay<'a>(
    base: Vec<Laid<'a>>,
    scenario: &Scenario<'a>,
    scope: &Scope,
    names: &Names,
    found: &mut Vec<Diagnostic>,
) -> Overlaid<'a> {
    let mut checker = Checker { names, found };
    let flat = checker.flatten(scenario.statements, scope).into_iter();
    let over = flat
        .map(|(statement, scope)| Laid {
            added: true,
            ..Laid::plain(statement, scope)
        })
        .filter(|laid| stands_in_a_scenario(laid, found))
        .collect();
    let mut gone = HashMap::new();
    let mut base = base;
    let over = into_instances(&mut base, over, &mut gone);
    for laid in &over {
        if let Some(identity) = removal(None, laid) {
            gone.insert(identity, Gone::TakenOut(laid.statement.span));
        }
    }
    if leaves_batches(&over) {
        drop_batches(&mut base, &mut gone);
    }
    let defaults: Vec<Laid<'a>> = over
        .iter()
        .filter(|laid| is_defaults(laid))
        .cloned()
        .collect();
    let mut statements = overlay::merge(None, base, over, found);
    // They change the defaults of each file, and hold in files that have none.
    let known = overlay::index(None, &statements);
    let joined = defaults.into_iter().filter(|laid| {
        let places = identity(None, laid).and_then(|identity| known.get(&identity));
        let mut added = places
            .into_iter()
            .flatten()
            .filter_map(|&place| statements.get(place));
        !added.any(|laid| laid.added)
    });
    let joined: Vec<Laid<'a>> = joined.collect();
    statements.extend(joined);
    Overlaid { statements, gone }
}

fn is_defaults(laid: &Laid<'_>) -> bool {
    laid.as_plain()
        .is_some_and(|plain| plain.keyword.value == "defaults")
}

/// `let`s are read before anything else; what brings in files stands in the file.
fn stands_in_a_scenario(laid: &Laid<'_>, found: &mut Vec<Diagnostic>) -> bool {
    let what = match &laid.statement.kind {
        StatementKind::Use { .. } => "use",
        StatementKind::Import { .. } => "import",
        StatementKind::Plain(plain) if plain.keyword.value == "scenario" => "scenario",
        StatementKind::Let { .. } => return false,
        _ => return true,
    };
    found.push(
        Diagnostic::error(
            codes::UNKNOWN_ATTRIBUTE,
            laid.statement.span,
            format!("`{what}` cannot stand in a scenario"),
        )
        .help("move it to the top of the file"),
    );
    false
}

/// Kinds that stand inside an instance or alone: a scenario need not say which.
const NESTABLE: [&str; 5] = ["datastore", "topic", "queue", "cache", "volume"];

/// Gives what is about something inside an instance to that instance; the rest comes back.
fn into_instances<'a>(
    base: &mut [Laid<'a>],
    over: Vec<Laid<'a>>,
    gone: &mut HashMap<Identity, Gone>,
) -> Vec<Laid<'a>> {
    let about = |laid: &Laid<'_>| removal(None, laid).or_else(|| identity(None, laid));
    let nestable = |laid: &Laid<'_>| about(laid).is_some_and(|(k, _)| NESTABLE.contains(&&*k));
    if !over.iter().any(nestable) {
        return over;
    }
    let Some(instance) = schema::top("instance") else {
        return over;
    };
    let mut homes: HashMap<Identity, usize> = HashMap::new();
    for (place, laid) in base.iter().enumerate() {
        if laid
            .as_plain()
            .is_some_and(|plain| plain.keyword.value == "instance")
        {
            let inside = laid.inside(instance);
            let names = inside
                .iter()
                .filter_map(|inner| identity(Some(instance), inner));
            homes.extend(names.map(|name| (name, place)));
        }
    }
    let mut rest = Vec::new();
    for laid in over {
        let identity = about(&laid);
        let home = identity.as_ref().and_then(|identity| homes.get(identity));
        match (home.and_then(|&home| base.get_mut(home)), identity) {
            (Some(home), Some(identity)) => {
                if removal(None, &laid).is_some() {
                    gone.insert(identity, Gone::TakenOut(laid.statement.span));
                }
                home.put(laid);
            }
            _ => rest.push(laid),
        }
    }
    rest
}

/// Whether the scenario sets the strategy and writes no batch itself.
fn leaves_batches(over: &[Laid<'_>]) -> bool {
    let keyword = |laid: &Laid<'_>| Some(laid.as_plain()?.keyword.value.clone());
    let writes = over
        .iter()
        .any(|laid| keyword(laid).as_deref() == Some("batch"));
    let sets = over
        .iter()
        .filter(|laid| keyword(laid).as_deref() == Some("migration"))
        .filter_map(|laid| Some(laid.inside(schema::top("migration")?)))
        .flatten()
        .any(|inner| keyword(&inner).as_deref() == Some("strategy"));
    sets && !writes
}

fn drop_batches(base: &mut Vec<Laid<'_>>, gone: &mut HashMap<Identity, Gone>) {
    base.retain(|laid| match identity(None, laid) {
        Some((keyword, name)) if keyword == "batch" => {
            gone.insert((keyword, name), Gone::Dropped);
            false
        }
        _ => true,
    });
}

/// The kinds of what is gone, with what went with it: `before` are the names without the scenario.
pub(crate) fn gone_names(
    overlaid: &Overlaid<'_>,
    before: &Names,
    after: &Names,
    scenario: Option<&Scenario<'_>>,
) -> FxHashMap<(Kind, String), Gone> {
    let otherwise = scenario.map_or(Gone::Dropped, |scenario| Gone::TakenOut(scenario.span));
    let mut out = FxHashMap::default();
    let left: HashSet<(Kind, &str)> = after.all().collect();
    for (kind, name) in before.all().filter(|name| !left.contains(name)) {
        let identity = (kind.keyword().to_owned(), name.to_owned());
        let how = overlaid.gone.get(&identity).copied();
        let how = how.unwrap_or(otherwise);
        out.insert((kind, name.to_owned()), how);
    }
    out
}
